# SPDX-License-Identifier: Apache-2.0
"""Vision mirrors as their users run them, judged by what the local Hub then holds and what went over the wire."""
import json
import os
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import (CONFIG, VISION_SOURCE as SOURCE, VISION_TARGET as TARGET, Room, artifacts_of, sha256,
                     vision_entry)  # noqa: E402

KEY = "rehearsal/kimi"
ENTRY = vision_entry()
WEIGHTS = 3_000_000
MANAGED = (".safetensors", ".json", ".txt", ".model")
TERMS = ("LICENSE", "NOTICE")


class VisionRoom(Room):
    def __init__(self, *hub_options, weights=WEIGHTS, entry=ENTRY, seeds=None, **kw):
        super().__init__(*hub_options, seeds=seeds or (("vision", "--bytes", weights),), entry=entry, **kw)

    def mirror(self, *options, **environment):
        return self.run("publish", "--model", KEY, "--artifact", "vision", "--scratch", self.folder / "scratch",
                        *options, **environment)

    def report(self, *options, **environment):
        done = self.mirror("--json", *options, **environment)
        assert done.returncode == 0, done.stderr
        return artifacts_of(done.stdout)[0], json.loads(done.stdout)["traffic"]

    def expected(self):
        """path -> listing of what the target must hold besides README.md and .gitattributes."""
        return {path: item for path, item in self.hub.files(SOURCE).items()
                if path.endswith(MANAGED) or path in TERMS}

    def check_target(self, case):
        there = self.hub.files(TARGET)
        wanted = self.expected()
        case.assertEqual(set(there), set(wanted) | {"README.md", ".gitattributes"})
        for path, item in wanted.items():
            case.assertEqual((there[path]["oid"], there[path]["size"]), (item["oid"], item["size"]), path)
            content = self.hub.content(path, repo=TARGET)
            case.assertEqual(content, self.hub.content(path, repo=SOURCE), path)

    def settings(self, repo, **values):
        status, _, reply = self.hub.request(f"/api/models/{repo}/settings", method="PUT",
                                            body=json.dumps(values).encode(), headers={"Content-Type": "application/json"})
        assert status == 200, (status, reply)

    def commit(self, repo, *lines, title="change"):
        body = "\n".join(json.dumps(line) for line in
                         [{"key": "header", "value": {"summary": title, "description": ""}}, *lines]).encode()
        status, _, reply = self.hub.request(f"/api/models/{repo}/commit/main", method="POST", body=body,
                                            headers={"Content-Type": "application/x-ndjson"})
        assert status == 200, (status, reply)


def removed(path):
    return {"key": "deletedFile", "value": {"path": path}}


def added(path, base64_content):
    return {"key": "file", "value": {"path": path, "content": base64_content, "encoding": "base64"}}


def weight_bytes(room):
    return sum(item["size"] for path, item in room.hub.files(SOURCE).items() if path.endswith(".safetensors"))


def small_bytes(room):
    return sum(item["size"] for item in room.expected().values() if "lfs" not in item)


