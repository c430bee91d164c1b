"""The baseline: `embed` and `search` as a FastAPI service with onnxruntime, the way it is usually written.

    uvicorn benchmarks.speed.load.fastapi_service:app --workers 2

One session per network and worker, endpoints that FastAPI runs in its thread pool, JSON answers by Pydantic. It has the
networks, the pixels and the index of the served path, so that only the serving differs. LOAD_MODEL_REPOSITORY names the
networks, LOAD_THREADS the threads of a session (0, onnxruntime's own choice, unless it is set).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, File, HTTPException
from pydantic import BaseModel

from benchmarks.speed.in_process import InProcess
from benchmarks.speed.load.backend import COLLECTION
from seamline.core.errors import InvalidArgument
from seamline.core.garments import Detections, Embeddings


class Garment(BaseModel):
    """One garment of a photo."""

    box: list[float]
    score: float
    category: str
    landmarks: list[list[float]]
    part_boxes: list[list[float]]
    part_visible: list[float]
    embedding: list[list[float]]


class Embedded(BaseModel):
    """The answer of `/embed`."""

    garments: list[Garment]


class Hit(BaseModel):
    """One garment of the catalogue."""

    id: str
    score: float
    part_similarity: list[float | None]
    copy_probability: float | None


class Searched(BaseModel):
    """The answer of `/search`: hits per garment."""

    garments: list[list[Hit]]


@asynccontextmanager
async def _with_networks(app: FastAPI) -> AsyncIterator[None]:
    threads = int(os.environ.get("LOAD_THREADS", "0"))
    app.state.path = InProcess(Path(os.environ["LOAD_MODEL_REPOSITORY"]), threads=threads)
    yield


app = FastAPI(lifespan=_with_networks)


@app.get("/health")
def health() -> str:
    """Whether the worker has its networks."""
    return "ok"


@app.post("/embed")
def embed(photo: Annotated[bytes, File()]) -> Embedded:
    """The garments of a photo with their vectors."""
    path: InProcess = app.state.path
    try:
        detections, embeddings = path.embed(photo)
    except InvalidArgument as error:
        raise HTTPException(400, str(error)) from None
    return Embedded(garments=[_garment(detections, embeddings, row) for row in range(len(detections))])


@app.post("/search")
def search(photo: Annotated[bytes, File()]) -> Searched:
    """The catalogue's garments most like those of the photo."""
    path: InProcess = app.state.path
    try:
        answer = path.search(photo, COLLECTION)
    except InvalidArgument as error:
        raise HTTPException(400, str(error)) from None
    rows = zip(
        answer["HIT_ID"].tolist(), answer["HIT_SCORE"].tolist(), answer["HIT_PART_SIMILARITY"].tolist(),
        answer["HIT_COPY_PROBABILITY"].tolist(), strict=True,
    )  # fmt: skip
    return Searched(
        garments=[
            [
                Hit(id=key.decode(), score=score, part_similarity=similarity, copy_probability=probability)
                for key, score, similarity, probability in zip(*row, strict=True)
            ]
            for row in rows
        ]
    )


def _garment(detections: Detections, embeddings: Embeddings, row: int) -> Garment:
    return Garment(
        box=detections.boxes[row].tolist(),
        score=float(detections.scores[row]),
        category=detections.categories[row],
        landmarks=[] if embeddings.landmarks is None else embeddings.landmarks[row].tolist(),
        part_boxes=embeddings.part_boxes[row].tolist(),
        part_visible=embeddings.part_visible[row].tolist(),
        embedding=embeddings.vectors[row].tolist(),
    )
