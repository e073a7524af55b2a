"""`/metrics`: the figures of the overview for a monitoring system."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from connectors.base import Rejected
from tandem.console.config import ConsoleConfig, Metrics


def values(text: str) -> dict[str, float]:
    return {
        " ".join([sample.name, *(f"{k}={v}" for k, v in sorted(sample.labels.items()))]): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_figures_of_a_link(world, login):
    crm_id, _ = world.pair(phone="1")
    world.crm.edit("Account", crm_id, phone="2")
    world.clock.advance(9)
    world.cycle()
    world.erp.reject = lambda _stream, _write: Rejected("NO", "no")
    world.crm.insert("Account", name="Zeta")
    world.cycle()
    answer = login().get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    told = values(answer.text)
    link = "link=customers"
    assert told[f"tandem_freshness_seconds {link} quantile=0.95"] == 10.0
    assert told[f"tandem_writes_total {link} what=create"] == 1.0
    assert told[f"tandem_writes_total {link} what=update"] == 1.0
    assert told[f"tandem_rejected_total {link} what="] == 1.0
    assert told[f"tandem_dead_letters {link}"] == 1.0
    assert told[f"tandem_linked_records {link} object=account system=crm"] == 1.0
    assert told[f"tandem_oldest_unsent_seconds {link}"] == 0.0
    assert told[f"tandem_last_run_ok {link}"] == 1.0
    assert told[f"tandem_last_run_timestamp_seconds {link}"] > 0
    assert told[f"tandem_last_compare_timestamp_seconds {link}"] == 0.0


def test_who_may_read_them(console, anybody, monkeypatch):
    nobody = {"Authorization": "Bearer "}
    answer = anybody.get("/metrics", headers=nobody, follow_redirects=False)
    assert answer.status_code == 303
    monkeypatch.setenv("METRICS_TOKEN", "s3cret")
    console.settings = ConsoleConfig(metrics=Metrics(token="env:METRICS_TOKEN"))
    good = {"Authorization": "Bearer s3cret"}
    assert anybody.get("/metrics", headers=good).status_code == 200
    for bad in ("", "Bearer", "Bearer s3cre", "Basic s3cret", "Bearer s3cretx"):
        answer = anybody.get("/metrics", headers={"Authorization": bad}, follow_redirects=False)
        assert answer.status_code == 303
        assert "tandem_" not in answer.text


def test_a_token_that_leads_nowhere_opens_nothing(console, anybody):
    console.settings = ConsoleConfig(metrics=Metrics(token="env:NOT_SET_ANYWHERE"))
    answer = anybody.get("/metrics", follow_redirects=False)
    assert answer.status_code == 422
    assert "tandem_" not in answer.text
