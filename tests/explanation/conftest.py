"""Pictures of a few scenes with captions, and a captioner that has learnt a little from them."""

from pathlib import Path

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.captioning.captioner import Captioner
from mrnn_np.data.features import save_features
from mrnn_np.scenes.render import render
from mrnn_np.scenes.world import Scene, Thing
from mrnn_np.vision.cnn import load_cnn


@pytest.fixture(scope="session")
def album(tmp_path_factory) -> Path:
    """A folder of twelve pictures, captions.csv and features.npz, and run/best.npz, trained on them."""
    folder, pictures = tmp_path_factory.mktemp("album"), {}
    lines = ["image,caption,split"]
    for n, kind in enumerate(("dog", "car", "ball")):
        for m, colour in enumerate(("white", "blue", "red", "black")):
            name, place = f"{colour}-{kind}.png", ("field", "beach", "snow")[n]
            pictures[name] = render(Scene(place, "day", "sun", (Thing(kind, colour),)))
            pictures[name].save(folder / name)
            split = ("train", "train", "val", "test")[m]
            lines += [f"{name},a {colour} {kind} in the {place},{split}", f"{name},the {kind} is {colour},{split}"]
    (folder / "captions.csv").write_text("\n".join(lines) + "\n")
    cnn = load_cnn("scene", None, choose_backend("numpy"))
    values = cnn.features(np.stack([cnn.design.preprocessing(picture) for picture in pictures.values()]))
    save_features(folder / "features.npz", tuple(pictures), values, cnn.source)
    sizes = {"d_e": 8, "d_w": 12, "d_m": 16, "min_count": 1, "epochs": 10, "lr": 0.3, "batch_size": 4, "warmup": 1}
    Captioner.train(folder / "run", data=f"csv:{folder}/captions.csv", **sizes)
    return folder
