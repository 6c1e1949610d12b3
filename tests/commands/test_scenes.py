"""The main job as a newcomer runs it: training on the scenes, and captions of a picture drawn by hand."""

import json
import os
import subprocess
import sys

import pytest
from PIL import Image, ImageDraw

from mrnn_np.data.scenes.world import Scene, Thing
from mrnn_np.evaluation.truth import judge

BOAT = Scene("sea", "day", "sun", (Thing("boat", "red", action="sail"),))


@pytest.fixture(scope="module")
def trained(tmp_path_factory, cache_folder):
    """A run on the scenes, of a smaller model and shorter than by default, and what it printed."""
    folder = tmp_path_factory.mktemp("scenes")
    command = [sys.executable, "-m", "mrnn_np.train", "--epochs", "3", "--scale", "0.5"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "MRNN_NP_CACHE": str(cache_folder)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "runs" / "scenes", done.stdout


def test_what_it_says_and_leaves(trained):
    folder, said = trained
    names = ("best.npz", "config.json", "curves.png", "history.csv", "last.npz", "samples.png")
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    for text in (
        "scenes: 20,000 captions of 4,000 images to learn from, 2,500 captions of 500 images (val) to judge by",
        "bits above the floor best",
        "   val-0111: ",
        "with the images shuffled: ",
        "claims true; ",
        "   person  ",
    ):
        assert text in said
    assert json.loads((folder / "config.json").read_text())["dropout_I"] == 0.05
    with Image.open(folder / "samples.png") as sheet:
        assert sheet.format == "PNG"


def test_most_of_what_it_says_is_true(trained):
    line = next(line for line in trained[1].splitlines() if line.startswith("captions of the validation scenes"))
    assert float(line.split("greedy: ")[1].split("%")[0]) > 80


def test_scores_of_scenes(trained, run):
    done = run("evaluate", "--checkpoint", trained[0] / "best.npz", "--greedy", "--limit", 50)
    assert done.returncode == 0, done.stderr
    scores = {line.rsplit(maxsplit=1)[0]: line.split()[-1] for line in done.stdout.splitlines()[1:-1]}
    assert float(scores["claims true"]) > 0.8
    assert 0 < float(scores["captions with no false claim"]) < 1
    assert "bits per word above the floor" not in scores  # it is known of the whole split only


def test_a_picture_drawn_by_hand_is_captioned_truthfully(trained, run, tmp_path):
    picture = Image.new("RGB", (384, 384), (120, 185, 240))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 170, 384, 384), fill=(40, 120, 185))
    draw.ellipse((290, 20, 350, 80), fill=(255, 215, 60))
    draw.polygon([(110, 290), (290, 290), (260, 330), (140, 330)], fill=(220, 40, 40))
    draw.line((195, 290, 195, 110), fill=(90, 60, 40), width=8)
    draw.polygon([(203, 120), (203, 275), (285, 275)], fill=(220, 40, 40))
    draw.polygon([(187, 140), (187, 275), (120, 275)], fill=(200, 30, 30))
    picture.save(tmp_path / "boat.png")
    done = run("caption", "--checkpoint", trained[0] / "best.npz", "--image", "boat.png", "--out", "said.json")
    assert done.returncode == 0, done.stderr
    (said,) = json.loads((tmp_path / "said.json").read_text())
    claims = judge(said["caption"].split(), BOAT)
    assert {claim.verdict for claim in claims} == {"true"}
    assert {claim.kind for claim in claims} >= {"thing", "colour", "action"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--image", "no.png"), "no.png: "),
        (("--image", "boat.png", "--features", "f.npz"), "--image makes features itself; leave --features out"),
        (("--cnn", "scene"), "--cnn and --weights are for pictures; name them with --image F"),
        (("--image", "boat.png", "--cnn", "vgg16"), "--cnn: the model was trained on features of scene, not of vgg16"),
        (("--greedy", "--rerank", "cider"), "--rerank chooses among the captions of a beam"),
    ],
)
def test_refused(trained, run, arguments, message):
    done = run("caption", "--checkpoint", trained[0] / "best.npz", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {message}")
    assert done.stderr.count("\n") == 1
