"""The Python SDK: photos in, garments and hits out, over gRPC.

    from seamline.client import Client

    with Client() as client:
        found = client.search(Path("suspect.jpg"), collection="catalogue", top_k=5)
        for garment in found.garments:
            for hit in garment.hits:
                print(hit.item, hit.score, hit.copy_probability)

A similarity is the cosine of two unit vectors: larger is more alike, everywhere. Boxes are x0, y0, x1, y1
in pixels of the upright photo. Every failure is a `seamline.core.errors.SeamlineError`.
"""

from seamline.client.api import Client
from seamline.client.jsonable import to_jsonable
from seamline.client.many import Outcome
from seamline.client.results import (
    Comparison,
    Embedded,
    Garment,
    GarmentPair,
    Hit,
    IndexVersion,
    Searched,
    SearchedGarment,
    Versions,
)
from seamline.client.retrying import RetryPolicy
from seamline.client.security import ClientSecurity

__all__ = [
    "Client",
    "ClientSecurity",
    "Comparison",
    "Embedded",
    "Garment",
    "GarmentPair",
    "Hit",
    "IndexVersion",
    "Outcome",
    "RetryPolicy",
    "Searched",
    "SearchedGarment",
    "Versions",
    "to_jsonable",
]
