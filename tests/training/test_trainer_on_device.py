"""A whole run on a device: the same history as on NumPy, one upload a step, and the cost read only when printed."""

import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.training.config import Config
from mrnn_np.training.setup import new_run
from mrnn_np.training.trainer import READ_EVERY, Trainer

DEVICES = ["strict", pytest.param("gpu", marks=pytest.mark.gpu)]
CONFIG = {"d_e": 4, "d_w": 5, "d_m": 6, "min_count": 1, "epochs": 2, "batch_size": 8, "dropout_m": 0.2}


def trainer(backend, tiny_flickr8k, folder):
    run = new_run(Config(data=f"flickr8k:{tiny_flickr8k}", **CONFIG))
    folder.mkdir()
    return Trainer(run.checkpoint, run.train_set, run.val_set, backend, folder)


@pytest.mark.parametrize("backend", DEVICES, indirect=True)
@pytest.mark.parametrize("resident", [True, False])
def test_a_run_is_the_same_as_on_numpy(backend, resident, tiny_flickr8k, tmp_path, monkeypatch):
    monkeypatch.setattr("mrnn_np.data.examples.fits", lambda backend, *size: resident and backend.name == "cupy")
    histories = []
    for device in (backend, choose_backend("numpy")):
        training = trainer(device, tiny_flickr8k, tmp_path / device.name)
        assert (training.resident is not None) == (resident and device.name == "cupy")
        training.run(report=lambda line: None)
        histories.append(training.progress.history)
    assert len(histories[0]) == 2
    for found, expected in zip(*histories, strict=True):
        for name in ("step", "train_bits", "val_bits"):
            assert found[name] == pytest.approx(expected[name], rel=1e-4)


def test_a_step_uploads_once_and_waits_for_nothing(strict_cupy, tiny_flickr8k, tmp_path, monkeypatch):
    training = trainer(choose_backend("cupy"), tiny_flickr8k, tmp_path / "run")
    counted = []
    step = training.train_on

    def watched(batch, masks):
        with strict_cupy.testing_counts() as counts:
            with strict_cupy.set_options(allow_sync=False, allow_float64=False):
                step(batch, masks)
        counted.append(counts)

    monkeypatch.setattr(training, "train_on", watched)
    monkeypatch.setattr(training, "end_epoch", lambda *args: training.progress.history.extend([{}, {}]))
    monkeypatch.setattr(training, "draw", lambda: None)
    with strict_cupy.testing_counts() as counts:
        training.run(report=lambda line: None)
    assert len(counted) == training.steps_per_epoch > 5
    assert all(c["h2d"] == c["d2h"] == c["sync"] == 0 for c in counted)
    reads = len(counted) // READ_EVERY
    # Beside the batches, a fresh sum after each look at the cost.
    assert counts["h2d"] == len(counted) + reads
    assert counts["d2h"] == reads
