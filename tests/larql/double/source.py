# SPDX-License-Identifier: Apache-2.0
"""The checkpoint: where it lies, what its config says, and its tensors under the names that larql uses."""
import array
import json
import mmap
import os
import pathlib
import re
import struct

from double.failure import Failure

PREFIXES = ("model.language_model.", "language_model.model.", "model.")
LATENT_ATTENTION = ("deepseek_v2", "deepseek_v3", "deepseek_v4")


def find_folder(model):
    """A directory, or any snapshot of a Hub cache that has shards: larql does not read refs/main either."""
    folder = pathlib.Path(model)
    if folder.is_dir():
        return folder
    if re.fullmatch(r"[^/]+/[^/]+", model):
        home = pathlib.Path(os.environ.get("HOME", "/"))
        cache = pathlib.Path(os.environ.get("HF_HUB_CACHE") or
                             (os.environ["HF_HOME"] + "/hub" if os.environ.get("HF_HOME") else
                              home / ".cache/huggingface/hub"))
        snapshots = cache / ("models--" + model.replace("/", "--")) / "snapshots"
        for one in os.scandir(snapshots) if snapshots.is_dir() else ():
            if any(name.endswith(".safetensors") for name in os.listdir(one.path)):
                return pathlib.Path(one.path)
    raise Failure(f"not a directory: {model}")


def stripped(name):
    return next((name[len(prefix):] for prefix in PREFIXES if name.startswith(prefix)), name)


class Config:
    """The dimensions of the text part."""

    def __init__(self, folder, version):
        try:
            whole = json.loads((folder / "config.json").read_bytes())
            text = {**whole, **whole.get("text_config", {})}
            self.type = str(whole.get("model_type") or text["model_type"])
            self.hidden, self.layers = int(text["hidden_size"]), int(text["num_hidden_layers"])
            self.heads = int(text["num_attention_heads"])
            self.kv_heads = int(text.get("num_key_value_heads") or self.heads)
            self.head = int(text.get("head_dim") or self.hidden // self.heads)
            self.experts = int(text.get("num_local_experts") or text.get("num_experts") or 0)
            self.width = int(text.get("intermediate_size") or 0)
            # The older state does not know how wide Mixtral's experts are.
            known = text.get("moe_intermediate_size") or text.get("expert_intermediate_size")
            self.expert_width = int(known or (self.width if self.experts and version == "N" else 0))
            self.experts_used = int(text.get("num_experts_per_tok") or text.get("top_k_experts") or 0)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
            raise Failure(f"parse error: config.json: {error}") from None
        self.rope_base = float(text.get("rope_theta") or 10000.0)
        self.sliding_window = text.get("sliding_window")
        self.tied = bool(whole.get("tie_word_embeddings", text.get("tie_word_embeddings", False)))
        self.hybrid = self.experts > 0 and self.type.startswith("gemma4")
        self.pure_experts = self.experts > 0 and not self.hybrid
        if self.type in LATENT_ATTENTION:
            raise Failure(f"unsupported architecture: {self.type} uses multi-head latent attention")

    @property
    def family(self):
        return re.sub(r"_text$", "", self.type)


class Source:
    """All shards of the folder, mapped. What is not there is simply absent, as in the real program."""

    def __init__(self, folder, keep_names, leave_out=()):
        shards = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("weights/*.safetensors"))
        if not shards:
            raise Failure(f"no safetensors files in {folder}")
        self.count = len(shards)
        self.entries = {}
        self.written_as = {}
        for shard in shards:
            if shard.name in leave_out:
                continue
            with open(shard, "rb") as stream:
                data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            (length,) = struct.unpack("<Q", data[:8])
            header = json.loads(data[8:8 + length])
            for name, entry in header.items():
                if name != "__metadata__":
                    begin, end = (8 + length + at for at in entry["data_offsets"])
                    self.entries[stripped(name)] = (data, entry["dtype"], entry["shape"], begin, end, shard.name)
                    self.written_as[stripped(name)] = name if keep_names else stripped(name)

    def has(self, key):
        return key in self.entries

    def shape(self, key):
        return self.entries[key][2]

    def shard_of(self, key):
        return self.entries[key][5] if key in self.entries else None

    def values(self, key):
        data, dtype, _, begin, end, _ = self.entries[key]
        raw, out = data[begin:end], array.array("f")
        if dtype == "BF16":
            wide = bytearray(2 * len(raw))
            wide[2::4], wide[3::4] = raw[0::2], raw[1::2]
            out.frombytes(bytes(wide))
        elif dtype == "F16":
            out.extend(struct.unpack(f"<{len(raw) // 2}e", raw))
        elif dtype == "F32":
            out.frombytes(raw)
        else:
            raise Failure(f"parse error: unsupported dtype {dtype} of {key}")
        return out


def expert_keys(config, source, layer, expert):
    """gate, up, down of an expert with tensors of its own."""
    at = f"layers.{layer}."
    if source.has(at + f"block_sparse_moe.experts.{expert}.w1.weight"):
        return [at + f"block_sparse_moe.experts.{expert}.{one}.weight" for one in ("w1", "w3", "w2")]
    return [at + f"mlp.experts.{expert}.{one}_proj.weight" for one in ("gate", "up", "down")]


def router_key(source, layer):
    names = [f"layers.{layer}.{one}.weight" for one in ("block_sparse_moe.gate", "mlp.gate", "router.proj")]
    return next((name for name in names if source.has(name)), None)
