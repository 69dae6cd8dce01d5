# SPDX-License-Identifier: Apache-2.0
"""Q4_K and Q6_K in GGML's block layouts: 144 and 210 bytes for 256 values, and the ways back."""
import array
import struct

BLOCK = 256
BYTES = {"Q4_K": 144, "Q6_K": 210}


def half(number):
    """The number after a way through 16 bits, and its two bytes."""
    two = struct.pack("<e", number)
    return struct.unpack("<e", two)[0], two


def padded(values, rows, cols):
    """Rows filled with zeros up to whole blocks, and their new width."""
    width = -(-cols // BLOCK) * BLOCK
    if width == cols:
        return values, cols
    out = array.array("f", bytes(4 * rows * width))
    for row in range(rows):
        out[row * width:row * width + cols] = values[row * cols:(row + 1) * cols]
    return out, width


def encode(kind, values):
    one = encode_q4 if kind == "Q4_K" else encode_q6
    return b"".join([one(values[at:at + BLOCK]) for at in range(0, len(values), BLOCK)])


def encode_q4(x):
    """Eight groups of 32: x ~ d * scale * q - dmin * least, with 6-bit scales and least values."""
    low = [min(0.0, min(x[at:at + 32])) for at in range(0, 256, 32)]
    step = [(max(x[at:at + 32]) - low[at // 32]) / 15 for at in range(0, 256, 32)]
    d, d_bytes = half(max(step) / 63)
    dmin, dmin_bytes = half(-min(low) / 63)
    scales = [min(63, round(s / d)) if d else 0 for s in step]
    mins = [min(63, round(-m / dmin)) if dmin else 0 for m in low]
    packed = bytearray(12)
    for j in range(4):
        packed[j] = scales[j] | (scales[j + 4] >> 4) << 6
        packed[j + 4] = mins[j] | (mins[j + 4] >> 4) << 6
        packed[j + 8] = (scales[j + 4] & 15) | (mins[j + 4] & 15) << 4
    codes = []
    for j in range(8):
        base, width = dmin * mins[j], d * scales[j]
        inverse = 1 / width if width else 0.0
        codes.append([min(15, max(0, int((v + base) * inverse + 0.5))) for v in x[32 * j:32 * j + 32]])
    body = b"".join(bytes([a | b << 4 for a, b in zip(codes[j], codes[j + 1])]) for j in range(0, 8, 2))
    return d_bytes + dmin_bytes + bytes(packed) + body


def encode_q6(x):
    """Sixteen groups of 16: x ~ d * scale * (q - 32), with signed 8-bit scales."""
    largest = [max(max(x[at:at + 16]), -min(x[at:at + 16])) / 31 for at in range(0, 256, 16)]
    d, d_bytes = half(max(largest) / 127)
    scales = [min(127, round(s / d)) if d else 0 for s in largest]
    q = []
    for j, scale in enumerate(scales):
        inverse = 1 / (d * scale) if d * scale else 0.0
        q += [min(63, max(0, int(v * inverse + 32.5))) for v in x[16 * j:16 * j + 16]]
    low, high = bytearray(), bytearray()
    for n in (0, 128):
        one, two, three, four = (q[n + 32 * k:n + 32 * k + 32] for k in range(4))
        low += bytes([a & 15 | (c & 15) << 4 for a, c in zip(one, three)])
        low += bytes([b & 15 | (e & 15) << 4 for b, e in zip(two, four)])
        high += bytes([a >> 4 | b >> 4 << 2 | c >> 4 << 4 | e >> 4 << 6 for a, b, c, e in zip(one, two, three, four)])
    return bytes(low) + bytes(high) + struct.pack("<16b", *scales) + d_bytes


def decode(kind, data):
    one, size = (decode_q4, 144) if kind == "Q4_K" else (decode_q6, 210)
    return [v for at in range(0, len(data), size) for v in one(data[at:at + size])]


def decode_q4(block):
    d, dmin = struct.unpack("<2e", block[:4])
    s, q, out = block[4:16], block[16:], []
    for j in range(8):
        if j < 4:
            scale, least = s[j] & 63, s[j + 4] & 63
        else:
            scale, least = s[j + 4] & 15 | s[j - 4] >> 6 << 4, s[j + 4] >> 4 | s[j] >> 6 << 4
        part = q[32 * (j // 2):32 * (j // 2) + 32]
        out += [d * scale * (b >> 4 if j % 2 else b & 15) - dmin * least for b in part]
    return out


def decode_q6(block):
    low, high, scales = block[:128], block[128:192], struct.unpack("<16b", block[192:208])
    (d,) = struct.unpack("<e", block[208:])
    out = [0.0] * 256
    for n in (0, 1):
        for k in range(4):
            for at in range(32):
                nibble = low[64 * n + 32 * (k % 2) + at] >> (4 if k >= 2 else 0) & 15
                code = nibble | (high[32 * n + at] >> 2 * k & 3) << 4
                place = 128 * n + 32 * k + at
                out[place] = d * scales[place // 16] * (code - 32)
    return out
