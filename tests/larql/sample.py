# SPDX-License-Identifier: Apache-2.0
"""Small checkpoints that the double can extract, and the double itself put where a test wants it."""
import json
import pathlib
import random
import shutil
import struct
import sys

HERE = pathlib.Path(__file__).absolute().parent
HIDDEN, WIDTH, VOCAB, LAYERS, HEADS, KV_HEADS, HEAD, EXPERTS = 256, 256, 512, 2, 4, 2, 64, 4
MODEL = "acme/tiny-llama"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def install(folder, version="N", mode=None, **more):
    """Copies the double into a folder for PATH and says what it plays; gives the path of its log."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(HERE / "double", folder / "double", ignore=shutil.ignore_patterns("__pycache__"),
                    dirs_exist_ok=True)
    # The interpreter of the test, so that PATH may hold nothing but this folder.
    text = (HERE / "larql").read_text().split("\n", 1)[1]
    (folder / "larql").write_text(f"#!{sys.executable}\n{text}")
    (folder / "larql").chmod(0o755)
    play(folder, version, mode, **more)
    return folder / "standin-log.jsonl"


def play(folder, version="N", mode=None, **more):
    (pathlib.Path(folder) / "standin.json").write_text(json.dumps({"version": version, "mode": mode, **more}))


def starts(folder):
    """What the double was started with, in order."""
    log = pathlib.Path(folder) / "standin-log.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def bf16(generator, shape, scale):
    count = 1
    for one in shape:
        count *= one
    # Normal numbers of either sign around a scale: the upper half of a float.
    floats = struct.pack(f"<{count}f", *(generator.gauss(0.0, scale) for _ in range(count)))
    data = bytearray(2 * count)
    data[0::2], data[1::2] = floats[2::4], floats[3::4]
    return bytes(data)


def shapes(kind, tied):
    """{name: shape} in the names that the family's checkpoints have."""
    base = "model.language_model." if kind == "gemma4" else "model."
    out = {base + "embed_tokens.weight": (VOCAB, HIDDEN)}
    for layer in range(LAYERS):
        at = f"{base}layers.{layer}."
        out.update({at + "self_attn.q_proj.weight": (HEADS * HEAD, HIDDEN),
                    at + "self_attn.k_proj.weight": (KV_HEADS * HEAD, HIDDEN),
                    at + "self_attn.v_proj.weight": (KV_HEADS * HEAD, HIDDEN),
                    at + "self_attn.o_proj.weight": (HIDDEN, HEADS * HEAD),
                    at + "input_layernorm.weight": (HIDDEN,), at + "post_attention_layernorm.weight": (HIDDEN,)})
        if kind == "mixtral":
            out[at + "block_sparse_moe.gate.weight"] = (EXPERTS, HIDDEN)
            for expert in range(EXPERTS):
                out.update({at + f"block_sparse_moe.experts.{expert}.{one}.weight": shape for one, shape in
                            (("w1", (WIDTH, HIDDEN)), ("w2", (HIDDEN, WIDTH)), ("w3", (WIDTH, HIDDEN)))})
            continue
        out.update({at + "mlp.gate_proj.weight": (WIDTH, HIDDEN), at + "mlp.up_proj.weight": (WIDTH, HIDDEN),
                    at + "mlp.down_proj.weight": (HIDDEN, WIDTH)})
        if kind == "gemma4":
            out.update({at + "experts.gate_up_proj": (EXPERTS, 2 * WIDTH, HIDDEN),
                        at + "experts.down_proj": (EXPERTS, HIDDEN, WIDTH),
                        at + "router.proj.weight": (EXPERTS, HIDDEN), at + "router.scale": (HIDDEN,),
                        at + "router.per_expert_scale": (EXPERTS,)})
    out[base + "norm.weight"] = (HIDDEN,)
    if not tied:
        out["lm_head.weight"] = (VOCAB, HIDDEN)
    return out


def config_of(kind, tied):
    text = {"model_type": kind, "hidden_size": HIDDEN, "intermediate_size": WIDTH, "vocab_size": VOCAB,
            "num_hidden_layers": LAYERS, "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS,
            "head_dim": HEAD, "rope_theta": 10000.0, "torch_dtype": "bfloat16", "tie_word_embeddings": tied}
    if kind == "mixtral":
        text.update(num_local_experts=EXPERTS, num_experts_per_tok=2)
    if kind == "gemma4":
        text.update(model_type="gemma4_text", num_experts=EXPERTS, top_k_experts=2, moe_intermediate_size=WIDTH,
                    enable_moe_block=True)
        return {"architectures": ["Gemma4ForConditionalGeneration"], "model_type": "gemma4",
                "tie_word_embeddings": tied, "text_config": text}
    name = {"llama": "LlamaForCausalLM", "mixtral": "MixtralForCausalLM"}[kind]
    return {"architectures": [name], **text}


def checkpoint(kind="llama", tied=True, shards=2, seed=7):
    """{path: bytes} of a whole repo, the tensors of the last layer in the last shard."""
    generator, names = random.Random(seed), shapes(kind, tied)
    parts = [{} for _ in range(shards)]
    for name, shape in names.items():
        last = f"layers.{LAYERS - 1}." in name
        parts[shards - 1 if last else 0][name] = (shape, bf16(generator, shape, 1.0 if "norm" in name else 0.02))
    files, index = {}, {}
    for number, part in enumerate(parts, 1):
        file = f"model-{number:05}-of-{shards:05}.safetensors" if shards > 1 else "model.safetensors"
        header, body = {}, b""
        for name, (shape, data) in part.items():
            header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
            body += data
            index[name] = file
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        files[file] = struct.pack("<Q", len(text)) + text + body
    if shards > 1:
        total = sum(len(data) for part in parts for _, data in part.values())
        files["model.safetensors.index.json"] = json.dumps({"metadata": {"total_size": total},
                                                            "weight_map": index}).encode()
    files.update({
        "config.json": json.dumps(config_of(kind, tied)).encode(),
        "generation_config.json": b'{"do_sample": false}', "special_tokens_map.json": b'{"bos_token": "<s>"}',
        "tokenizer_config.json": b'{"tokenizer_class": "PreTrainedTokenizerFast"}',
        "chat_template.jinja": b"{{ messages[0]['content'] }}\n", "tokenizer.json": json.dumps({
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": None,
            "pre_tokenizer": {"type": "Whitespace"}, "post_processor": None, "decoder": None, "model": {
                "type": "WordLevel", "unk_token": "t0", "vocab": {f"t{n}": n for n in range(VOCAB)}}}).encode(),
        "LICENSE": b"A licence for tests\n", "README.md": b"---\nlicense: apache-2.0\n---\n# A checkpoint for tests\n"})
    return files


def write_cache(cache, files, model=MODEL, commit=COMMIT):
    """The files as one snapshot of a Hub cache."""
    folder = pathlib.Path(cache) / ("models--" + model.replace("/", "--")) / "snapshots" / commit
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder
