"""A state as large as a busy company's, made in SQL: records, questions, history, trends.

Every customer is one canonical record with a record in either system. The rows have the size and
the spread of real ones; they are made by the database itself, which takes a minute for a million.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from tandem.state.database import Database
from tandem.state.tables import trend
from tandem.state.trend import EVER, GRAINS

LINK = "bench"
GROUP = 10_000
"""Open questions of the one cause that is answered together."""

LETTERS = 2_000
RUNS = 20_000
FACTS_PER_RUN = 100

GROUP_KEY = "refused_value:crm:account.industry"
STREAMS = {"crm": "Account", "erp": "party"}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the two databases say differently."""

    series: str
    hex: str
    document: str
    moment: str

    def sql(self, statement: str) -> str:
        """A statement with its placeholders filled: <series>, <id>, <object>(…), <array>(…)."""
        return (
            statement.replace("<series>", self.series)
            .replace("<id>", self.hex)
            .replace("<object>", self.document)
            .replace("<array>", self.document.replace("object", "array"))
            .replace("<at>", self.moment)
        )


DIALECTS = {
    "postgresql": Dialect(
        series="(SELECT generate_series(1, :n) AS i) s",
        hex="lpad(to_hex(i), 32, '0')",
        document="jsonb_build_object",
        moment="(CAST(:at AS timestamptz) - (:n - i) * interval '1 millisecond' * :step)",
    ),
    "sqlite": Dialect(
        series="(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < :n)"
        " SELECT i FROM c) s",
        hex="printf('%032x', i)",
        document="json_object",
        moment="strftime('%Y-%m-%d %H:%M:%f', :at, '-' || ((:n - i) * :step / 1000.0)"
        " || ' seconds')",
    ),
}

NAME = "'Kunde ' || (i % 9973) || ' Handel ' || (i % 101) || ' GmbH'"
MAIL = "'info' || i || '@kunde' || (i % 9973) || '.example'"
PHONE = "'+4930' || (20000000 + i)"
VALUES = (
    f"<object>('name', {NAME}, 'phone', {PHONE}, 'website', 'https://www.k' || i || '.example/', "
    "'industry', 'Trade ' || (i % 300), 'address', <object>('street', 'Hauptstr.', "
    "'house_number', CAST(i % 180 AS text), 'city', 'Ort ' || (i % 500), 'country', 'DE'))"
)
ORIGIN = "<object>('rule', 'changed', 'system', 'crm', 'at', '2026-03-01T09:00:00+00:00')"

RECORDS = (
    (
        "canonical",
        'INSERT INTO canonical (id, object, link, "values", origins, state, changed_at) '
        f"SELECT <id>, 'account', '{LINK}', {VALUES}, "
        f"<object>('name', {ORIGIN}, 'phone', {ORIGIN}), 'live', <at> FROM <series>",
    ),
    *(
        (
            table,
            f"INSERT INTO {table} (system, stream, native_id, {columns}) "
            f"SELECT '{system}', '{stream}', '{system}' || i, {values} FROM <series>",
        )
        for system, stream in STREAMS.items()
        for table, columns, values in (
            (
                "crosswalk",
                "object, canonical_id, state, rule, linked_at",
                "'account', <id>, 'linked', 'new', <at>",
            ),
            (
                "observed",
                'version, fingerprint, modified_at, deleted, "values", refused, native, seen_at',
                f"'1', <id>, <at>, :no, {VALUES}, <object>(), {VALUES}, <at>",
            ),
            (
                "baseline",
                '"values", awaiting_echo, rewrites, agreed_at',
                f"{VALUES}, <array>(), <object>(), <at>",
            ),
        )
    ),
    *(
        (
            "search_key",
            f"INSERT INTO search_key (key, canonical_id) SELECT {key}, <id> FROM <series>",
        )
        for key in (
            "'word:kunde'",
            "'word:handel'",
            "'word:gmbh'",
            "'word:' || (i % 9973)",
            f"'mail:' || {MAIL}",
            f"'tel:' || {PHONE}",
        )
    ),
    (
        "outbox",
        'INSERT INTO outbox (link, object, canonical_id, system, stream, operation, "values", key, '
        "state, cause, changed_at, attempts, answer, created_at, sent_at, done_at) "
        f"SELECT '{LINK}', 'account', <id>, 'erp', 'party', 'create', {VALUES}, <id>, "
        f"CASE WHEN i % (:n / {LETTERS} + 1) = 0 THEN 'rejected' ELSE 'accepted' END, "
        f"<object>('name', {ORIGIN}), <at>, 1, <object>('native_id', 'erp' || i), <at>, <at>, <at> "
        "FROM <series>",
    ),
    *(
        (
            "audit",
            "INSERT INTO audit (at, link, action, object, canonical_id, system, native_id, "
            f"\"after\", cause, actor, run_id) SELECT <at>, '{LINK}', '{action}', 'account', <id>, "
            f"'{system}', "
            f"'{system}' || i, <object>('name', {NAME}, 'phone', {PHONE}), <object>('intent', i), "
            f"'tandem', 'r' || (i / {FACTS_PER_RUN} % {RUNS}) FROM <series>",
        )
        for action, system in (("record.arrived", "crm"), ("write.accepted", "erp"))
    ),
)
"""Table and statement, for as many customers as `:n`."""

