"""The main job as a newcomer runs it: training on the scenes, and captions of a picture drawn by hand."""

import json
import math
import os
import re
import subprocess
import sys

import pytest
from by_hand import in_process
from PIL import Image, ImageDraw

from mrnn_np.backend import choose_backend
from mrnn_np.comparison.scores import scores_of_run
from mrnn_np.data.captions import load_captions
from mrnn_np.evaluation.bleu import bleu
from mrnn_np.scenes.dataset import scene_descriptions
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Scene, Thing
from mrnn_np.training.checkpoint import load_checkpoint

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
    names = {"best.npz", "config.json", "curves.png", "history.csv", "last.npz", "page.html", "samples.png"}
    assert {path.name for path in folder.iterdir()} - {"greedy.json", "scores"} == names
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


def judged(captions):
    """The shares of true claims and of captions without a false one, of captions by the names of validation scenes."""
    scenes = scene_descriptions("val")
    verdicts = [[claim.verdict for claim in judge(text.split(), scenes[name])] for name, text in captions.items()]
    claims = [verdict for of_caption in verdicts for verdict in of_caption]
    whole = [all(verdict == "true" for verdict in of_caption) for of_caption in verdicts]
    return len(claims), claims.count("true") / len(claims), sum(whole) / len(whole)


@pytest.fixture(scope="module")
def greedy(trained):
    """What the best model says of each validation scene."""
    folder, _ = trained
    in_process(folder, "caption", "--checkpoint", "best.npz", "--split", "val", "--greedy", "--out", "greedy.json")
    return {entry["image_id"]: entry["caption"] for entry in json.loads((folder / "greedy.json").read_text())}


def test_the_claims_it_counts_are_those_of_its_captions(trained, greedy):
    count, true, whole = judged(greedy)
    line = next(line for line in trained[1].splitlines() if line.startswith("captions of the validation scenes"))
    counted = f"{true:.1%} of {count:,} claims true; {whole:.1%} of 500 captions without a false one"
    assert line == f"captions of the validation scenes, greedy: {counted}"
    assert true != whole


def test_bits_above_the_floor_are_what_no_model_could_save(trained):
    folder, said = trained
    data = load_captions("scenes")
    log2_probs = [p for name in data.splits["val"] for p in data.log2_probs[name]]
    words = sum(len(caption) + 1 for name in data.splits["val"] for caption in data.captions[name])
    floor = -sum(log2_probs) / words
    history = load_checkpoint(folder / "last.npz").progress.history
    shown = [float(text) for text in re.findall(r"(-?[\d.]+) bits above the floor", said)]
    assert shown == pytest.approx([row["val_bits"] - floor for row in history], abs=6e-4)
    assert min(shown) > 0


def test_a_comparison_measures_scenes_alike(trained, greedy):
    folder, _ = trained
    scores = scores_of_run(folder, choose_backend("numpy"), None)
    _, true, whole = judged(greedy)
    assert (scores["true claims"], scores["true captions"]) == pytest.approx((true, whole))
    best = load_checkpoint(folder / "best.npz").progress.history[-1]
    data = load_captions("scenes")
    assert scores["bits above the floor"] == pytest.approx(best["val_bits"] - data.floor("val"))
    references = [data.captions[name] for name in greedy]
    assert [scores[f"BLEU-{n}"] for n in range(1, 5)] == pytest.approx(
        bleu([text.split() for text in greedy.values()], references)
    )


def test_the_scores_of_the_whole_split(trained, greedy):
    folder, _ = trained
    said = in_process(folder, "evaluate", "--checkpoint", "best.npz", "--greedy", "--out", "scores")
    scores = json.loads((folder / "scores" / "scores.json").read_text())["scores"]["this model"]
    _, true, whole = judged(greedy)
    assert (scores["claims true"], scores["captions with no false claim"]) == pytest.approx((true, whole))
    above = math.log2(scores["perplexity"]) - load_captions("scenes").floor("val")
    assert scores["bits per word above the floor"] == pytest.approx(above)
    assert f"bits per word above the floor   {above:10.3f}".split() == next(
        line.split() for line in said.splitlines() if line.startswith("bits per word above")
    )


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
        (("--image", "no.png"), "--image no.png: is neither a file nor the name of an image in "),
        (("--image", "boat.png", "--features", "f.npz"), "f.npz: "),
        (("--cnn", "scene"), "--cnn is about --image; leave it out, or add --image"),
        (("--weights", "w.npz"), "--weights is about --image; leave it out, or add --image"),
        (("--image", "boat.png", "--cnn", "vgg16"), "--cnn: the model was trained on features of scene, not of vgg16"),
        (("--greedy", "--rerank", "cider"), "--rerank chooses among the captions of a beam"),
    ],
)
def test_refused(trained, run, arguments, message, tmp_path):
    Image.new("RGB", (96, 96)).save(tmp_path / "boat.png")
    done = run("caption", "--checkpoint", trained[0] / "best.npz", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {message}")
    assert done.stderr.count("\n") == 1
