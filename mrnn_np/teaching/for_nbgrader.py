"""Write notebooks as nbgrader wants them:  python -m mrnn_np.teaching.for_nbgrader FOLDER NOTEBOOK ...

Behind each exercise comes a locked cell, worth a point, whose test is hidden: `nbgrader generate_assignment` takes it
out of what is handed out, and `nbgrader autograde` puts it back before it runs what came in.  The test is the
exercise's own check, which raises where an answer is wrong.  Learners still see each verdict, in their own cells.
"""

import ast
import copy
import sys
from pathlib import Path
from typing import Any

from mrnn_np.errors import UserError

_TEST = """### BEGIN HIDDEN TESTS
from mrnn_np.teaching import {module}

assert {module}.{exercise}.__wrapped__({answers})
### END HIDDEN TESTS"""


def graded(notebook: Any) -> Any:
    """Return a copy of a notebook, as nbformat reads it, with a test behind each of its exercises.

    Raises UserError when it has none.
    """
    from nbformat.v4 import new_code_cell

    result, module = copy.deepcopy(notebook), ""
    result.cells = []
    for cell in notebook.cells:
        result.cells.append(cell)
        for node in ast.parse(cell.source).body if cell.cell_type == "code" else ():
            match node:
                case ast.ImportFrom(module="mrnn_np.teaching", names=[ast.alias(name, "check")]):
                    module = name
                case ast.Expr(ast.Call(ast.Attribute(ast.Name("check"), exercise), answers)):
                    test = _TEST.format(module=module, exercise=exercise, answers=", ".join(map(ast.unparse, answers)))
                    about: dict[str, Any] = {
                        "grade": True,
                        "solution": False,
                        "task": False,
                        "locked": True,
                        "points": 1,
                    }
                    about |= {"grade_id": f"{module}-{exercise}", "schema_version": 3}
                    result.cells.append(new_code_cell(test, metadata={"nbgrader": about}))  # type: ignore[no-untyped-call]
    if len(result.cells) == len(notebook.cells):
        raise UserError("no exercise of this course is in it")
    return result


def main() -> None:
    """Write the notebooks named on the command line into a folder."""
    folder, *paths = map(Path, sys.argv[1:]) if sys.argv[1:] else [Path()]
    try:
        if not paths:
            raise UserError("name a folder, and one notebook or more")
        try:
            import nbformat
        except ImportError:
            raise UserError("this needs nbformat; run: pip install 'mrnn-np[notebooks]'") from None
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            try:
                notebook = graded(nbformat.read(path, as_version=4))  # type: ignore[no-untyped-call]
                nbformat.write(notebook, folder / path.name)  # type: ignore[no-untyped-call]
            except (UserError, OSError, ValueError, SyntaxError) as reason:
                raise UserError(f"{path}: cannot be used ({reason})") from None
            print(folder / path.name)
    except UserError as reason:
        print(f"error: {reason}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
