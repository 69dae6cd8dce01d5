# SPDX-License-Identifier: Apache-2.0
"""What an MTP sidecar must hold, computed by numpy from the formulas of the storage formats.

A second opinion: it was written from the formats' description and shares nothing with the C++. It decides
nothing about layouts; a caller names the prefixes of the head. Tensors are (dtype, shape, bytes), dtypes are
spelled as in safetensors headers.

Every product is one FP32 multiplication of exact operands, then one rounding to BF16 on the bits.
"""
import dataclasses
import fnmatch
import math
import re

import numpy

# Block sizes that are tried when the configuration names none; exactly one must fit.
USUAL_BLOCKS = ((128, 128), (64, 64), (32, 32), (1, 128), (1, 64), (1, 32))
CALIBRATION = ("input_scale", "activation_scale", "input_global_scale", "k_scale", "v_scale")
TABLES = ("I32", "I64")  # integer index tables, kept as they are


class Refused(Exception):
    """This head must not be extracted."""


@dataclasses.dataclass
class Options:
    """rename: {stored prefix: published prefix}. omit: names of copies to leave out. block: weight_block_size."""
    block: tuple = None
    keep: str = "routing"  # or "none", "all"
    rename: dict = dataclasses.field(default_factory=dict)
    omit: tuple = ()
    accept_nonfinite: bool = False


# --- elements ----------------------------------------------------------------------------------------------

