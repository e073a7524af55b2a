"""The console inside Airflow: who Airflow knows is who decides, with the role that follows."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

pytestmark = pytest.mark.airflow


@pytest.fixture
def mounted(airflow_database, installation, monkeypatch):
    """The console as Airflow mounts it, over an example installation."""
    from airflow.api_fastapi.app import create_auth_manager, init_auth_manager

    from tandem.orchestration.plugin import PREFIX, TandemPlugin

    for name, value in {
        "CORE__SIMPLE_AUTH_MANAGER_USERS": "eve:op,stella:user,vera:viewer",
        "API_AUTH__JWT_SECRET": "a secret of sixty-four characters, for this test and no other one",
    }.items():
        monkeypatch.setenv(f"AIRFLOW__{name}", value)
    app = FastAPI()
    manager = init_auth_manager() or create_auth_manager()
    app.state.auth_manager = manager
    (entry,) = TandemPlugin.fastapi_apps
    assert entry["url_prefix"] == PREFIX
    app.mount(PREFIX, type(entry["app"])())
    return TestClient(app, base_url="https://airflow.example"), manager


def cookie(manager, name: str, role: str) -> dict[str, str]:
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    user = SimpleAuthManagerUser(username=name, role=role)
    return {COOKIE_NAME_JWT_TOKEN: manager.generate_jwt(user)}


def test_whom_airflow_does_not_know_it_lets_log_in(mounted):
    client, _ = mounted
    page = client.get("/tandem/inbox", follow_redirects=False)
    assert page.status_code == 303
    assert page.headers["location"].endswith("/login?next=/tandem/inbox")
    assert client.get("/tandem/api/v1/me").status_code == 401
    assert client.get("/tandem/login", follow_redirects=False).status_code == 404


@pytest.mark.parametrize(
    ("name", "role", "ours"),
    [("eve", "op", "engineer"), ("stella", "user", "steward"), ("vera", "viewer", "viewer")],
)
def test_roles_follow_from_what_airflow_lets_people_do(mounted, name, role, ours):
    client, manager = mounted
    client.cookies.update(cookie(manager, name, role))
    me = client.get("/tandem/api/v1/me").json()
    assert (me["name"], me["role"]) == (name, ours)
    page = client.get("/tandem/inbox")
    assert page.status_code == 200
    assert 'href="/tandem/static/console.css"' in page.text
    assert "frame-ancestors 'self'" in page.headers["Content-Security-Policy"]
    answer = client.post(
        "/tandem/api/v1/questions/7/undo", headers={"X-CSRF-Token": me["csrf"]}, json={}
    )
    assert answer.status_code == (403 if ours == "viewer" else 404)
    assert client.post("/tandem/api/v1/questions/7/undo", json={}).status_code == 403
