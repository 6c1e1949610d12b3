"""Right answers to every exercise, at least two each, written otherwise than the solutions: lists, loops, in place."""

import math
from collections import Counter
from dataclasses import replace

import numpy as np

from mrnn_np.backend import get_xp
from mrnn_np.scenes.world import Scene, Thing
from mrnn_np.teaching import (
    attention,
    captioning,
    gradients,
    many_hands,
    multimodal,
    own_data,
    recurrence,
    retrieval,
    simple_rnn,
    softmax,
    speed,
    tour,
    training,
    vision,
    words,
)

HORSES = Scene("snow", "night", "moon", (Thing("horse", "white", count=2, action="run"),))


def sizes_by_counting_down(lengths):
    left, sizes = list(lengths), []
    while left:
        sizes.append(len(left))
        left = [n - 1 for n in left if n > 1]
    return sizes


def rows_one_by_one(sizes, j):
    start = 0
    for size in sizes:
        if j >= size:
            return
        yield start + j
        start += size


def step_in_two_products(w, r, U):
    M = len(w)
    z = U[:, :M].dot(w) + U[:, M:].dot(r)
    return [1 / (1 + math.exp(-x)) for x in z]


def step_back_in_place(dr, r, U):
    dz = dr.copy()
    dz *= r
    dz *= 1 - r
    return [dz, dz @ U[:, U.shape[1] - len(r) :]]


def directional_in_place(f, x, direction, h):
    x += h * direction
    above = f(x)
    x -= 2 * h * direction
    below = f(x)
    x += h * direction
    return (above - below) / (2 * h)


def remembering_forward(w, U_r, mask):
    state, states, befores = np.zeros(w.shape[1]), [], []
    for row in w:
        befores.append(state)
        state = np.maximum(U_r @ state + row, 0)
        states.append(state)
    return np.array(states) * mask, {"r": np.array(states), "before": np.array(befores), "U": U_r, "mask": mask}


def remembering_backward(d_dropped, cache):
    dz, carry = np.zeros_like(d_dropped), 0
    for t in range(len(dz) - 1, -1, -1):
        dz[t] = np.where(cache["r"][t] > 0, d_dropped[t] * cache["mask"][t] + carry, 0)
        carry = dz[t] @ cache["U"]
    return [dz, dz.T @ cache["before"]]


def gates_forward(w, U_r, mask):
    r, before = [], np.zeros(len(U_r))
    for row in w:
        before = np.maximum(before @ U_r.T + row, 0)
        r.append(before)
    r = np.array(r)
    return mask * r, (r, U_r, mask)


def gates_backward(d_dropped, cache):
    r, U_r, mask = cache
    carry, dz, dU_r = np.zeros(len(U_r)), [], np.zeros_like(U_r)
    for t in reversed(range(len(r))):
        dz.insert(0, (mask[t] * d_dropped[t] + carry) * (r[t] > 0))
        carry = U_r.T @ dz[0]
        dU_r = dU_r + np.outer(dz[0], r[t - 1] if t > 0 else 0 * r[0])
    return dz, dU_r


def states_as_a_list(w, U_r):
    r = [np.zeros(len(U_r))]
    for row in w:
        z = U_r @ r[-1] + row
        r.append(z * (z > 0))
    return r[1:]


def states_in_place(w, U_r):
    r = w.copy()
    for t in range(len(r)):
        if t > 0:
            r[t] += r[t - 1] @ U_r.T
        r[t][r[t] < 0] = 0
    return r


def back_as_a_list(dr, r, U_r):
    dz = [dr[-1] * (r[-1] > 0)]
    for above, state in zip(dr[-2::-1], r[-2::-1], strict=True):
        dz.append((above + dz[-1] @ U_r) * (state > 0))
    return dz[::-1]


def back_in_place(dr, r, U_r):
    dz = dr.copy()
    for t in range(len(dz) - 1, -1, -1):
        if t + 1 < len(dz):
            dz[t] += U_r.T @ dz[t + 1]
        dz[t][r[t] == 0] = 0
    return dz


def image_gradient_by_loop(dz, image_of, images):
    dv = [[0.0] * dz.shape[1] for _ in range(images)]
    for row, image in zip(dz, image_of, strict=True):
        dv[image] = [a + b for a, b in zip(dv[image], row, strict=True)]
    return dv


