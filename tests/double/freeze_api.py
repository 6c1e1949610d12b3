"""Write strictcupy/cupy_api.json anew from the CuPy that is installed; importing CuPy needs no GPU.

    python tests/double/freeze_api.py

The names already in the file are what the double covers.  To cover one more function or method, add its name
with an empty signature and run this.
"""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import cupy


def signature_text(function: Any) -> str:
    """Return the parameters of a CuPy function as text, each default written as None.

    Compiled functions have no Python signature; their docstring begins with one.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:
        return _signature_in_docstring(function.__doc__)
    plain = [
        p.replace(annotation=p.empty, default=p.default if p.default is p.empty else None)
        for p in parameters
        if p.name != "self"
    ]
    return str(inspect.Signature(plain))[1:-1]


def _signature_in_docstring(docstring: str) -> str:
    """Return the parameters in a first line such as "ndarray.max(self, axis=None, ...) -> ndarray"."""
    inside = re.match(r"[\w.]+\((.*?)\)( ->|$)", docstring.strip().splitlines()[0])
    if inside is None:
        raise ValueError(f"no signature in {docstring!r}")
    texts = []
    for parameter in filter(None, inside[1].split(", ")):
        name, _, default = parameter.partition("=")
        name = name.split()[-1]
        if name != "self":
            texts.append(name.strip() + ("=None" if default else ""))
    return ", ".join(texts)


def main() -> None:
    """Refresh every signature that the file names."""
    path = Path(__file__).parent / "strictcupy" / "cupy_api.json"
    api = json.loads(path.read_text(encoding="utf-8"))
    owners = {
        "functions": cupy,
        "linalg": cupy.linalg,
        "stride_tricks": cupy.lib.stride_tricks,
        "methods": cupy.ndarray,
    }
    for section, owner in owners.items():
        api[section] = {name: signature_text(getattr(owner, name)) for name in sorted(api[section])}
    api["cupy"] = cupy.__version__
    api["ufuncs"] = sorted(name for name in api["ufuncs"] if isinstance(getattr(cupy, name), cupy.ufunc))
    path.write_text(json.dumps(api, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
