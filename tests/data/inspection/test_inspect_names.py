"""Names of images and splits: one image under two names, and splits that nobody looks for."""

import pytest

from mrnn_np.data.captions import CaptionData
from mrnn_np.data.inspection.captions import name_findings

MANY = tuple(f"{i}.jpg" for i in range(300))


def findings(**splits: tuple[str, ...]) -> list[tuple[bool, str]]:
    captions = {image: (("a",),) for images in splits.values() for image in images}
    return [tuple(finding) for finding in name_findings(CaptionData("tiny", splits, captions, ()))]


def test_nothing_wrong():
    folders = ("train/x1.jpg", "val/x1.jpg", "a.png", "a.jpg", "a1.jpg")
    assert findings(train=MANY, val=("x.jpg",), crVal=("y.jpg",), test=folders) == []


@pytest.mark.parametrize(
    ("splits", "mistake", "text"),
    [
        (
            {"train": MANY, "tarin": ("x",)},
            False,
            "1 of 301 images are in 'tarin', a split that nothing is trained on or judged by; is it meant?",
        ),
        ({"train": ("x",), "tarin": MANY}, True, "300 of 301 images are in 'tarin', a split that nothing is"),
        (
            {"train": MANY, "restval": ("x", "y")},
            False,
            "2 images of restval are not trained on; with karpathy:FILE,rest",
        ),
        (
            {"train": (*MANY, "x/7.jpg")},
            False,
            "2 of 301 images have a name that could mean another one too, as '7.jpg' and 'x/7.jpg'; give each image",
        ),
        (
            {"train": ("a.jpg", "b.jpg"), "val": ("a",)},
            True,
            "2 of 3 images have a name that could mean another one too",
        ),
        (
            {"train": ("42",), "val": ("COCO_val2014_000000000042.jpg",)},
            True,
            "2 of 2 images have a name that could mean another one too, as '42' and 'COCO_val2014_000000000042.jpg'",
        ),
        (
            {"train": (*MANY, "x", "X")},
            False,
            "2 of 302 images are told apart by upper and lower case only, as 'x' and 'X'; are they the same?",
        ),
        (
            {"train": ("a", "\u00c4.jpg"), "val": ("\u00e4.jpg",)},
            True,
            "2 of 3 images are told apart by upper and lower case only, as '\u00c4.jpg' and '\u00e4.jpg'",
        ),
    ],
)
def test_findings(splits: dict[str, tuple[str, ...]], mistake: bool, text: str):
    [(is_mistake, found)] = findings(**splits)
    assert found.startswith(text)
    assert is_mistake is mistake
