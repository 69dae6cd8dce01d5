# SPDX-License-Identifier: Apache-2.0
"""What scripts and operators rely on, row by row: output, messages and exit codes of the real program.

Every table is data: one row is one run. Nothing here needs a Hub, a token or a network.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import tempfile
import unittest

PROGRAM = str(pathlib.Path(os.environ["SKW_BIN"]) / "skulk-weights")
OWNER = "FoxlightAI"
COLLECTION = "FoxlightAI/vindexes-6a124406dd5fb439c431b051"
URL = "https://huggingface.co/collections/"
FIELDS = ["assistant_model_repo", "hf_collection", "hf_repo", "key", "mtp_sidecar_repo", "mtp_source_repo",
          "output_name", "quant", "slices", "source_model", "tier", "vision_sidecar_repo", "vision_source_repo"]

# An entry as written in a file: field -> YAML text.
ENTRY = {"key": "a", "source_model": "o/m", "quant": "q4k", "tier": "smoke", "slices": "[full]",
         "output_name": "a.vindex", "hf_repo": "acme/a"}
MTP = {"mtp_source_repo": "o/m", "mtp_sidecar_repo": "acme/m-mtp"}
VISION = {"vision_source_repo": "third/v", "vision_sidecar_repo": "acme/v-vision"}
FULL = {**ENTRY, "hf_collection": "acme/col-1", **MTP, **VISION}


def yaml_entry(fields):
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "".join(("  - " if i == 0 else "    ") + line + "\n" for i, line in enumerate(lines))


def manifest(*entries):
    return "models:\n" + "".join(yaml_entry(entry) for entry in entries)


def changed(**fields):
    """The entry with other fields; None takes one away. Order as in ENTRY, new fields behind."""
    return {**ENTRY, **fields}


def item(**fields):
    lines = [f"{name}: {value}" for name, value in
             {"path": "./m.yaml", "namespace": "ns", "hf_owner": "acme", **fields}.items() if value is not None]
    return "".join(("  - " if i == 0 else "    ") + line + "\n" for i, line in enumerate(lines))


class Done:
    def __init__(self, process, folder):
        self.title = " ".join(map(repr, process.args[1:]))
        self.code = process.returncode
        self.out = process.stdout.decode().replace(str(folder), "HERE")
        self.err = process.stderr.decode().replace(str(folder), "HERE")

    @property
    def problem(self):
        """The error line: neither a warning nor the next step."""
        lines = [line for line in self.err.splitlines() if not line.startswith(("warning: ", "  next: "))]
        return "\n".join(lines)

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out!r}\nstderr: {self.err!r}"


def run(words, files=None, env=None, folder=None):
    """One run in a fresh folder with these files; a value None in env takes the variable away."""
    with tempfile.TemporaryDirectory(prefix="skw-contract-") as fresh:
        room = pathlib.Path(folder or fresh).resolve()
        for name, text in (files or {}).items():
            path = room / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        (room / "home").mkdir(exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(room / "home"), **(env or {})}
        if "ASAN_OPTIONS" in os.environ:
            environment["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"]
        environment = {name: value for name, value in environment.items() if value is not None}
        process = subprocess.run([PROGRAM, *words], cwd=room, env=environment, stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=60)
        left = sorted(str(p.relative_to(room)) for p in room.rglob("*") if str(p.relative_to(room)) not in
                      {"home", *(files or {}), *(str(q) for f in (files or {}) for q in pathlib.Path(f).parents)})
        done = Done(process, room)
        done.left = left
        return done


def run_all(rows):
    """Runs (words, files, env) rows side by side, since most of a run is waiting for the loader."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda row: run(*row), rows))


class Table(unittest.TestCase):
    def each(self, rows, call):
        """Every row with its result; call makes (words, files, env) of a row."""
        return zip(rows, run_all([call(row) for row in rows]))

    def json_of(self, done):
        document = json.loads(done.out)
        self.assertRegex(document["schema"], r"^skw\.[a-z.]+/1$")
        return document


# --- The command line -------------------------------------------------------------------------------------

CAT = {"m.yaml": manifest(ENTRY)}
M = ("--manifest", "m.yaml")

# words, exit code, text of stdout or None for anything, text within stderr
COMMAND_LINES = [
    (["--help"], 0, None, ""), (["-h"], 0, None, ""), (["publish", "--help"], 0, None, ""),
    (["publish", "-h"], 0, None, ""), (["catalog", "--help"], 0, None, ""), (["catalogue", "-h"], 0, None, ""),
    (["catalog", "show", "-h"], 0, None, ""), (["catalog", "list", "--tier", "moe", "--help"], 0, None, ""),
    (["plugins", "--help"], 0, None, ""), (["plugins", "list", "-h"], 0, None, ""),
    (["plugins", "show", "--help"], 0, None, ""), (["--config", "gone.yaml", "catalog", "-h"], 0, None, ""),
    ([], 2, "", "usage: "), (["catalog"], 2, "", "usage: "), (["plugins"], 2, "", "usage: "),
    (["nonsense"], 2, "", "usage: "), (["catalog", "nonsense"], 2, "", "usage: "),
    (["catalog", "vali"], 2, "", "usage: "), (["catal", "list"], 2, "", "did you mean catalog?"),
    (["catalog", "lst"], 2, "", "did you mean list?"), (["catalogue", "lst"], 2, "", "did you mean list?"),
    (["--config", "a", "--manifest", "b", "catalog", "list"], 2, "", "not allowed with"),
    (["--config", "", "--manifest", "", "catalog", "list"], 2, "", "not allowed with"),
    (["--config=", "--manifest=", "catalog", "list"], 2, "", "not allowed with"),
    (["--config"], 2, "", "expected one"), (["--manifest"], 2, "", "expected one"),
    (["catalog", "list", "--config", "x"], 2, "", "unrecognized arguments: --config"),
    (["catalog", "list", "--manifest=m.yaml"], 2, "", "unrecognized arguments: --manifest"),
    (["--conf", "m.yaml", "catalog", "list"], 2, "", "did you mean --config?"),
    (["publish", "--mod", "a"], 2, "", "did you mean --model?"),
    (["publish", "--model", "a", "--dry"], 2, "", "did you mean --dry-run?"),
    (["catalog", "list", "--ti", "moe"], 2, "", "unrecognized arguments: --ti"),
    (["publish"], 2, "", "required: --model"), (["publish", "--model"], 2, "", "--model"),
    (["publish", "--dry-run"], 2, "", "required: --model"),
    (["publish", "--model", "a", "extra"], 2, "", "unrecognized arguments: extra"),
    (["publish", "--model", "a", "--artifact", "ALL"], 2, "", "did you mean all?"),
    (["publish", "--model", "a", "--artifact", "Mtp"], 2, "", "did you mean mtp?"),
    (["publish", "--model", "a", "--force=1"], 2, "", "usage: "),
    (["catalog", "list", "--tier", "ALL"], 2, "", "did you mean all?"),
    (["catalog", "list", "--tier", "-x"], 2, "", "expected one value"),
    (["publish", "--model", "a", "--scratch", "--dry-run"], 2, "", "expected one value"),
    (["catalog", "show"], 2, "", "required: KEY"), (["catalog", "show", "a", "b"], 2, "", "unrecognized arguments: b"),
    (["catalog", "validate", "x"], 2, "", "unrecognized arguments: x"),
    (["catalog", "show", "-x"], 2, "", "unrecognized arguments: -x"),
    (["--bogus", "catalog", "list"], 2, "", "usage: "), (["-x"], 2, "", "usage: "), (["-"], 2, "", "usage: "),
    (["--"], 2, "", "usage: "), ([""], 2, "", "usage: "),
    (["plugins", "show", "nothing"], 1, "", "there is no plugin 'nothing'"),
    ([*M, "catalog", "list"], 0, "a\n", ""), (["--manifest=m.yaml", "catalog", "list"], 0, "a\n", ""),
    (["--config", "", *M[:0], "catalog", "validate"], 0, "catalog valid: 12 entries from 1 sources\n", ""),
    (["--config=", "catalog", "validate"], 0, "catalog valid: 12 entries from 1 sources\n", ""),
    (["--manifest", "", "catalog", "validate"], 0, "catalog valid: 12 entries from 1 sources\n", ""),
    ([*M, "--manifest", "m.yaml", "catalog", "list"], 0, "a\n", ""),
    (["--manifest", "gone.yaml", *M, "catalog", "list"], 0, "a\n", ""),
    ([*M, "catalogue", "list"], 0, "a\n", ""),
    ([*M, "catalog", "list", "--tier", "moe"], 0, "", ""), ([*M, "catalog", "list", "--tier=smoke"], 0, "a\n", ""),
    ([*M, "catalog", "list", "--tier", "moe", "--tier", "all"], 0, "a\n", ""),
    ([*M, "catalog", "show", "--", "a"], 0, None, ""),
    ([*M, "publish", "--dry-run", "--artifact", "vision", "--model", "a"], 0, None, ""),
    ([*M, "publish", "--model", "b", "--model", "a", "--dry-run", "--artifact=vision"], 0, None, ""),
    ([*M, "publish", "--model", "catalogue", "--dry-run"], 1, "", "catalog key not found: catalogue\n"),
    ([*M, "catalog", "show", "b"], 1, "", "catalog key not found: b\n"),
    ([*M, "catalog", "show", "--", "-b"], 1, "", "catalog key not found: -b\n"),
    ([*M, "publish", "--model", "b"], 1, "", "catalog key not found: b\n"),
    (["--config", "gone.yaml", "catalog", "list"], 1, "", "gone.yaml not found\n"),
    (["--config", ".", "catalog", "list"], 1, "", ". not found\n"),
    (["--manifest", "~/m.yaml", "catalog", "list"], 1, "", "~/m.yaml not found; run from the repository root\n"),
    (["--config", "~/m.yaml", "catalog", "list"], 1, "", "~/m.yaml not found\n"),
    (["--manifest", ".//x/./gone.yaml/", "catalog", "list"], 1, "", "x/gone.yaml not found; run from the repository root\n"),
    (["--config", "x/../gone.yaml", "catalog", "list"], 1, "", "x/../gone.yaml not found\n"),
]


