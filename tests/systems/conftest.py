"""The trainings' fixtures."""

from tests.training.conftest import _one_thread, store

__all__ = ["_one_thread", "store"]
