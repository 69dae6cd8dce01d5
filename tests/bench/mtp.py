# SPDX-License-Identifier: Apache-2.0
"""What a publish of an MTP head moves and uses when the checkpoint has its released dimensions.

The local Hub computes the bytes of such a checkpoint when they are asked for, so no disk holds it. Received bytes
and peak memory are held to. Time is shown, never asserted, beside the lower bound of the same run: the slower of
a plain reader that only takes in the same bytes from the same Hub, and SHA-256 over as many bytes as the output has.
The output is a file in the scratch folder, so what a plain write of that size takes there is shown too.

SKW_BENCH_FULL=1 takes all 256 experts of DeepSeek-V3 in place of 16 (15.4 GB of MTP tensors, 27 GB of output,
as much scratch).
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import resource
import shutil
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import BIN, TOKEN, Room, artifacts_of, seed  # noqa: E402
from measure import measured  # noqa: E402
from mtp_samples import entry_of, target_of  # noqa: E402

FULL = os.environ.get("SKW_BENCH_FULL") == "1"
MEMORY_LIMIT = 128 * 2**20
OVERHEAD_LIMIT = 1.01
GAP = 64 << 10  # neighbours nearer than this are read together
PIECE = 64 << 20  # of one request of the plain reader
READERS = 4


class Case:
    """A sample of skulk-hub with its real dimensions. prefix: of the head's names."""

    def __init__(self, title, sample, options, prefix, beside_client):
        self.title, self.sample, self.options, self.prefix = title, sample, options, prefix
        self.source, self.beside_client = f"lab/{sample}", beside_client


CASES = (
    Case("DeepSeek-V3" + ("" if FULL else ", 16 of 256 experts"), "deepseek-v3",
         ("--synthetic", "--scale", 1) + (() if FULL else ("--experts", 16)), "model.layers.61.", False),
    Case("Qwen3.5-4B", "qwen-mtp", ("--synthetic", "--scale", 1), "mtp.", True),
)


def partial(room, case, path, offset, length):
    status, _, body = room.hub.request(f"/{case.source}/resolve/main/{path}",
                                       headers={"Range": f"bytes={offset}-{offset + length - 1}"})
    assert status == 206 and len(body) == length, (status, len(body))
    return body


class Head:
    """The head's tensors as the headers of the shards place them: ranges {shard: [(begin, end)]}."""

    def __init__(self, room, case):
        files = room.hub.files(case.source)
        index = json.loads(room.hub.content("model.safetensors.index.json", repo=case.source))["weight_map"]
        self.shards = sorted({file for name, file in index.items() if name.startswith(case.prefix)})
        self.shard_bytes = sum(files[shard]["size"] for shard in self.shards)
        self.repo_bytes = sum(file["size"] for file in files.values())
        self.all_shards = len([path for path in files if path.endswith(".safetensors")])
        self.beside = files["model.safetensors.index.json"]["size"] + files["config.json"]["size"]
        self.tensors, self.bytes, self.ranges = 0, 0, {}
        for shard in self.shards:
            length = int.from_bytes(partial(room, case, shard, 0, 8), "little")
            self.beside += 8 + length
            entries = json.loads(partial(room, case, shard, 8, length))
            mine = sorted(entry["data_offsets"] for name, entry in entries.items() if name.startswith(case.prefix))
            self.tensors += len(mine)
            self.bytes += sum(end - begin for begin, end in mine)
            merged = []
            for begin, end in mine:
                if merged and begin - merged[-1][1] < GAP:
                    merged[-1][1] = end
                else:
                    merged.append([begin, end])
            self.ranges[shard] = [(8 + length + begin, 8 + length + end) for begin, end in merged]


def take_in(url, begin, end):
    """Reads a range into one buffer, again and again, and looks at nothing."""
    request = urllib.request.Request(url, headers={"Range": f"bytes={begin}-{end - 1}"})
    request.add_unredirected_header("Authorization", "Bearer " + TOKEN)
    buffer, total = memoryview(bytearray(1 << 20)), 0
    with urllib.request.urlopen(request, timeout=600) as reply:
        while count := reply.readinto(buffer):
            total += count
    assert total == end - begin, (url, total)
    return total


def plain_reader(room, case, head):
    """Seconds that a reader of the same ranges takes, with one connection and with several: the better one."""
    pieces = [(f"{room.hub.endpoint}/{case.source}/resolve/main/{shard}", at, min(end, at + PIECE))
              for shard, ranges in head.ranges.items() for begin, end in ranges for at in range(begin, end, PIECE)]
    seconds = []
    for readers in (1, READERS):
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(readers) as pool:
            total = sum(pool.map(lambda piece: take_in(*piece), pieces))
        assert total >= head.bytes
        seconds.append(time.monotonic() - begin)
    return min(seconds)


