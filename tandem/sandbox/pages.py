"""The pages: look at records, search, edit, create, delete. Plain forms, no scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tandem.sandbox.clock import render_datetime
from tandem.sandbox.context import Sandbox, SandboxDependency
from tandem.sandbox.errors import ApiError, no_such_resource
from tandem.sandbox.schema import SCHEMA, Field, FieldType, SObject, find_sobject
from tandem.sandbox.store import Row

PAGE_SIZE = 50
LIST_COLUMNS: Mapping[str, Sequence[str]] = {
    "Account": ("Name", "BillingCity", "BillingCountry", "Phone", "Tax_Number__c"),
    "Contact": ("Name", "Title", "AccountId", "Email", "Phone"),
    "User": ("Name", "Username", "Title"),
}
SEARCHED = frozenset({FieldType.STRING, FieldType.PHONE, FieldType.EMAIL, FieldType.TEXTAREA})
SHOWN_APART = frozenset({"Id", "IsDeleted", "MasterRecordId"})
SESSION_COOKIE = "sandbox_user"

router = APIRouter(prefix="/ui")
home = APIRouter()


def _moment(stamp_ms: int | None) -> str:
    return "" if stamp_ms is None else render_datetime(stamp_ms)[:19].replace("T", " ")


def _environment() -> Environment:
    folder = Path(__file__).with_name("templates")
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    environment.globals["sobjects"] = list(SCHEMA.values())
    environment.filters["moment"] = _moment
    return environment


_TEMPLATES = _environment()


def _page(template: str, status: int = 200, **values: Any) -> Response:
    html = _TEMPLATES.get_template(template).render(values)
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'"
    }
    return HTMLResponse(html, status, headers)


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at what.

    Attributes:
        sandbox: the CRM.
        sobject: the object that the path names.
        user_id: the person that acts, as chosen on the page.
    """

    sandbox: Sandbox
    sobject: SObject
    user_id: str

    def labels(self, rows: Sequence[Row]) -> dict[str, str]:
        """Return the names of the records that the rows point at, by id."""
        names: dict[str, str] = {}
        for field in self.sobject.fields:
            if field.references is not None:
                target = SCHEMA[field.references.lower()]
                ids = [row[field.name] for row in rows if row[field.name]]
                found = self.sandbox.store.rows(target, ids)
                names |= {native_id: row["Name"] or native_id for native_id, row in found.items()}
        return names

    def context(self) -> dict[str, Any]:
        """Return what every page shows."""
        users = self.sandbox.users()
        return {"current": self.sobject, "users": users, "user_id": self.user_id}


def visit_of(request: Request, sobject: str, sandbox: SandboxDependency) -> Visit:
    """Return the visit that a request is part of."""
    found = find_sobject(sobject)
    if found is None:
        raise no_such_resource()
    users = [str(user["Id"]) for user in sandbox.users()]
    chosen = request.cookies.get(SESSION_COOKIE, "")
    # By default a person of the CRM acts, not the integration: edits here are edits from outside.
    return Visit(sandbox, found, chosen if chosen in users else users[1])


VisitDependency = Annotated[Visit, Depends(visit_of)]


@home.get("/")
async def front() -> Response:
    """Go to the accounts."""
    return RedirectResponse("/ui/Account", 303)


@home.get("/{sobject}/{native_id}")
async def link(visit: VisitDependency, native_id: str) -> Response:
    """Go to a record, by the address that other programs write down."""
    return RedirectResponse(f"/ui/{visit.sobject.name}/{native_id}", 303)


@home.get("/style.css")
async def style() -> Response:
    """Return the style sheet."""
    sheet = Path(__file__).with_name("templates") / "style.css"
    return Response(sheet.read_text("utf-8"), media_type="text/css")


