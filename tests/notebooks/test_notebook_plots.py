"""The pictures: right words and numbers in the right places, and the same bytes every time."""

import io

import numpy as np
import pytest
from PIL import Image

from mrnn_np.plots.curves import learning_curves
from mrnn_np.plots.style import Picture
from mrnn_np.teaching import plots

HISTORY = [{"epoch": n, "train_ppl": 20.0 / n, "val_ppl": 24.0 / n} for n in (1, 2, 3)]


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def drawn():
    """One picture of each kind."""
    yield plots.bars({"a": 1.0, "b": 1000.0}, "words", log=True, highlight=["b"])
    yield plots.grouped_bars({"one": [1, 2], "two": [3, 4]}, ["a", "b"], "bits")
    yield learning_curves(HISTORY)
    yield plots.lines([1, 2, 3], {"y": [1, 4, 9]}, "x", "y", log_y=True, marked={2: "two"})
    yield plots.pictures([(Image.new("RGB", (8, 8)), "a black square\nof eight")] * 3, columns=2)
    yield plots.staircase(["a", "b", "c"], (2, 1), padded=True)
    yield plots.tables({"t": [[1.0, np.nan]]}, ["row"], ["one", "two"], "bits")
    yield plots.unrolled(["a", "dog"], backward=True)
    yield plots.word_frequencies([100, 10, 1], min_count=5)
    yield plots.valley({"plain": [(-10.0, 0.3), (-9.0, -0.2)], "momentum": [(-10.0, 0.3), (0.0, 0.0)]}, 300)


@pytest.mark.parametrize("number", range(10))
def test_a_picture_shows_itself_and_is_the_same_every_time(number):
    once, again = (list(drawn())[number] for _ in range(2))
    assert isinstance(once, Picture)
    assert once._repr_png_() == again._repr_png_()
    with Image.open(io.BytesIO(once._repr_png_())) as image:
        assert image.width > 200
        assert len(image.convert("RGB").getcolors(image.width * image.height)) > 10


def test_axes_are_named_with_their_units():
    for figure in drawn():
        for axes in figure.axes:
            if axes.axison and axes.get_label() != "<colorbar>" and axes.get_xticklabels():
                assert axes.get_xlabel() or axes.get_ylabel() or figure.axes[-1].get_label() == "<colorbar>"


def test_the_staircase_has_each_word_at_its_sentence_and_step():
    figure = plots.staircase(["START", "START", "a", "two", "dog"], (2, 2, 1))
    at = {(round(text.get_position()[1]), text.get_text()) for text in figure.axes[0].texts}
    assert {(1, "START"), (2, "START"), (1, "a"), (2, "two"), (1, "dog")} <= at
    assert [text for text in texts(figure) if text.isdigit()] == ["0", "1", "2", "3", "4"]
    assert "padding" not in texts(figure)
    assert texts(plots.staircase(["a", "b", "c"], (2, 1), padded=True)).count("padding") == 1


def test_the_valley_shows_where_each_way_went():
    path = [(-10.0, 0.3), (-9.0, -0.2), (-5.0, 0.1)]
    (axes,) = plots.valley({"plain": path}, 300).axes
    way, end, bottom = axes.lines
    assert way.get_xydata().tolist() == [list(place) for place in path]
    assert (end.get_xydata().tolist(), bottom.get_xydata().tolist()) == ([[-5.0, 0.1]], [[0.0, 0.0]])


def test_bars_and_tables_write_their_numbers():
    assert {" 1.50", " -2.00"} <= set(texts(plots.bars({"a": 1.5, "b": -2.0}, "bits", digits=2)))
    assert texts(plots.bars({"a": 3e-9, "b": 2.0}, "error", log=True)) == [" 3e-09", " 2.0"]
    assert texts(plots.tables({"t": [[1.0, np.nan], [2.0, 3.0]]}, "ab", "cd", "bits")) == ["1.0", "2.0", "3.0"]


def test_a_table_without_a_unit_has_no_colour_scale():
    assert len(plots.tables({"t": [[1.0, np.nan]]}, "a", "bc", "bits").axes) == 2
    assert len(plots.tables({"t": [[1.0, np.nan]]}, "a", "bc", "").axes) == 1


def test_what_marks_a_place_stands_above_the_curves_and_a_floor_has_its_name_below():
    (mark,) = plots.lines([1, 2, 3], {"y": [1, 4, 9]}, "x", "y", marked={2: "two"}).axes[0].texts
    assert mark.get_position() == (2, 1.01)
    figure = plots.training_curves({"run": [3.0, 2.0, 1.5]}, {"floor": 1.0})
    figure.draw_without_rendering()
    (name,) = figure.axes[0].texts
    assert name.get_text() == "floor, 1.00"
    assert name.get_window_extent().y1 < figure.axes[0].transData.transform((0, 1.0))[1]


def test_words_of_a_map_do_not_cover_one_another():
    plane = np.array([[0.0, 0.0], [0.0, 0.001], [0.0, 0.002], [1.0, 1.0]])
    figure = plots.word_map(plane, ["yellow", "boy", "men", "far"], ["a", "b", "b", "a"])
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert not any(boxes[i].overlaps(boxes[j]) for i in range(4) for j in range(i))


def test_the_unrolled_network_names_every_step():
    assert {"w(2)", "r(2)", "to m(2)", "r(0) = 0", "dog"} <= set(texts(plots.unrolled(["a", "dog"])))
    assert "Uᵀ" in texts(plots.unrolled(["a", "dog"], backward=True, shared="U"))


def test_learning_curves_mark_the_best_epoch_and_go_into_a_file():
    assert texts(learning_curves(HISTORY)) == ["8.00"]
    file = io.BytesIO()
    learning_curves(HISTORY).write(file)
    assert file.getvalue().startswith(b"\x89PNG")