class Vision(unittest.TestCase):
    def test_a_mirror_is_copied_by_the_hub_without_a_weight_byte(self):
        with VisionRoom() as room:
            report, traffic = room.report()
            room.check_target(self)
            ways = {file["path"]: file["way"] for file in report["files"]}
            self.assertEqual(set(ways), set(room.hub.files(TARGET)) - {".gitattributes"})
            for path, item in room.expected().items():
                self.assertEqual(ways[path], "copied" if "lfs" in item else "inlined", path)
            self.assertLess(traffic["received_bytes"], small_bytes(room) + 200_000)
            self.assertLess(traffic["sent_bytes"], 2 * small_bytes(room) + 200_000)
            self.assertNotIn("PUT", room.hub.log_text())
            # one commit on top of the repo's first
            titles = [commit["title"] for commit in room.hub.commits(TARGET)]
            self.assertEqual(titles[0], f"Mirror vision encoder from {SOURCE}")
            self.assertEqual(len(titles), 2)
            self.assertEqual(room.scratch_files(), [])
            filed = [c for c in room.hub.collections() if c["title"] == "Vision Sidecars"]
            self.assertEqual([[item["id"] for item in c["items"]] for c in filed], [[TARGET]])

    def test_the_lines_name_the_kind_and_end_with_the_commit(self):
        with VisionRoom() as room:
            done = room.mirror()
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = done.stderr.splitlines()
            self.assertRegex(lines[0], rf"^vision: mirroring \d+ file\(s\), \d+ of them weights, from hf://{SOURCE}$")
            self.assertEqual(lines[1], f"vision: atomically publishing weights and card to hf://{TARGET}")
            self.assertEqual(lines[-1], f"vision: published hf://{TARGET} at {room.hub.head(TARGET)}")
            self.assertEqual(lines[2], f"vision: {len(room.hub.files(TARGET)) - 1} file(s): 3 copied, 8 inlined")
            self.assertEqual(len(lines), 4, done.stderr)

    def test_the_card_tells_the_source_the_terms_and_every_file(self):
        with VisionRoom() as room:
            room.report()
            card = room.hub.content("README.md", repo=TARGET).decode()
            for text in (f"base_model: {SOURCE}\n", "- vision-sidecar\n", f"source_revision: '{room.hub.head(SOURCE)}'",
                         "target_model: lab/kimi\n", "catalog_key: rehearsal/kimi\n", "## Files\n", "## Provenance\n",
                         "## Usage\n", "## License\n", "original license", "preserved unchanged",
                         "Carried along from the source: `LICENSE` `NOTICE`"):
                self.assertIn(text, card)
            self.assertNotIn("base_model_relation", card)
            for path in room.expected():
                content = room.hub.content(path, repo=TARGET)
                self.assertIn(f"| `{path}` | {len(content)} | `{sha256(content)}` |", card)

    def test_the_relation_to_the_base_model_is_the_entrys_own(self):
        with VisionRoom(entry=ENTRY + "    vision_base_model_relation: adapter\n") as room:
            room.report()
            self.assertIn("base_model_relation: adapter\n", room.hub.content("README.md", repo=TARGET).decode())
        with VisionRoom(entry=ENTRY + "    vision_base_model_relation: cousin\n") as room:
            done = room.mirror()
            self.assertEqual(done.returncode, 1)
            self.assertIn("unsupported vision_base_model_relation 'cousin'", done.stderr)

    def test_an_unchanged_source_makes_no_commit_unless_forced(self):
        with VisionRoom() as room:
            room.report()
            head = room.hub.head(TARGET)
            again = room.mirror()
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertIn("vision: unchanged", again.stderr)
            self.assertEqual(room.hub.head(TARGET), head)
            report, _ = room.report()
            self.assertEqual((report["outcome"], report["commit"]), ("unchanged", None))
            time.sleep(1.1)  # a card of the same second would be the same card
            forced, traffic = room.report("--force")
            self.assertEqual(forced["outcome"], "published")
            self.assertNotEqual(room.hub.head(TARGET), head)
            self.assertEqual({f["way"] for f in forced["files"] if f["path"].endswith(".safetensors")}, {"unchanged"})
            self.assertLess(traffic["sent_bytes"], 200_000)
            room.check_target(self)

    def test_what_the_source_loses_the_target_loses_in_the_same_commit_and_nothing_else(self):
        with VisionRoom() as room:
            room.report()
            # files of other people at the target: one that the patterns do not select stays
            room.commit(TARGET, added("notes.md", "eA=="))
            before = len(room.hub.commits(TARGET))
            gone = [p for p in room.expected() if p.endswith(".txt") or p == "preprocessor_config.json"]
            self.assertTrue(gone)
            room.commit(SOURCE, *[removed(path) for path in gone])
            report, _ = room.report()
            self.assertEqual(sorted(report["removed"]), sorted(gone))
            self.assertEqual(len(room.hub.commits(TARGET)), before + 1)
            there = room.hub.files(TARGET)
            self.assertEqual(set(there), set(room.expected()) | {"README.md", ".gitattributes", "notes.md"})
            self.assertIn(f"source_revision: '{room.hub.head(SOURCE)}'",
                          room.hub.content("README.md", repo=TARGET).decode())

    def test_a_source_without_weights_is_refused_before_anything_is_made(self):
        with VisionRoom() as room:
            room.commit(SOURCE, *[removed(p) for p in room.hub.files(SOURCE) if ".safetensors" in p])
            done = room.mirror()
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"no .safetensors weights found in {SOURCE}; confirm this repo holds the vision encoder weights",
                          done.stderr)
            self.assertIsNone(room.hub.head(TARGET))

    def test_an_index_that_names_a_missing_shard_is_refused(self):
        with VisionRoom() as room:
            shard = sorted(p for p in room.hub.files(SOURCE) if p.endswith(".safetensors"))[0]
            room.commit(SOURCE, removed(shard))
            done = room.mirror()
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"names the shard '{shard}'", done.stderr)
            self.assertIsNone(room.hub.head(TARGET))

    def test_a_dry_run_prints_the_contracts_lines(self):
        with VisionRoom() as room:
            done = room.mirror("--dry-run", HF_TOKEN=None, HF_ENDPOINT="http://127.0.0.1:9")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout.splitlines(), [
                "model key: rehearsal/kimi", "tier: smoke", "artifact: vision", "source model: lab/kimi",
                f"output path: {room.folder}/scratch/kimi.vindex", "target repo: hf://acme/kimi-vindex",
                "vindex collection: https://huggingface.co/collections/acme/vindexes-0123456789abcdef01234567",
                "publish slices: none", "force overwrite: 0",
                f"vision source repo:  hf://{SOURCE}", f"vision sidecar repo: hf://{TARGET}",
                "vision step:         mirror weights + configs (no quantization)",
                "vision collection:   Vision Sidecars", "dry run complete"])

    def test_an_entry_without_the_fields_says_so(self):
        plain = "".join(line for line in ENTRY.splitlines(True) if "vision" not in line)
        with VisionRoom(entry=plain) as room:
            dry = room.mirror("--dry-run")
            self.assertEqual(dry.returncode, 0)
            self.assertIn("vision step: not configured for this entry\n", dry.stdout)
            done = room.mirror()
            self.assertEqual(done.returncode, 1)
            self.assertIn("no vision sidecar configured for rehearsal/kimi; add vision_source_repo and vision_sidecar_repo to "
                          "the catalog entry", done.stderr)


