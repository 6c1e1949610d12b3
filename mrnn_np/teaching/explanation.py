"""The exercises of notebook 10b, from a word back to the pixels."""

import math
from collections.abc import Callable

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.layers.activations import g2, g2_slope
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, numbers, parts, run
from mrnn_np.vision.conv2d import conv2d_backward, conv2d_forward

WordGradient = Callable[[Array, int, Array, Array, Array], Array]
Score = Callable[[Array], float]
Occlusion = Callable[[Array, Score, int, int], Array]


@exercise
def word_gradient(gradient: WordGradient) -> str:
    """From y (M,), the number of the word, m (d_m,), V_y (M, d_m) and V_I (d_m, d_I) to d log2 P(word) / dI, (d_I,)."""
    rng = np.random.default_rng(20)
    V_y, V_I, word = rng.normal(size=(7, 5)), rng.normal(size=(5, 4)), 3
    m = g2(rng.normal(size=5))
    y = np.exp(V_y @ m) / np.exp(V_y @ m).sum()
    chosen = np.eye(7)[word]
    expected = ((chosen - y) / math.log(2) @ V_y * g2_slope(m)) @ V_I
    got = run(gradient, y, word, m, V_y, V_I)
    if near(got, -expected):
        raise Refused(
            "dI has the wrong sign: asked for is the slope of log2 P, which is what the bits cost with a minus"
        )
    if near(got, expected * math.log(2)):
        raise Refused("dI belongs to the natural logarithm; a bit is log2 P")
    if near(got, ((chosen - y) / math.log(2) @ V_y) @ V_I):
        raise Refused("dI has gone past the bend: the slope of g2, at the output m, is missing")
    if near(got, (chosen / math.log(2) @ V_y * g2_slope(m)) @ V_I):
        raise Refused("dI is that of the word's score; the scores of all other words count against it, each by its y")
    expect_array(got, expected, "dI")
    return "softmax, V_y, the bend, V_I: four steps back, and no word before has a part in it"


@exercise
def input_gradient(gradient: Callable[[Array, Array, int], Array]) -> str:
    """From dy (H', W', O), K (O, k, k, C) and the stride, no padding, to dx, (s (H' - 1) + k, s (W' - 1) + k, C)."""
    rng = np.random.default_rng(21)
    K, dy = rng.normal(size=(4, 3, 3, 2)), rng.normal(size=(1, 3, 4, 4))

    def back(kernels: Array, stride: int) -> Array:
        x = np.zeros((1, 2 * stride + 3, 3 * stride + 3, 2))
        return np.asarray(conv2d_backward(dy, conv2d_forward(x, kernels, np.zeros(4), stride)[1])[0][0])

    for stride in (1, 2):
        got = run(gradient, dy[0], K, stride)
        if near(got, back(K[:, ::-1, ::-1], stride)):
            raise Refused("each window gets the kernel back to front; y took x[i, j] of its window times K[i, j]")
        if near(got, back(K.transpose(0, 2, 1, 3), stride)):
            raise Refused("each window gets the kernel with its rows for its columns")
        if near(got, _last_window(dy[0], K, stride)):
            raise Refused(
                "where windows overlap the last one has the say; a pixel adds up what all its windows give it"
            )
        expect_array(got, back(K, stride), f"with stride {stride}: dx")
    return "every output hands its gradient back through the kernel, and a pixel adds up what comes"


def _last_window(dy: Array, K: Array, stride: int) -> Array:
    """What `input_gradient` is when a window overwrites what those before it gave."""
    k = K.shape[1]
    dx = np.zeros((stride * (dy.shape[0] - 1) + k, stride * (dy.shape[1] - 1) + k, K.shape[3]))
    for p, q in np.ndindex(dy.shape[:2]):
        dx[stride * p : stride * p + k, stride * q : stride * q + k] = np.tensordot(dy[p, q], K, 1)
    return dx


