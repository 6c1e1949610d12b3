"""Feature files: both formats, everything that can be wrong with them, and the standardisation."""

import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from mrnn_np.data import features as module
from mrnn_np.data.features import Features, Standardiser, load_features, save_features
from mrnn_np.errors import UserError

NAMES = ("a.jpg", "b.jpg", "c.jpg")
VALUES = np.arange(12, dtype=np.float32).reshape(3, 4)


def write_npz(path: Path, **changes: object) -> Path:
    np.savez(path, **{"features": VALUES, "names": np.array(NAMES), **changes})
    return path


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_npz_round_trip(tmp_path: Path, dtype: type):
    path = tmp_path / "feats.npz"
    save_features(path, NAMES, VALUES.astype(dtype), {"cnn": "small", "layer": "fc7"})
    loaded = load_features(path)
    assert loaded.names == NAMES
    assert loaded.values.dtype == dtype
    np.testing.assert_array_equal(loaded.values, VALUES)
    assert loaded.path == str(path)
    assert loaded.source == {"cnn": "small", "layer": "fc7"}
    assert loaded.row_of == {"a.jpg": 0, "b.jpg": 1, "c.jpg": 2}
    assert loaded.width == 4
    assert os.listdir(tmp_path) == ["feats.npz"]


def test_npz_of_others(tmp_path: Path):
    names = np.array([b"a.jpg", "caf\u00e9.jpg".encode(), b"c.jpg"])
    path = tmp_path / "feats.npz"
    np.savez_compressed(path, features=VALUES, names=names, more=np.zeros(7))
    loaded = load_features(str(path))
    assert loaded.names == ("a.jpg", "caf\u00e9.jpg", "c.jpg")
    assert loaded.source == {}


def test_npy_is_memory_mapped(tmp_path: Path):
    np.save(tmp_path / "my.feats.npy", VALUES)
    (tmp_path / "my.feats.names.txt").write_bytes(b"a.jpg\r\nb.jpg\r\nc.jpg")
    loaded = load_features(tmp_path / "my.feats.npy")
    assert isinstance(loaded.values, np.memmap)
    assert not loaded.values.flags.writeable
    np.testing.assert_array_equal(loaded.values, VALUES)
    assert loaded.names == NAMES
    assert loaded.source == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": VALUES[0]}, r"features have shape \(4,\); expected \[images, numbers\] and no 0"),
        ({"features": VALUES[:0], "names": np.array([], "U1")}, r"features have shape \(0, 4\); expected"),
        ({"features": VALUES[:, :0]}, r"features have shape \(3, 0\); expected"),
        ({"features": VALUES.astype(int)}, "features are int64; expected float16, float32 or float64"),
        ({"features": VALUES.astype(complex)}, "features are complex128; expected float16"),
        ({"features": VALUES.astype(str)}, "features are <U32; expected float16"),
        ({"features": VALUES[:2]}, "2 rows of features but 3 names; expected one name a row"),
        ({"names": np.array(["a", "b", "a"])}, "2 rows are named 'a'; expected each image once"),
        (
            {"names": np.array(["caf\u00e9", "./cafe\u0301", "a"])},
            "2 rows are named 'caf\u00e9' in 2 spellings; expected each image once",
        ),
        ({"names": np.array(["x\\a", "b", "x/a"])}, "2 rows are named 'x/a' in 2 spellings; expected each image once"),
        ({"names": np.array(["a", "b", " "])}, "row 3 has no name; expected one name a row"),
        ({"names": np.array([1, 2.5, 3])}, "a name is of type float; expected text, bytes or whole numbers"),
        (
            {"names": np.array([1, 2, 2.0**53])},
            "names are float64, some of them NaN or too large for it to tell apart; save",
        ),
        ({"names": np.array([1, 2, 2.0**24], np.float32)}, "names are float32, some of them NaN or too large for it"),
        (
            {"names": np.array([1, 2, np.nan])},
            "names are float64, some of them NaN or too large for it to tell apart; save",
        ),
        ({"names": np.array([True, False, True])}, r"names are bool of shape \(3,\); expected a row of text, bytes or"),
        ({"names": np.array([NAMES] * 2)}, "3 rows of features but 6 names; expected one name a row"),
        (
            {"names": np.array([["a", "b"], ["c", "d"]])},
            r"names are <U1 of shape \(2, 2\); expected a row of text, bytes or whole",
        ),
        ({"names": np.array([b"a", b"caf\xe9", b"c"])}, r"the name b'caf\\xe9' is not UTF-8; save the names"),
        ({"source": np.array("VGG")}, "source is 'VGG'; expected a JSON object of strings"),
        ({"source": np.array('["VGG"]')}, "source is '.*'; expected a JSON object of strings"),
        ({"source": np.array('{"layer": 7}')}, "source is '.*'; expected a JSON object of strings"),
        ({"source": np.array("[" * 100_000)}, r"source is '\[{60}'; expected a JSON object of strings"),
    ],
)
def test_npz_with_wrong_content(tmp_path: Path, changes: dict[str, np.ndarray], message: str):
    path = write_npz(tmp_path / "feats.npz", **changes)
    with pytest.raises(UserError, match=rf"feats\.npz: {message}"):
        load_features(path)


