"""Soft attention, there and back: of many vectors, a question takes the mean, weighted by how well each answers it.

    s_p = q . x_p,   a = softmax(s),   c = sum_p a_p x_p

D. Bahdanau and others 2015; over the places of a picture K. Xu and others 2015; over the words of a sentence A. Vaswani
and others 2017.
"""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np

from mrnn_np.backend import Array
from mrnn_np.gradients.methods import complex_step
from mrnn_np.layers.lstm import lstm_step
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, near, parts, run


def attend(q: Array, x: Array) -> tuple[Array, Array]:
    """Return the context c (N, d) and the weights a (N, P) of questions q (N, d) about vectors x (N, P, d)."""
    s = np.einsum("npd,nd->np", x, q)
    a = np.exp(s - s.real.max(axis=1, keepdims=True))
    a /= a.sum(axis=1, keepdims=True)
    return np.einsum("np,npd->nd", a, x), a


def attend_back(dc: Array, q: Array, x: Array, a: Array) -> tuple[Array, Array]:
    """Return dq (N, d) and dx (N, P, d) from dc (N, d)."""
    da = np.einsum("npd,nd->np", x, dc)
    ds = a * (da - (a * da).sum(axis=1, keepdims=True))
    return np.einsum("np,npd->nd", ds, x), a[:, :, None] * dc[:, None] + ds[:, :, None] * q[:, None]


class Reader:
    """Answers a question about a vector for each place of a picture: the places it looks at, then a softmax layer.

    Parameters
    ----------
    questions, answers : how many there are
    d : width of a place's vector
    looks : whether it attends; if not, it takes the plain mean of all places
    """

    def __init__(self, questions: int, answers: int, d: int, looks: bool) -> None:
        rng = np.random.default_rng(0)
        self.looks = looks
        self.Q, self.b = 0.01 * rng.normal(size=(questions, d)), np.zeros((questions, answers))
        self.V = 0.01 * rng.normal(size=(answers, d))

    def weights(self, x: Array, question: Array) -> tuple[Array, Array]:
        """Return c (N, d) and a (N, P) for vectors x (N, P, d) and questions (N,)."""
        if self.looks:
            return attend(self.Q[question], x)
        return x.mean(axis=1), np.full(x.shape[:2], 1 / x.shape[1])

    def answers(self, x: Array, question: Array) -> Array:
        """Return the likeliest answer to each question, (N,)."""
        likeliest: Array = (self.weights(x, question)[0] @ self.V.T + self.b[question]).argmax(axis=1)
        return likeliest

    def learn(self, x: Array, of: Array, question: Array, answer: Array, updates: int = 600, lr: float = 0.05) -> None:
        """Learn from questions (R,) about rows `of` x, each with its answer, by SGD with momentum on 64 at a time."""
        rng, rows = np.random.default_rng(1), np.arange(64)
        velocity = {name: np.zeros_like(getattr(self, name)) for name in ("Q", "V", "b")}
        for _ in range(updates):
            pick = rng.integers(0, len(of), 64)
            seen, asked = x[of[pick]], question[pick]
            c, a = self.weights(seen, asked)
            scores = c @ self.V.T + self.b[asked]
            ds = np.exp(scores - scores.max(axis=1, keepdims=True))
            ds /= ds.sum(axis=1, keepdims=True)
            ds[rows, answer[pick]] -= 1
            ds /= 64
            g = {"V": ds.T @ c, "b": np.zeros_like(self.b), "Q": np.zeros_like(self.Q)}
            np.add.at(g["b"], asked, ds)
            if self.looks:
                np.add.at(g["Q"], asked, attend_back(ds @ self.V, self.Q[asked], seen, a)[0])
            for name, slope in g.items():
                velocity[name] = 0.9 * velocity[name] + slope
                setattr(self, name, getattr(self, name) - lr * velocity[name])