class CommandLine(Table):
    def test_every_command_line_ends_as_the_contract_says(self):
        for (words, code, out, err), done in self.each(COMMAND_LINES, lambda row: (row[0], CAT, {})):
            with self.subTest(done.title):
                self.assertEqual(done.code, code, done)
                if out is not None:
                    self.assertEqual(done.out, out, done)
                if code == 0:
                    self.assertEqual(done.err, "", done)
                self.assertIn(err, done.err, done)
                self.assertEqual(done.left, [], done)
                if code == 2:
                    self.assertRegex(done.err, r"\Ausage: skulk-weights[^\n]*\nskulk-weights[^\n]*: error: ")

    def test_help_lists_what_there_is(self):
        for words in (["--help"], ["catalog", "--help"], ["publish", "--help"], ["plugins", "--help"]):
            text = run(words).out
            for word in {"--help": ["publish", "catalog validate", "plugins list", "--config", "--manifest", "--version"],
                         "catalog": ["catalog validate", "catalog list", "catalog show", "catalog sources"],
                         "publish": ["--model", "--artifact", "--dry-run", "--force", "--scratch", "--json"],
                         "plugins": ["plugins list", "plugins show"]}[words[0]]:
                self.assertIn(word, text)
            self.assertLessEqual(max(map(len, text.splitlines())), 120)


# --- The built-in catalog ---------------------------------------------------------------------------------

# key, source_model, tier, slice, stem, more
BUILTIN = [
    ("gemma-3-4b-full-q4-k", "google/gemma-3-4b-it", "smoke", "full", "gemma-3-4b-it-full-q4-k", {}),
    ("llama-3-2-3b-full-q4-k", "meta-llama/Llama-3.2-3B-Instruct", "smoke", "full",
     "llama-3-2-3b-instruct-full-q4-k", {}),
    ("qwen-2-5-7b-full-q4-k", "Qwen/Qwen2.5-7B-Instruct", "smoke", "full", "qwen-2-5-7b-instruct-full-q4-k", {}),
    ("gemma-4-26b-a4b-full-q4-k", "google/gemma-4-26b-a4b-it", "moe", "full", "gemma-4-26b-a4b-it-full-q4-k", {}),
    ("gemma-4-26b-a4b-expert-server-q4-k", "google/gemma-4-26b-a4b-it", "moe", "expert-server",
     "gemma-4-26b-a4b-it-expert-server-q4-k", {}),
    ("mixtral-8x7b-full-q4-k", "mistralai/Mixtral-8x7B-Instruct-v0.1", "moe", "full",
     "mixtral-8x7b-instruct-v0-1-full-q4-k", {}),
    ("mixtral-8x7b-expert-server-q4-k", "mistralai/Mixtral-8x7B-Instruct-v0.1", "moe", "expert-server",
     "mixtral-8x7b-instruct-v0-1-expert-server-q4-k", {}),
    ("mixtral-8x22b-full-q4-k", "mistralai/Mixtral-8x22B-Instruct-v0.1", "moe", "full",
     "mixtral-8x22b-instruct-v0-1-full-q4-k", {}),
    ("mixtral-8x22b-expert-server-q4-k", "mistralai/Mixtral-8x22B-Instruct-v0.1", "moe", "expert-server",
     "mixtral-8x22b-instruct-v0-1-expert-server-q4-k", {}),
    ("qwen3-5-9b-full-q4-k", "mlx-community/Qwen3.5-9B-OptiQ-4bit", "smoke", "full", "qwen3-5-9b-full-q4-k",
     {"mtp_source_repo": "Qwen/Qwen3.5-9B-Base", "mtp_sidecar_repo": "FoxlightAI/qwen3-5-9b-base-mtp"}),
    ("qwen3-6-35b-a3b-full-q4-k", "mlx-community/Qwen3.6-35B-A3B-4bit", "moe", "full", "qwen3-6-35b-a3b-full-q4-k",
     {"mtp_source_repo": "Qwen/Qwen3.6-35B-A3B", "mtp_sidecar_repo": "FoxlightAI/qwen3-6-35b-a3b-mtp"}),
    ("gemma-4-31b-full-q4-k", "google/gemma-4-31B-it", "smoke", "full", "gemma-4-31b-it-full-q4-k",
     {"assistant_model_repo": "google/gemma-4-31B-it-assistant"}),
]


def shown(**fields):
    """One line of `catalog show`, as Python's json writes it."""
    return json.dumps({**dict.fromkeys(FIELDS), **fields}, sort_keys=True) + "\n"


class Builtin(Table):
    def test_every_entry_is_shown_exactly(self):
        for (key, model, tier, part, stem, more), done in self.each(
                BUILTIN, lambda row: (["catalog", "show", "foxlight/" + row[0]],)):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.err), (0, ""), done)
                self.assertEqual(done.out, shown(key="foxlight/" + key, source_model=model, quant="q4k", tier=tier,
                                                 slices=[part], output_name=stem + ".vindex",
                                                 hf_repo=f"{OWNER}/{stem}-vindex", hf_collection=COLLECTION, **more))

    def test_keys_come_in_their_order_and_by_tier(self):
        for tier in ("all", "smoke", "moe"):
            keys = [f"foxlight/{row[0]}\n" for row in BUILTIN if tier in ("all", row[2])]
            self.assertEqual(run(["catalog", "list", "--tier", tier]).out, "".join(keys))
        self.assertEqual(run(["catalog", "validate"]).out, "catalog valid: 12 entries from 1 sources\n")
        self.assertEqual(run(["catalog", "sources"]).out,
                         f"builtin foxlight namespace=foxlight hf_owner={OWNER} hf_collection={COLLECTION} "
                         "entries=12 origin=package:foxlight\n")

    def test_every_entry_has_a_plan(self):
        for (key, model, _, part, stem, more), done in self.each(
                BUILTIN, lambda row: (["publish", "--model", "foxlight/" + row[0], "--dry-run", "--scratch", "S"],)):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.err, done.left), (0, "", []), done)
                lines = done.out.splitlines()
                self.assertIn(f"output path: S/{stem}.vindex", lines)
                self.assertIn(f"vindex collection: {URL}{COLLECTION}", lines)
                self.assertIn("publish slices: " + ("none" if part == "full" else part), lines)
                self.assertEqual("mtp step: not configured for this entry" in lines, "mtp_source_repo" not in more)
                self.assertIn("vision step: not configured for this entry", lines)


