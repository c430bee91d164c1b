"""The command line, where no Spark is needed to answer."""

from __future__ import annotations

import builtins
import contextlib
import sys
from pathlib import Path
from typing import Any

import pytest

from seamline.spark.__main__ import main


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "required: manifest, out, --url"),
        (["m.parquet", "out", "--url", "here:8001", "--partitions", "0"], "must be 1 to 1,000,000"),
        (["m.parquet", "out", "--url", "here:8001", "--in-flight", "many"], "invalid"),
        (["m.parquet", "out", "--url", "here:8001", "--retry-seconds", "-1"], "must be more than 0"),
    ],
)
def test_a_wrong_command_line_is_told_with_code_2(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)

    assert stopped.value.code == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.usefixtures("spark_here")
def test_bad_input_is_one_sentence_without_a_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from seamline.spark import session

    monkeypatch.setattr(session, "spark_context", lambda master: contextlib.nullcontext(None))
    missing = tmp_path / "nothing.parquet"

    code = main([str(missing), str(tmp_path / "out"), "--url", "127.0.0.1:1"])

    said = capfd.readouterr().err
    assert code == 3
    assert said == f"seamline: {missing} does not exist\n"
    assert not (tmp_path / "out").exists()


def test_a_machine_without_pyspark_is_told_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("seamline.spark.") and "__main__" not in name]:
        monkeypatch.delitem(sys.modules, name)
    found = builtins.__import__

    def without_pyspark(name: str, *given: Any, **named: Any) -> Any:
        if name.split(".")[0] in ("pyspark", "py4j"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])
        return found(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", without_pyspark)

    code = main(["m.parquet", str(tmp_path / "out"), "--url", "127.0.0.1:1"])

    assert code == 4
    assert "is missing: pip install 'seamline[spark]'" in capsys.readouterr().err


@pytest.mark.usefixtures("spark_here")
def test_a_local_master_tries_tasks_again_as_a_cluster_does() -> None:
    from seamline.spark.session import with_attempts

    masters = ["local", "local[2]", "local[*]", "local[2,7]", "local-cluster[2,1,512]", "yarn", "spark://host:7077"]

    assert [with_attempts(master) for master in masters] == [
        "local[1,4]",
        "local[2,4]",
        "local[*,4]",
        "local[2,7]",
        "local-cluster[2,1,512]",
        "yarn",
        "spark://host:7077",
    ]
