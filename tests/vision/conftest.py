"""A CNN that makes features in no time."""

from pathlib import Path

import numpy as np
import pytest

from mrnn_np.scenes import cnn as scene_cnn
from mrnn_np.scenes.attributes import ATTRIBUTES


@pytest.fixture(scope="session")
def weights(tmp_path_factory) -> Path:
    """A file of random weights for the scene CNN."""
    path = tmp_path_factory.mktemp("weights") / "scene.npz"
    values = scene_cnn.initial_weights(scene_cnn.scene_cnn(len(ATTRIBUTES)), np.random.default_rng(0))
    scene_cnn.save_scene_cnn(path, scene_cnn.SceneCnn(values, ATTRIBUTES, {}))
    return path
