#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Opens a sidecar that the plugin wrote with the official safetensors reader and compares every value with
numpy's own arithmetic on the source shards."""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile


import numpy
import safetensors

WIDTHS = {"BF16": "<u2", "F16": "<u2", "F32": "<u4", "I64": "<i8"}


def source_tensors(path):
    """name -> (dtype, shape, array of bits), read with nothing but the layout of the format."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        bits = numpy.frombuffer(data[8 + length + begin : 8 + length + end], dtype=WIDTHS[entry["dtype"]])
        yield name, entry["dtype"], entry["shape"], bits


def bf16_bits(dtype, bits):
    """BF16 by choosing the nearer of the two neighbours in float64, ties to the even one."""
    if dtype == "BF16":
        return bits
    values = bits.view("<f2" if dtype == "F16" else "<f4").astype(numpy.float64)
    single = values.astype(numpy.float32)
    assert numpy.array_equal(single.astype(numpy.float64), values)
    below = (single.view(numpy.uint32) >> 16).astype(numpy.uint32)
    as_value = lambda half: (half << 16).astype(numpy.uint32).view(numpy.float32).astype(numpy.float64)
    to_below = numpy.abs(values - as_value(below))
    to_above = numpy.abs(as_value(below + 1) - values)
    up = (to_above < to_below) | ((to_above == to_below) & (below % 2 == 1))
    return (below + up).astype(numpy.uint16)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([sys.argv[1], name], check=True)
        sidecar = folder / "mtp.safetensors"
        expected = {}
        for shard in sorted(folder.glob("model*.safetensors")):
            for tensor, dtype, shape, bits in source_tensors(shard):
                if tensor.startswith("mtp."):
                    expected[tensor] = (dtype, shape, bits)
        assert len(expected) == 24, len(expected)

        raw = {tensor: (dtype, shape, bits) for tensor, dtype, shape, bits in source_tensors(sidecar)}
        with safetensors.safe_open(str(sidecar), framework="numpy") as file:
            assert sorted(file.keys()) == sorted(expected), "names differ"
            assert file.metadata()["mtp.layout"] == "qwen", file.metadata()
            assert file.metadata()["format"] == "pt"
            for tensor, (dtype, shape, bits) in expected.items():
                piece = file.get_slice(tensor)
                assert piece.get_shape() == shape, tensor
                assert piece.get_dtype() == ("I64" if dtype == "I64" else "BF16"), tensor
                wanted = bits if dtype == "I64" else bf16_bits(dtype, bits)
                assert numpy.array_equal(raw[tensor][2], wanted), f"values of {tensor} differ"
        parsed = dict(safetensors.deserialize(sidecar.read_bytes()))
        for tensor, (dtype, shape, bits) in raw.items():
            assert bytes(parsed[tensor]["data"]) == bits.tobytes(), tensor
        values = sum(bits.size for _, _, bits in expected.values())
        print(f"safetensors {safetensors.__version__} read {len(expected)} tensors, {values} values equal")


main()
