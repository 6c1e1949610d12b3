"""PyTorch as an outside witness: every layer in float64, and the pretrained networks in float32."""

import importlib.resources
from dataclasses import replace

import numpy as np
import pytest

from mrnn_np.backend import choose_backend
from mrnn_np.errors import UserError
from mrnn_np.layers.activations import RELU6, relu6, times_slope
from mrnn_np.scenes.cnn import sigmoid_loss_backward, sigmoid_loss_forward
from mrnn_np.vision import network as networks
from mrnn_np.vision.alexnet import ALEXNET
from mrnn_np.vision.cnn import DESIGNS, design_of, load_cnn
from mrnn_np.vision.conv2d import conv2d_backward, conv2d_forward
from mrnn_np.vision.depthwise import depthwise_backward, depthwise_forward
from mrnn_np.vision.efficientnet_lite import LITE0, LITE2, efficientnet_lite
from mrnn_np.vision.fit_weights import fit_weights
from mrnn_np.vision.local_response import local_response_backward, local_response_forward
from mrnn_np.vision.network import (
    AveragePool,
    Conv,
    Dense,
    Depthwise,
    Dropout,
    Flatten,
    GlobalAveragePool,
    LocalResponse,
    MaxPool,
    Residual,
    Sigmoid,
    run,
    weight_shapes,
)
from mrnn_np.vision.pooling import average_pool_backward, average_pool_forward, max_pool_backward, max_pool_forward
from mrnn_np.vision.vgg import VGG16, VGG19
from mrnn_np.vision.weight_files import read_weights
from mrnn_np.vision.windows import margins

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
F = torch.nn.functional
torch.set_num_threads(1)  # its threads wait in a loop for cores that other tests have


def to_torch(x):
    """Channels last to channels first, ready for autograd."""
    return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))).requires_grad_()


def to_numpy(x):
    return x.detach().numpy().transpose(0, 2, 3, 1)


def agree(ours, theirs, limit=1e-12):
    """Whether two arrays are equal to `limit`, relative to the larger one."""
    return ours.shape == theirs.shape and np.linalg.norm(ours - theirs) <= limit * np.linalg.norm(theirs)


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 1), (3, 2, 0), (5, 2, 2), (1, 1, 0), (4, 3, 1)])
def test_conv2d(kernel, stride, padding):
    rng = np.random.default_rng(0)
    x, K, b = rng.normal(size=(2, 9, 11, 3)), rng.normal(size=(4, kernel, kernel, 3)), rng.normal(size=4)
    y, cache = conv2d_forward(x, K, b, stride, padding)
    dy = rng.normal(size=y.shape)
    dx, dK, db = conv2d_backward(dy, cache)
    tx, tK, tb = to_torch(x), to_torch(K), torch.from_numpy(b).requires_grad_()
    ty = F.conv2d(tx, tK, tb, stride, padding)
    ty.backward(to_torch(dy).detach())
    assert agree(y, to_numpy(ty))
    assert agree(dx, to_numpy(tx.grad))
    assert agree(dK, to_numpy(tK.grad))
    assert agree(db, tb.grad.numpy())


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (5, 2)])
def test_depthwise(kernel, stride):
    rng = np.random.default_rng(0)
    x, K, b = rng.normal(size=(2, 9, 11, 3)), rng.normal(size=(kernel, kernel, 3)), rng.normal(size=3)
    y, cache = depthwise_forward(x, K, b, stride, kernel // 2)
    dy = rng.normal(size=y.shape)
    dx, dK, db = depthwise_backward(dy, cache)
    tx, tb = to_torch(x), torch.from_numpy(b).requires_grad_()
    tK = torch.from_numpy(K.transpose(2, 0, 1)[:, None].copy()).requires_grad_()
    ty = F.conv2d(tx, tK, tb, stride, kernel // 2, groups=3)
    ty.backward(to_torch(dy).detach())
    assert agree(y, to_numpy(ty))
    assert agree(dx, to_numpy(tx.grad))
    assert agree(dK, tK.grad.numpy()[:, 0].transpose(1, 2, 0))
    assert agree(db, tb.grad.numpy())


@pytest.mark.parametrize(
    ("forward", "backward", "theirs"),
    [(max_pool_forward, max_pool_backward, F.max_pool2d), (average_pool_forward, average_pool_backward, F.avg_pool2d)],
    ids=["max", "average"],
)
@pytest.mark.parametrize(("kernel", "stride"), [(2, 2), (3, 2), (3, 1)])
def test_pooling_with_ties(forward, backward, theirs, kernel, stride):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (2, 9, 11, 3)).astype(float)
    y, cache = forward(x, kernel, stride)
    dy = rng.normal(size=y.shape)
    tx = to_torch(x)
    ty = theirs(tx, kernel, stride)
    ty.backward(to_torch(dy).detach())
    assert agree(y, to_numpy(ty))
    assert agree(backward(dy, cache), to_numpy(tx.grad))


def test_local_response():
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(2, 3, 4, 7)), rng.normal(size=(2, 3, 4, 7))
    y, cache = local_response_forward(x, n=5, alpha=0.5, beta=0.75, k=2.0)
    tx = to_torch(x)
    theirs = F.local_response_norm(tx, size=5, alpha=0.5, beta=0.75, k=2.0)
    theirs.backward(to_torch(dy).detach())
    assert agree(y, to_numpy(theirs))
    assert agree(local_response_backward(dy, cache), to_numpy(tx.grad))