# --- The plan ---------------------------------------------------------------------------------------------

HEAD = """\
model key: {key}
tier: smoke
artifact: {artifact}
source model: {model}
output path: {scratch}/{name}
target repo: hf://acme/a
{filing}
publish slices: {slices}
force overwrite: {force}
"""
VINDEX_LINES = ("extract command: larql extract {qmodel} -o {qpath} --quant q4k",
                "publish command: larql publish {qpath} --repo acme/a --slices {slices}")
SLICE_LINES = (VINDEX_LINES[0],
               "slice command:   larql slice {qpath} -o {qpath}-expert-server --preset expert-server",
               "publish command: larql publish {qpath}-expert-server --repo acme/a --slices none")
MTP_LINES = """\
mtp source repo:  hf://o/m
mtp sidecar repo: hf://acme/m-mtp/mtp.safetensors
mtp precision:    bf16 (unquantized)
mtp output path:  {scratch}/acme--m-mtp-mtp.safetensors
"""
MTP_FILED = "mtp collection:   MTP Sidecars\n"
VISION_LINES = """\
vision source repo:  hf://third/v
vision sidecar repo: hf://acme/v-vision
vision step:         mirror weights + configs (no quantization)
"""
VISION_FILED = "vision collection:   Vision Sidecars\n"
NO_MTP = "mtp step: not configured for this entry\n"
NO_VISION = "vision step: not configured for this entry\n"

# artifact (None: option absent), entry, words, environment, what differs from the usual
PLANS = []
for artifact in (None, "all", "vindex", "mtp", "vision"):
    for fields in (FULL, ENTRY, {**ENTRY, **MTP}, {**ENTRY, **VISION, "hf_collection": "acme/col-1"}):
        PLANS.append((artifact, fields, [], {}, {}))
for value in ("none", "0", "false", "NO", " Off ", "disabled", "\tnone"):
    PLANS.append(("all", FULL, [], {"SKULK_WEIGHTS_COLLECTION": value}, {"slug": None}))
for value in ("", "  ", "\t"):
    PLANS.append(("all", FULL, [], {"SKULK_WEIGHTS_COLLECTION": value}, {}))
    PLANS.append(("mtp", {**ENTRY, **MTP}, [], {"SKULK_WEIGHTS_COLLECTION": value}, {}))
for value in ("other/slug", " other/slug ", "A_b.c-9/x"):
    PLANS.append(("all", FULL, [], {"SKULK_WEIGHTS_COLLECTION": value}, {"slug": value.strip()}))
    PLANS.append(("all", {**ENTRY, **MTP, **VISION}, [], {"SKULK_WEIGHTS_COLLECTION": value}, {"slug": value.strip()}))
PLANS += [
    ("all", FULL, ["--force"], {}, {"force": 1}),
    ("all", {**FULL, "slices": "[expert-server]"}, [], {}, {"slices": "expert-server"}),
    ("vindex", {**ENTRY, "slices": "[expert-server, expert-server]"}, [], {}, {"slices": "expert-server,expert-server"}),
    # where things go
    ("all", FULL, ["--scratch", "x/.//y/"], {}, {"scratch": "x/y"}),
    ("all", FULL, ["--scratch", "../y"], {}, {"scratch": "../y"}),
    ("all", FULL, ["--scratch", "~/y"], {}, {"scratch": "HERE/home/y"}),
    ("all", FULL, ["--scratch", "/y"], {}, {"scratch": "/y"}),
    ("all", FULL, [], {"SKULK_WEIGHTS_SCRATCH": "v/w"}, {"scratch": "v/w"}),
    ("all", FULL, [], {"SKULK_WEIGHTS_SCRATCH": "~/w"}, {"scratch": "HERE/home/w"}),
    ("all", FULL, [], {"SKULK_WEIGHTS_SCRATCH": ""}, {"scratch": "HERE/.scratch"}),
    ("all", FULL, ["--scratch", "o"], {"SKULK_WEIGHTS_SCRATCH": "v"}, {"scratch": "o"}),
    ("all", FULL, ["--scratch", ""], {"SKULK_WEIGHTS_SCRATCH": "v"}, {"scratch": "v"}),
    ("all", FULL, ["--scratch="], {}, {"scratch": "HERE/.scratch"}),
    ("mtp", FULL, [], {"SKULK_WEIGHTS_SCRATCH": " "}, {"scratch": " "}),
    # quoting of the two commands
    ("vindex", FULL, ["--scratch", "a b"], {}, {"scratch": "a b", "qpath": "'a b/a.vindex'"}),
    ("vindex", FULL, ["--scratch", "a'b"], {}, {"scratch": "a'b", "qpath": "'a'\"'\"'b/a.vindex'"}),
    ("vindex", FULL, ["--scratch", "a$b"], {}, {"scratch": "a$b", "qpath": "'a$b/a.vindex'"}),
    ("vindex", FULL, ["--scratch", "\u00e9"], {}, {"scratch": "\u00e9", "qpath": "'\u00e9/a.vindex'"}),
    ("vindex", FULL, ["--scratch", "A_z0@%+=:,./-"], {}, {"scratch": "A_z0@%+=:,./-", "qpath": "A_z0@%+=:,./-/a.vindex"}),
    ("vindex", {**ENTRY, "output_name": "'a~b.vindex'"}, ["--scratch", "s"], {},
     {"scratch": "s", "name": "a~b.vindex", "qpath": "'s/a~b.vindex'"}),
    ("vindex", {**ENTRY, "source_model": "'o/m;x'"}, [], {}, {"model": "o/m;x", "qmodel": "'o/m;x'"}),
    ("vindex", {**ENTRY, "source_model": "'a/b/c'"}, [], {}, {"model": "a/b/c"}),
]


def expected_plan(artifact, fields, differs):
    """(lines that are exact, patterns of the two commands behind which options may follow)."""
    slug = differs.get("slug", fields.get("hf_collection"))
    values = {"key": "a", "artifact": artifact or "all", "model": "o/m", "scratch": "HERE/.scratch", "name": "a.vindex",
              "slices": "none", "force": 0, **differs}
    values["filing"] = f"vindex collection: {URL}{slug}" if slug else "collection: disabled"
    values.setdefault("qmodel", values["model"])
    values.setdefault("qpath", values["scratch"] + "/" + values["name"])
    out = HEAD.format(**values)
    kinds = ("vindex", "mtp", "vision") if artifact in (None, "all") else (artifact,)
    if "vindex" in kinds:
        out += "".join(line.format(**values) + "\n" for line in
                       (VINDEX_LINES if values["slices"] == "none" else SLICE_LINES))
    if "mtp" in kinds:
        out += MTP_LINES.format(**values) + (MTP_FILED if slug else "") if "mtp_source_repo" in fields else NO_MTP
    if "vision" in kinds:
        out += VISION_LINES + (VISION_FILED if slug else "") if "vision_source_repo" in fields else NO_VISION
    return out + "dry run complete\n"


def without_further_options(text):
    """The two larql commands without what follows the contract's beginning."""
    text = re.sub(r"^(publish command: .* --slices \S+)( --.*)?$", r"\1", text, flags=re.MULTILINE)
    return re.sub(r"^(extract command: .* --quant \S+)( --.*)?$", r"\1", text, flags=re.MULTILINE)


# words, environment, first line of stderr: refused after the key was found and before any output
REFUSED_PLANS = [(["--model", "a"], {"SKULK_WEIGHTS_COLLECTION": value},
                  "SKULK_WEIGHTS_COLLECTION must look like owner/slug or be 'none'")
                 for value in ("1", "true", "null", "a/b/c", "x", "/x", "x/", "a b/c", "\u00e9/x")]
