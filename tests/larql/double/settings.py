# SPDX-License-Identifier: Apache-2.0
"""What the double plays: `standin.json` beside the program, since a host may scrub every variable.

Members: version ("F", an older state of larql, or "N", a later one), mode (one name of MODES, or absent), keys
("stripped" as the real one writes tensor names, or "source"), and what single modes read (file, number, seconds).
Each start adds a line to `standin-log.jsonl` beside it.
"""
import json
import os
import pathlib
import sys

# What a test may ask for; double/defects.py, double/extract.py, double/slices.py and double/publish.py do it.
PROCESS_MODES = {"hang", "hang-after-lines", "hang-ignoring-term", "busy", "flood", "flood-one-line", "nothing",
                 "fails", "killed-in-weights", "killed-at-start", "background-child", "one-shard-missing"}
HELP_MODES = {"help-without-collections", "help-without-quant", "version-hangs", "version-fails"}
SLICE_MODES = {"slice-extra-file", "slice-missing-file", "slice-damaged", "slice-index", "slice-fails"}
PUBLISH_MODES = {"publish-fails-at", "publish-ignores-organization", "publish-nothing", "publish-damaged",
                 "publish-skips-file", "publish-extra-file", "publish-hangs", "publish-killed-at",
                 "publish-prints-token", "publish-makes-public"}
HERE = pathlib.Path(__file__).absolute().parents[1]
SHOWN = ("HF_HUB_CACHE", "HOME", "TMPDIR", "LARQL_HF_TEST_BASE", "TERM")


class Settings:
    def __init__(self, values):
        self.version = values.get("version", "N")
        self.mode = values.get("mode")
        self.keys = values.get("keys", "stripped")
        self.file = values.get("file")
        self.number = int(values.get("number", 1))
        self.seconds = float(values.get("seconds", 3600))

    def is_mode(self, *names):
        return self.mode in names

    def log(self, words):
        """Names of all variables, values of a harmless few: a token must not come into the log of a test."""
        line = {"argv": ["larql", *words], "cwd": os.getcwd(), "pid": os.getpid(), "group": os.getpgrp(),
                "environment": sorted(os.environ), "values": {n: os.environ[n] for n in SHOWN if n in os.environ}}
        with open(HERE / "standin-log.jsonl", "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")


def read():
    from double import defects
    path = HERE / "standin.json"
    values = json.loads(path.read_text()) if path.exists() else {}
    known = PROCESS_MODES | HELP_MODES | SLICE_MODES | PUBLISH_MODES | set(defects.DEFECTS)
    if values.get("mode") not in known | {None} or values.get("version", "N") not in ("F", "N"):
        sys.exit(f"the test double does not know {values}")
    return Settings(values)
