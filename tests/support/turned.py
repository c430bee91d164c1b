"""Photos turned about their middle, and the boxes of what they show."""

from __future__ import annotations

import cv2
import numpy as np

F = np.float32
FILL = (124, 116, 104)


def turned_photo(rgb: np.ndarray, degrees: float, fill: tuple[int, int, int] = FILL) -> tuple[np.ndarray, np.ndarray]:
    """A photo turned clockwise in a frame that holds it, and the affine matrix of its points (continuous)."""
    height, width = rgb.shape[:2]
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    side = int(np.ceil(np.hypot(height, width)))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    matrix = np.column_stack([turn, np.full(2, side / 2) - turn @ [width / 2, height / 2]])
    shifted = matrix.copy()
    shifted[:, 2] += turn @ [0.5, 0.5] - 0.5  # OpenCV's pixels have their centres at whole numbers
    return cv2.warpAffine(rgb, shifted, (side, side), flags=cv2.INTER_CUBIC, borderValue=fill), matrix


def moved(box: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """A box whose centre an affine matrix moves."""
    centre, half = matrix[:, :2] @ ((box[:2] + box[2:]) / 2) + matrix[:, 2], (box[2:] - box[:2]) / 2
    return np.concatenate([centre - half, centre + half]).astype(F)
