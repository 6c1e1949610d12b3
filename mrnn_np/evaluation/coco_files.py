"""Captions and references in the JSON that COCO's own evaluation tools read, METEOR and SPICE among them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mrnn_np.evaluation.sentences import Sentence
from mrnn_np.evaluation.table import data_set_named

_COCO_NAME = re.compile(r"(?:.*/)?(?:COCO_[a-z]+[0-9]{4}_)?0*([0-9]{1,12})(?:\.jpg)?")


def coco_id(name: str) -> int | str:
    """Return the number in the name of an image of MS COCO; any other name as it is."""
    match = _COCO_NAME.fullmatch(name)
    return int(match[1]) if match else name


def image_ids(spec: str, names: Sequence[str], ids: Mapping[str, int]) -> list[int | str]:
    """Return what the official tools call images of the data set `spec`, which numbers them as `ids` says.

    Images of COCO that it does not number go by the number in their names, images of other data sets by their names.
    """
    numbered = data_set_named(spec) == "coco"
    return [ids.get(name, coco_id(name) if numbered else name) for name in names]


def coco_results(
    ids: Sequence[int | str], captions: Sequence[Sentence], others: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return a results file: one caption an image, and what `others` says of each, which the official tools skip."""
    others = others or [{}] * len(captions)
    return [
        {"image_id": id, "caption": " ".join(words), **more}
        for id, words, more in zip(ids, captions, others, strict=True)
    ]


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
