"""Data sets by name, and captions matched with splits and features."""

from pathlib import Path

import numpy as np
import pytest

from mrnn_np.data.captions import CaptionData, attach, load_captions, missing_features
from mrnn_np.data.features import Features
from mrnn_np.errors import UserError

DATA = CaptionData(
    name="tiny",
    splits={"train": ("b", "a", "c"), "dev": ("d",)},
    captions={
        "a": (("a", "dog"), ("the", "dog")),
        "b": (("a", "cat"),),
        "c": (("a", "bird"),),
        "d": (("a", "fish"),),
    },
    notes=(),
)


def features_of(*names: str) -> Features:
    return Features(names, np.zeros((len(names), 2), np.float32), "feats.npz")


def write_corpus(folder: Path, captions: str, train: str, dev: str) -> str:
    (folder / "Flickr8k.token.txt").write_text(captions)
    (folder / "Flickr_8k.trainImages.txt").write_text(train)
    (folder / "Flickr_8k.devImages.txt").write_text(dev)
    return f"flickr8k:{folder}"


def test_load(tmp_path: Path):
    spec = write_corpus(tmp_path, "a#0\tone dog\na#1\ta dog\nb#0\tone cat\n", "b\n", "a\n")
    assert load_captions(spec) == CaptionData(
        name="flickr8k",
        splits={"train": ("b",), "dev": ("a",)},
        captions={"a": (("one", "dog"), ("a", "dog")), "b": (("one", "cat"),)},
        notes=(),
    )


def test_what_is_left_over_is_left_out_with_one_note_each(tmp_path: Path):
    captions = "x#0\tno split\nx#1\tstill none\nb#0\ta cat\ny#0\tnone either\na#0\ta dog\n"
    data = load_captions(write_corpus(tmp_path, captions, "b\np\nq\n", "r\na\n"))
    assert data.splits == {"train": ("b",), "dev": ("a",)}
    assert data.captions == {"a": (("a", "dog"),), "b": (("a", "cat"),)}
    assert data.notes == (
        "flickr8k: 3 captions of 2 images in no split, left out, the first of 'x'",
        "flickr8k: train: 2 of 3 images have no caption, left out, the first 'p'",
        "flickr8k: dev: 1 of 2 images have no caption, left out, the first 'r'",
    )


def test_split_without_any_caption(tmp_path: Path):
    spec = write_corpus(tmp_path, "b.jpg#0\ta cat\n", "b.jpg\n", "a\nc\n")
    message = (
        r"^flickr8k: no caption for any of the 2 images of 'dev'; "
        r"they are named like 'a', the captions' like 'b\.jpg'$"
    )
    with pytest.raises(UserError, match=message):
        load_captions(spec)


def test_no_captions_at_all(tmp_path: Path):
    message = r"^flickr8k: no caption for any of the 1 images of 'train'; .*, the captions' like ''$"
    with pytest.raises(UserError, match=message):
        load_captions(write_corpus(tmp_path, "", "b\n", "a\n"))


@pytest.mark.parametrize("spec", ["", "flickr8k", "flickr8k:", "flicker8k:DIR", "/some/folder"])
def test_unknown_data_set(spec: str):
    message = f"^data: '{spec}' is not a known data set; expected scenes, drawings, or KIND:PLACE of flickr8k, .*, csv$"
    with pytest.raises(UserError, match=message):
        load_captions(spec)


def test_attach():
    split = attach(DATA, features_of("x", "a", "b", "c"), "train")
    assert split.images == ("b", "a", "c")
    assert split.feature_rows.dtype == np.int64
    assert split.feature_rows.tolist() == [2, 1, 3]
    assert split.captions == ((("a", "cat"),), (("a", "dog"), ("the", "dog")), (("a", "bird"),))


def test_attach_leaves_out_images_without_features():
    features = features_of("c", "d", "b")
    split = attach(DATA, features, "train")
    assert split.images == ("b", "c")
    assert split.feature_rows.tolist() == [2, 0]
    assert split.captions == ((("a", "cat"),), (("a", "bird"),))
    assert missing_features(DATA, features)[0] == "train: 1 of 3 images have no row in feats.npz, left out"


def test_attach_where_no_features_are_wanted():
    split = attach(DATA, None, "train")
    assert split.images == ("b", "a", "c")
    assert split.feature_rows.tolist() == [0, 0, 0]


def test_attach_without_any_features():
    message = (
        r"^split 'train' was asked for but none of its 3 images has a feature row in feats\.npz; "
        r"they are named like 'b', its rows like 'x/q': extract their features$"
    )
    with pytest.raises(UserError, match=message):
        attach(DATA, features_of("x/q", "d"), "train")


def test_attach_finds_images_by_names_that_mean_them():
    data = CaptionData(
        "tiny", {"train": ("train/a.jpg", "train/b.jpg")}, dict.fromkeys(("train/a.jpg", "train/b.jpg"), ()), ()
    )
    assert attach(data, features_of("b", "a.jpg"), "train").feature_rows.tolist() == [1, 0]


def test_attach_refuses_a_row_that_could_be_of_two_images():
    images = ("train/a.jpg", "val/a.jpg")
    data = CaptionData("tiny", {"train": images[:1], "val": images[1:]}, dict.fromkeys(images, ()), ())
    message = r"^feats\.npz: the row 'a\.jpg' could be of 'train/a\.jpg' and 'val/a\.jpg'; name it in full$"
    with pytest.raises(UserError, match=message):
        attach(data, features_of("a.jpg"), "train")


def test_attach_of_an_unknown_split():
    with pytest.raises(UserError, match=r"^tiny: split 'test' was asked for; expected one of train, dev$"):
        attach(DATA, features_of("a"), "test")


def write_table(folder: Path, *rows: str) -> str:
    path = folder / "mine.csv"
    path.write_text("image,caption,split\n" + "".join(f"{row}\n" for row in rows), "utf-8")
    return f"csv:{path}"


def test_a_split_that_nobody_looks_for_is_noted(tmp_path: Path):
    data = load_captions(write_table(tmp_path, "a,A dog,train", "b,A dog,tarin", "c,A dog,Tarin"))
    assert data.splits == {"tarin": ("b", "c"), "train": ("a",)}
    assert data.notes == ("csv: 2 images are in 'tarin', a split that nothing is trained on or judged by",)


def test_two_names_for_the_split_to_judge_by(tmp_path: Path):
    spec = write_table(tmp_path, "a,A dog,train", "b,A dog,dev", "c,A dog,validation")
    message = (
        r"^csv: 1 images are in dev and 1 in val, which both name the split to judge epochs by; expected one of them$"
    )
    with pytest.raises(UserError, match=message):
        load_captions(spec)


def test_captions_that_are_not_divided_are_noted(tmp_path: Path):
    rows = [f"{i},\u4e00\u53ea\u732b\u5728\u7761\u89c9,train" for i in range(9)]
    [note] = load_captions(write_table(tmp_path, *rows)).notes
    assert note.startswith("csv: the captions are not divided into words, '\u4e00\u53ea\u732b\u5728\u7761\u89c9' would")