def perplexity_by_product(sentences):
    every = [p for sentence in sentences for p in sentence]
    return np.prod(every) ** (-1 / len(every))


def perplexity_by_loop(sentences):
    bits = n = 0
    for sentence in sentences:
        for p in sentence:
            bits -= math.log2(p)
            n += 1
    return 2 ** (bits / n)


def update_in_place(theta, g, velocity, lr, momentum, l2):
    velocity *= momentum
    velocity += g + 2 * l2 * theta
    theta -= lr * velocity
    return theta, velocity


def update_in_numbers(theta, g, velocity, lr, momentum, l2):
    v = [momentum * a + b + l2 * 2 * c for a, b, c in zip(velocity, g, theta, strict=True)]
    return [[a - lr * b for a, b in zip(theta, v, strict=True)], v]


def rate_by_sine(step, total, peak, warmup):
    if step < warmup:
        return peak / warmup * (step + 1)
    return peak * math.sin(math.pi / 2 * (total - step) / (total - warmup)) ** 2


def clip_in_place(gradients, limit):
    norm = math.sqrt(sum(float(np.vdot(g, g)) for g in gradients.values()))
    if norm > limit:
        for g in gradients.values():
            g *= limit / norm
    return gradients


def advance_with_a_sorted_list(alive, following, width):
    K, M = following.shape
    ways = [(alive[k] + following[k, w], k, w) for k in range(K) for w in range(M)]
    return sorted(ways, reverse=True)[:width]


def advance_as_an_array(alive, following, width):
    flat = (following + alive.reshape(-1, 1)).ravel()
    best = flat.argsort()[::-1][:width]
    return np.column_stack([flat[best], *np.unravel_index(best, following.shape)])


def precision_by_counting(caption, references, n):
    def grams(said):
        return [tuple(said[i : i + n]) for i in range(len(said) - n + 1)]

    mine, hits = grams(caption), 0
    for gram in set(mine):
        hits += min(mine.count(gram), max(grams(reference).count(gram) for reference in references))
    return hits / len(mine)


def precision_with_counters(caption, references, n):
    def grams(said):
        return Counter(zip(*(said[i:] for i in range(n)), strict=False))

    mine = grams(caption)
    return sum(min(count, max(grams(r)[gram] for r in references)) for gram, count in mine.items()) / sum(mine.values())


def recall_by_sorting(scores, right, K):
    best = np.argsort(-scores, axis=1)[:, :K]
    return np.mean([right[q] in best[q] for q in range(len(right))])


def recall_by_loop(scores, right, K):
    hits = sum(sorted(row, reverse=True)[K - 1] <= row[item] for row, item in zip(scores, right, strict=True))
    return hits / len(scores)


def divided_by_logaddexp(given, others):
    return given - (np.logaddexp2.reduce(others, axis=0) - np.log2(len(others)))


def divided_one_by_one(given, others):
    columns = []
    for sentence in others.T:
        peak = max(sentence)
        columns.append(peak + math.log2(sum(2 ** (x - peak) for x in sentence) / len(sentence)))
    return [[g - c for g, c in zip(row, columns, strict=True)] for row in given]


def size_by_sliding(size, kernel, stride, padding):
    return sum(1 for _ in range(0, size + 2 * padding - kernel + 1, stride))


def windows_by_loops(x, k):
    rows = []
    for p in range(x.shape[0] - k + 1):
        for q in range(x.shape[1] - k + 1):
            rows.append([x[p + i][q + j][c] for i in range(k) for j in range(k) for c in range(x.shape[2])])
    return rows


def windows_by_stride_tricks(x, k):
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(0, 1))
    return windows.transpose(0, 1, 3, 4, 2).reshape(-1, k * k * x.shape[2])


def kernel_gradient_by_sum(dy, windows):
    return sum(np.outer(d, row) for d, row in zip(dy.reshape(len(windows), -1), windows, strict=True))


def log2_softmax_in_one(scores):
    xp = get_xp(scores)
    shifted = scores - scores.max(axis=1, keepdims=True)
    return (shifted - xp.log(xp.exp(shifted).sum(axis=1, keepdims=True))) * 1.4426950408889634


