"""The watch against the real server: what it finds, and what it bears."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from seamline.catalogue import index_items
from seamline.catalogue.items import Item
from seamline.client import Client, RetryPolicy
from seamline.core.errors import BadOption, NotFound
from seamline.desk.model_server import ModelServer
from seamline.desk.pairs import Pair
from seamline.desk.queue.claims import CardRequest, next_cards
from seamline.desk.queue.judging import judge
from seamline.desk.queue.said import Said
from seamline.desk.store import Store, open_store
from seamline.desk.store.models import Screened, Suspect
from seamline.desk.watching.begin import begin_watch, check_parts
from seamline.desk.watching.looks import Looks
from seamline.desk.watching.noting import note_screened
from seamline.desk.watching.options import OpenIndex, Options
from seamline.desk.watching.progress import told
from seamline.desk.watching.watcher import Watcher
from seamline.index import Index
from tests.support.relay import Relay
from tests.support.suspects import pair_data

if TYPE_CHECKING:
    from seamline.local import LocalServer

SOON = RetryPolicy(retries=None, timeouts=3, first_pause=0.05, longest_pause=0.2)
QUICK = Options(retry=SOON, patience=SOON)


@pytest.fixture
def index(catalogue: LocalServer) -> OpenIndex:
    return partial(Index, catalogue.endpoints.milvus)


@pytest.fixture
def model_server(catalogue: LocalServer) -> Iterator[ModelServer]:
    with closing(ModelServer(catalogue.endpoints.grpc, bulk=True)) as server:
        yield server


@pytest.fixture
def listings(catalogue: LocalServer, drawn: tuple[Path, Path], tmp_path: Path) -> tuple[str, list[Item]]:
    """A small collection of its own, and its items, whose photos may be changed."""
    name = f"listings_{uuid.uuid4().hex[:8]}"
    rows = [line.split(",") for line in drawn[1].read_text(encoding="utf-8").splitlines()[1:5]]
    items = [Item(row[0], str(shutil.copy(drawn[1].parent / row[1], tmp_path)), {"seller": row[2]}) for row in rows]
    add(catalogue, name, items)
    return name, items


def add(catalogue: LocalServer, collection: str, items: Sequence[Item]) -> None:
    """Index these."""
    patient = RetryPolicy(retries=None)
    with (
        Client(catalogue.endpoints.grpc, retries=patient) as client,
        closing(Index(catalogue.endpoints.milvus)) as index,
    ):
        index_items(items, client, index, collection)


def suspects_of(store: Store) -> list[Suspect]:
    with store.reading() as session:
        return list(session.scalars(select(Suspect)).all())


def number_noted(store: Store, *conditions: Any) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(Screened).where(*conditions)) or 0


@contextmanager
def at_work(watcher: Watcher, work: Callable[[], None]) -> Iterator[threading.Thread]:
    """The watcher in a thread of its own, which ends here."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        watcher.stop()
        thread.join(30)
        assert not thread.is_alive()


def wait_for(what: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def test_a_watch_queues_drawn_copies_with_what_the_listing_says(
    store: Store, model_server: ModelServer, index: OpenIndex, drawn: tuple[Path, Path]
) -> None:
    watch = begin_watch(store, "listings", "originals")
    watcher = Watcher(store, watch, model_server, index, QUICK)
    watcher.look()
    found = suspects_of(store)
    assert watcher.progress.done == watcher.progress.total == number_noted(store) > 0
    assert watcher.progress.suspects == len(found)
    manifest = json.loads((drawn[0].parent / "manifest.json").read_text(encoding="utf-8"))["garments"]
    copies = {(entry["id"], entry["copy_of"]) for entry in manifest if entry["copy_of"]}
    pairs = {(s.listing_item.replace("L", "garment"), s.original_item.replace("A", "garment")) for s in found}
    assert len(copies & pairs) >= len(copies) / 2
    for suspect in found:
        pair = Pair.from_data(suspect.pair)
        assert (pair.query.item, pair.hit.item) == (suspect.listing_item, suspect.original_item)
        assert pair.query.seller == suspect.seller != ""
        assert pair.query.date.startswith("2026-")
        assert pair.query.photo.endswith(".jpg")
        assert pair.probability == suspect.probability >= 0.5


def test_a_second_look_screens_nothing_and_changes_nothing(
    store: Store, model_server: ModelServer, index: OpenIndex
) -> None:
    watch = begin_watch(store, "listings", "originals")
    Watcher(store, watch, model_server, index, QUICK).look()
    before = sorted(suspect.id for suspect in suspects_of(store))
    again = Watcher(store, begin_watch(store, "listings", "originals"), model_server, index, QUICK)
    again.look()
    again.look()
    assert (again.progress.done, again.progress.suspects) == (0, 0)
    assert sorted(suspect.id for suspect in suspects_of(store)) == before


def test_two_watches_at_once_make_no_duplicates(store: Store, model_server: ModelServer, index: OpenIndex) -> None:
    def look(_number: int) -> int:
        watcher = Watcher(store, begin_watch(store, "listings", "originals"), model_server, index, QUICK)
        watcher.look()
        return watcher.progress.suspects

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(look, range(2))) == len(suspects_of(store)) > 0


