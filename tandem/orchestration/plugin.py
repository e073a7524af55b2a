"""The steward's console inside Airflow: a place in its navigation, and Airflow's own logins.

Airflow mounts the application and does not authenticate it, so every request is traced to its
person here. Roles follow from what Airflow lets them do:

    viewer     see DAGs
    steward    trigger DAG runs
    engineer   change connections
"""

from __future__ import annotations

from threading import Lock

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import get_user
from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin
from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp, Receive, Scope, Send

from tandem.app import App
from tandem.console.app import create_app
from tandem.console.context import Console
from tandem.console.roles import Role, Visitor
from tandem.orchestration.doorbell import Doorbell

PREFIX = "/tandem"


async def identify(request: Request) -> Visitor | None:
    """The person whom Airflow knows by the request's cookie or token; None when it knows nobody."""
    bearer = await HTTPBearer(auto_error=False)(request)
    try:
        user = await get_user(request, None, bearer)
    except HTTPException:
        return None
    role = await run_in_threadpool(role_of, user)
    if role is None:
        return None
    name = user.get_name()
    return Visitor(name, role, f"{conf.get('api_auth', 'jwt_secret', fallback='')}:{name}")


def role_of(user: object) -> Role | None:
    """The role that follows from what Airflow lets somebody do."""
    manager = get_auth_manager()
    if manager.is_authorized_connection(method="PUT", user=user):
        return Role.ENGINEER
    if manager.is_authorized_dag(method="POST", access_entity=DagAccessEntity.RUN, user=user):
        return Role.STEWARD
    return Role.VIEWER if manager.is_authorized_dag(method="GET", user=user) else None


class ConsoleInAirflow:
    """The console, put together at the first request: tasks load plugins too, and need none."""

    def __init__(self) -> None:
        self._app: ASGIApp | None = None
        self._lock = Lock()

    def _made(self) -> ASGIApp:
        with self._lock:
            if self._app is None:
                console = Console.of(
                    App(),
                    ring=Doorbell().ring,
                    identify=identify,
                    login_url=get_auth_manager().get_url_login(),
                    framed=True,
                )
                self._app = create_app(console)
            return self._app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        app = await run_in_threadpool(self._made)
        await app(scope, receive, send)


class TandemPlugin(AirflowPlugin):
    """What Airflow is told."""

    name = "tandem"
    fastapi_apps = [  # noqa: RUF012  (as Airflow declares it)
        {"app": ConsoleInAirflow(), "url_prefix": PREFIX, "name": "Tandem console"}
    ]
    external_views = [  # noqa: RUF012  (as Airflow declares it)
        {
            "name": "Stewards",
            "href": f"{PREFIX}/",
            "destination": "nav",
            "url_route": "stewards",
        }
    ]
