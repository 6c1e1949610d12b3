"""Every variant does the same work: the same costs, sentences, scores and features."""

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.benchmarks import decoding, extraction, pairs, steps, works
from mrnn_np.benchmarks.report import spread, table
from mrnn_np.benchmarks.rounds import measure_rounds, require_agreement
from mrnn_np.benchmarks.task import Products, flops, forward_and_backward
from mrnn_np.benchmarks.workload import captions, images, parameters, training_batches
from mrnn_np.data.vocabulary import END, START, UNK
from mrnn_np.errors import UserError
from mrnn_np.evaluation.prefix_tree import prefix_tree

NUMPY = choose_backend("numpy")
PEERS = [(work, peer) for work, known in works.WORKS.items() for peer in known.variants if peer in works.PEERS]


def needs(package):
    return pytest.importorskip(package, reason=f"{package} is not installed")


@pytest.mark.parametrize(("work", "peer"), [pair for pair in PEERS if pair[1] != "torch-compile"])
def test_peers_do_the_same(work, peer):
    if peer.startswith("torch"):
        needs("torch")
    variants, size = works.WORKS[work].variants, 1 if work == "extract" else 6
    ours, theirs = variants["numpy"](60, size, NUMPY), variants[peer](60, size, NUMPY)
    results = ours.run()
    assert theirs.count == ours.count
    assert theirs.run() == pytest.approx(results, rel=1e-4, abs=1e-4 * np.abs(results).max())
    if work == "step":  # the parameters have moved alike
        assert theirs.run() == pytest.approx(ours.run(), rel=1e-4)


def test_compiled_pytorch_does_the_same(monkeypatch):
    torch = needs("torch")
    monkeypatch.setattr(torch, "compile", lambda function, **options: function)
    ours, theirs = steps.numpy_task(60, 6, NUMPY), steps.torch_compile_task(60, 6, NUMPY)
    assert theirs.run() == pytest.approx(ours.run(), rel=1e-4)


def test_without_a_compiler_it_says_so(monkeypatch):
    torch = needs("torch")

    def compile_(function, **options):
        def fail(*arguments):
            raise RuntimeError("no working compiler\nand more")

        return fail

    monkeypatch.setattr(torch, "compile", compile_)
    with pytest.raises(UserError, match=r"^torch-compile: no working compiler; it needs a C\+\+ compiler$"):
        steps.torch_compile_task(60, 6, NUMPY).run()


@pytest.mark.parametrize("work", ["step", "greedy", "beam", "pairs"])
def test_on_a_device_it_is_the_same_work(strict_cupy, work, monkeypatch):
    # Kernels that g++ runs thread by thread take ten times as long, and have tests of their own.
    monkeypatch.setattr("mrnn_np.backend.dispatch.fits_kernels", lambda args: False)
    make = works.WORKS[work].variants["numpy"]
    assert make(40, 3, choose_backend("cupy")).run() == pytest.approx(make(40, 3, NUMPY).run(), rel=1e-4)


def test_padded_sentences_are_the_same():
    (batch,) = training_batches(50, 7, 1)
    words, targets, is_word, features = steps.padded(batch)
    assert is_word.sum() == len(batch)
    assert sorted(words[is_word > 0]) == sorted(batch.ids)
    assert sorted(targets[is_word > 0]) == sorted(batch.targets)
    assert (features == batch.features[batch.image_of[np.argsort(batch.order)]]).all()


def test_products_are_counted_as_the_layers_say():
    assert flops(forward_and_backward(3, 5, 7)) == 3 * 2 * 3 * 5 * 7
    task = steps.products_task(50, 4, NUMPY)
    assert flops(task.products) == flops(steps.numpy_task(50, 4, NUMPY).products)
    # An output layer of 1,000 more words is three products of all rows with 512 units more.
    assert flops(steps.products_task(1050, 4, NUMPY).products) - flops(task.products) == 6 * task.count * 512 * 1000


