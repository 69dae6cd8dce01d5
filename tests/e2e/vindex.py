# SPDX-License-Identifier: Apache-2.0
"""A vindex from its source to the Hub with a double of larql: what is published, what is refused, how it goes on.

The suite RealBinary does the first case with the real larql where there is one on PATH.
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "larql"))
import sample  # noqa: E402
from room import (ENTRY, KEY, OUTPUT, SLICE_ENTRY, SOURCE, TARGET, VindexRoom, checkpoint,  # noqa: E402
                  path_without_larql, real_larql)
from checkpoints import commit  # noqa: E402
from harness import TOKEN, artifacts_of, sha256  # noqa: E402

MANIFEST = "skulk-manifest.json"
ADDED = {".gitattributes", "README.md", "LICENSE", MANIFEST}
# What a tool may know; double/settings.py logs the names.
VARIABLES = {"PATH", "LANG", "LANGUAGE", "TZ", "TERM", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
             "RAYON_NUM_THREADS", "TMPDIR", "HOME", "HF_HUB_CACHE"}
UPLOADING = VARIABLES | {"HF_TOKEN", "LARQL_HF_TEST_BASE", "SSL_CERT_FILE", "SSL_CERT_DIR"}


def own_extraction(room, kind="full"):
    """{path: bytes} of what the double makes of the same source by itself, without host and plugin."""
    folder = room.folder / "own"
    sample.install(folder / "bin", room_version(room))
    sample.write_cache(folder / "cache", room.files, SOURCE)

    def run(*words):
        subprocess.run([folder / "bin/larql", *words], cwd=folder, check=True, capture_output=True,
                       env={"PATH": os.environ["PATH"], "HOME": str(folder), "HF_HUB_CACHE": str(folder / "cache")})
    run("extract", SOURCE, "-o", "out", "--quant", "q4k")
    place = folder / "out"
    if kind != "full":
        run("slice", "out", "-o", "sliced", "--preset", kind)
        place = folder / "sliced"
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def room_version(room):
    return json.loads((room.bin / "standin.json").read_text())["version"]


class Vindex(unittest.TestCase):
    def check_published(self, room, done, kind="full", repo=TARGET):
        """The target against an extraction of our own, file by file; the card, the manifest, what is left."""
        self.assertEqual(done.returncode, 0, done.stderr)
        hub, wanted = room.hub, own_extraction(room, kind)
        files = hub.files(repo)
        self.assertEqual(set(files) - {"LICENSE"}, set(wanted) | ADDED - {"LICENSE"})
        manifest_text = hub.content(MANIFEST, repo=repo).decode()
        card = hub.content("README.md", repo=repo).decode()
        for path, data in wanted.items():
            there = hub.content(path, repo=repo)
            if path == "index.json":  # it holds the time
                made, ours = json.loads(there), json.loads(data)
                made["source"].pop("extracted_at"), ours["source"].pop("extracted_at")
                self.assertEqual(made, ours)
            else:
                self.assertEqual(sha256(there), sha256(data), path)
            self.assertIn(sha256(there), manifest_text, path)
            self.assertIn(sha256(there), card, path)
        manifest = json.loads(manifest_text)
        self.assertEqual({one["path"]: (one["size"], one["sha256"]) for one in manifest["files"]},
                         {path: (len(hub.content(path, repo=repo)), sha256(hub.content(path, repo=repo))) for path in wanted})
        self.assertIn(room.source_commit, manifest_text)
        self.assertNotIn(str(room.folder), manifest_text)
        self.assertIn(f"base_model: {SOURCE}", card)
        self.assertIn(f"source_revision: '{room.source_commit}'", card)
        for words in ("artifact_type: vindex", "quant: q4k", "license: apache-2.0", "LARQL"):
            self.assertIn(words, card)
        self.assertFalse(room.is_private(repo))
        self.assertEqual(room.filed(), [repo])
        self.assertEqual(room.scratch_files(), [])
        self.assertFalse(room.output.exists())

    def check_refused(self, done, *words, code=1):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)


class Publish(Vindex):
    def test_a_whole_vindex_is_extracted_checked_published_filed_and_cleared_away(self):
        with VindexRoom() as room:
            done = room.publish()
            self.check_published(room, done)
            self.assertTrue(done.stdout.startswith(f"model key: {KEY}\ntier: smoke\nartifact: vindex\n"), done.stdout)
            self.assertEqual([len(room.starts("extract")), len(room.starts("slice")), len(room.starts("publish"))], [1, 0, 1])
            self.assertEqual(room.hub.content("LICENSE", repo=TARGET), room.files["LICENSE"])
            # Private until it was whole: the repo was made so, and one call at the end changed it.
            log = room.hub.log_text()
            self.assertEqual(log.count(f"PUT /api/models/{TARGET}/settings"), 1)
            # All but the commit that takes the mark off the card come before it.
            commits = [at.start() for at in re.finditer(f"POST /api/models/{TARGET}/commit", log)]
            self.assertLess(commits[-2], log.index(f"PUT /api/models/{TARGET}/settings"))
            self.assertNotIn("state:", room.hub.content("README.md", repo=TARGET).decode())
            self.assertLess(log.index(f"PUT /api/models/{TARGET}/settings"), log.rindex("POST /api/collections/"))

    def test_a_tool_knows_only_what_it_needs(self):
        with VindexRoom() as room:
            secrets = {"AWS_SECRET_ACCESS_KEY": "s3cret", "HF_HOME": str(room.folder / "hf-home"), "HF_HUB_CACHE": "/nowhere"}
            self.assertEqual(room.publish(**secrets).returncode, 0)
            scratch = str(room.folder / "scratch")
            for start in room.starts():
                names = {name for name in start["environment"] if not name.startswith("LC_")}
                allowed = UPLOADING if start in room.starts("publish") else VARIABLES
                self.assertLessEqual(names, allowed, start["argv"])
                self.assertEqual(start["values"]["TERM"], "dumb")
                for name in ("HOME", "TMPDIR"):
                    self.assertTrue(start["values"][name].startswith(scratch + "/"), start["values"])
                self.assertEqual(start["pid"], start["group"])
            (extract,), (publish,) = room.starts("extract"), room.starts("publish")
            self.assertTrue(extract["values"]["HF_HUB_CACHE"].startswith(scratch + "/"))
            self.assertIn("HF_TOKEN", publish["environment"])
            self.assertEqual(publish["values"]["LARQL_HF_TEST_BASE"], room.hub.endpoint)

    def test_both_states_of_larql_and_both_spellings_of_names_are_taken(self):
        for version, keys, tied in (("F", "stripped", True), ("N", "source", False)):
            with VindexRoom(version=version, keys=keys, tied=tied) as room:
                done = room.publish()
                self.assertEqual(done.returncode, 0, done.stderr)
                label = "q4k" if version == "F" else "kquant"
                self.assertIn(f"attn_weights_{label}.bin", room.hub.files(TARGET))
                self.assertEqual("lm_head_kquant.bin" in room.hub.files(TARGET), not tied)
                # The older one makes a repo in the account's own name, which is told and left.
                stray = f"local/{TARGET.split('/')[1]}"
                self.assertEqual(room.hub.head(stray) is not None, version == "F")
                self.assertEqual(stray in done.stderr, version == "F")

    def test_models_with_experts_are_published_whole_or_as_the_slice_that_serves_them(self):
        with VindexRoom(kind="mixtral") as room:
            self.check_published(room, room.publish())
            self.assertIn("layers/layer_01.weights", room.hub.files(TARGET))
        with VindexRoom(kind="gemma4", entry=SLICE_ENTRY) as room:
            done = room.publish()
            self.check_published(room, done, "expert-server")
            self.assertNotIn("gate_vectors.bin", room.hub.files(TARGET))
            self.assertFalse((room.folder / "scratch" / (OUTPUT + "-expert-server")).exists())
            self.assertEqual([len(room.starts(verb)) for verb in ("extract", "slice", "publish")], [1, 1, 1])
            self.assertIsNone(room.hub.head(TARGET + "-expert-server"))

    def test_the_sample_of_the_local_hub_can_be_extracted(self):
        room = VindexRoom()
        room.seeds = (("vindex-source", "--repo", "tiny/seeded"),)
        (room.folder / "rehearsal.yaml").write_text(ENTRY.replace(SOURCE, "tiny/seeded"))
        with room:
            done = room.publish()
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("embeddings.bin", room.hub.files(TARGET))


class Hidden(Vindex):
    def test_a_run_that_ends_between_complete_and_public_is_taken_up_by_the_next(self):
        for fault in (f"PUT:/api/models/{TARGET}/settings:status-503x0", f"PUT:/api/models/{TARGET}/settings:status-403x0"):
            with self.subTest(fault), VindexRoom("--fault", fault) as room:
                done = room.publish()
                self.assertNotEqual(done.returncode, 0)
                self.assertTrue(room.is_private())
                room.hub.stop()
                room.hub.options = []
                room.hub.start()
                again = room.publish()
                self.assertEqual(again.returncode, 0, again.stderr)
                self.assertIn("is public now", again.stderr)
                self.assertFalse(room.is_private())
                self.assertNotIn("state:", room.hub.content("README.md", repo=TARGET).decode())
                self.assertEqual(len(room.starts("extract")), 1)

    def test_a_public_repo_whose_replacement_broke_off_is_not_called_current(self):
        with VindexRoom() as room:
            self.assertEqual(room.publish().returncode, 0)
            room.play(mode="publish-fails-at", number=5)
            self.assertNotEqual(room.publish("--force").returncode, 0)
            self.assertIn("state: publishing", room.hub.content("README.md", repo=TARGET).decode())
            room.play()
            again = room.publish()
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertIn("going on with", again.stderr)
            self.check_published(room, again)

    def test_a_repository_of_somebody_else_is_never_handed_to_the_tool(self):
        with VindexRoom() as room:
            commit(room.hub, TARGET, {"model.gguf": b"precious", "README.md": b"# mine"})
            for options in ([], ["--force"]):
                done = room.publish(*options)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("without a card of this program", done.stderr)
            self.assertEqual(room.hub.content("model.gguf", repo=TARGET), b"precious")


class Commands(Vindex):
    def lines(self, text):
        found = {}
        for line in text.splitlines():
            name, _, words = line.partition(" command: ")
            if words:
                found[name] = shlex.split(words)
        return found

    def test_a_dry_run_prints_exactly_what_runs_and_touches_nothing(self):
        for entry, verbs, kind in ((ENTRY, ["extract", "publish"], "llama"),
                                   (SLICE_ENTRY, ["extract", "slice", "publish"], "gemma4")):
            with VindexRoom(entry=entry, kind=kind) as room:
                before = sorted(room.folder.rglob("*"))
                dry = room.publish("--dry-run", HF_TOKEN=None, HF_ENDPOINT="http://127.0.0.1:9", PATH="/nowhere")
                self.assertEqual((dry.returncode, dry.stderr), (0, ""))
                self.assertEqual(sorted(room.folder.rglob("*")), before)
                printed = self.lines(dry.stdout)
                self.assertEqual(list(printed), verbs)
                scratch = str(room.folder / "scratch" / OUTPUT)
                self.assertEqual(printed["extract"], ["larql", "extract", SOURCE, "-o", scratch, "--quant", "q4k"])
                self.assertEqual(printed["publish"][-4:], ["--slices", "none", "--collections", "none"])
                done = room.publish()
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(self.lines(done.stdout), printed)
                for verb in verbs:
                    self.assertEqual([start["argv"] for start in room.starts(verb)], [printed[verb]])

    def test_a_relative_scratch_folder_and_odd_names_reach_the_tool_as_words(self):
        with VindexRoom() as room:
            done = room.run("publish", "--model", KEY, "--artifact", "vindex", "--scratch", "it's $HOME/`scratch`")
            self.assertEqual(done.returncode, 0, done.stderr)
            (start,) = room.starts("extract")
            self.assertEqual(start["argv"][4], f"it's $HOME/`scratch`/{OUTPUT}")
            self.assertEqual(self.lines(done.stdout)["extract"], start["argv"])

    def test_an_output_path_that_exists_is_kept_unless_forced(self):
        with VindexRoom() as room:
            room.output.mkdir(parents=True)
            (room.output / "precious.txt").write_text("mine")
            done = room.publish()
            self.check_refused(done)
            self.assertEqual(done.stderr.splitlines()[:2], [
                f"output path already exists: {room.output}",
                "remove it manually or rerun with --force to replace it"])
            self.assertTrue((room.output / "precious.txt").exists())
            self.assertEqual(room.starts("extract"), [])
            self.assertIsNone(room.hub.head(TARGET))
            self.check_published(room, room.publish("--force"))

    def test_the_way_to_larql_is_named_when_there_is_none(self):
        with VindexRoom() as room:
            done = room.publish(PATH=path_without_larql())
            self.check_refused(done)
            self.assertEqual(done.stderr.splitlines()[0], "larql is required for vindex publishing")
            self.assertIsNone(room.hub.head(TARGET))
            self.assertFalse(room.output.exists())

    def test_a_larql_that_lacks_what_is_needed_is_refused_before_anything_is_fetched(self):
        with VindexRoom() as room:
            for mode, word in (("help-without-collections", "--collections"), ("help-without-quant", "--quant"),
                               ("version-fails", "--version")):
                room.play(mode=mode)
                before = room.sent_bytes()
                done = room.publish()
                self.check_refused(done, word)
                self.assertLess(room.sent_bytes() - before, room.weight_bytes() / 10)
                self.assertEqual(room.starts("extract"), [])
                self.assertIsNone(room.hub.head(TARGET))


class GoingOn(Vindex):
    def test_after_a_failure_the_source_is_not_fetched_again(self):
        with VindexRoom(mode="fails") as room:
            start = room.sent_bytes()
            done = room.publish()
            self.check_refused(done, "larql", "the double was told to fail")
            fetched = room.sent_bytes() - start
            self.assertGreater(fetched, room.weight_bytes())
            self.assertIsNone(room.hub.head(TARGET))
            room.play()
            start = room.sent_bytes()
            again = room.publish()
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertLess(self.bytes_of_source(room, start), room.weight_bytes() / 10)
            self.assertEqual(room.scratch_files(), [])

    def bytes_of_source(self, room, start):
        return room.sent_bytes() - start

    def test_a_second_run_says_that_it_is_published_already_and_does_nothing(self):
        with VindexRoom() as room:
            self.assertEqual(room.publish().returncode, 0)
            head, starts = room.hub.head(TARGET), len(room.starts("extract"))
            again = room.publish()
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertIn("already published from this revision", again.stderr)
            self.assertEqual(artifacts_of(room.publish("--json").stdout)[0]["outcome"], "up_to_date")
            self.assertEqual((room.hub.head(TARGET), len(room.starts("extract"))), (head, starts))
            self.assertFalse(room.output.exists())
            forced = room.publish("--force")
            self.assertEqual(forced.returncode, 0, forced.stderr)
            self.assertEqual(len(room.starts("extract")), starts + 1)

    def test_a_source_that_moved_is_published_anew_and_old_files_go(self):
        from checkpoints import commit
        with VindexRoom() as room:
            self.assertEqual(room.publish().returncode, 0)
            self.assertIn("chat_template.jinja", room.hub.files(TARGET))
            room.source_commit = commit(room.hub, SOURCE, {"generation_config.json": b'{"do_sample": true}'},
                                        deleted=["chat_template.jinja"])
            done = room.publish()
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("chat_template.jinja", room.hub.files(TARGET))
            card = room.hub.content("README.md", repo=TARGET).decode()
            self.assertIn(room.source_commit, card)
            self.assertEqual(json.loads(room.hub.content("generation_config.json", repo=TARGET)), {"do_sample": True})

    def test_a_failed_filing_is_told_after_the_publish_and_running_again_only_files(self):
        with VindexRoom("--fault", "POST:/items:status-403x1") as room:
            done = room.publish()
            self.assertEqual(done.returncode, 9)
            self.assertIn(f"failed to add {TARGET} to collection {room.slug}: ", done.stderr)
            self.assertIn("README.md", room.hub.files(TARGET))
            head = room.hub.head(TARGET)
            again = room.publish()
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertEqual((room.hub.head(TARGET), room.filed()), (head, [TARGET]))
            self.assertEqual(len(room.starts("extract")), 1)


# mode, what else the double is told, words the message must hold. One room for all: only the double changes.
DENSE_DEFECTS = [
    ("zero-ffn", {}, ["interleaved_kquant"]),
    ("missing-layer", {}, ["index.json", "layers"]),
    ("missing-attention", {}, ["attn_weights_kquant_manifest.json", "tensors"]),
    ("missing-ffn-layer", {}, ["interleaved_kquant_manifest.json", "tensors"]),
    ("truncated-file", {"file": "gate_vectors.bin"}, ["gate_vectors.bin", "261144"]),
    ("truncated-file", {"file": "embeddings.bin"}, ["embeddings.bin", "261144"]),
    ("truncated-file", {"file": "down_meta.bin"}, ["down_meta.bin", "44080"]),
    ("truncated-file", {"file": "attn_weights_kquant.bin"}, ["attn_weights_kquant.bin", "237080"]),
    ("truncated-file", {"file": "interleaved_kquant.bin"}, ["interleaved_kquant.bin", "253976"]),
    ("truncated-file", {"file": "norms.bin"}, ["norms.bin", "4120"]),
    ("truncated-file", {"file": "tokenizer.json"}, ["tokenizer.json"]),
    ("truncated-file", {"file": "weight_manifest.json"}, ["weight_manifest.json"]),
    ("truncated-file", {"file": "tokenizer_config.json"}, ["tokenizer_config.json"]),
    ("wrong-checksums", {}, ["gate_vectors.bin", "SHA-256"]),
    ("no-checksums", {}, ["index.json", "checksums"]),
    ("missing-checksum", {}, ["checksums", "norms.bin"]),
    ("leftover-checkpoint", {}, [".extract_checkpoint.json"]),
    ("both-families", {}, ["_q4k", "_kquant"]),
    ("mixed-families", {}, ["_q4k"]),
    ("mixed-quantisation", {}, ["interleaved_kquant_manifest.json", "quanti"]),
    ("wrong-format-label", {}, ["attn_weights_kquant_manifest.json", "Q4_K"]),
    ("old-blocks", {}, ["attn_weights_kquant_manifest.json"]),
    ("manifest-gap", {}, ["attn_weights_kquant_manifest.json", "byte"]),
    ("damaged-attention", {}, ["attn_weights_kquant.bin", "differs"]),
    ("damaged-ffn", {}, ["interleaved_kquant.bin", "differs"]),
    ("damaged-gate", {}, ["gate_vectors.bin", "differs"]),
    ("damaged-embeddings", {}, ["embeddings.bin", "differs"]),
    ("damaged-norms", {}, ["norms.bin"]),
    ("damaged-down-meta", {}, ["down_meta.bin", "features"]),
    ("stray-file", {}, ["notes.txt"]),
    ("temporary-file", {}, ["interleaved_kquant.bin.tmp"]),
    ("dot-file", {}, [".DS_Store"]),
    ("symbolic-link", {}, ["embeddings.bin"]),
    ("local-path", {}, ["index.json", "path"]),
    ("wrong-model", {}, ["somebody/else"]),
    ("wrong-quant", {}, ["quant", "none"]),
    ("wrong-version", {}, ["version", "3"]),
    ("wrong-dimensions", {}, ["num_layers"]),
    ("no-model-weights", {}, ["has_model_weights"]),
    ("broken-index", {}, ["index.json"]),
    ("no-index", {}, ["index.json"]),
    ("missing-final-norm", {}, ["weight_manifest.json", "norm"]),
]
EXPERT_DEFECTS = [
    ("truncated-file", {"file": "router_weights.bin"}, ["router_weights.bin", "and must have"]),
    ("empty-expert-store", {}, ["layers/", "experts"]),
    ("missing-expert-layer", {}, ["layers/"]),
    ("expert-range", {}, ["layers/layer_00.weights"]),
    ("damaged-experts", {}, ["layers/layer_0", "differs"]),
]
SLICE_DEFECTS = [
    ("slice-extra-file", {}, ["down_meta.bin", "slice"]),
    ("slice-missing-file", {}, ["tokenizer.json", "slice"]),
    ("slice-damaged", {}, ["embeddings.bin", "slice"]),
    ("slice-index", {}, ["index.json", "slice"]),
    ("slice-fails", {}, ["told to fail"]),
]


class Defects(Vindex):
    """A vindex that LARQL built wrongly: refused before upload with its own message; the folder stays."""

    def refuse_all(self, room, rows):
        messages = {}
        for mode, more, words in rows:
            with self.subTest(mode, **more):
                before = len(room.starts("publish")), room.hub.head(TARGET)
                room.play(version=room_version(room), mode=mode, **more)
                done = room.publish("--force")
                self.check_refused(done, *words)
                self.assertEqual((len(room.starts("publish")), room.hub.head(TARGET)), before, mode)
                self.assertTrue(room.output.is_dir(), "the folder must stay")
                self.assertIn("next: ", done.stderr)
                self.assertNotIn("unexpected failure", done.stderr)
                message = [line for line in done.stderr.splitlines() if line.startswith("  next: ") is False][-1]
                if os.environ.get("SKW_SHOW"):
                    print(f"\n--- {mode} {more}\n{done.stderr}", end="")
                self.assertNotIn(message, messages.values())
                messages[mode, str(more)] = message
        self.assertIsNone(room.hub.head(TARGET))
        room.play(version=room_version(room))
        done = room.publish("--force")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(room.scratch_files(), [])

    def test_every_defect_of_a_dense_vindex_is_refused_with_its_own_message(self):
        with VindexRoom() as room:
            self.refuse_all(room, DENSE_DEFECTS)

    def test_every_defect_of_experts_is_refused_with_its_own_message(self):
        for kind in ("mixtral", "gemma4"):
            with VindexRoom(kind=kind) as room:
                self.refuse_all(room, EXPERT_DEFECTS)

    def test_a_shard_that_larql_lost_is_missed(self):
        with VindexRoom() as room:
            self.refuse_all(room, [("one-shard-missing", {}, ["layers"])])

    def test_a_lost_output_head_is_refused(self):
        with VindexRoom(tied=False) as room:
            self.refuse_all(room, [("missing-head", {}, ["lm_head_kquant.bin"])])

    def test_a_slice_that_is_no_exact_part_of_the_whole_is_refused(self):
        with VindexRoom(kind="gemma4", entry=SLICE_ENTRY) as room:
            self.refuse_all(room, SLICE_DEFECTS)

    def test_experts_that_the_older_larql_leaves_out_are_missed(self):
        with VindexRoom(version="F", kind="mixtral") as room:
            done = room.publish()
            self.check_refused(done, "layers/", "experts")
            self.assertIsNone(room.hub.head(TARGET))


def config_with(**members):
    config = json.loads(checkpoint()["config.json"])
    return {**checkpoint(), "config.json": json.dumps({**config, **members}).encode()}


FIRST, SECOND = "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"


class Sources(Vindex):
    """Sources that LARQL would read wrongly, or not at all: refused before it starts."""

    def refuse(self, files, *words, drop=()):
        with VindexRoom(files=files, drop=drop) as room:
            done = room.publish()
            self.check_refused(done, *words)
            self.assertEqual(room.starts("extract"), [])
            self.assertIsNone(room.hub.head(TARGET))
            self.assertFalse(room.output.exists())
            return room.sent_bytes()

    def test_a_source_without_what_larql_needs_is_refused_before_its_weights_are_fetched(self):
        weights = sum(len(data) for name, data in checkpoint().items() if name.endswith(".safetensors"))
        for drop, words in ((["tokenizer.json"], ["tokenizer.json"]), (["config.json"], ["config.json"]),
                            ([FIRST, SECOND, "model.safetensors.index.json"], [".safetensors"]),
                            ([SECOND], [SECOND])):
            with self.subTest(drop):
                self.assertLess(self.refuse(checkpoint(), *words, drop=drop), weights / 10)

    def test_models_that_come_out_hollow_are_refused_with_the_reason(self):
        for members, words in (({"model_type": "deepseek_v3"}, ["deepseek_v3", "attention"]),
                               ({"model_type": "kimi_k2"}, ["kimi_k2"]), ({"model_type": "qwen2"}, ["qwen2", "bias"]),
                               ({"model_type": "qwen3_5"}, ["qwen3_5", "linear"]), ({"model_type": "novel"}, ["novel"]),
                               ({"quantization_config": {"bits": 4}}, ["quantized"]),
                               ({"num_hidden_layers": 0}, ["num_hidden_layers"]), ({"hidden_size": 10 ** 15}, ["hidden_size"])):
            with self.subTest(members):
                self.refuse(config_with(**members), *words)

    def test_shards_that_are_not_what_they_say_are_refused(self):
        whole = checkpoint()
        index = json.loads(whole["model.safetensors.index.json"])
        index["weight_map"]["model.extra.weight"] = FIRST
        for files, words in (({**whole, SECOND: whole[SECOND][:-1000]}, [SECOND]),
                             ({**whole, SECOND: b"\xff" * 100}, [SECOND]),
                             ({**whole, "config.json": b"{"}, ["config.json"]),
                             ({**whole, "tokenizer.json": b"[1,"}, ["tokenizer.json"]),
                             ({**whole, "model.safetensors.index.json": json.dumps(index).encode()}, ["model.extra.weight"])):
            with self.subTest(words):
                self.refuse(files, *words)


class Uploads(Vindex):
    """What `larql publish` does wrong is noticed on the Hub: the repo stays private and is not filed."""

    def test_an_upload_that_is_not_what_lies_here_is_an_error_that_names_the_file(self):
        for mode, more, words in (("publish-damaged", {}, ["interleaved_kquant.bin"]),
                                  ("publish-skips-file", {"number": 4}, ["down_meta.bin", "missing"]),
                                  ("publish-nothing", {}, ["missing"])):
            with self.subTest(mode), VindexRoom(mode=mode, **more) as room:
                done = room.publish()
                self.check_refused(done, *words)
                self.assertTrue(room.is_private())
                self.assertEqual(room.filed(), [])
                self.assertTrue(room.output.is_dir())
                room.play()
                self.check_published(room, room.publish("--force"))

    def test_files_that_do_not_belong_there_are_gone_at_the_end(self):
        with VindexRoom(mode="publish-extra-file") as room:
            self.check_published(room, room.publish())

    def test_a_token_that_the_tool_prints_is_not_passed_on(self):
        with VindexRoom(mode="publish-prints-token") as room:
            for option in ((), ("-v", "--force"), ("--json", "--force")):
                done = room.publish(*option)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn(TOKEN, done.stdout + done.stderr)

    def test_a_repo_of_another_kind_is_not_touched(self):
        from checkpoints import commit
        with VindexRoom() as room:
            commit(room.hub, TARGET, {"README.md": b"---\nlicense: mit\n---\n# mine\n", "model.safetensors": b"x" * 2000})
            head = room.hub.head(TARGET)
            done = room.publish()
            self.check_refused(done, TARGET)
            self.assertEqual(room.hub.head(TARGET), head)


class RealBinary(Vindex):
    def test_the_real_larql_makes_a_vindex_that_passes_every_check(self):
        if real_larql() is None:
            print("skipped: no real larql on PATH")
            self.skipTest("no real larql on PATH")
        with VindexRoom(real=True) as room:
            done = room.publish()
            self.assertEqual(done.returncode, 0, done.stderr)
            files = room.hub.files(TARGET)
            self.assertLessEqual({"index.json", "gate_vectors.bin", "embeddings.bin", "README.md", MANIFEST}, set(files))
            self.assertEqual(room.filed(), [TARGET])
            self.assertEqual(room.scratch_files(), [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
