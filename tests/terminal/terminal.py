# SPDX-License-Identifier: Apache-2.0
"""What an operator sees: on terminals of any size, without one, after Ctrl-C, and with nobody to read it."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "larql"))
import record  # noqa: E402
from room import KEY as VINDEX_KEY, VindexRoom  # noqa: E402
from rooms import KEY, PUBLISH, TARGET, SlowRoom, block_of, files_of  # noqa: E402
from screen import Screen, Terminal  # noqa: E402

ESCAPE = "\x1b"


class Progress(unittest.TestCase):
    def publish(self, columns, rows, room=None, **environment):
        """A whole publish on such a terminal, with all that has to hold for each."""
        with room or SlowRoom(3) as open_room, open_room.terminal(columns=columns, rows=rows, **environment) as terminal:
            code = terminal.end()
            seconds = time.monotonic() - terminal.begin
        everything = terminal.screen.everything()
        self.assertEqual(code, 0, everything)
        self.assertIn("vision: published hf://", "".join(everything.splitlines()))
        self.assertEqual(block_of(everything), [], "the block is gone at the end")
        for line in terminal.screen.wrapped:
            self.assertEqual(block_of(line), [], "no line of the block is too wide")
        self.assertEqual(terminal.screen.column, 0, "the cursor is at the left")
        drawings = terminal.raw.count(b"\x1b[J")
        self.assertLess(drawings, 10 * seconds + 10, "drawn ten times a second at most, and around notes")
        return terminal

    def most_files(self, terminal):
        return max((files_of(text) for _, text in terminal.frames), key=len)

    def test_two_files_that_move_at_the_same_time_have_a_line_each(self):
        line = r" of \d\.\d MB +\d+%  +\d.*B/s  \d+ s left\n"
        whole = re.compile(r"^vision: uploading \d.*" + line + r"  model-0000[12]-of-00002.*" + line +
                           r"  model-0000[12]-of-00002.*" + line, re.M)
        terminal = self.publish(80, 24, SlowRoom(5))
        self.assertTrue(any(whole.search(text + "\n") for _, text in terminal.frames))

    def test_narrow_terminals_lose_figures_and_no_line_wraps(self):
        self.assertTrue(any("%" in line for line in self.most_files(self.publish(40, 12))))
        self.assertTrue(any("%" in line for line in self.most_files(self.publish(20, 12))))

    def test_a_terminal_that_nothing_fits_on_shows_no_block(self):
        terminal = self.publish(1, 24)
        self.assertNotIn("%", terminal.screen.everything())

    def test_a_terminal_that_does_not_know_its_size_is_taken_for_an_ordinary_one(self):
        self.assertEqual(len(self.most_files(self.publish(0, 0))), 2)

    def test_a_wide_terminal_has_the_same_lines(self):
        self.assertEqual(len(self.most_files(self.publish(300, 60))), 2)

    def test_a_low_terminal_shows_as_many_files_as_have_room(self):
        terminal = self.publish(80, 6, SlowRoom(3, 3))
        self.assertTrue(any(re.search(r"^  and \d more$", text, re.M) for _, text in terminal.frames))
        self.assertEqual(self.most_files(self.publish(80, 3)), [], "the total alone")

    def test_a_window_that_changes_while_it_runs_is_drawn_in_its_new_size(self):
        with SlowRoom(6) as room, room.terminal() as terminal:
            terminal.until(lambda text: len(files_of(text)) == 2)
            terminal.resize(30, 10)
            seen = len(terminal.frames)
            terminal.until(lambda text: len(terminal.frames) > seen + 5)
            terminal.resize(100, 30)
            self.assertEqual(terminal.end(), 0)
            for line in terminal.screen.wrapped:
                self.assertEqual(block_of(line), [])
            self.assertEqual(block_of(terminal.screen.everything()), [])

    def test_notes_stand_above_the_block(self):
        with SlowRoom(3) as room, room.terminal() as terminal:
            text = terminal.until(lambda text: len(files_of(text)) == 2)
            above = text[:text.index("\n  model")]
            self.assertIn("the Hub does not copy 3 files", " ".join(above.split()))
            self.assertEqual(terminal.end(), 0)

    def test_nothing_but_ascii_is_drawn(self):
        for line in {line for _, text in self.publish(80, 24).frames for line in block_of(text)}:
            self.assertTrue(line.isascii(), line)


class Fetch(unittest.TestCase):
    def publish(self, terminal_test):
        with VindexRoom("--fault", "GET:/objects/:slow=30x0") as room:
            words = room.command("publish", "--model", VINDEX_KEY, "--artifact", "vindex", "--scratch", "scratch")
            environment = room.environment(TERM="xterm-256color", NO_COLOR=None)
            with Terminal(words, 80, 24, environment, room.folder) as terminal:
                terminal_test(terminal)

    def test_fetched_files_stand_below_each_other_and_layers_are_counted(self):
        def check(terminal):
            self.assertEqual(terminal.end(), 0, terminal.screen.everything())
            texts = [text for _, text in terminal.frames]
            self.assertTrue(any(re.search(r"^vindex: reading .*%.*\n  model-.*%.*\n  model-.*%", text, re.M)
                                for text in texts), texts[-1])
            self.assertNotRegex(terminal.screen.everything(), r"reading|vindex: step")
        self.publish(check)

    def test_ctrl_c_says_what_need_not_be_fetched_again(self):
        def check(terminal):
            terminal.until(lambda text: "vindex: reading" in text)
            terminal.press(b"\x03")
            self.assertEqual(terminal.end(), 130)
            self.assertIn("\nvindex: interrupted: the next run fetches only what is not in scratch yet",
                          terminal.screen.text())
            self.assertNotIn("reading", terminal.screen.text())
        self.publish(check)


class Interrupt(unittest.TestCase):
    def test_ctrl_c_leaves_a_clean_screen_and_the_exit_code(self):
        with SlowRoom(8) as room, room.terminal() as terminal:
            terminal.until(lambda text: len(files_of(text)) == 2)
            terminal.press(b"\x03")
            self.assertEqual(terminal.end(), 130)
            lines = terminal.screen.text().splitlines()
            self.assertEqual(block_of("\n".join(lines)), [])
            told = [line for line in lines if "interrupted" in line]
            self.assertEqual(told, ["vision: interrupted: the next run sends only what did not reach the Hub "
                                    "whole"], "begins at the left, told once")
            self.assertEqual((terminal.screen.column, terminal.screen.text().count("^C")), (0, 0))
            self.assertEqual(set(room.hub.files(TARGET) or {}) - {".gitattributes"}, set(), "nothing was committed")

    def test_sigterm_ends_it_in_the_same_way_with_143(self):
        with SlowRoom(8) as room, room.terminal() as terminal:
            terminal.until(lambda text: len(files_of(text)) == 2)
            os.kill(terminal.pid, signal.SIGTERM)
            self.assertEqual(terminal.end(), 143)
            self.assertEqual((block_of(terminal.screen.text()), terminal.screen.column), ([], 0))

    def test_a_second_ctrl_c_ends_at_once_and_leaves_no_half_line(self):
        with SlowRoom(8) as room, room.terminal() as terminal:
            terminal.until(lambda text: len(files_of(text)) == 2)
            terminal.press(b"\x03\x03")
            self.assertEqual(terminal.end(10), 130)
            self.assertEqual(block_of(terminal.screen.text()), [])
            self.assertEqual(terminal.screen.column, 0)


class Manner(unittest.TestCase):
    def test_without_a_terminal_there_are_sparse_lines_and_no_sequences(self):
        with SlowRoom(3) as room:
            done = room.run(*PUBLISH)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn(ESCAPE, done.stdout + done.stderr)
            self.assertNotIn("\r", done.stdout + done.stderr)
            shares = [int(share) for share in re.findall(r"^vision: uploading (\d+)% \(0\.0 GB / 0\.0 GB\)$",
                                                         done.stderr, re.M)]
            self.assertGreater(len(shares), 10)
            self.assertTrue(all(b - a >= 2 for a, b in zip(shares, shares[1:])), shares)
            self.assertLessEqual(shares[-1], 99)

    def test_quiet_prints_nothing_on_success_but_the_plan_and_a_failure_as_ever(self):
        with SlowRoom(2, 2, 1) as room:
            with room.terminal(*PUBLISH, "--quiet") as terminal:
                self.assertEqual(terminal.end(), 0)
                self.assertNotIn(ESCAPE.encode(), terminal.raw)
                plan = room.run(*PUBLISH, "--dry-run").stdout.replace("dry run complete\n", "")
                self.assertEqual(terminal.raw.decode().replace("\r\n", "\n"), plan)
            done = room.run(*PUBLISH, "-q")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            done = room.run("catalog", "show", "rehearsal/kim", "--quiet")
            self.assertEqual(done.returncode, 1)
            self.assertIn("did you mean rehearsal/kimi?", done.stderr)

    def test_verbose_tells_more_and_twice_is_no_error(self):
        with SlowRoom(1, 2, 0) as room:
            done = room.run(*PUBLISH, "-v", "--verbose", "-v")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("filed in", done.stderr)

    def wrong_key(self, room, *words, **environment):
        with room.terminal("catalog", "show", "rehearsal/kim", *words, **environment) as terminal:
            self.assertEqual(terminal.end(), 1)
            return terminal

    def test_colour_is_for_terminals_that_want_it_and_says_nothing_more(self):
        with SlowRoom(1) as room:
            coloured = self.wrong_key(room)
            self.assertEqual(coloured.screen.colours, ["31", "0", "36", "0"])
            for words, environment in ((["--no-color"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"}),
                                       ([], {"TERM": None})):
                plain = self.wrong_key(room, *words, **environment)
                self.assertEqual(plain.screen.colours, [], (words, environment))
                self.assertEqual(plain.screen.text(), coloured.screen.text())
            self.assertEqual(self.wrong_key(room, NO_COLOR="").screen.colours, ["31", "0", "36", "0"])
            with room.terminal("catalog", "list") as terminal:
                self.assertEqual((terminal.end(), terminal.screen.colours), (0, []), "results have none")

    def test_a_dumb_terminal_is_treated_like_none(self):
        with SlowRoom(2) as room, room.terminal(TERM="dumb") as terminal:
            self.assertEqual(terminal.end(), 0)
            self.assertNotIn(ESCAPE.encode(), terminal.raw)
            self.assertRegex(terminal.screen.everything(), r"(?m)^vision: uploading \d+% \(")


class Streams(unittest.TestCase):
    def shell(self, room, line):
        return subprocess.run(["bash", "-c", line, "bash", *room.command()], cwd=room.folder, timeout=120,
                              env=room.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def test_a_reader_that_went_away_ends_it_silently(self):
        with SlowRoom(1) as room:
            # The reader is gone before the first byte.
            read_end, write_end = os.pipe()
            os.close(read_end)
            done = subprocess.run(room.command("catalog", "list"), cwd=room.folder, env=room.environment(),
                                  stdin=subprocess.DEVNULL, stdout=write_end, stderr=subprocess.PIPE, text=True)
            os.close(write_end)
            self.assertEqual((done.returncode, done.stderr), (141, ""))

    def test_closed_streams_are_no_crash_and_no_file_takes_their_place(self):
        with SlowRoom(1, 2, 0) as room:
            done = self.shell(room, f'"$1" catalog show {KEY} 2>&-')
            self.assertEqual(done.returncode, 0)
            self.assertIn("kimi-vindex", done.stdout)
            self.assertEqual(self.shell(room, '"$1" catalog show nobody/here 2>&-').returncode, 1)
            done = self.shell(room, '"$1" catalog list >&-')
            self.assertEqual(done.returncode, 1)
            self.assertIn("stdout: cannot be written", done.stderr)
            done = self.shell(room, '"$1" ' + " ".join(PUBLISH) + " 2>&- <&-")
            self.assertEqual(done.returncode, 0)
            self.assertIn("README.md", room.hub.files(TARGET))

    def test_a_terminal_that_goes_away_ends_the_program(self):
        with SlowRoom(4) as room:
            terminal = room.terminal()
            terminal.until(lambda text: files_of(text) != [])
            os.close(terminal.master)  # hangs up
            end = time.monotonic() + 30
            while os.waitpid(terminal.pid, os.WNOHANG)[0] == 0:
                self.assertLess(time.monotonic(), end, "still runs")
                time.sleep(0.05)


class Page(unittest.TestCase):
    def test_the_page_shows_every_frame_that_is_recorded_and_no_other(self):
        page = (pathlib.Path(__file__).parents[2] / "docs/terminal.md").read_text()
        shown = {found.group(2): found.group() for found in record.FRAME.finditer(page)}
        self.assertEqual(set(shown), set(record.FRAMES))
        for name, frame in shown.items():
            self.assertGreater(len(frame.splitlines()), 4, name)
            self.assertTrue(frame.isascii(), name)


class TheScreenItself(unittest.TestCase):
    def test_wraps_scrolls_and_erases_as_terminals_do(self):
        screen = Screen(4, 2)
        screen.feed(b"abcd")
        self.assertEqual((screen.text(), screen.wrapped), ("abcd", []))
        screen.feed(b"e\r\nf")
        self.assertEqual((screen.history, screen.text(), screen.wrapped), (["abcd"], "e\nf", ["abcd"]))
        screen.feed(b"\r\x1b[1A\x1b[")
        screen.feed(b"J\x1b[31mx\x1b[0m")
        self.assertEqual((screen.text(), screen.colours), ("x", ["31", "0"]))
        with self.assertRaises(AssertionError):
            screen.feed(b"\x1b[2q")

    def test_a_program_has_the_size_and_a_controlling_terminal(self):
        with Terminal(["/bin/sh", "-c", "stty size; sleep 60"], 33, 7) as terminal:
            terminal.until(lambda text: text == "7 33")
            terminal.press(b"\x03")
            self.assertEqual(terminal.end(), 128 + signal.SIGINT)


if __name__ == "__main__":
    unittest.main()
