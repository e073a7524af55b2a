"""Puts the sandbox together."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from tandem.sandbox import admin, collections_api, oauth, pages, rest
from tandem.sandbox.context import Options, Sandbox, answer
from tandem.sandbox.errors import ApiError, no_such_resource
from tandem.sandbox.gate import Gate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def create_app(options: Options | Path | str = ":memory:") -> Gate:
    """Return the sandbox as an ASGI application.

    Args:
        options: how to set it up, or just the path of its SQLite file.
    """
    if not isinstance(options, Options):
        options = Options(path=options)
    sandbox = Sandbox(options)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        sandbox.store.close()

    app = FastAPI(
        title="Tandem sandbox CRM", lifespan=lifespan,
        docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False,
    )  # fmt: skip
    app.state.sandbox = sandbox
    for router in (
        oauth.router,
        rest.router,
        collections_api.router,
        admin.router,
        pages.router,
        pages.home,
    ):
        app.include_router(router)
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(HTTPException, _no_route)
    app.add_exception_handler(RequestValidationError, _bad_arguments)
    return Gate(app, sandbox)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return answer(error.as_body(), error.status)


async def _no_route(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        refusal = ApiError("METHOD_NOT_ALLOWED", "HTTP method not allowed here")
        return answer(refusal.as_body(), 405)
    return answer(no_such_resource().as_body(), error.status_code)


async def _bad_arguments(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    places = [
        ".".join(map(str, problem["loc"])) + ": " + problem["msg"] for problem in error.errors()
    ]
    return answer(ApiError("INVALID_ARGUMENT", "; ".join(places)).as_body(), 400)
