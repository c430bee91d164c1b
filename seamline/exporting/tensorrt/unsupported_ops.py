"""Every operator of a network that NVIDIA refuses, not the first one only.

Parser and builder stop at the first operator that they cannot do. It is then cut out: what it would have computed
becomes an input of the graph, and the rest is tried again, until it is built or nothing is left to cut. (Polygraphy's
`inspect capability` asks the parser alone, and so misses what the builder refuses for one architecture.)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import onnx

from seamline.exporting.tensorrt.build import BuildOptions, BuiltEngine, build
from seamline.exporting.tensorrt.graph import typed_values
from seamline.exporting.tensorrt.refusals import BuildRefused, Refusal
from seamline.exporting.tensorrt.trt_variant import TrtVariant

MOST_CUTS = 20


@dataclasses.dataclass(frozen=True)
class Support:
    """`built`: None where anything is refused; `complete`: whether everything that is not refused would be built."""

    built: BuiltEngine | None
    refusals: tuple[Refusal, ...] = ()
    complete: bool = True


def find_unsupported_ops(variant: TrtVariant, model: onnx.ModelProto, options: BuildOptions) -> Support:
    """Build a network, or find all that keeps it from being built. Raises ExportError for a wrong profile."""
    found: dict[Refusal, None] = {}
    rest = model
    for _ in range(MOST_CUTS):
        try:
            built = build(variant, rest, options)
        except BuildRefused as refused:
            new = [refusal for refusal in refused.refusals if refusal not in found]
        else:
            return Support(None if found else built, tuple(found))
        found |= dict.fromkeys(new)
        smaller = without(rest, [refusal.node for refusal in new])
        if smaller is None:
            break
        rest = smaller
    return Support(None, tuple(found), complete=False)


def without(model: onnx.ModelProto, nodes: Sequence[str]) -> onnx.ModelProto | None:
    """The model with the results of these nodes as inputs; None where they cannot be cut out or nothing is left."""
    rest = onnx.ModelProto()
    rest.CopyFrom(model)
    known = typed_values(model)
    cut = [node for node in rest.graph.node if node.name in nodes and node.name]
    for node in cut:
        rest.graph.node.remove(node)
    results = {name for node in cut for name in node.output}
    read = {name for node in rest.graph.node for name in node.input}
    kept = [value for value in rest.graph.output if value.name not in results]
    if not cut or not kept or not all(name in known for name in results & read):
        return None
    del rest.graph.output[:]
    rest.graph.output.extend(kept)
    rest.graph.input.extend(known[name] for name in sorted(results & read))
    return rest
