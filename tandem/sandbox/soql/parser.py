"""Reads the part of SOQL that the sandbox speaks.

    SELECT columns | FIELDS(ALL|STANDARD|CUSTOM) | COUNT() | COUNT(column)
    FROM object [WHERE condition] [ORDER BY column [ASC|DESC] [NULLS FIRST|LAST], …]
    [LIMIT n] [OFFSET n]

As in the real language, `AND` and `OR` do not mix without parentheses, text stands in single quotes
with backslash escapes, and date-times are bare.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tandem.sandbox.clock import parse_datetime
from tandem.sandbox.errors import ApiError
from tandem.sandbox.soql.tree import (
    Both,
    Comparison,
    Condition,
    Count,
    FieldGroup,
    Literal,
    Membership,
    Moment,
    Negation,
    Operator,
    Ordering,
    Query,
    Selection,
)

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<sign><=|>=|!=|<>|[=<>(),])
    | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_CONSTANTS: dict[str, Literal] = {"TRUE": True, "FALSE": False, "NULL": None}
_SIGNS = {"<>": "!="}
_T = TypeVar("_T")
LIKE_WILDCARDS = frozenset("%_")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse(soql: str) -> Query:
    """Read a query.

    >>> query = parse("SELECT Id, Name FROM Account WHERE Name LIKE 'A%' ORDER BY Id LIMIT 5")
    >>> query.selections, query.sobject, query.limit
    ((('Id',), ('Name',)), 'Account', 5)
    >>> query.where
    Comparison(path=('Name',), operator=<Operator.LIKE: 'LIKE'>, value='A%')

    Raises:
        ApiError: `MALFORMED_QUERY`, with the place.
    """
    return _Parser(soql).query()


def _tokens(soql: str) -> list[_Token]:
    tokens: list[_Token] = []
    position = 0
    while not tokens or tokens[-1].kind != "end":
        match = _TOKEN.match(soql, position)
        if match is None or match.lastgroup is None:
            message = f"unexpected token: '{soql[position : position + 10].strip()[:1]}'"
            raise ApiError("MALFORMED_QUERY", message)
        kind = match.lastgroup
        tokens.append(_Token(kind, match[kind], match.start(kind)))
        position = match.end()
    return tokens


class _Parser:
    def __init__(self, soql: str) -> None:
        self._tokens = _tokens(soql)
        self._index = 0

    # --- the grammar, top down ------------------------------------------------------------------

    def query(self) -> Query:
        self._expect_word("SELECT")
        selections = self._list(self._selection)
        self._expect_word("FROM")
        query = Query(
            selections=selections,
            sobject=self._take("word").text,
            where=self._condition() if self._skip_word("WHERE") else None,
            order_by=self._orderings(),
            limit=self._whole_number() if self._skip_word("LIMIT") else None,
            offset=self._whole_number() if self._skip_word("OFFSET") else 0,
        )
        self._take("end")
        return query

    def _selection(self) -> Selection:
        token = self._take("word")
        if not self._skip_sign("("):
            return _path(token)
        function = token.text.upper()
        argument = None if self._at_sign(")") else self._take("word")
        self._expect_sign(")")
        if function == "COUNT":
            return Count(_path(argument) if argument else None)
        if function == "FIELDS" and argument and argument.text.upper() in _FIELD_GROUPS:
            return FieldGroup(argument.text.upper())
        raise _unexpected(token)

    def _condition(self) -> Condition:
        first = self._term()
        for word in ("AND", "OR"):
            parts = [first]
            while self._skip_word(word):
                parts.append(self._term())
            if len(parts) > 1:
                return Both(word, tuple(parts))
        return first

    def _term(self) -> Condition:
        if self._skip_word("NOT"):
            return Negation(self._term())
        if self._skip_sign("("):
            condition = self._condition()
            self._expect_sign(")")
            return condition
        return self._comparison()

    def _comparison(self) -> Condition:
        path = _path(self._take("word"))
        if self._skip_word("NOT"):
            self._expect_word("IN")
            return Membership(path, self._literals(), negated=True)
        if self._skip_word("IN"):
            return Membership(path, self._literals(), negated=False)
        if self._skip_word("LIKE"):
            return Comparison(path, Operator.LIKE, self._like_pattern())
        token = self._take("sign")
        sign = _SIGNS.get(token.text, token.text)
        if sign not in set(Operator):
            raise _unexpected(token)
        return Comparison(path, Operator(sign), self._literal())

    def _literals(self) -> tuple[Literal, ...]:
        self._expect_sign("(")
        values = self._list(self._literal)
        self._expect_sign(")")
        return values

    def _literal(self) -> Literal:
        token = self._next()
        if token.kind == "text":
            return _unescape(token.text[1:-1])
        if token.kind == "moment":
            return _moment(token)
        if token.kind == "number":
            return float(token.text) if "." in token.text else int(token.text)
        if token.kind == "word" and token.text.upper() in _CONSTANTS:
            return _CONSTANTS[token.text.upper()]
        raise _unexpected(token)

    def _like_pattern(self) -> str:
        """The pattern with its escaped wildcards still escaped, for SQL's own LIKE."""
        text = self._take("text").text[1:-1]
        return _ESCAPE.sub(
            lambda match: (
                match[0]
                if match[1] in LIKE_WILDCARDS
                else "\\\\" if match[1] == "\\" else _unescape(match[0])
            ),
            text,
        )  # fmt: skip

    def _orderings(self) -> tuple[Ordering, ...]:
        if not self._skip_word("ORDER"):
            return ()
        self._expect_word("BY")
        return self._list(self._ordering)

    def _ordering(self) -> Ordering:
        path = _path(self._take("word"))
        descending = self._skip_word("DESC")
        if not descending:
            self._skip_word("ASC")
        nulls_last = False
        if self._skip_word("NULLS"):
            nulls_last = self._skip_word("LAST")
            if not nulls_last:
                self._expect_word("FIRST")
        return Ordering(path, descending, nulls_last)

    def _whole_number(self) -> int:
        token = self._take("number")
        if not token.text.isdecimal():
            raise _unexpected(token)
        return int(token.text)

    # --- the tokens -----------------------------------------------------------------------------

    def _list(self, one: Callable[[], _T]) -> tuple[_T, ...]:
        members = [one()]
        while self._skip_sign(","):
            members.append(one())
        return tuple(members)

    def _next(self) -> _Token:
        token = self._tokens[self._index]
        self._index = min(self._index + 1, len(self._tokens) - 1)
        return token

    def _take(self, kind: str) -> _Token:
        token = self._next()
        if token.kind != kind:
            raise _unexpected(token)
        return token

    def _skip_word(self, word: str) -> bool:
        token = self._tokens[self._index]
        found = token.kind == "word" and token.text.upper() == word
        self._index += found
        return found

    def _expect_word(self, word: str) -> None:
        if not self._skip_word(word):
            raise _unexpected(self._next())

    def _at_sign(self, sign: str) -> bool:
        token = self._tokens[self._index]
        return token.kind == "sign" and token.text == sign

    def _skip_sign(self, sign: str) -> bool:
        found = self._at_sign(sign)
        self._index += found
        return found

    def _expect_sign(self, sign: str) -> None:
        if not self._skip_sign(sign):
            raise _unexpected(self._next())


_FIELD_GROUPS = frozenset({"ALL", "STANDARD", "CUSTOM"})


def _path(token: _Token) -> tuple[str, ...]:
    return tuple(token.text.split("."))


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1].lower(), match[1]), text)


def _moment(token: _Token) -> Moment:
    try:
        return Moment(parse_datetime(token.text))
    except ValueError:
        raise _unexpected(token) from None


def _unexpected(token: _Token) -> ApiError:
    what = token.text if token.kind != "end" else "<EOF>"
    return ApiError(
        "MALFORMED_QUERY",
        f"ERROR at Row:1:Column:{token.position + 1}\nunexpected token: '{what}'",
    )
