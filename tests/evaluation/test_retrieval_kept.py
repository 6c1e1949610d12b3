"""Scores that outlive the process that computes them."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.data.vocabulary import END, UNK
from mrnn_np.errors import UserError
from mrnn_np.evaluation import kept_scores as kept
from mrnn_np.evaluation.pair_scores import PairScorer
from mrnn_np.evaluation.prefix_tree import prefix_tree
from mrnn_np.model.mrnn import MRNN
from mrnn_np.model.params import Params, layout_size


def made():
    """Random parameters, 33 sentences, and the features of five images."""
    layout, rng = MRNN(M=11, d_I=6, d_e=4, d_w=5, d_m=7).layout, np.random.default_rng(0)
    params = Params(layout, rng.normal(0, 0.5, layout_size(layout)).astype(np.float32))
    sentences = [np.append(rng.integers(UNK, 6, rng.integers(1, 6)), END) for _ in range(33)]
    return params, sentences, rng.normal(0, 1, (5, 6)).astype(np.float32)


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """A scorer, the features of five images, and the file for their scores; two images between two writes."""
    monkeypatch.setattr(kept, "IMAGES", 2)
    params, sentences, features = made()
    scorer = PairScorer.of(params, prefix_tree(sentences), choose_backend("numpy"))
    return scorer, features, kept.scores_file(tmp_path / "work", params.theta, sentences, features)


def test_interrupted_and_gone_on(scene):
    scorer, features, path = scene
    expected = scorer(features)
    rows, contexts = [], len(scorer.terms)

    def interrupt(count):
        rows.append(count)
        if sum(rows) > 3 * contexts:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept.kept_scores(path, scorer, features, interrupt)
    on_disk = np.load(path)
    assert np.isnan(on_disk[2:]).all()
    assert not np.isnan(on_disk[:2]).any()

    # What is there is not computed again: a mark put into it stays.
    marked = np.full(expected.shape, 7, np.float32)
    kept.write_rows(path, marked, slice(0, 2))
    rows.clear()
    found = kept.kept_scores(path, scorer, features, rows.append)
    assert (found[:2] == 7).all()
    np.testing.assert_allclose(found[2:], expected[2:], rtol=1e-5)
    assert rows[0] == 2 * contexts
    assert sum(rows) == 5 * contexts
    np.testing.assert_array_equal(np.load(path)[:, :-1], found)


def test_gone_on_with_it_is_bit_for_bit_what_it_would_have_been(scene):
    scorer, features, path = scene
    whole = kept.kept_scores(path, scorer, features)
    on_disk = path.read_bytes()
    for at in range(130, len(on_disk), 97):
        # Killed or cut short there; padded with zeros to its length; a bit flipped.
        for damaged in (
            on_disk[:at],
            on_disk[:at] + bytes(len(on_disk) - at),
            on_disk[:at] + bytes([on_disk[at] ^ 1]) + on_disk[at + 1 :],
        ):
            path.write_bytes(damaged)
            assert kept.kept_scores(path, scorer, features).tobytes() == whole.tobytes()
            assert path.read_bytes() == on_disk


def test_other_parameters_sentences_or_images_have_other_files(tmp_path):
    params, sentences, features = made()
    files = {
        kept.scores_file(tmp_path, *parts)
        for parts in (
            (params.theta, sentences, features),
            (params.theta * 2, sentences, features),
            (params.theta, sentences[1:], features),
            (params.theta, sentences[::-1], features),
            (params.theta, [*sentences[:-1], np.array([UNK, UNK, END])], features),
            (params.theta, sentences, features[:4]),
            (params.theta, sentences, features[::-1]),
        )
    }
    assert len(files) == 7
    assert kept.scores_file(tmp_path, params.theta.copy(), list(sentences), features.copy()) in files


def test_a_file_that_is_something_else(scene):
    scorer, features, path = scene
    whole = kept.kept_scores(path, scorer, features)
    for content in (b"", b"x" * 100, b"x" * path.stat().st_size):
        path.write_bytes(content)
        np.testing.assert_array_equal(kept.kept_scores(path, scorer, features), whole)
    kept.begin(path, (2, 2))
    np.testing.assert_array_equal(kept.kept_scores(path, scorer, features), whole)
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError, match=r"\.npy: cannot be read \(Is a directory\)"):
        kept.kept_scores(path, scorer, features)


def test_a_model_of_nan_is_refused(scene):
    scorer, features, path = scene
    scorer.params.theta[:] = np.nan
    with pytest.raises(UserError, match="probabilities are not finite"):
        kept.kept_scores(path, scorer, features)


def test_a_folder_that_cannot_be_made(scene, tmp_path):
    scorer, features, _ = scene
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError) as refused:
        kept.kept_scores(tmp_path / "file" / "scores.npy", scorer, features)
    assert str(refused.value) == f"{tmp_path / 'file'}: cannot be made (File exists)"
