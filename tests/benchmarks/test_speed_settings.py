"""Settings of the networks as variants of a repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.speed import processor
from benchmarks.speed.settings import NETWORKS, SETTINGS, write
from seamline.local.repository import read_config
from tests.support.repositories import MODEL_REPOSITORY


@pytest.mark.parametrize(
    ("setting", "found"),
    [
        ("2 threads", {("2", 2, 0, True)}),
        ("1 instance", {("1", 1, 0, True)}),
        ("delay 0.5 ms", {("1", 2, 500, True)}),
        ("not batched", {("1", 2, 0, False)}),
    ],
)
def test_a_setting_is_a_variant_of_every_network(
    tmp_path: Path, setting: str, found: set[tuple[str, int, int, bool]]
) -> None:
    written = write(MODEL_REPOSITORY, tmp_path, "other", SETTINGS[setting])
    configs = [read_config(written / network, "other") for network in NETWORKS]
    assert {
        (
            config.parameters["intra_op_thread_count"].string_value,
            config.instance_group[0].count,
            config.dynamic_batching.max_queue_delay_microseconds,
            config.HasField("dynamic_batching"),
        )
        for config in configs
    } == found
    assert all(read_config(written / name) == read_config(MODEL_REPOSITORY / name) for name in NETWORKS)


def test_what_is_served_is_copied_as_it_is(tmp_path: Path) -> None:
    written = write(MODEL_REPOSITORY, tmp_path, "served", SETTINGS["as served"])
    assert not list(written.glob("*/configs"))
    assert {folder.name for folder in written.iterdir()} == {folder.name for folder in MODEL_REPOSITORY.iterdir()}


def test_processor_time_counts_work_and_not_waiting() -> None:
    import os
    import time

    before = processor.spent([os.getpid()])
    time.sleep(0.05)
    waited = processor.spent([os.getpid()]) - before
    own = time.process_time()
    while time.process_time() - own < 0.1:
        pass
    worked = processor.spent([os.getpid()]) - before - waited
    assert waited < 40
    assert 80 < worked < 200
