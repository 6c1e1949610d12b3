"""The scenes as the rest of the package knows them: a data set that can do all that a `DataSet` may."""

from collections.abc import Sequence

from PIL import Image

from mrnn_np.data.data_set import CaptionData, Claim, DataSet
from mrnn_np.scenes.cnn import SIZE
from mrnn_np.scenes.dataset import load_scenes
from mrnn_np.scenes.features import scene_features
from mrnn_np.scenes.render import render
from mrnn_np.scenes.truth import judge
from mrnn_np.scenes.world import Scene


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


def scene_called(name: str) -> Scene:
    """Return the scene of a name, which begins with its split's: "val-0018"."""
    return load_scenes()[name.partition("-")[0]][name].scene


def judge_caption(name: str, words: Sequence[str]) -> tuple[Claim, ...]:
    """Return the claims that a caption makes about the scene of that name."""
    return judge(words, scene_called(name))


def picture(name: str, size: int = SIZE) -> Image.Image:
    """Return the picture of the scene of that name."""
    return render(scene_called(name), size)


DATA_SET = DataSet("scenes", captions, features=scene_features, judge=judge_caption, picture=picture)
