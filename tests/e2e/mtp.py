# SPDX-License-Identifier: Apache-2.0
"""MTP heads of several families from the command line to the published file, what is refused, and reads that are
interrupted. Needs no Python packages, so that it runs under the sanitizers; tests/clients/mtp_families.py has
every family and every element."""
import json
import os
import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from checkpoints import (HIDDEN, NEXTN_CONFIG, SECOND, Checkpoint, bf16, commit, nextn_shards)  # noqa: E402
from harness import TOKEN, artifacts_of, read_safetensors  # noqa: E402
from mtp_plain import expected, is_companion, logical_shape  # noqa: E402
from mtp_samples import (REFUSED, SAMPLES, SampleRoom, entry_of, source_of, source_tensors, target_of)  # noqa: E402

FAMILIES = ("deepseek-v3", "deepseek-v4", "ernie", "dots3-note", "single-file")
ELEMENTS = 400  # of a large tensor, spread over it
FC = "mtp.fc.weight"
UP = "mtp.layers.0.mlp.up_proj"
KEPT = ("e_score_correction_bias", "attn_sink", ".gate.bias")


def places(count):
    """Numbers of elements to look at: all of a small tensor; of a large one the ends and some between, with an odd
    step so that every column turns up."""
    if count <= ELEMENTS:
        return range(count)
    step = (count // ELEMENTS) | 1
    return sorted({0, count - 1, *range(0, count, step)})


class Families(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.room = cls.enterClassContext(SampleRoom(seeded=(*FAMILIES, *REFUSED)))

    def test_the_head_of_a_family_is_published_as_its_formulas_say(self):
        for key in FAMILIES:
            with self.subTest(key):
                self.room.report(key)
                metadata, made = read_safetensors(self.room.hub.content("mtp.safetensors", repo=target_of(key)))
                source = {name: tensor for name, tensor in source_tensors(self.room.hub, source_of(key)).items()
                          if name.startswith(SAMPLES[key].prefixes)}
                weights = {name for name in source if not is_companion(source, name)}
                self.assertEqual(set(made), weights)
                self.assertEqual(metadata["mtp.layout"], SAMPLES[key].layout)
                for name in weights:
                    self.check(name, made[name], source)

    def check(self, name, tensor, source):
        dtype, shape, data = tensor
        self.assertEqual(shape, logical_shape(source, name), name)
        if source[name][0] == "F32" and (name.endswith(KEPT) or ".hc_" in name):
            self.assertEqual((dtype, data), ("F32", source[name][2]), name)
            return
        self.assertEqual(dtype, "BF16", name)
        if source[name][0] == "BF16":
            self.assertEqual(data, source[name][2], name)
            return
        for index in places(len(data) // 2):
            (bits,) = struct.unpack_from("<H", data, 2 * index)
            wanted = expected(source, name, index)
            self.assertEqual(bits, wanted, f"{name}, element {index}: {bits:04X}, expected {wanted:04X}")

    def test_what_is_declared_but_no_head_is_refused_each_with_its_message(self):
        messages = set()
        for key, words in REFUSED.items():
            with self.subTest(key):
                done = self.room.publish_key(key)
                self.assertEqual(done.returncode, 1, done.stderr)
                for word in words:
                    self.assertIn(word, done.stderr)
                messages.add(artifacts_of(done.stdout)[0]["error"]["reason"])
                self.assertIsNone(self.room.hub.head(target_of(key)))
        self.assertEqual(len(messages), len(REFUSED))


def packed_as(base, *parts, drop=True):
    """Takes the weight `base`.weight out and puts in what a packing has: (ending, dtype, shape, bytes)."""
    def spoil(made):
        if drop:
            made.drop(base + ".weight")
        for ending, dtype, shape, size in parts:
            made.put(base + ending, dtype, shape, size if isinstance(size, bytes) else bytes(size))
    return spoil


def weight_as(dtype, size, *parts, shape=(12, 8)):
    return packed_as(UP, (".weight", dtype, list(shape), size), *parts)


def quantised_with(**config):
    return lambda made: made.config.update(quantization_config=config)


def both(*changes):
    def spoil(made):
        for change in changes:
            change(made)
    return spoil


def drafter(made):
    made.drop_head()
    for module in ("main_proj", "markov_head.markov_w1", "confidence_head.proj", "0.attn.wq"):
        name, tensor = bf16(f"mtp.{module}.weight", HIDDEN, HIDDEN)
        made.put(name, *tensor)


def block(*shape, code=b"\x38"):
    count = 1
    for dimension in shape:
        count *= dimension
    return code * count


def f32(*values):
    return struct.pack(f"<{len(values)}f", *values)


ORIGINAL = "original release"
# What is wrong, how a Qwen checkpoint is spoiled, and words of the message. The packed tensor's module is named always.
CASES = {
    # packings of tools
    "GPTQ": (packed_as(UP, (".qweight", "I32", [1, 12], 48), (".qzeros", "I32", [1, 2], 8), (".scales", "F16", [1, 12], 24),
                       (".g_idx", "I32", [8], 32)), [UP, "GPTQ", ORIGINAL]),
    "AWQ": (packed_as(UP, (".qweight", "I32", [8, 2], 64), (".qzeros", "I32", [1, 2], 8), (".scales", "F16", [1, 12], 24)),
            [UP, "AWQ", ORIGINAL]),
    "packed integers of compressed-tensors": (
        packed_as(UP, (".weight_packed", "I32", [12, 1], 48), (".weight_scale", "BF16", [12, 1], 24),
                  (".weight_shape", "I64", [2], struct.pack("<2q", 12, 8))), [UP, "compressed-tensors", ORIGINAL]),
    "MLX groups": (packed_as(UP, (".weight", "U32", [12, 1], 48), (".scales", "BF16", [12, 1], 24),
                             (".biases", "BF16", [12, 1], 24)), [UP, "MLX", ORIGINAL]),
    "bitsandbytes": (packed_as(UP, (".weight", "U8", [48, 1], 48), (".weight.absmax", "F32", [2], 8),
                               (".weight.quant_map", "F32", [16], 64),
                               (".weight.quant_state.bitsandbytes__nf4", "U8", [16], 16)), [UP, "bitsandbytes", ORIGINAL]),
    "EXL3": (packed_as(UP, (".trellis", "I16", [1, 1, 16], 32), (".suh", "F16", [8], 16), (".svh", "F16", [12], 24)),
             [UP, "EXL", ORIGINAL]),
    "HQQ": (packed_as(UP, (".W_q", "U8", [6, 8], 48), (".zero", "F16", [1, 12], 24), (".scale", "F16", [1, 12], 24)),
            [UP, "HQQ", ORIGINAL]),
    "offsets of Ascend": (weight_as("I8", 96, (".weight_scale", "F32", [12, 1], f32(*[1] * 12)),
                                    (".weight_offset", "F32", [12, 1], f32(*[0] * 12))), [UP, "offset", "Ascend"]),
    # types
    "FP8 of the FNUZ kind": (weight_as("F8_E4M3FNUZ", 96, (".weight_scale", "F32", [], f32(1))), [UP, "F8_E4M3FNUZ"]),
    "FP8 of the other FNUZ kind": (weight_as("F8_E5M2FNUZ", 96, (".weight_scale", "F32", [], f32(1))), [UP, "F8_E5M2FNUZ"]),
    "F4": (weight_as("F4", 48), [UP, "F4"]),
    "F6": (weight_as("F6_E2M3", 72), [UP, "F6_E2M3"]),
    "the other F6": (weight_as("F6_E3M2", 72), [UP, "F6_E3M2"]),
    "integers of 32 bits": (weight_as("I32", 384), [UP, "I32"]),
    "unsigned integers of 32 bits": (weight_as("U32", 384), [UP, "U32"]),
    "booleans": (weight_as("BOOL", 96), [UP, "BOOL"]),
    "complex numbers": (weight_as("C64", 768), [UP, "C64"]),
    # scales
    "FP8 without a scale": (weight_as("F8_E4M3", 96), [UP, "F8_E4M3", "scale"]),
    "INT8 without a scale": (weight_as("I8", 96), [UP, "I8", "scale"]),
    "two families of scales": (weight_as("F8_E4M3", 96, (".weight_scale", "F32", [], f32(1)),
                                         (".weight_scale_inv", "F32", [1, 1], f32(1))), [UP, "weight_scale", "weight_scale_inv"]),
    "a scale that fits in no way": (weight_as("F8_E4M3", 96, (".weight_scale_inv", "F32", [5, 3], f32(*[1] * 15))),
                                    [UP, "[12, 8]", "[5, 3]"]),
    "as many scales as fit, in another shape": (
        both(quantised_with(quant_method="fp8", weight_block_size=[4, 4]),
             weight_as("F8_E4M3", 96, (".weight_scale_inv", "F32", [2, 3], f32(*[1] * 6)))), [UP, "[12, 8]", "[2, 3]"]),
    "bytes and powers of two that are no packed FP4": (weight_as("I8", 96, (".scale", "F8_E8M0", [12, 2], 24)),
                                                       [UP, "I8", "F8_E8M0", "[12, 8]", "[12, 2]"]),
    "NVFP4 without its second scale": (weight_as("U8", 96, (".weight_scale", "F8_E4M3", [12, 1], block(12)), shape=(12, 8)),
                                       [UP, "weight_scale_2"]),
    "packed FP4 where the configuration says FP8": (
        both(lambda made: made.config.update(expert_dtype="fp8"),
             lambda made: made.drop(UP + ".weight"),
             lambda made: made.put("mtp.layers.0.mlp.experts.0.up_proj.weight", "I8", [2, 16], bytes(32)),
             lambda made: made.put("mtp.layers.0.mlp.experts.0.up_proj.scale", "F8_E8M0", [2, 1], b"\x7f\x7f")),
        ["mtp.layers.0.mlp.experts.0.up_proj", "config.json", "'fp8'"]),
    "a scale without its weight": (lambda made: made.put("mtp.more.weight_scale_inv", "F32", [1, 1], f32(1)),
                                   ["mtp.more.weight_scale_inv", "weight"]),
    # values
    "a NaN in FP8": (weight_as("F8_E4M3", block(12, 8)[:-1] + b"\x7f", (".weight_scale", "F32", [], f32(1))),
                     [UP, "not a number"]),
    "a NaN in E5M2": (weight_as("F8_E5M2", block(12, 8)[:-1] + b"\x7e", (".weight_scale", "F32", [], f32(1))),
                      [UP, "not a number"]),
    "a scale that is no number": (weight_as("F8_E4M3", block(12, 8), (".weight_scale", "F32", [], b"\0\0\xc0\x7f")),
                                  [UP, "scale"]),
    "a scale without end": (weight_as("F8_E4M3", block(12, 8), (".weight_scale", "F32", [], b"\0\0\x80\x7f")), [UP, "scale"]),
    "a power of two that is no number": (weight_as("I8", 192, (".scale", "F8_E8M0", [12, 1], b"\x7f" * 11 + b"\xff"),
                                                   shape=(12, 16)), [UP, "scale"]),
    "FP4 beyond the range of BF16": (weight_as("I8", b"\x77" * 192, (".scale", "F8_E8M0", [12, 1], b"\xfe" * 12),
                                               shape=(12, 16)), [UP, "BF16"]),
    "FP8 beyond the range of BF16": (weight_as("F8_E4M3", block(12, 8, code=b"\x7e"), (".weight_scale", "F32", [], f32(3e38))),
                                     [UP, "BF16"]),
    # layouts
    "the stages of a drafter": (drafter, ["DSpark", "not an MTP head"]),
}
# Heads in decoder layers behind the trunk, with one thing wrong.
NEXTN_CASES = {
    "a layer behind the trunk without a marker": (
        lambda made: made.drop(*["model.layers.2." + one + ".weight" for one in ("eh_proj", "enorm", "hnorm", "shared_head.norm")]),
        ["model.layers.2.", "beyond num_hidden_layers (2)", "no NextN marker"]),
    "a head without its projection": (lambda made: made.drop("model.layers.2.eh_proj.weight"),
                                      ["model.layers.2.", "without a known fusion block", "enorm, hnorm"]),
    "a layer that is left out": (lambda made: [made.put(name.replace("layers.2", "layers.4"), *tensor) for shard in
                                               nextn_shards().values() for name, tensor in shard.items() if ".2." in name],
                                 ["incomplete", "3"]),
    "fewer layers than declared": (lambda made: made.config.update(num_nextn_predict_layers=2), ["incomplete", "declares 2"]),
}


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.room = cls.enterClassContext(SampleRoom())

    def tell(self, name, made):
        """Commits a checkpoint and makes the catalog speak of it alone."""
        self.source, self.target = f"acme/source-{name}", f"acme/target-{name}-mtp"
        commit(self.room.hub, self.source, made.files())
        (self.room.folder / "rehearsal.yaml").write_text("models:\n" + entry_of("case", self.source, self.target))

    def refused(self, title, words):
        done = self.room.publish_key("case")
        if os.environ.get("SKW_SHOW"):
            print(f"== {title}: exit {done.returncode}\n{done.stderr}", flush=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        error = "\n".join(line for line in done.stderr.splitlines() if not line.startswith("mtp: "))
        for word in words:
            self.assertIn(word, error)
        self.assertIsNone(self.room.hub.head(self.target), "a repo was made")
        self.assertEqual(self.room.scratch_files(), [])

    def test_every_format_that_cannot_be_taken_is_refused_with_the_tensor_and_the_reason(self):
        for number, (title, (spoil, words)) in enumerate(CASES.items()):
            with self.subTest(title):
                made = Checkpoint()
                spoil(made)
                self.tell(f"qwen-{number}", made)
                self.refused(title, words)

    def test_every_incomplete_head_behind_the_trunk_is_refused(self):
        for number, (title, (spoil, words)) in enumerate(NEXTN_CASES.items()):
            with self.subTest(title):
                made = Checkpoint(nextn_shards(), NEXTN_CONFIG)
                spoil(made)
                self.tell(f"nextn-{number}", made)
                self.refused(title, words)

    def test_inspect_shows_the_refusal_that_a_publish_ends_with(self):
        for title in ("GPTQ", "FP8 without a scale", "a scale that fits in no way", "the stages of a drafter"):
            with self.subTest(title):
                made = Checkpoint()
                CASES[title][0](made)
                self.tell("shown-" + str(list(CASES).index(title)), made)
                code, shown = self.room.inspect(self.source)
                self.assertEqual((code, shown["refused"]), (1, True))
                self.refused(title, [shown["refusals"][0]["message"]])

    def test_a_value_that_is_no_number_passes_when_that_is_asked_for(self):
        for title in ("a NaN in FP8", "FP4 beyond the range of BF16"):
            with self.subTest(title):
                made = Checkpoint()
                CASES[title][0](made)
                self.tell("passed-" + str(list(CASES).index(title)), made)
                self.room.report("case", "--set", "mtp_accept=non-finite")
                metadata, tensors = read_safetensors(self.room.hub.content("mtp.safetensors", repo=self.target))
                self.assertEqual(metadata["mtp.accepted"], "non-finite")
                (last,) = struct.unpack("<H", tensors[UP + ".weight"][2][-2:])
                self.assertGreaterEqual(last & 0x7FFF, 0x7F80)

    def test_the_plain_checkpoints_are_taken(self):
        for name, made in (("plain-qwen", Checkpoint()), ("plain-nextn", Checkpoint(nextn_shards(), NEXTN_CONFIG))):
            self.tell(name, made)
            self.room.report("case")
            _, tensors = read_safetensors(self.room.hub.content("mtp.safetensors", repo=self.target))
            wanted = {name: tensor for shard in made.shards.values() for name, tensor in shard.items()
                      if name.startswith(("mtp.", "model.layers.2."))}
            self.assertEqual(tensors, wanted)

    def test_a_scale_may_lie_in_another_shard_than_its_weight(self):
        made = Checkpoint()
        weight_as("F8_E4M3", block(12, 8))(made)
        made.put(UP + ".weight_scale_inv", "F32", [1, 1], f32(0.1), file=next(one for one in made.shards if one != SECOND))
        self.tell("other-shard", made)
        self.room.report("case")
        _, tensors = read_safetensors(self.room.hub.content("mtp.safetensors", repo=self.target))
        self.assertEqual(tensors[UP + ".weight"], ("BF16", [12, 8], b"\xcd\x3d" * 96))


class Interrupted(unittest.TestCase):
    """Reads that end too early go on at the byte that is missing: nothing is fetched twice, and all is right."""

    SAMPLES = ("deepseek-v3", "deepseek-v4")
    SLACK = 64 << 10  # of replies that were answered again, without weights
    # The content store serves the bytes of shards under /objects/; small files come first.
    CUTS = ("GET:/objects/:cut=70000@3x6", "GET:/objects/:cut=1@3x4")
    # Replies that are not what was asked for: refused by their head, and asked for again as a whole.
    WRONG = ("GET:/objects/:short-body=1@3x4", "GET:/objects/:expired-url@3x2")

    def published(self, key, *faults):
        options = [word for fault in faults for word in ("--fault", fault)]
        with SampleRoom(*options, seeded=(key,)) as room:
            _, traffic = room.report(key)
            self.assertEqual(room.scratch_files(), [])
            # The metadata name the commit of the source, which is another one in each room.
            return read_safetensors(room.hub.content("mtp.safetensors", repo=target_of(key)))[1], traffic

    def test_what_is_cut_goes_on_where_it_ended(self):
        for key in self.SAMPLES:
            wanted, plain = self.published(key)
            for fault in (*self.CUTS, *self.WRONG):
                with self.subTest(key=key, fault=fault):
                    made, traffic = self.published(key, fault)
                    self.assertTrue(made == wanted, "the tensors are not the same")
                    self.assertGreater(traffic["requests"], plain["requests"], "the fault struck nothing")
                    if fault in self.CUTS:
                        self.assertLess(traffic["received_bytes"], plain["received_bytes"] + self.SLACK)

    def test_reads_that_never_come_end_in_an_error_and_change_nothing(self):
        with SampleRoom("--fault", "GET:/objects/:cut=1@3x9999", seeded=("deepseek-v3",)) as room:
            done = room.publish_key("deepseek-v3")
            self.assertIn(done.returncode, (1, 75), done.stderr)
            self.assertIsNone(room.hub.head(target_of("deepseek-v3")))
            self.assertEqual(room.scratch_files(), [])
            self.assertNotIn(TOKEN, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