class Hostile:
    def __reduce__(self):
        return os.mkdir, ("PWNED",)


def test_npz_whose_names_are_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for names in (list(NAMES), [np.str_(name) for name in NAMES], [name.encode() for name in NAMES]):
        loaded = load_features(write_npz(tmp_path / "feats.npz", names=np.array(names, object)))
        assert loaded.names == NAMES
        np.testing.assert_array_equal(loaded.values, VALUES)
    assert load_features(write_npz(tmp_path / "feats.npz", names=np.array([7, 8.0, "x"], object))).names == (
        "7",
        "8",
        "x",
    )
    for names, reason in (
        (["a", None, "c"], "a name is of type NoneType"),
        (["a", Hostile(), "c"], "names.npy: not an"),
    ):
        with pytest.raises(UserError, match=rf"^feats\.npz: {reason}"):
            load_features(write_npz(Path("feats.npz"), names=np.array(names, object)))
    with pytest.raises(UserError, match="features are object; expected float16, float32 or float64"):
        load_features(write_npz(tmp_path / "feats.npz", features=VALUES.astype(object)))
    assert os.listdir(tmp_path) == ["feats.npz"]


@pytest.mark.parametrize(
    ("arrays", "found"),
    [
        ({"names": VALUES}, "holds names; "),
        ({"features": VALUES}, "holds no array 'names'; "),
        ({"x": VALUES}, "holds no array 'names'; "),
        ({"x": VALUES, "y": VALUES}, "holds x, y; "),
        ({"x": np.array(3)}, "holds x; "),
        ({}, "holds nothing; "),
    ],
)
def test_npz_without_an_array(tmp_path: Path, arrays: dict[str, np.ndarray], found: str):
    path = tmp_path / "feats.npz"
    np.savez(path, **arrays)
    with pytest.raises(
        UserError, match=rf"feats\.npz: {found}expected 'features' \(N, d\) and 'names' \(N,\), or a vec"
    ):
        load_features(path)


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (np.nan, np.float16),
        (np.inf, np.float16),
        (-np.inf, np.float32),
        (np.nan, ">f4"),
        (-3e38, np.float32),
        (1e39, np.float64),
        (np.nan, np.float64),
    ],
)
@pytest.mark.parametrize("chunk", [1, 8, 2**20])
def test_numbers_that_are_not_finite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value, dtype, chunk: int):
    monkeypatch.setattr(module, "_CHUNK", chunk)
    values = VALUES.astype(dtype)
    values[1:, 3] = value
    path = write_npz(tmp_path / "feats.npz", features=values)
    with pytest.raises(UserError, match=r"2 of 3 rows hold NaN, infinity or .* 1e\+30, the first is 'b\.jpg'; extract"):
        load_features(path)


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_files_that_are_damaged_foreign_or_pickled(tmp_path: Path, suffix: str):
    path = tmp_path / f"feats{suffix}"
    (tmp_path / "feats.names.txt").write_text("a.jpg\nb.jpg\nc.jpg\n")
    np.save(tmp_path / "whole.npy", VALUES)
    whole = {
        ".npz": write_npz(tmp_path / "whole.npz").read_bytes(),
        ".npy": (tmp_path / "whole.npy").read_bytes(),
    }
    other = whole[".npy" if suffix == ".npz" else ".npz"]
    cut = [whole[suffix][:end] for end in (0, 5, 60, len(whole[suffix]) - 1)]
    broken_header = whole[".npy"].replace(b"(3, 4)", b"(3, 4 ")  # makes NumPy raise an error of the tokenizer
    bad = [*cut, b"not features", other, pickle.dumps({"features": 1})]
    for content in [*bad, broken_header] if suffix == ".npy" else bad:
        path.write_bytes(content)
        with pytest.raises(UserError, match=rf"feats{suffix}: not an {suffix} file of plain numbers and text: it is"):
            load_features(path)
    path.write_bytes(whole[suffix])
    assert load_features(path).names == NAMES


