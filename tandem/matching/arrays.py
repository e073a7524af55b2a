"""Names for the array types that matching passes around."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
"""Record positions, value codes and pair keys; -1 stands for a missing value."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Levels = NDArray[np.int8]
"""Level reached per pair: -1 missing on either side, 0 the best level, the highest `otherwise`."""


def factorise(values: Ints) -> tuple[Ints, int]:
    """Dense codes for whole numbers, keeping -1 for missing; also the number of codes.

    >>> factorise(np.array([70, -1, 5, 70]))
    (array([ 1, -1,  0,  1]), 2)
    """
    known = values >= 0
    found, inverse = np.unique(values[known], return_inverse=True)
    codes = np.full(values.shape, -1, dtype=np.int64)
    codes[known] = inverse
    return codes, len(found)


def combine(left: Ints, right: Ints, right_count: int) -> Ints:
    """One code for a pair of codes; missing when either is.

    >>> combine(np.array([0, 1, -1]), np.array([2, 0, 1]), 3)
    array([ 2,  3, -1])
    """
    both: Ints = left * right_count + right
    both[(left < 0) | (right < 0)] = -1
    return both
