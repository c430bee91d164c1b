"""The evidence page for print."""

from __future__ import annotations

import importlib

from PIL import ImageFile

from seamline.core.errors import Unsupported
from seamline.core.extras import requires_extra


def pdf_of(html: str) -> bytes:
    """The page as a PDF. Nothing is loaded for it: a page holds its photos as data URIs.

    Raises Unsupported where WeasyPrint or the library that it sets text with is missing.
    """
    with requires_extra("desk", "PDF files"):
        try:
            importlib.import_module("weasyprint.images")
            from weasyprint import HTML
            from weasyprint.urls import URLFetcher
        except OSError as error:
            raise Unsupported(
                "PDF files need Pango on this machine; on Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0"
            ) from error
    # WeasyPrint lets Pillow read half a picture, in the whole process, once it is imported; we refuse such photos.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    made: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols={"data"})).write_pdf()
    return made
