# SPDX-License-Identifier: Apache-2.0
"""The oracle against vectors that were computed with exact fractions and rounded by hand."""
import fractions
import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import numpy  # noqa: E402
from mtp_oracle import (E2M1, E4M3, E5M2, E8M0, F16, Options, Refused, Weight, bf16_bits, collect, extract,  # noqa: E402
                        format_of, lay_over, to_bf16)


def f32(*patterns):
    return struct.pack(f"<{len(patterns)}I", *patterns)


def number(value):
    return struct.pack("<f", value)


def hexes(tensor):
    return " ".join(f"{value:04X}" for value in numpy.frombuffer(tensor[2], "<u2"))


def dequantised(dtype, shape, data, block=(128, 128), **companions):
    names = {"scale_inv": "m.weight_scale_inv", "dotted": "m.scale", "scale": "m.weight_scale",
             "second": "m.weight_scale_2", "divisor": "m.weight_global_scale", "zero": "m.weight_zero_point"}
    packed = "m.weight_packed" if "divisor" in companions else "m.weight"
    tensors = {packed: (dtype, shape, bytes(data))}
    tensors.update({names[kind]: tensor for kind, tensor in companions.items()})
    return extract(tensors, ["m."], Options(block=block))["m.weight"]


def exact_bf16(value):
    """Bits of a positive fraction rounded to 8 significant bits, ties to even; subnormals too."""
    exponent = 0
    while value >= fractions.Fraction(2) ** (exponent + 1):
        exponent += 1
    while value < fractions.Fraction(2) ** exponent and exponent > -126:
        exponent -= 1
    mantissa = round(value / fractions.Fraction(2) ** (exponent - 7))  # of a Fraction: ties to even
    return mantissa if exponent == -126 and mantissa < 128 else (exponent + 126 << 7) + mantissa


FOUR_BITS = bytes.fromhex("1032547698BADCFE")


