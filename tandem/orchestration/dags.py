"""The lanes of every link as Airflow DAGs, built from the files in `config/` and nothing else.

    tandem_<link>_batch   first load, full compare on schedule, backfill, dry run; one task per step
    tandem_<link>_events  rung by the asset tandem://<link>/doorbell: pull and work until quiet
    tandem_<link>_sweep   the same by the clock, because a ring can get lost
    tandem_<link>_live    a resident loop in stretches that hand over; seconds from change to write

Airflow parses this in every task process and again and again in its DAG processor. So the engine
is imported by the task that needs it, and no system or database is touched here. All DAGs start
paused: nothing writes to a system before a person has switched its lane on.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from airflow.sdk import (
    DAG,
    Asset,
    BaseOperator,
    Context,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    TriggerRule,
    chain,
    task,
)

from connectors.errors import StopRunError
from tandem.errors import AlertError, ConfigError
from tandem.model.objects import OBJECTS
from tandem.orchestration.lanes import LIVE_POOL, Mode, dag_id, doorbell_uri, pool_of
from tandem.orchestration.notify import notify
from tandem.settings import LinkConfig, Settings, load_config

if TYPE_CHECKING:
    from tandem.app import App
    from tandem.orchestration.steps import LiveLoop, Report

Given = TypeVar("Given")

START = datetime(2026, 1, 1, tzinfo=UTC)
"""Airflow runs a continuous DAG only from some date on."""

HANDOVER = timedelta(minutes=15)
"""How much longer than its lease a live stretch may take for the cycle that it is in."""

PERSON_NEEDED = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=[AlertError, ConfigError, StopRunError],
            action=RetryAction.FAIL,
            reason="a person must act first; see the error's code in docs/errors.md",
        )
    ]
)

EITHER = TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
"""Of a task that more than one way leads to."""

PARAMS = {
    "mode": Param(
        Mode.COMPARE.value,
        type="string",
        enum=[mode.value for mode in Mode],
        title="Mode",
        description="first_load and compare read everything, changes what is new, "
        "backfill a window",
    ),
    "since": Param(
        None,
        type=["null", "string"],
        format="date-time",
        title="Since",
        description="backfill: modified at or after this moment",
    ),
    "until": Param(
        None,
        type=["null", "string"],
        format="date-time",
        title="Until",
        description="backfill: modified at or before this moment",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Dry run",
        description="count what would be written, write nothing",
    ),
}

DOCS = {
    "batch": """
**{link}: batch.** Reads {systems}, works off the inbox, pushes to each system, and works until
nothing is left. `mode` says what is read, `dry_run` counts what would be written.
One run at a time; the live loop gives way meanwhile. A run may be cleared and repeated from any
task: what was done is not done again.
""",
    "events": """
**{link}: doorbell.** Runs when somebody rings `{doorbell}`: pulls what changed in {systems} and
works until nothing is left. An event carries no record, so a lost or repeated one does no harm.
While the live loop holds the link there is nothing to do (`lease: held`).
""",
    "sweep": """
**{link}: sweep.** The timed twin of the doorbell: finds in {systems} what a lost ring left behind.
`watch` looks at the link beside it and fails once when a limit of `alerts` is passed.
""",
    "live": """
