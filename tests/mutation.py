"""How many planted bugs do the tests notice?  python tests/mutation.py --count 200 --seed 1 [mrnn_np/train.py ...].

A bug is one changed expression or one lost statement in a copy of the tree.  The test files that call the changed
function run against it, one after the other, until one fails.  Which they are is measured beforehand, once for each
test file, and kept in --work.  What nobody could notice is never changed: texts, types, the messages of errors,
progress bars, plots, and how much is done at a time.
"""

import argparse
import ast
import copy
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).parents[1]
LEFT_OUT = {"plots", "rerank_plot", "picture", "histograms", "contact_sheet"}
LEFT_OUT |= {"cases", "family_cases", "vision_cases", "gpu"}
"""Folders and files that draw for people, whose looks are nobody's promise, are inputs of tests, or need a GPU."""
AT_A_TIME = {"BATCH", "_BATCH", "_CHUNK", "GROUP", "ROWS", "IMAGES", "QUERY_IMAGES", "PAUSE", "LEAST", "DRAW_SECONDS"}
UNSEEN = {"Parser", "tqdm", "UserError", "CommandError", "TypeVar"}
"""Calls of which nobody sees the arguments."""
UNSEEN_KEYWORDS = {"strict", "flush", "help", "metavar", "encoding"}
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any", "argmin": "argmax", "argmax": "argmin"}
OPPOSITES |= {"zeros": "ones", "ones": "zeros", "floor": "ceil", "best.npz": "last.npz", "train": "test"}


def changes(node, defaults):
    """Yield what could stand in the place of a node by mistake; `defaults` are those of a command's options."""

    def changed(**fields):
        return type(node)(**{**dict(ast.iter_fields(node)), **fields})

    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
            yield changed(ops=[COMPARISONS[type(op)]()])
        case ast.BinOp(op=op) if type(op) in ARITHMETIC:
            yield changed(op=ARITHMETIC[type(op)]())
        case ast.BoolOp(op=op, values=values):
            yield changed(op=ast.And() if isinstance(op, ast.Or) else ast.Or())
            yield values[0]
            yield values[-1]
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.IfExp(body=body, orelse=orelse):
            yield body
            yield orelse
        case ast.If(test=test) | ast.While(test=test):
            yield changed(test=ast.UnaryOp(ast.Not(), test))
        case ast.Constant(value=bool(value)):
            yield changed(value=not value)
        case ast.Constant(value=int(value)):
            yield changed(value=value + 1)
        case ast.Constant(value=float(value)):
            # A tolerance twice as large is none that a test could tell.
            yield changed(value=value * (2 if value > 1e-3 else 1000) or 1.0)
        case ast.Constant(value=str(value)) if value in OPPOSITES:
            yield changed(value=OPPOSITES[value])
        case ast.Name(id=name) if name in OPPOSITES:
            yield changed(id=OPPOSITES[name])
        case ast.Attribute(attr=name) if name in OPPOSITES:
            yield changed(attr=OPPOSITES[name])
        case ast.Attribute(value=ast.Name(id="arguments"), attr=name, ctx=ast.Load()) if name in defaults:
            yield defaults[name]
        case ast.Attribute(value=ast.Name(id="config"), attr=name, ctx=ast.Load()):
            yield ast.parse(f"getattr(type(config), {name!r}, config.{name})", mode="eval").body
        case ast.Slice(lower=lower, upper=upper) if lower and upper:
            yield changed(lower=None)
        case ast.For() | ast.comprehension():
            yield changed(iter=ast.parse(f"list({ast.unparse(node.iter)})[:-1]", mode="eval").body)
            if getattr(node, "ifs", []):
                yield changed(ifs=node.ifs[1:])
        case ast.Call(args=args, keywords=keywords) if called(node) not in (*UNSEEN, "add_argument"):
            if len(args) > 1 and not any(isinstance(one, ast.Starred) for one in args):
                if type(args[0]) is type(args[1]):
                    yield changed(args=[args[1], args[0], *args[2:]])
                yield changed(args=args[:-1])
            for i, keyword in enumerate(keywords):
                if keyword.arg and keyword.arg not in UNSEEN_KEYWORDS:
                    yield changed(keywords=[*keywords[:i], *keywords[i + 1 :]])
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="bar")))):
            return  # a progress bar
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise() | ast.Assign(targets=[ast.Subscript()]):
            yield ast.Pass()


