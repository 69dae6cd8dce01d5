# SPDX-License-Identifier: Apache-2.0
"""`larql slice` and `larql verify`: copies of parts of a vindex, and its own narrow check."""
import json
import pathlib
import shutil
import sys

from double.failure import Failure
from double.vindex import sha256_of, write_json

LABELS = ("relation_clusters.json", "feature_labels.json", "feature_clusters.jsonl")
# What a part consists of, by the beginning of the file's name.
PARTS = {"embed": ("embeddings.bin",), "norms": ("norms.bin",), "attn": ("attn_weights",), "gate": ("gate_vectors",),
         "down_meta": ("down_meta.",), "ffn": ("interleaved", "up_weights", "down_weights", "up_features",
                                               "down_features.bin"),
         "experts": ("layers/",), "head": ("lm_head",), "router": ("router_weights.bin",),
         "tokenizer": ("tokenizer.json",), "manifest": ("weight_manifest.json",), "labels": LABELS,
         "readme": ("README.md",)}
PRESETS = {
    "client": ("embed", "norms", "attn", "tokenizer", "manifest", "labels"),
    "attn": ("norms", "attn", "manifest", "labels"),
    "embed": ("embed", "tokenizer", "labels"),
    "server": ("embed", "norms", "gate", "down_meta", "ffn", "tokenizer", "manifest", "labels"),
    "browse": ("embed", "gate", "down_meta", "tokenizer", "labels", "readme"),
    "router": ("router", "tokenizer", "manifest", "labels", "readme"),
    "expert-server": ("embed", "norms", "ffn", "experts", "tokenizer", "manifest"),
    "all": tuple(PARTS),
}
ALIASES = {"attention": "attn", "embed-server": "embed", "ffn": "server", "ffn-service": "server",
           "expert_server": "expert-server", "moe-server": "expert-server"}


def preset_of(name):
    found = ALIASES.get(name, name)
    if found not in PRESETS:
        raise Failure(f"invalid slice preset '{name}': expected one of {', '.join(PRESETS)}")
    return found


def all_files(folder):
    """Root files and files of direct sub-folders, by name."""
    below = [path for path in folder.iterdir() if path.is_dir()]
    files = [path for place in [folder, *below] for path in place.iterdir() if path.is_file()]
    return sorted(str(path.relative_to(folder)) for path in files)


def files_of(folder, parts):
    begins = tuple(begin for part in parts for begin in PARTS[part])
    return [name for name in all_files(folder) if name.startswith(begins) and name != "index.json"]


def carve(source, out, parts):
    """Copies the parts; the index keeps its sums, also those of files that are not here."""
    names = files_of(source, parts)
    for name in names:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, out / name)
    index = json.loads((source / "index.json").read_text())
    weights = {"attn", "norms"} <= set(parts)
    has_ffn = "ffn" in parts or "experts" in parts
    index["extract_level"] = "browse" if not weights else \
        "attention" if not has_ffn else "all" if "head" in parts else "inference"
    index["has_model_weights"] = "attn" in parts or has_ffn
    write_json(out / "index.json", index)
    return ["index.json", *names]


def run_slice(given, standin):
    source, out = pathlib.Path(given["src"]), pathlib.Path(given["output"])
    if not (source / "index.json").is_file():
        raise Failure(f"source vindex missing index.json: {source}")
    if ("preset" in given) == ("parts" in given):
        raise Failure("give --preset or --parts")
    parts = PRESETS[preset_of(given["preset"])] if "preset" in given else tuple(given["parts"].split(","))
    if not set(parts) <= set(PARTS):
        raise Failure(f"invalid part in '{given['parts']}'")
    if out.exists() and out.resolve() == source.resolve():
        raise Failure("output path equals the source")
    if out.exists() and "force" not in given:
        raise Failure(f"output path exists: {out} (use --force)")
    print(f"Source: {source}\nOutput: {out}\nParts: {', '.join(parts)}")
    if "dry_run" in given:
        print("Dry run: nothing was written")
        return 0
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    names = carve(source, out, parts)
    misbehave(source, out, standin)
    print(f"Copied {len(names)} files, {sum((out / n).stat().st_size for n in names if (out / n).exists())} bytes")
    return 0


def misbehave(source, out, standin):
    if standin.is_mode("slice-fails"):
        raise Failure("parse error: the double was told to fail")
    if standin.is_mode("slice-extra-file"):
        shutil.copyfile(source / "down_meta.bin", out / "down_meta.bin")
    if standin.is_mode("slice-missing-file"):
        (out / "tokenizer.json").unlink()
    if standin.is_mode("slice-damaged"):
        data = bytearray((out / "embeddings.bin").read_bytes())
        data[len(data) // 2] ^= 1
        (out / "embeddings.bin").write_bytes(data)
    if standin.is_mode("slice-index"):
        index = json.loads((out / "index.json").read_text())
        write_json(out / "index.json", {**index, "down_top_k": 11})


def run_verify(given, standin):
    folder = pathlib.Path(given["dir"])
    try:
        sums = json.loads((folder / "index.json").read_text()).get("checksums")
    except (OSError, ValueError) as error:
        raise Failure(f"parse error: index.json: {error}") from None
    if not sums:
        print("note: index.json has no checksums, nothing to verify", file=sys.stderr)
        return 0
    failed = 0
    for name in sorted(sums):
        path = folder / name
        good = path.is_file() and sha256_of(path) == sums[name]
        failed += not good
        size = f"{path.stat().st_size} bytes" if path.is_file() else "missing"
        print(f"{name} ... {'OK' if good else 'FAILED'} ({size})")
    if failed:
        raise Failure(f"{failed} of {len(sums)} files failed")
    return 0
