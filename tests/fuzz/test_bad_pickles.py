"""Pickles made to do harm do none: nothing is run, and nothing hangs, ends the interpreter or fills the memory."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).with_name("read_bad_pickles.py")


def test_bad_pickles_do_no_harm():
    done = subprocess.run([sys.executable, SCRIPT, "300", "0", "2000"], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "300 hostile pickles, 0 did harm" in done.stdout
