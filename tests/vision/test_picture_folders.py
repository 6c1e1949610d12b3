"""Which files of a folder are pictures, what they are called, and that nothing vanishes without a word."""

import os
from pathlib import Path

import pytest
from PIL import Image

from mrnn_np.errors import UserError
from mrnn_np.vision.picture_folders import find_images


def save(path, kind="PNG"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path, kind)


def names(found):
    return [image.name for image in found.images]


def test_by_name_or_by_content(tmp_path):
    for name, kind in (
        ("b.JPG", "JPEG"),
        ("a", "GIF"),
        ("c/d.old", "TIFF"),
        ("e.jpg/f.webp", "WEBP"),
        ("g.raw", "EPS"),
    ):
        save(tmp_path / name, kind)
    (tmp_path / "broken.png").write_bytes(b"cut")
    (tmp_path / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "empty").touch()
    found = find_images([tmp_path])
    assert names(found) == ["a", "b.JPG", "broken.png", "c/d.old", "e.jpg/f.webp"]
    assert found.left_out == ["Thumbs.db", "empty", "g.raw"]
    assert found.remark() == "3 files left out, which are no pictures of a format known here: Thumbs.db, empty, g.raw"


def test_hidden_files_are_not_there(tmp_path):
    save(tmp_path / "a.jpg")
    for name in ("._a.jpg", ".a.jpg", ".thumbs/a.jpg", "__MACOSX/._a.jpg", ".DS_Store"):
        save(tmp_path / name)
    found = find_images([tmp_path])
    assert names(found) == ["a.jpg"]
    assert found.remark() == ""
    assert names(find_images([tmp_path / ".a.jpg"])) == [".a.jpg"]


def test_what_is_no_file_is_named(tmp_path):
    save(tmp_path / "pics" / "a.png")
    save(tmp_path / "elsewhere" / "b.png")
    (tmp_path / "pics" / "linked").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "pics" / "c.png").symlink_to(tmp_path / "pics" / "c.png")
    (tmp_path / "pics" / "loop").symlink_to(tmp_path / "pics")
    for name in ("pipe", "pipe.jpg"):
        os.mkfifo(tmp_path / "pics" / name)
    found = find_images([tmp_path / "pics"])
    assert names(found) == ["a.png", "c.png", "pipe", "pipe.jpg"]
    assert found.left_out == ["linked/", "loop/"]


def test_only_the_first_are_named(tmp_path):
    save(tmp_path / "a.png")
    for number in range(1200):
        (tmp_path / f"{number:04}.\x1b").touch()
    remark = find_images([tmp_path]).remark()
    assert remark.startswith("1,200 files left out, which are no pictures of a format known here: 0000.\\x1b, 0001")
    assert remark.endswith("0004.\\x1b, ...")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "no such image or folder; check the name"),
        ("x" * 300, "no such image or folder; check the name"),
        ("x.txt/y", "no such image or folder; check the name"),
        ("only", "holds no images; expected files named as .avif"),
        ("only", "1 file left out, which is no picture of a format known here: a.HEIC; save HEIC as JPEG or PNG"),
    ],
)
def test_mistakes(path, message, tmp_path):
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "a.HEIC").touch()
    (tmp_path / "x.txt").touch()
    with pytest.raises(UserError) as refusal:
        find_images([Path(tmp_path, path)])
    assert message in str(refusal.value)


def test_two_of_one_name(tmp_path):
    for folder in ("a", "b"):
        save(tmp_path / folder / "x.png")
    with pytest.raises(UserError, match=r"2 images are called 'x\.png'; extract them into separate files"):
        find_images([tmp_path / "a", tmp_path / "b"])
    for name in ("caf\u00e9.png", "cafe\u0301.png"):
        save(tmp_path / "c" / name)
    if len(os.listdir(tmp_path / "c")) == 2:
        with pytest.raises(UserError, match=r"2 images are called 'caf\u00e9\.png'; extract them into separate files"):
            find_images([tmp_path / "c"])
