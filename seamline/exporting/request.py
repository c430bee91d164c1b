"""One export: networks read, traced, compared with PyTorch, and written together, or not at all."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import onnxruntime
import torch
from torch import nn

from seamline.core.errors import BadOption
from seamline.core.spec import Spec
from seamline.core.spec_formats import names_system
from seamline.exporting.divergence import first_divergence
from seamline.exporting.errors import ExportRefused
from seamline.exporting.half import to_half
from seamline.exporting.networks import DETECTOR, Array, networks_of, onnx_run, torch_run
from seamline.exporting.onnx_graph import DEFAULT_OPSET, Traced, check, check_opset, traced
from seamline.exporting.parity import BATCHES, FP16, FP32, Comparison, Tolerance, compare
from seamline.exporting.pipeline import compare_pipelines
from seamline.exporting.regression_options import RegressionOptions
from seamline.exporting.report import ExportedFile, ParityReport
from seamline.exporting.staging import publish, staged
from seamline.systems import DEFAULT, system_named
from seamline.systems.base import ExportedNetwork, Run

SPEC = "spec.json"


@dataclasses.dataclass(frozen=True)
class ExportRequest:
    """What to export: `networks` of the folder `checkpoint` to `out`, all of them where none is named, in half
    precision or not.

    `system`: whose checkpoint it is, by default what its spec.json says; `photos`, `batches`: what is compared on;
    `report`: a folder that gets the parity report even where the export is refused; `regression`: also compare search
    results, as these options say.
    """

    checkpoint: Path
    out: Path
    networks: tuple[str, ...] = ()
    system: str | None = None
    opset: int = DEFAULT_OPSET
    half: bool = False
    photos: tuple[Path, ...] = ()
    batches: tuple[int, ...] = BATCHES
    threads: int = 1
    report: Path | None = None
    regression: RegressionOptions | None = None

    @property
    def tolerance(self) -> Tolerance:
        """What is allowed at this precision."""
        return FP16 if self.half else FP32

    @property
    def report_name(self) -> str:
        """The report's name, that of the network where it is about one only."""
        return f"parity-{self.networks[0]}" if len(self.networks) == 1 else "parity"

    def spec(self) -> Spec:
        """The checkpoint's numbers; without any, those that the system's training starts from.

        Raises ExportRefused for an unknown system, or another than spec.json's.
        """
        file = self.checkpoint / SPEC
        try:
            if not file.is_file():
                return system_named(self.system or DEFAULT).spec()
            found = Spec.load(file)
            wanted = system_named(self.system or found.system)
            if wanted.name != found.system and names_system(file.read_text(encoding="utf-8")):
                raise ExportRefused(f"{file} is of the system {found.system}, not of {self.system}; leave --system out")
            return wanted.spec_type.of(dataclasses.replace(found, system=wanted.name))
        except BadOption as error:
            raise ExportRefused(str(error)) from error
        except (KeyError, TypeError, ValueError) as error:
            raise ExportRefused(
                f"{file} does not hold the numbers of its system ({error}); train again or, where it names no system, "
                "say with --system whose it is"
            ) from error

    def chosen(self) -> dict[str, ExportedNetwork]:
        """The networks to export by name; the detector only where it is named, or its checkpoint lies with the others.

        Raises ExportRefused for a name that the system has not.
        """
        known = networks_of(self.spec())
        for name in self.networks:
            if name not in known:
                raise ExportRefused(f"there is no network {name!r}; the networks are {', '.join(known)}")
        if self.networks:
            return {name: known[name] for name in known if name in self.networks}
        shared = (self.checkpoint / "detector.pt").is_file()
        return {name: network for name, network in known.items() if shared or name != DETECTOR}


def export(request: ExportRequest) -> ParityReport:
    """Export. Where the report has refusals nothing was written. Raises ExportRefused for what cannot be exported."""
    check_opset(request.opset)
    networks = {name: network.load(request.checkpoint) for name, network in request.chosen().items()}
    return export_networks(request, networks)


def export_networks(request: ExportRequest, networks: Mapping[str, nn.Module]) -> ParityReport:
    """The same with networks that are loaded already, by name."""
    with staged(request.out) as stage:
        report = _Export(request, networks, stage).compared()
        if request.report is not None:
            report.write(request.report, request.report_name)
        if not report.refusals:
            report.write(stage, request.report_name)
            publish(stage, request.out)
        return report


