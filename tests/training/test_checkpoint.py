"""Checkpoints: all of a run comes back, and whatever is not a checkpoint is refused in one line."""

import dataclasses
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from changed_checkpoint import rewritten

from mrnn_np.errors import UserError
from mrnn_np.training.checkpoint import FORMAT, ROW, load_checkpoint, save_checkpoint
from mrnn_np.training.config import Config
from mrnn_np.training.setup import new_run


@pytest.fixture
def checkpoint(tiny_flickr8k):
    config = Config(data=f"flickr8k:{tiny_flickr8k}", d_e=4, d_w=5, d_m=6, min_count=1)
    return new_run(config).checkpoint


def test_everything_comes_back(checkpoint, tmp_path):
    checkpoint.velocity[...] = np.random.default_rng(0).normal(size=checkpoint.velocity.shape)
    checkpoint.progress.step, checkpoint.progress.bits = 7, 0.1 + 0.2
    checkpoint.progress.history.append({**dict.fromkeys(ROW, 0.5), "epoch": 1, "val_bits": 1 / 3})
    checkpoint.velocity[:] = np.random.default_rng(0).normal(size=len(checkpoint.velocity))
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


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda meta: meta.update(format="mrnn_np checkpoint 99"), f"this version reads '{FORMAT}'"),
        (lambda meta: meta["config"].update(colour=3), "'colour' is not an option of this version"),
        (lambda meta: meta["config"].update(d_m=7), "do not fit its own configuration"),
        (lambda meta: meta["layout"].update(E=[1, 2]), "is not a checkpoint of mrnn_np"),
        (lambda meta: meta.pop("progress"), "is not a checkpoint of mrnn_np.*'progress' is missing"),
        (lambda meta: meta.pop("format"), "'format' is missing from"),
        (lambda meta: meta.update(format=[1]), r"'format' is \[1\]; expected a text"),
        (lambda meta: meta.update(config=[]), r"meta: config is \[\]; expected an object"),
        (lambda meta: meta["config"].update(d_m="3"), r'meta: config: d_m is "3"; expected a whole number'),
        (lambda meta: meta["config"].update(layers=True), "meta: config: layers is true; expected a whole number"),
        (lambda meta: meta["config"].update(epochs=2.0), "meta: config: epochs is 2.0; expected a whole number"),
        (lambda meta: meta["config"].update(lr=math.inf), "meta: config: lr is inf; expected a finite number"),
        (lambda meta: meta["config"].update(l2=10**400), "meta: config: l2 is 10{59}; expected a finite number"),
        (lambda meta: meta["config"].update(lr=None), "meta: config: lr is null; expected a finite number"),
        (lambda meta: meta["config"].update(momentum=2), "--momentum is 2; it must be below 1"),
        (
            lambda meta: meta["config"].update(optimiser="adam"),
            r"318 numbers of its state for 318 parameters, which are not what the optimiser adam",
        ),
        (lambda meta: meta["layout"].update(E=[14, "4"]), r'meta: layout\["E"\]\[1\] is "4"; expected a whole number'),
        (lambda meta: meta["layout"].update(E=[-14, -4]), "is not a checkpoint of mrnn_np"),
        (lambda meta: meta["source"].update(cnn=3), r'meta: source\["cnn"\] is 3; expected a text'),
        (lambda meta: meta["progress"].update(step="1"), 'meta: progress: step is "1"'),
        (lambda meta: meta["progress"].update(words=-1), "its progress holds a number below 0"),
        (lambda meta: meta["progress"].update(bits=math.nan), "progress: bits is nan; expected a finite number"),
        (
            lambda meta: meta["progress"].update(history=[{}]),
            "row 1 of its history is not of epoch 1; expected epoch, ",
        ),
        (lambda meta: meta["progress"].update(history=[3]), r"history\[0\] is 3; expected an object"),
        (lambda meta: meta["progress"]["history"].append(dict.fromkeys(ROW, 2)), "row 1 .* is not of epoch 1"),
        (lambda meta: meta.update(data_hash=1), "meta: data_hash is 1; expected a text"),
    ],
)
def test_other_versions_and_contradictions_are_refused(change, message, checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    rewritten(tmp_path / "c.npz", change)
    with pytest.raises(UserError, match=message):
        load_checkpoint(tmp_path / "c.npz")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"theta": lambda theta: theta * np.nan}, "318 of 318 numbers of theta are NaN or infinity; take an earlier"),
        ({"velocity": lambda velocity: velocity + np.inf}, "318 of 318 numbers of velocity are NaN or infinity"),
        ({"mean": lambda mean: mean * np.nan}, "8 of 8 numbers of mean are NaN or infinity"),
        ({"scale": lambda scale: scale * np.inf}, "8 of 8 numbers of scale are NaN or infinity"),
        ({"scale": lambda scale: scale * 0}, "a scale is not above 0"),
        ({"scale": lambda scale: scale[1:]}, "mean and scale do not fit together"),
        ({"velocity": lambda velocity: velocity[1:]}, "holds 317 numbers of its state for 318 parameters"),
        ({"velocity": lambda velocity: velocity[None]}, "is not a checkpoint"),
        ({"theta": lambda theta: theta[1:]}, "is not a checkpoint .* the layout 318"),
        ({"theta": lambda theta: theta.astype(int)}, "is not a checkpoint"),
        ({"mean": lambda mean: mean[1:], "scale": lambda scale: scale[1:]}, "do not fit its own configuration"),
        ({"vocabulary": lambda text: np.array("one\ntwo\n")}, "c.npz: is not a checkpoint .*the first words are"),
        ({"vocabulary": lambda text: np.array(3)}, "is not a checkpoint"),
        ({"vocabulary": lambda text: np.array("a" * (2**24 + 1))}, "is not a checkpoint"),
        (
            {"meta": lambda text: np.array(" " * (2**24 + 1))},
            "holds JSON of 16,777,217 characters; expected 16,777,216",
        ),
        ({"meta": lambda text: np.array("[" * 100_000)}, "c.npz:1: not JSON of a sensible form"),
        ({"meta": lambda text: np.array("{")}, "c.npz:1: not JSON"),
        ({"meta": lambda text: text[None]}, "is not a checkpoint"),
    ],
)
def test_arrays_that_cannot_be_are_refused(changes, message, checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    with np.load(tmp_path / "c.npz") as archive:
        arrays = dict(archive)
    np.savez(tmp_path / "c.npz", **{**arrays, **{name: change(arrays[name]) for name, change in changes.items()}})
    with pytest.raises(UserError, match=message):
        load_checkpoint(tmp_path / "c.npz")


def test_a_velocity_is_not_what_another_optimiser_keeps(checkpoint, tmp_path):
    checkpoint.velocity[3] = -0.5
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    assert load_checkpoint(tmp_path / "c.npz").velocity[3] == -0.5
    # As long as Adam's state, it is none: what Adam keeps first are squares.
    state = np.concatenate([checkpoint.velocity, checkpoint.velocity, [1]]).astype(np.float32)
    save_checkpoint(tmp_path / "c.npz", dataclasses.replace(checkpoint, velocity=state))
    rewritten(tmp_path / "c.npz", lambda meta: meta["config"].update(optimiser="adam"))
    with pytest.raises(UserError, match="which are not what the optimiser adam keeps"):
        load_checkpoint(tmp_path / "c.npz")


def test_the_checkpoint_of_the_course_is_of_an_older_version_and_still_read():
    loaded = load_checkpoint("scenes")
    assert (loaded.config.data, len(loaded.progress.history)) == ("scenes", 20)


def test_a_checkpoint_older_than_an_option_has_its_default(checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    rewritten(tmp_path / "c.npz", lambda meta: meta["config"].pop("patience"))
    assert load_checkpoint(tmp_path / "c.npz").config == checkpoint.config
    assert checkpoint.config.patience == 0


@pytest.mark.parametrize(
    ("held", "former"),
    [
        ({"batches": "captions"}, {}),
        ({"batches": "images"}, {"batches": "images"}),
        ({"optimiser": "adagrad"}, {"optimiser": "adagrad"}),
    ],
)
def test_a_checkpoint_with_a_former_option_is_read_without_it(held, former, checkpoint, tmp_path):
    save_checkpoint(tmp_path / "c.npz", checkpoint)
    rewritten(tmp_path / "c.npz", lambda meta: meta["config"].update(held))
    loaded = load_checkpoint(tmp_path / "c.npz")
    assert loaded.config == checkpoint.config
    assert loaded.former == former
    save_checkpoint(tmp_path / "d.npz", loaded)
    assert load_checkpoint(tmp_path / "d.npz").former == {}


def test_a_full_disk_leaves_the_old_checkpoint(checkpoint, tmp_path):
    path = tmp_path / "c.npz"
    save_checkpoint(path, checkpoint)
    before = path.read_bytes()
    # A process that may write no file above 4 kB stands in for a full disk.
    program = (
        "import resource, signal, sys\n"
        "from mrnn_np.command_line.run import run_command\n"
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
        ({"schedule": "words"}, "--schedule is 'words'; it can be constant, step, cosine"),
        ({"momentum": -0.1}, "--momentum is -0.1; it must be 0 or more"),
    ):
        with pytest.raises(UserError, match=message):
            Config(**values)
    assert dataclasses.asdict(Config())["d_m"] == 512
