# SPDX-License-Identifier: Apache-2.0
"""A mirror under SIGKILL and under a Hub that fails: the target is its old self or a complete mirror, never between."""
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parents[1] / name) for name in ("harness", "e2e")]
from vision import KEY, SOURCE, TARGET, VisionRoom, added, removed  # noqa: E402

MOMENTS = int(os.environ.get("SKW_MIRROR_KILL_MOMENTS", "24"))
STREAMED = ("--no-storage-hash", "--multipart-threshold", 400_000, "--part-size", 200_000)


def delete_target(room):
    room.hub.request("/api/repos/delete", method="DELETE", headers={"Content-Type": "application/json"},
                     body=b'{"name":"kimi-vision","organization":"acme","type":"model"}')


def state_of(room, case, old=None):
    """"old": not there, empty, or exactly the files of before; "new": exactly the source's."""
    there = room.hub.files(TARGET)
    if there is None or set(there) <= {".gitattributes"} or \
            (old is not None and {p: i["oid"] for p, i in there.items()} == old):
        return "old"
    room.check_target(case)
    return "new"


class Mirror(unittest.TestCase):
    def start(self, room):
        return subprocess.Popen(room.command("publish", "--model", KEY, "--artifact", "vision", "--scratch",
                                             room.folder / "scratch"),
                                cwd=room.folder, env=room.environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def test_killed_at_any_moment_the_target_is_old_or_complete(self):
        with VisionRoom(*STREAMED, weights=20_000_000) as room:
            begin = time.monotonic()
            self.assertEqual(room.mirror().returncode, 0)
            whole, states = time.monotonic() - begin, {"old": 0, "new": 0}
            for moment in range(MOMENTS):
                delete_target(room)
                process = self.start(room)
                time.sleep(whole * 1.1 * (moment + 0.5) / MOMENTS)
                process.send_signal(signal.SIGKILL)
                process.wait()
                states[state_of(room, self)] += 1
                again = room.mirror()
                self.assertEqual(again.returncode, 0, again.stderr)
                room.check_target(self)
                self.assertEqual(len(room.hub.commits(TARGET)), 2)
                self.assertEqual(room.scratch_files(), [])
            print(f"killed {MOMENTS} times within {whole:.2f} s: target unchanged {states['old']}, complete {states['new']}")
            self.assertGreaterEqual(states["old"], MOMENTS // 5)

    def test_whatever_fails_on_the_way_an_existing_mirror_stays_whole(self):
        for fault in ("POST:/commit/:status-500x0", "POST:/commit/:status-403x0", "POST:/preupload/:status-503x0",
                      "PUT:/parts/:status-400x0", "POST:/complete_multipart:status-400x0", "GET:/objects/:cut=100x0",
                      "POST:/objects/batch:status-422x0", "POST:/validate-yaml:status-400x1"):
            with self.subTest(fault), VisionRoom(*STREAMED) as room:
                self.assertEqual(room.mirror().returncode, 0)
                # another shard's bytes and one file less at the source
                shard = sorted(p for p in room.hub.files(SOURCE) if p.endswith(".safetensors"))[-1]
                gone = next(p for p in room.expected() if p.endswith(".txt"))
                room.commit(SOURCE, removed(gone), added("config.json", "e30="))
                room.commit(TARGET, removed(shard))
                old = {p: i["oid"] for p, i in room.hub.files(TARGET).items()}
                room.hub.stop()
                room.hub.options = [*map(str, STREAMED), "--fault", fault]
                room.hub.start()
                done = room.mirror()
                room.hub.stop()
                room.hub.options = [*map(str, STREAMED)]
                room.hub.start()
                state = state_of(room, self, old)
                if done.returncode == 0:  # the object of the removed shard is still known, so nothing had to move
                    self.assertEqual(state, "new")
                else:
                    self.assertEqual(state, "old", fault)
                    self.assertIn("next: ", done.stderr)
                again = room.mirror()
                self.assertEqual(again.returncode, 0, again.stderr)
                room.check_target(self)

    def test_a_lost_reply_to_the_commit_makes_no_second_one(self):
        for fault in ("POST:/commit/:apply-then-dropx1", "POST:/commit/:apply-then-504x1", "POST:/commit/:conflict-409x1",
                      "POST:/lfs-files/:apply-then-dropx1", "POST:/lfs-files/:status-503x2"):
            with self.subTest(fault), VisionRoom("--fault", fault) as room:
                done = room.mirror()
                self.assertEqual(done.returncode, 0, done.stderr)
                room.check_target(self)
                self.assertEqual(len(room.hub.commits(TARGET)), 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