def log2_softmax_by_methods(scores):
    xp = get_xp(scores)
    likelihood = xp.exp(scores - scores.max(axis=1, keepdims=True))
    return xp.log(likelihood / likelihood.sum(axis=1, keepdims=True)) / math.log(2)


def in_pairs_by_halving(parts):
    while len(parts) > 1:
        parts = [sum(parts[i : i + 2]) for i in range(0, len(parts), 2)]
    return parts[0]


def in_pairs_as_an_array(parts):
    left = np.array(parts, np.float32)
    while len(left) > 1:
        left = left.reshape(-1, 2)[:, 0] + left.reshape(-1, 2)[:, 1]
    return left[0]


def cell_number_by_number(z, c):
    d, r, new = len(c), [], []
    for k in range(d):
        i, f, o = (1 / (1 + math.exp(-z[j * d + k])) for j in range(3))
        new.append(f * c[k] + i * math.tanh(z[3 * d + k]))
        r.append(o * math.tanh(new[-1]))
    return [r, new]


def cell_in_place(z, c):
    i, f, o, g = np.split(z, 4)
    new = c / (1 + np.exp(-f))
    new += np.tanh(g) / (1 + np.exp(-i))
    return np.array([np.tanh(new) / (1 + np.exp(-o)), new])


def look_with_logarithms(q, x):
    s = np.einsum("pd,d->p", x, q)
    a = np.exp(s - np.logaddexp.reduce(s))
    return (a[:, None] * x).sum(axis=0), a


def look_by_loop(q, x):
    s = [sum(a * b for a, b in zip(q, row, strict=True)) for row in x]
    e = [math.exp(one - max(s)) for one in s]
    a = [one / sum(e) for one in e]
    return [sum(w * row[k] for w, row in zip(a, x, strict=True)) for k in range(len(q))], a


def look_back_with_jacobian(dc, q, x, a):
    ds = (np.diag(a) - np.outer(a, a)) @ (x @ dc)
    return x.T @ ds, a[:, None] * dc + ds[:, None] * q


def look_back_by_loop(dc, q, x, a):
    da = [row @ dc for row in x]
    mean = sum(w * one for w, one in zip(a, da, strict=True))
    dq, dx = np.zeros_like(q), []
    for w, one, row in zip(a, da, x, strict=True):
        dq = dq + w * (one - mean) * row
        dx.append(w * dc + w * (one - mean) * q)
    return [dq, dx]


def parse_by_splitting(line):
    start, text = line.split("\t", 1)
    return [start[: start.rindex("#")], int(start[start.rindex("#") + 1 :]), text.replace("\n", "")]


def parse_with_rsplit(line):
    tab = line.index("\t")
    name, number = line[:tab].rsplit("#", 1)
    return name, int(number), line[tab + 1 :].strip("\n")


def split_with_a_coin(pairs, share):
    rng, side = np.random.default_rng(8), {}
    for picture, _ in pairs:
        if picture not in side:
            side[picture] = rng.random() < share
    return [p for p in pairs if not side[p[0]]], [p for p in pairs if side[p[0]]]


def split_in_order(pairs, share):
    pictures = list(dict.fromkeys(picture for picture, _ in pairs))
    learnt = set(pictures[int(share * len(pictures)) :])
    parts = [], []
    for picture, caption in pairs:
        parts[picture not in learnt].append([picture, caption])
    return list(parts)


def paired_by_hand(a, b):
    d = [x - y for x, y in zip(a, b, strict=True)]
    mean = sum(d) / len(d)
    return [mean, math.sqrt(sum((x - mean) ** 2 for x in d) / (len(d) - 1) / len(d))]


