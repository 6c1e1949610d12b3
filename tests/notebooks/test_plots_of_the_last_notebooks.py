"""The pictures of notebooks 10 to 13 show the numbers they are given, and are the same every time."""

import numpy as np
import pytest

from mrnn_np.teaching import plots


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


HISTORY = [{"epoch": n, "train_bits": 3.0 / n, "val_bits": 2.0 + abs(n - 2)} for n in (1, 2, 3)]
COLOURS = np.random.default_rng(0).random((4, 4, 3))
DRAWN = {
    "windows_as_rows": lambda: plots.windows_as_rows(np.eye(4), np.ones((3, 3)), np.full((4, 9), 2), [17, 18, 19, 20]),
    "filters": lambda: plots.filters(np.random.default_rng(0).normal(size=(5, 3, 3, 3)), columns=3),
    "maps": lambda: plots.maps({"p": COLOURS, "m": COLOURS[:, :, 0] - 0.5}, "response"),
    "maps_of_one_sign": lambda: plots.maps({"m": COLOURS[:, :, 0]}, "answer"),
    "layers": lambda: plots.layers(["conv1", "conv2"], {"numbers": [1200, 30], "work": [5, 6]}),
    "clouds": lambda: plots.clouds({"a": COLOURS[:, 0, :2]}, ["sea", "park", "sea", "park"], "setting", "component"),
    "compared_runs": lambda: plots.compared_runs({"slow": HISTORY, "fast": HISTORY}),
    "sum_tree": lambda: plots.sum_tree(8, 3),
    "ring": lambda: plots.ring(3),
    "intervals": lambda: plots.intervals({"a": (1.0, 0.5, 1.5), "b": (-0.25, -0.5, 0.0)}, "score"),
    "timelines": lambda: plots.timelines({"once": {"host": [(0, 5)], "GPU": [(5, 25)]}}, "microseconds"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_the_same_every_time(name):
    once, again = DRAWN[name]()._repr_png_(), DRAWN[name]()._repr_png_()
    assert once == again
    assert once.startswith(b"\x89PNG")


def test_windows_and_outputs_are_written():
    said = texts(DRAWN["windows_as_rows"]())
    assert said.count("2") == 36
    assert {"17", "18", "19", "20", "the picture, 4 x 4", "its windows, a row each: 4 x 9"} <= set(said)


def test_kernels_are_scaled_to_their_own_largest_number():
    kernel = np.zeros((1, 3, 3, 3))
    kernel[0, 1, 1] = (4, 0, -4)
    shown = plots.filters(kernel).axes[0].images[0].get_array()
    assert shown[1, 1].tolist() == [1, 0.5, 0]
    assert (shown[0, 0] == 0.5).all()


def test_maps_of_both_signs_have_zero_in_the_middle():
    image = DRAWN["maps"]().axes[1].images[0]
    assert image.norm.vmin == -image.norm.vmax
    assert DRAWN["maps_of_one_sign"]().axes[0].images[0].norm.vmin == 0


def test_maps_stand_in_rows():
    figure = plots.maps({str(i): COLOURS[:, :, 0] for i in range(3)}, "answer", columns=2)
    *several, _ = figure.axes
    assert [axes.get_title() for axes in several] == ["0", "1", "2", ""]
    assert several[0].get_subplotspec().rowspan.start == several[1].get_subplotspec().rowspan.start == 0
    assert several[2].get_subplotspec().rowspan.start == 1
    assert not any(axes.axison for axes in several)


def test_groups_are_told_apart():
    axes = DRAWN["clouds"]().axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["park", "sea"]
    assert [len(points.get_offsets()) for points in axes.collections] == [2, 2]


def test_numbers_stand_beside_bars_and_points():
    assert {" 1,200", " 30"} <= set(texts(DRAWN["layers"]()))
    assert texts(DRAWN["intervals"]()) == ["1.00", "-0.25"]


def test_runs_have_one_scale():
    left, right = DRAWN["compared_runs"]().axes
    assert left.get_ylim() == right.get_ylim()
    assert left.get_ylabel() == "bits per word, END counted"
    said = [text.get_text() for text in right.get_legend().get_texts()]
    assert said == ["training", "validation", "lowest validation"]
    lowest = right.get_lines()[2]
    assert set(lowest.get_ydata()) == {2.0}
    assert lowest.get_linewidth() > 1


def test_work_is_drawn_when_it_happens():
    (axes,) = DRAWN["timelines"]().axes
    spans = [path.get_extents().intervalx.tolist() for drawn in axes.collections for path in drawn.get_paths()]
    assert spans == [[0, 5], [5, 25]]


def test_a_tree_says_who_adds_what():
    tree = plots.sum_tree(4, 2)
    assert texts(tree) == ["0", "1", "2", "3", "0-1", "2-3", "0-3", "2 learners, 2 sums to send"]
    colours = [tuple(dots.get_facecolor()[0]) for dots in tree.axes[0].collections]
    assert colours[0] == colours[1] == colours[4]
    assert colours[2] == colours[3] == colours[5]
    assert len({colours[0], colours[2], colours[6]}) == 3
    assert texts(plots.sum_tree(8, 3))[-1] == "3 learners, 5 sums to send"


def test_a_ring_ends_with_the_whole_sum_everywhere():
    rounds = ["".join(text.get_text() for text in axes.texts) for axes in plots.ring(3).axes]
    assert rounds == ["111111111", "112211121", "132213321", "332233323", "333333333"]
