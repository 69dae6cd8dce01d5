# SPDX-License-Identifier: Apache-2.0
"""A room whose entry is a vindex: the source on the local Hub, a collection to file into, the double on PATH."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
import sample  # noqa: E402
from checkpoints import commit  # noqa: E402
from harness import CONFIG, TOKEN, Room  # noqa: E402

SOURCE = "tiny/llama-3"
TARGET = "acme/tiny-llama-vindex"
KEY = "rehearsal/tiny-llama"
OUTPUT = "tiny-llama.vindex"
SLUG = "acme/vindexes-0123456789abcdef01234567"
ENTRY = """\
models:
  - key: tiny-llama
    source_model: tiny/llama-3
    quant: q4k
    tier: smoke
    slices: [full]
    output_name: tiny-llama.vindex
    hf_repo: acme/tiny-llama-vindex
"""
SLICE_ENTRY = ENTRY.replace("[full]", "[expert-server]")
KEPT = {}


def checkpoint(kind="llama", tied=True):
    if (kind, tied) not in KEPT:
        KEPT[kind, tied] = sample.checkpoint(kind, tied)
    return KEPT[kind, tied]


class VindexRoom(Room):
    """files: of the source, path -> bytes, instead of the usual sample; real: no double, the real larql."""

    def __init__(self, *hub_options, version="N", mode=None, kind="llama", tied=True, entry=ENTRY, files=None,
                 drop=(), real=False, **more):
        super().__init__(*hub_options, seeds=(), entry=entry)
        self.bin = self.folder / "bin"
        self.files = {name: data for name, data in (files or checkpoint(kind, tied)).items() if name not in drop}
        if not real:
            sample.install(self.bin, version, mode, **more)

    def __enter__(self):
        # An account of its own, so that a repo made without its owner lands in the wrong place visibly.
        (self.folder / "hub").mkdir()
        accounts = [{"token": TOKEN, "name": "local", "role": "write", "orgs": ["acme", "tiny"]}]
        (self.folder / "hub/tokens.json").write_text(json.dumps({"tokens": accounts}))
        super().__enter__()
        try:
            self.source_commit = commit(self.hub, SOURCE, self.files)
            self.slug = self.make_collection()
            (self.folder / "skulk-weights.yaml").write_text(CONFIG.replace(SLUG, self.slug))
        except BaseException:
            self.hub.stop()
            raise
        return self

    def make_collection(self):
        body = b'{"title":"Vindexes","namespace":"acme","private":false}'
        status, _, reply = self.hub.request("/api/collections", method="POST", body=body,
                                            headers={"Content-Type": "application/json"})
        assert status == 200, reply
        return re.search(rb'"slug":\s*"([^"]+)"', reply).group(1).decode()

    def play(self, version="N", mode=None, **more):
        sample.play(self.bin, version, mode, **more)

    def starts(self, verb=None):
        """What the double was started with; of one verb, without asking for help."""
        return [one for one in sample.starts(self.bin)
                if verb is None or (one["argv"][1:2] == [verb] and "--help" not in one["argv"])]

    def environment(self, **more):
        if "PATH" not in more:
            more["PATH"] = f"{self.bin}:{os.environ['PATH']}" if self.bin.exists() else os.environ["PATH"]
        return super().environment(**more)

    def words(self, *options, artifact="vindex"):
        return ["publish", "--model", KEY, "--artifact", artifact, "--scratch", self.folder / "scratch", *options]

    def publish(self, *options, artifact="vindex", **environment):
        return self.run(*self.words(*options, artifact=artifact), **environment)

    def start_publish(self, *options, **environment):
        return subprocess.Popen(self.command(*self.words(*options)), cwd=self.folder,
                                env=self.environment(**environment), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def refuse_leaked_token(self):
        (self.folder / "hub/tokens.json").unlink()  # the only place where it belongs
        super().refuse_leaked_token()

    @property
    def output(self):
        return self.folder / "scratch" / OUTPUT

    def sent_bytes(self):
        """What the Hub has sent in reply to GET so far, from its log."""
        lines = re.findall(r"^GET \S+.*  \d+  (\d+) B  ", self.hub.log_text(), re.MULTILINE)
        return sum(map(int, lines))

    def weight_bytes(self):
        return sum(len(data) for name, data in self.files.items() if name.endswith(".safetensors"))

    def is_private(self, repo=TARGET):
        return self.hub.json(f"/api/models/{repo}")["private"]

    def filed(self):
        return [item["id"] for one in self.hub.collections() if one["slug"] == self.slug for item in one["items"]]

    def processes(self):
        """(id, command line) of everything that still runs with a file, folder or word of this room."""
        found, here = [], os.fsencode(str(self.folder))
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) in (os.getpid(), self.hub.process.pid):
                continue
            try:
                words, variables = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
                place = os.fsencode(os.readlink(entry / "cwd"))
            except OSError:
                continue
            if any(here in text for text in (words, variables, place)):
                found.append((int(entry.name), words.replace(b"\0", b" ").decode(errors="replace")))
        return found


def path_without_larql():
    """The PATH of the test without any folder that holds a larql."""
    return os.pathsep.join(one for one in os.environ["PATH"].split(os.pathsep)
                           if not (pathlib.Path(one) / "larql").exists())


def real_larql():
    """The path of a real larql, or None: a double names itself in its help."""
    found = shutil.which("larql")
    if not found:
        return None
    text = subprocess.run([found, "--help"], capture_output=True, text=True, timeout=60)
    return None if "test double" in text.stdout + text.stderr else found
