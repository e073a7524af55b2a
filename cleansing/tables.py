"""How the tables of words in this package are written: blanks part words, lines part rows."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a table of single words.

    >>> sorted(words("tak nie"))
    ['nie', 'tak']
    """
    return frozenset(text.split())


def rows(text: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a table whose cells are parted by a vertical bar.

    A line that starts with a semicolon goes on with the last cell of the row above.

    >>> rows('''
    ... Ltd | Limited
    ...     ; Ltd.
    ... SA  | S.A.
    ... ''')
    (('Ltd', 'Limited; Ltd.'), ('SA', 'S.A.'))
    """
    lines: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith(";"):
            lines[-1] += line
        else:
            lines.append(line)
    return tuple(tuple(cell.strip() for cell in line.split("|")) for line in lines)
