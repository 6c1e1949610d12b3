"""Scores that are kept in a run's folder, so that it is measured only once."""

import json
from pathlib import Path

ALWAYS = ("parameters", "perplexity", "bits", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "epoch", "words/s")
"""What is measured of every run, whatever its data."""


def read_scores(file: Path) -> dict[str, dict[str, float]] | None:
    """Return the scores in a scores.json, by "beam K"; None where it is cut short or foreign."""
    try:
        kept: dict[str, dict[str, float]] = json.loads(file.read_text())
        complete = all(isinstance(scores[name], (int, float)) for scores in kept.values() for name in ALWAYS)
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return None
    return kept if complete else None