REFUSED_PLANS += [(["--model", "b"], {"SKULK_WEIGHTS_COLLECTION": "true"}, "catalog key not found: b"),
                  (["--model", "a", "--artifact", "mtp"], {"HF_TOKEN": ""}, None)]


class Plan(Table):
    def test_the_dry_run_prints_exactly_the_plan(self):
        def call(row):
            artifact, fields, words, env, _ = row
            chosen = [] if artifact is None else ["--artifact", artifact]
            return [*M, "publish", "--model", "a", "--dry-run", *chosen, *words], {"m.yaml": manifest(fields)}, env
        for (artifact, fields, _, _, differs), done in self.each(PLANS, call):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.err, done.left), (0, "", []), done)
                self.assertEqual(without_further_options(done.out), expected_plan(artifact, fields, differs))

    def test_the_document_of_a_plan_holds_the_same(self):
        def call(row):
            artifact, fields, words, env, _ = row
            chosen = [] if artifact is None else ["--artifact", artifact]
            return [*M, "publish", "--json", "--model", "a", "--dry-run", *chosen, *words], {"m.yaml": manifest(fields)}, env
        for (artifact, fields, words, _, differs), done in self.each(PLANS[:20:2], call):
            with self.subTest(done.title):
                document = self.json_of(done)
                kinds = ["vindex", "mtp", "vision"] if artifact in (None, "all") else [artifact]
                self.assertEqual([one["kind"] for one in document["artifacts"]], kinds)
                self.assertEqual(document["collection"], differs.get("slug", fields.get("hf_collection")))
                for one in document["artifacts"]:
                    wanted = one["kind"] == "vindex" or one["kind"] + "_source_repo" in fields
                    self.assertEqual(one["configured"], wanted)
                    if one["configured"]:
                        self.assertEqual(one["plan"]["schema"], "skw.plan/1")
                        for step in one["plan"]["steps"]:
                            if step.get("command"):
                                self.assertIn(step["id"], ("version", "help-extract", "help-publish", "help-slice",
                                                           "extract", "slice", "publish"))

    def test_what_is_printed_is_what_the_plan_runs(self):
        done = run([*M, "publish", "--model", "a", "--dry-run", "--json", "--scratch", "a b", "--artifact", "vindex"],
                   {"m.yaml": manifest({**ENTRY, "slices": "[expert-server]"})})
        plan = json.loads(done.out)["artifacts"][0]["plan"]
        printed = {line["label"]: line["value"] for line in plan["summary"]}
        # What asks the tool for its version and options beforehand is not worth a line.
        run_by = {step["id"] + " command": step["command"] for step in plan["steps"]
                  if step.get("command") and step["command"][-1] not in ("--help", "--version")}
        self.assertEqual({label: shlex.split(value) for label, value in printed.items()}, run_by)

    def test_refusals_come_before_any_output(self):
        rows = REFUSED_PLANS[:-1]
        for (words, env, text), done in self.each(
                rows, lambda row: ([*M, "publish", "--dry-run", *row[0]], {"m.yaml": manifest(FULL)}, row[1])):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.out, done.problem), (1, "", text), done)

    def test_a_real_run_prints_the_plan_then_checks_the_token_then_the_entry(self):
        files = {"m.yaml": manifest(ENTRY)}
        plain = run([*M, "publish", "--model", "a", "--artifact", "mtp", "--dry-run"], files).out
        for token in (None, "", "  "):
            done = run([*M, "publish", "--model", "a", "--artifact", "mtp"], files, {"HF_TOKEN": token})
            self.assertEqual((done.code, done.problem), (1, "HF_TOKEN is required for non-dry-run publishing"), done)
            self.assertEqual(done.out + "dry run complete\n", plain)
        for kind, name in (("mtp", "MTP"), ("vision", "vision")):
            done = run([*M, "publish", "--model", "a", "--artifact", kind], files,
                       {"HF_TOKEN": "hf_x", "HF_ENDPOINT": "http://127.0.0.1:9"})
            self.assertEqual((done.code, done.left), (1, []), done)
            self.assertEqual(done.problem, f"no {name} sidecar configured for a; add {kind}_source_repo and "
                                           f"{kind}_sidecar_repo to the catalog entry")

    def test_catalog_commands_never_look_at_the_collection_variable(self):
        for words in (["validate"], ["list"], ["sources"], ["show", "a"]):
            done = run([*M, "catalog", *words], CAT, {"SKULK_WEIGHTS_COLLECTION": "true", "SKULK_WEIGHTS_SCRATCH": "\x01"})
            self.assertEqual((done.code, done.err), (0, ""), done)


# --- The configuration ------------------------------------------------------------------------------------

CONFIG_ERRORS = [
    ("", "C: must contain a top-level mapping"), ("- a\n", "C: must contain a top-level mapping"),
    ("catalogs:[]\n", "C: must contain a top-level mapping"),
    ("catalogs: []\ncatalogues: []\n", "C: set only one of catalogs or the legacy key"),
    ("catalogs:\n", "C: catalogs must be a list"), ("catalogs: {}\n", "C: catalogs must be a list"),
    ("catalogs: x\n", "C: catalogs must be a list"), ("catalogues: null\n", "C: catalogs must be a list"),
    ("catalogs: [a]\n", "C: catalogs[0] must be a mapping"),
    ("catalogs:\n  - builtin: foxlight\n  - 1\n", "C: catalogs[1] must be a mapping"),
    ("catalogs: [{}]\n", "C: catalogs[0] must set exactly one of builtin or path"),
    ("catalogs: [{namespace: a}]\n", "C: catalogs[0] must set exactly one of builtin or path"),
    ("catalogs: [{builtin: foxlight, path: a}]\n", "C: catalogs[0] must set exactly one of builtin or path"),
    ("catalogs: [{builtin: }]\n", "C: catalogs[0].builtin must be a non-empty string"),
    ("catalogs: [{builtin: 1}]\n", "C: catalogs[0].builtin must be a non-empty string"),
    ("catalogs: [{builtin: '  '}]\n", "C: catalogs[0].builtin must be a non-empty string"),
    ("catalogs: [{builtin: foxlight, hf_owner: a}]\n", "C: catalogs[0] builtin sources do not accept overrides"),
    ("catalogs: [{builtin: other, hf_owner: a}]\n", "C: catalogs[0] builtin sources do not accept overrides"),
    ("catalogs: [{builtin: other}]\n", "unsupported builtin catalog: other"),
    ("catalogs:\n" + item(zed=1, abc=2), "C: catalogs[0] unsupported fields ['abc', 'zed']"),
    ("catalogs:\n" + item(path="", zed=1), "C: catalogs[0] unsupported fields ['zed']"),
    ("catalogs:\n" + item(path=""), "C: catalogs[0].path must be a non-empty string"),
    ("catalogs:\n" + item(path="''", namespace=None), "C: catalogs[0].path must be a non-empty string"),
    ("catalogs:\n" + item(namespace=None, hf_owner=None), "C: catalogs[0].namespace must be a non-empty string"),
    ("catalogs:\n" + item(namespace="no"), "C: catalogs[0].namespace must be a non-empty string"),
    ("catalogs:\n" + item(hf_owner=None), "C: catalogs[0].hf_owner must be a non-empty string"),
    ("catalogs:\n" + item(hf_owner="[]"), "C: catalogs[0].hf_owner must be a non-empty string"),
    ("catalogs:\n" + item(hf_collection="''"), "C: catalogs[0].hf_collection must be a non-empty string"),
    ("catalogs:\n" + item(hf_collection="1"), "C: catalogs[0].hf_collection must be a non-empty string"),
    ("catalogs:\n" + item(namespace="Ns"), "C: catalogs[0] namespace must be lowercase kebab/dot-case"),
    ("catalogs:\n" + item(namespace="-a"), "C: catalogs[0] namespace must be lowercase kebab/dot-case"),
    ("catalogs:\n" + item(namespace="a/b"), "C: catalogs[0] namespace must be lowercase kebab/dot-case"),
    ("catalogs:\n" + item(namespace='"a\\n"'), "C: catalogs[0] namespace must be lowercase kebab/dot-case"),
    ("catalogs:\n" + item(hf_collection="acme"), "C: catalogs[0].hf_collection must look like owner/slug"),
    ("catalogs:\n" + item(hf_collection="acme/a/b"), "C: catalogs[0].hf_collection must look like owner/slug"),
    ("catalogs:\n" + item(hf_collection="other/a"), "C: catalogs[0].hf_collection owner must be 'acme'"),
    ("catalogs:\n" + item(hf_owner="it's", hf_collection="a/a"),
     "C: catalogs[0].hf_collection owner must be \"it's\""),
    ("catalogs:\n" + item(path="gone.yaml"), "DIR/gone.yaml not found; run from the repository root"),
    ("catalogs:\n" + item(path="sub/../x//./gone.yaml"),
     "DIR/sub/../x/gone.yaml not found; run from the repository root"),
    ("catalogs:\n" + item(path="~/gone.yaml"), "HERE/home/gone.yaml not found; run from the repository root"),
    ("catalogs:\n" + item(path="$HOME/gone.yaml"), "DIR/$HOME/gone.yaml not found; run from the repository root"),
    ("catalogs:\n" + item(path="."), None),
    ("catalogs:\n" + item() + "  - 1\n", "C: catalogs[1] must be a mapping"),
    ("catalogs:\n" + item() + item(), "ns/a: duplicate catalog key"),
    ("catalogs:\n" + item() + item(namespace="n2"), "n2/a: duplicate output_name a.vindex"),
    ("catalogs:\n" + item() + item(namespace="n2", path="m2.yaml"), "n2/a: duplicate hf_repo acme/a"),
    ("catalogs:\n  - builtin: foxlight\n  - builtin: foxlight\n",
     "foxlight/gemma-3-4b-full-q4-k: duplicate catalog key"),
    ("catalogs:\n" + item(namespace="foxlight", hf_owner="x", path="fox.yaml"),
     "foxlight/gemma-3-4b-full-q4-k: duplicate catalog key"),
    ("catalogs:\n" + item(hf_owner="other"), "ns/a: hf_repo owner must be 'other'"),
]

