"""The comparison command: several models trained, measured and told in a table; it goes on where it was stopped."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from mrnn_np.comparison.runs import Training, failure, raise_at_signals
from mrnn_np.comparison.scores import ALWAYS, read_scores
from mrnn_np.comparison.summary import markdown
from mrnn_np.errors import UserError
from mrnn_np.files import require_unlocked
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.interrupts import Interrupted

SMALL = ("--scale", 0.05, "--min-count", 1, "--batch-size", 16, "--lr", 0.05, "--warmup", 5)


def options(tiny_flickr8k, *more):
    return ("--data", f"flickr8k:{tiny_flickr8k}", "--out", "out", *SMALL, *more)


def test_a_comparison_from_beginning_to_end(run, tiny_flickr8k, tmp_path):
    arguments = options(tiny_flickr8k, "--models", "m-rnn, rnn-base,nic --lr 0.2", "--seeds", 2)
    arguments += ("--epochs", 3, "--jobs", 2)
    done = run("compare", *arguments)
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    assert (out / "compare.png").read_bytes().startswith(b"\x89PNG")
    with open(out / "compare.csv") as file:
        rows = list(csv.DictReader(file))
    assert [(row["model"], row["seed"]) for row in rows] == [
        (model, seed) for model in ("m-rnn", "rnn-base", "nic --lr 0.2") for seed in "01"
    ]
    assert json.loads((out / "nic-lr-0.2-0" / "config.json").read_text())["lr"] == 0.2
    assert float(rows[0]["perplexity"]) == pytest.approx(2 ** float(rows[0]["bits"]))
    table = (out / "compare.md").read_text()
    head, _, *lines = table.splitlines()[:5]
    assert head.startswith("| model | parameters | perplexity | BLEU-1 | BLEU-4 | bits more than m-rnn | words/s |")
    assert [line.split(" | ")[0] for line in lines] == ["| m-rnn", "| rnn-base", "| nic --lr 0.2"]
    assert lines[0].endswith("| 0.600 | 0.187 |")
    assert lines[2].endswith("|  |  |")
    assert "mean over 2 seeds" in table
    assert "recalled and not checked" in table
    assert table in done.stdout

    # One run is lost, another was stopped after an epoch; all else is not trained again.
    (out / "nic-lr-0.2-1" / "scores.json").unlink()
    before = (out / "m-rnn-0" / "last.npz").stat().st_mtime_ns
    again = run("compare", *arguments)
    assert again.returncode == 0, again.stderr
    assert (out / "compare.md").read_text() == table
    assert (out / "m-rnn-0" / "last.npz").stat().st_mtime_ns == before

    other = run("compare", *options(tiny_flickr8k, "--models", "m-rnn", "--epochs", 4))
    assert other.returncode == 2
    assert other.stderr.startswith("error: --out: out was begun with --data flickr8k:")
    assert other.stderr.endswith("--epochs 3; name another folder\n")


def test_a_learning_rate_does_not_make_another_model():
    scores = {"parameters": 9, "perplexity": 2.0, "bits": 1.0, "words/s": 5}
    models = ("m-rnn --lr 0.2", "m-rnn --lr=0.2", "m-rnn --recurrence tanh --lr 0.2")
    _, _, *rows = markdown({model: [scores] for model in models}, "").splitlines()[:5]
    assert [row.endswith("| 0.600 | 0.187 |") for row in rows] == [True, True, False]


def test_a_training_that_fails_is_told_in_one_line(run, tiny_flickr8k, tmp_path):
    done = run("compare", *options(tiny_flickr8k, "--models", "nic", "--epochs", 0))
    assert done.returncode == 2
    assert done.stderr == "error: nic, seed 0: --epochs is 0; it must be 1 or more\n"


def test_a_training_that_diverges_ends_the_comparison_with_status_3(run, tiny_flickr8k, tmp_path):
    much = ("--lr", 1e6, "--clip", 0, "--warmup", 0)
    done = run("compare", *options(tiny_flickr8k, "--models", "nic", "--epochs", 3, *much))
    assert done.returncode == 3
    assert done.stderr.startswith("error: nic, seed 0: training diverged within 20 steps before step ")
    assert done.stderr.count("\n") == 1


def epochs_done(folder):
    """How many epochs the history of a run holds."""
    history = folder / "history.csv"
    return len(history.read_text().splitlines()) - 1 if history.exists() else 0


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def started(arguments, folder):
    """A comparison as a terminal starts it, in a process group of its own, once another epoch is done in `folder`.

    On one thread, as `run` has it: another number of them rounds otherwise.
    """
    command, before = [sys.executable, "-m", "mrnn_np.compare", *map(str, arguments)], epochs_done(folder)
    process = subprocess.Popen(
        command,
        cwd=folder.parent.parent,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    wait_until(lambda: epochs_done(folder) > before)
    return process


def is_free(folder):
    """Whether nobody writes to it."""
    try:
        require_unlocked(folder)
    except UserError:
        return False
    return True


def test_a_stopped_comparison_goes_on_bit_for_bit(run, tiny_flickr8k, tmp_path):
    arguments = options(tiny_flickr8k, "--models", "m-rnn", "--epochs", 300)
    whole = run("compare", *arguments)
    assert whole.returncode == 0, whole.stderr
    (tmp_path / "out").rename(tmp_path / "whole")
    folder, log = tmp_path / "out" / "m-rnn-0", tmp_path / "out" / "m-rnn-0.log"

    # Ctrl-C in a terminal reaches every process of the group.
    for number, send in ((signal.SIGINT, os.killpg), (signal.SIGTERM, os.kill)):
        process = started(arguments, folder)
        send(process.pid, number)
        _, errors = process.communicate()
        assert process.returncode == 128 + number
        again = "nothing is lost, give the same command again to go on"
        assert errors == f"error: interrupted by {number.name}; {again}\n"
        assert log.read_text().endswith("error: interrupted by SIGTERM; nothing is lost, go on with --resume\n")
        assert epochs_done(folder) < 300

    # Killed, it leaves its training behind, and nobody else may write there meanwhile.
    process = started(arguments, folder)
    process.kill()
    process.communicate()
    refused = run("compare", *arguments)
    assert epochs_done(folder) < 300, "the training ended too soon to say anything"
    assert refused.returncode == 2
    assert refused.stderr == "error: --out: another command still writes to out/m-rnn-0; let it end or stop it\n"
    wait_until(lambda: is_free(folder))
    assert run("compare", *arguments).returncode == 0

    assert "from step" in log.read_text()
    for name in ("last.npz", "best.npz"):
        stopped, uninterrupted = (load_checkpoint(tmp_path / out / "m-rnn-0" / name) for out in ("out", "whole"))
        assert stopped.params.theta.tobytes() == uninterrupted.params.theta.tobytes()
        assert stopped.progress.step == uninterrupted.progress.step


@pytest.fixture
def handlers():
    """Puts the handlers of signals back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_a_closed_terminal_stops_it_but_not_under_nohup():
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    raise_at_signals()
    with pytest.raises(Interrupted, match="interrupted by SIGHUP; nothing is lost") as caught:
        signal.raise_signal(signal.SIGHUP)
    assert caught.value.exit_status == 129
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise_at_signals()
    signal.raise_signal(signal.SIGHUP)


