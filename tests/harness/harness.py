# SPDX-License-Identifier: Apache-2.0
"""Starts the real programs for tests: a local Hub in a fresh folder, and skulk-weights against it.

Only the standard library. BIN is the build's bin folder, from the environment variable SKW_BIN.
"""
import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

BIN = pathlib.Path(os.environ["SKW_BIN"])
TOKEN = "hf_SecretTokenThatMustNotLeak0123456789"
REPO = "acme/qwen3-5-4b-mtp"
SOURCE = "Qwen/Qwen3.5-4B"
KEY = "rehearsal/qwen3-5-4b"
SCRATCH_MARKER = ".skulk-weights-scratch"

CONFIG = """\
catalogs:
  - path: ./rehearsal.yaml
    namespace: rehearsal
    hf_owner: acme
    hf_collection: acme/vindexes-0123456789abcdef01234567
"""


def catalog_entry(key, source, target, **fields):
    """An entry with an MTP sidecar, as a list item of a catalog; more fields as they are written in YAML."""
    return f"""\
  - key: {key}
    source_model: {source}
    quant: q4k
    tier: smoke
    slices: [full]
    output_name: {key}.vindex
    hf_repo: acme/{key}-vindex
    mtp_source_repo: {source}
    mtp_sidecar_repo: {target}
""" + "".join(f"    {name}: {value}\n" for name, value in fields.items())


ENTRY = "models:\n" + catalog_entry("qwen3-5-4b", "Qwen/Qwen3.5-4B", "acme/qwen3-5-4b-mtp")


def shell_code(returncode):
    """A process's end as a shell reports it: 130 for one that SIGINT has ended."""
    return 128 - returncode if returncode < 0 else returncode


def artifacts_of(document):
    """The artifacts of the one entry in a plan or report of `publish --json`, given as text or parsed."""
    document = document if isinstance(document, dict) else json.loads(document)
    entry, = document["entries"]
    return entry["artifacts"]


VISION_SOURCE, VISION_TARGET = "lab/moonvit-encoder", "acme/kimi-vision"


def vision_entry(key="kimi"):
    """A catalog with one entry whose vision encoder is mirrored; more fields may stand behind it."""
    return f"""\
models:
  - key: {key}
    source_model: lab/kimi
    quant: q4k
    tier: smoke
    slices: [full]
    output_name: kimi.vindex
    hf_repo: acme/kimi-vindex
    vision_source_repo: {VISION_SOURCE}
    vision_sidecar_repo: {VISION_TARGET}
"""


class LocalServer:
    """Some server of a test's own, in a thread of its own."""

    def __init__(self, handler, host="127.0.0.1"):
        self.server = http.server.ThreadingHTTPServer((host, 0), handler)
        self.endpoint = f"http://{host}:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Hub:
    """A running skulk-hub and the folder it serves."""

    def __init__(self, root, *options, log=None):
        self.root = pathlib.Path(root)
        self.options = [str(option) for option in options]
        self.log_path = pathlib.Path(log or self.root.parent / "hub.log")
        self.process = None
        self.endpoint = None

    def start(self):
        # A file takes what it prints: a pipe that nobody reads would fill up and stop the server.
        before = self.log_path.stat().st_size if self.log_path.exists() else 0
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([BIN / "skulk-hub", "serve", "--root", self.root, "--log", *self.options],
                                            stdout=log, stderr=log, env={**os.environ, "HF_TOKEN": ""})

        def address():
            found = re.search(r"^hub\s+(http\S+)$", self.log_text()[before:], re.MULTILINE)
            if self.process.poll() is not None:
                raise RuntimeError("skulk-hub ended: " + self.log_text())
            return found.group(1) if found else None
        wait_until(address, what="the address of the local Hub")
        self.endpoint = address()
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
                raise RuntimeError("skulk-hub did not end on SIGTERM")

    def log_text(self):
        return pathlib.Path(self.log_path).read_text(errors="replace")

    def request(self, path, token=TOKEN, method="GET", body=None, headers=None):
        """(status, headers, bytes); redirects are followed without the token."""
        request = urllib.request.Request(self.endpoint + path, method=method, data=body, headers=headers or {})
        if token:
            request.add_unredirected_header("Authorization", "Bearer " + token)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, dict(reply.headers), reply.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def json(self, path, **kw):
        status, _, body = self.request(path, **kw)
        if status != 200:
            raise AssertionError(f"{path}: {status} {body[:300]!r}")
        return json.loads(body)

    def head(self, repo=REPO):
        status, _, body = self.request(f"/api/models/{repo}")
        return json.loads(body)["sha"] if status == 200 else None

    def files(self, repo=REPO, revision="main"):
        status, _, body = self.request(f"/api/models/{repo}/tree/{revision}?recursive=true")
        if status != 200:
            return None
        return {item["path"]: item for item in json.loads(body) if item["type"] == "file"}

    def content(self, path, repo=REPO, revision="main"):
        status, _, body = self.request(f"/{repo}/resolve/{revision}/{path}")
        assert status == 200, (path, status, body[:200])
        return body

    def commits(self, repo=REPO):
        return self.json(f"/api/models/{repo}/commits/main")

    def collections(self, owner="acme"):
        return self.json(f"/api/collections?owner={owner}")


def seed(root, *options, sample="qwen-mtp"):
    subprocess.run([BIN / "skulk-hub", "seed", sample, "--root", root, *map(str, options)],
                   check=True, stdout=subprocess.DEVNULL)


class Room:
    """A fresh folder with a seeded Hub and a catalog; a with-block stops and removes everything."""

    def __init__(self, *hub_options, seeds=(("--scale", 32),), entry=ENTRY):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="skw-test-"))
        self.hub_options = hub_options
        self.seeds = seeds
        self.token_in_source = False  # a test that puts it into the source itself says so
        (self.folder / "skulk-weights.yaml").write_text(CONFIG)
        (self.folder / "rehearsal.yaml").write_text(entry)
        (self.folder / "home").mkdir()

    def __enter__(self):
        for options in self.seeds:
            if str(options[0]).startswith("--"):
                seed(self.folder / "hub", *options)
            else:  # the name of another sample first
                seed(self.folder / "hub", *options[1:], sample=options[0])
        self.hub = Hub(self.folder / "hub", *self.hub_options).start()
        return self

    def __exit__(self, *_):
        self.hub.stop()
        try:
            self.refuse_leaked_token()
        finally:
            shutil.rmtree(self.folder)

    def refuse_leaked_token(self):
        """Whatever a test did: no log, scratch file, card or other small file of its room holds the token."""
        planted = self.folder / "hub/objects" if self.token_in_source else None
        for path in self.folder.rglob("*"):
            if path.is_file() and path.stat().st_size < 2**24 and planted not in path.parents:
                assert TOKEN.encode() not in path.read_bytes(), f"the token is in {path}"

    def environment(self, **more):
        env = {name: value for name, value in os.environ.items()
               if not name.startswith(("HF_", "SKULK_", "HUGGING")) and not name.lower().endswith("_proxy")}
        env.update(HF_ENDPOINT=self.hub.endpoint, HF_TOKEN=TOKEN, HOME=str(self.folder / "home"),
                   XDG_CONFIG_HOME=str(self.folder / "home/.config"))
        env.update(more)
        return {name: value for name, value in env.items() if value is not None}

    def command(self, *words):
        return [str(BIN / "skulk-weights"), *map(str, words)]

    def run(self, *words, timeout=300, **environment):
        done = subprocess.run(self.command(*words), cwd=self.folder, env=self.environment(**environment),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
        assert TOKEN not in done.stdout + done.stderr, "the token was printed"
        return done

    def publish(self, *options, artifact="mtp", **environment):
        return self.run("publish", "--model", KEY, "--artifact", artifact, "--scratch", self.folder / "scratch",
                        *options, **environment)

    def start_publish(self, *options, **environment):
        return subprocess.Popen(self.command("publish", "--model", KEY, "--artifact", "mtp", "--scratch",
                                             self.folder / "scratch", *options),
                                cwd=self.folder, env=self.environment(**environment), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def scratch_files(self):
        root = self.folder / "scratch"
        found = [path for path in root.rglob("*") if path.is_file()] if root.exists() else []
        return sorted(str(path.relative_to(root)) for path in found if path != root / SCRATCH_MARKER)


def read_safetensors(data):
    """(metadata, {name: (dtype, shape, bytes)}): written from the format's description, not from our C++."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    body = data[8 + length:]
    tensors, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        assert begin == end, (name, begin, end)
        end = stop
        tensors[name] = (entry["dtype"], entry["shape"], body[begin:stop])
    assert end == len(body), (end, len(body))
    return metadata, tensors


def source_mtp_tensors(hub, repo=SOURCE):
    """The MTP tensors of the source, read through the Hub shard by shard."""
    index = json.loads(hub.content("model.safetensors.index.json", repo=repo))
    tensors = {}
    for shard in sorted({file for name, file in index["weight_map"].items() if name.startswith("mtp.")}):
        _, all_of_shard = read_safetensors(hub.content(shard, repo=repo))
        tensors.update({name: value for name, value in all_of_shard.items() if name.startswith("mtp.")})
    return tensors


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def complete(hub, repo=REPO):
    """Whether the target is absent or empty ("old"), or a whole publish ("new"); anything else fails."""
    files = hub.files(repo)
    if files is None or set(files) <= {".gitattributes"}:
        return "old"
    assert {"mtp.safetensors", "README.md"} <= set(files), files.keys()
    data = hub.content("mtp.safetensors", repo=repo)
    assert len(data) == files["mtp.safetensors"]["size"]
    assert sha256(data) == files["mtp.safetensors"]["lfs"]["oid"]
    read_safetensors(data)
    assert hub.content("README.md", repo=repo).startswith(b"---\n")
    return "new"


def wait_until(condition, seconds=20, what="a condition"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("waited in vain for " + what)


def require(module_hint, available):
    """Ends the test program as skipped (77) with a reason; in CI a missing client is a failure."""
    if available:
        return
    print(f"skipped: {module_hint} cannot be had here")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)


@contextlib.contextmanager
def changed(path, text):
    old = path.read_text()
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(old)
