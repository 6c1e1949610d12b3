"""What was written about the images of a split, kept for people and for the official tools."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mrnn_np.captioning.decoder import Hypothesis
from mrnn_np.captioning.rerank import best_first
from mrnn_np.data.captions import SplitData
from mrnn_np.data.vocabulary import Vocabulary
from mrnn_np.evaluation.coco_files import coco_references, coco_results
from mrnn_np.evaluation.sentences import Sentence
from mrnn_np.files import write_text


@dataclass(frozen=True)
class Written:
    """The hypotheses of one image, in the order of the beam."""

    sentences: list[Sentence]
    log2_probs: list[float]
    consensus: list[float]
    """score(h) of each, where they are reranked; else empty"""

    @classmethod
    def of(cls, hypotheses: Sequence[Hypothesis], vocabulary: Vocabulary) -> "Written":
        """Return the words of what the beam has found."""
        sentences: list[Sentence] = [vocabulary.decode(h.words).split() for h in hypotheses]
        return cls(sentences, [h.log2_prob for h in hypotheses], [])

    @property
    def order(self) -> list[int]:
        """Which of the hypotheses is the best, which the next, and so on."""
        return best_first(np.array(self.consensus)) if self.consensus else list(range(len(self.sentences)))

    @property
    def best(self) -> Sentence:
        """The caption of the image."""
        return self.sentences[self.order[0]]

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return all hypotheses, best first, as they stand in a JSON file."""
        entries = []
        for i in self.order:
            consensus = {"consensus": self.consensus[i]} if self.consensus else {}
            text = " ".join(self.sentences[i])
            entries.append({"caption": text, "log2_prob": round(self.log2_probs[i], 4), **consensus})
        return entries


def save_results(
    folder: Path,
    report: dict[str, Any],
    split: SplitData,
    ids: Sequence[int | str],
    written: Sequence[Written],
    of_images: Sequence[dict[str, Any]],
) -> tuple[str, ...]:
    """Write four files of JSON and return their names.

    * scores.json is the `report`;
    * images.json holds for each image its caption, log2 P, scores (`of_images`), hypotheses and references;
    * captions.json and references.json are results and annotations in the format of COCO, by the images' `ids` there.

    Raises UserError when the disk refuses.
    """
    entries = []
    for image, of_image, scores, references in zip(split.images, written, of_images, split.captions, strict=True):
        hypotheses = of_image.as_dicts()
        others = {"hypotheses": hypotheses} if len(hypotheses) > 1 else {}
        said = [" ".join(reference) for reference in references]
        entries.append({"image": image, **hypotheses[0], **scores, "references": said, **others})
    contents = {
        "scores.json": report,
        "images.json": entries,
        "captions.json": coco_results(ids, [of_image.best for of_image in written]),
        "references.json": coco_references(ids, split.captions),
    }
    for name, content in contents.items():
        write_text(folder / name, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    return tuple(contents)
