"""What templates do with questions: reasons as bars, fields side by side, answers in words."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel

from tandem.console.compare import Mark, marks
from tandem.console.language import gettext as _
from tandem.console.templating import environment, words
from tandem.console.words import kind_name


class Bar(BaseModel):
    """A reason as a bar; positions are in hundredths of the width, `zero` is where none is."""

    field: str
    level: str
    weight: float
    x: float
    width: float
    zero: float


def bars(levels: list[dict[str, Any]]) -> list[Bar]:
    """Reasons as a waterfall: each bar begins where the one before it ended.

    >>> levels = [{"field": "name", "level": "exact", "weight": 6.0},
    ...           {"field": "phone", "level": "differs", "weight": -2.0}]
    >>> [(bar.x, bar.width) for bar in bars(levels)]
    [(0.0, 100.0), (66.7, 33.3)]
    """
    ends, total = [0.0], 0.0
    for level in levels:
        total += level["weight"]
        ends.append(total)
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    return [
        Bar(
            field=level["field"],
            level=str(level["level"]).replace("_", " "),
            weight=level["weight"],
            x=round((min(start, end) - low) / span * 100, 1),
            width=round(abs(end - start) / span * 100, 1),
            zero=round(-low / span * 100, 1),
        )
        for level, start, end in zip(levels, ends, ends[1:], strict=False)
    ]


def field_names(question: dict[str, Any]) -> list[str]:
    """Fields that any of the records of a question about duplicates holds, `name` first."""
    records = [question.get("record") or {}]
    for part in ("candidates", "pair", "double"):
        records += [each["values"] for each in question.get(part, ())]
    names = dict.fromkeys(name for record in records for name in record)
    return sorted(names, key=lambda name: (name != "name", list(names).index(name)))


def compared(before: Any, after: Any) -> list[Mark]:
    """A value with what differs from another one marked in it."""
    return marks(words(before), words(after))


def reason(code: str) -> str:
    """A reason of a cleanser in words.

    >>> reason("refused:city_unknown")
    'city unknown'
    """
    return code.rpartition(":")[2].replace("_", " ")


def answer(decision: dict[str, Any] | None) -> str:
    """A decision in words.

    >>> answer({"value": "Kyiv"}), answer({"approve": False}), answer({})
    ('Kyiv', 'dropped', 'left as it is')
    """
    (name, value), *_rest = (decision or {"": None}).items()
    told = {
        "": _("left as it is"),
        "value": words(value) or _("empty"),
        "take": _("the value of %(value)s") % {"value": value},
        "policy": str(value),
        "merge_into": _("merged into %(value)s") % {"value": value},
        "approve": _("approved") if value else _("dropped"),
        "keep_apart": _("kept apart"),
        "canonical_id": _("it is %(value)s") % {"value": value} if value else _("kept apart"),
        "native_id": _("created as %(value)s") % {"value": value}
        if value
        else _("not created: sent again"),
    }
    return told.get(name, name)


def becomes(code: str) -> str:
    """What becomes of a native record in a merge, in words."""
    told = {
        "survivor": _("stays"),
        "moves": _("stays and belongs to the other one"),
        "merged": _("is merged into"),
    }
    return told.get(code, code)


def install() -> None:
    """Make them known to the templates."""
    environment().filters |= {
        "bars": bars,
        "field_names": field_names,
        "compared": compared,
        "reason": reason,
        "answer": answer,
        "becomes": becomes,
        "kind_name": kind_name,
        "json": lambda value: orjson.dumps(value).decode(),
    }
