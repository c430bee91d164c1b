"""Who looks at which card. A claim lapses after some minutes, so that a card comes back whatever became of its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from seamline.desk.queue.states import OPEN
from seamline.desk.store import Store
from seamline.desk.store.models import Suspect
from seamline.desk.store.types import now

CLAIM = timedelta(minutes=10)
"""How long a card stays with a person whose page says nothing."""


@dataclass(frozen=True)
class CardRequest:
    """Which cards a page asks for.

    `seller`: only theirs, None for all. `in_hand`: whose cards come first, None for a fresh start. `skip`: ids of cards
    that the page has, or that were put off.
    """

    watch: str
    count: int = 4
    seller: str | None = None
    in_hand: str | None = None
    skip: Sequence[str] = ()

    def fits(self, card: Suspect) -> bool:
        """Whether it is one of those, of whomever it is."""
        return card.watch_id == self.watch and self.seller in (None, card.seller) and card.id not in self.skip


def next_cards(store: Store, person: str, request: CardRequest) -> list[Suspect]:
    """Up to `count` open suspects, which are the person's for `CLAIM`; nobody else gets them meanwhile.

    First those that the person has already, as after a restart; then the rest of the seller in hand; then the cards of
    the seller of the most probable suspect, and so on. Within a seller by falling probability.
    """
    with store.session() as session:
        cards = _claimed(person, _held(session, person, request))
        seller = request.in_hand if request.seller is None else request.seller
        while len(cards) < request.count:
            if seller is not None:
                of_seller = Suspect.seller == seller
                cards += _claimed(person, _free(session, request, request.count - len(cards), of_seller))
            if len(cards) == request.count or (first := _most_probable(session, request)) is None:
                break
            seller = first.seller
        return cards


def claim(store: Store, person: str, watch: str, suspects: Sequence[str]) -> list[Suspect]:
    """Those of these open cards that nobody else has, which are the person's for `CLAIM`; in the order asked for."""
    with store.session() as session:
        query = select(Suspect).where(Suspect.watch_id == watch, Suspect.state == OPEN, Suspect.id.in_(suspects))
        query = query.where(or_(_has_lapsed(), Suspect.claimed_by == person))
        found = session.scalars(query.with_for_update(skip_locked=True)).all()
        return _claimed(person, sorted(found, key=lambda card: suspects.index(card.id)))


def renew(store: Store, person: str, suspects: Sequence[str]) -> list[str]:
    """Keep these cards for another while. Returns those that are still the person's."""
    with store.session() as session:
        return [card.id for card in _claimed(person, _mine(session, person, suspects))]


def release(store: Store, person: str, suspects: Sequence[str]) -> None:
    """Put cards back; what is not the person's stays as it is."""
    with store.session() as session:
        for card in _mine(session, person, suspects):
            card.claimed_by = card.claimed_until = None


def is_live(suspect: Suspect, moment: datetime) -> bool:
    """Whether somebody looks at the card."""
    return suspect.claimed_until is not None and suspect.claimed_until > moment


def _claimed(person: str, cards: Sequence[Suspect]) -> list[Suspect]:
    until = now() + CLAIM
    for card in cards:
        card.claimed_by, card.claimed_until = person, until
    return list(cards)


def _held(session: Session, person: str, request: CardRequest) -> list[Suspect]:
    """Cards of the person that the page does not have, those of the seller in hand first, then by the sellers' most
    probable ones.

    They are few, and asked for by the person alone, so that the database has no choice of index.
    """
    theirs = select(Suspect).where(Suspect.claimed_by == person, Suspect.state == OPEN)
    fitting = list(filter(request.fits, session.scalars(theirs.with_for_update(skip_locked=True)).all()))
    best: dict[str, float] = {}
    for card in fitting:
        best[card.seller] = max(card.probability, best.get(card.seller, 0.0))
    rank = {seller: (seller != request.in_hand, -top, seller) for seller, top in best.items()}
    return sorted(fitting, key=lambda card: (rank[card.seller], -card.probability))[: request.count]


def _free(session: Session, request: CardRequest, most: int, *conditions: ColumnElement[bool]) -> Sequence[Suspect]:
    query = _open(request).where(_has_lapsed(), *conditions)
    return session.scalars(query.order_by(Suspect.probability.desc()).limit(most)).all()


def _has_lapsed() -> ColumnElement[bool]:
    return or_(Suspect.claimed_until.is_(None), Suspect.claimed_until <= now())


def _most_probable(session: Session, request: CardRequest) -> Suspect | None:
    return None if request.seller is not None else next(iter(_free(session, request, 1)), None)


def _open(request: CardRequest) -> Select[Suspect]:
    """Rows that others are claiming just now are left out, where a database has several writers."""
    query = select(Suspect).where(Suspect.watch_id == request.watch, Suspect.state == OPEN)
    if request.seller is not None:
        query = query.where(Suspect.seller == request.seller)
    if request.skip:
        query = query.where(Suspect.id.not_in(request.skip))
    return query.with_for_update(skip_locked=True)


def _mine(session: Session, person: str, suspects: Sequence[str]) -> Sequence[Suspect]:
    mine = select(Suspect).where(Suspect.id.in_(suspects), Suspect.claimed_by == person, Suspect.state == OPEN)
    return session.scalars(mine.order_by(Suspect.id).with_for_update()).all()
