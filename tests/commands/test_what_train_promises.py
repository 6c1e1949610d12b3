"""What `train` promises: every option reaches the training, and all that it prints is true of what it leaves."""

import csv
import dataclasses
import json
import re

import numpy as np
import pytest
from by_hand import Slow, in_process

from mrnn_np.backend import choose_backend
from mrnn_np.data.captions import load_captions
from mrnn_np.errors import UserError
from mrnn_np.gradients.check import check_model, verdict_table
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Gradient
from mrnn_np.training.checkpoint import load_checkpoint
from mrnn_np.training.config import Config
from mrnn_np.training.setup import resumed_run
from mrnn_np.training.streams import SHUFFLED, stream

BASE = {
    "d_e": 6,
    "d_w": 8,
    "d_m": 10,
    "min_count": 1,
    "batch_size": 16,
    "lr": 0.05,
    "warmup": 5,
    "epochs": 2,
}


def flags(options):
    return [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", str(value))]


@pytest.fixture
def trained(command, tiny_flickr8k, tmp_path):
    """Train with some options beside the small ones; return what was printed and the last checkpoint."""

    def run(name, gradcheck=False, **options):
        more = ("--gradcheck",) if gradcheck else ()
        said = command("train", "--data", f"flickr8k:{tiny_flickr8k}", "--out", name, *flags(BASE | options), *more)
        return said, load_checkpoint(tmp_path / name / "last.npz")

    return run


@pytest.fixture(scope="module")
def base(tiny_flickr8k, tmp_path_factory):
    """The theta that the small options alone lead to."""
    folder = tmp_path_factory.mktemp("base")
    in_process(folder, "train", "--data", f"flickr8k:{tiny_flickr8k}", "--out", "out", *flags(BASE))
    return load_checkpoint(folder / "out" / "last.npz")


OTHERS = {
    "min_count": 20,
    "model": "nic",
    "scale": 0.02,
    "recurrence": "tanh",
    "layers": 2,
    "image_enters": "init",
    "embedding": "one-layer",
    "word_enters": "none",
    "multimodal": "relu",
    "output": "shared",
    "d_e": 7,
    "d_w": 9,
    "d_m": 11,
    "d_r": 5,
    "dropout_e": 0.4,
    "dropout_r": 0.4,
    "dropout_m": 0.5,
    "dropout_I": 0.2,
    "bptt": 2,
    "epochs": 3,
    "batch_size": 8,
    "shares": 4,
    "optimiser": "adam",
    "lr": 0.02,
    "schedule": "constant",
    "warmup": 9,
    "momentum": 0.5,
    "l2": 0.01,
    "clip": 0.5,
    "seed": 1,
}
ALONE = {
    "scale": ("--model", "nic", "--recurrence", "lstm"),
    "d_r": ("--recurrence", "lstm"),
    "output": ("--embedding", "one-layer", "--d-w", "10", "--word-enters", "none"),
    "word_enters": ("--embedding", "one-layer"),
}
"""What must stand beside an option so that it means something."""


def test_every_option_is_tried_here():
    apart = {"data", "features", "patience", "train_cnn", "cnn", "cnn_lr", "pictures"}
    assert set(OTHERS) | apart == {option.name for option in dataclasses.fields(Config)}


@pytest.mark.parametrize("name", OTHERS)
def test_an_option_changes_what_is_learnt(name, command, base, tiny_flickr8k, tmp_path):
    options = {other: value for other, value in BASE.items() if other != name}
    if name in ("model", "scale"):
        options = {other: value for other, value in options.items() if not other.startswith("d_")}
    beside, before = ALONE.get(name, ()), base
    data = ("--data", f"flickr8k:{tiny_flickr8k}")
    if name == "model":
        beside = ("--scale", "0.05")
    if beside:
        smaller = ("--scale", "0.03") if name == "scale" else ()
        command("train", *data, "--out", "before", *flags(options), *beside, *smaller)
        before = load_checkpoint(tmp_path / "before" / "last.npz")
    said = command("train", *data, "--out", "out", *flags(options | {name: OTHERS[name]}), *beside)
    after = load_checkpoint(tmp_path / "out" / "last.npz")
    assert getattr(after.config, name) == OTHERS[name] != getattr(before.config, name)
    assert json.loads((tmp_path / "out" / "config.json").read_text()) == dataclasses.asdict(after.config)
    if after.params.theta.shape == before.params.theta.shape:
        assert not np.allclose(after.params.theta, before.params.theta, rtol=1e-4)
    assert f"epoch   {after.config.epochs}/{after.config.epochs}" in said


@pytest.fixture(scope="module")
def overtrained(tiny_flickr8k, tmp_path_factory):
    """A run that is best before its end: its folder and what it printed."""
    folder = tmp_path_factory.mktemp("overtrained")
    options = BASE | {"epochs": 5, "lr": 1.2, "schedule": "constant", "dropout_I": 0, "clip": 0.5, "warmup": 1}
    said = in_process(folder, "train", "--data", f"flickr8k:{tiny_flickr8k}", "--out", "out", *flags(options))
    return folder / "out", said


def history(folder):
    with open(folder / "history.csv") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


def test_the_best_epoch_is_the_one_reported_and_kept(overtrained):
    folder, said = overtrained
    rows = history(folder)
    best = min(rows, key=lambda row: row["val_bits"])
    assert 1 < len(rows) == 5
    assert best["epoch"] < 5, "the run must be best before its end, or this test says nothing"
    assert (
        f"best validation: {best['val_bits']:.3f} bits per word, PPL {best['val_ppl']:.2f}, "
        f"in epoch {best['epoch']:.0f}\n"
    ) in said
    kept, last = load_checkpoint(folder / "best.npz"), load_checkpoint(folder / "last.npz")
    assert len(kept.progress.history) == best["epoch"]
    assert len(last.progress.history) == 5
    assert (kept.params.theta != last.params.theta).any()
    marked = [int(line.split("/")[0].split()[1]) for line in said.splitlines() if re.match(r"epoch .* best ", line)]
    bits = [row["val_bits"] for row in rows]
    assert marked == [i for i in range(1, 6) if bits[i - 1] < min([np.inf, *bits[: i - 1]])]


def test_what_it_reads_and_plans_is_said_before_it_begins(overtrained, tiny_flickr8k):
    folder, said = overtrained
    data, checkpoint = load_captions(f"flickr8k:{tiny_flickr8k}"), load_checkpoint(folder / "last.npz")
    words = sum(len(caption) + 1 for name in data.splits["train"] for caption in data.captions[name])
    before = said[: said.index("epoch   1/5")].splitlines()
    assert before[:4] == [
        f"flickr8k:{tiny_flickr8k}: 80 captions of 40 images to learn from, 20 captions of 10 images (dev) to judge by",
        f"{tiny_flickr8k / 'features.npz'}: 60 images x 8 numbers",
        "vocabulary: 14 words; 0.0% of the training words are not in it",
        "backend: NumPy",
    ]
    assert before[-1] == f"5 epochs of {words:,} words, in batches of 16 captions"
    table = [line.split() for line in before if line.startswith("  ")]
    assert [row[0] for row in table[:-1]] == list(checkpoint.params)
    sizes = [int(row[row.index("x") + 2] if "x" in row else row[2]) for row in table[:-1]]
    assert sizes == [checkpoint.params[symbol].size for symbol in checkpoint.params]
    assert table[-1] == [f"{len(checkpoint.params.theta):,}", "in", "all"]


def test_words_that_are_too_rare_are_said_to_be_unknown(command, tiny_flickr8k):
    said = command("train", "--data", f"flickr8k:{tiny_flickr8k}", "--dry-run", *flags(BASE | {"min_count": 30}))
    data = load_captions(f"flickr8k:{tiny_flickr8k}")
    words = [word for name in data.splits["train"] for caption in data.captions[name] for word in caption]
    known = {word for word in words if words.count(word) >= 30}
    unknown = sum(word not in known for word in words) / (len(words) + 80)
    assert f"vocabulary: {len(known) + 3} words; {unknown:.1%} of the training words are not in it\n" in said
    assert 0 < len(known) < 11


def test_after_each_epoch_one_image_is_captioned(overtrained, command):
    folder, said = overtrained
    lines = said[: said.index("best validation")].splitlines()
    shown = [line for line in lines if line.startswith("   image")]
    assert [line.split()[0] for line in shown] == [f"image{40 + 37 * epoch % 10}.jpg:" for epoch in range(1, 6)]
    name, caption = shown[-1].strip().split(": ")
    found = command("caption", "--checkpoint", folder / "last.npz", "--greedy", "--image", name).splitlines()
    assert found[1].startswith(f"   {caption}   (")


def test_every_epochs_line_is_its_row_of_the_history(overtrained):
    folder, said = overtrained
    lines = [line for line in said.splitlines() if line.startswith("epoch ")]
    assert b"\r" not in (folder / "history.csv").read_bytes()
    for line, row in zip(lines, history(folder), strict=True):
        numbers = [float(text.replace(",", "")) for text in re.findall(r"\d[\d,]*\.?\d*", line.split("/")[1])]
        expected = [5, row["train_bits"], row["train_ppl"], row["val_bits"], row["val_ppl"], row["words_per_second"]]
        assert numbers == pytest.approx(expected, abs=0.0051)
        assert row["train_ppl"] == pytest.approx(2 ** row["train_bits"])
        assert row["val_ppl"] == pytest.approx(2 ** row["val_bits"])


def test_validation_and_shuffled_images_are_the_best_models(overtrained, tiny_flickr8k):
    folder, said = overtrained
    slow = Slow.of(folder / "best.npz", tiny_flickr8k / "features.npz")
    data = load_captions(f"flickr8k:{tiny_flickr8k}")
    names = data.splits["dev"]
    captions = {name: data.captions[name] for name in names}
    bits = min(row["val_bits"] for row in history(folder))
    assert slow.bits_per_word(captions) == pytest.approx(bits, rel=1e-4)
    others = stream(0, SHUFFLED).permutation(np.arange(len(names)))
    shuffled = slow.bits_per_word(captions, {name: names[i] for name, i in zip(names, others, strict=True)})
    assert abs(shuffled - bits) > 0.01
    line = next(line for line in said.splitlines() if line.startswith("with the images shuffled: "))
    assert [float(x) for x in re.findall(r"[\d.]+\d", line)] == pytest.approx([shuffled, 2**shuffled], abs=6e-3)


def test_the_captions_shown_are_the_best_models(overtrained, command, tiny_flickr8k):
    folder, said = overtrained
    shown = said[said.index("curves.png\n") :].split("\n", 2)[2].splitlines()
    images = [line for line in shown if line and not line.startswith(" ")]
    assert images == [f"image{i}.jpg" for i in (40, 42, 44, 46, 49)]
    written = command("caption", "--checkpoint", folder / "best.npz", "--image", *images).splitlines()
    assert [line.split("   ")[2] for line in shown if line.startswith("   model")] == [
        line.split("   ")[1] for line in written if line.startswith(" ")
    ]
    data = load_captions(f"flickr8k:{tiny_flickr8k}")
    assert [line.removeprefix("   person  ") for line in shown if line.startswith("   person")] == [
        " ".join(words) for name in images for words in data.captions[name]
    ]


def test_what_is_learnt_from_is_train_alone(base, tiny_flickr8k):
    """Neither words nor features of the other splits: what is measured by them would be known before."""
    data = load_captions(f"flickr8k:{tiny_flickr8k}")
    with np.load(tiny_flickr8k / "features.npz") as archive:
        train = archive["features"][:40].astype(np.float64)
    standardiser = base.standardiser
    assert standardiser.mean == pytest.approx(train.mean(axis=0), rel=1e-4, abs=1e-5)
    spread = np.sqrt(((train - train.mean(axis=0)) ** 2).mean())
    assert standardiser.scale == pytest.approx(np.full(8, spread / 0.4), rel=1e-4)
    said = {word for name in data.splits["train"] for caption in data.captions[name] for word in caption}
    assert set(base.vocabulary.words) - {"<start>", "<end>", "<unk>"} == said


def test_words_of_other_splits_are_not_learnt(command, tiny_flickr8k, tmp_path):
    for file in tiny_flickr8k.iterdir():
        text = file.read_bytes()
        if file.name.endswith("token.txt"):
            text = re.sub(rb"(image[45]\d.jpg#0\tA) \w+", rb"\1 zebra", text)
        (tmp_path / file.name).write_bytes(text)
    command("train", "--data", "flickr8k:.", "--out", "out", *flags(BASE))
    assert "zebra" not in load_checkpoint(tmp_path / "out" / "last.npz").vocabulary.words


def test_features_of_the_other_splits_are_not_learnt(command, base, tiny_flickr8k, tmp_path):
    with np.load(tiny_flickr8k / "features.npz") as archive:
        features, names = archive["features"].copy(), archive["names"]
    features[40:] = np.random.default_rng(0).normal(5, 9, features[40:].shape)
    np.savez(tmp_path / "f.npz", features=features, names=names)
    command("train", "--data", f"flickr8k:{tiny_flickr8k}", "--features", "f.npz", "--out", "out", *flags(BASE))
    other = load_checkpoint(tmp_path / "out" / "last.npz")
    assert (other.params.theta == base.params.theta).all()
    assert (other.standardiser.mean == base.standardiser.mean).all()
    assert other.progress.history[-1]["val_bits"] != base.progress.history[-1]["val_bits"]


def test_patience_counts_from_the_best_epoch(trained):
    _, checkpoint = trained("out", epochs=30, lr=1.2, schedule="constant", clip=0.5, warmup=1, patience=3)
    bits = [row["val_bits"] for row in checkpoint.progress.history]
    assert len(bits) < 30
    assert len(bits) == 1 + int(np.argmin(bits)) + 3


def test_a_wrong_gradient_ends_the_command(trained, monkeypatch, capsys, tmp_path):
    said, _ = trained("right", gradcheck=True)
    assert "WRONG" not in said
    right = MRNN.backward

    def off(self, dbits, cache):
        grads = right(self, dbits, cache)
        return Gradient(grads.layout, {**grads.arrays, "V_r": grads["V_r"] * (1 + 1e-6)})

    monkeypatch.setattr(MRNN, "backward", off)
    with pytest.raises(UserError, match="--gradcheck: a gradient is wrong, see above; nothing was trained"):
        trained("wrong", gradcheck=True)
    assert not (tmp_path / "wrong").exists()


def test_a_wrong_gradient_is_told_by_its_symbol(base, tiny_flickr8k, monkeypatch):
    run = resumed_run(base)
    right = MRNN.backward

    def off(self, dbits, cache):
        grads = right(self, dbits, cache)
        return Gradient(grads.layout, {**grads.arrays, "V_r": grads["V_r"] * (1 + 1e-6)})

    def verdicts():
        batch = run.train_set.batch(np.arange(8))
        rng = np.random.default_rng(0)
        return list(check_model(base.model, base.params, batch, choose_backend("numpy"), rng))

    assert all(verdict.passed for verdict in verdicts())
    assert [verdict.symbol for verdict in verdicts()] == list(base.params)
    monkeypatch.setattr(MRNN, "backward", off)
    assert [verdict.symbol for verdict in verdicts() if not verdict.passed] == ["V_r"]
    table = verdict_table(verdicts()).splitlines()
    assert [line.split()[2] for line in table if line.endswith("WRONG")] == ["V_r"]


def test_a_run_goes_where_it_is_told_or_is_named_after_its_data(command, tiny_flickr8k, tmp_path):
    few = ("--data", f"flickr8k:{tiny_flickr8k}", *flags(BASE | {"epochs": 1}))
    for more, folder in (((), "flickr8k"), (("--model", "rnn-base"), "flickr8k-rnn-base")):
        said = command("train", *few, *more)
        assert f"runs/{folder}: best.npz, last.npz, config.json, history.csv, curves.png\n" in said
        assert sorted(path.name for path in (tmp_path / "runs" / folder).iterdir())[0] == "best.npz"
        assert ("with the images shuffled" in said) == (not more)
    assert (load_checkpoint(tmp_path / "runs" / "flickr8k-rnn-base" / "last.npz").config.image) is False


def test_a_run_that_has_ended_says_its_end_again_and_no_other_begins_over_it(trained, command, tmp_path, tiny_flickr8k):
    said, _ = trained("out")
    before = {
        file: file.read_bytes() for file in (tmp_path / "out").iterdir() if file.suffix in (".npz", ".csv", ".json")
    }
    again = command("train", "--out", "out", "--resume")
    assert again[again.index("best validation") :] == said[said.index("best validation") :]
    assert " words, in batches of 16 captions, from step 10 on\n" in again
    with pytest.raises(UserError, match="--out: out already holds a run; go on with it by --resume, or name another"):
        trained("out")
    for typed, complaint in (
        (("--lr", 0.7), r"the run in out began with lr = 0\.05, not 0\.7; leave it out"),
        (("--seed", 4), "the run in out began with seed = 0, not 4; leave it out"),
    ):
        with pytest.raises(UserError, match=complaint):
            command("train", "--out", "out", "--resume", *typed)
    command("train", "--out", "out", "--resume", "--lr", 0.05, "--data", f"flickr8k:{tiny_flickr8k}")
    assert {file: file.read_bytes() for file in before} == before