@exercise
def evidence(bits: Callable[[Array, Array], Array]) -> str:
    """From log2 P of T words about the image, (T,), and about B other images, (B, T), to the evidence of each, (T,)."""
    rng = np.random.default_rng(22)
    seen, others = -rng.gamma(2, 1, 5), -rng.gamma(2, 2, (4, 5))
    beginnings = np.log2(np.exp2(others.cumsum(axis=1)).mean(axis=0))
    expected = seen - np.diff(beginnings, prepend=0.0)
    got = run(bits, seen, others)
    if near(got, seen - np.log2(np.exp2(others).mean(axis=0))):
        raise Refused("the words before have no say here; after them some of the other images are likelier than others")
    if near(got, seen - others.mean(axis=0)):
        raise Refused("a mean of logarithms; P(w) is the mean of probabilities")
    if near(got, expected.cumsum()):
        raise Refused("these are the sums up to each word; take from each the one before")
    if near(got, seen - beginnings):
        raise Refused("log2 P of the whole beginning was taken away from each word; a word has only its own part of it")
    if near(got, expected * math.log(2)):
        raise Refused("the logarithms are to base e; bits need base 2")
    expect_array(got, expected, "the evidence")
    return "and all of it together is log2 P(w|I) / P(w), by which notebook 9 ranks"


def _looks(x: Array) -> float:
    """A score that looks at all of a picture, here more and there less, and bends what it sees."""
    weight = np.random.default_rng(24).normal(size=x.shape)
    return float(np.tanh((weight * x).sum() / 20) + 0.1 * (weight * x * x).sum())


@exercise
def occlusion(falls_of: Occlusion) -> str:
    """From x (H, W, 3), a score of pictures, the side of a square and its stride to by how much the score falls.

    Squares begin at the rows and columns 0, stride, 2 stride ... as long as they fit; (rows, columns) numbers.
    """
    x = np.random.default_rng(23).normal(size=(7, 9, 3))
    side, stride = 3, 2
    starts = [(top, left) for top in range(0, 7 - side + 1, stride) for left in range(0, 9 - side + 1, stride)]

    def falls(colour: Callable[[Array], Array], keep: bool = False) -> Array:
        found, painted = [], x.copy()
        for top, left in starts:
            painted = painted if keep else x.copy()
            square = painted[top : top + side, left : left + side]
            square[...] = colour(square)
            found.append(_looks(x) - _looks(painted))
        return np.array(found).reshape(3, 4)

    expected = falls(lambda square: x.mean(axis=(0, 1)))
    got = numbers(run(falls_of, x, _looks, side, stride), "the map")
    if near(got, falls(lambda square: np.zeros(3))):
        raise Refused("the squares are black; paint them in the mean colour of the picture")
    if near(got, falls(lambda square: x.mean())):
        raise Refused("the squares are grey: the mean is over rows and columns, a number for each of the three colours")
    if near(got, falls(lambda square: square.mean(axis=(0, 1)))):
        raise Refused("each square has the mean colour of what it hides, which tells a good deal of it")
    if near(got, falls(lambda square: x.mean(axis=(0, 1)), keep=True)):
        raise Refused("the squares before are still painted; begin each with a fresh copy of the picture")
    if near(got, _looks(x) - expected):
        raise Refused("these are the scores of the painted pictures; asked for is how far the score falls")
    expect_array(got, expected, "the map")
    return "no gradient in it: slow, and so a witness that owes the others nothing"


@exercise
def pointing(game: Callable[[Array, Array], tuple[float, float]]) -> str:
    """From maps (n, h, w) and where their things are, (n, h, w) bool, to the share of hits, and that of chance."""
    rng = np.random.default_rng(25)
    maps, things = rng.normal(size=(40, 6, 5)), rng.random((40, 6, 5)) < rng.uniform(0.1, 0.6, (40, 1, 1))
    maps += things  # a map knows something of its thing
    maps[::4] -= 6 * rng.random((10, 6, 5))  # and sometimes speaks against places more loudly than for any
    places, on = maps.reshape(40, -1), things.reshape(40, -1)

    def hits(strongest: Array) -> float:
        return float(on[np.arange(40), strongest].mean())

    share, chance = parts(run(game, maps, things), "two numbers, the share of hits and that of chance", 2)
    if near(share, hits(np.abs(places).argmax(axis=1))):
        raise Refused("the share of hits: places that speak against a word are no answer to where it is; no abs")
    if near(share, hits(places.argmin(axis=1))):
        raise Refused("the share of hits is that of the weakest places")
    if near(share, 40 * hits(places.argmax(axis=1))):
        raise Refused("this is how many hits there are; divide by the number of maps")
    if near(share, float((maps * things).sum() / maps.sum())):
        raise Refused("the game counts only where a map is strongest, not how much of it lies on the thing")
    expect_number(share, hits(places.argmax(axis=1)), "the share of hits")
    expect_number(chance, float(things.mean()), "that of chance, the mean share of a picture that its thing covers,")
    return "without chance beside it a share of hits says nothing"
