"""A folder is held by one writer at a time."""

import os
import sys

import pytest

from mrnn_np.errors import UserError
from mrnn_np.files import lock, require_unlocked


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