BUILTIN_LINE = (f"builtin foxlight namespace=foxlight hf_owner={OWNER} hf_collection={COLLECTION} entries=12 "
                "origin=package:foxlight\n")
NS_LINE = "path ns namespace=ns hf_owner=acme hf_collection=- entries=1 origin={dir}m.yaml\n"

# configuration, lines of `catalog sources`
CONFIGS = [
    ("{}\n", BUILTIN_LINE), ("other: 1\n", BUILTIN_LINE), ("catalogs: []\n", BUILTIN_LINE),
    ("catalogues: []\n", BUILTIN_LINE), ("catalogs: [builtin: foxlight]\n", BUILTIN_LINE),
    ("catalogs:\n" + item(), BUILTIN_LINE + NS_LINE), ("catalogues:\n" + item(), BUILTIN_LINE + NS_LINE),
    ("catalogs:\n" + item() + "  - builtin: foxlight\n", NS_LINE + BUILTIN_LINE),
    ("catalogs:\n  - builtin: foxlight\n" + item(), BUILTIN_LINE + NS_LINE),
    ("catalogs:\n" + item(hf_collection="~"), BUILTIN_LINE + NS_LINE),
    ("catalogs:\n" + item(hf_collection="acme/c-1"),
     BUILTIN_LINE + NS_LINE.replace("hf_collection=-", "hf_collection=acme/c-1")),
    ("catalogs:\n" + item(namespace="a.b_c-9"), BUILTIN_LINE + NS_LINE.replace("ns", "a.b_c-9").replace(
        "a.b_c-9amespace", "namespace")),
    ("catalogs:\n" + item(path="sub/../m.yaml"), BUILTIN_LINE + NS_LINE.replace("{dir}", "{dir}sub/../")),
]
SIDE = {"sub/x": "", "m.yaml": manifest(ENTRY), "m2.yaml": manifest(changed(output_name="b.vindex")),
        "fox.yaml": manifest(changed(key="gemma-3-4b-full-q4-k", hf_repo="x/y"))}


class Configuration(Table):
    def test_every_mistake_has_its_text(self):
        rows = [(text, want, ("found", "named")[i % 2]) for i, (text, want) in enumerate(CONFIG_ERRORS)]
        def call(row):
            text, _, way = row
            if way == "found":
                return ["catalog", "validate"], {**SIDE, "skulk-weights.yaml": text}
            return (["--config", "./d//c.yaml", "catalog", "validate"],
                    {**{"d/" + name: content for name, content in SIDE.items()}, "d/c.yaml": text})
        for (text, want, way), done in self.each(rows, call):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.out), (1, ""), done)
                if want:
                    shown_path, folder = ("skulk-weights.yaml", "") if way == "found" else ("d/c.yaml", "d/")
                    self.assertEqual(done.problem, re.sub(r"^C:", shown_path + ":", want).replace("DIR/", folder), done)

    def test_sources_come_in_their_order(self):
        rows = [(text, want, way) for text, want in CONFIGS for way in ("found", "named")]
        def call(row):
            text, _, way = row
            if way == "found":
                return ["catalog", "sources"], {**SIDE, "skulk-weights.yaml": text}
            return (["--config", "d/./c.yaml", "catalog", "sources"],
                    {**{"d/" + name: content for name, content in SIDE.items()}, "d/c.yaml": text})
        for (text, want, way), done in self.each(rows, call):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.err), (0, ""), done)
                self.assertEqual(done.out, want.replace("{dir}", "" if way == "found" else "d/"))

    def test_discovery_takes_the_first_that_fits(self):
        own = "catalogs:\n" + item()
        old = ("warning: found skulk-vindex.yaml but not skulk-weights.yaml; rename it to skulk-weights.yaml to "
               "silence this warning.\n")
        rows = [({"skulk-weights.yaml": own}, [], 2, ""), ({"skulk-vindex.yaml": own}, [], 2, old),
                ({"skulk-weights.yaml": own, "skulk-vindex.yaml": "["}, [], 2, ""), ({}, [], 1, ""),
                ({"skulk-vindex.yaml": own}, ["--config", "skulk-vindex.yaml"], 2, ""),
                ({"skulk-weights.yaml": "["}, ["--manifest", "m.yaml"], 1, ""),
                ({"skulk-weights.yaml": "["}, ["--config", "", "--config", "e.yaml"], 1, ""),
                ({"home/skulk-weights.yaml": "["}, [], 1, ""), ({"../skulk-weights.yaml": own}, [], 1, "")]
        for (files, words, sources, err), done in self.each(
                rows[:-1], lambda row: ([*row[1], "catalog", "sources"], {**SIDE, "e.yaml": "{}", **row[0]})):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.err), (0, err), done)
                self.assertEqual(done.out.count("\n"), sources, done)

    def test_a_folder_of_that_name_is_passed_over_with_a_warning_and_links_count(self):
        with tempfile.TemporaryDirectory() as folder:
            room = pathlib.Path(folder)
            (room / "skulk-weights.yaml").mkdir()
            done = run(["catalog", "validate"], folder=folder)
            self.assertEqual((done.code, done.out), (0, "catalog valid: 12 entries from 1 sources\n"))
            self.assertTrue(done.err.startswith("warning: skulk-weights.yaml is a directory"), done)
            (room / "skulk-weights.yaml").rmdir()
            (room / "real.yaml").write_text("catalogs:\n" + item())
            (room / "skulk-weights.yaml").symlink_to("real.yaml")
            done = run(["catalog", "validate"], CAT, folder=folder)
            self.assertEqual((done.out, done.err), ("catalog valid: 13 entries from 2 sources\n", ""))

    def test_a_manifest_is_alone_and_keeps_its_name(self):
        for path, name in (("cat.v1.yaml", "cat.v1"), ("d/cat", "cat"), (".hidden", ".hidden")):
            done = run(["--manifest", path, "catalog", "sources"], {path: manifest(ENTRY)})
            self.assertEqual(done.out, f"manifest {name} namespace=- hf_owner=- hf_collection=- entries=1 origin={path}\n")


