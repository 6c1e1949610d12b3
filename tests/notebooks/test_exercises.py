"""A wrong answer to an exercise is refused, and the refusal says what is wrong with it."""

import functools
import inspect
import math
import operator
import re
from collections import Counter
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from answers_about_pixels import RIGHT as RIGHT_ABOUT_PIXELS
from answers_about_pixels import WRONG as WRONG_ABOUT_PIXELS
from own_networks import right_and_wrong
from right_answers import RIGHT as RIGHT_OF_ONE_PART
from tried_again import RIGHT as RIGHT_AGAIN
from tried_again import WRONG as WRONG_AGAIN
from wrong_about_captions import WRONG as WRONG_ABOUT_CAPTIONS
from wrong_answers import MORE_WRONG

import mrnn_np.teaching
from mrnn_np.teaching import (
    capstone,
    captioning,
    gradients,
    many_hands,
    multimodal,
    own_data,
    recurrence,
    simple_rnn,
    softmax,
    speed,
    vision,
    words,
)
from mrnn_np.teaching.exercise import Refused, exercise, expect_array, expect_number, run
from mrnn_np.teaching.planted import dropped_recurrence_backward, dropped_recurrence_forward


def in_a_row(numbers):
    return functools.reduce(operator.add, numbers)


def halves_crossed(numbers):
    """Pairs of a number and one half the list further on."""
    while len(numbers) > 1:
        half = len(numbers) // 2
        numbers = [a + b for a, b in zip(numbers[:half], numbers[half:], strict=True)]
    return numbers[0]


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward_states(w, U_r, transposed=False, bent=True):
    r, before = np.zeros_like(w), np.zeros(len(U_r))
    for t in range(len(w)):
        z = (U_r.T if transposed else U_r) @ before + w[t]
        before = r[t] = np.maximum(z, 0) if bent else z
    return r


def back(dr, r, U_r, carry_before_slope=True, slope=True):
    dz, carry = np.zeros_like(dr), np.zeros(len(U_r))
    for t in reversed(range(len(dr))):
        gate = (r[t] > 0) if slope else 1
        dz[t] = (dr[t] + carry) * gate if carry_before_slope else dr[t] * gate + carry
        carry = U_r.T @ dz[t]
    return dz


def g2(z):
    return 1.7159 * np.tanh(2 * z / 3)


def g2_slope(m):
    return 2 / 3 * (1.7159 - m * m / 1.7159)


def dv_of_last_word(dz, image_of, images):
    dv = np.zeros((images, dz.shape[1]))
    dv[image_of] += dz
    return dv


def dv_mean(dz, image_of, images):
    return np.stack([dz[image_of == image].mean(axis=0) for image in range(images)])


def shifted_softmax(scores):
    likelihood = np.exp(scores - scores.max())
    return likelihood / likelihood.sum()


def bits(sentence):
    return -np.log2(np.asarray(sentence))


def overwrites(scores):
    scores -= scores.max()
    return np.exp(scores) / np.exp(scores).sum()


def windows(x, k, channels_first=False):
    places = [(p, q) for p in range(len(x) - k + 1) for q in range(x.shape[1] - k + 1)]
    squares = [x[p : p + k, q : q + k] for p, q in places]
    return np.stack([(s.transpose(2, 0, 1) if channels_first else s).ravel() for s in squares])


def log2_softmax_of_numpy(scores):
    """By NumPy's functions alone, which hand an array of the GPU over to CuPy."""
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return (scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))) / np.log(2)


def log2_softmax_with_ones_of_the_host(scores):
    scores = scores - np.max(scores, axis=1, keepdims=True)
    return (scores - np.log(np.exp(scores) @ np.ones(scores.shape[1]))[:, None]) / np.log(2)


def half_of_the_pictures(pairs, share):
    half = {f"{i}.jpg" for i in range(1000)}
    return [p for p in pairs if p[0] in half], [p for p in pairs if p[0] not in half]


def standard_error(a, b):
    return np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / len(a))


