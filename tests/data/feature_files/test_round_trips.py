"""Every form of feature file gives back what was written into it, in both float types that people store."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mrnn_np.data.features import load_features

NAMES = ("a.jpg", "b.jpg", "c.jpg")
VALUES = np.arange(12, dtype=np.float32).reshape(3, 4) / 4


def write_h5(path: Path, arrays: dict[str, Any], **options: Any) -> None:
    h5py = pytest.importorskip("h5py", reason="h5py is not installed: pip install h5py")
    with h5py.File(path, "w", userblock_size=512) as file:  # where MATLAB writes its own header
        for name, array in arrays.items():
            file.create_dataset(name, data=array, **(options if np.ndim(array) == 2 else {}))


def write_mat(path: Path, arrays: dict[str, Any]) -> None:
    scipy_io = pytest.importorskip("scipy.io", reason="SciPy is not installed: pip install scipy")
    scipy_io.savemat(path, arrays)


def write_safetensors(path: Path, arrays: dict[str, Any]) -> None:
    header, body = {}, b""
    for name, array in arrays.items():
        dtype = {"float16": "F16", "float32": "F32"}[str(array.dtype)]
        header[name] = {"dtype": dtype, "shape": array.shape, "data_offsets": (len(body), len(body) + array.nbytes)}
        body += array.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def write(form: str, folder: Path, values: Any) -> Path:
    """Write features in a form, with their names in the file or beside it, and return what to load."""
    whole = {"features": values, "names": np.array(NAMES)}
    each = dict(zip(NAMES, values, strict=True))
    file, _, how = form.partition(" ")
    path = folder / file
    match path.suffix, how:
        case ".npz", "":
            np.savez(path, **whole)
        case ".npz", "each":
            np.savez(path, **each)
        case ".npy", "":
            np.save(path, values)
        case ".npy", "dictionary":
            np.save(path, each)
        case ".h5", "":
            write_h5(path, {"features": values, "names": list(NAMES)})
        case ".h5", "compressed":
            write_h5(path, {"my/fc7": values, "ids": np.char.encode(NAMES)}, compression="gzip")
        case ".h5", "each":
            write_h5(path, each)
        case ".mat", "":
            write_mat(path, {"feats": values.T, "names": np.array(NAMES, object)})
        case ".mat", "characters":
            write_mat(path, {"feats": values.T, "names": ["a.jpg", "b.jpg", "c.jpg"]})
        case ".mat", "7.3":
            write_h5(path, {"feats": values, "#refs#/a": np.zeros((2, 2))})  # [d, N] in MATLAB is [N, d] in the file
            path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM" + path.read_bytes()[128:])
        case ".safetensors", "":
            write_safetensors(path, {"features": values})
        case ".safetensors", "each":
            write_safetensors(path, each)
        case "", "npy":
            (path / "deeper").mkdir(parents=True)
            for name, vector in each.items():
                np.save(path / f"{name}.npy", vector[None])
                (path / f"._{name}.npy").write_bytes(b"what macOS keeps beside files")
        case "", "npz":
            path.mkdir()
            for name, vector in each.items():
                np.savez(path / f"{name}.npz", feat=vector)
        case "", "txt":
            path.mkdir()
            for name, vector in each.items():
                np.savetxt(path / f"{name}.txt", vector, fmt="%.6e")
    if how in ("", "7.3") and path.suffix not in (".npz", ".h5") and form != "feats.mat":
        (folder / "feats.names.txt").write_text("\n".join(NAMES))
    return path


FORMS = (
    "feats.npz",
    "feats.npz each",
    "feats.npy",
    "feats.npy dictionary",
    "feats.h5",
    "feats.h5 compressed",
    "feats.h5 each",
    "feats.mat",
    "feats.mat characters",
    "feats.mat 7.3",
    "feats.safetensors",
    "feats.safetensors each",
    "feats npy",
    "feats npz",
    "feats txt",
)


HALF = tuple(form for form in FORMS if form not in ("feats.mat", "feats.mat characters"))  # MATLAB has no float16


@pytest.mark.parametrize(
    ("form", "dtype"), [*((form, np.float32) for form in FORMS), *((form, np.float16) for form in HALF)]
)
def test_round_trip(tmp_path: Path, form: str, dtype: type):
    values = VALUES.astype(dtype)
    path = write(form, tmp_path, values)
    loaded = load_features(path)
    assert loaded.names == NAMES
    np.testing.assert_array_equal(loaded.values, values)
    assert loaded.values.dtype == (np.float32 if form == "feats txt" else dtype)
    assert loaded.path == str(path)


@pytest.mark.parametrize("form", ["feats.npy", "feats.h5", "feats.mat 7.3", "feats.safetensors"])
def test_what_is_stored_in_one_piece_is_memory_mapped(tmp_path: Path, form: str):
    loaded = load_features(write(form, tmp_path, VALUES))
    assert isinstance(loaded.values, np.memmap)
    assert not loaded.values.flags.writeable


def test_neuraltalk(tmp_path: Path):
    """vgg_feats.mat and dataset.json: the columns are in the order of the images' imgid."""
    write_mat(tmp_path / "vgg_feats.mat", {"feats": VALUES.T})
    images = [{"imgid": number, "filename": NAMES[number], "split": "train", "sentences": []} for number in (2, 0, 1)]
    (tmp_path / "dataset.json").write_text(json.dumps({"images": images}))
    loaded = load_features(tmp_path / "vgg_feats.mat")
    assert loaded.names == NAMES
    np.testing.assert_array_equal(loaded.values, VALUES)


def test_rows_or_columns(tmp_path: Path):
    """As many names as rows and columns: MATLAB's images are columns, all others' rows."""
    square = np.arange(9, dtype=np.float32).reshape(3, 3)
    write_mat(tmp_path / "a.mat", {"feats": square, "names": np.array(NAMES, object)})
    np.testing.assert_array_equal(load_features(tmp_path / "a.mat").values, square.T)
    np.savez(tmp_path / "a.npz", feats=square, names=NAMES)
    np.testing.assert_array_equal(load_features(tmp_path / "a.npz").values, square)
    np.savez(tmp_path / "b.npz", feats=VALUES.T, ids=np.array([[7, 8, 9]]))
    loaded = load_features(tmp_path / "b.npz")
    np.testing.assert_array_equal(loaded.values, VALUES)
    assert loaded.names == ("7", "8", "9")


def test_the_authors_dictionary_by_number(tmp_path: Path):
    np.save(tmp_path / "VGG_feat.npy", {9: VALUES[0], 25: VALUES[1]})
    loaded = load_features(tmp_path / "VGG_feat.npy")
    assert loaded.names == ("9", "25")
    np.testing.assert_array_equal(loaded.values, VALUES[:2])
    assert loaded.row_of["COCO_train2014_000000000025.jpg"] == 1


def test_a_folder_of_npz_with_boxes_beside_the_features(tmp_path: Path):
    for name, vector in zip(NAMES, VALUES, strict=True):
        np.savez(tmp_path / f"{name}.npz", bbox=np.zeros((1, 4)), feat=vector)
    np.testing.assert_array_equal(load_features(tmp_path).values, VALUES)


def test_the_authors_folders(tmp_path: Path):
    (tmp_path / "train2014").mkdir()
    np.savetxt(tmp_path / "train2014" / "COCO_train2014_000000000009.txt", VALUES[0], fmt="%.6e")
    loaded = load_features(tmp_path)
    assert loaded.names == ("train2014/COCO_train2014_000000000009",)
    assert loaded.row_of["COCO_train2014_000000000009.jpg"] == 0
