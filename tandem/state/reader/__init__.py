"""Reads the state for people: status, questions, dead letters, history. It cannot write.

A reader has connections of its own that the database itself keeps from writing, so nothing that the
console or a listing does can change the state. Each `with reader.view()` is one consistent picture
of one moment; on SQLite it takes no lock that a worker would have to wait for.

Queries of one topic stand in a module of their own here, as functions of the connection of a view:

    with reader.view() as connection:
        status = status_of(connection, "customers", now=now, runs=5)
"""

from tandem.state.reader.facts import Fact
from tandem.state.reader.quotas import QuotaStatus, quotas_of
from tandem.state.reader.reader import Question, Reader
from tandem.state.reader.status import Freshness, Holder, LinkStatus, Position, Run
from tandem.state.trend import LATEST_WRITES, UNSENT, percentile

__all__ = [
    "LATEST_WRITES",
    "UNSENT",
    "Fact",
    "Freshness",
    "Holder",
    "LinkStatus",
    "Position",
    "Question",
    "QuotaStatus",
    "Reader",
    "Run",
    "percentile",
    "quotas_of",
]
