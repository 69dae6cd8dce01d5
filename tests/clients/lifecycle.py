# SPDX-License-Identifier: Apache-2.0
"""An entry with every field, from the written line of YAML to the node that loads the three repos by name.

Everything that is read back goes through huggingface_hub, safetensors and PyYAML. The steps are those of an
operator: write, validate, look, plan, publish (vindex, MTP sidecar, vision sidecar), cards, collections, publish
again, load.
"""
import atexit
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PLACE = tempfile.TemporaryDirectory(prefix="skulk-lifecycle-")
atexit.register(PLACE.cleanup)
os.environ.update(HF_HOME=PLACE.name, HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1",
                  HF_HUB_DISABLE_PROGRESS_BARS="1")
for variable in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_ENDPOINT"):
    os.environ.pop(variable, None)
here = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(here / "harness"), str(here / "larql"), str(here / "e2e")]
import yaml  # noqa: E402
from harness import TOKEN, artifacts_of  # noqa: E402
from huggingface_hub import HfApi, ModelCard, hf_hub_download, snapshot_download  # noqa: E402
from room import SOURCE, TARGET, VindexRoom  # noqa: E402
from safetensors import safe_open  # noqa: E402
from vision import TARGET as MIRROR, VisionRoom  # noqa: E402

KEY = "rehearsal/tiny-llama"
MTP_SOURCE, MTP = "Qwen/Qwen3.5-4B", "acme/tiny-llama-mtp"
VISION_SOURCE, VISION = "lab/moonvit-encoder", "acme/tiny-llama-vision"
ENTRY = f"""\
models:
  - key: tiny-llama
    source_model: {SOURCE}
    quant: q4k
    tier: smoke
    slices: [full]
    output_name: tiny-llama.vindex
    hf_repo: {TARGET}
    mtp_source_repo: {MTP_SOURCE}
    mtp_sidecar_repo: {MTP}
    vision_source_repo: {VISION_SOURCE}
    vision_sidecar_repo: {VISION}
"""
KINDS = {"vindex": (SOURCE, TARGET), "mtp-sidecar": (MTP_SOURCE, MTP), "vision-sidecar": (VISION_SOURCE, VISION)}


def open_room(entry=ENTRY, **more):
    room = VindexRoom(entry=entry, **more)
    room.seeds = (("--scale", 32), ("vision", "--bytes", 2_000_000))
    return room


