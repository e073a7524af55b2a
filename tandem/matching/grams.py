"""Words and character n-grams of a column's values as sparse, normalised vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from scipy import sparse

from tandem.matching.arrays import Floats, Ints
from tandem.matching.columns import Column

Split = Callable[[str], Iterable[str]]


def words(text: str) -> list[str]:
    """Words of a clean value.

    >>> words("henry booth house")
    ['henry', 'booth', 'house']
    """
    return text.split()


def grams(text: str, length: int = 3) -> list[str]:
    """Character n-grams with the edges marked.

    >>> grams("abc")
    [' ab', 'abc', 'bc ']
    """
    padded = f" {text} "
    return [padded[place : place + length] for place in range(max(1, len(padded) - length + 1))]


def vectors(texts: Iterable[str], split: Split) -> sparse.csr_array:
    """One row per text, one column per distinct part, weighted by rarity, rows of length 1."""
    positions: dict[str, int] = {}
    indices: list[int] = []
    starts = [0]
    for text in texts:
        indices.extend({positions.setdefault(part, len(positions)) for part in split(text)})
        starts.append(len(indices))
    columns = np.array(indices, dtype=np.int64)
    rows = len(starts) - 1
    seen = np.bincount(columns, minlength=max(1, len(positions)))
    rarity = np.log((1.0 + rows) / (0.5 + seen)) + 0.1
    weights = rarity[columns] if len(columns) else np.zeros(0)
    matrix = sparse.csr_array(
        (weights, columns, np.array(starts)), shape=(rows, max(1, len(positions)))
    )
    lengths = np.sqrt(np.asarray((matrix * matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(matrix.indptr))
    return matrix


def _words_of(column: Column) -> sparse.csr_array:
    return column.form("words", lambda made: vectors(made.values, words))


def _grams_of(column: Column) -> sparse.csr_array:
    return column.form("grams", lambda made: vectors(made.values, grams))


_CHUNK = 1 << 17


def _dot(matrix: sparse.csr_array, a: Ints, b: Ints) -> Floats:
    result = np.empty(len(a))
    for start in range(0, len(a), _CHUNK):
        stop = start + _CHUNK
        product = matrix[a[start:stop]] * matrix[b[start:stop]]
        result[start:stop] = np.asarray(product.sum(axis=1)).ravel()
    return result


def _distinct_dot(column: Column, a: Ints, b: Ints, matrix: sparse.csr_array) -> Floats:
    count = len(column.values)
    low, high = np.minimum(a, b), np.maximum(a, b)
    distinct, inverse = np.unique(low * count + high, return_inverse=True)
    result: Floats = _dot(matrix, distinct // count, distinct % count)[inverse]
    return result


def word_overlap(column: Column, a: Ints, b: Ints) -> Floats:
    """Cosine of the words two values share, rare words counting more: 0.0 to 1.0."""
    return _distinct_dot(column, a, b, _words_of(column))


def gram_overlap(column: Column, a: Ints, b: Ints) -> Floats:
    """Cosine of the character 3-grams two values share, rare ones counting more: 0.0 to 1.0."""
    return _distinct_dot(column, a, b, _grams_of(column))


def word_containment(column: Column, a: Ints, b: Ints) -> Floats:
    """Share of the shorter value's weight that the longer one holds too: 0.0 to 1.0."""
    matrix = _words_of(column)
    count = len(column.values)
    distinct, inverse = np.unique(np.minimum(a, b) * count + np.maximum(a, b), return_inverse=True)
    left, right = distinct // count, distinct % count
    held = np.empty(len(distinct))
    for start in range(0, len(distinct), _CHUNK):
        x, y = matrix[left[start : start + _CHUNK]], matrix[right[start : start + _CHUNK]]
        in_both = np.asarray((x * y.astype(bool)).sum(axis=1)).ravel()
        back = np.asarray((y * x.astype(bool)).sum(axis=1)).ravel()
        x_all, y_all = np.asarray(x.sum(axis=1)).ravel(), np.asarray(y.sum(axis=1)).ravel()
        shares = np.maximum(in_both / np.maximum(x_all, 1e-12), back / np.maximum(y_all, 1e-12))
        held[start : start + _CHUNK] = shares
    result: Floats = held[inverse]
    return result
