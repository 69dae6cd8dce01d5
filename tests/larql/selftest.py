# SPDX-License-Identifier: Apache-2.0
"""Holds the test double to what is known of the real program: sizes, formats, lines, exit codes, left files."""
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).absolute().parent))
import sample  # noqa: E402
from double import kquant  # noqa: E402
from double.source import Source  # noqa: E402

CHECKPOINT = ".extract_checkpoint.json"


class Bench:
    """A folder with the double on its path and a checkpoint in a private cache."""

    def __init__(self, kind="llama", version="N", mode=None, drop=(), model=sample.MODEL, files=None, **more):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="skw-larql-"))
        self.bin, self.version = self.folder / "bin", version
        self.log = sample.install(self.bin, version, mode, **more)
        self.files = {n: d for n, d in (files or checkpoint(kind)).items() if n not in drop}
        self.snapshot = sample.write_cache(self.folder / "cache", self.files, model)
        self.out = self.folder / "out.vindex"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def run(self, *words, **environment):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "HF_HUB_CACHE": str(self.folder / "cache"),
               **environment}
        return subprocess.run([self.bin / "larql", *map(str, words)], env=env, cwd=self.folder, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=120)

    def extract(self, *more, model=sample.MODEL):
        return self.run("extract", model, "-o", self.out, "--quant", "q4k", *more)

    def sizes(self):
        return {str(p.relative_to(self.out)): p.stat().st_size for p in self.out.rglob("*") if p.is_file()}

    def json(self, name):
        return json.loads((self.out / name).read_text())


KEPT = {}


def checkpoint(kind):
    if kind not in KEPT:
        KEPT[kind] = sample.checkpoint(kind)
    return KEPT[kind]


class Encodings(unittest.TestCase):
    def test_blocks_have_their_sizes_and_decode_to_what_they_were_made_of(self):
        generator = random.Random(1)
        for scale in (1e-3, 0.02, 1.0, 30.0):
            values = [generator.gauss(0.0, scale) for _ in range(1024)]
            for kind, size, limit in (("Q4_K", 144, 0.11), ("Q6_K", 210, 0.03)):
                data = kquant.encode(kind, values)
                self.assertEqual(len(data), 4 * size)
                back = kquant.decode(kind, data)
                rms = (sum((a - b) ** 2 for a, b in zip(values, back)) / 1024) ** 0.5
                self.assertLess(rms / scale, limit, (kind, scale))

    def test_zeros_one_sided_and_constant_blocks_are_kept(self):
        for values in ([0.0] * 256, [0.5] * 256, [-0.5] * 256, [n / 256 for n in range(256)]):
            for kind in kquant.BYTES:
                back = kquant.decode(kind, kquant.encode(kind, values))
                self.assertLess(max(abs(a - b) for a, b in zip(values, back)), 0.04)


