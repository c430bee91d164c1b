"""Cases in the store: what they hold, who may change them, and the log that nobody forks."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seamline.core.errors import BadOption, NotFound
from seamline.desk.casefile.agreement import disagreements
from seamline.desk.casefile.chain import LogEntry
from seamline.desk.casefile.checking import check
from seamline.desk.casefile.verify import verify_archive
from seamline.desk.cases.access import case_to_show
from seamline.desk.cases.adding import add_pair
from seamline.desk.cases.contents import case_content
from seamline.desk.cases.editing import (
    close,
    remove_pair,
    reopen,
    set_fact,
    set_note,
    set_verdict,
    take_verdict,
)
from seamline.desk.cases.exporting import export, fetch, file_name
from seamline.desk.cases.listing import known_collections, list_cases, open_cases
from seamline.desk.cases.notice import draft_notice
from seamline.desk.cases.opening import open_case
from seamline.desk.cases.showing import shown_case
from seamline.desk.cases.sources import from_search, from_suspect
from seamline.desk.cases.timeline import told
from seamline.desk.context import Desk
from seamline.desk.errors import Conflict
from seamline.desk.people.user import Role, User
from seamline.desk.queue.summary import batches_of
from seamline.desk.settings import DeskSettings
from tests.support.desk import desk_client
from tests.support.desk_records import ANNA, BEN, ORIGINALS, OTHER, add_search, add_suspect, add_verdict, photo


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk over each kind of database in turn."""
    with desk_client(DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", database=database)) as client:
        yield client.desk


@pytest.fixture
def case(desk: Desk) -> str:
    """An open case."""
    return open_case(desk, ANNA, "Blue blouse", "A-17", ORIGINALS)


@pytest.fixture
def paired(desk: Desk, case: str, tmp_path: Path) -> str:
    """An open case with one pair from a search."""
    add_pair(desk, ANNA, from_search(desk, ANNA, add_search(desk, tmp_path), 0, 0), case)
    return case


def log_of(desk: Desk, case: str) -> tuple[LogEntry, ...]:
    content = case_content(desk, ANNA, case)
    assert check(content.log) == ()
    assert disagreements(content.facts, content.pairs, content.log) == ()
    return content.log


def test_a_pair_from_a_search_comes_with_copies_of_both_photos(desk: Desk, paired: str, tmp_path: Path) -> None:
    (tmp_path / "item-2.jpg").unlink()
    (pair,) = case_content(desk, ANNA, paired).pairs
    assert (pair.query.photo_missing, pair.hit.photo_missing) == ("", "")
    assert desk.photos.read(pair.hit.photo_sha256) == photo(2)
    assert desk.photos.read(pair.query.photo_sha256) == photo(1)
    assert pair.answer["versions"]["fingerprint"] == "0011223344556677"
    assert [hit["item"] for garment in pair.answer["garments"] for hit in garment["hits"]] == ["A-0002"]


def test_a_pair_from_a_suspect_brings_its_last_verdict_with_who_and_when(desk: Desk, case: str, tmp_path: Path) -> None:
    suspect = add_suspect(desk, tmp_path)
    add_verdict(desk, suspect, "unsure")
    add_verdict(desk, suspect, "copy", owner="dora", note="same collar")
    add_pair(desk, ANNA, from_suspect(desk, ANNA, suspect), case)
    (pair,) = case_content(desk, ANNA, case).pairs
    assert (pair.verdict, pair.judged_by, pair.note) == ("copy", "dora", "same collar")
    assert log_of(desk, case)[-1].data["judged_at"] == pair.judged_at
    assert "judged copy by dora before" in told(log_of(desk, case)[-1])


def test_a_photo_that_has_gone_or_changed_is_said_and_does_not_lose_the_pair(
    desk: Desk, case: str, tmp_path: Path
) -> None:
    search = add_search(desk, tmp_path, (2, 3))
    (tmp_path / "item-2.jpg").unlink()
    (tmp_path / "item-3.jpg").write_bytes(photo(4))
    for place in (0, 1):
        add_pair(desk, ANNA, from_search(desk, ANNA, search, 0, place), case)
    gone, changed = case_content(desk, ANNA, case).pairs
    assert "not where it had been" in gone.hit.photo_missing
    assert "had changed" in changed.hit.photo_missing
    assert [entry.data["hit_photo"] for entry in log_of(desk, case)[1:]] == ["gone", "changed"]
    assert "was gone" in told(log_of(desk, case)[1])
    with pytest.raises(NotFound):
        desk.photos.read(hashlib.sha256(photo(4)).hexdigest())


def test_a_pair_without_a_case_opens_one_in_the_same_step(desk: Desk, tmp_path: Path) -> None:
    case, number = add_pair(desk, ANNA, from_search(desk, ANNA, add_search(desk, tmp_path), 0, 0))
    assert number == 1
    assert case_content(desk, ANNA, case).facts.title == "upload.jpg and A-0002"
    assert [entry.kind for entry in log_of(desk, case)] == ["opened", "pair_added"]


def test_the_same_two_garments_are_not_taken_twice(desk: Desk, paired: str, tmp_path: Path) -> None:
    found = from_search(desk, ANNA, add_search(desk, tmp_path), 0, 0)
    with pytest.raises(Conflict, match="as its pair 1"):
        add_pair(desk, ANNA, found, paired)
    remove_pair(desk, ANNA, paired, 1)
    assert add_pair(desk, ANNA, found, paired) == (paired, 2)
    log_of(desk, paired)


def test_a_pair_of_another_collection_is_refused(desk: Desk, case: str, tmp_path: Path) -> None:
    found = from_search(desk, ANNA, add_search(desk, tmp_path, collection="others"), 0, 0)
    with pytest.raises(BadOption, match="about the collection originals"):
        add_pair(desk, ANNA, found, case)
    assert len(log_of(desk, case)) == 1


def test_every_change_has_its_entry_and_the_log_agrees_with_the_case(desk: Desk, paired: str) -> None:
    set_fact(desk, ANNA, paired, "title", " Blue blouse, again ", 2)
    set_fact(desk, ANNA, paired, "people", ["Anna", "", "Ben", "Anna"], 2)
    set_fact(desk, ANNA, paired, "notice", "Dear Sir,\r\nplease see.\n", 2)
    set_verdict(desk, ANNA, paired, 1, "copy", 2)
    set_note(desk, BEN, paired, 1, "The hem is another.", 2)
    set_verdict(desk, BEN, paired, 1, None, 6)
    set_verdict(desk, BEN, paired, 1, "not_copy", 8)
    close(desk, ANNA, paired)
    reopen(desk, BEN, paired)
    kinds = ["opened", "pair_added", "title_changed", "people_changed", "notice_changed", "verdict", "note_changed"]
    assert [entry.kind for entry in log_of(desk, paired)] == [*kinds, "verdict", "verdict", "closed", "reopened"]
    content = case_content(desk, ANNA, paired)
    assert content.facts.people == ("Anna", "Ben")
    assert content.facts.notice == "Dear Sir,\nplease see."
    assert (content.pairs[0].verdict, content.pairs[0].judged_by) == ("not_copy", "ben")


def test_what_is_already_so_makes_no_entry(desk: Desk, paired: str) -> None:
    assert set_fact(desk, ANNA, paired, "title", "Blue blouse", 0) == 2
    assert set_verdict(desk, ANNA, paired, 1, None, 0) == 2
    assert len(log_of(desk, paired)) == 2


def test_the_second_of_two_tabs_is_told_and_changes_nothing(desk: Desk, paired: str) -> None:
    set_note(desk, ANNA, paired, 1, "from the first tab", 2)
    with pytest.raises(Conflict, match="anna has changed the note"):
        set_note(desk, BEN, paired, 1, "from the second tab", 2)
    assert case_content(desk, ANNA, paired).pairs[0].note == "from the first tab"
    assert set_fact(desk, BEN, paired, "title", "another field", 2) == 4
    assert set_note(desk, BEN, paired, 1, "seen the first", 3) == 5


def test_a_closed_case_is_not_changed_until_it_is_open_again(desk: Desk, paired: str, tmp_path: Path) -> None:
    close(desk, ANNA, paired)
    with pytest.raises(Conflict, match="closed"):
        set_note(desk, ANNA, paired, 1, "late", 3)
    with pytest.raises(Conflict, match="closed"):
        add_pair(desk, ANNA, from_search(desk, ANNA, add_search(desk, tmp_path, (3,)), 0, 0), paired)
    reopen(desk, ANNA, paired)
    with pytest.raises(Conflict, match="open already"):
        reopen(desk, ANNA, paired)


def test_who_was_not_granted_the_collection_sees_no_case(desk: Desk, paired: str, tmp_path: Path) -> None:
    suspect = add_suspect(desk, tmp_path)
    for attempt in (
        lambda: case_content(desk, OTHER, paired),
        lambda: set_note(desk, OTHER, paired, 1, "mine", 2),
        lambda: export(desk, OTHER, paired, stamped=False),
        lambda: draft_notice(desk, OTHER, paired),
        lambda: from_suspect(desk, OTHER, suspect),
        lambda: open_case(desk, OTHER, "mine", "", ORIGINALS),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert list_cases(desk, OTHER) == ([], False)
    assert open_cases(desk, OTHER) == []
    assert known_collections(desk, OTHER) == []


@pytest.mark.parametrize("title", ["", "  ", "x" * 201, "a\x00b", "a\ud800b", "two\nlines"])
def test_titles_that_cannot_be_kept_are_refused(desk: Desk, title: str) -> None:
    with pytest.raises(BadOption):
        open_case(desk, ANNA, title, "", ORIGINALS)
    assert list_cases(desk, ANNA) == ([], False)


def test_writers_at_once_make_one_chain(desk: Desk, paired: str) -> None:
    def write(number: int) -> None:
        for round_ in range(4):
            while True:
                known = len(case_content(desk, ANNA, paired).log)
                try:
                    set_note(desk, User(f"person {number}", Role.ANALYST), paired, 1, f"{number}.{round_}", known)
                    break
                except Conflict:
                    continue

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    assert [entry.number for entry in log_of(desk, paired)] == list(range(1, 19))


def test_people_who_add_the_same_photo_at_once_all_get_their_pairs(desk: Desk, tmp_path: Path) -> None:
    searches = [add_search(desk, tmp_path, (6,), item=f"A-{number}") for number in range(4)]
    case = open_case(desk, ANNA, "at once", "", ORIGINALS)
    start = threading.Barrier(4, timeout=20)

    def add(search: str) -> None:
        found = from_search(desk, ANNA, search, 0, 0)
        start.wait()
        add_pair(desk, ANNA, found, case)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, searches))
    assert [pair.number for pair in case_content(desk, ANNA, case).pairs] == [1, 2, 3, 4]
    assert len(log_of(desk, case)) == 5