def test_relu6():
    z = 8 * np.random.default_rng(0).normal(size=(4, 5))
    y = relu6(z)
    tz = torch.from_numpy(z).requires_grad_()
    theirs = F.relu6(tz)
    theirs.sum().backward()
    assert agree(y, theirs.detach().numpy())
    assert agree(times_slope(np.ones_like(z), y, RELU6), tz.grad.numpy())


def test_sigmoid_loss():
    rng = np.random.default_rng(0)
    z, labels = 5 * rng.normal(size=(4, 6)), rng.integers(0, 2, (4, 6)).astype(bool)
    bits, cache = sigmoid_loss_forward(z, labels)
    tz = torch.from_numpy(z).requires_grad_()
    theirs = F.binary_cross_entropy_with_logits(tz, torch.from_numpy(labels * 1.0), reduction="none").sum(1) / np.log(2)
    theirs.backward(torch.ones(4, dtype=torch.float64))
    assert agree(bits, theirs.detach().numpy())
    assert agree(sigmoid_loss_backward(np.ones(4), cache), tz.grad.numpy())


def torchvision_net(features, hidden):
    """A network of torchvision's form: numbers are 3 x 3 convolutions, tuples others, "M" and "P" pooling."""
    modules, channels = [], 3
    for row in features:
        if row in ("M", "P"):
            modules.append(torch.nn.MaxPool2d(2, 2) if row == "M" else torch.nn.MaxPool2d(3, 2))
            continue
        out, kernel, stride, padding = row if isinstance(row, tuple) else (row, 3, 1, 1)
        modules += [torch.nn.Conv2d(channels, out, kernel, stride, padding), torch.nn.ReLU()]
        channels = out
    cells = 6 if "P" in features else 7
    fc6, fc7 = torch.nn.Linear(channels * cells**2, hidden), torch.nn.Linear(hidden, hidden)
    relu, dropout = torch.nn.ReLU(), torch.nn.Dropout()
    classifier = [dropout, fc6, relu, dropout, fc7, relu] if "P" in features else [fc6, relu, dropout, fc7, relu]
    net = torch.nn.Module()
    net.features, net.classifier = torch.nn.Sequential(*modules), torch.nn.Sequential(*classifier)
    net.forward = lambda x: net.classifier(net.features(x).flatten(1))
    with torch.no_grad():
        for parameter in net.parameters():  # larger than by default, so that signals do not die out on the way
            parameter.mul_(2.0)
    return net.eval()


