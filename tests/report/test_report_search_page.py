from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from seamline.client import Client
from seamline.core.errors import BadOption
from seamline.core.parts import Parts
from seamline.report import comparison_page, search_page, write_page
from seamline.report.words import COLOURS, DISCLAIMER, WHOLE_REMARK
from tests.report.conftest import Search, sha256
from tests.support.photos import jpeg
from tests.support.scenes import EIGHT, FIVE, NOTHING, ONE, SEVEN, Scene, SceneGarment, SceneHit, part_corners, vectors
from tests.support.wire_server import WireServer

VOID = {"meta", "img", "input", "br", "rect", "line", "polygon"}


class Outline(HTMLParser):
    """Tags with their attributes, the text, and whether every tag is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("degrees", [90, 180, 30])
def test_boxes_are_drawn_as_the_garment_is_turned_in_its_photo(
    server: WireServer, photo: Path, hit_photo: Path, degrees: float
) -> None:
    hit = SceneHit("shop/4711", photo=str(hit_photo), turn=degrees)
    server.scene = Scene((SceneGarment(turn=degrees, hits=(hit,)),))
    with Client(server.address) as client:
        drawn = Outline(search_page(photo, client.search(photo))).all("polygon")
    points = [np.array([pair.split(",") for pair in str(one["points"]).split()], float) for one in drawn]
    chest = part_corners((30.0, 40.0, 270.0, 360.0), 5, degrees)[1]
    assert sum(np.allclose(one, chest, atol=0.01) for one in points) == 4  # with its halo, in the query and in the hit


def test_the_page_names_photos_hashes_figures_and_versions(search: Search, photo: Path, hit_photo: Path) -> None:
    hit = SceneHit("shop/4711", photo=str(hit_photo), photo_sha256=sha256(hit_photo))
    page = Outline(search_page(photo, search((hit,)), now=datetime(2026, 3, 1, 12, tzinfo=UTC))).text
    for expected in (
        "suspect.jpg",
        sha256(photo),
        "300 x 400 pixels",
        f"{photo.stat().st_size:,} bytes",
        "shop/4711",
        sha256(hit_photo),
        "has the hash that was indexed",
        "4.20",
        "93\u00a0%",
        "0.42",
        "≠ changed",
        "not comparable",
        "0011223344556677",
        "8899aabbccddeeff",
        "catalogue (1,234 garments)",
        "partial",
        "2026-03-01 12:00:00 UTC",
        "kept: collar, chest and left sleeve; changed: waist; not comparable: right sleeve",
    ):
        assert expected in page
    assert page.count(DISCLAIMER) == 2
    assert "infring" not in page.replace("not whether a right was infringed", "")


def test_the_page_is_self_contained_and_runs_nothing(search: Search, photo: Path, hit_photo: Path) -> None:
    html = search_page(photo, search((SceneHit("a", photo=str(hit_photo)),)))
    page = Outline(html)
    assert not page.all("script") + page.all("link") + page.all("iframe")
    assert all((image["src"] or "").startswith("data:image/jpeg;base64,") for image in page.all("img"))
    assert all((link["href"] or "").startswith("#") for link in page.all("a"))
    assert not re.search(r"https?://|@import|url\((?!#)", html)
    assert "default-src 'none'" in html
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


def test_names_from_outside_are_escaped(search: Search, photo: Path) -> None:
    evil = "\"><script>alert(1)</script><img src=x onerror='x'>{{ 7*7 }}"
    html = search_page(photo, search((SceneHit(evil, photo=evil, category=evil, photo_sha256=evil),)))
    page = Outline(html)
    assert not page.all("script")
    assert all("onerror" not in image for image in page.all("img"))
    assert evil in page.text


def test_characters_that_cannot_be_seen_do_not_disguise_names(search: Search, photo: Path) -> None:
    html = search_page(photo, search((SceneHit("a\u202egpj.exe\x1b\x00\u200b", photo="b\nc"),)))
    assert "a\ufffdgpj.exe\ufffd\ufffd\ufffd" in html
    assert not {"\u202e", "\x1b", "\x00", "\u200b"} & set(html)


def test_every_picture_has_a_text_and_every_bar_a_label(search: Search, photo: Path, hit_photo: Path) -> None:
    page = Outline(search_page(photo, search((SceneHit("a", photo=str(hit_photo)),))))
    texts = [image["alt"] or "" for image in page.all("img")]
    assert len(texts) == 3
    assert "Parts kept: 1 (collar), 2 (chest) and 4 (left sleeve). Parts changed: 3 (waist)." in texts[2]
    bars = [svg["aria-label"] for svg in page.all("svg") if svg.get("class") == "bar"]
    assert bars[2] == "waist: similarity 0.42, threshold 0.70, changed"
    assert bars[4] == "right sleeve: not comparable"


def test_regions_are_drawn_over_both_photos_with_one_colour_each(search: Search, photo: Path, hit_photo: Path) -> None:
    html = search_page(photo, search((SceneHit("a", photo=str(hit_photo)),)))
    overlays = re.findall(r'<svg class="overlay".*?</svg>', html, re.DOTALL)
    assert len(overlays) == 3
    colours = [re.findall(r'stroke="(#[0-9a-f]{6})"', overlay) for overlay in overlays[1:]]
    assert colours[0] == colours[1]
    assert len(set(colours[0])) == 6
    assert all("stroke-dasharray" in overlay and "<pattern" in overlay for overlay in overlays[1:])


def test_a_changed_file_is_marked(search: Search, photo: Path, hit_photo: Path) -> None:
    html = search_page(photo, search((SceneHit("a", photo=str(hit_photo), photo_sha256="ab" * 32),)))
    text = Outline(html).text
    assert "The file on disk is no longer the one that was indexed." in text
    assert "ab" * 32 in text
    assert sha256(hit_photo) in text


def test_a_missing_or_unreadable_photo_leaves_the_rest(search: Search, photo: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    hits = (SceneHit("gone", photo="/nowhere/x.jpg"), SceneHit("broken", photo=str(broken)))
    page = Outline(search_page(photo, search(hits)))
    assert page.text.count("Photo not available") == 2
    assert "No such file" in page.text
    assert len(page.all("img")) == 3


def test_a_photo_of_another_size_than_indexed_is_not_drawn_upon(search: Search, photo: Path, hit_photo: Path) -> None:
    hit_photo.write_bytes(jpeg((50, 60), "tomato"))
    page = Outline(search_page(photo, search((SceneHit("a", photo=str(hit_photo)),))))
    assert "now has another size" in page.text


def test_moved_photos_are_found_below_a_folder_and_only_there(search: Search, photo: Path, hit_photo: Path) -> None:
    hits = (
        SceneHit("items/original.jpg", photo="/old/place/original.jpg"),
        SceneHit("../suspect.jpg", photo="/x/y.jpg"),
    )
    page = Outline(search_page(photo, search(hits), hit_photo.parent.parent))
    assert page.text.count("Photo not available") == 1


def test_a_mirrored_hit_keeps_the_querys_order_and_exchanges_its_own_sides(
    search: Search, photo: Path, hit_photo: Path
) -> None:
    hit = SceneHit("a", photo=str(hit_photo), mirrored=True, similarity=(0.9, 0.9, 0.9, 0.9, 0.1))
    html = search_page(photo, search((hit,)))
    assert "The better comparison is mirrored" in html
    assert re.findall(r"(\w+ sleeve)<small>\((.*?)\)", html) == [
        ("left sleeve", "right photo: right sleeve"),
        ("right sleeve", "right photo: left sleeve"),
    ]
    query, indexed = re.findall(r'<svg class="overlay".*?</svg>', html, re.DOTALL)[1:]
    changed = re.compile(r'<g class="changed">\s*<polygon points="([\d.]+),')
    assert float(changed.findall(indexed)[0]) < 100 < float(changed.findall(query)[0])
    left, right = (image["alt"] or "" for image in Outline(html).all("img")[1:])
    assert left.endswith("Parts changed: 5 (right sleeve).")
    assert right.endswith("Parts changed: 5 (left sleeve).")


def test_no_garment_and_no_hit_have_pages_of_their_own(server: WireServer, search: Search, photo: Path) -> None:
    assert "No garment was found in the query photo" in Outline(search_page(photo, search())).text
    assert "The collection holds no garment" in Outline(search_page(photo, search(()))).text


def test_several_garments_are_listed_and_numbered(search: Search, photo: Path) -> None:
    html = search_page(photo, search((SceneHit("a"), SceneHit("b")), (SceneHit("c"),)))
    page = Outline(html)
    targets = {attributes.get("id") for _, attributes in page.tags}
    assert {(link["href"] or "")[1:] for link in page.all("a")} == {"sheet-1-1", "sheet-1-2", "sheet-2-1"} <= targets
    assert "Garment 2 of the query photo" in page.text


def test_trousers_have_legs_and_no_sleeves(search: Search, photo: Path) -> None:
    text = Outline(search_page(photo, search((SceneHit("a", category="trousers"),)))).text
    assert "collar(right photo: waistband)" in text
    assert "left sleeve(right photo: left thigh)" in text


def test_the_comparison_page_has_two_photos_and_one_pair(server: WireServer, photo: Path, hit_photo: Path) -> None:
    with Client(server.address) as client:
        page = Outline(comparison_page(photo, hit_photo, client.compare(photo, hit_photo, ranking="weighted")))
        assert len(page.all("img")) == 2
        assert sha256(photo) in page.text
        assert sha256(hit_photo) in page.text
        assert "Part weights" in page.text
        server.scene = NOTHING
        page = Outline(comparison_page(photo, hit_photo, client.compare(photo, hit_photo)))
        assert "shows no garment" in page.text


def test_a_query_photo_that_changed_since_is_marked(search: Search, photo: Path) -> None:
    searched = search((SceneHit("a"),))
    photo.write_bytes(jpeg((300, 400), "black"))
    assert "has changed since it was sent" in Outline(search_page(photo, searched)).text


def test_a_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_page(tmp_path / "page.html", "<p>é</p>")
    assert (tmp_path / "page.html").read_bytes() == "<p>é</p>".encode()
    with pytest.raises(BadOption, match="cannot be written"):
        write_page(tmp_path / "none" / "page.html", "")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize("parts", [ONE, EIGHT], ids=["one part", "eight parts"])
def test_parts_without_a_place_have_a_row_and_no_box(
    server: WireServer, photo: Path, hit_photo: Path, parts: Parts
) -> None:
    count, placed = len(parts), 5 if len(parts) == 8 else 0
    server.systems["psnet"] = parts
    hit = SceneHit("a", photo=str(hit_photo), similarity=(0.9,) * count)
    server.scene = Scene((SceneGarment(vectors(1, parts=count), (hit,)),))
    with Client(server.address, system="psnet") as client:
        html = search_page(photo, client.search(photo))
    page = Outline(html)
    bars = [svg["aria-label"] or "" for svg in page.all("svg") if svg.get("class") == "bar"]
    assert [bar.split(":")[0] for bar in bars] == list(parts.names)
    for overlay in re.findall(r'<svg class="overlay".*?</svg>', html, re.DOTALL)[1:]:
        assert overlay.count('<g class="kept">') == 1 + placed
    chips = re.findall(r'<svg class="chip".*?fill="(#[0-9a-f]{6})"', html)
    assert len(set(chips)) == count
    assert '"nan' not in html


def search_seven(server: WireServer, photo: Path, hit: SceneHit) -> str:
    """The page of a search of a system with five regions and two parts of the whole."""
    server.systems["psnet"] = SEVEN
    server.scene = Scene((SceneGarment(vectors(1, parts=len(SEVEN)), (hit,)),))
    with Client(server.address, system="psnet") as client:
        return search_page(photo, client.search(photo))


def test_parts_of_the_whole_are_listed_and_explained_and_not_drawn(
    server: WireServer, photo: Path, hit_photo: Path
) -> None:
    html = search_seven(server, photo, SceneHit("a", photo=str(hit_photo), similarity=(0.9,) * 5 + (0.8, 0.1)))
    page = Outline(html)
    bars = [svg["aria-label"] or "" for svg in page.all("svg") if svg.get("class") == "bar"]
    assert [bar.split(":")[0] for bar in bars[-2:]] == ["whole garment", "details of the whole"]
    for overlay in re.findall(r'<svg class="overlay".*?</svg>', html, re.DOTALL)[1:]:
        assert overlay.count("<g class=") == 1 + len(FIVE)
    assert "Parts without a place: whole garment and details of the whole." in page.text
    assert "neither landmarks nor the category" in page.text
    assert "NaN" not in html


def test_a_remark_says_where_a_likely_copy_is_one_by_the_whole(
    server: WireServer, photo: Path, hit_photo: Path
) -> None:
    by_whole, by_regions = (0.1,) * 5 + (0.95, 0.9), (0.97,) * 5 + (0.1, 0.1)
    shown = [
        WHOLE_REMARK in Outline(search_seven(server, photo, SceneHit("a", similarity=alike, probability=likely))).text
        for alike, likely in ((by_whole, 0.93), (by_regions, 0.93), (by_whole, 0.1))
    ]
    assert shown == [True, False, False]


def luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", COLOURS)
def test_white_labels_can_be_read_on_every_colour(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5  # WCAG 2.2, contrast of text


def test_a_re_ranker_is_named_and_its_scores_are_explained(server: WireServer, search: Search, photo: Path) -> None:
    hits = (SceneHit("a"),)
    assert "put in order by" not in search_page(photo, search(hits))
    server.versions["reranker"] = "pair matcher"
    page = Outline(search_page(photo, search(hits)))
    assert "First hits ordered and scored by" in page.text
    assert "put in order by pair matcher" in page.text


def test_a_record_makes_the_page_read_photos_alone_and_none_for_ever(
    search: Search, photo: Path, tmp_path: Path
) -> None:
    secret, fifo = tmp_path / "shadow", tmp_path / "fifo.jpg"
    secret.write_text("root:x")
    os.mkfifo(fifo)
    (tmp_path / "loop").symlink_to("loop")
    names = ("/dev/zero", str(fifo), str(secret), "https://shop/a.jpg", "a\0b", "loop", str(tmp_path))
    page = Outline(search_page(photo, search(tuple(SceneHit(name, photo=name) for name in names)), tmp_path)).text
    assert page.count("the file was not read (it is not a regular file)") >= 3
    assert "its name cannot be a file's" in page
    assert "it lies behind a URL, which is not fetched for this page" in page
    assert "is another one, and no photo: the bytes are not a JPEG, PNG or WebP photo" in page
    assert sha256(secret) not in page
    assert f"{secret.stat().st_size} bytes" not in page
