"""Every CUDA kernel with arguments to try it on, and its readable form to hold it to."""

import numpy as np

from mrnn_np.backend import kernels
from mrnn_np.captioning.beam import sort_out
from mrnn_np.captioning.largest import largest
from mrnn_np.layers.activations import RELU, RELU6, SCALED_TANH, SIGMOID, TANH, g2, times_slope
from mrnn_np.layers.embedding import sum_rows
from mrnn_np.layers.multimodal import multimodal_output
from mrnn_np.layers.outer_sum import put_rows
from mrnn_np.layers.recurrent import back_through_time, forward_through_time
from mrnn_np.layers.softmax import scores_to_log2, softmax_cost
from mrnn_np.training.sgd import clip_scale, descend, squares


def normal(*shape, scale=1.0):
    return np.random.default_rng(list(shape)).normal(size=shape) * scale


def labels(count, below, dtype=np.int32):
    return np.random.default_rng([count, below]).integers(0, below, count).astype(dtype)


def recurrence(sizes, d, f, bptt=None):
    """A case of the recurrence over packed sentences, forward, or back where `bptt` is given."""
    N = sum(sizes)
    w, U_r = normal(N, d), normal(d, d, scale=d**-0.5)
    if bptt is None:
        return forward_through_time, (w, U_r, sizes, f), ()
    # About every other unit of a ReLU is off, and the others' outputs are within what sigmoid and tanh can give.
    return back_through_time, (normal(N, d, scale=2), np.clip(w, 0, 0.9), U_r, sizes, f, bptt), ()


def images_and_words(N, d, images, g):
    """A case of the multimodal layer; 0 images are one a row, as in decoding."""
    image_of = labels(N, images) if images else slice(None)
    terms = normal(N, 3), normal(N, 2), normal(images or N, d), image_of
    return (
        multimodal_output,
        (*terms, normal(d, 3, scale=0.5), normal(d, 2, scale=0.5), normal(d, 1)[:, 0].copy(), g),
        (),
    )


def cost(scores, dtype=np.int32):
    """A case of softmax and cost."""
    N, M = scores.shape
    b_y = np.round(16 * normal(M)) / 16  # which float32 adds to 10,000 without rounding
    return softmax_cost, (scores, b_y, labels(N, M, dtype), np.full(N, np.nan)), (0, 3)


def some_of(M, U):
    """U numbers below M, each once, ascending."""
    return np.sort(np.random.default_rng([M, U]).permutation(M)[:U]).astype(np.int32)


# Sentences in one block and in several; of one word and of many; and the width of the paper's model.
RECURRENCES = {
    "one word": ((1,), 5, RELU),
    "ragged": ((6, 5, 5, 3, 1), 7, RELU),
    "blocks of four": ((9, 8, 8, 4, 4, 1), 33, RELU),
    "wider than a block": ((5, 2), 300, SIGMOID),
    "wider than a tile": ((2, 2, 1), 520, TANH),
    "sigmoid": ((5, 4, 1), 40, SIGMOID),
    "tanh": ((5, 4, 1), 40, TANH),
    "the paper's width": ((5, 3), 256, RELU),
}


def ways(images, C, K, M=7, height=3):
    """A case of dividing ways to go on; every third is a sentence's end, and of the second image half are none."""
    rng, end = np.random.default_rng([images, C, K]), 1
    best = -np.sort(rng.uniform(1, 9, (images, C)), axis=1)
    best[1::2, C // 2 :] = -np.inf
    words = np.where(rng.random((images, C)) < 1 / 3, end, rng.integers(0, M, (images, C)))
    numbers = (rng.integers(0, height, (images, C)) * M + words).astype(np.int32)
    return sort_out, (best, numbers, np.full((5, images, K), np.nan), M, height, end), (2,)


# Readable form, arguments, and which of them hold results afterwards.  The widths lie on both sides of a warp's 32 and
# a block's 256 threads.
CASES = {
    **{f"g2 {n}": (g2, (normal(n, scale=3),), ()) for n in (1, 255, 257)},
    **{
        f"times_slope of {f.name}": (times_slope, (normal(3, 4), np.tanh(normal(4, 3)).T.copy(), f), ())
        for f in (RELU, RELU6, SIGMOID, TANH)
    },
    **{
        f"times_slope {n}": (times_slope, (normal(n, 3), np.tanh(normal(3, n)).T.copy(), SCALED_TANH), ())
        for n in (1, 86, 200)
    },
    **{
        f"multimodal_output {N} x {d} of {images}": images_and_words(N, d, images, g)
        for N, d, images, g in [(1, 1, 1, SCALED_TANH), (5, 60, 3, SCALED_TANH), (9, 33, 2, TANH), (7, 40, 4, RELU)]
    },
    "multimodal_output, an image a row": images_and_words(6, 50, 0, SCALED_TANH),
    **{
        f"softmax_cost {n} x {M}": cost(normal(n, M, scale=4))
        for n, M in [(1, 1), (3, 2), (4, 31), (5, 32), (6, 33), (2, 256), (3, 257), (2, 1000)]
    },
    "softmax_cost of targets in int64": cost(normal(4, 9), np.int64),
    "softmax_cost of equal scores": cost(np.zeros((2, 600))),
    "softmax_cost of large scores": cost(np.array([[1e4, -1e4, 9999.0], [-1e4, 0, 0]])),
    **{
        f"scores_to_log2 {n} x {M}": (scores_to_log2, (normal(n, M, scale=4),), (0,))
        for n, M in [(1, 1), (4, 40), (2, 700)]
    },
    "scores_to_log2 of large scores": (scores_to_log2, (np.array([[1e4, -1e4, 9999.0], [9, 9, 9]]),), (0,)),
    **{
        f"sum_rows {n} of {U} x {d}": (sum_rows, (normal(n, d), labels(n, U), np.arange(U)), ())
        for n, U, d in [(1, 1, 1), (40, 5, 31), (300, 7, 33), (600, 2, 64)]
    },
    "sum_rows of all labels": (sum_rows, (normal(50, 3), labels(50, 9), range(11)), ()),
    **{
        f"put_rows {U} of {M} x {d}": (put_rows, (np.full((M, d), np.nan), some_of(M, U), normal(U, d)), (0,))
        for M, U, d in [(1, 1, 1), (9, 9, 3), (40, 7, 33), (300, 2, 5)]
    },
    "sum_rows of some labels": (sum_rows, (normal(50, 3), labels(50, 9), np.array([8, 2, 40], np.int32)), ()),
    **{f"largest {k} of {M}": (largest, (normal(2, M), k), ()) for M, k in [(1, 1), (40, 3), (300, 20)]},
    "largest of two parts": (largest, (normal(1, 8200), 3), ()),
    **{
        f"sort_out {C} ways for {K}": ways(images, C, K)
        for images, C, K in [(1, 1, 1), (3, 6, 3), (2, 4, 9), (2, 40, 20), (2, 64, 33), (2, 30, 70)]
    },
    **{
        f"descend {n}": (
            descend,
            (normal(n), normal(n, 1)[:, 0].copy(), normal(1, n)[0], np.array(0.4), 0.1, 0.01, 0.9),
            (0, 2),
        )
        for n in (1, 257, 1000)
    },
    **{f"forward_through_time, {name}": recurrence(*case) for name, case in RECURRENCES.items()},
    **{f"back_through_time, {name}": recurrence(*case, 0) for name, case in RECURRENCES.items()},
    **{f"back_through_time, cut every {K}": recurrence((9, 8, 8, 4, 4, 1), 33, RELU, K) for K in (1, 2, 3, 6, 7)},
    "descend without momentum": (
        descend,
        (normal(7), normal(7, 1)[:, 0].copy(), normal(1, 7)[0], None, 0.1, 0.0, 0.0),
        (0, 2),
    ),
    **{f"squares {n}": (squares, (normal(n), normal(n, 1)[:, 0].copy(), 0.3), ()) for n in (1, 257, 300_000)},
    **{f"clip_scale of {n}": (clip_scale, (normal(n) ** 2, n**0.5 / 2), ()) for n in (1, 33, 1000)},
    "clip_scale of little": (clip_scale, (normal(5) ** 2, 40.0), ()),
}
TOLERANCE = {"float32": 2e-6, "float64": 1e-14}


def cast(args, dtype):
    return [a.astype(dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in args]


def results(function, args, changed):
    """What the function returns, as a tuple, and then the arguments it was to change."""
    found = function(*args)
    if function.__name__ == "squares":  # the kernel leaves them in parts
        found = found.sum()
    found = () if found is None else found if isinstance(found, tuple) else (found,)
    return [*found, *(args[i] for i in changed)]


def compare(backend, case, dtype):
    """Run the kernel of a case in that dtype and hold it to the readable form in float64."""
    readable, args, changed = CASES[case]
    kernel = getattr(kernels, readable.__name__)
    on_device = [backend.asarray(a) if isinstance(a, np.ndarray) else a for a in cast(args, dtype)]
    found = [backend.to_numpy(x) for x in results(kernel, on_device, changed)]
    expected = results(readable.__wrapped__, cast(args, "float64"), changed)
    assert len(found) == len(expected) > 0
    for x, y in zip(found, expected, strict=True):
        assert x.dtype == (dtype if y.dtype.kind == "f" else np.int32)
        # Relative to the largest: a sum of many terms may come to nearly 0.
        largest_of_y = np.abs(y[np.isfinite(y)]).max(initial=1)
        np.testing.assert_allclose(x, y, rtol=0, atol=TOLERANCE[dtype] * largest_of_y)
