"""The whole m-RNN on one page: words to numbers, five equations, their gradients, SGD, and the captions it writes.

    e(t) = E[word(t)]                                   word embedding I
    w(t) = W_2 e(t) + b_w                               word embedding II
    r(t) = ReLU(U_r r(t-1) + w(t))                      recurrent layer, r(0) = 0
    m(t) = g2(V_w w(t) + V_r r(t) + V_I I + b_m)        multimodal layer, g2(x) = 1.7159 tanh(2x/3)
    y(t) = softmax(V_y m(t) + b_y)                      how probable each word is to come next

Plain NumPy, and nothing of this package but the scenes it learns from.  B sentences are padded to the T words of the
longest one, so every array of a layer is (B, T, its width).  `p` holds the parameters by symbol, `g` their gradients.
The rest of the package does the same sums faster, and a test holds it to the costs of this page.

    python -m mrnn_np.minimal          learns from 4,000 scenes in a minute or so, and says what it sees in new ones
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mrnn_np.data.captions import SplitData, attach, load_captions
from mrnn_np.scenes.built_in import scene_features

Array = npt.NDArray[Any]
Arrays = dict[str, Array]

START, END, UNK = 0, 1, 2  # what is read first, what is said last, and any word that is too rare


# ---- words to numbers ------------------------------------------------------------------------------------------------


def vocabulary(captions: Sequence[Sequence[str]], min_count: int = 5) -> list[str]:
    """The words of the captions that occur often enough, behind the three special ones; a word's id is its place."""
    counts = Counter(word for caption in captions for word in caption)
    return ["<start>", "<end>", "<unk>", *sorted(word for word, count in counts.items() if count >= min_count)]


def pad(sentences: Sequence[Sequence[int]]) -> tuple[Array, Array, Array]:
    """The words read and the words that come next, ids (B, T), and whether there is one, 1 or 0 (B, T)."""
    shape = len(sentences), max(map(len, sentences)) + 1
    words, targets, is_word = np.full(shape, END), np.full(shape, END), np.zeros(shape)
    for b, sentence in enumerate(sentences):
        length = len(sentence) + 1
        words[b, :length] = [START, *sentence]
        targets[b, :length] = [*sentence, END]
        is_word[b, :length] = 1
    return words, targets, is_word


# ---- the network -----------------------------------------------------------------------------------------------------


def initial_parameters(
    M: int, d_I: int, d_e: int, d_w: int, d_m: int, rng: np.random.Generator, dtype: npt.DTypeLike = np.float32
) -> Arrays:
    """Small random matrices, so that unit-sized inputs give unit-sized outputs; U_r = 1 keeps what has been read."""

    def normal(rows: int, columns: int, size: float = 1) -> Array:
        return rng.normal(0, size / np.sqrt(columns), (rows, columns))

    p = {
        "E": rng.normal(0, 1, (M, d_e)),
        "W_2": normal(d_w, d_e),
        "b_w": np.zeros(d_w),
        "U_r": np.eye(d_w),
        "V_w": normal(d_m, d_w, 0.6),
        "V_r": normal(d_m, d_w, 0.6),
        "V_I": normal(d_m, d_I, 0.6),
        "b_m": np.zeros(d_m),
        "V_y": normal(M, d_m, 0.1),
        "b_y": np.zeros(M),
    }
    return {symbol: matrix.astype(dtype) for symbol, matrix in p.items()}


def forward(p: Arrays, words: Array, I: Array) -> tuple[Array, ...]:
    """All layers for words (B, T) about images' features I (B, d_I): e, w, r, m and y, each (B, T, width)."""
    e = p["E"][words]
    w = e @ p["W_2"].T + p["b_w"]
    r, r_t = np.empty_like(w), np.zeros_like(w[:, 0])
    for t in range(words.shape[1]):
        r[:, t] = r_t = np.maximum(r_t @ p["U_r"].T + w[:, t], 0)
    image = I @ p["V_I"].T
    m = 1.7159 * np.tanh(2 / 3 * (w @ p["V_w"].T + r @ p["V_r"].T + image[:, None] + p["b_m"]))
    s = m @ p["V_y"].T + p["b_y"]
    y = np.exp(s - s.max(axis=2, keepdims=True))
    y /= y.sum(axis=2, keepdims=True)
    return e, w, r, m, y


