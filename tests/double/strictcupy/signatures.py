"""CuPy's own signatures, frozen in cupy_api.json by `freeze_api.py`."""

import json
from inspect import BoundArguments, Parameter, Signature
from pathlib import Path
from typing import Any

API: dict[str, Any] = json.loads((Path(__file__).parent / "cupy_api.json").read_text(encoding="utf-8"))


def parse_signature(text: str) -> Signature:
    """Build a signature from the text between its brackets, such as "a, axis=None, *, copy=None".

    Every default is None: the double passes on only what a caller gives.
    """
    parameters: list[Parameter] = []
    kind = Parameter.POSITIONAL_OR_KEYWORD
    for token in filter(None, text.split(", ")):
        name, _, default = token.partition("=")
        if token == "/":
            parameters = [p.replace(kind=Parameter.POSITIONAL_ONLY) for p in parameters]
        elif token == "*":
            kind = Parameter.KEYWORD_ONLY
        elif token.startswith("**"):
            parameters.append(Parameter(token[2:], Parameter.VAR_KEYWORD))
        elif token.startswith("*"):
            parameters.append(Parameter(token[1:], Parameter.VAR_POSITIONAL))
            kind = Parameter.KEYWORD_ONLY
        else:
            parameters.append(Parameter(name, kind, default=None if default else Parameter.empty))
    return Signature(parameters)


def bind(name: str, signature: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> BoundArguments:
    """Match a call with CuPy's signature, which lacks some of NumPy's keywords."""
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{name}: {error}; CuPy's signature is {name}{signature}") from None
