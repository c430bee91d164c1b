"""python -m seamline.train PHOTOS --out weights: everything from a folder of photos to checkpoints and spec.json.

An interrupted training goes on where it stopped. `export/to_onnx.py` turns the checkpoints into ONNX files.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import torch

from seamline.data.landmark_labels import label_folder
from seamline.spec import REGIONS
from seamline.train.calibrate import Calibration
from seamline.train.curve import plot_curve
from seamline.train.detector import Plan, train_detector
from seamline.train.landmarks import LandmarkTraining
from seamline.train.pipeline import EncoderPlan, EncoderTraining
from seamline.train.retrieval import Found

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
    if options.part in ("encoder", "all"):
        _train_encoder(options, labels)
    if options.part in ("detector", "all"):
        _train_detector(options, labels)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m seamline.train", description="Train the shipped networks.")
    parser.add_argument("photos", type=Path, help="folder of photos, with flatlay/ and street/ below it")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints and spec.json")
    parser.add_argument("--part", choices=["encoder", "detector", "all"], default="all")
    parser.add_argument("--labels", type=Path, help="folder with label files; made below OUT when not given")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--landmark-steps", type=int, default=LandmarkTraining.steps)
    parser.add_argument("--detector-epochs", type=int, default=Plan.epochs)
    parser.add_argument("--detector-scenes", type=int, default=Plan.scenes_per_epoch, help="scenes of an epoch")
    parser.add_argument("--drawn", type=int, default=EncoderPlan.drawn, help="garments to draw besides the photos")
    return parser


def _train_encoder(options: argparse.Namespace, labels: Path) -> None:
    steps = options.landmark_steps
    small = LandmarkTraining.small_steps * steps // LandmarkTraining.steps
    landmarks = LandmarkTraining(steps=steps, small_steps=small, seed=options.seed)
    plan = EncoderPlan(landmarks=landmarks, drawn=options.drawn, seed=options.seed)
    training = EncoderTraining(options.photos, labels, options.out, plan)
    outcome = training.run()
    plot_curve(training.work / "landmarks" / "curve.jsonl", options.out / "landmarks.png")
    print(_calibration(outcome.calibration))
    print(_retrieval(outcome.retrieval))


def _train_detector(options: argparse.Namespace, labels: Path) -> None:
    plan = Plan(
        epochs=options.detector_epochs,
        scenes_per_epoch=options.detector_scenes,
        drawn=options.drawn,
        seed=options.seed,
    )
    weights = train_detector(options.photos, [labels / LABELS], options.out / "work" / "detector", plan)
    (options.out / "detector.pt").write_bytes(weights.read_bytes())


def _calibration(calibration: Calibration) -> str:
    rows = zip(
        REGIONS,
        calibration.background_mean,
        calibration.background_std,
        calibration.region_kept_above,
        calibration.kept_accuracy,
        strict=True,
    )
    lines = [f"{name:12} {mean:6.3f} {std:6.3f} {cut:6.3f} {hit:6.1%}" for name, mean, std, cut, hit in rows]
    return "\n".join(["region       unrelated, +-   kept from, balanced accuracy", *lines])


def _retrieval(table: Sequence[Found]) -> str:
    rows = [f"{row.copy:36} {row.ranking:9} {row.first:6.1%} {row.reciprocal_rank:6.3f}" for row in table]
    return "\n".join(["copy                                 ranking    first  mean 1/rank", *rows])


if __name__ == "__main__":
    sys.exit(main())
