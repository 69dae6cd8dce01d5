# SPDX-License-Identifier: Apache-2.0
"""The directory: names of its files in both states of larql, its index, sums, and copied settings."""
import datetime
import hashlib
import json
import shutil

COPIED = ("tokenizer_config.json", "special_tokens_map.json", "generation_config.json", "chat_template.jinja")
# What the sums are made of; a q4k build has the first four.
SUMMED = ("gate_vectors.bin", "embeddings.bin", "down_meta.bin", "norms.bin", "attn_weights.bin", "up_weights.bin",
          "down_weights.bin", "lm_head.bin", "interleaved.bin")


class Names:
    def __init__(self, version):
        self.label = "q4k" if version == "F" else "kquant"
        self.attention = f"attn_weights_{self.label}.bin"
        self.attention_manifest = f"attn_weights_{self.label}_manifest.json"
        self.ffn = f"interleaved_{self.label}.bin"
        self.ffn_manifest = f"interleaved_{self.label}_manifest.json"
        self.head = "lm_head_q4.bin" if version == "F" else "lm_head_kquant.bin"

    def all(self):
        return (self.attention, self.attention_manifest, self.ffn, self.ffn_manifest, self.head)


def browse_files():
    return ("gate_vectors.bin", "embeddings.bin", "down_meta.bin")


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2))


def sha256_of(path):
    sum_of = hashlib.sha256()
    with open(path, "rb") as stream:
        while piece := stream.read(1 << 20):
            sum_of.update(piece)
    return sum_of.hexdigest()


def checksums_of(folder):
    return {name: sha256_of(folder / name) for name in SUMMED if (folder / name).is_file()}


def copy_settings(source, out):
    """The tokenizer is written anew, the others are copied when they are there."""
    write_json(out / "tokenizer.json", json.loads((source / "tokenizer.json").read_bytes()))
    for name in COPIED:
        if (source / name).is_file():
            shutil.copyfile(source / name, out / name)


def first_index(job):
    """index.json as it stands before the weights: no sums, no weights, no details of the model."""
    config = job.config
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    source = {"huggingface_repo": job.model, "huggingface_revision": None, "safetensors_sha256": None,
              "extracted_at": now, "larql_version": "0.1.0" if job.standin.version == "F" else "0.2.0"}
    return {"version": 2, "model": job.model, "family": config.family, "source": source, "checksums": None,
            "num_layers": config.layers, "hidden_size": config.hidden, "intermediate_size": config.width,
            "vocab_size": job.source.shape("embed_tokens.weight")[0],
            "embed_scale": config.hidden ** 0.5 if config.type.startswith("gemma") else 1.0,
            "extract_level": job.level, "dtype": "f16", "quant": "q4k", "layer_bands": bands(config.layers),
            "layers": job.layers, "down_top_k": job.top_k, "has_model_weights": False, "model_config": None}


def bands(layers):
    if layers < 3:
        return None
    return {"syntax": [0, layers // 3 - 1], "knowledge": [layers // 3, 2 * layers // 3 - 1],
            "output": [2 * layers // 3, layers - 1]}
