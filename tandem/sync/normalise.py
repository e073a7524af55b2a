"""Normalise: a native record in canonical form, or quarantine. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.base import Record
from tandem.mapping.compiler import CompiledMapping, Reading
from tandem.mapping.transforms import NativeReference
from tandem.model.fields import Plain
from tandem.model.objects import OBJECTS, check_values, mandatory_fields
from tandem.state.quarantine import Quarantined


def normalise(
    record: Record,
    mapping: CompiledMapping,
    link: str,
    agreed: Mapping[str, Plain] | None = None,
) -> Reading | Quarantined:
    """Translate a record.

    A field without a safe reading is refused and the record goes on without it. A record is
    quarantined when what remains is no instance of its object (it has no name, say), or when its
    shape breaks a transform: one malformed record never holds up the others.

    `agreed` is what this record last agreed to, when we know it; see `CompiledMapping.read`.
    """
    try:
        reading = mapping.read(record.values, agreed)
    except Exception as error:  # noqa: BLE001  (whatever a malformed row provokes is about that row)
        return _quarantine(record, mapping, link, {"*": [f"unreadable:{type(error).__name__}"]})
    wrong = check_values(
        mapping.object,
        {
            name: value.native_id if isinstance(value, NativeReference) else value
            for name, value in reading.values.items()
            if value is not None
        },
    )
    mandatory = [name for name in wrong if name in _MANDATORY[mapping.object]]
    if mandatory:
        reasons = {name: list(reading.refused.get(name, ("missing",))) for name in mandatory}
        return _quarantine(record, mapping, link, reasons)
    for name in wrong:
        del reading.values[name]
        reading.refused[name] = ("refused:not_valid",)
    return reading


_MANDATORY = {name: mandatory_fields(name) for name in OBJECTS}


def _quarantine(
    record: Record, mapping: CompiledMapping, link: str, reasons: dict[str, list[str]]
) -> Quarantined:
    return Quarantined(
        link=link,
        object=mapping.object,
        system=mapping.system,
        stream=record.stream,
        native_id=record.native_id,
        reasons=reasons,
        payload=dict(record.values),
    )
