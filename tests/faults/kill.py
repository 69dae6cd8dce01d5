# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at spread moments of a publish: the target is unchanged or complete, and the next run completes it."""
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import REPO, Room, complete  # noqa: E402

MOMENTS = int(os.environ.get("SKW_KILL_MOMENTS", "50"))


def delete_target(room):
    room.hub.request("/api/repos/delete", method="DELETE", headers={"Content-Type": "application/json"},
                     body=b'{"name":"qwen3-5-4b-mtp","organization":"acme","type":"model"}')


def main():
    with Room("--multipart-threshold", 200_000, "--part-size", 100_000, seeds=(("--scale", 16),)) as room:
        begin = time.monotonic()
        done = room.publish()
        whole = time.monotonic() - begin
        assert done.returncode == 0 and complete(room.hub) == "new", done.stderr
        states = {"old": 0, "new": 0}
        for moment in range(MOMENTS):
            delete_target(room)
            process = room.start_publish()
            # Spread over a whole run and a little beyond it.
            time.sleep(whole * 1.1 * (moment + 0.5) / MOMENTS)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            state = complete(room.hub)
            states[state] += 1
            again = room.publish()
            assert again.returncode == 0, (moment, again.stderr)
            assert complete(room.hub) == "new", moment
            # Never a second commit on top of a complete one: a killed run that had committed is recognised.
            commits = [commit["title"] for commit in room.hub.commits(REPO)]
            assert len(commits) == 2, (moment, commits)
            assert room.scratch_files() == [], (moment, room.scratch_files())
        print(f"killed {MOMENTS} times within {whole:.2f} s: target unchanged {states['old']}, complete {states['new']}")
        assert states["old"] >= MOMENTS // 5, "the moments do not lie inside of the run"


if __name__ == "__main__":
    main()
