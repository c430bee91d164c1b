"""What people call the parts of a garment: a place may have another name on trousers than on a shirt."""

from __future__ import annotations

from seamline.core.parts import Parts


def paired_labels(parts: Parts, category: str, other: str, *, mirrored: bool) -> tuple[tuple[str, str], ...]:
    """Per part of the first garment: its name, and that of the other garment's part that it is compared with."""
    names, others = parts.labels_for(category), parts.labels_for(other)
    order = parts.mirror if mirrored else range(len(parts))
    return tuple(zip(names, (others[place] for place in order), strict=True))
