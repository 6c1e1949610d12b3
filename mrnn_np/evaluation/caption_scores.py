"""All metrics of one list of captions: of the corpus, by name, and of each image.

Beside BLEU, ROUGE-L and CIDEr-D they say whether a model writes a sentence for each image, or one that fits them all,
and whether it only repeats what it has read:

    distinct captions = different captions / captions
    novel captions    = captions that are word for word none of the training captions / captions

METEOR and SPICE are not among them: they need Java.  `coco_files` writes what the official tools read.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mrnn_np.errors import UserError
from mrnn_np.evaluation.bleu import bleu_counts, bleu_of_counts
from mrnn_np.evaluation.cider import Idf, cider_d
from mrnn_np.evaluation.rouge import rouge_l
from mrnn_np.evaluation.sentences import LONGEST, Sentence, check_corpus

NOT_PROVIDED = ("METEOR", "SPICE")


def caption_scores(
    captions: Sequence[Sentence],
    references: Sequence[Sequence[Sentence]],
    idf: Idf,
    training: Sequence[Sequence[Sentence]] = (),
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Score captions by their references.

    Parameters
    ----------
    captions : one per image
    references : of each image, one or more
    idf : for CIDEr-D
    training : the training images' captions, that a caption may repeat; without them nothing is said about novelty

    Returns
    -------
    scores : of the corpus, by name
    of_images : scores of each image, by name; BLEU of one image is nothing to average

    Raises
    ------
    UserError : as `check_corpus` does
    """
    check_corpus(captions, references)
    counts = [bleu_counts(caption, of_image) for caption, of_image in zip(captions, references, strict=True)]
    rouge, cider = rouge_l(captions, references), cider_d(captions, references, idf)
    scores = {
        **_named(bleu_of_counts(np.sum(counts, axis=0))),
        "ROUGE-L": float(np.mean(rouge)),
        "CIDEr-D": float(np.mean(cider)),
        "words per caption": mean_length(captions),
        "different words": words_used(captions),
        "distinct captions": distinct_ratio(captions),
    }
    of_images: list[dict[str, Any]] = [
        {**_named(bleu_of_counts(of_image)), "ROUGE-L": rouge_l, "CIDEr-D": cider_d}
        for of_image, rouge_l, cider_d in zip(counts, rouge, cider, strict=True)
    ]
    if training:
        is_novel = novel(captions, (caption for of_image in training for caption in of_image))
        scores["novel captions"] = float(np.mean(is_novel))
        of_images = [{**scored, "novel": new} for scored, new in zip(of_images, is_novel, strict=True)]
    return scores, of_images


def _named(bleu: Sequence[float]) -> dict[str, float]:
    return {f"BLEU-{n}": score for n, score in zip(range(1, LONGEST + 1), bleu, strict=True)}


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
