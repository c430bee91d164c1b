from __future__ import annotations

import dataclasses
import hashlib
import io
import re
import sys
from datetime import UTC, datetime
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from PIL import Image

from seamline.core.errors import BadOption, BadPhoto, Unsupported
from seamline.core.image import decode
from seamline.desk.casefile.chain import LogEntry, next_entry
from seamline.desk.casefile.evidence import case_page
from seamline.desk.casefile.pdf import pdf_of
from seamline.desk.casefile.telling import told
from tests.desk.casefile.cases import ANSWER, case, log, pair, side
from tests.report.test_report_search_page import Outline

NOW = datetime(2026, 3, 3, tzinfo=UTC)


def test_the_page_shows_each_pair_with_its_verdict_and_the_log_with_its_digests() -> None:
    page = Outline(case_page(case(), now=NOW))
    for expected in (
        "Blue blouse",
        "A-17",
        "Pairs of garments: 2. copy: 1, not judged: 1.",
        "Pair 1: item-1 and item-0",
        "2026-03-02 10:00:00 UTC",
        "offered by Shop <B>",
        "price: 19.5; listed: 2026-02-11",
        side(1).photo_sha256,
        "Note: The hem is another.",
        "kept: collar, chest and left sleeve; changed: waist; not comparable: right sleeve",
        "The better comparison is mirrored",
        "catalogue (1,234 garments)",
        "verdict (pair: 1; verdict: copy)",
        "2026-03-02T10:00:00.250000Z",
        *(entry.digest for entry in log()),
    ):
        assert expected in page.text
    assert len(page.all("img")) == 8  # each with boxes, and for print without
    assert page.text.count("SHA-256 of the notice") == 1


def test_parts_of_a_turned_garment_are_drawn_along_it() -> None:
    boxes = ((10.0, 10.0, 50.0, 30.0), *(None,) * 4)
    slant = ((20.0, 10.0), (50.0, 25.0), (40.0, 45.0), (10.0, 30.0))
    lying = side(1, part_boxes=boxes, part_corners=(slant, *(None,) * 4))
    page = Outline(case_page(dataclasses.replace(case(), pairs=(pair(1, 1, query=lying),)), now=NOW))
    drawn = [one["points"] for one in page.all("polygon")]
    assert drawn.count("20.0,10.0 50.0,25.0 40.0,45.0 10.0,30.0") == 2  # with its halo


def test_links_lead_to_pairs_whatever_their_numbers_are() -> None:
    content = case()
    page = Outline(case_page(dataclasses.replace(content, pairs=(pair(3, 1), pair(9, 2)))))
    targets = {attributes.get("id") for _, attributes in page.tags}
    assert {(link["href"] or "")[1:] for link in page.all("a")} <= targets
    assert "Pair 9" in page.text


def test_a_photo_that_is_missing_or_none_leaves_the_rest() -> None:
    content = case()
    gone = pair(1, 1, query=side(1, photo_missing="the shop had taken it down"))
    broken = dict(content.photos) | {side(0).photo_sha256: lambda: b"no photo"}
    page = Outline(case_page(dataclasses.replace(content, pairs=(gone, pair(2, 2)), photos=broken)))
    assert "the shop had taken it down" in page.text
    assert len(page.all("img")) == 2
    assert "its photo is not in the case" in Outline(case_page(dataclasses.replace(content, photos={}))).text


def test_pairs_of_different_servers_say_which_is_whose() -> None:
    other = {"versions": ANSWER["versions"] | {"seamline": "0.2.0"}}
    page = Outline(case_page(dataclasses.replace(case(), pairs=(pair(1, 1), pair(2, 2, answer=other)))))
    assert re.findall(r"Pairs(\d)", re.sub(r"\s", "", page.text)) == ["1", "2"]
    assert "0.2.0" in page.text


def test_names_from_outside_are_escaped() -> None:
    evil = '"><script>alert(1)</script>{{ 7*7 }}'
    listing = side(1, item=evil, seller=evil, file_name=evil, origin=evil, metadata={evil: evil})
    first = pair(1, 1, query=listing, note=evil)
    content = case()
    facts = dataclasses.replace(content.facts, title=evil, people=(evil,))
    page = Outline(case_page(dataclasses.replace(content, facts=facts, pairs=(first,))))
    assert not page.all("script")
    assert page.text.count(evil) >= 8


def test_a_case_without_pairs_says_so() -> None:
    assert "No pair of garments is in this case" in Outline(case_page(dataclasses.replace(case(), pairs=()))).text


@pytest.mark.parametrize("fields", [{"answer": {}}, {"answer": {"versions": {}}}, {"part_similarity": (0.5,)}])
def test_a_pair_that_does_not_fit_its_answer_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(BadOption, match="pair 1 does not fit the answer"):
        case_page(dataclasses.replace(case(), pairs=(pair(1, 1, **fields),)))


def test_the_pdf_has_two_pages_for_each_pair_and_all_photos() -> None:
    weasyprint = pytest.importorskip("weasyprint")
    data = pdf_of(case_page(case(), now=NOW))
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Subtype\s*/Image", data)) == 3
    laid_out = weasyprint.HTML(string=case_page(case(), now=NOW)).render()
    assert len(laid_out.pages) == 7


def test_a_pdf_loads_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    html = f'<img src="file://{secret}"><link rel=attachment href="file://{secret}"><img src="http://127.0.0.1:9/x">'
    html += f"<style>@import url(file://{secret}); @font-face {{ font-family: x; src: url(file://{secret}) }}</style>"
    data = pdf_of(html + "<p>text</p>")
    assert b"EmbeddedFile" not in data
    assert b"/Subtype /Image" not in data
    assert data.startswith(b"%PDF-")


class WithoutPango(MetaPathFinder):
    """Imports of WeasyPrint end as they do where the system has no Pango."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname.partition(".")[0] == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")
        return None


def test_without_pango_the_packages_that_bring_it_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [WithoutPango(), *sys.meta_path])
    with pytest.raises(Unsupported, match=r"apt-get install libpango-1\.0-0 libpangoft2-1\.0-0"):
        pdf_of("<p>")


def test_without_weasyprint_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(Unsupported, match=r"pip install 'seamline\[desk\]'"):
        pdf_of("<p>")


def test_the_log_is_told_in_words_and_the_notice_by_its_hash() -> None:
    text = "To: you\n[signature]"
    entries: list[LogEntry] = []
    for kind, data in (("notice_changed", {"notice": text}), ("exported", {"time_stamp": None})):
        entries.append(next_entry(entries[-1] if entries else None, "2026-03-02T10:00:00.250000Z", "anna", kind, data))
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert [told(entry) for entry in entries] == [
        f"notice changed, 19 characters, SHA-256 {digest}",
        "exported, without a time stamp",
    ]


def test_a_pdf_leaves_half_a_photo_refused() -> None:
    file = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(file, "PNG")
    pdf_of("<p>text</p>")
    with pytest.raises(BadPhoto):
        decode(file.getvalue()[: file.tell() // 2])
