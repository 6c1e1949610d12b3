"""Train the scene CNN on what its scenes show.

It learns to score attributes ("a dog", "something red", "left of"), since those are what captions speak of; the
features it needs for that are what the captioner then reads.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mrnn_np.vision.network import Network, Weights, backward, forward, run
from mrnn_np.vision.scene_cnn import Pictures, SceneCnn, as_input, initial_weights, save_scene_cnn, scene_cnn
from mrnn_np.vision.sigmoid_loss import sigmoid_loss_backward, sigmoid_loss_forward

Labels = npt.NDArray[np.bool_]


def train(
    images: Pictures,
    labels: Labels,
    val_images: Pictures,
    val_labels: Labels,
    *,
    seed: int,
    epochs: int,
    batch: int = 32,
    lr: float = 0.05,
    momentum: float = 0.9,
    l2: float = 1e-4,
    report: Callable[[str], None] = print,
) -> Weights:
    """Return weights of `scene_cnn` that score the attributes of pictures.

    Stochastic gradient descent with momentum:  v <- momentum v - lr (gradient + 2 l2 w),  w <- w + v,  where lr falls
    from its first value to 0 in a straight line and the gradient is that of the mean over pictures and attributes.

    Parameters
    ----------
    images, val_images : (N, 96, 96, 3) uint8
    labels, val_labels : (N, A) bool, which attributes each picture has
    seed : of the first weights and of the order of the pictures
    epochs : how often every picture is seen
    batch : pictures per step
    lr, momentum, l2 : as above
    report : is given one line after each epoch
    """
    network = scene_cnn(labels.shape[1])
    for_weights, for_order = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(2))
    weights = initial_weights(network, for_weights)
    velocity = {name: np.zeros_like(value) for name, value in weights.items()}
    steps = epochs * -(-len(images) // batch)
    step = 0
    for epoch in range(1, epochs + 1):
        total = 0.0
        for rows in shuffled(len(images), batch, for_order):
            bits, grads = gradients(network, weights, images[rows], labels[rows])
            total += bits * len(rows)
            rate = lr * (1 - step / steps)
            for name, gradient in grads.items():
                velocity[name] = momentum * velocity[name] - rate * (gradient + 2 * l2 * weights[name])
                weights[name] = weights[name] + velocity[name]
            step += 1
        val_bits, accuracy = evaluate(network, weights, val_images, val_labels)
        report(
            f"epoch {epoch}/{epochs}: {total / len(images):.4f} bits per attribute, "
            f"validation {val_bits:.4f} bits, {accuracy:.2%} right"
        )
    return weights


def train_and_save(
    path: str | Path,
    attributes: Sequence[str],
    images: Pictures,
    labels: Labels,
    val_images: Pictures,
    val_labels: Labels,
    *,
    seed: int,
    epochs: int,
    lr: float = 0.05,
    report: Callable[[str], None] = print,
) -> SceneCnn:
    """Train as `train` does and write the scene CNN, with how it came about, to the ``.npz`` file `path`.

    `attributes` are the A attributes' names.  What the file says of the validation pictures is measured with the
    weights as they are in the file, in float16.  Returns what `load_scene_cnn` will read.

    Raises UserError when the file cannot be written.
    """
    weights = train(images, labels, val_images, val_labels, seed=seed, epochs=epochs, lr=lr, report=report)
    network = scene_cnn(len(attributes))
    weights = {name: value.astype(np.float16).astype(np.float32) for name, value in weights.items()}
    bits, accuracy = evaluate(network, weights, val_images, val_labels)
    provenance = {
        "network": repr(network),
        "seed": f"{seed}",
        "epochs": f"{epochs}",
        "lr": f"{lr:g}",
        "pictures": f"{len(images)}",
        "validation pictures": f"{len(val_images)}",
        "validation bits per attribute": f"{bits:.6f}",
        "validation accuracy": f"{accuracy:.6f}",
    }
    cnn = SceneCnn(weights, tuple(attributes), provenance)
    save_scene_cnn(path, cnn)
    return cnn


def shuffled(number: int, batch: int, rng: np.random.Generator) -> Iterator[npt.NDArray[np.intp]]:
    """Yield the numbers below `number` in random order, `batch` at a time."""
    order = rng.permutation(number)
    for first in range(0, number, batch):
        yield order[first : first + batch]


def gradients(network: Network, weights: Weights, images: Pictures, labels: Labels) -> tuple[float, Weights]:
    """Return the loss, bits per picture and attribute, and its gradients."""
    scores, caches = forward(network, weights, as_input(images))
    bits, cache = sigmoid_loss_forward(scores, labels)
    d_bits = np.full_like(bits, 1 / labels.size)
    return float(bits.sum() / labels.size), backward(network, sigmoid_loss_backward(d_bits, cache), caches)


def evaluate(
    network: Network, weights: Weights, images: Pictures, labels: Labels, batch: int = 64
) -> tuple[float, float]:
    """Return bits per picture and attribute, and the fraction of attributes guessed right."""
    bits, right = 0.0, 0
    for first in range(0, len(images), batch):
        rows = slice(first, first + batch)
        scores = run(network, weights, as_input(images[rows]))
        bits += float(sigmoid_loss_forward(scores, labels[rows])[0].sum())
        right += int(((scores > 0) == labels[rows]).sum())
    return bits / labels.size, right / labels.size
