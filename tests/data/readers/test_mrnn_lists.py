"""The authors' pickled lists: which of them are read, and what is refused."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mrnn_np.data.captions import load_captions
from mrnn_np.data.readers.mrnn import read_mrnn
from mrnn_np.errors import UserError


def record(number: int, *sentences: str) -> dict[str, Any]:
    return {
        "file_name": f"COCO_val2014_{number:012}.jpg", "file_path": "val2014", "id": number, "license": 3,
        "sentences": [sentence.split() for sentence in sentences],
    }  # fmt: skip


def write(folder: Path, which: str, *records: Any) -> Path:
    path = folder / f"anno_list_mscoco_{which}_m_RNN.npy"
    np.save(path, np.array([*records, None], object)[:-1])
    return path


def test_splits(tmp_path: Path):
    write(tmp_path, "train", record(1, "a dog ' s tail", "dogs"))
    write(tmp_path, "modelVal", record(2, "a cat"))
    write(tmp_path, "trainModelVal", record(1, "a dog"), record(2, "a cat"))
    write(tmp_path, "crVal", record(3, "a bird"))
    (tmp_path / "anno_list_mscoco_test2014.npy").write_bytes(b"not looked at")
    data = load_captions(f"mrnn:{tmp_path}")
    names = [f"COCO_val2014_{number:012}.jpg" for number in range(4)]
    assert data.splits == {"val": (names[2],), "train": (names[1],), "crVal": (names[3],)}
    assert data.captions[names[1]] == (("a", "dog", "s", "tail"), ("dogs",))
    assert data.notes == ()


def test_train_is_what_is_left_of_both(tmp_path: Path):
    write(tmp_path, "trainModelVal", record(1, "a dog"), record(2, "a cat"), record(4, "a man"))
    write(tmp_path, "modelVal", record(2, "a cat"))
    splits = read_mrnn(tmp_path).splits
    assert {split: [name[-5] for name in names] for split, names in splits.items()} == {
        "val": ["2"],
        "train": ["1", "4"],
    }


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (["a dog"], r"train_m_RNN\.npy: image 1: \"a dog\" is no object; expected one with 'file_name'"),
        ([record(1), {"file_name": "a"}], r"image 2: 'sentences' is missing from \[\"file_name\"\]; expected a list"),
        ([{"file_name": "a", "sentences": ["a dog"]}], r"image 1: 'sentences' holds 'a dog'; expected lists of words"),
        ([{"file_name": "a", "sentences": [[1]]}], r"image 1: 'sentences' holds \[1\]; expected lists of words"),
        ([record(7), record(8), record(7)], r"image 3: 'COCO_val2014_0+7\.jpg' is image 1 too; get the file again"),
    ],
)
def test_malformed_records(tmp_path: Path, records: list[Any], message: str):
    write(tmp_path, "train", *records)
    with pytest.raises(UserError, match=message):
        read_mrnn(tmp_path)


def test_malformed_files(tmp_path: Path):
    with pytest.raises(UserError, match=r"holds nothing to train on; expected anno_list_mscoco_train_m_RNN\.npy there"):
        read_mrnn(tmp_path)
    path = write(tmp_path, "train", record(1, "a dog"))
    write(tmp_path, "crVal", record(1, "a dog"))
    with pytest.raises(UserError, match=r"crVal_m_RNN\.npy: 'COCO_val2014_0+1\.jpg' is in another list too"):
        read_mrnn(tmp_path)
    np.save(path, {"a": 1})
    with pytest.raises(UserError, match=r"holds a dict; expected a list of a dictionary for each image"):
        read_mrnn(tmp_path)


def test_a_pickle_that_would_run_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Hostile:
        def __reduce__(self):
            return os.system, ("touch PWNED",)

    monkeypatch.chdir(tmp_path)
    write(tmp_path, "train", Hostile())
    with pytest.raises(
        UserError, match=r"train_m_RNN\.npy: not an \.npy file of plain objects: it wants to use posix\.sys"
    ):
        read_mrnn(tmp_path)
    assert not (tmp_path / "PWNED").exists()
