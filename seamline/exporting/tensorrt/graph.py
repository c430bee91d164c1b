"""Changes to an ONNX graph that leave it whole."""

from __future__ import annotations

from collections.abc import Sequence

import onnx


def drop_unused(graph: onnx.GraphProto) -> None:
    """Take out nodes and weights that no output depends on."""
    wanted, kept = {value.name for value in graph.output}, []
    for node in reversed(graph.node):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.append(node)
    replace_nodes(graph, kept[::-1])
    for value in [value for value in graph.initializer if value.name not in wanted]:
        graph.initializer.remove(value)


def replace_nodes(graph: onnx.GraphProto, nodes: Sequence[onnx.NodeProto]) -> None:
    """These nodes in the place of the graph's own, some of which may be among them."""
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)