# --- Entries ----------------------------------------------------------------------------------------------

def not_text(field):
    return [(changed(**{field: value}), f"K: {field} must be a non-empty string")
            for value in ("", "''", "'  '", "1", "yes", "[a]")]


def not_repo(field, more=None, wanted="owner/name"):
    return [(changed(**{**(more or {}), field: value}), f"K: {field} must look like {wanted}")
            for value in ("x", "x/", "a/b/c", "'a b/c'", '"a/b\\n"')]


def pair_errors(kind):
    source, sidecar = f"{kind}_source_repo", f"{kind}_sidecar_repo"
    both = f"K: {source} and {sidecar} must both be set together or not at all"
    good = {source: "o/s", sidecar: "acme/s"}
    rows = [(changed(**{**good, field: value}), f"K: {field} must be a non-empty string")
            for field in (source, sidecar) for value in ("''", "'  '", "1", "yes", "[a]")]
    rows += [(changed(**{source: "o/s"}), both), (changed(**{sidecar: "acme/s"}), both),
             (changed(**{source: "o/s", sidecar: "~"}), both), (changed(**{source: "null", sidecar: "acme/s"}), both),
             (changed(**{source: "1", sidecar: "2"}), f"K: {source} must be a non-empty string"),
             (changed(**{source: "x", sidecar: "x"}), f"K: {source} must look like owner/name"),
             (changed(**{source: "o/s", sidecar: "other/s"}), f"K: {sidecar} owner must be 'acme'")]
    for field in (source, sidecar):
        rows += not_repo(field, good)
    return rows


# In the order of the contract's section 4.3; K is the effective key.
ENTRY_ERRORS = [
    *[(changed(key=value), "models[0]: key must be a non-empty string") for value in (None, "", "''", "' '", "1", "no")],
    *[(changed(key=value), f"{text}: key must be lowercase kebab-case") for value, text in
      (("A", "A"), ("-a", "-a"), ("a_b", "a_b"), ("a.b", "a.b"), ("'a b'", "a b"), ("\u00e9", "\u00e9"))],
    *not_text("source_model"), (changed(source_model=None), "K: source_model must be a non-empty string"),
    (changed(source_model="x"), "K: source_model must look like owner/name"),
    *not_text("quant"), (changed(quant="q8k"), "K: unsupported quant 'q8k'"),
    (changed(quant="\"it's\""), "K: unsupported quant \"it's\""),
    (changed(quant='"a\\tb"'), r"K: unsupported quant 'a\tb'"),
    (changed(quant='"\'\\"\\\\"'), r"""K: unsupported quant '\'"\\'"""),
    (changed(quant='"\\u0001\\u00e9\\u200b"'), "K: unsupported quant '\\x01\u00e9\\u200b'"),
    *not_text("tier"), (changed(tier="Smoke"), "K: unsupported tier 'Smoke'"),
    *[(changed(slices=value), "K: slices must be a non-empty list") for value in (None, "", "[]", "full", "{}", "1")],
    *[(changed(slices=value), "K: slices must contain only strings") for value in ("[1]", "[full, yes]", "[[full]]", "[~]")],
    (changed(slices="[zeta, alpha, zeta, full]"), "K: unsupported slices ['alpha', 'zeta']"),
    (changed(slices="['']"), "K: unsupported slices ['']"),
    (changed(slices="[full, expert-server]"), "K: full must not be combined with other slices"),
    (changed(slices="[full, full]"), "K: full must not be combined with other slices"),
    *not_text("output_name"),
    *[(changed(output_name=value), "K: output_name must be a .vindex basename") for value in
      ("a", "d/a.vindex", "a.vindex/", "a.Vindex", '"a.vindex\\n"', "../a.vindex")],
    *not_text("hf_repo"), *not_repo("hf_repo"),
    *[(changed(hf_collection=value), "K: hf_collection must be a non-empty string") for value in ("''", "' '", "1", "[a]")],
    *not_repo("hf_collection", wanted="owner/slug"),
    *pair_errors("mtp"),
    *[(changed(assistant_model_repo=value), "K: assistant_model_repo must be a non-empty string")
      for value in ("''", "'  '", "1", "yes")],
    *not_repo("assistant_model_repo"),
    (changed(**MTP, assistant_model_repo="o/a"), "K: assistant_model_repo and mtp_source_repo are mutually exclusive"),
    *pair_errors("vision"),
    # the first complaint in the contract's order of fields, whoever owns them
    (changed(source_model="x", quant="q8k", tier="z", slices="x"), "K: source_model must look like owner/name"),
    (changed(quant="q8k", tier="z"), "K: unsupported quant 'q8k'"),
    (changed(tier="z", slices="x", output_name="x"), "K: unsupported tier 'z'"),
    (changed(slices="x", output_name="x", hf_repo="x"), "K: slices must be a non-empty list"),
    (changed(output_name="x", hf_repo="x"), "K: output_name must be a .vindex basename"),
    (changed(hf_repo="x", hf_collection="x"), "K: hf_repo must look like owner/name"),
    (changed(hf_collection="x", mtp_source_repo="x"), "K: hf_collection must look like owner/slug"),
    (changed(**{**MTP, "mtp_sidecar_repo": "other/s"}, assistant_model_repo="x"), "K: mtp_sidecar_repo owner must be 'acme'"),
    (changed(assistant_model_repo="x", vision_source_repo="x"), "K: assistant_model_repo must look like owner/name"),
]

# Entries of one file that meet each other.
MEETING = [
    ([ENTRY, ENTRY], "K: duplicate key"),
    ([ENTRY, changed(key="b")], "B: duplicate output_name a.vindex"),
    ([ENTRY, changed(key="b", output_name="b.vindex")], "B: duplicate hf_repo acme/a"),
    ([ENTRY, changed(key="b", output_name="A.vindex", hf_repo="acme/A")], None),
    ([{**ENTRY, **MTP, **VISION}, changed(key="b", output_name="b.vindex", hf_repo="acme/b", **MTP, **VISION)], None),
]

FILES = [
    ("", "LABEL must contain a top-level mapping"), ("- a\n", "LABEL must contain a top-level mapping"),
    ("models:[]\n", "LABEL must contain a top-level mapping"), ("{}\n", "LABEL: models must be a non-empty list"),
    ("models:\n", "LABEL: models must be a non-empty list"), ("models: []\n", "LABEL: models must be a non-empty list"),
    ("models: {a: b}\n", "LABEL: models must be a non-empty list"), ("models: [a]\n", "models[0] must be a mapping"),
    ("models: [~]\n", "models[0] must be a mapping"), ("models: [[]]\n", "models[0] must be a mapping"),
    (manifest(ENTRY) + "  - 7\n", "models[1] must be a mapping"),
    (manifest(ENTRY) + "  - {key: }\n", "models[1]: key must be a non-empty string"),
]


