"""The comparison command: several models trained, measured and told in a table; it goes on where it was stopped."""

import csv
import json

import pytest

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


def test_a_training_that_fails_is_told_in_one_line(run, tiny_flickr8k, tmp_path):
    done = run("compare", *options(tiny_flickr8k, "--models", "nic", "--epochs", 0))
    assert done.returncode == 2
    assert done.stderr == "error: nic, seed 0: --epochs is 0; it must be 1 or more\n"


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


def test_a_folder_that_cannot_be_used(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "options.json").write_text("{")
    done = run("compare", "--models", "nic", "--out", "out")
    assert done.stderr == "error: --out: out cannot be used; name another folder\n"
    (tmp_path / "out" / "options.json").write_text(json.dumps(["--epochs", "3"]))
    done = run("compare", "--models", "nic", "--out", "out")
    assert done.stderr == "error: --out: out was begun with --epochs 3; name another folder\n"
