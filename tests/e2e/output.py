# SPDX-License-Identifier: Apache-2.0
"""What every command owes to programs and terminals: one JSON document whatever happens, help of a readable width, no
control character and no broken text in any output. Nothing here needs a Hub, a token or a network.
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parents[1] / name) for name in ("compat", "harness")]
from compat import ENTRY, FULL, M, MTP, VISION, Case, changed, fill_folder, item, manifest, start  # noqa: E402
from harness import artifacts_of  # noqa: E402

CAT = {"m.yaml": manifest(ENTRY)}


class Done:
    def __init__(self, words, process, room):
        self.title = " ".join(map(repr, words))
        self.code = process.returncode
        self.out = process.stdout.decode().replace(str(room), "HERE")
        self.err = process.stderr.decode().replace(str(room), "HERE")

    def __repr__(self):
        return f"exit {self.code}\nstdout: {self.out!r}\nstderr: {self.err!r}"


def run(words, files=None, env=None, folder=None):
    """One run in a fresh folder with these files."""
    with tempfile.TemporaryDirectory(prefix="skw-output-") as fresh:
        room = pathlib.Path(folder or fresh).resolve()
        (room / "home").mkdir(exist_ok=True)
        fill_folder(room, files or {})
        return Done(words, start(words, room, Case([], env=env or {}).environment(room), None), room)


class Table(unittest.TestCase):
    def each(self, rows, call):
        """Every row with its result, several runs at a time; call makes (words, files, env) of a row."""
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            return zip(rows, list(pool.map(lambda row: run(*call(row)), rows)))

    def json_of(self, done):
        document = json.loads(done.out)
        self.assertRegex(document["schema"], r"^skw\.[a-z.]+/1$")
        return document


class Help(Table):
    def test_every_command_has_help_with_an_example_in_a_readable_width(self):
        text = run(["--help"]).out
        commands = [line.split("  ")[1].split("  ")[0].strip() for line in text.split("commands:\n")[1].split("\n\n")[0].splitlines()
                    if line.startswith("  ") and line[2] != " "]
        self.assertIn("publish", commands)
        for (command, done) in self.each(commands, lambda command: ([*command.split(), "--help"],)):
            with self.subTest(done.title):
                self.assertEqual((done.code, done.err), (0, ""), done)
                self.assertIn("\nexamples:\n", done.out)
                self.assertLessEqual(max(map(len, done.out.splitlines())), 120)


class Plan(Table):
    def test_the_document_of_a_plan_holds_the_same(self):
        rows = [(artifact, fields) for artifact in (None, "all", "vindex", "mtp", "vision")
                for fields in (FULL, {**ENTRY, **MTP}, {**ENTRY, **VISION})]

        def call(row):
            chosen = [] if row[0] is None else ["--artifact", row[0]]
            return [*M, "publish", "--json", "--model", "a", "--dry-run", *chosen], {"m.yaml": manifest(row[1])}
        for (artifact, fields), done in self.each(rows, call):
            with self.subTest(done.title):
                document = self.json_of(done)
                kinds = ["vindex", "mtp", "vision"] if artifact in (None, "all") else [artifact]
                self.assertEqual([one["kind"] for one in artifacts_of(document)], kinds)
                self.assertEqual(document["entries"][0]["collection"], fields.get("hf_collection"))
                for one in artifacts_of(document):
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
        plan = artifacts_of(done.out)[0]["plan"]
        printed = {line["label"]: line["value"] for line in plan["summary"]}
        # What asks the tool for its version and options beforehand is not worth a line.
        run_by = {step["id"] + " command": step["command"] for step in plan["steps"]
                  if step.get("command") and step["command"][-1] not in ("--help", "--version")}
        self.assertEqual({label: shlex.split(value) for label, value in printed.items()}, run_by)


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


if __name__ == "__main__":
    unittest.main(verbosity=1)
