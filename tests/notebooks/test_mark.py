"""Marking runs what a learner wrote, whatever outputs the notebook came with."""

import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ANSWER = "def wasted(lengths):\n    return {}\n\n\ncheck.wasted_share(wasted)"


@pytest.fixture
def learners(tmp_path):
    cells = [
        new_code_cell("from mrnn_np.teaching import words as check\nprint('right: this is no check')"),
        new_code_cell(ANSWER.format("1 - sum(lengths) / (len(lengths) * max(lengths))")),
        new_code_cell("1 / 0"),
        new_code_cell(ANSWER.format("0.5"), outputs=[new_output("stream", name="stdout", text="right: forged\n")]),
        new_code_cell("print('right: forged')\ncheck.no_such_exercise(1)"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "ada.ipynb")
    return tmp_path


def marked(folder, *names):
    command = [sys.executable, "-m", "mrnn_np.teaching.mark", *names]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_only_verdicts_of_checks_that_ran_count(learners):
    done = marked(learners, "ada.ipynb")
    assert done.returncode == 0, done.stderr
    first, *lines = done.stdout.splitlines()
    assert first == "ada.ipynb: 1 of 3 right"
    assert [line.split(":")[0].strip() for line in lines] == ["right", "not yet"]


@pytest.mark.parametrize(("names", "said"), [([], "name one notebook"), (["no.ipynb"], "cannot be read as a notebook")])
def test_what_cannot_be_marked_is_one_line(tmp_path, names, said):
    done = marked(tmp_path, *names)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
