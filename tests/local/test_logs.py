from __future__ import annotations

from pathlib import Path

from seamline.local import logs
from seamline.local.folder import StateFolder


def test_the_last_lines_of_each_log_come_first(tmp_path: Path) -> None:
    folder = StateFolder.at(tmp_path)
    folder.create()
    folder.log("triton").write_text("one\ntwo\nthree\n", encoding="utf-8")
    assert list(logs(tmp_path, lines=2)) == [("triton", "two"), ("triton", "three")]
    assert list(logs(tmp_path, names=("milvus",))) == []


def test_following_gives_new_lines_once_and_whole(tmp_path: Path) -> None:
    folder = StateFolder.at(tmp_path)
    folder.create()
    log = folder.log("triton")
    log.write_text("old\n", encoding="utf-8")
    steps = iter(["new\nha", "lf\n", ""])

    def more() -> bool:
        with log.open("a", encoding="utf-8") as file:
            text = next(steps)
            file.write(text)
        return not text

    lines = [line for _, line in logs(tmp_path, follow=True, until=more)]
    assert lines == ["old", "new", "half"]


def test_following_goes_on_when_a_log_begins_anew(tmp_path: Path) -> None:
    folder = StateFolder.at(tmp_path)
    folder.create()
    log = folder.log("milvus")
    log.write_text("a long old line\n", encoding="utf-8")
    steps = iter(["new\n", None])

    def renew() -> bool:
        text = next(steps)
        if text is not None:
            log.write_text(text, encoding="utf-8")
        return text is None

    assert [line for _, line in logs(tmp_path, lines=0, follow=True, until=renew)] == ["new"]
