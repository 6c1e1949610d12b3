"""How rare an n-gram is among the references of N images:  idf(g) = log N - log max(1, images with g in a reference).

Which images it is counted over changes every CIDEr score, so the counts can be kept in a file.
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
from mrnn_np.evaluation.sentences import LONGEST, NGram, Sentence, ngrams
from mrnn_np.files import atomic_write, read_archive


@dataclass(frozen=True)
class Idf:
    """Of `images` images, in the references of how many each n-gram of one to four words stands."""

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
