"""Work on collections that was begun at the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from seamline.desk.store.types import Base, new_id, now


class IndexJob(Base):
    """A folder or upload that is being indexed. `source`: the folder or manifest, empty for an upload. `state`:
    receiving photos, waiting, running, done, failed or stopped; `progress`: counts; `message`: the sentence to show."""

    __tablename__ = "index_job"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    collection: Mapped[str]
    source: Mapped[str]
    owner: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    message: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class UploadedPhoto(Base):
    """A photo that was sent to be indexed, by the item that it shows. `name`: of the file; `details`: its metadata."""

    __tablename__ = "uploaded_photo"
    __table_args__ = (Index("upload_by_photo", "sha256"), Index("upload_by_item", "item"))

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("index_job.id"))
    sha256: Mapped[str] = mapped_column(ForeignKey("photo.sha256"))
    item: Mapped[str]
    name: Mapped[str]
    details: Mapped[dict[str, Any]]


class DeletionReceipt(Base):
    """What was deleted of an item, and when it is final. `content`: all of it, in JSON."""

    __tablename__ = "deletion_receipt"
    __table_args__ = (Index("receipt_by_collection", "collection", "made_at"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    collection: Mapped[str]
    item: Mapped[str]
    owner: Mapped[str]
    content: Mapped[dict[str, Any]]
    made_at: Mapped[datetime] = mapped_column(default=now)
