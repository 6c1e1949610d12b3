"""The scenes' pictures, and what the scene CNN makes of them."""

import hashlib
import json
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from mrnn_np.backend.threads import on_each_core
from mrnn_np.data.features import Features, load_features, save_features
from mrnn_np.errors import UserError
from mrnn_np.scenes import cnn
from mrnn_np.scenes.dataset import VERSION, cache_folder, keep, load_scenes
from mrnn_np.scenes.render import render
from mrnn_np.scenes.world import Scene
from mrnn_np.vision.cnn import source_of

BATCH = 64


def pictures_of(scenes: Iterable[Scene]) -> cnn.Pictures:
    """Return the pictures of scenes, uint8 [n, 96, 96, 3]."""
    return np.stack([np.asarray(render(scene, cnn.SIZE)) for scene in scenes])


def scene_features() -> Features:
    """Return the features, float32 [N, 374], of all scenes; on first use they are made, and kept in the cache folder.

    Raises UserError when the cache folder cannot be written.
    """
    source = source_of("scene", cnn.SHIPPED_WEIGHTS)
    made_by = hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()[:8]
    path = cache_folder() / f"scene-features-{VERSION}-{made_by}.npz"
    try:
        return load_features(path)
    except UserError:  # not there yet, or damaged: made anew
        scenes = {name: one for split in load_scenes().values() for name, one in split.items()}
        values = _extract([one.scene for one in scenes.values()])
        keep(path, lambda path: save_features(path, tuple(scenes), values, source))
        return load_features(path)


def _extract(scenes: Sequence[Scene]) -> npt.NDArray[np.float32]:
    weights = cnn.load_scene_cnn().weights
    batches = [scenes[first : first + BATCH] for first in range(0, len(scenes), BATCH)]
    found = on_each_core(lambda batch: cnn.features(pictures_of(batch), weights), batches)
    bar = tqdm(found, "looking at their pictures", len(batches), unit_scale=BATCH, unit="picture", disable=None)
    return np.concatenate([*bar])