class Extract(unittest.TestCase):
    def test_every_file_of_a_dense_build_has_its_exact_size(self):
        for version, label in (("F", "q4k"), ("N", "kquant")):
            with Bench(version=version) as bench:
                done = bench.extract()
                self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
                sizes = bench.sizes()
                wanted = {"gate_vectors.bin": 262144, "embeddings.bin": 262144, "down_meta.bin": 45080,
                          f"attn_weights_{label}.bin": 238080, f"interleaved_{label}.bin": 254976, "norms.bin": 5120}
                self.assertEqual({n: sizes[n] for n in wanted}, wanted)
                self.assertEqual(set(sizes) - set(wanted), {
                    "index.json", "tokenizer.json", "weight_manifest.json", f"attn_weights_{label}_manifest.json",
                    f"interleaved_{label}_manifest.json", "tokenizer_config.json", "special_tokens_map.json",
                    "generation_config.json", "chat_template.jinja"})
                self.assertEqual(len(bench.json(f"attn_weights_{label}_manifest.json")), 8)
                self.assertEqual(len(bench.json(f"interleaved_{label}_manifest.json")), 6)
                self.assertEqual(len(bench.json("weight_manifest.json")), 5)

    def test_the_index_says_what_lies_beside_it_and_ends_with_the_sums(self):
        with Bench() as bench:
            bench.extract()
            index = bench.json("index.json")
            self.assertEqual({n: index[n] for n in ("version", "model", "quant", "num_layers", "hidden_size", "vocab_size",
                                                    "extract_level", "dtype", "down_top_k", "has_model_weights")},
                             {"version": 2, "model": sample.MODEL, "quant": "q4k", "num_layers": 2, "hidden_size": 256,
                              "vocab_size": 512, "extract_level": "inference", "dtype": "f16", "down_top_k": 10,
                              "has_model_weights": True})
            self.assertIsNone(index["source"]["huggingface_revision"])
            self.assertEqual(index["layers"], [{"layer": n, "num_features": 256, "offset": 131072 * n, "length": 131072}
                                               for n in (0, 1)])
            self.assertEqual(index["checksums"], {
                name: hashlib.sha256((bench.out / name).read_bytes()).hexdigest()
                for name in ("gate_vectors.bin", "embeddings.bin", "down_meta.bin", "norms.bin")})
            self.assertEqual(bench.run("verify", bench.out).returncode, 0)

    def test_all_weights_decode_to_the_source(self):
        with Bench(files=sample.checkpoint(tied=False), version="F") as bench:
            self.assertEqual(bench.extract().returncode, 0)
            source = Source(bench.snapshot, False)
            seen = 0
            for name in ("attn_weights_q4k", "interleaved_q4k"):
                data = (bench.out / (name + ".bin")).read_bytes()
                for entry in bench.json(name + "_manifest.json"):
                    part = data[entry["offset"]:entry["offset"] + entry["length"]]
                    self.check_close(source.values(entry["key"]), kquant.decode(entry["format"], part), entry["key"])
                    seen += 1
            self.assertEqual(seen, 14)
            (head,) = [e for e in bench.json("weight_manifest.json") if e["file"] == "lm_head_q4.bin"]
            self.assertEqual((head["kind"], head["length"]), ("tensor_q4k", 512 * 144))
            embeddings = struct.unpack("<131072e", (bench.out / "embeddings.bin").read_bytes())
            self.check_close(source.values("embed_tokens.weight"), embeddings, "embeddings", 0.001)

    def check_close(self, wanted, got, name, limit=0.11):
        self.assertEqual(len(wanted), len(got), name)
        error = (sum((a - b) ** 2 for a, b in zip(wanted, got)) / sum(a * a for a in wanted)) ** 0.5
        self.assertLess(error, limit, name)

    def test_names_of_tensors_lose_their_prefix_unless_a_test_asks_for_the_source_s(self):
        for keys, first in (("stripped", "layers.0."), ("source", "model.layers.0.")):
            with Bench(keys=keys) as bench:
                bench.extract()
                self.assertTrue(bench.json("attn_weights_kquant_manifest.json")[0]["key"].startswith(first))

    def test_experts_are_stored_per_layer_except_by_the_older_state(self):
        for kind, version in (("mixtral", "N"), ("gemma4", "N"), ("gemma4", "F")):
            with Bench(kind, version) as bench:
                self.assertEqual(bench.extract().returncode, 0)
                sizes = bench.sizes()
                self.assertEqual((sizes["layers/layer_00.weights"], sizes["layers/layer_01.weights"]), (442520, 442520))
                self.assertEqual(sizes["router_weights.bin"], 2 * 2 * 4 * 256)
                features = 256 if kind == "gemma4" else 1024
                self.assertEqual(sizes["gate_vectors.bin"], 2 * 2 * features * 256)
                self.check_expert_file((bench.out / "layers/layer_01.weights").read_bytes())
                self.assertEqual(bench.json("index.json").get("ffn_layout"), "per_layer" if kind == "gemma4" else None)
        with Bench("mixtral", "F") as bench:
            self.assertEqual(bench.extract().returncode, 0)
            self.assertEqual(bench.sizes()["interleaved_q4k.bin"], 0)
            self.assertEqual(bench.json("interleaved_q4k_manifest.json"), [])
            self.assertFalse((bench.out / "layers").exists())

    def check_expert_file(self, data):
        self.assertEqual((data[:4], *struct.unpack("<5I", data[4:24])), (b"LYRW", 1, 4, 4, 256, 256))
        at = 24 + 4 * 32
        for entry in range(4):
            one, one_bytes, two, two_bytes = struct.unpack_from("<4Q", data, 24 + 32 * entry)
            self.assertEqual((one, one_bytes, two, two_bytes), (at, 512 * 144, at + 512 * 144, 256 * 144))
            at = two + two_bytes
        self.assertEqual(at, len(data))

    def test_the_lines_of_a_run_come_in_their_order(self):
        with Bench(version="F") as bench:
            err = bench.extract().stderr
            stages = [line[3:-3] for line in err.splitlines() if line.startswith("\u2500\u2500 ")]
            self.assertEqual(stages, ["loading", "gate_vectors", "embeddings", "down_meta", "tokenizer",
                                      "model_weights_q4k", "Summary"])
            self.assertTrue(err.startswith(f"Extracting: {sample.MODEL} \u2192 "))
            self.assertEqual(sum("(not found)" in line for line in err.splitlines()), 5)
            self.assertEqual(sum(line.startswith("  gate L ") for line in err.splitlines()), 2)

    def test_what_is_missing_ends_as_the_real_one_does(self):
        rows = [("nobody/none", (), "not a directory: nobody/none", None),
                (sample.MODEL, ("tokenizer.json",), "tokenizer.json not found at ", None),
                (sample.MODEL, ("config.json",), "parse error: ", None)]
        for model, drop, words, left in rows:
            with Bench(drop=drop) as bench:
                done = bench.extract(model=model)
                self.assertEqual((done.returncode, done.stdout, bench.out.exists()), (1, "", bool(left)))
                self.assertEqual(done.stderr.splitlines()[-1][:7 + len(words)], "Error: " + words)
        shards = [name for name in checkpoint("llama") if name.endswith(".safetensors")]
        with Bench(drop=shards) as bench:
            done = bench.extract(model=str(bench.snapshot))
            self.assertEqual((done.returncode, list(bench.out.iterdir())), (1, []))
            self.assertIn("Error: no safetensors files in ", done.stderr)
        files = sample.checkpoint()
        config = json.loads(files["config.json"])
        with Bench(files={**files, "config.json": json.dumps({**config, "model_type": "deepseek_v3"}).encode()}) as bench:
            self.assertIn("Error: unsupported architecture", bench.extract().stderr)
        with Bench(drop=[shards[0]]) as bench:
            done = bench.extract()
            self.assertEqual(done.returncode, 1)
            self.assertIn("Error: missing tensor: embed_tokens.weight", done.stderr)
            self.assertEqual(set(bench.sizes()), {"gate_vectors.bin", CHECKPOINT})

    def test_a_lost_shard_gives_a_shorter_vindex_and_no_error(self):
        with Bench(mode="one-shard-missing") as bench:
            self.assertEqual(bench.extract().returncode, 0)
            self.assertEqual(len(bench.json("index.json")["layers"]), 1)
            self.assertEqual(len(bench.json("attn_weights_kquant_manifest.json")), 4)
        with Bench(drop=["model-00002-of-00002.safetensors"]) as bench:
            self.assertEqual(bench.extract().returncode, 0)
            self.assertEqual(len(bench.json("index.json")["layers"]), 1)

    def test_a_killed_run_leaves_a_checkpoint_and_the_next_one_resumes(self):
        with Bench(mode="killed-in-weights") as bench:
            self.assertEqual(bench.extract().returncode, -signal.SIGKILL)
            index = bench.json("index.json")
            self.assertEqual((index["checksums"], index["has_model_weights"]), (None, False))
            self.assertEqual(bench.json(CHECKPOINT)["completed"], ["gate", "down_meta"])
            self.assertLess(bench.sizes()["attn_weights_kquant.bin"], 238080)
            sample.play(bench.bin)
            done = bench.extract()
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("Skipping gate_vectors", done.stderr)
            self.assertEqual(bench.sizes()["attn_weights_kquant.bin"], 238080)
            self.assertNotIn(CHECKPOINT, bench.sizes())

    def test_every_mode_of_a_vindex_can_be_asked_for(self):
        from double.defects import DEFECTS
        for mode in sorted(DEFECTS):
            kind = "mixtral" if "expert" in mode else "llama"
            files = sample.checkpoint(tied=False) if mode == "missing-head" else None
            with Bench(kind, mode=mode, files=files, file="norms.bin") as bench:
                done = bench.extract()
                self.assertEqual(done.returncode, 0, (mode, done.stderr))