@pytest.mark.parametrize(
    ("status", "printed", "message", "exit_status"),
    [
        (-signal.SIGKILL, "epoch 1", "was stopped by SIGKILL; give the same command again to go on", 137),
        (143, "error: go on with --resume", "was stopped by SIGTERM; give the same command again to go on", 143),
        (2, "error: wrong", "wrong", 2),
        (1, "Traceback\nKeyError: 3", "KeyError: 3; see {log}", 1),
        (1, "", "failed and said nothing; see {log}", 1),
    ],
)
def test_why_a_training_failed(status, printed, message, exit_status, tmp_path):
    training = Training("nic", 0, tmp_path)
    training.log.write_text(printed + "\n")
    error = failure(training, status)
    assert str(error) == f"nic, seed 0: {message.format(log=training.log)}"
    assert error.exit_status == exit_status


GOOD = json.dumps({"beam 10, length norm 0.5": dict.fromkeys(ALWAYS, 1.5)})


@pytest.mark.parametrize(
    "text",
    [
        GOOD[:50],
        "",
        "\xff",
        "[1, 2]",
        "3",
        '{"beam 10, length norm 0.5": 3}',
        GOOD.replace("BLEU-4", "BLEU-5"),
        GOOD.replace("1.5", "[]"),
        GOOD.replace("1.5", "NaN"),
        GOOD.replace("1.5", "true"),
        GOOD.replace("1.5", '"1.5"'),
        GOOD.replace("1.5", "1" * 400),
        " " * 2**24 + GOOD,
    ],
)
def test_scores_that_are_damaged(text, tmp_path):
    file = tmp_path / "scores.json"
    file.write_text(GOOD)
    assert read_scores(file) == json.loads(GOOD)
    file.write_text(text, encoding="latin-1")
    assert read_scores(file) is None


