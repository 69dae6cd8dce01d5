# SPDX-License-Identifier: Apache-2.0
"""`catalog find`, `catalog init` and `catalog add` as their users run them: the real program against the local Hub, and
against servers that answer what no Hub should. The built-in catalog is a copy, so that it may be written to."""
import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from checkpoints import CONFIG as QWEN_CONFIG, INDEX, NEXTN_CONFIG, Checkpoint, commit, nextn_shards, qwen_shards  # noqa: E402
from harness import BIN, ENTRY, TOKEN, LocalServer, Room, shell_code  # noqa: E402

COLLECTION = "FoxlightAI/vindexes-6a124406dd5fb439c431b051"
DASH = "\u2014"
NOBODY = 65534


def block(key, model, artifact, *more, owner="FoxlightAI", collection=COLLECTION, tier="smoke"):
    lines = [f"  - key: {key}", f"    source_model: {model}", "    quant: q4k", f"    tier: {tier}", "    slices:",
             "      - full", f"    output_name: {artifact}.vindex", f"    hf_repo: {owner}/{artifact}-vindex"]
    lines += [f"    hf_collection: {collection}"] if collection else []
    return "\n" + "\n".join(lines + [f"    {line}" for line in more]) + "\n"


def card(**fields):
    text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in fields.items())
    return f"---\nlicense: apache-2.0\n{text}---\n# A model\n".encode()


def conversion(base, **config):
    """A model without heads that was quantised from another."""
    return {"README.md": card(base_model=base, base_model_relation="quantized", tags=["mlx"]),
            "config.json": json.dumps({"model_type": "qwen3_5", **config}).encode()}


class AddRoom(Room):
    """An installation of its own, whose catalog is this room's, and a Hub with models."""

    def __init__(self):
        super().__init__(seeds=())
        self.install = self.folder / "program"
        (self.install / "bin").mkdir(parents=True)
        for part in ("lib/skulk-weights", "share/skulk-weights"):
            shutil.copytree(BIN.parent / part, self.install / part)
        shutil.copy2(BIN / "skulk-weights", self.install / "bin")
        self.builtin = self.install / "share/skulk-weights/catalog/foxlight.yaml"
        self.overlay = self.folder / "home/.config/skulk-weights/foxlight.yaml"
        self.original = self.builtin.read_bytes()

    def command(self, *words):
        return [str(self.install / "bin/skulk-weights"), *map(str, words)]

    def call(self, *words, answer=None, **more):
        environment = self.environment(**more.pop("environment", {}))
        done = subprocess.run(self.command(*words), cwd=more.pop("cwd", self.folder), env=environment,
                              input=answer if answer is not None else "", capture_output=True, text=True, timeout=120,
                              **more)
        assert TOKEN not in done.stdout + done.stderr, "the token was printed"
        return done

    def add(self, model, *options, **more):
        return self.call("catalog", "add", model, *options, **more)

    def reset(self):
        self.builtin.write_bytes(self.original)
        self.builtin.chmod(0o644)
        shutil.rmtree(self.folder / "home/.config", ignore_errors=True)
        (self.folder / "rehearsal.yaml").write_text(ENTRY)

    def fill(self):
        def put(repo, checkpoint, readme=None):
            files = checkpoint.files()
            if readme:
                files["README.md"] = readme
            commit(self.hub, repo, files)
        full = Checkpoint()
        self.head_names = sum(name.startswith("mtp.") for name in full.index)
        put("lab/Plain-4B", full)
        put("lab/Plain-4B-Instruct", full, card(base_model="lab/Plain-4B", base_model_relation="finetune"))
        without = Checkpoint()
        without.drop_head()
        put("lab/Tuned-4B", without, card(base_model="lab/Plain-4B", base_model_relation="finetune"))
        commit(self.hub, "mlx-community/Plain-4B-8bit", conversion("lab/Plain-4B"))
        commit(self.hub, "mlx-community/Plain-4B-6bit", conversion("lab/Plain-4B"))
        commit(self.hub, "mlx-community/Plain-4B-OptiQ-4bit", conversion("mlx-community/Plain-4B-6bit"))
        put("lab/Deep-MoE-7B", Checkpoint(nextn_shards(), {**NEXTN_CONFIG, "n_routed_experts": 8}))
        parts = qwen_shards()
        single = Checkpoint({"model.safetensors": {name: one for part in parts.values() for name, one in part.items()}},
                            QWEN_CONFIG)
        single.raw[INDEX] = None
        put("lab/Single-1B", single)
        bare = Checkpoint()
        bare.drop_head()
        for repo in ("google/gemma-9-2b-it", "google/gemma-9-2b-it-assistant", "lab/Bare-1B"):
            put(repo, bare)
        commit(self.hub, "loop/a", conversion("loop/b"))
        commit(self.hub, "loop/b", conversion("loop/c"))
        commit(self.hub, "loop/c", conversion("loop/a"))
        commit(self.hub, "mlx-community/Lost-4bit", conversion("lab/never-there"))
        put("lab/Gated-4B", full)
        status, _, _ = self.hub.request("/api/models/lab/Gated-4B/settings", method="PUT",
                                        body=json.dumps({"gated": "auto"}).encode(),
                                        headers={"Content-Type": "application/json"})
        assert status == 200
        packed = Checkpoint()
        packed.drop("mtp.layers.0.mlp.up_proj.weight")
        for ending, dtype, shape, size in ((".qweight", "I32", [1, 12], 48), (".qzeros", "I32", [1, 2], 8),
                                           (".scales", "F16", [1, 12], 24)):
            packed.put("mtp.layers.0.mlp.up_proj" + ending, dtype, shape, bytes(size))
        put("lab/Packed-4B", packed)


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.room = cls.enterClassContext(AddRoom())
        cls.room.fill()

    def setUp(self):
        self.room.reset()

    def good(self, done):
        self.assertEqual((done.returncode, done.stdout if done.returncode else ""), (0, ""), done.stderr)
        return done

    def bad(self, done, text, code=1):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(text, done.stderr)
        return done

    def untouched(self):
        self.assertEqual(self.room.builtin.read_bytes(), self.room.original)
        self.assertFalse(self.room.overlay.exists())
        self.assertEqual(os.listdir(self.room.builtin.parent).count("foxlight.yaml"), 1)
        self.assertFalse([name for name in os.listdir(self.room.builtin.parent) if name.startswith(".foxlight")])


