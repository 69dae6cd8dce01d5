# SPDX-License-Identifier: Apache-2.0
"""What an extraction writes of the tensors: browse files in f16, k-quants with manifests, norms, experts."""
import operator
import struct
import sys
import time
import zlib

from double import kquant
from double.failure import Failure
from double.source import expert_keys, router_key
from double.vindex import write_json

EMBEDDING = "embed_tokens.weight"
NORMS = ("input_layernorm.weight", "post_attention_layernorm.weight", "pre_feedforward_layernorm.weight",
         "post_feedforward_layernorm.weight", "self_attn.q_norm.weight", "self_attn.k_norm.weight", "layer_scalar")
EXPERT_NORMS = ("router.proj.weight", "router.scale", "router.per_expert_scale",
                "pre_feedforward_layernorm_2.weight", "post_feedforward_layernorm_1.weight",
                "post_feedforward_layernorm_2.weight")


def f16(values):
    return struct.pack(f"<{len(values)}e", *values)


def write_embeddings(job):
    if not job.source.has(EMBEDDING):
        raise Failure(f"missing tensor: {EMBEDDING}")
    (job.out / "embeddings.bin").write_bytes(f16(job.source.values(EMBEDDING)))


def write_router(job):
    keys = [router_key(job.source, layer) for layer in range(job.config.layers)]
    (job.out / "router_weights.bin").write_bytes(b"".join(f16(job.source.values(key)) for key in keys if key))


def write_down_meta(job):
    """The real one scores all tokens. Here a record holds a few tokens drawn by a fixed rule, with true scores."""
    config, source, top = job.config, job.source, job.top_k
    hidden, table = config.hidden, source.values(EMBEDDING)
    tokens = source.shape(EMBEDDING)[0]
    print(f"    Whole-word vocab: {tokens // 2} tokens (of {tokens})", file=sys.stderr)
    with open(job.out / "down_meta.bin", "wb") as out:
        out.write(struct.pack("<4I", 0x444D4554, 1, config.layers, top))
        features = {info["layer"]: info["num_features"] for info in job.layers}
        for layer in range(config.layers):
            began, records = time.monotonic(), []
            if config.pure_experts:
                keys = [expert_keys(config, source, layer, one)[2] for one in range(config.experts)]
            else:
                keys = [f"layers.{layer}.mlp.down_proj.weight"]
            for key in (key for key in keys if source.has(key)):
                width, values = source.shape(key)[1], source.values(key)
                for feature in range(width):
                    records.append(record(layer, len(records), values[feature::width], table, hidden, tokens, top))
            records = records[:features.get(layer, 0)]
            out.write(struct.pack("<I", len(records)) + b"".join(records))
            job.component("down", layer, began)


def record(layer, feature, column, table, hidden, tokens, top):
    first, step = zlib.crc32(b"%d %d" % (layer, feature)), 2 * (feature % 97) + 1
    picked = []
    for token in ((first + n * step) % tokens for n in range(top)):
        picked.append((sum(map(operator.mul, column, table[token * hidden:(token + 1) * hidden])), token))
    picked.sort(reverse=True)
    scores = [part for score, token in picked for part in (token, score)]
    return struct.pack("<If" + "If" * top, picked[0][1], picked[0][0], *scores)


def write_weights(job):
    config, names = job.config, job.names
    attention, ffn = Quantised(job, names.attention), Quantised(job, names.ffn)
    for layer in range(config.layers):
        at = f"layers.{layer}.self_attn."
        value = at + "v_proj.weight"
        shared = at + "k_proj.weight" if config.hybrid and not job.source.has(value) else value
        attention.add(at + "q_proj.weight", "Q4_K")
        attention.add(at + "k_proj.weight", "Q4_K")
        attention.add(shared, "Q6_K", written_as=value)
        attention.add(at + "o_proj.weight", "Q4_K")
        job.component("attn_" + names.label, layer, time.monotonic())
    attention.close(names.attention_manifest)
    for layer in range(config.layers):
        at = f"layers.{layer}.mlp."
        for one, kind in (("gate", "Q4_K"), ("up", "Q4_K"), ("down", down_kind(job, layer))):
            ffn.add(at + one + "_proj.weight", kind)
        job.component("ffn_" + names.label, layer, time.monotonic())
    ffn.close(names.ffn_manifest)
    write_experts(job)
    entries = write_norms(job)
    if job.source.has("lm_head.weight"):
        head = Quantised(job, names.head)
        head.add("lm_head.weight", "Q4_K")
        (entry,) = head.close(None)
        entries.append({"key": entry["key"], "kind": "tensor_q4k", "shape": entry["shape"], "offset": 0,
                        "length": entry["length"], "file": names.head})
    write_json(job.out / "weight_manifest.json", entries)


