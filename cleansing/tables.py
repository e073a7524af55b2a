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

    >>> rows('''
    ... Ltd | Limited
    ... SA  | S.A.
    ... ''')
    (('Ltd', 'Limited'), ('SA', 'S.A.'))
    """
    return tuple(
        tuple(cell.strip() for cell in line.split("|"))
        for line in text.splitlines()
        if line.strip()
    )