class Lifecycle(unittest.TestCase):
    def test_every_step_from_the_entry_to_the_node_that_loads_it(self):
        with open_room() as room:
            api = HfApi(endpoint=room.hub.endpoint, token=TOKEN)
            # 1 to 3: the entry is written, checked, and looked at
            done = room.run("catalog", "validate")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(KEY, room.run("catalog", "list").stdout)
            shown = json.loads(room.run("catalog", "show", KEY).stdout)
            self.assertEqual((shown["mtp_sidecar_repo"], shown["vision_sidecar_repo"]), (MTP, VISION))
            # 4: the plan, without network and token
            plan = room.publish("--dry-run", artifact="all", HF_TOKEN=None, HF_ENDPOINT="http://127.0.0.1:9")
            self.assertEqual(plan.returncode, 0, plan.stderr)
            commands = [line.split(": ", 1)[1] for line in plan.stdout.splitlines() if " command: " in line]
            # 5, 6, 8, 9: extraction, sidecars, uploads
            done = room.publish("--json", artifact="all")
            self.assertEqual(done.returncode, 0, done.stderr)
            report = {one["kind"]: one for one in artifacts_of(done.stdout)}
            self.assertEqual({kind: one["outcome"] for kind, one in report.items()},
                             dict.fromkeys(("vindex", "mtp", "vision"), "published"))
            self.assertEqual(list(report), ["vindex", "mtp", "vision"])
            ran = [" ".join(one["argv"]) for one in room.starts() if "--help" not in one["argv"] and len(one["argv"]) > 2]
            self.assertEqual([line.split("/")[-1] for line in ran], [line.split("/")[-1] for line in commands])
            summary = done.stderr[done.stderr.index("summary of "):].splitlines()
            self.assertEqual(len(summary), 4, summary)
            # 7: cards that the client and PyYAML read alike
            for kind, (source, target) in KINDS.items():
                self.check_card(room, api, kind, source, target)
            # 10: collections
            filed = {c["title"]: [item["id"] for item in c["items"]] for c in room.hub.collections()}
            self.assertEqual(filed, {"Vindexes": [TARGET], "MTP Sidecars": [MTP], "Vision Sidecars": [VISION]})
            # again: nothing is left to do
            heads = {repo: room.hub.head(repo) for _, repo in KINDS.values()}
            again = room.publish("--json", artifact="all")
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertEqual({one["outcome"] for one in artifacts_of(again.stdout)}, {"up_to_date", "unchanged"})
            self.assertEqual(heads, {repo: room.hub.head(repo) for _, repo in KINDS.values()})
            # 11: the nodes load by name
            self.load_mtp(room)
            self.load_vision(room)
            self.load_vindex(room)

    def check_card(self, room, api, kind, source, target):
        path = pathlib.Path(hf_hub_download(target, "README.md", endpoint=room.hub.endpoint, token=TOKEN))
        card, text = ModelCard.load(path), path.read_text()
        front = yaml.safe_load(text.split("---\n")[1])
        self.assertEqual(front["foxlight"]["artifact_type"], kind)
        self.assertEqual(front["foxlight"]["source_revision"], api.model_info(source).sha)
        self.assertEqual(front["foxlight"]["catalog_key"], KEY)
        self.assertEqual(card.data.base_model, source)
        self.assertEqual(card.data.tags[:3], [kind, "skulk", "foxlight"])
        self.assertEqual(front.get("base_model_relation"), "quantized" if kind == "vindex" else None)
        order = ["base_model", "base_model_relation", "tags", "license", "license_name", "license_link", "foxlight"]
        self.assertEqual(list(front), [name for name in order if name in front])
        files = {item.path: item for item in api.list_repo_tree(target, recursive=True) if hasattr(item, "size")}
        for path, item in files.items():
            if path not in ("README.md", ".gitattributes"):
                self.assertIn(f"| `{path}` | {item.size} | `", text)
                self.assertTrue(item.lfs is None or item.lfs.sha256 in text, path)
        for terms in ("LICENSE", "NOTICE", "USE_POLICY.md"):
            self.assertEqual(terms in files, terms in api.list_repo_files(source), terms)

    def load_mtp(self, room):
        """The names that Skulk's Qwen layout needs, in the one file that it fetches."""
        path = hf_hub_download(MTP, "mtp.safetensors", endpoint=room.hub.endpoint, token=TOKEN)
        with safe_open(path, framework="numpy") as tensors:
            names = set(tensors.keys())
        self.assertLessEqual({"mtp.pre_fc_norm_hidden.weight", "mtp.pre_fc_norm_embedding.weight", "mtp.fc.weight",
                              "mtp.norm.weight"}, names)
        self.assertTrue(any(name.startswith("mtp.layers.0.") for name in names))
        self.assertFalse([name for name in names if name.endswith(("_scales", "_biases"))])

    def load_vision(self, room):
        """config.json and either one file or an index with all its shards, by the patterns that Skulk fetches."""
        folder = pathlib.Path(snapshot_download(VISION, allow_patterns=["*.safetensors", "*.json"],
                                                endpoint=room.hub.endpoint, token=TOKEN))
        json.loads((folder / "config.json").read_text())
        index = folder / "model.safetensors.index.json"
        if not index.exists():
            self.assertTrue((folder / "model.safetensors").exists())
            return
        for name, shard in json.loads(index.read_text())["weight_map"].items():
            with safe_open(folder / shard, framework="numpy") as tensors:
                self.assertIn(name, tensors.keys())

    def load_vindex(self, room):
        """The whole repo, as a server of it does, then larql's own check of it."""
        folder = pathlib.Path(snapshot_download(TARGET, endpoint=room.hub.endpoint, token=TOKEN, local_dir=room.folder / "node"))
        for name in ("index.json", "embeddings.bin", "tokenizer.json"):
            self.assertTrue((folder / name).is_file(), name)
        self.assertEqual(len(list(folder.glob("interleaved_*.bin"))), 1)
        done = subprocess.run([room.bin / "larql", "verify", folder], env=room.environment(), capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("... OK", done.stdout)


class KeepGoing(unittest.TestCase):
    def test_a_failed_artifact_ends_the_run_or_is_passed_over_as_asked(self):
        with open_room(mode="nothing-written") as room:
            done = room.publish("--json", artifact="all")
            self.assertEqual(done.returncode, 1, done.stderr)
            outcomes = {one["kind"]: one["outcome"] for one in artifacts_of(done.stdout)}
            self.assertEqual(outcomes, {"vindex": "failed", "mtp": "not_run", "vision": "not_run"})
            self.assertIsNone(room.hub.head(MTP))
            done = room.publish("--json", "--keep-going", "--force", artifact="all")
            self.assertEqual(done.returncode, 8, done.stderr)
            report = {one["kind"]: one for one in artifacts_of(done.stdout)}
            self.assertEqual({kind: one["outcome"] for kind, one in report.items()},
                             {"vindex": "failed", "mtp": "published", "vision": "published"})
            self.assertTrue(report["vindex"]["error"]["reason"])
            self.assertIsNone(room.hub.head(TARGET))
            self.assertRegex(done.stderr, r"summary of rehearsal/tiny-llama\n  vindex  failed .*\n  mtp     published .*\n"
                                          r"  vision  published ")

    def test_what_the_entry_does_not_configure_is_named_as_skipped(self):
        entry = "".join(line for line in ENTRY.splitlines(True) if "mtp_" not in line)
        with open_room(entry=entry) as room:
            done = room.publish("--json", artifact="all")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("  mtp     skipped       not configured for this entry\n", done.stderr)
            self.assertEqual(artifacts_of(done.stdout)[1]["outcome"], "not_configured")


class HostileCards(unittest.TestCase):
    def test_nothing_of_the_source_breaks_out_of_the_card(self):
        hostile = "x\n---\nlicense: mit\n# Owned | <script>alert(1)</script> `code` ]( [a](b)"
        with VisionRoom() as room:
            api = HfApi(endpoint=room.hub.endpoint, token=TOKEN)
            front = yaml.safe_dump({"license": "other", "license_name": hostile, "license_link": hostile})
            api.upload_file(path_or_fileobj=f"---\n{front}---\n".encode(), path_in_repo="README.md", repo_id=VISION_SOURCE)
            odd = "od`d |<b>[x](y)#*.json"
            api.upload_file(path_or_fileobj=b"{}", path_in_repo=odd, repo_id=VISION_SOURCE)
            done = room.mirror()
            self.assertEqual(done.returncode, 0, done.stderr)
            path = pathlib.Path(hf_hub_download(MIRROR, "README.md", endpoint=room.hub.endpoint, token=TOKEN))
            card, text = ModelCard.load(path), path.read_text()  # the client writes its content anew
            first, rest = text.split("---\n", 2)[1:]
            front = yaml.safe_load(first)
            self.assertEqual((front["license"], front["license_name"], front["license_link"]), ("other", hostile, hostile))
            self.assertEqual(card.data.license_name, hostile)
            self.assertNotIn("\n# Owned", rest)
            self.assertNotIn("\nlicense: mit", text)
            for line in rest.splitlines():
                if "script" in line or "<b>" in line:  # inside of a code span only
                    self.assertRegex(line, r"`[^`]*(script|<b>)|``.*<b>.*``")


if __name__ == "__main__":
    unittest.main(verbosity=1)
