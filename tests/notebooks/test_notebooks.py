"""Every notebook runs from a fresh kernel without an error or a warning, and shows what is committed."""

import ast
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import nbformat
import pytest
from execution import NOTEBOOKS, difference, every_notebook, execute_apart, same_text, text_of, tidy

LEARNERS = [name for name in every_notebook() if "/" not in name]
CELLS, BYTES = 27, 500_000


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
    assert difference(committed(name), now) == ""


@pytest.mark.parametrize("name", every_notebook())
def test_nothing_of_one_machine_is_committed(name):
    once = nbformat.writes(committed(name))
    assert once == nbformat.writes(tidy(committed(name))), "run python tests/notebooks/refresh.py"
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


@pytest.mark.parametrize("page", ["../README.md", "README.md", "RESULTS.md"])
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
