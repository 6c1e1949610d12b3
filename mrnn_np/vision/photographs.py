"""Features of pictures that a trained model has never met, made as those it was trained on were."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from mrnn_np.backend import Backend
from mrnn_np.data.features import Features
from mrnn_np.errors import UserError
from mrnn_np.vision.cnn import Cnn, load_cnn
from mrnn_np.vision.pictures import open_picture
from mrnn_np.vision.unlike import unlike_training


def training_cnn(
    source: Mapping[str, str], backend: Backend, cnn: str = "", weights_file: str | Path | None = None
) -> Cnn:
    """Return the CNN that made the features of the training.

    Parameters
    ----------
    source : where those features came from, as the checkpoint remembers it
    cnn : the CNN's name, for a checkpoint whose features did not say it
    weights_file : the CNN's weights, where none are installed

    Raises UserError when nobody says which CNN it was, and when this is another one, in its weights or its
    preprocessing too.
    """
    name = source.get("cnn", cnn)
    if not name:
        raise UserError(
            "--image: the features this model was trained on do not say which CNN made them; name it with --cnn"
        )
    if cnn and cnn != name:
        raise UserError(f"--cnn: the model was trained on features of {name}, not of {cnn}; leave --cnn out")
    loaded = load_cnn(name, weights_file, backend)
    for key, value in source.items():
        if (other := loaded.source.get(key)) != value:
            raise UserError(f"--image: the model was trained on features whose {key} is {value!r}, not {other!r}")
    return loaded


def photograph_features(
    source: Mapping[str, str],
    paths: Sequence[str | Path],
    backend: Backend,
    cnn: str = "",
    weights_file: str | Path | None = None,
) -> Features:
    """Return the features of picture files, one row each, named by their paths; other arguments as of `training_cnn`.

    Raises UserError when a picture cannot be read, and whenever `training_cnn` does.
    """
    return features_of_files(training_cnn(source, backend, cnn, weights_file), paths)


def features_of_files(cnn: Cnn, paths: Sequence[str | Path]) -> Features:
    """Return the features that a CNN makes of picture files, one row each, named by their paths.

    Raises UserError when a picture cannot be read.
    """
    pictures = [cnn.design.preprocessing(open_picture(Path(path))) for path in paths]
    values = np.concatenate([cnn.features(picture[None]) for picture in pictures])
    return Features(tuple(map(str, paths)), values, f"features of {cnn.source['cnn']}", cnn.source)


def unlike_files(cnn: Cnn, paths: Sequence[str | Path]) -> list[bool]:
    """Return of each picture file whether it is unlike all that a CNN was trained on, as far as that is known.

    Raises UserError when a picture cannot be read.
    """
    pictures = [cnn.design.preprocessing(open_picture(Path(path))) for path in paths]
    return [bool(unlike_training(cnn, picture[None])[0]) for picture in pictures]
