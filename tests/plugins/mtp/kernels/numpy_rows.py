# SPDX-License-Identifier: Apache-2.0
"""Random blocks of every format, converted by every kernel set and by float32 numpy, compared bit for bit.

The arithmetic here is written from the formats' definitions: numpy_rows.py PATH-OF-CONVERT_ROWS
"""
import os
import subprocess
import sys

import numpy as np

BLOCKS = 20_000  # of each format, at least
NAN = np.uint32(0x7FC00000)


def fields(codes, exponent_bits, fraction_bits):
    """The value of each code by the definition of its fields, as float32; the top exponent is not special."""
    codes = codes.astype(np.int64)
    bias = 2 ** (exponent_bits - 1) - 1
    fraction = codes % 2**fraction_bits
    exponent = codes // 2**fraction_bits % 2**exponent_bits
    sign = np.where(codes // 2 ** (exponent_bits + fraction_bits) % 2 == 1, -1.0, 1.0)
    normal = np.ldexp(1.0 + fraction / 2**fraction_bits, exponent - bias)
    subnormal = np.ldexp(fraction / 2**fraction_bits, 1 - bias)
    return (sign * np.where(exponent == 0, subnormal, normal)).astype(np.float32)  # exact


def f32_bits(values):
    return np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)


def e4m3(codes):
    """Bits of float32, so that NaN keeps its sign."""
    signs = (codes.astype(np.uint32) >> 7) << 31
    return np.where((codes & 0x7F) == 0x7F, signs | NAN, f32_bits(fields(codes, 4, 3)))


def ieee_special(signs, fraction, fraction_bits):
    """Infinity, or a NaN with the fraction at the upper end of the wider one."""
    return signs | np.uint32(0x7F800000) | (fraction.astype(np.uint32) << np.uint32(23 - fraction_bits))


def e5m2(codes):
    signs = (codes.astype(np.uint32) >> 7) << 31
    special = ieee_special(signs, codes & 3, 2)
    return np.where((codes & 0x7C) == 0x7C, special, f32_bits(fields(codes, 5, 2)))


def f16(codes):
    signs = (codes.astype(np.uint32) >> 15) << 31
    special = ieee_special(signs, codes & 0x3FF, 10)
    return np.where((codes & 0x7C00) == 0x7C00, special, f32_bits(fields(codes, 5, 10)))


def e8m0(codes):
    assert not (codes == 255).any()
    return np.ldexp(1.0, codes.astype(np.int64) - 127).astype(np.float32)


