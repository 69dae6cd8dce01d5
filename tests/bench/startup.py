# SPDX-License-Identifier: Apache-2.0
"""Whole processes beside the system's Python merely loading the same file with PyYAML: start-up on the built-in
catalog, and a catalog of 100,000 entries.

The two run in turn, A B A B, and the ratio is taken pair by pair, so that it holds while the machine's speed
drifts; beside the time on the clock stands that of the processor, which other programs disturb less. Counts,
exit codes and peak memory are asserted; time is printed and never asserted.
"""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from big_catalog import config  # noqa: E402
from harness import BIN  # noqa: E402

PROGRAM = BIN / "skulk-weights"
# The system's own, not what a version manager puts before it on the PATH: a wrapper can take longer than the loading.
PYTHON = os.environ.get("SKW_YAML_PYTHON", "/usr/bin/python3")
PAIRS = int(os.environ.get("SKW_BENCH_PAIRS", "15"))
BIG_PAIRS = int(os.environ.get("SKW_BENCH_BIG_PAIRS", "1"))  # one takes Python more than a minute
ENTRIES = int(os.environ.get("SKW_BENCH_ENTRIES", "100000"))
MEMORY_LIMIT = 400 * 2**20
BUILTIN = BIN.parent / "share" / "skulk-weights" / "catalog" / "foxlight.yaml"
PURE, C = "SafeLoader", "CSafeLoader"


def loads(loader, path):
    """The command that only loads a file. yaml.safe_load is yaml.load with SafeLoader, which is pure Python."""
    code = "import yaml; yaml.safe_load(open(F))" if loader == PURE else "import yaml; yaml.load(open(F), yaml.CSafeLoader)"
    return [PYTHON, "-c", code.replace("F", repr(str(path)))]


def run(command, folder, environment):
    """(seconds, processor seconds, peak bytes, stdout) of one process. Spawned, so that this program's own memory
    costs it nothing; the peak counts from here, so this program stays small."""
    out = folder / "stdout"
    actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
               (os.POSIX_SPAWN_OPEN, 1, str(out), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    words = [str(word) for word in command]
    begin = time.monotonic()
    _, status, usage = os.wait4(os.posix_spawnp(words[0], words, environment, file_actions=actions), 0)
    seconds = time.monotonic() - begin
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{words} failed")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, out.read_text()


class Row:
    """Our command and theirs in turn."""

    def __init__(self, name, pairs, ours, theirs, folder, expect, loader=PURE):
        self.name, self.loader, self.pairs = name, loader, []
        environment = {**os.environ, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        for pair in range(-1 if pairs > 1 else 0, pairs):  # the first of several warms the caches and does not count
            *mine, out = run(ours, folder, environment)
            assert expect in out, (expect, out[:400])
            *other, _ = run(theirs, folder, environment)
            if pair >= 0:
                self.pairs.append((mine, other))
        self.peak, self.their_peak = (max(pair[side][2] for pair in self.pairs) for side in (0, 1))

    def text(self):
        def ratio(column):
            ratios = [theirs[column] / max(ours[column], 1e-6) for ours, theirs in self.pairs]
            return f"{statistics.median(ratios):>6.1f} ({min(ratios):.1f} .. {max(ratios):.1f})"
        ours, theirs = (statistics.median(pair[side][0] for pair in self.pairs) * 1000 for side in (0, 1))
        return (f"{self.name:<36} {len(self.pairs):>3} {ours:>8.1f} ms {theirs:>9.1f} ms  {ratio(0):<23} {ratio(1):<23}"
                f"{self.peak / 2**20:>5.0f} MiB {self.their_peak / 2**20:>6.0f} MiB  {self.loader}")


def main():
    if subprocess.run([PYTHON, "-c", "import yaml"], stderr=subprocess.DEVNULL).returncode != 0:
        raise SystemExit(f"{PYTHON} has no PyYAML; name one that has with SKW_YAML_PYTHON")
    has_c = subprocess.run([PYTHON, "-c", "from yaml import CSafeLoader"], stderr=subprocess.DEVNULL).returncode == 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        big, several, key = folder / "big.yaml", folder / "skulk-weights-big.yaml", "acme/gemma-4-1b-instruct-q4-k"
        subprocess.run([sys.executable, pathlib.Path(__file__).with_name("big_catalog.py"), str(ENTRIES), big], check=True)
        os.chdir(folder)  # not where a configuration of the operator's lies
        several.write_text(config("./big.yaml"))
        builtin = PROGRAM, "catalog", "validate"
        dry_run = (PROGRAM, "publish", "--model", "foxlight/gemma-3-4b-full-q4-k", "--artifact", "vindex", "--dry-run")
        with_big = PROGRAM, "--config", several
        found = f"catalog valid: {ENTRIES + BUILTIN.read_text().count('- key:')} entries from 2 sources"
        rows = [Row("catalog validate, built-in", PAIRS, builtin, loads(PURE, BUILTIN), folder, "catalog valid: "),
                Row("publish --dry-run, built-in", PAIRS, dry_run, loads(PURE, BUILTIN), folder, "larql extract")]
        if has_c:
            rows.append(Row("catalog validate, built-in", PAIRS, builtin, loads(C, BUILTIN), folder, "catalog valid: ", C))
        large = [Row(f"catalog validate, {ENTRIES:,} entries", BIG_PAIRS, (*with_big, "catalog", "validate"),
                     loads(PURE, big), folder, found)]
        if has_c:
            large.append(Row(f"catalog validate, {ENTRIES:,} entries", BIG_PAIRS, (*with_big, "catalog", "validate"),
                             loads(C, big), folder, found, C))
            large.append(Row(f"catalog show, {ENTRIES:,} entries", BIG_PAIRS, (*with_big, "catalog", "show", key),
                             loads(C, big), folder, f'"key": "{key}"', C))
            large.append(Row(f"publish --dry-run, {ENTRIES:,} entries", BIG_PAIRS,
                             (*with_big, "publish", "--model", key, "--artifact", "vindex", "--dry-run"),
                             loads(C, big), folder, "larql extract", C))
        lines = [f"the built-in catalog has {BUILTIN.stat().st_size:,} bytes, the large one {big.stat().st_size:,}",
                 f"{'whole processes, warm':<36} pairs   ours       PyYAML    times faster, clock     and processor"
                 "          peak, ours and theirs"]
        text = "\n".join(lines + [row.text() for row in rows + large])
        print(text)
        (BIN.parent / "bench-startup.txt").write_text(text + "\n")  # test.sh shows it
        for row in large:
            assert row.peak <= MEMORY_LIMIT, (row.name, row.peak)


if __name__ == "__main__":
    main()
