"""Damaged files of every kind, in the gate a hundred of each."""

import os
import subprocess
import sys
from pathlib import Path


def test_damaged_files_of_every_kind_end_in_a_value_or_in_one_line():
    # A process of its own, since it forks, which one that has threads should not do.
    command = [sys.executable, Path(__file__).with_name("trial.py"), "100"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=1200)
    assert ended.returncode == 0, ended.stdout + ended.stderr
