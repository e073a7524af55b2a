"""The pages, as a browser without scripts uses them."""

from __future__ import annotations

import re

import pytest
import requests

from tandem.sandbox.testing import RunningSandbox


def page(sandbox: RunningSandbox, path: str) -> str:
    response = requests.get(sandbox.url + path, timeout=10)
    assert response.status_code == 200, response.text
    return response.text


def form_of(html: str) -> dict[str, str]:
    """The values that a browser would send back from a record's form, untouched."""
    inputs = dict(re.findall(r'<input name="(\w+)" value="([^"]*)">', html))
    areas = dict(re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)</textarea>', html))
    picks = {
        name: (re.findall(r"<option selected>([^<]*)</option>", body) or [""])[0]
        for name, body in re.findall(r'<select name="(\w+)">(.*?)</select>', html, re.DOTALL)
        if name != "user"
    }
    ticks = dict.fromkeys(re.findall(r'type="checkbox" name="(\w+)" checked', html), "on")
    return {**inputs, **areas, **picks, **ticks}


def stamp_of(sandbox: RunningSandbox, native_id: str) -> str:
    html = page(sandbox, f"/ui/Account/{native_id}")
    found = re.search(r"System Modstamp</dt>\s*<dd>([^<]*)", html)
    assert found
    return found[1]


def test_the_list_finds_text_in_any_script_and_case(sandbox: RunningSandbox) -> None:
    sandbox.seed("Account", [{"Name": "ΑΘΗΝΑΪΚΗ ΑΕ"}, {"Name": "Київхліб"}])
    assert "ΑΘΗΝΑΪΚΗ" in page(sandbox, "/")
    html = page(sandbox, "/ui/Account?q=київ")
    assert "Київхліб" in html
    assert "ΑΘΗΝΑΪΚΗ" not in html
    assert "Nothing here" in page(sandbox, "/ui/Account?q=100%25")


def test_values_cannot_become_markup(sandbox: RunningSandbox) -> None:
    (native_id,) = sandbox.seed("Account", [{"Name": "<script>x</script>", "Phone": '" onfocus="'}])
    for path in ("/ui/Account", f"/ui/Account/{native_id}", "/ui/Account?q=%3Cscript%3E"):
        html = page(sandbox, path)
        assert "<script" not in html
        assert '" onfocus="' not in html


def test_a_record_is_made_edited_deleted_and_restored(sandbox: RunningSandbox) -> None:
    form = {"Name": "Acme", "BillingStreet": "1 High St\r\nFlat 2", "Active__c": "on"}
    made = requests.post(f"{sandbox.url}/ui/Account/new", data=form, timeout=10)
    assert made.status_code == 200
    native_id = made.url.rsplit("/", 1)[1]
    shown = form_of(made.text)
    assert shown["BillingStreet"] == "1 High St\nFlat 2"

    address = f"{sandbox.url}/ui/Account/{native_id}"
    edited = requests.post(address, data={**shown, "Phone": "+1 212 555 0100"}, timeout=10)
    assert form_of(edited.text)["Phone"] == "+1 212 555 0100"
    assert "Olena Marchenko" in edited.text, "a person of the CRM did it, not the integration"

    requests.post(f"{address}/delete", timeout=10)
    assert "Acme" not in page(sandbox, "/ui/Account")
    assert "Acme" in page(sandbox, "/ui/Account?deleted=true")
    requests.post(f"{address}/undelete", timeout=10)
    assert "Acme" in page(sandbox, "/ui/Account")


def test_saving_an_untouched_form_changes_nothing(sandbox: RunningSandbox) -> None:
    row = {
        "Name": "Acme", "Description": "two\nlines", "Type": "Vendor", "NumberOfEmployees": 7,
        "Active__c": False, "SystemModstamp": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    (native_id,) = sandbox.seed("Account", [row])
    form = form_of(page(sandbox, f"/ui/Account/{native_id}"))
    assert form["Type"] == "Vendor"
    requests.post(f"{sandbox.url}/ui/Account/{native_id}", data=form, timeout=10)
    assert stamp_of(sandbox, native_id) == "2026-01-02 03:04:05"


@pytest.mark.parametrize(
    ("form", "code"),
    [({}, "REQUIRED_FIELD_MISSING"), ({"Name": "x" * 256}, "STRING_TOO_LONG")],
)
def test_a_refusal_is_shown_with_what_was_typed(
    sandbox: RunningSandbox, form: dict[str, str], code: str
) -> None:
    given = {**form, "Phone": "+380 44 123"}
    response = requests.post(f"{sandbox.url}/ui/Account/new", data=given, timeout=10)
    assert response.status_code == 400
    assert code in response.text
    assert form_of(response.text)["Phone"] == "+380 44 123"


def test_an_account_shows_its_contacts(sandbox: RunningSandbox) -> None:
    (account,) = sandbox.seed("Account", [{"Name": "Acme"}])
    sandbox.seed("Contact", [{"LastName": "Шевченко", "FirstName": "Ада", "AccountId": account}])
    assert "Ада Шевченко" in page(sandbox, f"/ui/Account/{account}")
    assert ">Acme</a>" in page(sandbox, "/ui/Contact")


def test_other_programs_link_to_a_record(sandbox: RunningSandbox) -> None:
    (account,) = sandbox.seed("Account", [{"Name": "Acme"}])
    assert "Acme" in page(sandbox, f"/Account/{account}")


def test_long_lists_have_pages(sandbox: RunningSandbox) -> None:
    sandbox.seed("Account", [{"Name": f"Acme {number:03}"} for number in range(51)])
    first = page(sandbox, "/ui/Account?q=acme")
    assert "Page 1 of 2" in first
    assert "q=acme&amp;page=2" in first
    assert "Acme 000" in page(sandbox, "/ui/Account?q=acme&page=2")


def test_another_site_cannot_post_through_the_browser(sandbox: RunningSandbox) -> None:
    headers = {"Origin": "https://evil.example"}
    response = requests.post(
        f"{sandbox.url}/ui/Account/new", data={"Name": "x"}, headers=headers, timeout=10
    )
    assert response.status_code == 403
    rebound = requests.get(f"{sandbox.url}/", headers={"Host": "evil.example"}, timeout=10)
    assert rebound.status_code == 421
    assert sandbox.control("GET", "health")["records"]["Account"] == 0
