"""A captioner that comes with the package is asked by its name; a wrong name is one line that tells the right ones."""

from pathlib import Path

import numpy as np
import pytest

from mrnn_np.files import read_archive
from mrnn_np.scenes.dataset import scene_descriptions
from mrnn_np.scenes.render import render
from mrnn_np.training.shipped import SHIPPED

LINE = "error: flicker: there is no such file, and no captioner of that name; "
LINE += "those that come along: flickr8k, scenes, drawings\n"


@pytest.mark.parametrize(
    "command",
    ["caption", "evaluate", "retrieve --query dogs", "explain --image my.png"],
    ids=lambda line: line.split()[0],
)
def test_a_wrong_name_is_one_line(command, run):
    done = run(*command.split(), "--checkpoint", "flicker")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", LINE)


@pytest.mark.parametrize("name", ["scenes", "drawings"])
def test_a_drawing_is_captioned_by_name(name, run, tmp_path):
    render(scene_descriptions("val")["val-0003"]).save(tmp_path / "my.png")
    done = run("caption", "--checkpoint", name, "--image", "my.png")
    assert (done.returncode, done.stderr) == (0, "")
    name, caption = done.stdout.splitlines()
    assert name == "my.png"
    assert caption.startswith("   ")


def test_a_picture_unlike_the_trainings_is_warned_of(run, tmp_path):
    arrays = read_archive(SHIPPED["scenes"])
    np.savez(tmp_path / "wary.npz", **(arrays | {"least_image": np.float32(1e6)}))
    done = run("caption", "--checkpoint", "wary.npz", "--image", "val-0003")
    assert done.returncode == 0
    assert done.stdout == run("caption", "--checkpoint", "scenes", "--image", "val-0003").stdout
    assert done.stderr == "val-0003: is unlike the pictures this model was trained on; do not trust its caption\n"


def test_a_picture_that_shows_no_scene_is_warned_of(run, tmp_path):
    text = Path(__file__).parents[1] / "scenes" / "nothing" / "text-sans.png"
    render(scene_descriptions("val")["val-0003"]).save(tmp_path / "my.png")
    done = run("caption", "--checkpoint", "scenes", "--image", text, "my.png")
    assert done.returncode == 0
    assert done.stderr == f"{text}: is unlike the pictures this model was trained on; do not trust its caption\n"


@pytest.mark.parametrize("command", ["evaluate", "retrieve --query dogs", "caption --split dev"])
def test_where_the_data_are_is_asked_for(command, run):
    done = run(*command.split(), "--checkpoint", "flickr8k")
    line = "error: flickr8k: no such folder; expected one that holds Flickr8k.token.txt; name the data with --data\n"
    assert (done.returncode, done.stderr) == (2, line)


def test_a_captioner_of_photographs_asks_for_one(run):
    done = run("caption", "--checkpoint", "flickr8k")
    said = "cannot be read (No such file or directory); name a picture with --image F, or features with --features F\n"
    assert (done.returncode, done.stderr) == (2, f"error: features.npz: {said}")
