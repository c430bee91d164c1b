"""Grants: nobody sees, or changes, what belongs to collections that were not granted to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from seamline.desk.cases.adding import add_pair
from seamline.desk.cases.opening import open_case
from seamline.desk.cases.sources import from_search
from seamline.desk.context import Desk
from seamline.desk.people.user import Role, User
from seamline.desk.people.users_format import people_changed
from seamline.desk.store.models import Batch, DeletionReceipt, IndexJob, Preset, Verdict
from seamline.desk.store.types import Base
from tests.support.desk import DeskClient
from tests.support.desk_records import LISTINGS, add_search, add_suspect, watch_of
from tests.support.desk_routes import Route, body_of, routes_of

THEIRS, OURS = "theirs", "ours"
SECRET, LISTED = "Velvet-Tower", "Paper-Harbour"
"""In every name of the collection THEIRS, and of the listings that were compared with it."""

OWNER = User("olga", Role.LEAD, frozenset({THEIRS, LISTINGS}))
_OWN = {"sign_in", "preset"}
"""Tables of what is a person's own, whatever was granted."""


@dataclass(frozen=True)
class Belongings:
    """`known`: parameter or field -> values that reach what belongs to THEIRS."""

    desk: Desk
    known: Mapping[str, Sequence[str]]


@pytest.fixture
def theirs(people_desk: DeskClient, tmp_path: Path) -> Belongings:
    """A search, a case, a suspect with its verdict, a job and a receipt."""
    desk = people_desk.desk
    folder = tmp_path / SECRET
    folder.mkdir()
    search = add_search(desk, folder, item=f"{SECRET}-1", collection=THEIRS)
    case = open_case(desk, OWNER, f"{SECRET} case", SECRET, THEIRS)
    add_pair(desk, OWNER, from_search(desk, OWNER, search, 0, 0), case)
    names = {"originals": THEIRS, "original": f"{SECRET}-2", "listing": f"{LISTED}-2", "seller": LISTED}
    suspect, again = add_suspect(desk, folder, **names), add_suspect(desk, folder, **names | {"listing": f"{LISTED}-3"})
    with desk.store.session() as session:
        batch = Batch(owner=OWNER.name, originals=THEIRS)
        job = IndexJob(collection=THEIRS, source=f"/{SECRET}", owner=OWNER.name, state="receiving", message=SECRET)
        receipt = DeletionReceipt(
            collection=THEIRS, item=SECRET, owner=OWNER.name, content={"item": SECRET, "photos": []}
        )
        preset = Preset(owner=OWNER.name, name=SECRET, weights={"collar": 1.0})
        session.add_all([batch, job, receipt, preset])
        session.flush()
        session.add(Verdict(suspect_id=suspect, batch_id=batch.id, verdict="unsure", owner=OWNER.name, note=SECRET))
        ids = {
            "batch": batch.id,
            "job_id": job.id,
            "job": job.id,
            "receipt_id": receipt.id,
            "preset_id": str(preset.id),
        }
    keys = [f"{search}/0/0", suspect, f"{case}/1"]
    fixed = {"garment": ["0"], "hit": ["0"], "number": ["1"], "side": ["query", "hit"], "name": [SECRET]}
    known: dict[str, Sequence[str]] = {name: [value] for name, value in ids.items()} | fixed
    known |= {"search_id": [search], "search": [search], "case_id": [case], "case": [case]}
    known |= {"suspect": [suspect, again], "suspects": [suspect], "watch": [watch_of(desk, THEIRS)]}
    known |= {"collection": [THEIRS], "originals": [THEIRS], "listings": [LISTINGS]}
    known |= {"source": ["search", "suspect", "case"], "keys": keys, "verdict": ["copy"], "field": ["title"]}
    known |= {"value": ["changed"], "title": ["a title"], "note": ["a note"], "item": [SECRET], "typed": [SECRET]}
    return Belongings(desk, known)


def rows_of(desk: Desk) -> dict[str, list[Any]]:
    """All that the store holds, but people's own."""
    with desk.store.reading() as session:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in _OWN]
        return {table.name: sorted(map(str, session.execute(select(table)).all())) for table in tables}


def asked(client: DeskClient, route: Route, theirs: Belongings) -> list[tuple[str, Any]]:
    """The answers to a route at every address that reaches something."""
    bodies = [body_of(client.app, route, theirs.known)]
    if route.path == "/api/cases/pairs":  # which takes one of two
        bodies = [bodies[0] | {without: None} for without in ("search", "suspect")]
    query = {name: theirs.known[name][0] for name in ("collection", "item", "job", "watch")} | {
        "key": "0",
        "token": "0" * 32,
    }
    return [
        (address, client.request(route.method, address, json=body, params=query))
        for address in route.addresses(theirs.known)
        for body in bodies
    ]


