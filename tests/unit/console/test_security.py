"""The door: logins, sessions, forged requests, headers, and what stands in logs and addresses."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tandem.console import accounts
from tandem.console.roles import Role
from tests.unit.console.conftest import PASSWORD, log_in
from tests.unit.console.test_inbox import conflict

COOKIE = "__Host-tandem_session"


@pytest.fixture
def stella(console):
    accounts.add(console.database, "stella", Role.STEWARD, PASSWORD, console.clock.now())


def test_nobody_sees_anything_without_a_login(app, anybody):
    paths = {p: m for p, m in app.openapi()["paths"].items() if p.startswith("/api/")}
    for path, methods in paths.items():
        for method in methods:
            address = path.replace("{review_id}", "1").replace("{canonical_id}", "a")
            answer = anybody.request(method, address.replace("{", "").replace("}", ""))
            assert answer.status_code in (401, 403), (method, path)
    page = anybody.get("/inbox?kind=conflict", follow_redirects=False)
    assert page.status_code == 303
    assert page.headers["location"] == "/login?next=/inbox%3Fkind%3Dconflict"


def test_a_login_leads_on_inside_the_console_only(anybody, stella):
    token = anybody.get("/login").text.split('name="csrf" value="')[2].split('"')[0]
    form = {"csrf": token, "name": " STELLA ", "password": PASSWORD, "next": "//evil.example/x"}
    answer = anybody.post("/login", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_session_cookie_is_for_this_console_only(anybody, stella):
    cookie = log_in(anybody, "stella").headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for mark in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert mark in cookie


def test_a_login_changes_the_session_and_ends_the_one_before(console, app, anybody, stella):
    """Nobody can be made to work in a session that somebody else knows."""
    anybody.cookies.set(COOKIE, "known-to-somebody-else")
    log_in(anybody, "stella")
    first = anybody.cookies.get(COOKIE, domain="console.example")
    assert first not in (None, "known-to-somebody-else")
    other = TestClient(app, base_url="https://console.example", cookies={COOKIE: first})
    assert other.get("/api/v1/me").status_code == 200
    csrf = other.get("/api/v1/me").json()["csrf"]
    other.post("/logout", data={"csrf": csrf})
    stolen = TestClient(app, base_url="https://console.example", cookies={COOKIE: first})
    assert stolen.get("/api/v1/me").status_code == 401


def test_sessions_end_when_idle_and_at_the_latest(world, login):
    person = login()
    for _ in range(23):
        world.clock.advance(30 * 60)
        assert person.get("/api/v1/me").status_code == 200
    world.clock.advance(30 * 60)
    assert person.get("/api/v1/me").status_code == 401  # twelve hours have passed


def test_an_idle_session_ends(world, login):
    person = login()
    world.clock.advance(3601)
    assert person.get("/api/v1/me").status_code == 401


def test_a_new_password_and_a_removal_log_out(console, login):
    stella, stan = login("stella"), login("stan")
    accounts.change_password(console.database, "stella", "another long one", console.clock.now())
    accounts.remove(console.database, "stan")
    assert [p.get("/api/v1/me").status_code for p in (stella, stan)] == [401, 401]


def test_failed_logins_are_slowed_down_by_name(world, anybody, stella):
    codes = [log_in(anybody, "stella", "wrong").status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    assert log_in(anybody, "stella").status_code == 429  # not even with the right one
    world.clock.advance(15 * 60 + 1)
    assert log_in(anybody, "stella").status_code == 303


def test_failed_logins_are_slowed_down_by_address(anybody, stella):
    codes = {log_in(anybody, f"name-{n}", "wrong").status_code for n in range(30)}
    assert codes == {401}
    assert log_in(anybody, "stella").status_code == 429


def test_names_that_exist_and_names_that_do_not_are_answered_alike(anybody, stella):
    one, other = (log_in(anybody, name, "wrong wrong wrong").text for name in ("stella", "x"))
    assert "Name and password do not belong together." in one
    assert one == other


def test_commands_without_the_token_are_refused(world, login):
    conflict(world)
    stella = login()
    body = {"version": 1, "decision": {"value": "2"}}
    form = {"version": "1", "choice": "take:crm"}
    for answer in (
        stella.client.post("/api/v1/questions/1/decision", json=body),
        stella.client.post(
            "/api/v1/questions/1/decision", json=body, headers={"X-CSRF-Token": "0" * 64}
        ),
        stella.client.post("/questions/1/decision", data=form),
        stella.client.post("/questions/1/decision", data={**form, "csrf": "é"}),
        stella.client.post("/logout"),
    ):
        assert answer.status_code == 403
    assert world.reviews()[0].state == "open"
    assert stella.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize(
    "header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_commands_from_other_sites_are_refused(world, login, header):
    conflict(world)
    stella = login()
    form = {"csrf": stella.csrf, "version": "1", "choice": "take:crm"}
    answer = stella.client.post("/questions/1/decision", data=form, headers=header)
    assert answer.status_code == 403
    assert world.reviews()[0].state == "open"


def test_a_login_needs_the_token_of_its_form(anybody, stella):
    form = {"name": "stella", "password": PASSWORD}
    assert anybody.post("/login", data=form).status_code == 403


def test_every_answer_has_the_headers(anybody):
    for path in ("/login", "/inbox", "/static/console.css", "/nowhere", "/api/v1/me"):
        headers = anybody.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        assert headers["Referrer-Policy"] == "same-origin"
    assert anybody.get("/login").headers["Cache-Control"] == "no-store"


def test_what_people_typed_is_escaped(world, login):
    conflict(world, name="<script>alert(1)</script>")
    stella = login()
    for path in ("/inbox", "/questions/1"):
        html = stella.get(path).text
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html


def test_no_page_has_inline_script_or_style(world, login):
    conflict(world)
    stella = login()
    for path in ("/inbox", "/inbox/causes", "/questions/1", "/groups/1", "/answers"):
        html = stella.get(path).text
        assert " style=" not in html
        assert "<style" not in html
        assert "onclick" not in html
        assert html.count("<script") == html.count("<script src=")


def test_logs_name_nobody(world, anybody, login, capsys):
    conflict(world, name="Secret Name Ltd")
    stella = login()
    stella.command("/inbox/search", {"text": "Secret Name"})
    stella.form("/questions/1/decision", version=1, choice="value", value="secret value")
    log_in(anybody, "somebody", "wrong")
    told = "".join(capsys.readouterr()).lower()
    for word in ("secret", "stella", "somebody", "wrong"):
        assert word not in told, word


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_passwords_have_a_length(console, password):
    with pytest.raises(accounts.AccountError):
        accounts.add(console.database, "new", Role.VIEWER, password, console.clock.now())
