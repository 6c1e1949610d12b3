"""The models beside the m-RNN: their gradients are right, and planted bugs make a check fail."""

import itertools

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.errors import UserError
from mrnn_np.gradients.cases import ragged_batch
from mrnn_np.gradients.check import check_case
from mrnn_np.gradients.family_cases import design_cases, family_cases
from mrnn_np.gradients.methods import complex_slope
from mrnn_np.layers import activations, gru, lstm, multimodal, recurrent
from mrnn_np.layers.recurrent import time_steps_back
from mrnn_np.model import general, output, recurrent_stack
from mrnn_np.model.design import CHOICES, Design
from mrnn_np.model.general import General
from mrnn_np.model.params import Params, layout_size
from mrnn_np.model.presets import PRESETS
from mrnn_np.model.recurrent_stack import RECURRENCES

pytestmark = pytest.mark.gradcheck
NUMPY = choose_backend("numpy")
CASES = [case.layer for case in family_cases(NUMPY)]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("index", range(len(CASES)), ids=CASES)
def test_gradients_are_right(index, seed):
    case = family_cases(NUMPY, seed)[index]
    verdicts = list(check_case(case, NUMPY))
    assert {verdict.symbol for verdict in verdicts} == case.inputs.keys()
    assert [verdict for verdict in verdicts if not verdict.passed] == []


def test_every_preset_and_each_of_its_parameters_is_checked():
    cases = {case.layer: case.inputs.keys() for case in design_cases(NUMPY)}
    assert cases.keys() == PRESETS.keys() - {"m-rnn", "rnn-base"}
    assert cases["simple-rnn"] == {"E", "U_r", "V_y", "b_y"}
    assert cases["tf-mrnn"] == {"E", "W_x", "b_x", "U_r", "V_r", "V_I", "b_m", "V_e", "b_e", "b_y", "I"}
    assert {"U_I", "W_x2", "b_x2", "U_r2"} <= cases["lrcn"]


def every_design():
    """Every design that can be built, of one and of two layers."""
    for values in itertools.product((1, 2), *CHOICES.values()):
        try:
            yield Design(**dict(zip(("layers", *CHOICES), values, strict=True)))
        except UserError:
            continue


def test_the_gradient_of_every_design_along_a_random_direction():
    rng, designs = np.random.default_rng(0), list(every_design())
    assert len(designs) > 1000
    for design in designs:
        d_r = 3 if design.recurrence in ("lstm", "gru") else 0
        model = General(9, 3 if design.image else 0, design, d_e=2, d_w=4, d_m=5, d_r=d_r)
        batch = ragged_batch(rng, model.M, model.d_I)
        masks = model.draw_masks(rng, batch, (0.5, 0.4, 0.3, 0.2), np.float64)
        params = Params(model.layout, rng.normal(0, 0.5, layout_size(model.layout)))
        bits, cache = model.forward(params, batch, masks)
        gradient = model.backward(np.full_like(bits, 1 / len(batch)), cache).theta
        direction = rng.normal(size=gradient.shape)

        def cost(theta, model=model, params=params, batch=batch, masks=masks):
            return model.forward(params.with_theta(theta), batch, masks)[0].mean()

        slope = complex_slope(cost, params.theta, direction)
        assert gradient @ direction == pytest.approx(slope, rel=1e-9), design


def caught(name):
    """Return whether a check of that case fails; without a bug `test_gradients_are_right` finds that none does."""
    case = next(case for case in family_cases(NUMPY) if case.layer == name)
    return not all(verdict.passed for verdict in check_case(case, NUMPY))


def without_carry(module, back=time_steps_back):
    return module, "time_steps_back", lambda sizes, bptt=0: ((now, 0) for now, _ in back(sizes))


def changed_cache(backward, place, change):
    """That backward with one part of its cache changed."""
    return lambda d, cache: backward(d, (*cache[:place], change(cache[place]), *cache[place + 1 :]))


def changed_result(backward, place, change):
    """That backward with one of its results changed."""

    def mutant(*arguments):
        result = list(backward(*arguments))
        result[place] = change(result[place])
        return tuple(result)

    return mutant


def gates_in_another_order(cache_part):
    """The i, f, o, g of an LSTM with f and o exchanged."""
    i, f, o, g = np.split(cache_part, 4, axis=1)
    return np.concatenate([i, o, f, g], axis=1)


def gru_without_reset_in_dU(dr, cache):
    _, r_before, *_ = cache
    dz, _ = gru_backward(dr, cache)
    return dz, dz.T @ r_before


gru_backward, lstm_backward, recurrent_backward = gru.gru_backward, lstm.lstm_backward, recurrent.recurrent_backward
multimodal_backward = multimodal.multimodal_backward

