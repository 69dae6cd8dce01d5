# SPDX-License-Identifier: Apache-2.0
"""Makes the frames of docs/terminal.md from what the programs really draw.

    SKW_BIN=BUILD/bin python3 tests/terminal/record.py                          prints them
    SKW_BIN=BUILD/bin python3 tests/terminal/record.py --write docs/terminal.md  puts them into the page

The page has a place for each: <!-- frame NAME --> in front of a fenced block. Commit ids are replaced by one
that is the same every time; figures stay as they were.
"""
import itertools
import pathlib
import re
import sys

from rooms import PUBLISH, SlowRoom, block_of, files_of

FRAME = re.compile(r"(<!-- frame (\S+) -->\n```text\n).*?(```\n)", re.S)


def normal(text, room):
    digits = itertools.cycle("9f2c1d7e")
    text = re.sub(r"(?<= at )[0-9a-f\n]{40,44}", lambda found: re.sub(".", lambda _: next(digits), found.group()), text)
    text = text.replace(str(room.folder), "~")
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def after_plan(text):
    """The screen from the first line that is not of the plan."""
    lines = text.splitlines()
    begin = next((i for i, line in enumerate(lines) if line.startswith("vision: ")), 0)
    return "\n".join(lines[begin:])


def share(text):
    found = re.search(r"(\d+)%", "\n".join(block_of(text)[:1]))
    return int(found.group(1)) if found else -1


def moving(columns, rows, files=2, megabytes=8):
    with SlowRoom(megabytes, files, 10) as room, room.terminal(columns=columns, rows=rows) as terminal:
        whole = r"^  and \d more$" if files > rows - 4 else rf"(^  .*%.*\n?){{{files}}}"
        text = terminal.until(lambda text: re.search(whole, text, re.M) and share(text) >= (40 if files == 2 else 20))
        return normal(after_plan(text), room)


def stalled():
    # One of the files comes to a halt inside of its body.
    with SlowRoom(8, 2, 10) as room, room.terminal() as terminal:
        terminal.until(lambda text: share(text) >= 30)
        room.hub.process.send_signal(19)  # SIGSTOP: the Hub is silent
        try:
            text = terminal.until(lambda text: "stalled for 12 s" in text)
        finally:
            room.hub.process.send_signal(18)
        return normal(after_plan(text), room)


def finished():
    with SlowRoom(8, 2, 10) as room, room.terminal() as terminal:
        terminal.end()
        return normal(after_plan(terminal.screen.text()), room)


def interrupted():
    with SlowRoom(8, 2, 10) as room, room.terminal() as terminal:
        terminal.until(lambda text: share(text) >= 40)
        terminal.press(b"\x03")
        code = terminal.end()
        return normal(after_plan(terminal.screen.text()) + f"\n$ echo $?\n{code}", room)


def no_terminal():
    with SlowRoom(8, 2, 10) as room:
        lines = room.run(*PUBLISH).stderr.splitlines()
        shares = [i for i, line in enumerate(lines) if " uploading " in line]
        shown = lines[:shares[2]] + ["..."] + lines[shares[-2]:]
        return normal("\n".join(shown), room)


def wrong_key(*words):
    with SlowRoom(1) as room, room.terminal("catalog", "show", "rehearsal/kim", *words) as terminal:
        terminal.end()
        marked = terminal.raw.decode().replace("\r", "")
        for code, name in (("31", "red"), ("33", "yellow"), ("36", "cyan"), ("0", "/")):
            marked = marked.replace(f"\x1b[{code}m", f"<{name}>")
        return normal(marked, room)


FRAMES = {
    "two-files": lambda: moving(80, 24),
    "narrow": lambda: moving(40, 12),
    "very-narrow": lambda: moving(20, 12),
    "low": lambda: moving(80, 6, files=3, megabytes=9),
    "stalled": stalled,
    "finished": finished,
    "interrupted": interrupted,
    "no-terminal": no_terminal,
    "colour": wrong_key,
    "no-colour": lambda: wrong_key("--no-color"),
}


def main(words):
    if words[:1] != ["--write"]:
        for name in words or FRAMES:
            print(f"--- {name}\n{FRAMES[name]()}")
        return
    page = pathlib.Path(words[1])
    text = page.read_text()
    missing = set(FRAMES) ^ {found.group(2) for found in FRAME.finditer(text)}
    if missing:
        sys.exit(f"{page}: the frames {sorted(missing)} are on one side only")
    page.write_text(FRAME.sub(lambda found: found.group(1) + FRAMES[found.group(2)]() + found.group(3), text))


if __name__ == "__main__":
    main(sys.argv[1:])
