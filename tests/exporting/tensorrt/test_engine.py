"""Engines are called like any network; buffers grow, and what does not fit is one sentence."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from seamline.exporting import ExportError
from seamline.exporting.tensorrt.engine import Engine
from seamline.exporting.tensorrt.trt_variant import TrtVariant
from tests.exporting.tensorrt.fake_tensorrt import MODULE, PLAN, Memory

TENSORRT = TrtVariant("TensorRT", MODULE, ahead_of_time=False)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def engine(memory: Memory) -> Iterator[Engine]:
    engine = Engine(TENSORRT, PLAN, memory)
    yield engine
    engine.close()
    assert not memory.held


def rows(count: int) -> np.ndarray:
    return np.arange(3 * count, dtype=np.float32).reshape(count, 3)


def test_every_batch_gives_its_own_rows(engine: Engine) -> None:
    for count in (2, 4, 1, 3):
        assert np.array_equal(engine({"X": rows(count)})["Y"], 2 * rows(count))


def test_buffers_are_taken_again_unless_they_are_too_small(engine: Engine, memory: Memory) -> None:
    engine({"X": rows(2)})
    engine({"X": rows(1)})
    assert memory.allocated == 2
    engine({"X": rows(4)})
    assert memory.allocated == 4
    assert len(memory.held) == 2


def test_arrays_that_do_not_lie_in_one_piece_are_read_right(engine: Engine) -> None:
    turned = np.arange(6, dtype=np.float32).reshape(3, 2).T
    assert np.array_equal(engine({"X": turned})["Y"], 2 * turned)


def test_answers_do_not_change_with_the_next_call(engine: Engine) -> None:
    first = engine({"X": rows(2)})["Y"]
    engine({"X": rows(2) + 1})
    assert np.array_equal(first, 2 * rows(2))


def test_a_batch_outside_the_profile_is_an_error(engine: Engine) -> None:
    with pytest.raises(ExportError, match=r"does not take X of shape \(5, 3\); its profile has other batches"):
        engine({"X": rows(5)})


@pytest.mark.parametrize("arrays", [{}, {"X": np.zeros((1, 3))}], ids=["missing", "another type"])
def test_a_wrong_input_is_an_error(engine: Engine, arrays: dict[str, np.ndarray]) -> None:
    with pytest.raises(ExportError, match="the engine's input X takes float32"):
        engine(arrays)


def test_a_plan_that_is_not_read_says_why(memory: Memory) -> None:
    with pytest.raises(ExportError, match=r"TensorRT 11\.4\.1\.0 does not read this plan.*Magic tag does not match"):
        Engine(TENSORRT, b"of another version", memory)
