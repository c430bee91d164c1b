"""The tokens file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from seamline.core.errors import BadOption
from seamline.gateway.tokens import Caller, Tokens, add_token


def test_a_token_is_known_by_its_digest(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    first, second = add_token(file, "all"), add_token(file, "shop", ["spring"])
    assert first not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    tokens = Tokens(file)
    assert tokens.caller(f"Bearer {first}") == Caller("all", None)
    assert tokens.caller(f"Bearer {second}") == Caller("shop", frozenset({"spring"}))
    for other in ("", "Bearer ", first, f"bearer {first}", f"Bearer {first} ", f"Bearer {first[:-1]}", "Bearer ü"):
        assert tokens.caller(other) is None


def test_a_changed_file_counts_at_once_and_a_broken_one_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "tokens.toml"
    old = add_token(file, "old")
    tokens = Tokens(file)
    new = add_token(file, "new")
    assert tokens.caller(f"Bearer {new}") is not None
    file.write_text("[[token", encoding="utf-8")
    assert tokens.caller(f"Bearer {old}") is not None
    assert "the tokens stay as they were" in capsys.readouterr().out
    file.unlink()
    latest = add_token(file, "latest")
    assert tokens.caller(f"Bearer {latest}") is not None
    assert tokens.caller(f"Bearer {old}") is None


@pytest.mark.parametrize(
    "text",
    ["", "token = 3", "[[token]]\nname = 'a'", "[[token]]\nname = 'a'\nsha256 = 'A'", "\xff", "[[token]]\nsha256 = 1"],
)
def test_a_file_without_tokens_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(text, encoding="latin-1")
    with pytest.raises(BadOption, match="tokens file"):
        Tokens(file)


def test_names_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    add_token(file, "one")
    with pytest.raises(BadOption, match="already"):
        add_token(file, "one")
    for name in ("", "a b", 'a"', "x" * 65):
        with pytest.raises(BadOption, match="a token's name"):
            add_token(file, name)
    with pytest.raises(BadOption, match="COLLECTION"):
        add_token(file, "two", ["no name"])
    with pytest.raises(BadOption, match="cannot be read"):
        Tokens(tmp_path / "none.toml")
    if os.getuid():
        with pytest.raises(BadOption, match="cannot be written"):
            add_token(Path("/proc/tokens.toml"), "three")