def test_a_run_that_is_damaged(run, tiny_flickr8k, tmp_path):
    arguments = options(tiny_flickr8k, "--models", "nic", "--epochs", 1)
    assert run("compare", *arguments).returncode == 0
    out, folder = tmp_path / "out", tmp_path / "out" / "nic-0"
    file, table = folder / "scores.json", (out / "compare.md").read_text()
    scores = json.loads(file.read_text())
    file.write_text("{")
    done = run("compare", *arguments, "--beam", 2)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("out/nic-0/scores.json: is damaged; this run is measured again\n")
    assert list(json.loads(file.read_text())) == ["beam 2, length norm 0.5"]
    done = run("compare", *arguments)
    assert "damaged" not in done.stdout
    assert list(json.loads(file.read_text())) == ["beam 2, length norm 0.5", "beam 10, length norm 0.5"]
    assert json.loads(file.read_text())["beam 10, length norm 0.5"] == scores["beam 10, length norm 0.5"]
    assert (out / "compare.md").read_text() == table

    # A state that is lost is told before anything is trained.
    file.unlink()
    (folder / "last.npz").unlink()
    done = run("compare", *options(tiny_flickr8k, "--models", "m-rnn,nic", "--epochs", 1))
    assert done.returncode == 2
    assert done.stderr == "error: out/nic-0: holds best.npz but no last.npz to go on from; remove it to train it anew\n"
    assert not (out / "m-rnn-0").exists()

    # A training that was killed before there was a state begins again.
    (folder / "best.npz").unlink()
    assert run("compare", *arguments).returncode == 0
    assert (
        json.loads(file.read_text())["beam 10, length norm 0.5"]["bits"] == scores["beam 10, length norm 0.5"]["bits"]
    )

    file.unlink()
    (folder / "last.npz").write_bytes(b"PK")
    done = run("compare", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("error: nic, seed 0: out/nic-0/last.npz: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--models", "nic,lenet"), "--models: 'lenet' is not a model; it can be m-rnn, rnn-base"),
        (("--models", "nic,nic"), "--models: nic is named twice"),
        (("--models", "nic,"), "--models: '' is not a model; it can be m-rnn, rnn-base"),
        (("--models", "nic --out x"), "--out: is set by the comparison itself; leave it out"),
        (("--models", "nic", "--seeds", 0), "--seeds is 0; it must be 1 or more"),
        (("--models", "nic", "--seed", 3), "--seed: is set by the comparison itself; leave it out"),
        ((), "the following arguments are required: --models; see --help"),
    ],
)
def test_bad_arguments(arguments, message, run):
    done = run("compare", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {message}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("text", ["{", "", "3", "[3]", "\xff"])
def test_options_that_are_damaged(text, run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "options.json").write_text(text, encoding="latin-1")
    done = run("compare", "--models", "nic", "--out", "out")
    assert done.returncode == 2
    assert done.stderr == (
        "error: --out: out/options.json is damaged and no longer says how out was begun; name another\n"
    )


def test_a_folder_that_cannot_be_used(run, tmp_path):
    (tmp_path / "file").touch()
    done = run("compare", "--models", "nic", "--out", "file")
    assert done.stderr == "error: --out: file cannot be made (File exists)\n"
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "options.json").write_text(json.dumps(["--epochs", "3"]))
    done = run("compare", "--models", "nic", "--out", "out")
    assert done.stderr == "error: --out: out was begun with --epochs 3; name another folder\n"
