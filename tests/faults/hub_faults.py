# SPDX-License-Identifier: Apache-2.0
"""Every fault the local Hub knows, at every route of a publish: the target is old or complete, never between."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import TOKEN, Room, complete  # noqa: E402

SMALL_PARTS = ("--multipart-threshold", 20_000, "--part-size", 15_000)


class Faults(unittest.TestCase):
    def outcome(self, *faults, force=()):
        options = [word for fault in faults for word in ("--fault", fault)]
        with Room(*SMALL_PARTS, *options) as room:
            done = room.publish(*force)
            state = complete(room.hub)
            self.assertNotIn(TOKEN, done.stdout + done.stderr)
            self.assertEqual(room.scratch_files(), [], faults)
            commits = len(room.hub.commits()) if state == "new" else 0
            return done.returncode, state, commits, done.stderr

    def survives(self, *faults):
        code, state, commits, err = self.outcome(*faults)
        self.assertEqual((code, state, commits), (0, "new", 2), (faults, err))

    def ends(self, fault, codes=(1, 75)):
        code, state, _, err = self.outcome(fault)
        self.assertIn(code, codes, (fault, err))
        self.assertEqual(state, "old", (fault, err))
        self.assertTrue(err.strip(), fault)

    def test_passing_trouble_is_survived(self):
        for fault in ("GET:/api/models/Qwen:status-503x2", "GET:/resolve/:status-429x2", "GET:/tree/:status-502",
                      "POST:/preupload/:status-500", "POST:/objects/batch:status-503", "POST:/objects/verify:status-500",
                      "PUT::status-503x2", "PUT::cut", "POST:/commit/:conflict-409", "POST:/commit/:status-503",
                      "POST:/repos/create:status-503", "POST:/api/collections:status-503"):
            with self.subTest(fault):
                self.survives(fault)

    def test_content_cut_at_any_place_goes_on_at_the_missing_byte(self):
        for fault in ("GET:/:cut=1@8", "GET:/:cut=1000@8x3", "GET:/:short-body@9", "GET:/:expired-url@9", "GET:/:ignore-range@9"):
            with self.subTest(fault):
                self.survives(fault)

    def test_a_lost_commit_reply_does_not_make_a_second_commit(self):
        for fault in ("POST:/commit/:apply-then-drop", "POST:/commit/:apply-then-504", "POST:/complete_multipart:apply-then-drop",
                      "POST:/repos/create:apply-then-drop", "POST:/items:apply-then-drop", "POST:/api/collections:apply-then-504"):
            with self.subTest(fault):
                self.survives(fault)

    def test_wrong_or_hostile_replies_end_in_an_error_and_change_nothing(self):
        for fault in ("GET:/Qwen3.5-4B/tree/:deep-json=5000x99", "GET:/api/models/Qwen:big-jsonx99", "GET:/api/models/Qwen:many-headersx99",
                      "GET:/:wrong-range@8x999", "GET:/api/models/Qwen:status-403x99", "POST:/preupload/:status-403x99",
                      "POST:/commit/:moved-412x99", "POST:/objects/batch:status-401x99"):
            with self.subTest(fault):
                self.ends(fault)

    def test_bytes_that_arrive_wrong_at_the_hub_are_never_committed(self):
        code, state, _, err = self.outcome("PUT::wrong-etagx99")
        self.assertNotEqual(code, 0, err)
        self.assertEqual(state, "old", err)


if __name__ == "__main__":
    unittest.main(verbosity=1)
