from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner, Result

from seamline.cli import app
from seamline.desk.casefile.archive import write_archive
from seamline.desk.casefile.timestamps import Timestamper
from tests.desk.casefile.cases import case, log
from tests.desk.casefile.conftest import PAGE
from tests.desk.casefile.tampering import in_json, rewrite
from tests.support.authority import Authority

LIGHT = """
import sys
from pathlib import Path
from seamline.desk.casefile.verify import verify_archive
assert verify_archive(Path(sys.argv[1])).ok
heavy = {"numpy", "PIL", "jinja2", "tritonclient", "pymilvus", "sqlalchemy", "fastapi", "weasyprint", "rfc3161_client"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["case", "verify", *map(str, words)])


def test_an_intact_file_is_shown_with_its_head(written: Path) -> None:
    shown = run(written)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[:3] == [
        "intact: case c0ffee, Blue blouse",
        "7 log entries, 3 photos",
        f"head of the log: {log()[-1].digest}",
    ]
    assert "no time stamp" in shown.stdout


def test_an_altered_file_has_a_line_for_each_finding(written: Path) -> None:
    shown = run(rewrite(written, {"notice.txt": b"Pay.", "case.json": in_json("case", "title", value="\x1b[2J")}))
    assert shown.exit_code == 1
    assert len(shown.stdout.splitlines()) == 4
    assert "\x1b" not in shown.stdout
    assert "is not as it was written" in shown.stderr


def test_what_is_no_case_file_is_bad_input(tmp_path: Path) -> None:
    other = tmp_path / "other.zip"
    other.write_text("hello")
    shown = run(other)
    assert shown.exit_code == 2
    assert "is not a case file: it is not a ZIP file that can be read" in shown.stderr
    assert run(tmp_path / "none.zip").exit_code == 2


def test_a_head_is_compared(written: Path) -> None:
    assert "is that of log entry 2" in run(written, "--head", log()[1].digest).stdout
    assert run(written, "--head", "ab" * 32).exit_code == 1
    assert run(written, "--head", "ab").exit_code == 2


def test_json_says_the_same_to_programs(tmp_path: Path, authority: Authority) -> None:
    file = tmp_path / "case.zip"
    stamps = Timestamper(authority.url + "/stamp")
    write_archive(file, case(), evidence_html=PAGE, pdf=None, timestamp=stamps)
    shown = run(file, "--json", "--tsa-ca", authority.root)
    told = json.loads(shown.stdout)
    assert (shown.exit_code, told["ok"], told["findings"], told["entries"]) == (0, True, [], 7)
    assert (told["stamp"]["authority"], told["stamp"]["trusted"]) == ("CN=Test Stamps,O=Clock", True)
    assert "checked up to a certificate of --tsa-ca" in run(file, "--tsa-ca", authority.root).stdout
    broken = run(rewrite(file, {"manifest.tsr": b"x"}), "--json")
    assert (broken.exit_code, json.loads(broken.stdout)["ok"]) == (1, False)


def test_checking_needs_nothing_but_python_where_there_is_no_time_stamp(written: Path) -> None:
    subprocess.run([sys.executable, "-c", LIGHT, str(written)], check=True)
