"""The folder of a run: where one may begin, what a kill may cost it, what belongs together, and who writes there."""

import os
import shutil
import signal
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from changed_checkpoint import rewritten

from mrnn_np import train
from mrnn_np.backend import choose_backend
from mrnn_np.data.captions import SplitData
from mrnn_np.data.features import Features
from mrnn_np.errors import Diverged, UserError
from mrnn_np.files import lock
from mrnn_np.training import run_folder, trainer
from mrnn_np.training.checkpoint import load_checkpoint, save_checkpoint
from mrnn_np.training.setup import Sources, fingerprint, first_fingerprint, read_sources, resumed_run

SMALL = ("--d-e", 4, "--d-w", 5, "--d-m", 6, "--min-count", 1, "--batch-size", 16, "--lr", 0.05, "--epochs", 2)


@pytest.fixture
def command(tmp_path, monkeypatch, tiny_flickr8k):
    """Run the training command in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run(*more, resume=False):
        options = ("--resume",) if resume else ("--data", f"flickr8k:{tiny_flickr8k}", *SMALL)
        monkeypatch.setattr(sys, "argv", ["train", "--out", "out", *map(str, (*options, *more))])
        return train.main()

    return run


@pytest.fixture(scope="module")
def finished(tmp_path_factory, tiny_flickr8k):
    """The folder of a run that has ended; the last of its two epochs is the best."""
    folder = tmp_path_factory.mktemp("finished") / "out"
    with pytest.MonkeyPatch.context() as patch:
        options = ("train", "--out", folder, "--data", f"flickr8k:{tiny_flickr8k}", *SMALL)
        patch.setattr(sys, "argv", [str(option) for option in options])
        assert train.main() == 0
    return folder


@pytest.fixture
def out(tmp_path, finished):
    """A copy of it, in the folder that `command` works in."""
    return shutil.copytree(finished, tmp_path / "out")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("lost", [("config.json",), ("history.csv", "curves.png"), ()])
def test_what_a_kill_between_two_files_costs_is_made_again(lost, command, out, finished):
    (out / "history.csv").write_text("".join((out / "history.csv").read_text().splitlines(True)[:-1]))
    for name in lost:
        (out / name).unlink()
    assert command(resume=True) == 0
    assert contents(out) == contents(finished)


def test_a_kill_at_the_very_beginning_leaves_what_can_be_gone_on_with_or_begun(command, out, monkeypatch):
    config = (out / "config.json").read_bytes()
    shutil.rmtree(out)
    with monkeypatch.context() as patch:
        patch.setattr(run_folder, "save_checkpoint", lambda *_: sys.exit("killed"))
        with pytest.raises(SystemExit):
            command()
    assert contents(out) == {}
    # As versions that wrote config.json first may have left it.
    (out / "config.json").write_bytes(config)
    assert command() == 0
    assert (out / "config.json").read_bytes() == config


def test_a_run_whose_files_hold_a_former_option_goes_on_and_ends_as_any_other(command, out, finished):
    for name in ("last.npz", "best.npz"):
        rewritten(out / name, lambda meta: meta["config"].update(batches="captions"))
    edited(out / "config.json", '"lr": 0.05', '"batches": "captions", "lr": 0.05')
    assert command(resume=True) == 0
    edited(out / "config.json", '"batches": "captions", ', "")
    assert contents(out)["config.json"] == contents(finished)["config.json"]


def as_folder(path):
    path.unlink()
    path.mkdir()


def edited(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def of_another_run(path):
    checkpoint = load_checkpoint(path)
    checkpoint.progress.history[0]["val_bits"] += 0.001
    save_checkpoint(path, checkpoint)


def of_an_earlier_epoch(path):
    checkpoint = load_checkpoint(path)
    del checkpoint.progress.history[1:]
    save_checkpoint(path, checkpoint)


def with_another_seed(path):
    checkpoint = load_checkpoint(path)
    save_checkpoint(path, replace(checkpoint, config=replace(checkpoint.config, seed=7)))


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("best.npz", os.unlink, r"^--resume: out.best\.npz is gone, the best model so far; put it back"),
        ("best.npz", as_folder, r"^out.best\.npz: cannot be read \(Is a directory\)"),
        ("best.npz", of_another_run, r"^--resume: out.best\.npz is not of the run that last\.npz is of"),
        ("best.npz", of_an_earlier_epoch, r"^--resume: out.best\.npz is not of the run that last\.npz is of"),
        ("best.npz", with_another_seed, r"^--resume: out.best\.npz is not of the run that last\.npz is of"),
        ("last.npz", os.unlink, r"^--resume: out holds best\.npz but no last\.npz to go on from"),
        ("last.npz", as_folder, r"^out.last\.npz: cannot be read \(Is a directory\)"),
        (
            "last.npz",
            lambda path: rewritten(path, lambda meta: meta["config"].update(momentum=0.5)),
            r"config\.json says momentum = 0\.9, but the run began with 0\.5; it goes on as it began",
        ),
        (
            "last.npz",
            lambda path: rewritten(path, lambda meta: meta["config"].update(optimiser="adam")),
            r"last\.npz: .* which are not what the optimiser adam keeps",
        ),
        (
            "last.npz",
            lambda path: rewritten(path, lambda meta: meta["config"].update(batches="images")),
            r"^--resume: the run in out began with --batches images, which is no more; begin another",
        ),
        (
            "last.npz",
            lambda path: rewritten(path, lambda meta: meta["config"].update(optimiser="rmsprop")),
            r"^--resume: the run in out began with --optimiser rmsprop, which is no more; begin another",
        ),
        (
            "last.npz",
            lambda path: rewritten(path, lambda meta: meta["progress"].update(step=10**12)),
            r"^--resume: last\.npz stands at step 1,000,000,000,000, which is not in epoch 3",
        ),
        (
            "last.npz",
            lambda path: rewritten(path, lambda meta: meta["progress"].update(words=3)),
            r"^--resume: last\.npz stands at step 10, which is not in epoch 3",
        ),
        ("config.json", lambda path: edited(path, '"lr": 0.05', '"lr": 0.5'), "says lr = 0.5, but the run began with"),
        ("config.json", lambda path: path.write_text("{"), r"^out.config\.json:1: not JSON"),
        (
            "config.json",
            lambda path: path.write_text('{"lr": "1"}'),
            r'^out.config\.json: lr is "1"; expected a finite',
        ),
        ("config.json", as_folder, r"^out.config\.json: cannot be read \(Is a directory\)"),
    ],
)
def test_what_does_not_belong_together_is_not_gone_on_with(name, change, message, command, out):
    change(out / name)
    before = {path.name for path in out.iterdir()}
    with pytest.raises(UserError, match=message):
        command(resume=True)
    assert {path.name for path in out.iterdir()} == before


def test_where_a_run_may_begin(command, out):
    for kept, message in (
        ("last.npz", r"^--out: out already holds a run; go on with it by --resume"),
        ("best.npz", r"^--out: out holds best\.npz of a run whose last\.npz is gone; name another folder"),
    ):
        shutil.copytree(out, "whole")
        for path in out.iterdir():
            if path.name != kept:
                path.unlink()
        before = contents(out)
        with pytest.raises(UserError, match=message):
            command()
        assert contents(out) == before
        shutil.rmtree(out)
        os.rename("whole", out)
    shutil.rmtree(out)
    out.mkdir()
    (out / "config.json").write_text('{"name": "of another program"}')
    with pytest.raises(
        UserError, match=r"config\.json: 'name' is not an option of this version, so it is not of a run"
    ):
        command()
    assert list(contents(out)) == ["config.json"]
    with pytest.raises(UserError, match=r"^--resume: out holds no last\.npz to go on from; leave --resume out"):
        command(resume=True)


def test_a_run_that_another_command_began_while_this_one_read_its_data_is_left_alone(command, out, monkeypatch):
    os.rename(out, "elsewhere")
    read = train.new_run

    def slowly(config):
        run = read(config)
        os.rename("elsewhere", out)
        return run

    monkeypatch.setattr(train, "new_run", slowly)
    before = contents(out.with_name("elsewhere"))
    with pytest.raises(UserError, match="already holds a run"):
        command()
    assert contents(out) == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_the_folder_is_held_from_before_it_is_read_until_the_end(command, out, monkeypatch):
    resume, held = train.resume, []

    def spied(*arguments):
        with pytest.raises(UserError, match=r"another command still writes to .*out"):
            lock(out)
        held.append(True)
        return resume(*arguments)

    monkeypatch.setattr(train, "resume", spied)
    assert command(resume=True) == 0
    assert held
    os.close(lock(out))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows renames no folder that is in use")
@pytest.mark.parametrize("replaced", [False, True])
def test_nothing_is_written_to_a_folder_that_was_renamed(replaced, command, tmp_path, monkeypatch):
    train_on = trainer.Trainer.train_on

    def renamed_meanwhile(self, *arguments):
        if self.progress.step == 2:
            os.rename("out", "elsewhere")
            if replaced:
                os.mkdir("out")
        train_on(self, *arguments)

    monkeypatch.setattr(trainer.Trainer, "train_on", renamed_meanwhile)
    with pytest.raises(
        UserError, match=r"^--out: out was renamed or removed meanwhile; nothing more is written there$"
    ):
        command()
    assert os.path.exists("out") == replaced
    assert not replaced or contents(tmp_path / "out") == {}
    assert load_checkpoint("elsewhere/last.npz").progress.step == 0


def test_outside_the_main_thread_signals_are_left_alone(command):
    before, status = signal.getsignal(signal.SIGINT), []
    thread = threading.Thread(target=lambda: status.append(command()))
    thread.start()
    thread.join()
    assert status == [0]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_clock_that_stands_still(command, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer.time, "perf_counter", lambda: 1.0)
    assert command() == 0
    rows = load_checkpoint(tmp_path / "out" / "last.npz").progress.history
    assert all(np.isfinite(row["words_per_second"]) for row in rows)


def test_numbers_that_are_not_finite_are_never_saved(command, out, tmp_path, monkeypatch):
    before = (out / "last.npz").read_bytes()
    for part in ("theta", "velocity"):
        run = resumed_run(load_checkpoint(out / "last.npz"))
        (run.checkpoint.params.theta if part == "theta" else run.checkpoint.velocity)[3] = np.nan
        one = trainer.Trainer(run.checkpoint, run.train_set, run.val_set, choose_backend("numpy"), out)
        with pytest.raises(Diverged):
            one.save("last.npz")
    assert (out / "last.npz").read_bytes() == before


def test_a_validation_cost_that_no_float_can_hold_as_a_perplexity_is_divergence(command, monkeypatch):
    for bits in (np.nan, np.inf, 2000.0):
        shutil.rmtree("out", ignore_errors=True)
        monkeypatch.setattr(trainer, "bits_per_word", lambda *_, bits=bits: bits)
        with pytest.raises(Diverged):
            command()


def sources(change=lambda values: None, captions="a"):
    """Two training images, a validation image and a test image of 3 features each."""
    values = np.arange(12, dtype=np.float32).reshape(4, 3)
    change(values)
    features = Features(("a", "b", "c", "d"), values, "f.npz")
    train_split = SplitData(("a", "b"), np.array([0, 1]), ((("a",),), ((captions,),)))
    val_split = SplitData(("c",), np.array([2]), ((("x",),),))
    return Sources(features, train_split, val_split, None, ())


@pytest.mark.parametrize("row", range(4))
def test_the_fingerprint_is_of_every_row_that_is_used(row):
    def change(values):
        values[row, 1] += 1

    assert (fingerprint(sources(change)) != fingerprint(sources())) == (row < 3)


def test_the_fingerprint_is_of_the_captions_and_the_images():
    whole = sources()
    others = [
        sources(captions="b"),
        replace(whole, val=replace(whole.val, captions=((("y",),),))),
        replace(whole, val=replace(whole.val, images=("d",))),
        replace(whole, train=replace(whole.train, feature_rows=np.array([1, 0]))),
        replace(whole, features=None),
    ]
    assert len({fingerprint(one) for one in (whole, *others)}) == 6


def test_a_run_that_began_with_the_first_fingerprint_goes_on_and_has_the_new_one_from_then_on(out):
    checkpoint = load_checkpoint(out / "last.npz")
    read = read_sources(checkpoint.config)
    assert checkpoint.data_hash == fingerprint(read)
    old = replace(checkpoint, data_hash=first_fingerprint(read))
    assert resumed_run(old).checkpoint.data_hash == fingerprint(read)
    with pytest.raises(UserError, match="its features changed since"):
        resumed_run(replace(checkpoint, data_hash="0" * 64))
