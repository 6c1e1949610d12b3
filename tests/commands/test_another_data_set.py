"""A data set of another kind than the scenes, made here: every command knows it by what `DataSet` says, and no more."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from by_hand import in_process
from PIL import Image

from mrnn_np import inspect
from mrnn_np.backend import choose_backend
from mrnn_np.comparison.scores import scores_of_run
from mrnn_np.data.captions import load_captions
from mrnn_np.data.data_set import BUILT_IN, BuiltIn, CaptionData, Claim, DataSet
from mrnn_np.data.features import Features
from mrnn_np.errors import UserError
from mrnn_np.training.checkpoint import load_checkpoint

COLOURS = {"red": (220, 30, 30), "green": (30, 160, 30), "blue": (30, 30, 220)}
NAMES = {"train": range(24), "val": range(24, 33), "test": range(33, 36)}
TUNED = {"lr": 0.2, "epochs": 60, "warmup": 50, "dropout_e": 0.0, "dropout_r": 0.0, "dropout_m": 0.0, "dropout_I": 0.0}
SMALL = ("--d-e", 8, "--d-w", 16, "--d-m", 16, "--min-count", 1, "--batch-size", 8)


def colour_of(name):
    return list(COLOURS)[int(name.removeprefix("flag-")) % 3]


def captions():
    splits = {split: tuple(f"flag-{i}" for i in numbers) for split, numbers in NAMES.items()}
    every = [name for names in splits.values() for name in names]
    said = {name: (("a", colour_of(name), "flag"), ("one", colour_of(name), "flag")) for name in every}
    return CaptionData("flags", splits, said, (), {name: (-1.0, -1.0) for name in every})


def features():
    names = [name for names in captions().splits.values() for name in names]
    seen = np.array([COLOURS[colour_of(name)] for name in names]) / 255
    noise = np.random.default_rng(0).normal(0, 0.05, seen.shape)  # no two pictures of a camera are alike
    return Features(tuple(names), (seen + noise).astype(np.float32), "the flags' own colours", {"made by": "hand"})


def judge(name, words):
    """Every colour that is named is a claim."""
    return [
        Claim("colour", word, i, i + 1, "true" if word == colour_of(name) else "false")
        for i, word in enumerate(words)
        if word in COLOURS
    ]


def picture(name, size=40):
    return Image.new("RGB", (size, size), COLOURS[colour_of(name)])


@pytest.fixture(scope="module")
def register():
    """Have a data set called flags, for the tests of this file."""
    with pytest.MonkeyPatch.context() as patch:

        def flags(**parts):
            data_set = DataSet("flags", captions, **parts)
            patch.setitem(sys.modules, "flags_module", SimpleNamespace(DATA_SET=data_set))
            patch.setitem(BUILT_IN, "flags", BuiltIn("flags_module", TUNED))

        yield flags


@pytest.fixture(scope="module")
def trained(register, tmp_path_factory):
    """A folder with a run on flags that tell all they can, and what it printed."""
    register(features=features, judge=judge, picture=picture)
    folder = tmp_path_factory.mktemp("flags")
    return folder, in_process(folder, "train", "--data", "flags", *SMALL)


@pytest.fixture
def whole(register):
    register(features=features, judge=judge, picture=picture)


def test_training_reads_judges_and_draws_it(trained):
    folder, said = trained
    run = folder / "runs" / "flags"
    config = load_checkpoint(run / "best.npz").config
    assert {name: getattr(config, name) for name in TUNED} == TUNED
    assert "flags: 48 captions of 24 images to learn from, 18 captions of 9 images (val) to judge by" in said
    assert "the flags' own colours: 36 images x 3 numbers" in said
    assert "bits above the floor" in said
    assert "captions of the validation flags, greedy: 100.0% of 9 claims true; 100.0% of 9 captions" in said
    files = "best.npz, last.npz, config.json, history.csv, curves.png, samples.png, page.html"
    assert f"{run.relative_to(folder)}: {files}" in said
    page = (run / "page.html").read_text("utf-8")
    assert all(f'"name":"flag-{number}","picture":"data:image/jpeg' in page for number in NAMES["val"])
    with Image.open(run / "samples.png") as sheet:
        assert sheet.getpixel((100, 100)) == COLOURS[colour_of("flag-24")]


@pytest.mark.parametrize(
    ("parts", "judged", "drawn"),
    [({}, False, False), ({"judge": judge}, True, False), ({"picture": picture}, False, True)],
)
def test_what_it_cannot_do_is_left_out(register, tmp_path, monkeypatch, parts, judged, drawn):
    register(**parts)
    monkeypatch.chdir(tmp_path)
    its = features()
    np.savez(tmp_path / "features.npz", features=its.values, names=np.array(its.names))
    said = in_process(tmp_path, "train", "--data", "flags", "--epochs", 1, *SMALL)
    assert "features.npz: 36 images x 3 numbers" in said
    assert ("claims true" in said, "samples.png" in said) == (judged, drawn)
    for file in ("samples.png", "page.html"):
        assert (tmp_path / "runs" / "flags" / file).exists() == drawn
    scores = scores_of_run(tmp_path / "runs" / "flags", choose_backend("numpy"), None)
    assert ("true claims" in scores) == judged


@pytest.mark.usefixtures("whole")
def test_evaluation_and_comparison_judge_it(trained):
    folder, _ = trained
    said = in_process(folder, "evaluate", "--checkpoint", "runs/flags/best.npz", "--greedy")
    scores = {line.rsplit(maxsplit=1)[0]: line.split()[-1] for line in said.splitlines()[1:-1]}
    assert said.startswith("flags val: 18 captions of 9 images; greedy")
    assert (scores["claims true"], scores["captions with no false claim"]) == ("1.000", "1.000")
    compared = scores_of_run(folder / "runs" / "flags", choose_backend("numpy"), None)
    assert (compared["true claims"], compared["true captions"]) == (1, 1)
    floor = load_captions("flags").floor("val")
    assert floor == 1 / 4
    assert compared["bits above the floor"] == compared["bits"] - floor


@pytest.mark.usefixtures("whole")
def test_a_sheet_of_what_was_found_shows_its_pictures(trained):
    folder, _ = trained
    query = ("--query", "a blue flag", "--top", 3, "--sheet", "found.png")
    said = in_process(folder, "retrieve", "--checkpoint", "runs/flags/best.npz", *query)
    assert [colour_of(line.split()[1]) for line in said.splitlines()] == ["blue"] * 3
    with Image.open(folder / "found.png") as sheet:
        assert sheet.getpixel((100, 100)) == COLOURS["blue"]


@pytest.mark.usefixtures("whole")
def test_inspection_looks_at_its_own_features(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["inspect", "--data", "flags"])
    assert inspect.main() == 1  # its captions are too much alike
    said = capsys.readouterr().out
    assert "the flags' own colours\n  36 images x 3 numbers, float32; made by hand" in said
    assert "MISTAKE: 17% of train's captions are 'a red flag'; look why" in said


@pytest.mark.usefixtures("whole")
def test_a_name_that_is_none_is_refused_with_all_that_are(tmp_path):
    known = "expected scenes, drawings, flags, or KIND:PLACE of"
    with pytest.raises(UserError, match=f"'flag' is not a known data set; {known}"):
        in_process(tmp_path, "train", "--data", "flag")
