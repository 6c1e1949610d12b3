"""Answers to the exercises of notebook 10b: right ones, written otherwise than the solutions, and wrong ones."""

import math

import numpy as np

from mrnn_np.layers.activations import g2_slope
from mrnn_np.teaching import explanation


def word_gradient_by_loops(y, word, m, V_y, V_I):
    dI = [0.0] * V_I.shape[1]
    for j in range(len(m)):
        dm = sum(((k == word) - y[k]) * V_y[k, j] for k in range(len(y))) / math.log(2)
        dz = dm * 2 / 3 * (1.7159 - m[j] ** 2 / 1.7159)
        for i in range(len(dI)):
            dI[i] += dz * V_I[j, i]
    return dI


def word_gradient_in_place(y, word, m, V_y, V_I):
    ds = -y.copy()
    ds[word] += 1
    dm = V_y.T @ ds
    dm *= 2 / 3 * 1.7159 * (1 - (m / 1.7159) ** 2)
    return V_I.T @ dm / np.log(2)


def input_gradient_by_pixels(dy, K, stride):
    """Each pixel asks all windows it is in."""
    (H, W, O), k = dy.shape, K.shape[1]
    dx = np.zeros((stride * (H - 1) + k, stride * (W - 1) + k, K.shape[3]))
    for a, b, c in np.ndindex(dx.shape):
        for i, j in np.ndindex(k, k):
            p, q = (a - i) / stride, (b - j) / stride
            if p in range(H) and q in range(W):
                dx[a, b, c] += sum(dy[int(p), int(q), o] * K[o, i, j, c] for o in range(O))
    return dx


