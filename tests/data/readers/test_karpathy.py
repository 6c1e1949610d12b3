"""Karpathy's dataset.json of three data sets: splits, restval, the order of features, and malformed records."""

import json
from pathlib import Path
from typing import Any

import pytest

from mrnn_np.data.captions import load_captions
from mrnn_np.data.readers.karpathy import column_names, find_dataset, read_karpathy
from mrnn_np.errors import UserError


def image(number: int, split: str, *raw: str, **changes: Any) -> dict[str, Any]:
    """Return an image as dataset_coco.json has it."""
    sentences = [{"raw": text, "tokens": text.lower().split(), "imgid": number, "sentid": 0} for text in raw]
    return {
        "filepath": "val2014", "filename": f"COCO_val2014_{number:012}.jpg", "cocoid": number, "imgid": number,
        "split": split, "sentids": [0], "sentences": sentences, **changes,
    }  # fmt: skip


IMAGES = [image(2, "test", "A cat."), image(0, "train", "A dog's tail.", "Dogs!"), image(1, "restval", "A bird.")]


def write(folder: Path, images: Any = IMAGES, name: str = "dataset_coco.json") -> Path:
    path = folder / name
    path.write_text(json.dumps({"images": images, "dataset": "coco"}))
    return path


def test_read(tmp_path: Path):
    data = load_captions(f"karpathy:{write(tmp_path)}")
    names = [f"COCO_val2014_{number:012}.jpg" for number in range(3)]
    assert data.splits == {"test": (names[2],), "train": (names[0],), "restval": (names[1],)}
    assert data.captions[names[0]] == (("a", "dog's", "tail"), ("dogs",))
    assert data.notes == ()
    assert load_captions(f"karpathy:{tmp_path}") == data
    assert load_captions(f"karpathy:{tmp_path},restval").splits == {"test": (names[2],), "train": (names[0], names[1])}


def test_tokens_stand_in_for_raw_text_and_empty_sentences_are_left_out(tmp_path: Path):
    sentences = [{"tokens": ["a", "dog", "'s", "tail"]}, {"raw": "", "tokens": []}]
    path = write(tmp_path, [image(0, "train", sentences=sentences)])
    corpus = read_karpathy(path, restval=False)
    assert list(corpus.captions.values()) == [[["a", "dog", "s", "tail"]]]
    assert corpus.notes == (f"{path}: image 1, sentence 2: 1 captions without a word left out, the first ''",)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        ({}, r"dataset_coco\.json: 'images' is \{\}; expected a list"),
        ([{"filename": "a.jpg"}], r"image 1: 'split' is missing from \[\"filename\"\]; expected a text"),
        ([image(0, "train"), {"split": "train"}], r"image 2: 'filename' is missing"),
        (
            [image(0, "train"), image(0, "test")],
            r"image 2: 'COCO_val2014_0+\.jpg' is in 'train' already; expected each",
        ),
        ([image(0, "train", sentences="A dog")], r"image 1: 'sentences' is \"A dog\"; expected a list"),
        ([image(0, "train", sentences=["A dog"])], r"image 1, sentence 1: \"A dog\" is no object; expected one"),
        ([image(0, "train", sentences=[{"raw": 3}])], r"image 1, sentence 1: 'raw' is 3; expected a text"),
        ([image(0, "train", sentences=[{}])], r"image 1, sentence 1: 'tokens' is missing from \[\]; expected a list"),
    ],
)
def test_malformed_records(tmp_path: Path, images: Any, message: str):
    with pytest.raises(UserError, match=message):
        read_karpathy(write(tmp_path, images), restval=False)


def test_splits_and_names_in_other_spellings(tmp_path: Path):
    images = [image(i, split, "A dog") for i, split in enumerate(["Train", "training", "VAL", "validation", "Testing"])]
    corpus = read_karpathy(write(tmp_path, images), restval=False)
    assert {split: len(names) for split, names in corpus.splits.items()} == {"train": 2, "val": 2, "test": 1}
    images = [image(0, "train", filename="caf\u00e9.jpg"), image(1, "val", filename="./cafe\u0301.jpg")]
    with pytest.raises(UserError, match=r"image 2: 'caf\u00e9\.jpg' is in 'train' already; expected each image once"):
        read_karpathy(write(tmp_path, images), restval=False)


def test_a_folder_of_macos(tmp_path: Path):
    path = write(tmp_path)
    (tmp_path / f"._{path.name}").write_bytes(b"\0\5\x16\7")
    assert find_dataset(tmp_path) == path


def test_restval_where_there_is_none(tmp_path: Path):
    with pytest.raises(UserError, match=r"no image is in the split 'restval'; leave the option out"):
        read_karpathy(write(tmp_path, IMAGES[:2]), restval=True)


def test_a_folder_holds_exactly_one(tmp_path: Path):
    assert find_dataset(tmp_path) is None
    path = write(tmp_path)
    assert find_dataset(tmp_path) == path
    write(tmp_path, name="dataset.json")
    with pytest.raises(UserError, match=r"does not hold exactly one dataset\*\.json; name the file itself"):
        read_karpathy(tmp_path, restval=False)


def test_names_in_the_order_of_features(tmp_path: Path):
    assert column_names(write(tmp_path)) == tuple(f"COCO_val2014_{number:012}.jpg" for number in range(3))
    with pytest.raises(UserError, match=r"the numbers 'imgid' are not 0 to 1, each once; get the file again"):
        column_names(write(tmp_path, IMAGES[:2]))


def test_names_of_no_features(tmp_path: Path):
    assert column_names(write(tmp_path, [])) == ()
