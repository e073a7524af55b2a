"""Pictures of quantities over time, drawn on the server as SVG: no script, no style attribute.

A picture is plain numbers (`Picture`), which is what the JSON of a page holds. `draw` turns it into
coordinates for the template; a slot in which nothing was noted leaves a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from tandem.state.reader.links import Point

WIDTH, HEIGHT = 360.0, 96.0
TOP, BOTTOM = 6.0, 4.0
GAP = 2.5
"""Slots without a value after which a line is broken."""


class Curve(BaseModel):
    """One line of a picture, oldest value first."""

    name: str
    samples: list[Point]

    @property
    def last(self) -> float | None:
        """The latest value."""
        return self.samples[-1].value if self.samples else None


class Picture(BaseModel):
    """Quantities over time.

    Attributes:
        key: stable name.
        title: what it shows, in the language that is spoken.
        unit: what the values are.
        shape: levels are lines, what went by is bars.
        slot: seconds that a value stands for.
    """

    key: str
    title: str
    unit: Literal["seconds", "count", "share"]
    shape: Literal["lines", "bars"]
    since: datetime
    until: datetime
    slot: float
    curves: list[Curve]

    @property
    def empty(self) -> bool:
        """Whether nothing was noted."""
        return not any(curve.samples for curve in self.curves)

    @property
    def highest(self) -> float:
        """The greatest value; bars of one slot stand on each other."""
        if self.shape == "lines":
            return max((s.value for c in self.curves for s in c.samples), default=0.0)
        sums: dict[datetime, float] = {}
        for curve in self.curves:
            for sample in curve.samples:
                sums[sample.at] = sums.get(sample.at, 0.0) + sample.value
        return max(sums.values(), default=0.0)


@dataclass(frozen=True, slots=True)
class Stroke:
    """One curve as SVG path data; `number` chooses its colour and dash, `end` is its last point."""

    number: int
    name: str
    path: str
    area: str
    end: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Bars:
    """The values of one curve as rectangles, in SVG path data; `number` chooses the colour."""

    number: int
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture in coordinates of a box of `WIDTH` by `HEIGHT`."""

    strokes: tuple[Stroke, ...]
    bars: tuple[Bars, ...]


def draw(picture: Picture) -> Drawing:
    """The coordinates of a picture.

    >>> from datetime import UTC
    >>> noon, one = datetime(2026, 3, 1, 12, tzinfo=UTC), datetime(2026, 3, 1, 13, tzinfo=UTC)
    >>> curve = Curve(name="", samples=[Point(noon, 0), Point(one, 2)])
    >>> picture = Picture(key="k", title="", unit="count", shape="lines", since=noon, until=one,
    ...                   slot=3600, curves=[curve])
    >>> draw(picture).strokes[0].path
    'M0.0 92.0 L360.0 6.0'
    """
    if picture.shape == "bars":
        return Drawing((), tuple(_bars(picture)))
    top = picture.highest or 1.0
    return Drawing(tuple(_stroke(picture, n, c, top) for n, c in enumerate(picture.curves, 1)), ())


def latest(picture: Picture, count: int) -> list[tuple[datetime, list[float | None]]]:
    """The latest slots of a picture with the value of every curve, newest first."""
    by_curve = [{sample.at: sample.value for sample in curve.samples} for curve in picture.curves]
    moments = sorted({at for found in by_curve for at in found}, reverse=True)[:count]
    return [(at, [found.get(at) for found in by_curve]) for at in moments]


def _across(picture: Picture) -> Callable[[datetime], float]:
    """Where a moment stands on the x axis."""
    since, whole = picture.since, picture.until - picture.since or timedelta(seconds=1)
    return lambda at: WIDTH * min(max((at - since) / whole, 0.0), 1.0)


def _down(top: float) -> Callable[[float], float]:
    """Where a value stands on the y axis."""
    floor, scale = HEIGHT - BOTTOM, (HEIGHT - BOTTOM - TOP) / top
    return lambda value: floor - scale * value


def _stroke(picture: Picture, number: int, curve: Curve, top: float) -> Stroke:
    paths, areas, x_of, y_of = [], [], _across(picture), _down(top)
    for piece in _pieces(curve.samples, timedelta(seconds=picture.slot * GAP)):
        line = " L".join([f"{x_of(s.at):.1f} {y_of(s.value):.1f}" for s in piece])
        first, last = x_of(piece[0].at), x_of(piece[-1].at)
        paths.append(f"M{line}")
        areas.append(f"M{first:.1f} {HEIGHT} L{line} L{last:.1f} {HEIGHT} Z")
    end = curve.samples[-1] if curve.samples else None
    place = (round(x_of(end.at), 1), round(y_of(end.value), 1)) if end else None
    return Stroke(number, curve.name, " ".join(paths), " ".join(areas), place)


def _pieces(samples: Sequence[Point], gap: timedelta) -> Iterator[list[Point]]:
    piece: list[Point] = []
    for sample in samples:
        if piece and sample.at - piece[-1].at > gap:
            yield piece
            piece = []
        piece.append(sample)
    if piece:
        yield piece


def _bars(picture: Picture) -> Iterator[Bars]:
    x_of, y_of = _across(picture), _down(picture.highest or 1.0)
    whole = (picture.until - picture.since).total_seconds() or 1.0
    width = round(max(WIDTH * picture.slot / whole - 1, 1.5), 1)
    floors: dict[float, float] = {}
    for number, curve in enumerate(picture.curves, 1):
        path = []
        for sample in curve.samples:
            if sample.value <= 0:
                continue
            x = x_of(sample.at)
            below = floors.get(x, 0.0)
            above = floors[x] = below + sample.value
            y = y_of(above)
            tall = max(y_of(below) - y, 1.0)
            path.append(f"M{min(x, WIDTH - width):.1f} {y:.1f} h{width} v{tall:.1f} h-{width} Z")
        yield Bars(number, " ".join(path))
