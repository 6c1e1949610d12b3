"""What `compare` promises: one budget, other seeds, and a table of what the runs left: each one's best model."""

import csv
import json
import signal
from statistics import median

import numpy as np
import pytest
from by_hand import in_process

from mrnn_np.comparison.summary import comma_separated, markdown
from mrnn_np.data.captions import load_captions
from mrnn_np.evaluation.bleu import bleu
from mrnn_np.files.json_files import read_own_json
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.config import Config

OPTIONS = ("--scale", 0.05, "--min-count", 1, "--batch-size", 16, "--epochs", 4, "--schedule", "constant")
OPTIONS += ("--lr", 1.2, "--clip", 0.5, "--warmup", 1)
RUNS = [(model, seed) for model in ("m-rnn", "nic") for seed in (0, 1)]


def compare(folder, data, *arguments):
    """Run the command in this process, and put back the handlers of signals."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        return in_process(folder, "compare", "--data", f"flickr8k:{data}", "--out", "out", *arguments)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.fixture(scope="module")
def compared(tiny_flickr8k, tmp_path_factory):
    """A comparison of two models from two seeds, its folder and what it printed; not every run is best at its end."""
    folder = tmp_path_factory.mktemp("compared")
    said = compare(folder, tiny_flickr8k, "--models", "m-rnn,nic", "--seeds", 2, "--jobs", 2, *OPTIONS, "--greedy")
    return folder, said


def rows(folder):
    with open(folder / "out" / "compare.csv") as file:
        return list(csv.DictReader(file))


def test_seeds_differ_and_nothing_else(compared):
    folder, _ = compared
    thetas = {}
    for model, seed in RUNS:
        run = folder / "out" / f"{model}-{seed}"
        config = read_own_json(run / "config.json", Config)
        assert (config.model, config.seed, config.epochs, config.lr) == (model, seed, 4, 1.2)
        thetas[model, seed] = load_checkpoint(run / "last.npz").params.theta
    for model in ("m-rnn", "nic"):
        assert (thetas[model, 0] != thetas[model, 1]).any()


def test_every_number_is_that_of_the_runs_best_epoch(compared, tiny_flickr8k):
    folder, _ = compared
    data = load_captions(f"flickr8k:{tiny_flickr8k}")
    not_last = 0
    for row, (model, seed) in zip(rows(folder), RUNS, strict=True):
        run = folder / "out" / f"{model}-{seed}"
        assert (row["model"], int(row["seed"])) == (model, seed)
        with open(run / "history.csv") as file:
            history = [{name: float(value) for name, value in epoch.items()} for epoch in csv.DictReader(file)]
        best = min(history, key=lambda epoch: epoch["val_bits"])
        not_last += best["epoch"] < 4
        assert [float(row[name]) for name in ("bits", "perplexity", "epoch")] == pytest.approx(
            [best["val_bits"], best["val_ppl"], best["epoch"]]
        )
        assert float(row["words/s"]) == median(epoch["words_per_second"] for epoch in history)
        assert int(row["parameters"]) == len(load_checkpoint(run / "best.npz").params.theta)
        in_process(folder, "caption", "--checkpoint", run / "best.npz", "--split", "dev", "--greedy", "--out", "c.json")
        captions = [entry["caption"].split() for entry in json.loads((folder / "c.json").read_text())]
        scores = bleu(captions, [data.captions[name] for name in data.splits["dev"]])
        assert [float(row[f"BLEU-{n}"]) for n in range(1, 5)] == pytest.approx(scores)
    assert not_last, "a run must be best before its end, or this test says nothing"


def test_table_csv_and_lines_are_of_the_same_scores(compared):
    folder, said = compared
    scores = {
        model: [
            json.loads((folder / "out" / f"{model}-{seed}" / "scores.json").read_text())["beam 1"] for seed in (0, 1)
        ]
        for model in ("m-rnn", "nic")
    }
    table = (folder / "out" / "compare.md").read_text()
    options = " ".join(["--backend numpy", *map(str, OPTIONS)])
    about = f"Trained by `{' '.join(json.loads((folder / 'out' / 'options.json').read_text()))}`."
    assert options in about
    assert table == markdown(scores, about)
    assert (folder / "out" / "compare.csv").read_text() == comma_separated(scores, (0, 1))
    assert said.endswith(f"\n{table}\nout: compare.md, compare.csv, compare.png\n")
    for model, seed in RUNS:
        one = scores[model][seed]
        assert (
            f"{model}, seed {seed}: {one['bits']:.3f} bits per word, PPL {one['perplexity']:.2f}, "
            f"BLEU-4 {one['BLEU-4']:.3f}, {one['words/s']:,.0f} words/s\n"
        ) in said


def test_another_beam_measures_the_same_runs_again(compared, tiny_flickr8k, monkeypatch):
    """Nothing is trained, and what was measured before is kept."""
    folder, _ = compared
    before = rows(folder)
    arguments = ("--models", "m-rnn,nic", "--seeds", 2, *OPTIONS)
    monkeypatch.setattr("mrnn_np.comparison.runs.Training.command", lambda *args: ["false"])
    assert compare(folder, tiny_flickr8k, *arguments, "--greedy")
    assert rows(folder) == before
    monkeypatch.setattr("mrnn_np.comparison.runs.Training.command", lambda *args: ["true"])
    compare(folder, tiny_flickr8k, *arguments, "--beam", 4, "--length-norm", 0)
    after = rows(folder)
    assert [(row["bits"], row["epoch"]) for row in after] == [(row["bits"], row["epoch"]) for row in before]
    assert [row["BLEU-4"] for row in after] != [row["BLEU-4"] for row in before]
    for model, seed in RUNS:
        kept = json.loads((folder / "out" / f"{model}-{seed}" / "scores.json").read_text())
        assert list(kept) == ["beam 1", "beam 4"]
        row = next(row for row in after if (row["model"], row["seed"]) == (model, str(seed)))
        assert float(row["BLEU-4"]) == pytest.approx(kept["beam 4"]["BLEU-4"])
    compare(folder, tiny_flickr8k, *arguments, "--beam", 1)
    assert np.array_equal(rows(folder), before)
