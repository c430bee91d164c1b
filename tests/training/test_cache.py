"""Folders that are filled once, also by trainings that begin at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seamline.training.cache import fill_once


def writes(folder: Path, filled: list[str], name: str) -> Callable[[], None]:
    def fill() -> None:
        (folder / "rows").write_text(name)
        filled.append(name)

    return fill


def test_a_folder_is_filled_again_only_under_another_key(tmp_path: Path) -> None:
    folder, filled = tmp_path / "crops", list[str]()
    for name, key in (("first", "a"), ("again", "a"), ("other", "b")):
        fill_once(folder, key, writes(folder, filled, name))
    assert filled == ["first", "other"]
    assert (folder / "rows").read_text() == "other"


def test_what_was_interrupted_is_filled_anew(tmp_path: Path) -> None:
    folder, filled = tmp_path / "crops", list[str]()

    def broken() -> None:
        (folder / "rows").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill_once(folder, "a", broken)
    fill_once(folder, "a", writes(folder, filled, "whole"))
    assert filled == ["whole"]


def test_who_comes_while_a_folder_is_filled_waits_and_takes_it_as_it_is(tmp_path: Path) -> None:
    folder, filled = tmp_path / "crops", list[str]()
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> None:
        begun.set()
        assert go_on.wait(60)
        writes(folder, filled, "first")()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(fill_once, folder, "a", slowly)
        assert begun.wait(60)
        second = pool.submit(fill_once, folder, "a", writes(folder, filled, "second"))
        threading.Event().wait(0.2)
        waited = not second.done()
        go_on.set()
        first.result(60)
        second.result(60)
    assert waited
    assert filled == ["first"]


def test_a_filled_folder_needs_no_right_to_write(tmp_path: Path) -> None:
    folder = tmp_path / "crops"
    fill_once(folder, "a", writes(folder, [], "first"))
    (folder / "lock").unlink()
    fill_once(folder, "a", writes(folder, [], "second"))
    assert not (folder / "lock").exists()
