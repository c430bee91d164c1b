"""The 294 template points of DeepFashion2 (Ge et al., CVPR 2019) and what they tell about proportions.

Coordinates are shares of the bounding box of a category's own points (x right, y down), measured on the landmark
figure of the dataset's README; `aspect` is that box's width over its height. The points walk round the outline: neck,
left sleeve, left side, hem, right side, right sleeve; left is the picture's left. On short sleeve outwear the figure's
points 2 and 4 stand exchanged here, as on all other tops: the neck's corner is 2, the top of the front edge 4.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seamline.data.readers.deepfashion2_layout import landmark_indices

_FIGURE = {
    "short sleeve top": """
        0.86: 0.50,0.06 0.39,0.00 0.43,0.09 0.53,0.15 0.60,0.09 0.64,0.00 0.19,0.07 0.09,0.17 0.00,0.27 0.11,0.38
        0.17,0.35 0.22,0.28 0.27,0.45 0.23,0.68 0.22,0.96 0.49,1.00 0.77,0.96 0.76,0.69 0.74,0.45 0.80,0.30 0.84,0.33
        0.88,0.37 1.00,0.28 0.94,0.17 0.83,0.07
    """,
    "long sleeve top": """
        0.86: 0.48,0.07 0.36,0.00 0.41,0.09 0.48,0.14 0.57,0.08 0.61,0.00 0.14,0.14 0.04,0.34 0.02,0.57 0.00,0.73
        0.01,0.93 0.12,0.92 0.12,0.73 0.14,0.57 0.16,0.48 0.20,0.39 0.24,0.46 0.24,0.71 0.22,0.97 0.49,1.00 0.76,0.97
        0.76,0.70 0.77,0.46 0.78,0.39 0.83,0.50 0.86,0.60 0.87,0.74 0.84,0.93 0.96,0.94 0.99,0.74 1.00,0.59 0.95,0.36
        0.82,0.13
    """,
    "short sleeve outwear": """
        1.10: 0.50,0.04 0.31,0.03 0.38,0.08 0.45,0.11 0.61,0.05 0.65,0.00 0.15,0.16 0.05,0.33 0.00,0.51 0.09,0.56
        0.15,0.47 0.20,0.40 0.22,0.53 0.22,0.74 0.20,0.96 0.41,1.00 0.77,0.95 0.75,0.69 0.75,0.49 0.76,0.38 0.85,0.43
        0.90,0.50 1.00,0.42 0.94,0.30 0.81,0.13 0.54,0.11 0.57,0.50 0.57,0.71 0.57,1.00 0.43,0.50 0.43,0.71
    """,
    "long sleeve outwear": """
        1.07: 0.51,0.04 0.30,0.03 0.38,0.08 0.46,0.11 0.64,0.05 0.69,0.00 0.13,0.16 0.04,0.36 0.01,0.54 0.00,0.71
        0.01,0.94 0.11,0.92 0.10,0.71 0.13,0.56 0.13,0.47 0.18,0.40 0.20,0.53 0.21,0.74 0.18,0.96 0.42,1.00 0.82,0.95
        0.79,0.69 0.79,0.49 0.81,0.38 0.86,0.49 0.86,0.60 0.86,0.75 0.85,0.91 0.97,0.93 1.00,0.73 1.00,0.53 0.95,0.35
        0.86,0.13 0.56,0.11 0.59,0.50 0.59,0.71 0.60,1.00 0.44,0.51 0.44,0.71
    """,
    "vest": """
        0.64: 0.55,0.14 0.21,0.02 0.32,0.20 0.51,0.33 0.82,0.20 0.86,0.01 0.09,0.02 0.08,0.45 0.07,0.67 0.00,0.96
        0.50,1.00 1.00,1.00 0.93,0.67 0.99,0.42 1.00,0.00
    """,
    "sling": """
        0.62: 0.46,0.30 0.20,0.20 0.33,0.31 0.46,0.36 0.64,0.30 0.76,0.20 0.12,0.00 0.04,0.55 0.08,0.75 0.00,0.96
        0.50,0.98 0.88,1.00 0.91,0.74 1.00,0.54 0.83,0.01
    """,
    "shorts": """
        1.05: 0.12,0.02 0.56,0.04 0.91,0.00 0.03,0.48 0.00,0.95 0.42,0.98 0.48,0.70 0.56,1.00 1.00,0.92 0.94,0.44
    """,
    "trousers": """
        0.59: 0.15,0.01 0.49,0.00 0.87,0.00 0.05,0.30 0.03,0.56 0.00,0.98 0.27,0.97 0.38,0.56 0.45,0.27 0.66,0.56
        0.70,1.00 0.97,0.98 1.00,0.56 0.95,0.28
    """,
    "skirt": """
        1.02: 0.37,0.00 0.54,0.05 0.72,0.00 0.19,0.41 0.00,0.78 0.52,1.00 1.00,0.83 0.85,0.41
    """,
    "short sleeve dress": """
        0.96: 0.47,0.04 0.33,0.02 0.39,0.08 0.47,0.13 0.56,0.09 0.63,0.00 0.15,0.12 0.12,0.24 0.10,0.36 0.20,0.36
        0.23,0.29 0.25,0.21 0.28,0.29 0.30,0.38 0.31,0.51 0.21,0.77 0.00,1.00 0.52,0.99 1.00,1.00 0.75,0.75 0.66,0.50
        0.64,0.39 0.65,0.29 0.70,0.20 0.72,0.30 0.75,0.38 0.89,0.35 0.86,0.23 0.81,0.12
    """,
    "long sleeve dress": """
        0.94: 0.47,0.05 0.33,0.02 0.37,0.09 0.48,0.13 0.56,0.07 0.61,0.00 0.16,0.11 0.11,0.23 0.08,0.33 0.06,0.42
        0.04,0.50 0.14,0.50 0.17,0.43 0.20,0.34 0.21,0.28 0.23,0.21 0.27,0.31 0.29,0.41 0.29,0.54 0.21,0.72 0.00,0.98
        0.49,1.00 1.00,0.99 0.76,0.75 0.65,0.52 0.63,0.39 0.65,0.29 0.69,0.21 0.72,0.27 0.73,0.35 0.74,0.45 0.76,0.52
        0.90,0.52 0.89,0.41 0.89,0.33 0.86,0.20 0.78,0.07
    """,
    "vest dress": """
        0.97: 0.42,0.12 0.26,0.02 0.30,0.16 0.44,0.23 0.55,0.14 0.59,0.02 0.14,0.03 0.21,0.30 0.23,0.41 0.23,0.52
        0.20,0.72 0.00,0.98 0.46,1.00 1.00,0.97 0.64,0.71 0.62,0.52 0.63,0.41 0.64,0.29 0.68,0.00
    """,
    "sling dress": """
        0.75: 0.51,0.24 0.33,0.20 0.41,0.28 0.54,0.32 0.63,0.27 0.69,0.20 0.18,0.02 0.19,0.37 0.26,0.49 0.26,0.63
        0.15,0.82 0.00,1.00 0.51,1.00 1.00,1.00 0.81,0.81 0.75,0.62 0.75,0.48 0.77,0.37 0.78,0.00
    """,
}
"""Category -> aspect and points, in the dataset's order of categories."""


