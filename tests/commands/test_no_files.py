"""A pipe that nobody writes to, an endless device or a folder instead of a file, in each option of each command."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from mrnn_np.data.features import load_features
from mrnn_np.errors import CommandError

PLACES = {"a pipe": os.mkfifo, "a device": lambda path: os.symlink("/dev/zero", path), "a folder": os.mkdir}
DATA = (
    "csv:it.csv",
    "jsonl:it.jsonl",
    "karpathy:it.json",
)
FEATURES = ("it.npz", "it.npy", "it.mat", "it.h5", "it.safetensors")
LINES = (
    *(f"train --data {data} --out new" for data in DATA),
    *(f"train --data flickr8k:DATA --features {features} --out new" for features in FEATURES),
    "train --data flickr8k:DATA --resume --out it.out",
    *(f"inspect --data {data}" for data in DATA),
    *(f"inspect --data flickr8k:DATA --features {features}" for features in FEATURES),
    "caption --checkpoint it.npz",
    "caption --checkpoint MODEL --greedy --features it.npz",
    "caption --checkpoint MODEL --greedy --image it.jpg --cnn scene",
    "caption --checkpoint MODEL --greedy --split dev --data csv:it.csv",
    "evaluate --checkpoint it.npz",
    "evaluate --checkpoint MODEL --greedy --features it.npz",
    "evaluate --checkpoint MODEL --greedy --data csv:it.csv",
    "evaluate --checkpoint MODEL --greedy --idf it.npz",
    "retrieve --checkpoint it.npz",
    "retrieve --checkpoint MODEL --features it.npz",
    "retrieve --checkpoint MODEL --data csv:it.csv",
    "retrieve --checkpoint MODEL --image it.jpg --cnn scene",
    "extract it.jpg --cnn scene --out new.npz",
    "extract pictures --cnn alexnet --weights it.pth --out new.npz",
    "extract pictures --cnn alexnet --weights it.safetensors --out new.npz",
    "extract pictures --cnn scene --weights it.npz --out new.npz",
    "extract pictures --cnn scene --out it.npz",
)


@pytest.fixture
def in_time() -> Iterator[None]:
    """End a test that hangs."""

    def complain(number: int, frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, complain)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("place", PLACES)
def test_it_is_one_line(place, line, command, opinionated, tiny_flickr8k, tmp_path: Path, in_time):
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "pictures" / "a.png")
    words = line.replace("MODEL", str(opinionated)).replace("DATA", str(tiny_flickr8k)).split()
    (name,) = (word.rpartition(":")[2] for word in words if "it." in word)
    PLACES[place](tmp_path / name)
    there = sorted(os.listdir(tmp_path))
    with pytest.raises(CommandError) as raised:
        command(*words)
    assert "it." in str(raised.value) or "none of the" in str(raised.value)
    assert raised.value.exit_status == 2
    assert sorted(os.listdir(tmp_path)) == there


@pytest.mark.parametrize("place", ["a pipe", "a folder"])
@pytest.mark.parametrize(
    "line",
    [
        "caption --checkpoint MODEL --greedy --out it.json",
        "evaluate --checkpoint MODEL --greedy --save-idf it.npz",
        "retrieve --checkpoint MODEL --query dog --out it.json",
        "retrieve --checkpoint MODEL --query dog --sheet it.png --pictures pictures",
    ],
)
def test_nothing_is_written_there(place, line, command, opinionated, tiny_flickr8k, tmp_path: Path, in_time):
    (tmp_path / "pictures").mkdir()
    for name in load_features(tiny_flickr8k / "features.npz").names:
        Image.new("RGB", (9, 9)).save(tmp_path / "pictures" / name)
    words = line.replace("MODEL", str(opinionated)).split()
    (name,) = (word for word in words if "it." in word)
    PLACES[place](tmp_path / name)
    with pytest.raises(CommandError, match="cannot be written"):
        command(*words)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("file", ["Flickr8k.token.txt", "Flickr_8k.trainImages.txt", "Flickr_8k.devImages.txt"])
def test_within_a_folder_of_captions(place, file, command, tiny_flickr8k, tmp_path: Path, in_time):
    shutil.copytree(tiny_flickr8k, tmp_path / "data")
    (tmp_path / "data" / file).unlink()
    PLACES[place](tmp_path / "data" / file)
    with pytest.raises(CommandError, match=file):
        command("inspect", "--data", "flickr8k:data")


@pytest.mark.parametrize("place", PLACES)
def test_in_the_place_of_a_state_to_go_on_from(place, command, tiny_flickr8k, tmp_path: Path, in_time):
    (tmp_path / "run").mkdir()
    PLACES[place](tmp_path / "run" / "last.npz")
    for more in ((), ("--resume",)):
        with pytest.raises(CommandError, match=r"run.*last\.npz|already holds"):
            command("train", "--data", f"flickr8k:{tiny_flickr8k}", "--out", "run", *more)


@pytest.mark.parametrize("place", PLACES)
def test_in_the_place_of_scores_that_were_kept(place, command, opinionated, tmp_path: Path, in_time):
    line = ("retrieve", "--checkpoint", opinionated, "--work", "kept", "--prior-images", 3)
    command(*line)
    for file in (tmp_path / "kept").iterdir():
        file.unlink()
        PLACES[place](file)
        with pytest.raises(CommandError, match="scores-"):
            command(*line)


@pytest.mark.parametrize("place", ["a pipe", "a folder"])
def test_in_the_place_of_the_log_of_a_training(place, command, tiny_flickr8k, tmp_path: Path, in_time, monkeypatch):
    monkeypatch.setattr("mrnn_np.compare.raise_at_signals", lambda: None)  # which would stay with this process
    (tmp_path / "all").mkdir()
    PLACES[place](tmp_path / "all" / "m-rnn-0.log")
    with pytest.raises(CommandError, match=r"m-rnn-0\.log cannot be written"):
        command("compare", "--models", "m-rnn", "--data", f"flickr8k:{tiny_flickr8k}", "--out", "all")
