"""One module a page, with the routes that its scripts call. Routes that begin with /api/ answer in JSON."""

from fastapi import APIRouter

from seamline.desk.pages import (
    batches,
    case_changes,
    case_export,
    case_pairs,
    cases,
    catalogue,
    catalogue_jobs,
    collections,
    compare,
    feedback,
    frame,
    login,
    presets,
    queue,
    receipts,
    search,
    verdicts,
    watches,
)

ROUTERS: tuple[APIRouter, ...] = (
    frame.router,
    login.router,
    search.router,
    presets.router,
    collections.router,
    compare.router,
    queue.router,
    verdicts.router,
    batches.router,
    watches.router,
    catalogue.router,
    catalogue_jobs.router,
    receipts.router,
    cases.router,
    case_pairs.router,
    case_changes.router,
    case_export.router,
    feedback.router,
)
"""All pages, in the order of the menu."""
