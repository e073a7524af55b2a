"""Checks of everything that a sync relies on; nothing is written and no secret is shown.

Each check says what it looked at, what it found, and where the cause stands. The order is that of
dependence: what a broken part keeps from being checked is left out rather than reported twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cleansing.address.postal_model import is_prepared, model_folder
from connectors.base import StreamSpec
from connectors.errors import ConnectorError
from tandem.app import App
from tandem.errors import ConfigError
from tandem.mapping.check import Complaint, Severity, check_lengths, check_mapping
from tandem.mapping.compiler import CompiledMapping
from tandem.mapping.schema import Mapping as MappingFile
from tandem.mapping.transforms import Catalogues
from tandem.settings import SECRET_RESOLVERS, LinkConfig, SystemConfig, resolve_secrets
from tandem.state import check
from tandem.state.database import open_engine, revisions
from tandem.state.reader import Reader
from tandem.state.reader.engine import read_only_engine
from tandem.yaml_file import YamlFile

AIRFLOW = "3.3"
QUOTA_WARNING = 0.8


class Area(StrEnum):
    """What a check is about; decides the exit code of `tandem doctor` when it fails."""

    CONFIG = "configuration"
    SECRETS = "secrets"
    MAPPING = "mapping"
    STATE = "state database"
    SYSTEM = "system"
    AIRFLOW = "airflow"


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    area: Area
    subject: str
    verdict: Verdict
    finding: str


def examine(app: App) -> Iterator[Check]:
    """All checks, one after the other as they are made."""
    configured = list(_configuration(app))
    yield from configured
    state = list(_database(app.settings.database_url))
    yield from state
    yield from _airflow()
    yield from _libpostal()
    if any(check.verdict is Verdict.FAILED for check in configured):
        return
    if all(check.verdict is Verdict.OK for check in state):
        yield from _drift(app)
    for name, system in app.config.systems.items():
        secrets = list(_secrets(name, system))
        yield from secrets
        if not any(check.verdict is Verdict.FAILED for check in secrets):
            yield from _system(app, name)


# Configuration


def _configuration(app: App) -> Iterator[Check]:
    folder = str(app.settings.config)
    try:
        config = app.config
    except ConfigError as error:
        yield from _complaints(Area.CONFIG, folder, error)
        return
    links = f"systems: {', '.join(config.systems)}; links: {', '.join(config.links)}"
    yield Check(Area.CONFIG, folder, Verdict.OK, links)
    try:
        mappings = app.mappings
    except ConfigError as error:
        yield from _complaints(Area.MAPPING, str(app.settings.mappings), error)
        return
    yield from _compiled(app, mappings)
    for link in config.links.values():
        yield from _mapped(app, link, mappings)


def _complaints(area: Area, subject: str, error: ConfigError) -> Iterator[Check]:
    for line in error.message.splitlines():
        yield Check(area, subject, Verdict.FAILED, line)


def _compiled(app: App, mappings: Mapping[tuple[str, str], MappingFile]) -> Iterator[Check]:
    for mapping in mappings.values():
        try:
            CompiledMapping(mapping, Catalogues())
        except ConfigError as error:
            yield from _complaints(Area.MAPPING, str(app.settings.mappings), error)


def _mapped(
    app: App, link: LinkConfig, mappings: Mapping[tuple[str, str], MappingFile]
) -> Iterator[Check]:
    for object_name in link.objects:
        count = sum((object_name, system) in mappings for system in link.systems)
        if count < 2:
            yield Check(
                Area.MAPPING,
                f"link {link.link}",
                Verdict.FAILED,
                f"{object_name} is mapped in {count} of its systems; "
                f"add mapping files to {app.settings.mappings}",
            )


def _secrets(name: str, system: SystemConfig) -> Iterator[Check]:
    for place, reference in _references(system.settings, ()):
        subject = f"{name}.{'.'.join(place)}"
        try:
            resolve_secrets({place[-1]: reference})
        except ConfigError as error:
            yield Check(Area.SECRETS, subject, Verdict.FAILED, error.message)
        else:
            scheme = reference.partition(":")[0]
            yield Check(Area.SECRETS, subject, Verdict.OK, f"{scheme}: reference resolves")
    if system.connection:
        yield Check(
            Area.SECRETS,
            name,
            Verdict.OK,
            f"under Airflow its connection '{system.connection}' is used instead",
        )


def _references(
    settings: Mapping[str, Any], before: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """(place, reference) of every secret reference in a system's settings."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from _references(value, (*before, key))
        elif isinstance(value, str):
            scheme, colon, _ = value.partition(":")
            if colon and scheme in SECRET_RESOLVERS:
                yield (*before, key), value


# The state


def _database(url: str) -> Iterator[Check]:
    address = make_url(url)
    shown = address.render_as_string(hide_password=True)
    is_file = address.get_backend_name() == "sqlite"
    if is_file and not Path(str(address.database)).exists():
        finding = "not created yet; `tandem init` or the first sync does it"
        yield Check(Area.STATE, shown, Verdict.WARNING, finding)
        return
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            there = inspect(connection).has_table("alembic_version")
            query = text("SELECT version_num FROM alembic_version")
            now = connection.execute(query).scalar() if there else None
    except SQLAlchemyError as error:
        finding = f"does not answer as it should ({type(error).__name__}); check TANDEM_DATABASE"
        yield Check(Area.STATE, shown, Verdict.FAILED, finding)
        return
    finally:
        engine.dispose()
    newest = revisions()[-1]
    if now == newest:
        yield Check(Area.STATE, shown, Verdict.OK, f"at revision {now}")
        yield from _consistency(url, shown)
    else:
        finding = f"at revision {now or 'none'}; the next command brings it to {newest}"
        yield Check(Area.STATE, shown, Verdict.WARNING, finding)