@exercise
def lstm_cell(cell: Callable[..., Any]) -> str:
    """From z (4 d,), the sums that enter the gates i, f, o and g, and c(t-1) (d,) to r(t) and c(t)."""
    rng = np.random.default_rng(0)
    z, c = rng.normal(size=12), rng.normal(size=3)
    ((r_new,), (c_new,)) = lstm_step(z[None], (np.zeros((1, 3)), c[None]), np.zeros((12, 3)))
    got = parts(run(cell, z, c), "two arrays, r(t) and c(t)", 2)
    gates = 1 / (1 + np.exp(-z[:9]))
    if near(got[0], c_new) and near(got[1], r_new):
        raise Refused("the two are right and in the wrong order: r(t) first, then c(t)")
    if near(got[1], gates[:3] * np.tanh(z[9:])):
        raise Refused("c(t) has forgotten c(t-1): what the forget gate lets through is missing")
    if near(got[1], c + gates[:3] * np.tanh(z[9:])):
        raise Refused("nothing is ever forgotten: c(t-1) passes the forget gate")
    for order in permutations(range(4)):
        i, f, _, g = z.reshape(4, 3)[list(order)]
        if order != (0, 1, 2, 3) and near(got[1], c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))):
            raise Refused("the parts of z are taken in another order; they stand as i, f, o, g")
    if near(got[1], gates[3:6] * c + gates[:3] / (1 + np.exp(-z[9:]))):
        raise Refused("g is no gate: it is bent by tanh, between -1 and 1")
    expect_array(got[1], c_new, "c(t)")
    if near(got[0], gates[6:9] * c_new):
        raise Refused("r(t) is bent once more: o(t) tanh(c(t))")
    expect_array(got[0], r_new, "r(t)")
    return "a cell that is only added to: its way back is a product with f"


@exercise
def attention(look: Callable[..., Any]) -> str:
    """From a question q (d,) and vectors x (P, d) to c (d,) and the weights a (P,)."""
    rng = np.random.default_rng(1)
    for size in (1.0, 400.0):
        q, x = size * rng.normal(size=3), rng.normal(size=(5, 3))
        ((c,), (a,)) = attend(q[None], x[None])
        with np.errstate(all="ignore"):
            got = parts(run(look, q, x), "c and the weights a", 2)
        if near(got[1], x @ q):
            raise Refused("the weights are the scores themselves; a softmax makes them positive, with the sum 1")
        if near(got[0], a) and near(got[1], c):
            raise Refused("the two are right and in the wrong order: c first, then a")
        if size == 1 and near(got[1], attend(q[None] / np.sqrt(len(q)), x[None])[1][0]):
            raise Refused("the scores are divided by the root of d, as in a Transformer; here they are not")
        if near(got[0], x.mean(axis=0)):
            raise Refused("c is the plain mean of all vectors; each counts with its weight")
        expect_array(got[1], a, f"a, for a question of size {size:g}")
        expect_array(got[0], c, f"c, for a question of size {size:g}")
    return "a mean, and the question says of what"


@exercise
def attention_back(back: Callable[..., Any]) -> str:
    """From dc (d,), q (d,), x (P, d) and a (P,) to dq (d,) and dx (P, d)."""
    rng = np.random.default_rng(2)
    q, x, dc = rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=3)
    _, (a,) = attend(q[None], x[None])
    dq = complex_step(lambda q: (attend(q[None], x[None])[0] @ dc).sum(), q)
    dx = complex_step(lambda x: (attend(q[None], x[None])[0] @ dc).sum(), x)
    got = parts(run(back, dc, q, x, a), "two arrays, dq and dx", 2)
    if near(got[0], (x @ dc) @ x) or near(got[0], (a * (x @ dc)) @ x):
        raise Refused("dq does not pass the slope of the softmax: a (da - sum of a da)")
    expect_array(got[0], dq, "dq")
    if near(got[1], np.outer(a, dc)):
        raise Refused("dx is that of the mean alone; the vectors were also compared with the question")
    if near(got[1], dx - np.outer(a, dc)):
        raise Refused("dx is that of the comparison alone; the vectors are also what the mean is made of")
    expect_array(got[1], dx, "dx")
    return "what was looked at learns what was needed, and the question where to look"