RIGHT = [
    (tour.scene, (HORSES,)),
    (tour.scene, (replace(HORSES, sky="stars", things=(*HORSES.things, Thing("tree", count=3))),)),
    (tour.sentence_probability, (lambda p: float(np.sum(np.log2(np.array(p)))),)),
    (tour.sentence_probability, (lambda p: sum(math.log(x) for x in p) / math.log(2),)),
    (words.sizes, (sizes_by_counting_down,)),
    (words.sizes, (lambda lengths: (np.array(lengths)[:, None] > np.arange(max(lengths))).sum(axis=0),)),
    (words.rows_of_sentence, (rows_one_by_one,)),
    (words.rows_of_sentence, (lambda sizes, j: [sum(sizes[:t]) + j for t in range(len(sizes)) if sizes[t] > j],)),
    (words.wasted_share, (lambda lengths: np.mean([1 - n / max(lengths) for n in lengths]),)),
    (words.wasted_share, (lambda n: (len(n) * max(n) - sum(n)) / len(n) / max(n),)),
    (simple_rnn.step, (step_in_two_products,)),
    (simple_rnn.step, (lambda w, r, U: 0.5 + 0.5 * np.tanh(np.r_[w, r] @ U.T / 2),)),
    (simple_rnn.step_back, (step_back_in_place,)),
    (simple_rnn.step_back, (lambda dr, r, U: np.array([(d := dr * (r - r * r)), (U.T @ d)[-len(r) :]]),)),
    (simple_rnn.reaches, (lambda s, t, K: (0 <= s - t and (not K or (s - 1) // K * K < t)) * 1,)),
    (simple_rnn.reaches, (lambda s, t, K: np.bool_(t in range(1 + (s - 1) // (K or s) * (K or s), s + 1)),)),
    (gradients.sigmoid_slope, (lambda y: y - y**2,)),
    (gradients.sigmoid_slope, (lambda y: [0.25 - (one - 0.5) ** 2 for one in y],)),
    (gradients.directional_slope, (directional_in_place,)),
    (gradients.directional_slope, (lambda f, x, d, h=1e-5: (f(x - -h * d) - f(x - h * d)) / h / 2,)),
    (gradients.dropout_backward, (remembering_forward, remembering_backward)),
    (gradients.dropout_backward, (gates_forward, gates_backward)),
    (recurrence.recurrence, (states_as_a_list,)),
    (recurrence.recurrence, (states_in_place,)),
    (recurrence.backward_in_time, (back_as_a_list,)),
    (recurrence.backward_in_time, (back_in_place,)),
    (recurrence.gradient_of_U_r, (lambda dz, r: sum(np.outer(a, b) for a, b in zip(dz[1:], r, strict=False)),)),
    (recurrence.gradient_of_U_r, (lambda dz, r: np.einsum("ti,tj->ij", dz[1:], r[:-1]).tolist(),)),
    (
        multimodal.forward,
        (lambda w, r, I, V_w, V_r, V_I, b: 1.7159 * np.tanh((w @ V_w.T + r @ V_r.T + V_I @ I + b) / 1.5),),
    ),
    (
        multimodal.forward,
        (lambda w, r, I, *V: [1.7159 * math.tanh(2 / 3 * z) for z in np.hstack(V[:3]) @ np.hstack([w, r, I]) + V[3]],),
    ),
    (
        multimodal.backward,
        (lambda dm, m, V_w, V_r: [V.T @ (dm * (2 / 3 * 1.7159 - m**2 / 1.5 / 1.7159)) for V in (V_w, V_r)],),
    ),
    (
        multimodal.backward,
        (lambda dm, m, V_w, V_r: np.split((dm * 1.7159 / 1.5 * (1 - (m / 1.7159) ** 2)) @ np.c_[V_w, V_r], 2),),
    ),
    (multimodal.image_gradient, (image_gradient_by_loop,)),
    (multimodal.image_gradient, (lambda dz, of, n: (np.arange(n)[:, None] == of).astype(float) @ dz,)),
    (softmax.stable_softmax, (lambda s: np.exp(s - np.logaddexp.reduce(s)),)),
    (softmax.stable_softmax, (lambda s: [1 / sum(np.exp(np.minimum(s - x, 700.0))) for x in s],)),
    (softmax.perplexity, (perplexity_by_product,)),
    (softmax.perplexity, (perplexity_by_loop,)),
    (
        softmax.gradient_of_scores,
        (lambda s, k: (np.exp(s) / sum(np.exp(s)) - (np.arange(len(s)) == k)) * math.log2(math.e),),
    ),
    (
        softmax.gradient_of_scores,
        (lambda s, k: [(math.exp(x) / np.exp(s).sum() - (i == k)) / math.log(2) for i, x in enumerate(s)],),
    ),
    (training.update, (update_in_place,)),
    (training.update, (update_in_numbers,)),
    (training.rate, (rate_by_sine,)),
    (
        training.rate,
        (
            lambda s, n, p, up: (
                np.float64(p) * ((s + 1) / up if s < up else (1 - np.cos(np.pi * (n - s) / (n - up))) / 2)
            ),
        ),
    ),
    (training.clipped, (clip_in_place,)),
    (
        training.clipped,
        (
            lambda g, top: {
                k: v / max(1, np.linalg.norm(np.hstack([x.ravel() for x in g.values()])) / top) for k, v in g.items()
            },
        ),
    ),
    (
        training.clipped,
        (
            lambda g, top: {
                k: v * min(1, top / (np.sqrt(sum(map(np.sum, (x * x for x in g.values())))) + 1e-6))
                for k, v in g.items()
            },
        ),
    ),
    (captioning.temperature, (lambda y, T: np.exp(np.log(y) / T) / np.exp(np.log(y) / T).sum(),)),
    (captioning.temperature, (lambda y, T: [p ** (1 / T) / sum(q ** (1 / T) for q in y) for p in y],)),
    (captioning.advance, (advance_with_a_sorted_list,)),
    (captioning.advance, (advance_as_an_array,)),
    (captioning.length_norm, (lambda p, n, A: p * n**-A,)),
    (captioning.length_norm, (lambda p, n, A: np.array(p / math.exp(A * math.log(n))),)),
    (retrieval.precision, (precision_by_counting,)),
    (retrieval.precision, (precision_with_counters,)),
    (retrieval.recall, (recall_by_sorting,)),
    (retrieval.recall, (recall_by_loop,)),
    (retrieval.divide, (divided_by_logaddexp,)),
    (retrieval.divide, (divided_one_by_one,)),
    (vision.output_size, (size_by_sliding,)),
    (vision.output_size, (lambda size, k, stride, padding: 1 + np.floor((size - k + 2 * padding) / stride),)),
    (vision.windows_as_rows, (windows_by_loops,)),
    (vision.windows_as_rows, (windows_by_stride_tricks,)),
    (vision.kernel_gradient, (kernel_gradient_by_sum,)),
    (
        vision.kernel_gradient,
        (lambda dy, w: np.tensordot(dy, w.reshape(*dy.shape[:2], -1), ((0, 1), (0, 1))).tolist(),),
    ),
    (speed.speed_up, (lambda lengths: np.float64(max(lengths)) / np.mean(lengths),)),
    (speed.speed_up, (lambda lengths: 1 / (sum(n / max(lengths) for n in lengths) / len(lengths)),)),
    (speed.intensity, (lambda n, a, b: 0.5 / (1 / n + 1 / a + 1 / b),)),
    (speed.intensity, (lambda n, a, b: np.float64(2 * n * a * b) / np.dot([n * a, a * b, n * b], [4, 4, 4]),)),
    (speed.either_module, (log2_softmax_in_one,)),
    (speed.either_module, (log2_softmax_by_methods,)),
    (many_hands.from_means, (lambda means, words: np.average(means, axis=0, weights=words),)),
    (many_hands.from_means, (lambda means, words: sum(m * n / sum(words) for m, n in zip(means, words, strict=True)),)),
    (many_hands.in_pairs, (in_pairs_by_halving,)),
    (many_hands.in_pairs, (in_pairs_as_an_array,)),
    (many_hands.sent, (lambda R, n: 2 * n - 2 * n / R,)),
    (many_hands.sent, (lambda R, n: np.float64(2 * n / R) * (R - 1),)),
    (attention.lstm_cell, (cell_number_by_number,)),
    (attention.lstm_cell, (cell_in_place,)),
    (attention.attention, (look_with_logarithms,)),
    (attention.attention, (look_by_loop,)),
    (attention.attention_back, (look_back_with_jacobian,)),
    (attention.attention_back, (look_back_by_loop,)),
    (own_data.caption_line, (parse_by_splitting,)),
    (own_data.caption_line, (parse_with_rsplit,)),
    (own_data.split_by_picture, (split_with_a_coin,)),
    (own_data.split_by_picture, (split_in_order,)),
    (own_data.paired_difference, (paired_by_hand,)),
    (
        own_data.paired_difference,
        (lambda a, b: np.array([np.mean(a) - np.mean(b), np.sqrt(np.var(a - b, ddof=1) / a.size)]),),
    ),
]
