"""The data set `drawings`: the scenes, and in the training split many others besides, as other people would draw them.

    train 4,000 scenes and 16,000 drawings    val 500 scenes    test 500 scenes    drawn 500 drawings

Validation and test are those of the data set `scenes`, so that what was learnt from either is compared on the same
pictures; `drawn`, which nothing is trained on, tells what a captioner says of other hands.  A scene is looked at by the
CNN of the scenes and a drawing by that of drawings, as a picture is that somebody brings.  The captions of a drawing
say only what that CNN does not doubt, so that a captioner learns to be silent where the features tell it nothing.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import repeat

import numpy as np
from PIL import Image
from tqdm import tqdm

from mrnn_np.backend import choose_backend
from mrnn_np.backend.threads import cores
from mrnn_np.data.data_set import CaptionData, Claim, DataSet
from mrnn_np.data.features import Features
from mrnn_np.scenes import built_in
from mrnn_np.scenes.attributes import beyond_doubt
from mrnn_np.scenes.cnn import SIZE, Pictures, as_input
from mrnn_np.scenes.dataset import (
    SEED,
    CaptionedScene,
    caption_scene,
    kept_scenes,
    own_scenes,
)
from mrnn_np.scenes.drawings import drawing, seen
from mrnn_np.scenes.drawings_cnn import DRAWINGS_WEIGHTS
from mrnn_np.scenes.render import render
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Scene
from mrnn_np.vision.cnn import load_cnn
from mrnn_np.vision.weight_files import sha256_of

VERSION = 5
"""Of what is generated here: any change of these drawings or their captions needs a new number."""
SIZES = {"train": 16_000, "drawn": 500}
"""Drawings of the splits that have any."""
ROUGH = 2
"""Every so many-th drawing is rough, so that the CNN is in doubt more often than where it has learnt."""
_CHUNK = 200


def in_many_hands(scenes: list[Scene], seed: int, classic: int = 0, rough: int = 0) -> tuple[Pictures, list[Scene]]:
    """Return pictures of scenes, each in a hand of its own, uint8 (n, 96, 96, 3), and the scenes that they show.

    Parameters
    ----------
    scenes : what is to be drawn
    seed : of the hands
    classic : every so many-th is in the classic hand; 0 for none
    rough : every so many-th is rough (see `drawing`); 0 for none
    """
    numbers = [range(first, min(first + _CHUNK, len(scenes))) for first in range(0, len(scenes), _CHUNK)]
    images, shown = np.empty((len(scenes), SIZE, SIZE, 3), np.uint8), []
    with ProcessPoolExecutor(cores()) as pool:
        chunks = [scenes[some.start : some.stop] for some in numbers]
        found = pool.map(_drawn, chunks, numbers, repeat(seed), repeat(classic), repeat(rough))
        bar = tqdm(zip(numbers, found, strict=True), "drawing", len(numbers), unit_scale=_CHUNK, disable=None)
        for some, (pictures, scenes_seen) in bar:
            images[some.start : some.stop] = pictures
            shown += scenes_seen
    return images, shown


def _drawn(
    scenes: list[Scene], numbers: Iterable[int], seed: int, classic: int, rough: int
) -> tuple[Pictures, list[Scene]]:
    drawn = [
        (render(scene), scene)
        if _among(number, classic)
        else drawing(scene, _hand(seed, number), rough=_among(number, rough))
        for scene, number in zip(scenes, numbers, strict=True)
    ]
    return np.stack([np.asarray(picture) for picture, _ in drawn]), [scene for _, scene in drawn]


def _among(number: int, every: int) -> bool:
    return every > 0 and number % every == 0


def _hand(seed: int, number: int) -> np.random.SeedSequence:
    """Return what all that is left to chance in the drawing of that number comes from."""
    return np.random.SeedSequence([seed, number])


@cache
def _intended() -> dict[str, tuple[Scene, int]]:
    """Return what each drawing was to be of, by its name, and its number, from which its hand comes."""
    names = [f"{split}-drawing-{number:05}" for split, size in SIZES.items() for number in range(size)]
    scenes = own_scenes(len(names), SEED)
    return {name: (scene, number) for number, (name, scene) in enumerate(zip(names, scenes, strict=True))}


@cache
def load_drawings() -> dict[str, CaptionedScene]:
    """Return the scenes that the drawings show, by name, with their captions; they are generated if they never were.

    Raises UserError when the cache folder cannot be written.
    """
    return kept_scenes(f"drawings-{VERSION}-{sha256_of(DRAWINGS_WEIGHTS)[:8]}.json", _generate)["all"]


def _generate() -> dict[str, dict[str, CaptionedScene]]:
    rng = np.random.default_rng(SEED)
    looked_at = features()
    captioned = {}
    for name, (scene, number) in tqdm(_intended().items(), "captions", unit="drawing", disable=None):
        shown = seen(scene, _hand(SEED, number), _among(number, ROUGH))
        said = beyond_doubt(shown, looked_at.values[looked_at.row_of[name]])
        captioned[name] = replace(caption_scene(said, rng, different=False), scene=shown)
    return {"all": captioned}


def captions() -> CaptionData:
    """Return the captions of all scenes and drawings, with their probabilities."""
    scenes, drawings = built_in.captions(), load_drawings()
    splits = dict(scenes.splits)
    for split in SIZES:
        splits[split] = (*splits.get(split, ()), *(name for name in drawings if name.startswith(split)))
    return CaptionData(
        "drawings",
        splits,
        {**scenes.captions, **{name: one.captions for name, one in drawings.items()}},
        (),
        {**scenes.log2_probs, **{name: one.log2_probs for name, one in drawings.items()}},
    )


def features() -> Features:
    """Return the features, float32 (N, 374), of all scenes and drawings; on first use they are made, and kept.

    Raises UserError when the cache folder cannot be written.
    """
    scenes, cnn = built_in.scene_features(), load_cnn("drawings", None, choose_backend("numpy"))

    def make() -> tuple[tuple[str, ...], built_in.Vectors]:
        pictures, _ = in_many_hands([scene for scene, _ in _intended().values()], SEED, rough=ROUGH)
        batches = np.array_split(pictures, -(-len(pictures) // built_in.BATCH))
        bar = tqdm(batches, "looking", unit_scale=built_in.BATCH, unit="drawing", disable=None)
        values = np.concatenate([scenes.values, *(cnn.features(as_input(batch)) for batch in bar)])
        return (*scenes.names, *_intended()), values

    return built_in.kept_features(f"drawings-features-{VERSION}", [scenes.source, cnn.source], scenes.source, make)


def judge_caption(name: str, words: Sequence[str]) -> tuple[Claim, ...]:
    """Return the claims that a caption makes about the scene or the drawing of that name."""
    drawings = load_drawings()
    return judge(words, drawings[name].scene) if name in drawings else built_in.judge_caption(name, words)


def picture(name: str, size: int = SIZE) -> Image.Image:
    """Return the scene or the drawing of that name."""
    if name not in _intended():
        return built_in.picture(name, size)
    scene, number = _intended()[name]
    return drawing(scene, _hand(SEED, number), size, _among(number, ROUGH))[0]


DATA_SET = DataSet("drawings", captions, features=features, judge=judge_caption, picture=picture)