def test_lists_are_searched_by_title_reference_and_item(desk: Desk, paired: str) -> None:
    other = open_case(desk, ANNA, "100% wool", "B_2", ORIGINALS)
    close(desk, ANNA, other)
    found = {text: [line.id for line in list_cases(desk, ANNA, text)[0]] for text in ("BLOUSE", "a-0002", "%", "b_2")}
    assert found == {"BLOUSE": [paired], "a-0002": [paired], "%": [other], "b_2": [other]}
    assert [line.id for line in list_cases(desk, ANNA)[0]] == [other, paired]
    assert [line.id for line in list_cases(desk, ANNA, status="open")[0]] == [paired]
    assert [entry["id"] for entry in open_cases(desk, ANNA)] == [paired]


def test_the_draft_of_the_notice_says_what_was_kept_and_changed(desk: Desk, case: str, tmp_path: Path) -> None:
    suspect = add_suspect(desk, tmp_path, seller="Blue {{ 7 * 7 }} Kite")
    add_pair(desk, ANNA, from_suspect(desk, ANNA, suspect), case)
    text = draft_notice(desk, ANNA, case)
    for said in ("To: Blue {{ 7 * 7 }} Kite", "L-2 and A-0002", "changed: ", hashlib.sha256(photo(2)).hexdigest()):
        assert said in text
    set_verdict(desk, ANNA, case, 1, "not_copy", 2)
    assert "no pair of garments" in draft_notice(desk, ANNA, case)