def nibbles(packed):
    """Element 2j is the lower half of byte j."""
    return np.stack([packed % 16, packed // 16], axis=-1).reshape(*packed.shape[:-1], -1)


def is_nan(bits):
    return (bits & np.uint32(0x7FFFFFFF)) > 0x7F800000


def is_inf(bits):
    return (bits & np.uint32(0x7FFFFFFF)) == 0x7F800000


def multiplied(bits, scales):
    """One float32 multiplication. A NaN element stays; what becomes NaN by itself is the plain one."""
    product = f32_bits(bits.view(np.float32) * scales)
    return np.where(is_nan(bits), bits, np.where(is_nan(product), NAN, product))


def bf16(bits):
    """Nearest-even: half of the step above is added, less a hair if the result would be odd."""
    wide = bits.astype(np.uint64)
    rounded = (wide + 0x7FFF + (wide >> np.uint64(16)) % 2) >> np.uint64(16)
    return np.where(is_nan(bits), bits >> 16 | 0x40, rounded).astype(np.uint16)


class Requests:
    """What convert_rows is asked, and what it has to say."""

    def __init__(self, random):
        self.random, self.text, self.expected, self.blocks = random, [], [], {}

    def add(self, label, line, parts, element, value, blocks):
        made = bf16(value)
        wide = made.astype(np.uint32) << 16
        infinite = is_inf(element)
        self.text.append(line.encode() + b"\n" + b"".join(np.ascontiguousarray(part).tobytes() for part in parts))
        counts = (is_nan(wide).sum(), infinite.sum(), (is_inf(wide) & ~infinite).sum())
        self.expected.append((label, counts, made.astype("<u2").tobytes()))
        self.blocks[label] = self.blocks.get(label, 0) + blocks

    def scales(self, shape):
        """Most as they are found, some subnormal, zero, negative, or anything finite."""
        random = self.random
        usual = random.lognormal(-7, 3, shape).astype(np.float32)
        anything = random.integers(0, 2**32, shape, dtype=np.uint32)
        anything[(anything & 0x7F800000) == 0x7F800000] = 0
        small = random.integers(0, 2**23, shape, dtype=np.uint32)
        kind = random.integers(0, 16, shape)
        bits = np.where(kind == 0, anything, np.where(kind == 1, small, np.where(kind == 2, 0, f32_bits(usual))))
        return np.where(kind == 3, bits | 0x80000000, bits).astype(np.uint32).view(np.float32)

    def codes(self, shape, clean):
        codes = self.random.integers(0, 256, shape, dtype=np.uint8)
        codes[clean(codes)] = 0x2A
        return codes

    def scaled(self, label, name, width, columns, make_codes, decode, scales=None):
        per_row = -(-columns // width)
        rows = -(-BLOCKS // (4 * per_row))
        scales = self.scales((rows, per_row)) if scales is None else scales((rows, per_row))
        codes = make_codes((rows, columns))
        element = decode(codes)
        spread = np.repeat(scales, width, axis=1)[:, :element.shape[1]]
        if name == "i8-zero":
            zeros = self.random.integers(-128, 128, (rows, per_row)).astype(np.float32)
            off = np.repeat(zeros, width, axis=1)[:, :element.shape[1]]
            value = multiplied(f32_bits(element.view(np.float32) - off), spread)
            parts = [codes, scales, zeros]
        else:
            value, parts = multiplied(element, spread), [codes, scales]
        self.add(label, f"{name} {width} {rows} {element.shape[1]}", parts, element, value, rows * per_row)

    def plain(self, name, dtype, decode):
        columns = 257
        rows = -(-BLOCKS // 8)
        codes = self.random.integers(0, 2 ** (8 * dtype().itemsize), (rows, columns), dtype=dtype)
        element = decode(codes)
        self.add(name, f"{name} 1 {rows} {columns}", [codes], element, element, rows * -(-columns // 32))


def make(seed):
    requests = Requests(np.random.default_rng(seed))
    random = requests.random
    none = lambda codes: np.zeros(codes.shape, bool)  # noqa: E731
    rare = lambda special: lambda codes: special(codes) & (random.integers(0, 50, codes.shape) > 0)  # noqa: E731
    nan_e4m3 = rare(lambda codes: (codes & 0x7F) == 0x7F)
    special_e5m2 = rare(lambda codes: (codes & 0x7C) == 0x7C)
    signed = lambda codes: f32_bits(codes.view(np.int8).astype(np.float32))  # noqa: E731
    for width, columns in ((128, 1000), (32, 512), (64, 448), (16, 100)):
        requests.scaled("e4m3", "e4m3", width, columns, lambda s: requests.codes(s, nan_e4m3), e4m3)
        requests.scaled("e5m2", "e5m2", width, columns, lambda s: requests.codes(s, special_e5m2), e5m2)
        requests.scaled("i8", "i8", width, columns, lambda s: requests.codes(s, none), signed)
        requests.scaled("i8 with zero point", "i8-zero", width, columns, lambda s: requests.codes(s, none), signed)
    e2m1 = lambda packed: f32_bits(fields(nibbles(packed), 2, 1))  # noqa: E731
    for columns in (1024, 512, 32, 1000):
        requests.scaled("fp4, e8m0 scales", "fp4", 32, columns, lambda s: requests.codes((s[0], s[1] // 2), none), e2m1,
                        lambda s: e8m0(random.integers(0, 255, s)))

        def brackets(shape):
            block = e4m3(requests.codes(shape, lambda codes: (codes & 0x7F) == 0x7F)).view(np.float32)
            whole = np.float32(random.lognormal(-5, 2))
            return block * whole if random.integers(0, 2) else block / whole  # in float32
        requests.scaled("fp4, nvfp4 brackets", "fp4", 16, columns, lambda s: requests.codes((s[0], s[1] // 2), none), e2m1,
                        brackets)
    requests.plain("f16", np.uint16, f16)
    requests.plain("f32", np.uint32, lambda codes: codes)
    return requests


def check(program, kernels, requests):
    result = subprocess.run([program], input=b"".join(requests.text), stdout=subprocess.PIPE, check=True,
                            env={**os.environ, "SKW_KERNELS": kernels})
    at, elements = 0, {}
    for label, counts, made in requests.expected:
        end = result.stdout.index(b"\n", at)
        words = result.stdout[at:end].decode().split()
        assert words[0] == kernels, f"{words[0]} answered where {kernels} was asked"
        got = result.stdout[end + 1:end + 1 + len(made)]
        at = end + 1 + len(made)
        if got != made:
            ours, theirs = np.frombuffer(got, "<u2"), np.frombuffer(made, "<u2")
            first = int(np.flatnonzero(ours != theirs)[0])
            raise AssertionError(f"{kernels}, {label}: {(ours != theirs).sum()} elements differ, the first is {first}: "
                                 f"{ours[first]:04X}, numpy has {theirs[first]:04X}")
        assert tuple(map(int, words[1:])) == tuple(map(int, counts)), (kernels, label, words, counts)
        elements[label] = elements.get(label, 0) + len(made) // 2
    assert at == len(result.stdout), "more came than was asked"
    return elements


def main():
    program = sys.argv[1]
    sets = subprocess.run([program, "--list"], stdout=subprocess.PIPE, check=True, text=True).stdout.split()
    assert sets[-1] == "reference", sets
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        requests = make(20_000)
    for kernels in sets:
        for label, count in check(program, kernels, requests).items():
            assert requests.blocks[label] >= BLOCKS, (label, requests.blocks[label])
            print(f"{kernels:<10} {label:<20} {requests.blocks[label]:>7,} blocks {count:>10,} elements: the same bits")


if __name__ == "__main__":
    main()