def _libpostal() -> Iterator[Check]:
    """Nothing where the extra is not installed: it is optional."""
    if find_spec("libpypostal") is None:
        return
    folder = model_folder()
    if is_prepared(folder):
        yield Check(Area.CONFIG, "libpostal", Verdict.OK, f"its model is in {folder}")
    else:
        finding = f"installed, but there is no model in {folder}: run `tandem postal install`"
        yield Check(Area.CONFIG, "libpostal", Verdict.WARNING, finding)


def _consistency(url: str, shown: str) -> Iterator[Check]:
    engine = read_only_engine(url)
    try:
        with engine.connect() as connection:
            for broken in check.broken(connection):
                finding = (
                    f"inconsistent: {broken.rule}: {broken.rows} rows, e.g. {broken.examples[0]}; "
                    "restore a backup, and report it"
                )
                yield Check(Area.STATE, shown, Verdict.FAILED, finding)
    finally:
        engine.dispose()


def _drift(app: App) -> Iterator[Check]:
    """What rests because a stream is not as it was accepted."""
    reader = Reader(app.settings.database_url)
    try:
        for link in app.config.links:
            for warning in reader.drift(link):
                rests = warning.severity == "mapping"
                verdict = Verdict.FAILED if rests else Verdict.WARNING
                yield Check(Area.MAPPING, f"link {link}", verdict, warning.sentence)
    finally:
        reader.close()


def _airflow() -> Iterator[Check]:
    try:
        found = version("apache-airflow")
    except PackageNotFoundError:
        found = ""
    if not found or find_spec("airflow") is None:
        finding = "not installed; the links run from the command line only"
        yield Check(Area.AIRFLOW, "apache-airflow", Verdict.WARNING, finding)
    elif found.split(".")[:2] != AIRFLOW.split("."):
        finding = f"version {found}; Tandem's DAGs are made for {AIRFLOW}"
        yield Check(Area.AIRFLOW, "apache-airflow", Verdict.WARNING, finding)
    else:
        yield Check(Area.AIRFLOW, "apache-airflow", Verdict.OK, f"version {found}")


# The systems


def _system(app: App, name: str) -> Iterator[Check]:
    try:
        connector = app.connector(name)
        about = connector.check()
    except ConnectorError as error:
        yield Check(Area.SYSTEM, name, Verdict.FAILED, f"{error.message} [{error.code}]")
        return
    except ConfigError as error:
        yield from _complaints(Area.CONFIG, name, error)
        return
    yield Check(Area.SYSTEM, name, Verdict.OK, about.product)
    tolerated = min(
        (link.clock_skew for link in app.config.links.values() if name in link.systems),
        default=timedelta.max,
    )
    if abs(about.clock_skew) > tolerated:
        finding = (
            f"its clock is {about.clock_skew.total_seconds():+.1f} s off ours; moments are "
            "corrected by that, but set the clocks"
        )
        yield Check(Area.SYSTEM, name, Verdict.WARNING, finding)
    if about.quota_limit and (about.quota_used or 0) > QUOTA_WARNING * about.quota_limit:
        finding = f"{about.quota_used} of {about.quota_limit} calls of the period are used"
        yield Check(Area.SYSTEM, name, Verdict.WARNING, finding)
    yield from _streams(app, name)


def _streams(app: App, system: str) -> Iterator[Check]:
    """Every mapping of a system against the streams as the system describes them."""
    for path in sorted(app.settings.mappings.rglob("*.yaml")):
        file = YamlFile(path)
        mapping = file.to(MappingFile)
        if mapping.system != system:
            continue
        try:
            spec = app.connector(system).describe(mapping.stream)
            others = _others(app, mapping)
        except ConnectorError as error:
            finding = file.complaint(("stream",), f"{error.message} [{error.code}]")
            yield Check(Area.MAPPING, str(path), Verdict.FAILED, finding)
            continue
        complaints = [*check_mapping(mapping, spec), *check_lengths(mapping, spec, others)]
        if not complaints:
            finding = f"{mapping.object} fits {system}:{mapping.stream}"
            yield Check(Area.MAPPING, str(path), Verdict.OK, finding)
        yield from (_complaint(file, complaint) for complaint in complaints)


def _others(app: App, mapping: MappingFile) -> dict[str, tuple[MappingFile, StreamSpec]]:
    """The same object in the systems that a link pairs with this one, those in reach."""
    partners = {
        partner
        for link in app.config.links.values()
        if mapping.system in link.systems and mapping.object in link.objects
        for partner in link.systems
        if partner != mapping.system
    }
    found: dict[str, tuple[MappingFile, StreamSpec]] = {}
    for partner in sorted(partners):
        theirs = app.mappings.get((mapping.object, partner))
        if theirs is None:
            continue
        try:
            found[partner] = (theirs, app.connector(partner).describe(theirs.stream))
        except (ConnectorError, ConfigError):
            continue  # told by the partner's own check
    return found


def _complaint(file: YamlFile, complaint: Complaint) -> Check:
    failed = complaint.severity is Severity.FAILED
    return Check(
        Area.MAPPING,
        str(file.path),
        Verdict.FAILED if failed else Verdict.WARNING,
        file.complaint(complaint.place, complaint.message),
    )