def called(call):
    """Return the name of the function that is called, without the module or object it belongs to."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def unseen(parent, field):
    """Whether a part of a node makes no difference that a test should notice."""
    return (
        field in ("annotation", "returns", "decorator_list", "bases", "type_comment")
        or (isinstance(parent, ast.Raise) and field in ("exc", "cause"))
        or (isinstance(parent, ast.FormattedValue) and field == "format_spec")
        or (isinstance(parent, ast.keyword) and parent.arg in UNSEEN_KEYWORDS)
        or (isinstance(parent, ast.Call) and field in ("args", "keywords") and called(parent) in UNSEEN)
        or (isinstance(parent, ast.If) and ast.unparse(parent.test).startswith("__name__"))
        or (isinstance(parent, ast.AnnAssign) and ast.unparse(parent.annotation) == "TypeAlias")
        or (isinstance(parent, ast.Assign) and ast.unparse(parent.targets[0]) in AT_A_TIME)
    )


def sites(node, whole, function="", nested=False):
    """Yield (node, the node around it whose text can be replaced, function) for all that is below a node."""
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or unseen(node, field):
                continue
            named = isinstance(child, ast.FunctionDef | ast.ClassDef) and not nested
            inside = f"{function}.{child.name}".lstrip(".") if named else function
            # Where the parts of an f-string or a comprehension stand is not known: they are replaced with the whole.
            known = hasattr(child, "end_col_offset") and not isinstance(whole, ast.JoinedStr)
            part = child if known else whole
            yield child, part, inside
            yield from sites(child, part, inside, nested or isinstance(child, ast.FunctionDef))


def places(path):
    """Yield (function, node, the node around it to replace, what to put there) of all bugs to plant in a file."""
    tree = ast.parse(path.read_text())
    options = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and "add_argument" in ast.unparse(node.func)
    ]
    defaults = {}
    for option in options:
        flag, keywords = option.args[0], {keyword.arg: keyword.value for keyword in option.keywords}
        default = ast.Constant(False if "action" in keywords else None)
        if isinstance(flag, ast.Constant):
            defaults[flag.value.strip("-").replace("-", "_")] = keywords.get("default", default)
    for node, whole, function in sites(tree, tree):
        if isinstance(whole, ast.Module):
            continue
        for new in changes(node, defaults):
            yield function, node, whole, new


def planted(path, node, whole, new):
    """Return the text that is replaced, the text put there, and the new source; None if it is not Python."""
    lines, raw = path.read_bytes().splitlines(keepends=True), path.read_bytes()
    start = sum(map(len, lines[: whole.lineno - 1])) + whole.col_offset
    end = sum(map(len, lines[: whole.end_lineno - 1])) + whole.end_col_offset
    put = new if whole is node else copy.deepcopy(whole, {id(node): new})
    text = ast.unparse(ast.fix_missing_locations(put))
    if isinstance(whole, ast.stmt):
        text = text.replace("\n", "\n" + " " * whole.col_offset)
    elif not isinstance(whole, ast.Slice | ast.keyword | ast.JoinedStr):
        text = f"({text})"
    source = (raw[:start] + text.encode() + raw[end:]).decode()
    try:
        compile(source, "mutant", "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return raw[start:end].decode(), text, source


def run_tests(tree, test, *options, limit=1800, **environment):
    """Run one test file in a copy of the tree; return its exit status (None: it took too long) and its output."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, test]
    path = os.pathsep.join([*environment.pop("path", []), str(tree)])
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": path, **environment}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    with subprocess.Popen(
        command,
        cwd=tree,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 9)
            return None, process.communicate()[0]
    return process.returncode, output


def copy_of_tree(to):
    """Copy what the tests need."""
    shutil.rmtree(to, ignore_errors=True)
    names = [path.name for path in ROOT.iterdir()]
    ignored = {".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", "runs", "build"}
    for name in set(names) - ignored:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            to.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, to / name)
    return to


TRACER = """
import atexit, os, sys, threading
root, file, seen = os.environ["MUTATION_ROOT"], os.environ["MUTATION_SEEN"], set()
def note(frame, event, arg):
    code = frame.f_code
    if code.co_filename.startswith(root):
        seen.add(f"{code.co_filename[len(root):]} {code.co_qualname.split('.<locals>')[0]}")
def write():
    try:
        with open(file, "a") as out:
            out.writelines(line + "\\n" for line in seen)
    except OSError:  # of a test that fills the disk
        pass
threading.settrace(note)
sys.settrace(note)
atexit.register(write)
"""


def map_of(test, tree, work):
    """Return which functions a test file calls, as "file function", and in how many seconds; None where it fails."""
    digest = hashlib.sha256((ROOT / test).read_bytes()).hexdigest()[:12]
    kept = work / "maps" / f"{test.replace('/', '-')}-{digest}.json"
    if not kept.exists():
        (work / "trace").mkdir(parents=True, exist_ok=True)
        (work / "trace" / "sitecustomize.py").write_text(TRACER)
        seen = work / f"{test.replace('/', '-')}.seen"
        seen.unlink(missing_ok=True)
        seen.touch()
        environment = {"MUTATION_ROOT": f"{tree}/", "MUTATION_SEEN": str(seen), "path": [str(work / "trace")]}
        began = time.monotonic()
        status, output = run_tests(tree, test, **environment)
        told = {"functions": sorted(set(seen.read_text().splitlines())), "seconds": time.monotonic() - began}
        if status:  # by its being watched, perhaps
            status, output = run_tests(tree, test)
        if status:
            print(f"{test} fails without any bug and is left out:\n{output[-2000:]}", flush=True)
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps(None if status else told))
    return json.loads(kept.read_text())


