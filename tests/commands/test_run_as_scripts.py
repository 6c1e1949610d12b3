"""A command that is run as a script, or Python started in the package's folder, says what to do in one line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mrnn_np

PACKAGE = Path(mrnn_np.__file__).parent
COMMANDS = sorted(path.stem for path in PACKAGE.glob("*.py") if "    run_command(main" in path.read_text())


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A copy of the files in the package's own folder, in a place that is no path of Python's."""
    folder = tmp_path_factory.mktemp("checkout") / "mrnn_np"
    folder.mkdir()
    for path in PACKAGE.glob("*.py"):
        shutil.copy(path, folder)
    return folder


def python(*arguments, cwd, **environment):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.run([sys.executable, *arguments], cwd=cwd, capture_output=True, text=True, env=environment)


def test_all_commands_are_here():
    assert COMMANDS == sorted(
        ("bench", "caption", "compare", "evaluate", "explain", "extract", "gradcheck", "inspect", "retrieve", "train")
    )


@pytest.mark.parametrize("installed", [True, False])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_as_a_script(package, command, installed):
    path = str(PACKAGE.parent) if installed else ""
    done = python(f"mrnn_np/{command}.py", "--help", cwd=package.parent, PYTHONPATH=path)
    line = "error: in its own folder the package hides modules that Python needs; run: python -m mrnn_np.{}\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line.format(command))


@pytest.mark.parametrize("arguments", [("-c", "import numpy"), ("-m", "mrnn_np.train")])
def test_python_started_in_the_folder(package, arguments):
    done = python(*arguments, cwd=package)
    line = "error: in its own folder the package hides modules that Python needs; start it in another folder\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)