class Entries(Table):
    def test_every_rule_has_its_text(self):
        rows = [(fields, want) for fields, want in ENTRY_ERRORS]
        for (fields, want), done in self.each(
                rows, lambda row: ([*M, "catalog", "validate"], {"m.yaml": manifest(row[0])})):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.out), (1, ""), done)
                self.assertEqual(done.problem, re.sub(r"^K:", "a:", want), done)

    def test_entries_of_a_namespace_are_named_by_their_whole_key(self):
        owner = [(changed(hf_repo="other/a"), "K: hf_repo owner must be 'acme'"),
                 (changed(hf_collection="other/a"), "K: hf_collection owner must be 'acme'")]
        for (fields, want), done in self.each(
                owner + ENTRY_ERRORS[::7],
                lambda row: (["catalog", "validate"], {"skulk-weights.yaml": "catalogs:\n" + item(),
                                                       "m.yaml": manifest(row[0])})):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.problem), (1, re.sub(r"^K:", "ns/a:", want)), done)

    def test_entries_of_one_file_that_meet(self):
        for (entries, want), done in self.each(
                MEETING, lambda row: ([*M, "catalog", "list"], {"m.yaml": manifest(*row[0])})):
            with self.subTest(done.title):
                if want is None:
                    self.assertEqual((done.code, done.out, done.err), (0, "a\nb\n", ""), done)
                else:
                    self.assertEqual((done.code, done.problem), (1, want.replace("K:", "a:").replace("B:", "b:")), done)

    def test_files_that_are_no_catalog(self):
        for (text, want), done in self.each(FILES, lambda row: (["--manifest", "./m.yaml", "catalog", "list"],
                                                                {"m.yaml": row[0]})):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.out, done.problem), (1, "", want.replace("LABEL", "m.yaml")), done)

    def test_values_are_kept_and_the_collection_is_inherited(self):
        collection = "catalogs:\n" + item(hf_collection="acme/c-1")
        for own, effective in ((None, "acme/c-1"), ("~", "acme/c-1"), ("acme/own", "acme/own")):
            done = run(["catalog", "show", "ns/a"], {"skulk-weights.yaml": collection,
                                                     "m.yaml": manifest(changed(hf_collection=own))})
            self.assertEqual(done.out, shown(key="ns/a", source_model="o/m", quant="q4k", tier="smoke", slices=["full"],
                                             output_name="a.vindex", hf_repo="acme/a", hf_collection=effective))

    def test_the_document_escapes_all_but_printable_ascii(self):
        model = "o/\u00e9\u2014\U0001F98A\"\\b"
        done = run([*M, "catalog", "show", "a"], {"m.yaml": manifest(changed(source_model=json.dumps(model, ensure_ascii=False)))})
        self.assertEqual(done.out, shown(key="a", source_model=model, quant="q4k", tier="smoke", slices=["full"],
                                         output_name="a.vindex", hf_repo="acme/a"))
        self.assertTrue(done.out.isascii())


# --- YAML 1.1 ---------------------------------------------------------------------------------------------

NO_TEXT = "models[0]: key must be a non-empty string"
# what stands behind "key:", the key that it is; or None: not a string
SCALARS = [*[(text, None) for text in (
    "123", "0x1f", "017", "0b11", "1_000", "12:30", "+1", "-1", "0", "1.5", ".5", "5.", "1.0e+3", ".inf", ".nan", "09.1",
    "2024-01-01", "2024-01-01T00:00:00Z", "yes", "no", "on", "off", "true", "false", "True", "TRUE", "Yes", "OFF",
    "null", "~", "Null", "NULL", "", '""', '"  "', "[]", "{}", "!!int '1'", "!!null ''")],
    *[(text, text) for text in ("1e3", "0o17", "08", "2024-1-1", "y", "n", "a", "0a", "1-1")],
    *[(text, text + "!") for text in ("1.0e3", "1.2.3", "1,000", "N", "nO")],
    ('"123"', "123"), ("'yes'", "yes"), ("!!str 123", "123"), ("!!str yes", "yes"), ("&x a", "a"),
    ("|\n      a", "a\\n!"), (">-\n      a", "a"), ("|-\n      a", "a")]

GOOD = manifest(ENTRY)
# a file, the keys it gives
ACCEPTED = [
    ("\ufeff" + GOOD, ["a"]), (GOOD.replace("\n", "\r\n"), ["a"]), ("%YAML 1.2\n---\n" + GOOD, ["a"]),
    ("---\n" + GOOD + "...\n", ["a"]), ("# note\n" + GOOD, ["a"]), (json.dumps({"models": [
        {**ENTRY, "slices": ["full"]}]}), ["a"]),
    ("base: &b {quant: q4k, tier: moe, slices: [full]}\nmodels:\n  - <<: *b\n    key: a\n    source_model: o/m\n"
     "    output_name: a.vindex\n    hf_repo: acme/a\n    tier: smoke\n", ["a"]),
    ("x: &x {quant: q4k}\ny: &y {quant: bad, tier: smoke}\nmodels:\n  - <<: [*x, *y]\n    key: a\n    source_model: o/m\n"
     "    slices: &s [full]\n    output_name: a.vindex\n    hf_repo: acme/a\n", ["a"]),
    ("loop: &l [*l]\n" + GOOD, ["a"]), (GOOD + "    1: x\n", ["a"]), ("? models\n:\n" + GOOD[8:], ["a"]),
]
WARNED = [
    (GOOD + "    quant: q4k\n", "quant"), (GOOD + "    mtp_sidecar_repos: x\n", "did you mean 'mtp_sidecar_repo'?"),
]
REFUSED = [
    GOOD + "---\n" + GOOD, "models:\n\t- a\n", "models: [", "a: &x 1\nb: &x 2\n", "a: *x\n", "models: !foo x\n",
    "models: !!python/object:os.system x\n", "models: =\n", "? [a]\n: b\n", "{a: b}: c\n", b"models: \xff\n",
    "models: \x01\n", "models: \"\\q\"\n", "a: b: c\n", "models: 'x\n", "models: @x\n", b"\xff\xfe\x00",
]


class Yaml(Table):
    def test_scalars_are_read_as_by_yaml_1_1(self):
        for (text, key), done in self.each(SCALARS, lambda row: (
                [*M, "catalog", "list"], {"m.yaml": manifest(changed(key=row[0]))})):
            with self.subTest(done.title):
                if key is None:
                    self.assertEqual((done.code, done.problem), (1, NO_TEXT), done)
                elif key.endswith("!"):
                    self.assertEqual(done.code, 1, done)
                    self.assertIn(": key must be lowercase kebab-case", done.problem)
                else:
                    self.assertEqual((done.code, done.out), (0, key + "\n"), done)

    def test_null_is_absent_for_optional_fields(self):
        for text in ("", "~", "null", "Null", "NULL"):
            done = run([*M, "catalog", "show", "a"], {"m.yaml": manifest(changed(
                hf_collection=text, mtp_source_repo=text, mtp_sidecar_repo=text, assistant_model_repo=text,
                vision_source_repo=text, vision_sidecar_repo=text))})
            self.assertEqual(json.loads(done.out)["mtp_source_repo"], None, done)

    def test_a_final_newline_is_not_tolerated_where_there_is_a_pattern(self):
        for field in ("quant", "tier", "output_name", "hf_repo"):
            value = "|\n      " + ENTRY[field]
            self.assertEqual(run([*M, "catalog", "list"], {"m.yaml": manifest(changed(**{field: value}))}).code, 1, field)

    def test_files_that_are_accepted(self):
        for (text, keys), done in self.each(ACCEPTED, lambda row: ([*M, "catalog", "list"], {"m.yaml": row[0]})):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.out.split()), (0, keys), done)

    def test_own_keys_win_over_merged_ones(self):
        done = run([*M, "catalog", "show", "a"], {"m.yaml": ACCEPTED[6][0]})
        self.assertEqual(json.loads(done.out)["tier"], "smoke")

    def test_duplicate_keys_and_unknown_fields_are_warnings_that_name_the_place(self):
        for (text, word), done in self.each(WARNED, lambda row: ([*M, "catalog", "list"], {"m.yaml": row[0]})):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.out), (0, "a\n"), done)
                self.assertRegex(done.err, r"\Awarning: m\.yaml:\d+:\d+: [^\n]*\n\Z")
                self.assertIn(word, done.err)

    def test_files_that_are_refused_with_line_and_column(self):
        for text, done in self.each(REFUSED, lambda row: ([*M, "catalog", "list"], {"m.yaml": row})):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.out), (1, ""), done)
                self.assertRegex(done.err, r"m\.yaml:\d+:\d+: ")


# --- Streams ----------------------------------------------------------------------------------------------