WRONG = [
    (words.sizes, (lambda lengths: [sum(n > t for n in lengths) for t in range(1, max(lengths) + 1)],), "too few"),
    (words.sizes, (lambda lengths: sorted(lengths, reverse=True),), "sizes; the longest sentence"),
    (words.sizes, (lambda lengths: max(lengths),), "expected T numbers"),
    (
        words.rows_of_sentence,
        (lambda sizes, j: [j + t * sizes[0] for t in range(len(sizes))],),
        "wrong, the first 8 at index 2",
    ),
    (words.rows_of_sentence, (lambda sizes, j: [n for n in np.cumsum(sizes) if j < n][:0],), "shape"),
    (words.wasted_share, (lambda lengths: sum(lengths) / (len(lengths) * max(lengths)),), "that of the words"),
    (simple_rnn.step, (lambda w, r, U: U @ np.concatenate([w, r]),), "sigmoid is missing"),
    (simple_rnn.step, (lambda w, r, U: sigmoid(U @ np.concatenate([r, w])),), "wrong order"),
    (simple_rnn.step_back, (lambda dr, r, U: (dr, U[:, -3:].T @ dr),), "slope of the sigmoid"),
    (simple_rnn.step_back, (lambda dr, r, U: (dr * r * (1 - r), U.T @ (dr * r * (1 - r))),), "only its part"),
    (simple_rnn.step_back, (lambda dr, r, U: dr * r * (1 - r),), "two arrays"),
    (simple_rnn.step_back, (lambda dr, r, U: (-dr * r * (1 - r), U[:, -3:].T @ dr),), "wrong sign"),
    (simple_rnn.reaches, (lambda s, t, K: t <= s,), "with K = 1"),
    (simple_rnn.reaches, (lambda s, t, K: t <= s and (K == 0 or s - t < K),), "with K = 3"),
    (simple_rnn.reaches, (lambda s, t, K: K == 0 or (s - 1) // K == (t - 1) // K,), "with K = 0"),
    (gradients.sigmoid_slope, (lambda y: 1 - y * y,), "numbers are wrong"),
    (gradients.sigmoid_slope, (lambda y: y * (y - 1),), "wrong sign"),
    (gradients.directional_slope, (lambda f, x, d, h: (f(x + h * d) - f(x)) / h,), "one-sided"),
    (gradients.directional_slope, (lambda f, x, d, h: (f(x + h * d) - f(x - h * d)) / h,), "2 h apart"),
    (gradients.directional_slope, (lambda f, x, d, h: (f(x - h * d) - f(x + h * d)) / (2 * h),), "wrong sign"),
    (gradients.directional_slope, (lambda f, x, d, h: max(f(x) for _ in x.flat),), "was called 12 times"),
    (gradients.dropout_backward, (dropped_recurrence_forward, dropped_recurrence_backward), "with dropout: dw"),
    (
        gradients.dropout_backward,
        (
            lambda w, U, mask: (forward_states(w, U), (forward_states(w, U), U, mask)),
            lambda d, cache: (back(d, cache[0], cache[1]), {"U_r": np.zeros((4, 4))}),
        ),
        "without dropout: dU_r",
    ),
    (recurrence.recurrence, (lambda w, U_r: forward_states(w, U_r, bent=False),), "never negative"),
    (recurrence.recurrence, (lambda w, U_r: forward_states(w, U_r, transposed=True),), "transposed"),
    (recurrence.recurrence, (lambda w, U_r: np.maximum(w, 0),), r"r\(t-1\) is missing"),
    (recurrence.backward_in_time, (lambda dr, r, U_r: dr * (r > 0),), "carry is missing"),
    (recurrence.backward_in_time, (lambda dr, r, U_r: back(dr, r, U_r, slope=False),), "last step"),
    (recurrence.backward_in_time, (lambda dr, r, U_r: back(dr, r, U_r, carry_before_slope=False),), "must pass"),
    (recurrence.backward_in_time, (lambda dr, r, U_r: back(dr, r, U_r.T),), "its transpose"),
    (recurrence.gradient_of_U_r, (lambda dz, r: dz.T @ r,), "paired with"),
    (recurrence.gradient_of_U_r, (lambda dz, r: r[:-1].T @ dz[1:],), "transpose"),
    (multimodal.forward, (lambda w, r, I, V_w, V_r, V_I, b_m: V_w @ w + V_r @ r + V_I @ I + b_m,), "not bent"),
    (multimodal.forward, (lambda w, r, I, V_w, V_r, V_I, b_m: g2(V_w @ w + V_r @ r + V_I @ I),), "b_m is not heard"),
    (multimodal.forward, (lambda w, r, I, V_w, V_r, V_I, b_m: g2(V_w @ w + V_r @ r + b_m),), "V_I I is not"),
    (multimodal.forward, (lambda w, r, I, V_w, V_r, V_I, b_m: np.tanh(V_w @ w + V_r @ r + V_I @ I + b_m),), "scaled"),
    (multimodal.backward, (lambda dm, m, V_w, V_r: (dm @ V_w, dm @ V_r),), "slope of g2"),
    (multimodal.backward, (lambda dm, m, V_w, V_r: 2 * (dm * g2_slope(m)) @ V_w,), "two arrays"),
    (multimodal.backward, (lambda dm, m, V_w, V_r: ((dm * g2_slope(m)) @ V_w, (dm * g2_slope(m)) @ V_w),), "dr"),
    (multimodal.image_gradient, (dv_of_last_word,), "last word"),
    (multimodal.image_gradient, (dv_mean,), "mean over"),
    (multimodal.image_gradient, (lambda dz, image_of, images: dz,), "shape"),
    (softmax.stable_softmax, (lambda s: np.exp(s) / np.exp(s).sum(),), "should have changed"),
    (softmax.stable_softmax, (lambda s: s / s.sum(),), "numbers are wrong"),
    (softmax.stable_softmax, (overwrites,), "argument `scores` was changed"),
    (softmax.perplexity, (lambda s: 2 ** np.mean([bits(one).mean() for one in s]),), "mean over sentences"),
    (softmax.perplexity, (lambda s: np.mean([2 ** bits(one).mean() for one in s]),), "averages perplexities"),
    (softmax.perplexity, (lambda s: np.concatenate([bits(one) for one in s]).mean(),), "bits per word"),
    (softmax.gradient_of_scores, (lambda s, k: shifted_softmax(s) - np.eye(5)[k],), "base 2"),
    (softmax.gradient_of_scores, (lambda s, k: shifted_softmax(s) / np.log(2),), "wrong sign"),
    (softmax.gradient_of_scores, (lambda s, k: (np.eye(5)[k] - shifted_softmax(s)) / np.log(2),), "wrong sign"),
    (vision.output_size, (lambda size, k, stride, padding: (size + 2 * padding - k) // stride,), "too few"),
    (
        vision.output_size,
        (lambda size, k, stride, padding: (size - k + padding) // stride + 1,),
        "padding 2 .* too few",
    ),
    (vision.output_size, (lambda size, k, stride, padding: (size + 2 * padding - k) / stride + 1,), "no int"),
    (vision.windows_as_rows, (lambda x, k: windows(x, k, channels_first=True),), "channels come first"),
    (vision.windows_as_rows, (lambda x, k: windows(x, k)[np.arange(12).reshape(3, 4).T.ravel()],), "down the columns"),
    (vision.windows_as_rows, (lambda x, k: windows(x, k).T,), "transposed"),
    (vision.kernel_gradient, (lambda dy, rows: dy.reshape(len(rows), -1).T @ rows / len(rows),), "the mean"),
    (vision.kernel_gradient, (lambda dy, rows: rows.T @ dy.reshape(len(rows), -1),), "transposed"),
    (speed.speed_up, (lambda lengths: sum(lengths) / (max(lengths) * len(lengths)),), "packed by padded"),
    (speed.speed_up, (lambda lengths: 1 - sum(lengths) / (max(lengths) * len(lengths)),), "share of the padding"),
    (speed.speed_up, (lambda lengths: max(lengths) * len(lengths),), "too large"),
    (speed.intensity, (lambda n, a, b: 2 * n * a * b / (n * a + a * b + n * b),), "4 bytes"),
    (speed.intensity, (lambda n, a, b: n * a * b / (4 * (n * a + a * b + n * b)),), "as one operation"),
    (speed.intensity, (lambda n, a, b: 2 * n * a * b / (4 * (n * a + a * b)),), "has to be written"),
    (speed.either_module, (lambda s: np.log2(shifted_softmax(s)),), "numbers are wrong"),
    (speed.either_module, (log2_softmax_with_ones_of_the_host,), "beside an array of the GPU"),
    (speed.either_module, (lambda s: log2_softmax_of_numpy(np.asarray(s)),), "Implicit conversion to a NumPy array"),
    (speed.either_module, (lambda s: log2_softmax_of_numpy(s if isinstance(s, np.ndarray) else s.get()),), "ndarray"),
    (own_data.caption_line, (lambda line: (line.split("#")[0], 0, "A child"),), "something is missing"),
    (own_data.split_by_picture, (lambda pairs, share: pairs[:1],), "expected two lists of pairs"),
    (
        own_data.caption_line,
        (lambda line: (line.split("#")[0], int(line.split("#")[1][0]), line.split("\t")[1]),),
        "end of",
    ),
    (
        own_data.caption_line,
        (lambda line: (line.split("#")[0], int(line.split("#")[-1][0]), line.rstrip().split("\t", 1)[1]),),
        "which # ends",
    ),
    (own_data.caption_line, (lambda line: line.split("\t"),), "three things"),
    (own_data.split_by_picture, (lambda pairs, share: (pairs[1::4], pairs[::4]),), "each once"),
    (
        own_data.split_by_picture,
        (lambda pairs, share: ([p for i, p in enumerate(pairs) if i % 4], pairs[::4]),),
        "both lists; what is tested",
    ),
    (own_data.split_by_picture, (half_of_the_pictures,), "1000 of 2000 .* 0.25"),
    (own_data.paired_difference, (lambda a, b: (a.mean() - b.mean(), standard_error(a, b)),), "independent samples"),
    (own_data.paired_difference, (lambda a, b: ((b - a).mean(), 0.0),), "wrong sign"),
    (own_data.paired_difference, (lambda a, b: ((a - b).mean(), (a - b).std(ddof=1)),), "scatters less"),
    (own_data.paired_difference, (lambda a, b: ((a - b).mean(), (a - b).std() / len(a) ** 0.5),), "too small"),
    (many_hands.from_means, (lambda means, words: means.mean(axis=0),), "as much to say"),
    (many_hands.from_means, (lambda means, words: words @ means,), "words of all"),
    (many_hands.from_means, (lambda means, words: (words > 0) @ means / words.sum(),), "numbers are wrong"),
    (many_hands.in_pairs, (sum,), "one after another"),
    (many_hands.in_pairs, (math.fsum,), "is of type"),
    (many_hands.in_pairs, (in_a_row,), "one after another"),
    (many_hands.in_pairs, (halves_crossed,), "in another order"),
    (many_hands.sent, (lambda R, n: (R - 1) * n / R,), "have to travel too"),
    (many_hands.sent, (lambda R, n: 2 * (R - 1) * n,), "whole vectors"),
    (many_hands.sent, (lambda R, n: 2 * n,), "too large"),
    *WRONG_ABOUT_CAPTIONS,
    *MORE_WRONG,
    *WRONG_ABOUT_PIXELS,
]
OWN_RIGHT, OWN_WRONG = right_and_wrong(capstone)
RIGHT = RIGHT_OF_ONE_PART + RIGHT_ABOUT_PIXELS + OWN_RIGHT + RIGHT_AGAIN
WRONG = WRONG + OWN_WRONG + WRONG_AGAIN


def every_check():
    """All exercises of all modules of mrnn_np.teaching."""
    for path in sorted(Path(mrnn_np.teaching.__file__).parent.glob("[a-z]*.py")):
        module = import_module(f"mrnn_np.teaching.{path.stem}")
        for name, check in vars(module).items():
            if inspect.isfunction(check) and hasattr(check, "__wrapped__") and check.__module__ == module.__name__:
                yield f"{path.stem}.{name}"


def name_of(check):
    return f"{check.__module__.rpartition('.')[2]}.{check.__name__}"


@pytest.mark.parametrize(("check", "answers", "reason"), WRONG, ids=[name_of(check) for check, _, _ in WRONG])
def test_a_wrong_answer_is_refused_with_its_reason(check, answers, reason, capsys):
    with np.errstate(all="ignore"):
        check(*answers)
    said = capsys.readouterr().out
    assert said.startswith("not yet: ")
    assert said.count("\n") == 1
    assert re.search(reason, said), said


@pytest.mark.parametrize(("check", "answers"), RIGHT, ids=[name_of(check) for check, _ in RIGHT])
def test_a_right_answer_in_another_form_is_accepted(check, answers, capsys):
    check(*answers)
    said = capsys.readouterr().out
    assert said.startswith("right: ")
    assert said.count("\n") == 1


def test_every_exercise_has_three_wrong_answers_here_and_two_right_ones():
    wrong, right = Counter(name_of(check) for check, _, _ in WRONG), Counter(name_of(check) for check, _ in RIGHT)
    assert set(every_check()) == set(wrong) == set(right)
    assert [name for name, count in wrong.items() if count < 3] == []
    assert [name for name, count in right.items() if count < 2] == []


def test_the_failing_line_of_an_answer_is_named(capsys):
    def average(sentences):
        bits = [-np.log2(p) for p in sentences]
        return 2 ** sum(bits) / len(bits) / nothing  # noqa: F821

    softmax.perplexity(average)
    line = average.__code__.co_firstlineno + 2
    assert f"in line {line} of the cell, return 2 ** sum(bits) / len(bits) / nothing" in capsys.readouterr().out


def test_what_is_no_function_is_not_called(capsys):
    softmax.perplexity(4.0)
    assert capsys.readouterr().out == "not yet: expected a function, got a float\n"


def test_what_the_check_cannot_use_is_no_fault_of_a_line(capsys):
    captioning.advance(lambda alive, following, width: [(1.0, 2.0)] * width)
    assert "expected a list of (log2 P, beginning, word)" in capsys.readouterr().out
    two_equal(np.zeros(2), np.zeros(2))
    assert "what comes back cannot be checked (ValueError" in capsys.readouterr().out


@exercise
def two_equal(first, second):
    """An exercise of no notebook."""
    if first != second:
        raise Refused("they differ")
    return "they are equal"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((1, 1), "right: they are equal\n"),
        ((1, 2), "not yet: they differ\n"),
        ((..., 2), "to do: replace the ... above and run the cell again\n"),
    ],
)
def test_a_verdict_is_one_line(answers, said, capsys):
    two_equal(*answers)
    assert capsys.readouterr().out == said


def test_code_that_raises_is_no_end_of_the_notebook(capsys):
    softmax.stable_softmax(lambda s: s.no_such_thing)
    assert "not yet: your code raises AttributeError" in capsys.readouterr().out


@pytest.mark.parametrize("body", [None, ...])
def test_a_function_that_returns_nothing_is_refused(body):
    with pytest.raises(Refused, match="nothing comes back"):
        run(lambda: body)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([[1.0, 2.0], [3.0, np.nan]], r"holds nan at index \(1, 1\)"),
        ([1.0, 2.0], r"shape \(2,\); expected \(2, 2\)"),
        ([[2.0, 4.0], [6.0, 8.0]], "one and the same factor, 2"),
        ([[1.0, 3.0], [2.0, 4.0]], "transpose"),
        ([[1.0, 2.0], [3.0, 5.0]], r"1 of 4 numbers are wrong, the first 5 at index \(1, 1\)"),
        ("four", "of type str; expected numbers"),
    ],
)
def test_an_array_is_refused_by_what_is_wrong(answer, reason):
    with pytest.raises(Refused, match=reason):
        expect_array(answer, [[1.0, 2.0], [3.0, 4.0]])


def test_a_transposed_shape_is_named():
    with pytest.raises(Refused, match="is it transposed"):
        expect_array(np.ones((2, 3)), np.ones((3, 2)))


@pytest.mark.parametrize(
    ("answer", "reason"), [(3.0, "too large"), (1.0, "too small"), (-2.0, "wrong sign"), ("2", "of type str")]
)
def test_a_number_is_refused_by_what_is_wrong(answer, reason):
    with pytest.raises(Refused, match=reason):
        expect_number(answer, 2.0)


def test_what_is_right_passes():
    expect_number(np.float32(2), 2.0)
    expect_number(2.0 * (1 + 1e-7), 2.0)
    expect_number(0.0, 0.0)
    expect_array([1.0, 1e-12], [1.0, 0.0])
    expect_array([300.0, 1e-6], [300.0, 0.0])


def test_what_is_right_to_four_digits_only_does_not():
    for wrong in (2.0 * (1 + 1e-4), 2.0 * (1 - 1e-4)):
        with pytest.raises(Refused, match=r"too (large|small)"):
            expect_number(wrong, 2.0)
    with pytest.raises(Refused, match=r"1 of 2 numbers are wrong, the first 300\.03 at index 0"):
        expect_array([300.03, 1.0], [300.0, 1.0])
    with pytest.raises(Refused, match="too large"):
        expect_number(1e-9, 0.0)