def small_float_table(exponent_bits, mantissa_bits, bias, ieee):
    """FP32 values of all codes of a sign-exponent-mantissa format. ieee: the highest exponent is Inf and NaN;
    else only the code with all bits set is NaN."""
    codes = 1 << (1 + exponent_bits + mantissa_bits)
    out = numpy.empty(codes, numpy.float32)
    top = (1 << exponent_bits) - 1
    for code in range(codes):
        sign = -1.0 if code & codes >> 1 else 1.0
        exponent = code >> mantissa_bits & top
        mantissa = code & (1 << mantissa_bits) - 1
        fraction = mantissa / (1 << mantissa_bits)
        if ieee and exponent == top:
            value = math.inf if mantissa == 0 else math.nan
        elif exponent == 0:
            value = math.ldexp(fraction, 1 - bias)
        else:
            value = math.ldexp(1.0 + fraction, exponent - bias)
        out[code] = math.copysign(value, sign)
    if not ieee and exponent_bits > 2:  # E4M3 has one NaN of each sign, E2M1 none
        out[[codes // 2 - 1, codes - 1]] = math.nan
    return out


F16 = small_float_table(5, 10, 15, ieee=True)
E4M3 = small_float_table(4, 3, 7, ieee=False)
E5M2 = small_float_table(5, 2, 15, ieee=True)
E2M1 = small_float_table(2, 1, 1, ieee=False)
E8M0 = numpy.array([math.ldexp(1.0, code - 127) for code in range(255)] + [math.nan], numpy.float32)
VIEWS = {"BF16": "<u2", "F16": "<u2", "F32": "<f4", "I8": "i1", "U8": "u1", "I32": "<i4", "I64": "<i8",
         "F8_E4M3": "u1", "F8_E5M2": "u1", "F8_E8M0": "u1"}


def stored(tensor):
    dtype, shape, data = tensor
    if dtype not in VIEWS:
        raise Refused(f"no values of dtype {dtype}")
    return numpy.frombuffer(data, VIEWS[dtype]).reshape(shape)


def as_f32(tensor, u8_is_e8m0=False):
    """The values of a tensor in FP32; exact for every dtype."""
    dtype, values = tensor[0], stored(tensor)
    if dtype == "F32":
        return values.astype(numpy.float32)
    if dtype == "BF16":
        return (values.astype(numpy.uint32) << 16).view(numpy.float32)
    if dtype == "I8":
        return values.astype(numpy.float32)
    if dtype == "F8_E8M0" or (dtype == "U8" and u8_is_e8m0):
        return E8M0[values]
    tables = {"F16": F16, "F8_E4M3": E4M3, "F8_E5M2": E5M2}
    if dtype not in tables:
        raise Refused(f"no values of dtype {dtype}")
    return tables[dtype][values]


def nibbles(packed):
    """FP4 values of bytes: the low nibble is the first of two elements."""
    out = numpy.empty((*packed.shape[:-1], packed.shape[-1] * 2), numpy.uint8)
    unsigned = packed.view(numpy.uint8)
    out[..., 0::2] = unsigned & 15
    out[..., 1::2] = unsigned >> 4
    return E2M1[out]


def bf16_bits(values):
    """Round to nearest, ties to even; a NaN keeps its upper bits and becomes quiet."""
    bits = numpy.ascontiguousarray(values, numpy.float32).view(numpy.uint32).astype(numpy.uint64)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    quiet = (bits >> 16) | 0x40
    is_nan = (bits & 0x7FFFFFFF) > 0x7F800000
    return numpy.where(is_nan, quiet, rounded).astype("<u2")


# --- scales over a weight ----------------------------------------------------------------------------------

def spread(grid, shape, block_rows, block_columns):
    """One scale an element: grid[..., r // block_rows, c // block_columns]."""
    rows = numpy.arange(shape[-2]) // block_rows
    columns = numpy.arange(shape[-1]) // block_columns
    return grid[..., rows[:, None], columns[None, :]]


def lay_over(scale_shape, shape, block):
    """How a scale lies over a weight, from both shapes alone: "one", "rows", "each" (one a matrix of a batch), or
    the height and width of its blocks."""
    scale_shape, shape = tuple(scale_shape), tuple(shape)
    if math.prod(scale_shape) == 1:
        return "one"
    batch, matrix = shape[:-2], shape[-2:]
    if len(matrix) < 2:
        raise Refused(f"a scale of shape {list(scale_shape)} over a weight of shape {list(shape)}")
    rows, columns = matrix
    if scale_shape in (batch + (rows,), batch + (rows, 1)):
        return "rows"

    def grid(size):
        return batch + (-(-rows // size[0]), -(-columns // size[1]))
    if block is not None:
        if scale_shape == grid(block):
            return tuple(block)
    else:
        fitting = [size for size in USUAL_BLOCKS if scale_shape == grid(size)]
        if len(fitting) == 1:
            return fitting[0]
    if batch and scale_shape == batch + (1, 1):
        return "each"
    if scale_shape[:-1] == batch + (rows,) and scale_shape[-1] and columns % scale_shape[-1] == 0:
        return 1, columns // scale_shape[-1]
    raise Refused(f"a scale of shape {list(scale_shape)} over a weight of shape {list(shape)}")


def scales_for(values, shape, block):
    how = lay_over(values.shape, shape, block)
    if how == "one":
        return values.reshape(())
    if how == "each":
        return values
    if how == "rows":
        return values.reshape(*shape[:-1], 1)
    return spread(values, shape, *how)


# --- one weight --------------------------------------------------------------------------------------------

@dataclasses.dataclass
class Weight:
    """A weight with what belongs to it. The family of the scale is its name: scale_inv, scale (dotted),
    weight_scale, or the scales of MXFP4 blocks."""
    name: str
    tensor: tuple
    scale: tuple = None
    family: str = ""
    second: tuple = None  # NVFP4: weight_scale_2
    divisor: tuple = None  # NVFP4: weight_global_scale
    zero: tuple = None


def multiplied(values, scales):
    with numpy.errstate(over="ignore", invalid="ignore", under="ignore"):
        return numpy.multiply(values, scales, dtype=numpy.float32)


def decode_fp4(weight):
    """(values, scales) of packed FP4 with a power of two, or with FP8 and a second level, for each group."""
    packed, scale = stored(weight.tensor), weight.scale
    values = nibbles(packed)
    groups = tuple(scale[1])
    if groups[:-1] != packed.shape[:-1]:
        raise Refused("packed FP4 and its scales have other leading dimensions")
    if scale[0] == "F8_E4M3":
        if groups[-1] * 8 != packed.shape[-1]:
            raise Refused("NVFP4 needs one scale for 16 elements")
        if (weight.second is None) == (weight.divisor is None):
            raise Refused("NVFP4 needs one second-level scale")
        level = as_f32(weight.second or weight.divisor).reshape(())
        inner = as_f32(scale)
        # The bracket is rounded to FP32 before it meets an element.
        scales = numpy.multiply(inner, level, dtype=numpy.float32) if weight.second is not None else \
            numpy.divide(inner, level, dtype=numpy.float32)
    else:
        if groups[-1] * 16 != packed.shape[-1]:
            raise Refused("packed FP4 needs one scale for 32 elements")
        scales = as_f32(scale, u8_is_e8m0=True)
    return values, numpy.repeat(scales, values.shape[-1] // groups[-1], axis=-1)


def decode_blocks(weight):
    """(values, scales) of MXFP4 as [..., G, 16] with one scale for each of G: [..., 32 G]."""
    packed, groups = stored(weight.tensor), tuple(weight.scale[1])
    if packed.shape[-1] != 16 or packed.shape[:-1] != groups:
        raise Refused("MXFP4 blocks and scales do not fit")
    values = nibbles(packed).reshape(*groups[:-1], groups[-1] * 32)
    return values, numpy.repeat(as_f32(weight.scale, u8_is_e8m0=True), 32, axis=-1)


def format_of(weight):
    """The id of the storage format, Q0 to Q8."""
    dtype = weight.tensor[0]
    if weight.scale is None:
        return "Q8" if dtype == "F8_E5M2" else "Q0"
    kind = weight.scale[0]
    if dtype == "F8_E5M2":
        return "Q8"
    if weight.family == "blocks":
        return "Q4"
    if dtype == "F8_E4M3":
        if weight.family == "scale_inv":
            return "Q1t" if lay_over(weight.scale[1], weight.tensor[1], None) in ("one", "each") else "Q1"
        if weight.family == "scale":
            return "Q2"
        return "Q6g" if kind in ("U8", "F8_E8M0") else "Q6"
    if kind == "F8_E4M3":
        return "Q5" if weight.second is not None else "Q5c"
    if kind in ("U8", "F8_E8M0"):
        return "Q3" if weight.family == "scale" else "Q4c"
    return "Q7"


def values_of(weight, block=None):
    """(FP32 values of the weight, which of the stored elements are finite)."""
    dtype, shape, _ = weight.tensor
    if weight.scale is None:
        if dtype in ("F8_E4M3", "I8", "U8"):
            raise Refused(f"{weight.name}: {dtype} without a scale")
        values = as_f32(weight.tensor)
        return values, numpy.isfinite(values)
    if weight.family == "blocks":
        values, scales = decode_blocks(weight)
    elif dtype == "U8" or (dtype == "I8" and weight.scale[0] == "F8_E8M0"):
        values, scales = decode_fp4(weight)
    elif dtype in ("F8_E4M3", "F8_E5M2", "I8"):
        values = as_f32(weight.tensor)
        if weight.zero is not None:
            zeros = as_f32(weight.zero)
            values = values - scales_for(zeros, shape, block)  # whole numbers below 2^9: exact
        scales = scales_for(as_f32(weight.scale, u8_is_e8m0=True), shape, block)
    else:
        raise Refused(f"{weight.name}: {dtype} with a scale")
    if not numpy.isfinite(scales).all():
        raise Refused(f"{weight.name}: a scale is not finite")
    return multiplied(values, scales), numpy.isfinite(values)


def to_bf16(weight, options):
    values, finite = values_of(weight, options.block)
    bits = bf16_bits(values)
    if not options.accept_nonfinite and ((bits & 0x7FFF) > 0x7F80).any():
        raise Refused(f"{weight.name}: not a number")
    if not options.accept_nonfinite and (finite & ((bits & 0x7FFF) == 0x7F80)).any():
        raise Refused(f"{weight.name}: beyond the range of BF16")
    return "BF16", list(values.shape), bits.tobytes()


# --- a whole head ------------------------------------------------------------------------------------------

# What stays F32, as the page on sidecars lists it. A pattern is held against as many of a name's last components as
# it has itself; "*" is a run without a dot.
KEPT = ("e_score_correction_bias", "gate.bias", "expert_bias", "router_bias",
        "attn_sink", "attention_sink_bias", "sinks",
        "hc_*", "*hyper_connection*.*", "*hyper_connection*.*.*")


def ends_in(name, pattern):
    wanted = pattern.split(".")
    parts = name.split(".")[-len(wanted):]
    return len(parts) == len(wanted) and all(map(fnmatch.fnmatchcase, parts, wanted))


def is_kept(name, options):
    """Whether an F32 source stays F32: what decides on routes and streams instead of adding noise."""
    if options.keep != "routing":
        return options.keep == "all"
    return any(ends_in(name, pattern) for pattern in KEPT)


def collect(tensors):
    """(weights by their name in the sidecar, names left out): companions go to the weight they stand beside."""
    weights, used, left_out = {}, set(), []
    for name in tensors:
        if name.split(".")[-1] in CALIBRATION:
            used.add(name)
            left_out.append(name)
    for name, tensor in tensors.items():
        if name.endswith("_blocks") and name[:-7] + "_scales" in tensors:
            used.update((name, name[:-7] + "_scales"))
            weights[name[:-7]] = Weight(name[:-7], tensor, tensors[name[:-7] + "_scales"], "blocks")
    for name, tensor in tensors.items():
        if name in used:
            continue
        weight_name = name[:-len("_packed")] if name.endswith(".weight_packed") else name
        around = {"scale_inv": weight_name + "_scale_inv", "weight_scale": weight_name + "_scale",
                  "scale": re.sub(r"\.weight$", ".scale", weight_name)}
        there = {family: other for family, other in around.items() if other in tensors and other != name}
        if len(there) > 1:
            raise Refused(f"{name}: more than one family of scales: {sorted(there)}")
        if not there:
            continue
        [(family, scale)] = there.items()
        weight = Weight(weight_name, tensor, tensors[scale], family)
        used.update((name, scale))
        for field, ending in (("second", "_scale_2"), ("divisor", "_global_scale"), ("zero", "_zero_point")):
            if weight_name + ending in tensors:
                setattr(weight, field, tensors[weight_name + ending])
                used.add(weight_name + ending)
        weights[weight_name] = weight
    for name, tensor in tensors.items():
        if name not in used:
            weights[name] = Weight(name, tensor)
    return weights, sorted(left_out)


def extract(tensors, prefixes, options=None):
    """{name: (dtype, shape, bytes)} of the sidecar.

    tensors: of the checkpoint, all shards together. prefixes: every name of the head begins with one of them.
    """
    return extract_with_formats(tensors, prefixes, options)[0]


def extract_with_formats(tensors, prefixes, options=None):
    """(the sidecar, {name: id of its storage format}, names left out as calibration)."""
    options = options or Options()
    mine = {name: tensor for name, tensor in tensors.items() if name.startswith(tuple(prefixes))}
    if not mine:
        raise Refused("no tensor has one of the prefixes")
    weights, left_out = collect(mine)
    out, formats = {}, {}
    for name, weight in weights.items():
        if name in options.omit:
            continue
        dtype, shape, data = weight.tensor
        made = name
        for old, new in options.rename.items():
            if name.startswith(old):
                made = new + name[len(old):]
        if made in out:
            raise Refused(f"two tensors become {made}")
        if weight.scale is None and dtype in TABLES:
            out[made] = dtype, list(shape), data
        elif weight.scale is None and dtype == "F32" and is_kept(name, options):
            if not options.accept_nonfinite and numpy.isnan(stored(weight.tensor)).any():
                raise Refused(f"{name}: not a number")
            out[made] = dtype, list(shape), data
        else:
            out[made] = to_bf16(weight, options)
        formats[made] = format_of(weight)
    return out, formats, left_out


def bytes_of(tensors, prefixes, omit=()):
    """Bytes of the head in the checkpoint, without calibration values and copies: what has to be fetched."""
    weights, left_out = collect({n: t for n, t in tensors.items() if n.startswith(tuple(prefixes))})
    parts = [part for name, one in weights.items() if name not in omit
             for part in (one.tensor, one.scale, one.second, one.divisor, one.zero) if part is not None]
    return sum(len(data) for _, _, data in parts)
