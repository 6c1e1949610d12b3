"""Writing sentences, greedily and by beam search, as this package does it and as PyTorch does it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mrnn_np.backend import Array, Backend, choose_backend
from mrnn_np.backend.threads import on_each_core
from mrnn_np.benchmarks.task import Product, Task, products_alone
from mrnn_np.benchmarks.workload import images, make_writer, parameters
from mrnn_np.captioning.beam import BeamSearch, beam_search
from mrnn_np.captioning.captioner import batches_of
from mrnn_np.captioning.decoder import MAX_LENGTH, Decoder, Hypothesis, State
from mrnn_np.captioning.one_at_a_time import greedy
from mrnn_np.data.vocabulary import END, START, UNK
from mrnn_np.layers.activations import SCALE, SLOPE
from mrnn_np.layers.softmax import LN2
from mrnn_np.model.params import Params

WIDTH = 10

Decode = Callable[[Decoder, Array], Sequence[Hypothesis]]


@dataclass(frozen=True, eq=False)
class CountingDecoder(Decoder):
    """A decoder that notes how many sentences it reads a word of."""

    rows: list[int] = field(default_factory=list)

    def next(self, ids: Array, state: State) -> tuple[Array, State]:
        """As `Decoder.next`."""
        self.rows.append(len(ids))
        return super().next(ids, state)


def write_greedily(decoder: Decoder, features: Array) -> list[Hypothesis]:
    """One sentence per image."""
    return in_batches(greedy, decoder, features)


def in_batches(decode: Decode, decoder: Decoder, features: Array, beam: BeamSearch | None = None) -> list[Hypothesis]:
    """The same as for a whole split: in batches, of which each core takes some."""
    batches = batches_of(features, decoder.backend, beam)
    found = on_each_core(partial(decode, decoder), batches, decoder.backend)
    return [sentence for of_batch in found for sentence in of_batch]


def search(decoder: Decoder, features: Array) -> list[Hypothesis]:
    """The best sentence a beam finds per image."""
    return [best for (best,) in beam_search(decoder, features, BeamSearch(WIDTH, length_norm=0))]


def search_in_batches(decoder: Decoder, features: Array) -> list[Hypothesis]:
    """The same, as it is done for a whole split."""
    return in_batches(search, decoder, features, BeamSearch(WIDTH))


def numpy_task(decode: Decode, vocabulary: int, count: int, backend: Backend) -> Task:
    """What this package does, on either backend; the numbers to agree on are log2 P of the sentences."""
    model, host = parameters(vocabulary)
    make_writer(host)
    params, features = host.with_theta(backend.asarray(host.theta)), images(count)

    def run() -> list[float]:
        return [sentence.log2_prob for sentence in decode(Decoder(model, params, backend), features)]

    return Task(count, run)


def products_task(decode: Decode, vocabulary: int, count: int, backend: Backend) -> Task:
    """The products of the same decoding; how many sentences were alive at each word is found by doing it once."""
    model, params = parameters(vocabulary)
    make_writer(params)
    decoder = CountingDecoder(model, params, choose_backend("numpy"))
    decode(decoder, images(count))
    products: list[Product] = [("y", count, model.d_m, model.d_I)]
    d_w, d_m = model.d_w, model.d_m
    for rows in decoder.rows:
        layers = (d_w, model.d_e), (d_w, d_w), (d_m, d_w), (d_m, d_w), (model.M, d_m)
        products += [("y", rows, outputs, inputs) for outputs, inputs in layers]
    return products_alone(count, products, backend)


def torch_greedy_task(vocabulary: int, count: int, backend: Backend) -> Task:
    """All images at once; a sentence that has ended leaves the batch."""
    import torch

    step, features = torch_step(vocabulary), torch.as_tensor(images(count))

    @torch.inference_mode()  # type: ignore[untyped-decorator, unused-ignore]
    def run() -> list[float]:
        ids, sentences, state = torch.full((count,), START), torch.arange(count), step.begin(features)
        words, log_prob = torch.full((count, MAX_LENGTH), END), torch.zeros(count)
        for t in range(MAX_LENGTH):
            scores, state = step(ids, state)
            scores = torch.log_softmax(scores, dim=1)
            scores[:, [START, UNK]] = -torch.inf
            best, ids = scores.max(dim=1)
            log_prob[sentences] += best
            words[sentences, t] = ids
            go_on = ids != END
            if not bool(go_on.any()):
                break
            if not bool(go_on.all()):
                ids, sentences = ids[go_on], sentences[go_on]
                state = tuple(part[go_on] for part in state)
        words.tolist()
        return [float(x) for x in log_prob / LN2]

    return Task(count, run)


def torch_beam_task(vocabulary: int, count: int, backend: Backend) -> Task:
    """The search of `mrnn_np.captioning.beam` for n_best = 1 with all its bookkeeping in tensors."""
    import torch

    step, features = torch_step(vocabulary), torch.as_tensor(images(count))

    @torch.inference_mode()  # type: ignore[untyped-decorator, unused-ignore]
    def run() -> list[float]:
        running, height = torch.arange(count), 1
        answers, best_words = torch.full((count,), -torch.inf), torch.zeros(count, MAX_LENGTH, dtype=torch.long)
        ids, alive = torch.full((count,), START), torch.zeros(count, 1)
        words, state = torch.zeros(count, 1, MAX_LENGTH, dtype=torch.long), step.begin(features)
        for t in range(MAX_LENGTH):
            scores, state = step(ids, state)
            scores = torch.log_softmax(scores, dim=1)
            scores[:, [START, UNK]] = -torch.inf
            scores += alive.view(-1, 1)
            best, at = scores.view(len(running), -1).topk(min(2 * WIDTH, height * vocabulary))
            parents, chosen = at // vocabulary, at % vocabulary
            ends = chosen == END
            # The best finished sentence so far, by image.
            finished, which = best.masked_fill(~ends, -torch.inf)[:, :WIDTH].max(dim=1)
            better = finished > answers[running]
            rows = torch.arange(len(running))
            answers[running] = torch.maximum(finished, answers[running])
            best_words[running[better]] = words[rows, parents[rows, which]][better]
            # The best that go on, in their order.
            keep = ends.to(torch.uint8).argsort(dim=1, stable=True)[:, :WIDTH]
            alive, parents, chosen = (x.gather(1, keep) for x in (best.masked_fill(ends, -torch.inf), parents, chosen))
            on = alive[:, 0] > answers[running]
            if t == MAX_LENGTH - 1 or not bool(on.any()):
                # Where no sentence has ended, the best of the unfinished.
                answers[running] = torch.where(answers[running].isinf(), alive[:, 0], answers[running])
                break
            from_rows = (rows[:, None] * height + parents)[on].flatten()
            state = tuple(part[from_rows] for part in state)
            words = words.flatten(0, 1)[from_rows].view(-1, keep.shape[1], MAX_LENGTH)
            running, alive, height = running[on], alive[on], keep.shape[1]
            words[:, :, t] = chosen[on]
            ids = chosen[on].flatten()
        best_words.tolist()
        return [float(x) for x in answers / LN2]

    return Task(count, run)


@dataclass(frozen=True, eq=False)
class TorchStep:
    """`MRNN.begin` and `MRNN.step` in PyTorch."""

    p: dict[str, Any]

    def begin(self, features: Any) -> tuple[Any, Any]:
        """r(0) and V_I I of each image."""
        import torch

        v = torch.nn.functional.linear(features, self.p["V_I"], self.p["b_m"])
        return v.new_zeros(len(v), len(self.p["b_w"])), v

    def __call__(self, ids: Any, state: tuple[Any, Any]) -> tuple[Any, tuple[Any, Any]]:
        """One word further: the scores of the next, and the state."""
        import torch

        p, (r, v) = self.p, state
        w = torch.addmm(p["b_w"], p["E"][ids], p["W_2"].T)
        r = torch.addmm(w, r, p["U_r"].T).relu_()
        z = torch.addmm(v, w, p["V_w"].T).addmm_(r, p["V_r"].T)
        m = z.mul_(SLOPE).tanh_().mul_(SCALE)
        return torch.addmm(p["b_y"], m, p["V_y"].T), (r, v)


def torch_step(vocabulary: int) -> TorchStep:
    """The writing model in PyTorch."""
    _, params = parameters(vocabulary)
    make_writer(params)
    return TorchStep(as_tensors(params))


def as_tensors(params: Params) -> dict[str, Any]:
    """Parameters as tensors of their own."""
    import torch

    return {name: torch.tensor(params[name]) for name in params}
