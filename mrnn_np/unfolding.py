"""How deep a value is and how large, with what it shares counted wherever it stands.

Sixty lists, each of which holds the one before twice, are a few hundred bytes of a file and 2**60 values for whoever
walks, prints, compares or hashes them.
"""

from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np

DEEPEST = 100
"""Containers within containers."""
MOST_VALUES, MOST_FOR_EACH_BYTE = 1_000_000, 20
"""Values and characters that a walk may meet: so many, and so many more for each byte of the file.

Words and arrays that honest files share among a few places need a few for each byte.
"""


def walkable(value: Any, bytes_read: int) -> Any:
    """Return a value that was read from so many bytes; raise ValueError when a walk through it would not end soon."""
    size, _ = _extent([value], {}, 0)
    if size > MOST_VALUES + MOST_FOR_EACH_BYTE * bytes_read:
        raise ValueError(f"its {bytes_read:,} bytes unfold to more than {MOST_VALUES:,} values")
    return value


def _extent(parts: Iterable[Any], known: dict[int, tuple[int, int]], depth: int) -> tuple[int, int]:
    """Return the size and the height of a container at a depth: the values in it, and the containers to the innermost.

    `known` holds those of the containers that were met before, by their ids.  One that holds itself has no depth.
    """
    if depth > DEEPEST:
        raise ValueError(f"it is nested more than {DEEPEST} deep")
    size, height = 1, 0
    for part in parts:
        kind = type(part)
        if kind is str or kind is bytes:
            size += 1 + len(part)
            continue
        size += part.nbytes if kind is np.ndarray else 1
        within = _parts(part)
        if within is None:
            continue
        if id(part) not in known:
            known[id(part)] = _extent(within, known, depth + 1)
        size_within, height_within = known[id(part)]
        if depth + 1 + height_within > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        size, height = size + size_within, max(height, 1 + height_within)
    return size, height


def _parts(value: Any) -> Iterable[Any] | None:
    """Return the values in a container, None for an empty one and for all others."""
    kind = type(value)
    if kind is dict and value:
        return chain(value, value.values())
    if (kind is list or kind is tuple) and value:
        return value  # type: ignore[no-any-return]
    return value.flat if kind is np.ndarray and value.dtype.hasobject else None
