"""Every option of every command, given what it cannot be: one line, exit status 2, and no file made."""

import contextlib
import importlib
import io
import shutil
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from mrnn_np.command_line.options import Parser
from mrnn_np.command_line.run import attempt
from mrnn_np.training.checkpoint import load_checkpoint, save_checkpoint

COMMANDS = (
    "train",
    "caption",
    "evaluate",
    "retrieve",
    "compare",
    "extract",
    "inspect",
    "gradcheck",
    "bench",
    "explain",
)
LONG = "x" * 300
HUGE = "1" + "0" * 30

NUMBERS = {
    "int": ("x", "1.5", "nan", "inf", "-1", HUGE, f"-{HUGE}", "", "9" * 5000),
    "float": ("x", "nan", "inf", "-inf", "-1", ""),
}
"""Too small for any of them, too large for any of them, no numbers."""

IN, OUT, INTO = ("missing", "folder", LONG, "text.txt"), ("folder", "missing/f", LONG, "text.txt/f"), ("text.txt", LONG)
"""Of files to read, files to write, and folders to write into."""
DATA = (
    "nonsense",
    "nonsense:folder",
    "csv:missing",
    "csv:folder",
    f"csv:{LONG}",
    "coco:folder",
    "karpathy:text.txt",
)
FEATURES = (*IN, "missing.npz", f"{LONG}.npz", "folder.npz")

VALUES = {
    "train": {
        "--data": DATA,
        "--features": FEATURES,
        "--cnn": ("nonsense", "", LONG),
        "--pictures": ("missing", LONG, "folder"),
        "--out": INTO,
    },
    "caption": {
        "--checkpoint": IN,
        "--features": FEATURES,
        "--split": ("nonsense",),
        "--images": ("missing", LONG),
        "--image": IN,
        "--cnn": ("nonsense", LONG),
        "--weights": FEATURES,
        "--data": DATA,
        "--prefix": ("nonsense",),
        "--out": OUT,
    },
    "evaluate": {
        "--checkpoint": IN,
        "--data": DATA,
        "--features": FEATURES,
        "--split": ("nonsense",),
        "--idf": FEATURES,
        "--save-idf": ("folder", "missing/f.npz", f"{LONG}.npz", "f.txt"),
        "--out": INTO,
        "--plot": ("nonsense",),
        "--page": OUT,
        "--pictures": ("missing", LONG, "folder"),
    },
    "retrieve": {
        "--checkpoint": IN,
        "--data": DATA,
        "--features": FEATURES,
        "--split": ("nonsense",),
        "--query": ("", "!!!"),
        "--image": IN,
        "--cnn": ("nonsense", LONG),
        "--weights": FEATURES,
        "--sheet": OUT,
        "--pictures": ("missing", LONG, "folder"),
        "--out": OUT,
        "--work": INTO,
    },
    # What is wrong with --data is said by the first training.
    "compare": {
        "--data": (),
        "--models": ("", "nonsense", "m-rnn,,", "m-rnn,m-rnn", f"m-rnn --lr 0.{'1' * 300}"),
        "--out": INTO,
    },
    "extract": {
        "FOLDER|IMAGE": ("missing", "folder", LONG),
        "--cnn": ("nonsense", "", LONG),
        "--weights": FEATURES,
        "--out": (*OUT, "f.txt"),
    },
    "inspect": {"--data": DATA, "--features": FEATURES, "--out": INTO},
    "gradcheck": {},
    "explain": {
        "--checkpoint": IN,
        "--image": IN,
        "--caption": ("", "!!!"),
        "--out": (*OUT, "f.txt"),
        "--cnn": ("nonsense", LONG),
        "--weights": FEATURES,
        "--data": DATA,
        "--features": FEATURES,
    },
    "bench": {"--out": OUT, "--picture": OUT},
}
"""What no option of a command that is neither a number nor a choice can be."""

WITH = {
    ("train", "--cnn"): ["--train-cnn"],
    ("train", "--pictures"): ["--train-cnn"],
    ("caption", "--cnn"): ["--image", "picture.png"],
    ("caption", "--weights"): ["--image", "picture.png", "--cnn", "vgg16"],
    ("retrieve", "--cnn"): ["--image", "picture.png"],
    ("retrieve", "--weights"): ["--image", "picture.png", "--cnn", "vgg16"],
    ("retrieve", "--sheet"): ["--query", "a dog", "--pictures", "pictures"],
    ("retrieve", "--pictures"): ["--query", "a dog", "--sheet", "sheet.png"],
    ("evaluate", "--plot"): ["--rerank", "cider", "--beam", "2", "--out", "."],
    ("evaluate", "--pictures"): ["--page", "page.html"],
    ("extract", "--weights"): ["--cnn", "vgg16"],
    ("explain", "--map"): ["--out", "maps.png"],
}
"""What an option stands beside."""


