"""One export: networks read, traced, compared with PyTorch, and written together, or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import onnxruntime
import torch
from torch import nn

from seamline.core.spec import Spec
from seamline.exporting.chain import NAME as CHAIN
from seamline.exporting.chain import Chain, compare_chains
from seamline.exporting.divergence import first_divergence
from seamline.exporting.errors import ExportRefused
from seamline.exporting.half import to_half
from seamline.exporting.onnx_graph import DEFAULT_OPSET, Traced, check, check_opset, traced
from seamline.exporting.parity import BATCHES, FP16, FP32, Comparison, Tolerance, compare
from seamline.exporting.parts import PARTS, Array, Run, onnx_run, torch_run
from seamline.exporting.rank_options import RankOptions
from seamline.exporting.report import ExportedFile, ParityReport
from seamline.exporting.staging import publish, staged
from seamline.systems.psnet.region_rules import DEFAULT_SPEC

SPEC = "spec.json"
_CHAINED = ("encoder", "region_head")


@dataclasses.dataclass(frozen=True)
class Order:
    """What to export: `parts` of the folder `checkpoint` to `out`, in half precision or not.

    `photos`, `batches`: what is compared on; `report`: a folder that gets the parity report even where the export is
    refused; `ranks`: also compare search results, as these options say.
    """

    checkpoint: Path
    out: Path
    parts: tuple[str, ...] = tuple(PARTS)
    opset: int = DEFAULT_OPSET
    half: bool = False
    photos: tuple[Path, ...] = ()
    batches: tuple[int, ...] = BATCHES
    threads: int = 1
    report: Path | None = None
    ranks: RankOptions | None = None

    @property
    def tolerance(self) -> Tolerance:
        """What is allowed at this precision."""
        return FP16 if self.half else FP32

    @property
    def report_name(self) -> str:
        """The report's name, that of the part where it is about one only."""
        return "parity" if len(self.parts) > 1 else f"parity-{self.parts[0]}"


def carry_out(order: Order) -> ParityReport:
    """Export. Where the report has refusals nothing was written. Raises ExportRefused for what cannot be exported."""
    check_opset(order.opset)
    return export_networks(order, {name: PARTS[name].load(order.checkpoint) for name in order.parts})


def export_networks(order: Order, networks: Mapping[str, nn.Module]) -> ParityReport:
    """The same with networks that are loaded already, one for each of the order's parts."""
    with staged(order.out) as stage:
        report = _Export(order, networks, stage).compared()
        if order.report is not None:
            report.write(order.report, order.report_name)
        if not report.refusals:
            report.write(stage, order.report_name)
            publish(stage, order.out)
        return report


