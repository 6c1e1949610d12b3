"""A page to browse captions by: one HTML file that opens from disk, asks for nothing and sends nothing.

The template `page.html` beside this file does the showing; here its data are put together.  They come from files that
anybody may have written, so they stand in the page as JSON without a "<", and the template shows them as text alone.
"""

import base64
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mrnn_np.data.data_set import Claim
from mrnn_np.explanation.maps import Map, smooth

TEMPLATE = Path(__file__).with_name("page.html")
PLACES = 16
"""Rows and columns of a map in the page; its own browser interpolates."""
MOST_PICTURES = 1000
"""Pictures in a page at most; what is beyond has none."""
LEAST_BITS = 1.0
"""Evidence from which on a word has a map: what the language says by itself has no place in the picture."""


@dataclass(frozen=True)
class Word:
    """A word of a caption, with the evidence for it and, where it was looked for, where that comes from."""

    text: str
    bits: float
    shares: Map | None = None


@dataclass(frozen=True)
class Entry:
    """An image and all there is to say about it."""

    name: str
    picture: Image.Image | None
    words: Sequence[Word]
    """of the caption; the last is the end of the sentence"""
    log2_prob: float
    claims: Sequence[Claim] = ()
    others: Sequence[tuple[str, float]] = ()
    """what else the beam found, and its log2 P"""
    said: Sequence[str] = ()
    """by people"""
    scores: Mapping[str, float] = field(default_factory=dict)


def page(
    title: str,
    about: str,
    entries: Sequence[Entry],
    side: int,
    table: Mapping[str, Mapping[str, float]] | None = None,
    curves: Sequence[Mapping[str, float]] = (),
) -> str:
    """Return the whole page.

    Parameters
    ----------
    title, about : its heading, and a line below it
    side : how many pixels wide and high its pictures are
    table : columns of scores, by the names of the columns and the scores
    curves : rows of a training's history, with epoch, train_bits and val_bits
    """
    data = {
        "about": about,
        "side": side,
        "places": PLACES,
        "table": table or {},
        "curves": [[row["epoch"], row["train_bits"], row["val_bits"]] for row in curves],
        "entries": [_entry(entry, side, number < MOST_PICTURES) for number, entry in enumerate(entries)],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    # A lone surrogate, as names of files may hold, has no UTF-8, and makes some browsers stumble.
    text = text.encode("utf-8", "replace").decode()
    return TEMPLATE.read_text("utf-8").replace("{{title}}", escape(title)).replace("{{data}}", text)


def _entry(entry: Entry, side: int, with_picture: bool) -> dict[str, Any]:
    picture = _data_uri(entry.picture, side) if entry.picture and with_picture else ""
    return {
        "name": entry.name,
        "picture": picture,
        "words": [
            [word.text, round(word.bits, 2), *([_packed(word.shares)] if word.shares is not None and picture else [])]
            for word in entry.words
        ],
        "log2": round(entry.log2_prob, 1),
        "claims": [[claim.start, claim.end, claim.kind, claim.verdict] for claim in entry.claims],
        "others": [[text, round(log2_prob, 1)] for text, log2_prob in entry.others],
        "said": list(entry.said),
        "scores": {name: round(score, 3) for name, score in entry.scores.items()},
    }


def _data_uri(picture: Image.Image, side: int) -> str:
    file = io.BytesIO()
    small = picture.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
    small.save(file, "JPEG", quality=84, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _packed(shares: Map) -> str:
    """A map of PLACES x PLACES as bytes, 128 for nothing and 1 to 255 for the largest share on either side."""
    coarse = smooth(shares, PLACES)
    largest = max(float(np.abs(coarse).max()), 1e-30)
    return base64.b64encode((128 + np.round(127 * coarse / largest)).astype(np.uint8).tobytes()).decode()
