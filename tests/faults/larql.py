# SPDX-License-Identifier: Apache-2.0
"""A larql that dies, hangs, floods, lies or leaves children behind: a clear error in time, no repo, no orphan."""
import pathlib
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "larql"))
from room import SLICE_ENTRY, TARGET, VindexRoom, path_without_larql  # noqa: E402
from harness import shell_code, wait_until  # noqa: E402

IDLE = {"SKULK_WEIGHTS_TOOL_IDLE_SECONDS": "2"}


class Larql(unittest.TestCase):
    def no_orphans(self, room):
        wait_until(lambda: not room.processes(), seconds=10, what="the end of every process: " + str(room.processes()))

    def ends(self, room, *words, within=60, code=1, options=(), **environment):
        """A run that fails with these words, in time, without a trace on the Hub or a process left."""
        begin = time.monotonic()
        done = room.publish(*options, **environment)
        self.assertLess(time.monotonic() - begin, within)
        self.assertEqual(done.returncode, code, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertIsNone(room.hub.head(TARGET))
        self.assertEqual(room.filed(), [])
        self.no_orphans(room)
        return done

    def test_a_killed_extraction_is_told_with_its_signal_and_can_be_repeated(self):
        with VindexRoom() as room:
            for mode in ("killed-at-start", "killed-in-weights"):
                room.play(mode=mode)
                self.ends(room, "larql", "signal 9", options=["--force"])
            self.assertTrue((room.output / ".extract_checkpoint.json").exists())
            room.play()
            self.assertEqual(room.publish().returncode, 1)  # what lies there is not ours to remove
            done = room.publish("--force")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(room.scratch_files(), [])

    def test_a_hanging_larql_is_ended_by_the_idle_limit_even_when_it_ignores_requests(self):
        with VindexRoom() as room:
            for mode, within in (("hang", 30), ("hang-after-lines", 30), ("hang-ignoring-term", 40)):
                room.play(mode=mode)
                self.ends(room, "larql", "neither printed nor computed", "next: ", options=["--force"], within=within, **IDLE)
            room.play(mode="version-hangs")
            self.ends(room, "larql", "neither printed nor computed", "next: ", options=["--force"], within=30, **IDLE)

    def test_a_silent_larql_that_computes_is_left_alone(self):
        with VindexRoom(mode="busy", seconds=5) as room:
            done = room.publish(**IDLE)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_larql_that_writes_nothing_and_says_success_is_not_believed(self):
        with VindexRoom(mode="nothing") as room:
            self.ends(room, "larql")
            room.play()
            done = room.publish("--force")
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_hundred_megabytes_of_output_change_nothing(self):
        for mode in ("flood", "flood-one-line"):
            with VindexRoom(mode=mode) as room:
                begin = time.monotonic()
                done = room.publish()
                self.assertEqual(done.returncode, 0, done.stderr[-2000:])
                self.assertLess(time.monotonic() - begin, 120)
                self.assertLess(len(done.stdout) + len(done.stderr), 10_000_000)

    def test_a_child_that_stays_behind_is_ended_with_its_parent(self):
        with VindexRoom(mode="background-child", seconds=300) as room:
            begin = time.monotonic()
            done = room.publish()
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertLess(time.monotonic() - begin, 60)
            self.no_orphans(room)

    def test_a_missing_larql_is_named(self):
        with VindexRoom() as room:
            done = self.ends(room, PATH=path_without_larql())
            self.assertEqual(done.stderr.splitlines()[0], "larql is required for vindex publishing")

    def test_a_larql_that_cannot_be_started_is_named(self):
        with VindexRoom() as room:
            (room.bin / "larql").write_text("#!/no/such/interpreter\n")
            self.ends(room, "larql")

    def test_a_failing_larql_is_quoted(self):
        with VindexRoom(mode="fails") as room:
            self.ends(room, "exit code 1", "the double was told to fail")

    def test_ctrl_c_and_sigterm_end_the_extraction_and_everything_it_started(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            for mode in ("hang-after-lines", "hang-ignoring-term", "background-child"):
                with self.subTest(mode, signal=number), VindexRoom(mode=mode, seconds=300) as room:
                    process = room.start_publish()
                    wait_until(lambda: room.starts("extract") or process.poll() is not None, what="the extraction")
                    time.sleep(0.3)
                    begin = time.monotonic()
                    process.send_signal(number)
                    _, err = process.communicate(timeout=40)
                    self.assertLess(time.monotonic() - begin, 20)
                    self.assertIn(shell_code(process.returncode), {code, 130}, err)
                    if room.output.exists():  # else nothing is in the next run's way
                        self.assertIn("run again with --force", err)
                    self.assertIsNone(room.hub.head(TARGET))
                    self.no_orphans(room)


class Publish(unittest.TestCase):
    def test_a_publish_that_breaks_off_leaves_a_private_repo_and_the_next_run_completes_it(self):
        for mode, more in (("publish-fails-at", {"number": 7}), ("publish-killed-at", {"number": 7}),
                           ("publish-hangs", {})):
            with self.subTest(mode), VindexRoom(mode=mode, **more) as room:
                done = room.publish(**IDLE)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertIn("Run the same command again to go on with the upload", done.stderr)
                self.assertTrue(room.is_private())
                self.assertEqual((room.filed(), room.processes()), ([], []))
                self.assertTrue(room.output.is_dir(), "what was extracted must stay")
                room.play()
                extractions = len(room.starts("extract"))
                again = room.publish()
                self.assertEqual(again.returncode, 0, again.stderr)
                self.assertEqual(len(room.starts("extract")), extractions, "what was checked is gone on with")
                self.assertFalse(room.is_private())
                self.assertEqual((room.filed(), room.scratch_files()), ([TARGET], []))

    def test_ctrl_c_during_the_upload_leaves_a_private_repo(self):
        with VindexRoom(mode="publish-hangs", seconds=300) as room:
            process = room.start_publish()
            wait_until(lambda: room.starts("publish") or process.poll() is not None, seconds=60, what="the upload")
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=40)
            self.assertEqual(shell_code(process.returncode), 130, err)
            self.assertTrue(room.is_private())
            self.assertEqual((room.filed(), room.processes()), ([], []))

    def test_a_slice_that_fails_leaves_both_folders(self):
        with VindexRoom(mode="slice-fails", kind="gemma4", entry=SLICE_ENTRY) as room:
            done = room.publish()
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("slice", done.stderr)
            self.assertTrue(room.output.is_dir())
            self.assertIsNone(room.hub.head(TARGET))

    def test_a_hub_that_fails_during_the_upload_is_told(self):
        with VindexRoom("--fault", "POST:/objects/batch:status-403@3x99") as room:
            done = room.publish()
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertTrue(room.is_private())
            self.assertEqual(room.processes(), [])


if __name__ == "__main__":
    unittest.main(verbosity=1)