def caught_by(file, function, source, tree, maps, most_seconds):
    """Return the test file that notices the new source of a file, or None where those of so many seconds do not."""
    calls = {test for test, one in maps.items() if f"{file} {function}" in one["functions"]}
    if not calls:  # a constant, or a function that runs while a module is imported
        calls = {test for test, one in maps.items() if any(f.startswith(f"{file} ") for f in one["functions"])}
    path, original = tree / file, (tree / file).read_text()
    path.write_text(source)
    try:
        parts = Path(file).with_suffix("").parts[1:]
        # Those named after the file or its folder first.
        for test in sorted(calls, key=lambda test: (not any(part in test for part in parts), maps[test]["seconds"])):
            most_seconds -= maps[test]["seconds"]
            if most_seconds < 0:
                break
            status, _ = run_tests(tree, test, "-x", limit=60 + 5 * maps[test]["seconds"])
            if status != 0:
                return test
    finally:
        path.write_text(original)
    return None


def area_of(path):
    """Return the part of the package a file belongs to."""
    parts = path.relative_to(ROOT / "mrnn_np").parts
    return "commands and files" if len(parts) == 1 else "scenes" if "scenes" in parts else parts[0]


def choose(paths, count, rng):
    """Return `count` different bugs as (path, function, line, before, after, new source), as many in each area."""
    files = [path for name in paths for path in sorted([ROOT / name, *(ROOT / name).rglob("*.py")])]
    files = [f for f in files if f.suffix == ".py" and not {*f.parts, f.stem} & LEFT_OUT]
    by_area = {}
    for path in files:
        by_area.setdefault(area_of(path), []).extend((path, *place) for place in places(path))
    for bugs in by_area.values():
        rng.shuffle(bugs)
    chosen = []
    while len(chosen) < count and any(by_area.values()):
        for bugs in by_area.values():
            while bugs:
                path, function, node, whole, new = bugs.pop()
                if told := planted(path, node, whole, new):
                    chosen.append((path, function, whole.lineno, *told))
                    break
    return chosen[:count]


def main():
    """Plant the bugs, and tell how many were caught."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", default=["mrnn_np"], help="files or folders to plant bugs in")
    parser.add_argument("--count", type=int, default=200, help="how many bugs (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="chooses them (default: 0)")
    parser.add_argument("--jobs", type=int, default=2, help="bugs tried at the same time (default: 2)")
    parser.add_argument("--seconds", type=float, default=300, help="of tests, at most, for a bug (default: 300)")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "mutation", help="folder to work in")
    arguments = parser.parse_args()
    chosen = choose(arguments.paths, arguments.count, random.Random(arguments.seed))
    trees = Queue()
    for number in range(arguments.jobs):
        trees.put(copy_of_tree(arguments.work / f"tree{number}"))

    def map_one(test):
        tree = trees.get()
        try:
            return map_of(test, tree, arguments.work)
        finally:
            trees.put(tree)

    def try_one(bug):
        path, function, *_, source = bug
        tree = trees.get()
        try:
            return caught_by(str(path.relative_to(ROOT)), function, source, tree, maps, arguments.seconds)
        finally:
            trees.put(tree)

    tests = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "tests").rglob("test_*.py"))]
    tests = [test for test in tests if not test.startswith(("tests/real_cupy", "tests/gpu"))]
    planted_in, caught_in = Counter(), Counter()
    with ThreadPoolExecutor(arguments.jobs) as pool:
        maps = {test: one for test, one in zip(tests, pool.map(map_one, tests), strict=True) if one}
        for bug, test in zip(chosen, pool.map(try_one, chosen), strict=True):
            path, function, line, before, after, _ = bug
            planted_in[area_of(path)] += 1
            caught_in[area_of(path)] += test is not None
            where = f"{path.relative_to(ROOT)}:{line} {function}"
            print(
                f"caught {where}, by {test}" if test else f"SURVIVED {where}\n    - {before}\n    + {after}", flush=True
            )
    for area, count in sorted(planted_in.items()):
        print(f"{area:20}{caught_in[area]:4} of{count:4} caught")
    print(f"{'all':20}{caught_in.total():4} of{len(chosen):4} caught, {caught_in.total() / len(chosen):.0%}")


if __name__ == "__main__":
    main()
