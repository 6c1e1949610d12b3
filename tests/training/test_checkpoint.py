"""Checkpoints: all of a run comes back, and whatever is not a checkpoint is refused in one line."""

import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from mrnn_np.errors import UserError
from mrnn_np.training.checkpoint import FORMAT, load_checkpoint, save_checkpoint
from mrnn_np.training.config import Config
from mrnn_np.training.setup import new_run


@pytest.fixture
def checkpoint(tiny_flickr8k):
    config = Config(data=f"flickr8k:{tiny_flickr8k}", d_e=4, d_w=5, d_m=6, min_count=1)
    return new_run(config).checkpoint


def test_everything_comes_back(checkpoint, tmp_path):
    checkpoint.velocity[...] = np.random.default_rng(0).normal(size=checkpoint.velocity.shape)
    checkpoint.progress.step, checkpoint.progress.bits = 7, 0.1 + 0.2
    checkpoint.progress.history.append({"epoch": 1, "val_bits": 1 / 3})
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    loaded = load_checkpoint(tmp_path / "c.npz")
    for name in ("config", "vocabulary", "source", "progress", "data_hash"):
        assert getattr(loaded, name) == getattr(checkpoint, name)
    assert (loaded.params.theta == checkpoint.params.theta).all()
    assert loaded.params.theta.dtype == np.float32
    assert (loaded.velocity == checkpoint.velocity).all()
    assert loaded.velocity.any()
    assert (loaded.standardiser.mean == checkpoint.standardiser.mean).all()
    assert (loaded.standardiser.scale == checkpoint.standardiser.scale).all()
    assert loaded.model == checkpoint.model


def test_every_truncation_is_refused(checkpoint, tmp_path):
    save_checkpoint(tmp_path / "whole.npz", checkpoint)
    whole = (tmp_path / "whole.npz").read_bytes()
    for kept in range(0, len(whole) - 1, 997):
        (tmp_path / "cut.npz").write_bytes(whole[:kept])
        with pytest.raises(UserError, match=r"not an \.npz file of plain numbers and text"):
            load_checkpoint(tmp_path / "cut.npz")


def test_a_flipped_bit_is_noticed(checkpoint, tmp_path):
    save_checkpoint(tmp_path / "whole.npz", checkpoint)
    damaged = bytearray((tmp_path / "whole.npz").read_bytes())
    damaged[damaged.index(checkpoint.params.theta.tobytes()) + 1000] ^= 1
    (tmp_path / "damaged.npz").write_bytes(damaged)
    with pytest.raises(UserError, match=r"not an \.npz file of plain numbers and text"):
        load_checkpoint(tmp_path / "damaged.npz")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY", b"\x89PNG\r\n\x1a\n"])
def test_foreign_files_are_refused(content, tmp_path):
    (tmp_path / "foreign.npz").write_bytes(content)
    with pytest.raises(UserError, match=r"not an \.npz file of plain numbers and text"):
        load_checkpoint(tmp_path / "foreign.npz")


def test_features_are_not_a_checkpoint(tiny_flickr8k):
    with pytest.raises(UserError, match="is not a checkpoint of mrnn_np"):
        load_checkpoint(tiny_flickr8k / "features.npz")


def test_pickled_objects_are_refused(tmp_path):
    class Hostile:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "pwned"),)

    np.savez(tmp_path / "hostile.npz", meta=np.array([Hostile()], object))
    with pytest.raises(UserError, match=r"not an \.npz file of plain numbers and text"):
        load_checkpoint(tmp_path / "hostile.npz")
    assert not (tmp_path / "pwned").exists()


def test_a_missing_file(tmp_path):
    with pytest.raises(UserError, match=r"nowhere\.npz: cannot be read \(No such file or directory\)"):
        load_checkpoint(tmp_path / "nowhere.npz")


def rewritten(path, change):
    """Rewrite a checkpoint's meta data by `change`, a function of the dict."""
    with np.load(path) as archive:
        arrays = dict(archive)
    meta = json.loads(str(arrays["meta"]))
    change(meta)
    np.savez(path, **{**arrays, "meta": np.array(json.dumps(meta))})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda meta: meta.update(format="mrnn_np checkpoint 99"), f"this version reads '{FORMAT}'"),
        (lambda meta: meta["config"].update(colour=3), "'colour' is not an option of this version"),
        (lambda meta: meta["config"].update(d_m=7), "do not fit its own configuration"),
        (lambda meta: meta["layout"].update(E=[1, 2]), "is not a checkpoint of mrnn_np"),
        (lambda meta: meta.pop("progress"), "is not a checkpoint of mrnn_np"),
    ],
)
def test_other_versions_and_contradictions_are_refused(change, message, checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    rewritten(tmp_path / "c.npz", change)
    with pytest.raises(UserError, match=message):
        load_checkpoint(tmp_path / "c.npz")


def test_a_checkpoint_older_than_an_option_has_its_default(checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    rewritten(tmp_path / "c.npz", lambda meta: meta["config"].pop("batches"))
    assert load_checkpoint(tmp_path / "c.npz").config == checkpoint.config
    assert checkpoint.config.batches == "captions"


def test_a_full_disk_leaves_the_old_checkpoint(checkpoint, tmp_path):
    path = tmp_path / "c.npz"
    save_checkpoint(path, checkpoint)
    before = path.read_bytes()
    # A process that may write no file above 4 kB stands in for a full disk.
    program = (
        "import resource, signal, sys\n"
        "from mrnn_np.command_line import run_command\n"
        "from mrnn_np.training.checkpoint import load_checkpoint, save_checkpoint\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "checkpoint = load_checkpoint(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "run_command(lambda: save_checkpoint(sys.argv[1], checkpoint))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == f"error: {path}: cannot be written (File too large)\n"
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["c.npz"]


def test_config_limits():
    for values, message in (
        ({"epochs": 0}, "--epochs is 0; it must be 1 or more"),
        ({"dropout_m": 1.0}, "--dropout-m is 1.0; it must be below 1"),
        ({"lr": float("nan")}, "--lr is nan; it must be 0 or more"),
        ({"batches": "words"}, "--batches is 'words'; it can be captions, images"),
        ({"momentum": -0.1}, "--momentum is -0.1; it must be 0 or more"),
    ):
        with pytest.raises(UserError, match=message):
            Config(**values)
    assert dataclasses.asdict(Config())["d_m"] == 512
