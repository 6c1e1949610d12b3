"""Every layer and the whole model: hand-written gradients against central differences and the complex step."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.gradients.cases import all_cases, ragged_batch
from mrnn_np.gradients.check import Verdict, check_case, check_model, verdict_table
from mrnn_np.gradients.methods import KinkError, central_difference, complex_step, relative_error
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN

pytestmark = pytest.mark.gradcheck
NUMPY = choose_backend("numpy")
LAYERS = [case.layer for case in all_cases(NUMPY)]


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("index", range(len(LAYERS)), ids=LAYERS)
def test_gradients_are_right(index, seed):
    verdicts = list(check_case(all_cases(NUMPY, seed)[index], NUMPY))
    assert verdicts
    assert [verdict for verdict in verdicts if not verdict.passed] == []


def test_every_parameter_of_the_model_is_checked():
    case = next(case for case in all_cases(NUMPY) if case.layer == "m-RNN")
    checked = {verdict.symbol for verdict in check_case(case, NUMPY)}
    assert checked == {"E", "W_2", "b_w", "U_r", "V_w", "V_r", "V_I", "b_m", "V_y", "b_y", "I"}


def test_the_cases_are_ragged_and_repeat_words_and_images():
    batch = ragged_batch(np.random.default_rng(0), M=9, d_I=4)
    assert len(set(batch.sizes)) > 2
    assert len(batch.words) < len(batch.ids)
    assert len(batch.features) < batch.sizes[0]


def test_a_configured_model_in_float32_is_checked_in_float64():
    rng = np.random.default_rng(0)
    model = MRNN(M=40, d_I=20, d_e=8, d_w=16, d_m=12)
    params = initial_params(model, rng, np.ones(40))
    verdicts = list(check_model(model, params, ragged_batch(rng, 40, 20), NUMPY, rng))
    assert [verdict.symbol for verdict in verdicts] == list(model.layout)
    assert [verdict for verdict in verdicts if not verdict.passed] == []


def test_numerical_derivatives_of_a_known_function():
    x = np.array([0.3, -1.2, 2.0])

    def f(x):
        return (x**3).sum()

    assert relative_error(central_difference(f, x), 3 * x**2) < 1e-9
    assert relative_error(complex_step(f, x), 3 * x**2) < 1e-15


def test_a_kink_is_noticed():
    with pytest.raises(KinkError, match=r"coordinate \(1,\)"):
        central_difference(lambda x: np.maximum(x, 0).sum(), np.array([1.0, 3e-6, -1.0]))


@pytest.mark.parametrize(("a", "b", "error"), [([0, 0], [0, 0], 0), ([1, 0], [0, 0], 1), ([3, 4], [3, 4.5], 0.0934)])
def test_relative_error(a, b, error):
    assert relative_error(np.array(a, float), np.array(b, float)) == pytest.approx(error, abs=1e-3)


def test_nan_never_passes():
    case = all_cases(NUMPY)[1]
    broken = type(case)(case.layer, case.inputs, case.cost, lambda x: {"z": x["z"] * np.nan})
    assert not any(verdict.passed for verdict in check_case(broken, NUMPY))


@pytest.mark.parametrize(("wrong", "failing"), [(1e-6, {"central", "complex step"}), (1e-11, {"complex step"})])
def test_a_gradient_that_is_a_little_off_is_wrong(wrong, failing):
    case = next(case for case in all_cases(NUMPY) if case.layer == "multimodal")
    off = type(case)(
        case.layer, case.inputs, case.cost, lambda x: {**case.gradients(x), "r": case.gradients(x)["r"] * (1 + wrong)}
    )
    verdicts = [verdict for verdict in check_case(off, NUMPY) if not verdict.passed]
    assert {(verdict.symbol, verdict.method) for verdict in verdicts} == {("r", method) for method in failing}


def test_the_limits():
    limits = {verdict.method: verdict.limit for verdict in check_case(all_cases(NUMPY)[0], NUMPY)}
    assert limits == {"central": 1e-7, "complex step": 1e-12}


def test_the_table_says_which_is_wrong():
    verdicts = [
        Verdict("softmax", "r", "central", 2e-8, 1e-7),
        Verdict("softmax", "V_y", "complex step", 1e-12, 1e-12),
        Verdict("m-RNN", "E", "central", float("nan"), 1e-7),
    ]
    _, *rows = verdict_table(verdicts).splitlines()
    assert [row.split()[-1] for row in rows] == ["ok", "WRONG", "WRONG"]
    assert rows[0].split() == ["softmax", "r", "central", "2.0e-08", "1e-07", "ok"]
