"""Every notebook runs from a fresh kernel without an error or a warning, and shows what is committed."""

import ast
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise

import nbformat
import pytest
from execution import (
    NOTEBOOKS,
    PREDICT,
    as_executed,
    claims_of,
    difference,
    every_notebook,
    execute_apart,
    handed_out,
    same_text,
    text_of,
    tidy,
    to_read,
)
from names import names_in

LEARNERS = [name for name in every_notebook() if "/" not in name]
CELLS, BYTES, IMPORTS = 27, 500_000, 8
NO_ANSWER = (
    "Is that a description",
    "Why a new network",
    "Now all 2,500 captions",
    "(Orange:",
    "The colours say which",
)
"""How texts begin that follow an answer and give none away."""

PROMPT = re.compile(r"\*\*([Pp]redict|Count|Take a pencil)")


@pytest.fixture(scope="session")
def executed(request: pytest.FixtureRequest) -> Iterator[dict[str, "Future[nbformat.NotebookNode]"]]:
    """Each notebook that a collected test wants, executed or being so; two at a time."""
    items = [item.callspec.params for item in request.session.items if "executed" in getattr(item, "fixturenames", ())]
    with ThreadPoolExecutor(2) as pool:
        yield {name: pool.submit(execute_apart, name) for name in dict.fromkeys(params["name"] for params in items)}


def committed(name: str) -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOKS / name, as_version=4)


def code_of(notebook: nbformat.NotebookNode) -> str:
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def checks_in(name: str) -> set[str]:
    return set(re.findall(r"check\.(\w+)\(", code_of(committed(name))))


@pytest.mark.parametrize("name", every_notebook())
def test_it_runs_and_shows_what_is_committed(name, executed):
    now = executed[name].result()
    warned = [text_of(cell) for cell in now.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]
    assert warned == []
    assert difference(nbformat.read(as_executed(name), as_version=4), now) == ""


@pytest.mark.parametrize("name", LEARNERS)
def test_what_is_handed_out_is_what_was_executed_without_the_answers(name):
    executed = nbformat.read(as_executed(name), as_version=4)
    assert nbformat.writes(to_read(committed(name))) == nbformat.writes(handed_out(executed)), "run refresh.py"


@pytest.mark.parametrize("name", LEARNERS)
def test_a_prediction_can_be_written_down_is_answered_and_has_no_answer_in_sight(name):
    cells = committed(name).cells
    asked = [number for number, cell in enumerate(cells) if cell.cell_type == "markdown" and PROMPT.search(cell.source)]
    assert asked
    for number in asked:
        answer = next(cell for cell in cells[number:] if cell.cell_type == "code")
        assert PREDICT in answer.metadata.get("tags", []), cells[number].source
        assert answer.outputs == []
        assert answer.source.startswith("guess = ...  # ")
        assert len(re.findall(r"^ *answer\(\s*guess,", answer.source, re.M)) == 1
    assert len([cell for cell in cells if PREDICT in cell.metadata.get("tags", [])]) == len(asked)
    assert not re.search("^ *assert ", code_of(committed(name)), re.M), "claims belong in tests/notebooks/claims"
    for before, answer in pairwise(cells):
        if PREDICT in before.metadata.get("tags", []) and answer.cell_type == "markdown":
            assert answer.source.startswith(("<details>", "#", *NO_ANSWER)), answer.source[:80]


@pytest.mark.parametrize("name", LEARNERS)
def test_cells_may_run_twice_and_in_another_order(name):
    """What a cell reads of another was made in one place, so it does not matter which cells have run since."""
    made, read = names_of(committed(name))
    twice = {name for name, cells in made.items() if len(cells) > 1}
    assert [(number, name) for number, names in read.items() for name in sorted(names & twice)] == []
    assert [(number, name) for number, names in read.items() for name in sorted(names) if made[name][0] >= number] == []


def names_of(notebook: nbformat.NotebookNode) -> tuple[dict[str, list[int]], dict[int, set[str]]]:
    """The cells in which each name is assigned, and the names of the notebook that each cell needs of others."""
    made: dict[str, list[int]] = {}
    needed: dict[int, set[str]] = {}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            assigned, needed[number] = names_in(cell.source)
            for name in assigned:
                made.setdefault(name, []).append(number)
    return made, {number: {name for name in names if name in made} for number, names in needed.items()}


@pytest.mark.parametrize("name", every_notebook())
def test_nothing_of_one_machine_is_committed(name):
    once = nbformat.writes(nbformat.read(as_executed(name), as_version=4))
    assert once == nbformat.writes(tidy(nbformat.reads(once, as_version=4))), "run python tests/notebooks/refresh.py"
    assert len(once) < BYTES
    assert not re.search(r"/home/|/root/|/tmp/|/work/|Users\\", once)


