"""What all tests share: the strict double of CuPy, and the backends that one test body runs on."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mrnn_np.backend import Backend, choose_backend
from mrnn_np.backend.threads import limit_threads, product_threads
from mrnn_np.errors import UserError
from mrnn_np.scenes.render import render
from mrnn_np.scenes.world import Scene, Thing

# Under every import mode of pytest, so that the double is one module with one set of counters.
sys.path.insert(0, str(Path(__file__).parent / "double"))


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the scenes that tests generate out of the user's cache folder; all workers of pytest-xdist share them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MRNN_NP_CACHE", str(folder))
        yield folder


@pytest.fixture
def strict_cupy(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Install the strict double as CuPy for one test and return it; it runs CUDA kernels where g++ is there."""
    import cuda_on_cpu
    import strictcupy
    import strictcupy.cupyx

    monkeypatch.setitem(sys.modules, "cupy", strictcupy)
    monkeypatch.setitem(sys.modules, "cupyx", strictcupy.cupyx)
    if cuda_on_cpu.COMPILER is None:
        monkeypatch.setattr("mrnn_np.backend.dispatch.fits_kernels", lambda args: False)
    return strictcupy


@pytest.fixture
def two_threads() -> Iterator[None]:
    """Give matrix products two threads, where they can have them."""
    with limit_threads(2):
        if product_threads() != 2:
            pytest.skip("products have one thread here")
        yield


@pytest.fixture(params=["numpy", "strict", pytest.param("gpu", marks=pytest.mark.gpu)])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Run a test on NumPy, on the strict double and, where there is a GPU, on the real CuPy."""
    if request.param == "strict":
        request.getfixturevalue("strict_cupy")
    try:
        yield choose_backend("numpy" if request.param == "numpy" else "cupy")
    except UserError as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def tiny_flickr8k(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in the form of Flickr8k: 60 images whose features say what is in them, and two captions each."""
    folder = tmp_path_factory.mktemp("tiny_flickr8k")
    rng = np.random.default_rng(0)
    things, colours, actions = ("dog", "boat", "man"), ("red", "blue"), ("runs fast", "rests")
    names, features, lines = [], [], []
    for i in range(60):
        thing, colour, action = i % 3, i // 3 % 2, i // 6 % 2
        name = f"image{i:02}.jpg"
        names.append(name)
        features.append([*np.eye(3)[thing], *np.eye(2)[colour], action, *rng.normal(0, 0.1, 2)])
        lines.append(f"{name}#0\tA {colours[colour]} {things[thing]} {actions[action]} .")
        lines.append(f"{name}#1\tThe {things[thing]} is {colours[colour]} .")
    (folder / "Flickr8k.token.txt").write_text("\n".join(lines) + "\n")
    for split, images in (("train", names[:40]), ("dev", names[40:50]), ("test", names[50:])):
        (folder / f"Flickr_8k.{split}Images.txt").write_text("\n".join(images) + "\n")
    np.savez(folder / "features.npz", features=np.array(features, np.float16), names=np.array(names))
    return folder


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of twelve pictures of scenes and captions.csv, of two captions each."""
    folder = tmp_path_factory.mktemp("album")
    lines = ["image,caption,split"]
    for n, kind in enumerate(("dog", "car", "ball")):
        for m, colour in enumerate(("white", "blue", "red", "black")):
            name, place = f"{colour}-{kind}.png", ("field", "beach", "snow")[n]
            render(Scene(place, "day", "sun", (Thing(kind, colour),))).save(folder / name)
            split = ("train", "train", "val", "test")[m]
            lines += [f"{name},a {colour} {kind} in the {place},{split}", f"{name},the {kind} is {colour},{split}"]
    (folder / "captions.csv").write_text("\n".join(lines) + "\n")
    return folder