def test_a_listing_is_no_copy_of_itself(store: Store, model_server: ModelServer, index: OpenIndex) -> None:
    Watcher(store, begin_watch(store, "listings", "listings"), model_server, index, QUICK).look()
    assert all(suspect.listing_item != suspect.original_item for suspect in suspects_of(store))
    assert number_noted(store) > 0


def test_a_lower_bound_screens_all_again_and_a_higher_one_does_not(
    store: Store, model_server: ModelServer, index: OpenIndex, listings: tuple[str, list[Item]]
) -> None:
    Watcher(store, begin_watch(store, listings[0], "originals", 0.99999), model_server, index, QUICK).look()
    few = len(suspects_of(store))
    assert begin_watch(store, listings[0], "originals", 1.0).at_least == 1.0
    assert number_noted(store) > 0
    lower = begin_watch(store, listings[0], "originals", 0.0001)
    assert number_noted(store) == 0
    Watcher(store, lower, model_server, index, QUICK).look()
    assert len(suspects_of(store)) > few
    assert begin_watch(store, listings[0], "originals").at_least == 0.0001


def test_all_are_screened_again_where_that_is_asked_for_and_pairs_stay(
    store: Store, model_server: ModelServer, index: OpenIndex
) -> None:
    Watcher(store, begin_watch(store, "listings", "originals"), model_server, index, QUICK).look()
    before, screened = sorted(suspect.id for suspect in suspects_of(store)), number_noted(store)
    again = Watcher(store, begin_watch(store, "listings", "originals", again=True), model_server, index, QUICK)
    assert number_noted(store) == 0
    again.look()
    assert (again.progress.done, again.progress.suspects) == (screened, 0)
    assert sorted(suspect.id for suspect in suspects_of(store)) == before


@pytest.mark.parametrize("at_least", [-0.1, 1.1, float("nan")])
def test_a_bound_that_is_no_probability_is_refused(store: Store, at_least: float) -> None:
    with pytest.raises(BadOption):
        begin_watch(store, "listings", "originals", at_least)


def test_a_photo_that_is_missing_is_told_and_tried_again(
    store: Store, model_server: ModelServer, index: OpenIndex, listings: tuple[str, list[Item]], tmp_path: Path
) -> None:
    name, items = listings
    moved, changed = Path(items[0].photo), Path(items[1].photo)
    original = changed.read_bytes()
    (tmp_path / "elsewhere").mkdir()
    moved.rename(tmp_path / "elsewhere" / moved.name)
    changed.write_bytes(original + b"\0")
    watch = begin_watch(store, name, "originals")
    watcher = Watcher(store, watch, model_server, index, QUICK)
    watcher.look()
    assert watcher.progress.failed == number_noted(store, Screened.problem.is_not(None)) >= 2
    reasons = {problem.item: problem.reason for problem in watcher.progress.problems}
    assert "not where it was" in reasons[items[0].item]
    assert "has changed" in reasons[items[1].item]
    changed.write_bytes(original)
    again = Watcher(store, watch, model_server, index, replace(QUICK, photos=tmp_path / "elsewhere"))
    again.look()
    assert again.progress.failed == number_noted(store, Screened.problem.is_not(None)) == 0
    assert again.progress.done >= 2


