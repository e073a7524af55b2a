"""A test that CI requires cannot be skipped unnoticed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).with_name("conftest.py")
MARKERS = Path(__file__).resolve().parents[1] / ".ci" / "markers"

SUITE = """
    import pytest

    @pytest.mark.postgres
    def test_with_server():
        pytest.skip("no PostgreSQL here")

    @pytest.mark.postgres
    @pytest.mark.skip(reason="switched off")
    def test_switched_off():
        pass

    @pytest.fixture
    def server():
        pytest.skip("there is none")

    @pytest.mark.postgres
    def test_with_fixture(server):
        pass

    @pytest.mark.postgres
    def test_that_does_not_apply():
        pytest.skip("this system cannot delete")

    @pytest.fixture
    def browser():
        pytest.skip("no browser here")

    @pytest.mark.postgres
    @pytest.mark.browser
    def test_with_both(browser):
        pass

    def test_without_folder():
        pytest.skip("no such folder")
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("TANDEM_TEST_REQUIRE", raising=False)
    pytester.makeconftest(CONFTEST.read_text())
    markers = ["postgres: needs a server", "browser: needs one", "xdist_group: of xdist"]
    pytester.makeini("[pytest]\nmarkers =\n    " + "\n    ".join(markers))
    pytester.makepyfile(SUITE)
    return pytester


def test_a_skip_is_a_skip_on_a_developers_machine(suite: pytest.Pytester) -> None:
    suite.runpytest().assert_outcomes(skipped=6)


def test_a_required_test_that_is_skipped_fails(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_TEST_REQUIRE", "postgres")
    result = suite.runpytest("-ra")
    counts = result.parseoutcomes()
    assert counts.get("failed", 0) + counts.get("errors", 0) == 3
    assert counts["skipped"] == 3  # one does not apply, one wants a browser too, one is unmarked
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*wants postgres tested, but: Skipped: no PostgreSQL here*"])


def test_a_misspelt_requirement_is_told(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_TEST_REQUIRE", "postgress")
    result = suite.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is no marker postgress*"])


@pytest.mark.parametrize(
    ("programs", "named", "markers"),
    [
        ((), None, "postgres,tryton,airflow"),
        (("google-chrome",), None, "postgres,tryton,airflow,browser"),
        (("own-browser",), "own-browser", "postgres,tryton,airflow,browser"),
        (("chromium",), "gone", "postgres,tryton,airflow,browser"),
    ],
)
def test_ci_requires_the_browser_where_there_is_one(
    programs: tuple[str, ...], named: str | None, markers: str, tmp_path: Path
) -> None:
    for name in programs:
        program = tmp_path / name
        program.write_text("")
        program.chmod(0o755)
    environment = {"PATH": str(tmp_path)} | ({"CHROMIUM": named} if named else {})
    told = subprocess.run(
        ["/bin/bash", str(MARKERS)], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout == f"{markers}\n"


@pytest.mark.xdist_group("together")
def test_tests_that_share_a_server_are_kept_on_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist knows a group by the end of a test's id: else each worker would start it."""
    grouped = bool(request.config.getoption("loadgroup", False))
    assert request.node.nodeid.endswith("@together") == grouped
