"""The installation that a command works on, opened for as long as it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from tandem import telemetry
from tandem.app import App
from tandem.errors import ConfigError, NotFoundError
from tandem.log import configure
from tandem.settings import Settings
from tandem.state.reader import Reader
from tandem.yaml_file import did_you_mean


def read_settings() -> Settings:
    """Settings from the environment.

    Raises:
        ConfigError: a variable has a value that it cannot have.
    """
    try:
        return Settings()
    except ValidationError as error:
        # Only names: a URL in the environment may hold a password.
        names = {f"TANDEM_{str(e['loc'][0]).upper()}" for e in error.errors(include_input=False)}
        raise ConfigError(f"{', '.join(sorted(names))}: not a value that it can have") from error


@contextmanager
def installation() -> Iterator[App]:
    """The installation that the environment points to; logging is set up for it."""
    settings = read_settings()
    configure(settings.log_level)
    telemetry.configure()
    app = App(settings)
    try:
        yield app
    finally:
        app.close()


@contextmanager
def reading(app: App) -> Iterator[Reader]:
    """A reader of the installation's state, which is brought to the current schema first."""
    _ = app.database
    reader = Reader(app.settings.database_url)
    try:
        yield reader
    finally:
        reader.close()


def chosen_links(app: App, link: str | None) -> list[str]:
    """The named link, or all of them.

    Raises:
        NotFoundError: there is no link of this name.
    """
    links = app.config.links
    if link is None:
        return list(links)
    if link not in links:
        raise NotFoundError(f"there is no link '{link}'{did_you_mean(link, links)}")
    return [link]
