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

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mrnn_np.errors import UserError
from mrnn_np.files import atomic_write, read_bytes
from mrnn_np.scenes.english import LONGEST, SHORTEST, caption_phrase
from mrnn_np.scenes.grammar import Phrase, lengths, probability, sample
from mrnn_np.scenes.storylines import draw_scene
from mrnn_np.scenes.world import Scene

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
    named = os.environ.get("MRNN_NP_CACHE")
    try:
        folder = Path(named) if named else Path.home() / ".cache" / "mrnn_np"
        folder.mkdir(parents=True, exist_ok=True)
    except RuntimeError:
        raise UserError("~/.cache: nobody says where ~ is; name a folder for what is kept in MRNN_NP_CACHE") from None
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"{folder}: cannot be made ({reason}); name another folder in MRNN_NP_CACHE") from None
    return folder


def keep(path: Path, write: Callable[[Path], object]) -> None:
    """Have `write` make a file of the cache folder; its UserError names what else can be done."""
    try:
        write(path)
    except UserError as error:
        raise UserError(f"{error}; name another folder in MRNN_NP_CACHE") from None


@cache
def load_scenes() -> Scenes:
    """Return the scenes of every split by name, "train-0000" and so on; they are generated if they never were.

    Raises UserError when the cache folder cannot be written.
    """
    return kept_scenes(f"scenes-{VERSION}.json", lambda: generate(SIZES, SEED))


def kept_scenes(file: str, make: Callable[[], Scenes]) -> Scenes:
    """Return the scenes of a file of the cache folder, which is made if it is not there.

    The file has two lines, a SHA-256 and the JSON that it is of.

    Raises UserError when the cache folder cannot be written.
    """
    path = cache_folder() / file
    with contextlib.suppress(UserError):  # not there yet
        digest, _, text = read_bytes(path).partition(b"\n")
        if digest == sha256(text):
            return _from_json(json.loads(text))
    splits = make()
    made = json.dumps(_to_json(splits)).encode()
    keep(path, lambda path: atomic_write(path, lambda file: file.write(sha256(made) + b"\n" + made)))
    return splits


def sha256(text: bytes) -> bytes:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text).hexdigest().encode()


def scene_descriptions(split: str) -> dict[str, Scene]:
    """Return the scenes of a split by name."""
    return {name: one.scene for name, one in load_scenes()[split].items()}


def own_scenes(number: int, seed: int) -> list[Scene]:
    """Draw different scenes, none of which is in any split of the data set."""
    seen = {one.scene for split in load_scenes().values() for one in split.values()}
    rng = np.random.default_rng(np.random.SeedSequence([seed, number]))
    scenes: list[Scene] = []
    while len(scenes) < number:
        scene = draw_scene(rng)
        if scene not in seen:
            seen.add(scene)
            scenes.append(scene)
    return scenes


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


def caption_scene(scene: Scene, rng: np.random.Generator, different: bool = True) -> CaptionedScene:
    """Draw five captions of a scene, of SHORTEST to LONGEST words; there may be fewer than five `different` ones."""
    phrase = caption_phrase(scene)
    drawn: list[Caption] = []
    while len(set(drawn)) < (CAPTIONS if different else 1):
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
