"""Answers to the exercises of notebooks 8 to 14 that another round of trying came up with, wrong and right."""

import functools
import heapq
import itertools
import math
import operator
import statistics
from collections import Counter
from fractions import Fraction

import numpy as np

from mrnn_np.backend.arrays import get_xp
from mrnn_np.evaluation.sentences import ngrams
from mrnn_np.teaching import attention, captioning, many_hands, own_data, retrieval, speed, vision


def softmax(s):
    return np.exp(s - s.max()) / np.exp(s - s.max()).sum()


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def ways_on(total, width):
    return [(total.flat[i], *divmod(int(i), total.shape[1])) for i in np.argsort(-total, axis=None)[:width]]


def clipped(caption, references, n):
    best = Counter()
    for reference in references:
        best |= ngrams(reference, n)
    return (ngrams(caption, n) & best).total()


def before_it(scores, right):
    return (scores > scores[np.arange(len(scores)), right][:, None]).sum(axis=1)


def windows(x, k, row=np.ravel):
    return np.array(
        [row(x[p : p + k, q : q + k]) for p in range(len(x) - k + 1) for q in range(x.shape[1] - k + 1)],
    )


def shifted(scores):
    return scores - scores.max(axis=1, keepdims=True)


def first_and_rest(pairs, count):
    held = set(list(dict.fromkeys(picture for picture, _ in pairs))[:count])
    return [p for p in pairs if p[0] not in held], [p for p in pairs if p[0] in held]


def cut_anywhere(pairs, share):
    cut = int(len(pairs) * (1 - share))
    return pairs[:cut], pairs[cut:]


def grouped(pairs, share):
    pictures = [list(some) for _, some in itertools.groupby(pairs, key=lambda pair: pair[0])]
    cut = int(len(pictures) * share)
    return list(itertools.chain(*pictures[cut:])), list(itertools.chain(*pictures[:cut]))


def split_line(line, mark="\t"):
    head, _, text = line.partition(mark)
    name, _, number = head.rpartition("#")
    return name, int(number), text.rstrip("\n")


def by_the_last_mark(line):
    name, rest = line.rsplit("#", 1)
    number, text = rest.split("\t", 1)
    return name, int(number), text.rstrip("\n")


