"""What all metrics share: captions are sequences of words, an image has any number of references, and n-grams count."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

from mrnn_np.errors import UserError

Sentence: TypeAlias = Sequence[str]
NGram: TypeAlias = tuple[str, ...]

LONGEST = 4
"""n-grams of 1 to 4 words count, in BLEU and in CIDEr-D."""


def ngrams(sentence: Sentence, n: int) -> Counter[NGram]:
    """Return how often each run of `n` words stands in a sentence; nothing where the sentence is shorter."""
    return Counter(tuple(sentence[i : i + n]) for i in range(len(sentence) - n + 1))


def check_corpus(captions: Sequence[Sentence], references: Sequence[Sequence[Sentence]]) -> None:
    """Refuse what no metric can be computed of.

    Raises UserError when there is no caption, when the images of `captions` and `references` differ in number, when an
    image has no reference, and when a sentence is text in place of words.
    """
    if not captions:
        raise UserError("metrics: there are no captions; expected one an image")
    if len(captions) != len(references):
        found = f"{len(captions):,} captions but references of {len(references):,} images"
        raise UserError(f"metrics: {found}; expected one caption an image")
    for number, (caption, of_image) in enumerate(zip(captions, references, strict=True)):
        if not of_image:
            raise UserError(f"metrics: image {number} has no reference; expected one or more")
        for sentence in (caption, *of_image):
            if isinstance(sentence, str):
                raise UserError(f"metrics: {sentence[:60]!r} is text; expected a sequence of words: split it")
