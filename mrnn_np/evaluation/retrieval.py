"""The retrieval tasks of the paper (its section 5): which image does a sentence belong to, and which sentence an image?

    sentence -> image       rank the images by      P(w | I)
    image -> sentence       rank the sentences by   P(w | I) / P(w),    P(w) = mean of P(w | I') over training images I'

Without the division, sentences that are likely for any image, short and common ones, win for every image.  For one
sentence P(w) is one number, so in the first direction dividing by it would change nothing.
"""

from collections.abc import Sequence

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.evaluation.ranks import ranks, summary


def log2_mean(log2_values: Array) -> Array:
    """log2 of the mean over rows, mean_i 2**log2_values[i, j], without leaving log space: (n, S) gives float64 (S,).

    2**-60 for a caption is a number, 2**-1100 for a whole paragraph would be 0.
    """
    values = log2_values.astype(np.float64)
    peak = values.max(axis=0)
    return peak + np.log2(np.exp2(values - peak).mean(axis=0))


def prior_rows(rows: Array, images: int, rng: np.random.Generator) -> Array:
    """Draw the training images that P(w) is averaged over: `images` of `rows`, (n,), in their order, or all of them."""
    return np.sort(rng.choice(rows, min(images, len(rows)), replace=False))


def retrieval_results(log2_given_image: Array, log2_prior: Array, image_of: Array) -> dict[str, dict[str, float]]:
    """How well the right ones are found in both directions.

    Parameters
    ----------
    log2_given_image : (B_I, S) host float, log2 P(sentence | image)
    log2_prior : (S,) host float, log2 P(sentence), from `log2_mean`
    image_of : (S,) int, the row of the image that each sentence is about; every image has at least one

    Returns
    -------
    {direction and score: `ranks.summary`}; of an image's own sentences the one that ranks best counts
    """
    images = np.arange(len(log2_given_image))
    return {
        "image -> sentence, P(w|I) / P(w)": summary(ranks(log2_given_image - log2_prior, images, image_of)),
        "image -> sentence, P(w|I)": summary(ranks(log2_given_image, images, image_of)),
        "sentence -> image, P(w|I)": summary(ranks(log2_given_image.T, image_of, images)),
    }


def best(scores: Array, texts: Sequence[str], top: int) -> list[int]:
    """Return the numbers of the `top` highest of `scores`, (N,), best first, each text once; of equals the first."""
    first_of: dict[str, int] = {}
    for i in np.argsort(-scores, kind="stable").tolist():
        first_of.setdefault(texts[i], i)
    return list(first_of.values())[:top]
