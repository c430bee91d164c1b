"""`python -m benchmarks.speed.fused PHOTOS`: `embed` as it is served against `embed` with a fused network.

Both ensembles run in one embedded Triton, and both chains in this process, each picture through all four in turns. The
fused network has landmark boxes, RoiAlign and region head inside the encoder's graph, with the same weights. Times are
milliseconds, until the answer and of the processor; PHOTOS is a folder of photos, most of them with one garment.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import tritonclient.grpc as triton
from rich.console import Console
from rich.table import Table

from benchmarks.arguments import add_ensembles, add_json, add_model_repository, add_photos, parser_of
from benchmarks.speed import processor, statistics
from benchmarks.speed.fused import repository
from benchmarks.speed.fused.in_process import FusedPath
from benchmarks.speed.fused.photos import with_garments
from seamline.catalogue import photos_below
from seamline.evaluation.weights import Weights
from seamline.local import LocalOptions, LocalServer
from seamline.serving.local_pipeline import ServedPath
from seamline.serving.step import Array

SERVED, FUSED = "embed", repository.ENSEMBLE
STEPS = {
    SERVED: ("decode", "detector", "crop", "encoder", "region_pool", "region_head", "trim", SERVED),
    FUSED: ("decode", "detector", "numbered_crop", repository.NETWORK, "finish", FUSED),
}
OUTPUTS = ("COUNT", "LANDMARKS", "REGION_BOXES", "REGION_VISIBLE", "EMBEDDING")
_WARM_UP = 3


@dataclasses.dataclass(frozen=True)
class Trial:
    """Pictures with one number of garments: milliseconds per way, and how far the fused answers lie off.

    `medians` of the time until the answer, `processor` the mean time that the server's processes ran. `cosine` is the
    smallest over all visible regions, `pixels` the largest distance of a landmark or a box's side in the picture.
    """

    garments: int
    pictures: int
    medians: Mapping[str, float]
    processor: Mapping[str, float]
    cosine: float
    pixels: float

    def gain(self) -> float:
        """How much sooner the server answers, as a share."""
        return 1 - self.medians["fused, Triton"] / self.medians["stepwise, Triton"]

    def saving(self) -> float:
        """How much less the server's processes run, as a share."""
        return 1 - self.processor[FUSED] / self.processor[SERVED]


