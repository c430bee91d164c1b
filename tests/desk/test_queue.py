"""The queue: who gets which card, what becomes of a verdict, and what a batch says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from seamline.core.errors import BadOption, NotFound
from seamline.desk.errors import Conflict
from seamline.desk.people.user import Role, User
from seamline.desk.queue.access import load_batch, load_suspect, load_watch, visible_watches
from seamline.desk.queue.batches import change, close
from seamline.desk.queue.cards import card_of
from seamline.desk.queue.claims import CardRequest, claim, next_cards, release, renew
from seamline.desk.queue.figures import done, left, left_of
from seamline.desk.queue.judging import ask_again, judge, undo
from seamline.desk.queue.pace import rate_per_hour
from seamline.desk.queue.said import Said
from seamline.desk.queue.summary import batches_of, summary_of, unsure_of, verdicts_of
from seamline.desk.store import Store
from seamline.desk.store.models import Suspect, Verdict
from seamline.desk.store.types import now
from tests.support.suspects import add_suspects, add_watch, pair_data

SAID = Said("copy")
MORNING = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def watch(store: Store) -> str:
    return add_watch(store)


def ids_of(store: Store, person: str, wanted: CardRequest) -> list[str]:
    return [card.id for card in next_cards(store, person, wanted)]


def lapse(store: Store) -> None:
    """Let the time of every claim go by."""
    with store.session() as session:
        session.execute(update(Suspect).values(claimed_until=now() - timedelta(seconds=1)))


def judged(store: Store, watch: str, person: str, said: Said = SAID) -> str:
    """A suspect that the person has just judged."""
    (card,) = next_cards(store, person, CardRequest(watch, 1))
    judge(store, person, card.id, said)
    return card.id


def test_cards_come_by_seller_and_within_one_by_falling_probability(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("B", 0.9), ("A", 0.6), ("B", 0.7), ("A", 0.95), ("C", 0.8)])
    found = [(card.seller, card.probability) for card in next_cards(store, "anna", CardRequest(watch, 5))]
    assert found == [("A", 0.95), ("A", 0.6), ("B", 0.9), ("B", 0.7), ("C", 0.8)]


def test_the_seller_in_hand_is_finished_before_a_more_probable_one_begins(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.6), ("B", 0.9)])
    found = next_cards(store, "anna", CardRequest(watch, 2, in_hand="A"))
    assert [card.seller for card in found] == ["A", "B"]


def test_a_seller_that_is_chosen_is_the_only_one(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.6), ("B", 0.9)])
    found = next_cards(store, "anna", CardRequest(watch, 4, seller="A", in_hand="B"))
    assert [card.seller for card in found] == ["A"]


def test_what_a_page_has_already_is_not_given_again(store: Store, watch: str) -> None:
    ids = add_suspects(store, watch, [("A", 0.9), ("A", 0.8), ("A", 0.7)])
    assert ids_of(store, "anna", CardRequest(watch, 2)) == ids[:2]
    assert ids_of(store, "anna", CardRequest(watch, 2, skip=ids[:2])) == ids[2:]


def test_an_empty_queue_gives_nothing(store: Store, watch: str) -> None:
    assert next_cards(store, "anna", CardRequest(watch)) == []


def test_a_card_is_one_persons_until_the_claim_lapses(store: Store, watch: str) -> None:
    (only,) = add_suspects(store, watch, [("A", 0.9)])
    assert ids_of(store, "anna", CardRequest(watch)) == [only]
    assert ids_of(store, "ben", CardRequest(watch)) == []
    assert renew(store, "ben", [only]) == []
    lapse(store)
    assert ids_of(store, "ben", CardRequest(watch)) == [only]
    assert renew(store, "anna", [only]) == []


def test_the_same_person_gets_the_claimed_cards_again_after_a_restart(store: Store, watch: str) -> None:
    ids = add_suspects(store, watch, [("B", 0.9), ("A", 0.8), ("A", 0.7)])
    assert ids_of(store, "anna", CardRequest(watch, 2)) == ids[:2]
    assert ids_of(store, "anna", CardRequest(watch, 3, in_hand="B")) == ids
    assert renew(store, "anna", ids) == sorted(ids)


def test_a_card_that_is_put_back_goes_to_somebody_else(store: Store, watch: str) -> None:
    (only,) = add_suspects(store, watch, [("A", 0.9)])
    next_cards(store, "anna", CardRequest(watch))
    release(store, "ben", [only])
    assert ids_of(store, "ben", CardRequest(watch)) == []
    release(store, "anna", [only])
    assert ids_of(store, "anna", CardRequest(watch, skip=[only])) == []
    assert ids_of(store, "ben", CardRequest(watch)) == [only]


def test_eight_people_at_once_never_get_the_same_card(store: Store, watch: str) -> None:
    expected = add_suspects(store, watch, [(f"seller {n % 5}", n / 100) for n in range(60)])
    given: list[str] = []
    lock = threading.Lock()

    def work(person: str) -> None:
        while cards := ids_of(store, person, CardRequest(watch, 3)):
            with lock:
                given.extend(cards)
            for card in cards:
                judge(store, person, card, SAID)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, [f"person {n}" for n in range(8)]))
    assert sorted(given) == sorted(expected)
    assert left(store, watch).suspects == 0


def test_a_verdict_takes_a_card_out_of_the_queue_for_good(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.9)])
    judged(store, watch, "anna", Said("not_copy", "other cuffs"))
    assert next_cards(store, "anna", CardRequest(watch)) == next_cards(store, "ben", CardRequest(watch)) == []
    with store.reading() as session:
        verdict = session.scalars(select(Verdict)).one()
    assert (verdict.owner, verdict.verdict, verdict.note) == ("anna", "not_copy", "other cuffs")


def test_the_same_verdict_sent_twice_counts_once(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.9)])
    suspect = judged(store, watch, "anna")
    assert judge(store, "anna", suspect, SAID).suspect_id == suspect
    with store.reading() as session:
        assert len(session.scalars(select(Verdict)).all()) == 1


def test_the_same_verdict_sent_from_many_threads_counts_once(store: Store, watch: str) -> None:
    ids = add_suspects(store, watch, [("A", n / 10) for n in range(5)])
    next_cards(store, "anna", CardRequest(watch, 5))
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda suspect: judge(store, "anna", suspect, SAID), ids * 4))
    with store.reading() as session:
        verdicts = session.scalars(select(Verdict)).all()
    assert sorted(verdict.suspect_id for verdict in verdicts) == sorted(ids)
    assert len({verdict.batch_id for verdict in verdicts}) == 1


def test_a_verdict_on_somebody_elses_card_is_refused_and_says_whose_it_is(store: Store, watch: str) -> None:
    (only,) = add_suspects(store, watch, [("A", 0.9)])
    with pytest.raises(Conflict, match="put back"):
        judge(store, "ben", only, SAID)
    next_cards(store, "anna", CardRequest(watch))
    with pytest.raises(Conflict, match="anna has this card"):
        judge(store, "ben", only, SAID)
    judge(store, "anna", only, SAID)
    with pytest.raises(Conflict, match="anna has judged"):
        judge(store, "ben", only, SAID)
    with pytest.raises(Conflict, match="otherwise"):
        judge(store, "anna", only, Said("unsure"))


def test_a_claim_that_lapsed_still_counts_while_nobody_else_has_the_card(store: Store, watch: str) -> None:
    (only,) = add_suspects(store, watch, [("A", 0.9)])
    next_cards(store, "anna", CardRequest(watch))
    lapse(store)
    judge(store, "anna", only, SAID)
    assert left(store, watch).suspects == 0


@pytest.mark.parametrize(
    ("verdict", "note"), [("maybe", ""), ("copy", "x" * 2001), ("copy", "a\0b"), ("copy", "\ud800")]
)
def test_a_verdict_that_is_none_and_a_note_that_cannot_be_kept_are_refused(verdict: str, note: str) -> None:
    with pytest.raises(BadOption):
        Said(verdict, note)


def test_a_suspect_that_is_not_there_is_not_found(store: Store) -> None:
    for call in (lambda: judge(store, "anna", "x", SAID), lambda: undo(store, "anna", "x")):
        with pytest.raises(NotFound):
            call()


def test_undo_gives_the_card_back_and_counts_once(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.9), ("A", 0.8)])
    suspect = judged(store, watch, "anna")
    judged(store, watch, "anna", Said("unsure"))
    for _ in range(2):
        assert undo(store, "anna", suspect).id == suspect
    assert ids_of(store, "ben", CardRequest(watch)) == []
    figures = done(store, "anna", "originals", MORNING)
    assert (figures.copy, figures.unsure, figures.today) == (0, 1, 1)
    assert ids_of(store, "anna", CardRequest(watch)) == [suspect]


def test_undo_is_refused_once_the_batch_is_closed_or_the_card_has_gone_on(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.9), ("A", 0.8)])
    suspect = judged(store, watch, "anna")
    with pytest.raises(Conflict, match="no verdict of yours"):
        undo(store, "ben", suspect)
    undo(store, "anna", suspect)
    release(store, "anna", [suspect])
    with pytest.raises(Conflict, match="gone on"):
        undo(store, "anna", suspect)
    again = judged(store, watch, "anna")
    close(store, "anna", done(store, "anna", "originals", MORNING).batch or "")
    with pytest.raises(Conflict, match="no verdict of yours"):
        undo(store, "anna", again)


def test_the_figures_name_the_verdict_that_would_be_taken_back(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.9), ("A", 0.8)])
    first, second = judged(store, watch, "anna"), judged(store, watch, "anna", Said("not_copy"))
    assert done(store, "anna", "originals", MORNING).last == second
    undo(store, "anna", second)
    assert done(store, "anna", "originals", MORNING).last == first
    assert done(store, "ben", "originals", MORNING).last is None


def test_unsure_pairs_are_listed_until_a_lead_puts_them_back(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.9), ("A", 0.8)])
    suspect, other = judged(store, watch, "anna", Said("unsure", "cuffs?")), judged(store, watch, "anna")
    assert [(row.card.id, row.note) for row in unsure_of(store, watch)] == [(suspect, "cuffs?")]
    for _ in range(2):
        ask_again(store, suspect)
    assert unsure_of(store, watch) == []
    with pytest.raises(Conflict, match="second look"):
        undo(store, "anna", suspect)
    assert ids_of(store, "ben", CardRequest(watch)) == [suspect]
    judge(store, "ben", suspect, Said("not_copy"))
    assert unsure_of(store, watch) == []
    with pytest.raises(Conflict):
        ask_again(store, suspect)
    with pytest.raises(Conflict):
        ask_again(store, other)


def test_a_batch_sums_up_by_verdict_and_seller_and_goes_on_after_a_restart(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("B", 0.9), ("A", 0.8), ("A", 0.7)])
    judged(store, watch, "anna", Said("unsure"))
    judged(store, watch, "anna")
    judged(store, watch, "anna")
    (batch,) = batches_of(store, "anna")
    summary = summary_of(store, batch.id)
    assert summary.counts == {"copy": 2, "not_copy": 0, "unsure": 1}
    assert summary.sellers == {
        "A": {"copy": 2, "not_copy": 0, "unsure": 0},
        "B": {"copy": 0, "not_copy": 0, "unsure": 1},
    }
    assert summary.verdicts == len(verdicts_of(store, batch.id, 1)) == 3
    assert verdicts_of(store, batch.id, 2) == []


def test_a_verdict_of_an_open_batch_can_be_changed_and_the_old_one_stays_on_record(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.9)])
    suspect = judged(store, watch, "anna")
    (batch,) = batches_of(store, "anna")
    for _ in range(2):
        change(store, "anna", batch.id, suspect, Said("not_copy", "looked again"))
    with store.reading() as session:
        rows = session.scalars(select(Verdict).order_by(Verdict.id)).all()
    assert [(row.verdict, row.undone_at is None) for row in rows] == [("copy", False), ("not_copy", True)]
    assert left(store, watch).suspects == 0


def test_a_closed_batch_is_final_and_the_next_verdict_opens_another(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.9), ("A", 0.8)])
    suspect = judged(store, watch, "anna")
    (batch,) = batches_of(store, "anna")
    with pytest.raises(Conflict):
        close(store, "ben", batch.id)
    for _ in range(2):
        close(store, "anna", batch.id)
    with pytest.raises(Conflict, match="final"):
        change(store, "anna", batch.id, suspect, Said("unsure"))
    judged(store, watch, "anna")
    assert len(batches_of(store, "anna")) == 2


@pytest.mark.parametrize("write", [lambda s, b, x: change(s, "ben", b, x, SAID), lambda s, b, x: close(s, "ben", b)])
def test_nobody_changes_another_persons_batch(
    store: Store, watch: str, write: Callable[[Store, str, str], object]
) -> None:
    add_suspects(store, watch, [("A", 0.9)])
    suspect = judged(store, watch, "anna")
    (batch,) = batches_of(store, "anna")
    with pytest.raises(Conflict, match="whose batch"):
        write(store, batch.id, suspect)


def test_what_is_left_is_counted_by_seller(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("100% Wool", 0.9), ("A", 0.8), ("A", 0.7), ("wool & co", 0.6)])
    empty = add_watch(store, "others")
    assert left(store, watch).sellers == (("A", 2), ("100% Wool", 1), ("wool & co", 1))
    assert left(store, watch, "WOOL").sellers == (("100% Wool", 1), ("wool & co", 1))
    assert left(store, watch, "%").sellers == (("100% Wool", 1),)
    assert left_of(store, [watch, empty]) == {watch: 4, empty: 0}


def test_pauses_do_not_count_for_the_pace() -> None:
    minutes = [0, 1, 2, 60, 61, 62]
    assert rate_per_hour([MORNING + timedelta(minutes=each) for each in minutes]) == pytest.approx(60)
    assert rate_per_hour([MORNING]) is None


@pytest.mark.parametrize(("verdicts", "pace"), [(2, None), (9, None), (10, 360.0)])
def test_a_pace_is_told_after_ten_verdicts_or_some_minutes(verdicts: int, pace: float | None) -> None:
    assert rate_per_hour([MORNING + timedelta(seconds=10 * each) for each in range(verdicts)]) == pace
    assert rate_per_hour([MORNING, MORNING + timedelta(minutes=4)]) == pytest.approx(15)


def test_cards_that_were_put_off_are_claimed_again_unless_another_has_them(store: Store, watch: str) -> None:
    ids = add_suspects(store, watch, [("A", 0.9), ("B", 0.8), ("B", 0.7)])
    assert ids_of(store, "ben", CardRequest(watch, 1)) == ids[:1]
    asked = [ids[2], ids[0], ids[1], "unknown"]
    assert [card.id for card in claim(store, "anna", watch, asked)] == [ids[2], ids[1]]
    assert [card.id for card in claim(store, "anna", watch, ids)] == ids[1:]
    assert claim(store, "anna", add_watch(store, "others"), ids) == []


def test_after_a_restart_the_seller_with_the_most_probable_card_comes_first(store: Store, watch: str) -> None:
    a, b, other = add_suspects(store, watch, [("A", 0.7), ("B", 0.9), ("B", 0.6)])
    next_cards(store, "anna", CardRequest(watch, 3))
    assert ids_of(store, "anna", CardRequest(watch, 3)) == [b, other, a]
    assert ids_of(store, "anna", CardRequest(watch, 3, in_hand="A")) == [a, b, other]


def test_only_people_with_both_grants_see_a_watch_and_its_suspects(store: Store, watch: str) -> None:
    (suspect,) = add_suspects(store, watch, [("A", 0.9)])
    both = User("anna", Role.ANALYST, frozenset({"originals", "listings"}))
    half = User("ben", Role.LEAD, frozenset({"originals"}))
    assert load_watch(store, both, watch).listings == "listings"
    assert load_suspect(store, both, suspect).id == suspect
    assert visible_watches(store, half) == []
    for load, name in ((load_watch, watch), (load_suspect, suspect), (load_watch, "x"), (load_suspect, "x")):
        with pytest.raises(NotFound):
            load(store, half, name)


def test_a_batch_is_seen_by_its_owner_and_by_leads(store: Store, watch: str) -> None:
    add_suspects(store, watch, [("A", 0.9)])
    judged(store, watch, "anna")
    (batch,) = batches_of(store, "anna")
    assert load_batch(store, User("anna", Role.ANALYST), batch.id).id == batch.id
    assert load_batch(store, User("dora", Role.LEAD), batch.id).id == batch.id
    for user in (User("ben", Role.ANALYST), User("dora", Role.LEAD, frozenset({"listings"}))):
        with pytest.raises(NotFound):
            load_batch(store, user, batch.id)


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://shop.example/1", "https://shop.example/1"),
        ("javascript:alert(1)", ""),
        ("//evil", ""),
        ("http://[", ""),
        (7, ""),
    ],
)
def test_only_web_addresses_become_links(link: object, shown: str) -> None:
    suspect = Suspect(seller="A", probability=0.9, pair=pair_data(1, "A", 0.9, link=link), found_at=MORNING)
    assert card_of(suspect).link == shown
