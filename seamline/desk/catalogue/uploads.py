"""Photos that are sent to be indexed: kept by hash, noted with their items, and named in a manifest for the run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from seamline.catalogue import Item
from seamline.catalogue.items import problem_of
from seamline.core.errors import BadOption
from seamline.core.output_files import output_file
from seamline.core.printable import printable
from seamline.desk.catalogue.holders import is_used
from seamline.desk.catalogue.jobs import RECEIVING, photos_of
from seamline.desk.context import Desk
from seamline.desk.errors import Conflict
from seamline.desk.pictures import keep_photo
from seamline.desk.store import PhotoFiles
from seamline.desk.store.models import IndexJob, StoredPhoto, UploadedPhoto

FILE = "file"
"""Under this name the metadata of an uploaded photo tell what its file was called; its address is made of its hash."""

_LONGEST = 255


def add_photo(desk: Desk, job: IndexJob, photo: bytes, name: str, item: str, details: Mapping[str, str]) -> str:
    """Keep a photo of a job and note its item, by default the file's name without its suffix; the item's id.

    Raises BadPhoto for what is none, BadOption for an id that no collection has room for, Conflict for a job that takes
    no more photos.
    """
    shown = printable(PurePath(name.replace("\\", "/")).name)[:_LONGEST]
    named = item.strip() or PurePath(shown).stem.strip()
    metadata = {key: value.strip()[:_LONGEST] for key, value in details.items() if value.strip()}
    _check(named, metadata)
    if job.state != RECEIVING:
        raise Conflict("this upload has been started; begin another one for more photos")
    stored = keep_photo(desk, photo)
    with desk.store.session() as session:
        row = UploadedPhoto(job_id=job.id, sha256=stored.sha256, item=named, name=shown, details=metadata)
        session.add(row)
    return named


def discard_upload(desk: Desk, job: IndexJob) -> None:
    """Forget an upload that was never started, with its photos. Raises Conflict for any other job."""
    photos = {photo.sha256 for photo in photos_of(desk.store, job.id)}
    with desk.store.session() as session:
        session.execute(delete(UploadedPhoto).where(UploadedPhoto.job_id == job.id))
        gone = session.execute(delete(IndexJob).where(IndexJob.id == job.id, IndexJob.state == RECEIVING))
        if not gone.rowcount:  # type: ignore[attr-defined]
            raise Conflict("only an upload that was not started yet can be discarded; stop this job instead")
    for sha256 in photos:
        remove_photo(desk, sha256)


def remove_photo(desk: Desk, sha256: str) -> bool:
    """Delete a photo of the store unless something refers to it, which the database sees to; whether it is gone."""
    try:
        with desk.store.session() as session:
            row = session.get(StoredPhoto, sha256)
            if row is None or is_used(session, sha256):
                return False
            session.delete(row)
            session.flush()
            desk.photos.remove(sha256)
    except IntegrityError:
        return False
    return True


def write_manifest(file: Path, photos: Sequence[UploadedPhoto], kept: PhotoFiles) -> None:
    """A manifest of uploaded photos, as JSON Lines. Raises BadOption where it cannot be written."""
    with output_file(file) as opened:
        for photo in photos:
            row = {**photo.details, FILE: photo.name, "item": photo.item, "photo": str(kept.path(photo.sha256))}
            opened.write(json.dumps(row).encode() + b"\n")


def _check(item: str, metadata: Mapping[str, str]) -> None:
    if not item:
        raise BadOption("say which item the photo shows; its file has no name")
    problem = problem_of(Item(item, "photo", metadata))
    if problem is not None:
        raise BadOption(f"the photo cannot be indexed: {problem.reason}")
