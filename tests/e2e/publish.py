# SPDX-License-Identifier: Apache-2.0
"""The main job as its users run it: programs against a local Hub, judged by what the Hub then holds."""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import (ENTRY, KEY, REPO, SOURCE, TOKEN, Room, artifacts_of, changed, complete, read_safetensors, sha256,  # noqa: E402
                     source_mtp_tensors, wait_until)

PREFIX = "mtp: "


def everything_written(room):
    """Every byte below the room, apart from the objects the Hub keeps."""
    for path in room.folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


class Publish(unittest.TestCase):
    def test_a_publish_is_one_commit_with_exact_weights_and_a_card_filed_in_a_collection(self):
        with Room() as room:
            done = room.publish()
            self.assertEqual(done.returncode, 0, done.stderr)
            hub = room.hub
            self.assertEqual(complete(hub), "new")
            data = hub.content("mtp.safetensors")
            metadata, tensors = read_safetensors(data)
            wanted = source_mtp_tensors(hub)
            self.assertEqual(len(tensors), 15)
            self.assertEqual({n: (d, s) for n, (d, s, _) in tensors.items()},
                             {n: ("BF16", s) for n, (_, s, _) in wanted.items()})
            self.assertEqual({n: b for n, (_, _, b) in tensors.items()}, {n: b for n, (_, _, b) in wanted.items()})
            self.assertEqual(list(tensors), sorted(tensors))
            source_head = hub.head(SOURCE)
            self.assertEqual(metadata["mtp.source_revision"], source_head)
            self.assertEqual(metadata["mtp.source_repo"], SOURCE)
            self.assertEqual(metadata["format"], "pt")
            # one commit on top of the first one of a new repo
            titles = [commit["title"] for commit in hub.commits()]
            self.assertEqual(len(titles), 2, titles)
            self.assertEqual(titles[0], f"Add MTP sidecar from {SOURCE}@{source_head}")
            card = hub.content("README.md").decode()
            self.assertIn(f"source_revision: '{source_head}'", card)
            self.assertIn("license: apache-2.0", card)
            self.assertIn(f"base_model: {SOURCE}", card)
            for words in ("not a standalone model", "speculatively decode", "original license", "preserved unchanged"):
                self.assertIn(words, card)
            filed = [c for c in hub.collections() if c["title"] == "MTP Sidecars"]
            self.assertEqual([[item["id"] for item in c["items"]] for c in filed], [[REPO]])
            self.assertEqual(room.scratch_files(), [])

    def test_the_lines_that_scripts_read_come_in_their_order(self):
        with Room() as room:
            done = room.publish()
            self.assertEqual(done.returncode, 0, done.stderr)
            head = room.hub.head()
            patterns = [r"found MTP tensors in 2 shard\(s\) \(prefix: 'mtp\.'\)",
                        r"downloading shard 1/2: model\.safetensors-00001-of-00002\.safetensors", r"shard 1/2 ready",
                        r"downloading shard 2/2: model\.safetensors-00002-of-00002\.safetensors", r"shard 2/2 ready",
                        r"streaming tensors to disk \(bf16, unquantized\)\.\.\.",
                        r"saved 15 tensor\(s\) at bf16 \(unquantized\) to .*/scratch/acme--qwen3-5-4b-mtp-mtp\.safetensors",
                        r"atomically publishing weights and card to hf://acme/qwen3-5-4b-mtp",
                        rf"published hf://acme/qwen3-5-4b-mtp/mtp\.safetensors at {head}"]
            lines = [line[len(PREFIX):] for line in done.stderr.splitlines()
                     if line.startswith(PREFIX) and " uploading " not in line]
            self.assertEqual(len(lines), len(patterns), done.stderr)
            for line, pattern in zip(lines, patterns):
                self.assertRegex(line, "^" + pattern + "$")
            self.assertTrue(done.stdout.startswith(f"model key: {KEY}\ntier: smoke\nartifact: mtp\n"), done.stdout)
            self.assertNotIn("dry run complete", done.stdout)

    def test_a_dry_run_needs_no_token_no_network_and_writes_nothing(self):
        with Room() as room:
            before = sorted(room.folder.rglob("*"))
            done = room.publish("--dry-run", HF_TOKEN=None, HF_ENDPOINT="http://127.0.0.1:9")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr, "")
            self.assertEqual(done.stdout.splitlines()[-1], "dry run complete")
            self.assertIn("mtp collection:   MTP Sidecars\n", done.stdout)
            self.assertEqual(sorted(room.folder.rglob("*")), before)
            as_json = json.loads(room.publish("--dry-run", "--json").stdout)
            self.assertEqual(as_json["schema"], "skw.publish.plan/1")

    def test_a_second_run_skips_says_whether_the_sidecar_is_current_and_files_again(self):
        with Room() as room:
            self.assertEqual(room.publish(SKULK_WEIGHTS_COLLECTION="none").returncode, 0)
            head = room.hub.head()
            self.assertEqual(room.hub.collections(), [])
            again = room.publish()
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertEqual(room.hub.head(), head)
            lines = again.stderr.splitlines()
            self.assertEqual(lines[0], f"mtp: sidecar already exists at hf://{REPO}/mtp.safetensors \u2014 it already covers "
                                       f"{SOURCE} and every quantization of it. Skipping (pass --force to re-extract).")
            self.assertIn("current", lines[1])
            self.assertEqual(len(room.hub.collections()), 1)
            # a new commit at the source makes it an older one
            body = "\n".join(json.dumps(line) for line in [
                {"key": "header", "value": {"summary": "touch", "description": ""}},
                {"key": "file", "value": {"path": "note.txt", "content": "eA==", "encoding": "base64"}}]).encode()
            status, _, reply = room.hub.request(f"/api/models/{SOURCE}/commit/main", method="POST", body=body,
                                                headers={"Content-Type": "application/x-ndjson"})
            self.assertEqual(status, 200, reply)
            older = room.publish()
            self.assertEqual(older.returncode, 0)
            self.assertIn("older", older.stderr.splitlines()[1])
            forced = room.publish("--force", "--json")
            self.assertEqual(forced.returncode, 0, forced.stderr)
            report = artifacts_of(forced.stdout)[0]
            self.assertEqual(report["commit"], room.hub.head())
            self.assertNotEqual(report["commit"], head)
            self.assertEqual(report["source_revision"], room.hub.head(SOURCE))
            self.assertEqual(complete(room.hub), "new")

    def test_the_report_says_what_the_hub_holds(self):
        with Room() as room:
            done = room.publish("--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            report = json.loads(done.stdout)
            self.assertEqual(report["schema"], "skw.publish.report/1")
            artifact = artifacts_of(report)[0]
            self.assertEqual(artifact["outcome"], "published")
            self.assertEqual(artifact["commit"], room.hub.head())
            for file in artifact["files"]:
                content = room.hub.content(file["path"])
                self.assertEqual((file["size"], file["sha256"]), (len(content), sha256(content)))
            self.assertTrue(artifact["collection"].startswith("acme/mtp-sidecars-"))

    def test_the_token_appears_nowhere(self):
        with Room("--fault", "GET:/resolve/:status-503x2") as room:
            outputs = []
            for options, environment in ((("-v",), {}), (("-v", "--json", "--force"), {}),
                                         (("--force",), {"HF_ENDPOINT": "http://127.0.0.1:9/" + TOKEN}),
                                         (("--force",), {"SKULK_WEIGHTS_COLLECTION": TOKEN})):
                done = room.publish(*options, **environment)
                outputs += [done.stdout, done.stderr]
            for text in outputs:
                self.assertNotIn(TOKEN, text)
            for path, data in everything_written(room):
                self.assertNotIn(TOKEN.encode(), data, path)

    def test_without_a_token_the_plan_is_printed_and_then_the_reason(self):
        with Room() as room:
            for token in (None, "", "  "):
                done = room.publish(HF_TOKEN=token)
                self.assertEqual(done.returncode, 1)
                self.assertTrue(done.stdout.startswith("model key: "))
                self.assertEqual(done.stderr.splitlines()[0], "HF_TOKEN is required for non-dry-run publishing")
            self.assertIsNone(room.hub.head())

    def test_a_token_the_hub_refuses_ends_with_the_reason_and_changes_nothing(self):
        with Room() as room:
            done = room.publish(HF_TOKEN="not-a-hub-token")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertNotIn("not-a-hub-token", done.stderr)
            self.assertIn("HF_TOKEN", done.stderr)
            self.assertIsNone(room.hub.head())
            self.assertEqual(room.scratch_files(), [])

    def test_artifacts_that_cannot_be_made_end_before_anything_is_touched(self):
        with Room() as room:
            for artifact in ("vindex", "all"):
                done = room.publish(artifact=artifact, PATH="/usr/bin:/bin")
                self.assertEqual(done.returncode, 1)
                self.assertEqual(done.stderr.splitlines()[0], "larql is required for vindex publishing")
            done = room.publish(artifact="vision")
            self.assertEqual(done.returncode, 1)
            self.assertEqual(done.stderr.splitlines()[0], f"no vision sidecar configured for {KEY}; add vision_source_repo "
                                                          "and vision_sidecar_repo to the catalog entry")
            self.assertIsNone(room.hub.head())
            self.assertIsNone(room.hub.head("acme/qwen3-5-4b-vindex"))
            self.assertFalse((room.folder / "scratch").exists())

    def test_usage_errors_exit_with_2_and_a_suggestion(self):
        with Room() as room:
            for words, hint in ((["publish", "--model", KEY, "--artifact", "mpt"], "did you mean mtp?"),
                                (["publish", "--modle", KEY], "did you mean --model?"), (["publsh"], "did you mean publish?")):
                done = room.run(*words)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(hint, done.stderr)
                self.assertEqual(done.stdout, "")
            missing = room.run("publish", "--model", "qwen3-5-4b", "--dry-run")
            self.assertEqual(missing.returncode, 1)
            self.assertEqual(missing.stderr.splitlines(), ["catalog key not found: qwen3-5-4b", f"  next: did you mean {KEY}?"])

    def test_ctrl_c_ends_cleanly_with_130_and_the_next_run_completes(self):
        with Room("--fault", "GET:/resolve/:slow=20000@6x100") as room:
            process = room.start_publish()
            wait_until(lambda: (room.folder / "scratch").exists() or process.poll() is not None, what="the extraction")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            self.assertEqual(process.returncode, -signal.SIGINT, err)  # 130 in a shell, whose loops end with it
            self.assertIn(b"interrupted", err)
            self.assertEqual(complete(room.hub), "old")
            self.assertEqual(room.scratch_files(), [])
        with Room() as room:
            self.assertEqual(room.publish().returncode, 0)

    def test_filing_can_be_switched_off_and_a_failed_filing_is_an_error_after_the_publish(self):
        with Room() as room:
            done = room.publish(SKULK_WEIGHTS_COLLECTION=" OFF ")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("collection: disabled\n", done.stdout)
            self.assertEqual(room.hub.collections(), [])
            wrong = room.publish(SKULK_WEIGHTS_COLLECTION="true")
            self.assertEqual((wrong.returncode, wrong.stdout), (1, ""))
            self.assertEqual(wrong.stderr.splitlines()[0], "SKULK_WEIGHTS_COLLECTION must look like owner/slug or be 'none'")
        with Room("--fault", "POST:/api/collections:status-403x9") as room:
            done = room.publish()
            self.assertEqual(done.returncode, 9)
            self.assertEqual(complete(room.hub), "new")
            self.assertIn("failed to ensure collection acme/'MTP Sidecars': ", done.stderr)

    def test_sources_stored_as_f16_and_f32_become_bf16(self):
        for dtype in ("f16", "f32"):
            with Room(seeds=(("--scale", 32, "--dtype", dtype),)) as room:
                done = room.publish()
                self.assertEqual(done.returncode, 0, done.stderr)
                _, tensors = read_safetensors(room.hub.content("mtp.safetensors"))
                wanted = source_mtp_tensors(room.hub)
                self.assertEqual({d for d, _, _ in wanted.values()}, {dtype.upper()})
                for name, (kind, shape, data) in tensors.items():
                    self.assertEqual((kind, shape), ("BF16", wanted[name][1]))
                    self.assertEqual(data, to_bf16(dtype, wanted[name][2]), name)

    def test_a_source_that_is_missing_or_gated_is_named_and_nothing_is_made(self):
        with Room(entry=ENTRY.replace("mtp_source_repo: Qwen/Qwen3.5-4B", "mtp_source_repo: Qwen/None")) as room:
            done = room.publish()
            self.assertEqual(done.returncode, 1)
            self.assertIn("Qwen/None", done.stderr)
            self.assertIsNone(room.hub.head())

    def test_a_target_that_holds_something_else_is_refused(self):
        with Room() as room:
            self.assertEqual(room.publish().returncode, 0)
            head = room.hub.head()
            card = room.hub.content("README.md").decode().replace("artifact_type: mtp-sidecar", "artifact_type: vision-sidecar")
            import base64
            body = "\n".join(json.dumps(line) for line in [
                {"key": "header", "value": {"summary": "other", "description": "", "parentCommit": head}},
                {"key": "deletedFile", "value": {"path": "mtp.safetensors"}},
                {"key": "file", "value": {"path": "README.md", "encoding": "base64",
                                          "content": base64.b64encode(card.encode()).decode()}}]).encode()
            status, _, reply = room.hub.request(f"/api/models/{REPO}/commit/main", method="POST", body=body,
                                                headers={"Content-Type": "application/x-ndjson"})
            self.assertEqual(status, 200, reply)
            head = room.hub.head()
            done = room.publish()
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("vision-sidecar", done.stderr)
            self.assertEqual(room.hub.head(), head)


    def test_a_token_never_gets_into_a_card(self):
        with Room() as room:
            room.token_in_source = True
            lines = [{"key": "header", "value": {"summary": "a license", "description": ""}},
                     {"key": "file", "value": {"path": "README.md", "encoding": "utf-8",
                                               "content": f"---\nlicense: other\nlicense_name: {TOKEN}\n---\n"}}]
            status, _, reply = room.hub.request(f"/api/models/{SOURCE}/commit/main", method="POST",
                                                body="\n".join(json.dumps(line) for line in lines).encode(),
                                                headers={"Content-Type": "application/x-ndjson"})
            self.assertEqual(status, 200, reply)
            done = room.publish()
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("would show a token", done.stderr)
            self.assertNotIn(TOKEN, done.stdout + done.stderr)
            self.assertIsNone(room.hub.head())

    def test_a_target_that_somebody_fills_during_the_extraction_is_left_alone(self):
        with Room("--fault", "GET:/objects/:slow=500x1") as room:  # the first header of a shard: the extraction has begun
            process = room.start_publish()
            wait_until(lambda: (room.folder / "scratch").exists() or process.poll() is not None, what="the extraction")
            owner, name = REPO.split("/")
            json_type = {"Content-Type": "application/json"}
            status, _, reply = room.hub.request("/api/repos/create", method="POST", headers=json_type,
                                                body=json.dumps({"name": name, "organization": owner}).encode())
            self.assertEqual(status, 200, reply)
            lines = [{"key": "header", "value": {"summary": "a model", "description": ""}},
                     {"key": "file", "value": {"path": "README.md", "encoding": "utf-8", "content": "# mine"}}]
            status, _, reply = room.hub.request(f"/api/models/{REPO}/commit/main", method="POST",
                                                body="\n".join(json.dumps(line) for line in lines).encode(),
                                                headers={"Content-Type": "application/x-ndjson"})
            self.assertEqual(status, 200, reply)
            head = room.hub.head()
            self.assertIsNone(process.poll(), "the publish ended before its target was filled")
            _, err = process.communicate(timeout=60)
            self.assertNotEqual(process.returncode, 0)
            self.assertIn(b"nothing of ours was committed", err)
            self.assertEqual(room.hub.head(), head)
            self.assertEqual(room.hub.content("README.md"), b"# mine")


def to_bf16(dtype, data):
    """Rounds to nearest even by exact fractions: slow, and independent of any shift trick."""
    import struct
    out = bytearray()
    for (value,) in struct.iter_unpack("<e" if dtype == "f16" else "<f", data):
        bits = struct.unpack("<I", struct.pack("<f", value))[0]
        low, high = bits & 0xffff, bits >> 16
        if low > 0x8000 or (low == 0x8000 and high & 1):
            high += 1
        out += struct.pack("<H", high)
    return bytes(out)


class Commands(unittest.TestCase):
    def test_the_catalog_commands_print_what_scripts_read(self):
        with Room() as room:
            self.assertEqual(room.run("catalog", "validate").stdout, "catalog valid: 13 entries from 2 sources\n")
            keys = room.run("catalog", "list").stdout.splitlines()
            self.assertEqual(len(keys), 13)
            self.assertEqual(keys[-1], KEY)
            self.assertEqual(len(room.run("catalog", "list", "--tier", "moe").stdout.splitlines()), 7)
            sources = room.run("catalogue", "sources").stdout.splitlines()
            self.assertEqual(sources[0], "builtin foxlight namespace=foxlight hf_owner=FoxlightAI "
                                         "hf_collection=FoxlightAI/vindexes-6a124406dd5fb439c431b051 entries=12 origin=package:foxlight")
            shown = room.run("catalog", "show", KEY)
            self.assertEqual(shown.stdout.count("\n"), 1)
            self.assertEqual(len(json.loads(shown.stdout)), 13)
            self.assertEqual(room.run("catalog", "list", "--tier", "huge").returncode, 2)

    def test_every_builtin_key_has_a_dry_run(self):
        with Room() as room:
            for key in room.run("catalog", "list").stdout.split():
                done = room.run("publish", "--model", key, "--dry-run")
                self.assertEqual((done.returncode, done.stderr), (0, ""), key)
                self.assertTrue(done.stdout.endswith("dry run complete\n"))

    def test_mistakes_in_a_catalog_are_named_with_their_place(self):
        with Room(entry=ENTRY.replace("mtp_sidecar_repo", "mtp_sidecar_repos")) as room:
            done = room.run("catalog", "validate")
            self.assertEqual(done.returncode, 1)
            self.assertIn("did you mean 'mtp_sidecar_repo'?", done.stderr)
            self.assertIn(f"{KEY}: mtp_source_repo and mtp_sidecar_repo must both be set together or not at all", done.stderr)
        with Room(entry=ENTRY.replace("quant: q4k", "quant: q8k")) as room:
            self.assertEqual(room.run("catalog", "validate").stderr.splitlines()[0], f"{KEY}: unsupported quant 'q8k'")
            as_json = room.run("catalog", "validate", "--json")
            self.assertEqual(json.loads(as_json.stdout)["schema"], "skw.error/1")
        with Room(entry="models: [") as room:
            self.assertRegex(room.run("catalog", "validate").stderr, r"rehearsal\.yaml:\d+:\d+: ")

    def test_plugins_are_listed_and_shown(self):
        with Room() as room:
            lines = room.run("plugins", "list", "--strict").stdout.splitlines()
            self.assertRegex(lines[0], r"^ID +VERSION +KINDS +ABI +SOURCE +TRUST +STATUS$")
            self.assertEqual([line.split()[0] for line in lines[1:]], ["skw.mtp", "skw.vindex", "skw.vision"])
            self.assertTrue(all(line.split()[-1] == "ok" for line in lines[1:]))
            shown = json.loads(room.run("plugins", "show", "mtp", "--json").stdout)
            self.assertEqual((shown["id"], shown["trust"]), ("skw.mtp", "built-in"))
            self.assertEqual(room.run("plugins", "show", "nothing").returncode, 1)

    def test_a_closed_pipe_is_no_error_message(self):
        with Room() as room:
            done = subprocess.run(["bash", "-c", f"{room.command('catalog', 'list')[0]} catalog list | true; exit ${{PIPESTATUS[0]}}"],
                                  cwd=room.folder, env=room.environment(), capture_output=True, text=True)
            self.assertIn(done.returncode, (0, 141))
            self.assertEqual(done.stderr, "")

    def test_version_and_help_go_to_stdout(self):
        with Room() as room:
            self.assertRegex(room.run("--version").stdout, r"^skulk-weights \d+\.\d+\.\d+\nplugin ABI")
            for words in (["--help"], ["publish", "-h"], ["catalog", "--help"]):
                done = room.run(*words)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn("usage: skulk-weights", done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=1)
