from __future__ import annotations

import pytest

from seamline.core.printable import csv_cell, printable


def test_what_steers_a_terminal_is_spelled_out() -> None:
    assert printable("\x1b[2J\r\n\t\u202e\u2028\udc80\x9b31m シャツ") == (
        r"\x1b[2J\r\n\t\u202e\u2028\udc80\x9b31m シャツ"
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "  =1", "\uff1d1", "\u00a0=1"])
def test_what_a_spreadsheet_would_calculate_is_text(text: str) -> None:
    assert csv_cell(text) == f"'{text}"


def test_other_cells_are_as_they_are() -> None:
    assert [csv_cell(text) for text in ("shop/4711", "a=b", "", 'quoted "one"', "0.93")] == [
        "shop/4711", "a=b", "", 'quoted "one"', "0.93"
    ]  # fmt: skip
    assert csv_cell("\t=1") == r"\t=1"
    assert csv_cell("\r=1\x1b") == r"\r=1\x1b"
