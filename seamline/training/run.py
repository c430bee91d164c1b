"""From a configuration to a trained network."""

from __future__ import annotations

import os

import torch

from seamline.training.config import TrainConfig
from seamline.training.errors import BadConfig
from seamline.training.loop import Outcome, train
from seamline.training.sources import open_sources


def run(config: TrainConfig) -> Outcome:
    """Train as the configuration says, or go on where an earlier run stopped. Raises BadConfig, BadCheckpoint and
    NotFinite."""
    if config.threads:
        torch.set_num_threads(config.threads)
    config.kind.check(config.options)
    config.out.mkdir(parents=True, exist_ok=True)
    sources = open_sources(config.photos, config.labels, config.work or config.out / "work", os.cpu_count() or 1)
    try:
        task = config.kind.build(sources, config.options, config.seed)
    except ValueError as error:  # an option that only the network or the data can judge
        raise BadConfig(f"{config.task}: {error}") from error
    identity = {**config.hyperparameters(), "labels": sources.digest()}
    return train(task, config.loop, config.out, config.seed, identity)
