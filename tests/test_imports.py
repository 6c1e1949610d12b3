"""Arrows between the packages point one way, and the core needs only its four packages."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mrnn_np

ROOT = Path(mrnn_np.__file__).parent

# What each part of the package may import of the others.
MAY_IMPORT = {
    "errors": set(),
    "files": {"errors"},
    "command_line": {"errors", "backend", "distributed"},
    "distributed": {"errors", "layers", "model", "backend"},
    "minimal": {"data", "scenes"},
    "plots": set(),
    "backend": {"errors"},
    "scenes": {"errors", "files", "command_line", "backend", "data", "vision", "model", "training"},
    "data": {"errors", "files", "plots", "backend"},
    "layers": {"backend"},
    "model": {"errors", "backend", "data", "layers"},
    "gradients": {"scenes", "backend", "data", "layers", "model", "training", "vision"},
    "evaluation": {"errors", "files", "plots", "backend", "distributed", "data", "layers", "model"},
    "training": {
        "errors",
        "command_line",
        "files",
        "plots",
        "backend",
        "data",
        "layers",
        "model",
        "distributed",
        "evaluation",
        "vision",
    },
    "vision": {
        "errors",
        "limits",
        "files",
        "command_line",
        "backend",
        "data",
        "layers",
    },
    "comparison": {
        "errors",
        "files",
        "plots",
        "backend",
        "data",
        "model",
        "captioning",
        "evaluation",
        "training",
    },
    "teaching": {
        "errors",
        "scenes",
        "files",
        "plots",
        "backend",
        "data",
        "layers",
        "model",
        "distributed",
        "gradients",
        "vision",
        "captioning",
        "evaluation",
        "training",
    },
    "benchmarks": {
        "minimal",
        "errors",
        "files",
        "command_line",
        "backend",
        "data",
        "layers",
        "model",
        "distributed",
        "captioning",
        "evaluation",
        "training",
        "vision",
    },
    "explanation": {
        "errors",
        "command_line",
        "plots",
        "backend",
        "data",
        "model",
        "captioning",
        "evaluation",
        "training",
        "vision",
    },
    "captioning": {
        "errors",
        "command_line",
        "files",
        "plots",
        "backend",
        "distributed",
        "data",
        "evaluation",
        "layers",
        "model",
        "training",
        "vision",
    },
}
COMMANDS = {
    "train",
    "compare",
    "caption",
    "evaluate",
    "retrieve",
    "inspect",
    "gradcheck",
    "bench",
    "extract",
    "explain",
}
CORE = {"numpy", "PIL", "matplotlib", "tqdm", "mrnn_np"}


def imports(path):
    """Every module a file imports, and whether it does so at import time."""
    for node in ast.walk(tree := ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node in tree.body) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module, node in tree.body


def files():
    return sorted(ROOT.rglob("*.py"))


def part_of(path):
    return path.relative_to(ROOT).with_suffix("").parts[0]


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_it_may(part):
    of_part = [path for path in files() if part_of(path) == part]
    assert of_part
    for path in of_part:
        used = {name.split(".")[1] for name, _ in imports(path) if name.startswith("mrnn_np.")}
        assert used - {part} <= MAY_IMPORT[part], path


def test_layers_know_of_no_model_and_models_of_no_data_set():
    used = {name for path in files() if part_of(path) == "model" for name, _ in imports(path)}
    assert {name for name in used if name.startswith("mrnn_np.data")} == {"mrnn_np.data.batches"}


def test_only_commands_import_commands():
    for path in files():
        used = {name.split(".")[1] for name, _ in imports(path) if name.startswith("mrnn_np.")}
        assert part_of(path) in COMMANDS or not used & COMMANDS, path


def test_a_data_set_is_loaded_only_when_it_is_asked_for():
    """What is said of the scenes by name alone is enough for all but the page to read first, and for teaching."""
    knowing = {part_of(path) for path in files() if any(name.startswith("mrnn_np.scenes") for name, _ in imports(path))}
    assert knowing <= {"scenes", "minimal", "gradients", "teaching"}


def test_training_on_files_loads_a_hundred_modules_and_no_built_in_data_set(tiny_flickr8k, tmp_path):
    arguments = ["--data", f"flickr8k:{tiny_flickr8k}", "--epochs", "1", "--d-e", "4", "--d-w", "4", "--d-m", "4"]
    program = (
        "import sys, mrnn_np.train; mrnn_np.train.main(); "
        "ours = [name for name in sys.modules if name.startswith('mrnn_np')]; "
        "loaded = [name for name in ours if name.startswith(('mrnn_np.scenes', 'mrnn_np.vision'))]; "
        "assert loaded == [], loaded; "
        "assert len(ours) <= 101, sorted(ours)"
    )
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_core_imports_only_what_it_installs():
    for path in files():
        for name, at_import_time in imports(path):
            package = name.split(".")[0]
            assert not at_import_time or package in CORE | sys.stdlib_module_names, f"{path} imports {package}"


def test_nothing_that_runs_foreign_code():
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
            assert called not in ("eval", "exec", "__import__"), path


def test_every_picture_is_opened_as_one_of_named_formats():
    """Where Pillow may guess, a file that begins as an EPS starts Ghostscript."""
    for path in files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Image.open", "PIL.Image.open", "plt.imread"):
                assert "formats" in {keyword.arg for keyword in node.keywords}, path
