"""Feature files that are damaged, hostile, of another format, or need a package that is not there."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from mrnn_np.data.feature_files.mat_and_hdf5 import read_hdf5, read_mat
from mrnn_np.data.features import load_features
from mrnn_np.errors import UserError

VECTOR = np.ones(4, np.float32)


class Hostile:
    def __reduce__(self):
        return os.system, ("touch PWNED",)


def refused(path: Path) -> str:
    """Return what is said of a file behind its name, in one line."""
    with pytest.raises(UserError) as raised:
        load_features(path)
    message = str(raised.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: ")
    return message.removeprefix(f"{path}: ")


def test_a_pickle_that_would_run_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for contents in ({1: Hostile()}, Hostile(), {Hostile(): VECTOR}):
        np.save(tmp_path / "feats.npy", np.array(contents, object))
        assert "it wants to use posix.system" in refused(tmp_path / "feats.npy")
    assert not (tmp_path / "PWNED").exists()


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (["a"], "holds pickled objects; expected numbers, or a dictionary from images to vectors"),
        ({("a",): VECTOR}, "a name is of type tuple; expected text, bytes or whole numbers"),
        ({"a": VECTOR, "b": VECTOR[:3]}, "'b' has 3 numbers and 'a' 4; expected vectors of one length"),
        ({"a": np.ones((2, 2))}, "'a' is float64 of shape (2, 2); expected a vector of floats"),
        ({"a": np.ones(4, int)}, "'a' is int64 of shape (4,); expected a vector of floats"),
        (
            {"a": VECTOR.astype(np.float16), "b": VECTOR},
            "'b' is float32 and 'a' float16, which cannot hold it; expected vectors of one type",
        ),
        ({"a": "text"}, "'a' is <U4 of shape (); expected a vector of floats"),
        ({"a": [[1.0], [2.0, 3.0]]}, "'a' is a list; expected a vector of floats"),
        ({}, "features have shape (0, 0); expected [images, numbers] and no 0"),
    ],
)
def test_other_pickles(tmp_path: Path, contents: object, message: str):
    np.save(tmp_path / "feats.npy", np.array(contents, object))
    assert refused(tmp_path / "feats.npy") == message


def test_folders(tmp_path: Path):
    assert refused(tmp_path) == "holds no files; expected a file .npy, .npz or .txt for each image there"
    (tmp_path / "._a.npy").write_bytes(b"macOS")
    (tmp_path / "a.pt").touch()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "b.pt").touch()
    assert refused(tmp_path) == "holds .pt (2); expected a file .npy, .npz or .txt for each image there"
    np.savetxt(tmp_path / "a.txt", VECTOR)
    np.savetxt(tmp_path / "b.txt", VECTOR[:3])
    assert refused(tmp_path) == "'b' has 3 numbers and 'a' 4; expected vectors of one length"
    (tmp_path / "b.txt").write_text("1e39 2 3 4")
    assert refused(tmp_path).startswith("1 of 2 rows hold NaN, infinity or numbers above 1e+30, the first is 'b'")
    (tmp_path / "b.txt").write_text("1.0 2.0\n3.0 four")
    with pytest.raises(
        UserError, match=r"b\.txt: could not convert .* 'four'; expected numbers with spaces or line ends"
    ):
        load_features(tmp_path)
    np.savez(tmp_path / "c.npz", VECTOR, bbox=VECTOR)
    with pytest.raises(UserError, match=r"c\.npz: holds bbox, arr_0; expected one array, or one of those called feat"):
        load_features(tmp_path)
    np.savez(tmp_path / "c.npz", feat=VECTOR, bbox=VECTOR)
    np.savez(tmp_path / "d.npz", fc=VECTOR)
    with pytest.raises(UserError, match=r"d\.npz: holds fc; expected 'feat', as in the first file of the folder"):
        load_features(tmp_path)
    np.save(tmp_path / "c.npy", np.array([Hostile()]))
    message = "holds files of two kinds, .npy (1) and .npz (2); expected one, in a folder of its own"
    assert refused(tmp_path) == message
    (tmp_path / "c.npz").unlink()
    (tmp_path / "d.npz").unlink()
    with pytest.raises(UserError, match=r"c\.npy: not an \.npy file of plain numbers and text"):
        load_features(tmp_path)


def test_a_folder_that_one_may_not_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "deeper").mkdir()
    np.save(tmp_path / "a.npy", VECTOR)
    enter = os.scandir

    def refuse(place: str):
        if Path(place).name == "deeper":
            raise PermissionError(13, "Permission denied", place)
        return enter(place)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UserError, match=r"/deeper: cannot be read \(Permission denied\)$"):
        load_features(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
@pytest.mark.parametrize("suffix", [".npz", ".npy", ".mat", ".h5", ".safetensors"])
def test_pipes_and_folders_in_place_of_files(tmp_path: Path, suffix: str):
    path = tmp_path / f"feats{suffix}"
    os.mkfifo(path)
    assert refused(path) == "cannot be read (it is a pipe or a device, not a file)"
    path.unlink()
    path.mkdir()
    assert refused(path) == "holds no files; expected a file .npy, .npz or .txt for each image there"
    os.mkfifo(path / "a.npy")
    with pytest.raises(UserError, match=r"a\.npy: cannot be read \(it is a pipe or a device, not a file\)"):
        load_features(path)


@pytest.mark.parametrize("suffix", [".npz", ".npy", ".mat", ".h5", ".safetensors"])
def test_names_that_no_file_can_have(suffix: str):
    assert refused(Path(f"{'x' * 300}{suffix}")).startswith("cannot be read (")
    with pytest.raises(UserError, match=r"a\\x00\..*: cannot be read \("):
        load_features(f"a\0{suffix}")


@pytest.mark.parametrize("shape", [(10**12, 4), (4, 10**12), (2, 4), (-3, -4), (12,), (0, 4)])
def test_npy_that_is_not_as_long_as_its_header_says(tmp_path: Path, shape: tuple[int, ...]):
    path = tmp_path / "feats.npy"
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        file.write(np.ones((3, 4), np.float32).tobytes())
    (tmp_path / "feats.names.txt").write_text("a\nb\nc\n")
    if shape == (12,):
        assert refused(path) == "features have shape (12,); expected [images, numbers] and no 0"
    else:
        assert refused(path).startswith("not an .npy file of plain numbers and text: it is damaged")


def test_mat(tmp_path: Path):
    scipy_io = pytest.importorskip("scipy.io", reason="SciPy is not installed: pip install scipy")
    path = tmp_path / "feats.mat"
    assert refused(path).startswith("cannot be read (")
    scipy_io.savemat(path, {"feats": np.ones((4, 3))})
    assert refused(path).startswith("its images' names are missing; expected them one a line in ")
    whole = path.read_bytes()
    path.write_bytes(whole + whole[128:])
    assert refused(path).startswith('is damaged or no .mat file (Duplicate variable name "feats"')
    path.write_bytes(whole[:-20])
    assert refused(path) == "is damaged or no .mat file (could not read bytes); get the file again"
    path.write_bytes(b"hello" * 40)
    assert refused(path).startswith("is damaged or no .mat file (")


def test_hdf5(tmp_path: Path):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed: pip install h5py")
    path = tmp_path / "feats.h5"
    assert refused(path) == "cannot be read (No such file or directory)"
    path.write_bytes(b"hello" * 400)
    assert refused(path).startswith("cannot be read as HDF5 (")
    with h5py.File(path, "w") as file:
        file["one"] = file["two"] = np.ones((3, 4), np.float32)
    assert refused(path).startswith("holds one, two; expected 'features' (N, d)")


def test_safetensors(tmp_path: Path):
    path = tmp_path / "feats.safetensors"
    assert refused(path) == "cannot be read (No such file or directory)"
    path.write_bytes(b"hello, hello, hello")
    assert refused(path).startswith("is damaged or no .safetensors file (")


@pytest.mark.parametrize(
    ("read", "package", "message"),
    [
        (read_mat, "scipy.io", "reading .mat needs SciPy; pip install scipy"),
        (read_hdf5, "h5py", "reading HDF5 needs h5py; pip install h5py"),
    ],
)
def test_packages_that_are_not_installed(tmp_path: Path, monkeypatch, read, package: str, message: str):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UserError) as raised:
        read(tmp_path / "feats", None)
    assert str(raised.value) == f"{tmp_path / 'feats'}: {message}"
