# SPDX-License-Identifier: Apache-2.0
"""What a mirror of a vision encoder moves and uses, in the three ways there are, for a sample of 1 GB.

Bytes, memory and scratch are exact enough to be held to; time is shown beside what a user would run instead,
the Python client's snapshot_download and upload_folder on the same local Hub, and never asserted.
"""
import json
import os
import pathlib
import resource
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
from harness import BIN, Hub, artifacts_of  # noqa: E402
from measure import measured, most_folder_bytes  # noqa: E402
from vision import KEY, SOURCE, TARGET, VisionRoom, removed, small_bytes, weight_bytes  # noqa: E402

WEIGHTS = int(os.environ.get("SKW_BENCH_WEIGHTS", "1000000000"))
MEMORY_LIMIT = 96 * 2**20


def delete_target(room):
    room.hub.request("/api/repos/delete", method="DELETE", headers={"Content-Type": "application/json"},
                     body=json.dumps(dict(zip(("organization", "name"), TARGET.split("/")), type="model")).encode())


class Row:
    def __init__(self, name, report, traffic, seconds, peak, scratch):
        weights = [file for file in report["files"] if file["path"].endswith(".safetensors")]
        self.name, self.seconds, self.peak, self.scratch = name, seconds, peak, scratch
        self.ways = sorted({file["way"] for file in weights})
        self.received, self.sent = traffic["received_bytes"], traffic["sent_bytes"]


def mirror(room, name, *options):
    command = room.command("publish", "--model", KEY, "--artifact", "vision", "--json", "--scratch",
                           room.folder / "scratch", *options)
    with most_folder_bytes(room.folder / "scratch") as scratch:
        seconds, peak, out = measured(command, cwd=room.folder, env=room.environment())
    document = json.loads(out)
    return Row(name, artifacts_of(document)[0], document["traffic"], seconds, peak, scratch.most)


def theirs(room, client):
    """(seconds, peak bytes) of download and upload by the Python client."""
    folder = room.folder / "theirs"
    code = ("import sys; from huggingface_hub import HfApi, snapshot_download as d; "
            f"e='{room.hub.endpoint}'; d('{SOURCE}', local_dir=sys.argv[1], endpoint=e); a=HfApi(endpoint=e); "
            "a.create_repo('acme/theirs-vision', exist_ok=True); "
            "a.upload_folder(repo_id='acme/theirs-vision', folder_path=sys.argv[1], ignore_patterns=['.cache/*'])")
    seconds, peak, _ = measured([client, "-c", code, str(folder)],
                                env=room.environment(HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_PROGRESS_BARS="1"))
    shutil.rmtree(folder)
    return seconds, peak


def main():
    rows = []
    client = os.environ.get("SKW_CLIENT_PYTHON")
    with VisionRoom(weights=WEIGHTS) as room:
        weights, small = weight_bytes(room), small_bytes(room)
        rows.append(mirror(room, "copied"))
        room.hub.stop()
        room.hub = Hub(room.folder / "hub", "--no-storage-hash").start()
        delete_target(room)
        rows.append(mirror(room, "streamed"))
        room.commit(TARGET, *[removed(path) for path in room.expected() if path.endswith(".safetensors")])
        rows.append(mirror(room, "known"))
        other = theirs(room, client) if client else None
    lines = [f"sample            {weights:>14,} bytes of weights, {small:,} bytes of other files",
             f"{'way':<10}{'received':>16}{'sent':>16}{'x down':>8}{'x up':>8}{'peak memory':>14}{'scratch':>14}{'time':>9}"]
    for row in rows:
        lines.append(f"{row.name:<10}{row.received:>16,}{row.sent:>16,}{row.received / weights:>8.3f}"
                     f"{row.sent / weights:>8.3f}{row.peak:>14,}{row.scratch:>14,}{row.seconds:>8.2f}s")
    if other:
        lines.append(f"{'python':<10}{'downloads and uploads all':>48}{other[1]:>14,}{weights:>14,}{other[0]:>8.2f}s")
        lines.append("time ratios to the Python client: " +
                     ", ".join(f"{row.name} {row.seconds / other[0]:.3f}" for row in rows))
    text = "\n".join(lines)
    print(text)
    (BIN.parent / "bench-mirror.txt").write_text(text + "\n")  # test.sh shows it
    slack = 3 * small + 500_000
    for row in rows:
        assert row.ways == [row.name], (row.name, row.ways)
        moved = weights if row.name == "streamed" else 0
        assert moved <= row.received <= moved + slack, (row.name, row.received)
        assert moved <= row.sent <= moved + slack, (row.name, row.sent)
        assert row.peak <= MEMORY_LIMIT, (row.name, row.peak)
        assert row.scratch == 0, (row.name, row.scratch)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    begin = time.monotonic()
    main()
    print(f"whole bench       {time.monotonic() - begin:.0f} s")