class Captured(Exception):
    """The parser of a command, caught as it is used."""


@pytest.fixture(scope="module")
def parsers():
    """Every command's own parser."""

    def capture(parser, *_):
        raise Captured(parser)

    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Parser, "parse_args", capture)
        patch.setattr(Parser, "parse_known_args", capture)
        for command in COMMANDS:
            with pytest.raises(Captured) as caught:
                importlib.import_module(f"mrnn_np.{command}").main()
            [found[command]] = caught.value.args
    return found


def wrong_values(command, option):
    """What an option cannot be; "" where it takes no value."""
    if option.nargs == 0:
        return ()
    if option.choices is not None:
        return ("nonsense", "")
    kind = getattr(option.type, "__name__", "")
    return NUMBERS[kind] if kind in NUMBERS else VALUES[command][name_of(option)]


def name_of(option):
    return option.option_strings[-1] if option.option_strings else option.metavar


@pytest.fixture
def base(opinionated, tiny_flickr8k, tmp_path, monkeypatch):
    """A folder with a few things in it, and the arguments with which each command would run there."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "text.txt").write_text("nonsense\n")
    Image.new("RGB", (50, 40)).save(tmp_path / "picture.png")
    Image.new("RGB", (50, 40)).save(tmp_path / "pictures/a.png")
    monkeypatch.chdir(tmp_path)
    data, checkpoint = f"flickr8k:{tiny_flickr8k}", ["--checkpoint", str(opinionated)]
    return {
        "train": ["--data", data, "--scale", "0.02", "--epochs", "1"],
        "caption": [*checkpoint, "--split", "test"],
        "evaluate": checkpoint,
        "retrieve": [*checkpoint, "--work", "work"],
        "compare": ["--models", "m-rnn", "--data", data],
        "extract": ["pictures", "--cnn", "scene", "--out", "f.npz"],
        "inspect": ["--data", data],
        "gradcheck": [],
        "explain": [*checkpoint, "--image", "picture.png"],
        "bench": [],
    }


def outcome(command, arguments, monkeypatch):
    """The exit status and the lines on standard error."""
    monkeypatch.setattr(sys, "argv", [command, *arguments])
    said = io.StringIO()
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        status = attempt(importlib.import_module(f"mrnn_np.{command}").main, "do less")
    return status, said.getvalue().splitlines()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_refuses_what_it_cannot_be(command, parsers, base, tmp_path, monkeypatch):
    monkeypatch.setattr("mrnn_np.compare.raise_at_signals", lambda: None)
    before, failed, tried = sorted(tmp_path.rglob("*")), [], 0
    for option in parsers[command]._actions:
        name = name_of(option)
        for value in wrong_values(command, option):
            given = [f"{name}={value}"] if option.option_strings and option.nargs is None else [name, value]
            beside = WITH.get((command, name), [])
            arguments = [*base[command], *beside, *given]
            if not option.option_strings:
                arguments = [value, *base[command][1:]]
            status, lines = outcome(command, arguments, monkeypatch)
            made = [path for path in sorted(tmp_path.rglob("*")) if path not in before]
            good = status == 2 and len(lines) == 1 and lines[0].startswith("error: ") and not made
            if not (good and lines[0].isprintable() and len(lines[0]) <= 1007):
                failed.append((given, status, [line[:300] for line in lines], made))
            for path in made:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
            tried += 1
    assert failed == [], failed
    assert tried > 5


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_refuses_an_option_it_does_not_have(command, base, monkeypatch):
    if command != "compare":  # which hands it to training
        assert outcome(command, [*base[command], "--nonsense"], monkeypatch) == (
            2,
            ["error: unrecognized arguments: --nonsense; see --help"],
        )


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("caption", ["--greedy"]),
        ("caption", ["--sample"]),
        ("caption", ["--beam", "2", "--rerank", "cider"]),
        ("evaluate", ["--greedy"]),
        ("evaluate", ["--beam", "2"]),
        ("retrieve", []),
        ("retrieve", ["--query", "a dog"]),
        ("retrieve", ["--image", "image41.jpg"]),
    ],
)
@pytest.mark.filterwarnings("ignore:.*(overflow|invalid value|divide by zero):RuntimeWarning")
def test_a_model_whose_numbers_overflow_says_nothing(command, arguments, base, opinionated, tmp_path, monkeypatch):
    checkpoint = load_checkpoint(opinionated)
    large = checkpoint.params.with_theta(checkpoint.params.theta * np.float32(1e30))
    save_checkpoint(tmp_path / "large.npz", replace(checkpoint, params=large))
    status, lines = outcome(command, ["--checkpoint", "large.npz", "--split", "test", *arguments], monkeypatch)
    line = "error: checkpoint: the model's probabilities are not finite; take an earlier checkpoint"
    assert (status, [line for line in lines if not line.startswith("scores are kept")]) == (2, [line])