@pytest.mark.parametrize("collections", [[OURS], []])
def test_what_was_not_granted_is_not_there(
    theirs: Belongings, signed_in_as: Callable[..., DeskClient], collections: list[str]
) -> None:
    stranger = signed_in_as("stranger", Role.LEAD, collections)
    for route in routes_of(stranger.app):
        if route.is_safe:
            for address, answer in asked(stranger, route, theirs):
                assert SECRET not in answer.text, address
                assert LISTED not in answer.text, address
                if "{" in route.path:
                    assert answer.status_code == 404, (address, answer.text)


@pytest.mark.parametrize("collections", [[OURS], []])
def test_nobody_changes_what_was_not_granted(
    theirs: Belongings, signed_in_as: Callable[..., DeskClient], collections: list[str]
) -> None:
    stranger = signed_in_as("stranger", Role.LEAD, collections)
    before = rows_of(theirs.desk)
    for route in routes_of(stranger.app):
        if not route.is_safe and route.path != "/api/sign-out":
            for address, answer in asked(stranger, route, theirs):
                assert SECRET not in answer.text, address
                assert rows_of(theirs.desk) == before, (route.method, address, answer.text)
                if "{" in route.path:
                    assert answer.status_code == 404, (route.method, address, answer.text)


def test_listings_are_seen_by_those_only_who_were_granted_them_too(
    theirs: Belongings, signed_in_as: Callable[..., DeskClient]
) -> None:
    half = signed_in_as("half", Role.LEAD, [THEIRS])
    before = rows_of(theirs.desk)
    for route in routes_of(half.app):
        if route.path.startswith(("/queue", "/api/queue", "/api/suspects", "/api/batches", "/api/watches")):
            for address, answer in asked(half, route, theirs):
                assert LISTED not in answer.text, address
    assert rows_of(theirs.desk) == before


def test_whom_it_was_granted_to_sees_it_and_changes_it(
    theirs: Belongings, signed_in_as: Callable[..., DeskClient]
) -> None:
    olga = signed_in_as(OWNER.name, Role.LEAD, OWNER.collections)
    seen, changed = set(), set()
    before = rows_of(theirs.desk)
    for route in sorted(routes_of(olga.app), key=lambda route: not route.is_safe):
        if "catalogue" in route.path or route.path == "/api/sign-out":  # whose collections the index would have
            continue
        for _, answer in asked(olga, route, theirs):
            if route.is_safe and answer.is_success:
                seen.add(route.path)
            elif answer.is_success and rows_of(theirs.desk) != before:
                changed.add(route.path)
                before = rows_of(theirs.desk)
    assert {"/search/{search_id}", "/api/search/{search_id}", "/search/{search_id}/{garment}/{hit}/photo"} <= seen
    assert {"/cases/{case_id}", "/cases/{case_id}/{number}/{side}.jpg", "/cases/{case_id}/evidence.html"} <= seen
    assert {"/queue/{suspect}/listing.jpg", "/queue/batches/{batch}", "/queue/unsure/{watch}"} <= seen
    assert {"/compare/{source}/{keys}", "/api/compare/files/{source}/{keys}", "/api/jobs"} <= seen
    assert {"/api/suspects/{suspect}/verdict", "/api/cases/{case_id}/close", "/api/batches/{batch}/close"} <= changed
    assert {"/api/cases", "/api/cases/pairs", "/api/jobs/{job_id}"} <= changed


def test_lists_show_what_was_granted_and_nothing_else(
    theirs: Belongings, signed_in_as: Callable[..., DeskClient]
) -> None:
    olga, stranger = signed_in_as(OWNER.name, Role.LEAD, OWNER.collections), signed_in_as("stranger", Role.LEAD, [OURS])
    for address in ("/cases", "/api/cases", "/api/jobs"):
        assert SECRET in olga.get(address).text, address
        assert SECRET not in stranger.get(address).text, address
    assert [one["name"] for one in olga.get("/api/presets").json()] == [SECRET]
    assert stranger.get("/api/presets").json() == []


def test_a_grant_that_is_taken_away_is_gone_in_the_next_request(
    theirs: Belongings, signed_in_as: Callable[..., DeskClient], users: Path
) -> None:
    olga = signed_in_as(OWNER.name, Role.LEAD, OWNER.collections)
    address = f"/api/search/{theirs.known['search_id'][0]}"
    assert olga.get(address).status_code == 200
    with people_changed(users) as people:
        person = people[OWNER.name]
        people[OWNER.name] = replace(person, user=replace(person.user, collections=frozenset({OURS})))
    assert olga.get(address).status_code == 404
