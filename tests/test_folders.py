"""Folders for results: made, refused, and held by one writer at a time."""

import os
import sys

import pytest

from mrnn_np.errors import UserError
from mrnn_np.folders import lock, make_folder, require_unlocked


def test_a_folder_is_made_with_those_above_it_and_may_be_there_already(tmp_path):
    for _ in range(2):
        make_folder(tmp_path / "runs" / "name")
    assert (tmp_path / "runs" / "name").is_dir()


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"--out: .*file cannot be made \(File exists\)"):
        make_folder(tmp_path / "file")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no flock")
def test_one_writer_at_a_time(tmp_path):
    held = lock(tmp_path)
    with pytest.raises(UserError, match=r"another command still writes to .*; let it end or stop it"):
        lock(tmp_path)
    with pytest.raises(UserError, match="another command"):
        require_unlocked(tmp_path)
    os.close(held)
    require_unlocked(tmp_path)
    os.close(lock(tmp_path))
    with pytest.raises(UserError, match=r"gone cannot be read \(No such file or directory\)"):
        lock(tmp_path / "gone")
