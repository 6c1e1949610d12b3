"""From what is written on the command line to the reader of a data set."""

import os
from pathlib import Path

from mrnn_np.data.data_set import BUILT_IN
from mrnn_np.data.readers.corpus import Corpus
from mrnn_np.errors import UserError

KINDS = ("flickr8k", "flickr30k", "coco", "karpathy", "iaprtc12", "mrnn", "jsonl", "csv")


def read_corpus(spec: str) -> Corpus:
    """Read the data set that `spec` names, as `load_captions` says it; raise UserError where that is no data set.

    Only the one reader that is asked for is imported.
    """
    kind, _, rest = spec.partition(":")
    place, lists = _lists_option(rest)
    path = Path(place)
    match kind if place else "":
        case "flickr8k":
            from mrnn_np.data.readers.flickr8k import read_flickr8k

            return Corpus(*read_flickr8k(Path(rest)))
        case "flickr30k":
            from mrnn_np.data.readers.flickr30k import read_flickr30k

            return read_flickr30k(path, lists)
        case "coco":
            from mrnn_np.data.readers.coco import read_coco

            return read_coco(path, lists)
        case "karpathy":
            from mrnn_np.data.readers.karpathy import read_karpathy

            return read_karpathy(Path(rest.removesuffix(",restval")), restval=rest.endswith(",restval"))
        case "iaprtc12":
            from mrnn_np.data.readers.iaprtc12 import read_iaprtc12

            return read_iaprtc12(path, lists)
        case "mrnn":
            from mrnn_np.data.readers.mrnn import read_mrnn

            return read_mrnn(Path(rest))
        case "jsonl":
            from mrnn_np.data.readers.own import read_jsonl

            return read_jsonl(Path(rest))
        case "csv":
            from mrnn_np.data.readers.own import read_csv

            return read_csv(Path(rest))
        case _:
            raise UserError(
                f"data: {spec!r} is not a known data set; "
                f"expected {', '.join(BUILT_IN)}, or KIND:PLACE of {', '.join(KINDS)}"
            )


def folder_of(spec: str) -> Path:
    """Return the folder that the data set `spec` is in, where one looks for what belongs to it, such as features."""
    place = _lists_option(spec.partition(":")[2])[0].removesuffix(",restval")
    return Path(place) if os.path.isdir(place) else Path(place).parent


def _lists_option(rest: str) -> tuple[str, Path | None]:
    """Divide PLACE,splits=LISTS; what has no such option is all PLACE, commas included."""
    place, option, lists = rest.rpartition(",splits=")
    return (place, Path(lists)) if option else (rest, None)
