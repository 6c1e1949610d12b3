"""Networks that a learner may have written in notebook 7b: the solution's, another one, and wrong ones."""

from types import SimpleNamespace

import nbformat
import numpy as np
from execution import NOTEBOOKS

from mrnn_np.data.vocabulary import END, START

SOLUTION = NOTEBOOKS / "solutions/07b_a_network_of_your_own.ipynb"


def solution() -> str:
    """The learner's file: what the solution defines, in the order of its cells, without imports and checks."""
    cells = [cell.source for cell in nbformat.read(SOLUTION, as_version=4).cells if cell.cell_type == "code"]
    return "\n\n\n".join(source.partition("\n\n\ncheck.")[0] for source in cells[1:])


def network(code: str) -> SimpleNamespace:
    """What a file defines, to be called as `mine.forward`."""
    names = {"np": np, "START": START, "END": END}
    exec(code, names)
    return SimpleNamespace(**names)


def other_forward(p, sentence, I):
    """All words at once, but for the recurrence, and logarithms where the solution has probabilities."""
    ids = np.r_[START, sentence[:-1]]
    w, r = p["E"][ids] @ p["W_2"].T + p["b_w"], [np.zeros(len(p["U_r"]))]
    for row in w:
        r.append(np.clip(p["U_r"] @ r[-1] + row, 0, None))
    r = np.array(r)
    m = 1.7159 * np.tanh((w @ p["V_w"].T + r[1:] @ p["V_r"].T + p["V_I"] @ I + p["b_m"]) / 1.5)
    scores = m @ p["V_y"].T + p["b_y"]
    log2_y = (scores - np.logaddexp.reduce(scores, axis=1)[:, None]) / np.log(2)
    return [-row[word] for row, word in zip(log2_y, sentence, strict=True)], {
        "ids": ids, "words": sentence, "I": I, "w": w, "r": r, "m": m, "y": 2**log2_y,
    }  # fmt: skip


def other_backward(p, c, carried=True, recurrent=True, E_by_index=False, transposed=False):
    """Word by word from the end, each adding to every gradient; with options, one of four mistakes."""
    g = {symbol: np.zeros_like(matrix) for symbol, matrix in p.items()}
    carry, ln2 = np.zeros(len(p["U_r"])), np.log(2)
    for t in range(len(c["ids"]) - 1, -1, -1):
        ds = c["y"][t] / ln2
        ds[c["words"][t]] -= 1 / ln2
        dz = (ds @ p["V_y"]) * (2 / 3 * 1.7159 - 2 / 3 / 1.7159 * c["m"][t] ** 2)
        dr = (dz @ p["V_r"] + carry * carried) * (c["r"][t + 1] > 0)
        carry = dr @ (p["U_r"].T if transposed else p["U_r"])
        dw = dz @ p["V_w"] + dr * recurrent
        rows = {"V_y": (ds, c["m"][t]), "V_w": (dz, c["w"][t]), "V_r": (dz, c["r"][t + 1]), "V_I": (dz, c["I"])}
        rows |= {"U_r": (dr, c["r"][t]), "W_2": (dw, p["E"][c["ids"][t]])}
        for symbol, pair in rows.items():
            g[symbol] += np.outer(*pair)
        for symbol, one in (("b_y", ds), ("b_m", dz), ("b_w", dw)):
            g[symbol] += one
        if E_by_index:
            g["E"][c["ids"][t]] = dw @ p["W_2"]
        else:
            g["E"][c["ids"][t]] += dw @ p["W_2"]
    return g


def other_train(p, batches, lr, momentum, mean=True, remember=True):
    """In place; with options, one of two mistakes."""
    velocity, costs = {}, []
    for sentences, images in batches:
        total, N = {}, sum(len(sentence) for sentence in sentences)
        costs.append(0.0)
        for sentence, I in zip(sentences, images, strict=True):
            bits, cache = other_forward(p, sentence, I)
            costs[-1] += sum(bits) / (N if mean else 1)
            for symbol, g in other_backward(p, cache).items():
                total[symbol] = total.get(symbol, 0) + g / (N if mean else 1)
        for symbol, g in total.items():
            velocity[symbol] = g + momentum * velocity.get(symbol, 0) * remember
            p[symbol] -= lr * velocity[symbol]
    return np.array(costs)


