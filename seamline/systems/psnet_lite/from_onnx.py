"""The shipped networks as PyTorch modules again, out of the ONNX files that are served."""

from __future__ import annotations

from pathlib import Path

import torch

from seamline.core.spec import LANDMARKS
from seamline.exporting.from_onnx import load_folded
from seamline.exporting.onnx_weights import OnnxWeights
from seamline.nn.landmarks import LandmarkBranch, LandmarkConfig
from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig
from seamline.systems.psnet_lite.region_head import RegionHead, RegionHeadConfig
from seamline.systems.psnet_lite.whole_head import SERVED, WholeHead

_BRANCH = "landmarks."
_EVIDENCE = "evidence.weight"
"""What networks of earlier versions lack; it starts as zeros, which say nothing."""
_WHOLE_BIAS = "whole.bias"
_WHOLE = "whole."


def landmarks_from_onnx(path: Path) -> LandmarkBranch:
    """The landmark branch of an `encoder`'s model.onnx, in evaluation mode. Raises NotFound for any other file."""
    branch = LandmarkBranch(LandmarkConfig(len(LANDMARKS)))
    load_folded(branch, path, _BRANCH, skip=_lacking(path, ""))
    return branch.eval()


def encoder_from_onnx(path: Path) -> Encoder:
    """The encoder of a model.onnx, in evaluation mode. Raises NotFound for any other file.

    What both backbones have alike is one in the file, under the landmark branch's names. A file of before encoders had
    ImageNet's last level is read with it.
    """
    encoder = Encoder(EncoderConfig(LandmarkConfig(len(LANDMARKS))))
    encoder.whole.take_imagenet()
    whole = tuple(f"{_WHOLE}{name}" for name in encoder.whole.state_dict())
    skip = ("retrieval.bias", *_lacking(path, _BRANCH), *(() if whole[0] in OnnxWeights(path) else whole))
    load_folded(encoder, path, shared={"retrieval.backbone.": "landmarks.backbone."}, skip=skip)
    bias, _ = OnnxWeights(path).after("retrieval.project.0.weight", "Add")
    with torch.no_grad():
        encoder.retrieval.bias.copy_(bias.flatten())
    return encoder.eval()


def region_head_from_onnx(path: Path) -> RegionHead:
    """The five regions' head of a region_head's model.onnx, in evaluation mode. Raises NotFound for any other file.

    The file has the weights of five regions; both sleeves have the same.
    """
    head, weights = RegionHead(RegionHeadConfig()), OnnxWeights(path)
    kernel, bias = weights.projection(head.config.statistics)
    with torch.no_grad():
        head.weight.copy_(kernel.reshape(-1, *head.weight.shape[1:])[: len(head.weight)])
        head.bias.copy_(bias[: len(head.bias)])
    return head.eval()


def whole_head_from_onnx(path: Path) -> WholeHead:
    """The whole garment's head of a region_head's model.onnx, in evaluation mode. Raises NotFound for any other file,
    one from before garments had such parts among them."""
    head, weights = WholeHead(SERVED), OnnxWeights(path)
    with torch.no_grad():
        head.weight.copy_(weights.kernel_beside(_WHOLE_BIAS)[..., 0])
        head.bias.copy_(weights.tensor(_WHOLE_BIAS))
    return head.eval()


def _lacking(path: Path, prefix: str) -> tuple[str, ...]:
    return () if f"{_BRANCH}{_EVIDENCE}" in OnnxWeights(path) else (f"{prefix}{_EVIDENCE}",)
