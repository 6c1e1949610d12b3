"""What a comparison keeps: the options it was begun with, and the scores of each run, so that it is measured once."""

import json
import os
from pathlib import Path

from mrnn_np.errors import UserError
from mrnn_np.files import write_text
from mrnn_np.files.json_files import read_own_json

ALWAYS = ("parameters", "perplexity", "bits", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "epoch", "words/s")
"""What is measured of every run, whatever its data."""


def keep_options(out: Path, options: list[str]) -> None:
    """Write the options that every run of the comparison in a folder is trained with.

    Raises UserError when it was begun with others, or no longer says with which.
    """
    file = out / "options.json"
    if os.path.lexists(file):
        try:
            before = read_own_json(file, list[str])
        except UserError:
            raise UserError(f"--out: {file} is damaged and no longer says how {out} was begun; name another") from None
        if before != options:
            raise UserError(f"--out: {out} was begun with {' '.join(before)}; name another folder")
    write_text(file, json.dumps(options) + "\n")


def read_scores(file: Path) -> dict[str, dict[str, float]] | None:
    """Return the scores in a scores.json, by "beam K"; None where it is missing, cut short or foreign."""
    try:
        kept: dict[str, dict[str, float]] = read_own_json(file, dict[str, dict[str, float]])
    except UserError:
        return None
    return kept if all(set(ALWAYS) <= scores.keys() for scores in kept.values()) else None
