"""The training command: what it writes, what it refuses, and that an interruption changes nothing."""

import csv
import json
import os
import random
import signal
import time

import numpy as np
import pytest

from mrnn_np.files import lock
from mrnn_np.training.checkpoint import load_checkpoint

SMALL = ("--d-e", 6, "--d-w", 8, "--d-m", 10, "--min-count", 1, "--batch-size", 16, "--lr", 0.05, "--warmup", 5)


def options(tiny_flickr8k, *more):
    return ("--data", f"flickr8k:{tiny_flickr8k}", "--out", "out", *SMALL, *more)


def refused(done, message):
    """Whether the command ended with exit status 2 and just this one line."""
    return (done.returncode, done.stderr) == (2, f"error: {message}\n")


def test_a_run_from_beginning_to_end(run, tiny_flickr8k, tmp_path):
    done = run("train", *options(tiny_flickr8k, "--epochs", 30, "--gradcheck"))
    assert done.returncode == 0, done.stderr
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "best.npz",
        "config.json",
        "curves.png",
        "history.csv",
        "last.npz",
    ]
    for text in (
        "80 captions of 40 images to learn from, 20 captions of 10 images (dev) to judge by",
        "60 images x 8 numbers",
        "vocabulary: 14 words; 0.0% of the training words are not in it",
        "8 x 8          64  recurrent layer",
        "configured model     V_I        complex step",
        "epoch  30/30",
        "best validation:",
        "with the images shuffled: ",
        "   model   ",
        "   person  the ",
    ):
        assert text in done.stdout
    with open(tmp_path / "out" / "history.csv") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == list(range(1, 31))
    assert float(rows[-1]["train_ppl"]) == pytest.approx(2 ** float(rows[-1]["train_bits"]))
    # The captions follow from the features but for the choice of the first word and of what to mention.
    assert float(rows[-1]["val_ppl"]) < 2 < 8 < float(rows[0]["val_ppl"])
    assert json.loads((tmp_path / "out" / "config.json").read_text())["d_m"] == 10
    best, last = (load_checkpoint(tmp_path / "out" / name) for name in ("best.npz", "last.npz"))
    assert best.progress.history == last.progress.history[: len(best.progress.history)]
    assert best.progress.history[-1]["val_bits"] == min(row["val_bits"] for row in last.progress.history)
    assert (tmp_path / "out" / "curves.png").read_bytes().startswith(b"\x89PNG")

    # It is all there already.
    again = run("train", *options(tiny_flickr8k, "--epochs", 30))
    assert refused(again, "--out: out already holds a run; go on with it by --resume, or name another folder")
    finished = run("train", "--out", "out", "--resume")
    assert finished.returncode == 0
    assert finished.stdout.endswith(done.stdout[done.stdout.index("best validation:") :])


def test_two_trainings_do_not_share_a_folder(run, tiny_flickr8k, tmp_path):
    begin = options(tiny_flickr8k, "--epochs", 1)
    (tmp_path / "out").mkdir()
    message = "--out: another command still writes to out; let it end or stop it"
    held = lock(tmp_path / "out")
    assert refused(run("train", *begin), message)
    assert not any((tmp_path / "out").iterdir())
    os.close(held)
    assert run("train", *begin).returncode == 0
    held = lock(tmp_path / "out")
    assert refused(run("train", "--out", "out", "--resume"), message)
    os.close(held)


def test_rnn_base_needs_no_features(run, tiny_flickr8k, tmp_path):
    for file in tiny_flickr8k.iterdir():
        if file.name != "features.npz":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    done = run("train", "--data", "flickr8k:.", *SMALL, "--epochs", 2, "--model", "rnn-base")
    assert done.returncode == 0, done.stderr
    assert "RNN-Base" in done.stdout
    assert load_checkpoint(tmp_path / "runs" / "flickr8k-rnn-base" / "last.npz").params["V_I"].shape == (10, 0)
    needed = run("train", "--data", "flickr8k:.", *SMALL)
    assert refused(needed, "features.npz: cannot be read (No such file or directory)")


