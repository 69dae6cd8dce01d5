# SPDX-License-Identifier: Apache-2.0
"""The few calls to a Hub that publishing makes, at LARQL_HF_TEST_BASE only."""
import base64
import hashlib
import json
import os
import pathlib
import urllib.error
import urllib.request

from double.failure import Failure

TOKEN_FILES = (".huggingface/token", ".cache/huggingface/token")


def find_token():
    """A variable that is set counts even when it is empty, as in the real program."""
    if "HF_TOKEN" in os.environ:
        return os.environ["HF_TOKEN"]
    for name in TOKEN_FILES:
        path = pathlib.Path(os.environ.get("HOME", "/")) / name
        if path.is_file():
            return path.read_text().strip()
    raise Failure("parse error: HuggingFace token not found. Set HF_TOKEN or run huggingface-cli login")


class Hub:
    def __init__(self, repo, kind):
        self.base = os.environ.get("LARQL_HF_TEST_BASE", "").rstrip("/")
        if not self.base:
            raise Failure("this test double publishes to LARQL_HF_TEST_BASE only, and it is not set")
        self.token = find_token()
        self.repo, self.kind = repo, kind
        self.api = f"/api/{kind}s/{repo}"
        self.opener = urllib.request.build_opener(NoRedirect)

    def send(self, method, path, body=None, headers=None, signed=True, allowed=(200, 201)):
        """(status, bytes). Raises Failure with the Hub's words."""
        url = path if path.startswith("http") else self.base + path
        request = urllib.request.Request(url, method=method, data=body, headers=headers or {})
        if signed:
            request.add_unredirected_header("Authorization", "Bearer " + self.token)
        try:
            with self.opener.open(request, timeout=3600) as reply:
                return reply.status, reply.read()
        except urllib.error.HTTPError as error:
            text = error.read()
            if error.code in allowed:
                return error.code, text
            raise Failure(f"parse error: {method} {path.split('?')[0]} ({error.code}): {text[:300].decode(errors='replace')}") \
                from None
        except OSError as error:
            raise Failure(f"parse error: {method} {path.split('?')[0]}: {error}") from None

    def json(self, method, path, value=None, kind="application/json", **more):
        body = None if value is None else json.dumps(value).encode()
        headers = {"Content-Type": kind, "Accept": kind} if body else {}
        status, text = self.send(method, path, body, headers, **more)
        return status, json.loads(text) if text else {}

    def create(self, sends_organization, private):
        owner, name = self.repo.split("/")
        body = {"name": name, "type": self.kind}
        if sends_organization:
            body["organization"] = owner
        if private:
            body["private"] = True
        self.json("POST", "/api/repos/create", body, allowed=(409,))

    def remote_files(self):
        """{path: oid of its large object, or None}; nothing when the listing fails."""
        try:
            _, items = self.json("GET", self.api + "/tree/main?recursive=true")
        except Failure:
            return {}
        return {item["path"]: (item.get("lfs") or {}).get("oid") for item in items if item["type"] == "file"}

    def upload(self, path, file, oid, damaged=False):
        """One file: asks how, sends it, commits it."""
        size = file.stat().st_size
        with open(file, "rb") as stream:
            sample = stream.read(512)
        ask = {"files": [{"path": path, "sample": base64.b64encode(sample).decode(), "size": size}]}
        _, answer = self.json("POST", self.api + "/preupload/main", ask)
        if answer["files"][0]["uploadMode"] == "lfs" and size:
            oid = self.send_object(file, oid, size, damaged)
            line = {"key": "lfsFile", "value": {"path": path, "algo": "sha256", "oid": oid, "size": size}}
        else:
            content = base64.b64encode(file.read_bytes()).decode()
            line = {"key": "file", "value": {"path": path, "content": content, "encoding": "base64"}}
        self.commit(f"Upload {path}", [line])

    def send_object(self, file, oid, size, damaged):
        data = file.read_bytes()
        if damaged:
            data = data[:-1] + bytes([data[-1] ^ 1])
            oid = hashlib.sha256(data).hexdigest()
        _, answer = self.json("POST", ("/" if self.kind == "model" else "/datasets/") + self.repo +
                              ".git/info/lfs/objects/batch",
                              {"operation": "upload", "transfers": ["basic"], "hash_algo": "sha256",
                               "objects": [{"oid": oid, "size": size}]}, kind="application/vnd.git-lfs+json")
        actions = answer["objects"][0].get("actions", {})
        if "upload" in actions:
            self.send("PUT", actions["upload"]["href"], data, {"Content-Type": "application/octet-stream"}, signed=False)
        if "verify" in actions:
            self.json("POST", actions["verify"]["href"], {"oid": oid, "size": size}, kind="application/vnd.git-lfs+json")
        return oid

    def commit(self, summary, lines):
        head = {"key": "header", "value": {"summary": summary, "description": ""}}
        body = "\n".join(json.dumps(line) for line in [head, *lines]).encode()
        _, text = self.send("POST", self.api + "/commit/main", body, {"Content-Type": "application/x-ndjson"})
        return json.loads(text)["commitOid"]

    def head(self):
        return self.json("GET", self.api)[1]["sha"]

    def file_into(self, title, repo):
        owner = repo.split("/")[0]
        _, known = self.json("GET", f"/api/collections?owner={owner}")
        slug = next((one["slug"] for one in known if one["title"] == title), None)
        if slug is None:
            slug = self.json("POST", "/api/collections", {"title": title, "namespace": owner, "private": False})[1]["slug"]
        self.json("POST", f"/api/collections/{slug}/items", {"item": {"type": self.kind, "id": repo}}, allowed=(409,))
        return slug


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


