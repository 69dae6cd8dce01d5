# SPDX-License-Identifier: Apache-2.0
"""A mirror that takes a few seconds, because the local Hub copies nothing by itself and sends slowly."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import VISION_TARGET as TARGET, Room, vision_entry  # noqa: E402

from screen import Terminal  # noqa: E402

KEY = "rehearsal/kimi"
BLOCK_LINE = re.compile(r"vision: (uploading )?\d.*%|vision: uploading \d|  \S+  .*%|  and \d+ more")
PUBLISH = ("publish", "--model", KEY, "--artifact", "vision", "--scratch", "scratch")


class SlowRoom(Room):
    """files of megabytes / files each, streamed at so many milliseconds a 16 KiB block."""

    def __init__(self, megabytes=4, files=2, slow=10, *faults):
        options = ["--no-storage-hash", "--fault", f"GET:/objects/:slow={slow}x0"]
        for fault in faults:
            options += ["--fault", fault]
        super().__init__(*options, entry=vision_entry(),
                         seeds=(("vision", "--bytes", megabytes * 1_000_000, "--files", files),))

    def terminal(self, *words, columns=80, rows=24, **environment):
        environment = {"TERM": "xterm-256color", "NO_COLOR": None, **environment}
        return Terminal(self.command(*(words or PUBLISH)), columns, rows, self.environment(**environment),
                        self.folder)


def block_of(text):
    """The lines of the progress block on a screen."""
    return [line for line in text.splitlines() if BLOCK_LINE.match(line)]


def files_of(text):
    return [line for line in block_of(text) if line.startswith("  ") and "%" in line]
