# SPDX-License-Identifier: Apache-2.0
"""Vindexes that look finished and are not: each changes one thing of a good extraction, by name."""
import json
import os
import shutil
import struct

from double.vindex import checksums_of, write_json

DEFECTS = {"mixed-quantisation": lambda job: None}  # made while the weights are written


def defect(function):
    DEFECTS[function.__name__.replace("_", "-")] = function
    return function


def read_index(job):
    return json.loads((job.out / "index.json").read_text())


def change_index(job, **members):
    write_json(job.out / "index.json", {**read_index(job), **members})


def sum_again(job):
    change_index(job, checksums=checksums_of(job.out))


def change_manifest(job, name, change):
    path = job.out / name
    entries = json.loads(path.read_text())
    change(entries)
    write_json(path, entries)


def cut(path, count):
    os.truncate(path, max(0, path.stat().st_size - count))


def spoil(path, begin=0):
    """Other bytes of the same number from begin on."""
    data = bytearray(path.read_bytes())
    data[begin:] = data[begin:].translate(bytes(n ^ 0x2a for n in range(256)))
    path.write_bytes(data)


@defect
def zero_ffn(job):
    (job.out / job.names.ffn).write_bytes(b"")
    write_json(job.out / job.names.ffn_manifest, [])


@defect
def missing_layer(job):
    """A shorter index over a shorter gate file, everything else whole."""
    layers = read_index(job)["layers"][:-1]
    os.truncate(job.out / "gate_vectors.bin", layers[-1]["offset"] + layers[-1]["length"])
    change_index(job, layers=layers)
    sum_again(job)


@defect
def missing_attention(job):
    def shorten(entries):
        os.truncate(job.out / job.names.attention, entries[-4]["offset"])
        del entries[-4:]
    change_manifest(job, job.names.attention_manifest, shorten)


@defect
def missing_ffn_layer(job):
    def shorten(entries):
        os.truncate(job.out / job.names.ffn, entries[-3]["offset"])
        del entries[-3:]
    change_manifest(job, job.names.ffn_manifest, shorten)


@defect
def truncated_file(job):
    """The file that standin.json names, with sums made after the cut: only its size can tell."""
    cut(job.out / job.standin.file, 1000)
    sum_again(job)


@defect
def wrong_checksums(job):
    sums = read_index(job)["checksums"]
    change_index(job, checksums={**sums, "gate_vectors.bin": sums["gate_vectors.bin"][::-1]})


@defect
def no_checksums(job):
    change_index(job, checksums=None)


@defect
def missing_checksum(job):
    change_index(job, checksums={n: s for n, s in read_index(job)["checksums"].items() if n != "norms.bin"})


@defect
def leftover_checkpoint(job):
    write_json(job.out / ".extract_checkpoint.json", job.checkpoint_values())


@defect
def both_families(job):
    ours, other = job.names.label, "kquant" if job.names.label == "q4k" else "q4k"
    for name in (job.names.attention, job.names.attention_manifest, job.names.ffn, job.names.ffn_manifest):
        shutil.copyfile(job.out / name, job.out / name.replace(ours, other))


@defect
def mixed_families(job):
    ours, other = job.names.label, "kquant" if job.names.label == "q4k" else "q4k"
    for name in (job.names.ffn, job.names.ffn_manifest):
        (job.out / name).rename(job.out / name.replace(ours, other))


@defect
def wrong_format_label(job):
    def change(entries):
        entries[2]["format"] = "Q4_K"
    change_manifest(job, job.names.attention_manifest, change)


@defect
def old_blocks(job):
    """Q4_K blocks of 148 bytes, as a much older state wrote them."""
    path = job.out / job.names.attention
    data, out = path.read_bytes(), bytearray()

    def change(entries):
        for entry in entries:
            part = data[entry["offset"]:entry["offset"] + entry["length"]]
            if entry["format"] == "Q4_K":
                part = b"".join(part[at:at + 144] + bytes(4) for at in range(0, len(part), 144))
            entry.update(offset=len(out), length=len(part))
            out.extend(part)
    change_manifest(job, job.names.attention_manifest, change)
    path.write_bytes(out)


@defect
def manifest_gap(job):
    def change(entries):
        for entry in entries[1:]:
            entry["offset"] += 144
    change_manifest(job, job.names.attention_manifest, change)


@defect
def damaged_attention(job):
    spoil(job.out / job.names.attention)


@defect
def damaged_ffn(job):
    spoil(job.out / job.names.ffn)


@defect
def damaged_gate(job):
    spoil(job.out / "gate_vectors.bin")
    sum_again(job)


@defect
def damaged_embeddings(job):
    spoil(job.out / "embeddings.bin")
    sum_again(job)


@defect
def damaged_norms(job):
    spoil(job.out / "norms.bin")
    sum_again(job)


@defect
def damaged_down_meta(job):
    """A count of another number of records than the index says, in a file of the right size."""
    with open(job.out / "down_meta.bin", "r+b") as out:
        out.seek(16)
        out.write(struct.pack("<I", 1))
    sum_again(job)


@defect
def damaged_experts(job):
    path = next((job.out / "layers").iterdir())
    spoil(path, struct.unpack("<I", path.read_bytes()[12:16])[0] * 32 + 24)


@defect
def empty_expert_store(job):
    shutil.rmtree(job.out / "layers")


@defect
def missing_expert_layer(job):
    sorted((job.out / "layers").iterdir())[-1].unlink()


@defect
def expert_range(job):
    """The last expert's down part reaches beyond the end of its file."""
    path = sorted((job.out / "layers").iterdir())[0]
    data = bytearray(path.read_bytes())
    data[24 + 24:24 + 32] = struct.pack("<Q", len(data))
    path.write_bytes(data)


@defect
def stray_file(job):
    (job.out / "notes.txt").write_text("left here by hand\n")


@defect
def temporary_file(job):
    (job.out / (job.names.ffn + ".tmp")).write_bytes(bytes(10))


@defect
def dot_file(job):
    (job.out / ".DS_Store").write_bytes(bytes(10))


@defect
def symbolic_link(job):
    path = job.out / "embeddings.bin"
    target = job.out.absolute().parents[1] / "elsewhere.bin"
    path.rename(target)
    path.symlink_to(target.absolute())


@defect
def local_path(job):
    index = read_index(job)
    change_index(job, model=str(job.folder), source={**index["source"], "huggingface_repo": str(job.folder)})


@defect
def wrong_model(job):
    change_index(job, model="somebody/else")


@defect
def wrong_quant(job):
    change_index(job, quant="none")


@defect
def wrong_version(job):
    change_index(job, version=3)


@defect
def wrong_dimensions(job):
    change_index(job, num_layers=read_index(job)["num_layers"] + 1)


@defect
def no_model_weights(job):
    change_index(job, has_model_weights=False)


@defect
def broken_index(job):
    cut(job.out / "index.json", 20)


@defect
def no_index(job):
    (job.out / "index.json").unlink()


@defect
def missing_final_norm(job):
    def change(entries):
        entries[:] = [entry for entry in entries if not entry["key"].endswith("norm.weight") or "layers." in entry["key"]]
    change_manifest(job, "weight_manifest.json", change)


@defect
def missing_head(job):
    (job.out / job.names.head).unlink()
    change_manifest(job, "weight_manifest.json",
                    lambda entries: entries.__setitem__(slice(None), [e for e in entries if e["file"] == "norms.bin"]))
