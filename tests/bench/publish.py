# SPDX-License-Identifier: Apache-2.0
"""What a publish moves and uses: bytes, requests and peak memory for a sample of about 2 GB.

Bytes and memory are exact enough to be held to; time is shown beside what a user would run instead, the
Python client's download of the shards that hold the MTP tensors, and never asserted.
"""
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import BIN, KEY, REPO, SOURCE, Room  # noqa: E402
from measure import measured  # noqa: E402

SCALE = int(os.environ.get("SKW_BENCH_SCALE", "2"))
PAIRS = int(os.environ.get("SKW_BENCH_PAIRS", "3"))
MEMORY_LIMIT = 96 * 2**20
OVERHEAD_LIMIT = 1.02


def main():
    with Room(seeds=(("--scale", SCALE),)) as room:
        files = room.hub.files(SOURCE)
        index = json.loads(room.hub.content("model.safetensors.index.json", repo=SOURCE))
        shards = sorted({f for n, f in index["weight_map"].items() if n.startswith("mtp.")})
        headers, tensors = 0, 0
        for shard in shards:
            length = int.from_bytes(partial(room, shard, 0, 8), "little")
            headers += 8 + length
            for name, entry in json.loads(partial(room, shard, 8, length)).items():
                if name.startswith("mtp."):
                    tensors += entry["data_offsets"][1] - entry["data_offsets"][0]
        small = files["model.safetensors.index.json"]["size"] + files["config.json"]["size"]
        whole = sum(files[shard]["size"] for shard in shards)
        repo_size = sum(file["size"] for file in files.values())

        publish = room.command("publish", "--model", KEY, "--artifact", "mtp", "--force", "--json", "--scratch",
                               room.folder / "scratch")
        client = os.environ.get("SKW_CLIENT_PYTHON")
        theirs_code = ("import sys; from huggingface_hub import snapshot_download as d; "
                       f"d('{SOURCE}', local_dir=sys.argv[1], allow_patterns={shards!r}, endpoint='{room.hub.endpoint}')")
        ratios, seconds, peak, report = [], [], 0, None
        for pair in range(PAIRS):
            room.hub.request("/api/repos/delete", method="DELETE", headers={"Content-Type": "application/json"},
                             body=json.dumps(dict(zip(("organization", "name"), REPO.split("/")), type="model")).encode())
            ours, memory, out = measured(publish, cwd=room.folder, env=room.environment())
            peak, report = max(peak, memory), json.loads(out)
            seconds.append(ours)
            if client:
                target = room.folder / f"theirs-{pair}"
                theirs, _, _ = measured([client, "-c", theirs_code, str(target)],
                                        env=room.environment(HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_PROGRESS_BARS="1"))
                subprocess.run(["rm", "-rf", target], check=True)
                ratios.append(ours / theirs)
        traffic = report["traffic"]
        allowed = OVERHEAD_LIMIT * tensors + small + headers
        over = (traffic["received_bytes"] - small - headers) / tensors
        lines = [
            f"sample            {repo_size:>14,} bytes in {len(files)} files, scale {SCALE}",
            f"MTP tensors       {tensors:>14,} bytes in shards of {whole:,} bytes",
            f"index and headers {small + headers:>14,} bytes",
            f"received          {traffic['received_bytes']:>14,} bytes = {over:.4f} x MTP bytes beside index and headers",
            f"sent              {traffic['sent_bytes']:>14,} bytes",
            f"requests          {traffic['requests']:>14,}",
            f"peak memory       {peak:>14,} bytes of {MEMORY_LIMIT:,} allowed",
            f"time              {statistics.median(seconds):>14.2f} s (median of {PAIRS}, warm)",
        ]
        if ratios:
            lines.append(f"time ratio        {statistics.median(ratios):>14.2f} ({min(ratios):.2f} .. {max(ratios):.2f}) "
                         "publish / Python client's download of the same shards")
        text = "\n".join(lines)
        print(text)
        (BIN.parent / "bench-publish.txt").write_text(text + "\n")  # test.sh shows it
        assert traffic["received_bytes"] <= allowed, (traffic["received_bytes"], allowed)
        assert peak <= MEMORY_LIMIT, peak


def partial(room, path, offset, length):
    status, _, body = room.hub.request(f"/{SOURCE}/resolve/main/{path}", headers={"Range": f"bytes={offset}-{offset + length - 1}"})
    assert status == 206 and len(body) == length, (status, len(body))
    return body


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
