"""python -m seamline.training PHOTOS --out weights: everything from a folder of photos to checkpoints and spec.json.

An interrupted training goes on where it stopped. `export/to_onnx.py` turns the checkpoints into ONNX files.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import torch

from seamline.core.spec import REGIONS, ScoringSpec, Spec
from seamline.data.landmark_labels import label_folder
from seamline.systems.psnet_lite.landmark_training import LandmarkTraining
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.pipeline import EncoderPlan, EncoderTraining
from seamline.training.curve import plot_curve
from seamline.training.detector import Plan, train_detector
from seamline.training.errors import BadCheckpoint, BadConfig, NotFinite

LABELS = "labels.jsonl"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    if not options.photos.is_dir():
        print(f"{options.photos} is not a folder", file=sys.stderr)
        return 2
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    labels = options.labels or options.out / "work" / "labels"
    if not (labels / LABELS).is_file():
        label_folder(options.photos, labels, options.threads)
    try:
        if options.part in ("encoder", "all"):
            _train_encoder(options, labels)
        if options.part in ("detector", "all"):
            _train_detector(options, labels)
    except (BadConfig, BadCheckpoint, NotFinite) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seamline.training", description="Train the shipped networks.")
    parser.add_argument("photos", type=Path, help="folder of photos, with flatlay/ and street/ below it")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and spec.json")
    parser.add_argument("--part", choices=["encoder", "detector", "all"], default="all")
    parser.add_argument("--labels", type=Path, help="folder with label files; made below OUT when not given")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--landmark-steps", type=int, default=LandmarkTraining.steps)
    parser.add_argument("--retrieval-steps", type=int, default=EncoderPlan.loop.steps)
    parser.add_argument("--garments", type=int, default=RetrievalOptions.garments, help="in a batch of the retrieval")
    parser.add_argument("--detector-epochs", type=int, default=Plan.epochs)
    parser.add_argument("--detector-scenes", type=int, default=Plan.scenes_per_epoch, help="scenes of an epoch")
    parser.add_argument("--drawn", type=int, default=EncoderPlan.drawn, help="garments to draw besides the photos")
    return parser


def _train_encoder(options: argparse.Namespace, labels: Path) -> None:
    steps = options.landmark_steps
    small = LandmarkTraining.small_steps * steps // LandmarkTraining.steps
    landmarks = LandmarkTraining(steps=steps, small_steps=small, seed=options.seed)
    loop = dataclasses.replace(EncoderPlan.loop, steps=options.retrieval_steps)
    retrieval = RetrievalOptions(garments=options.garments, threads_for_copies=options.threads)
    plan = EncoderPlan(landmarks, retrieval=retrieval, loop=loop, drawn=options.drawn, seed=options.seed)
    training = EncoderTraining(options.photos, labels, options.out, plan)
    outcome = training.run()
    plot_curve(training.work / "landmarks" / "curve.jsonl", options.out / "landmarks.png")
    print(_figures(outcome.figures))
    if outcome.finished:
        print(_calibration(Spec.load(options.out / "spec.json").scoring))


def _train_detector(options: argparse.Namespace, labels: Path) -> None:
    plan = Plan(
        epochs=options.detector_epochs,
        scenes_per_epoch=options.detector_scenes,
        drawn=options.drawn,
        seed=options.seed,
    )
    weights = train_detector(options.photos, [labels / LABELS], options.out / "work" / "detector", plan)
    (options.out / "detector.pt").write_bytes(weights.read_bytes())


def _calibration(scoring: ScoringSpec) -> str:
    rows = zip(REGIONS, scoring.background_mean, scoring.background_std, scoring.region_kept_above, strict=True)
    lines = [f"{name:12} {mean:6.3f} {std:6.3f} {cut:6.3f}" for name, mean, std, cut in rows]
    return "\n".join(["region       unrelated, +-   kept from", *lines])


def _figures(figures: Mapping[str, float]) -> str:
    return "\n".join(f"{name:12} {value:6.3f}" for name, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
