"""What training programs put into the names of a network's weights, and before them.

"features.0.weight" is "module.features.0.weight" after training on several GPUs, "features.module.0.weight" where only
that part ran on several, "model.features.0.weight" in a Lightning checkpoint, "backbone.features.0.weight" as a part of
something larger.
"""

from collections.abc import Mapping
from typing import TypeVar

from mrnn_np.errors import UserError

WRAPPERS = frozenset(("module", "model", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"))
"""Parts of a name that stand for a wrapper around a network: DataParallel's, Lightning's, those of torch.compile, fully
sharded training and checkpointing of activations.  No network here has a layer of such a name."""

Array = TypeVar("Array")


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
