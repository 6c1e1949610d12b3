"""Consensus reranking: neighbours, similarities and the choice of k and m, beside the same written plainly."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from mrnn_np.backend import choose_backend
from mrnn_np.captioning.decoder import Decoder, Hypothesis
from mrnn_np.captioning.rerank import Consensus, M, Similarity, best_first, consensus_scores, refine
from mrnn_np.captioning.rerank_choice import K_TRIED, M_TRIED, Trial, best_trial, trial_lines, try_each
from mrnn_np.captioning.rerank_plot import draw_reranking
from mrnn_np.captioning.written import Written
from mrnn_np.data.captions import SplitData
from mrnn_np.data.examples import ImageReader
from mrnn_np.data.features import Standardiser
from mrnn_np.data.vocabulary import END, SPECIAL, Vocabulary
from mrnn_np.errors import UserError
from mrnn_np.evaluation.bleu import bleu
from mrnn_np.evaluation.cider import Idf, cider_d
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params, layout_size

WORDS = "a dog cat man boat red blue runs sits swims in the on park".split()
VOCABULARY = Vocabulary((*SPECIAL, *WORDS))
IMAGES, D_I = 30, 5


def sentences(rng, count):
    return tuple(tuple(rng.choice(WORDS, rng.integers(2, 9))) for _ in range(count))


@pytest.fixture
def training():
    rng = np.random.default_rng(0)
    captions = tuple(sentences(rng, rng.integers(1, 6)) for _ in range(IMAGES))
    # The rows of the features are in another order than the images.
    return SplitData(tuple(f"image{i}" for i in range(IMAGES)), np.arange(IMAGES)[::-1].copy(), captions)


@pytest.fixture
def read_images():
    values = np.random.default_rng(1).normal(size=(IMAGES, D_I)).astype(np.float32)
    return ImageReader(values, Standardiser(np.full(D_I, 0.5, np.float32), np.full(D_I, 2, np.float32)))


def decoder_of(backend, d_I=D_I):
    model = MRNN(len(VOCABULARY), d_I=d_I, d_e=3, d_w=4, d_m=6)
    theta = np.random.default_rng(2).normal(size=layout_size(model.layout)).astype(np.float32)
    return Decoder(model, Params(model.layout, backend.asarray(theta)), backend)


@pytest.fixture
def decoder():
    return decoder_of(choose_backend("numpy"))


def test_neighbours_are_nearest_in_the_refined_feature_and_never_the_image_itself(backend, training, read_images):
    decoder = decoder_of(backend)
    consensus = Consensus.of(decoder, VOCABULARY, training, read_images, "ngram-f1", k=7)
    V_I = backend.to_numpy(decoder.params["V_I"])
    refined = np.array([V_I @ read_images(np.array([row]))[0] for row in training.feature_rows])
    features = np.random.default_rng(3).normal(size=(2, D_I)).astype(np.float32)
    features[1] = read_images(training.feature_rows[4:5])[0]
    found = consensus.neighbours(("new", "image4"), features)
    for image, own in ((0, None), (1, 4)):
        distances = [np.linalg.norm(V_I @ features[image] - v) for v in refined]
        nearest = [i for i in np.argsort(distances) if i != own]
        assert found[image].tolist() == nearest[:7]
    everything = replace(consensus, k=1000).neighbours(("image4",), features[:1])[0]
    assert sorted(everything.tolist()) == [i for i in range(IMAGES) if i != 4]


@pytest.mark.parametrize("name", M)
def test_reranking_beside_a_plain_loop(name, decoder, training, read_images):
    k, m = 6, 9
    consensus = Consensus.of(decoder, VOCABULARY, training, read_images, name, k, m)
    rng = np.random.default_rng(4)
    features = rng.normal(size=(3, D_I)).astype(np.float32)
    hypotheses = [
        [
            Hypothesis((*VOCABULARY.encode(words).tolist(),), -float(i), True)
            for i, words in enumerate(sentences(rng, 5))
        ]
        for _ in range(3)
    ]
    reranked = consensus.rerank(("x", "y", "z"), features, hypotheses)
    sim = Similarity.named(name, training.captions)
    for image, nearest in enumerate(consensus.neighbours(("x", "y", "z"), features)):
        scores = {}
        for h in hypotheses[image]:
            words = VOCABULARY.decode(h.words).split()
            all_of_them = [
                sim.between(sim.prepare(words), sim.prepare(c)) for i in nearest for c in training.captions[i]
            ]
            scores[h] = sum(sorted(all_of_them)[-m:]) / min(m, len(all_of_them))
        assert [scores[h] for h in reranked[image]] == pytest.approx(sorted(scores.values(), reverse=True))
        assert set(reranked[image]) == set(hypotheses[image])


def test_what_is_rare_is_learnt_from_the_training_captions_alone(training):
    cider = Similarity.named("cider", training.captions)
    idf = Idf.of(training.captions)
    h, c = "a red dog runs in the park".split(), "the red dog sits in the park".split()
    assert cider.between(cider.prepare(h), cider.prepare(c)) == pytest.approx(cider_d([h], [[c]], idf)[0])


def test_scores_and_order_by_hand():
    # Two neighbours with two and one captions; of three hypotheses, the second and third are equal.
    similarities = [np.array([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5]]), np.array([[0.2], [0.9], [0.9]])]
    assert consensus_scores(similarities, k=1, m=1).tolist() == [1, 0.5, 0.5]
    assert consensus_scores(similarities, k=2, m=2) == pytest.approx([0.6, 0.7, 0.7])
    assert consensus_scores(similarities, k=9, m=9) == pytest.approx([0.4, 1.9 / 3, 1.9 / 3])
    assert best_first(consensus_scores(similarities, k=2, m=2)) == [1, 2, 0]


def test_the_authors_k_and_m_are_the_defaults(decoder, training, read_images):
    made = {name: Consensus.of(decoder, VOCABULARY, training, read_images, name) for name in M}
    assert {name: (one.k, one.m) for name, one in made.items()} == {"cider": (60, 125), "ngram-f1": (60, 175)}


def test_refined_features_are_V_I_I(decoder):
    features = np.ones((2, D_I), np.float32)
    assert refine(decoder, features) == pytest.approx(np.tile(decoder.params["V_I"].sum(axis=1), (2, 1)), rel=1e-5)


def test_the_pairs_that_are_tried_lie_around_the_authors():
    assert K_TRIED == (5, 10, 20, 30, 60, 100)
    assert M_TRIED == (10, 25, 50, 75, 125, 175, 250)


def test_each_trial_is_a_reranking(training):
    rng = np.random.default_rng(5)
    references = [sentences(rng, 3) for _ in range(8)]
    hypotheses = [sentences(rng, 4) for _ in range(8)]
    similarities = [[rng.random((4, 2)) for _ in range(6)] for _ in range(8)]
    idf = Idf.of(references)
    trials = try_each(similarities, hypotheses, references, idf, ks=(1, 3, 6), ms=(1, 2, 5, 12))
    assert [(t.k, t.m) for t in trials] == [(1, 1), (1, 2), (3, 1), (3, 2), (3, 5), (6, 1), (6, 2), (6, 5), (6, 12)]
    for trial in trials:
        taken = [
            of_image[best_first(consensus_scores(similar, trial.k, trial.m))[0]]
            for of_image, similar in zip(hypotheses, similarities, strict=True)
        ]
        assert trial.cider == pytest.approx(np.mean(cider_d(taken, references, idf)))
        assert trial.bleu_4 == pytest.approx(bleu(taken, references)[3])
    assert best_trial(trials).cider == max(trial.cider for trial in trials)
    assert list(trial_lines([Trial(5, 10, 0.5, 0.25), Trial(20, 50, 0.625, 0.125)])) == [
        "   k     m   CIDEr-D    BLEU-4",
        "   5    10    0.5000    0.2500",
        "  20    50    0.6250    0.1250",
        "the highest CIDEr-D: --k 20 --m 50",
    ]


@pytest.mark.parametrize("photograph", [None, np.zeros((40, 60, 3), np.uint8)])
def test_plot(photograph):
    written = Written([["a", "dog"], ["a", "$1", "$2", "cat"], ["boat"]], [-3.0, -4.0, -5.0], [0.1, 0.3, 0.2])
    assert (written.order, written.best) == ([1, 2, 0], ["a", "$1", "$2", "cat"])
    files = []
    for consensus in ([0.1, 0.3, 0.2], [0.3, 0.2, 0.1]):
        file = io.BytesIO()
        draw_reranking(replace(written, consensus=consensus), "$one$.jpg", photograph).write(file)
        files.append(file.getvalue())
    pictures = [np.asarray(Image.open(io.BytesIO(file)).convert("L")) for file in files]
    assert pictures[0].shape == pictures[1].shape
    assert pictures[0].min() < 128 < pictures[0].max()
    assert (pictures[0] != pictures[1]).any()


def test_no_caption_of_the_plot_is_cut_off():
    """Neither one as long as those of the scenes nor one of wide letters."""
    for caption in (["two", "white", "horses", "are", "running", "through", "a", "small", "forest"], ["wwwwwwww"] * 6):
        written = Written([caption, caption[:2]], [-123.0, -4.0], [0.1, 12.3])
        figure = draw_reranking(written)
        figure.canvas.draw()
        width = figure.bbox.width
        for text in figure.axes[0].texts:
            box = text.get_window_extent()
            assert 0 <= box.x0, text.get_text()
            assert box.x1 <= width, text.get_text()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 0}, "--k is 0; it must be 1 or more"),
        ({"m": 0}, "--m is 0; it must be 1 or more"),
        ({"similarity": "bleu"}, "--rerank: 'bleu' is not a similarity of sentences; expected cider or ngram-f1"),
    ],
)
def test_what_cannot_be(change, message, decoder, training, read_images):
    options = {"similarity": "cider", "k": 3, "m": 3} | change
    with pytest.raises(UserError) as refused:
        Consensus.of(decoder, VOCABULARY, training, read_images, **options)
    assert str(refused.value) == message


def test_a_model_that_looks_at_no_images(training, read_images):
    with pytest.raises(UserError, match="--rerank: this model looks at no images, so none are alike; leave --rerank"):
        Consensus.of(decoder_of(choose_backend("numpy"), d_I=0), VOCABULARY, training, read_images, "cider")


def test_end_is_no_word_of_a_hypothesis():
    h = Hypothesis((*VOCABULARY.encode(["a", "dog"]).tolist(),), -1.5, True)
    assert h.words[-1] == END
    assert Written.of([h], VOCABULARY) == Written([["a", "dog"]], [-1.5], [])
