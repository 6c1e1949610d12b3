"""Run learners' notebooks and list the verdicts of their exercises:  python -m mrnn_np.teaching.mark NOTEBOOK ...

Each notebook runs from a fresh kernel, in its own folder, whatever outputs it came with; a cell that fails does not end
it.  This runs code that somebody else wrote: do it where that may do no harm.
"""

import re
import sys
from pathlib import Path

from mrnn_np.errors import UserError

SECONDS = 300
_ASKED = re.compile(r"^check\.\w+\(", re.M)
_VERDICT = re.compile(r"^(?:right|not yet|to do): .*", re.M)


def verdicts(path: Path) -> tuple[int, list[str]]:
    """Return how many exercises a notebook asks, and the verdicts, a line each, that its cells end with.

    Only cells that call a check and come to their end count, and of those no more verdicts than they call checks.
    """
    try:
        import nbclient
        import nbformat
    except ImportError:
        raise UserError("marking needs nbclient; run: pip install 'mrnn-np[notebooks]'") from None
    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as reason:
        raise UserError(f"{path}: cannot be read as a notebook ({reason})") from None
    where = {"metadata": {"path": str(path.parent)}}
    nbclient.NotebookClient(
        notebook, timeout=SECONDS, kernel_name="python3", allow_errors=True, resources=where
    ).execute()
    asked, said = 0, []
    for cell in notebook.cells:
        count = len(_ASKED.findall(cell.source)) if cell.cell_type == "code" else 0
        text = "".join(output.text for output in cell.get("outputs", []) if output.output_type == "stream")
        asked += count
        failed = any(output.output_type == "error" for output in cell.get("outputs", []))
        said += _VERDICT.findall(text)[-count:] if count and not failed else []
    return asked, said


def main() -> None:
    """Mark the notebooks named on the command line."""
    paths = [Path(name) for name in sys.argv[1:]]
    if not paths:
        print("error: name one notebook or more", file=sys.stderr)
        sys.exit(2)
    for path in paths:
        try:
            asked, said = verdicts(path)
        except UserError as reason:
            print(f"error: {reason}", file=sys.stderr)
            sys.exit(2)
        print(f"{path}: {sum(line.startswith('right: ') for line in said)} of {asked} right")
        for line in said:
            print(f"    {line}")


if __name__ == "__main__":
    main()