def hashing(size):
    """Seconds of SHA-256 over so many bytes."""
    block = os.urandom(16 << 20)
    digest, begin = hashlib.sha256(), time.monotonic()
    for at in range(0, size, len(block)):
        digest.update(block[:size - at])
    digest.hexdigest()
    return time.monotonic() - begin


def writing(folder, size):
    """Seconds of writing a file of so many bytes, left to the system's cache as far as that takes it."""
    block, file = os.urandom(4 << 20), folder / "plain.bin"
    folder.mkdir(exist_ok=True)
    begin = time.monotonic()
    with open(file, "wb", buffering=0) as stream:
        for at in range(0, size, len(block)):
            stream.write(block[:size - at])
    seconds = time.monotonic() - begin
    file.unlink()
    return seconds


def download(room, case, head, client):
    """(seconds, peak bytes) of the Python client, which can take whole shards only."""
    folder = room.folder / "theirs"
    code = ("import sys; from huggingface_hub import snapshot_download as d; "
            f"d('{case.source}', local_dir=sys.argv[1], allow_patterns={head.shards!r}, endpoint='{room.hub.endpoint}')")
    seconds, peak, _ = measured([client, "-c", code, str(folder)],
                                env=room.environment(HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_PROGRESS_BARS="1"))
    shutil.rmtree(folder)
    return seconds, peak


def bench(case):
    room = Room("--forget-above", 64 << 20, seeds=(), entry="models:\n" + entry_of(case.sample, case.source))
    seed(room.folder / "hub", *case.options, "--repo", case.source, sample=case.sample)
    client = os.environ.get("SKW_CLIENT_PYTHON") if case.beside_client else None
    with room:
        head = Head(room, case)
        lines = []
        seconds, peak, out = measured(room.command("publish", "--model", f"rehearsal/{case.sample}", "--artifact", "mtp",
                                                   "--json", "--scratch", room.folder / "scratch"),
                                      lines, cwd=room.folder, env=room.environment())
        document = json.loads(out)
        report, traffic = artifacts_of(document)[0], document["traffic"]
        assert report["outcome"] == "published", report
        [output] = [file for file in report["files"] if file["path"] == "mtp.safetensors"]
        made = next(at for at, line in lines if line.startswith("mtp: saved "))
        stored = room.hub.files(target_of(case.sample))["mtp.safetensors"]
        assert (stored["size"], stored["lfs"]["oid"]) == (output["size"], output["sha256"])
        reading, hashed = plain_reader(room, case, head), hashing(output["size"])
        written = writing(room.folder / "scratch", output["size"])
        theirs = download(room, case, head, client) if client else None
    bound = max(reading, hashed)
    received = traffic["received_bytes"]
    text = [
        f"{case.title}: {head.tensors:,} stored tensors of the head in {len(head.shards)} of {head.all_shards} shards",
        f"checkpoint        {head.repo_bytes:>16,} bytes, computed on the fly",
        f"shards with MTP   {head.shard_bytes:>16,} bytes",
        f"MTP tensors       {head.bytes:>16,} bytes",
        f"index and headers {head.beside:>16,} bytes",
        f"received          {received:>16,} bytes = {(received - head.beside) / head.bytes:.4f} x MTP bytes beside "
        "index and headers",
        f"sent              {traffic['sent_bytes']:>16,} bytes for an output of {output['size']:,}",
        f"requests          {traffic['requests']:>16,}",
        f"peak memory       {peak:>16,} bytes of {MEMORY_LIMIT:,} allowed",
        f"time              {seconds:>16.2f} s: {made:.2f} s until the file is made, {seconds - made:.2f} s to upload it "
        "and to commit",
        f"lower bound       {bound:>16.2f} s: the slower of {reading:.2f} s for a plain reader of the same bytes and "
        f"{hashed:.2f} s for SHA-256 of the output",
        f"beside that       {written:>16.2f} s to write a file of the output's size to the same disk",
        f"ratio             {made / bound:>16.2f} for making, {seconds / bound:.2f} for all",
    ]
    if theirs:
        text.append(f"python client     {theirs[0]:>16.2f} s and {theirs[1]:,} bytes of memory to download the same shards: "
                    f"publish takes {seconds / theirs[0]:.3f} of that")
    print("\n".join(text) + "\n", flush=True)
    return text, (received, head, peak)


def main():
    whole, facts = [], []
    for case in CASES:
        text, fact = bench(case)
        whole += [*text, ""]
        facts.append(fact)
        (BIN.parent / "bench-mtp.txt").write_text("\n".join(whole))  # test.sh shows it
    for received, head, peak in facts:
        allowed = OVERHEAD_LIMIT * head.bytes + head.beside
        assert received <= allowed, (received, allowed)
        assert peak <= MEMORY_LIMIT, peak


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if FULL and shutil.disk_usage("/tmp").free < 60 * 10**9:
        sys.exit("the full bench needs 60 GB of disk")
    main()