def test_a_template_of_the_desks_own_is_used_and_reaches_nothing_else(desk: Desk, case: str) -> None:
    template = desk.settings.folder / "notice.txt.j2"
    template.write_text("About {{ case.title }}", encoding="utf-8")
    assert draft_notice(desk, ANNA, case) == "About Blue blouse"
    for source in ("{{ ''.__class__.__mro__ }}", "{% for", "{{ nothing }}", "{{ 1 / 0 }}"):
        template.write_text(source, encoding="utf-8")
        with pytest.raises(BadOption, match=r"notice\.txt\.j2"):
            draft_notice(desk, ANNA, case)


def test_an_export_is_fetched_once_and_verifies_against_its_head(desk: Desk, paired: str, tmp_path: Path) -> None:
    made = export(desk, ANNA, paired, stamped=True)
    assert (made.number, made.stamped) == (3, False)
    size, pieces = fetch(desk, paired, made.token)
    file = tmp_path / "case.zip"
    file.write_bytes(b"".join(pieces))
    assert file.stat().st_size == size
    verified = verify_archive(file, head=made.head)
    assert (verified.ok, verified.head, verified.photos) == (True, made.head, 2)
    assert list((desk.settings.folder / "exports").iterdir()) == []
    with pytest.raises(NotFound, match="export the case again"):
        fetch(desk, paired, made.token)


def test_an_export_of_a_case_with_a_damaged_photo_fails_and_the_log_says_so(desk: Desk, paired: str) -> None:
    digest = hashlib.sha256(photo(2)).hexdigest()
    (desk.settings.folder / "photos" / digest[:2] / digest).write_bytes(b"other")
    with pytest.raises(NotFound, match="damaged"):
        export(desk, ANNA, paired, stamped=False)
    assert [entry.kind for entry in log_of(desk, paired)][-2:] == ["exported", "export_failed"]
    assert "damaged" in told(log_of(desk, paired)[-1])


