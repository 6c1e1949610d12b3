"""Results files hold the numbers that MS COCO's official tools know its images by, whoever wrote them."""

import json

import numpy as np
import pytest

SAID = ("a man rides a horse", "a dog runs on grass", "a cat sits on a bed")


@pytest.fixture(scope="module")
def coco_folder(tmp_path_factory):
    """A data set in COCO's form; the names of half of its images do not tell their numbers."""
    folder = tmp_path_factory.mktemp("coco")
    names = []
    for split, first, count in (("train", 100, 20), ("val", 500, 6)):
        images = [
            {"id": first + i, "file_name": f"COCO_{split}2014_{first + i:012}.jpg" if i % 2 else f"{split}-{i}.jpg"}
            for i in range(count)
        ]
        annotations = [
            {"id": image["id"], "image_id": image["id"], "caption": SAID[image["id"] % 3]} for image in images
        ]
        contents = {"images": images, "annotations": annotations}
        (folder / f"captions_{split}2014.json").write_text(json.dumps(contents))
        names += [image["file_name"] for image in images]
    values = np.random.default_rng(0).normal(size=(len(names), 4)).astype(np.float32)
    np.savez(folder / "features.npz", features=values, names=np.array(names))
    return folder


@pytest.fixture
def checkpoint(command, coco_folder, tmp_path):
    small = ("--scale", 0.02, "--min-count", 1, "--epochs", 1)
    command("train", "--data", f"coco:{coco_folder}", *small, "--out", "run")
    return tmp_path / "run/best.npz"


def ids(path):
    return [entry["image_id"] for entry in json.loads(path.read_text())]


def test_both_commands_write_the_numbers_of_the_images(command, checkpoint, coco_folder, tmp_path):
    command("evaluate", "--checkpoint", checkpoint, "--greedy", "--out", "scores")
    assert ids(tmp_path / "scores/captions.json") == [500, 501, 502, 503, 504, 505]
    for how in (("--greedy",), ("--beam", 3, "--n-best", 2), ("--beam", 2, "--rerank", "cider"), ("--sample",)):
        command("caption", "--checkpoint", checkpoint, "--split", "val", *how, "--out", "c.json")
        assert ids(tmp_path / "c.json") == [500, 501, 502, 503, 504, 505]
    # Without a split no captions are read, and the names must tell.
    command("caption", "--checkpoint", checkpoint, "--greedy", "--out", "all.json")
    assert ids(tmp_path / "all.json")[-2:] == ["val-4.jpg", 505]
    command("caption", "--checkpoint", checkpoint, "--greedy", "--image", "val-4.jpg", "503", "--out", "some.json")
    assert ids(tmp_path / "some.json") == ["val-4.jpg", 503]
    printed = command("caption", "--checkpoint", checkpoint, "--split", "val", "--greedy").splitlines()
    assert printed[0] == "val-0.jpg"
    assert printed[2] == "COCO_val2014_000000000501.jpg"

    coco = pytest.importorskip("pycocotools.coco").COCO(coco_folder / "captions_val2014.json")
    for file in ("scores/captions.json", "c.json"):
        assert sorted(coco.loadRes(str(tmp_path / file)).imgToAnns) == [500, 501, 502, 503, 504, 505]


def test_images_of_other_data_sets_go_by_their_names(command, opinionated, tmp_path):
    features = np.zeros((2, 8), np.float32)
    np.savez(tmp_path / "f.npz", features=features, names=np.array(["42.jpg", "caf\udce9.jpg"]))
    command("caption", "--checkpoint", opinionated, "--features", "f.npz", "--greedy", "--out", "c.json")
    # A name that is not UTF-8, as Python keeps it, is written in JSON's own way and comes back.
    assert ids(tmp_path / "c.json") == ["42.jpg", "caf\udce9.jpg"]
    assert rb"caf\udce9.jpg" in (tmp_path / "c.json").read_bytes()