def test_products_are_products():
    kept = Products()
    kept.run([("y", 2, 3, 4), ("dx", 2, 3, 4), ("dW", 2, 3, 4)])
    arrays = {name: value for (name, *_), value in kept._kept.items()}
    assert arrays["y"] == pytest.approx(arrays["x"] @ arrays["W"].T)
    assert arrays["dx"] == pytest.approx(arrays["dy"] @ arrays["W"])
    assert arrays["dW"] == pytest.approx(arrays["dy"].T @ arrays["x"])


def test_decoding_products_follow_the_beam():
    task = decoding.products_task(decoding.search, 60, 3, NUMPY)
    rows = [rows for _, rows, outputs, _ in task.products if outputs == 60]
    assert rows[0] == 3
    assert 3 < max(rows) <= 3 * decoding.WIDTH


def test_greedy_products_stop_where_the_sentences_do():
    model, params = parameters(60)
    decoding.make_writer(params)
    written = decoding.write_greedily(decoding.Decoder(model, params, NUMPY), images(9))
    products = decoding.products_task(decoding.write_greedily, 60, 9, NUMPY).products
    words = sum(len(sentence.words) for sentence in written)
    assert sum(rows for _, rows, outputs, _ in products if outputs == 60) == words


def test_the_writer_writes_sentences():
    model, params = parameters(200)
    decoding.make_writer(params)
    written = decoding.write_greedily(decoding.Decoder(model, params, NUMPY), images(20))
    assert all(sentence.finished for sentence in written)
    assert 8 < np.mean([len(sentence.words) for sentence in written]) < 16
    assert len({sentence.words for sentence in written}) > 15


def test_captions_share_their_beginnings_as_peoples_do():
    written = captions(2500, 500)
    tree = prefix_tree(written)
    assert 0.78 < len(tree.contexts) / sum(map(len, written)) < 0.84
    assert all(words[-1] == END and not {END, START, UNK} & set(words[:-1].tolist()) for words in written)


def test_products_of_the_cnn():
    products = extraction.products_task(0, 1, NUMPY).products
    assert products[0] == ("y", 112 * 112, 32, 27)
    assert products[-1] == ("y", 7 * 7, 1280, 320)


def test_products_of_pairs():
    contexts = prefix_tree(captions(60, 40)).contexts
    products = pairs.products_task(60, 40, NUMPY).products
    assert sum(rows for _, rows, outputs, _ in products if outputs == 60) == len(contexts) * pairs.IMAGES


def test_agreement():
    numbers = np.linspace(-30, -10, 200)
    one_tie = numbers.copy()
    one_tie[3] -= 4
    require_agreement({"numpy": [*numbers], "products": [], "torch": [*one_tie], "padded": [*(numbers * 1.0001)]})
    for wrong in (numbers * 1.01, numbers[:-1], np.full(200, np.nan)):
        with pytest.raises(UserError, match="torch does not do the same work as numpy"):
            require_agreement({"numpy": [*numbers], "torch": [*wrong]})


def test_a_variant_that_dies(capfd):
    with pytest.raises(UserError, match="the variant nonsense ended before it was measured"):
        measure_rounds("step", ["nonsense"], 50, 2, 1)
    assert "KeyError: 'nonsense'" in capfd.readouterr().err


def test_the_table_tells_medians_of_neighbouring_rounds():
    rounds = {
        variant: [{"per_second": speed, "cpu_seconds": 2.0, "memory_mb": 50} for speed in speeds]
        for variant, speeds in {"numpy": (100, 10, 100), "products": (200, 40, 125), "torch": (50, 10, 75)}.items()
    }
    assert spread(rounds["torch"], rounds["numpy"]) == (0.75, 0.5, 1.0)
    head, numpy, products, torch = (line.split() for line in table(rounds, "words"))
    assert head[:3] == ["words/s", "x", "numpy"]
    assert numpy == ["numpy", "100", "1.00", "1.00", "1.00", "50%", "2.00", "50"]
    assert products == ["products", "125", "2.00", "1.25", "4.00", "100%", "2.00", "50"]
    assert torch[1:6] == ["50.0", "0.75", "0.50", "1.00", "25%"]