@dataclasses.dataclass(frozen=True)
class Contest:
    """Both chains of one model repository, through a server and in this process."""

    client: triton.InferenceServerClient
    stepwise: ServedPath
    fused: FusedPath
    processes: Sequence[int]

    def trial(self, photos: Sequence[Path], garments: int, pictures: int) -> Trial:
        """Every picture through all four ways, in turns."""
        chosen = with_garments(self.stepwise, photos, garments, pictures + _WARM_UP)
        ways: dict[str, Callable[[bytes], object]] = {
            "stepwise, Triton": lambda data: ask(self.client, SERVED, data),
            "fused, Triton": lambda data: ask(self.client, FUSED, data),
            "stepwise, in process": self.stepwise.embed,
            "fused, in process": self.fused.embed,
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for picture in chosen:
            for name, way in ways.items():
                times[name].append(milliseconds(way, picture))
        medians = {name: float(np.median(spent[_WARM_UP:])) for name, spent in times.items()}
        answers, running = {}, {}
        for ensemble in (SERVED, FUSED):
            answers[ensemble], running[ensemble] = self._running(ensemble, chosen[_WARM_UP:])
        pairs = list(zip(answers[SERVED], answers[FUSED], strict=True))
        return Trial(garments, len(pairs), medians, running, least_cosine(pairs), largest_distance(pairs))

    def _running(self, ensemble: str, pictures: Sequence[bytes]) -> tuple[list[dict[str, Array]], float]:
        """The answers, and the mean processor time that the server spent on one."""
        before = processor.spent(self.processes)
        answers = [ask(self.client, ensemble, picture) for picture in pictures]
        return answers, (processor.spent(self.processes) - before) / len(pictures)


def ask(client: triton.InferenceServerClient, ensemble: str, data: bytes) -> dict[str, Array]:
    """An ensemble's answer for one picture."""
    image = triton.InferInput("IMAGE", [1], "BYTES")
    image.set_data_from_numpy(np.array([data], dtype=np.object_))
    answer = client.infer(ensemble, [image])
    return {name: answer.as_numpy(name) for name in OUTPUTS}


def milliseconds(way: Callable[[bytes], object], picture: bytes) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    way(picture)
    return (time.perf_counter() - start) * 1000


Pairs = Sequence[tuple[Mapping[str, Array], Mapping[str, Array]]]


def least_cosine(pairs: Pairs) -> float:
    """Between the region vectors of both chains, over the regions that either of them sees."""
    found = [1.0]
    for a, b in pairs:
        seen = (a["REGION_VISIBLE"] > 0) | (b["REGION_VISIBLE"] > 0)
        found += (a["EMBEDDING"] * b["EMBEDDING"]).sum(-1)[seen].tolist()
    return min(found)


def largest_distance(pairs: Pairs) -> float:
    """Between landmarks' coordinates and boxes' sides of both chains."""
    gaps = [0.0]
    for a, b in pairs:
        gaps.append(float(np.abs(a["LANDMARKS"] - b["LANDMARKS"])[..., :2].max()))
        gaps.append(float(np.abs(a["REGION_BOXES"] - b["REGION_BOXES"]).max()))
    return max(gaps)


def main(given: Sequence[str] | None = None) -> int:
    """The command line."""
    arguments = _arguments(given)
    photos = list(photos_below(arguments.photos))
    random.Random(arguments.seed).shuffle(photos)
    with tempfile.TemporaryDirectory() as folder:
        models, ensembles = repository.write(arguments.model_repository, arguments.ensembles, Path(folder))
        options = LocalOptions(
            home=Path(folder) / "home", model_repository=models, ensembles=ensembles,
            grpc_port=0, http_port=0, metrics_port=0, milvus_port=0, health_interval=600.0,
        )  # fmt: skip
        weights = Weights.of_repository(models)
        fused = FusedPath(weights, models / repository.NETWORK / "1" / "model.onnx")
        with LocalServer(options) as server, triton.InferenceServerClient(server.endpoints.grpc) as client:
            stepwise = ServedPath(weights, threads=1)
            contest = Contest(client, stepwise, fused, processor.triton_processes(options.home))
            trials, steps = _run(contest, photos, arguments.garments, arguments.pictures)
    _show(trials, steps)
    if arguments.json is not None:
        figures = {"trials": [dataclasses.asdict(trial) for trial in trials], "steps": steps}
        arguments.json.write_text(json.dumps(figures, indent=2, default=dataclasses.asdict) + "\n", encoding="utf-8")
    return 0


Steps = Mapping[int, Sequence[statistics.Step]]


def _run(contest: Contest, photos: Sequence[Path], garments: Sequence[int], pictures: int) -> tuple[list[Trial], Steps]:
    trials: list[Trial] = []
    steps: dict[int, Sequence[statistics.Step]] = {}
    for number in garments:
        before = statistics.counts(contest.client)
        trials.append(contest.trial(photos, number, pictures))
        names = dict.fromkeys(name for chain in STEPS.values() for name in chain)
        steps[number] = statistics.steps(before, statistics.counts(contest.client), names)
    return trials, steps


def _show(trials: Sequence[Trial], steps: Steps) -> None:
    console = Console()
    for trial in trials:
        table = Table("embed", "median", "processor", title=f"{trial.garments} garments, {trial.pictures} pictures, ms")
        for name, ensemble in (("stepwise, Triton", SERVED), ("fused, Triton", FUSED)):
            table.add_row(name, f"{trial.medians[name]:.1f}", f"{trial.processor[ensemble]:.1f}")
        table.add_row("saved", f"{trial.gain():.1%}", f"{trial.saving():.1%}")
        for name in ("stepwise, in process", "fused, in process"):
            table.add_row(name, f"{trial.medians[name]:.1f}", "")
        console.print(table)
        console.print(f"least cosine {trial.cosine:.7f}, largest distance {trial.pixels:.5f} pixels")
    for number, rows in steps.items():
        shown = Table("step", "queue", "compute", "in all", title=f"{number} garments: mean of a request, ms")
        for step in rows:
            shown.add_row(step.name, f"{step.queue:.2f}", f"{step.compute:.2f}", f"{step.total:.2f}")
        console.print(shown)


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("benchmarks.speed.fused", __doc__ or "")
    add_photos(parser)
    parser.add_argument("--garments", type=int, nargs="+", default=[1, 4], help="garments per picture")
    parser.add_argument("--pictures", type=int, default=40, help="pictures per number of garments")
    add_model_repository(parser)
    add_ensembles(parser)
    add_json(parser)
    return parser.parse_args(given)


if __name__ == "__main__":
    raise SystemExit(main())
