"""Rings the event lane's asset: "there is work", through Airflow's REST API.

An event carries no record and may be lost, so ringing never fails: whoever rings (the command line,
the console, a webhook) has stored its work before and goes on with its own.

    TANDEM_AIRFLOW_URL=https://airflow.example
    TANDEM_AIRFLOW_TOKEN=file:/run/secrets/airflow_token      # a reference, read at every ring; or
    TANDEM_AIRFLOW_USER=tandem                                # a user, for whom a token is fetched
    TANDEM_AIRFLOW_PASSWORD=env:AIRFLOW_PASSWORD              # with this password, a reference
"""

from __future__ import annotations

import requests
import structlog
from pydantic_settings import BaseSettings, SettingsConfigDict

from tandem.errors import ConfigError
from tandem.orchestration.lanes import doorbell_uri
from tandem.settings import resolve_secrets

log = structlog.get_logger(__name__)


class AirflowSettings(BaseSettings):
    """How to reach Airflow from outside, from the environment.

    Attributes:
        url: base address; nothing is rung while it is empty.
        token: reference to a bearer token.
        user: for whom a token is fetched when there is none; with the reference `password`.
        timeout: seconds to wait for an answer.
    """

    model_config = SettingsConfigDict(env_prefix="TANDEM_AIRFLOW_", frozen=True)

    url: str = ""
    token: str = ""
    user: str = ""
    password: str = ""
    timeout: float = 5.0


class Doorbell:
    """Rings the doorbells of one Airflow. Keeps its session and its token while they are good."""

    def __init__(
        self, settings: AirflowSettings | None = None, session: requests.Session | None = None
    ) -> None:
        self._settings = settings or AirflowSettings()
        self._session = session or requests.Session()
        self._url = self._settings.url.rstrip("/")
        self._assets: dict[str, int] = {}
        self._token = ""

    def ring(self, link: str) -> bool:
        """Say that there is work in a link. Returns whether Airflow heard it; never raises.

        Airflow answers as soon as the event is stored; the lane starts a second or two later.
        """
        if not self._url:
            log.debug("doorbell.skipped", link=link, code="airflow.no_url")
            return False
        try:
            self._post_event(link)
        except requests.HTTPError as error:
            status = error.response.status_code
            log.warning("doorbell.failed", link=link, code=f"http.{status}")
            return False
        except (requests.RequestException, ConfigError, KeyError, ValueError) as error:
            # The message may hold the address with what stands in it; the class says enough.
            log.warning("doorbell.failed", link=link, code=type(error).__name__)
            return False
        log.info("doorbell.rung", link=link)
        return True

    def _post_event(self, link: str) -> None:
        if link not in self._assets:
            uri = doorbell_uri(link)
            found = self._call("GET", "/api/v2/assets", params={"uri_pattern": uri})
            self._assets[link] = {a["uri"]: a["id"] for a in found.json()["assets"]}[uri]
        try:
            event = {"asset_id": self._assets[link], "extra": {}}
            self._call("POST", "/api/v2/assets/events", json=event)
        except requests.HTTPError as error:
            if error.response.status_code == requests.codes.not_found:
                del self._assets[link]  # Airflow's database is another one: look it up next time
            raise

    def _call(self, method: str, path: str, **arguments: object) -> requests.Response:
        answer = self._send(method, path, **arguments)
        if answer.status_code == requests.codes.unauthorized and self._token:
            self._token = ""  # it has expired
            answer = self._send(method, path, **arguments)
        answer.raise_for_status()
        return answer

    def _send(self, method: str, path: str, **arguments: object) -> requests.Response:
        token = self._bearer()
        return self._session.request(
            method,
            f"{self._url}{path}",
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=self._settings.timeout,
            **arguments,  # type: ignore[arg-type]  # passed on as they came
        )

    def _bearer(self) -> str:
        if self._settings.token:
            return str(resolve_secrets({"token": self._settings.token})["token"])
        if self._settings.user and not self._token:
            password = resolve_secrets({"password": self._settings.password})["password"]
            answer = self._session.post(
                f"{self._url}/auth/token",
                json={"username": self._settings.user, "password": password},
                timeout=self._settings.timeout,
            )
            answer.raise_for_status()
            self._token = str(answer.json()["access_token"])
        return self._token


def ring(link: str) -> bool:
    """Ring once with the settings of the environment; see `Doorbell.ring`."""
    return Doorbell().ring(link)
