"""Commands run as their users run them: in a process of their own."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from by_hand import Slow, in_process

from mrnn_np.data.captions import CaptionData, load_captions
from mrnn_np.data.vocabulary import END
from mrnn_np.training.checkpoint import save_checkpoint
from mrnn_np.training.config import config_of
from mrnn_np.training.setup import new_run


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


@pytest.fixture
def command(tmp_path) -> Callable[..., str]:
    """Run a command in an empty folder, in this process, which is faster, and return what it printed."""
    return lambda name, *arguments: in_process(tmp_path, name, *arguments)


@pytest.fixture(scope="session")
def opinionated(tiny_flickr8k, tmp_path_factory) -> Path:
    """A checkpoint of large random weights: what it says about an image hangs on everything that it is asked."""
    sizes = {"d_e": 6, "d_w": 8, "d_m": 10, "min_count": 1}
    checkpoint = new_run(config_of({"data": f"flickr8k:{tiny_flickr8k}", **sizes})).checkpoint
    rng = np.random.default_rng(3)
    params = checkpoint.params.with_theta(rng.normal(0, 0.7, checkpoint.params.theta.shape).astype(np.float32))
    params["V_I"][...] *= 3
    params["V_y"][...] *= 1.5
    params["b_y"][END] += 0.5
    path = tmp_path_factory.mktemp("opinionated") / "best.npz"
    save_checkpoint(path, replace(checkpoint, params=params))
    return path


@pytest.fixture(scope="session")
def slow(opinionated, tiny_flickr8k) -> Slow:
    """The same checkpoint, asked by hand."""
    return Slow.of(opinionated, tiny_flickr8k / "features.npz")


@pytest.fixture(scope="session")
def data(tiny_flickr8k) -> CaptionData:
    """The captions that it is measured by."""
    return load_captions(f"flickr8k:{tiny_flickr8k}")
