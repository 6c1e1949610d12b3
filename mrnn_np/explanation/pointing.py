"""The pointing game: does the strongest place of a word's map lie on the thing that the word is about?

It needs a data set that knows what its captions claim and where its things are.  The words are those of true claims
that name a thing or its colour; a claim of several words has the sum of their maps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.data.data_set import Claim, DataSet
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.explanation.maps import MAPS, TwoNetworks, strongest

KINDS = ("thing", "colour")
"""The claims that name something one can point at."""


@dataclass(frozen=True)
class Pointed:
    """Whether each map's strongest place lay on the thing that one claim is about."""

    kind: str
    """of the claim"""
    on_it: Mapping[str, float]
    """by map, 1 or 0; of chance the thing's share of the picture, and of the picture's centre 1 or 0"""


def point(
    two: TwoNetworks,
    vocabulary: Vocabulary,
    data_set: DataSet,
    images: Sequence[str],
    captions: Sequence[Sequence[str]],
    maps: Sequence[str] = tuple(MAPS),
) -> Iterator[list[Pointed]]:
    """Play with one caption of each of some images, as words, and yield what came of its claims."""
    for image, words in zip(images, captions, strict=True):
        yield [*_point(two, vocabulary, data_set, image, words, maps)]


def claims_to_point_at(claims: Sequence[Claim]) -> list[Claim]:
    """Return the true claims that name one thing, or its colour."""
    return [claim for claim in claims if claim.verdict == "true" and claim.kind in KINDS and len(claim.things) == 1]


def _point(
    two: TwoNetworks,
    vocabulary: Vocabulary,
    data_set: DataSet,
    image: str,
    words: Sequence[str],
    maps: Sequence[str],
) -> Iterator[Pointed]:
    if data_set.judge is None or data_set.picture is None or data_set.see is None:
        raise ValueError(f"{data_set.name}: does not know where its things are")
    claims = claims_to_point_at(data_set.judge(image, words))
    if not claims:
        return
    size = two.cnn.design.preprocessing.size
    square = two.cnn.design.preprocessing.fitted(data_set.picture(image, size))
    of_words = {name: MAPS[name](two, vocabulary.encode(words), square) for name in maps}
    for claim in claims:
        thing: Array = data_set.see(image, claim.things[0], size)
        if thing.any():
            places = {
                name: strongest(np.sum(shares[claim.start : claim.end], axis=0), size)
                for name, shares in of_words.items()
            }
            on_it = {name: float(thing[place]) for name, place in places.items()}
            yield Pointed(
                claim.kind, {"chance": float(thing.mean()), "centre": float(thing[size // 2, size // 2]), **on_it}
            )
