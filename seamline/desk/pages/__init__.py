"""One module a page, with the routes that its scripts call. Routes that begin with /api/ answer in JSON."""

from fastapi import APIRouter

from seamline.desk.pages import collections, frame, login, presets, search

ROUTERS: tuple[APIRouter, ...] = (
    frame.router,
    login.router,
    search.router,
    presets.router,
    collections.router,
)
"""All pages, in the order of the menu."""