def down_kind(job, layer):
    if job.standin.is_mode("mixed-quantisation") and layer == job.config.layers - 1:
        return "Q4_K"
    return "Q4_K" if "down_q4k" in job.given else "Q6_K"


class Quantised:
    """A file of k-quants and its manifest. Tensors that the source lacks are passed over without a word."""

    def __init__(self, job, name):
        self.job, self.offset, self.entries = job, 0, []
        self.out = open(job.out / name, "wb")

    def add(self, key, kind, written_as=None):
        source = self.job.source
        if not source.has(key):
            return
        rows, cols = source.shape(key)
        values, width = kquant.padded(source.values(key), rows, cols)
        length = self.out.write(kquant.encode(kind, values))
        name = written_as or key
        self.entries.append({"key": source.written_as.get(name, name), "shape": [rows, width], "format": kind,
                             "offset": self.offset, "length": length})
        self.offset += length

    def close(self, manifest):
        self.out.close()
        if manifest:
            write_json(self.job.out / manifest, self.entries)
        return self.entries


def write_norms(job):
    entries, offset, source = [], 0, job.source
    keys = [f"layers.{layer}.{one}" for layer in range(job.config.layers)
            for one in NORMS + (EXPERT_NORMS if job.config.hybrid else ())]
    with open(job.out / "norms.bin", "wb") as out:
        for key in (key for key in [*keys, "norm.weight"] if source.has(key)):
            values = source.values(key)
            length = out.write(values.tobytes())
            entries.append({"key": source.written_as[key], "kind": "vector", "shape": [len(values)],
                            "offset": offset, "length": length, "file": "norms.bin"})
            offset += length
    return entries


def write_experts(job):
    """layers/layer_NN.weights. The older state writes none for experts that have tensors of their own."""
    config = job.config
    if not config.experts or (config.pure_experts and (job.standin.version == "F" or not config.expert_width)):
        return
    folder, written = job.out / "layers", 0
    for layer in range(config.layers):
        pairs = list(packed_pairs(job, layer) if config.hybrid else separate_pairs(job, layer))
        if not pairs:
            continue
        folder.mkdir(exist_ok=True)
        width = len(pairs[0][0]) // 2 // config.hidden
        (folder / f"layer_{layer:02}.weights").write_bytes(expert_file(pairs, width, config.hidden))
        written += 1
    if not written:
        raise Failure("no expert weights found in any layer")


def packed_pairs(job, layer):
    both, down = (f"layers.{layer}.experts.{one}" for one in ("gate_up_proj", "down_proj"))
    if job.source.has(both) and job.source.has(down):
        one, two, count = job.source.values(both), job.source.values(down), job.config.experts
        for n in range(count):
            yield one[n * len(one) // count:(n + 1) * len(one) // count], \
                  two[n * len(two) // count:(n + 1) * len(two) // count]


def separate_pairs(job, layer):
    for expert in range(job.config.experts):
        keys = expert_keys(job.config, job.source, layer, expert)
        if all(job.source.has(key) for key in keys):
            gate, up, down = (job.source.values(key) for key in keys)
            yield gate + up, down


def expert_file(pairs, width, hidden):
    table, data, at = [], [], 24 + 32 * len(pairs)
    for both, down in pairs:
        one = kquant.encode("Q4_K", kquant.padded(both, 2 * width, hidden)[0])
        two = kquant.encode("Q4_K", kquant.padded(down, hidden, width)[0])
        table.append(struct.pack("<4Q", at, len(one), at + len(one), len(two)))
        data += [one, two]
        at += len(one) + len(two)
    header = b"LYRW" + struct.pack("<5I", 1, 4, len(pairs), width, hidden)
    return b"".join([header, *table, *data])


def model_config(config):
    experts = None
    if config.experts:
        experts = {"num_experts": config.experts, "top_k": config.experts_used, "shared_expert": False,
                   "router_type": "gemma4_top_k_softmax" if config.hybrid else "top_k_softmax",
                   "moe_intermediate_size": config.expert_width or None, "hybrid": config.hybrid}
        if not config.expert_width:
            del experts["moe_intermediate_size"]
    return {"model_type": config.type, "head_dim": config.head, "num_q_heads": config.heads,
            "num_kv_heads": config.kv_heads, "rope_base": config.rope_base,
            "sliding_window": config.sliding_window, "moe": experts}
