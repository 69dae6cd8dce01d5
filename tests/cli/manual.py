# SPDX-License-Identifier: Apache-2.0
"""The manual page: groff has nothing to complain about, and what a reader sees holds every command and option."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

BIN = pathlib.Path(os.environ["SKW_BIN"])
PAGE = BIN.parent / "share/man/man1/skulk-weights.1"


def output(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


class Manual(unittest.TestCase):
    def test_the_page_of_the_build_is_what_the_program_writes(self):
        self.assertEqual(PAGE.read_text(), output(BIN / "skulk-weights", "manual"))

    def test_it_is_plain_and_names_no_machine(self):
        text = PAGE.read_text()
        self.assertTrue(text.isascii())
        self.assertNotIn(str(BIN.parent), text)

    def test_it_tells_where_questions_stand_and_how_to_avoid_them(self):
        text = " ".join(PAGE.read_text().replace("\\-", "-").split())
        for command in ("catalog add", "scratch clean"):
            self.assertIn("--yes", output(BIN / "skulk-weights", *command.split(), "--help"))
            self.assertRegex(text, rf"Two commands ask .*{command}")
        self.assertRegex(text, r"--yes\\fR avoids it")

    def test_groff_renders_all_of_it_without_a_warning(self):
        if shutil.which("groff") is None:
            self.assertNotEqual(os.environ.get("CI"), "true", "groff is not installed")
            print("skipped: groff is not installed", file=sys.stderr)
            self.skipTest("groff is not installed")
        done = subprocess.run(["groff", "-man", "-ww", "-Tascii", "-P-cbou", PAGE], capture_output=True, text=True,
                              timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        seen = " ".join(done.stdout.split())
        listed = re.search(r"commands:\n(.*?)\n\n", output(BIN / "skulk-weights", "--help"), re.DOTALL).group(1)
        paths = [path.strip() for path in re.findall(r"^  ((?:[a-z]+ ?)+)(?=  | [a-z]+\|| [A-Z\[]|$)", listed, re.MULTILINE)]
        self.assertEqual(len(paths), len(re.findall(r"^  \S", listed, re.MULTILINE)))
        self.assertIn("completion", paths)
        for path in paths:
            self.assertIn(path, seen)
            helped = output(BIN / "skulk-weights", *path.split(), "--help")
            for option in re.findall(r"^  (?:-\w, )?(--[a-z-]+)", helped, re.MULTILINE):
                self.assertIn(option, seen, path)
        for section in ("EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"):
            self.assertIn(section, seen)
        for fact in ("HF_TOKEN", "SKULK_WEIGHTS_SCRATCH", "./skulk-weights.yaml", "$XDG_CONFIG_HOME"):
            self.assertIn(fact, seen)


if __name__ == "__main__":
    unittest.main()
