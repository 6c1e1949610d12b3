"""Evidence: how many bits of each word of a caption are the picture's, and not the language's.

    evidence(t)  =  log2 P(w_t | w_1 ... w_t-1, I)  -  log2 P(w_t | w_1 ... w_t-1)

The second term is what retrieval divides by, followed along the sentence: the mixture of many training images I',

    P(w_1 ... w_t)  =  mean of P(w_1 ... w_t | I') over I'
    P(w_t | w_1 ... w_t-1)  =  P(w_1 ... w_t) / P(w_1 ... w_t-1)

so the words before have their say about which of the images this may be: after "a man on a" the mixture expects a
horse, whatever it expected at first.  Both terms telescope, and a caption's evidence adds up to log2 P(w|I) / P(w), by
which retrieval ranks it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array, Backend
from mrnn_np.captioning.captioner import Captioner, OpenSplit
from mrnn_np.evaluation.perplexity import require_finite
from mrnn_np.evaluation.prefix_tree import PrefixTree, prefix_tree
from mrnn_np.evaluation.retrieval import log2_mean, prior_rows
from mrnn_np.evaluation.step_scores import pair_scorer
from mrnn_np.model.general import Model
from mrnn_np.model.params import Params
from mrnn_np.training.streams import SAMPLING, stream

PRIOR_IMAGES = 100
"""Training images that P(w) is the mean of for a whole split, as many as retrieval takes."""
_IMAGES = 16
"""Images scored together: what a scorer needs memory for."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """Of the T words of one sentence about one image, END the last of them; float64."""

    seen: Array
    """(T,), log2 P(word | words before, I)"""
    blind: Array
    """(T,), log2 P(word | words before)"""

    @property
    def bits(self) -> Array:
        """What the picture adds to each word, (T,)."""
        return self.seen - self.blind

    def with_bits(self, least: float) -> list[int]:
        """Return the places of the words that the picture adds so many bits to, or more."""
        return np.flatnonzero(self.bits >= least).tolist()


@dataclass(frozen=True, eq=False)
class Witness:
    """A model, and the training images that stand for not having seen the picture."""

    model: Model
    params: Params
    """on the backend's device"""
    backend: Backend
    others: Array
    """(B, d_I) host float, standardised features of the images that P(w) is averaged over"""

    @classmethod
    def of(cls, captioner: Captioner, opened: OpenSplit, images: int, seed: int) -> "Witness":
        """Return a captioner with so many training images of a data set, the same that retrieval draws.

        Raises
        ------
        UserError : the data set has no split named train, or none of its images has features
        """
        rows = prior_rows(opened.training().feature_rows, images, stream(seed, SAMPLING))
        decoder = captioner.decoder
        return cls(decoder.model, decoder.params, decoder.backend, opened.read_images(rows))

    @classmethod
    def of_mean(cls, captioner: Captioner) -> "Witness":
        """Return a captioner with one image alone, the mean of those it was trained on, for want of them."""
        decoder = captioner.decoder
        mean = np.zeros((1, decoder.model.d_I), np.float32)  # as standardised features have it
        return cls(decoder.model, decoder.params, decoder.backend, mean)

    def evidence(
        self,
        sentences: Sequence[Sequence[Array]],
        features: Array,
        on_rows: Callable[[int], object] = lambda rows: None,
    ) -> list[list[Evidence]]:
        """Return the evidence of all sentences of some images.

        Parameters
        ----------
        sentences : of each image at least one, arrays of word ids that end in END and nowhere else hold it
        features : (B_I, d_I) host float, standardised, a row for each of these images
        on_rows : told, block after block, how many rows of the softmax were computed

        Raises
        ------
        UserError : the model's numbers are not finite
        """
        every = prefix_tree([sentence for of_image in sentences for sentence in of_image])
        scorer = pair_scorer(self.model, self.params, every, self.backend)
        blocks = range(0, len(self.others), _IMAGES)
        blind = log2_mean(np.concatenate([scorer.beginnings(self.others[i : i + _IMAGES], on_rows) for i in blocks]))
        require_finite(blind)
        found, number = [], 0
        for of_image, I in zip(sentences, features, strict=True):
            tree = prefix_tree(of_image)
            seen = pair_scorer(self.model, self.params, tree, self.backend).beginnings(I[None], on_rows)[0]
            require_finite(seen)
            found.append(
                [Evidence(_along(tree, s, seen), _along(every, number + s, blind)) for s in range(len(of_image))]
            )
            number += len(of_image)
        return found


def _along(tree: PrefixTree, sentence: int, log2_prob: Array) -> Array:
    """From log2 P of the beginnings of sentences, (n,), to that of each word of one of them given the words before."""
    node, path = int(tree.ends[sentence]), []
    while node:
        path.append(node)
        node = int(tree.parents[node])
    return np.diff(log2_prob[path[::-1]].astype(np.float64), prepend=0.0)


def evidence_of(
    captioner: Captioner, opened: OpenSplit, captions: Sequence[Sequence[Sequence[str]]]
) -> list[list[Evidence]]:
    """Return the evidence of some captions, as words, of each image of a split."""
    witness = Witness.of(captioner, opened, PRIOR_IMAGES, seed=0)
    sentences = [[captioner.vocabulary.encode(caption) for caption in of_image] for of_image in captions]
    return witness.evidence(sentences, opened.read_images(opened.split.feature_rows))
