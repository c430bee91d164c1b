"""Calibrate trained networks again, after a change of landmarks or of copies, without training the rest again.

    python -m seamline.systems.psnet_lite CHECKPOINT --photos FOLDER --labels FOLDER --work FOLDER

CHECKPOINT holds encoder.pt and region_head.pt; whole_head.pt and spec.json are written there, as the last step of the
training does it.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import torch

from seamline.core.streams import run_program
from seamline.systems.psnet_lite.calibration import Others, Unseen, write_heads
from seamline.systems.psnet_lite.checkpoint import load_encoder, load_region_head
from seamline.systems.psnet_lite.options import ACROSS_SCENES, RetrievalOptions
from seamline.systems.psnet_lite.stored_views import statistics_of
from seamline.systems.psnet_lite.views import (
    CalibratingViews,
    divided,
    kept_apart,
    trusted,
    views_of,
    worn_originals,
    worn_views,
)
from seamline.systems.psnet_lite.whole_garments import whole_garments
from seamline.training.generated_copies import CopyPlan
from seamline.training.second_photos import SecondPhotoPlan
from seamline.training.sources import Sources

_MEDIUM = CopyPlan(("medium",) * 2, (None,) * 2)
_SECOND_PHOTOS = SecondPhotoPlan(photographs=1, dyed=0, worn=ACROSS_SCENES)
_NONE = CopyPlan((), ())
_NO_PHOTOS = SecondPhotoPlan(photographs=0, dyed=0, worn=0)


def main() -> None:
    """The command line."""
    arguments = _arguments()
    torch.set_num_threads(arguments.processes)
    folder, sources = arguments.checkpoint, Sources(arguments.photos, arguments.labels, arguments.work)
    encoder, head = load_encoder(folder / "encoder.pt"), load_region_head(folder / "region_head.pt")
    options = RetrievalOptions(
        copies=_MEDIUM, repainted=0, second_photos=_SECOND_PHOTOS, threads_for_copies=arguments.processes
    )
    labels = trusted(sources.train(options.trust), options.trust)
    apart = kept_apart(len(labels), options.held_out)
    held_out = [label for label, kept in zip(labels, apart, strict=True) if kept]
    rest = [label for label, kept in zip(labels, apart, strict=True) if not kept]
    flat = views_of(sources, encoder, held_out, options, "held-out", 0)
    people = worn_originals(sources, options)
    worn = worn_views(people, sources, encoder, options)
    unseen = CalibratingViews.of(flat, None if worn is None else divided(worn, options.held_out)[1], options)
    alone = dataclasses.replace(options, copies=_NONE, second_photos=_NO_PHOTOS)
    originals = views_of(sources, encoder, rest, alone, "others", 0)
    statistics = statistics_of(encoder.retrieval, unseen.views, head.config, encoder.whole)
    found = Unseen(statistics, unseen.views.category_names, unseen.further)
    garments = whole_garments(sources, encoder, options, people)
    grids = garments.grids(encoder.retrieval, head.config, encoder.whole)
    others = Others(statistics_of(encoder.retrieval, originals, head.config, encoder.whole), grids)
    write_heads(head, others, found, options.weights, 0, folder)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fit the head of the whole garment, and calibrate.")
    parser.add_argument("checkpoint", type=Path, help="folder with encoder.pt and region_head.pt")
    parser.add_argument("--photos", type=Path, required=True, help="folder of photos")
    parser.add_argument("--labels", type=Path, required=True, help="folder with labels.jsonl and masks")
    parser.add_argument("--work", type=Path, required=True, help="folder for copies and features")
    parser.add_argument("--processes", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    run_program(main)
