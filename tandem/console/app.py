"""Puts the console together; whoever mounts it passes in the doorbell and who logs people in."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast
from urllib.parse import quote

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import Scope

from tandem import __version__
from tandem.console import (
    activity,
    failures,
    filters,
    groups,
    inbox,
    login,
    merges,
    merging,
    metrics,
    oidc,
    overview,
    questions,
    records,
    telling,
)
from tandem.console.context import Console
from tandem.console.errors import LoginRequiredError, Problem, status_of
from tandem.console.guard import Headers, listen, recognise, refuse_forged
from tandem.console.pages import API
from tandem.console.templating import NAVIGATION, render
from tandem.errors import TandemError

log = structlog.get_logger(__name__)

PARTS = (
    login.router,
    inbox.pages.router,
    questions.pages.router,
    groups.pages.router,
    merges.pages.router,
    merging.pages.router,
    records.pages.router,
    overview.pages.router,
    activity.pages.router,
    failures.pages.router,
    metrics.router,
)
"""The routers of all pages."""

DOORS = (login.doors, oidc.router)
"""The routers by which people log in, where nobody else logs them in."""


class _Static(StaticFiles):
    """Files that are the same for everybody: browsers may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer


@asynccontextmanager
async def _serving(_app: FastAPI) -> AsyncIterator[None]:
    """From the first request on, the collector of garbage looks at what requests leave, only.

    What is loaded by now stays. Looked at again and again, it costs a page a tenth of its time.
    """
    gc.collect()
    gc.freeze()
    yield


def create_app(console: Console) -> FastAPI:
    """The console as an ASGI application.

    It works under any prefix that whoever mounts it tells as `root_path`.
    """
    filters.install()
    telling.install()
    app = FastAPI(
        title="Tandem steward console",
        version=__version__,
        description="What the pages of the console show, and the commands of stewards, as JSON.",
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        lifespan=_serving,
        dependencies=[Depends(listen), Depends(recognise), Depends(refuse_forged)],
        separate_input_output_schemas=False,
    )
    app.state.console = console
    app.add_middleware(Headers, framed=console.framed)
    app.mount("/static", _Static(directory=Path(__file__).with_name("static")), name="static")
    for router in (*PARTS, *(DOORS if console.identify is None else ())):
        app.include_router(router)
    app.add_api_route("/", _home, include_in_schema=False, response_model=None)
    app.add_exception_handler(TandemError, _refused)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(RequestValidationError, _bad_arguments)
    return app


def _home(request: Request) -> Response:
    return login.redirect(request, NAVIGATION[0].path)


def _is_api(request: Request) -> bool:
    base = request.scope.get("root_path", "")
    return request.url.path.removeprefix(base).startswith(f"{API}/")


def _refused(request: Request, error: Exception) -> Response:
    refusal = cast(TandemError, error)
    log.info("request.refused", code=refusal.code)
    if isinstance(refusal, LoginRequiredError) and not _is_api(request):
        return _to_login(request)
    return _problem(request, refusal.code, refusal.message, status_of(refusal))


def _to_login(request: Request) -> Response:
    base = request.scope.get("root_path", "")
    path = request.url.path.removeprefix(base) if request.method == "GET" else "/"
    if query := request.url.query:
        path = f"{path}?{query}"
    console: Console = request.app.state.console
    target = f"{base}/login?next={quote(path, safe='/')}"
    if console.identify is not None:
        target = f"{console.login_url}?next={quote(base + path, safe='/')}"
    if request.headers.get("HX-Request"):
        return Response(status_code=401, headers={"HX-Redirect": target})
    return RedirectResponse(target, 303)


def _no_route(request: Request, error: Exception) -> Response:
    refusal = cast(HTTPException, error)
    answer = _problem(
        request, f"http.{refusal.status_code}", str(refusal.detail), refusal.status_code
    )
    answer.headers.update(refusal.headers or {})
    return answer


def _bad_arguments(request: Request, error: Exception) -> Response:
    refusal = cast(RequestValidationError, error)
    # Where, not what: the value may be personal.
    places = sorted({".".join(str(part) for part in e["loc"]) for e in refusal.errors()})
    return _problem(request, "console.bad_arguments", f"not usable: {', '.join(places)}", 422)


def _problem(request: Request, code: str, message: str, status: int) -> Response:
    if _is_api(request):
        return JSONResponse(Problem(code=code, message=message).model_dump(), status)
    return render(request, "problem.html", status=status, code=code, message=message)
