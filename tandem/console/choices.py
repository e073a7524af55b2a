"""The choices that a question offers, and what each of them would write where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from tandem.console.language import gettext as _
from tandem.console.templating import words
from tandem.mapping.schema import Direction
from tandem.mapping.schema import Mapping as MappingFile
from tandem.model.fields import Kind, is_empty, label, same
from tandem.model.objects import Address, field_types
from tandem.state.chain import Chain, SideState
from tandem.state.review import ReviewItem, ReviewKind

MappingFiles = Mapping[tuple[str, str], MappingFile]


class WriteLine(BaseModel):
    """What a choice does to one field of one system.

    Attributes:
        columns: native columns that hold the field.
        changes: whether anything is written; otherwise the value stands there already.
    """

    system: str
    columns: list[str]
    before: Any
    after: Any
    changes: bool


class Choice(BaseModel):
    """One answer.

    Attributes:
        key: names it in a form.
        label: what a person reads.
        detail: what it means, in a sentence.
        decision: what it decides; None where a value has to be given first.
        writes: what it writes where, as far as that is known.
        danger: whether it deletes something.
        group: whether it can answer the whole group.
    """

    key: str
    label: str
    detail: str = ""
    decision: dict[str, Any] | None = None
    writes: list[WriteLine] = []
    danger: bool = False
    group: bool = True


class Input(BaseModel):
    """How a value of a field is typed.

    Attributes:
        kind: of the field.
        parts: names of the parts of a composite.
        value: what stands there at first.
        suggestions: values that are known.
    """

    kind: str
    parts: list[str]
    value: Any
    suggestions: list[str]


def choices_of(item: ReviewItem, chain: Chain | None, mappings: MappingFiles) -> list[Choice]:
    """The choices of a question in the order of the keys that take them."""
    make = _CHOICES.get(item.kind)
    found = make(item) if make else []
    for choice in found:
        if choice.decision is not None and "value" in choice.decision and chain is not None:
            choice.writes = writes(item, chain, mappings, choice.decision["value"])
    return found


def writes(item: ReviewItem, chain: Chain, mappings: MappingFiles, value: Any) -> list[WriteLine]:
    """What a value for the question's field leads to on each side of its record."""
    if item.field is None:
        return []
    kind = field_types(item.object)[item.field].kind
    found = []
    for side in chain.sides:
        mapping = mappings.get((item.object, side.system))
        mapped = mapping.fields.get(item.field) if mapping else None
        if side.state is not SideState.LINKED or side.deleted or mapped is None:
            continue
        held = side.values.get(item.field)
        read_only = mapped.direction is Direction.READ
        found.append(
            WriteLine(
                system=side.system,
                columns=[mapped.column] if mapped.column else list(mapped.columns.values()),
                before=held,
                after=held if read_only else value,
                changes=not read_only
                and not (item.field in side.values and same(kind, held, value)),
            )
        )
    return found


def input_of(item: ReviewItem, known: Mapping[str, tuple[tuple[str, str], ...]]) -> Input | None:
    """How a value of one's own is typed; None where the question takes none."""
    if item.field is None or item.kind not in _FREE:
        return None
    kind = field_types(item.object)[item.field].kind
    parts: list[str] = []
    if kind is Kind.ADDRESS:
        parts = list(Address.model_fields)
    elif kind is Kind.PERSON_NAME:
        parts = ["given", "middle", "family"]
    sides = item.question.get("sides") or {}
    value = next(
        (v for v in (*sides.values(), item.question.get("golden")) if not is_empty(v)), None
    )
    codes = sorted({code for _text, code in known.get(item.field, ())})
    suggestions = codes or sorted({words(v) for v in sides.values() if not is_empty(v)})
    return Input(kind=kind, parts=parts, value=value, suggestions=suggestions)


def _taken(item: ReviewItem) -> list[Choice]:
    return [
        Choice(
            key=f"take:{system}",
            label=_("Take %(system)s: %(value)s")
            % {"system": system, "value": words(value) or _("empty")},
            decision={"value": value},
        )
        for system, value in item.question["sides"].items()
    ]


def _own(label_text: str) -> Choice:
    return Choice(key="value", label=label_text)


def _conflict(item: ReviewItem) -> list[Choice]:
    return [*_taken(item), _own(_("Type another value"))]


def _value(_item: ReviewItem) -> list[Choice]:
    return [_own(_("Type the value"))]


