from __future__ import annotations

import json

import pytest

from seamline.core.errors import BadOption, FingerprintMismatch
from seamline.spark.plan import Plan

PLAN = Plan(8, "0011223344556677", 3, 128)


def test_a_plan_is_read_as_it_was_written() -> None:
    assert Plan.from_json(PLAN.to_json()) == PLAN


def test_the_plan_of_an_earlier_run_names_no_parts_and_had_five() -> None:
    text = json.dumps({"partitions": 8, "fingerprint": "0011223344556677", "dimension": 128})
    assert Plan.from_json(text).shape == (5, 128)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"partitions": 8}'])
def test_another_file_is_no_plan(text: str) -> None:
    with pytest.raises(BadOption, match="was not written by this job"):
        Plan.from_json(text)


def test_a_run_with_other_weights_or_partitions_does_not_go_on() -> None:
    PLAN.check("0011223344556677", None)
    PLAN.check("0011223344556677", 8)
    with pytest.raises(FingerprintMismatch, match="the server runs ffff"):
        PLAN.check("ffff", 8)
    with pytest.raises(BadOption, match="begun with 8 partitions"):
        PLAN.check("0011223344556677", 9)
