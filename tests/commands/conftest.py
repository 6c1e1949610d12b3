"""Commands run as their users run them: in a process of their own."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest


def environment() -> dict[str, str]:
    """The environment commands run in."""
    return {**os.environ, "OPENBLAS_NUM_THREADS": "1"}


@pytest.fixture
def run(tmp_path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `python -m mrnn_np.NAME ARGUMENTS...` in an empty folder and return what came of it."""

    def run_command(name, *arguments, **options):
        command = [sys.executable, "-m", f"mrnn_np.{name}", *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, **options)

    return run_command


@pytest.fixture
def start(tmp_path) -> Callable[..., "subprocess.Popen[str]"]:
    """Start `python -m mrnn_np.NAME ARGUMENTS...` and return the running process."""
    processes = []

    def start_command(name, *arguments):
        command = [sys.executable, "-m", f"mrnn_np.{name}", *map(str, arguments)]
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        processes.append(process)
        return process

    yield start_command
    for process in processes:
        process.kill()
        process.communicate()