def narrow(network, by):
    """The network with so many times fewer channels and units."""
    return tuple(
        replace(row, channels=row.channels // by) if isinstance(row, Conv)
        else replace(row, units=row.units // by) if isinstance(row, Dense)
        else row
        for row in network
    )  # fmt: skip


ALEXNET_ROWS = [(64, 11, 4, 2), "P", (192, 5, 1, 2), "P", 384, 256, 256, "P"]
VGG16_ROWS = [64, 64, "M", 128, 128, "M", *[256] * 3, "M", *[512] * 3, "M", *[512] * 3, "M"]
VGG19_ROWS = [64, 64, "M", 128, 128, "M", *[256] * 4, "M", *[512] * 4, "M", *[512] * 4, "M"]


@pytest.mark.parametrize(
    ("network", "rows", "by"),
    [(ALEXNET, ALEXNET_ROWS, 4), (VGG16, VGG16_ROWS, 8), (VGG19, VGG19_ROWS, 8)],
    ids=["alexnet", "vgg16", "vgg19"],
)
def test_networks_of_torchvision(network, rows, by, tmp_path):
    torch.manual_seed(0)
    narrow_rows = [r if isinstance(r, str) else (r[0] // by, *r[1:]) if isinstance(r, tuple) else r // by for r in rows]
    net = torchvision_net(narrow_rows, 4096 // by)
    torch.save(net.state_dict(), tmp_path / "weights.pth")
    x = np.random.default_rng(0).normal(size=(2, 224, 224, 3)).astype(np.float32)
    weights = fit_weights(narrow(network, by), read_weights(tmp_path / "weights.pth"), (224, 224, 3), "weights.pth")
    ours = run(narrow(network, by), weights, x)
    theirs = net(to_torch(x)).detach().numpy()
    assert (theirs > 0).mean() > 0.1
    assert ours.dtype == np.float32
    assert agree(ours, theirs, 1e-5)


# (kernel, stride, channels) of every block, and the channels each has after widening, as the weights have them.
LITE_BLOCKS = {
    "efficientnet-lite0": [(3, 1, 16), (3, 2, 24), (3, 1, 24), (5, 2, 40), (5, 1, 40), (3, 2, 80)]
    + 2 * [(3, 1, 80)] + 3 * [(5, 1, 112)] + [(5, 2, 192)] + 3 * [(5, 1, 192)] + [(3, 1, 320)],
    "efficientnet-lite2": [(3, 1, 16), (3, 2, 24)] + 2 * [(3, 1, 24)] + [(5, 2, 48)] + 2 * [(5, 1, 48)] + [(3, 2, 88)]
    + 3 * [(3, 1, 88)] + 4 * [(5, 1, 120)] + [(5, 2, 208)] + 4 * [(5, 1, 208)] + [(3, 1, 352)],
}  # fmt: skip


def lite_reference(state, blocks, x):
    """EfficientNet-Lite in PyTorch: the mean of its last map."""

    def convolve(x, name, norm, stride=1, clip=True):
        kernel = state[f"{name}.weight"]
        size = kernel.shape[-1]
        margins = []
        for pixels in (x.shape[3], x.shape[2]):
            needed = max((-(-pixels // stride) - 1) * stride + size - pixels, 0)
            margins += [needed // 2, needed - needed // 2]
        y = F.conv2d(F.pad(x, margins), kernel, None, stride, groups=x.shape[1] if kernel.shape[1] == 1 else 1)
        parts = (state[f"{norm}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        y = F.batch_norm(y, *parts, training=False, eps=1e-3)
        return F.relu6(y) if clip else y

    x = convolve(x, "_conv_stem", "_bn0", 2)
    for number, (_, stride, channels) in enumerate(blocks):
        name, before = f"_blocks.{number}", x
        if f"{name}._expand_conv.weight" in state:
            x = convolve(x, f"{name}._expand_conv", f"{name}._bn0")
        x = convolve(x, f"{name}._depthwise_conv", f"{name}._bn1", stride)
        x = convolve(x, f"{name}._project_conv", f"{name}._bn2", clip=False)
        if stride == 1 and before.shape[1] == channels:
            x = x + before
    return convolve(x, "_conv_head", "_bn1").mean((2, 3))


def random_lite(blocks):
    """Random weights of all names and shapes, such that signals neither die out nor are all clipped."""
    state = {}

    def add(name, norm, *shape):
        state[f"{name}.weight"] = torch.randn(shape) * (2 / np.prod(shape[1:])) ** 0.5
        state[f"{norm}.weight"], state[f"{norm}.bias"] = 1 + 0.1 * torch.randn(shape[0]), 0.1 * torch.randn(shape[0])
        state[f"{norm}.running_mean"] = 0.1 * torch.randn(shape[0])
        state[f"{norm}.running_var"] = 0.5 + torch.rand(shape[0])

    add("_conv_stem", "_bn0", 32, 3, 3, 3)
    channels = 32
    for number, (kernel, _, out) in enumerate(blocks):
        name, wide = f"_blocks.{number}", channels * (6 if number else 1)
        if number:
            add(f"{name}._expand_conv", f"{name}._bn0", wide, channels, 1, 1)
        add(f"{name}._depthwise_conv", f"{name}._bn1", wide, 1, kernel, kernel)
        add(f"{name}._project_conv", f"{name}._bn2", out, wide, 1, 1)
        channels = out
    add("_conv_head", "_bn1", 1280, channels, 1, 1)
    return state


@pytest.mark.parametrize("size", [96, 65])
@pytest.mark.parametrize(
    ("name", "stages"), [("efficientnet-lite0", LITE0), ("efficientnet-lite2", LITE2)], ids=["lite0", "lite2"]
)
def test_efficientnet_lite(name, stages, size):
    torch.manual_seed(0)
    state, network = random_lite(LITE_BLOCKS[name]), efficientnet_lite(stages)
    x = np.random.default_rng(0).normal(size=(1, size, size, 3)).astype(np.float32)
    arrays = {key: value.numpy() for key, value in state.items()}
    ours = run(network, fit_weights(network, arrays, x.shape[1:], "random"), x)
    theirs = lite_reference(state, LITE_BLOCKS[name], to_torch(x).detach()).numpy()
    assert ours.shape == (1, 1280)
    assert agree(ours, theirs, 1e-4)


@pytest.mark.parametrize("name", list(LITE_BLOCKS))
def test_efficientnet_lite_with_its_imagenet_weights(name):
    backend = choose_backend("numpy")
    try:
        cnn = load_cnn(name, None, backend)
    except UserError as reason:
        pytest.skip(str(reason))
    assert cnn.design is DESIGNS[name]
    x = np.random.default_rng(0).normal(size=(2, 224, 224, 3)).astype(np.float32)
    (path,) = (importlib.resources.files(cnn.design.package) / "models").glob("*.pth")
    theirs = lite_reference(torch.load(path, weights_only=True), LITE_BLOCKS[name], to_torch(x).detach()).numpy()
    ours = cnn.features(x)
    assert ours.dtype == np.float32
    assert agree(ours, theirs, 1e-4)
    assert np.abs(ours - theirs).max() <= 1e-4 * np.abs(theirs).max()


def row_by_row(network, weights, x):
    """What our rows say, in PyTorch, for its autograd to go back through; pictures channels first."""
    for row in network:
        match row:
            case Conv() | Depthwise():
                K, b = weights[f"{row.name}.K"], weights[f"{row.name}.b"]
                K = K.permute(0, 3, 1, 2) if K.ndim == 4 else K.permute(2, 0, 1)[:, None]
                (top, below), (left, right) = (margins(n, row.kernel, row.stride, row.padding) for n in x.shape[2:])
                groups = x.shape[1] if isinstance(row, Depthwise) else 1
                x = F.conv2d(F.pad(x, (left, right, top, below)), K, b, row.stride, groups=groups)
            case Dense():
                x = F.linear(x, weights[f"{row.name}.W"], weights[f"{row.name}.b"])
            case LocalResponse(n, k, alpha, beta):
                x = F.local_response_norm(x, n, alpha, beta, k)
            case MaxPool(kernel, stride):
                x = F.max_pool2d(x, kernel, stride)
            case AveragePool(kernel, stride):
                x = F.avg_pool2d(x, kernel, stride)
            case GlobalAveragePool():
                x = x.mean((2, 3))
            case Flatten():
                x = x.permute(0, 2, 3, 1).flatten(1)
            case Sigmoid():
                x = torch.sigmoid(x)
            case Dropout(name):
                x = x * weights.get(f"{name}.mask", 1)
            case Residual(layers):
                x = x + row_by_row(layers, weights, x)
        x = {"relu": F.relu, "relu6": F.relu6}.get(getattr(row, "activation", ""), lambda x: x)(x)
    return x


WHOLE = {
    "alexnet": (narrow(ALEXNET, 8), 224),
    "vgg16": (narrow(VGG16, 16), 224),
    "vgg19": (narrow(VGG19, 16), 224),
    "efficientnet-lite0": (efficientnet_lite(LITE0), 33),
    "scene": (design_of("scene").network, 96),
    "drawings": (design_of("drawings").network, 96),
    "2012": ((Conv("conv1", 8, 11, 4, 2), LocalResponse(), MaxPool(3, 2), Flatten(), Dense("fc6", 5), Sigmoid()), 63),
}


@pytest.mark.parametrize("name", WHOLE)
def test_from_the_features_back_to_the_pixels_and_to_every_weight(name):
    network, size = WHOLE[name]
    rng = np.random.default_rng(0)
    x, weights = rng.normal(size=(1, size, size, 3)), {}
    for key, shape in weight_shapes(network, x.shape[1:]).items():
        fan_in = np.prod(shape[1:]) if len(shape) != 3 else np.prod(shape[:2])
        weights[key] = 0.1 * rng.normal(size=shape) if key.endswith(".b") else rng.normal(0, (2 / fan_in) ** 0.5, shape)
    dropped = networks.masks(network, x.shape[1:], len(x), rng)
    y, caches = networks.forward(network, weights | dropped, x)
    dy = rng.normal(size=y.shape)
    dx, grads = networks.backward(network, dy, caches)
    tx, tensors = to_torch(x), {key: torch.from_numpy(value).requires_grad_() for key, value in weights.items()}
    masks = {key: torch.from_numpy(value) for key, value in dropped.items()}
    theirs = row_by_row(network, tensors | masks, tx)
    theirs.backward(torch.from_numpy(dy))
    assert (y != 0).mean() > 0.1
    assert agree(y, theirs.detach().numpy(), 1e-10)
    assert np.linalg.norm(dx) > 0
    assert agree(dx, to_numpy(tx.grad), 1e-10)
    assert grads.keys() == tensors.keys()
    for key, tensor in tensors.items():
        assert agree(grads[key], tensor.grad.numpy(), 1e-10), key


def test_the_gradient_passes_a_batch_normalisation_that_is_folded_into_the_kernels():
    torch.manual_seed(0)
    state, network = random_lite(LITE_BLOCKS["efficientnet-lite0"]), efficientnet_lite(LITE0)
    x = np.random.default_rng(0).normal(size=(1, 96, 96, 3)).astype(np.float32)
    weights = fit_weights(network, {key: value.numpy() for key, value in state.items()}, x.shape[1:], "random")
    I, caches = networks.forward(network, weights, x)
    dx, _ = networks.backward(network, np.ones_like(I), caches, need_grads=False)
    tx = to_torch(x)
    lite_reference(state, LITE_BLOCKS["efficientnet-lite0"], tx).sum().backward()
    assert dx.dtype == np.float32
    assert agree(dx, to_numpy(tx.grad), 1e-4)