def test_a_dry_run_writes_nothing(run, tiny_flickr8k, tmp_path):
    done = run("train", *options(tiny_flickr8k, "--dry-run"))
    assert done.returncode == 0
    assert done.stdout.endswith("dry run: nothing is trained, nothing is written to out\n")
    assert list(tmp_path.iterdir()) == []


def test_patience_stops_early(run, tiny_flickr8k, tmp_path):
    done = run("train", *options(tiny_flickr8k, "--epochs", 50, "--patience", 2, "--lr", 0))
    assert done.returncode == 0
    assert len(load_checkpoint(tmp_path / "out" / "last.npz").progress.history) == 3


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_an_interrupted_run_resumes_bit_for_bit(stop, run, start, tiny_flickr8k, tmp_path):
    arguments = options(tiny_flickr8k, "--epochs", 200)
    done = run("train", *arguments)
    assert done.returncode == 0
    (tmp_path / "out").rename(tmp_path / "whole")

    rng, out = random.Random(stop), tmp_path / "out"
    arguments_now = arguments
    for _ in range(2):
        epochs = epochs_done(out)
        process = start("train", *arguments_now)
        wait_until_beyond(epochs, out)
        time.sleep(rng.uniform(0, 0.3))
        process.send_signal(stop)
        _, errors = process.communicate()
        if stop == signal.SIGKILL:
            assert process.returncode == -stop
        else:
            assert process.returncode == 128 + stop
            assert errors == f"error: interrupted by {stop.name}; nothing is lost, go on with --resume\n"
        assert epochs < epochs_done(out) < 200
        # Whatever is there is whole.
        for name in ("last.npz", "best.npz"):
            load_checkpoint(out / name)
        arguments_now = ("--out", "out", "--resume")
    assert run("train", *arguments_now).returncode == 0

    for name in ("last.npz", "best.npz"):
        interrupted, whole = (load_checkpoint(tmp_path / folder / name) for folder in ("out", "whole"))
        assert interrupted.params.theta.tobytes() == whole.params.theta.tobytes()
        assert interrupted.velocity.tobytes() == whole.velocity.tobytes()
        assert interrupted.progress.step == whole.progress.step
        for row in (*interrupted.progress.history, *whole.progress.history):
            del row["words_per_second"]
        assert interrupted.progress == whole.progress


def epochs_done(out):
    """How many epochs the history of a run holds."""
    history = out / "history.csv"
    return len(history.read_text().splitlines()) - 1 if history.exists() else 0


def wait_until_beyond(epochs, out, seconds=60):
    deadline = time.monotonic() + seconds
    while epochs_done(out) <= epochs:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_diverging_run_ends_with_status_3_and_keeps_a_good_state(run, tiny_flickr8k, tmp_path):
    done = run("train", *options(tiny_flickr8k, "--lr", 1e6, "--clip", 0, "--warmup", 0))
    assert done.returncode == 3
    assert done.stderr.startswith("error: training diverged")
    assert "--lr 1e+06: lower it" in done.stderr
    assert done.stderr.count("\n") == 1
    assert np.isfinite(load_checkpoint(tmp_path / "out" / "last.npz").params.theta).all()


def test_resume_refuses_what_would_change_the_run(run, tiny_flickr8k, tmp_path):
    nothing = run("train", "--out", "out", "--resume")
    assert refused(nothing, "--resume: out holds no last.npz to go on from; leave --resume out to begin a run there")
    assert run("train", *options(tiny_flickr8k, "--epochs", 1)).returncode == 0
    changed = run("train", "--out", "out", "--resume", "--lr", 0.7)
    assert refused(changed, "--resume: the run in out began with lr = 0.05, not 0.7; leave it out")
    for file in tiny_flickr8k.iterdir():
        text = file.read_bytes()
        (tmp_path / file.name).write_bytes(text.replace(b"rests", b"sleeps") if file.suffix == ".txt" else text)
    other = run("train", "--out", "out", "--resume", "--data", "flickr8k:.")
    assert refused(other, "--resume: the data in flickr8k:. or its features changed since; start a new run")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--data", "flickr8k:nowhere"),
            "nowhere: no such folder; expected one that holds Flickr8k.token.txt",
        ),
        (
            ("--data", "flickr9k:x"),
            "data: 'flickr9k:x' is not a known data set; expected scenes, drawings, or KIND:PLACE of flickr8k, "
            "flickr30k, coco, karpathy, iaprtc12, mrnn, jsonl, csv",
        ),
        (("--data", "flickr8k:x", "--lr", "-1"), "--lr is -1.0; it must be 0 or more"),
        (("--epochs", "many"), "argument --epochs: invalid int value: 'many'; see --help"),
        (("--colour",), "unrecognized arguments: --colour; see --help"),
    ],
)
def test_bad_arguments(arguments, message, run):
    assert refused(run("train", *arguments), message)


