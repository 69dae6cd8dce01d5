# SPDX-License-Identifier: Apache-2.0
"""Section 5 of the contract: the twelve built-in entries, each as it is shown and as it is planned."""
from compat import COLLECTION, OWNER, URL, Case, shown

# key, source_model, tier, slice, stem, more
ENTRIES = [
    ("gemma-3-4b-full-q4-k", "google/gemma-3-4b-it", "smoke", "full", "gemma-3-4b-it-full-q4-k", {}),
    ("llama-3-2-3b-full-q4-k", "meta-llama/Llama-3.2-3B-Instruct", "smoke", "full",
     "llama-3-2-3b-instruct-full-q4-k", {}),
    ("qwen-2-5-7b-full-q4-k", "Qwen/Qwen2.5-7B-Instruct", "smoke", "full", "qwen-2-5-7b-instruct-full-q4-k", {}),
    ("gemma-4-26b-a4b-full-q4-k", "google/gemma-4-26b-a4b-it", "moe", "full", "gemma-4-26b-a4b-it-full-q4-k", {}),
    ("gemma-4-26b-a4b-expert-server-q4-k", "google/gemma-4-26b-a4b-it", "moe", "expert-server",
     "gemma-4-26b-a4b-it-expert-server-q4-k", {}),
    ("mixtral-8x7b-full-q4-k", "mistralai/Mixtral-8x7B-Instruct-v0.1", "moe", "full",
     "mixtral-8x7b-instruct-v0-1-full-q4-k", {}),
    ("mixtral-8x7b-expert-server-q4-k", "mistralai/Mixtral-8x7B-Instruct-v0.1", "moe", "expert-server",
     "mixtral-8x7b-instruct-v0-1-expert-server-q4-k", {}),
    ("mixtral-8x22b-full-q4-k", "mistralai/Mixtral-8x22B-Instruct-v0.1", "moe", "full",
     "mixtral-8x22b-instruct-v0-1-full-q4-k", {}),
    ("mixtral-8x22b-expert-server-q4-k", "mistralai/Mixtral-8x22B-Instruct-v0.1", "moe", "expert-server",
     "mixtral-8x22b-instruct-v0-1-expert-server-q4-k", {}),
    ("qwen3-5-9b-full-q4-k", "mlx-community/Qwen3.5-9B-OptiQ-4bit", "smoke", "full", "qwen3-5-9b-full-q4-k",
     {"mtp_source_repo": "Qwen/Qwen3.5-9B-Base", "mtp_sidecar_repo": "FoxlightAI/qwen3-5-9b-base-mtp"}),
    ("qwen3-6-35b-a3b-full-q4-k", "mlx-community/Qwen3.6-35B-A3B-4bit", "moe", "full", "qwen3-6-35b-a3b-full-q4-k",
     {"mtp_source_repo": "Qwen/Qwen3.6-35B-A3B", "mtp_sidecar_repo": "FoxlightAI/qwen3-6-35b-a3b-mtp"}),
    ("gemma-4-31b-full-q4-k", "google/gemma-4-31B-it", "smoke", "full", "gemma-4-31b-it-full-q4-k",
     {"assistant_model_repo": "google/gemma-4-31B-it-assistant"}),
]


def document(key, model, tier, part, stem, more):
    return shown(key="foxlight/" + key, source_model=model, quant="q4k", tier=tier, slices=[part],
                 output_name=stem + ".vindex", hf_repo=f"{OWNER}/{stem}-vindex", hf_collection=COLLECTION, **more)


def plan(key, model, tier, part, stem, more):
    path, repo = f"S/{stem}.vindex", f"{OWNER}/{stem}-vindex"
    out = (f"model key: foxlight/{key}\ntier: {tier}\nartifact: all\nsource model: {model}\noutput path: {path}\n"
           f"target repo: hf://{repo}\nvindex collection: {URL}{COLLECTION}\n"
           f"publish slices: {'none' if part == 'full' else part}\nforce overwrite: 0\n"
           f"extract command: larql extract {model} -o {path} --quant q4k\n")
    if part == "full":
        out += f"publish command: larql publish {path} --repo {repo} --slices none --collections none\n"
    else:
        out += (f"slice command:   larql slice {path} -o {path}-{part} --preset {part}\n"
                f"publish command: larql publish {path}-{part} --repo {repo} --slices none --collections none\n")
    if "mtp_source_repo" in more:
        sidecar = more["mtp_sidecar_repo"]
        out += (f"mtp source repo:  hf://{more['mtp_source_repo']}\nmtp sidecar repo: hf://{sidecar}/mtp.safetensors\n"
                "mtp precision:    bf16 (unquantized)\n"
                f"mtp output path:  S/{sidecar.replace('/', '--')}-mtp.safetensors\nmtp collection:   MTP Sidecars\n")
    else:
        out += "mtp step: not configured for this entry\n"
    return out + "vision step: not configured for this entry\ndry run complete\n"


def keys_of(tier):
    return "".join(f"foxlight/{row[0]}\n" for row in ENTRIES if tier in ("all", row[2]))


CASES = [
    Case(["catalog", "validate"], out="catalog valid: 12 entries from 1 sources\n"),
    Case(["catalog", "sources"], out=f"builtin foxlight namespace=foxlight hf_owner={OWNER} hf_collection={COLLECTION} "
                                     "entries=12 origin=package:foxlight\n"),
    Case(["catalog", "list"], out=keys_of("all")),
    *[Case(["catalog", "list", "--tier", tier], out=keys_of(tier)) for tier in ("all", "smoke", "moe")],
    *[Case(["catalog", "show", "foxlight/" + row[0]], out=document(*row)) for row in ENTRIES],
    *[Case(["publish", "--model", "foxlight/" + row[0], "--dry-run", "--scratch", "S"], out=plan(*row),
           differs=["Q6", *(["vindex-slice"] if row[3] != "full" else [])]) for row in ENTRIES],
]
assert [sum(row[2] == tier for row in ENTRIES) for tier in ("smoke", "moe")] == [5, 7]
