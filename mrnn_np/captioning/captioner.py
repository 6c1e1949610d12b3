"""A trained model, ready to caption pictures, with the data it is asked about: where every command on a model begins.

captioner = Captioner.load("runs/scenes/best.npz")
print(captioner.caption_picture("my.png"))
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from mrnn_np.backend import Array, Backend, choose_backend
from mrnn_np.backend.threads import on_each_core, product_threads
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.decoder import HYPOTHESES, Decoder, Hypothesis, finite
from mrnn_np.captioning.one_at_a_time import greedy
from mrnn_np.data.captions import SplitData, attach, open_data_set
from mrnn_np.data.data_set import CaptionData, DataSet
from mrnn_np.data.examples import Examples, ReadImages
from mrnn_np.data.features import Features, ImageRows, load_features
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.distributed.deal import NUMBER, deal
from mrnn_np.distributed.ranks import ALONE, Ranks
from mrnn_np.errors import UserError, one_line
from mrnn_np.evaluation.perplexity import bits_per_word
from mrnn_np.training.checkpoint import Checkpoint, load_checkpoint
from mrnn_np.training.config import Config, config_of
from mrnn_np.training.setup import image_reader, new_run, read_features, validation_split

if TYPE_CHECKING:
    from mrnn_np.vision.cnn import Cnn

S = TypeVar("S")
T = TypeVar("T")

BATCH = 256
"""Images captioned together at most; by beam search on NumPy a quarter, as it has many sentences for each."""

SEARCH = BeamSearch()
"""How captions are searched for when nobody says."""


@dataclass(frozen=True, eq=False)
class OpenSplit:
    """A split of a data set, its images as a model looks at them."""

    data_set: DataSet
    data: CaptionData
    """its captions, of all splits"""
    features: ImageRows | None
    """None where the model looks at no images and there are none"""
    read_images: ReadImages
    name: str
    """of the split"""
    whole: SplitData
    """all images of the split that can be used, and their captions"""
    split: SplitData
    """those of them that were asked for"""

    def training(self) -> SplitData:
        """Return the split named train of the same data set.

        Raises
        ------
        UserError : there is none, or none of its images has features
        """
        return attach(self.data, self.features, "train")


@dataclass(frozen=True, eq=False)
class Captioner:
    """A trained model on a backend, with its vocabulary and the way it looks at images."""

    checkpoint: Checkpoint
    """on the host, as training left it"""
    decoder: Decoder
    """its model and its parameters, on the backend's device"""

    @classmethod
    def load(cls, path: str | Path, backend: Backend | str = "numpy") -> "Captioner":
        """Return what a checkpoint holds.

        Parameters
        ----------
        path : its file, as the best.npz of a run, or the name of one that comes with this package, as "flickr8k"
        backend : what computes, or its name, as for --backend

        Raises
        ------
        UserError : the file is no sound checkpoint, there is none of that name, or the backend cannot run here
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
    def config(self) -> Config:
        """The options it was trained with."""
        return self.checkpoint.config

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

        That CNN may know only the pictures of its data set.  At others another CNN looks in its place, whose features
        mean the same; see `mrnn_np.vision.cnn.Design`.

        Parameters
        ----------
        paths : the pictures
        cnn : the CNN, where the training's features did not say which it was
        weights : the file of its weights, where they are not installed

        Raises
        ------
        UserError : a picture cannot be read, it is not known which CNN it was, or this is another one
        """
        from mrnn_np.vision.photographs import features_of_files, photograph_features, unlike_files

        if self.config.trains_cnn:
            return features_of_files(self.cnn(cnn, weights), paths)
        made = photograph_features(self.checkpoint.source, paths, self.backend, cnn, weights)
        # The CNN is loaded anew only where it has to say what it cannot judge.
        other = self._stand_in(made.source["cnn"]) if weights is None else None
        if other is None or not any(elsewhere := unlike_files(self.cnn(cnn), paths)):
            return made
        values = made.values.copy()
        again = [path for path, one in zip(paths, elsewhere, strict=True) if one]
        values[elsewhere] = features_of_files(other, again).values
        return replace(made, values=values)

    def cnn_of(self, path: str | Path, name: str = "", weights: str | Path | None = None) -> "Cnn":
        """Return the CNN that looks at a picture, a file, in `picture_features`; name and errors are those of `cnn`."""
        from mrnn_np.vision.photographs import unlike_files

        own = self.cnn(name, weights)
        other = self._stand_in(own.source["cnn"]) if weights is None else None
        return other if other and unlike_files(own, [path])[0] else own

    def _stand_in(self, own: str) -> "Cnn | None":
        """Return the CNN that looks in place of one at pictures unlike those of its training, if there is any."""
        from mrnn_np.vision.cnn import stand_in_for

        return None if self.config.trains_cnn else stand_in_for(own, self.backend)

    def cnn(self, name: str = "", weights: str | Path | None = None) -> "Cnn":
        """Return the CNN that the model looks through: the one that made the features of its training, or its own.

        Parameters
        ----------
        name : which it is, where the training's features did not say it
        weights : the file of its weights, where they are not installed

        Raises
        ------
        UserError : it is not known which CNN it was, or this is another one
        """
        # The CNNs are a fifth of this package, which features that are there already do without.
        if not self.config.trains_cnn:
            from mrnn_np.vision.photographs import training_cnn

            return training_cnn(self.checkpoint.source, self.backend, name, weights)
        if name or weights:
            raise UserError("--cnn: this model has a CNN of its own, trained with it; leave --cnn and --weights out")
        from mrnn_np.training.seeing import own_cnn

        return own_cnn(self.checkpoint, self.decoder.params, self.backend)

    def look_at(
        self, images: Sequence[str], features: ImageRows | None, cnn: str = "", weights: str | Path | None = None
    ) -> Array:
        """Return what the model sees in images, standardised float32 (n, d_I).

        Each is a picture, or one of the images of `features` by its name; see `pictures_among`.

        Raises
        ------
        UserError : an image is neither, and whenever `picture_features` or `read_images` does
        """
        pictures = pictures_among(images, features)
        made = self.picture_features(pictures, cnn, weights) if pictures else None
        seen = []
        found: ImageRows
        for image in images:
            if made is not None and image in pictures:
                found, row = made, pictures.index(image)
            elif features is not None and image in features.row_of:
                found, row = features, features.row_of[image]
            else:
                named = f"neither a file nor the name of an image in {features.path}" if features else "no file"
                raise UserError(f"--image {image}: is {named}")
            seen.append(self.read_images(found)(np.array([row])))
        return np.concatenate(seen)

    def image_sizes(self, I: Array) -> npt.NDArray[np.float32]:
        """Return how far images, standardised (n, d_I), move the multimodal layer:  ||V_I I||, (n,)."""
        sizes: npt.NDArray[np.float32] = np.linalg.norm(I @ self.checkpoint.params["V_I"].T, axis=1)
        return sizes

    def unlike_training(self, I: Array) -> npt.NDArray[np.bool_]:
        """Return which images, standardised (n, d_I), are unlike those trained on, as far as a checkpoint knows that.

        V_I has learnt to look for what the training's pictures show.  In one that shows something else it finds less,
        and the captions are what is likely about any picture.
        """
        if not self.checkpoint.least_image:
            return np.zeros(len(I), bool)
        return self.image_sizes(I) < self.checkpoint.least_image

    def unlike_pictures(
        self, paths: Sequence[str | Path], cnn: str = "", weights: str | Path | None = None
    ) -> list[bool] | None:
        """Return of each picture whether it is unlike all that its CNN was trained on; None where that is not known.

        The CNN has seen more pictures than the model, which learnt from their features alone.  The arguments, and what
        is raised, are those of `picture_features`.
        """
        from mrnn_np.vision.photographs import unlike_files

        own = self.cnn(cnn, weights)
        looking = (self._stand_in(own.source["cnn"]) if weights is None else None) or own
        return unlike_files(looking, paths) if looking.design.unlike else None

    def read_images(self, features: ImageRows | None) -> ReadImages:
        """Return what gives the features of some rows as the model wants them.

        A model with a CNN of its own makes those of pictures when they are asked for.

        Raises
        ------
        UserError : they are of another width, or of another CNN, than those it was trained on
        """
        if self.config.trains_cnn:
            from mrnn_np.training.seeing import Looking
            from mrnn_np.vision.picture_table import Pictures

            if isinstance(features, Pictures):
                return Looking(self.cnn(), self.checkpoint.standardiser, features.values.__getitem__)
        return image_reader(self.checkpoint, features)

    def read_features(self, data: str = "", features: str = "") -> ImageRows | None:
        """Read the features of images; for a model with a CNN of its own, their pictures.

        Parameters
        ----------
        data : a data set; its own features are read where it has any, or else those of the training
        features : their file, whatever the data set; the folder of the pictures

        Raises
        ------
        UserError : the file cannot be used, or is missing and needed
        """
        config = self.config
        if config.trains_cnn:
            # The training's folder holds no pictures of other data.
            pictures = features or ("" if data else config.pictures)
            return read_features(replace(config, data=data or config.data, pictures=pictures), "--features")
        if features:
            return load_features(features)
        if data:
            data_set = open_data_set(data)
            if data_set.features or os.path.exists(data_set.features_file) or not config.image:
                config = replace(config, data=data, features="")
        return read_features(config)

    def open(self, data: str = "", features: str = "", split: str = "", limit: int | None = None) -> OpenSplit:
        """Read a split of a data set, and the features of its images.

        Parameters
        ----------
        data : the data set, as --data names it; by default that of the training
        features : the file of its features; by default as `read_features` says
        split : its name, by default dev or val
        limit : how many of its images are wanted, None for all

        Raises
        ------
        UserError : there is no such split, something cannot be read, or the features are of another CNN
        """
        data_set = open_data_set(data or self.config.data)
        try:
            captions = data_set.captions()
        except UserError as error:
            # The training may have been on another machine, or in another folder.
            raise error if data else UserError(f"{error}; name the data with --data") from None
        found = self.read_features(data, features)
        read_images = self.read_images(found)
        name = split or validation_split(captions)
        whole = attach(captions, found, name)
        return OpenSplit(data_set, captions, found, read_images, name, whole, whole.first(limit))

    def write(
        self,
        rows: Array,
        read_images: ReadImages,
        search: BeamSearch | None = SEARCH,
        on_images: Callable[[int], object] = lambda number: None,
        ranks: Ranks = ALONE,
    ) -> list[list[Hypothesis]]:
        """Return the captions of images as the search finds them, for each image the best first.

        Parameters
        ----------
        rows : (n,) int, the images as `read_images` numbers them
        read_images : from `read_images` or `open`
        search : what beam search looks for; None takes the most likely next word each time
        on_images : called with the number of images that have been captioned since the last call
        ranks : the processes that caption them together; each gets all captions

        Raises
        ------
        UserError : the beam is too wide for the memory there is, or the model's numbers are not finite
        """
        batches = batches_of(rows, self.backend, search)
        if search is not None:
            search.require_room(min(len(rows), len(batches[0]) * product_threads()), self.decoder.model.M)

        def captions(some: Array) -> list[list[Hypothesis]]:
            values = read_images(some)
            if search is None:
                return finite([[hypothesis] for hypothesis in greedy(self.decoder, values)])
            return finite(beam_search(self.decoder, values, search))

        written: list[list[Hypothesis]] = []
        for found in deal(ranks, captions, batches, HYPOTHESES, self.each):
            written += found
            on_images(len(found))
        return written

    def each(self, do: Callable[[S], T], items: Sequence[S]) -> Iterator[T]:
        """Yield what `do` makes of each item, in their order, by all cores."""
        return on_each_core(do, items, self.backend)

    def bits_per_word(self, examples: Examples, ranks: Ranks = ALONE) -> float:
        """Return the cost of sentences about images, which `ranks` compute together; 2 to it is the perplexity."""
        each = partial(deal, ranks, form=NUMBER, each=self.each)
        return bits_per_word(self.decoder.model, self.decoder.params, examples, self.backend, each)

    def _caption(self, features: Features, search: BeamSearch | None) -> list[str]:
        rows = np.arange(len(features.names))
        found = self.write(rows, self.read_images(features), search)
        return [self.vocabulary.decode(best.words) for best, *_ in found]


def warn_of(unlike: Iterable[str]) -> None:
    """Say on stderr which images are unlike those that a model was trained on, a line for each."""
    for image in unlike:
        warning = f"{image}: is unlike the pictures this model was trained on; do not trust its caption"
        print(one_line(warning), file=sys.stderr)


def pictures_among(images: Sequence[str], features: ImageRows | None) -> list[str]:
    """Return which of some images are pictures, files of their own, and not images that `features` knows by name.

    Somebody's 1.jpg is not the image 000000000001 of a data set: only the very name goes before a file.
    """
    known = set(features.names) if features else set()
    return [image for image in images if image not in known and os.path.exists(image)]


def batches_of(rows: Array, backend: Backend, search: BeamSearch | None = None) -> list[Array]:
    """Cut images into even batches to be captioned together: on NumPy one for each core where that leaves them enough.

    A core with few sentences spends its time on bringing the matrices into its cache.
    """
    most = BATCH
    if backend.name == "numpy":
        most = most if search is None else most // 4
        most = min(most, max(most // 4, -(-len(rows) // product_threads())))
    return np.array_split(rows, max(1, -(-len(rows) // most)))