def test_problems_are_tried_again_by_a_watch_that_keeps_running(
    store: Store, model_server: ModelServer, index: OpenIndex, listings: tuple[str, list[Item]], tmp_path: Path
) -> None:
    name, items = listings
    Path(items[0].photo).rename(tmp_path / "away")
    watcher = Watcher(store, begin_watch(store, name, "originals"), model_server, index, replace(QUICK, whole_every=0))
    with at_work(watcher, lambda: watcher.keep_looking(0.1)):
        wait_for(lambda: watcher.progress.failed)
        (tmp_path / "away").rename(items[0].photo)
        wait_for(lambda: number_noted(store, Screened.problem.is_not(None)) == 0)


def test_a_running_watch_screens_what_is_indexed_meanwhile(
    store: Store,
    model_server: ModelServer,
    index: OpenIndex,
    catalogue: LocalServer,
    listings: tuple[str, list[Item]],
    drawn: tuple[Path, Path],
) -> None:
    name, _ = listings
    watcher = Watcher(store, begin_watch(store, name, "originals"), model_server, index, QUICK)
    with at_work(watcher, lambda: watcher.keep_looking(0.1)):
        wait_for(lambda: watcher.progress.done >= watcher.progress.total > 0)
        before = number_noted(store)
        file = drawn[1].read_text(encoding="utf-8").splitlines()[6].split(",")[1]
        add(catalogue, name, [Item("new", str(drawn[1].parent / file), {"seller": "S"})])
        wait_for(lambda: number_noted(store) > before)


def test_only_what_was_written_since_is_looked_at(
    catalogue: LocalServer, index: OpenIndex, listings: tuple[str, list[Item]], drawn: tuple[Path, Path]
) -> None:
    looks = Looks(slack=0.0, whole_every=3600.0)
    with closing(index()) as opened:
        first = looks.due(opened.open(listings[0]))
        assert first is not None
        assert first.since is None
        looks.taken(first)
        assert looks.due(opened.open(listings[0])) is None
        add(catalogue, listings[0], [Item("new", str(next(drawn[0].parent.glob("*.jpg"))))])
        second = looks.due(opened.open(listings[0]))
        assert second is not None
        assert second.since == first.began


def test_a_server_that_is_away_is_waited_for_and_nothing_is_lost(
    store: Store, index: OpenIndex, catalogue: LocalServer, listings: tuple[str, list[Item]]
) -> None:
    with Relay(str(catalogue.endpoints.grpc)) as relay, closing(ModelServer(relay.address, bulk=True)) as server:
        watcher = Watcher(store, begin_watch(store, listings[0], "originals"), server, index, QUICK)
        heard: list[str] = []
        with (
            told(lambda: watcher.progress, lambda progress: heard.append(progress.waiting_for)),
            at_work(watcher, watcher.look) as thread,
        ):
            wait_for(lambda: any(heard))
            assert number_noted(store) == 0
            relay.open()
            thread.join(60)
    assert watcher.progress.done == watcher.progress.total > 0
    assert watcher.progress.failed == 0


def test_an_index_that_is_away_is_waited_for(
    store: Store, index: OpenIndex, model_server: ModelServer, listings: tuple[str, list[Item]]
) -> None:
    is_back = threading.Event()

    def open_index() -> Index:
        return index() if is_back.is_set() else Index("http://127.0.0.1:9", timeout=0.5)

    watcher = Watcher(store, begin_watch(store, listings[0], "originals"), model_server, open_index, QUICK)
    with at_work(watcher, watcher.look) as thread:
        wait_for(lambda: watcher.progress.waiting_for)
        is_back.set()
        thread.join(60)
    assert watcher.progress.done > 0


def test_a_watch_that_is_stopped_while_it_waits_ends(
    store: Store, index: OpenIndex, listings: tuple[str, list[Item]]
) -> None:
    with closing(ModelServer("127.0.0.1:9", bulk=True)) as server:
        watcher = Watcher(store, begin_watch(store, listings[0], "originals"), server, index, QUICK)
        with at_work(watcher, watcher.look):
            wait_for(lambda: watcher.progress.waiting_for)


def test_collections_that_are_missing_are_said_before_anything_is_kept(
    model_server: ModelServer, index: OpenIndex
) -> None:
    for names in (("nothing", "originals"), ("listings", "nothing")):
        with pytest.raises(NotFound, match="nothing"):
            check_parts(model_server, index, *names)