class Detection(Base):
    def added(self, model, text, *said, warnings=()):
        """What is printed, to the byte, and what is in the file afterwards."""
        done = self.good(self.room.add(model, "--yes"))
        key = re.search(r"key: (\S+)", text).group(1)
        self.assertEqual(done.stdout, f"fetching metadata for {model}...\n" + "".join(line + "\n" for line in said[:-1]) +
                         f"\n--- entry preview ---\n{text}\n{said[-1]}\nadded {key} to {self.room.builtin}\n")
        self.assertEqual(self.room.builtin.read_bytes(), self.room.original + text.encode())
        for warning in warnings:
            self.assertIn("warning: " + warning, done.stderr)
        if not warnings:
            self.assertNotIn("warning", done.stderr)
        shown = self.good(self.room.call("catalog", "show", f"foxlight/{key}"))
        self.assertEqual(json.loads(shown.stdout)["source_model"], model)

    def test_a_bf16_base_with_heads_of_its_own(self):
        self.added("lab/Plain-4B", block("plain-4b-full-q4-k", "lab/Plain-4B", "plain-4b-full-q4-k",
                                         "mtp_source_repo: lab/Plain-4B", "mtp_sidecar_repo: FoxlightAI/plain-4b-mtp"),
                   "checking lab/Plain-4B for MTP keys...",
                   f"detected {self.room.head_names} MTP tensor keys in lab/Plain-4B")

    def test_a_4_bit_conversion_two_hops_away_from_its_base(self):
        self.added("mlx-community/Plain-4B-OptiQ-4bit",
                   block("plain-4b-full-q4-k", "mlx-community/Plain-4B-OptiQ-4bit", "plain-4b-full-q4-k",
                         "mtp_source_repo: lab/Plain-4B", "mtp_sidecar_repo: FoxlightAI/plain-4b-mtp"),
                   "checking lab/Plain-4B for MTP keys...",
                   f"detected {self.room.head_names} MTP tensor keys in lab/Plain-4B")

    def test_an_8_bit_conversion_is_refused(self):
        done = self.bad(self.room.add("mlx-community/Plain-4B-8bit", "--yes"),
                        "detected quant 'q8k' is not supported (allowed: q4k)")
        self.assertEqual(done.stdout, "fetching metadata for mlx-community/Plain-4B-8bit...\n")
        self.untouched()

    def test_a_companion_assistant(self):
        self.added("google/gemma-9-2b-it",
                   block("gemma-9-2b-full-q4-k", "google/gemma-9-2b-it", "gemma-9-2b-it-full-q4-k",
                         "assistant_model_repo: google/gemma-9-2b-it-assistant"),
                   "checking google/gemma-9-2b-it for MTP keys...",
                   "checking for a companion assistant model on HuggingFace...",
                   "Gemma 4 companion assistant detected: google/gemma-9-2b-it-assistant\n"
                   "This model uses Google's companion-assistant pattern for speculative decoding.\n"
                   f"The assistant is already published {DASH} no tensor extraction needed.")

    def test_heads_in_layers_behind_the_trunk_of_a_model_with_experts(self):
        names = [name for part in nextn_shards().values() for name in part if name.startswith("model.layers.2.")]
        self.added("lab/Deep-MoE-7B",
                   block("deep-moe-7b-full-q4-k", "lab/Deep-MoE-7B", "deep-moe-7b-full-q4-k",
                         "mtp_source_repo: lab/Deep-MoE-7B", "mtp_sidecar_repo: FoxlightAI/deep-moe-7b-mtp", tier="moe"),
                   "checking lab/Deep-MoE-7B for MTP keys...",
                   f"detected {len(names)} MTP tensor keys in lab/Deep-MoE-7B")

    def test_heads_of_a_single_file_are_found_by_its_header(self):
        self.added("lab/Single-1B", block("single-1b-full-q4-k", "lab/Single-1B", "single-1b-full-q4-k",
                                          "mtp_source_repo: lab/Single-1B", "mtp_sidecar_repo: FoxlightAI/single-1b-mtp"),
                   "checking lab/Single-1B for MTP keys...",
                   f"detected {self.room.head_names} MTP tensor keys in lab/Single-1B")

    def test_nothing_is_found_in_a_model_without(self):
        self.added("lab/Bare-1B", block("bare-1b-full-q4-k", "lab/Bare-1B", "bare-1b-full-q4-k"),
                   "checking lab/Bare-1B for MTP keys...", "checking for a companion assistant model on HuggingFace...",
                   f"no MTP keys detected {DASH} mtp fields omitted")

    def test_a_finetune_with_heads_keeps_its_own(self):
        self.added("lab/Plain-4B-Instruct",
                   block("plain-4b-full-q4-k", "lab/Plain-4B-Instruct", "plain-4b-it-full-q4-k",
                         "mtp_source_repo: lab/Plain-4B-Instruct", "mtp_sidecar_repo: FoxlightAI/plain-4b-instruct-mtp"),
                   "checking lab/Plain-4B-Instruct for MTP keys...",
                   f"detected {self.room.head_names} MTP tensor keys in lab/Plain-4B-Instruct")

    def test_a_finetune_without_heads_gets_those_of_its_parent_and_says_so(self):
        self.added("lab/Tuned-4B",
                   block("tuned-4b-full-q4-k", "lab/Tuned-4B", "tuned-4b-full-q4-k",
                         "mtp_source_repo: lab/Plain-4B", "mtp_sidecar_repo: FoxlightAI/plain-4b-mtp"),
                   "checking lab/Tuned-4B for MTP keys...", "checking lab/Plain-4B for MTP keys...",
                   f"detected {self.room.head_names} MTP tensor keys in lab/Plain-4B",
                   warnings=["the MTP heads are those of lab/Plain-4B, which lab/Tuned-4B was made from"])

    def test_heads_that_a_publish_would_refuse_are_left_out_with_the_reason(self):
        done = self.good(self.room.add("lab/Packed-4B", "--yes"))
        self.assertIn("MTP tensor keys in lab/Packed-4B that a publish would refuse", done.stdout)
        self.assertRegex(done.stderr, r"warning: a publish would refuse the MTP heads of lab/Packed-4B: .*GPTQ")
        self.assertNotIn("mtp_source_repo", self.room.builtin.read_text()[len(self.room.original):])

    def test_a_circle_of_bases_is_named(self):
        done = self.bad(self.room.add("loop/a", "--yes"),
                        "the base models of loop/a run in a circle: loop/a -> loop/b -> loop/c -> loop/a")
        self.assertTrue(done.stderr.startswith("the base models "), done.stderr)
        self.assertIn("  next: ", done.stderr)
        self.untouched()

    def test_a_base_that_is_not_there_is_a_warning(self):
        done = self.good(self.room.add("mlx-community/Lost-4bit", "--dry-run"))
        self.assertIn("warning: lab/never-there, which mlx-community/Lost-4bit was quantised from, is not on the Hub",
                      done.stderr)

    def test_a_gated_model_without_token_says_what_to_do(self):
        done = self.bad(self.room.add("lab/Gated-4B", "--yes", environment={"HF_TOKEN": None}),
                        "failed to fetch HF metadata for lab/Gated-4B: ")
        self.assertRegex(done.stderr, r"access to this repo must be asked for")
        self.assertRegex(done.stderr, r"next: ask for access at .*lab/Gated-4B, and set HF_TOKEN")
        self.untouched()

    def test_a_model_that_is_not_there_is_told_with_and_without_a_token(self):
        self.bad(self.room.add("lab/gone"), f"HF API returned 404 for lab/gone {DASH} check the model ID")
        self.bad(self.room.add("lab/gone", environment={"HF_TOKEN": None}),
                 f"HF API returned 404 for lab/gone {DASH} check the model ID")

    def test_no_weights_are_read(self):
        log = len(self.room.hub.log_text())
        self.good(self.room.add("lab/Single-1B", "--dry-run"))
        lines = [line for line in self.room.hub.log_text()[log:].splitlines() if "model.safetensors" in line]
        self.assertTrue(lines)
        for line in lines:
            self.assertNotRegex(line, r"\b200\b")  # ranges only


