from __future__ import annotations

from pathlib import Path

import pytest

from seamline.core.errors import BadOption
from seamline.spark.output import SUMMARY, Output


@pytest.fixture(params=["path", "uri"])
def output(request: pytest.FixtureRequest, tmp_path: Path) -> Output:
    """The same folder by its path and by a URI."""
    folder = tmp_path / "out"
    return Output(str(folder) if request.param == "path" else folder.as_uri())


def put(output: Output, name: str, local: Path, text: str) -> None:
    local.write_text(text)
    output.put(name, local)


def test_the_last_of_several_attempts_remains_and_nothing_beside_it(output: Output, tmp_path: Path) -> None:
    output.begin()
    for text in ("first", "second"):
        put(output, "garments/part-00000.parquet", tmp_path / "local", text)
    output.end("{}")

    assert output.text("garments/part-00000.parquet") == "second"
    files = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*"))
    assert files == ["failures", "garments", "garments/part-00000.parquet", "summary.json"]


def test_what_attempts_of_a_killed_run_left_is_swept_away(output: Output, tmp_path: Path) -> None:
    output.begin()
    (tmp_path / "out" / "_attempts" / "half").write_text("ha")

    output.begin()

    assert not list((tmp_path / "out" / "_attempts").iterdir())


def test_the_folder_counts_as_finished_only_between_runs(output: Output) -> None:
    output.begin()
    assert output.text(SUMMARY) is None
    output.end("{}")
    assert output.text(SUMMARY) == "{}"
    output.begin()
    assert output.text(SUMMARY) is None


def test_leftovers_of_an_attempt_do_not_make_a_folder_taken(output: Output, tmp_path: Path) -> None:
    assert not output.is_occupied()
    (tmp_path / "out" / "_attempts").mkdir(parents=True)
    assert not output.is_occupied()
    (tmp_path / "out" / "holiday.jpg").touch()
    assert output.is_occupied()


def test_a_filesystem_that_pyarrow_does_not_know_is_refused() -> None:
    with pytest.raises(BadOption, match="cannot be reached"):
        Output("ftp://host/folder").begin()
