"""Consensus reranking: of the sentences a beam has found, take the one most like what people said of similar images.

    score(h) = mean of the m largest sim(h, c),  c in C

C are all captions of the k training images nearest to this one, by the Euclidean distance of the refined image feature
V_I I of the trained model.  sim is CIDEr-D of the pair, with the idf of the training captions, or the mean n-gram F1.

The released code of the m-RNN's authors does this with k = 60, and m = 125 for CIDEr-D or 175 for the F1.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from mrnn_np.backend import Array
from mrnn_np.captioning.decoder import Decoder, Hypothesis
from mrnn_np.data.captions import SplitData
from mrnn_np.data.examples import ReadImages
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.errors import UserError
from mrnn_np.evaluation.cider import Idf, cider_similarity, weigh
from mrnn_np.evaluation.ngram_f1 import count_ngrams, ngram_f1
from mrnn_np.evaluation.sentences import Sentence
from mrnn_np.layers.multimodal import image_forward

K = 60
M = {"cider": 125, "ngram-f1": 175}
"""Neighbours, and the similarities averaged, of the authors; the keys are the similarities there are."""

_CHUNK = 1024  # images refined together
_BATCH = 64  # images compared together


@dataclass(frozen=True, eq=False)
class Similarity:
    """sim(h, c): each sentence is prepared once and then compared with many."""

    prepare: Callable[[Sentence], Any]
    between: Callable[[Any, Any], float]

    @classmethod
    def named(cls, name: str, training: Sequence[Sequence[Sentence]]) -> "Similarity":
        """Return "cider" or "ngram-f1"; what CIDEr-D takes for rare is learnt from the training captions alone."""
        if name not in M:
            raise UserError(f"--rerank: {name!r} is not a similarity of sentences; expected {' or '.join(M)}")
        if name == "cider":
            return cls(partial(weigh, idf=Idf.of(training)), cider_similarity)
        return cls(count_ngrams, ngram_f1)


@dataclass(frozen=True, eq=False)
class Consensus:
    """What people said of the training images, ready to be asked about others.

    Parameters
    ----------
    decoder, vocabulary : the trained model
    training : the training images and their captions
    refined : (n, d_m) host float, V_I I of the training images
    similarity : sim
    k, m : as above; where there are fewer neighbours or captions, all of them count
    """

    decoder: Decoder
    vocabulary: Vocabulary
    training: SplitData
    refined: Array
    similarity: Similarity
    k: int
    m: int

    @classmethod
    def of(
        cls,
        decoder: Decoder,
        vocabulary: Vocabulary,
        training: SplitData,
        read_images: ReadImages,
        similarity: str,
        k: int = K,
        m: int | None = None,
    ) -> "Consensus":
        """Return the consensus by a similarity of `M`; without an m it is the authors' for it.

        Raises
        ------
        UserError : the similarity is not a known one, k or m is below 1, or the model looks at no images
        """
        for flag, value in (("--k", k), ("--m", m)):
            if value is not None and value < 1:
                raise UserError(f"{flag} is {value}; it must be 1 or more")
        if not decoder.model.d_I:
            raise UserError("--rerank: this model looks at no images, so none are alike; leave --rerank out")
        sim = Similarity.named(similarity, training.captions)
        starts = range(0, len(training.images), _CHUNK)
        rows = (training.feature_rows[start : start + _CHUNK] for start in starts)
        refined = np.concatenate([refine(decoder, read_images(some)) for some in rows])
        return cls(decoder, vocabulary, training, refined, sim, k, m or M[similarity])

    def neighbours(self, names: Sequence[str], features: Array) -> list[npt.NDArray[np.int64]]:
        """Return, for each image, which of the training images are nearest, nearest first, at most k.

        Parameters
        ----------
        names : the images' names, by which a training image is kept from being its own neighbour
        features : (len(names), d_I) host float, standardised
        """
        v = refine(self.decoder, features)
        distances = (v**2).sum(axis=1)[:, None] - 2 * v @ self.refined.T + (self.refined**2).sum(axis=1)
        nearest = []
        for name, of_image in zip(names, distances, strict=True):
            order = np.argsort(of_image, kind="stable")[: self.k + 1]
            nearest.append(np.array([i for i in order if self.training.images[i] != name][: self.k], np.int64))
        return nearest

    def similarities(
        self, names: Sequence[str], features: Array, sentences: Sequence[Sequence[Sentence]]
    ) -> Iterator[list[Array]]:
        """Yield sim(h, c) of the sentences h of each image: for each neighbour, a float (sentences, its captions).

        Names and features are as for `neighbours`; `sentences` holds those of each image.
        """
        for of_image, nearest in zip(sentences, self.neighbours(names, features), strict=True):
            hypotheses = [self.similarity.prepare(sentence) for sentence in of_image]
            found = []
            for neighbour in nearest:
                said = [self.similarity.prepare(caption) for caption in self.training.captions[neighbour]]
                found.append(np.array([[self.similarity.between(h, c) for c in said] for h in hypotheses]))
            yield found

    def similarities_of_split(
        self, split: SplitData, read_images: ReadImages, sentences: Sequence[Sequence[Sentence]]
    ) -> Iterator[list[Array]]:
        """Yield the `similarities` of all images of a split, a few at a time."""
        for start in range(0, len(split.images), _BATCH):
            some = slice(start, start + _BATCH)
            yield from self.similarities(split.images[some], read_images(split.feature_rows[some]), sentences[some])

    def rerank(
        self, names: Sequence[str], features: Array, hypotheses: Sequence[Sequence[Hypothesis]]
    ) -> list[list[Hypothesis]]:
        """Return the hypotheses of each image, the highest score(h) first; names and features as for `neighbours`."""
        sentences = [[self.vocabulary.decode(h.words).split() for h in of_image] for of_image in hypotheses]
        return [
            [of_image[i] for i in best_first(consensus_scores(similarities, self.k, self.m))]
            for of_image, similarities in zip(hypotheses, self.similarities(names, features, sentences), strict=True)
        ]


def refine(decoder: Decoder, features: Array) -> Array:
    """Return the refined image feature V_I I, host float (B, d_m), of standardised features, host float (B, d_I).

    Where the image enters the recurrent layer only, it is U_I I, (B, d_w).
    """
    backend, params = decoder.backend, decoder.params
    V_I = params["V_I" if "V_I" in params else "U_I"]
    return backend.to_numpy(image_forward(backend.asarray(features.astype(V_I.dtype, copy=False)), V_I)[0])


def consensus_scores(similarities: Sequence[Array], k: int, m: int) -> Array:
    """Return score(h), float (H,), from one image's sim(h, c): for each neighbour, nearest first, (H, its captions)."""
    near = np.concatenate(similarities[:k], axis=1)
    return np.sort(near, axis=1)[:, ::-1][:, :m].mean(axis=1)


def best_first(scores: Array) -> list[int]:
    """Return the order of the scores, highest first; equal ones stay in the order of the beam, likeliest first."""
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
    return order
