"""The command that explains a caption: what it prints and draws, and what it refuses."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mrnn_np.captioning.captioner import Captioner
from mrnn_np.evaluation.prefix_tree import prefix_tree
from mrnn_np.evaluation.retrieval import log2_mean
from mrnn_np.evaluation.step_scores import pair_scorer
from mrnn_np.explain import main


@pytest.fixture
def explain(album, monkeypatch, capsys):
    """Run the command beside the album and return what it printed."""

    def run(*arguments):
        monkeypatch.chdir(album)
        monkeypatch.setattr(sys, "argv", ["explain", "--checkpoint", "run/best.npz", *map(str, arguments)])
        assert main() == 0
        return capsys.readouterr().out

    return run


def bits_printed(printed):
    """The evidence of each line, by its word."""
    lines = [line.split() for line in printed.splitlines()[1:] if re.match(r"\S+ +[+-]", line)]
    return [(words[0], float(words[1]), float(words[2])) for words in lines]


def test_the_words_and_what_they_add_up_to(explain, album):
    printed = explain("--image", "blue-dog.png", "--caption", "a blue dog", "--prior-images", 4)
    *words, total = bits_printed(printed)
    assert [word for word, *_ in words] == ["a", "blue", "dog", "END"]
    assert total[0] == "all"
    assert total[1] == pytest.approx(sum(bits for _, bits, _ in words), abs=0.3)

    captioner = Captioner.load(album / "run/best.npz")
    opened = captioner.open(split="train")
    sentence = captioner.vocabulary.encode("a blue dog".split())
    scorer = pair_scorer(captioner.decoder.model, captioner.decoder.params, prefix_tree([sentence]), captioner.backend)
    rows = np.array([opened.features.row_of["blue-dog.png"]])
    given_image = scorer(opened.read_images(rows))
    assert total[2] == pytest.approx(float(given_image[0, 0]), abs=0.06)
    # Four of the six training images; the mean of any four differs from that of all by at most log2(6 / 4) upwards.
    given_all = log2_mean(scorer(opened.read_images(opened.split.feature_rows)))
    assert given_image[0, 0] - total[1] <= given_all[0] + np.log2(6 / 4) + 0.1
    assert "4 training images" in printed


def test_without_training_images_their_mean_stands_for_them(explain, album):
    printed = explain("--image", "blue-dog.png", "--caption", "a blue dog", "--prior-images", 0, "--data", "csv:no.csv")
    total = bits_printed(printed)[-1]
    captioner = Captioner.load(album / "run/best.npz")
    sentence = captioner.vocabulary.encode("a blue dog".split())
    scorer = pair_scorer(captioner.decoder.model, captioner.decoder.params, prefix_tree([sentence]), captioner.backend)
    opened = captioner.open(split="train")
    every = opened.read_images(opened.split.feature_rows)
    mean = every.mean(axis=0, keepdims=True)
    assert abs(mean).max() < 1e-4
    assert total[2] - total[1] == pytest.approx(float(scorer(mean)[0, 0]), abs=0.11)
    assert "what the mean of all training images would have the model say" in printed


def test_its_own_caption_is_the_one_that_caption_writes(explain, album):
    *words, _ = bits_printed(explain("--image", "black-car.png"))
    own = Captioner.load(album / "run/best.npz").caption_picture(album / "black-car.png")
    assert [word for word, *_ in words] == [*own.split(), "END"]


def test_a_picture_of_the_maps(explain, tmp_path):
    explain("--image", "white-ball.png", "--caption", "a white ball", "--map", "pixels", "--out", tmp_path / "m.png")
    with Image.open(tmp_path / "m.png") as sheet:
        assert sheet.format == "PNG"
        assert sheet.width > 4 * 192  # the picture and a map for each word


@pytest.mark.parametrize("kind", ["last", "sharpened"])
def test_a_page(explain, tmp_path, kind):
    explain("--image", "white-ball.png", "--caption", "the ball", "--map", kind, "--out", tmp_path / "m.html")
    text = (tmp_path / "m.html").read_text("utf-8")
    data = json.loads(text.split('<script type="application/json" id="data">')[1].split("</script>")[0])
    [entry] = data["entries"]
    assert [word[0] for word in entry["words"]] == ["the", "ball", "END"]
    assert all(len(word) == 3 for word in entry["words"])
    assert entry["picture"].startswith("data:image/jpeg;base64,")


def test_words_it_does_not_know(explain):
    assert "zebra" in explain("--image", "white-ball.png", "--caption", "a zebra")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--image", "no.png"], "no.png"),
        (["--image", "captions.csv"], "captions.csv"),
        (["--image", "red-dog.png", "--caption", "!!!"], "--caption: '!!!' holds no word"),
        (["--image", "red-dog.png", "--out", "f.jpg"], "--out f.jpg: is neither a picture nor a page"),
        (["--image", "red-dog.png", "--map", "last"], "--map is drawn; say where with --out"),
        (["--image", "red-dog.png", "--cnn", "vgg16"], "--cnn: the model was trained on features of scene"),
        (["--image", "red-dog.png", "--features", "no.npz"], "no.npz"),
        (["--image", "red-dog.png", "--data", "csv:no.csv"], "--prior-images 0 does without"),
    ],
)
def test_what_it_refuses_is_one_line(album, arguments, message):
    command = [sys.executable, "-m", "mrnn_np.explain", "--checkpoint", "run/best.npz", *arguments]
    done = subprocess.run(command, cwd=album, capture_output=True, text=True)
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert message in line


def test_a_picture_of_nothing_it_knows_is_warned_of(monkeypatch, capsys):
    drawings = Path(__file__).parents[1] / "scenes"
    for picture, warned in (("nothing/chess.png", True), ("strangers/flat-house.png", False)):
        asked = ["explain", "--checkpoint", "scenes", "--prior-images", "0", "--image", str(drawings / picture)]
        monkeypatch.setattr(sys, "argv", asked)
        assert main() == 0
        assert ("is unlike the pictures this model was trained on" in capsys.readouterr().err) == warned
