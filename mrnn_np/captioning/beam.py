"""Beam search: of all ways to go on from the K best sentence beginnings, keep the K best, again and again.

For every image, K beginnings are alive.  Each word offers K x M ways to go on.  Of the K best of those, the ones that
end the sentence are finished and leave; the K best of the others live on.  The search of an image stops when no living
beginning can become better than its n-th best finished sentence, because going on never makes a sentence likelier.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.backend.room import require_room
from mrnn_np.captioning.decoder import MAX_LENGTH, Decoder, Hypothesis, rows_of
from mrnn_np.captioning.largest import largest
from mrnn_np.data.vocabulary import END


@dataclass(frozen=True)
class BeamSearch:
    """What to search for.

    Parameters
    ----------
    width : K, beginnings kept alive; 1 is greedy decoding
    n_best : sentences to return per image, best first; at most K
    length_norm : sentences are ranked by log2 P / length^length_norm; 0, the paper's way, ranks by probability, which
        favours short sentences, and 1 by the mean per word
    max_length : words after which a sentence is cut off, END counted
    """

    width: int = 5
    n_best: int = 1
    length_norm: float = 0.0
    max_length: int = MAX_LENGTH

    def require_room(self, images: int, words: int) -> None:
        """Raise UserError when the scores of a vocabulary of `words` after all beginnings cannot fit in memory."""
        # The scores, and what is made of them.
        require_room(f"a beam of {self.width:,}", 2 * 4 * images * self.width * words, "lower --beam")

    def score(self, log2_prob: float, length: int) -> float:
        """What sentences of different lengths are ranked by."""
        return float(log2_prob / length**self.length_norm)


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


def beam_search(
    decoder: Decoder, features: Array, options: BeamSearch, prefix: Sequence[int] = ()
) -> list[list[Hypothesis]]:
    """Search the best sentences for every row of `features`, host float (B, d_I), all images at once.

    Returns `options.n_best` hypotheses per image, best first; fewer if there are no more of non-zero probability.
    """
    backend = decoder.backend
    log2_next, state, log2_prefix = decoder.begin(features, prefix)
    searches = [ImageSearch([tuple(prefix)], [log2_prob]) for log2_prob in backend.to_numpy(log2_prefix).tolist()]
    running, height = searches, 1
    while True:
        found = best_candidates(decoder, log2_next, log2_prefix, len(running), 2 * options.width)
        parents = [search.advance(options, c) for search, c in zip(running, found, strict=True)]
        # Each image owns `height` rows of the next batch; where fewer are alive, the rest repeat a row at -inf.
        rows, ids, log2_probs = [], [], []
        still_running = [i for i, search in enumerate(running) if not search.is_over(options)]
        if not still_running:
            return [search.best(options) for search in searches]
        next_height = max(len(running[i].alive) for i in still_running)
        for i in still_running:
            search, missing = running[i], next_height - len(running[i].alive)
            rows += [i * height + parent for parent in parents[i] + [0] * missing]
            ids += [words[-1] for words in search.alive] + [END] * missing
            log2_probs += search.log2_probs + [-np.inf] * missing
        running, height = [running[i] for i in still_running], next_height
        # One transfer for all three: row numbers and words are exact in float32.
        from_rows, last_words, log2_prefix = backend.asarray(np.array([rows, ids, log2_probs], log2_next.dtype))
        del log2_next  # the next may take its place
        log2_next, state = decoder.next(last_words.astype(np.int32), rows_of(state, from_rows.astype(np.int32)))


def best_candidates(
    decoder: Decoder, log2_next: Array, log2_prefix: Array, images: int, count: int
) -> list[list[tuple[float, int, int]]]:
    """The `count` most likely ways to go on for each image, best first.

    Parameters
    ----------
    log2_next : (images * height, M), log2 probability of each next word after each beginning; it is used up
    log2_prefix : (images * height,), log2 probability of the beginnings themselves

    Returns
    -------
    for each image, (log2 probability, which of its beginnings, word); the impossible ones are left out
    """
    xp, M = decoder.backend.xp, log2_next.shape[1]
    log2_next += log2_prefix[:, None]
    scores = log2_next.reshape(images, -1)
    best, top = largest(scores, min(count, scores.shape[1]))
    # The only transfer: a few numbers per image and word.
    best, parents, words = decoder.backend.to_numpy(
        xp.stack([best, (top // M).astype(best.dtype), (top % M).astype(best.dtype)])
    )
    of_images = zip(best.tolist(), parents.astype(int).tolist(), words.astype(int).tolist(), strict=True)
    return [[way for way in zip(*ways, strict=True) if way[0] > -np.inf] for ways in of_images]