class CommandLine(unittest.TestCase):
    def test_flags_are_those_of_the_version_and_all_others_are_refused(self):
        with Bench(version="F") as older, Bench() as later:
            self.assertEqual((older.run("--version").stdout, later.run("--version").stdout), ("larql 0.1.0\n", "larql 0.2.0\n"))
            for bench in (older, later):
                self.assertIn("test double", bench.run("--help").stdout)
            for words in (["publish", "x", "--repo", "a/b", "--private"], ["publish", "x", "--repo", "a/b", "--no-prune"]):
                self.assertEqual(older.run(*words).returncode, 2)
                self.assertEqual(later.run(*words).returncode, 1)
            self.assertIn("--private", later.run("publish", "--help").stdout)
            self.assertNotIn("--private", older.run("publish", "--help").stdout)
            for words in (["extract", "a/b"], ["extract", "a/b", "-o", "x", "--jobs", "2"], ["publish", "x"], ["spin"], []):
                done = later.run(*words)
                self.assertEqual((done.returncode, done.stdout), (2, ""), words)
                self.assertIn("Usage: larql", done.stderr)

    def test_each_start_is_logged_with_names_of_variables_but_no_secrets(self):
        with Bench() as bench:
            bench.run("publish", "gone", "--repo", "a/b", HF_TOKEN="secret")
            (line,) = sample.starts(bench.bin)
            self.assertEqual(line["argv"], ["larql", "publish", "gone", "--repo", "a/b"])
            self.assertIn("HF_TOKEN", line["environment"])
            self.assertNotIn("secret", bench.log.read_text())


