"""Parts: which records of a load hang together, so that the rest can be settled beside them. Pure.

    1 Acme GmbH, DE123      3 ACME, DE 123       one part: the two may be one
    2 Birke AG, DE456       4 Cedro SL, ES789    a part each: nobody will ever compare their fates

A key that two records share is no reason, or nearly all would hang together; that their pair would
be linked or asked about is one. So is whatever makes the judgement on one depend on the other.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from tandem.matching.incremental import MOST_PER_KEY, NAME_KEY, Matcher, Values
from tandem.matching.scored import probability_of

Evidence = Callable[[int], Values]
"""What a record says, by its number."""

ROWS_PER_CHAIN = 2
"""A key is too common when more than `MOST_PER_KEY` parties have it; each may come twice."""


def parts(
    found_by: Mapping[int, Sequence[str]],
    tied_by: Mapping[int, Sequence[str]],
    evidence: Evidence,
    matcher: Matcher,
) -> list[list[int]]:
    """The records by part, each part in ascending order.

    Args:
        found_by: record → its match keys.
        tied_by: record → names; records that share one are never parted.
        evidence: what a record says.
        matcher: judges the pairs.
    """
    return _Parting(found_by, evidence, matcher).run(tied_by)


def bundles(found: Iterable[Sequence[int]], count: int) -> list[list[int]]:
    """Parts packed into so many bundles of about one size; a part is never split.

    >>> bundles([[1, 2, 3], [4], [5, 6], [7]], 2)
    [[1, 2, 3, 7], [4, 5, 6]]
    """
    packed: list[list[int]] = [[] for _ in range(count)]
    sizes = [(0, number) for number in range(count)]
    for part in sorted(found, key=lambda part: (-len(part), part[0])):
        size, number = heapq.heappop(sizes)
        packed[number].extend(part)
        heapq.heappush(sizes, (size + len(part), number))
    return [sorted(bundle) for bundle in packed if bundle]


class _Groups:
    """Records in disjoint groups that can be joined."""

    def __init__(self, records: Iterable[int]) -> None:
        self._parent = {record: record for record in records}
        self.members = {record: [record] for record in self._parent}

    def of(self, record: int) -> int:
        """The record that stands for the group of this one."""
        while (parent := self._parent[record]) != record:
            self._parent[record] = self._parent[parent]
            record = parent
        return record

    def join(self, one: int, other: int) -> None:
        """Make one group of two."""
        one, other = self.of(one), self.of(other)
        if one == other:
            return
        if len(self.members[one]) < len(self.members[other]):
            one, other = other, one
        self._parent[other] = one
        self.members[one] += self.members.pop(other)


class _Parting:
    def __init__(
        self, found_by: Mapping[int, Sequence[str]], evidence: Evidence, matcher: Matcher
    ) -> None:
        self._evidence = evidence
        self._matcher = matcher
        found = {record: [k for k in keys if matcher.finds(k)] for record, keys in found_by.items()}
        counts = Counter(key for keys in found.values() for key in keys)
        most = MOST_PER_KEY * ROWS_PER_CHAIN
        self._useful = {
            record: [key for key in keys if 1 < counts[key] <= most]
            for record, keys in found.items()
        }
        self._names = {
            record: [key for key in keys if key.startswith(NAME_KEY) and counts[key] > 1]
            for record, keys in found.items()
        }
        self._counts = counts
        self._parts = _Groups(found)
        self._alike = _Groups(found)
        self._counted: set[str] = set()

    def run(self, tied_by: Mapping[int, Sequence[str]]) -> list[list[int]]:
        self._tie(tied_by)
        by_key: dict[str, list[int]] = defaultdict(list)
        for record in sorted(self._useful):
            near = {other for key in self._useful[record] for other in by_key[key]}
            for other in sorted(near):
                self._judge(other, record)
            for key in self._useful[record]:
                by_key[key].append(record)
        self._tie({r: [k for k in names if k in self._counted] for r, names in self._names.items()})
        self._join_what_is_alike_together(by_key)
        return sorted(sorted(part) for part in self._parts.members.values())

    def _tie(self, tied_by: Mapping[int, Sequence[str]]) -> None:
        first: dict[str, int] = {}
        for record, names in tied_by.items():
            for name in names:
                self._parts.join(record, first.setdefault(name, record))

    def _judge(self, one: int, other: int) -> None:
        left, right = self._evidence(one), self._evidence(other)
        scored = self._matcher.compare(left, right)
        if scored.decision == "apart":
            return
        self._alike.join(one, other)
        self._parts.join(one, other)
        names = {*self._names[one], *self._names[other]}
        known = min(max((self._counts[name] for name in names), default=1), MOST_PER_KEY)
        if self._matcher.compare(left, right, same_name=known).decision != scored.decision:
            # How many have the name decides: they have to be met in the order in which they came.
            self._counted |= names

    def _join_what_is_alike_together(self, by_key: Mapping[str, Sequence[int]]) -> None:
        """Two records that are linked say together what neither says alone: who is like both?"""
        waiting = [group for group, members in self._alike.members.items() if len(members) > 1]
        while waiting:
            group = waiting.pop()
            members = self._alike.members.get(group)
            if members is None:
                continue
            near = {r for m in members for key in self._useful[m] for r in by_key[key]}
            for other in sorted({self._alike.of(record) for record in near} - {group}):
                if self._may_be_alike(members, self._alike.members[other]):
                    self._alike.join(group, other)
                    self._parts.join(group, other)
                    waiting.append(self._alike.of(group))
                    break

    def _may_be_alike(self, ours: Sequence[int], theirs: Sequence[int]) -> bool:
        """Whether the best that any two of them show, field by field, would be asked about."""
        best: dict[str, float] = {}
        shown: Counter[str] = Counter()
        for one in ours:
            for other in theirs:
                for level in self._matcher.compare(
                    self._evidence(one), self._evidence(other)
                ).levels:
                    best[level.field] = max(best.get(level.field, level.weight), level.weight)
                    shown[level.field] += 1
        pairs = len(ours) * len(theirs)
        total = self._matcher.model.prior + sum(
            # A field that one of them lacks may be missing from what they say together.
            weight if shown[field] == pairs else max(weight, 0.0)
            for field, weight in best.items()
        )
        return probability_of(total) >= self._matcher.model.review
