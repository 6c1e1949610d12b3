"""Wrong answers to the exercises of notebooks 0, 7, 8 and 9, each with the reason it is refused for."""

import numpy as np

from mrnn_np.evaluation.sentences import ngrams
from mrnn_np.scenes.world import Scene, Thing
from mrnn_np.teaching import captioning, retrieval, tour, training


def norm_of(g):
    return float(np.linalg.norm(g))


def cosine(step, total, peak, warmup):
    return peak * (1 + np.cos(np.pi * (step - warmup) / (total - warmup))) / 2


def warmed_up_or_constant(step, total, peak, warmup):
    if not warmup:
        return peak
    return peak * (step + 1) / warmup if step < warmup else cosine(step, total, peak, warmup)


def ways_on(scores, width):
    best = np.argsort(-scores, axis=None)[:width]
    return [(scores.flat[i], *divmod(int(i), scores.shape[1])) for i in best]


def unclipped(caption, references, n):
    anywhere = {gram for reference in references for gram in ngrams(reference, n)}
    of_caption = ngrams(caption, n)
    return sum(count for gram, count in of_caption.items() if gram in anywhere) / of_caption.total()


def mean_of_probabilities(others):
    return np.log2((2.0**others).mean(axis=0))


def lowest_first(scores, right, K):
    return ((scores < scores[np.arange(len(scores)), right][:, None]).sum(axis=1) < K).mean()


HORSES = Thing("horse", "white", count=2, action="run")

WRONG = [
    (tour.scene, (Scene("snow", "day", "clear", (HORSES,)),), '"at night" is not true .*setting'),
    (tour.scene, (Scene("snow", "night", "moon", (Thing("horse", "white", action="run"),)),), "count"),
    (tour.scene, ("two horses",), "got a str"),
    (tour.sentence_probability, (lambda p: np.log2(np.prod(p)),), "add logarithms"),
    (tour.sentence_probability, (lambda p: np.log2(p).mean(),), "of one word, on average"),
    (tour.sentence_probability, (lambda p: np.log(p).sum(),), "base e"),
    (tour.sentence_probability, (lambda p: -np.log2(p).sum(),), "wrong sign"),
    (training.update, (lambda t, g, v, lr, mu, l2: (t - lr * (mu * v + g + l2 * t), mu * v + g + l2 * t),), "slope of"),
    (
        training.update,
        (lambda t, g, v, lr, mu, l2: (t - lr * (mu * v + (1 - mu) * g), mu * v + (1 - mu) * g),),
        "counts in full",
    ),
    (training.update, (lambda t, g, v, lr, mu, l2: (t + lr * g, g),), "points uphill"),
    (training.update, (lambda t, g, v, lr, mu, l2: (t - (mu * v + lr * g), mu * v + lr * g),), "in full"),
    (training.update, (lambda t, g, v, lr, mu, l2: (t - lr * (mu * v + g), v),), "that of before"),
    (training.rate, (warmed_up_or_constant,), "update 2 of 4, 1, is too large"),
    (training.update, (lambda t, g, v, lr, mu, l2: t - lr * g,), "two arrays"),
    (training.rate, (lambda s, n, peak, up: peak * s / up if s < up else cosine(s, n, peak, up),), "do nothing"),
    (training.rate, (lambda s, n, peak, up: peak * min(1, (s + 1) / up) if up else peak,), "update 55 .* too large"),
    (training.rate, (lambda s, n, peak, up: cosine(s, n, peak, 0),), "update 0 .* too large"),
    (
        training.rate,
        (lambda s, n, peak, up: peak * (s + 1) / up if s < up else cosine(s, n, peak, up) if up else 0.0,),
        "without a warm-up",
    ),
    (
        training.clipped,
        (lambda g, limit: {name: one * min(1, limit / norm_of(one)) for name, one in g.items()},),
        "by its own norm",
    ),
    (training.clipped, (lambda g, limit: {name: one.clip(-limit, limit) for name, one in g.items()},), "by itself"),
    (
        training.clipped,
        (
            lambda g, limit: {
                name: one * limit / np.sqrt(sum((x * x).sum() for x in g.values())) for name, one in g.items()
            },
        ),
        "factor",
    ),
    (training.clipped, (lambda g, limit: np.concatenate([one.ravel() for one in g.values()]),), "a dict"),
    (captioning.temperature, (lambda y, T: y**T / (y**T).sum(),), "upside down"),
    (captioning.temperature, (lambda y, T: y ** (1 / T),), "add up to"),
    (captioning.temperature, (lambda y, T: y,), "temperature 0.5: .*changes nothing"),
    (captioning.advance, (lambda alive, following, width: ways_on(following, width),), "itself costs is forgotten"),
    (
        captioning.advance,
        (lambda alive, following, width: [(p + alive[k], k, w) for p, k, w in ways_on(following, width)],),
        "cost is forgotten",
    ),
    (
        captioning.advance,
        (lambda alive, following, width: ways_on(alive[:, None] + following, width)[::-1],),
        "not best first",
    ),
    (
        captioning.advance,
        (lambda alive, following, width: ways_on(-alive[:, None] - following, width),),
        "not its log2 P",
    ),
    (captioning.advance, (lambda alive, following, width: ways_on(alive[:, None] + following, 2),), "2 ways to go on"),
    (captioning.advance, (lambda alive, following, width: alive,), "a list of"),
    (captioning.length_norm, (lambda p, words, A: p * words**A,), "not worse"),
    (captioning.length_norm, (lambda p, words, A: p / (A * words) if A else p,), "A = 0.5"),
    (retrieval.precision, (unclipped,), "as two"),
    (
        retrieval.precision,
        (lambda caption, refs, n: (ngrams(caption, n) & ngrams(refs[0], n)).total() / (len(caption) - n + 1),),
        "too small",
    ),
    (retrieval.recall, (lowest_first,), "lowest score"),
    (retrieval.recall, (lambda scores, right, K: (scores.argmax(axis=1) == right).mean(),), "K = 3: this is R@1"),
    (retrieval.divide, (lambda given, others: given - others.mean(axis=0),), "2 to the mean"),
    (retrieval.divide, (lambda given, others: given - mean_of_probabilities(others),), "near -5015: .* finite"),
    (
        retrieval.divide,
        (lambda given, others: given - mean_of_probabilities(others) - np.log2(len(others)),),
        "divides by the sum",
    ),
]