@router.get("/{sobject}")
async def list_page(
    visit: VisitDependency,
    q: str = "",
    page: Annotated[int, Query(ge=1)] = 1,
    deleted: bool = False,
) -> Response:
    """Show the records that contain a text, the last changed first."""
    rows, total = _search(visit, q.strip(), page, deleted=deleted)
    columns = [visit.sobject.by_name[name.lower()] for name in LIST_COLUMNS[visit.sobject.name]]
    pages = max(1, -(-total // PAGE_SIZE))

    def address(number: int) -> str:
        given = {"q": q, "page": number, "deleted": "true" if deleted else ""}
        return "?" + urlencode({name: value for name, value in given.items() if value})

    return _page(
        "list.html",
        rows=rows, columns=columns, labels=visit.labels(rows), total=total, q=q, deleted=deleted,
        page=page, pages=pages, address=address, **visit.context(),
    )  # fmt: skip


def _search(visit: Visit, text: str, page: int, *, deleted: bool) -> tuple[list[Row], int]:
    names = [f'"{f.name}"' for f in visit.sobject.fields if f.type in SEARCHED]
    parameters: list[Any] = [int(deleted)]
    where = ' WHERE "IsDeleted" = ?'
    for word in text.split():
        escaped = word.casefold().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        joined = " || ' ' || ".join(f"coalesce({name}, '')" for name in (*names, '"Id"'))
        where += f" AND fold({joined}) LIKE ? ESCAPE '\\'"
        parameters.append(f"%{escaped}%")
    table = f' FROM "{visit.sobject.name}"{where}'
    store = visit.sandbox.store
    ((total,),) = store.select("SELECT COUNT(*)" + table, parameters)
    order = ' ORDER BY "SystemModstamp" DESC, "Id" DESC LIMIT ? OFFSET ?'
    found = store.select(
        'SELECT "Id"' + table + order, [*parameters, PAGE_SIZE, (page - 1) * PAGE_SIZE]
    )
    rows = store.rows(visit.sobject, [native_id for (native_id,) in found])
    return [rows[native_id] for (native_id,) in found], total


@router.get("/{sobject}/new")
async def new_page(visit: VisitDependency) -> Response:
    """Show an empty form."""
    return _form(visit, None, {})


@router.get("/{sobject}/{native_id}")
async def record_page(visit: VisitDependency, native_id: str) -> Response:
    """Show a record in a form."""
    row = visit.sandbox.store.row(visit.sobject, native_id)
    if row is None:
        raise no_such_resource()
    return _form(visit, row, row)


def _form(
    visit: Visit, row: Row | None, values: Mapping[str, Any], error: ApiError | None = None
) -> Response:
    fields = [f for f in visit.sobject.fields if f.writable]
    system = [f for f in visit.sobject.fields if not f.writable and f.name not in SHOWN_APART]
    children: list[Row] = []
    if row is not None and visit.sobject.name == "Account":
        contact = SCHEMA["contact"]
        ids = visit.sandbox.store.ids_with(contact, contact.by_name["accountid"], row["Id"])
        children = list(visit.sandbox.store.rows(contact, ids).values())
    return _page(
        "record.html",
        400 if error else 200,
        row=row, values=values, fields=fields, system=system if row else [], children=children,
        labels=visit.labels([row]) if row else {}, error=error, types=FieldType,
        **visit.context(),
    )  # fmt: skip


@router.post("/{sobject}/new")
async def create(request: Request, visit: VisitDependency) -> Response:
    """Create a record from the form."""
    given = await _given(request, visit.sobject)
    body = {name: value for name, value in given.items() if value != ""}
    try:
        with visit.sandbox.store.transaction():
            native_id = visit.sandbox.rows.create(visit.sobject, body, visit.user_id)
    except ApiError as error:
        return _form(visit, None, given, error)
    return RedirectResponse(f"/ui/{visit.sobject.name}/{native_id}", 303)


@router.post("/{sobject}/{native_id}")
async def save(request: Request, visit: VisitDependency, native_id: str) -> Response:
    """Store what the form changed."""
    row = visit.sandbox.store.row(visit.sobject, native_id)
    if row is None:
        raise no_such_resource()
    given = await _given(request, visit.sobject)
    changed = {name: value for name, value in given.items() if value != _shown(value, row[name])}
    try:
        if changed:
            with visit.sandbox.store.transaction():
                visit.sandbox.rows.update(visit.sobject, native_id, changed, visit.user_id)
    except ApiError as error:
        return _form(visit, row, given, error)
    return RedirectResponse(f"/ui/{visit.sobject.name}/{native_id}", 303)


def _shown(given: Any, stored: Any) -> Any:
    """The stored value in the shape in which the form sends it back."""
    if isinstance(given, bool):
        return bool(stored)
    return "" if stored is None else str(stored)


@router.post("/{sobject}/{native_id}/delete")
async def delete(visit: VisitDependency, native_id: str) -> Response:
    """Move a record to the recycle bin."""
    with visit.sandbox.store.transaction():
        visit.sandbox.rows.delete(visit.sobject, native_id, visit.user_id)
    return RedirectResponse(f"/ui/{visit.sobject.name}", 303)


@router.post("/{sobject}/{native_id}/undelete")
async def undelete(visit: VisitDependency, native_id: str) -> Response:
    """Take a record back out of the recycle bin."""
    with visit.sandbox.store.transaction():
        visit.sandbox.rows.undelete(visit.sobject, native_id, visit.user_id)
    return RedirectResponse(f"/ui/{visit.sobject.name}/{native_id}", 303)


@home.post("/act-as")
async def act_as(request: Request) -> Response:
    """Choose who acts on the pages."""
    form = await _form_values(request)
    response = RedirectResponse("/ui/Account", 303)
    response.set_cookie(SESSION_COOKIE, form.get("user", ""), httponly=True, samesite="strict")
    return response


async def _form_values(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


async def _given(request: Request, sobject: SObject) -> dict[str, Any]:
    """The form's values by column; line ends as the API sends them, an unticked box as false."""
    form = await _form_values(request)
    return {field.name: _typed(field, form) for field in sobject.fields if field.writable}


def _typed(field: Field, form: Mapping[str, str]) -> Any:
    if field.type is FieldType.BOOLEAN:
        return field.name in form
    return form.get(field.name, "").replace("\r\n", "\n").strip()