class _Export:
    """The networks of one order as PyTorch's and as graphs in the stage."""

    def __init__(self, order: Order, networks: Mapping[str, nn.Module], stage: Path) -> None:
        self._order = order
        self._networks = networks
        self._stage = stage
        self._spec = self._copied_spec()
        self._parts = {name: part.fitted(self._spec) for name, part in PARTS.items()}
        self._traced = {name: self._trace(name) for name in order.parts}
        self._reference = {name: remembering(torch_run(one, self._parts[name])) for name, one in networks.items()}
        self._candidate = {name: remembering(onnx_run(stage / f"{name}.onnx", order.threads)) for name in order.parts}

    def _trace(self, name: str) -> Traced:
        found = traced(self._networks[name], self._parts[name], self._order.opset, self._order.photos)
        if self._order.half:
            onnx.save(found.model, str(self._stage / f".{name}.fp32"))
            found = dataclasses.replace(found, model=to_half(found.model))
            check(found.model)
        onnx.save(found.model, str(self._stage / f"{name}.onnx"))
        return found

    def compared(self) -> ParityReport:
        """What was measured; search results only where all else is within the tolerance."""
        order = self._order
        comparisons = [
            compare(self._parts[name], self._reference[name], self._candidate[name], order.photos, order.batches)
            for name in order.parts
        ]
        chain = self._chain_comparison()
        comparisons += [chain] if chain is not None else []
        refusals = tuple(refusal for one in comparisons for refusal in self._refusals(one))
        report = ParityReport(
            str(order.checkpoint), "fp16" if order.half else "fp32", order.opset, _versions(), order.tolerance,
            tuple(self._file(name) for name in order.parts), tuple(comparisons), None, refusals,
        )  # fmt: skip
        return report if refusals or order.ranks is None else self._with_ranks(report, order.ranks)

    def _chain_comparison(self) -> Comparison | None:
        """Both networks in turn; one that is not exported is PyTorch's on both sides, if the checkpoint has it."""
        if not any(name in self._order.parts for name in _CHAINED):
            return None
        try:
            reference = {name: self._reference_of(name) for name in _CHAINED}
        except ExportRefused:
            return None
        candidate = reference | {name: run for name, run in self._candidate.items() if name in _CHAINED}
        chains = [Chain(runs["encoder"], runs["region_head"], self._spec) for runs in (reference, candidate)]
        return compare_chains(chains[0], chains[1], self._order.photos, self._order.batches)

    def _reference_of(self, name: str) -> Run:
        if name not in self._reference:
            self._reference[name] = torch_run(PARTS[name].load(self._order.checkpoint), PARTS[name])
        return self._reference[name]

    def _copied_spec(self) -> Spec:
        """The checkpoint's numbers go where its networks go; without any, the sizes are the default ones."""
        file = self._order.checkpoint / SPEC
        if not file.is_file():
            return DEFAULT_SPEC
        shutil.copyfile(file, self._stage / SPEC)
        return Spec.load(file)

    def _refusals(self, comparison: Comparison) -> list[str]:
        found = comparison.refusals(self._order.tolerance)
        if not found:
            return []
        blamed = self._blamed(_CHAINED if comparison.part == CHAIN else (comparison.part,))
        return [f"{comparison.part}: {sentence}; {blamed}" for sentence in found]

    def _blamed(self, names: Sequence[str]) -> str:
        return "; ".join(self._layer(name) for name in names if name in self._order.parts)

    def _layer(self, name: str) -> str:
        """The layer that is to blame, on the first photo."""
        made, part = self._traced[name], self._parts[name]
        inputs = part.samples(1, self._order.photos)
        network, allowed = self._networks[name], self._order.tolerance.relative
        layer = first_divergence(network, made.program, made.model, part, inputs, allowed)
        if layer is None:
            return f"no layer of {name} could be compared"
        if layer.relative <= allowed:
            return f"no layer of {name} alone is over the tolerance, the furthest is {layer}"
        return f"the first layer of {name} that diverges is {layer}"

    def _file(self, name: str) -> ExportedFile:
        file = self._stage / f"{name}.onnx"
        data = file.read_bytes()
        nodes = len(self._traced[name].model.graph.node)
        return ExportedFile(name, file.name, len(data), hashlib.sha256(data).hexdigest()[:16], nodes)

    def _with_ranks(self, report: ParityReport, options: RankOptions) -> ParityReport:
        from seamline.exporting.rank_run import measured  # needs what makes copies of photos

        encoder, head = (torch_run(self._networks[name], self._parts[name]) for name in _CHAINED)
        chain = Chain(encoder, head, self._spec)
        ranks = measured(options, self._order.checkpoint, self._stage, chain, self._order.half)
        found = ranks.refusals(self._order.tolerance)
        blamed = self._blamed(_CHAINED) if found else ""
        return dataclasses.replace(report, ranks=ranks, refusals=tuple(f"{sentence}; {blamed}" for sentence in found))


def remembering(run: Run) -> Run:
    """The same network, which answers inputs that it has seen before from memory."""
    known: dict[str, Mapping[str, Array]] = {}

    def remembered(arrays: Mapping[str, Array]) -> Mapping[str, Array]:
        digest = hashlib.sha256()
        for name in sorted(arrays):
            digest.update(f"{name} {arrays[name].shape}".encode() + arrays[name].tobytes())
        key = digest.hexdigest()
        if key not in known:
            known[key] = run(arrays)
        return known[key]

    return remembered


def _versions() -> dict[str, str]:
    return {"PyTorch": torch.__version__, "onnx": onnx.__version__, "onnxruntime": onnxruntime.__version__}