def in_halves(numbers, half=lambda n: (slice(0, n // 2), slice(n // 2, n))):
    if len(numbers) == 1:
        return numbers[0]
    left, right = half(len(numbers))
    return in_halves(numbers[left], half) + in_halves(numbers[right], half)


def lstm(order="ifog", g=np.tanh, out=np.tanh):
    """The cell of an LSTM whose gates stand in some order."""

    def cell(z, c):
        part = dict(zip(order, z.reshape(4, -1), strict=True))
        new = sigmoid(part["f"]) * c + sigmoid(part["i"]) * g(part["g"])
        return sigmoid(part["o"]) * out(new), new

    return cell


def look_back(ds_of=lambda a, da: a * (da - a @ da), mean=1, compared=1):
    """The way back through attention; with options, one of several mistakes."""

    def back(dc, q, x, a):
        ds = ds_of(a, x @ dc)
        return ds @ x, mean * np.outer(a, dc) + compared * np.outer(ds, q)

    return back


WRONG = [
    (captioning.temperature, (lambda y, T: y ** (1 / T) / (y ** (1 / T)).max(),), "add up to 2"),
    (captioning.temperature, (lambda y, T: y * T / (y * T).sum(),), "0.5: .*temperature changes nothing"),
    (captioning.advance, (lambda a, n, width: ways_on(a[:, None] + n, n.size),), "5 ways to go on; expected 3"),
    (captioning.advance, (lambda a, n, width: ways_on(-(a[:, None] + n), width),), "not its log2 P"),
    (captioning.advance, (lambda a, n, width: ways_on(a[:, None] * n, width),), "not its log2 P"),
    (
        captioning.advance,
        (lambda a, n, width: [(a[k] + n[k, w], k, w) for k in range(len(a)) for w in np.argsort(-n[k])][:width],),
        "likelier ways",
    ),
    (captioning.length_norm, (lambda p, words, A: p - A * math.log2(words),), "too small"),
    (captioning.length_norm, (lambda p, words, A: (p / words) ** A,), "too large"),
    (captioning.length_norm, (lambda p, words, A: abs(p) / words**A,), "wrong sign"),
    (captioning.length_norm, (lambda p, words, A: p / A**words,), "ZeroDivisionError.*in line"),
    (
        retrieval.precision,
        (lambda c, refs, n: clipped(c, refs, n) / len(c),),
        "n = 2: .*divided by the number of words",
    ),
    (retrieval.precision, (lambda c, refs, n: clipped(c, refs, n) / len(ngrams(c, n)),), "too large"),
    (retrieval.precision, (lambda c, refs, n: 100 * clipped(c, refs, n) / ngrams(c, n).total(),), "too large"),
    (
        retrieval.recall,
        (lambda s, right, K: (np.argsort(-s, axis=1)[np.arange(len(s)), right] < K).mean(),),
        "argsort gives the items",
    ),
    (retrieval.recall, (lambda s, right, K: before_it(s, right) < K,), "expected one number"),
    (retrieval.recall, (lambda s, right, K: (1 / (1 + before_it(s, right))).mean(),), "too small"),
    (retrieval.divide, (lambda given, others: 2**given / (2**others).mean(axis=0),), "the quotient itself"),
    (retrieval.divide, (lambda given, others: given - others.max(axis=0),), "numbers are wrong"),
    (
        retrieval.divide,
        (lambda given, others: given + np.logaddexp2.reduce(others) - np.log2(len(others)),),
        "numbers are wrong",
    ),
    (vision.output_size, (lambda size, k, stride, padding: (size + 2 * padding - k + 1) // stride,), "5 pixels.*few"),
    (vision.output_size, (lambda size, k, stride, padding: -(-(size + 2 * padding - k) // stride) + 1,), "too many"),
    (
        vision.windows_as_rows,
        (lambda x, k: windows(x, k, lambda w: w.transpose(1, 0, 2).ravel()),),
        "its columns come first",
    ),
    (vision.windows_as_rows, (lambda x, k: windows(x, k)[:, ::-1],), "numbers are wrong"),
    (vision.windows_as_rows, (lambda x, k: windows(x[:-1, :-1], k),), "shape"),
    (vision.kernel_gradient, (lambda dy, rows: np.outer(dy.sum(axis=(0, 1)), rows.sum(axis=0)),), "numbers are wrong"),
    (vision.kernel_gradient, (lambda dy, rows: -dy.reshape(len(rows), -1).T @ rows,), "wrong sign"),
    (speed.speed_up, (lambda lengths: max(lengths) * len(lengths) // sum(lengths),), "too small"),
    (speed.speed_up, (lambda lengths: (max(lengths) * len(lengths), sum(lengths)),), "expected one number"),
    (speed.intensity, (lambda n, a, b: n * a * b / (4 * (n * a + a * b + n * b)),), "half of what it is"),
    (speed.intensity, (lambda n, a, b: 2 * n * a * b / (4 * a * b),), "too large"),
    (speed.either_module, (lambda s: np.array([np.log2(softmax(np.array(row))) for row in s]),), "Implicit conversion"),
    (
        speed.either_module,
        (lambda s: shifted(s) - get_xp(s).log(get_xp(s).exp(shifted(s)).sum(axis=1, keepdims=True)),),
        "factor, 0.69",
    ),
    (own_data.caption_line, (by_the_last_mark,), "raises ValueError.*in line"),
    (own_data.caption_line, (lambda line: (*split_line(line)[:2], split_line(line)[2].strip(" .")),), "at its end"),
    (
        own_data.caption_line,
        (lambda line: (*split_line(line)[:2], split_line(line)[2].lower()),),
        "after the first tab|all that",
    ),
    (own_data.split_by_picture, (cut_anywhere,), "both lists"),
    (own_data.split_by_picture, (lambda pairs, share: first_and_rest(pairs, 500),), "for a share of 0.1"),
    (own_data.split_by_picture, (lambda pairs, share: cut_anywhere(list(dict(pairs).items()), share),), "each once"),
    (
        own_data.paired_difference,
        (lambda a, b: (np.median(a - b), (a - b).std(ddof=1) / len(a) ** 0.5),),
        "difference, .*too small",
    ),
    (own_data.paired_difference, (lambda a, b: ((a - b).mean(), (a - b).var(ddof=1) / len(a)),), "error, .*too small"),
    (many_hands.from_means, (lambda means, words: np.average(means, axis=0, weights=1 / words),), "numbers are wrong"),
    (many_hands.from_means, (lambda means, words: words[:, None] * means / words.sum(),), "shape"),
    (many_hands.in_pairs, (np.sum,), "in another order"),
    (many_hands.in_pairs, (lambda numbers: np.float32(np.sum(np.array(numbers, float))),), "in another order"),
    (many_hands.in_pairs, (lambda numbers: in_halves(numbers, lambda n: (slice(0, n, 2), slice(1, n, 2))),), "order"),
    (many_hands.sent, (lambda R, n: 2 * n / R,), "too small"),
    (many_hands.sent, (lambda R, n: R * 2 * (R - 1) * n / R,), "all of them send"),
    (attention.lstm_cell, (lstm("ifgo"),), "another order; they stand as i, f, o, g"),
    (attention.lstm_cell, (lstm("fiog"),), "another order; they stand as i, f, o, g"),
    (attention.lstm_cell, (lstm(out=sigmoid),), r"r\(t\): .*numbers are wrong"),
    (attention.attention, (lambda q, x: ((a := softmax(x @ q / len(q) ** 0.5)) @ x, a),), "root of d"),
    (attention.attention, (lambda q, x: ((a := x @ q / (x @ q).sum()) @ x, a),), "numbers are wrong"),
    (attention.attention, (lambda q, x: ((a := softmax(x @ q))[:, None] * x, a),), "shape"),
    (attention.attention_back, (look_back(mean=0),), "comparison alone"),
    (attention.attention_back, (look_back(lambda a, da: a * (1 - a) * da),), "dq: .*numbers are wrong"),
    (attention.attention_back, (look_back(lambda a, da: a * (a @ da - da)),), "dq has the wrong sign"),
]

RIGHT = [
    (captioning.temperature, (lambda y, T: softmax(np.log(y) / T),)),
    (captioning.temperature, (lambda y, T: (p ** (1 / T) / sum(q ** (1 / T) for q in y) for p in y),)),
    (captioning.temperature, (lambda y, T: (y := y.astype("f4") ** np.float32(1 / T)) / y.sum(),)),
    (
        captioning.advance,
        (
            lambda a, n, width: heapq.nlargest(
                width, ((a[k] + n[k, w], k, w) for k in range(len(a)) for w in range(len(n[k])))
            ),
        ),
    ),
    (captioning.advance, (lambda a, n, width: zip(*zip(*ways_on(a[:, None] + n, width), strict=True), strict=True),)),
    (captioning.length_norm, (lambda p, words, A: np.float64(p) / np.power(float(words), A),)),
    (retrieval.precision, (lambda c, refs, n: Fraction(clipped(c, refs, n), len(c) - n + 1),)),
    (retrieval.recall, (lambda s, right, K: float((np.argsort(np.argsort(-s))[range(97), right] < K).sum() / len(s)),)),
    (
        retrieval.divide,
        (lambda given, others: given - functools.reduce(np.logaddexp2, others) + math.log2(len(others)),),
    ),
    (vision.output_size, (lambda size, k, stride, padding: len(range(k, size + 2 * padding + 1, stride)),)),
    (vision.output_size, (lambda size, k, stride, padding: int((size + 2 * padding - k) / stride + 1),)),
    (vision.windows_as_rows, (lambda x, k: iter(windows(x, k).tolist()),)),
    (vision.kernel_gradient, (lambda dy, rows: np.einsum("no,nk->ok", dy.reshape(-1, dy.shape[-1]), rows),)),
    (speed.speed_up, (lambda lengths: Fraction(max(lengths) * len(lengths), sum(lengths)),)),
    (speed.intensity, (lambda n, a, b: n * a * b / (2 * (n * a + a * b + n * b)),)),
    (
        speed.either_module,
        (lambda s: (shifted(s) - np.log(np.exp(shifted(s)).sum(axis=1))[:, None]) / np.log(2),),
    ),
    (own_data.caption_line, (split_line,)),
    (own_data.split_by_picture, (grouped,)),
    (own_data.split_by_picture, (lambda pairs, share: first_and_rest(pairs, round(2000 * share)),)),
    (
        own_data.paired_difference,
        (
            lambda a, b: (
                statistics.mean(d := list(map(operator.sub, a, b))),
                statistics.stdev(d) / math.sqrt(len(d)),
            ),
        ),
    ),
    (own_data.paired_difference, (lambda a, b: ((a - b).mean(), (a - b).std() / (len(a) - 1) ** 0.5),)),
    (many_hands.from_means, (lambda means, words: np.repeat(means, words, axis=0).mean(axis=0),)),
    (many_hands.in_pairs, (in_halves,)),
    (many_hands.in_pairs, (lambda numbers: np.asarray(in_halves(numbers)),)),
    (many_hands.sent, (lambda R, n: Fraction(2 * (R - 1) * n, R),)),
    (attention.lstm_cell, (lstm(),)),
    (attention.attention, (lambda q, x: [(softmax(x @ q) @ x).tolist(), softmax(x @ q).tolist()],)),
    (attention.attention_back, (look_back(),)),
]
