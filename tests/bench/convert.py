# SPDX-License-Identifier: Apache-2.0
"""How fast rows become BF16 on one core, beside memcpy and beside numpy in the same run. Time is never asserted.

convert.py PATH-OF-BENCH_CONVERT
"""
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

BIN = pathlib.Path(os.environ["SKW_BIN"])
PAIRS = int(os.environ.get("SKW_BENCH_PAIRS", "9"))
ROWS, COLUMNS = 4096, 7168  # numpy's share: half as many rows, beyond the cache too
WHOLE_ROW = "row"


def to_bf16(values):
    bits = values.view(np.uint32)
    return ((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16)).astype(np.uint16)


def tables():
    """Float32 of every byte; for FP4 of both of its nibbles."""
    codes = np.arange(256)
    magnitude, sign = codes & 0x7F, np.where(codes & 0x80, -1.0, 1.0)
    e4m3 = np.where(magnitude >> 3, np.ldexp(8.0 + (magnitude & 7), (magnitude >> 3) - 10), np.ldexp(magnitude * 1.0, -9))
    e5m2 = (codes << 8).astype(np.uint16).view(np.float16).astype(np.float32)
    nibble = np.float32([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])
    return {
        "e4m3": (sign * e4m3).astype(np.float32),
        "e5m2": e5m2,
        "i8": codes.astype(np.uint8).view(np.int8).astype(np.float32),
        "fp4": np.stack([nibble[codes & 15], nibble[codes >> 4]], axis=1),
    }


def numpy_conversion(name, width, table):
    """(bytes read and written, function) of the way one would write it with numpy alone."""
    random = np.random.default_rng(1)
    out = 2 * ROWS * COLUMNS
    if width == 0:
        dtype = {"bf16": np.uint16, "f16": np.float16, "f32": np.float32}[name]
        values = random.random((ROWS, COLUMNS), dtype=np.float32)
        values = (values * 1000).astype(dtype) if name == "bf16" else values.astype(dtype)
        how = {"bf16": lambda: values.copy(), "f16": lambda: to_bf16(values.astype(np.float32)), "f32": lambda: to_bf16(values)}
        return values.nbytes + out, how[name]
    stored = COLUMNS // 2 if name == "fp4" else COLUMNS
    codes = random.integers(0, 0x70, (ROWS, stored), dtype=np.uint8)
    scales = random.random((ROWS, COLUMNS // width, 1), dtype=np.float32)
    lookup = table["i8" if name == "i8-zero" else name]

    def scaled():
        elements = lookup[codes].reshape(ROWS, -1, width)
        if name == "i8-zero":
            elements = elements - scales
        return to_bf16((elements * scales).reshape(ROWS, COLUMNS))
    return codes.nbytes + out, scaled


def numpy_rate(name, width, table):
    size, run = numpy_conversion(name, width, table)
    run()
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    return size / statistics.median(seconds) * 1e-9


def main():
    result = subprocess.run([sys.argv[1], str(PAIRS)], stdout=subprocess.PIPE, check=True, text=True)
    table, rates = tables(), {}
    head = ("format", "block", "kernels", "GB/s", "x memcpy", "(least .. most)", "x numpy", "GB/s in cache")
    shape = "{:<9}{:>6}  {:<10}{:>7}{:>10}  {:<16}{:>8}{:>15}"
    lines = [shape.format(*head)]
    for line in result.stdout.splitlines():
        name, kernels, width, rate, _, ratio, least, most, cached = line.split()
        width = int(width)
        if (name, width) not in rates:
            rates[name, width] = numpy_rate(name, width, table)
        block = {0: "-", COLUMNS: WHOLE_ROW}.get(width, str(width))
        lines.append(shape.format(name, block, kernels, rate, f"{float(ratio):.2f}", f"({float(least):.2f} .. {float(most):.2f})",
                                  f"{float(rate) / rates[name, width]:.1f}", cached))
    lines.append("GB/s: bytes read and written by one core, buffers beyond the cache; memcpy moves as many in the same run,")
    lines.append(f"in alternating pairs (median of {PAIRS}, warm). numpy: a table of float32, broadcast scales, integer rounding.")
    text = "\n".join(lines)
    print(text)
    (BIN.parent / "bench-convert.txt").write_text(text + "\n")  # test.sh shows it


if __name__ == "__main__":
    main()
