"""What TensorRT says while it works, and what of it means that an operator is refused."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Any

import onnx

from seamline.exporting.errors import ExportRefused
from seamline.exporting.tensorrt.trt_variant import TrtVariant

_NOISE = (
    r"\[[\w.]+\.cpp:[^\]]*\]\s*",
    r"^(?:\w+::\w+: )?Error Code \d+: [\w ]+ \(",
    r"\.?\s*\bIn \w+ at .*$",
    r"^Invalid Node - .*$",
)
"""NVIDIA's own source files, functions and codes."""
_LONGEST = 300


@dataclasses.dataclass(frozen=True)
class Message:
    """`serious`: an error, which usually comes with a result that is missing."""

    serious: bool
    text: str


class Messages:
    """A logger for one job. `logger` goes into TensorRT's own constructors, which it has to outlive."""

    def __init__(self, variant: TrtVariant) -> None:
        self._kept: list[Message] = []
        self.logger = _logger(variant, self._kept)

    @property
    def errors(self) -> list[str]:
        """Every error in the order in which it came, each once."""
        return list(dict.fromkeys(message.text for message in self._kept if message.serious))

    @property
    def warnings(self) -> list[str]:
        """Likewise."""
        return list(dict.fromkeys(message.text for message in self._kept if not message.serious))


@dataclasses.dataclass(frozen=True)
class Refusal:
    """One operator that is refused; `node` and `operator` are "" where what NVIDIA says names no node of the graph."""

    operator: str
    node: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.operator} {self.node}" if self.node or self.operator else "the network"
        return f"{where}: {self.reason}"


class BuildRefused(ExportRefused):
    """A network that is not built; `refusals` are why."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(str(refusal) for refusal in refusals))
        self.refusals = tuple(refusals)


def by_parser(parser: Any) -> list[Refusal]:
    """The errors of NVIDIA's parser, each node once."""
    errors = [parser.get_error(index) for index in range(parser.num_errors)]
    found = [Refusal(one.node_operator(), one.node_name() or str(one.node()), _reason(one)) for one in errors]
    return list({(one.operator, one.node): one for one in reversed(found)}.values())[::-1]


def by_builder(errors: Iterable[str], graph: onnx.GraphProto) -> list[Refusal]:
    """The builder's messages; a node is named where the message quotes one of the graph's."""
    operators = {node.name: node.op_type for node in graph.node if node.name}
    found = []
    for text in errors:
        node = next((name for name in _quoted(text) if name in operators), "")
        found.append(Refusal(operators.get(node, ""), node, tidy(text)))
    return found or [Refusal("", "", "the builder returned nothing and gave no reason")]


def tidy(text: str) -> str:
    """What is said on one line, without where in NVIDIA's source it is said."""
    lines = []
    for line in text.splitlines():
        for noise in _NOISE:
            line = re.sub(noise, "", line.strip())
        lines.append(line)
    said = " ".join(line for line in lines if line)
    return said if len(said) <= _LONGEST else said[:_LONGEST] + " ..."


def _reason(error: Any) -> str:
    said = tidy(error.desc())
    return "there is no such operator in TensorRT" if said == "false" else said or str(error.code())


def _quoted(text: str) -> list[str]:
    """Words that may be names, those in quotes first."""
    return [*re.findall(r"'([^']+)'", text), *re.findall(r"[\w./:\-]+", text)]


def _logger(variant: TrtVariant, kept: list[Message]) -> Any:
    base: Any = variant.module.ILogger

    class Logger(base):  # type: ignore[misc]
        def __init__(self) -> None:
            base.__init__(self)

        def log(self, severity: Any, text: str) -> None:
            if severity <= base.WARNING:
                kept.append(Message(severity <= base.ERROR, text))

    return Logger()
