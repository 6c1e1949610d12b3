"""What is wrong with the names of images and splits: one thing under two names, or under one that nothing looks for."""

from collections import Counter
from collections.abc import Iterator

from mrnn_np.data.data_set import CaptionData
from mrnn_np.data.inspection.findings import Finding, finding_of_share
from mrnn_np.data.names import NameIndex
from mrnn_np.data.readers.split_names import KNOWN_SPLITS


def name_findings(data: CaptionData) -> list[Finding]:
    """Return what is wrong with the names of a data set's images and splits."""
    images = list(dict.fromkeys(image for some in data.splits.values() for image in some))
    findings = []
    for split, some in data.splits.items():
        if split not in KNOWN_SPLITS:
            text = f"images are in {split!r}, a split that nothing is trained on or judged by; is it meant?"
            findings += finding_of_share(len(some), len(images), 0.1, text)
    if "restval" in data.splits:
        text = (
            f"{len(data.splits['restval']):,} images of restval are not trained on; with karpathy:FILE,restval they are"
        )
        findings.append(Finding(False, text))
    if pairs := list(_alike(images)):
        one, other = pairs[0]
        text = f"images have a name that could mean another one too, as {one!r} and {other!r}; give each image one name"
        findings += finding_of_share(len(pairs), len(images), 0.01, text)
    times = Counter(map(str.casefold, images))
    if twins := [image for image in images if times[image.casefold()] > 1]:
        other = next(image for image in twins[1:] if image.casefold() == twins[0].casefold())
        text = f"images are told apart by upper and lower case only, as {twins[0]!r} and {other!r}; are they the same?"
        findings += finding_of_share(len(twins), len(images), 0.01, text)
    return findings


def _alike(images: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each image that another one's name could mean too, and the first such name."""
    index = NameIndex(images)
    for image in images:
        for other in index.alike(image):
            if other != image:
                yield image, other
                break