def other_greedy(p, I, longest=20):
    """One step at a time, with the memory handed on."""
    said, r = [], np.zeros(len(p["U_r"]))
    for _ in range(longest):
        w = p["W_2"] @ p["E"][said[-1] if said else START] + p["b_w"]
        r = np.maximum(p["U_r"] @ r + w, 0)
        m = 1.7159 * np.tanh(2 / 3 * (p["V_w"] @ w + p["V_r"] @ r + p["V_I"] @ I + p["b_m"]))
        word = np.argmax(p["V_y"] @ m + p["b_y"])
        if word == END:
            break
        said.append(word)
    return said


def right_and_wrong(capstone):
    """Right answers to the checks of the capstone, and wrong ones with the reason they are refused for."""
    mine = network(solution())
    parts = [mine.states, mine.back_in_time, mine.d_matrix, mine.multimodal, mine.softmax, mine.d_scores, mine.step]

    def but(name, function):
        return tuple(function if part.__name__ == name else part for part in parts)

    def wrong(**options):
        return other_forward, lambda p, cache: other_backward(p, cache, **options)

    by_sentences = network(solution().replace("gradients) / N", "gradients) / len(sentences)"))

    def natural(p, sentence, I):
        bits, cache = mine.forward(p, sentence, I)
        return bits * np.log(2), cache

    def reads_itself(p, sentence, I):
        return mine.forward(p, [*sentence[1:], END], I)

    right = [
        (capstone.own_parts, tuple(parts)),
        (capstone.own_parts, but("states", other_states)),
        (capstone.forward, (mine.forward,)),
        (capstone.forward, (other_forward,)),
        (capstone.backward, (mine.forward, mine.backward)),
        (capstone.backward, (other_forward, other_backward)),
        (capstone.train, (mine.train,)),
        (capstone.train, (other_train,)),
        (capstone.greedy, (mine.greedy,)),
        (capstone.greedy, (other_greedy,)),
    ]
    return right, [
        (capstone.own_parts, but("states", lambda w, U_r: np.maximum(w, 0)), "states: no step hears"),
        (capstone.own_parts, but("softmax", lambda s: ...), "softmax: nothing comes back"),
        (capstone.own_parts, but("step", lambda t, g, v, lr, mu, l2: t - lr * g), "step: expected two arrays"),
        (capstone.forward, (natural,), "natural logarithms"),
        (capstone.forward, (reads_itself,), "array of bits of .* are wrong"),
        (capstone.forward, (lambda p, s, I: mine.forward(p, s, I)[0],), "the bits and a cache"),
        (capstone.forward, (lambda p, s, I: (-mine.forward(p, s, I)[0], 0),), "wrong sign"),
        (capstone.backward, wrong(carried=False), "dU_r"),
        (capstone.backward, wrong(recurrent=False), "dW_2"),
        (capstone.backward, wrong(E_by_index=True), "read twice"),
        (capstone.backward, wrong(transposed=True), "dU_r"),
        (capstone.backward, (mine.forward, lambda p, cache: {}), "no gradient of V_y"),
        (capstone.train, (lambda *given: other_train(*given, mean=False),), "divide by the number of words"),
        (capstone.train, (lambda *given: other_train(*given, remember=False),), "a velocity of 0"),
        (capstone.train, (lambda p, *rest: mine.train(dict(p), *rest),), "put the new matrices into it"),
        (capstone.train, (lambda p, batches, lr, mu: mine.train(p, batches, 0.2, mu),), "lr 0.1.* of 6 numbers"),
        (capstone.train, (lambda p, batches, lr, mu: mine.train(p, batches, lr, 0.9),), "lr 0.1.* of 6 numbers"),
        (capstone.train, (by_sentences.train,), "number of sentences; N"),
        (capstone.train, (lambda p, batches, lr, mu: other_train(p, batches[:1], lr, mu),), "shape"),
        (capstone.greedy, (lambda p, I, longest: [*mine.greedy(p, I, longest), END],), "ends with END|longest|goes on"),
        (capstone.greedy, (lambda p, I, longest: [START, *mine.greedy(p, I, longest)],), "begins with START"),
        (capstone.greedy, (lambda p, I, longest: mine.greedy(p, -I, longest),), "likeliest"),
    ]


def other_states(w, U_r):
    """The states as a list."""
    r = [np.zeros(len(U_r))]
    for row in w:
        r.append(np.maximum(U_r @ r[-1] + row, 0))
    return r[1:]
