"""Commands that are killed, or find the disk full, or meet another: in the gate at one call of each kind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ("train", "extract", "retrieve", "evaluate")


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("gcc"), reason="the shim needs Linux and gcc")
def test_nothing_is_lost_at_whatever_write_a_command_fails():
    command = [sys.executable, Path(__file__).with_name("every_write.py"), "few", *COMMANDS]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=1200)
    assert ended.returncode == 0, ended.stdout + ended.stderr
