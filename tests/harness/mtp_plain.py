# SPDX-License-Identifier: Apache-2.0
"""Single elements of a sidecar, computed one by one with Python's own numbers: for tests without numpy.

A product of at most 28 significant bits is exact in a Python float; packing it as FP32 rounds it once, to the
nearest, ties to even. The rounding to BF16 is the second one.
"""
import math
import struct

WIDTHS = {"BF16": 2, "F16": 2, "F32": 4, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "I8": 1, "U8": 1}
FP4 = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)


def bf16_of(value):
    """BF16 bits of a float that FP32 holds exactly, or rounds."""
    (bits,) = struct.unpack("<I", struct.pack("<f", value))
    return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16


def e4m3(code):
    assert code & 0x7F != 0x7F
    exponent, mantissa = code >> 3 & 15, code & 7
    size = math.ldexp(8 + mantissa, exponent - 10) if exponent else math.ldexp(mantissa, -9)
    return math.copysign(size, -1.0 if code & 0x80 else 1.0)


def fp4(byte, high):
    code = byte >> 4 if high else byte & 15
    return math.copysign(FP4[code & 7], -1.0 if code & 8 else 1.0)


def element(tensor, index):
    """Element of a tensor, by its place in row-major order, as an exact float."""
    dtype, _, data = tensor
    width = WIDTHS[dtype]
    piece = data[index * width:(index + 1) * width]
    if dtype == "BF16":
        return struct.unpack("<f", b"\0\0" + piece)[0]
    if dtype in ("F32", "F16"):
        return struct.unpack("<f" if dtype == "F32" else "<e", piece)[0]
    if dtype == "F8_E4M3":
        return e4m3(piece[0])
    if dtype == "F8_E8M0":
        assert piece[0] != 0xFF
        return math.ldexp(1.0, piece[0] - 127)
    raise AssertionError(f"no elements of {dtype} are known here")


def expected(tensors, name, index, block=(128, 128)):
    """BF16 bits of one element of the weight `name`, with block scales (scale_inv or dotted) or packed FP4."""
    weight = tensors[name]
    scale = tensors.get(name + "_scale_inv") or tensors.get(name.removesuffix(".weight") + ".scale")
    if scale is None or name.endswith(".scale"):
        return bf16_of(element(weight, index))
    rows, columns = weight[1][-2:]
    if weight[0] == "I8":  # two FP4 in a byte, a scale for 32 of them
        row, column = divmod(index, 2 * columns)
        value = fp4(weight[2][index // 2], column % 2)
        return bf16_of(value * element(scale, row * scale[1][-1] + column // 32))
    row, column = divmod(index, columns)
    assert row < rows, "one matrix is enough here"
    return bf16_of(element(weight, index) * element(scale, row // block[0] * scale[1][-1] + column // block[1]))


def logical_shape(tensors, name):
    dtype, shape, _ = tensors[name]
    return [*shape[:-1], shape[-1] * 2] if dtype == "I8" else list(shape)


def is_companion(tensors, name):
    return name.endswith("_scale_inv") or (name.endswith(".scale") and name[:-6] + ".weight" in tensors)
