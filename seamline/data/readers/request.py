"""What a reader is asked for."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from seamline.data.readers.bad_dataset import Report, refuse


@dataclasses.dataclass(frozen=True)
class Request:
    """`folder`: the dataset's; labels name photos relative to it. `split`: the set's own name of it. `out`: folder of
    the label file, where masks are written. `keep_occluded`: whether points that the annotators placed behind
    something count as known; otherwise they are unsure."""

    folder: Path
    split: str
    out: Path
    keep_occluded: bool = False
    report: Report = refuse
