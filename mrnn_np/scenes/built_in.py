"""The scenes as the rest of the package knows them: a data set that can do all that a `DataSet` may."""

import hashlib
import json
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image
from tqdm import tqdm

from mrnn_np.backend import choose_backend
from mrnn_np.backend.threads import on_each_core
from mrnn_np.data.data_set import CaptionData, Claim, DataSet
from mrnn_np.data.features import Features, load_features, save_features
from mrnn_np.errors import UserError
from mrnn_np.scenes import cnn
from mrnn_np.scenes.dataset import VERSION, cache_folder, keep, load_scenes
from mrnn_np.scenes.render import pictures_of, render, visible
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Scene
from mrnn_np.vision.cnn import source_of

BATCH = 64
"""Pictures that the CNN looks at together."""

Vectors = npt.NDArray[np.float32]


def captions() -> CaptionData:
    """Return the captions of all scenes, with their probabilities."""
    splits = load_scenes()
    every = {name: one for split in splits.values() for name, one in split.items()}
    return CaptionData(
        "scenes",
        {split: tuple(names) for split, names in splits.items()},
        {name: one.captions for name, one in every.items()},
        (),
        {name: one.log2_probs for name, one in every.items()},
    )


def scene_features() -> Features:
    """Return the features, float32 (N, 374), of all scenes; on first use they are made, and kept in the cache folder.

    Raises UserError when the cache folder cannot be written.
    """
    source = source_of("scene", cnn.SHIPPED_WEIGHTS)

    def make() -> tuple[tuple[str, ...], Vectors]:
        scenes = {name: one for split in load_scenes().values() for name, one in split.items()}
        return tuple(scenes), _extract([one.scene for one in scenes.values()])

    return kept_features(f"scene-features-{VERSION}", source, source, make)


def kept_features(
    name: str, made_by: object, source: dict[str, str], make: Callable[[], tuple[tuple[str, ...], Vectors]]
) -> Features:
    """Return the features in a file of the cache folder, which is made if it is not there.

    Parameters
    ----------
    name : how the file's name begins
    made_by : all that decides what is made, ready for `json.dumps`, so that others have another file
    source : see `Features`
    make : makes names and values

    Raises UserError when the cache folder cannot be written.
    """
    decided = hashlib.sha256(json.dumps(made_by, sort_keys=True).encode()).hexdigest()[:8]
    path = cache_folder() / f"{name}-{decided}.npz"
    try:
        return load_features(path)
    except UserError:  # not there yet, or damaged: made anew
        names, values = make()
        keep(path, lambda path: save_features(path, names, values, source))
        return load_features(path)


def _extract(scenes: Sequence[Scene]) -> Vectors:
    weights = cnn.load_scene_cnn().weights
    batches = [scenes[first : first + BATCH] for first in range(0, len(scenes), BATCH)]
    found = on_each_core(lambda batch: cnn.features(pictures_of(batch), weights), batches, choose_backend("numpy"))
    bar = tqdm(found, "looking at their pictures", len(batches), unit_scale=BATCH, unit="picture", disable=None)
    return np.concatenate([*bar])


def scene_called(name: str) -> Scene:
    """Return the scene of a name, which begins with its split's: "val-0018"."""
    return load_scenes()[name.partition("-")[0]][name].scene


def judge_caption(name: str, words: Sequence[str]) -> tuple[Claim, ...]:
    """Return the claims that a caption makes about the scene of that name."""
    return judge(words, scene_called(name))


def picture(name: str, size: int = cnn.SIZE) -> Image.Image:
    """Return the picture of the scene of that name."""
    return render(scene_called(name), size)


def see(name: str, thing: int, size: int = cnn.SIZE) -> npt.NDArray[np.bool_]:
    """Return where in the picture of the scene of that name one sees its thing of that number."""
    scene = scene_called(name)
    return visible(scene, scene.things[thing], size)


DATA_SET = DataSet("scenes", captions, features=scene_features, judge=judge_caption, picture=picture, see=see)