**{link}: live.** Keeps {systems} in agreement every {interval:g} s, for {lease:g} s at a time; the
next stretch follows at once. Pausing this DAG ends the lane with the present stretch. After a crash
the next try begins within seconds; on another machine, when the dead worker's lease has run out.
""",
}


def build_dags() -> dict[str, DAG]:
    """All DAGs by id, from the configuration that `TANDEM_CONFIG` points to.

    Raises:
        ConfigError: a file is missing or wrong; names file and line. Airflow shows it as the import
            error of the DAG file.
    """
    config = load_config(Settings().config)
    builders: tuple[Callable[[LinkConfig], DAG], ...] = (_batch, _events, _sweep, _live)
    dags = [build(link) for link in config.links.values() for build in builders]
    return {dag.dag_id: dag for dag in dags}


def _dag(link: LinkConfig, lane: str, timeout: timedelta, **arguments: Any) -> DAG:
    defaults = {
        "owner": "tandem",
        "retries": 4,
        "retry_delay": timedelta(seconds=10),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=5),
        "retry_policy": PERSON_NEEDED,
        "execution_timeout": timeout,
        "on_failure_callback": notify,
    }
    return DAG(
        dag_id=dag_id(link.link, lane),
        description=f"{lane} lane of link {link.link}",
        doc_md=DOCS[lane].format(
            link=link.link,
            systems=", ".join(link.systems),
            doorbell=doorbell_uri(link.link),
            interval=link.schedule.interval.total_seconds(),
            lease=link.schedule.lease.total_seconds(),
        ),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=True,
        tags=["tandem", f"link:{link.link}", f"lane:{lane}"],
        default_args=defaults | arguments.pop("default_args", {}),
        **arguments,
    )


def _cron(expression: str | None) -> CronTriggerTimetable | None:
    # Without a start date and with this, a lane that is switched on waits for its next hour
    # instead of making up for the last one.
    if expression is None:
        return None
    return CronTriggerTimetable(expression, timezone="UTC", run_immediately=timedelta(0))


# The batch lane


def _batch(link: LinkConfig) -> DAG:
    """The tasks of a batch run; `open` says which of three ways it takes.

    open ─┬► read per system ─► load ─┬► work_off ─► push per system ─► drain ─┬► report
          ├► backfill ────────────────┤                                        │
          └► plan ────────────────────┼────────────────────────────────────────┘
                                      │
    a first load that is large, per object: shares ─► look × n ─► cut ─► settle × n
    """
    name = link.link
    with _dag(
        link,
        "batch",
        timedelta(hours=12),
        schedule=_cron(link.schedule.full_compare),
        params=PARAMS,
    ) as dag:
        first = f"read_{link.systems[0]}"
        way = task.branch(task_id="open", multiple_outputs=False)(_way)(first)
        reads = [
            _step(_read, f"read_{system}", pool=pool_of(system))(name, system)
            for system in link.systems
        ]
        window = _step(_backfill, "backfill")(name)
        planned = _step(_plan, "plan")(name)
        objects = [object_name for object_name in OBJECTS if object_name in link.objects]
        load = task.branch(task_id="load", multiple_outputs=False)(_load)(f"shares_{objects[0]}")
        worked = _step(_work_off, "work_off", trigger_rule=EITHER)(name)
        pushes = [
            _step(_push, f"push_{system}", pool=pool_of(system))(name, system)
            for system in link.systems
        ]
        drained = _step(_drain, "drain")(name)
        report = _step(_report, "report")(name)
        chain(way, [reads[0], window, planned])
        chain(*reads, load, worked)
        before = [load]
        for object_name in objects:
            before = _in_bundles(name, object_name, before)
        chain([window, *before], worked)
        chain(worked, *pushes, drained)
        # A teardown runs however the run went, and what it does has no say in how the run went.
        chain([drained, planned], report)
        report.as_teardown()
    return dag


def _in_bundles(link: str, object_name: str, before: list[Any]) -> list[Any]:
    """The tasks that cut the first load of an object and settle it: the first and the last."""
    shares = _step(_shares, f"shares_{object_name}", trigger_rule=EITHER)(link, object_name)
    look = _step(_look, f"look_{object_name}").partial(link=link, object_name=object_name)
    looked = look.expand(share=shares)
    cut = _step(_cut, f"cut_{object_name}")(link, object_name)
    settle = _step(_settle, f"settle_{object_name}").partial(link=link, object_name=object_name)
    settled = settle.expand(bundle=cut)
    chain(before, shares, looked, cut)
    return [shares, settled]


def _step(function: Callable[..., Any], task_id: str, **arguments: Any) -> Any:
    # One XCom per task: Airflow would take the annotation for a wish to have one per count.
    return task(task_id=task_id, multiple_outputs=False, **arguments)(function)


def _way(first_read: str, params: dict[str, Any] | None = None) -> str:
    wanted = params or {}
    if wanted["mode"] == Mode.BACKFILL:
        _steps().window_of(wanted)  # a wrong window is better told before anything is done
    elif wanted["since"] or wanted["until"]:
        raise ConfigError("'since' and 'until' go with mode 'backfill'")
    if wanted["dry_run"]:
        return "plan"
    return "backfill" if wanted["mode"] == Mode.BACKFILL else first_read


def _read(link: str, system: str, params: dict[str, Any] | None = None) -> Report:
    mode = Mode((params or {})["mode"])
    return _with_app(lambda app: _steps().read(app, link, system, mode))


def _load(first_shares: str, params: dict[str, Any] | None = None) -> str:
    return first_shares if Mode((params or {})["mode"]) is Mode.FIRST_LOAD else "work_off"


def _shares(link: str, object_name: str) -> list[Any]:
    return _with_app(lambda app: list(_steps().shares(app, link, object_name)))


def _look(link: str, object_name: str, share: Any) -> Report:
    return _with_app(lambda app: _steps().look(app, link, object_name, share))


def _cut(link: str, object_name: str) -> list[Any]:
    return _with_app(lambda app: list(_steps().cut(app, link, object_name)))


def _settle(link: str, object_name: str, bundle: Any) -> Report:
    return _with_app(lambda app: _steps().settle(app, link, object_name, bundle))


def _backfill(link: str, params: dict[str, Any] | None = None) -> Report:
    window = _steps().window_of(params or {})
    return _with_app(lambda app: _steps().backfill(app, link, window))


def _plan(link: str) -> Report:
    return _with_app(lambda app: _steps().plan(app, link))


def _work_off(link: str) -> Report:
    return _with_app(lambda app: _steps().work_off(app, link))


def _push(link: str, system: str) -> Report:
    return _with_app(lambda app: _steps().push(app, link, system))


def _drain(link: str) -> Report:
    return _with_app(lambda app: _steps().drain(app, link))


def _report(link: str, ti: Any = None) -> Report:
    _with_app(lambda app: _steps().release(app, link))
    before = [t for t in ti.task.get_flat_relative_ids(upstream=True) if t != "open"]
    reports = [report for task_id in sorted(before) for report in _reports(ti, task_id)]
    summed: Report = _steps().total(reports)
    return summed


def _reports(ti: Any, task_id: str) -> list[Report]:
    """What a task has counted; one that was mapped has counted in parts, some count nothing."""
    given = ti.xcom_pull(task_ids=task_id)
    return [each for each in ([given] if isinstance(given, dict) else given or ()) if _counts(each)]


def _counts(given: Any) -> bool:
    return isinstance(given, dict) and "token" not in given


# The event lane and its timed twin


def _events(link: LinkConfig) -> DAG:
    doorbell = Asset(name=f"{link.link}_doorbell", uri=doorbell_uri(link.link), group="tandem")
    return _cycle_dag(link, "events", schedule=[doorbell])


def _sweep(link: LinkConfig) -> DAG:
    dag = _cycle_dag(link, "sweep", schedule=_cron(link.schedule.sweep))
    with dag:
        # Beside the other task, not behind it: a link is watched even when it cannot be worked on.
        _step(_watch, "watch")(link.link)
    return dag


def _watch(link: str) -> Report:
    return _with_app(lambda app: dict(_watching().watch(app, link)))


def _cycle_dag(link: LinkConfig, lane: str, schedule: Any) -> DAG:
    with _dag(link, lane, timedelta(hours=1), schedule=schedule) as dag:
        _step(_cycle, "drain")(link.link, lane)
    return dag


def _cycle(link: str, lane: str) -> Report:
    return _with_app(lambda app: _steps().cycle(app, link, _turns().Lane(lane)))


# The live lane


class LiveOperator(BaseOperator):
    """Runs one stretch of a link's live loop. A signal ends it between two steps, in good order."""

    def __init__(self, *, link: str, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.link = link
        self._loop: LiveLoop | None = None
        self._killed = False

    def execute(self, context: Context) -> Report:  # noqa: ARG002  (Airflow's signature)
        """Work until the stretch is over."""

        def run(app: App) -> Report:
            self._loop = _steps().LiveLoop(app, self.link)
            if self._killed:
                self._loop.stop()
            return self._loop.run()

        return _with_app(run)

    def on_kill(self) -> None:
        """Airflow, or whoever sent SIGTERM, wants the task to end."""
        self._killed = True
        if self._loop is not None:
            self._loop.stop()


def _live(link: LinkConfig) -> DAG:
    # No policy here: after a failure for good the next run would begin at once and fail again.
    # Retries wait longer each time, and the notifier speaks when they are used up.
    retries = {
        "retries": 100,
        "retry_delay": timedelta(seconds=1),
        "max_retry_delay": timedelta(minutes=1),
        "retry_policy": None,
    }
    with _dag(
        link,
        "live",
        link.schedule.lease + HANDOVER,
        schedule="@continuous",
        start_date=START,
        default_args=retries,
    ) as dag:
        LiveOperator(task_id="live", link=link.link, pool=LIVE_POOL)
    return dag


# The engine, imported by the task that needs it


def _steps() -> Any:
    return importlib.import_module("tandem.orchestration.steps")


def _watching() -> Any:
    return importlib.import_module("tandem.orchestration.watch")


def _turns() -> Any:
    return importlib.import_module("tandem.orchestration.turns")


def _with_app(work: Callable[[App], Given]) -> Given:
    app: App = importlib.import_module("tandem.orchestration.hook").app_for_airflow()
    try:
        return work(app)
    finally:
        app.close()
