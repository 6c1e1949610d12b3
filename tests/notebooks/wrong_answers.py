"""More wrong answers, each with the reason it is refused for: what a learner may well write."""

import math
from dataclasses import replace

import numpy as np

from mrnn_np.evaluation.sentences import ngrams
from mrnn_np.layers.activations import g2, g2_slope, sigmoid
from mrnn_np.scenes.world import Scene, Thing
from mrnn_np.teaching import (
    attention,
    captioning,
    gradients,
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

HORSES = Thing("horse", "white", count=2, action="run")


def dropped(keep_gate, keep_state):
    """The functions of the dropout exercise, mended in the gate only, in the state before only, or in both."""

    def forward(w, U_r, mask):
        r = np.zeros_like(w)
        for t in range(len(w)):
            r[t] = np.maximum(U_r @ (r[t - 1] if t else np.zeros(len(U_r))) + w[t], 0)
        return r * mask, (r, U_r, mask)

    def backward(d_dropped, cache):
        r, U_r, mask = cache
        gate, state = (r if keep else r * mask for keep in (keep_gate, keep_state))
        dz, carry = np.zeros_like(r), 0
        for t in reversed(range(len(r))):
            dz[t] = (d_dropped[t] * mask[t] + carry) * (gate[t] > 0)
            carry = U_r.T @ dz[t]
        return dz, dz[1:].T @ state[:-1]

    return forward, backward


def away(of):
    """A softmax that takes another number than the largest score away from all."""

    def softmax_(s):
        likelihood = np.exp(s - of(s))
        return likelihood / likelihood.sum()

    return softmax_


def shortened(gradients, limit, norm):
    return {name: g * min(1, limit / norm) for name, g in gradients.items()}


def one_array_kept(w, U_r):
    """The states, one and the same array at every step."""
    r, state = [], np.zeros(len(U_r))
    for row in w:
        state[:] = np.maximum(U_r @ state + row, 0)
        r.append(state)
    return r


def linear(step, total, peak, warmup):
    return peak * (step + 1) / warmup if step < warmup else peak * (total - step) / (total - warmup)


def square_root(step, total, peak, warmup):
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * 0.5 ** (2 * (step - warmup) / (total - warmup))


def best_reference(caption, references, n):
    of_caption = ngrams(caption, n)
    return max((of_caption & ngrams(reference, n)).total() for reference in references) / of_caption.total()


def added_references(caption, references, n):
    of_caption, said = ngrams(caption, n), ngrams([], n)
    for reference in references:
        said += ngrams(reference, n)
    return (of_caption & said).total() / of_caption.total()


def ways_swapped(alive, following, width):
    total = alive[:, None] + following
    return [(total.flat[i], i % total.shape[1], i // total.shape[1]) for i in np.argsort(-total, axis=None)[:width]]


def no_share(pairs, share):
    held = sorted({picture for picture, _ in pairs})[::4]
    return [p for p in pairs if p[0] not in held], [p for p in pairs if p[0] in held]


def by_picture_turned_round(pairs, share):
    pictures = sorted({picture for picture, _ in pairs})
    first = set(pictures[: round(share * len(pictures))])
    return [p for p in pairs if p[0] in first], [p for p in pairs if p[0] not in first]


def lstm(forget=True, keep=True, bent=True, new=np.tanh):
    """The cell of an LSTM; with options, one of four mistakes."""

    def cell(z, c):
        i, f, o = 1 / (1 + np.exp(-z[:9].reshape(3, 3)))
        c = keep * (f if forget else 1) * c + i * new(z[9:])
        return o * (np.tanh(c) if bent else c), c

    return cell


def softmax_of(s):
    return np.exp(s - s.max()) / np.exp(s - s.max()).sum()


MORE_WRONG = [
    (attention.lstm_cell, (lstm(forget=False),), "nothing is ever forgotten"),
    (attention.lstm_cell, (lstm(keep=False),), "has forgotten"),
    (attention.lstm_cell, (lstm(bent=False),), "bent once more"),
    (attention.lstm_cell, (lstm(new=lambda z: 1 / (1 + np.exp(-z))),), "no gate"),
    (attention.lstm_cell, (lambda z, c: lstm()(z, c)[::-1],), "wrong order"),
    (attention.attention, (lambda q, x: (x @ q @ x, x @ q),), "scores themselves"),
    (attention.attention, (lambda q, x: (x.mean(axis=0), softmax_of(x @ q)),), "plain mean"),
    (attention.attention, (lambda q, x: ((a := np.exp(x @ q) / np.exp(x @ q).sum()) @ x, a),), "size 400 holds nan"),
    (attention.attention, (lambda q, x: softmax_of(x @ q) @ x,), "c and the weights"),
    (attention.attention_back, (lambda dc, q, x, a: ((a * (x @ dc)) @ x, np.outer(a, dc)),), "slope of the softmax"),
    (
        attention.attention_back,
        (lambda dc, q, x, a: ((a * ((da := x @ dc) - a @ da)) @ x, np.outer(a, dc)),),
        "compared with the question",
    ),
    (attention.attention_back, (lambda dc, q, x, a: (a * ((da := x @ dc) - a @ da)) @ x,), "two arrays"),
    (tour.scene, (Scene("beach", "day", "sun", (Thing("cat", "black", action="sit"),)),), "there are no horses"),
    (tour.scene, (Scene("snow", "night", "sun", (HORSES,)),), "at night no sky is called 'sun'; there are moon"),
    (tour.scene, (Scene("Snow", "night", "moon", (HORSES,)),), "no setting is called 'Snow'"),
    (tour.scene, (Scene("snow", "night", "moon", (Thing("unicorn", "white", 2),)),), "kind 'unicorn'"),
    (tour.scene, (Scene("snow", "night", "moon", HORSES),), "ends in a comma"),
    (tour.scene, (Scene("snow", "night", "moon", (Thing("horse", "brown", 2, action="run"),)),), '"white" is not true'),
    (tour.scene, (Scene("snow", "night", "moon", (replace(HORSES, count="two"),)),), "count of a thing is 'two'"),
    (tour.scene, (Scene("snow", "night", "moon", (Thing("horse", "white", 2, "run"),)),), "size of a thing is 'run'"),
    (tour.scene, (Scene("snow", "night", "moon", (replace(HORSES, count=1),) * 2),), "white horses.*count"),
    (tour.sentence_probability, (lambda p: math.prod(p),), "P itself"),
    (tour.sentence_probability, (sum,), "2 words: log2 P, 0.75, is too large"),
    (tour.sentence_probability, (lambda p: math.log2(math.prod(p)),), "raises ValueError.*in line .*math.prod"),
    (words.sizes, (lambda lengths: {t: 1 for t in lengths},), "of type dict"),
    (words.sizes, (lambda lengths: [sum(n > t for n in lengths) / 2 for t in range(max(lengths))],), "too few"),
    (
        words.rows_of_sentence,
        (lambda sizes, j: [sum(sizes[:t]) + j + 1 for t, n in enumerate(sizes) if n > j],),
        "from 1",
    ),
    (words.rows_of_sentence, (lambda sizes, j: [sum(sizes[:t]) for t, n in enumerate(sizes) if n > j],), "sentence 1"),
    (words.rows_of_sentence, (lambda sizes: [0],), "cannot be called with its 2 arguments"),
    (words.wasted_share, (lambda lengths: len(lengths) * max(lengths) - sum(lengths),), "given in rows"),
    (words.wasted_share, (lambda lengths: 1 - min(lengths) / max(lengths),), "too large"),
    (words.wasted_share, (lambda lengths: round(1 - sum(lengths) / len(lengths) / max(lengths), 2),), "too small"),
    (words.wasted_share, (lambda lengths: 100 * (1 - sum(lengths) / len(lengths) / max(lengths)),), "in per cent"),
    (words.sizes, (lambda lengths: [sum(n == t for n in lengths) for t in range(1, max(lengths) + 1)],), "too few"),
    (words.sizes, (lambda lengths: [len(lengths)] * max(lengths),), "too many"),
    (words.rows_of_sentence, (lambda sizes, j: [j + t * sizes[0] for t in range(len(sizes))],), "numbers are wrong"),
    (simple_rnn.step, (lambda w, r, U: 1 / (1 + np.exp(-U[:, : len(w)] @ w)),), "not heard"),
    (simple_rnn.step, (lambda w, r, U: 1 / (1 + np.exp(U @ np.concatenate([w, r]))),), "where it should rise"),
    (simple_rnn.step, (lambda w, r, U: np.tanh(U @ np.concatenate([w, r])),), "another function than the sigmoid"),
    (simple_rnn.step, (lambda w, r, U: sigmoid(U[:, :4] @ w) + sigmoid(U[:, 4:] @ r),), "numbers are wrong"),
    (simple_rnn.step, (lambda w, r, U: 1 / (1 + np.exp(-U @ np.array([w, r]))),), "raises ValueError.* in line"),
    (simple_rnn.step_back, (lambda dr, r, U: [(d := dr * r * (1 - r)), U[:, :3].T @ d],), "columns that read the word"),
    (simple_rnn.step_back, (lambda dr, r, U: (dr * r * (1 - r), U[:, -3:].T @ dr),), "the carry does not pass"),
    (simple_rnn.step_back, (lambda dr, r, U: ((d := dr * r * (1 - r)) @ U[:, -3:], d),), "wrong order"),
    (simple_rnn.step_back, (lambda dr, r, U: ((d := dr * r * (1 - r)), U[:, -3:] @ d),), "through its transpose"),
    (
        multimodal.forward,
        (lambda w, r, I, V_w, V_r, V_I, b: g2(V_w @ w + V_r @ r + V_I @ I) + b,),
        "before it is bent",
    ),
    (
        multimodal.forward,
        (lambda w, r, I, V_w, V_r, V_I, b: g2(V_w @ w) + g2(V_r @ r) + g2(V_I @ I + b),),
        "bend the sum once",
    ),
    (multimodal.forward, (lambda w, r, I, V_w, V_r, V_I, b: g2(V_w @ r + V_r @ w + V_I @ I + b),), "V_w multiplies r"),
    (multimodal.backward, (lambda dm, m, V_w, V_r: ((dm * g2_slope(m)) @ V_w, dm @ V_r),), "dr does not pass"),
    (multimodal.image_gradient, (lambda dz, image_of, n: dz[image_of],), "has shape"),
    (multimodal.image_gradient, (lambda dz, image_of, n: dz[:n],), "numbers are wrong"),
    (softmax.stable_softmax, (away(np.median),), "which score must be taken away"),
    (softmax.stable_softmax, (lambda s: (e := np.exp(np.clip(s, -50, 50))) / e.sum(),), "numbers are wrong"),
    (softmax.perplexity, (lambda ss: 2 ** -sum(np.log2(p) for s in ss for p in s),), "all bits together"),
    (softmax.perplexity, (lambda ss: 2 ** -np.mean([np.log(p) for s in ss for p in s]),), "natural logarithm"),
    (softmax.gradient_of_scores, (lambda s, k: -np.eye(5)[k] / np.exp(s) * np.exp(s).sum(),), "numbers are wrong"),
    (softmax.gradient_of_scores, (lambda s, k: (np.exp(s)[k] / np.exp(s).sum() - 1) / np.log(2),), "has shape"),
    (recurrence.recurrence, (one_array_kept,), "keep copies"),
    (recurrence.recurrence, (lambda w, U_r: np.maximum(w @ U_r.T + w, 0),), "it multiplies is r"),
    (recurrence.gradient_of_U_r, (lambda dz, r: dz[1:].T @ r[:-1] / len(r),), "same factor, 0.2"),
    (recurrence.gradient_of_U_r, (lambda dz, r: np.outer(dz[-1], r[-2]),), "numbers are wrong"),
    (gradients.directional_slope, (lambda f, x, d, h: (f(x + 1e-5 * d) - f(x - 1e-5 * d)) / 2e-5,), "1e-5 whatever h"),
    (gradients.directional_slope, (lambda f, x, d, h: f(x + 1j * h * d) / h,), "raises TypeError"),
    (gradients.sigmoid_slope, (lambda y: y * (y - 1),), "wrong sign"),
    (gradients.sigmoid_slope, (np.gradient,), "numbers are wrong"),
    (simple_rnn.reaches, (lambda s, t, K: s <= t and (K == 0 or (s - 1) // K == (t - 1) // K),), "with K = 0"),
    (simple_rnn.reaches, (lambda s, t, K: t <= s and (not K or s // K == t // K),), "with K = 3"),
    (
        gradients.sigmoid_slope,
        (lambda y: 1 / (1 + np.exp(-y)) * (1 - 1 / (1 + np.exp(-y))),),
        "output of the sigmoid already",
    ),
    (gradients.directional_slope, (lambda f, x, d, h: (f(x + h) - f(x - h)) / (2 * h),), "every coordinate"),
    (
        gradients.directional_slope,
        (lambda f, x, d, h: (f(x + h * (e := d / np.linalg.norm(d))) - f(x - h * e)) / (2 * h),),
        "shortened to length 1",
    ),
    (
        gradients.directional_slope,
        (lambda f, x, d, h: (x.__iadd__(h * d), f(x), f(x - 2 * h * d))[1],),
        "`x` was changed|slope",
    ),
    (gradients.dropout_backward, dropped(True, False), "with dropout: dU_r"),
    (gradients.dropout_backward, dropped(False, True), "with dropout: dw"),
    (gradients.dropout_backward, (dropped(True, True)[0], lambda d, cache: d), "two arrays, dw and dU_r"),
    (recurrence.recurrence, (lambda w, U_r: np.maximum(w + np.r_[0 * w[:1], w[:-1]] @ U_r.T, 0),), "numbers are wrong"),
    (recurrence.backward_in_time, (lambda dr, r, U_r: (dr + np.r_[dr[1:] @ U_r, 0 * dr[:1]]) * (r > 0),), "not dr"),
    (recurrence.gradient_of_U_r, (lambda dz, r: dz.T @ np.roll(r, 1, axis=0),), r"r\(0\) = 0"),
    (recurrence.gradient_of_U_r, (lambda dz, r: dz[:-1].T @ r[1:],), r"paired with r\(t\+1\)"),
    (recurrence.gradient_of_U_r, (lambda dz, r: dz[1:].T @ r[:-1] / len(dz),), "same factor, 0.2"),
    (multimodal.forward, (lambda w, r, I, V_w, V_r, V_I, b: g2(V_w @ w) + g2(V_r @ r) + g2(V_I @ I) + b,), "numbers"),
    (
        multimodal.forward,
        (lambda w, r, I, V_w, V_r, V_I, b: V_w @ w + V_r @ r + I @ V_I + b,),
        "raises ValueError.*in line",
    ),
    (multimodal.backward, (lambda dm, m, V_w, V_r: [(dm * (1 - m * m)) @ V for V in (V_w, V_r)],), "slope of tanh"),
    (
        multimodal.backward,
        (lambda dm, m, V_w, V_r: [(dm * 2 / 3 * (1.7159 - m * m / 1.7159)) @ V for V in (V_r, V_w)],),
        "wrong order",
    ),
    (multimodal.image_gradient, (lambda dz, of, n: [dz[list(of).index(i)] for i in range(n)],), "only the first word"),
    (softmax.stable_softmax, (away(np.mean),), "which score must be taken away"),
    (softmax.stable_softmax, (away(np.min),), "which score must be taken away"),
    (softmax.stable_softmax, (away(lambda s: s[0]),), "which score must be taken away"),
    (softmax.stable_softmax, (lambda s: np.exp(s - s.max()),), "numbers are wrong|factor"),
    (softmax.perplexity, (lambda s: np.exp(-np.log2(np.concatenate(s)).mean()),), "not of e"),
    (softmax.perplexity, (lambda s: np.mean(1 / np.concatenate(s)),), "averages 1/P"),
    (softmax.perplexity, (lambda s: 2 ** -np.log2(s).mean(),), "raises ValueError.*in line|cannot be checked"),
    (softmax.gradient_of_scores, (lambda s, k: (np.exp(s) / np.exp(s).sum() - np.eye(5)[k]) * np.log(2),), "divided"),
    (training.update, (lambda t, g, v, lr, mu, l2: (mu * v + g, t - lr * (mu * v + g)),), "wrong order"),
    (training.update, (lambda t, g, v, lr, mu, l2: (t - lr * (mu * v + g), mu * v + g),), "penalty is not felt"),
    (training.update, (lambda t, g, v, lr, mu, l2: (t - lr * v, mu * v + g + 2 * l2 * t),), "by the velocity before"),
    (training.rate, (linear,), "falls in a line"),
    (training.rate, (square_root,), "update .* too"),
    (training.clipped, (lambda g, limit: g,), "not shortened"),
    (
        training.clipped,
        (lambda g, limit: shortened(g, limit, sum(map(np.linalg.norm, g.values()))),),
        "squares that add",
    ),
    (training.clipped, (lambda g, limit: shortened(g, limit, sum((x * x).sum() for x in g.values())),), "its root"),
    (training.clipped, (lambda g, limit: ...,), "nothing comes back"),
    (captioning.temperature, (lambda y, T: np.exp(y / T) / np.exp(y / T).sum(),), "taken for scores"),
    (captioning.temperature, (lambda y, T: y / T / (y / T).sum(),), "changes nothing"),
    (captioning.advance, (ways_swapped,), "swapped"),
    (
        captioning.advance,
        (lambda alive, following, width: ways_swapped(alive, following, width)[:1] * width,),
        "swapped|twice",
    ),
    (captioning.length_norm, (lambda p, n, A: p / (n - 1) ** A,), "leaves END out"),
    (captioning.length_norm, (lambda p, n, A: p / n if A else p,), "does not depend on A"),
    (retrieval.precision, (best_reference,), "one best reference"),
    (retrieval.precision, (added_references,), "adds the references' counts up"),
    (
        retrieval.precision,
        (lambda c, refs, n: best_reference(c, refs, n) * ngrams(c, n).total(),),
        "is a count|too large",
    ),
    (
        retrieval.recall,
        (lambda s, right, K: ((s > s[np.arange(len(s)), right][:, None]).sum(1) <= K).mean(),),
        "too many",
    ),
    (
        retrieval.recall,
        (lambda s, right, K: ((s > s[np.arange(len(s)), right][:, None]).sum(1) < K).sum(),),
        "number of",
    ),
    (
        retrieval.recall,
        (lambda s, right, K: np.mean([r in np.argsort(row)[:K] for row, r in zip(s, right, strict=True)]),),
        "lowest",
    ),
    (
        retrieval.divide,
        (lambda given, others: given - np.logaddexp2.reduce(given) + np.log2(len(given)),),
        "those of `given`",
    ),
    (vision.output_size, (lambda size, k, stride, padding: (size + 2 * padding - k) // (stride + 1),), "too few"),
    (
        vision.kernel_gradient,
        (lambda dy, rows: dy.transpose(1, 0, 2).reshape(len(rows), -1).T @ rows,),
        "down the columns",
    ),
    (vision.kernel_gradient, (lambda dy, rows: dy.reshape(-1, len(rows)) @ rows,), "numbers are wrong"),
    (speed.speed_up, (lambda lengths: max(lengths) / min(lengths),), "too large"),
    (speed.intensity, (lambda n, a, b: 4 * (n * a + a * b + n * b) / (2 * n * a * b),), "upside down"),
    (speed.either_module, (lambda s: s - s.max(axis=1, keepdims=True),), "numbers are wrong"),
    (own_data.caption_line, (lambda line: (*line.split("\t")[0].split("#"), line.split("\t")[1]),), "number is '0'"),
    (own_data.split_by_picture, (no_share,), "share of 0.1"),
    (own_data.split_by_picture, (by_picture_turned_round,), "1500 of 2000 pictures, for a share of 0.25"),
    (own_data.split_by_picture, (lambda pairs, share: pairs,), "two lists of pairs"),
    (own_data.paired_difference, (lambda a, b: ((a - b).mean(), (a - b).std(ddof=1) / len(a)),), "root of n"),
    (own_data.paired_difference, (lambda a, b: (a - b).mean(),), "two numbers"),
]
