"""Feedback: what verdicts say of stated probabilities, the threshold they propose, and the verdicts as a file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from scipy.stats import binomtest

from seamline.core.errors import BadOption, NotFound
from seamline.desk.cases.adding import add_pair
from seamline.desk.cases.editing import set_verdict
from seamline.desk.cases.sources import from_search, from_suspect
from seamline.desk.feedback.figures import bands, share_of
from seamline.desk.feedback.pairs import labelled_csv
from seamline.desk.feedback.proposal import LEAST, propose
from seamline.desk.feedback.standing import Chosen, Judged, Verdicts, choices, verdicts
from seamline.desk.feedback.threshold import set_threshold
from seamline.desk.people.user import Role, User
from seamline.desk.settings import DeskSettings
from tests.support.desk import DeskClient, desk_client
from tests.support.desk_records import ANNA, BEN, OTHER, add_search, add_suspect, add_verdict, watch_of

ALL = Chosen()


@pytest.fixture
def client(database: str, tmp_path: Path) -> Iterator[DeskClient]:
    """A desk over each kind of database in turn."""
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", database=database)) as opened:
        yield opened


def judged(*probabilities: tuple[float, bool]) -> Verdicts:
    """Of these suspects, all of which were judged."""
    falling = sorted((Judged(*one) for one in probabilities), key=lambda one: -one.probability)
    return Verdicts(tuple(falling), 0, tuple(one.probability for one in falling))


def rows_of(client: DeskClient, chosen: Chosen = ALL, user: User = BEN) -> list[dict[str, str]]:
    with labelled_csv(client.desk, user, chosen) as file:
        return list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))


@pytest.mark.parametrize(("copies", "count"), [(0, 1), (1, 1), (7, 10), (45, 50), (0, 200), (200, 200)])
def test_the_interval_is_wilsons(copies: int, count: int) -> None:
    share, known = share_of(copies, count), binomtest(copies, count).proportion_ci(method="wilson")
    assert (share.low, share.high) == (pytest.approx(known.low, abs=1e-6), pytest.approx(known.high, abs=1e-6))
    assert share.precision == copies / count


def test_no_verdict_has_no_precision() -> None:
    assert math.isnan(share_of(0, 0).precision)


def test_bands_hold_every_verdict_once() -> None:
    found = bands(judged((0.5, True), (0.6, False), (0.69, True), (0.9, True), (1.0, True)).judged)
    assert [(band.start, band.share.copies, band.share.count) for band in found] == [
        (0.5, 1, 1),
        (0.6, 1, 2),
        (0.7, 0, 0),
        (0.8, 0, 0),
        (0.9, 2, 2),
    ]
    assert found[1].stated == pytest.approx(0.645)
    low = bands(judged((0.31, False)).judged)
    assert (low[0].start, low[0].end, low[0].share.count) == (0.0, 0.5, 1)


def test_the_lowest_threshold_whose_lower_bound_meets_the_wish_is_proposed() -> None:
    found = judged(*[(0.85, True)] * 80, *[(0.7, False)] * 40, *[(0.6, True)] * 10)
    proposal = propose(found, 0.9)
    assert proposal is not None
    assert (proposal.threshold, proposal.is_sure) == (0.71, True)
    assert (proposal.share.copies, proposal.share.count) == (80, 80)
    assert (proposal.left_out, proposal.found, proposal.missed) == (50, 130, 10)


def test_with_too_few_verdicts_the_share_itself_decides_and_that_is_said() -> None:
    proposal = propose(judged(*[(0.9, True)] * 11, (0.55, False)), 0.95)
    assert proposal is not None
    assert (proposal.threshold, proposal.is_sure) == (0.56, False)


@pytest.mark.parametrize("found", [(), ((0.9, True),) * (LEAST - 1), ((0.9, False),) * 50])
def test_where_no_threshold_meets_the_wish_none_is_proposed(found: tuple[tuple[float, bool], ...]) -> None:
    assert propose(judged(*found), 0.9) is None


def test_only_verdicts_that_stand_count_each_once(client: DeskClient, tmp_path: Path) -> None:
    desk = client.desk
    ids = [add_suspect(desk, tmp_path, seed, 0.5 + seed / 20, original=f"A-{seed}") for seed in range(2, 7)]
    add_verdict(desk, ids[0], "not_copy")
    add_verdict(desk, ids[0], "copy")
    add_verdict(desk, ids[1], "copy", closed=False)
    add_verdict(desk, ids[2], "unsure")
    add_verdict(desk, ids[3], "copy")
    case, number = add_pair(desk, ANNA, from_suspect(desk, ANNA, ids[3]))
    set_verdict(desk, ANNA, case, number, "not_copy", 2)
    found = verdicts(desk, BEN, ALL)
    assert found.judged == (Judged(0.75, False), Judged(0.6, True))
    assert (found.unsure, len(found.suspects)) == (1, 5)
    assert [(row["listing_item"], row["verdict"], row["who"]) for row in rows_of(client)] == [
        ("L-2", "1", "cleo"),
        ("L-5", "0", "anna"),
    ]


def test_verdicts_are_chosen_by_originals_and_by_system(client: DeskClient, tmp_path: Path) -> None:
    desk = client.desk
    add_verdict(desk, add_suspect(desk, tmp_path, 2, fingerprint="aaaa"), "copy")
    add_verdict(desk, add_suspect(desk, tmp_path, 3, fingerprint="bbbb"), "copy")
    add_verdict(desk, add_suspect(desk, tmp_path, 4, fingerprint="bbbb", originals="second"), "copy")
    counts = {
        chosen: len(verdicts(desk, BEN, chosen).judged)
        for chosen in (ALL, Chosen("originals"), Chosen("", "bbbb"), Chosen("second", "aaaa"), Chosen("none"))
    }
    assert list(counts.values()) == [3, 2, 2, 0, 0]
    found = choices(desk, BEN, Chosen("second"))
    assert (found.originals, found.fingerprints) == (("originals", "second"), ("aaaa", "bbbb"))
    assert [watch.originals for watch in found.watches] == ["second"]
    assert [row["fingerprint"] for row in rows_of(client, Chosen("second", "bbbb"))] == ["bbbb"]


def test_what_was_not_granted_is_in_no_figure_and_no_file(client: DeskClient, tmp_path: Path) -> None:
    desk = client.desk
    add_verdict(desk, add_suspect(desk, tmp_path), "copy")
    case, number = add_pair(desk, ANNA, from_search(desk, ANNA, add_search(desk, tmp_path), 0, 0))
    set_verdict(desk, ANNA, case, number, "copy", 2)
    assert verdicts(desk, OTHER, ALL) == Verdicts((), 0, ())
    assert choices(desk, OTHER, ALL).watches == ()
    assert rows_of(client, user=OTHER) == []
    with pytest.raises(NotFound):
        set_threshold(desk, OTHER, watch_of(desk), 0.9)


def test_the_file_holds_boxes_similarities_and_labels_of_both_sources(client: DeskClient, tmp_path: Path) -> None:
    desk = client.desk
    add_verdict(desk, add_suspect(desk, tmp_path, listing="=cmd|calc"), "not_copy", owner="-dora")
    for _ in range(2):
        case, number = add_pair(desk, ANNA, from_search(desk, ANNA, add_search(desk, tmp_path), 0, 0))
        set_verdict(desk, ANNA, case, number, "copy", 2)
    queue, searched = rows_of(client)
    assert (queue["source"], searched["source"]) == ("queue", "case")
    assert (queue["listing_item"], queue["who"]) == ("'=cmd|calc", "'-dora")
    assert (queue["verdict"], searched["verdict"]) == ("0", "1")
    assert [float(edge) for edge in queue["original_box"].split()] == sorted_box(queue["original_box"])
    assert [value for name, value in queue.items() if name.startswith("similarity ")] == [
        "0.95",
        "0.9",
        "0.42",
        "0.91",
        "",
        "0.93",
        "0.9",
    ]
    assert (queue["probability"], queue["fingerprint"], queue["system"]) == ("0.93", "0011223344556677", "psnet_lite")


def sorted_box(text: str) -> list[float]:
    """The same box with its corners in order."""
    x0, y0, x1, y1 = map(float, text.split())
    return [min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)]


def test_the_page_shows_bands_a_drawing_and_a_threshold_that_a_lead_sets(client: DeskClient, tmp_path: Path) -> None:
    desk = client.desk
    for seed in range(2, 14):
        suspect = add_suspect(desk, tmp_path, seed, 0.95 if seed > 3 else 0.55, original=f"A-{seed}")
        add_verdict(desk, suspect, "copy" if seed > 3 else "not_copy")
    page = client.load("/feedback?wish=95")
    assert "12 suspects were judged" in page
    assert "10 of 10" in page
    assert '<svg class="reliability"' in page
    assert "There are too few verdicts to be sure" in page
    assert "It would leave out 2 suspects of the 12 found so far" in " ".join(page.split())
    watch = watch_of(desk)
    assert client.change("/api/feedback/threshold", {"watch": watch, "at_least": 0.56}) == {"at_least": 0.56}
    assert choices(desk, BEN, ALL).watches[0].at_least == 0.56
    for body in (
        {"watch": watch, "at_least": 1.5},
        {"watch": watch, "at_least": "nan"},
        {"watch": "x", "at_least": 0.5},
    ):
        assert client.post("/api/feedback/threshold", json=body).status_code in (400, 404)
    answer = client.get("/feedback/verdicts.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.count("\n") == 13


def test_without_verdicts_the_page_says_when_they_count(client: DeskClient) -> None:
    page = client.load("/feedback")
    assert "No verdict yet that counts" in page
    assert "Too few verdicts: 0, at least 10 are needed." in page
    assert client.get("/feedback?wish=0").status_code == 400


def test_a_threshold_that_is_no_probability_is_refused(client: DeskClient) -> None:
    with pytest.raises(BadOption):
        set_threshold(client.desk, User("lea", Role.LEAD), watch_of(client.desk), 2.0)


def test_where_all_are_copies_the_page_says_how_many_are_likely(client: DeskClient, tmp_path: Path) -> None:
    for seed in range(2, 11):
        add_verdict(client.desk, add_suspect(client.desk, tmp_path, seed, 0.95, original=f"A-{seed}"), "copy")
    page = client.load("/feedback").replace("\u00a0", " ")
    assert "9 of 9, at least 70 % likely" in page
    assert "over 99 %" not in page
    assert "90 – 100 %" in page
    assert "Too few verdicts: 9, at least 10 are needed." in page
