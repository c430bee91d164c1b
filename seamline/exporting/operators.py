"""The operators that an exported network may use: those that every runtime it is meant for has.

onnxruntime's CPU build has a kernel for each, or expands it into ones it has; NVIDIA's ONNX parser says that it
supports each. Operators whose output's shape depends on values are left out, because no engine can be planned behind
them, and control flow, because its branches may hold anything.
"""

from __future__ import annotations

import onnx

from seamline.exporting.errors import ExportRefused

STANDARD_DOMAINS = ("", "ai.onnx")

_NAMES = """
    Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Constant ConstantOfShape Conv
    ConvTranspose Cos CumSum DepthToSpace DequantizeLinear Div Einsum Elu Equal Erf Exp Expand Flatten Floor Gather
    GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample
    GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LayerNormalization LeakyRelu Less
    LessOrEqual Log LogSoftmax MatMul Max MaxPool Mean Min Mul Neg Not Or Pad Pow PRelu QuantizeLinear Range ReduceL1
    ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu
    Reshape Resize Round ScatterElements ScatterND Selu Shape Sigmoid Sign Sin Size Slice Softmax Softplus Softsign
    SpaceToDepth Split Sqrt Squeeze Sub Sum Tan Tanh Tile TopK Transpose Trilu Unsqueeze Where Xor
"""

ALLOWED = frozenset(_NAMES.split())


def check_operators(model: onnx.ModelProto) -> None:
    """Raise ExportRefused for the first node whose operator or domain a runtime may lack, naming the node."""
    for node in model.graph.node:
        if node.domain not in STANDARD_DOMAINS:
            raise ExportRefused(
                f"the layer {node.name} needs {node.domain}.{node.op_type}, which is no standard ONNX operator; "
                "write the network without it"
            )
        if node.op_type not in ALLOWED:
            raise ExportRefused(
                f"the layer {node.name} needs the operator {node.op_type}, which TensorRT or onnxruntime lacks; "
                "write the network without it"
            )
