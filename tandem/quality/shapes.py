"""What the scorecard counts, taken from the mappings of a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tandem.mapping.schema import Direction
from tandem.mapping.schema import Mapping as MappingFile
from tandem.model.objects import OBJECTS, mandatory_fields
from tandem.model.scorecard import Shape


def shapes_of(
    mappings: Mapping[tuple[str, str], MappingFile], systems: Iterable[str], objects: Iterable[str]
) -> tuple[Shape, ...]:
    """One shape per (object, system) of a link that is mapped, parents before children.

    A field is mandatory in a system whose mapping marks it `required`, and in every system when
    there is no such object without it.
    """
    wanted, systems = set(objects), tuple(systems)
    shapes = []
    for object_name in OBJECTS:
        here = {s: m for s in systems if (m := mappings.get((object_name, s))) is not None}
        if object_name not in wanted:
            continue
        shapes += [_shape(mapping, here) for mapping in here.values()]
    return tuple(shapes)


def _shape(mapping: MappingFile, here: Mapping[str, MappingFile]) -> Shape:
    read = [name for name, f in mapping.fields.items() if f.direction is not Direction.WRITE]
    insist = {name: _who_insists(mapping.object, name, here) for name in read}
    return Shape(
        object=mapping.object,
        system=mapping.system,
        stream=mapping.stream,
        fields=tuple(read),
        owner=mapping.owner,
        mandatory={name: systems for name, systems in insist.items() if systems},
    )


def _who_insists(object_name: str, field: str, here: Mapping[str, MappingFile]) -> tuple[str, ...]:
    always = field in mandatory_fields(object_name)
    return tuple(
        system
        for system, mapping in here.items()
        if (mapped := mapping.fields.get(field)) is not None and (always or mapped.required)
    )