EVIL = "\x1b]0;x\x07\x1b[31m\r\x00\x9b2J\u202e".replace("\x00", "")
JSON_RUNS = [
    (["catalog", "validate"], 0, "skw.catalog.validate/1"), (["catalog", "list"], 0, "skw.catalog.list/1"),
    (["catalog", "sources"], 0, "skw.catalog.sources/1"), (["catalog", "show", "a"], 0, "skw.catalog.entry/1"),
    (["plugins", "list"], 0, "skw.plugins.list/1"), (["plugins", "show", "mtp"], 0, "skw.plugins.show/1"),
    (["publish", "--model", "a", "--dry-run"], 0, "skw.publish.plan/1"),
    (["catalog", "show", "zzz"], 1, "skw.error/1"), (["plugins", "show", "zzz"], 1, "skw.error/1"),
    (["publish", "--model", "zzz"], 1, "skw.error/1"), (["publish", "--model", "a"], 1, "skw.error/1"),
    (["publish", "--model", "a", "--artifact", "mtp"], 1, "skw.error/1"),
    (["publish", "--model", "a", "--artifact", "nothing"], 2, "skw.error/1"),
    (["publish", "--artifact", "mtp"], 2, "skw.error/1"), (["catalog", "list", "--tier", "x"], 2, "skw.error/1"),
    (["catalog", "list", "--wrong"], 2, "skw.error/1"), (["catalog", "show"], 2, "skw.error/1"),
    (["catalog", "lits"], 2, "skw.error/1"), (["lits"], 2, "skw.error/1"),
]


class Streams(Table):
    def test_with_json_there_is_one_document_whatever_happens(self):
        for (words, code, schema), done in self.each(JSON_RUNS, lambda row: ([*M, *row[0], "--json"], CAT)):
            with self.subTest(done.title):
                self.assertEqual(done.code, code, done)
                document = self.json_of(done)
                self.assertEqual(document["schema"], schema)
                if schema == "skw.error/1":
                    self.assertIn(document["error"]["reason"].splitlines()[0], done.err)
                    self.assertEqual(set(document["error"]), {"code", "place", "reason", "hint"})

    def test_documents_hold_what_the_text_holds(self):
        keys = run(["catalog", "list"]).out.split()
        self.assertEqual([one["key"] for one in json.loads(run(["catalog", "list", "--json"]).out)["entries"]], keys)
        entry = json.loads(run(["catalog", "show", keys[0], "--json"]).out)
        self.assertEqual({k: v for k, v in entry.items() if k != "schema"},
                         json.loads(run(["catalog", "show", keys[0]]).out))
        source = json.loads(run(["catalog", "sources", "--json"]).out)["sources"][0]
        self.assertEqual(f"{source['kind']} {source['name']} namespace={source['namespace']} hf_owner="
                         f"{source['hf_owner']} hf_collection={source['hf_collection']} entries={source['entries']} "
                         f"origin={source['origin']}\n", run(["catalog", "sources"]).out)
        for plugin in json.loads(run(["plugins", "list", "--json"]).out)["plugins"]:
            self.assertIn(plugin["id"], run(["plugins", "list"]).out)
            for value in ("license", "vendor", "version", "name"):
                self.assertIn(json.loads(run(["plugins", "show", plugin["id"], "--json"]).out)[value],
                              run(["plugins", "show", plugin["id"]]).out)

    def test_no_control_character_reaches_any_output(self):
        quoted = json.dumps(EVIL)
        key = f"x{EVIL}"
        files = [{"m.yaml": text} for text in (
            manifest(changed(key=quoted)), manifest(changed(quant=quoted)), manifest(changed(output_name=quoted)),
            manifest(changed(source_model=json.dumps("o/" + EVIL))), manifest(changed(hf_repo=quoted)),
            manifest(changed(slices="[" + quoted + "]")), manifest({**ENTRY, quoted: "1"}),
            manifest({**ENTRY, quoted: "1"}) + f"    {quoted}: 2\n", f"{quoted}: 1\n", f"models: *{EVIL}\n",
            f"models: &a{EVIL} x\n", "models: " + EVIL, f"models: !{EVIL} x\n",
            manifest(changed(output_name=json.dumps(f"a{EVIL}.vindex"))), "\x9b2J", "models: \x7f\n")]
        rows = [([*M, "catalog", command], one, {}) for one in files for command in ("validate",)]
        rows += [([*words, *more], CAT, env) for more in ([], ["--json"]) for words, env in (
            ([*M, "catalog", "show", key], {}), ([*M, "publish", "--model", key], {}), (["plugins", "show", key], {}),
            ([*M, "publish", "--model", "a", "--artifact", key], {}), ([*M, "catalog", "list", "--tier", key], {}),
            (["--config", key, "catalog", "list"], {}), (["--manifest", key, "catalog", "list"], {}),
            ([key], {}), (["catalog", key], {}), (["--" + key], {}), ([*M, "catalog", "list", "--" + key], {}),
            ([*M, "publish", "--model", "a", "--dry-run", "--scratch", key], {}),
            ([*M, "publish", "--model", "a", "--dry-run"], {"SKULK_WEIGHTS_SCRATCH": key}),
            ([*M, "publish", "--model", "a", "--dry-run"], {"SKULK_WEIGHTS_COLLECTION": key}),
            ([*M, "publish", "--model", "a", "--dry-run", "--artifact", "mtp"], {"HF_TOKEN": key}),
            ([*M, "publish", "--model", "a", "--artifact", "mtp"], {"HF_TOKEN": key}),
            ([*M, "publish", "--model", "a", "--artifact", "mtp"], {"HF_TOKEN": "hf_x", "HF_ENDPOINT": "http://" + key}),
            ([*M, "catalog", "list", f"--tier={key}"], {}), ([*M, "catalog", "list", "--json=" + key], {}))]
        evil_path = {key + ".yaml": manifest(ENTRY), "skulk-weights.yaml": "catalogs:\n" + item(path=json.dumps(key + ".yaml"))}
        rows += [(["catalog", "sources"], evil_path, {}), (["catalog", "sources", "--json"], evil_path, {}),
                 (["--manifest", key + ".yaml", "catalog", "sources"], evil_path, {}),
                 (["--manifest", key + ".yaml", "catalog", "list"], {key + ".yaml": "models: ["}, {}),
                 (["catalog", "list"], {"skulk-weights.yaml": f"catalogs:\n  - {{path: a, {quoted}: 1}}\n"}, {}),
                 (["catalog", "list"], {"skulk-weights.yaml": f"catalogs:\n  - {{builtin: {quoted}}}\n"}, {})]
        for (words, files_of_row, env), done in self.each(rows, lambda row: row):
            with self.subTest(done.title):
                for text in (done.out, done.err):
                    hidden = [c for c in text if c != "\n" and (ord(c) < 0x20 or 0x7f <= ord(c) < 0xa0 or c in "\u2028\u2029")]
                    self.assertEqual(hidden, [], done)

    def test_bytes_that_are_no_text_stay_out_of_the_output(self):
        for words in ([*M, "catalog", "show", b"\xff\xfe"], [b"\xff"], [*M, "publish", "--model", b"\xc3\x28"],
                      ["--manifest", b"\xff.yaml", "catalog", "list", "--json"],
                      [*M, "publish", "--model", "a", "--dry-run", "--json", "--scratch", b"\xff"]):
            done = run(words, CAT)  # decoding is the check
            self.assertIn(done.code, (0, 1, 2), done)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / os.fsdecode(b"\xff\xc2.yaml")).write_text(manifest(ENTRY))
            for words in (["sources"], ["sources", "--json"], ["show", "a", "--json"]):
                done = run(["--manifest", b"\xff\xc2.yaml", "catalog", *words], folder=folder)
                self.assertEqual(done.code, 0, done)

    def test_a_reader_that_went_away_is_told_by_the_exit_code_alone(self):
        for words in (["catalog", "list"], ["--help"], ["publish", "--help"], ["catalog", "--help"], ["--version"],
                      ["catalog", "list", "--json"]):
            read_end, write_end = os.pipe()
            os.close(read_end)
            done = subprocess.run([PROGRAM, *words], stdout=write_end, stderr=subprocess.PIPE, timeout=60)
            os.close(write_end)
            # A shell reports both as 141.
            self.assertIn(done.returncode, (141, -signal.SIGPIPE), words)
            self.assertEqual(done.stderr, b"", words)

    def test_a_full_disk_is_no_success(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "catalog", "list"], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"stdout: cannot be written", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
