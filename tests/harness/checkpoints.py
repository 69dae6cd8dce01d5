# SPDX-License-Identifier: Apache-2.0
"""Small checkpoints with a Qwen-style MTP head, made in memory so that a test can spoil one thing; and a way to
put files of any kind into a repo of the local Hub, large ones from disk."""
import base64
import copy
import hashlib
import json
import os
import pathlib
import struct
import urllib.request

from harness import TOKEN

FIRST = "model.safetensors-00001-of-00002.safetensors"
SECOND = "model.safetensors-00002-of-00002.safetensors"
INDEX = "model.safetensors.index.json"
HIDDEN, INNER, HEAD = 8, 12, 4

CONFIG = {
    "architectures": ["Qwen3_5ForConditionalGeneration"], "model_type": "qwen3_5", "tie_word_embeddings": True,
    "text_config": {"model_type": "qwen3_5_text", "hidden_size": HIDDEN, "intermediate_size": INNER,
                    "num_hidden_layers": 2, "mtp_num_hidden_layers": 1, "head_dim": HEAD},
}


def values(name, shape, width=2):
    """Bytes for a tensor, different in every one, all finite and normal as BF16, F16 or F32."""
    count = 1
    for dimension in shape:
        count *= dimension
    seed = hashlib.sha256(name.encode()).digest()
    out = bytearray()
    for number in range(count):
        byte = seed[number % len(seed)] ^ (number & 0x3f)
        out += struct.pack("<H" if width == 2 else "<I", (0x3c00 | byte) << (0 if width == 2 else 16))
    return bytes(out)


def bf16(name, *shape):
    return name, ("BF16", list(shape), values(name, shape))


def mlp(prefix):
    return [bf16(prefix + "gate_proj.weight", INNER, HIDDEN), bf16(prefix + "up_proj.weight", INNER, HIDDEN),
            bf16(prefix + "down_proj.weight", HIDDEN, INNER)]


def attention(prefix):
    return [bf16(prefix + f"{one}_proj.weight", HIDDEN, HIDDEN) for one in "qkvo"] + \
           [bf16(prefix + f"{one}_norm.weight", HEAD) for one in "qk"]


def qwen_shards():
    layer = "model.language_model.layers."
    first = [bf16("model.language_model.embed_tokens.weight", 16, HIDDEN), *mlp(layer + "0.mlp."),
             *mlp("mtp.layers.0.mlp.")]
    second = [*mlp(layer + "1.mlp."), bf16("mtp.fc.weight", HIDDEN, 2 * HIDDEN),
              *[bf16(f"mtp.{one}.weight", HIDDEN)
                for one in ("norm", "pre_fc_norm_embedding", "pre_fc_norm_hidden",
                            "layers.0.input_layernorm", "layers.0.post_attention_layernorm")],
              *attention("mtp.layers.0.self_attn.")]
    return {FIRST: dict(first), SECOND: dict(second)}


NEXTN_CONFIG = {"architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "hidden_size": HIDDEN,
                "num_hidden_layers": 2, "num_nextn_predict_layers": 1}


def nextn_shards(layer=2):
    """A head stored as one more decoder layer."""
    root = f"model.layers.{layer}."
    first = [bf16("model.embed_tokens.weight", 16, HIDDEN), *mlp("model.layers.0.mlp."), *mlp("model.layers.1.mlp."),
             bf16(root + "eh_proj.weight", HIDDEN, 2 * HIDDEN)]
    second = [*[bf16(f"{root}{one}.weight", HIDDEN) for one in ("enorm", "hnorm", "shared_head.norm", "input_layernorm")],
              *attention(root + "self_attn."), *mlp(root + "mlp.")]
    return {FIRST: dict(first), SECOND: dict(second)}


