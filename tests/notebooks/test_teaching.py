"""What the notebooks show beside exercises: source code, facts as image features, small models, planted bugs."""

import numpy as np
import pytest

from mrnn_np.backend.threads import limit_threads, product_threads
from mrnn_np.data.captions import CaptionData
from mrnn_np.data.examples import word_counts
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.gradients.methods import complex_step, relative_error
from mrnn_np.layers.activations import g2, g2_slope
from mrnn_np.layers.recurrent import recurrent_backward, recurrent_forward
from mrnn_np.layers.softmax import softmax_backward, softmax_forward
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.scenes.world import Relation, Scene, Thing
from mrnn_np.teaching import one_thread, planted, small
from mrnn_np.teaching.prediction import answer
from mrnn_np.teaching.source import Source

DOG = Scene(
    "beach", "day", "sun", (Thing("dog", "brown", 1, "", "run"), Thing("ball", "red")), (Relation(0, "chase", 1),)
)
CATS = Scene("park", "night", "moon", (Thing("cat", "black", 2, "", "sit"),))


def test_source_is_the_code_without_docstring_and_decorators():
    shown = Source(g2)
    assert shown.code.startswith("def g2(z: Array) -> Array:\n")
    assert "tanh" in shown.code
    assert '"""' not in shown.code
    assert repr(shown) == f"# mrnn_np/layers/activations.py\n{shown.code}"
    assert shown._repr_markdown_() == f"```python\n{shown!r}\n```"


def test_source_of_two_functions_is_one_piece_of_code():
    assert Source(g2, g2_slope).code == f"{Source(g2).code}\n\n\n{Source(g2_slope).code}"


def test_source_of_a_function_without_docstring():
    def bare(x):
        return x

    assert Source(bare).code == "def bare(x):\n    return x"


def test_facts_say_what_is_in_the_picture():
    assert small.facts(DOG) == (
        "beach",
        "day",
        "sun",
        "relation: chase",
        *("first: dog", "first: brown", "first: 1", "first: run"),
        *("second: ball", "second: red", "second: 1"),
    )


def test_fact_features_are_centred_and_scaled():
    names = small.fact_names([DOG, CATS])
    features = small.fact_features([DOG, CATS, CATS], names)
    assert features.dtype == np.float32
    assert features.shape == (3, len(names))
    np.testing.assert_allclose(features.mean(axis=0), 0, atol=1e-6)
    assert np.sqrt((features**2).mean()) == pytest.approx(small.FACT_SIZE)
    assert (features[1] == features[2]).all()
    assert features[0, names.index("first: dog")] > 0 > features[1, names.index("first: dog")]


def test_a_small_model_learns_what_the_facts_say():
    captions = {"a": (("a", "dog", "runs"),), "b": (("two", "cats", "sit"),)}
    data = CaptionData("two", {"train": ("a", "b")}, captions, ())
    vocabulary = Vocabulary.build([c for several in captions.values() for c in several], min_count=1)
    names = small.fact_names([DOG, CATS])
    examples = small.examples_with_features(data, "train", vocabulary, small.fact_features([DOG, CATS], names))
    assert examples.batch(np.array([1])).features[0, names.index("first: cat")] > 0
    model = MRNN(len(vocabulary), len(names), 4, 8, 8)
    params = initial_params(model, np.random.default_rng(0), word_counts(examples, vocabulary))
    history = small.train(model, params, examples, epochs=100)
    assert len(history) == 100
    assert history[0] > 2
    assert history[-1] < 0.05


def test_a_planted_bug_is_the_only_one():
    """Where what it forgets is nothing, it computes what the right one does; elsewhere only what it says is wrong."""
    rng = np.random.default_rng(1)
    symmetric = rng.normal(size=(4, 4))
    symmetric += symmetric.T
    for sizes, U_r, planted_one in (
        ([2, 1, 1], symmetric, planted.recurrent_backward_transposed),
        ([3], rng.normal(size=(4, 4)), planted.recurrent_backward_without_carry),
    ):
        w, dr = rng.normal(size=(2, sum(sizes), 4))
        _, cache = recurrent_forward(w, U_r, sizes)
        (dz, dU_r), (expected, right) = planted_one(dr, cache), recurrent_backward(dr, cache)
        assert dz == pytest.approx(expected)
        assert dU_r == pytest.approx(right)
    m, V_y, b_y, dbits = rng.normal(size=(3, 4)), rng.normal(size=(5, 4)), rng.normal(size=5), rng.normal(size=3)
    _, cache = softmax_forward(m, np.array([0, 4, 4]), V_y, b_y)
    pairs = zip(planted.softmax_backward_in_nats(dbits, cache), softmax_backward(dbits, cache), strict=True)
    assert all(found == pytest.approx(np.log(2) * expected) for found, expected in pairs)
    assert planted.g2_slope_without_scale(np.tanh(0.3)) == pytest.approx(1 / np.cosh(0.3) ** 2)


def test_planted_bugs_are_bugs_only_where_they_say():
    rng = np.random.default_rng(0)
    w, U, c = rng.normal(size=(6, 8)), rng.normal(size=(8, 8)), rng.normal(size=(6, 8))
    for mask, wrong in ((np.ones((6, 8)), False), (2.0 * (rng.random((6, 8)) < 0.5), True)):
        _, cache = planted.dropped_recurrence_forward(w, U, mask)
        dw, dU_r = planted.dropped_recurrence_backward(c, cache)

        def cost(w, U, mask=mask):
            return (c * planted.dropped_recurrence_forward(w, U, mask)[0]).sum()

        assert (relative_error(dw, complex_step(lambda w, cost=cost: cost(w, U), w)) > 1e-3) is wrong
        assert (relative_error(dU_r, complex_step(lambda U, cost=cost: cost(w, U), U)) > 1e-3) is wrong


@pytest.mark.parametrize(
    ("guess", "truth", "said"),
    [
        (..., 262, "(no prediction was written down; it is 262)\n"),
        (..., (0.25, "dog"), "(no prediction was written down; it is 0.25, dog)\n"),
        (262, 262, "you predicted 262, and so it is\n"),
        (
            ((1, 0), (1, 3)),
            [[1.0, 0.0], [1.0, 3.0]],
            "you predicted [1, 0], and so it is\nyou predicted [1, 3], and so it is\n",
        ),
        (
            np.array([0.5, 2]),
            (0.5, 3),
            "you predicted 0.5, and so it is\nyou predicted 2, and it is 3, 1.5 times that\n",
        ),
        (250, 262, "you predicted 250, and nearly so it is, 262\n"),
        (100, 262, "you predicted 100, and it is 262, 2.62 times that\n"),
        (-1.0, 2.0, "you predicted -1, and it is 2\n"),
        ("Falls", "falls", "you predicted Falls, and so it is\n"),
        ("rises", "falls", "you predicted rises, and it is falls\n"),
        (True, False, "you predicted True, and it is False\n"),
        (1, True, "you predicted 1, and it is True\n"),
        ((500, 20), (262, 20), "you predicted 500, and it is 262, 0.524 times that\nyou predicted 20, and so it is\n"),
        ([[1, 0]], [[1.0, 0.0]], "you predicted [1, 0], and so it is\n"),
        (7, (1, 2), "you predicted 7; it is 1, 2\n"),
    ],
)
def test_a_prediction_is_answered(guess, truth, said, capsys):
    answer(guess, truth)
    assert capsys.readouterr().out == said


def test_a_notebook_takes_one_thread():
    with limit_threads(2):
        one_thread()
        assert product_threads() == 1
