"""What tells pictures that are unlike a CNN's training: what the units do, the line that is drawn, the file."""

from dataclasses import replace

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write
from mrnn_np.vision.cnn import Cnn, Design
from mrnn_np.vision.network import AveragePool, Conv, Dense, Flatten, Sigmoid
from mrnn_np.vision.preprocessing import Preprocessing
from mrnn_np.vision.unlike import Unlike, activations, load_unlike, save_unlike, unlike_training

# One kernel of one pixel, the brightness; of its mean, one score that is 30 times as large.
NETWORK = (Conv("conv1", 1, kernel=1), AveragePool(2, 2), Flatten(), Dense("scores", 1, activation="none"), Sigmoid())
WEIGHTS = {
    "conv1.K": np.full((1, 1, 1, 3), 1 / 3, np.float32),
    "conv1.b": np.zeros(1, np.float32),
    "scores.W": np.full((1, 1), 30, np.float32),
    "scores.b": np.zeros(1, np.float32),
}
DESIGN = Design(NETWORK, "probabilities", Preprocessing("whole", 2, (0.0,) * 3, (1.0,) * 3))


@pytest.fixture
def cnn(backend):
    on_device = {name: backend.asarray(value) for name, value in WEIGHTS.items()}
    return Cnn(DESIGN, on_device, {"weights": "abc"}, backend)


def pictures(*brightness):
    """Two by two pixels each, all channels alike."""
    return np.repeat(np.array(brightness, np.float32).reshape(-1, 2, 2, 1), 3, axis=3)


def test_activations_are_means_deviations_and_scores(cnn):
    found = activations(cnn, pictures([0, 0, 0, 4], [0, 0.1, 0.1, 0.2]))
    log = np.log1p([[1, np.sqrt(3), 1, 0], [0.1, np.sqrt(0.005), 0.1, 0]])
    np.testing.assert_allclose(found, np.c_[log, [12, 3]], rtol=1e-5, atol=1e-7)  # 30 is as certain as 12
    assert found.dtype == np.float32


def test_those_beyond_the_line_are_unlike():
    line = Unlike(np.array([0.6, 0.8], np.float32), 1.0, "abc", {})
    assert line.of(np.array([[1, 0.49], [1, 0.51], [-5, 0]], np.float32)).tolist() == [False, True, False]


def test_a_cnn_asks_the_file_of_its_design(cnn, tmp_path):
    path = tmp_path / "unlike.npz"
    save_unlike(path, Unlike(np.array([1, 0, 0, 0, 0], np.float32), np.log1p(0.5), "abc", {}))
    bright_and_dark = pictures([1, 1, 1, 1], [0.1, 0.1, 0.1, 0.1])
    knowing = replace(cnn, design=replace(DESIGN, unlike=path))
    assert unlike_training(knowing, bright_and_dark).tolist() == [True, False]
    assert unlike_training(cnn, bright_and_dark).tolist() == [False, False]
    of_other_weights = replace(knowing, source={"weights": "def"})
    assert unlike_training(of_other_weights, bright_and_dark).tolist() == [False, False]


def test_what_is_written_is_read(tmp_path):
    written = Unlike(np.array([0.5, -1], np.float32), 0.25, "abc", {"scenes": "3"})
    save_unlike(tmp_path / "unlike.npz", written)
    read = load_unlike(tmp_path / "unlike.npz")
    assert (read.direction.tolist(), read.most, read.weights, read.training) == (
        [0.5, -1],
        0.25,
        "abc",
        {"scenes": "3"},
    )


def test_another_file_is_one_line(tmp_path):
    path = tmp_path / "other.npz"
    atomic_write(path, lambda file: np.savez(file, direction=np.zeros(3)))
    with pytest.raises(UserError, match=r"other\.npz: does not tell which pictures are unlike"):
        load_unlike(path)