class Writing(Base):
    def test_a_dry_run_writes_nothing_and_asks_nothing(self):
        done = self.good(self.room.add("lab/Plain-4B", "--dry-run"))
        self.assertTrue(done.stdout.endswith(
            f"\ndetected {self.room.head_names} MTP tensor keys in lab/Plain-4B\n--- dry run: nothing written ---\n"))
        self.untouched()

    def test_only_y_is_yes(self):
        question = f"\nAppend to {self.room.builtin}? [y/N] "
        for answer in ("", "\n", "n\n", "yes\n", "yy\n", "j\n", "\x00y\n", "y" * 9999):
            with self.subTest(answer[:9]):
                done = self.good(self.room.add("lab/Bare-1B", answer=answer))
                self.assertTrue(done.stdout.endswith(question + "aborted\n"), done.stdout)
                self.untouched()
        for answer in ("y\n", " Y \n", "y"):
            with self.subTest(answer):
                done = self.good(self.room.add("lab/Bare-1B", answer=answer))
                self.assertTrue(done.stdout.endswith(question + f"added bare-1b-full-q4-k to {self.room.builtin}\n"))
                self.room.reset()

    def test_what_follows_the_answer_is_left_for_the_next_reader(self):
        command = " ".join(self.room.command("catalog", "add", "lab/Bare-1B")) + " >/dev/null && cat"
        done = subprocess.run(["sh", "-c", command], cwd=self.room.folder, env=self.room.environment(), input="n\nrest\n",
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stdout, "rest\n", done.stderr)

    def test_on_a_terminal_the_question_stands_on_stderr(self):
        leader, follower = pty.openpty()
        process = subprocess.Popen(self.room.command("catalog", "add", "lab/Bare-1B"), cwd=self.room.folder,
                                   env=self.room.environment(), stdin=follower, stdout=follower, stderr=subprocess.PIPE)
        os.close(follower)
        os.write(leader, b"y\n")
        _, said = process.communicate(timeout=60)
        with contextlib.suppress(OSError):
            while os.read(leader, 65536):
                pass
        os.close(leader)
        self.assertEqual(process.returncode, 0)
        self.assertIn(f"\nAppend to {self.room.builtin}? [y/N] ".encode(), said)

    def test_ctrl_c_at_the_question_writes_nothing(self):
        process = subprocess.Popen(self.room.command("catalog", "add", "lab/Bare-1B"), cwd=self.room.folder,
                                   env=self.room.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        shown = b""
        while b"[y/N]" not in shown:
            piece = os.read(process.stdout.fileno(), 4096)
            self.assertTrue(piece, shown)
            shown += piece
        process.send_signal(signal.SIGINT)
        self.assertEqual(shell_code(process.wait(20)), 130)
        self.assertIn(b"interrupted", process.communicate()[1])
        self.untouched()

    def test_the_next_step_is_told(self):
        done = self.good(self.room.add("lab/Bare-1B", "--yes"))
        self.assertIn("next: `skulk-weights publish --model foxlight/bare-1b-full-q4-k --dry-run`", done.stderr)
        self.good(self.room.call("publish", "--model", "foxlight/bare-1b-full-q4-k", "--dry-run"))

    def test_names_that_are_taken_are_refused_also_in_a_dry_run(self):
        self.good(self.room.add("lab/Plain-4B", "--yes"))
        for options in (["--yes"], ["--dry-run"], []):
            self.bad(self.room.add("lab/Plain-4B", *options),
                     "'foxlight/plain-4b-full-q4-k' already exists in the catalog")
        # The same artifact under another key.
        text = self.room.builtin.read_text().replace("key: plain-4b-full-q4-k", "key: other")
        self.room.builtin.write_text(text)
        self.bad(self.room.add("lab/Plain-4B"), "hf_repo 'FoxlightAI/plain-4b-full-q4-k-vindex' already exists in the catalog")
        self.room.builtin.write_text(text.replace("hf_repo: FoxlightAI/plain-4b-", "hf_repo: FoxlightAI/other-"))
        self.bad(self.room.add("lab/Plain-4B"), "output_name 'plain-4b-full-q4-k.vindex' already exists in the catalog")

    def test_an_entry_of_the_same_model_is_a_warning(self):
        self.room.builtin.write_text(self.room.original.decode().replace("google/gemma-3-4b-it", "LAB/bare-1b"))
        done = self.good(self.room.add("lab/Bare-1B", "--dry-run"))
        self.assertIn("warning: lab/Bare-1B is the source_model of foxlight/gemma-3-4b-full-q4-k already", done.stderr)

    def test_comments_order_line_ends_and_mode_stay(self):
        text = self.room.original.decode().replace("\n  - key", "\n\n  # about it\n  - key") + "\n# tail\nextra: &x [1]\n"
        for line_end in ("\n", "\r\n"):
            old = text.replace("\n", line_end).encode()
            self.room.builtin.write_bytes(old)
            self.room.builtin.chmod(0o664)
            self.good(self.room.add("lab/Bare-1B", "--yes"))
            new = self.room.builtin.read_bytes()
            added = block("bare-1b-full-q4-k", "lab/Bare-1B", "bare-1b-full-q4-k").replace("\n", line_end).encode()
            self.assertEqual(new.count(added), 1)
            self.assertEqual(new.replace(added, b""), old)
            self.assertTrue(new.endswith(f"{line_end}# tail{line_end}extra: &x [1]{line_end}".encode()))
            self.assertEqual(stat.S_IMODE(self.room.builtin.stat().st_mode), 0o664)
            self.good(self.room.call("catalog", "show", "foxlight/bare-1b-full-q4-k"))

    def test_a_list_in_one_line_is_refused_with_the_block(self):
        item = ENTRY.split("\n", 1)[1]
        fields = ", ".join(line.strip(" -") for line in item.strip().split("\n"))
        (self.room.folder / "rehearsal.yaml").write_text("models: [{" + fields + "}]\n")
        before = (self.room.folder / "rehearsal.yaml").read_bytes()
        done = self.bad(self.room.add("lab/Bare-1B", "--yes", "--to", "rehearsal.yaml"), "cannot be added to line by line")
        self.assertIn("  - key: bare-1b-full-q4-k\n", done.stderr)
        self.assertEqual((self.room.folder / "rehearsal.yaml").read_bytes(), before)

    def test_additions_at_the_same_time_are_all_there(self):
        models = ["lab/Plain-4B", "lab/Deep-MoE-7B", "lab/Single-1B", "lab/Bare-1B", "google/gemma-9-2b-it"]
        running = [subprocess.Popen(self.room.command("catalog", "add", model, "-y"), cwd=self.room.folder,
                                    env=self.room.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True) for model in models]
        for process in running:
            _, said = process.communicate(timeout=120)
            self.assertEqual(process.returncode, 0, said)
        for model in models:
            self.good(self.room.call("catalog", "find", model))
        self.good(self.room.call("catalog", "validate"))

    def test_one_of_two_equal_additions_is_told_that_it_was_late(self):
        running = [subprocess.Popen(self.room.command("catalog", "add", "lab/Bare-1B", "-y"), cwd=self.room.folder,
                                    env=self.room.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True) for _ in range(2)]
        ends = sorted((process.communicate(timeout=120)[1], process.returncode)[::-1] for process in running)
        self.assertEqual([code for code, _ in ends], [0, 1], ends)
        self.assertIn("'foxlight/bare-1b-full-q4-k' already exists in the catalog", ends[1][1])
        self.assertEqual(self.room.builtin.read_text().count("key: bare-1b-full-q4-k"), 1)

    def test_json_is_one_document_and_the_rest_goes_to_stderr(self):
        done = self.good(self.room.add("lab/Tuned-4B", "--json", "--dry-run"))
        document = json.loads(done.stdout)
        self.assertEqual((document["schema"], document["outcome"]), ("skw.catalog.add/1", "dry-run"))
        self.assertEqual(document["key"], "foxlight/tuned-4b-full-q4-k")
        self.assertEqual(document["file"], str(self.room.builtin))
        self.assertEqual(document["entry"]["slices"], ["full"])
        self.assertEqual(document["detected"]["parent"], "lab/Plain-4B")
        self.assertEqual(document["detected"]["mtp"], {"state": "usable", "repo": "lab/Plain-4B", "reason": None,
                                                       "hint": None, "tensors": self.room.head_names})
        self.assertEqual(len(document["warnings"]), 1)
        self.assertIn("fetching metadata for lab/Tuned-4B...", done.stderr)
        done = self.good(self.room.add("lab/Bare-1B", "--json"))
        self.assertEqual(json.loads(done.stdout)["outcome"], "aborted")
        self.assertIn("Append to ", done.stderr)
        done = self.good(self.room.add("lab/Bare-1B", "--json", "-y"))
        self.assertEqual(json.loads(done.stdout)["outcome"], "added")


class Places(Base):
    def as_somebody(self, *words):
        """Run by a user who may not write the built-in catalog."""
        if os.geteuid() != 0:
            self.room.builtin.parent.chmod(0o555)
            self.addCleanup(self.room.builtin.parent.chmod, 0o755)
            return self.room.call(*words)
        self.room.folder.chmod(0o755)
        os.chown(self.room.folder / "home", NOBODY, NOBODY)
        self.addCleanup(os.chown, self.room.folder / "home", 0, 0)
        return self.room.call(*words, user=NOBODY, group=NOBODY, extra_groups=[])

    def test_additions_to_a_read_only_catalog_go_to_the_user_s_own_file_and_are_found(self):
        done = self.good(self.as_somebody("catalog", "add", "lab/Bare-1B", "-y"))
        self.assertIn(f"added bare-1b-full-q4-k to {self.room.overlay}\n", done.stdout)
        self.assertEqual(self.room.builtin.read_bytes(), self.room.original)
        self.assertEqual(stat.S_IMODE(self.room.overlay.parent.stat().st_mode), 0o700)
        self.good(self.as_somebody("catalog", "add", "lab/Single-1B", "-y"))
        shown = self.good(self.as_somebody("catalog", "show", "foxlight/bare-1b-full-q4-k"))
        self.assertEqual(json.loads(shown.stdout)["hf_repo"], "FoxlightAI/bare-1b-full-q4-k-vindex")
        self.good(self.as_somebody("catalog", "show", "foxlight/single-1b-full-q4-k"))
        self.bad(self.as_somebody("catalog", "add", "lab/Bare-1B", "-y"), "already exists in the catalog")

    def test_the_first_addition_of_a_user_is_checked_against_the_packaged_catalog(self):
        first = "key: gemma-3-4b-full-q4-k"
        for own in (None, "", "# nothing yet\n", "models: []\n"):
            with self.subTest(own):
                self.room.reset()
                if own is not None:
                    self.room.overlay.parent.mkdir(parents=True)
                    self.room.overlay.write_text(own)
                text = self.room.original.decode().replace(first, "key: bare-1b-full-q4-k")
                self.room.builtin.write_text(text)
                for option in ("--dry-run", "-y"):
                    self.bad(self.as_somebody("catalog", "add", "lab/Bare-1B", option),
                             "'foxlight/bare-1b-full-q4-k' already exists in the catalog")
                self.room.builtin.write_text(self.room.original.decode().replace("google/gemma-3-4b-it", "lab/bare-1B"))
                done = self.good(self.as_somebody("catalog", "add", "lab/Bare-1B", "--dry-run"))
                self.assertIn("warning: lab/Bare-1B is the source_model of foxlight/gemma-3-4b-full-q4-k already\n",
                              done.stderr)
                self.assertEqual(self.room.overlay.read_text() if self.room.overlay.exists() else None, own)

    def test_an_empty_file_of_the_user_is_a_warning_for_every_command(self):
        self.room.overlay.parent.mkdir(parents=True)
        self.room.overlay.write_text("# all gone\n")
        done = self.good(self.room.call("catalog", "validate"))
        self.assertEqual(done.stderr, f"warning: {self.room.overlay} holds no entries, so it is passed over\n")

    def test_a_file_of_the_configuration_gets_entries_for_its_owner(self):
        path = self.room.folder / "rehearsal.yaml"
        done = self.good(self.room.add("lab/Plain-4B", "-y", "--to", "./rehearsal.yaml"))
        text = block("plain-4b-full-q4-k", "lab/Plain-4B", "plain-4b-full-q4-k", "mtp_source_repo: lab/Plain-4B",
                     "mtp_sidecar_repo: acme/plain-4b-mtp", owner="acme",
                     collection="acme/vindexes-0123456789abcdef01234567")
        self.assertEqual(path.read_text(), ENTRY + text)
        self.assertIn("added plain-4b-full-q4-k to rehearsal.yaml\n", done.stdout)
        self.assertIn("--model rehearsal/plain-4b-full-q4-k", done.stderr)
        self.good(self.room.call("catalog", "show", "rehearsal/plain-4b-full-q4-k"))
        self.untouched()

    def test_a_file_that_the_configuration_names_may_be_yet_to_come(self):
        (self.room.folder / "rehearsal.yaml").unlink()
        self.bad(self.room.call("catalog", "validate"), "rehearsal.yaml not found")
        self.good(self.room.add("lab/Bare-1B", "-y", "--to", "rehearsal.yaml"))
        self.good(self.room.call("catalog", "show", "rehearsal/bare-1b-full-q4-k"))

    def test_a_link_is_written_through(self):
        path = self.room.folder / "rehearsal.yaml"
        path.rename(self.room.folder / "real.yaml")
        path.symlink_to("real.yaml")
        self.addCleanup(path.unlink)
        self.good(self.room.add("lab/Bare-1B", "-y", "--to", "rehearsal.yaml"))
        self.assertTrue(path.is_symlink())
        self.assertIn("bare-1b-full-q4-k", (self.room.folder / "real.yaml").read_text())

    def test_with_a_manifest_the_entry_goes_there(self):
        path = self.room.folder / "m.yaml"
        path.write_text(ENTRY)
        done = self.good(self.room.call("--manifest", "m.yaml", "catalog", "add", "lab/Bare-1B", "-y"))
        self.assertIn("added bare-1b-full-q4-k to m.yaml\n", done.stdout)
        self.assertIn("hf_repo: acme/bare-1b-full-q4-k-vindex", path.read_text())
        self.good(self.room.call("--manifest", "m.yaml", "catalog", "show", "bare-1b-full-q4-k"))
        self.untouched()

    def test_a_file_of_nobody_is_refused_with_what_to_do(self):
        done = self.bad(self.room.add("lab/Bare-1B", "-y", "--to", "new.yaml"), "no configuration names it")
        self.assertIn("next: name it in skulk-weights.yaml with its namespace and hf_owner", done.stderr)
        self.assertEqual(done.stdout, "")  # told before the Hub is asked
        self.assertFalse((self.room.folder / "new.yaml").exists())

    def test_a_broken_catalog_is_not_made_worse(self):
        (self.room.folder / "rehearsal.yaml").write_text("models:\n  - key: A\n")
        self.bad(self.room.add("lab/Bare-1B", "-y"), "A: key must be lowercase kebab-case")
        self.untouched()


class FindAndInit(Base):
    def test_entries_are_found_by_name_and_by_address_in_any_case(self):
        lines = self.good(self.room.call("catalog", "find", "google/gemma-4-26B-A4B-it")).stdout.splitlines()
        self.assertEqual([json.loads(line)["key"] for line in lines],
                         ["foxlight/gemma-4-26b-a4b-full-q4-k", "foxlight/gemma-4-26b-a4b-expert-server-q4-k"])
        same = self.room.call("catalogue", "find", "https://HuggingFace.co/google/gemma-4-26b-a4b-it/tree/main?x=1#a")
        self.assertEqual(same.stdout.splitlines(), lines)
        document = json.loads(self.room.call("catalog", "find", "google/gemma-4-26b-a4b-it", "--json").stdout)
        self.assertEqual(document["entries"], [json.loads(line) for line in lines])

    def test_what_is_not_there_or_no_model_is_told(self):
        done = self.bad(self.room.call("catalog", "find", "o/it's"), "got: \"o/it's\"")
        done = self.bad(self.room.call("catalog", "find", "o/m"), "no catalog entry found for source_model 'o/m'")
        self.assertEqual(done.stdout, "")
        (self.room.folder / "rehearsal.yaml").write_text("[")
        self.bad(self.room.call("catalog", "find", "o"), "expected owner/repo or a huggingface.co URL, got: 'o'")
        self.bad(self.room.call("catalog", "find", "https://huggingface.co/o"),
                 "cannot parse model ID from URL: 'https://huggingface.co/o'")

    def test_init_writes_a_configuration_that_holds_at_once_and_with_its_example(self):
        folder = self.room.folder / "fresh"
        folder.mkdir()
        self.addCleanup(shutil.rmtree, folder)
        done = self.good(self.room.call("catalog", "init", cwd=folder))
        self.assertEqual(done.stdout, "wrote skulk-weights.yaml\n")
        lines = (folder / "skulk-weights.yaml").read_text().split("\n")
        self.assertEqual((len(lines), lines[-1], lines[2], lines[3]), (11, "", "catalogs: []", ""))
        self.assertTrue(all(lines[i].startswith("# ") for i in (0, 1, 4, 5, 6, 7, 8, 9)))
        self.assertEqual(stat.S_IMODE((folder / "skulk-weights.yaml").stat().st_mode), 0o644)
        self.good(self.room.call("catalog", "validate", cwd=folder))
        again = self.bad(self.room.call("catalog", "init", cwd=folder),
                         "skulk-weights.yaml already exists; rerun with --force to replace it")
        self.assertEqual(again.stdout, "")
        self.good(self.room.call("catalog", "init", "--force", cwd=folder))
        text = "\n".join(lines[:2] + [line[2:] if line.startswith("# ") else line for line in lines[5:10]]) + "\n"
        (folder / "skulk-weights.yaml").write_text(text)
        self.bad(self.room.call("catalog", "validate", cwd=folder), "operator-vindexes.yaml not found")
        self.good(self.room.add("lab/Bare-1B", "-y", "--to", "operator-vindexes.yaml", cwd=folder))
        self.good(self.room.call("catalog", "show", "my-org/bare-1b-full-q4-k", cwd=folder))

    def test_init_refuses_what_is_there_in_any_form(self):
        folder = self.room.folder / "odd"
        (folder / "there").mkdir(parents=True)
        self.addCleanup(shutil.rmtree, folder)
        (folder / "dangling").symlink_to("nowhere")
        for name in ("there", "dangling"):
            self.bad(self.room.call("catalog", "init", "--output", f"./{name}", cwd=folder),
                     f"{name} already exists; rerun with --force to replace it")
        self.bad(self.room.call("catalog", "init", "--output", "there", "--force", cwd=folder), "there: is a directory")
        self.bad(self.room.call("catalog", "init", "--output", "no/where.yaml", cwd=folder), "No such file")
        self.bad(self.room.call("catalog", "init", "--output=", cwd=folder), "argument --output: expected one value", 2)
        self.assertFalse((folder / "skulk-weights.yaml").exists())
        (folder / "~").mkdir()
        self.assertEqual(self.good(self.room.call("catalog", "init", "--output", "~/x.yaml", cwd=folder)).stdout,
                         "wrote ~/x.yaml\n")
        done = self.good(self.room.call("catalog", "init", "--output", "y.yaml", "--json", cwd=folder))
        self.assertEqual(json.loads(done.stdout), {"schema": "skw.catalog.init/1", "path": "y.yaml"})


class OddServer(LocalServer):
    """Answers with what it is told, and writes down what it was asked with."""

    def __init__(self, host="127.0.0.1"):
        self.asked = []
        self.answers = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                path = self.path.split("?")[0]
                outer.asked.append((path, self.headers.get("Authorization")))
                status, headers, body = outer.answers.get(path, (404, {"X-Error-Code": "RepoNotFound"}, b"{}"))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *_):
                pass
        super().__init__(Handler, host)

    def model(self, repo, config=None, **info):
        sha = "0" * 40
        head = {"id": repo, "sha": sha, "private": False, "gated": False, "tags": [], **info}
        self.answers[f"/api/models/{repo}/revision/main"] = (200, {}, json.dumps(head).encode())
        files = []
        if config is not None:
            oid = hashlib.sha1(b"blob %d\0" % len(config) + config).hexdigest()
            files = [{"type": "file", "path": "config.json", "size": len(config), "oid": oid}]
            self.answers[f"/{repo}/resolve/{sha}/config.json"] = (200, {"X-Repo-Commit": sha, "ETag": f'"{oid}"'}, config)
        self.answers[f"/api/models/{repo}/tree/{sha}"] = (200, {}, json.dumps(files).encode())


