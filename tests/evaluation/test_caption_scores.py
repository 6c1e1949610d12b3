"""All metrics together, the table they are shown in, the paper's rows and the official tools' files."""

import contextlib
import io
import json

import numpy as np
import pytest

from mrnn_np.evaluation.bleu import bleu
from mrnn_np.evaluation.caption_scores import caption_scores
from mrnn_np.evaluation.cider import Idf, cider_d
from mrnn_np.evaluation.coco_files import coco_id, coco_references, coco_results
from mrnn_np.evaluation.rouge import rouge_l
from mrnn_np.evaluation.table import data_set_named, published_rows, score_text, table


def test_scores_are_those_of_the_metrics(corpus):
    captions, references = corpus(0, 30)
    idf = Idf.of(corpus(1, 50)[1])
    scores, of_images = caption_scores(captions, references, idf, [[captions[3]], [captions[7], ["x"]]])
    assert [scores[f"BLEU-{n}"] for n in range(1, 5)] == pytest.approx(bleu(captions, references))
    assert scores["ROUGE-L"] == pytest.approx(np.mean(rouge_l(captions, references)))
    assert scores["CIDEr-D"] == pytest.approx(np.mean(cider_d(captions, references, idf)))
    assert [entry["CIDEr-D"] for entry in of_images] == cider_d(captions, references, idf)
    assert [entry["BLEU-2"] for entry in of_images] == [
        bleu([c], [r])[1] for c, r in zip(captions, references, strict=True)
    ]
    old = [not entry["novel"] for entry in of_images]
    assert old == [caption in (captions[3], captions[7]) for caption in captions]
    assert scores["novel captions"] == pytest.approx(1 - sum(old) / 30)
    assert scores["words per caption"] == pytest.approx(sum(map(len, captions)) / 30)
    assert "novel captions" not in caption_scores(captions, references, idf)[0]


def test_table():
    lines = list(table({"ours": {"BLEU-1": 0.5, "words": 1234}, "theirs": {"perplexity": 24.39, "BLEU-1": 0.25}}))
    assert lines == [
        "               ours   theirs",
        "BLEU-1        0.500    0.250",
        "words         1,234        -",
        "perplexity        -    24.39",
    ]
    assert (score_text(2), score_text(0.12345), score_text(12.345)) == ("2", "0.123", "12.35")


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("flickr8k:anywhere/flickr30k", "flickr8k"),
        ("coco:DIR", "coco"),
        ("mrnn:DIR", "coco"),
        ("karpathy:/home/coco/dataset_flickr8k.json", "flickr8k"),
        ("karpathy:/data/Flickr30k/dataset.json", "flickr30k"),
        ("karpathy:mine.json", ""),
        ("jsonl:coco.jsonl", ""),
        ("scenes", ""),
    ],
)
def test_which_data_set_of_the_paper(spec, name):
    assert data_set_named(spec) == name


def test_the_papers_rows():
    [row] = published_rows("flickr8k:DIR", image=True)
    assert (row.model, row.mark) == ("m-RNN-AlexNet", "quoted")
    scores = {"perplexity": 24.39, "BLEU-1": 0.565, "BLEU-2": 0.386, "BLEU-3": 0.256, "BLEU-4": 0.17}
    assert row.scores == scores
    assert published_rows("flickr8k:DIR", image=False) == ()
    assert [row.model for row in published_rows("flickr30k:DIR", image=True)] == ["m-RNN-AlexNet", "m-RNN-VGGNet"]
    assert {row.mark for spec in ("flickr30k:", "coco:", "iaprtc12:") for row in published_rows(spec, True)} == {
        "recalled"
    }


def test_numbers_of_coco_images():
    names = ("COCO_val2014_000000391895.jpg", "val2017/000000000042.jpg", "42", "a42.jpg")
    assert [coco_id(name) for name in names] == [391895, 42, 42, "a42.jpg"]


@pytest.mark.parametrize("ids", [(7, 9), ("a.jpg", "b.jpg")])
def test_the_official_tools_read_them(ids, tmp_path):
    coco = pytest.importorskip("pycocotools.coco")
    references = [[["a", "dog"], ["über", "all"]], [["one", "cat"]]]
    (tmp_path / "references.json").write_text(json.dumps(coco_references(ids, references)))
    (tmp_path / "captions.json").write_text(json.dumps(coco_results(ids, [["a", "dog"], []])))
    with contextlib.redirect_stdout(io.StringIO()):
        annotations = coco.COCO(str(tmp_path / "references.json"))
        results = annotations.loadRes(str(tmp_path / "captions.json"))
    assert [[entry["caption"] for entry in annotations.imgToAnns[id]] for id in ids] == [
        ["a dog", "über all"],
        ["one cat"],
    ]
    assert [[entry["caption"] for entry in results.imgToAnns[id]] for id in ids] == [["a dog"], [""]]
