"""The queue: what a watch has found, and what people said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from seamline.desk.store.types import Base, new_id, now


class Watch(Base):
    """New garments of the collection `listings` are compared with those of `originals`."""

    __tablename__ = "watch"
    __table_args__ = (UniqueConstraint("listings", "originals"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    listings: Mapped[str]
    originals: Mapped[str]
    at_least: Mapped[float]
    made_at: Mapped[datetime] = mapped_column(default=now)


class Screened(Base):
    """A garment of the listings that was compared; its key changes with the photo's content. `problem`: why it could
    not be, and will be tried again."""

    __tablename__ = "screened"

    watch_id: Mapped[str] = mapped_column(ForeignKey("watch.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    problem: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(default=now)


class Suspect(Base):
    """A listing that looks like a copy of an original; one for each pair of items, for good.

    `pair`: both garments and how they compare, as of `seamline.desk.pairs.Pair`. `seller`: of the listing, shortened to
    what an index holds. A card that somebody looks at is `claimed_by` them until `claimed_until`. `state`: open or
    judged.
    """

    __tablename__ = "suspect"
    __table_args__ = (
        UniqueConstraint("originals", "original_item", "listing_item"),
        Index("suspect_by_probability", "watch_id", "state", "probability"),
        Index("suspect_by_seller", "watch_id", "state", "seller", "probability"),
        Index("suspect_by_claim", "claimed_by", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    watch_id: Mapped[str] = mapped_column(ForeignKey("watch.id"))
    originals: Mapped[str]
    original_item: Mapped[str]
    listing_item: Mapped[str]
    seller: Mapped[str]
    probability: Mapped[float]
    pair: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="open")
    claimed_by: Mapped[str | None]
    claimed_until: Mapped[datetime | None]
    found_at: Mapped[datetime] = mapped_column(default=now)


_IS_OPEN = text("closed_at IS NULL")


class Batch(Base):
    """The verdicts that one person gives between two summaries; for each collection of originals one is open."""

    __tablename__ = "batch"
    __table_args__ = (
        Index("batch_by_owner", "owner", "closed_at"),
        Index("open_batch", "owner", "originals", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    owner: Mapped[str]
    originals: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]


class Verdict(Base):
    """What somebody said of a suspect: copy, not_copy or unsure. One that was taken back has `undone_at`."""

    __tablename__ = "verdict"
    __table_args__ = (
        Index("verdict_by_suspect", "suspect_id"),
        Index("verdict_by_batch", "batch_id", "at"),
        Index("verdict_by_owner", "owner", "at"),
        Index("verdict_by_word", "verdict", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    suspect_id: Mapped[str] = mapped_column(ForeignKey("suspect.id"))
    batch_id: Mapped[str] = mapped_column(ForeignKey("batch.id"))
    verdict: Mapped[str]
    owner: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=now)
    undone_at: Mapped[datetime | None]

    suspect: Mapped[Suspect] = relationship()