QUESTIONS = (
    "INSERT INTO review (link, kind, subject, object, canonical_id, system, stream, native_id, "
    "field, group_key, version, state, question, opened_at, changed_at, label, folded) "
    f"SELECT '{LINK}', kind, kind || ':' || i, 'account', <id>, 'crm', 'Account', 'crm' || i, "
    "CASE WHEN kind = 'refused_value' THEN 'industry' ELSE 'phone' END, "
    f"CASE WHEN i <= {GROUP} THEN '{GROUP_KEY}' ELSE kind || ':' || (i % 400) END, "
    "1, 'open', CASE WHEN kind = 'conflict' THEN "
    f"<object>('base', {PHONE}, 'sides', <object>('crm', '1', 'erp', '2')) "
    "ELSE <object>('text', 'Trade ' || (i % 300) || '?', 'reasons', <array>('refused:unknown'), "
    "'golden', 'Trade') END, "
    f"<at>, <at>, {NAME}, lower({NAME}) || ' crm' || i FROM (SELECT i, CASE "
    f"WHEN i <= {GROUP} THEN 'refused_value' WHEN i % 2 = 0 THEN 'conflict' "
    "ELSE 'refused_value' END AS kind FROM <series>) q"
)

UNREADABLE = (
    "INSERT INTO quarantine (system, stream, native_id, link, object, reasons, payload, since) "
    f"SELECT 'crm', 'Account', 'bad' || i, '{LINK}', 'account', "
    "<object>('name', <array>('missing')), <object>('name', '', 'phone', '1'), <at> FROM <series>"
)

DONE = (
    "INSERT INTO run (id, link, lane, started_at, finished_at, outcome, counts) "
    f"SELECT 'r' || (i - 1), '{LINK}', CASE WHEN i % 500 = 0 THEN 'batch' ELSE 'live' END, <at>, "
    "<at>, 'done', <object>('read', i, 'updates', i % 7, 'compared', i % 500) FROM <series>"
)


def seed(
    database: Database,
    *,
    records: int,
    questions: int,
    now: datetime,
    report: Callable[[str], None],
) -> None:
    """Fill a state.

    Args:
        database: an empty one, at the current schema.
        records: native records, half of them in either system.
        questions: open review items; the first `GROUP` are of one cause.
        now: the latest moment in it.
        report: is told what is being made.
    """
    customers = records // 2
    for table, statement in RECORDS:
        report(f"{customers:,} rows of {table}")
        _make(database, statement, customers, now, step=1000)
    report(f"{questions:,} open questions")
    _make(database, QUESTIONS, questions, now, step=1000)
    _make(database, UNREADABLE, LETTERS, now, step=1000)
    _make(database, DONE, RUNS, now, step=120_000)
    with database.begin() as connection:
        connection.execute(trend.insert(), list(_trends(now)))
    report("statistics")
    _analyse(database)


def _make(database: Database, statement: str, count: int, now: datetime, *, step: int) -> None:
    with database.begin() as connection:
        name = connection.dialect.name
        at = now.isoformat() if name == "postgresql" else now.strftime("%Y-%m-%d %H:%M:%S")
        sql = DIALECTS[name].sql(statement)
        values = {"n": count, "at": at, "step": step, "no": False}
        used = {key: value for key, value in values.items() if f":{key}" in sql}
        connection.execute(text(sql), used)


def _trends(now: datetime) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    series = [
        *((name, "") for name in ("freshness_p50", "freshness_p95", "unsent", "inbox")),
        *((name, "") for name in ("questions", "dead_letters", "quarantined")),
        *((name, "") for name in ("diverged", "repaired", "compared")),
        *(("writes", operation) for operation in ("create", "update", "delete")),
        *(("linked", f"account {system}") for system in STREAMS),
    ]
    for grain in (*GRAINS.values(), EVER):
        start = grain.slot_of(now)
        for back in range(min(int(grain.kept / grain.slot), 1500)):
            at = start - back * grain.slot
            rows += [
                {
                    "link": LINK,
                    "grain": grain.name,
                    "at": at,
                    "series": name,
                    "label": label,
                    "value": float((back * 7919 + len(name)) % 97),
                    "taken_at": at + timedelta(seconds=30),
                }
                for name, label in series
            ]
    return rows


def _analyse(database: Database) -> None:
    with database.engine.connect() as plain:
        connection: Connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        statement = "ANALYZE" if connection.dialect.name == "sqlite" else "VACUUM (ANALYZE)"
        connection.execute(text(statement))
