"""What notebooks 7 and 8 show beside exercises: trainings to watch, trees of beams, a small checkpoint."""

import io
import math

import numpy as np
import pytest
from PIL import Image

from mrnn_np.backend import choose_backend
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.data.examples import Examples
from mrnn_np.data.vocabulary import END
from mrnn_np.model.initial import initial_params
from mrnn_np.model.mrnn import MRNN
from mrnn_np.teaching import plots
from mrnn_np.teaching.beams import watch
from mrnn_np.teaching.live import race, updates
from mrnn_np.training.sgd import SGD
from mrnn_np.training.streams import ORDER, stream

MODEL = MRNN(M=8, d_I=2, d_e=4, d_w=6, d_m=6)
IMAGES = np.array([[0.5, -0.5], [-0.5, 0.5]], np.float32)
TWO = Examples([np.array([3, 4, 5, END]), np.array([6, 7, END])], np.array([0, 1]), IMAGES.__getitem__)


def first_params():
    return initial_params(MODEL, np.random.default_rng(0), np.ones(8))


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_updates_train_as_often_as_asked_and_in_place():
    params = first_params()
    before, history = params.theta.copy(), list(updates(MODEL, params, TWO, 150, 0.1, SGD(momentum=0.9), batch_size=1))
    assert len(history) == 150
    assert history[0] > 2
    assert max(history[-2:]) < 0.1
    assert (params.theta != before).any()


def test_an_update_follows_the_mean_cost_of_a_word_at_the_schedules_rate():
    params, by_hand, sgd = first_params(), first_params(), SGD(l2=0.01, momentum=0.9)
    velocity = np.zeros_like(by_hand.theta)
    found, expected = list(updates(MODEL, params, TWO, 3, 0.2, sgd, "cosine", warmup=2)), []
    for rate in (0.1, 0.2, 0.2):  # up in two steps, and the cosine begins at its top
        order = stream(0, ORDER, len(expected)).permutation(2)
        bits, cache = MODEL.forward(by_hand, TWO.batch(order))
        sgd.update(by_hand, MODEL.backward(np.full_like(bits, 1 / 7), cache), velocity, rate)
        expected.append(bits.mean())
    assert found == pytest.approx(expected, rel=1e-5)
    assert params.theta == pytest.approx(by_hand.theta, rel=1e-5)


def test_nothing_is_trained_before_a_number_is_asked_for():
    params = first_params()
    before, run = params.theta.copy(), updates(MODEL, params, TWO, 3, 0.1, SGD())
    assert (params.theta == before).all()
    next(run)
    next(run)
    assert (params.theta != before).any()


def test_a_training_that_diverges_yields_infinity_and_rests():
    params = first_params()
    history = list(updates(MODEL, params, TWO, 20, 1e4, SGD()))
    assert len(history) == 20
    assert math.isfinite(history[0])
    assert history[-5:] == [math.inf] * 5


def test_a_race_gives_each_run_its_turns_and_its_history(capsys):
    turns = []

    def run(name, count):
        for step in range(count):
            turns.append(name)
            yield float(step)

    assert race({"a": run("a", 3), "b": run("b", 1)}) == {"a": [0.0, 1.0, 2.0], "b": [0.0]}
    assert turns == ["a", "b", "a", "a"]


def trained_decoder():
    params = first_params()
    list(updates(MODEL, params, TWO, 30, 0.1, SGD(momentum=0.9)))
    return Decoder(MODEL, params, choose_backend("numpy"))


@pytest.mark.parametrize("prefix", [(), (6,)])
@pytest.mark.parametrize("width", [1, 3])
def test_a_watched_beam_finds_what_beam_search_finds_and_keeps_its_way(width, prefix):
    decoder, options = trained_decoder(), BeamSearch(width, length_norm=0)
    seen = watch(decoder, IMAGES[:1], options, prefix)
    assert seen.best == beam_search(decoder, IMAGES[:1], options, prefix)[0][0]
    assert seen.finished[0] == seen.best.words
    beginnings = [seen.best.words[:n] for n in range(len(prefix) + 1, len(seen.best.words) + 1)]
    assert set(beginnings) <= set(seen.kept)
    assert seen.kept[seen.best.words] == seen.best.log2_prob
    of_length = [sum(len(words) == n and words[-1] != END for words in seen.kept) for n in range(1, 9)]
    assert max(of_length) == width


def test_training_curves_mark_what_diverged_and_name_the_levels():
    figure = plots.training_curves({"good": [3.0, 2.0, 1.0], "bad": [3.0, math.inf, math.inf]}, {"floor": 0.5})
    assert texts(figure) == ["floor, 0.50"]
    marked = [line for line in figure.axes[0].lines if line.get_marker() == "x"]
    assert [line.get_ydata()[0] for line in marked] == [3.0]
    assert figure.axes[0].get_ylabel() == "bits per word"
    assert plots.training_curves({"one": [1.0]}, {}, log_y=True).axes[0].get_yscale() == "log"


def test_states_and_word_map_name_what_they_show():
    figure = plots.states([[0.0, 1.0]], ["a", "dog"], ["7"], "r(t)")
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["a", "dog"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["7"]
    words = plots.word_map(np.eye(2), ["red", "dog"], ["colours", "animals"])
    assert texts(words) == ["red", "dog"]
    assert [text.get_text() for text in words.axes[0].get_legend().get_texts()] == ["colours", "animals"]


def test_choices_show_words_with_their_probabilities():
    shown = texts(plots.choices([[("a", 0.75), ("the", 0.001)], [("dog", 1.0)]], ["a", "dog"]))
    assert {"t = 1", "a\n75%", "the\n<1%", "dog\n100%"} <= set(shown)


def test_a_beam_tree_marks_ends_and_what_was_dropped():
    kept = {("a",): -1.0, ("the",): -2.0, ("a", "dog"): -1.5, ("a", "dog", "."): -1.75}
    figure = plots.beam_tree(kept, [("a", "dog", ".")], ("a", "dog", "."))
    assert sorted(texts(figure)) == sorted(["a", "the", "x", "dog", ".", "-1.8"])
    bold = [text.get_text() for text in figure.axes[0].texts if text.get_fontweight() == "bold"]
    assert bold == ["a", "dog", "."]


@pytest.mark.parametrize(
    "figure",
    [
        plots.beam_tree({("a",): -1.0}, [], ("a",)),
        plots.choices([[("a", 1.0)]], ["a"]),
        plots.states([[0.0, 1.0]], ["a", "dog"], ["7"], "r(t)"),
        plots.training_curves({"one": [2.0, 1.0]}, {}),
        plots.word_map(np.eye(2), ["red", "dog"], ["colours", "animals"]),
    ],
)
def test_every_picture_shows_itself(figure):
    with Image.open(io.BytesIO(figure._repr_png_())) as image:
        assert image.width > 200
