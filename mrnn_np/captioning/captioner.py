"""A trained model, ready to caption pictures, with the data it is asked about: where every command on a model begins.

captioner = Captioner.load("runs/scenes/best.npz")
print(captioner.caption_picture("my.png"))
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mrnn_np.backend import Array, Backend, choose_backend
from mrnn_np.captioning.beam import BeamSearch
from mrnn_np.captioning.decoder import Decoder
from mrnn_np.captioning.rerank import Consensus, K
from mrnn_np.captioning.whole_split import caption_images
from mrnn_np.data.captions import SplitData, attach, load_captions
from mrnn_np.data.data_set import CaptionData
from mrnn_np.data.examples import ReadImages
from mrnn_np.data.features import Features, load_features
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.errors import UserError
from mrnn_np.training.checkpoint import Checkpoint, load_checkpoint
from mrnn_np.training.config import config_of
from mrnn_np.training.setup import image_reader, new_run, read_features, validation_split
from mrnn_np.vision.photographs import photograph_features

SEARCH = BeamSearch()
"""How captions are searched for when nobody says."""


@dataclass(frozen=True, eq=False)
class OpenSplit:
    """A split of a data set, its images as a model looks at them."""

    spec: str
    """the data set, as --data names it"""
    data: CaptionData
    features: Features | None
    """None where the model looks at no images and there are none"""
    read_images: ReadImages
    name: str
    """of the split"""
    whole: SplitData
    """all images of the split that can be used, and their captions"""
    split: SplitData
    """those that were asked for: the first so many, or all"""


@dataclass(frozen=True, eq=False)
class Captioner:
    """A trained model on a backend, with its vocabulary and the way it looks at images."""

    checkpoint: Checkpoint
    """on the host, as training left it"""
    decoder: Decoder
    """its model and its parameters, on the backend's device"""

    @classmethod
    def load(cls, path: str | Path, backend: Backend | str = "numpy") -> "Captioner":
        """Return what a checkpoint holds, as the best.npz of a run; `backend` may be a name, as for --backend.

        Raises
        ------
        UserError : the file is no sound checkpoint, or the backend cannot run here
        """
        return cls.of(load_checkpoint(path), backend)

    @classmethod
    def of(cls, checkpoint: Checkpoint, backend: Backend | str = "numpy") -> "Captioner":
        """Return a checkpoint that was loaded before; see `load`."""
        device = choose_backend(backend) if isinstance(backend, str) else backend
        params = checkpoint.params.with_theta(device.asarray(checkpoint.params.theta))
        return cls(checkpoint, Decoder(checkpoint.model, params, device))

    @classmethod
    def train(cls, out: str | Path, backend: Backend | str = "numpy", **options: Any) -> "Captioner":
        """Train a model as `python -m mrnn_np.train` does, and return the best one.

        Parameters
        ----------
        out : the folder for the run's files, which holds no run yet
        backend : what computes, or its name
        options : those of the command, as data="flickr8k:DIR", epochs=5, lr=0.2 or model="nic"

        Raises
        ------
        UserError : an option, the data or the folder cannot be used
        Diverged : the cost is no longer finite; a lower lr may help
        """
        # Training brings the drawing of curves along, for which Matplotlib takes longer to load than all else here.
        from mrnn_np.training.run_folder import begun, require_no_run
        from mrnn_np.training.trainer import Trainer

        device, out = choose_backend(backend) if isinstance(backend, str) else backend, Path(out)
        require_no_run(out)
        run = new_run(config_of(options))
        with begun(out, run.checkpoint) as still_ours:
            Trainer(run.checkpoint, run.train_set, run.val_set, device, out, run.sources.floor, still_ours).run()
        return cls.load(out / "best.npz", device)

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that the model knows."""
        return self.checkpoint.vocabulary

    @property
    def backend(self) -> Backend:
        """What computes."""
        return self.decoder.backend

    def caption(self, features: Array, search: BeamSearch | None = SEARCH) -> list[str]:
        """Return a caption of each image.

        Parameters
        ----------
        features : (n, d_I) float, as the CNN made them; not standardised, which the model does itself
        search : what beam search looks for; None takes the most likely next word each time

        Raises
        ------
        UserError : the features are not those of the CNN that the model was trained with, as far as that can be seen
        """
        names = tuple(map(str, range(len(features))))
        return self._caption(Features(names, np.asarray(features), "the array given"), search)

    def caption_picture(
        self,
        path: str | Path,
        search: BeamSearch | None = SEARCH,
        cnn: str = "",
        weights: str | Path | None = None,
    ) -> str:
        """Return a caption of a picture, a file of any kind; the other arguments are those of `picture_features`."""
        (caption,) = self._caption(self.picture_features([path], cnn, weights), search)
        return caption

    def picture_features(
        self, paths: Sequence[str | Path], cnn: str = "", weights: str | Path | None = None
    ) -> Features:
        """Return the features of pictures, made by the CNN that made those of the training.

        Parameters
        ----------
        paths : the pictures
        cnn : the CNN, where the training's features did not say which it was
        weights : the file of its weights, where they are not installed

        Raises
        ------
        UserError : a picture cannot be read, it is not known which CNN it was, or this is another one
        """
        return photograph_features(self.checkpoint.source, paths, self.backend, cnn, weights)

    def read_images(self, features: Features | None) -> ReadImages:
        """Return what gives the features of some rows as the model wants them.

        Raises
        ------
        UserError : they are of another width, or of another CNN, than those it was trained on
        """
        return image_reader(self.checkpoint, features)

    def read_features(self, data: str = "", features: str = "") -> Features | None:
        """Read the features of images: those named, or of the data set named, or of the training."""
        if features:
            return load_features(features)
        return read_features(self.checkpoint.config)

    def open(self, data: str = "", features: str = "", split: str = "", limit: int | None = None) -> OpenSplit:
        """Read a split of a data set, and the features of its images.

        Parameters
        ----------
        data, features : as --data and --features name them; by default those of the training
        split : its name, by default dev or val
        limit : how many of its images are wanted, None for all

        Raises
        ------
        UserError : there is no such split, something cannot be read, or the features are of another CNN
        """
        spec = data or self.checkpoint.config.data
        captions, found = load_captions(spec), self.read_features(data, features)
        read_images = self.read_images(found)
        name = split or validation_split(captions)
        whole = attach(captions, found, name)
        return OpenSplit(spec, captions, found, read_images, name, whole, whole.first(limit))

    def consensus(self, opened: OpenSplit, similarity: str, k: int = K, m: int | None = None) -> Consensus:
        """Return what people said of the training images of a data set, to rerank captions by; see `Consensus.of`.

        Raises
        ------
        UserError : the data set has no split named train, and whenever `Consensus.of` does
        """
        if "train" not in opened.data.splits:
            raise UserError(f"--rerank: {opened.spec} has no split named train, whose captions would be the consensus")
        training = attach(opened.data, opened.features, "train")
        return Consensus.of(self.decoder, self.vocabulary, training, opened.read_images, similarity, k, m)

    def _caption(self, features: Features, search: BeamSearch | None) -> list[str]:
        rows = np.arange(len(features.names))
        found = caption_images(self.decoder, rows, self.read_images(features), search)
        return [self.vocabulary.decode(best.words) for best, *_ in found]