def test_npz_that_claims_more_than_it_holds(tmp_path: Path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**15, 100)})
    with zipfile.ZipFile(tmp_path / "feats.npz", "w") as archive:
        archive.writestr("features.npy", header.getvalue())
    with pytest.raises(UserError, match=r"feats\.npz: not an \.npz file of plain numbers and text: it is damaged"):
        load_features(tmp_path / "feats.npz")


@pytest.mark.parametrize("name", ["feats.npz", "feats.npy"])
def test_missing_file(tmp_path: Path, name: str):
    with pytest.raises(UserError, match=rf"{name}: cannot be read \(No such file or directory\)$"):
        load_features(tmp_path / name)


def test_npy_without_names(tmp_path: Path):
    np.save(tmp_path / "feats.npy", VALUES)
    message = r"feats\.npy: its images' names are missing; expected them one a line in .*feats\.names\.txt$"
    with pytest.raises(UserError, match=message):
        load_features(tmp_path / "feats.npy")


@pytest.mark.parametrize("name", ["feats.txt", "feats", "feats.NPZ"])
def test_unknown_suffix(tmp_path: Path, name: str):
    with pytest.raises(UserError, match=rf"{name}: not a kind of feature file that is known; expected a folder,"):
        load_features(tmp_path / name)


def test_save_refuses_what_could_not_be_loaded(tmp_path: Path):
    with pytest.raises(UserError, match=r"feats\.npy: features cannot be saved under this name; expected one that"):
        save_features(tmp_path / "feats.npy", NAMES, VALUES, {})
    with pytest.raises(UserError, match=r"feats\.npz: 3 rows of features but 2 names"):
        save_features(tmp_path / "feats.npz", NAMES[:2], VALUES, {})
    assert os.listdir(tmp_path) == []


def test_standardiser_none():
    standardiser = Standardiser.fit(VALUES, np.array([0, 1]), "none")
    np.testing.assert_array_equal(standardiser.apply(VALUES), VALUES)


def test_standardiser_center_uses_the_given_rows_alone():
    values = np.array([[1, 5], [3, 5], [100, 100]], np.float16)
    applied = Standardiser.fit(values, np.array([0, 1]), "center").apply(values)
    assert applied.dtype == np.float32
    np.testing.assert_array_equal(applied, [[-1, 0], [1, 0], [98, 95]])


def test_standardiser_column():
    values = np.array([[1, 10], [3, 30], [5, 50]], np.float64)
    standardiser = Standardiser.fit(values, np.array([0, 1]))
    assert standardiser.mean.dtype == standardiser.scale.dtype == np.float32
    np.testing.assert_allclose(standardiser.apply(values), [[-1, -1], [1, 1], [3, 3]], rtol=1e-6)


def test_standardiser_column_does_not_blow_up_columns_that_hardly_vary():
    # Deviations 3, 0 and 0.001: their root mean square is sqrt(3), which times 0.01 is the least divisor.
    values = np.array([[0, 0.1, 1], [6, 0.1, 1.002], [3, 0.5, 2]])
    standardiser = Standardiser.fit(values, np.array([0, 1]), "column")
    floor = 0.01 * 3**0.5
    np.testing.assert_allclose(standardiser.scale, [3, floor, floor], rtol=1e-6)
    applied = standardiser.apply(values)
    np.testing.assert_array_equal(applied[:2, 1], [0, 0])
    np.testing.assert_allclose(applied[2, 1], 0.4 / floor, rtol=1e-6)


