"""Pictures of a few scenes with captions, and a captioner that has learnt a little from them."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mrnn_np.backend import choose_backend
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.data.features import save_features
from mrnn_np.vision.cnn import load_cnn


@pytest.fixture(scope="session")
def album(album, tmp_path_factory) -> Path:
    """The twelve pictures and captions.csv, and features.npz and run/best.npz, trained on them."""
    folder = tmp_path_factory.mktemp("trained") / "album"
    shutil.copytree(album, folder)
    cnn = load_cnn("scene", None, choose_backend("numpy"))
    lines = (folder / "captions.csv").read_text().splitlines()[1:]
    pictures = [folder / name for name in dict.fromkeys(line.split(",")[0] for line in lines)]
    values = cnn.features(np.stack([cnn.design.preprocessing(Image.open(path, formats=["PNG"])) for path in pictures]))
    save_features(folder / "features.npz", tuple(path.name for path in pictures), values, cnn.source)
    sizes = {"d_e": 8, "d_w": 12, "d_m": 16, "min_count": 1, "epochs": 10, "lr": 0.3, "batch_size": 4, "warmup": 1}
    Captioner.train(folder / "run", data=f"csv:{folder}/captions.csv", **sizes)
    return folder
