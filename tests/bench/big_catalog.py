# SPDX-License-Identifier: Apache-2.0
"""Writes an operator catalog of many entries, as a large organisation would have it after years of publishing.

usage: big_catalog.py ENTRIES [FILE]

The same number gives the same bytes. The entries differ in what they set: sidecars, slices, fields of other
artifact kinds, notes, quotes, comments, and an anchor that many of them refer to.
"""
import random
import sys

FAMILIES = ("Qwen/Qwen3.5", "google/gemma-4", "meta-llama/Llama-3.2", "mistralai/Mixtral", "deepseek-ai/DeepSeek-V3",
            "zai-org/GLM-5", "moonshotai/Kimi-K2", "inclusionAI/Ling-2")
OWNER = "acme"


def entry(number, dice):
    """The lines of one entry. Every tenth has an MTP sidecar, every seventh a vision one."""
    family = FAMILIES[number % len(FAMILIES)]
    source = f"{family}-{number}B-Instruct"
    slug = source.split("/")[1].lower().replace(".", "-")
    lines = []
    if number % 25 == 0:
        lines.append(f"  # --- {family}, batch {number // 25} ---")
    lines += [f"  - key: {slug}-q4-k",
              f"    source_model: {source}",
              "    quant: q4k",
              f"    tier: {'moe' if number % 3 else 'smoke'}" + ("    # fits one machine" if number % 12 == 0 else "")]
    lines += ["    slices: [full]"] if number % 4 else ["    slices:", "      - full"]
    name = f"{slug}-q4-k.vindex"
    lines += [f"    output_name: " + (f'"{name}"' if number % 6 == 0 else name),
              f"    hf_repo: {OWNER}/{slug}-q4-k-vindex"]
    if number % 2:
        lines.append(f"    hf_collection: {OWNER}/vindexes-0123456789abcdef01234567")
    if number % 10 == 3:
        lines += [f"    mtp_source_repo: {source}", f"    mtp_sidecar_repo: {OWNER}/{slug}-mtp"]
    elif number % 10 == 5:
        lines.append(f"    assistant_model_repo: {OWNER}/{slug}-assistant")
    if number % 7 == 2:
        lines += [f"    vision_source_repo: {source}", f"    vision_sidecar_repo: {OWNER}/{slug}-vision"]
    if number % 20 == 11:
        lines += ["    artifacts:", "      loom:", f"        threads: {dice.randrange(1, 64)}",
                  f"        note: 'row {number} of the census'"]
    if number % 5 == 0:
        lines.append("")
    return lines


def catalog(entries):
    dice = random.Random(5)
    lines = ["# Made by big_catalog.py.", "models:"]
    for number in range(1, entries + 1):
        lines += entry(number, dice)
    return "\n".join(lines) + "\n"


def config(path):
    return f"catalogs:\n  - path: {path}\n    namespace: acme\n    hf_owner: {OWNER}\n" \
           f"    hf_collection: {OWNER}/vindexes-0123456789abcdef01234567\n"


if __name__ == "__main__":
    text = catalog(int(sys.argv[1]))
    if len(sys.argv) > 2:
        with open(sys.argv[2], "w", encoding="ascii") as file:
            file.write(text)
    else:
        sys.stdout.write(text)
