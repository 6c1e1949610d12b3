"""HDF5 and MATLAB files that crash, stop or fill the library that reads them, or lead it to other files."""

import os
from pathlib import Path

import numpy as np
import pytest

from mrnn_np.data.features import load_features
from mrnn_np.errors import UserError

NAMES = ["a.jpg", "b.jpg", "c.jpg"]
VALUES = np.arange(12, dtype=np.float32).reshape(3, 4)

h5py = pytest.importorskip("h5py", reason="h5py is not installed: pip install h5py")
scipy_io = pytest.importorskip("scipy.io", reason="SciPy is not installed: pip install scipy")


def said_of(path: Path) -> str:
    with pytest.raises(UserError) as raised:
        load_features(path)
    return str(raised.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize(("byte", "value"), [(184, 0), (185, 255)])
def test_a_byte_of_a_mat_at_which_scipy_crashes(tmp_path: Path, byte: int, value: int):
    path = tmp_path / "feats.mat"
    scipy_io.savemat(path, {"feats": np.ones((4, 3)), "names": np.array(["a", "b", "c"], object)})
    damaged = bytearray(path.read_bytes())
    damaged[byte] = value
    path.write_bytes(damaged)
    assert said_of(path).startswith("is damaged")  # what is read beyond the array decides what happens


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_strings_that_hdf5_walks_over_for_ever(tmp_path: Path):
    path = tmp_path / "feats.h5"
    with h5py.File(path, "w") as file:
        file["features"], file["names"] = VALUES, NAMES
    damaged = bytearray(path.read_bytes())
    first = damaged.index(b"GCOL") + 16
    damaged[first : first + 16] = bytes(16)  # free space of no length
    path.write_bytes(damaged)
    reason = "its reader crashed, or took longer than for a sound file of this size"
    assert said_of(path) == f"is damaged ({reason}); get the file again"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
@pytest.mark.parametrize("rows", [50_000, 10**12])
def test_more_than_a_file_of_that_size_can_hold(tmp_path: Path, rows: int):
    path = tmp_path / "feats.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("features", (rows, 4000), "f4", chunks=(1000, 4000))
        file["names"] = NAMES
    assert said_of(path) == "takes more memory than sound files of its size do; save its features as an .npy"


def external(file):
    file.create_dataset("features", (3, 4), "f4", external=[("numbers", 0, 48)])


def virtual(file):
    layout = h5py.VirtualLayout((3, 4), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (3, 4))
    file.create_virtual_dataset("features", layout)


def link(file):
    file["features"] = h5py.ExternalLink("other.h5", "/x")


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        (external, "'features' is kept in other files; copy it into this one, or into an .npy"),
        (virtual, "'features' is kept in other files; copy it into this one, or into an .npy"),
        (link, "holds names; expected 'features' (N, d) and 'names' (N,)"),
    ],
)
def test_other_files_are_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fill, message: str):
    monkeypatch.chdir(tmp_path)
    VALUES.tofile(tmp_path / "numbers")
    with h5py.File("other.h5", "w") as file:
        file["x"] = VALUES
    with h5py.File("feats.h5", "w") as file:
        fill(file)
        file["names"] = NAMES
    assert said_of(tmp_path / "feats.h5").startswith(message)


def test_groups_in_cycles(tmp_path: Path):
    with h5py.File(tmp_path / "feats.h5", "w") as file:
        file["group/again"] = file["/"]
        file["features"], file["names"], file["source"] = VALUES, NAMES, '{"cnn": "vgg16"}'
    loaded = load_features(tmp_path / "feats.h5")
    assert loaded.names == tuple(NAMES)
    assert loaded.source == {"cnn": "vgg16"}
    np.testing.assert_array_equal(loaded.values, VALUES)


@pytest.mark.parametrize("dtype", [">f4", ">f2", ">f8"])
def test_big_endian(tmp_path: Path, dtype: str):
    with h5py.File(tmp_path / "feats.h5", "w") as file:
        file["features"], file["names"] = VALUES.astype(dtype), np.char.encode(NAMES)
    np.testing.assert_array_equal(load_features(tmp_path / "feats.h5").values, VALUES)


@pytest.mark.parametrize(
    ("features", "found"),
    [
        (VALUES.astype(complex), "features are complex128"),
        (VALUES > 3, "features are bool"),
        (VALUES.astype(int), "features are int64"),
        (np.zeros(3, "f4,f4"), "features are [('f0', '<f4'), ('f1', '<f4')]"),
    ],
)
def test_other_numbers(tmp_path: Path, features: np.ndarray, found: str):
    with h5py.File(tmp_path / "feats.h5", "w") as file:
        file["features"], file["names"] = features, NAMES
    assert said_of(tmp_path / "feats.h5") == f"{found}; expected float16, float32 or float64"


def test_names_that_are_numbers_or_references(tmp_path: Path):
    with h5py.File(tmp_path / "feats.h5", "w") as file:
        file["features"], file["ids"] = VALUES, [9.0, 25.0, 581921.0]
    assert load_features(tmp_path / "feats.h5").names == ("9", "25", "581921")
    with h5py.File(tmp_path / "feats.h5", "a") as file:
        file.create_dataset("names", data=[file["ids"].ref] * 3, dtype=h5py.ref_dtype)
    assert said_of(tmp_path / "feats.h5").startswith("a name is of type Reference; expected text")
    for names, expected in ((np.array([7.0, 8, 9]), ("7", "8", "9")), (np.array([7, 8, 9], object), ("7", "8", "9"))):
        scipy_io.savemat(tmp_path / "feats.mat", {"feats": VALUES.T, "names": names})
        assert load_features(tmp_path / "feats.mat").names == expected
