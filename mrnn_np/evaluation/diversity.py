"""Does a model write a sentence for each image, or one that fits them all; and does it only repeat what it has read?

distinct captions = different captions / captions
novel captions    = captions that are word for word none of the training captions / captions
caption length    = words / captions, END not counted
"""

from collections.abc import Iterable, Sequence

from mrnn_np.errors import UserError
from mrnn_np.evaluation.sentences import Sentence


def distinct_ratio(captions: Sequence[Sentence]) -> float:
    """Return the share of different captions: 1 when no two are alike, 1 / captions when all are.

    Raises UserError where there is no caption.
    """
    return len(set(map(tuple, captions))) / _number(captions)


def novel(captions: Iterable[Sentence], training: Iterable[Sentence]) -> list[bool]:
    """Return, for each caption, whether it differs from every training caption."""
    known = set(map(tuple, training))
    return [tuple(caption) not in known for caption in captions]


def mean_length(captions: Sequence[Sentence]) -> float:
    """Return the words per caption; raise UserError where there is no caption."""
    return sum(map(len, captions)) / _number(captions)


def words_used(captions: Iterable[Sentence]) -> int:
    """Return how many different words the captions hold."""
    return len({word for caption in captions for word in caption})


def _number(captions: Sequence[Sentence]) -> int:
    if not captions:
        raise UserError("metrics: there are no captions; expected one an image")
    return len(captions)