LAYER_MUTANTS = {
    "slope of sigmoid from z": ("sigmoid", activations, "sigmoid_slope", lambda r: sigmoid_of(r) * (1 - r)),
    "slope of tanh for 1 - r": ("tanh", activations, "tanh_slope", lambda r: 1 - r),
    "no carry": ("recurrent, sigmoid", *without_carry(recurrent)),
    "r(t) for r(t-1) in dU_r": (
        "recurrent, tanh",
        recurrent,
        "recurrent_backward",
        lambda dr, cache: recurrent_backward(dr, (cache[0], cache[0], *cache[2:])),
    ),
    "U_r transposed": (
        "recurrent, sigmoid",
        recurrent,
        "recurrent_backward",
        changed_cache(recurrent_backward, 2, np.transpose),
    ),
    "no carry of an LSTM": ("LSTM", *without_carry(lstm)),
    "forget and output gate exchanged": (
        "LSTM",
        lstm,
        "lstm_backward",
        changed_cache(lstm_backward, 0, gates_in_another_order),
    ),
    "c(t) for c(t-1) in df": (
        "LSTM",
        lstm,
        "lstm_backward",
        lambda dr, cache: lstm_backward(dr, (*cache[:2], cache[3], *cache[3:])),
    ),
    "slope of the cell's tanh lost": ("LSTM", lstm, "tanh_slope", lambda r: np.ones_like(r)),
    "gates' slopes lost": ("LSTM", lstm, "sigmoid_slope", lambda r: np.ones_like(r)),
    "no carry of a GRU": ("GRU", *without_carry(gru)),
    "reset gate left out of dU_n": ("GRU", gru, "gru_backward", gru_without_reset_in_dU),
    "new and old exchanged": ("GRU", gru, "gru_backward", changed_cache(gru_backward, 0, lambda gates: gates[:, ::-1])),
    "r(t-1) shifted": ("GRU", gru, "gru_backward", changed_cache(gru_backward, 1, lambda r: np.roll(r, 1, axis=0))),
    "mean for sum in db_m": (
        "multimodal, any",
        multimodal,
        "multimodal_backward",
        changed_result(multimodal_backward, 5, lambda db_m: db_m / 2),
    ),
    "V_w learns from r": (
        "multimodal, any",
        multimodal,
        "multimodal_backward",
        lambda dm, cache: multimodal_backward(dm, (cache[0], cache[2][:, :3], *cache[2:])),
    ),
}


def sigmoid_of(r):
    return 1 / (1 + np.exp(-r))


def image_for_the_first_row_only(ds, B_I, image_of, extra):
    dw, du = image_among_words_back(ds, B_I, image_of, extra)
    return dw, du * (np.arange(B_I) == 0)[:, None]


def image_row_kept_as_a_word(ds, B_I, image_of, extra):
    return ds[: len(ds) - extra], image_among_words_back(ds, B_I, image_of, extra)[1]


image_among_words_back, output_backward = general.image_among_words_back, output.output_backward
MODEL_MUTANTS = {
    "image's gradient of one image only": (
        "visual-in-rnn",
        general,
        "image_among_words_back",
        image_for_the_first_row_only,
    ),
    "image shown once, its row not taken off": ("nic", general, "image_among_words_back", image_row_kept_as_a_word),
    "image shown once, the gradient shifted": (
        "deepvs",
        general,
        "after_zeros",
        lambda dr, extra: np.concatenate([dr, np.zeros((extra, dr.shape[1]))]),
    ),
    "only one of the two ways of the shared image": (
        "visual-in-rnn-both-shared",
        general,
        "multimodal_backward",
        changed_result(multimodal_backward, 0, lambda dw: 0 * dw),
    ),
    "E learns from what is written only": (
        "m-rnn-shared",
        general,
        "embedding_backward",
        lambda de, cache: 0 * cache[2],
    ),
    "E learns from what is read only": (
        "tf-mrnn",
        general,
        "output_backward",
        changed_result(output_backward, 1, lambda grads: {**grads, "E": 0 * grads["E"]}),
    ),
    "the lower layer learns nothing": (
        "lrcn",
        recurrent_stack,
        "dense_backward",
        changed_result(recurrent_stack.dense_backward, 0, lambda dx: 0 * dx),
    ),
}


@pytest.mark.parametrize("name", LAYER_MUTANTS)
def test_a_bug_in_a_layer_is_caught(name, monkeypatch):
    layer, module, function, mutant = LAYER_MUTANTS[name]
    monkeypatch.setattr(module, function, mutant)
    assert caught(layer)


@pytest.mark.parametrize("name", MODEL_MUTANTS)
def test_a_bug_in_a_model_is_caught(name, monkeypatch):
    preset, module, function, mutant = MODEL_MUTANTS[name]
    monkeypatch.setattr(module, function, mutant)
    assert caught(preset)


def test_the_table_of_recurrences_is_what_the_cases_check():
    assert RECURRENCES["lstm"].backward is lstm_backward
    assert RECURRENCES["gru"].backward is gru_backward
    assert all(RECURRENCES[name].backward is recurrent_backward for name in ("relu", "sigmoid", "tanh"))
