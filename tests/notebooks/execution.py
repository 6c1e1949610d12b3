"""Run a notebook from a fresh kernel, keep what it printed and drew, and compare that with what is committed.

A learner's notebook lies in the repository twice: as it is handed out, where cells that ask for a prediction have no
output, and in executed/ with all of it, to be read on a web page.
"""

import copy
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
VARIES = "varies"
"""The tag of cells whose text differs from run to run: times, rounding errors."""

PREDICT = "predict"
"""The tag of cells that answer a prediction: as handed out, they have no output."""

SECONDS = 120
_ALIAS = re.compile(r" at 0x[0-9a-f]+")
_NUMBER = re.compile(r"(\d[\d,]*\.?\d*(?:e[+-]?\d+)?)")


def every_notebook() -> list[str]:
    """The learners' notebooks and the solutions, by their path under notebooks/."""
    paths = [*NOTEBOOKS.glob("[0-9]*.ipynb"), *NOTEBOOKS.glob("solutions/[0-9]*.ipynb")]
    return sorted(path.relative_to(NOTEBOOKS).as_posix() for path in paths)


def as_executed(name: str) -> Path:
    """The file in which the outputs of a notebook are kept."""
    return NOTEBOOKS / (name if "/" in name else f"executed/{name}")


def claims_of(name: str, notebook: nbformat.NotebookNode) -> dict[int, str]:
    """What the texts of a notebook claim of its numbers, as code to run after the cell of that number.

    It is in claims/, out of the learners' sight: a part of such a file begins with a line "# %% ..." that repeats a
    line of the cell it belongs to.
    """
    path = Path(__file__).parent / "claims" / f"{Path(name).stem}.py"
    if "/" in name or not path.exists():
        return {}
    claims = {}
    _, *parts = path.read_text(encoding="utf-8").split("# %% ")
    for part in parts:
        line, _, code = part.partition("\n")
        (number,) = (
            number
            for number, cell in enumerate(notebook.cells)
            if cell.cell_type == "code" and line in map(str.strip, cell.source.splitlines())
        )
        claims[number] = code
    return claims


def execute(name: str) -> nbformat.NotebookNode:
    """Return a notebook as it is after its cells have run, in its own folder, one after another, from a fresh kernel.

    Raises what nbclient raises when a cell fails or takes longer than SECONDS, or when a claim is not true.
    """
    import nbclient

    path = NOTEBOOKS / name
    notebook = nbformat.read(path, as_version=4)
    claims, cells = claims_of(name, notebook), []
    for number, cell in enumerate(notebook.cells):
        cells.append(cell)
        if cell.cell_type == "code":
            cell.outputs = []
        if number in claims:
            cells.append(nbformat.v4.new_code_cell(claims[number], metadata={"tags": ["claims"]}))
    notebook.cells = cells
    client = nbclient.NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    # One thread a kernel: two kernels run at once, and sums come out in the same order everywhere.
    client.execute(env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    notebook.cells = [cell for cell in cells if "claims" not in cell.metadata.get("tags", [])]
    return tidy(notebook)


def handed_out(executed: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook without the outputs that answer a prediction."""
    notebook = copy.deepcopy(executed)
    for cell in notebook.cells:
        if PREDICT in cell.metadata.get("tags", []):
            cell.outputs, cell.execution_count = [], None
    return notebook


def to_read(executed: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return a notebook for executed/, whose links to anything but its neighbours lead one folder up."""
    notebook = copy.deepcopy(executed)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\((?!\d\d\w?_|https?:|#)", "](../", cell.source)
    return notebook


def execute_apart(name: str) -> nbformat.NotebookNode:
    """Return what `execute` does, run in a process of its own: nbclient leaves sockets and event loops open."""
    done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{name}: {done.stderr[-3000:]}")
    return nbformat.reads(done.stdout, as_version=4)


def tidy(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook without what changes from one run, or one machine, to the next."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type != "code":
            continue
        count = 1 + sum(before.cell_type == "code" for before in notebook.cells[:number])
        cell.execution_count = count
        cell.outputs = _joined(cell.outputs)
        for output in cell.outputs:
            output.pop("metadata", None) if output.output_type == "stream" else output.update(metadata={})
            if output.output_type == "execute_result":
                output.execution_count = count
            if "data" in output and "text/plain" in output.data:
                output.data["text/plain"] = _ALIAS.sub("", output.data["text/plain"])
    return notebook


def _joined(outputs: list[Any]) -> list[Any]:
    """Text printed in one go may arrive in pieces, cut anywhere."""
    joined: list[Any] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last is not None and output.output_type == "stream" == last.output_type and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def text_of(cell: Any) -> str:
    """What a code cell printed and returned, as text; a picture counts as the word that stands for it."""
    parts = []
    for output in cell.get("outputs", []):
        parts.append(output.text if output.output_type == "stream" else output.data.get("text/plain", ""))
    return "\n".join(parts)


def difference(committed: nbformat.NotebookNode, executed: nbformat.NotebookNode) -> str:
    """Say where the text outputs of two runs differ, cells with the tag VARIES left out; "" if they do not."""
    for number, (before, now) in enumerate(zip(committed.cells, executed.cells, strict=True)):
        if before.cell_type == "code" and VARIES not in before.metadata.get("tags", []):
            if not same_text(text_of(before), text_of(now)):
                return f"cell {number}\n--- committed\n{text_of(before)}\n--- now\n{text_of(now)}"
    return ""


def same_text(before: str, now: str) -> bool:
    """Whether two texts are the same but for the last digits of numbers with a decimal point or an exponent."""
    parts, parts_now = _NUMBER.split(before), _NUMBER.split(now)
    return len(parts) == len(parts_now) and all(map(_same_part, parts, parts_now))


def _same_part(before: str, now: str) -> bool:
    both_numbers = _NUMBER.fullmatch(before) and _NUMBER.fullmatch(now)
    if both_numbers and {".", "e"} & set(before + now):
        numbers = (float(text.replace(",", "").rstrip(".")) for text in (before, now))
        return math.isclose(*numbers, rel_tol=0.01, abs_tol=1e-7)
    # Spaces line up columns, so they move when a number grows by a digit.
    return before.split() == now.split()


if __name__ == "__main__":
    print(nbformat.writes(execute(sys.argv[1])))
