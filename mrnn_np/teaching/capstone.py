"""The exercises of notebook 7b, a network of your own: the learner's m-RNN against the package's.

The learner's network is a dict of matrices by symbol, `p`, and reads one sentence at a time: a list of word ids, END
last, about one picture, I (d_I,).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from mrnn_np.backend import Array, choose_backend
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.captioning.one_at_a_time import greedy as true_greedy
from mrnn_np.data.batches import Batch, pack
from mrnn_np.data.vocabulary import END, START, UNK
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params
from mrnn_np.teaching import multimodal, recurrence, softmax, training
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, near, numbers, parts, run
from mrnn_np.training.sgd import SGD

Sentences: TypeAlias = list[list[int]]

_MODEL = MRNN(M=9, d_I=4, d_e=3, d_w=5, d_m=6)
_ORDER = ("V_y", "b_y", "V_w", "V_r", "V_I", "b_m", "U_r", "W_2", "b_w", "E")
"""From the top of the network down, so that the first wrong gradient is the one whose line is wrong."""


def own_parameters(model: MRNN, word_counts: Array, seed: int = 0) -> dict[str, Array]:
    """Return the first parameters of a model as a dict of float64 matrices, and nothing of the package about them."""
    params = initial_params(model, np.random.default_rng(seed), word_counts, dtype=np.float64)
    return {symbol: params[symbol].copy() for symbol in params}


def as_params(model: MRNN, p: dict[str, Array]) -> Params:
    """Return such a dict as the package's parameters, a copy."""
    return Params(model.layout, np.concatenate([np.ravel(p[symbol]) for symbol in model.layout]))


def packed(sentences: Sequence[Sequence[int]], images: Array) -> Batch:
    """Return sentences, each about its own picture, as one of the package's batches."""
    return pack([np.array(sentence) for sentence in sentences], range(len(sentences)), np.asarray(images).__getitem__)


def package_costs(
    model: MRNN, p: dict[str, Array], batches: Sequence[tuple[Sentences, Array]], lr: float, momentum: float
) -> list[float]:
    """Return the bits per word of each batch before its update, as the package trains."""
    params, costs = as_params(model, p), []
    sgd, velocity = SGD(momentum=momentum), np.zeros_like(params.theta)
    for sentences, images in batches:
        bits, cache = model.forward(params, packed(sentences, images))
        costs.append(float(bits.mean()))
        sgd.update(params, model.backward(np.full_like(bits, 1 / len(bits)), cache), velocity, lr)
    return costs


_PARTS: dict[str, Callable[..., Any]] = {
    "states": recurrence.recurrence,
    "back_in_time": recurrence.backward_in_time,
    "d_matrix": recurrence.gradient_of_U_r,
    "multimodal": multimodal.forward,
    "softmax": softmax.stable_softmax,
    "d_scores": softmax.gradient_of_scores,
    "step": training.update,
}
"""The exercises whose answers the network is made of, by the name that it calls each by."""


@exercise
def own_parts(*functions: Callable[..., Any]) -> str:
    """The functions of _PARTS, in that order."""
    for (name, check), function in zip(_PARTS.items(), functions, strict=True):
        try:
            check.__wrapped__(function)  # type: ignore[attr-defined]
        except Refused as reason:
            raise Refused(f"{name}: {reason}") from None
    return "seven parts, ready to be put together"


@exercise
def forward(answer: Callable[..., Any]) -> str:
    """From p, a sentence and I to the bits of each word (T,) and a cache."""
    p = _parameters()
    for sentence, I in _sentences():
        bits, _ = _MODEL.forward(as_params(_MODEL, p), packed([sentence], I[None]))
        got, _ = parts(run(answer, p, list(sentence), I), "the bits and a cache from the forward", 2)
        if near(got, bits * np.log(2)):
            raise Refused("these are natural logarithms; bits are logarithms to base 2")
        if near(got, -bits):
            raise Refused("the bits have the wrong sign: a word that is not sure costs something")
        expect_array(got, bits, f"the array of bits of {sentence}")
    return "the bits of the package, from functions of your own"


