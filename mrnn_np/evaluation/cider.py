"""CIDEr-D: how alike a caption and its references are in n-grams that few images share.

    idf(g)    = log N - log max(1, images with g in a reference)                    over a reference set of N images
    s(g)      = c(g) idf(g),   c(g) how often the n-gram g stands in the sentence s
    sim_n     = exp(-(l_h - l_c)^2 / (2 sigma^2)) sum_g min(h(g), c(g)) c(g) / (|h|_n |c|_n)     over the g of n words
    CIDEr-D   = 10 mean_(n = 1..4) mean_references sim_n(caption, reference),          the mean over images

|.|_n is the Euclidean norm over n-grams of n words, sigma = 6, and l counts a sentence's pairs of neighbouring words.
The scale is 0 to 10: CIDEr 0.9 is "90" where tables print it times 100.  In a set of one image every idf is 0.

R. Vedantam, C. L. Zitnick, D. Parikh: CIDEr: consensus-based image description evaluation, CVPR 2015.
"""

import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from mrnn_np.errors import UserError
from mrnn_np.evaluation.sentences import LONGEST, NGram, Sentence, check_corpus, ngrams
from mrnn_np.files import atomic_write, read_archive

SIGMA = 6.0
"""How many words of difference in length are forgiven."""


@dataclass(frozen=True)
class Idf:
    """How rare an n-gram is: `frequency` counts in the references of how many of the `images` images it stands.

    Which images it is counted over changes every CIDEr score, so the counts can be kept in a file.
    """

    frequency: dict[NGram, int]
    images: int

    @classmethod
    def of(cls, references: Sequence[Sequence[Sentence]]) -> "Idf":
        """Count over the references of each image; raise UserError where there is no image."""
        if not references:
            raise UserError("idf: there are no references to count n-grams in; expected those of an image or more")
        frequency: Counter[NGram] = Counter()
        for of_image in references:
            frequency.update({g for reference in of_image for n in range(1, LONGEST + 1) for g in ngrams(reference, n)})
        return cls(dict(frequency), len(references))

    def __call__(self, gram: NGram) -> float:
        """Return idf(g), a natural logarithm; an n-gram in no reference is as rare as one in a single image's."""
        return math.log(self.images) - math.log(max(1, self.frequency.get(gram, 0)))

    def save(self, path: str | Path) -> None:
        """Write an ``.npz`` of numbers and text; words hold neither spaces nor line ends.

        Raises UserError when it cannot be written or is not named ``.npz``.
        """
        if Path(path).suffix != ".npz":
            raise UserError(f"{path}: an idf cannot be saved under this name; expected one that ends in .npz")
        text = "\n".join(" ".join(gram) for gram in self.frequency).encode()

        def write(file: BinaryIO) -> None:
            np.savez_compressed(
                file,
                idf_images=np.array(self.images),
                ngrams=np.frombuffer(text, np.uint8),
                frequency=np.array(list(self.frequency.values()), np.int64),
            )

        atomic_write(path, write)

    @classmethod
    def load(cls, path: str | Path) -> "Idf":
        """Read what `save` wrote; raise UserError when the file is missing or is something else."""
        arrays = read_archive(path)
        try:
            text, counts, images = arrays["ngrams"].tobytes().decode(), arrays["frequency"], arrays["idf_images"]
            # Small archives of much text would take hundreds of times its size.
            if text.count("\n") >= os.path.getsize(path):
                raise ValueError("more n-grams than bytes")
            grams = [tuple(line.split(" ")) for line in text.split("\n")] if text else []
            frequency = dict(zip(grams, counts.tolist(), strict=True))
            sound = (
                (images.ndim, counts.ndim) == (0, 1)
                and images.dtype.kind == counts.dtype.kind == "i"
                and int(images) > 0
                and len(frequency) == len(grams)
                and all(0 < count <= images for count in frequency.values())
                and all(len(gram) <= LONGEST and all(gram) for gram in grams)
            )
        except (KeyError, TypeError, ValueError):
            sound = False
        if not sound:
            raise UserError(f"{path}: is not an idf of mrnn_np; make one with evaluate's --save-idf")
        return cls(frequency, int(images))


@dataclass(frozen=True)
class Weighed:
    """A sentence as CIDEr-D sees it: for n = 1..4 the n-grams' weights s(g) and their norm; and l."""

    weights: tuple[dict[NGram, float], ...]
    norms: tuple[float, ...]
    length: int


def weigh(sentence: Sentence, idf: Idf) -> Weighed:
    """Return the weights of a sentence's n-grams."""
    weights = tuple(
        {gram: count * idf(gram) for gram, count in ngrams(sentence, n).items()} for n in range(1, LONGEST + 1)
    )
    norms = tuple(math.sqrt(sum(weight * weight for weight in of_n.values())) for of_n in weights)
    return Weighed(weights, norms, max(0, len(sentence) - 1))


def cider_similarity(h: Weighed, c: Weighed) -> float:
    """Return CIDEr-D of a caption `h` and a single reference `c`, from 0 to 10."""
    cosines = 0.0
    for of_h, of_c, norm_h, norm_c in zip(h.weights, c.weights, h.norms, c.norms, strict=True):
        if norm_h and norm_c:
            common = sum(min(weight, of_c[gram]) * of_c[gram] for gram, weight in of_h.items() if gram in of_c)
            cosines += common / (norm_h * norm_c)
    return 10 / LONGEST * cosines * math.exp(-((h.length - c.length) ** 2) / (2 * SIGMA**2))


def cider_d(
    captions: Sequence[Sentence], references: Sequence[Sequence[Sentence]], idf: Idf | None = None
) -> list[float]:
    """Return CIDEr-D of each image, from 0 to 10; that of the corpus is their mean.

    Parameters
    ----------
    captions : one per image
    references : of each image, one or more
    idf : how rare each n-gram is; by default as among `references`, which is what the COCO toolkit does

    Raises
    ------
    UserError : as `check_corpus` does
    """
    check_corpus(captions, references)
    idf = idf or Idf.of(references)
    scores = []
    for caption, of_image in zip(captions, references, strict=True):
        h = weigh(caption, idf)
        scores.append(float(np.mean([cider_similarity(h, weigh(reference, idf)) for reference in of_image])))
    return scores