class SliceAndVerify(unittest.TestCase):
    def test_a_slice_is_a_copy_of_parts_with_stale_sums(self):
        with Bench("gemma4") as bench:
            bench.extract()
            out = bench.folder / "slice"
            done = bench.run("slice", bench.out, "-o", out, "--preset", "expert-server")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            names = sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file())
            self.assertEqual(names, ["embeddings.bin", "index.json", "interleaved_kquant.bin",
                                     "interleaved_kquant_manifest.json", "layers/layer_00.weights",
                                     "layers/layer_01.weights", "norms.bin", "tokenizer.json", "weight_manifest.json"])
            index, whole = json.loads((out / "index.json").read_text()), bench.json("index.json")
            self.assertEqual({n for n in whole if index[n] != whole[n]}, {"extract_level"})
            self.assertEqual((index["extract_level"], index["has_model_weights"]), ("browse", True))
            verify = bench.run("verify", out)
            self.assertEqual(verify.returncode, 1)
            self.assertEqual(verify.stdout.count("FAILED (missing)"), 2)
            again = bench.run("slice", bench.out, "-o", out, "--preset", "expert-server")
            self.assertEqual((again.returncode, again.stderr.split(":")[:2]), (1, ["Error", " output path exists"]))
            self.assertEqual(bench.run("slice", bench.out, "-o", out, "--preset", "client", "--force").returncode, 0)
            self.assertEqual(bench.run("slice", bench.out, "-o", out, "--preset", "full", "--force").returncode, 1)

    def test_verify_is_narrow(self):
        with Bench(mode="damaged-attention") as bench:
            bench.extract()
            self.assertEqual(bench.run("verify", bench.out).returncode, 0)
        with Bench(mode="no-checksums") as bench:
            bench.extract()
            done = bench.run("verify", bench.out)
            self.assertEqual((done.returncode, done.stdout), (0, ""))
            self.assertIn("no checksums", done.stderr)