@exercise
def backward(forth: Callable[..., Any], back: Callable[..., Any]) -> str:
    """From p and the cache of the forward to the gradient of the sum of the bits, a dict by symbol."""
    p = _parameters()
    for sentence, I in _sentences():
        bits, true_cache = _MODEL.forward(as_params(_MODEL, p), packed([sentence], I[None]))
        expected = _MODEL.backward(np.ones_like(bits), true_cache)
        _, cache = parts(run(forth, p, list(sentence), I), "the bits and a cache from the forward", 2)
        got = run(back, p, cache)
        if not isinstance(got, dict):
            raise Refused(f"expected a dict of gradients by symbol; a {type(got).__name__} came back")
        if missing := [symbol for symbol in _ORDER if symbol not in got]:
            raise Refused(f"there is no gradient of {', '.join(missing)}")
        for symbol in _ORDER:
            if symbol == "E" and np.shape(got["E"]) == expected["E"].shape:
                wrong = np.flatnonzero((np.abs(numbers(got["E"]) - expected["E"]) > 1e-7).any(axis=1)).tolist()
                read = [START, *sentence[:-1]]
                if wrong and all(read.count(word) > 1 for word in wrong):
                    raise Refused("dE: a word that was read twice collects both its gradients; += writes a row once")
            expect_array(got[symbol], expected[symbol], f"{sentence}: d{symbol}")
    return "ten matrices and biases, and every gradient is the package's"


@exercise
def train(learn: Callable[..., Any]) -> str:
    """From p, batches of sentences and their pictures, lr and momentum to the costs before each update."""
    pairs = list(_sentences())
    of_each = pairs, pairs[:1], pairs[1:]
    batches = [([list(s) for s, _ in some], np.array([I for _, I in some])) for some in of_each] * 2
    words, sentences = sum(map(len, batches[0][0])), len(batches[0][0])

    def costs(lr: float, momentum: float, first: int = 6) -> list[float]:
        return package_costs(_MODEL, _parameters(), batches[:first], lr, momentum)

    for lr, momentum in ((0.2, 0.9), (0.1, 0.5)):
        expected, p = costs(lr, momentum), _parameters()
        got = numbers(run(learn, p, batches, lr, momentum), "the list of costs")
        if got.shape == (len(batches),):
            if not near(got[0], expected[0]):
                if near(got[0], expected[0] * words):
                    raise Refused("the first cost is that of all words together; divide by the number of words")
                expect_number(got[0], expected[0], "the cost before the first update")
            if near(got[1], costs(lr * words / sentences, momentum, 2)[1]):
                raise Refused("the gradients are divided by the number of sentences; N is that of the words")
            if near(got[1], costs(lr * words, momentum, 2)[1]):
                raise Refused("the gradients of all words are added up and not divided by N")
            if near(got, costs(lr, 0.0)):
                raise Refused("every update begins with a velocity of 0; that of the update before is lost")
            if near(got[2], package_costs(_MODEL, _parameters(), batches[:1] + batches[2:3], lr, momentum)[1]):
                raise Refused("the update of the second batch is lost")
        expect_array(got, np.array(expected), f"lr {lr}, momentum {momentum}: the list of costs", tolerance=1e-6)
        if all(near(p[symbol], matrix) for symbol, matrix in _parameters().items()):
            raise Refused("the costs are right, but `p` is as it was before; put the new matrices into it")
    return "six updates, and each cost is the package's"


@exercise
def greedy(write: Callable[..., Any]) -> str:
    """From p and I to the ids of a caption, without START and END, of at most `longest` words."""
    p = _parameters()
    p["b_y"][[START, UNK]] = -50.0
    for seed in range(6):
        rng = np.random.default_rng(seed)
        I, p["V_y"] = rng.normal(size=_MODEL.d_I), rng.normal(size=(_MODEL.M, _MODEL.d_m))
        decoder = Decoder(_MODEL, as_params(_MODEL, p), choose_backend("numpy"))
        (true,) = true_greedy(decoder, I[None], max_length=8)
        expected = [int(word) for word in true.words if word != END]
        got = numbers(run(write, p, I, 8), "the caption").ravel().astype(int).tolist()
        if got == [*expected, END]:
            raise Refused(f"{got} ends with END; it is how the network stops, and no word of the caption")
        if got[:1] == [START]:
            raise Refused(f"{got} begins with START, which is read and not said")
        if got[: len(expected)] == expected and len(got) > len(expected):
            raise Refused(f"{got} goes on behind END, or for more than 8 words")
        if got != expected:
            where = _differ(got, expected)
            raise Refused(f"{got} is not made of the likeliest words: look at index {where}")
    return "word for word what the package writes"


def _parameters() -> dict[str, Array]:
    p = own_parameters(_MODEL, np.ones(_MODEL.M), seed=1)
    rng = np.random.default_rng(2)
    return {symbol: matrix + rng.normal(0, 0.3, matrix.shape) for symbol, matrix in p.items()}


def _sentences() -> Iterator[tuple[tuple[int, ...], Array]]:
    rng = np.random.default_rng(3)
    for sentence in ((3, 7, 4, END), (5, 3, 3, 8, 3, 6, END)):
        yield sentence, rng.normal(size=_MODEL.d_I)


def _differ(got: Sequence[int], expected: Sequence[int]) -> int:
    both = zip(got, expected, strict=False)
    return next((i for i, (one, other) in enumerate(both) if one != other), min(len(got), len(expected)))
