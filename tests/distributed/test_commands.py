"""Commands whose work is dealt to several processes print and write what one process does, to the last byte."""

import json
from dataclasses import replace

import numpy as np
import pytest
from fake_ranks import on_ranks
from PIL import Image

from mrnn_np.captioning.decoder import HYPOTHESES, Hypothesis
from mrnn_np.data.vocabulary import END
from mrnn_np.distributed.deal import ARRAY, NUMBER, deal, own_items
from mrnn_np.distributed.ranks import ALONE
from mrnn_np.training.checkpoint import save_checkpoint
from mrnn_np.training.config import config_of
from mrnn_np.training.setup import new_run


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_items_are_dealt_and_come_back_in_order(size):
    def dealt(ranks):
        mine = []
        found = list(deal(ranks, lambda i: mine.append(i) or i / 3, range(5), NUMBER))
        assert mine == list(own_items(ranks, range(5)))
        return found

    assert on_ranks(size, dealt) == [[i / 3 for i in range(5)]] * size


def test_one_process_does_an_item_when_it_is_asked_for():
    done = []
    found = deal(ALONE, lambda i: done.append(i) or i, range(3), NUMBER)
    assert (next(found), done) == (0, [0])


def test_results_travel_as_they_are():
    several = [[Hypothesis((4, 2, END), -0.1 - 1e-16, True), Hypothesis((), float("-inf"), False)], []]
    assert HYPOTHESES.unpack(HYPOTHESES.pack(several)) == several
    array = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    assert ARRAY.unpack(ARRAY.pack(array)).tobytes() == array.tobytes()


@pytest.fixture(scope="module")
def many_images(tmp_path_factory):
    """Data in the form of Flickr8k, enough of it for several batches: 10 images in train and 140 in dev."""
    folder, rng = tmp_path_factory.mktemp("many_images"), np.random.default_rng(0)
    names = [f"image{i:03}.jpg" for i in range(150)]
    things, colours = ("dog", "boat", "man"), ("red", "blue")
    lines = [
        f"{name}#{j}\tA {colours[(i + j) % 2]} {things[i % 3]} ."
        for i, name in enumerate(names)
        for j in range(1 + i % 3)
    ]
    (folder / "Flickr8k.token.txt").write_text("\n".join(lines) + "\n")
    for split, images in (("train", names[:10]), ("dev", names[10:])):
        (folder / f"Flickr_8k.{split}Images.txt").write_text("\n".join(images) + "\n")
    np.savez(folder / "features.npz", features=rng.normal(size=(150, 8)).astype(np.float32), names=np.array(names))
    return folder


@pytest.fixture
def both(mpiexec, many_images, tmp_path):
    """Run a command on a checkpoint alone and on three processes, in two folders; return what came of each."""
    run = new_run(config_of({"data": f"flickr8k:{many_images}", "d_e": 6, "d_w": 8, "d_m": 10, "min_count": 1}))
    params = run.checkpoint.params
    weights = np.random.default_rng(3).normal(0, 0.7, params.theta.shape).astype(np.float32)
    params = params.with_theta(weights)
    params["V_I"][...] *= 3
    save_checkpoint(tmp_path / "best.npz", replace(run.checkpoint, params=params))

    def run_both(*arguments):
        results = []
        for ranks in (1, 3):
            folder = tmp_path / f"on{ranks}"
            folder.mkdir(exist_ok=True)
            job = mpiexec(
                ranks, "-m", f"mrnn_np.{arguments[0]}", *arguments[1:], "--threads", 1, cwd=folder, PYTHONHASHSEED="0"
            )
            said, errors = job.communicate(timeout=120)
            assert job.returncode == 0, errors
            files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}
            results.append((said, files))
        return results

    return run_both


@pytest.mark.parametrize(
    "how",
    [
        ("--greedy", "--out", "c.json"),
        ("--sample", "--n-best", "3", "--seed", "4"),
        ("--beam", "5", "--n-best", "2", "--rerank", "cider", "--k", "4", "--m", "6", "--split", "dev"),
    ],
)
def test_caption(both, how):
    alone, dealt = both("caption", "--checkpoint", "../best.npz", *how)
    assert alone == dealt
    assert alone[0]


def test_evaluate(both):
    alone, dealt = both("evaluate", "--checkpoint", "../best.npz", "--beam", "3", "--out", "o", "--save-idf", "i.npz")
    assert alone == dealt
    assert len(json.loads(alone[1]["o/images.json"])) == 140


@pytest.mark.parametrize("what", [("--prior-images", "9"), ("--image", "image045.jpg"), ("--query", "a red dog")])
def test_retrieve(both, what):
    alone, dealt = both("retrieve", "--checkpoint", "../best.npz", "--work", "kept", *what, "--out", "r.json")
    assert alone == dealt
    assert "r.json" in alone[1]


def test_extract(both, tmp_path):
    (tmp_path / "pictures").mkdir()
    rng = np.random.default_rng(0)
    for i in range(19):
        Image.fromarray(rng.integers(0, 255, (48, 64, 3), np.uint8)).save(tmp_path / "pictures" / f"p{i:02}.png")
    (tmp_path / "pictures" / "p07.png").write_bytes(b"no picture")
    alone, dealt = both("extract", "--cnn", "scene", "../pictures", "--out", "f.npz")
    assert "18 images" in alone[0]
    assert "1 skipped" in alone[0]
    assert alone == dealt