class _Export:
    """The networks of one request as PyTorch's and as graphs in the stage."""

    def __init__(self, request: ExportRequest, networks: Mapping[str, nn.Module], stage: Path) -> None:
        self._request = request
        self._networks = networks
        self._stage = stage
        self._spec = request.spec()
        if (request.checkpoint / SPEC).is_file():  # the numbers go where their networks go
            (stage / SPEC).write_text(self._spec.to_json(), encoding="utf-8")
        self._exported = networks_of(self._spec)
        self._system = tuple(name for name in self._exported if name != DETECTOR)
        self._traced = {name: self._trace(name) for name in networks}
        self._reference = {name: remembering(torch_run(one, self._exported[name])) for name, one in networks.items()}
        self._candidate = {name: remembering(onnx_run(stage / f"{name}.onnx", request.threads)) for name in networks}

    def _trace(self, name: str) -> Traced:
        found = traced(self._networks[name], self._exported[name], self._request.opset, self._request.photos)
        if self._request.half:
            onnx.save(found.model, str(self._stage / f".{name}.fp32"))
            found = dataclasses.replace(found, model=to_half(found.model))
            check(found.model)
        onnx.save(found.model, str(self._stage / f"{name}.onnx"))
        return found

    def compared(self) -> ParityReport:
        """What was measured; search results only where all else is within the tolerance."""
        request = self._request
        comparisons = [
            compare(self._exported[name], self._reference[name], self._candidate[name], request.photos, request.batches)
            for name in self._networks
        ]
        comparisons += self._pipeline_comparison()
        refusals = tuple(refusal for one in comparisons for refusal in self._refusals(one))
        report = ParityReport(
            str(request.checkpoint), "fp16" if request.half else "fp32", request.opset, _versions(), request.tolerance,
            tuple(self._file(name) for name in self._networks), tuple(comparisons), None, refusals,
        )  # fmt: skip
        wanted = request.regression
        return report if refusals or wanted is None else self._with_regression(report, wanted)

    def _pipeline_comparison(self) -> list[Comparison]:
        """All networks of a system of several; one that is not exported is PyTorch's on both sides, if the checkpoint
        has it."""
        if len(self._system) < 2 or not any(name in self._networks for name in self._system):
            return []
        try:
            reference = {name: self._reference_of(name) for name in self._system}
        except ExportRefused:
            return []
        candidate = reference | {name: run for name, run in self._candidate.items() if name in self._system}
        open_embedder = system_named(self._spec.system).embedder
        return [
            compare_pipelines(
                self._pipeline_name, open_embedder(reference, self._spec), open_embedder(candidate, self._spec),
                self._spec, self._request.photos, self._request.batches,
            )
        ]  # fmt: skip

    @property
    def _pipeline_name(self) -> str:
        return f"{self._system[0]} to {self._system[-1]}"

    def _reference_of(self, name: str) -> Run:
        if name not in self._reference:
            exported = self._exported[name]
            self._reference[name] = remembering(torch_run(exported.load(self._request.checkpoint), exported))
        return self._reference[name]

    def _refusals(self, comparison: Comparison) -> list[str]:
        found = comparison.refusals(self._request.tolerance)
        if not found:
            return []
        whole = comparison.network == self._pipeline_name and len(self._system) > 1
        blamed = self._blamed(self._system if whole else (comparison.network,))
        return [f"{comparison.network}: {sentence}; {blamed}" for sentence in found]

    def _blamed(self, names: Sequence[str]) -> str:
        return "; ".join(self._layer(name) for name in names if name in self._networks)

    def _layer(self, name: str) -> str:
        """The layer that is to blame, on the first photo."""
        made, exported = self._traced[name], self._exported[name]
        inputs = exported.samples(1, self._request.photos)
        network, allowed = self._networks[name], self._request.tolerance.relative
        layer = first_divergence(network, made.program, made.model, exported, inputs, allowed)
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

    def _with_regression(self, report: ParityReport, options: RegressionOptions) -> ParityReport:
        from seamline.exporting.retrieval_regression import measured  # needs what makes copies of photos

        networks = {name: torch_run(self._networks[name], self._exported[name]) for name in self._system}
        embedder = system_named(self._spec.system).embedder(networks, self._spec)
        regression = measured(options, self._request.checkpoint, self._stage, embedder, self._spec, self._request.half)
        found = regression.refusals(self._request.tolerance)
        blamed = self._blamed(self._system) if found else ""
        refusals = tuple(f"{sentence}; {blamed}" for sentence in found)
        return dataclasses.replace(report, regression=regression, refusals=refusals)


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