def test_a_better_photo_of_a_pair_counts_only_while_nobody_looks_at_it_or_has_judged_it(store: Store) -> None:
    watch = begin_watch(store, "listings", "originals")

    def note(probability: float) -> int:
        return note_screened(store, watch, f"{probability}", [pair(probability)])

    def probability() -> float:
        (suspect,) = suspects_of(store)
        assert suspect.pair["probability"] == suspect.probability
        return suspect.probability

    assert note(0.6) == 1
    assert note(0.5) == note(0.7) == 0
    assert probability() == 0.7
    (card,) = next_cards(store, "anna", CardRequest(watch.id))
    note(0.8)
    assert probability() == 0.7
    with store.session() as session:
        session.execute(update(Suspect).values(claimed_until=None))
    note(0.85)
    assert probability() == 0.85
    judge(store, "anna", card.id, Said("not_copy"))
    assert note(0.9) == 0
    assert probability() == 0.85
    assert next_cards(store, "ben", CardRequest(watch.id)) == []


def test_another_watch_does_not_bring_a_known_pair_again(store: Store) -> None:
    first, second = (begin_watch(store, name, "originals") for name in ("listings", "others"))
    note_screened(store, first, "a", [pair(0.6)])
    assert note_screened(store, second, "a", [pair(0.9)]) == 0
    assert [suspect.probability for suspect in suspects_of(store)] == [0.6]


@pytest.mark.parametrize("seller", ["", "<img src=x onerror=alert(1)>", "a\0b", "x" * 15_000, "ü" * 300])
def test_any_sellers_name_can_be_kept(store: Store, seller: str) -> None:
    watch = begin_watch(store, "listings", "originals")
    assert note_screened(store, watch, "a", [pair(0.6, seller)]) == 1
    (card,) = next_cards(store, "anna", CardRequest(watch.id))
    assert Pair.from_data(card.pair).query.seller == seller


def pair(probability: float, seller: str = "S") -> Pair:
    return Pair.from_data(pair_data(1, seller, probability))


def test_a_killed_command_goes_on_where_it_was(catalogue: LocalServer, tmp_path: Path) -> None:
    running = subprocess.Popen(
        command(catalogue, tmp_path, "listings", "--in-flight", "1"),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    wait_for((tmp_path / "desk" / "desk.sqlite3").exists)
    with closing(open_store(f"sqlite:///{tmp_path / 'desk' / 'desk.sqlite3'}")) as store:
        wait_for(lambda: number_noted(store) >= 2)
        running.send_signal(signal.SIGKILL)
        running.wait(20)
        noted, found = number_noted(store), {suspect.id for suspect in suspects_of(store)}
        summary = json.loads(run(catalogue, tmp_path, "listings", "--once", "--json").stdout)
        assert summary["screened"] == number_noted(store) - noted > 0
        assert found <= {suspect.id for suspect in suspects_of(store)}


def test_the_command_that_is_stopped_says_how_it_goes_on(catalogue: LocalServer, tmp_path: Path) -> None:
    running = subprocess.Popen(
        command(catalogue, tmp_path, "listings"), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    wait_for((tmp_path / "desk" / "desk.sqlite3").exists)
    with closing(open_store(f"sqlite:///{tmp_path / 'desk' / 'desk.sqlite3'}")) as store:
        wait_for(lambda: number_noted(store))
    running.send_signal(signal.SIGTERM)
    out, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "goes on from here" in said
    assert "listings against originals" in out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nothing", "--once"), 3, "nothing"),
        (("listings", "--at-least", "nan"), 2, "at-least"),
        (("listings", "--at-least", "1.5"), 2, "at-least"),
    ],
)
def test_bad_arguments_are_one_sentence_and_their_code(
    catalogue: LocalServer, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = run(catalogue, tmp_path, *arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_that_was_never_there_is_said_at_once(catalogue: LocalServer, tmp_path: Path) -> None:
    arguments = command(catalogue, tmp_path, "listings")
    arguments[arguments.index("--url") + 1] = "127.0.0.1:9"
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 4
    assert not (tmp_path / "desk" / "desk.sqlite3").exists()


def command(catalogue: LocalServer, folder: Path, *arguments: str) -> list[str]:
    program = Path(sys.executable).with_name("seamline")
    where = ("--url", str(catalogue.endpoints.grpc), "--milvus", str(catalogue.endpoints.milvus))
    return [str(program), "watch", *arguments, "--originals", "originals", "--folder", str(folder / "desk"), *where]


def run(catalogue: LocalServer, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"COLUMNS": "200"}
    return subprocess.run(
        command(catalogue, folder, *arguments),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment,
    )
