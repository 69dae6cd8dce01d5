# SPDX-License-Identifier: Apache-2.0
"""Runs every command with --json, well and ill, and checks each document against the schema that it names.

Needs the package jsonschema. A command without a case here fails the test, and so does a schema of a command's
document that no case has produced.
"""
import argparse
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
import harness  # noqa: E402

KEY = "foxlight/gemma-3-4b-full-q4-k"
MINE = harness.KEY

# (words, schema, exit code); in this order, in one room.
CASES = (
    ("--version", "skw.version/1", 0),
    ("catalog validate", "skw.catalog.validate/1", 0),
    ("catalog list", "skw.catalog.list/1", 0),
    ("catalog list --tier moe", "skw.catalog.list/1", 0),
    ("catalog sources", "skw.catalog.sources/1", 0),
    ("--manifest rehearsal.yaml catalog sources", "skw.catalog.sources/1", 0),
    (f"catalog show {KEY}", "skw.catalog.entry/1", 0),
    (f"catalog show {MINE}", "skw.catalog.entry/1", 0),
    ("catalog show nothing", "skw.error/1", 1),
    ("catalog find google/gemma-3-4b-it", "skw.catalog.find/1", 0),
    ("catalog find o/nothing", None, 1),
    ("catalog init --output fresh.yaml", "skw.catalog.init/1", 0),
    ("catalog init --output fresh.yaml", "skw.error/1", 1),
    (f"catalog add {harness.SOURCE} --dry-run", "skw.catalog.add/1", 0),
    (f"catalog add {harness.SOURCE} --to rehearsal.yaml --yes", "skw.catalog.add/1", 0),
    (f"catalog add {harness.SOURCE} --to rehearsal.yaml --yes", "skw.error/1", 1),
    ("plugins list", "skw.plugins.list/1", 0),
    ("plugins show mtp", "skw.plugins.show/1", 0),
    ("plugins show nothing", "skw.error/1", 1),
    ("doctor", "skw.doctor/1", 0),
    ("doctor --publish --online", "skw.doctor/1", None),
    (f"doctor --publish --online --model {MINE}", "skw.doctor/1", None),
    ("schema", "skw.schema.list/1", 0),
    ("schema nothing", "skw.error/1", 1),
    ("completion bash", "skw.completion/1", 0),
    ("completion zsh", "skw.completion/1", 0),
    ("completion fish", "skw.completion/1", 0),
    ("completion tcsh", "skw.error/1", 2),
    (f"inspect {harness.SOURCE}", "skw.inspect/1", 0),
    ("inspect nobody/nothing", "skw.error/1", 1),
    (f"publish --model {MINE} --artifact mtp --dry-run", "skw.publish.plan/1", 0),
    (f"publish --model {MINE} --artifact mtp --dry-run --online --scratch scratch", "skw.publish.plan/1", 0),
    (f"publish --model {MINE} --artifact all --dry-run --online --scratch scratch", "skw.publish.plan/1", 1),  # no larql
    (f"publish --model {MINE} --artifact mtp --plan-out plan.json --scratch scratch", "skw.publish.plan/1", 0),
    ("publish --plan plan.json --dry-run", "skw.publish.plan/1", 0),
    ("publish --plan rehearsal.yaml", "skw.error/1", 6),
    (f"publish --model {KEY} --artifact all --dry-run", "skw.publish.plan/1", 0),
    ("publish --tier smoke --dry-run", "skw.publish.plan/1", 0),
    (f"publish --model {MINE} --artifact mtp --scratch scratch", "skw.publish.report/1", 0),
    (f"publish --model {MINE} --artifact mtp --scratch scratch --report report.json", "skw.publish.report/1", 0),
    (f"publish --model {MINE} --artifact vindex --scratch scratch", None, 1),
    ("publish --model nothing --dry-run", "skw.error/1", 1),
    ("publish --nonsense", "skw.error/1", 2),
    ("scratch show --scratch scratch", "skw.scratch.show/1", 0),
    ("scratch clean --scratch scratch --yes", "skw.scratch.clean/1", 0),
    ("scratch clean --scratch scratch --yes", "skw.scratch.clean/1", 0),
    ("nonsense", "skw.error/1", 2),
)


def read_validators(folder):
    import jsonschema

    validators = {}
    for path in sorted(folder.glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        validators[schema["properties"]["schema"]["const"]] = jsonschema.Draft202012Validator(schema)
    return validators


def check_case(room, words, wanted, code, validators, seen):
    done = room.run(*words.split(), "--json", PATH="/usr/bin:/bin")
    if code is not None and done.returncode != code:
        yield f"ended with {done.returncode}, not {code}: {done.stderr.strip()[-300:]}"
    try:
        document = json.loads(done.stdout)
    except ValueError as fault:
        yield f"no JSON on stdout ({fault}): {done.stdout[:200]!r}"
        return
    name = document.get("schema")
    seen.add(name)
    if next(iter(document)) != "schema" or (wanted is not None and name != wanted):
        yield f"begins with {next(iter(document))!r} and is {name}, not {wanted}"
    if not done.stdout.isascii():
        yield "holds characters that are not ASCII"
    documents = [document]
    for file in re.findall(r"--(?:plan-out|report) (\S+)", words):
        documents.append(json.loads((room.folder / file).read_text()))
    for one in documents:
        name = one.get("schema")
        seen.add(name)
        if name not in validators:
            yield f"there is no schema of {name}"
            continue
        for fault in validators[name].iter_errors(one):
            yield f"{name} {fault.json_path}: {fault.message[:300]}"


def commands(room):
    """The words of every command, from the help of the program."""
    listed = re.search(r"commands:\n(.*?)\n\n", room.run("--help").stdout, re.DOTALL).group(1)
    paths = [path.strip() for path in re.findall(r"^  ((?:[a-z]+ ?)+)(?=  | [A-Za-z\[]*[A-Z|])", listed, re.MULTILINE)]
    rows = len(re.findall(r"^  \S", listed, re.MULTILINE))
    assert len(paths) == rows > 10, f"{len(paths)} of {rows} commands were understood"
    return paths


def check(folder):
    validators = read_validators(folder)
    faults, seen = [], set()
    with harness.Room() as room:
        for words, wanted, code in CASES:
            faults += [f"{words}: {fault}" for fault in check_case(room, words, wanted, code, validators, seen)]
        for path in commands(room):
            if not any(f" {words} ".find(f" {path} ") >= 0 for words, _, _ in CASES):
                faults.append(f"{path}: has no case here")
        for name in validators:
            printed = json.loads(room.run("schema", name).stdout)
            if printed != validators[name].schema:
                faults.append(f"schema {name}: prints something else")
    faults += [f"{name}: no command printed it" for name, validator in validators.items()
               if "--" in validator.schema["title"] and name not in seen]
    print("\n".join(faults) or f"{len(CASES)} runs fit their schemas")
    return 1 if faults else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=pathlib.Path, required=True)
    sys.exit(check(parser.parse_args().schemas))
