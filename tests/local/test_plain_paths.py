from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from seamline.local.errors import CannotRunHere
from seamline.local.folder import StateFolder
from seamline.local.plain_paths import plain, plain_folder, prepare, remove


@pytest.fixture
def odd(tmp_path: Path) -> StateFolder:
    (tmp_path / "a b" / "home").mkdir(parents=True)
    return StateFolder.at(tmp_path / "a b" / "home")


def test_a_plain_path_stays_as_it_is(tmp_path: Path) -> None:
    home = StateFolder(Path("/srv/seamline-1"))
    assert plain_folder(home) == home.home
    assert plain(home, Path("/srv/models"), "models") == Path("/srv/models")


@pytest.mark.parametrize("path", ["/srv/a b", "/srv/\u00f6", "/srv/a:b", "/srv/$a", "/srv/" + "x" * 100])
def test_a_path_that_an_address_or_a_shell_cannot_hold_has_a_stand_in(path: str) -> None:
    found = plain_folder(StateFolder(Path(path)))
    assert found.parent == Path(tempfile.gettempdir())
    assert found != plain_folder(StateFolder(Path(path + "x")))


def test_links_lead_to_what_triton_reads_and_are_removed(odd: StateFolder) -> None:
    paths = [(odd.home, "home"), (Path("/usr"), "usr")]
    for _ in range(2):
        prepare(odd, paths)
    link = plain(odd, odd.home, "home")
    assert link.resolve() == odd.home
    assert os.stat(link.parent).st_mode & 0o077 == 0
    assert [path.name for path in link.parent.iterdir()] == ["home"]
    remove(odd, ("home", "usr"))
    assert not link.parent.exists()


def test_a_temporary_folder_that_is_odd_itself_is_passed_over(
    odd: StateFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "a b"))
    assert plain_folder(odd).parent == Path("/tmp")


def test_a_folder_that_others_may_enter_is_refused(odd: StateFolder) -> None:
    plain_folder(odd).mkdir(mode=0o755)
    try:
        with pytest.raises(CannotRunHere, match="not a folder of this user alone"):
            prepare(odd, ())
    finally:
        plain_folder(odd).rmdir()