def with_features(tiny_flickr8k, tmp_path, change):
    with np.load(tiny_flickr8k / "features.npz") as archive:
        arrays = {name: archive[name].copy() for name in archive.files}
    change(arrays)
    np.savez(tmp_path / "f.npz", **arrays)


def test_bad_features(run, tiny_flickr8k, tmp_path):
    def with_nan(arrays):
        arrays["features"][3, 2] = np.nan

    def with_a_duplicate(arrays):
        arrays["names"][1] = arrays["names"][0]

    def with_foreign_names(arrays):
        arrays["names"] = np.array([f"photo{i}" for i in range(60)])

    for change, message in (
        (
            with_nan,
            "f.npz: 1 of 60 rows hold NaN, infinity or numbers above 1e+30, the first is 'image03.jpg'; extract these "
            "images again",
        ),
        (with_a_duplicate, "f.npz: 2 rows are named 'image00.jpg'; expected each image once"),
        (
            with_foreign_names,
            "split 'train' was asked for but none of its 40 images has a feature row in f.npz; they are named like "
            "'image00.jpg', its rows like 'photo0': extract their features",
        ),
    ):
        with_features(tiny_flickr8k, tmp_path, change)
        assert refused(run("train", *options(tiny_flickr8k, "--features", "f.npz")), message)
    assert not (tmp_path / "out").exists()


def test_an_empty_caption(run, tiny_flickr8k, tmp_path):
    for file in tiny_flickr8k.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes().replace(b"\tThe dog is red .", b"\t."))
    done = run("train", "--data", "flickr8k:.")
    assert done.returncode == 2
    assert done.stderr.startswith("error: Flickr8k.token.txt:2: ")
    assert done.stderr.count("\n") == 1


def test_the_disk_fills_up(tiny_flickr8k, tmp_path):
    import subprocess
    import sys

    program = (
        "import resource, signal\n"
        "from mrnn_np.command_line.run import run_command\n"
        "from mrnn_np.train import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))\n"
        "run_command(main)\n"
    )
    arguments = [str(argument) for argument in options(tiny_flickr8k, "--epochs", 2, "--d-m", 5000)]
    done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.endswith("last.npz: cannot be written (File too large)\n")
    assert done.stderr.count("\n") == 1


def test_cupy_without_a_gpu_is_refused_in_one_line(run, tiny_flickr8k):
    done = run("train", *options(tiny_flickr8k, "--backend", "cupy"))
    if done.returncode == 0:
        pytest.skip("CuPy runs here")
    assert done.returncode == 2
    assert done.stderr.startswith("error: --backend cupy: ")
    assert done.stderr.count("\n") == 1


def test_help_names_every_option(run):
    done = run("train", "--help")
    assert done.returncode == 0
    for flag in (
        "--data",
        "--image-enters",
        "--dropout-I",
        "--resume",
        "--gradcheck",
        "--dry-run",
        "--backend",
        "--patience",
    ):
        assert flag in done.stdout


def test_whoever_has_read_enough_may_leave(tiny_flickr8k, tmp_path):
    import subprocess
    import sys

    command = [sys.executable, "-m", "mrnn_np.train", *map(str, options(tiny_flickr8k, "--dry-run"))]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == ("", 141)
