"""What names code."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from seamline.evaluation.code_key import code_key


def test_a_change_of_what_a_module_imports_changes_the_key_and_a_neighbour_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "some_package"
    package.mkdir()
    files = {"__init__": "", "first": "from some_package.second import X\n", "second": "X = 1\n", "beside": ""}
    for name, text in files.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    keys = [code_key("some_package.first")]
    for name, text in (("beside", "Y = 2\n"), ("second", "X = 2\n")):
        (package / f"{name}.py").write_text(text)
        code_key.cache_clear()
        keys.append(code_key("some_package.first"))
    assert keys[0] == keys[1] != keys[2]
    without = code_key("some_package.first", but="some_package.second")
    (package / "second.py").write_text("X = 3\n")
    code_key.cache_clear()
    assert code_key("some_package.first", but="some_package.second") == without
    code_key.cache_clear()
    assert "some_package.first" not in sys.modules