class Ladder(unittest.TestCase):
    """How the bytes come, where the Hub does not copy."""

    def test_without_a_storage_hash_weights_are_streamed_once_and_nothing_is_written_here(self):
        with VisionRoom("--no-storage-hash") as room:
            report, traffic = room.report()
            room.check_target(self)
            self.assertEqual({f["way"] for f in report["files"] if f["path"].endswith(".safetensors")}, {"streamed"})
            weights, small = weight_bytes(room), small_bytes(room)
            for direction in ("received_bytes", "sent_bytes"):
                self.assertGreaterEqual(traffic[direction], weights)
                self.assertLess(traffic[direction], weights + 3 * small + 300_000)
            self.assertEqual(room.scratch_files(), [])

    def test_a_hub_without_the_route_is_streamed_round_and_says_why(self):
        with VisionRoom("--fault", "POST:/lfs-files/:status-404x0") as room:
            done = room.mirror("--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            ways = {f["way"] for f in artifacts_of(done.stdout)[0]["files"] if f["path"].endswith(".safetensors")}
            self.assertEqual(ways, {"streamed"})
            self.assertEqual(len(re.findall(r"^vision: the Hub does not copy .*streamed", done.stderr, re.MULTILINE)), 1, done.stderr)
            room.check_target(self)

    def test_another_region_is_streamed(self):
        with VisionRoom() as room:
            room.settings(SOURCE, region="eu")
            report, _ = room.report()
            self.assertEqual({f["way"] for f in report["files"] if f["path"].endswith(".safetensors")}, {"streamed"})
            room.check_target(self)

    def test_objects_the_target_knows_are_only_named(self):
        with VisionRoom("--no-storage-hash") as room:
            room.report()
            # the files go, the objects stay known to the repo
            room.commit(TARGET, *[removed(p) for p in room.expected() if p.endswith(".safetensors")])
            report, traffic = room.report()
            self.assertEqual({f["way"] for f in report["files"] if f["path"].endswith(".safetensors")}, {"known"})
            self.assertLess(traffic["received_bytes"], 300_000)
            self.assertLess(traffic["sent_bytes"], 300_000)
            room.check_target(self)

    def test_a_switched_off_duplication_is_not_gone_round(self):
        with VisionRoom() as room:
            room.settings(SOURCE, duplication="disabled")
            done = room.mirror()
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(SOURCE, done.stderr)
            self.assertIn("next: ", done.stderr)
            files = room.hub.files(TARGET)
            self.assertTrue(files is None or set(files) <= {".gitattributes"}, files)
            self.assertNotIn("PUT /objects", room.hub.log_text())

    def test_a_gated_source_of_somebody_else_is_not_gone_round(self):
        for options in ((), ("--no-storage-hash",)):
            with VisionRoom(*options) as room:
                room.settings(SOURCE, gated="auto")
                done = room.mirror()
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("gated", done.stderr)
                files = room.hub.files(TARGET)
                self.assertTrue(files is None or set(files) <= {".gitattributes"}, files)

    def test_the_owner_of_a_gated_source_may_stream_it(self):
        own = "acme/own-encoder"
        with VisionRoom(entry=ENTRY.replace(SOURCE, own), seeds=(("vision", "--bytes", WEIGHTS, "--repo", own),)) as room:
            room.settings(own, gated="auto")
            report, _ = room.report()
            self.assertEqual({f["way"] for f in report["files"] if f["path"].endswith(".safetensors")}, {"streamed"})

    def test_a_repository_of_somebody_else_loses_nothing(self):
        with VisionRoom() as room:
            room.hub.request("/api/repos/create", method="POST", headers={"Content-Type": "application/json"},
                             body=b'{"name":"kimi-vision","organization":"acme","type":"model"}')
            room.commit(TARGET, added("eval/scores.json", "e30="), added("notes.md", "eA=="))
            done = room.mirror()
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("without a card of this program", done.stderr)
            report, _ = room.report("--force")
            self.assertEqual(report["removed"], [])
            self.assertLessEqual({"eval/scores.json", "notes.md", "config.json"}, set(room.hub.files(TARGET)))

    def test_a_wrong_byte_on_the_way_makes_no_commit(self):
        with VisionRoom("--no-storage-hash", "--fault", "GET:/objects/:corruptx0") as room:
            done = room.mirror()
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("SHA-256", done.stderr)
            files = room.hub.files(TARGET)
            self.assertTrue(files is None or set(files) <= {".gitattributes"}, files)

    def test_interrupted_streams_are_gone_on_with(self):
        with VisionRoom("--no-storage-hash", "--fault", "GET:/objects/:cut=500000x2",
                        "--fault", "PUT:/objects/:dropx1") as room:
            report, _ = room.report()
            self.assertEqual({f["way"] for f in report["files"] if f["path"].endswith(".safetensors")}, {"streamed"})
            room.check_target(self)


class Collections(unittest.TestCase):
    def test_a_failed_filing_is_told_beside_the_publish_and_made_up_for_by_the_next_run(self):
        with VisionRoom("--fault", "POST:/api/collections:status-400x1") as room:
            done = room.mirror("--json")
            self.assertEqual(done.returncode, 9, done.stderr)
            self.assertIn("failed to ensure collection acme/'Vision Sidecars'", done.stderr)
            self.assertIn("next: ", done.stderr)
            report = artifacts_of(done.stdout)[0]
            self.assertEqual(report["outcome"], "published")
            self.assertEqual(report["commit"], room.hub.head(TARGET))
            self.assertIsNotNone(report["filing_error"])
            again, _ = room.report()
            self.assertEqual(again["outcome"], "unchanged")
            self.assertIsNotNone(again["collection"])
            self.assertEqual(len([c for c in room.hub.collections() if c["title"] == "Vision Sidecars"]), 1)

    def test_the_variable_switches_filing_off_or_on(self):
        with VisionRoom() as room:
            self.assertEqual(room.mirror(SKULK_WEIGHTS_COLLECTION="off").returncode, 0)
            self.assertEqual(room.hub.collections(), [])
            self.assertEqual(room.mirror(SKULK_WEIGHTS_COLLECTION="acme/other-0123456789abcdef01234567").returncode, 0)
            # sidecars go to their titled collection, never to the slug
            self.assertEqual([c["title"] for c in room.hub.collections()], ["Vision Sidecars"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
