# SPDX-License-Identifier: Apache-2.0
"""`larql extract`: the stages in their order, their lines on stderr, the checkpoint, and the faults of the process."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from double import defects, weights
from double.failure import Failure
from double.source import Config, Source, expert_keys, find_folder
from double.vindex import Names, browse_files, checksums_of, copy_settings, first_index, write_json

CHECKPOINT = ".extract_checkpoint.json"
UNSUPPORTED = ("from_vectors", "summary_features_per_expert", "f32", "feature_major_down")


def say(line=""):
    print(line, file=sys.stderr)


class Job:
    """One extraction: what was asked, where from, where to, and what is done so far."""

    def __init__(self, given, standin):
        self.given, self.standin = given, standin
        self.model, self.out = given["model"], pathlib.Path(given["output"])
        self.quant = given.get("quant", "none")
        self.level = "all" if "include_weights" in given else given.get("level", "inference")
        self.top_k = int(given.get("down_top_k", 10))
        self.names = Names(standin.version)
        self.began = time.monotonic()
        self.completed = []

    def stage(self, name, work):
        say(f"\n\u2500\u2500 {name} \u2500\u2500")
        began = time.monotonic()
        work()
        say(f"  {name}: {time.monotonic() - began:.1f} s")

    def component(self, name, layer, began):
        say(f"  {name} L {layer}: {time.monotonic() - began:.1f} s")

    def checkpoint_values(self):
        return {"version": 1, "model_dir": str(self.folder), "model_name": self.model,
                "num_layers": self.config.layers, "completed": self.completed,
                "last_update": int(time.time()), "gate_layer_infos": self.layers}

    def finish(self, phase):
        self.completed.append(phase)
        write_json(self.out / CHECKPOINT, self.checkpoint_values())

    def resume(self):
        try:
            old = json.loads((self.out / CHECKPOINT).read_text())
        except (OSError, ValueError):
            return
        same = ("model_dir", "model_name", "num_layers")
        if all(old.get(name) == self.checkpoint_values()[name] for name in same):
            self.completed, self.layers = old["completed"], old["gate_layer_infos"]
            say(f"  Resuming from checkpoint: {', '.join(self.completed)} done")


def run(given, standin):
    misbehave_early(standin)
    if "model" not in given:
        raise Failure("MODEL or --from-vectors is required")
    job = Job(given, standin)
    check_options(job)
    job.folder = find_folder(job.model)
    say(f"Extracting: {job.model} \u2192 {job.out} (level={job.level}, dtype=f16, "
        f"quant={'q4k' if standin.version == 'F' else 'kquant'})")
    if not (job.folder / "tokenizer.json").is_file():
        raise Failure(f"tokenizer.json not found at {job.folder / 'tokenizer.json'}")
    job.config = Config(job.folder, standin.version)
    if standin.is_mode("nothing"):
        return 0
    job.out.mkdir(parents=True, exist_ok=True)
    job.layers = []
    open_source(job)
    job.resume()
    extract(job)
    summary(job)
    if standin.mode in defects.DEFECTS:
        defects.DEFECTS[standin.mode](job)
    return 0


def check_options(job):
    if job.quant not in ("q4k", "q4_k") and not (job.quant == "kquant" and job.standin.version == "N"):
        raise Failure("this test double writes k-quants only: --quant q4k")
    for name in UNSUPPORTED:
        if name in job.given:
            raise Failure(f"this test double does not do --{name.replace('_', '-')}")


def open_source(job):
    def load():
        keep = job.standin.keys == "source"
        job.source = Source(job.folder, keep)
        if job.standin.is_mode("one-shard-missing"):
            last = f"layers.{job.config.layers - 1}."
            if job.source.count > 1:
                embed = job.source.shard_of("embed_tokens.weight")
                lost = {entry[5] for key, entry in job.source.entries.items() if key.startswith(last)} - {embed}
                job.source = Source(job.folder, keep, lost)
            job.source.entries = {k: e for k, e in job.source.entries.items() if not k.startswith(last)}
        say(f"  Streaming mode: {job.source.count} safetensors shards (memory-mapped)")
    job.stage("loading", load)


def extract(job):
    """Everything that can be resumed first; index.json before the weights; the sums at the very end."""
    out, config, source = job.out, job.config, job.source
    if "gate" in job.completed:
        say("  Skipping gate_vectors: done before")
    else:
        job.stage("gate_vectors", lambda: write_gates(job))
        job.finish("gate")
    if config.experts:
        job.stage("router_weights", lambda: weights.write_router(job))
    job.stage("embeddings", lambda: weights.write_embeddings(job))
    if "down_meta" in job.completed:
        say("  Skipping down_meta: done before")
    else:
        job.stage("down_meta", lambda: weights.write_down_meta(job))
        job.finish("down_meta")
    job.stage("tokenizer", lambda: copy_settings(job.folder, out))
    write_json(out / "index.json", first_index(job))
    misbehave_in_weights(job)
    label = "model_weights_" + job.names.label
    job.stage(label, lambda: weights.write_weights(job))
    index = json.loads((out / "index.json").read_text())
    index.update(has_model_weights=True, model_config=weights.model_config(config))
    if config.hybrid:
        index["ffn_layout"] = "per_layer"
    index["checksums"] = checksums_of(out)
    write_json(out / "index.json", index)
    if "drop_gate_vectors" in job.given:
        (out / "gate_vectors.bin").unlink()
        index["checksums"].pop("gate_vectors.bin")
        write_json(out / "index.json", index)
    (out / CHECKPOINT).unlink()


def write_gates(job):
    """f16 rows; of experts with tensors of their own one after another. A layer without a gate is passed over."""
    config, source, offset = job.config, job.source, 0
    job.layers = []
    with open(job.out / "gate_vectors.bin", "wb") as out:
        for layer in range(config.layers):
            began = time.monotonic()
            if config.pure_experts:
                keys = [expert_keys(config, source, layer, one)[0] for one in range(config.experts)]
            else:
                keys = [f"layers.{layer}.mlp.gate_proj.weight"]
            keys = [key for key in keys if source.has(key)]
            if not keys:
                continue
            rows = sum(source.shape(key)[0] for key in keys)
            length = sum(out.write(weights.f16(source.values(key))) for key in keys)
            info = {"layer": layer, "num_features": rows, "offset": offset, "length": length}
            if config.pure_experts:
                info.update(num_experts=len(keys), num_features_per_expert=rows // len(keys))
            job.layers.append(info)
            offset += length
            job.component("gate", layer, began)


def summary(job):
    say("\n\u2500\u2500 Summary \u2500\u2500")
    say(f"Output: {job.out}")
    say(f"Build time: {time.monotonic() - job.began:.1f}s")
    for name in ("index.json", "tokenizer.json", *browse_files(), "down_meta.jsonl", "attn_weights.bin",
                 "up_weights.bin", "down_weights.bin", "norms.bin", "lm_head.bin", "weight_manifest.json"):
        path = job.out / name
        say(f"  {name:<24}" + (f"{path.stat().st_size / 1e6:.1f} MB" if path.exists() else "(not found)"))
    total = sum(path.stat().st_size for path in job.out.iterdir() if path.is_file())
    say(f"Total: {total / 1e6:.1f} MB")


def misbehave_early(standin):
    if standin.is_mode("hang-ignoring-term"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if standin.is_mode("hang", "hang-ignoring-term"):
        sleep(standin.seconds)
    if standin.is_mode("fails"):
        say("thread 'main' did not panic, it only says no")
        raise Failure("parse error: the double was told to fail")
    if standin.is_mode("killed-at-start"):
        os.kill(os.getpid(), signal.SIGKILL)
    if standin.is_mode("busy"):
        end = time.process_time() + standin.seconds
        while time.process_time() < end:
            sum(range(10000))
    if standin.is_mode("background-child"):
        # In our group and with our streams, as a careless tool leaves it behind.
        subprocess.Popen(["sleep", str(standin.seconds)], stdin=subprocess.DEVNULL)
    if standin.is_mode("flood", "flood-one-line"):
        flood(one_line=standin.is_mode("flood-one-line"))


def misbehave_in_weights(job):
    if job.standin.is_mode("hang-after-lines"):
        sleep(job.standin.seconds)
    if job.standin.is_mode("killed-in-weights"):
        (job.out / job.names.attention).write_bytes(bytes(14400))
        os.kill(os.getpid(), signal.SIGKILL)


def sleep(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(min(1.0, max(0.0, end - time.monotonic())))


def flood(one_line):
    """100 MB: half on each stream, in short lines or in a single one."""
    piece = ("x" * 1023 + ("" if one_line else "\n")) * 64
    for _ in range(50_000_000 // len(piece) + 1):
        sys.stdout.write(piece)
        sys.stderr.write(piece)
    say()
