"""Both repositories once more, with the ensemble `embed_fused` and its steps beside `embed`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as pb

from benchmarks.speed.fused import graph
from seamline.evaluation.weights import Weights, newest
from seamline.local.repository import read_config
from seamline.serving.triton import TICKET

ENSEMBLE = "embed_fused"
NETWORK = "fused"

_MODEL = """from benchmarks.speed.fused.steps import {step}
from seamline.serving.triton import triton_model

TritonPythonModel = triton_model({step})
"""


def write(model_repository: Path, ensembles: Path, folder: Path) -> tuple[Path, Path]:
    """Copies of both repositories below `folder`, with the fused ensemble; `search` is left out."""
    models, pipelines = folder / "model_repository", folder / "ensembles"
    shutil.copytree(model_repository, models, ignore=shutil.ignore_patterns("__pycache__", "configs"))
    shutil.copytree(ensembles / "embed", pipelines / "embed")
    spec = newest(models, "trim") / "spec.json"
    encoder, crop, trim = (read_config(models / name) for name in ("encoder", "crop", "trim"))
    _write_step(models, _numbered(crop), spec, "NumberedCrop")
    _write_step(models, _finish(trim, encoder), spec, "Finish")
    network = _write(models, _network(encoder))
    graph.save(Weights.of_repository(models), network / "model.onnx")
    _write(pipelines, _ensemble(read_config(pipelines / "embed")))
    return models, pipelines


def _write(repository: Path, config: Any) -> Path:
    version = repository / config.name / "1"
    version.mkdir(parents=True)
    (version.parent / "config.pbtxt").write_text(text_format.MessageToString(config), encoding="utf-8")
    return version


def _write_step(repository: Path, config: Any, spec: Path, step: str) -> None:
    version = _write(repository, config)
    (version / "model.py").write_text(_MODEL.format(step=step), encoding="utf-8")
    shutil.copy(spec, version)


def _numbered(crop: Any) -> Any:
    config = pb.ModelConfig()
    config.CopyFrom(crop)
    config.name = "numbered_crop"
    config.output.add(name="CATEGORY_NUMBER", data_type=pb.TYPE_INT32, dims=[-1, 1])
    return config


_ROWS = {"PLACED": [22, 3], "BOXES": [5, 4], "VISIBLE": [5]}
_ANSWERS = {"PLACED": "LANDMARKS", "BOXES": "REGION_BOXES", "VISIBLE": "REGION_VISIBLE"}


def _finish(trim: Any, encoder: Any) -> Any:
    config = pb.ModelConfig()
    config.CopyFrom(trim)
    config.name = "finish"
    for name, dims in _ROWS.items():
        config.input.add(name=name, data_type=pb.TYPE_FP32, dims=[-1, *dims])
        config.output.add(name=_ANSWERS[name], data_type=pb.TYPE_FP32, dims=[-1, *dims])
    return config


def _network(encoder: Any) -> Any:
    """As many instances and threads as the encoder has."""
    config = pb.ModelConfig()
    config.CopyFrom(encoder)
    config.name = NETWORK
    config.input.add(name="CATEGORY_NUMBER", data_type=pb.TYPE_INT32, dims=[1])
    config.input.add(name="SQUARES", data_type=pb.TYPE_FP32, dims=[4])
    del config.output[:]
    for name, dims in _ROWS.items():
        config.output.add(name=_ANSWERS[name], data_type=pb.TYPE_FP32, dims=dims)
    config.output.add(name="EMBEDDING", data_type=pb.TYPE_FP32, dims=[5, 128])
    for warm_up in config.model_warmup:
        for tensor in config.input[1:]:
            fed = warm_up.inputs[tensor.name]
            fed.data_type, fed.zero_data = tensor.data_type, True
            fed.dims.extend(tensor.dims)
    return config


def _ensemble(embed: Any) -> Any:
    config = pb.ModelConfig()
    config.CopyFrom(embed)
    config.name = ENSEMBLE
    decode, detector, crop = list(config.ensemble_scheduling.step)[:3]
    crop.model_name = "numbered_crop"
    crop.output_map["CATEGORY_NUMBER"] = "category_number"
    del crop.output_map["CROP_CATEGORY"]
    fused = pb.ModelEnsembling.Step(model_name=NETWORK, model_version=-1)
    fused.input_map.update({"CROPS": "crops", "CATEGORY_NUMBER": "category_number", "SQUARES": "squares"})
    fused.output_map.update({answer: name.lower() for name, answer in _ANSWERS.items()} | {"EMBEDDING": "embedding"})
    finish = pb.ModelEnsembling.Step(model_name="finish", model_version=-1)
    carried = {"HEAD_EMBEDDING": "embedding", "COUNT": "COUNT", TICKET: decode.output_map[TICKET]}
    finish.input_map.update({name: name.lower() for name in _ROWS} | carried)
    finish.output_map.update({name: name for name in [*_ANSWERS.values(), "EMBEDDING", "VERSIONS"]})
    chain = [decode, detector, crop, fused, finish]
    del config.ensemble_scheduling.step[:]
    config.ensemble_scheduling.step.extend(chain)
    return config