class Elements(unittest.TestCase):
    def test_f32_to_bf16(self):
        pairs = """3F800000->3F80 3F807FFF->3F80 3F808000->3F80 3F808001->3F81 3F818000->3F82 3DCCCCCD->3DCD
            00000001->0000 00008000->0000 00018000->0002 00800000->0080 807FFFFF->8080 7F7F7FFF->7F7F 7F7F8000->7F80
            7F7FFFFF->7F80 7FC00000->7FC0 7F800001->7FC0 7FFFFFFF->7FFF FFFFFFFF->FFFF""".split()
        for pair in pairs:
            source, wanted = (int(text, 16) for text in pair.split("->"))
            self.assertEqual(bf16_bits(numpy.array([source], "<u4").view("<f4"))[0], wanted, pair)

    def test_f16_to_bf16(self):
        pairs = """0001->3380 03FF->3880 0400->3880 3C00->3F80 3555->3EAB 7BFF->4780 3C04->3F80 3C05->3F81
            3C0C->3F82 8000->8000""".split()
        for pair in pairs:
            source, wanted = (int(text, 16) for text in pair.split("->"))
            self.assertEqual(bf16_bits(F16[source])[()], wanted, pair)

    def test_every_finite_f16_and_8_bit_float_is_what_its_fields_say(self):
        for table, exponents, mantissas, bias in ((F16, 5, 10, 15), (E4M3, 4, 3, 7), (E5M2, 5, 2, 15), (E2M1, 2, 1, 1)):
            for code in range(len(table) // 2):
                if not numpy.isfinite(table[code]):
                    continue
                exponent, mantissa = code >> mantissas, code & (1 << mantissas) - 1
                one = fractions.Fraction(2) ** (max(exponent, 1) - bias - mantissas)
                value = one * (mantissa + (1 << mantissas if exponent else 0))
                self.assertEqual(fractions.Fraction(float(table[code])), value)
                self.assertEqual(fractions.Fraction(float(table[code + len(table) // 2])), -value)

    def test_f16_equals_the_type_of_numpy(self):
        codes = numpy.arange(1 << 16, dtype="<u2")
        theirs = codes.view("<f2").astype("<f4")
        same = (F16.view("<u4") == theirs.view("<u4")) | (numpy.isnan(F16) & numpy.isnan(theirs))
        self.assertTrue(same.all())

    def test_codes(self):
        def bits(table, pairs):
            for pair in pairs.split():
                code, wanted = (int(text, 16) for text in pair.split("->"))
                self.assertEqual(bf16_bits(table[code])[()], wanted, pair)
        bits(E4M3, "00->0000 80->8000 01->3B00 07->3C60 08->3C80 38->3F80 39->3F90 77->4370 78->4380 7E->43E0 FE->C3E0")
        bits(E5M2, "01->3780 03->3840 04->3880 3C->3F80 3D->3FA0 7B->4760 7C->7F80")
        self.assertTrue(numpy.isnan(E4M3[[0x7F, 0xFF]]).all())
        self.assertEqual(int(numpy.isnan(E4M3).sum()), 2)
        self.assertTrue(numpy.isnan(E5M2[[0x7D, 0x7E, 0x7F, 0xFD, 0xFE, 0xFF]]).all())
        for code, pattern in ((0, 0x00400000), (1, 0x00800000), (0x7E, 0x3F000000), (0x7F, 0x3F800000), (0x80, 0x40000000),
                              (0xFE, 0x7F000000)):
            self.assertEqual(E8M0.view("<u4")[code], pattern)
        self.assertTrue(numpy.isnan(E8M0[255]))
        self.assertEqual(E2M1.tolist(), [0, .5, 1, 1.5, 2, 3, 4, 6, 0, -.5, -1, -1.5, -2, -3, -4, -6])
        self.assertTrue(numpy.signbit(E2M1[8]))


class Formats(unittest.TestCase):
    def test_A_blocks_are_multiplied_also_at_odd_edges(self):
        scales = ("F32", [2, 2], number(0.5) + number(3.0) + number(0.1) + number(0.0002))
        made = dequantised("F8_E4M3", [130, 129], b"\x38" * (130 * 129), scale_inv=scales)
        values = numpy.frombuffer(made[2], "<u2").reshape(130, 129)
        self.assertEqual([f"{values[place]:04X}" for place in ((0, 0), (0, 128), (128, 0), (129, 128))],
                         ["3F00", "4040", "3DCD", "3952"])

    def test_A2_to_A4_two_roundings_and_scales_in_bf16(self):
        self.assertEqual(hexes(dequantised("F8_E4M3", [1, 1], b"\x3f", scale_inv=("F32", [1, 1], f32(0x39191111)))), "3990")
        self.assertEqual(hexes(dequantised("F8_E4M3", [1, 1], b"\xfe", scale_inv=("F32", [1, 1], f32(0x3951B717)))), "BDB8")
        self.assertEqual(hexes(dequantised("F8_E4M3", [1, 1], b"\x45", scale_inv=("BF16", [1, 1], b"\x8b\x3c"))), "3D62")

    def test_B_powers_of_two(self):
        for code, wanted in ((0x7A, "3E50"), (0x80, "4150"), (0x00, "0150")):
            made = dequantised("F8_E4M3", [1, 1], b"\x4d", dotted=("F8_E8M0", [1, 1], bytes([code])))
            self.assertEqual(hexes(made), wanted)

    def test_C_packed_fp4(self):
        made = dequantised("I8", [1, 16], FOUR_BITS * 2, dotted=("F8_E8M0", [1, 1], b"\x80"))
        self.assertEqual(made[1], [1, 32])
        line = "0000 3F80 4000 4040 4080 40C0 4100 4140 8000 BF80 C000 C040 C080 C0C0 C100 C140"
        self.assertEqual(hexes(made), line + " " + line)
        made = dequantised("I8", [2, 32], b"\x22" * 64, dotted=("F8_E8M0", [2, 2], b"\x7f\x80\x81\x7e"))
        self.assertEqual(hexes(made), " ".join(["3F80"] * 32 + ["4000"] * 32 + ["4080"] * 32 + ["3F00"] * 32))

        def first(byte, scale):
            made = dequantised("I8", [1, 16], bytes([byte]) + bytes(15), dotted=("F8_E8M0", [1, 1], bytes([scale])))
            return hexes(made).split()[:2]
        self.assertEqual(first(0xA5, 0x7C), ["3EC0", "BE00"])
        self.assertEqual(first(0x01, 0x00)[0], "0020")
        self.assertEqual(first(0x01, 0x01)[0], "0040")
        self.assertEqual(first(0x03, 0xFE)[0], "7F40")
        with self.assertRaisesRegex(Refused, "range"):
            first(0x07, 0xFE)

    def test_C_mxfp4_as_packed_weight_and_as_blocks(self):
        packed = {"m.weight_packed": ("U8", [1, 16], FOUR_BITS * 2), "m.weight_scale": ("U8", [1, 1], b"\x80")}
        blocks = {"m.w_blocks": ("U8", [1, 1, 16], FOUR_BITS * 2), "m.w_scales": ("U8", [1, 1], b"\x80")}
        line = "0000 3F80 4000 4040 4080 40C0 4100 4140 8000 BF80 C000 C040 C080 C0C0 C100 C140"
        for tensors, name in ((packed, "m.weight"), (blocks, "m.w")):
            made = extract(tensors, ["m."])
            self.assertEqual(list(made), [name])
            self.assertEqual((made[name][1], hexes(made[name])), ([1, 32], line + " " + line))

    def test_D_nvfp4_of_both_kinds(self):
        wanted = "0000 3A45 3AC5 3B13 3B45 3B93 3BC5 3C13 8000 BA45 BAC5 BB13 BB45 BB93 BBC5 BC13"
        scale = ("F8_E4M3", [1, 1], b"\x3c")
        made = dequantised("U8", [1, 8], FOUR_BITS, scale=scale, second=("F32", [], f32(0x3A83126F)))
        self.assertEqual((made[1], hexes(made)), ([1, 16], wanted))
        made = dequantised("U8", [1, 8], FOUR_BITS, scale=scale, divisor=("F32", [1], number(1000.0)))
        self.assertEqual((made[1], hexes(made)), ([1, 16], wanted))
        made = dequantised("U8", [1, 8], b"\x03" + bytes(7), scale=("F8_E4M3", [1, 1], b"\x25"),
                           second=("F32", [], f32(0x38AF2DF2)))
        self.assertEqual(hexes(made).split()[0], "37D6")

    def test_E_and_F_fp8_for_a_tensor_and_for_channels(self):
        for shape in ([], [1]):
            made = dequantised("F8_E4M3", [1, 1], b"\x7e", scale=("F32", shape, f32(0x3C4985F0)))
            self.assertEqual(hexes(made), "40B0")
        data = bytes.fromhex("38B944017E80")
        for shape in ([2], [2, 1]):
            made = dequantised("F8_E4M3", [2, 3], data, scale=("BF16", shape, struct.pack("<HH", 0x3DCD, 0x3E4D)))
            self.assertEqual(hexes(made), "3DCD BDE7 3E9A 39CD 42B3 8000")

    def test_G_int8_with_and_without_zero_point(self):
        scale = ("F32", [1], f32(0x3D4CCCCD))
        made = dequantised("I8", [1, 5], struct.pack("5b", -128, 127, 3, -1, 0), scale=scale)
        self.assertEqual(hexes(made), "C0CD 40CB 3E1A BD4D 0000")
        made = dequantised("I8", [1, 1], b"\x0c", scale=scale, zero=("I8", [1], b"\x05"))
        self.assertEqual(hexes(made), "3EB3")

    def test_H_and_I_e5m2_and_mxfp8(self):
        self.assertEqual(hexes(dequantised("F8_E5M2", [1, 1], b"\x3d", scale=("F32", [1], number(0.1)))), "3E00")
        self.assertEqual(hexes(dequantised("F8_E5M2", [1, 1], b"\x3d")), "3FA0")
        made = dequantised("F8_E4M3", [1, 64], b"\x7e" * 64, scale=("U8", [1, 2], b"\x70\x71"))
        self.assertEqual(hexes(made), " ".join(["3C60"] * 32 + ["3CE0"] * 32))

    def test_random_products_equal_exact_fractions_rounded_twice(self):
        random = numpy.random.default_rng(7)
        codes = random.integers(1, 0x7F, 2000, dtype=numpy.uint8)
        scales = random.integers(0x33000000, 0x43000000, 2000, dtype=numpy.uint32).view(numpy.float32)
        for code, scale in zip(codes.tolist(), scales.tolist()):
            made = dequantised("F8_E4M3", [1, 1], bytes([code]), scale_inv=("F32", [1, 1], number(scale)))
            product = fractions.Fraction(float(E4M3[code])) * fractions.Fraction(scale)
            # float() of a Fraction rounds once to FP64, which holds 4 + 24 bits exactly; then FP32, then BF16
            once = fractions.Fraction(struct.unpack("<f", number(float(product)))[0])
            self.assertEqual(int(hexes(made), 16), exact_bf16(once), (code, scale))


class Choices(unittest.TestCase):
    def test_the_geometry_comes_from_shapes_and_never_from_counts(self):
        self.assertEqual(lay_over([256], [256, 16384], (128, 128)), "rows")
        self.assertEqual(lay_over([2, 128], [256, 16384], (128, 128)), (128, 128))
        self.assertEqual(lay_over([256, 512], [256, 16384], (128, 128)), (1, 32))
        self.assertEqual(lay_over([2, 128], [256, 16384], None), (128, 128))
        self.assertEqual(lay_over([8, 2, 3], [8, 256, 300], (128, 128)), (128, 128))
        self.assertEqual(lay_over([8, 1, 1], [8, 256, 300], (128, 128)), "each")
        self.assertEqual(lay_over([8, 256], [8, 256, 300], (128, 128)), "rows")
        for shape in ([3, 128], [128, 2], [257], [2, 129]):
            with self.assertRaises(Refused):
                lay_over(shape, [256, 16384], (128, 128))
        with self.assertRaises(Refused):
            lay_over([108, 53], [13568, 6784], (128, 128))  # rows padded in groups

    def test_what_must_be_refused(self):
        scale = ("F32", [1], number(1.0))
        for tensors in ({"m.weight": ("F8_E4M3", [1, 1], b"\x38")},
                        {"m.weight": ("F8_E4M3", [1, 1], b"\x7f"), "m.weight_scale": scale},
                        {"m.weight": ("F8_E4M3", [1, 1], b"\x38"), "m.weight_scale": ("F32", [1], f32(0x7F800000))},
                        {"m.weight": ("F8_E4M3", [1, 1], b"\x38"), "m.weight_scale": scale, "m.weight_scale_inv": scale},
                        {"m.weight": ("U8", [1, 8], bytes(8)), "m.weight_scale": ("F8_E4M3", [1, 1], b"\x38")},
                        {"m.weight": ("I8", [1, 16], bytes(16)), "m.scale": ("F8_E8M0", [1, 2], b"\x7f\x7f")},
                        {"m.weight": ("U32", [1, 4], bytes(16))}):
            with self.subTest(tensors), self.assertRaises(Refused):
                extract(tensors, ["m."])

    def test_what_stays_f32_is_renamed_left_out_or_passed_on(self):
        tensors = {
            "model.layers.3.mlp.gate.e_score_correction_bias": ("F32", [2], number(0.1) * 2),
            "model.layers.3.attn.attn_sink": ("F32", [1], number(0.1)),
            "model.layers.3.ffn.gate.bias": ("F32", [1], number(0.1)),
            "model.layers.3.hc_attn_scale": ("F32", [1], number(0.1)),
            "model.layers.3.enorm.weight": ("F32", [1], number(0.1)),
            "model.layers.3.table": ("I64", [1], bytes(8)),
            "model.layers.3.proj.input_scale": ("F32", [], number(0.1)),
            "model.layers.3.embed_tokens.weight": ("BF16", [1, 1], b"\x80\x3f"),
            "model.layers.30.enorm.weight": ("F32", [1], number(0.1)),
        }
        options = Options(rename={"model.layers.3.": "mtp.0."}, omit=("model.layers.3.embed_tokens.weight",))
        made = extract(tensors, ["model.layers.3."], options)
        self.assertEqual({name: dtype for name, (dtype, _, _) in made.items()}, {
            "mtp.0.mlp.gate.e_score_correction_bias": "F32", "mtp.0.attn.attn_sink": "F32", "mtp.0.ffn.gate.bias": "F32",
            "mtp.0.hc_attn_scale": "F32", "mtp.0.enorm.weight": "BF16", "mtp.0.table": "I64"})
        self.assertEqual(hexes(made["mtp.0.enorm.weight"]), "3DCD")
        self.assertEqual({dtype for dtype, _, _ in extract(tensors, ["model.layers.3."], Options(keep="none")).values()},
                         {"BF16", "I64"})
        self.assertEqual(extract(tensors, ["model.layers.3."], Options(keep="all"))["model.layers.3.enorm.weight"][0], "F32")

    def test_the_formats_have_their_ids(self):
        e4m3, one = ("F8_E4M3", [2, 2], bytes(4)), ("F32", [], number(1.0))
        for wanted, weight in (("Q0", Weight("w", ("BF16", [1], bytes(2)))),
                               ("Q1t", Weight("w", e4m3, one, "scale_inv")), ("Q6", Weight("w", e4m3, one, "weight_scale")),
                               ("Q2", Weight("w", e4m3, ("F8_E8M0", [1, 1], b"\x7f"), "scale")),
                               ("Q6g", Weight("w", e4m3, ("U8", [1, 1], b"\x7f"), "weight_scale")),
                               ("Q7", Weight("w", ("I8", [2, 2], bytes(4)), one, "weight_scale")),
                               ("Q8", Weight("w", ("F8_E5M2", [2, 2], bytes(4))))):
            self.assertEqual(format_of(weight), wanted)
        weights, left_out = collect({"a.weight": e4m3, "a.scale": one, "a.k_scale": one, "b.hc_attn_scale": one})
        self.assertEqual((sorted(weights), left_out), (["a.weight", "b.hc_attn_scale"], ["a.k_scale"]))

    def test_an_infinity_of_the_source_passes_and_a_nan_does_not(self):
        self.assertEqual(hexes(to_bf16(Weight("w", ("F32", [1], f32(0x7F800000))), Options())), "7F80")
        with self.assertRaises(Refused):
            to_bf16(Weight("w", ("F32", [1], f32(0x7FC00000))), Options())


if __name__ == "__main__":
    unittest.main(verbosity=1)