@pytest.mark.parametrize("token", ["", "../x", "0" * 32, "0" * 31 + "/"])
def test_only_tokens_of_exports_fetch_them(desk: Desk, paired: str, token: str) -> None:
    with pytest.raises(NotFound):
        fetch(desk, paired, token)


@pytest.mark.parametrize(
    ("reference", "name"), [("A/17 “x”", "case-A-17-x"), ("../..", "case-{id}"), ("Ü" * 5, "case-{id}")]
)
def test_a_download_is_named_by_letters_digits_and_hyphens(desk: Desk, reference: str, name: str) -> None:
    case = open_case(desk, ANNA, "t", reference, ORIGINALS)
    with desk.store.reading() as session:
        assert file_name(case_to_show(session, ANNA, case)) == name.format(id=case)


def test_what_the_queue_said_of_the_same_two_garments_is_offered_and_taken_over(
    desk: Desk, case: str, tmp_path: Path
) -> None:
    suspect = add_suspect(desk, tmp_path)
    said = add_verdict(desk, suspect, "copy", owner="dora", note="same collar")
    add_pair(desk, ANNA, from_search(desk, ANNA, add_search(desk, tmp_path), 0, 0), case)
    (shown,) = shown_case(desk, ANNA, case).pairs
    assert shown.earlier is not None
    assert "judged copy by dora" in shown.earlier["words"]
    take_verdict(desk, ANNA, case, 1, said, 2)
    (pair,) = case_content(desk, ANNA, case).pairs
    assert (pair.verdict, pair.judged_by, pair.note) == ("copy", "dora", "same collar")
    taken = log_of(desk, case)[-1]
    assert (taken.who, taken.data["suspect"], taken.data["judged_at"]) == ("anna", suspect, pair.judged_at)
    assert "took over the verdict of the queue on pair 1: copy, by dora" in told(taken)
    assert shown_case(desk, ANNA, case).pairs[0].earlier is None
    with pytest.raises(Conflict, match="something else"):
        take_verdict(desk, ANNA, case, 1, said, 3)


def test_a_later_verdict_of_the_queue_is_offered_for_a_pair_that_came_from_there(
    desk: Desk, case: str, tmp_path: Path
) -> None:
    suspect = add_suspect(desk, tmp_path)
    add_pair(desk, ANNA, from_suspect(desk, ANNA, suspect), case)
    set_verdict(desk, ANNA, case, 1, "copy", 2)
    assert shown_case(desk, ANNA, case).pairs[0].earlier is None
    add_verdict(desk, suspect, "not_copy")
    earlier = shown_case(desk, ANNA, case).pairs[0].earlier
    assert earlier is not None
    assert "judged not a copy by cleo" in earlier["words"]


def test_nothing_is_told_of_a_queue_whose_listings_were_not_granted(desk: Desk, case: str, tmp_path: Path) -> None:
    said = add_verdict(desk, add_suspect(desk, tmp_path), "copy")
    add_pair(desk, ANNA, from_search(desk, ANNA, add_search(desk, tmp_path), 0, 0), case)
    add_suspect(desk, tmp_path, 3)
    narrow = User("nora", Role.ANALYST, frozenset({ORIGINALS}))
    assert shown_case(desk, narrow, case).pairs[0].earlier is None
    with pytest.raises(Conflict):
        take_verdict(desk, narrow, case, 1, said, 2)


def test_the_local_persons_records_stay_theirs_whatever_they_are_called(tmp_path: Path) -> None:
    for called in ("Jane Analyst", "Jane Doe"):
        settings = DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", local_name=called)
        with desk_client(settings) as client:
            opened = client.change("/api/cases", {"title": "Blouse", "collection": ORIGINALS})["id"]
            assert case_content(client.desk, ANNA, opened).facts.opened_by == called
            if called == "Jane Analyst":
                add_verdict(client.desk, add_suspect(client.desk, tmp_path), "copy", "local", closed=False)
            (batch,) = batches_of(client.desk.store, "local")
            page = client.load(f"/queue/batches/{batch.id}")
    assert "Jane Doe" in page
    assert "data-close-now" in page


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "two\nlines"])
def test_a_name_that_cannot_stand_in_a_letter_is_refused(tmp_path: Path, name: str) -> None:
    settings = DeskSettings(folder=tmp_path / "desk", server="127.0.0.1:9", local_name=name)
    with pytest.raises(BadOption, match="--name"), desk_client(settings):
        pass
