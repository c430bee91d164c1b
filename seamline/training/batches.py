"""The batches of a training in the order of their steps, made ahead by other processes where that is wanted."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Generic

import torch
from torch.utils.data import DataLoader, Dataset

from seamline.training.task import B


class _Batches(Dataset[B], Generic[B]):
    """The batch of every step."""

    def __init__(self, batch: Callable[[int], B]) -> None:
        self._batch = batch

    def __getitem__(self, step: int) -> B:
        return self._batch(step)


def batches(batch: Callable[[int], B], first: int, end: int, workers: int = 0, prefetch: int = 2) -> Iterator[B]:
    """batch(first), ..., batch(end - 1), in this order whatever the number of workers; no more than there are cores."""
    if first >= end:
        return iter(())
    if not workers:
        return map(batch, range(first, end))
    loader = DataLoader(
        _Batches(batch),
        batch_size=None,
        sampler=range(first, end),
        num_workers=min(workers, len(os.sched_getaffinity(0))),
        prefetch_factor=prefetch,
        worker_init_fn=_start_worker,
        multiprocessing_context="fork",  # tasks hold memory-mapped crops, which a fork shares as they are
    )
    return iter(loader)


def _start_worker(_: int) -> None:
    """One thread each, and no part in how the training is stopped: its process decides that."""
    import cv2

    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