def _template(text: str) -> NDArray[np.float64]:
    aspect, pairs = text.split(":")
    return np.array([pair.split(",") for pair in pairs.split()], float) * (float(aspect), 1.0)


TEMPLATES = {category: _template(text) for category, text in _FIGURE.items()}
"""Category -> its points (N, 2), in units of the box's height."""


def template_landmarks(category: str) -> dict[str, NDArray[np.float64]]:
    """Landmark name -> (2,) position on the category's template, in units of its height."""
    points = TEMPLATES[category]
    return {name: points[np.array(numbers) - 1].mean(0) for name, numbers in landmark_indices(category).items()}


def symmetric_landmarks(category: str) -> dict[str, NDArray[np.float64]]:
    """As `template_landmarks`, about the axis x = 0 and with both sides averaged: the figures are lopsided."""
    points = template_landmarks(category)
    pairs = [(name, name.replace("left", "right")) for name in points if "left" in name]
    axis = np.mean([(points[left][0] + points[right][0]) / 2 for left, right in pairs])
    flip = np.array([-1.0, 1.0])
    even = {name: np.array([0.0, point[1]]) for name, point in points.items()}
    for left, right in pairs:
        even[left] = (points[left] - (axis, 0) + flip * (points[right] - (axis, 0))) / 2
        even[right] = flip * even[left]
    return even