def _refused(item: ReviewItem) -> list[Choice]:
    golden = item.question.get("golden")
    kept = Choice(
        key="keep",
        label=_("Keep %(value)s") % {"value": words(golden) or _("it empty")},
        decision={"value": golden},
    )
    return [_own(_("Type what it means")), kept]


def _rewrite(item: ReviewItem) -> list[Choice]:
    question = item.question
    return [
        Choice(
            key="leave",
            label=_("Leave it as %(system)s has it") % {"system": item.system},
            detail=_("The other systems keep their own form."),
            decision={},
        ),
        Choice(
            key="take",
            label=_("Take %(value)s everywhere") % {"value": words(question.get("shown"))},
            decision={"value": question.get("shown")},
        ),
        _own(_("Type another value")),
    ]


def _duplicate(item: ReviewItem) -> list[Choice]:
    question = item.question
    apart = Choice(
        key="apart",
        label=_("Keep apart"),
        detail=_("They are two: nobody is asked about them again."),
        decision={"canonical_id": None} if "candidates" in question else {"keep_apart": True},
    )
    if "candidates" in question:
        found = [
            Choice(
                key=f"link:{each['canonical_id']}",
                label=_("It is %(name)s") % {"name": label(each["values"])},
                decision={"canonical_id": each["canonical_id"]},
                group=False,
            )
            for each in question["candidates"]
        ]
        return [*found, apart]
    if "pair" in question:
        found = [
            Choice(
                key=f"merge:{each['canonical_id']}",
                label=_("Merge, %(name)s stays") % {"name": label(each["values"])},
                decision={"merge_into": each["canonical_id"]},
                group=False,
            )
            for each in question["pair"]
        ]
        return [*found, apart]
    one = Choice(
        key="merge",
        label=_("Merge them in %(system)s") % {"system": item.system},
        decision={"merge_into": item.canonical_id},
        group=False,
    )
    return [one, apart]


def _deletion(_item: ReviewItem) -> list[Choice]:
    told = (
        (
            "propagate",
            _("Delete it everywhere"),
            _("The record is deleted on the other sides too."),
        ),
        ("restore", _("Bring it back"), _("The record is created again where it was deleted.")),
        ("deactivate", _("Keep it, inactive"), _("The other sides keep the record as inactive.")),
        ("unlink", _("Leave the others alone"), _("They are no longer kept in step with it.")),
    )
    return [
        Choice(
            key=f"policy:{policy}",
            label=text,
            detail=detail,
            decision={"policy": policy},
            danger=policy == "propagate",
        )
        for policy, text, detail in told
    ]


def _approval(yes: str, no: str, *, danger: bool = False) -> list[Choice]:
    return [
        Choice(key="approve", label=yes, decision={"approve": True}, danger=danger, group=False),
        Choice(key="reject", label=no, decision={"approve": False}, group=False),
    ]


def _delete_approval(_item: ReviewItem) -> list[Choice]:
    return _approval(_("Carry the deletions out"), _("Drop the deletions"), danger=True)


def _gate(_item: ReviewItem) -> list[Choice]:
    return _approval(_("Let the batch go on"), _("Set the batch aside"))


def _drift(item: ReviewItem) -> list[Choice]:
    if not item.question.get("acceptable"):
        return []
    return _approval(_("It is meant to be so"), "")[:1]


def _restored(_item: ReviewItem) -> list[Choice]:
    return _approval(_("Its old state is the truth now"), _("Bring back what it lost"))


def _unknown(_item: ReviewItem) -> list[Choice]:
    return [
        Choice(key="native_id", label=_("It was created, as number …"), group=False),
        Choice(
            key="resend",
            label=_("It was not created: send it again"),
            decision={"native_id": None},
            group=False,
        ),
    ]


_CHOICES = {
    ReviewKind.CONFLICT: _conflict,
    ReviewKind.MANDATORY_GAP: _value,
    ReviewKind.REFUSED_VALUE: _refused,
    ReviewKind.REWRITE: _rewrite,
    ReviewKind.DUPLICATE: _duplicate,
    ReviewKind.DELETION: _deletion,
    ReviewKind.DELETE_APPROVAL: _delete_approval,
    ReviewKind.QUALITY_GATE: _gate,
    ReviewKind.UNKNOWN_OUTCOME: _unknown,
    ReviewKind.DRIFT: _drift,
    ReviewKind.RESTORED_SYSTEM: _restored,
}

_FREE = frozenset(
    {
        ReviewKind.CONFLICT,
        ReviewKind.MANDATORY_GAP,
        ReviewKind.REFUSED_VALUE,
        ReviewKind.REWRITE,
    }
)
