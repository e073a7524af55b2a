"""What `config/console.yaml` says; everything has a default, the file may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from tandem.console.roles import Role
from tandem.settings import Duration
from tandem.yaml_file import YamlFile


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sessions(_Model):
    """How long a login lasts.

    Attributes:
        idle: without any request.
        longest: however busy.
    """

    idle: Duration = timedelta(hours=1)
    longest: Duration = timedelta(hours=12)


class Logins(_Model):
    """How many failed logins are borne before one has to wait.

    Attributes:
        per_name: for one name.
        per_address: from one network address.
        window: the time in which they are counted.
    """

    per_name: int = Field(default=5, ge=1)
    per_address: int = Field(default=30, ge=1)
    window: Duration = timedelta(minutes=15)


class FourEyes(_Model):
    """From how much on a second person has to confirm.

    Attributes:
        questions: most questions that one person may answer at once.
        deletions: most deletions that one person may approve at once.
        merges: most records that one person may merge away: the one that goes, and those that refer
            to it and refer to the other one from then on.
    """

    questions: int = Field(default=500, ge=1)
    deletions: int = Field(default=100, ge=0)
    merges: int = Field(default=100, ge=0)


class OidcConfig(_Model):
    """Login by OpenID Connect.

    Attributes:
        issuer: address of the provider; its configuration is found below it.
        client_id: as registered there.
        client_secret: a reference, `env:NAME` or `file:PATH`.
        name_claim: claim that names the person in the audit.
        role_claim: claim that holds a name, or a list of names, of groups or roles.
        roles: name in that claim → our role; who has none of them is let in as nobody.
    """

    issuer: str = Field(pattern=r"^https?://")
    client_id: str
    client_secret: str
    name_claim: str = "email"
    role_claim: str = "groups"
    roles: Mapping[str, Role] = Field(min_length=1)


class Metrics(_Model):
    """Who may read `/metrics` without logging in.

    Attributes:
        token: what a monitoring system sends as its bearer token; a reference, `env:NAME` or
            `file:PATH`. Without one, only people who are logged in see the figures.
    """

    token: str | None = None


class ConsoleConfig(_Model):
    """All of `config/console.yaml`.

    Attributes:
        undo: how long an answer can be taken back before it is given; 0: it is given at once, and
            can be taken back until a sync has applied it.
    """

    undo: Duration = Field(default=timedelta(seconds=10), ge=timedelta(0), le=timedelta(hours=1))
    sessions: Sessions = Sessions()
    logins: Logins = Logins()
    four_eyes: FourEyes = FourEyes()
    oidc: OidcConfig | None = None
    metrics: Metrics = Metrics()


def load_console_config(folder: Path) -> ConsoleConfig:
    """Read and check `console.yaml` of the configuration folder.

    Raises:
        ConfigError: it is wrong; names file, line and place.
    """
    path = folder / "console.yaml"
    return YamlFile(path).to(ConsoleConfig) if path.exists() else ConsoleConfig()
