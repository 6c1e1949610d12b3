"""Beam search: of all ways to go on from the K best sentence beginnings, keep the K best, again and again.

For every image, K beginnings are alive.  Each word offers K x M ways to go on.  Of the K best of those, the ones that
end the sentence are finished and leave; the K best of the others live on.  The search of an image stops when no living
beginning can become better than its n-th best finished sentence, because going on never makes a sentence likelier.

All images are searched together, a step of all of them in a few operations on arrays.  `mrnn_np.teaching.beams` says
the same of one image, sentence by sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np

from mrnn_np.backend import Array, get_xp, kernels, on_gpu
from mrnn_np.backend.room import require_room
from mrnn_np.captioning.decoder import LOOK_EVERY, MAX_LENGTH, Decoder, Hypothesis, rows_of
from mrnn_np.captioning.largest import largest
from mrnn_np.data.vocabulary import END


@dataclass(frozen=True)
class BeamSearch:
    """What to search for.

    Parameters
    ----------
    width : K, beginnings kept alive; 1 without `length_norm` is greedy decoding
    n_best : sentences to return per image, best first; at most K
    length_norm : sentences are ranked by log2 P / length^length_norm; 0, the paper's way, ranks by probability, which
        favours short sentences, and 1 by the mean per word
    max_length : words after which a sentence is cut off, END counted

    The defaults are those of all commands.  On Flickr8k's development split 10 and 0.5 have a BLEU-4 of 0.200, 5 and 0
    of 0.189, and what is a little better there, 10 and 0.7 with 0.202, costs as much again on the scenes.
    """

    width: int = 10
    n_best: int = 1
    length_norm: float = 0.5
    max_length: int = MAX_LENGTH

    def require_room(self, images: int, words: int) -> None:
        """Raise UserError when the scores of a vocabulary of `words` after all beginnings cannot fit in memory."""
        # The scores, and what is made of them.
        require_room(f"a beam of {self.width:,}", 2 * 4 * images * self.width * words, "lower --beam")

    def score(self, log2_prob: float, length: int) -> float:
        """What sentences of different lengths are ranked by."""
        return float(log2_prob / length**self.length_norm)


def beam_search(
    decoder: Decoder, features: Array, options: BeamSearch, prefix: Sequence[int] = ()
) -> list[list[Hypothesis]]:
    """Search the best sentences for every row of `features`, host float (B, d_I), all images at once.

    Returns `options.n_best` hypotheses per image, best first; fewer if there are no more of non-zero probability.
    """
    backend, K, look_every = decoder.backend, options.width, LOOK_EVERY[decoder.backend.name]
    log2_next, state, log2_prefix = decoder.begin(features, prefix)
    searches, height = Searches(options, prefix, len(features)), 1
    for length in count(len(prefix) + 1):
        images, word = len(searches.running), (length - len(prefix) - 1) % look_every
        if word == 0:
            found = backend.xp.empty((look_every, 5, images, K), log2_next.dtype)
        log2_next += log2_prefix[:, None]
        scores = log2_next.reshape(images, -1)
        best, ways = largest(scores, min(2 * K, scores.shape[1]))
        rows, ids = sort_out(best, ways, found[word], decoder.model.M, height, END)
        log2_prefix, height = found[word, 0], K
        if word + 1 == look_every or length >= options.max_length:
            # The only transfer: a few numbers per image and word.
            go_on, height = searches.learn(backend.to_numpy(found[: word + 1]))
            if not len(go_on):
                return searches.best()
            rows, ids, log2_prefix = (x[:, :height] for x in (rows, ids, log2_prefix))
            if len(go_on) < images:
                go_on = backend.asarray(go_on)
                rows, ids, log2_prefix = (x[go_on] for x in (rows, ids, log2_prefix))
        rows, ids, log2_prefix = (x.reshape(-1) for x in (rows, ids, log2_prefix))
        del log2_next, scores  # the next may take their place
        log2_next, state = decoder.next(ids, rows_of(state, rows))  # noqa: RUF059 - read in the next round
    raise AssertionError("every search ends")


@on_gpu(kernels.sort_out)
def sort_out(best: Array, ways: Array, found: Array, M: int, height: int, end: int) -> tuple[Array, Array]:
    """Divide the best ways to go on into sentences that end and beginnings that live on.

    Parameters
    ----------
    best : (B, C) float, log2 P of the ways, for each image best first; -inf where there is none
    ways : (B, C) int, which they are: the number of the beginning times M, plus the word
    found : (5, B, K), of the dtype of `best`, which holds ids exactly.  Written into it are, of the K best beginnings
        that live on, log2 P, the beginning they came from and the word; and of the K best ways, at their ranks, where
        they end a sentence, log2 P and the beginning it came from.  log2 P is -inf where there is none.
    M : words in the vocabulary
    height : beginnings of each image before this word
    end : the word that ends a sentence

    Returns
    -------
    rows : (B, K) int32, the row of the batch that each beginning came from
    ids : (B, K) int32, its word
    """
    xp, (images, C), K = get_xp(best), best.shape, found.shape[2]
    parents, words = ways // M, ways % M
    lives, ends = (best > -xp.inf) & (words != end), (best > -xp.inf) & (words == end)
    found[...] = 0
    found[0], found[2], found[3] = -xp.inf, end, -xp.inf
    # Those that live on come first, each in its order.
    ranks = xp.arange(C)
    order = xp.argsort(xp.where(lives, ranks, ranks + C), axis=1)[:, :K]
    for part, of_ways in ((0, xp.where(lives, best, -xp.inf)), (1, lives * parents), (2, xp.where(lives, words, end))):
        found[part, :, :C] = xp.take_along_axis(of_ways, order, axis=1)
    found[3, :, :C] = xp.where(ends, best, -xp.inf)[:, :K]
    found[4, :, :C] = (ends * parents)[:, :K]
    rows = (height * xp.arange(images)[:, None] + found[1]).astype(np.int32)
    return rows, found[2].astype(np.int32)


class Searches:
    """What the host knows of the searches for B images: all beginnings there were, and the best that has ended.

    A beginning is kept as its last word and the number of the beginning that this word was added to.
    """

    def __init__(self, options: BeamSearch, prefix: Sequence[int], images: int) -> None:
        self.options, self.prefix = options, tuple(prefix)
        self.running = np.arange(images)
        # For each word that was added, the beginnings it was added to and the words themselves: (2, B, K).
        self.added: list[Array] = []
        self.alive = np.full((images, options.width), -np.inf)  # log2 P
        # Of the n best finished sentences score, log2 P, words added before END, and the beginning END was added to.
        self.ended = np.zeros((4, images, options.n_best))
        self.ended[:2] = -np.inf

    def learn(self, found: Array) -> tuple[Array, int]:
        """Take in `found` of `sort_out` for some words, (words, 5, running images, K).

        Returns
        -------
        go_on : int, the images whose search goes on, by their places among those that were running
        height : the largest number of beginnings that one of them has alive
        """
        options, running = self.options, self.running
        found = found.astype(float)
        for _, parents, words, log2_ended, end_after in found:
            added = np.zeros((2, *self.alive.shape), np.int32)
            added[:, running] = parents, words
            before = np.full_like(end_after, len(self.added))
            self.added.append(added)
            score = log2_ended / self.length**options.length_norm
            ended = np.concatenate([self.ended[:, running], [score, log2_ended, before, end_after]], axis=2)
            order = np.argsort(-ended[0], axis=1, kind="stable")[:, : options.n_best]
            self.ended[:, running] = np.take_along_axis(ended, order[None], axis=2)
        log2_probs = found[-1, 0]
        self.alive[...] = -np.inf
        self.alive[running] = log2_probs
        # Whether something alive can still enter the n best, if every word to come were certain.
        best_hope = log2_probs.max(axis=1) / options.max_length**options.length_norm
        going_on = (best_hope > self.ended[0, running, -1]) & (self.length < options.max_length)
        self.running = running[going_on]
        alive = (log2_probs[going_on] > -np.inf).sum(axis=1)
        return np.flatnonzero(going_on), int(alive.max(initial=0))

    @property
    def length(self) -> int:
        """Words of the beginnings alive."""
        return len(self.prefix) + len(self.added)

    def best(self) -> list[list[Hypothesis]]:
        """The n best finished sentences of each image; where there are fewer, the best unfinished ones follow."""
        n = self.options.n_best
        alive = self.alive[:, :n]
        _, log2_ended, before, end_after = self.ended
        log2_probs = np.concatenate([log2_ended, alive], axis=1)
        counts = np.concatenate([before, np.full_like(alive, len(self.added))], axis=1).astype(int)
        beginnings = np.concatenate([end_after, np.indices(alive.shape)[1]], axis=1).astype(int)
        sentences: list[list[Hypothesis]] = []
        for of_image in zip(self.words_of(beginnings, counts), counts, log2_probs, strict=True):
            found = [
                Hypothesis((*self.prefix, *words[:count].tolist(), *[END] * (i < n)), float(log2_prob), finished=i < n)
                for i, (words, count, log2_prob) in enumerate(zip(*of_image, strict=True))
                if log2_prob > -np.inf
            ]
            sentences.append(found[:n])
        return sentences

    def words_of(self, beginnings: Array, counts: Array) -> Array:
        """The first `counts` words added to some beginnings of each image, both (B, some): int (B, some, words)."""
        words_of = np.zeros((*counts.shape, len(self.added)), int)
        for place in reversed(range(len(self.added))):
            parents, words = (np.take_along_axis(x, beginnings, axis=1) for x in self.added[place])
            inside = place < counts
            words_of[..., place] = np.where(inside, words, END)
            beginnings = np.where(inside, parents, beginnings)
        return words_of
