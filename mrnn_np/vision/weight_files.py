"""Weight files of three kinds, told by their names: `.safetensors`, `.npz`, and PyTorch's `.pth`.

What training programs put into the names of a network's weights, and before them, is taken out: "features.0.weight" is
"module.features.0.weight" after training on several GPUs, "features.module.0.weight" where only that part ran on
several, "model.features.0.weight" in a Lightning checkpoint, "backbone.features.0.weight" as a part of something
larger.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy.typing as npt

from mrnn_np.errors import UserError
from mrnn_np.files import open_file, read_archive
from mrnn_np.files.safetensors import read_safetensors
from mrnn_np.vision.pth import read_pth

Arrays = dict[str, npt.NDArray[Any]]
Array = TypeVar("Array")

WRAPPERS = frozenset(("module", "model", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"))
"""Parts of a name that stand for a wrapper around a network: DataParallel's, Lightning's, those of torch.compile, fully
sharded training and checkpointing of activations.  No network here has a layer of such a name."""


def read_weights(path: str | Path) -> Arrays:
    """Read every array of a weight file, by name.

    `.pth`, `.pt` and `.tar` are what `torch.save` writes; nothing in them is run.  What training programs put into the
    names is taken out (see `without_wrappers`).

    Raises UserError, one line that begins with `path`, when the file cannot be read, is damaged, is of another kind, or
    holds two arrays under one name.
    """
    match Path(path).suffix:
        case ".safetensors":
            arrays = read_safetensors(path)
        case ".npz":
            arrays = read_archive(path)
        case ".pth" | ".pt" | ".tar":
            arrays = read_pth(path)
        case _:
            raise UserError(f"{path}: is a weight file of unknown kind; use .safetensors, .npz or .pth")
    return without_wrappers(arrays, str(path))


def without_wrappers(arrays: Mapping[str, Array], path: str) -> dict[str, Array]:
    """Return the arrays under their names without wrappers, wherever these stand.

    Raises UserError, one line that begins with `path`, when two arrays have one name then.
    """
    plain: dict[str, Array] = {}
    full_names: dict[str, str] = {}
    for full_name, array in arrays.items():
        *parts, last = full_name.split(".")
        name = ".".join([part for part in parts if part not in WRAPPERS] + [last])
        if name in plain:
            both = f"{full_names[name]!r} and {full_name!r}"
            raise UserError(f"{path}: holds both {both}; save the weights of one network alone")
        plain[name], full_names[name] = array, full_name
    return plain


def without_prefix(arrays: Mapping[str, Array], needed: str, path: str) -> dict[str, Array]:
    """Return a network's arrays under the names it knows them by, where the file has one prefix before each.

    `needed` is one name that the network knows.  Where no array has it, the one that ends in it tells the prefix.

    Raises UserError, one line that begins with `path`, when several networks in the file have such an array.
    """
    if needed in arrays:
        return dict(arrays)
    prefixes = sorted(name.removesuffix(needed) for name in arrays if name.endswith(f".{needed}"))
    if len(prefixes) > 1:
        several = ", ".join(prefixes[:5])
        raise UserError(f"{path}: holds {needed!r} behind each of {several}; save the weights of one network alone")
    prefix = prefixes[0] if prefixes else ""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def sha256_of(path: str | Path) -> str:
    """Return the SHA-256 of a file in hexadecimal.  Raises UserError when it cannot be read."""
    with open_file(path) as file:
        try:
            return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror or error})") from None
