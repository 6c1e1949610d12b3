"""Captions and references in the JSON that COCO's own evaluation tools read, METEOR and SPICE among them."""

import re
from collections.abc import Sequence
from typing import Any

from mrnn_np.evaluation.sentences import Sentence

_COCO_NAME = re.compile(r"(?:.*/)?(?:COCO_[a-z]+[0-9]{4}_)?0*([0-9]{1,12})(?:\.jpg)?")


def coco_id(name: str) -> int | str:
    """Return the number in the name of an image of MS COCO; any other name as it is."""
    match = _COCO_NAME.fullmatch(name)
    return int(match[1]) if match else name


def coco_results(ids: Sequence[int | str], captions: Sequence[Sentence]) -> list[dict[str, Any]]:
    """Return a results file: one caption an image."""
    return [{"image_id": id, "caption": " ".join(words)} for id, words in zip(ids, captions, strict=True)]


def coco_references(ids: Sequence[int | str], references: Sequence[Sequence[Sentence]]) -> dict[str, Any]:
    """Return an annotations file: the references of each image, as tokenised here."""
    said = [(id, " ".join(words)) for id, of_image in zip(ids, references, strict=True) for words in of_image]
    return {
        "info": {},
        "licenses": [],
        "type": "captions",
        "images": [{"id": id} for id in ids],
        "annotations": [{"id": n, "image_id": id, "caption": text} for n, (id, text) in enumerate(said, 1)],
    }
