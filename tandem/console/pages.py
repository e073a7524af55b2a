"""One function, two routes: a page as HTML, and its content as JSON under `/api/v1`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from tandem.console.context import needs
from tandem.console.errors import Problem
from tandem.console.roles import Role
from tandem.console.templating import render

Content = TypeVar("Content", bound=Callable[..., BaseModel])

API = "/api/v1"
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The body cannot be read."},
    401: {"model": Problem, "description": "Nobody is logged in."},
    403: {"model": Problem, "description": "The role does not allow it, or the token is missing."},
    422: {"model": Problem, "description": "An argument or the body has the wrong form."},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such thing."}
}
CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "The facts have changed: look again."}
}


class Pages:
    """The pages of one area; `router` holds their routes."""

    def __init__(self, area: str) -> None:
        self.router = APIRouter(tags=[area])

    def page(
        self, path: str, template: str, *, role: Role = Role.VIEWER
    ) -> Callable[[Content], Content]:
        """Register a function that fills a page's model; its arguments are FastAPI's.

        Args:
            path: of the page, beginning with a slash; the twin has `/api/v1` before it.
            template: name of the template, which gets the model as `page`.
            role: who may see it.
        """

        def register(content: Content) -> Content:
            guards = [Depends(needs(role))]
            refusals = REFUSALS | (NOT_FOUND if "{" in path else {})
            self.router.add_api_route(
                API + path, content, methods=["GET"], dependencies=guards, responses=refusals
            )

            # The default, not the annotation, carries the dependency: names of this function are
            # out of reach of whoever evaluates annotations.
            def show(request: Request, page: Any = Depends(content)) -> HTMLResponse:  # noqa: B008
                return render(request, template, page=page)

            self.router.add_api_route(
                path, show, methods=["GET"], dependencies=guards, include_in_schema=False
            )
            return content

        return register

    def command(
        self, path: str, *, role: Role = Role.STEWARD, **options: Any
    ) -> Callable[[Content], Content]:
        """Register a command for programs, posted under `/api/v1`; forms have their own routes."""

        def register(command: Content) -> Content:
            self.router.add_api_route(
                API + path,
                command,
                methods=["POST"],
                dependencies=[Depends(needs(role))],
                responses=REFUSALS | NOT_FOUND | CONFLICT,
                **options,
            )
            return command

        return register

    def form(
        self, path: str, *, role: Role = Role.STEWARD
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register what a page's form posts to; it answers with a page or a redirection."""

        def register(submitted: Callable[..., Any]) -> Callable[..., Any]:
            self.router.add_api_route(
                path,
                submitted,
                methods=["POST"],
                dependencies=[Depends(needs(role))],
                include_in_schema=False,
                response_model=None,
            )
            return submitted

        return register


async def form_fields(request: Request) -> dict[str, str]:
    """Each field of the posted form as text; of a repeated one the last."""
    form = await request.form()
    return {name: str(value) for name, value in form.items()}


FormDependency = Annotated[dict[str, str], Depends(form_fields)]