class Checkpoint:
    """Shards as {file: {name: (dtype, shape, bytes)}}, those of a Qwen head unless others are given. What stands in
    `raw` is uploaded instead of what is made of the parts; None there leaves the file out."""

    def __init__(self, shards=None, config=None):
        self.shards = shards or qwen_shards()
        self.config = copy.deepcopy(config or CONFIG)
        self.index = {name: file for file, tensors in self.shards.items() for name in tensors}
        self.raw = {}

    def put(self, name, dtype, shape, data, file=SECOND):
        """Adds a tensor, or replaces one, and tells the index."""
        for tensors in self.shards.values():
            tensors.pop(name, None)
        self.shards[file][name] = (dtype, shape, data)
        self.index[name] = file

    def drop(self, *names):
        for name in names:
            del self.shards[self.index.pop(name)][name]

    def drop_head(self):
        self.drop(*[name for name in self.index if name.startswith("mtp.")])

    def files(self):
        out = {"config.json": json.dumps(self.config).encode(),
               "README.md": b"---\nlicense: apache-2.0\n---\n# A checkpoint for tests\n",
               INDEX: json.dumps({"metadata": {"total_size": 1}, "weight_map": self.index}).encode()}
        out.update({file: safetensors(entries_of(tensors), data_of(tensors))
                    for file, tensors in self.shards.items()})
        out.update(self.raw)
        return {path: content for path, content in out.items() if content is not None}


def entries_of(tensors):
    """[[name, {dtype, shape, data_offsets}], ...]: a list, so that a test can say a thing twice."""
    out, at = [], 0
    for name, (dtype, shape, data) in tensors.items():
        out.append([name, {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}])
        at += len(data)
    return out


def data_of(tensors):
    return b"".join(data for _, _, data in tensors.values())


def header_of(entries):
    return ("{" + ",".join(json.dumps(name) + ":" + (entry if isinstance(entry, str) else json.dumps(entry))
                           for name, entry in entries) + "}").encode()


def safetensors(entries, data, header=None, length=None):
    header = header_of(entries) if header is None else header
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def commit(hub, repo, files, deleted=(), summary="Upload"):
    """Makes the repo if it is new and commits bytes, or a pathlib.Path of a large file, under their names."""
    _post(hub, "/api/repos/create", {"name": repo.split("/")[1], "organization": repo.split("/")[0],
                                     "type": "model"}, allowed=(200, 409))
    lines = [{"key": "header", "value": {"summary": summary, "description": ""}}]
    for path, content in files.items():
        if path.endswith(".safetensors") or isinstance(content, pathlib.Path):
            oid, size = _upload(hub, repo, content)
            lines.append({"key": "lfsFile", "value": {"path": path, "algo": "sha256", "oid": oid, "size": size}})
        else:
            lines.append({"key": "file", "value": {"path": path, "encoding": "base64",
                                                   "content": base64.b64encode(content).decode()}})
    lines += [{"key": "deletedFile", "value": {"path": path}} for path in deleted]
    body = "\n".join(json.dumps(line) for line in lines).encode()
    return _post(hub, f"/api/models/{repo}/commit/main", body, "application/x-ndjson")["commitOid"]


def _upload(hub, repo, content):
    oid, size = hashlib.sha256(), 0
    if isinstance(content, pathlib.Path):
        size = content.stat().st_size
        with open(content, "rb") as stream:
            while piece := stream.read(1 << 20):
                oid.update(piece)
    else:
        size = len(content)
        oid.update(content)
    oid = oid.hexdigest()
    answer = _post(hub, f"/{repo}.git/info/lfs/objects/batch",
                   {"operation": "upload", "transfers": ["basic"], "hash_algo": "sha256",
                    "objects": [{"oid": oid, "size": size}]}, "application/vnd.git-lfs+json")["objects"][0]
    if "actions" in answer:
        with open(content if isinstance(content, pathlib.Path) else os.devnull, "rb") as stream:
            body = stream if isinstance(content, pathlib.Path) else content
            request = urllib.request.Request(answer["actions"]["upload"]["href"], method="PUT", data=body,
                                             headers={"Content-Length": str(size)})
            urllib.request.urlopen(request, timeout=60).close()
    return oid, size


def _post(hub, path, body, kind="application/json", allowed=(200,)):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, _, reply = hub.request(path, token=TOKEN, method="POST", body=data, headers={"Content-Type": kind})
    if status not in allowed:
        raise AssertionError(f"{path}: {status} {reply[:300]!r}")
    return json.loads(reply) if reply else {}
