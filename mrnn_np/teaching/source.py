"""The package's own code, shown in a notebook beside the formula it computes."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


class Source:
    """The code of functions of one module, without docstrings and decorators; a notebook shows it in colour."""

    def __init__(self, *functions: Callable[..., Any]) -> None:
        self.code = "\n\n\n".join(map(code_of, functions))
        self.where = f"{functions[0].__module__.replace('.', '/')}.py"

    def _repr_markdown_(self) -> str:
        return f"```python\n{self!r}\n```"

    def __repr__(self) -> str:
        return f"# {self.where}\n{self.code}"


def code_of(function: Callable[..., Any]) -> str:
    """Return the code of a function without its docstring, and without decorators, which say where it runs."""
    text = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(text).body[0]
    assert isinstance(definition, ast.FunctionDef)
    lines = text.rstrip("\n").split("\n")
    if ast.get_docstring(definition) is not None:
        docstring = definition.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines[definition.lineno - 1 :])
