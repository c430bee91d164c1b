"""The catalogue in Milvus: one row per garment, found by one inner product.

A garment's unit vectors lie side by side in one vector field, so that the inner product with a query whose parts
are multiplied by weights is the weighted similarity. Callers name collections by alias; the
rows live in a physical collection behind it. Rows count as stored once `flush` has returned.

No text of a request ever becomes part of a Milvus expression: keys are hexadecimal digests, categories, items and
photos are numbers.
"""

from seamline.core.collection_names import COLLECTION_NAME, check_name
from seamline.index.candidates import Candidates
from seamline.index.collection import Collection
from seamline.index.connection import DEFAULT_URI
from seamline.index.garment import MAX_ITEM, MAX_PHOTO, MAX_RECORD, Garment
from seamline.index.keys import PHOTO_DIGITS, content_key, photo_key
from seamline.index.rebuild import CollectionInfo, CollectionVersion, Index
from seamline.index.security import Security
from seamline.index.settings import IndexSettings

__all__ = [
    "COLLECTION_NAME",
    "DEFAULT_URI",
    "MAX_ITEM",
    "MAX_PHOTO",
    "MAX_RECORD",
    "PHOTO_DIGITS",
    "Candidates",
    "Collection",
    "CollectionInfo",
    "CollectionVersion",
    "Garment",
    "Index",
    "IndexSettings",
    "Security",
    "check_name",
    "content_key",
    "photo_key",
]
