"""A beam search of one picture, with everything it kept on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.captioning.beam import BeamSearch, ImageSearch, best_candidates
from mrnn_np.captioning.decoder import Decoder, Hypothesis, rows_of


@dataclass(frozen=True)
class Watched:
    """What a search kept, as word ids, and what it found."""

    kept: dict[tuple[int, ...], float]
    """log2 P of every beginning that was alive after some step, and of the finished sentences"""
    finished: tuple[tuple[int, ...], ...]
    """best first"""
    best: Hypothesis


def watch(decoder: Decoder, features: Array, options: BeamSearch, prefix: Sequence[int] = ()) -> Watched:
    """Search as `beam_search` does for one image, features host float (1, d_I), and remember what was kept."""
    asarray = decoder.backend.asarray
    log2_next, state, log2_probs = decoder.begin(features, prefix)
    search = ImageSearch([tuple(prefix)], [float(log2_probs[0])])
    kept: dict[tuple[int, ...], float] = {}
    while True:
        (candidates,) = best_candidates(decoder, log2_next, log2_probs, 1, 2 * options.width)
        parents = search.advance(options, candidates)
        kept |= dict(zip(search.alive, search.log2_probs, strict=True))
        kept |= {ended.words: ended.log2_prob for ended in search.finished}
        if search.is_over(options):
            return Watched(kept, tuple(ended.words for ended in search.finished), search.best(options)[0])
        log2_probs = asarray(np.array(search.log2_probs, log2_next.dtype))
        ids = asarray(np.array([words[-1] for words in search.alive]))
        log2_next, state = decoder.next(ids, rows_of(state, asarray(np.array(parents))))
