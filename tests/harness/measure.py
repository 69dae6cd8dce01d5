# SPDX-License-Identifier: Apache-2.0
"""Time, peak memory and disk of one process, for the benches."""
import contextlib
import os
import pathlib
import subprocess
import threading
import time

from harness import SCRATCH_MARKER


def measured(command, lines=None, **kw):
    """(seconds, peak bytes, stdout) of one process; a failure ends the bench with its stderr.

    A list given as lines gets (seconds since the start, text) of every line on stderr as it came."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kw)
    errors = []

    def read_errors():
        for line in process.stderr:
            errors.append(line)
            if lines is not None:
                lines.append((time.monotonic() - begin, line.decode(errors="replace").rstrip("\n")))
    reader = threading.Thread(target=read_errors)
    reader.start()  # both pipes at once: a full one would stop the process
    out = process.stdout.read()
    reader.join()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(b"".join(errors).decode(errors="replace"))
    return time.monotonic() - begin, usage.ru_maxrss * 1024, out.decode()


class FolderWatch:
    most = 0


@contextlib.contextmanager
def most_folder_bytes(folder):
    """The most bytes that lay in the files of a scratch folder, but for its marker, while the block ran; looked at
    every few milliseconds."""
    watch, done = FolderWatch(), threading.Event()

    def look():
        while not done.is_set():
            total = 0
            for path in pathlib.Path(folder).rglob("*"):
                with contextlib.suppress(OSError):
                    if path.name == SCRATCH_MARKER:
                        continue
                    total += path.stat().st_size if path.is_file() else 0
            watch.most = max(watch.most, total)
            done.wait(0.005)
    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        done.set()
        thread.join()
