"""The data set: 5,000 scenes, no two alike, with five captions each.

    train 4,000    val 500    test 500

The captions are made on first use and kept in a cache folder; the pictures are drawn anew from the scenes' descriptions
whenever they are looked at.

How the captions are drawn, and what that makes of their probabilities
----------------------------------------------------------------------
The five captions of a scene are drawn independently from P, its grammar given that 4 to 16 words are said, and all five
are drawn again until they differ.  `log2_probs` holds log2 P of whole captions, the end included.  If Z is the chance
that five captions differ, the five that are kept have probability P(c1) ... P(c5) / Z.  A model that gives every
caption its P therefore spends at most log2(1/Z) / 5 bits a caption more than the best one could: the mean of -log2 P is
the lowest cost a model can reach, to within that.
"""

import json
import math
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mrnn_np.data.scenes.english import LONGEST, SHORTEST, caption_phrase
from mrnn_np.data.scenes.grammar import Phrase, lengths, probability, sample
from mrnn_np.data.scenes.plots import draw_scene
from mrnn_np.data.scenes.world import Scene
from mrnn_np.errors import UserError
from mrnn_np.files import write_text

VERSION = 1
"""Of what is generated: any change of scenes, captions or pictures needs a new number."""
SIZES = {"train": 4000, "val": 500, "test": 500}
CAPTIONS = 5
SEED = 2015

Caption = tuple[str, ...]


@dataclass(frozen=True)
class CaptionedScene:
    """A scene, its five different captions, and log2 P(caption | scene) of each."""

    scene: Scene
    captions: tuple[Caption, ...]
    log2_probs: tuple[float, ...]


Scenes = dict[str, dict[str, CaptionedScene]]
"""By split, by name."""


def cache_folder() -> Path:
    """Return the folder that generated data is kept in: that of the environment variable MRNN_NP_CACHE, if it is set.

    Raises UserError when it cannot be made.
    """
    folder = Path(os.environ.get("MRNN_NP_CACHE") or Path.home() / ".cache" / "mrnn_np")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be made ({error.strerror}); name another folder in MRNN_NP_CACHE") from None
    return folder


@cache
def load_scenes() -> Scenes:
    """Return the scenes of every split by name, "train-0000" and so on; they are generated if they never were.

    Raises UserError when the cache folder cannot be written.
    """
    path = cache_folder() / f"scenes-{VERSION}.json"
    try:
        return _from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # It is not there yet, or not as it was written.
        splits = generate(SIZES, SEED)
        write_text(path, json.dumps(_to_json(splits)))
        return splits


def scene_descriptions(split: str) -> dict[str, Scene]:
    """Return the scenes of a split by name."""
    return {name: one.scene for name, one in load_scenes()[split].items()}


def generate(sizes: dict[str, int], seed: int) -> Scenes:
    """Draw splits of as many scenes as `sizes` says; no two scenes in any of them have the same description."""
    rng = np.random.default_rng(seed)
    seen: set[Scene] = set()
    splits: Scenes = {}
    with tqdm(total=sum(sizes.values()), desc="inventing scenes", unit="scene", disable=None) as bar:
        for split, size in sizes.items():
            splits[split] = {}
            while len(splits[split]) < size:
                scene = draw_scene(rng)
                if scene not in seen:
                    seen.add(scene)
                    splits[split][f"{split}-{len(splits[split]):04}"] = caption_scene(scene, rng)
                    bar.update()
    return splits


def caption_scene(scene: Scene, rng: np.random.Generator) -> CaptionedScene:
    """Draw five different captions of a scene, of SHORTEST to LONGEST words."""
    phrase = caption_phrase(scene)
    drawn: list[Caption] = []
    while len(set(drawn)) < CAPTIONS:
        drawn = [_draw_caption(phrase, rng) for _ in range(CAPTIONS)]
    of_a_good_length = sum(p for length, p in lengths(phrase).items() if SHORTEST <= length <= LONGEST)
    log2_probs = tuple(math.log2(probability(phrase, caption) / of_a_good_length) for caption in drawn)
    return CaptionedScene(scene, tuple(drawn), log2_probs)


def _draw_caption(phrase: Phrase, rng: np.random.Generator) -> Caption:
    while not SHORTEST <= len(caption := sample(phrase, rng)) <= LONGEST:
        pass
    return caption


def _to_json(splits: Scenes) -> dict[str, Any]:
    return {
        split: {
            name: [one.scene.to_json(), [" ".join(caption) for caption in one.captions], one.log2_probs]
            for name, one in scenes.items()
        }
        for split, scenes in splits.items()
    }


def _from_json(record: dict[str, Any]) -> Scenes:
    return {
        split: {
            name: CaptionedScene(
                Scene.from_json(scene), tuple(tuple(caption.split()) for caption in captions), tuple(log2_probs)
            )
            for name, (scene, captions, log2_probs) in scenes.items()
        }
        for split, scenes in record.items()
    }