@pytest.mark.parametrize("how", ["column", "global"])
def test_standardiser_of_constant_features(how: str):
    values = np.full((5, 3), 0.1, np.float16)
    applied = Standardiser.fit(values, np.arange(5), how).apply(values)
    np.testing.assert_array_equal(applied, np.zeros((5, 3)))


@pytest.mark.parametrize("how", ["column", "global"])
@pytest.mark.parametrize(
    "column",
    [
        np.array([1e-40, 2e-40, 3e-40, 5e-40]),  # deviations of which float32 makes 0
        np.array([1e30, 1e30, 1e30, 1e30]),
        1e6 + np.array([1e-9, 2e-9, 3e-9, 5e-9]),  # float32 cannot tell them apart
        np.array([0.1, 0.1, 0.1, 0.1]),
    ],
)
def test_standardiser_of_columns_that_are_constant_in_float32(how: str, column: np.ndarray):
    values = np.stack([column, column], axis=1)
    applied = Standardiser.fit(values, np.arange(4), how).apply(values)
    np.testing.assert_allclose(applied, np.zeros((4, 2)), atol=1e-30)


@pytest.mark.parametrize("how", ["column", "global"])
@pytest.mark.parametrize("size", [1e-25, 1e-5, 1e4, 1e30])
def test_standardiser_of_any_size(how: str, size: float):
    values = np.array([[1, -1], [-1, 1], [1, -1], [-1, 1]]) * size
    np.testing.assert_allclose(Standardiser.fit(values, np.arange(4), how).apply(values), values / size, rtol=1e-6)


@pytest.mark.parametrize("how", ["column", "global"])
def test_standardiser_beside_a_constant_column_of_large_numbers(how: str):
    values = np.array([[1e9, 1], [1e9, -1], [1e9, 1], [1e9, -1]])
    applied = Standardiser.fit(values, np.arange(4), how).apply(values)
    expected = values[:, 1] if how == "column" else values[:, 1] * 2**0.5
    np.testing.assert_allclose(applied, np.stack([np.zeros(4), expected], axis=1), rtol=1e-6)


def test_standardiser_sums_float16_in_float64():
    values = np.full((100_000, 1), 60_000, np.float16)
    values[::2] = -60_000
    applied = Standardiser.fit(values, np.arange(len(values)), "global").apply(values)
    np.testing.assert_array_equal(applied, np.where(values > 0, 1, -1))


def test_standardiser_global():
    # Centred, the columns hold -1, 1 and -7, 7: the mean square is 25.
    values = np.array([[1, 0], [3, 14]], np.float32)
    standardiser = Standardiser.fit(values, np.array([0, 1]), "global")
    np.testing.assert_array_equal(standardiser.scale, [5, 5])
    np.testing.assert_allclose(standardiser.apply(values), [[-0.2, -1.4], [0.2, 1.4]], rtol=1e-6)


@pytest.mark.parametrize("how", ["center", "column", "global"])
@pytest.mark.parametrize("chunk", [1, 50, 2**20])
def test_standardiser_in_chunks(monkeypatch: pytest.MonkeyPatch, how: str, chunk: int):
    monkeypatch.setattr(module, "_CHUNK", chunk)
    values = np.random.default_rng(0).normal(1000, 1, (101, 7)).astype(np.float32)
    rows = np.random.default_rng(1).permutation(101)[:60]
    standardiser = Standardiser.fit(values, rows, how)
    chosen = values[rows].astype(np.float64)
    spread = {"center": 1.0, "column": chosen.std(axis=0), "global": np.sqrt(chosen.var(axis=0).mean())}[how]
    np.testing.assert_allclose(standardiser.mean, chosen.mean(axis=0), rtol=1e-7)
    np.testing.assert_allclose(standardiser.scale, np.broadcast_to(spread, 7), rtol=1e-6)


def test_features_are_checked_wherever_they_come_from():
    with pytest.raises(UserError, match=r"^memory: 3 rows of features but 1 names"):
        Features(("a",), VALUES, "memory")
