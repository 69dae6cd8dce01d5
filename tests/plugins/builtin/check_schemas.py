# SPDX-License-Identifier: Apache-2.0
"""Validates the documents that the built-in plugins produce, and the schemas themselves.

Needs the package jsonschema.
"""

import argparse
import json
import pathlib
import subprocess
import sys


def plans_with_tools():
    """Plans that mirror and that let a tool upload."""
    step = {
        "id": "publish", "title": "publish", "kind": "publish", "tools": ["larql"], "command": ["larql", "publish"],
        "environment": {"HF_HUB_CACHE": "{scratch}/hub"}, "uploads": "a.vindex",
        "endpoint_variable": "LARQL_HF_TEST_BASE",
    }
    plan = {
        "schema": "skw.plan/1", "kind": "vindex", "configured": True, "summary": [], "inputs": [], "outputs": [],
        "folders": ["a.vindex"], "target": {"repo": "a/c", "commit_message": "m"}, "steps": [step],
        "card": {
            "artifact_type": "t", "source_repo": "a/b", "target_model": "a/b", "base_model_relation": "quantized",
            "about": "", "usage": "",
        },
    }
    yield plan, {"folders": ["../a"]}
    yield plan, {"folders": ["work"]}
    yield plan, {"steps": [{**step, "environment": {"LD_PRELOAD": "x.so"}}]}
    yield plan, {"steps": [{**step, "environment": {"HF_TOKEN": "x"}}]}
    yield plan, {"steps": [{key: value for key, value in step.items() if key != "command"}]}
    yield plan, {"card": {**plan["card"], "base_model_relation": "friend"}}
    mirror = {**plan, "folders": [], "steps": [], "mirrors": [{"input": "source", "prune": ["*.safetensors"]}]}
    yield mirror, {"mirrors": [{"prune": []}]}


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
    exit_document = {
        "schema": "skw.exit/1", "step": "extract", "exit": 3, "signal": None, "seconds": 1.5,
        "tool": {"name": "larql", "path": "/usr/bin/larql", "sha256": sha}, "last_lines": ["no"],
    }
    yield exit_document, {"signal": 9}
    yield {**exit_document, "exit": None, "signal": 9}, {"tool": {"name": "larql", "path": "larql", "sha256": sha}}
    yield from plans_with_tools()
    inspection = {
        "schema": "skw.inspection/1", "summary": [{"label": "layout", "value": "qwen"}],
        "tables": [{"title": "t", "columns": ["a", "b"], "rows": [["1", ""]]}],
        "refusals": [{"place": "x.safetensors", "message": "no", "hint": None}],
        "totals": {"fetch_bytes": 1, "output_bytes": None}, "details": {"anything": 1},
    }
    yield inspection, {"refusals": [{"place": "x"}]}
    yield inspection, {"tables": [{"title": "t", "columns": ["a"], "rows": [[1]]}]}
    yield inspection, {"totals": {"fetch_bytes": -1}}
    inspect = {
        **inspection, "schema": "skw.inspect/1", "repo": "a/b", "revision": commit, "kind": "mtp", "refused": True,
        "traffic": {"requests": 4, "received_bytes": 100},
    }
    yield inspect, {"refused": "no"}
    yield inspect, {"revision": "main"}
    yield (
        {
            "schema": "skw.inspect_request/1", "kind": "mtp",
            "input": {"id": "source", "repo": "a/b", "revision": commit}, "options": {"mtp_names": "mtp"},
        },
        {"input": {"id": "source", "repo": "a/b", "revision": "main"}},
    )
    yield {"schema": "skw.doctor_request/1", "kind": "mtp", "entries": [{}]}, {"kind": "MTP"}
    yield (
        {
            "schema": "skw.plan_request/1", "kind": "mtp", "entry": {"key": "a"}, "options": {"force": True},
            "scratch": "s", "host": {"name": "h", "version": "1"},
            "facts": {
                "inputs": {"source": {"repo": "a/b", "revision": commit, "gated": True, "files": [
                    {"path": "c", "size": 1, "blob_id": "ab" * 20},
                ]}},
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
    # What commands print is checked where they run: tests/cli/json_documents.py.
    of_commands = {name for name, validator in validators.items() if "--" in validator.schema["title"]}
    faults += [f"{name}: no document of this schema was seen"
               for name in sorted(set(validators) - seen - of_commands)]
    print("\n".join(faults) or f"{len(documents)} documents of plugins fit {len(validators)} schemas")
    return 1 if faults else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--schemas", type=pathlib.Path, required=True)
    parser.add_argument("--writer", required=True)
    given = parser.parse_args()
    return check(given.schemas, given.writer)


if __name__ == "__main__":
    sys.exit(main())
