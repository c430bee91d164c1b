"""The tables of the desk."""

from seamline.desk.store.models.case import Case, CaseEntry, CasePair
from seamline.desk.store.models.catalogue import DeletionReceipt, IndexJob, UploadedPhoto
from seamline.desk.store.models.people import SignIn
from seamline.desk.store.models.photo import StoredPhoto
from seamline.desk.store.models.queue import Batch, Screened, Suspect, Verdict, Watch
from seamline.desk.store.models.search import Preset, SearchRecord

__all__ = [
    "Batch",
    "Case",
    "CaseEntry",
    "CasePair",
    "DeletionReceipt",
    "IndexJob",
    "Preset",
    "Screened",
    "SearchRecord",
    "SignIn",
    "StoredPhoto",
    "Suspect",
    "UploadedPhoto",
    "Verdict",
    "Watch",
]
