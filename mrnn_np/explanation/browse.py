"""What was written about a split, put together for a page: captions, their evidence, and where that comes from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from mrnn_np.captioning.captioner import Captioner, OpenSplit
from mrnn_np.captioning.written import Written
from mrnn_np.errors import UserError
from mrnn_np.evaluation.sentences import Sentence
from mrnn_np.explanation.evidence import PRIOR_IMAGES, Evidence, evidence_of
from mrnn_np.explanation.maps import MAPS, TwoNetworks, default_map
from mrnn_np.explanation.page import LEAST_BITS, MOST_PICTURES, Entry, Word, page
from mrnn_np.vision.cnn import Cnn
from mrnn_np.vision.pictures import picture_of

SIDE = 128
"""Of the pictures in the page, in pixels."""
SCORES = ("CIDEr-D", "BLEU-4", "ROUGE-L")
"""Those of an image's caption that are shown."""


def split_page(
    captioner: Captioner,
    opened: OpenSplit,
    written: Sequence[Written],
    of_images: Sequence[Mapping[str, Any]],
    table: Mapping[str, Mapping[str, float]],
    folder: Path | None = None,
    mapped: int = MOST_PICTURES,
) -> str:
    """Return the page of a split.

    Parameters
    ----------
    written, of_images, table : what was written about each image of `opened.split`, its scores, and those of all
    folder : where the photographs are, for a data set without pictures of its own; without them there are no maps
    mapped : how many images have maps, which take longest

    Raises
    ------
    UserError : the folder holds no picture of an image, or the data set has no training images with features
    """
    images, data_set = opened.split.images, opened.data_set
    have_pictures = folder is not None or data_set.picture is not None
    cnn = _cnn(captioner) if have_pictures else None
    found = _evidence(captioner, opened, [of_image.best for of_image in written])
    entries = []
    numbers = zip(images, written, of_images, opened.split.captions, found, strict=True)
    for n, (image, of_image, scores, said, evidence) in enumerate(
        tqdm(numbers, desc="page", total=len(images), unit="image", disable=None)
    ):
        square, words = None, [Word(text, b) for text, b in zip([*of_image.best, "END"], evidence.bits, strict=True)]
        if have_pictures and n < MOST_PICTURES:
            picture = picture_of(image, folder, data_set.picture, "--page", "--pictures")
            square = _square(picture, cnn)
            if cnn and n < mapped:
                words = _with_maps(TwoNetworks.of(captioner, cnn), captioner, of_image.best, square, evidence)
        best, *others = of_image.order
        entries.append(
            Entry(
                image,
                square,
                words,
                of_image.log2_probs[best],
                data_set.judge(image, of_image.best) if data_set.judge else (),
                [(" ".join(of_image.sentences[i]), of_image.log2_probs[i]) for i in others],
                [" ".join(caption) for caption in said],
                {name: scores[name] for name in SCORES if name in scores},
            )
        )
    of_which = "" if mapped >= len(images) else f" of the first {mapped}"
    maps = f" Maps{of_which}: {quick_map(cnn)}." if cnn else ""
    evidence = f" Evidence: against up to {PRIOR_IMAGES} training images." if captioner.config.image else ""
    about = f"{len(images):,} images of {data_set.name} {opened.name}, captioned by {captioner.config.model}."
    history = captioner.checkpoint.progress.history
    return page(f"Captions of {data_set.name} {opened.name}", about + evidence + maps, entries, SIDE, table, history)


def _evidence(captioner: Captioner, opened: OpenSplit, captions: Sequence[Sentence]) -> list[Evidence]:
    """Return the evidence for a caption of each image; a model that sees no image finds none in it."""
    if captioner.config.image:
        return [evidence for (evidence,) in evidence_of(captioner, opened, [[caption] for caption in captions])]
    return [Evidence(nothing, nothing) for nothing in (np.zeros(len(caption) + 1) for caption in captions)]


def _cnn(captioner: Captioner) -> Cnn | None:
    """Return the CNN of the training, or None where it is not at hand: a page without maps is still one."""
    try:
        return captioner.cnn() if captioner.config.image else None
    except UserError:
        return None


def quick_map(cnn: Cnn) -> str:
    """Return the name of the map that a whole split can wait for."""
    return {"integrated": "sharpened"}.get(default_map(cnn), default_map(cnn))


def _square(picture: Image.Image, cnn: Cnn | None) -> Image.Image:
    """Return what of a picture is shown: what the CNN gets to see of it, as its maps are of that."""
    if cnn is not None:
        return cnn.design.preprocessing.fitted(picture)
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))


def _with_maps(
    two: TwoNetworks, captioner: Captioner, caption: Sentence, square: Image.Image, evidence: Evidence
) -> list[Word]:
    """Return the words of a caption, those with evidence with maps."""
    places = evidence.with_bits(LEAST_BITS)
    sentence = captioner.vocabulary.encode(caption)
    maps = dict(zip(places, MAPS[quick_map(two.cnn)](two, sentence, square, places), strict=True))
    bits = zip([*caption, "END"], evidence.bits.tolist(), strict=True)
    return [Word(text, b, maps.get(t)) for t, (text, b) in enumerate(bits)]
