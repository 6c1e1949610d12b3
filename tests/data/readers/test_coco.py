"""COCO's JSON: its two files, split lists of others, and what can be wrong with a file."""

import json
from pathlib import Path
from typing import Any

import pytest

from mrnn_np.data.captions import load_captions
from mrnn_np.data.readers.coco import read_coco
from mrnn_np.errors import UserError


def name_of(number: int, part: str = "train2014") -> str:
    return f"COCO_{part}_{number:012}.jpg"


def write(path: Path, *numbers: int, part: str = "train2014", **changes: Any) -> Path:
    """Write a file of captions as COCO does; the captions stand in another order than the images."""
    images = [{"id": number, "file_name": name_of(number, part), "height": 480, "license": 3} for number in numbers]
    annotations = [
        {"image_id": number, "id": 10 * number + k, "caption": f"A dog number {number}\n"}
        for k in range(2)
        for number in reversed(numbers)
    ]
    path.write_text(json.dumps({"info": {}, "images": images, "annotations": annotations, "licenses": [], **changes}))
    return path


def test_each_file_is_a_split(tmp_path: Path):
    write(tmp_path / "captions_train2014.json", 9, 3)
    write(tmp_path / "captions_val2014.json", 42, part="val2014")
    data = load_captions(f"coco:{tmp_path}")
    assert data.splits == {"train": (name_of(9), name_of(3)), "val": (name_of(42, "val2014"),)}
    assert data.captions[name_of(3)] == (("a", "dog", "number", "3"),) * 2
    assert data.notes == ()


def test_split_lists_in_the_folder_or_elsewhere(tmp_path: Path):
    write(tmp_path / "captions_train2014.json", 9, 3)
    write(tmp_path / "captions_val2014.json", 42, part="val2014")
    (tmp_path / "lists.json").write_text(json.dumps({"train": [3, 42], "val": [9]}))
    listed = read_coco(tmp_path, tmp_path / "lists.json")
    assert listed.splits == {"train": (name_of(3), name_of(42, "val2014")), "val": (name_of(9),)}
    (tmp_path / "karpathy_train_images.txt").write_text(f"val2014/{name_of(42, 'val2014')} 42\n")
    (tmp_path / "karpathy_val_images.txt").write_text(f"train2014/{name_of(9)} 9\n")
    assert read_coco(tmp_path, None).splits == {"train": (name_of(42, "val2014"),), "val": (name_of(9),)}


def test_one_file(tmp_path: Path):
    corpus = read_coco(write(tmp_path / "captions_val2017.json", 1, 2, 3, part="val2017"), None)
    assert {split: len(images) for split, images in corpus.splits.items()} == {"val": 3}
    corpus = read_coco(write(tmp_path / "captions_of_mine.json", 1, 2, 3), None)
    assert {split: len(images) for split, images in corpus.splits.items()} == {"train": 1, "val": 1, "test": 1}
    divided = "no official split, divided by a hash of the images' names: 1 train, 1 val, 1 test"
    assert corpus.notes == (f"{tmp_path / 'captions_of_mine.json'}: {divided}",)


def test_a_file_with_several_ids_is_one_image(tmp_path: Path):
    images = [{"id": i, "file_name": name} for i, name in ((1, "a.jpg"), (2, "./a.jpg"), (3, "b.jpg"), (3, "b.jpg"))]
    annotations = [{"image_id": i, "caption": f"A dog {i}"} for i in (1, 2, 3)]
    path = write(tmp_path / "captions_train2014.json", images=images, annotations=annotations)
    data = load_captions(f"coco:{path}")
    assert data.splits == {"train": ("a.jpg", "b.jpg")}
    assert data.captions["a.jpg"] == (("a", "dog", "1"), ("a", "dog", "2"))
    assert data.notes == (f"{path}: 1 images have another image's file name, read as one image with that",)


def test_captions_without_words_and_images_without_captions(tmp_path: Path):
    annotations = [{"image_id": 1, "caption": "A dog"}, {"image_id": 1, "caption": " \n"}]
    path = write(tmp_path / "captions_train2014.json", 1, 2, annotations=annotations)
    data = load_captions(f"coco:{path}")
    assert data.splits == {"train": (name_of(1),)}
    assert data.notes == (
        f"{path}: annotation 2: 1 captions without a word left out, the first ' \\n'",
        f"coco: train: 1 of 2 images have no caption, left out, the first {name_of(2)!r}",
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": {}}, r"2014\.json: 'images' is \{\}; expected a list"),
        ({"images": [3]}, r"2014\.json: image 1: 3 is no object; expected one with 'id'"),
        ({"images": [{"id": 1}]}, r"2014\.json: image 1: 'file_name' is missing from \[\"id\"\]; expected a text"),
        ({"images": [{"id": "1"}]}, r"2014\.json: image 1: 'id' is \"1\"; expected a whole number"),
        (
            {"images": [{"id": 1, "file_name": "a"}, {"id": 1, "file_name": "b"}]},
            r"image 2: id 1 is that of 'a' too; expected one image a number",
        ),
        ({"annotations": None}, r"2014\.json: 'annotations' is null; expected a list"),
        (
            {"annotations": [{"image_id": 1}]},
            r"annotation 1: 'caption' is missing from \[\"image_id\"\]; expected a text",
        ),
        ({"annotations": [{"image_id": True}]}, r"annotation 1: 'image_id' is true; expected a whole number"),
        (
            {"annotations": [{"image_id": 5, "caption": "x"}]},
            r"annotation 1: image_id 5 is none of the 1 images; get the file again",
        ),
    ],
)
def test_malformed_records(tmp_path: Path, changes: dict[str, Any], message: str):
    write(tmp_path / "captions_train2014.json", 1, **changes)
    with pytest.raises(UserError, match=message):
        read_coco(tmp_path, None)


def test_no_images(tmp_path: Path):
    path = write(tmp_path / "captions_train2014.json", images=[], annotations=[])
    with pytest.raises(UserError, match=r"^coco: no caption for any of the 0 images of 'train'"):
        load_captions(f"coco:{path}")


def test_malformed_files(tmp_path: Path):
    with pytest.raises(
        UserError, match=r"holds no captions of COCO; expected captions_train2014\.json or the like there"
    ):
        read_coco(tmp_path, None)
    path = tmp_path / "captions_train2014.json"
    path.write_text('{"images": [\n{"id": 1,}]}')
    with pytest.raises(UserError, match=r"2014\.json:2: not JSON \(.* at column 10\); get the file again"):
        read_coco(tmp_path, None)


def test_files_of_two_years(tmp_path: Path):
    write(tmp_path / "captions_train2014.json", 1)
    write(tmp_path / "captions_train2017.json", 1, part="train2017")
    with pytest.raises(
        UserError, match=r"captions_train2017\.json is a second file of the split 'train'; keep the files"
    ):
        read_coco(tmp_path, None)
    (tmp_path / "captions_train2017.json").rename(tmp_path / "captions_val2017.json")
    write(tmp_path / "captions_val2017.json", 1)
    with pytest.raises(UserError, match=r"captions_val2017\.json: 'COCO_train2014_0+1\.jpg' is in another file too"):
        read_coco(tmp_path, None)
