"""The beam search of one picture, sentence by sentence, with everything it kept on the way.

`mrnn_np.captioning.beam` does the same for all images at once, in arrays; this is the form to read, and what that one
is held to.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.captioning.decoder import Decoder, Hypothesis, rows_of
from mrnn_np.captioning.largest import largest
from mrnn_np.data.vocabulary import END


@dataclass
class ImageSearch:
    """The search for one image: `alive` beginnings with their log2 probabilities, and what is finished."""

    alive: list[tuple[int, ...]]
    log2_probs: list[float]
    finished: list[Hypothesis] = field(default_factory=list)

    def advance(self, options: BeamSearch, candidates: list[tuple[float, int, int]]) -> list[int]:
        """Take the best ways to go on, (log2 probability, which beginning, word), best first.

        Returns, for each beginning that is alive now, the one it came from.
        """
        parents: list[int] = []
        alive: list[tuple[int, ...]] = []
        log2_probs: list[float] = []
        for rank, (log2_prob, parent, word) in enumerate(candidates):
            sentence = (*self.alive[parent], word)
            if word != END and len(alive) < options.width:
                parents.append(parent)
                alive.append(sentence)
                log2_probs.append(log2_prob)
            elif word == END and rank < options.width:
                self.finished.append(Hypothesis(sentence, log2_prob, finished=True))
        self.alive, self.log2_probs = alive, log2_probs
        self.finished.sort(key=lambda h: -options.score(h.log2_prob, len(h.words)))
        return parents

    def is_over(self, options: BeamSearch) -> bool:
        """Whether nothing alive can still enter the n best, even if every word to come were certain."""
        if not self.alive or len(self.alive[0]) >= options.max_length:
            return True
        if len(self.finished) < options.n_best:
            return False
        worst = self.finished[options.n_best - 1]
        best_hope = options.score(max(self.log2_probs), options.max_length)
        return best_hope <= options.score(worst.log2_prob, len(worst.words))

    def best(self, options: BeamSearch) -> list[Hypothesis]:
        """The n best finished sentences; where there are fewer, the best unfinished ones follow."""
        partial = [
            Hypothesis(words, log2_prob, finished=False)
            for words, log2_prob in zip(self.alive, self.log2_probs, strict=True)
        ]
        return (self.finished + partial)[: options.n_best]


@dataclass(frozen=True)
class Watched:
    """What a search kept, as word ids, and what it found."""

    kept: dict[tuple[int, ...], float]
    """log2 P of every beginning that was alive after some step, and of the finished sentences"""
    finished: tuple[tuple[int, ...], ...]
    """the sentences that ended, best first"""
    found: list[Hypothesis]
    """what `beam_search` returns for the image"""

    @property
    def best(self) -> Hypothesis:
        """The best of them."""
        return self.found[0]


def watch(decoder: Decoder, features: Array, options: BeamSearch, prefix: Sequence[int] = ()) -> Watched:
    """Search as `beam_search` does for one image, features host float (1, d_I), and remember what was kept."""
    asarray = decoder.backend.asarray
    log2_next, state, log2_probs = decoder.begin(features, prefix)
    search = ImageSearch([tuple(prefix)], [float(log2_probs[0])])
    kept: dict[tuple[int, ...], float] = {}
    while True:
        candidates = best_candidates(log2_next + log2_probs[:, None], 2 * options.width)
        parents = search.advance(options, candidates)
        kept |= dict(zip(search.alive, search.log2_probs, strict=True))
        kept |= {ended.words: ended.log2_prob for ended in search.finished}
        if search.is_over(options):
            return Watched(kept, tuple(ended.words for ended in search.finished), search.best(options))
        log2_probs = asarray(np.array(search.log2_probs, log2_next.dtype))
        ids = asarray(np.array([words[-1] for words in search.alive]))
        log2_next, state = decoder.next(ids, rows_of(state, asarray(np.array(parents))))


def best_candidates(scores: Array, count: int) -> list[tuple[float, int, int]]:
    """The `count` best ways to go on, best first, without the impossible ones.

    Of `scores`, (beginnings, M), log2 P of each beginning with each word: (log2 P, which beginning, word).
    """
    values, ways = largest(scores.reshape(1, -1), min(count, scores.size))
    found = zip(values[0].tolist(), ways[0].tolist(), strict=True)
    return [(log2_prob, *divmod(way, scores.shape[1])) for log2_prob, way in found if log2_prob > -np.inf]
