"""Work that falls into pieces without a sum: each rank does some, and all get the results, in their order."""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.distributed.ranks import Ranks

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True)
class Form(Generic[T]):
    """How a result travels: as bytes, from which the very same comes back."""

    pack: Callable[[T], bytes]
    unpack: Callable[[bytes], T]


def as_json(to_json: Callable[[T], object], from_json: Callable[..., T]) -> Form[T]:
    """Return the form of what JSON can hold once `to_json` has made it plain; its floats keep their last bit."""
    return Form(
        lambda result: json.dumps(to_json(result)).encode(), lambda packed: from_json(json.loads(packed.decode()))
    )


def _pack_array(array: Array) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


NUMBER: Form[float] = as_json(float, float)
ARRAY: Form[Array] = Form(_pack_array, lambda packed: np.load(io.BytesIO(packed), allow_pickle=False))


def deal(
    ranks: Ranks,
    do: Callable[[S], T],
    items: Sequence[S],
    form: Form[T],
    each: Callable[[Callable[[S], T], Sequence[S]], Iterator[T]] = map,
) -> Iterator[T]:
    """Yield what `do` makes of each item, in their order, on every rank: of R items, each of R ranks does one.

    One process alone does them all as `each` does, by default one when it is asked for.
    """
    if ranks.size == 1:
        yield from each(do, items)
        return
    for start in range(0, len(items), ranks.size):
        mine = start + ranks.rank
        own = form.pack(do(items[mine])) if mine < len(items) else b""
        for packed in ranks.gather_bytes(own)[: len(items) - start]:
            yield form.unpack(packed)


def own_items(ranks: Ranks, items: Sequence[S]) -> Sequence[S]:
    """Return the items that this rank does when they are dealt."""
    return items[ranks.rank :: ranks.size]
