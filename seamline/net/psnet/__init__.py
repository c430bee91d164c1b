"""PS-Net (Plagiarized-Search-Net; Lang et al., CVPR 2020), faithful by its default options.

The paper leaves the number and width of many layers open; config.py says which of them are choices of this
implementation, and which options deviate from the paper.
"""

from seamline.net.psnet.config import ATTENTIONS, DECODINGS, HEATMAP_SIDES, PSNetConfig, encoder_spec
from seamline.net.psnet.head import PSNetHead, region_boxes_of
from seamline.net.psnet.landmarks import landmark_loss
from seamline.net.psnet.network import PSNet, PSNetOutput

__all__ = [
    "ATTENTIONS",
    "DECODINGS",
    "HEATMAP_SIDES",
    "PSNet",
    "PSNetConfig",
    "PSNetHead",
    "PSNetOutput",
    "encoder_spec",
    "landmark_loss",
    "region_boxes_of",
]
