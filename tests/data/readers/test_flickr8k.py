"""Flickr8k's files as they are: what is read, what is refused, and the real corpus where it is."""

import os
from pathlib import Path

import pytest

from mrnn_np.data.captions import attach, load_captions, missing_features
from mrnn_np.data.features import load_features
from mrnn_np.data.readers.flickr8k import read_flickr8k
from mrnn_np.errors import UserError

CORPUS = Path(os.environ.get("MRNN_NP_FLICKR8K", Path(__file__).parents[4] / "shared" / "data" / "flickr8k"))

CAPTIONS = b"a.jpg#0\tA dog runs .\na.jpg#1\tIt's a tri-colored dog\nb.jpg#0\tA cat\nc.jpg#0\tA bird !\n"


def write_corpus(folder: Path, **changes: bytes | None) -> Path:
    """Write a corpus of three photographs; a file that is given as None is left out."""
    files = {"train": b"b.jpg\na.jpg\n", "dev": b"c.jpg\n", "test": None, "captions": CAPTIONS, **changes}
    for key, content in files.items():
        if content is not None:
            name = "Flickr8k.token.txt" if key == "captions" else f"Flickr_8k.{key}Images.txt"
            (folder / name).write_bytes(content)
    return folder


def test_read(tmp_path: Path):
    splits, captions = read_flickr8k(write_corpus(tmp_path))
    assert splits == {"train": ("b.jpg", "a.jpg"), "dev": ("c.jpg",)}
    assert captions == {
        "a.jpg": [["a", "dog", "runs"], ["it's", "a", "tri", "colored", "dog"]],
        "b.jpg": [["a", "cat"]],
        "c.jpg": [["a", "bird"]],
    }


def test_other_line_ends_make_no_difference(tmp_path: Path):
    expected = read_flickr8k(write_corpus(tmp_path))
    changes = {"train": b"b.jpg\r\na.jpg", "captions": CAPTIONS.replace(b"\n", b"\r\n").removesuffix(b"\r\n")}
    assert read_flickr8k(write_corpus(tmp_path, **changes)) == expected


def test_lists_without_endings_and_files_of_old_macs(tmp_path: Path):
    expected = read_flickr8k(write_corpus(tmp_path))
    assert read_flickr8k(write_corpus(tmp_path, train=b"b\n./a\n", dev=b"c\n")) == expected
    changes = {"train": b"b.jpg\ra.jpg\r", "captions": CAPTIONS.replace(b"\n", b"\r")}
    assert read_flickr8k(write_corpus(tmp_path, **changes)) == expected


def test_one_image_in_two_spellings(tmp_path: Path):
    with pytest.raises(UserError, match=r"devImages\.txt:2: 'a\.jpg' is in 'train' already; expected each image once"):
        read_flickr8k(write_corpus(tmp_path, dev=b"c.jpg\na\n"))
    with pytest.raises(UserError, match=r"token\.txt:5: caption 0 of 'a\.jpg' stands in line 1 already"):
        read_flickr8k(write_corpus(tmp_path, captions=CAPTIONS + b"./a.jpg#0\tA dog\n"))


def test_only_the_training_list_is_required(tmp_path: Path):
    splits, _ = read_flickr8k(write_corpus(tmp_path, dev=None))
    assert list(splits) == ["train"]
    (tmp_path / "Flickr_8k.trainImages.txt").unlink()
    with pytest.raises(UserError, match=r"Flickr_8k\.trainImages\.txt: cannot be read \(No such file or directory\)"):
        read_flickr8k(tmp_path)


def test_missing_folder_and_captions(tmp_path: Path):
    with pytest.raises(UserError, match=r"nowhere: no such folder; expected one that holds Flickr8k\.token\.txt$"):
        read_flickr8k(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"Flickr8k\.token\.txt: cannot be read \(No such file or directory\)"):
        read_flickr8k(write_corpus(tmp_path, captions=None))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"a.jpg#2 no tab", r"'a\.jpg#2 no tab'; expected name\.jpg#k, a tab and a caption$"),
        (b"a.jpg\tno number", r"'a\.jpg\\tno number'; expected name\.jpg#k, a tab"),
        (b"a.jpg#x\tno number", r"'a\.jpg#x\\tno number'; expected name\.jpg#k, a tab"),
        (b"a.jpg#" + b"9" * 5000 + b"\tlong", r"'a\.jpg#9+'; expected name\.jpg#k, a tab"),
        (b"#2\tno name", r"'#2\\tno name'; expected name\.jpg#k, a tab"),
        (b"", r"''; expected name\.jpg#k, a tab"),
        (b"a.jpg#2\t", r"'' has no words; expected a caption$"),
        (b"a.jpg#2\t. - !", r"'\. - !' has no words; expected a caption$"),
        (b"a.jpg#2\tcaf\xe9", r"byte 0xe9 at column 12; expected UTF-8 text, so"),
        (b"b.jpg#0\tanother", r"caption 0 of 'b\.jpg' stands in line 3 already; expected each caption once$"),
    ],
)
def test_bad_caption_lines(tmp_path: Path, line: bytes, message: str):
    write_corpus(tmp_path, captions=CAPTIONS + line + b"\nd.jpg#0\tfine\n")
    with pytest.raises(UserError, match=rf"Flickr8k\.token\.txt:5: {message}") as raised:
        read_flickr8k(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"train": b"a.jpg\nb.jpg\na.jpg\n"},
            r"trainImages\.txt:3: 'a\.jpg' is in 'train' already; exp",
        ),
        (
            {"dev": b"c.jpg\nb.jpg\n"},
            r"devImages\.txt:2: 'b\.jpg' is in 'train' already; expected each",
        ),
        (
            {"test": b"c.jpg\n"},
            r"testImages\.txt:1: 'c\.jpg' is in 'dev' already; expected each image",
        ),
        (
            {"train": b"a.jpg\n \nb.jpg\n"},
            r"trainImages\.txt:2: the line is empty; expected the name of an image",
        ),
        ({"dev": b"caf\xe9.jpg\n"}, r"devImages\.txt:1: byte 0xe9 at column 4; expected UTF-8 text"),
        ({"dev": b""}, r"devImages\.txt: the file is empty; expected the name of an image a line"),
    ],
)
def test_bad_lists_of_images(tmp_path: Path, changes: dict[str, bytes], message: str):
    with pytest.raises(UserError, match=message):
        read_flickr8k(write_corpus(tmp_path, **changes))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="no Flickr8k folder; set MRNN_NP_FLICKR8K to one")
def test_the_real_corpus():
    data = load_captions(f"flickr8k:{CORPUS}")
    assert {split: len(images) for split, images in data.splits.items()} == {
        "train": 6000,
        "dev": 1000,
        "test": 1000,
    }
    assert all(len(captions) == 5 for captions in data.captions.values())
    assert data.captions["1001773457_577c3a7d70.jpg"][1][:6] == ("a", "black", "dog", "and", "a", "tri")
    assert data.notes == (
        "flickr8k: 460 captions of 93 images in no split, left out, the first of '1155138244_859fd6e079.jpg'",
    )


@pytest.mark.skipif(not (CORPUS / "features.npz").is_file(), reason="no features.npz in the Flickr8k folder")
def test_the_real_features():
    data, features = load_captions(f"flickr8k:{CORPUS}"), load_features(CORPUS / "features.npz")
    train = attach(data, features, "train")
    assert missing_features(data, features) == (
        f"test: 1,000 of 1,000 images have no row in {features.path}, left out",
    )
    assert train.images == data.splits["train"]
    assert [features.names[row] for row in train.feature_rows] == list(train.images)