class Hostile(Base):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(OddServer())

    def add(self, model, *options, server=None):
        return self.room.add(model, *options, environment={"HF_ENDPOINT": (server or self.server).endpoint})

    def test_odd_tags_and_configurations_are_no_crash(self):
        for name, config, info in (("nulls", b"null", {"tags": None, "cardData": None}), ("list", b"[]", {}),
                                   ("broken", b"{", {}), ("empty", b"", {}), ("bytes", b"\xff\xfe", {}),
                                   ("experts", b'{"num_experts": null, "model_type": 3, "text_config": "x"}', {})):
            with self.subTest(name):
                self.server.model(f"lab/{name}", config, **info)
                done = self.good(self.add(f"lab/{name}", "--dry-run"))
                self.assertIn("tier: smoke", done.stdout)

    def test_tags_cannot_smuggle_lines_into_the_catalog(self):
        evil = "base_model:quantized:a/b\n  - key: evil"
        self.server.model("lab/evil", tags=[evil, evil.replace("quantized:", ""), "base_model:../../x", "\u001b[2Jred"])
        done = self.good(self.add("lab/evil", "-y"))
        self.assertEqual(self.room.builtin.read_bytes(),
                         self.room.original + block("evil-full-q4-k", "lab/evil", "evil-full-q4-k").encode())
        self.assertNotIn("\u001b", done.stdout + done.stderr)

    def test_a_reply_for_another_name_is_checked(self):
        self.server.model("lab/m", id="lab/m\nkey: evil")
        self.bad(self.add("lab/m", "-y"), "failed to fetch HF metadata for lab/m: ")
        self.untouched()

    def test_very_many_tags_are_read_or_refused_in_bounded_time(self):
        self.server.model("lab/many", tags=[f"tag-{i}" for i in range(100_000)])
        self.good(self.add("lab/many", "--dry-run"))
        self.server.model("lab/huge", tags=["x" * 1000] * 50_000)
        self.bad(self.add("lab/huge", "--dry-run"), "failed to fetch HF metadata for lab/huge: ")

    def test_a_chain_without_end_is_given_up(self):
        for i in range(40):
            self.server.model(f"lab/m{i}", tags=[f"base_model:quantized:lab/m{i + 1}"])
        self.bad(self.add("lab/m0"), "the base models of lab/m0 come to no end: lab/m0 -> lab/m1")
        self.assertLess(len(self.server.asked), 25)

    def test_statuses_are_told_apart(self):
        for status, code, words in ((401, 1, "the Hub does not accept this login"), (403, 1, "may not"),
                                    (400, 1, "")):
            with self.subTest(status):
                self.server.answers["/api/models/lab/m/revision/main"] = (
                    status, {}, b'{"error": "Invalid credentials in Authorization header"}')
                done = self.bad(self.add("lab/m"), "failed to fetch HF metadata for lab/m: ", code)
                self.assertIn(words, done.stderr)
                self.assertNotIn("check the model ID", done.stderr)

    def test_the_token_goes_to_the_hub_s_host_only(self):
        with OddServer("localhost") as other:
            config = b'{"num_experts": 8}'
            self.server.model("lab/m", config)
            path = f"/lab/m/resolve/{'0' * 40}/config.json"
            other.answers[path] = self.server.answers[path]
            self.server.answers[path] = (302, {"Location": other.endpoint + path}, b"")
            done = self.good(self.add("lab/m", "--dry-run"))
            self.assertIn("tier: moe", done.stdout)
            self.assertEqual(other.asked, [(path, None)])
            self.assertEqual({token for _, token in self.server.asked}, {"Bearer " + TOKEN})
            # What the Hub's own interface says is never taken from another host.
            info = "/api/models/lab/m/revision/main"
            other.answers[info] = self.server.answers[info]
            self.server.answers[info] = (307, {"Location": other.endpoint + info}, b"")
            self.bad(self.add("lab/m", "--dry-run"), "a redirect that cannot be followed")
            self.assertEqual(len(other.asked), 1)


if __name__ == "__main__":
    unittest.main()