@pytest.mark.parametrize("name", LEARNERS)
def test_it_is_short_and_imports_what_it_explains(name):
    notebook = committed(name)
    assert len(notebook.cells) <= CELLS
    assert notebook.cells[0].cell_type == "markdown"
    assert "?" in notebook.cells[0].source, "a notebook opens with its question"
    imported = {n.module for n in ast.walk(ast.parse(code_of(notebook))) if isinstance(n, ast.ImportFrom)}
    assert any(module.startswith("mrnn_np") for module in imported)


@pytest.mark.parametrize("name", LEARNERS)
def test_it_begins_with_a_few_imports(name):
    """What one cell alone needs is imported there."""
    first = next(cell for cell in committed(name).cells if cell.cell_type == "code")
    imports = [part for part in ast.parse(first.source).body if isinstance(part, ast.Import | ast.ImportFrom)]
    assert sum(part.end_lineno - part.lineno + 1 for part in imports) <= IMPORTS


@pytest.mark.parametrize("name", LEARNERS)
def test_every_claim_belongs_to_a_cell(name):
    assert claims_of(name, committed(name))


@pytest.mark.parametrize("name", LEARNERS)
def test_every_exercise_waits_for_its_answer_and_has_a_solution_that_passes(name):
    asked = checks_in(name)
    assert asked
    printed = "\n".join(text_of(cell) for cell in committed(name).cells)
    assert len(re.findall("^to do: |^not yet: ", printed, re.M)) >= len(asked)
    assert not re.search("^right: ", printed, re.M)
    solution = f"solutions/{name}"
    assert checks_in(solution) == asked
    solved = "\n".join(text_of(cell) for cell in committed(solution).cells)
    assert len(re.findall("^right: ", solved, re.M)) == len(asked)
    assert "to do: " not in solved
    assert "not yet: " not in solved


@pytest.mark.parametrize("name", LEARNERS)
def test_links_lead_somewhere(name):
    text = "\n".join(cell.source for cell in committed(name).cells if cell.cell_type == "markdown")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (NOTEBOOKS / target).exists(), target
    assert "README.md" in text
    copy = "\n".join(c.source for c in nbformat.read(as_executed(name), 4).cells if c.cell_type == "markdown")
    for target in re.findall(r"\]\(([^)#]+)\)", copy):
        assert (NOTEBOOKS / "executed" / target).exists(), target


@pytest.mark.parametrize("page", ["../README.md", "README.md", "RESULTS.md", "TEACHING.md"])
def test_pages_link_only_to_what_there_is(page):
    page = NOTEBOOKS / page
    targets = re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8"))
    assert targets
    missing = [
        target for target in targets if not target.startswith("https://") and not (page.parent / target).exists()
    ]
    assert missing == []


def test_the_index_names_every_notebook():
    index = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    assert set(LEARNERS) <= set(re.findall(r"\]\(([^)#]+)\)", index))


def test_the_index_names_tests_and_functions_that_exist():
    index = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
    rows = [row for row in index.split("## Every symbol")[0].splitlines() if "(../mrnn_np/" in row]
    assert len(rows) > 5
    for row in rows:
        *_, functions, tests, _ = re.split(r"(?<!\\)\|", row)
        for cell in (functions, tests):
            links = re.findall(r"(.*?)\]\(([^)]+)\)", cell)
            assert links
            for before, path in links:
                names = [name.rpartition(".")[2] for name in re.findall(r"`([^`]+)`", before)]
                assert names
                text = (NOTEBOOKS / path).read_text(encoding="utf-8")
                assert all(f"def {name}(" in text or f'"{name}":' in text for name in names), row


@pytest.mark.parametrize(
    ("before", "now", "same"),
    [
        ("PPL 24.39 after 3 epochs", "PPL 24.40 after 3 epochs", True),
        ("PPL 24.39 after 3 epochs", "PPL 25.39 after 3 epochs", False),
        ("PPL 24.39 after 3 epochs", "PPL 24.39 after 4 epochs", False),
        ("error 3e-11", "error 2e-12", True),
        ("error 3e-11", "error 3e-3", False),
        ("a dog", "a cat", False),
        ("a   9.99", "a  10.01", True),
        ("-1.5", "1.5", False),
        ("(3, 4)", "(3, 4, 5)", False),
    ],
)
def test_texts_are_compared_with_a_tolerance_for_decimals_only(before, now, same):
    assert same_text(before, now) is same
