"""The weights of an exported network back in the PyTorch module that it was made from, so that training goes on there.

The exporter keeps the names of weights, but folds each batch norm into the convolution before it, makes a linear layer
a convolution, and gives a group norm's scale and shift names of its own. A folded norm comes back as one that only
adds the bias, so that the module computes what the graph does.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from seamline.exporting.onnx_weights import OnnxWeights

Norm = nn.BatchNorm2d | nn.GroupNorm
Names = Callable[[str], str]


def load_folded(
    module: nn.Module, path: Path, prefix: str = "", shared: Mapping[str, str] | None = None, skip: tuple[str, ...] = ()
) -> None:
    """Give the module, in place, the weights of an ONNX file that names them `prefix` + their name.

    `shared`: beginnings of names, and those under which the file has the weights where it lacks the former, since
    equal constants are exported once. `skip`: names that the caller fills himself. Raises NotFound for a weight that
    the file lacks and ValueError for one of another shape.
    """
    weights, state, aliases = OnnxWeights(path), module.state_dict(), shared or {}
    norms = dict(_norms(module))
    found: dict[str, Tensor] = {}
    for name, part in module.named_modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d | nn.Linear) and f"{name}.weight" not in skip:
            found |= _layer(weights, _names(weights, prefix + _dotted(name), aliases), name, part, norms.get(name))
    for name in (name for name in state if name not in found and name not in skip):
        if not name.endswith("num_batches_tracked"):
            found[name] = weights.tensor(_names(weights, prefix, aliases)(name))
    with torch.no_grad():
        for name, values in found.items():
            if values.shape != state[name].shape:
                raise ValueError(f"{path}: {prefix}{name} is {tuple(values.shape)}, not {tuple(state[name].shape)}")
            state[name].copy_(values)


def _layer(
    weights: OnnxWeights, known: Names, name: str, part: nn.Module, norm: tuple[str, Norm] | None
) -> dict[str, Tensor]:
    """A convolution or linear layer's weights, and its norm's, by their names in the module."""
    found = {f"{name}.weight": _weight(weights, known, part)}
    if part.bias is not None:
        found[f"{name}.bias"] = weights.tensor(known("bias"))
    if norm is not None and isinstance(norm[1], nn.BatchNorm2d):
        found |= _only_bias(norm[0], norm[1], weights.tensor(known("weight_bias")))
    elif norm is not None:
        scale, multiplied = weights.after(known("weight"), "Mul")
        shift, _ = weights.after_node(multiplied, "Add", known("weight"))
        found |= {f"{norm[0]}.weight": scale.flatten(), f"{norm[0]}.bias": shift.flatten()}
    return found


def _weight(weights: OnnxWeights, known: Names, part: nn.Module) -> Tensor:
    if isinstance(part, nn.Linear):
        return weights.kernel_beside(known("bias"))[..., 0]
    return weights.tensor(known("weight"))


def _only_bias(name: str, norm: nn.BatchNorm2d, bias: Tensor) -> dict[str, Tensor]:
    """Statistics and weights with which a norm adds the bias and does nothing else."""
    one = torch.ones_like(bias)
    return {
        f"{name}.weight": one, f"{name}.bias": bias, f"{name}.running_mean": torch.zeros_like(bias),
        f"{name}.running_var": one - norm.eps,
    }  # fmt: skip


def _norms(module: nn.Module) -> Iterator[tuple[str, tuple[str, Norm]]]:
    """Names of the convolutions of a sequence whose results a norm takes next, and that norm with its name."""
    for name, part in module.named_modules():
        if isinstance(part, nn.Sequential):
            for (before, first), (after, second) in itertools.pairwise(part.named_children()):
                if isinstance(second, nn.BatchNorm2d | nn.GroupNorm):
                    yield _last(f"{_dotted(name)}{before}", first), (f"{_dotted(name)}{after}", second)


def _last(name: str, part: nn.Module) -> str:
    """The name of a sequence's last layer."""
    while isinstance(part, nn.Sequential):
        last, part = list(part.named_children())[-1]
        name = f"{name}.{last}"
    return name


def _names(weights: OnnxWeights, start: str, shared: Mapping[str, str]) -> Names:
    """Name of a constant below `start` -> its name in the file: among the shared layers where the file lacks it.

    Each constant by itself: of two layers, one retrained or folded anew, the biases alone may be equal.
    """

    def known(end: str) -> str:
        name = start + end
        others = (other + name.removeprefix(own) for own, other in shared.items() if name.startswith(own))
        return name if name in weights else next(others, name)

    return known


def _dotted(name: str) -> str:
    return f"{name}." if name else ""
