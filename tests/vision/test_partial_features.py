"""Rows of features on their way to a file: what a kill, a full disk or another command leaves is made good or told."""

import json
import os

import numpy as np
import pytest

from mrnn_np.data.features import load_features
from mrnn_np.errors import UserError
from mrnn_np.vision import partial_features
from mrnn_np.vision.partial_features import PartialFeatures, reserve

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

    os.truncate(names, names.stat().st_size - 1)  # the third name is, but its line is not
    assert PartialFeatures(out, 3, SOURCE).names == ["a", "b"]

    partial = PartialFeatures(out, 3, SOURCE)
    partial.append(["c"], rows[2:3])
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
    assert (tmp_path / "f.npz.part.names").read_text() == json.dumps({"source": SOURCE, "computed": ""}) + "\n"


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


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    partial = PartialFeatures(tmp_path / "f.npz", 3, SOURCE)
    (tmp_path / "f.npz.part").unlink()
    (tmp_path / "f.npz.part").mkdir()
    with pytest.raises(UserError, match=r"f.npz: cannot be written \(Is a directory\)"):
        partial.append(["a"], np.ones((1, 3), np.float32))


@pytest.mark.parametrize("header", [b"[]\n", b"{\n", b"\xff\n", b"[" * 100_000 + b"\n", b"3\n"])
def test_a_damaged_beginning_is_one_line(header, tmp_path):
    (tmp_path / "f.npz.part.names").write_bytes(header)
    with pytest.raises(UserError, match="is damaged, or left from another version; delete it or choose another --out"):
        PartialFeatures(tmp_path / "f.npz", 3, SOURCE)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_pipes_in_the_place_of_files_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "f.npz.part")
    with pytest.raises(UserError, match="it is a pipe or a device"):
        reserve(tmp_path / "f.npz")
    os.mkfifo(tmp_path / "f.npz.part.names")
    with pytest.raises(UserError, match="it is a pipe or a device"):
        PartialFeatures(tmp_path / "f.npz", 3, SOURCE)


def test_a_file_made_while_the_lock_was_waited_for_is_not_overwritten(tmp_path, monkeypatch):
    lock = partial_features.lock
    monkeypatch.setattr(partial_features, "lock", lambda path: (tmp_path / "f.npz").write_bytes(b"x") and lock(path))
    with pytest.raises(UserError, match="exists already"):
        reserve(tmp_path / "f.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["f.npz"]
