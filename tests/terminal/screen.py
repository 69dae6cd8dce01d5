# SPDX-License-Identifier: Apache-2.0
"""A terminal in memory: what a person would see of a program's bytes, and a program that runs in front of it.

Knows the few sequences skulk-weights uses, and refuses every other one.
"""
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

SEQUENCE = re.compile(r"\x1b\[(\d*)([A-Za-z])")


class Screen:
    """Lines of cells with a cursor. `history` holds what has scrolled out at the top."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.lines = [""]
        self.history = []
        self.row = self.column = 0
        self.wrapped = []  # the text of each line that did not fit
        self.colours = []  # parameters of every colour sequence
        self.rest = b""

    def feed(self, data):
        data = self.rest + data
        # A character or a sequence may be cut in two.
        cut = len(data)
        escape = data.rfind(b"\x1b")
        if escape >= 0 and not SEQUENCE.match(data[escape:].decode("latin-1")):
            cut = escape
        while cut and cut == len(data) and data[cut - 1] >= 0xc0:
            cut -= 1
        self.rest = data[cut:]
        text = data[:cut].decode("utf-8", "replace")
        at = 0
        while at < len(text):
            found = SEQUENCE.match(text, at)
            if found:
                self.obey(found.group(1), found.group(2))
                at = found.end()
            else:
                self.put(text[at])
                at += 1

    def put(self, letter):
        if letter == "\r":
            self.column = 0
        elif letter == "\n":
            self.feed_line()
        elif letter < " " or letter == "\x7f":
            raise AssertionError(f"a control character for the terminal: {letter!r}")
        else:
            if self.column >= self.columns:
                self.wrapped.append(self.lines[self.row])
                self.column = 0
                self.feed_line()
            line = self.lines[self.row].ljust(self.column)
            self.lines[self.row] = line[:self.column] + letter + line[self.column + 1:]
            self.column += 1

    def feed_line(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append("")
        if len(self.lines) > self.rows:
            self.history.append(self.lines.pop(0))
            self.row -= 1

    def obey(self, number, command):
        if command == "A":
            self.row = max(0, self.row - int(number or 1))
        elif command in "KJ" and number in ("", "0"):
            self.lines[self.row] = self.lines[self.row][:self.column]
            if command == "J":
                del self.lines[self.row + 1:]
        elif command == "m":
            self.colours.append(number)
        else:
            raise AssertionError(f"an unknown sequence: ESC [ {number} {command}")

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.lines = [line[:columns] for line in self.lines]
        self.column = min(self.column, columns)

    def text(self):
        """What can be seen, without empty lines at the end."""
        return "\n".join(line.rstrip() for line in self.lines).rstrip("\n")

    def everything(self):
        return "\n".join([*self.history, self.text()])


class Terminal:
    """A program on a pseudo terminal. `frames` has (seconds, text) of every picture that was there."""

    def __init__(self, command, columns=80, rows=24, environment=None, folder=None):
        self.screen = Screen(columns or 80, rows or 24)
        self.raw = b""
        self.frames = []
        self.begin = time.monotonic()
        self.code = None
        read_end, go = os.pipe()  # the program starts when its terminal has the size
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                os.close(go)
                os.read(read_end, 1)
                os.close(read_end)
                os.chdir(folder or ".")
                os.execve(command[0], command, environment or dict(os.environ))
            finally:
                os._exit(127)
        os.close(read_end)
        self.set_size(columns, rows)
        os.close(go)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)

    def set_size(self, columns, rows):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.read(0)
        self.set_size(columns, rows)
        self.screen.resize(columns, rows)

    def press(self, keys):
        os.write(self.master, keys)

    def read(self, seconds):
        """Whether more may come."""
        if not select.select([self.master], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self.master, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return False
        self.raw += data
        # One drawing is one write, yet a pipe may join several.
        for part in re.split(rb"(?<=\x1b\[J\r)|(?<=A)(?=\r)|(?<=\n)", data):
            self.screen.feed(part)
            self.frames.append((time.monotonic() - self.begin, self.screen.text()))
        return bool(data)

    def until(self, condition, seconds=60):
        """Reads until condition(text on the screen) holds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            more = self.read(0.05)
            if condition(self.screen.text()):
                return self.screen.text()
            if not more:
                break
        raise AssertionError("waited in vain; the terminal shows:\n" + self.screen.everything())

    def end(self, seconds=120):
        """Reads to the end and gives the exit code, as a shell tells it."""
        end = time.monotonic() + seconds
        while self.read(0.05):
            if time.monotonic() > end:
                raise AssertionError("does not end; the terminal shows:\n" + self.screen.everything())
        _, status = os.waitpid(self.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        self.code = 128 - self.code if self.code < 0 else self.code
        return self.code


if __name__ == "__main__":
    with Terminal(sys.argv[1:]) as shown:
        shown.end()
        print(shown.screen.everything())
