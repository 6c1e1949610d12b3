"""Notebooks for nbgrader: every exercise has a hidden test behind it, which fails where the answer is wrong."""

import ast
import subprocess
import sys
from collections import Counter

import nbformat
import pytest
from execution import NOTEBOOKS
from nbformat.v4 import new_code_cell, new_notebook

from mrnn_np.teaching.exercise import Refused
from mrnn_np.teaching.for_nbgrader import graded

LEARNERS = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))


def hidden_tests_of(path):
    notebook = graded(nbformat.read(path, as_version=4))
    nbformat.validate(notebook)
    return [cell for cell in notebook.cells if "nbgrader" in cell.metadata]


@pytest.fixture(scope="module")
def every_test():
    return {path.name: hidden_tests_of(path) for path in LEARNERS}


def test_every_exercise_has_a_test_that_is_hidden_and_counts(every_test):
    for path in LEARNERS:
        code = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
        asked = [node for source in code for node in ast.parse(source).body if ast.unparse(node).startswith("check.")]
        assert len(every_test[path.name]) == len(asked) > 0
    for cell in (cell for tests in every_test.values() for cell in tests):
        assert cell.source.startswith("### BEGIN HIDDEN TESTS\nfrom mrnn_np.teaching import ")
        assert cell.source.endswith("\n### END HIDDEN TESTS")
        about = cell.metadata.nbgrader
        assert (about.grade, about.locked, about.solution, about.points) == (True, True, False, 1)
    ids = Counter(cell.metadata.nbgrader.grade_id for tests in every_test.values() for cell in tests)
    assert max(ids.values()) == 1


def test_a_test_passes_for_a_right_answer_only(every_test):
    (recall,) = (
        cell.source
        for cell in every_test["09_retrieval_and_metrics.ipynb"]
        if cell.metadata.nbgrader.grade_id == "retrieval-recall"
    )

    def first_k(scores, right, K):
        return sum(item in row.argsort()[::-1][:K] for row, item in zip(scores, right, strict=True)) / len(right)

    exec(recall, {"recall": first_k})
    with pytest.raises(Refused, match="whatever K is"):
        exec(recall, {"recall": lambda scores, right, K: first_k(scores, right, 1)})
    with pytest.raises(Refused, match="nothing comes back"):
        exec(recall, {"recall": lambda scores, right, K: ...})


def written(folder, *arguments):
    command = [sys.executable, "-m", "mrnn_np.teaching.for_nbgrader", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_notebooks_are_written_into_the_folder(tmp_path):
    done = written(tmp_path, "source/m-rnn", str(LEARNERS[0]), str(LEARNERS[1]))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"source/m-rnn/{path.name}" for path in LEARNERS[:2]]
    for path in LEARNERS[:2]:
        nbformat.validate(nbformat.read(tmp_path / "source/m-rnn" / path.name, as_version=4))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a folder, and one notebook or more"),
        (["out"], "name a folder, and one notebook or more"),
        (["out", "none.ipynb"], "none.ipynb: cannot be used"),
        (["out", "empty.ipynb"], "empty.ipynb: cannot be used (no exercise of this course is in it)"),
        (["out", "text.ipynb"], "text.ipynb: cannot be used"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path, arguments, said):
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), tmp_path / "empty.ipynb")
    (tmp_path / "text.ipynb").write_text("no notebook", encoding="utf-8")
    done = written(tmp_path, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr
