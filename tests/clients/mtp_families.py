# SPDX-License-Identifier: Apache-2.0
"""Sidecars of every family and storage format, made by the real programs on the local Hub, against numpy.

What must come out is computed by tests/harness/mtp_oracle.py from the source; what did come out is read by the
safetensors package. Names, dtypes, shapes and every byte are compared.
"""
import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
import numpy  # noqa: E402
import safetensors  # noqa: E402
from checkpoints import commit, data_of, entries_of, safetensors as shard_of  # noqa: E402
from mtp_oracle import Options, bytes_of, extract_with_formats, is_kept  # noqa: E402
from mtp_samples import (REFUSED, SAMPLES, Sample, SampleRoom, block_size, entry_of, nextn, source_of,  # noqa: E402
                         source_tensors, target_of)

# SKW_ONLY=glm,ernie looks at these samples alone.
ONLY = set(filter(None, os.environ.get("SKW_ONLY", "").split(",")))
KEYS = [key for key in SAMPLES if not ONLY or key in ONLY]
REFUSED_KEYS = [key for key in REFUSED if not ONLY or key in ONLY]
FILE = "mtp.safetensors"


def read_by_package(data):
    """(metadata, {name: (dtype, shape, bytes)}), by the safetensors package alone. It checks offsets and sizes, too."""
    tensors = {name: (one["dtype"], list(one["shape"]), bytes(one["data"])) for name, one in safetensors.deserialize(data)}
    with tempfile.NamedTemporaryFile(suffix=".safetensors") as file:
        file.write(data)
        file.flush()
        with safetensors.safe_open(file.name, framework="numpy") as opened:
            assert set(opened.keys()) == set(tensors)
            for name in opened.keys():
                piece = opened.get_slice(name)
                assert (piece.get_dtype(), list(piece.get_shape())) == tensors[name][:2], name
            return opened.metadata(), tensors


def differences(made, wanted):
    """What is not the same, in words: the names, and of each tensor the first elements."""
    out = [f"missing: {name}" for name in sorted(wanted.keys() - made.keys())]
    out += [f"not expected: {name}" for name in sorted(made.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & made.keys()):
        (dtype, shape, data), (wanted_dtype, wanted_shape, wanted_data) = made[name], wanted[name]
        if (dtype, list(shape)) != (wanted_dtype, list(wanted_shape)):
            out.append(f"{name}: {dtype} {shape}, expected {wanted_dtype} {wanted_shape}")
        elif data != wanted_data:
            view = "<u4" if dtype == "F32" else "<u2"
            ours, theirs = numpy.frombuffer(data, view), numpy.frombuffer(wanted_data, view)
            where = numpy.flatnonzero(ours != theirs)
            at = [numpy.unravel_index(one, shape) for one in where[:3]]
            out.append(f"{name}: {len(where)} of {len(ours)} elements differ, first at " +
                       ", ".join(f"{tuple(map(int, place))}: {ours[one]:X} expected {theirs[one]:X}"
                                 for place, one in zip(at, where)))
    return out


class Families(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.room = cls.enterClassContext(SampleRoom(seeded=(*KEYS, *REFUSED_KEYS)))

    def oracle(self, key, sample, **options):
        tensors = source_tensors(self.room.hub, source_of(key))
        return tensors, extract_with_formats(tensors, sample.prefixes,
                                             Options(block=block_size(self.room.hub, source_of(key)), **options))

    def published(self, key, *options, entry=None):
        """(report, metadata, tensors, card) of a publish that must succeed. entry: {field: value} of an entry of its
        own, with a target of its own."""
        target, catalog = target_of(key), self.room.folder / "rehearsal.yaml"
        old = catalog.read_text()
        if entry is not None:
            source, key = source_of(key), key + "-other"
            target = target_of(key)
            catalog.write_text(old + entry_of(key, source, target, **entry))
        try:
            report, _ = self.room.report(key, "--force", *options)
        finally:
            catalog.write_text(old)
        self.assertEqual(report["outcome"], "published")
        data = self.room.hub.content(FILE, repo=target)
        [file] = [one for one in report["files"] if one["path"] == FILE]
        self.assertEqual(file["size"], len(data))
        card = self.room.hub.content("README.md", repo=target).decode()
        return report, *read_by_package(data), card

    def same(self, made, wanted):
        self.assertEqual(differences(made, wanted), [])

    def test_every_family_comes_out_as_numpy_computes_it(self):
        for key in KEYS:
            with self.subTest(key):
                self.check(key, SAMPLES[key])

    def check(self, key, sample):
        code, shown = self.room.inspect(source_of(key))
        self.assertEqual((code, shown["refused"]), (0, False), shown["refusals"])
        report, metadata, made, _ = self.published(key)
        source, (wanted, formats, left_out) = self.oracle(key, sample)
        self.same(made, wanted)
        self.assertEqual(set(formats.values()), sample.formats)
        kept = [name for name, (dtype, _, _) in wanted.items() if dtype == "F32"]
        self.check_metadata(key, sample, metadata, wanted, kept)
        # Nothing was fetched twice, and little else: gaps between neighbours.
        head = bytes_of(source, sample.prefixes)
        self.assertGreaterEqual(report["metrics"]["tensor_bytes_read"], head)
        self.assertEqual(report["metrics"]["tensors"], len(wanted))
        # What inspect said before is what the publish then did.
        [size] = [one["size"] for one in report["files"] if one["path"] == FILE]
        self.assertEqual(shown["totals"], {"fetch_bytes": report["metrics"]["tensor_bytes_read"], "output_bytes": size})
        details = shown["details"]
        self.assertEqual({one["name"]: (one["dtype"], one["shape"], one["rule"], one["bytes"]) for one in details["tensors"]},
                         {name: (dtype, shape, formats[name], len(data)) for name, (dtype, shape, data) in wanted.items()})
        self.assertEqual((details["layout"], sorted(details["kept_f32"]), sorted(details["left_out"])),
                         (sample.layout, sorted(kept), left_out))
        self.assertEqual(sum(one["stored_bytes"] for one in details["tensors"]), head)

    def check_metadata(self, key, sample, metadata, wanted, kept):
        source = source_of(key)
        known = {
            "format": "pt", "mtp.source_repo": source, "mtp.source_revision": self.room.hub.head(source),
            "mtp.layout": sample.layout, "mtp.tensor_count": str(len(wanted)), "mtp.names": "stored",
            "mtp.keep_f32": "routing", "mtp.base_layer": sample.base_layer or None, "mtp.concat_order": sample.concat or None,
            "mtp.norm_convention": sample.norms or None, "mtp.shared_omitted": None, "mtp.accepted": None,
            "mtp.source_prefixes": ";".join(sorted(sample.prefixes)),
        }
        self.assertEqual({name: metadata.get(name) for name in known}, known)
        self.assertRegex(metadata["mtp.source_revision"], "^[0-9a-f]{40}$")
        self.assertRegex(metadata["mtp.tool"], r"^skulk-weights \d+\.\d+\.\d+$")
        self.assertRegex(metadata["mtp.source_formats"], r"^[A-Za-z0-9_/*:+;-]+$")
        self.assertTrue(metadata["mtp.family"])
        self.check_kept(metadata, kept)

    def check_kept(self, metadata, kept):
        listed = [one for one in metadata.get("mtp.kept_f32", "").split(";") if one]
        self.assertEqual(bool(listed), bool(kept))
        if len(kept) <= 64:
            self.assertEqual(sorted(listed), sorted(kept))

    def test_what_is_no_head_is_refused_with_its_own_message(self):
        messages = set()
        for key in REFUSED_KEYS:
            with self.subTest(key):
                done = self.room.publish_key(key)
                self.assertEqual(done.returncode, 1, done.stderr)
                for words in REFUSED[key]:
                    self.assertIn(words, done.stderr)
                messages.add(done.stderr.splitlines()[-1])
                self.assertIsNone(self.room.hub.head(target_of(key)))
                self.assertEqual(self.room.scratch_files(), [])
                code, shown = self.room.inspect(source_of(key))
                self.assertEqual(code, 1)
                # Where there is no head at all, inspect has nothing to show but the same error.
                if shown["schema"] != "skw.error/1":
                    self.assertTrue(shown["refused"])
                    self.assertTrue(shown["refusals"][0]["message"])

    def test_a_drafter_is_taken_when_that_is_asked_for_and_marked_as_such(self):
        if "dspark" not in REFUSED_KEYS:
            self.skipTest("not asked for")
        _, metadata, made, card = self.published("dspark", "--set", "mtp_accept=dspark", entry={})
        sample = Sample(("mtp.",), "dspark")
        self.same(made, self.oracle("dspark", sample)[1][0])
        self.assertEqual((metadata["mtp.layout"], metadata["mtp.accepted"]), ("dspark", "dspark"))
        self.assertIn("dspark", card)

    def test_names_of_decoder_layers_can_be_changed_and_that_is_recorded(self):
        for key in [key for key in KEYS if SAMPLES[key].rename]:
            with self.subTest(key):
                sample = SAMPLES[key]
                _, metadata, made, card = self.published(key, "--set", "mtp_names=mtp")
                _, (wanted, _, _) = self.oracle(key, sample, rename=dict(sample.rename))
                self.same(made, wanted)
                self.assertTrue([name for name in made if name.startswith("mtp.0.")])
                self.assertEqual(metadata["mtp.names"], "mtp")
                self.assertIn("mtp_names", card)

    def test_f32_can_be_kept_everywhere_or_nowhere_and_that_is_recorded(self):
        for key in [key for key in ("deepseek-v3", "deepseek-v3.2", "deepseek-v4", "step-3.5") if key in KEYS]:
            for choice in ("none", "all"):
                with self.subTest(key=key, choice=choice):
                    _, metadata, made, card = self.published(key, "--set", f"mtp_keep_f32={choice}")
                    source, (wanted, _, _) = self.oracle(key, SAMPLES[key], keep=choice)
                    self.same(made, wanted)
                    kept = [name for name, (dtype, _, _) in wanted.items() if dtype == "F32"]
                    self.assertEqual(bool(kept), choice == "all", key)
                    self.assertEqual(metadata["mtp.keep_f32"], choice)
                    self.check_kept(metadata, kept)
                    self.assertIn("mtp_keep_f32", card)

    def test_copies_of_the_base_model_can_be_left_out_and_are_not_fetched_then(self):
        for key in [key for key in KEYS if SAMPLES[key].copies]:
            with self.subTest(key):
                sample = SAMPLES[key]
                whole, _ = self.room.report(key, "--force")
                report, metadata, made, card = self.published(key, "--set", "mtp_shared_copies=omit")
                source, (wanted, _, _) = self.oracle(key, sample, omit=sample.copies)
                self.same(made, wanted)
                self.assertEqual(sorted(metadata["mtp.shared_omitted"].split(";")), sorted(sample.copies))
                saved = bytes_of(source, sample.prefixes) - bytes_of(source, sample.prefixes, sample.copies)
                self.assertGreater(saved, 0)
                self.assertLess(report["metrics"]["bytes_read"], whole["metrics"]["bytes_read"])
                self.assertIn("mtp_shared_copies", card)

    def test_the_options_are_fields_of_an_entry_too(self):
        if "deepseek-v3" not in KEYS:
            self.skipTest("not asked for")
        key, sample = "deepseek-v3", SAMPLES["deepseek-v3"]
        fields = {"mtp_names": "mtp", "mtp_keep_f32": "none", "mtp_shared_copies": "omit"}
        _, metadata, made, card = self.published(key, entry=fields)
        _, (wanted, _, _) = self.oracle(key, sample, keep="none", omit=sample.copies, rename=dict(sample.rename))
        self.same(made, wanted)
        self.assertEqual((metadata["mtp.names"], metadata["mtp.keep_f32"]), ("mtp", "none"))
        for field in fields:
            self.assertIn(field, card)


# --- random blocks of every format -------------------------------------------------------------------------

BLOCKS = 20_000
ROWS = 250  # scales stand in a grid of this height


def random_scales(random, dtype, shape):
    """Scales whose products stay in range: every pattern of 8 bits, and FP32 with full mantissas of both signs."""
    count = int(numpy.prod(shape, dtype=int))
    if dtype in ("F8_E8M0", "U8"):
        return dtype, shape, random.integers(0, 245, count, dtype=numpy.uint8).tobytes()
    if dtype == "F8_E4M3":
        codes = random.integers(0, 256, count, dtype=numpy.uint8)
        return dtype, shape, numpy.where(codes & 0x7F == 0x7F, 0, codes).astype(numpy.uint8).tobytes()
    # Exponents from subnormal to 2^95: 57344 times that still fits.
    bits = random.integers(0, 0x6F000000, count, dtype=numpy.uint32) | random.integers(0, 2, count, dtype=numpy.uint32) << 31
    if dtype == "BF16":
        return dtype, shape, (bits >> 16).astype("<u2").tobytes()
    if dtype == "F16":
        codes = random.integers(0, 1 << 16, count, dtype=numpy.uint16)
        return dtype, shape, numpy.where(codes & 0x7C00 == 0x7C00, 1, codes).astype("<u2").tobytes()
    return dtype, shape, bits.astype("<u4").tobytes()


def random_codes(random, dtype, shape):
    """Every code but those that are no number."""
    codes = random.integers(0, 256, shape, dtype=numpy.uint8)
    if dtype == "F8_E4M3":
        codes[codes & 0x7F == 0x7F] = 0x80
    if dtype == "F8_E5M2":
        codes[codes & 0x7C == 0x7C] = 1
    return dtype, list(shape), codes.tobytes()


def random_plain(random, dtype, count):
    if dtype == "F32":
        bits = random.integers(0, 0x7F7F8000, count, dtype=numpy.uint32)
        bits |= random.integers(0, 2, count, dtype=numpy.uint32) << 31
        return dtype, [count // 16, 16], bits.astype("<u4").tobytes()
    codes = random.integers(0, 1 << 16, count, dtype=numpy.uint16)
    limit = 0x7C00 if dtype == "F16" else 0x7F80
    return dtype, [count // 16, 16], numpy.where(codes & limit == limit, 1, codes).astype("<u2").tobytes()


def in_blocks(random, dtype, scale, height, width, ending, *, odd=True, zero=False, fixed=None, rows=ROWS):
    """A weight of rows x (BLOCKS / ROWS) blocks of height x width with random scales; odd leaves the last ones
    narrower."""
    columns = -(-BLOCKS // ROWS)
    shape = (rows * height - (height // 3 if odd else 0), columns * width - (width // 3 if odd else 0))
    grid = fixed or [rows, columns]
    out = {".weight": random_codes(random, dtype, shape), ending: random_scales(random, scale, grid)}
    if zero:
        count = int(numpy.prod(grid, dtype=int))
        out[".weight_zero_point"] = "I8", grid, random.integers(-128, 128, count, dtype=numpy.int8).tobytes()
    return out


def packed(random, scale, group, stored="I8", name=".weight", ending=".scale", **more):
    """FP4 in groups, each with its scale."""
    columns = -(-BLOCKS // ROWS)
    return {name: (stored, [ROWS, columns * group // 2], random.bytes(ROWS * columns * group // 2)),
            ending: random_scales(random, scale, [ROWS, columns]), **more}


def number(value):
    return "F32", [], numpy.float32(value).tobytes()


def random_formats(random):
    """{module: (block size of the configuration, {ending: tensor})}, at least one for every format."""
    return {
        "q0-f32": (None, {".weight": random_plain(random, "F32", BLOCKS * 16)}),
        "q0-f16": (None, {".weight": random_plain(random, "F16", BLOCKS * 16)}),
        "q0-bf16": (None, {".weight": random_plain(random, "BF16", BLOCKS * 16)}),
        "q1-f32": ((32, 32), in_blocks(random, "F8_E4M3", "F32", 32, 32, ".weight_scale_inv")),
        "q1-bf16": ((32, 32), in_blocks(random, "F8_E4M3", "BF16", 32, 32, ".weight_scale_inv")),
        "q1-128": ((128, 128), in_blocks(random, "F8_E4M3", "F32", 128, 128, ".weight_scale_inv", rows=20)),
        # Many small matrices, whose blocks are all cut off.
        "q1-experts": ((128, 128), {".weight": random_codes(random, "F8_E4M3", (BLOCKS // 2, 3, 131)),
                                    ".weight_scale_inv": random_scales(random, "F32", [BLOCKS // 2, 1, 2])}),
        "q1t": ((32, 32), in_blocks(random, "F8_E4M3", "F32", 1, 16, ".weight_scale_inv", fixed=[1])),
        "q2-e8m0": ((32, 32), in_blocks(random, "F8_E4M3", "F8_E8M0", 32, 32, ".scale")),
        "q2-f32": ((32, 32), in_blocks(random, "F8_E4M3", "F32", 32, 32, ".scale")),
        "q3": (None, packed(random, "F8_E8M0", 32)),
        "q3-u8": (None, packed(random, "F8_E8M0", 32, stored="U8")),
        "q4c": (None, packed(random, "U8", 32, "U8", ".weight_packed", ".weight_scale")),
        "q5": (None, packed(random, "F8_E4M3", 16, "U8", ".weight", ".weight_scale", **{".weight_scale_2": number(0.0123)})),
        "q5c": (None, packed(random, "F8_E4M3", 16, "U8", ".weight_packed", ".weight_scale",
                             **{".weight_global_scale": number(713.7)})),
        "q6-rows": (None, {".weight": random_codes(random, "F8_E4M3", (BLOCKS, 33)),
                           ".weight_scale": random_scales(random, "F32", [BLOCKS, 1])}),
        "q6-f16": (None, {".weight": random_codes(random, "F8_E4M3", (BLOCKS, 33)),
                          ".weight_scale": random_scales(random, "F16", [BLOCKS])}),
        "q6-bf16": (None, {".weight": random_codes(random, "F8_E4M3", (BLOCKS, 33)),
                           ".weight_scale": random_scales(random, "BF16", [BLOCKS])}),
        "q6g": (None, in_blocks(random, "F8_E4M3", "U8", 1, 32, ".weight_scale", odd=False)),
        "q7-rows": (None, {".weight": random_codes(random, "I8", (BLOCKS, 33)),
                           ".weight_scale": random_scales(random, "F32", [BLOCKS, 1])}),
        "q7-zero": ((32, 32), in_blocks(random, "I8", "F32", 32, 32, ".weight_scale", zero=True)),
        "q7-groups": (None, in_blocks(random, "I8", "BF16", 1, 128, ".weight_scale", odd=False)),
        "q8": ((32, 32), in_blocks(random, "F8_E5M2", "F32", 32, 32, ".weight_scale_inv")),
        "q8-plain": (None, {".weight": random_codes(random, "F8_E5M2", (BLOCKS, 16))}),
    }


class RandomBlocks(unittest.TestCase):
    """A head whose tensors are random blocks: what matters is the arithmetic, not what a model would hold."""

    def test_twenty_thousand_blocks_of_every_format_are_equal_to_the_bit(self):
        random = numpy.random.default_rng(20261122)
        sample = nextn(2)
        with SampleRoom() as room:
            for module, (block, parts) in random_formats(random).items():
                with self.subTest(module):
                    self.one(room, module, block, parts, sample)

    def one(self, room, module, block, parts, sample):
        root = "model.layers.2."
        scalars = ("BF16", [4, 8], bytes(64)), ("BF16", [4], bytes(8))
        tensors = {root + "eh_proj.weight": scalars[0], root + "enorm.weight": scalars[1], root + "hnorm.weight": scalars[1]}
        tensors.update({f"{root}mlp.up_proj{ending}": tensor for ending, tensor in parts.items()})
        config = {"model_type": "deepseek_v3", "num_hidden_layers": 2, "num_nextn_predict_layers": 1}
        if block:
            config["quantization_config"] = {"quant_method": "fp8", "weight_block_size": list(block)}
        source, target = f"lab/{module}", f"acme/{module}-mtp"
        commit(room.hub, source, {"config.json": json.dumps(config).encode(), "README.md": b"---\nlicense: mit\n---\n",
                                  "model.safetensors": shard_of(entries_of(tensors), data_of(tensors))})
        (room.folder / "rehearsal.yaml").write_text("models:\n" + entry_of(module, source, target))
        room.report(module)
        _, made = read_by_package(room.hub.content(FILE, repo=target))
        self.assertEqual(differences(made, extract_with_formats(tensors, sample.prefixes, Options(block=block))[0]), [])


class Oracle(unittest.TestCase):
    def test_what_is_kept_is_told_by_the_name_alone(self):
        for name in ("a.mlp.gate.e_score_correction_bias", "a.ffn.gate.bias", "a.attn_sink", "a.hc_head_fn",
                     "a.self_attn.attention_sink_bias", "mtp.hyper_connection_mixer.scale", "a.router_bias", "a.sinks"):
            self.assertTrue(is_kept(name, Options()), name)
        for name in ("a.norm.weight", "a.gate.weight", "a.q_proj.bias", "a.thc_x", "a.hc_attn.weight",
                     "a.attn_sink.weight", "a.xhyper.bias"):
            self.assertFalse(is_kept(name, Options()), name)


if __name__ == "__main__":
    unittest.main(verbosity=1)