class PublishOffline(unittest.TestCase):
    def test_it_never_talks_to_a_hub_that_was_not_named(self):
        with Bench() as bench:
            bench.extract()
            base = ["publish", bench.out, "--repo", "acme/x"]
            for more, words in ((["--slices", "full"], "invalid slice preset"), (["--slices", "none,attn"], "invalid slice"),
                                ([], "LARQL_HF_TEST_BASE"), (["--no-full", "--slices", "none"], "nothing to publish")):
                done = bench.run(*base, *more, HF_TOKEN="x")
                self.assertEqual(done.returncode, 1)
                self.assertIn(words, done.stderr)
            done = bench.run(*base, "--slices", "none", "--dry-run")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn("Upload plan (1 step(s)):", done.stdout)
            done = bench.run(*base, "--slices", "none", LARQL_HF_TEST_BASE="http://127.0.0.1:9")
            self.assertIn("HuggingFace token not found", done.stderr)
            (bench.out / "index.json").unlink()
            self.assertIn("source vindex missing index.json", bench.run(*base).stderr)


@unittest.skipUnless("SKW_BIN" in os.environ, "SKW_BIN names no folder with skulk-hub")
class PublishOnHub(unittest.TestCase):
    def test_it_makes_one_commit_a_file_skips_and_prunes_as_its_version_does(self):
        from room import VindexRoom
        base = ["--slices", "none", "--collections", "none"]
        with VindexRoom() as room:
            sample.write_cache(room.folder / "cache", room.files, "tiny/llama-3")
            environment = room.environment(HF_HUB_CACHE=str(room.folder / "cache"), LARQL_HF_TEST_BASE=room.hub.endpoint)

            def run(*words, exit_code=0):
                done = subprocess.run([room.bin / "larql", *words], cwd=room.folder, env=environment, text=True,
                                      capture_output=True, timeout=120)
                self.assertEqual(done.returncode, exit_code, done.stderr)
                return done
            run("extract", "tiny/llama-3", "-o", "out", "--quant", "q4k")
            names = sorted(path.name for path in (room.folder / "out").iterdir())
            done = run("publish", "out", "--repo", "acme/x", *base)
            titles = [one["title"] for one in room.hub.commits("acme/x")][::-1]
            self.assertEqual(titles[1:], [f"Upload {name}" for name in names])
            self.assertIn(f"(@ {room.hub.head('acme/x')})", done.stdout)
            # Again, with a file less: only the small ones are sent, and what is gone here goes there.
            (room.folder / "out/chat_template.jinja").unlink()
            done = run("publish", "out", "--repo", "acme/x", *base)
            self.assertNotIn(".bin", done.stderr)
            self.assertNotIn("chat_template.jinja", room.hub.files("acme/x"))
            self.assertEqual(room.hub.collections()[0]["items"], [])
            room.play("F")
            done = run("publish", "out", "--repo", "acme/y", *base, exit_code=1)
            self.assertIsNone(room.hub.head("acme/y"))
            self.assertIsNotNone(room.hub.head("local/y"))
            room.play("N", "publish-fails-at", number=5)
            run("publish", "out", "--repo", "acme/z", *base, exit_code=1)
            self.assertEqual(set(room.hub.files("acme/z")) - {".gitattributes"}, set(sorted(
                path.name for path in (room.folder / "out").iterdir())[:4]))
            room.play()
            run("publish", "out", "--repo", "acme/w", "--slices", "none")
            self.assertEqual(len(room.hub.collections()), 4)


if __name__ == "__main__":
    unittest.main(verbosity=1)
