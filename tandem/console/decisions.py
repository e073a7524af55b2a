"""From a form, or a JSON body, to the decision that a question takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StrictBool

from tandem.console.choices import Choice, Input
from tandem.console.language import gettext as _
from tandem.decide import DecisionError
from tandem.model.fields import Kind
from tandem.settings import DeletePolicy


class Decision(BaseModel):
    """An answer; which parts it has is said by the kind of the question.

    Attributes:
        value: for the field; an empty one empties it.
        take: the value that this system holds, in each question of a group.
        canonical_id: the new record is this one, or none of the candidates.
        merge_into: both records are one, and this one stays.
        choices: values that survive a merge, by field.
        keep_apart: the records are two.
        policy: of a deletion.
        approve: carry it out, or drop it.
        native_id: it was created as this record; empty: it was not, send it again.
    """

    model_config = ConfigDict(extra="forbid")

    value: JsonValue = None
    take: str | None = Field(default=None, max_length=80)
    canonical_id: str | None = Field(default=None, max_length=32)
    merge_into: str | None = Field(default=None, max_length=32)
    choices: dict[str, JsonValue] = {}
    keep_apart: StrictBool = True
    policy: DeletePolicy | None = None
    approve: StrictBool = True
    native_id: str | None = Field(default=None, max_length=255)

    def plain(self) -> dict[str, Any]:
        """The parts that were given.

        Raises:
            DecisionError: one of them cannot be stored.
        """
        given = self.model_dump(exclude_unset=True, mode="json")
        if b"\\u0000" in orjson.dumps(given):
            raise DecisionError("an answer has no character without a sign")
        return given


def decision_of(
    choice: Choice | None, typed: Input | None, fields: Mapping[str, str]
) -> dict[str, Any]:
    """The decision that a form says.

    Raises:
        DecisionError: nothing was chosen, or what was typed cannot be the value.
    """
    if choice is None:
        raise DecisionError(_("choose an answer first"))
    if choice.decision is not None:
        merges = "merge_into" in choice.decision
        chosen = survivors(fields) if merges else {}
        return choice.decision | ({"choices": chosen} if chosen else {})
    if choice.key == "native_id":
        native_id = fields.get("native_id", "").strip()
        if not native_id or len(native_id) > 255:
            raise DecisionError(_("type the record's number in its system"))
        return Decision(native_id=native_id).plain()
    if typed is None:
        raise DecisionError(_("choose an answer first"))
    return Decision(value=typed_value(typed, fields)).plain()


def survivors(fields: Mapping[str, str]) -> dict[str, Any]:
    """Values of a merge that a person chose, by field: `survives.FIELD` holds one as JSON.

    Raises:
        DecisionError: one of them is none.
    """
    try:
        return {
            name.removeprefix("survives."): orjson.loads(text)
            for name, text in fields.items()
            if name.startswith("survives.") and text
        }
    except orjson.JSONDecodeError:
        raise DecisionError(_("the form is incomplete: load the page again")) from None


def typed_value(typed: Input, fields: Mapping[str, str]) -> Any:
    """The canonical value that was typed; None of an empty field.

    >>> number = Input(kind="integer", parts=[], value=None, suggestions=[])
    >>> typed_value(number, {"value": " 42 "}), typed_value(number, {"value": ""})
    (42, None)

    Raises:
        DecisionError: it is none of its kind.
    """
    if typed.parts:
        parts = {name: fields.get(f"value.{name}", "").strip() or None for name in typed.parts}
        return parts if any(parts.values()) else None
    text = fields.get("value", "").replace("\r", "").strip()
    if typed.kind == Kind.TEXT_SET:
        return sorted({line.strip() for line in text.split("\n") if line.strip()})
    if not text:
        return None
    if typed.kind == Kind.BOOLEAN:
        return text == "true"
    if typed.kind == Kind.INTEGER:
        if not text.removeprefix("-").isdecimal():
            raise DecisionError(_("type a whole number"))
        return int(text)
    return text