def cost_and_gradient(p: Arrays, words: Array, targets: Array, is_word: Array, I: Array) -> tuple[float, Arrays]:
    """Bits per word of a padded batch, -log2 y(t)[target] on average, and what each parameter does to them."""
    e, w, r, m, y = forward(p, words, I)
    row, place = np.indices(words.shape)
    share = (is_word / is_word.sum()).astype(y.dtype)
    cost = -float((share * np.log2(y[row, place, targets])).sum())

    g = {}
    # Softmax and logarithm together: y, less 1 at the word that did come.
    ds = y
    ds[row, place, targets] -= 1
    ds *= share[:, :, None] / math.log(2)
    g["V_y"], g["b_y"] = outer(ds, m), ds.sum(axis=(0, 1))
    # g2'(z) = 2/3 (1.7159 - m^2 / 1.7159); z is a plain sum, so each of its terms receives dz.
    dz = ds @ p["V_y"] * (2 / 3 * (1.7159 - m**2 / 1.7159))
    g["V_w"], g["V_r"], g["b_m"] = outer(dz, w), outer(dz, r), dz.sum(axis=(0, 1))
    g["V_I"] = dz.sum(axis=1).T @ I
    dw, dr = dz @ p["V_w"], dz @ p["V_r"]
    # Back through time: what reaches r(t) from above, and from r(t+1).
    g["U_r"], from_later = np.zeros_like(p["U_r"]), np.zeros_like(dr[:, 0])
    for t in reversed(range(words.shape[1])):
        dz_t = (dr[:, t] + from_later) * (r[:, t] > 0)
        dw[:, t] += dz_t
        from_later = dz_t @ p["U_r"]
        if t > 0:
            g["U_r"] += dz_t.T @ r[:, t - 1]
    g["W_2"], g["b_w"] = outer(dw, e), dw.sum(axis=(0, 1))
    # A word that stands in several places collects from all of them.
    g["E"] = np.zeros_like(p["E"])
    np.add.at(g["E"], words, dw @ p["W_2"])
    return cost, g


def outer(dy: Array, x: Array) -> Array:
    """The gradient of W in y = W x: the sum of dy x^T over all words of all sentences."""
    return dy.reshape(-1, dy.shape[2]).T @ x.reshape(-1, x.shape[2])


# ---- learning and speaking -------------------------------------------------------------------------------------------


def sgd(p: Arrays, g: Arrays, velocity: Arrays, lr: float, momentum: float = 0.9, l2: float = 2e-5) -> None:
    """One step of gradient descent on bits per word + l2 ||p||^2, in place."""
    for symbol in p:
        velocity[symbol] = momentum * velocity[symbol] + g[symbol] + 2 * l2 * p[symbol]
        p[symbol] -= lr * velocity[symbol]


def greedy(p: Arrays, I: Array, longest: int = 20) -> list[list[int]]:
    """The caption of each image, ids without START and END, each word the most probable one after those before it."""
    words = np.full((len(I), 1), START)
    while words.shape[1] <= longest and not (words == END).any(axis=1).all():
        y = forward(p, words, I)[-1][:, -1]
        y[:, [START, UNK]] = 0  # which nobody says
        words = np.column_stack([words, y.argmax(axis=1)])
    return [sentence[1 : sentence.index(END) if END in sentence else None] for sentence in words.tolist()]


def batches(split: SplitData, id_of: dict[str, int], I: Array, size: int, order: Array) -> Iterator[tuple[Array, ...]]:
    """The captions of a split in that order, `size` at a time, padded, with the features of their images."""
    captions = [
        (row, caption) for row, said in zip(split.feature_rows, split.captions, strict=True) for caption in said
    ]
    for first in range(0, len(order), size):
        some = [captions[i] for i in order[first : first + size]]
        yield *pad([[id_of.get(word, UNK) for word in caption] for _, caption in some]), I[[row for row, _ in some]]


def main(epochs: int = 5, batch_size: int = 128, lr: float = 0.3) -> None:
    """Learn from the training scenes, and caption some that were never seen."""
    data, features = load_captions("scenes"), scene_features()
    train, val = attach(data, features, "train"), attach(data, features, "val")
    known = vocabulary([caption for said in train.captions for caption in said])
    id_of = {word: number for number, word in enumerate(known)}
    I = features.values - features.values[train.feature_rows].mean(axis=0)
    I *= 0.4 / np.sqrt((I[train.feature_rows] ** 2).mean())

    rng = np.random.default_rng(0)
    p = initial_parameters(len(known), I.shape[1], 64, 128, 256, rng)
    velocity = {symbol: np.zeros_like(matrix) for symbol, matrix in p.items()}
    captions = sum(map(len, train.captions))
    steps, step = epochs * -(-captions // batch_size), 0
    for epoch in range(1, epochs + 1):
        costs = []
        for batch in batches(train, id_of, I, batch_size, rng.permutation(captions)):
            cost, g = cost_and_gradient(p, *batch)
            sgd(p, g, velocity, lr * min(1, (step + 1) / 100) * (1 - step / steps))
            costs.append(cost)
            step += 1
        print(f"epoch {epoch}: {np.mean(costs):.3f} bits per word in training")
    print(f"(no model can have fewer than {data.floor('val'):.3f} on new scenes)\n")
    shown = range(0, len(val.images), len(val.images) // 6)
    for i, caption in zip(shown, greedy(p, I[val.feature_rows[list(shown)]]), strict=True):
        print(f"{val.images[i]}   {' '.join(known[k] for k in caption)}")
        print(f"     person   {' '.join(val.captions[i][0])}")


if __name__ == "__main__":
    main()
