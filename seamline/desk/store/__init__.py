"""What the desk keeps: searches, suspects, verdicts, cases, in SQLite or PostgreSQL, and photos by their hash.

Models are one file a subject; `migrations/` holds how an older store becomes today's.
"""

from seamline.desk.store.engine import Store, open_store
from seamline.desk.store.photo_files import PhotoFiles

__all__ = ["PhotoFiles", "Store", "open_store"]
