"""What the queues of the steps promise: nothing waits without an end, and what must wait does so at first."""

from __future__ import annotations

from pathlib import Path

import pytest
from tritonclient.grpc import model_config_pb2 as pb

from seamline.client.tensors import BULK
from seamline.local.canary import PRIORITY
from seamline.serving.lease import LEASE_BYTES
from seamline.serving.triton import LEASE
from tests.support.repositories import ENSEMBLES, MODEL_REPOSITORY, configs, read_config

FIRST = configs(MODEL_REPOSITORY)["decode"]
STEPS = sorted([*MODEL_REPOSITORY.glob("*/config.pbtxt"), *MODEL_REPOSITORY.glob("*/configs/*.pbtxt")])
BEHIND = [path for path in STEPS if read_config(path).name not in ("decode", "trim")]
"""trim takes a third of a millisecond and so never has a queue."""


def step_name(path: Path) -> str:
    return f"{path.parents[1].name}-{path.stem}" if path.parent.name == "configs" else path.parent.name


def refuses(policy: pb.ModelQueuePolicy) -> bool:
    return bool(
        policy.timeout_action == policy.REJECT and policy.default_timeout_microseconds and policy.max_queue_size
    )


def level(number: int) -> pb.ModelQueuePolicy:
    batching = FIRST.dynamic_batching
    return batching.priority_queue_policy.get(number, batching.default_queue_policy)


@pytest.mark.parametrize("path", BEHIND, ids=step_name)
def test_a_step_refuses_what_waits_too_long(path: Path) -> None:
    assert refuses(read_config(path).dynamic_batching.default_queue_policy)


@pytest.mark.parametrize("path", BEHIND, ids=step_name)
def test_what_was_let_in_may_wait_longer_than_before_the_first_step(path: Path) -> None:
    waits = read_config(path).dynamic_batching.default_queue_policy.default_timeout_microseconds
    assert waits >= 10 * level(FIRST.dynamic_batching.default_priority_level).default_timeout_microseconds


@pytest.mark.parametrize("path", [*BEHIND, MODEL_REPOSITORY / "decode" / "config.pbtxt"], ids=step_name)
def test_a_bounded_queue_has_two_instances_to_wake_it(path: Path) -> None:
    # With a single instance Triton 2.51 finds the next request of such a queue up to half a second late.
    assert sum(group.count for group in read_config(path).instance_group) >= 2


def test_every_level_of_the_first_step_refuses() -> None:
    assert all(refuses(level(number)) for number in range(1, FIRST.dynamic_batching.priority_levels + 1))


def test_health_checks_come_first_then_people_then_jobs() -> None:
    people = FIRST.dynamic_batching.default_priority_level
    assert PRIORITY < people < BULK == FIRST.dynamic_batching.priority_levels
    assert level(people).default_timeout_microseconds <= 200_000
    assert level(BULK).default_timeout_microseconds >= 5_000_000


def test_the_first_step_lets_photos_in_and_the_last_of_each_ensemble_lets_them_out() -> None:
    roles = {name: config.parameters["admission"].string_value for name, config in configs(MODEL_REPOSITORY).items()}
    assert {name: role for name, role in roles.items() if role} == {
        "decode": "acquire", "crop": "renew", "region_pool": "check", "trim": "release", "retrieve": "release",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(configs(ENSEMBLES)))
def test_a_photos_lease_goes_from_the_first_step_to_every_other_one_in_python(name: str) -> None:
    steps = {step.model_name: step for step in configs(ENSEMBLES)[name].ensemble_scheduling.step}
    carried = steps["decode"].output_map["LEASE"]
    assert carried
    python = {name for name in steps if configs(MODEL_REPOSITORY)[name].backend == "python"}
    assert {step for step in steps if steps[step].input_map["LEASE"] == carried} == python - {"decode"}


def test_a_lease_is_required_and_has_the_size_of_one() -> None:
    for name, config in configs(MODEL_REPOSITORY).items():
        for tensor in [*config.input, *config.output]:
            if tensor.name == LEASE:
                assert (tensor.data_type, list(tensor.dims)) == (pb.TYPE_UINT8, [LEASE_BYTES]), name
        assert not any(tensor.name == LEASE and tensor.optional for tensor in config.input), name


def test_costly_searches_leave_an_instance_to_the_others() -> None:
    retrieve = configs(MODEL_REPOSITORY)["retrieve"]
    instances = sum(group.count for group in retrieve.instance_group)
    assert 1 <= int(retrieve.parameters["costly"].string_value) < instances
