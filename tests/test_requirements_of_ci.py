"""A test that CI requires cannot be skipped unnoticed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).with_name("conftest.py")

SUITE = """
    import pytest

    @pytest.mark.postgres
    def test_with_server():
        pytest.skip("no PostgreSQL here")

    @pytest.mark.postgres
    @pytest.mark.skip(reason="switched off")
    def test_switched_off():
        pass

    def test_without_folder():
        pytest.skip("no such folder")
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("TANDEM_TEST_REQUIRE", raising=False)
    pytester.makeconftest(CONFTEST.read_text())
    pytester.makeini("[pytest]\nmarkers =\n    postgres: needs a server\n    xdist_group: of xdist")
    pytester.makepyfile(SUITE)
    return pytester


def test_a_skip_is_a_skip_on_a_developers_machine(suite: pytest.Pytester) -> None:
    suite.runpytest().assert_outcomes(skipped=3)


def test_a_required_test_that_is_skipped_fails(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_TEST_REQUIRE", "postgres")
    result = suite.runpytest("-ra")
    # Both ends of a test count: one skipped in its body, one before its set-up.
    counts = result.parseoutcomes()
    assert counts.get("failed", 0) + counts.get("errors", 0) == 2
    assert counts["skipped"] == 1
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*wants postgres tested, but: Skipped: no PostgreSQL here*"])


def test_a_misspelt_requirement_is_told(
    suite: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_TEST_REQUIRE", "postgress")
    result = suite.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*there is no marker postgress*"])
