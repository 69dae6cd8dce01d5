# SPDX-License-Identifier: Apache-2.0
"""Validates the documents that the built-in plugins produce, and the schemas themselves.

Needs the package jsonschema: from this interpreter, from the one SKW_PYTHON names, or installed into a
virtual environment of the build folder. Without it the test is skipped (exit 77), in CI it fails.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

PACKAGE = "jsonschema==4.23.0"


def has_package(python):
    command = [python, "-c", "import jsonschema; jsonschema.Draft202012Validator"]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def find_python(venv):
    """An interpreter with jsonschema, or None."""
    own = venv / "bin" / "python"
    for python in (sys.executable, os.environ.get("SKW_PYTHON", ""), str(own)):
        if python and has_package(python):
            return python
    try:
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, capture_output=True)
        install = [str(own), "-m", "pip", "install", "--quiet", PACKAGE]
        subprocess.run(install, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return str(own) if has_package(str(own)) else None


def hand_made():
    """Documents that no plugin has to produce in a test, each with one change that breaks it."""
    sha = "ab" * 32
    commit = "0123456789" * 4
    yield {"schema": "skw.file/1", "path": "a/b.bin", "size": 1, "sha256": sha}, {"size": -1}
    yield (
        {"schema": "skw.listing/1", "repo": "a/b", "revision": commit, "files": [{"path": "x", "size": 0}]},
        {"revision": "main"},
    )
    yield {"schema": "skw.receipt/1", "output": "one", "size": 3, "sha256": sha}, {"sha256": sha.upper()}
    yield (
        {
            "schema": "skw.result/1",
            "outputs": [{"id": "one", "size": 3, "sha256": sha}],
            "card": {"tags": ["t"]},
        },
        {"outputs": [{"id": "one"}]},
    )
    yield (
        {"schema": "skw.checks/1", "items": [{"id": "larql", "status": "ok", "message": "found"}]},
        {"items": [{"id": "larql", "status": "fine", "message": "found"}]},
    )
    yield {"schema": "skw.doctor_request/1", "kind": "mtp", "entries": [{}]}, {"kind": "MTP"}
    yield (
        {
            "schema": "skw.plan_request/1", "kind": "mtp", "entry": {"key": "a"}, "options": {"force": True},
            "scratch": "s", "host": {"name": "h", "version": "1"},
            "facts": {
                "inputs": {"source": {"repo": "a/b", "revision": commit, "files": []}},
                "target": {"repo": "a/c", "exists": False, "head": None, "files": [], "card": None},
            },
        },
        {"facts": {"inputs": {"source": {"repo": "a/b", "revision": "main", "files": []}}}},
    )


def check(schemas_folder, writer):
    import jsonschema

    validators = {}
    for path in sorted(schemas_folder.glob("*.schema.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        assert "http" not in json.dumps(schema.get("$defs", {})), f"{path.name}: remote reference"
        name = schema["properties"]["schema"]["const"]
        assert path.name == name.replace("/", "-") + ".schema.json", path.name
        validators[name] = jsonschema.Draft202012Validator(schema)

    lines = subprocess.run([writer], check=True, capture_output=True, text=True).stdout.splitlines()
    documents = [json.loads(line) for line in lines]
    faults = []
    seen = set()
    for document in documents:
        name = document["schema"]
        assert next(iter(document)) == "schema", document
        seen.add(name)
        for fault in validators[name].iter_errors(document):
            faults.append(f"{name} {fault.json_path}: {fault.message}")
        for kind in document.get("kinds", []) if name == "skw.describe/1" else []:
            owner = jsonschema.Draft202012Validator(kind["entry_schema"])
            jsonschema.Draft202012Validator.check_schema(kind["entry_schema"])
            for example in kind.get("examples", []):
                for fault in owner.iter_errors(example):
                    faults.append(f"example of {kind['name']}: {fault.message}")
    for good, change in hand_made():
        name = good["schema"]
        seen.add(name)
        for fault in validators[name].iter_errors(good):
            faults.append(f"{name} {fault.json_path}: {fault.message}")
        if validators[name].is_valid({**good, **change}):
            faults.append(f"{name}: accepts {change}")
    faults += [f"{name}: no document of this schema was seen" for name in sorted(set(validators) - seen)]
    print("\n".join(faults) or f"{len(documents)} documents of plugins fit {len(validators)} schemas")
    return 1 if faults else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=pathlib.Path, required=True)
    parser.add_argument("--writer", required=True)
    parser.add_argument("--venv", type=pathlib.Path, required=True)
    parser.add_argument("--inside", action="store_true", help="this interpreter has jsonschema")
    given = parser.parse_args()
    if given.inside:
        return check(given.schemas, given.writer)
    python = find_python(given.venv)
    if python is None:
        print("skipped: the Python package jsonschema is not here and could not be installed")
        return 1 if os.environ.get("CI") == "true" else 77
    return subprocess.run([python, *sys.argv, "--inside"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