def input_gradient_as_a_convolution(dy, K, stride):
    """A convolution of dy, with zeros around its numbers and between them, with the kernels back to front."""
    (H, W, O), k = dy.shape, K.shape[1]
    apart = np.zeros((stride * (H - 1) + 1, stride * (W - 1) + 1, O))
    apart[::stride, ::stride] = dy
    padded = np.pad(apart, ((k - 1, k - 1), (k - 1, k - 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(0, 1))
    return np.einsum("pqoij,oijc->pqc", windows, K[:, ::-1, ::-1])


def input_gradient(dy, K, stride, flipped=False, adds=True):
    k = K.shape[1]
    dx = np.zeros((stride * (dy.shape[0] - 1) + k, stride * (dy.shape[1] - 1) + k, K.shape[3]))
    for p, q in np.ndindex(dy.shape[:2]):
        window = (slice(stride * p, stride * p + k), slice(stride * q, stride * q + k))
        given = np.einsum("o,oijc->ijc", dy[p, q], K[:, ::-1, ::-1] if flipped else K)
        dx[window] = given + (dx[window] if adds else 0)
    return dx


def evidence_by_weights(seen, others):
    """Follows how likely each of the other images has become, word by word."""
    weight, bits = np.full(len(others), 1 / len(others)), []
    for t in range(len(seen)):
        p = 2.0 ** others[:, t]
        bits.append(seen[t] - math.log2(weight @ p))
        weight = weight * p / (weight @ p)
    return bits


def evidence_by_sums(seen, others):
    total = np.logaddexp2.reduce(np.cumsum(others, axis=1), axis=0)
    return seen - total + np.concatenate([[np.log2(len(others))], total[:-1]])


def squares_of(x, side, stride):
    for top in range(0, len(x) - side + 1, stride):
        for left in range(0, len(x[0]) - side + 1, stride):
            yield top, left, (slice(top, top + side), slice(left, left + side))


def occlusion_into_an_array(x, score, side, stride):
    falls = np.zeros(((x.shape[0] - side) // stride + 1, (x.shape[1] - side) // stride + 1))
    for top, left, square in squares_of(x, side, stride):
        painted = np.array(x)
        painted[square] = x.reshape(-1, 3).sum(axis=0) / (x.shape[0] * x.shape[1])
        falls[top // stride, left // stride] = score(x) - score(painted)
    return falls


def occlusion_that_paints_over_and_back(x, score, side, stride):
    before, colour, rows = score(x), x.mean(axis=(0, 1)).copy(), []
    for top in range(0, x.shape[0] - side + 1, stride):
        rows.append([])
        for left in range(0, x.shape[1] - side + 1, stride):
            hidden = x[top : top + side, left : left + side].copy()
            x[top : top + side, left : left + side] = colour
            rows[-1].append(before - score(x))
            x[top : top + side, left : left + side] = hidden
    return rows


def occlusion(x, score, side, stride, colour=lambda x, square: x.mean(axis=(0, 1)), last=1, painted=None):
    falls = []
    for top in range(0, len(x) - side + last, stride):
        for left in range(0, x.shape[1] - side + last, stride):
            now = x.copy() if painted is None else painted
            now[top : top + side, left : left + side] = colour(x, x[top : top + side, left : left + side])
            falls.append(score(x) - score(now))
    return np.array(falls).reshape(-1, len(range(0, x.shape[1] - side + last, stride)))


def pointing_by_loop(maps, things):
    hits = 0
    for shares, thing in zip(maps, things, strict=True):
        hits += bool(thing[shares == shares.max()].all())
    return hits / len(maps), sum(thing.sum() / thing.size for thing in things) / len(things)


def pointing_by_flat_places(maps, things):
    at = maps.reshape(len(maps), -1).argmax(axis=1)
    return np.array([np.take_along_axis(things.reshape(len(maps), -1), at[:, None], 1).mean(), things.mean()])


def hits(maps, things):
    return pointing_by_loop(maps, things)[0]


RIGHT = [
    (explanation.word_gradient, (word_gradient_by_loops,)),
    (explanation.word_gradient, (word_gradient_in_place,)),
    (explanation.input_gradient, (input_gradient_by_pixels,)),
    (explanation.input_gradient, (input_gradient_as_a_convolution,)),
    (explanation.evidence, (evidence_by_weights,)),
    (explanation.evidence, (evidence_by_sums,)),
    (explanation.occlusion, (occlusion_into_an_array,)),
    (explanation.occlusion, (occlusion_that_paints_over_and_back,)),
    (explanation.pointing, (pointing_by_loop,)),
    (explanation.pointing, (pointing_by_flat_places,)),
]


def one_hot(y, word):
    return np.eye(len(y))[word]


WRONG = [
    (
        explanation.word_gradient,
        (lambda y, k, m, V_y, V_I: ((y - one_hot(y, k)) / np.log(2) @ V_y * g2_slope(m)) @ V_I,),
        "which is what the bits cost",
    ),
    (
        explanation.word_gradient,
        (lambda y, k, m, V_y, V_I: ((one_hot(y, k) - y) @ V_y * g2_slope(m)) @ V_I,),
        "natural logarithm",
    ),
    (
        explanation.word_gradient,
        (lambda y, k, m, V_y, V_I: (one_hot(y, k) - y) / np.log(2) @ V_y @ V_I,),
        "slope of g2",
    ),
    (
        explanation.word_gradient,
        (lambda y, k, m, V_y, V_I: (V_y[k] * g2_slope(m)) @ V_I / np.log(2),),
        "scores of all other words",
    ),
    (explanation.word_gradient, (lambda y, k, m, V_y, V_I: (one_hot(y, k) - y) @ V_y * g2_slope(m),), "shape"),
    (explanation.input_gradient, (lambda *given: input_gradient(*given, flipped=True),), "back to front"),
    (explanation.input_gradient, (lambda *given: input_gradient(*given, adds=False),), "the last one has the say"),
    (
        explanation.input_gradient,
        (lambda dy, K, stride: input_gradient(dy, K.transpose(0, 2, 1, 3), stride),),
        "rows for its columns",
    ),
    (explanation.input_gradient, (lambda dy, K, stride: input_gradient(dy, K, 1),), "stride 2: dx has shape"),
    (explanation.input_gradient, (lambda *given: -input_gradient(*given),), "wrong sign"),
    (explanation.evidence, (lambda seen, others: seen - np.log2(np.exp2(others).mean(axis=0)),), "words before"),
    (explanation.evidence, (lambda seen, others: seen - others.mean(axis=0),), "mean of logarithms"),
    (
        explanation.evidence,
        (lambda seen, others: seen - np.log2(np.exp2(others.cumsum(axis=1)).mean(axis=0)),),
        "its own part",
    ),
    (
        explanation.evidence,
        (lambda seen, others: seen.cumsum() - np.log2(np.exp2(others.cumsum(axis=1)).mean(axis=0)),),
        "sums up to each word",
    ),
    (explanation.evidence, (lambda seen, others: -np.array(evidence_by_weights(seen, others)),), "wrong sign"),
    (explanation.evidence, (lambda s, o: np.array(evidence_by_weights(s, o)) * np.log(2),), "base e"),
    (explanation.occlusion, (lambda *given: occlusion(*given, colour=lambda x, square: 0),), "black"),
    (explanation.occlusion, (lambda *given: occlusion(*given, colour=lambda x, square: x.mean()),), "grey"),
    (
        explanation.occlusion,
        (lambda *given: occlusion(*given, colour=lambda x, square: square.mean(axis=(0, 1))),),
        "what it hides",
    ),
    (
        explanation.occlusion,
        (lambda x, *given: occlusion(x, *given, painted=x.copy()),),
        "still painted",
    ),
    (explanation.occlusion, (lambda *given: occlusion(*given, last=0),), "shape"),
    (explanation.occlusion, (lambda *given: -occlusion(*given),), "wrong sign"),
    (
        explanation.occlusion,
        (lambda x, score, *given: score(x) - occlusion(x, score, *given),),
        "scores of the painted",
    ),
    (explanation.pointing, (hits,), "two numbers"),
    (explanation.pointing, (lambda maps, things: (hits(abs(maps), things), things.mean()),), "no abs"),
    (explanation.pointing, (lambda maps, things: (hits(-maps, things), things.mean()),), "weakest"),
    (explanation.pointing, (lambda maps, things: (len(maps) * hits(maps, things), things.mean()),), "how many hits"),
    (
        explanation.pointing,
        (lambda maps, things: ((maps * things).sum() / maps.sum(), things.mean()),),
        "where a map is strongest",
    ),
    (explanation.pointing, (lambda maps, things: (hits(maps, things), 1 / things[0].size),), "chance, .* too small"),
]
