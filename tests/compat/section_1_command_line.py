# SPDX-License-Identifier: Apache-2.0
"""Section 1 of the contract: options, parsing, exit codes, streams, and what each command prints."""
import json
import os
import pathlib
import pty
import signal
import subprocess
import tempfile
import termios

import compat
from compat import (COLLECTION, ENTRY, FULL, MTP, ONE, OWNER, SHOWN, VISION, Case, M, changed, item, manifest,
                    shown)
from section_1_commands import CLEAN, DOCTOR, INIT
from section_2_dry_run import plan

VALID_12 = "catalog valid: 12 entries from 1 sources\n"
VALID_1 = "catalog valid: 1 entries from 1 sources\n"
KEYS = "  next: `skulk-weights catalog list` shows the keys\n"


def wrong(words, command, text, hint="", **more):
    """A wrong command line: the usage and the texts are free, the form and the code are not."""
    who = f"skulk-weights {command}" if command else "skulk-weights"
    return Case(words, code=2, err=f"<usage{' ' + command if command else ''}>{who}: error: {text}\n" +
                (f"  next: {hint}\n" if hint else ""), **{"files": ONE, **more})


# --- 1.2: global options ----------------------------------------------------------------------------------------

BOTH = "argument --manifest: not allowed with argument --config"
GLOBAL = [
    Case([*M, "catalog", "list"], files=ONE, out="a\n"),
    Case(["--manifest=m.yaml", "catalog", "list"], files=ONE, out="a\n"),
    Case(["--config", "c.yaml", "catalog", "validate"], files={**ONE, "c.yaml": "catalogs:\n" + item()},
         out="catalog valid: 13 entries from 2 sources\n"),
    Case(["--config=c.yaml", "catalog", "validate"], files={**ONE, "c.yaml": "{}\n"}, out=VALID_12),
    *[wrong([first, "a", second, "b", "catalog", "list"], "", BOTH) for first, second in
      (("--config", "--manifest"), ("--manifest", "--config"))],
    wrong(["--config", "", "--manifest", "", "catalog", "list"], "", BOTH),
    wrong(["--config=", "--manifest=", "catalog", "list"], "", BOTH),
    wrong(["--config", "a", "--manifest=", "catalog", "list"], "", BOTH),
    *[Case([*words, "catalog", "validate"], out=VALID_12) for words in
      (["--config", ""], ["--config="], ["--manifest", ""], ["--manifest="])],
    Case(["--config", "", "catalog", "validate"], files={**ONE, "skulk-weights.yaml": "catalogs:\n" + item()},
         out="catalog valid: 13 entries from 2 sources\n"),
    *[Case([option, "~/m.yaml", "catalog", "list"], code=1, files={"home/m.yaml": ONE["m.yaml"]},
           err=f"~/m.yaml not found{more}\n")
      for option, more in (("--config", ""), ("--manifest", "; run from the repository root"))],
    # --manifest reads that file alone, and its keys are bare
    Case([*M, "catalog", "validate"], files={**ONE, "skulk-weights.yaml": "["}, out=VALID_1),
    Case([*M, "catalog", "show", "foxlight/gemma-3-4b-full-q4-k"], code=1, files=ONE,
         err="catalog key not found: foxlight/gemma-3-4b-full-q4-k\n" + KEYS),
]


# --- 1.2: help --------------------------------------------------------------------------------------------------

OPTIONS = {"catalog list": ["--tier"], "catalog init": ["--output", "--force"],
           "catalog add": ["--dry-run", "--yes", "-y"],
           "doctor": ["--publish"], "publish": ["--model", "--artifact", "--dry-run", "--force", "--scratch"],
           "scratch clean": ["--scratch", "--yes", "-y"], "catalog validate": [], "catalog sources": [],
           "catalog show": ["KEY"],
           "catalog find": ["MODEL"], "": ["--config", "--manifest", "catalog", "publish", "doctor", "scratch"],
           "catalog": ["validate", "list", "sources", "show", "find", "init", "add"], "scratch": ["clean"]}


class HelpCase(Case):
    """Help: free text on stdout that begins with the usage and names what the contract lists; code 0."""

    def judge(self, done, room, before, names, watch=True):
        command = self.out
        text = done.stdout.decode()
        complaints = self.judge_files(room, before)
        if (done.returncode, done.stderr) != (0, b"") or not text.startswith("usage: skulk-weights ") or \
                command not in text.split("\n\n")[0]:
            complaints.append(f"exit {done.returncode}, {done.stderr!r}, {text[:100]!r}")
        return complaints + [f"does not name {word}" for word in OPTIONS[command] if word not in text]


HELP = [HelpCase([*command.split(), option], out=command) for command in OPTIONS for option in ("-h", "--help")]
HELP += [HelpCase(words, out=command) for words, command in (
    (["--config", "gone.yaml", "catalog", "-h"], "catalog"), (["catalogue", "--help"], "catalog"),
    (["catalogue", "list", "-h"], "catalog list"), (["catalog", "list", "--tier", "moe", "--help"], "catalog list"),
    (["--help", "nonsense"], ""), (["publish", "--model", "a", "--help"], "publish"))]


# --- 1.3: parsing -----------------------------------------------------------------------------------------------

B = {"key": "b", "source_model": "o/b", "quant": "q4k", "tier": "moe", "slices": "[expert-server]",
     "output_name": "b.vindex",
     "hf_repo": "acme/b"}


def plan_of_two(key, tier, model, stem, slices):
    """What the kinds mtp and vision of an entry that has neither are planned as."""
    return (f"model key: {key}\ntier: {tier}\nartifact: mtp,vision\nsource model: {model}\noutput path: "
            f"HERE/.scratch/{stem}.vindex\n"
            f"target repo: hf://acme/{stem}\ncollection: disabled\npublish slices: {slices}\nforce overwrite: 0\n"
            "mtp step: not configured for this entry\nvision step: not configured for this entry\ndry run complete\n")


def both_plans():
    first = plan_of_two("c", "moe", "o/b", "b", "expert-server").replace("dry run complete\n", "\n")
    return first + plan_of_two("a", "smoke", "o/m", "a", "none")


CHOICE = "argument --{}: invalid choice: '{}' (choose from {})"
TIERS, KINDS = "'all', 'smoke', 'moe'", "'vindex', 'mtp', 'vision', 'all'"
AS_WORD = "a value that begins with - is written --{}=VALUE"
IN_FRONT = "--{0} stands in front of the command: skulk-weights --{0} PATH {1}"
LISTS = "`skulk-weights --help` lists the commands"
LISTS_CATALOG = "`skulk-weights catalog --help` lists the commands"
BEHIND = "options of a command stand behind it"
DRY = ["--dry-run", "--artifact", "vision"]
VISION_ONLY = {"m.yaml": manifest({**ENTRY, **VISION})}
PLANNED = plan("vision", {**ENTRY, **VISION})
NO_PREFIX = "no-prefixes"
PARSING = [
    *[Case([*M, "publish", *words], files=VISION_ONLY, out=PLANNED) for words in (
        ["--model", "a", *DRY], [*DRY, "--model", "a"], ["--model=a", "--dry-run", "--artifact=vision"],
        ["--dry-run", "--model", "a", "--artifact=vision"])],
    Case([*M, "catalog", "list", "--tier=smoke"], files=ONE, out="a\n"),
    Case([*M, "catalog", "list", "--tier", "moe", "--tier", "all"], files=ONE, out="a\n"),
    Case([*M, "catalog", "list", "--tier", "all", "--tier=moe"], files=ONE, out=""),
    Case(["--manifest", "gone.yaml", *M, "catalog", "list"], files=ONE, out="a\n"),
    Case([*M, *M, "catalog", "list"], files=ONE, out="a\n"),
    Case([*M, "catalog", "show", "--", "a"], files=ONE, out=shown(**SHOWN)),
    Case([*M, "catalog", "show", "--", "-b"], files=ONE, code=1,
         err="catalog key not found: -b\n" + "  next: did you mean a?\n"),
    Case([*M, "catalogue", "list"], files=ONE, out="a\n"), Case(["catalogue", "validate"], out=VALID_12),
    # a value that begins with - needs =
    Case([*M, "publish", "--model", "a", *DRY, "--scratch=-x"], files=VISION_ONLY,
         out=PLANNED.replace("HERE/.scratch", "-x")),
    wrong(["catalog", "list", "--tier", "-x"], "catalog list", "argument --tier: expected one value",
          "one of all|smoke|moe"),
    wrong(["publish", "--model", "a", "--scratch", "--dry-run"], "publish", "argument --scratch: expected one value",
          AS_WORD.format("scratch")),
    wrong(["--config"], "", "argument --config: expected one value", AS_WORD.format("config")),
    wrong(["--manifest"], "", "argument --manifest: expected one value", AS_WORD.format("manifest")),
    wrong(["--config", "-x", "catalog", "list"], "", "argument --config: expected one value", AS_WORD.format("config")),
    wrong(["publish", "--model"], "publish", "argument --model: expected one value",
          "`skulk-weights catalog list` shows the keys; " + AS_WORD.format("model")),
    wrong(["publish", "--model", "a", "--force=1"], "publish", "argument --force: takes no value"),
    # the unknown word is named before the missing one: it is usually the missing one, mistyped
    wrong(["publish", "--modle", "a"], "publish", "unrecognized arguments: --modle", "did you mean --model?"),
    # no abbreviations
    wrong(["--conf", "m.yaml", "catalog", "list"], "", "unrecognized arguments: --conf", "did you mean --config?",
          differs=NO_PREFIX),
    wrong(["--man=m.yaml", "catalog", "list"], "", "unrecognized arguments: --man=m.yaml", "did you mean --manifest?",
          differs=NO_PREFIX),
    wrong(["publish", "--mod", "a"], "publish", "unrecognized arguments: --mod", "did you mean --model?",
          differs=NO_PREFIX),
    wrong(["publish", "--model", "a", "--dry"], "publish", "unrecognized arguments: --dry", "did you mean --dry-run?",
          differs=NO_PREFIX),
    wrong(["catalog", "list", "--ti", "moe"], "catalog list", "unrecognized arguments: --ti", "did you mean --tier?",
          differs=NO_PREFIX),
    wrong(["catalog", "vali"], "catalog", "there is no command 'catalog vali'", "did you mean validate?"),
    wrong(["catalog", "lst"], "catalog", "there is no command 'catalog lst'", "did you mean list?"),
    wrong(["catalogue", "lst"], "catalog", "there is no command 'catalog lst'", "did you mean list?"),
    wrong(["catal", "list"], "", "there is no command 'catal'", "did you mean catalog?"),
    wrong(["pub"], "", "there is no command 'pub'", "did you mean publish?"),
    # global options stand in front
    wrong(["catalog", "list", "--config", "x"], "catalog list", "unrecognized arguments: --config",
          IN_FRONT.format("config", "catalog list")),
    wrong(["catalog", "list", "--manifest=m.yaml"], "catalog list", "unrecognized arguments: --manifest",
          IN_FRONT.format("manifest", "catalog list")),
    wrong(["publish", "--model", "a", "--manifest", "m.yaml"], "publish", "unrecognized arguments: --manifest",
          IN_FRONT.format("manifest", "publish")),
    # choices mind their case
    wrong([*M, "catalog", "list", "--tier", "ALL"], "catalog list", CHOICE.format("tier", "ALL", TIERS),
          "did you mean all?"),
    wrong([*M, "catalog", "list", "--tier", "large"], "catalog list", CHOICE.format("tier", "large", TIERS)),
    wrong([*M, "publish", "--model", "a", "--artifact", "ALL"], "publish", CHOICE.format("artifact", "ALL", KINDS),
          "did you mean all?"),
    wrong([*M, "publish", "--model", "a", "--artifact", "Mtp"], "publish", CHOICE.format("artifact", "Mtp", KINDS),
          "did you mean mtp?"),
    # what is missing, what is too much
    wrong([], "", "a command is required", LISTS),
    *[wrong([group], group, f"a command of {group} is required", f"`skulk-weights {group} --help` lists them")
      for group in ("catalog", "scratch")],
    wrong(["nonsense"], "", "there is no command 'nonsense'", LISTS), wrong([""], "", "there is no command ''", LISTS),
    wrong(["catalog", ""], "catalog", "there is no command 'catalog '", LISTS_CATALOG),
    *[wrong([word, "catalog", "list"], "", f"unrecognized arguments: {word}",
            BEHIND) for word in ("--", "-", "-x", "--bogus")],
    *[wrong(["publish", *words], "publish", "the following arguments are required: --model",
            "or take a whole tier with --tier, or the whole catalog with --all") for words in ([], ["--dry-run"], [
                "--force"])],
    wrong(["publish", "--model", "a", "extra"], "publish", "unrecognized arguments: extra"),
    wrong(["catalog", "show"], "catalog show", "the following arguments are required: KEY",
          "`skulk-weights catalog list` shows the keys"),
    wrong(["catalog", "find"], "catalog find", "the following arguments are required: MODEL"),
    wrong(["catalog", "add"], "catalog add", "the following arguments are required: MODEL"),
    wrong(["catalog", "show", "a", "b"], "catalog show", "unrecognized arguments: b"),
    wrong(["catalog", "validate", "x"], "catalog validate", "unrecognized arguments: x"),
    wrong(["catalog", "show", "-x"], "catalog show", "unrecognized arguments: -x",
          "`skulk-weights catalog show --help` shows the options"),
    wrong(["doctor", "x"], "doctor", "unrecognized arguments: x"),
    wrong(["scratch", "clean", "x"], "scratch clean", "unrecognized arguments: x"),
    # several entries and several kinds at once: the last one does not replace the others
    Case([*M, "publish", "--model", "c", "--model", "a", "--dry-run", "--artifact=vision", "--artifact", "mtp"],
         differs="repeatable",
         files={"m.yaml": manifest(ENTRY, {**B, "key": "c"})}, out=both_plans()),
    Case([*M, "publish", "--model", "a", "--dry-run", "--artifact", "vision,mtp"], files=ONE, differs="repeatable",
         out=plan_of_two("a", "smoke", "o/m", "a", "none")),
    # the alias is one in command position only (W1)
    Case([*M, "publish", "--model", "catalogue", "--dry-run"], files=ONE, code=1, differs="W1",
         err="catalog key not found: catalogue\n" + KEYS),
    Case([*M, "catalog", "show", "catalogue"], files=ONE, code=1, differs="W1",
         err="catalog key not found: catalogue\n" + KEYS),
    Case(["--config", "catalogue", "catalog", "validate"], files={"catalogue": "{}\n"}, differs="W1", out=VALID_12),
]


class VersionCase(Case):
    """--version: new, so its text is ours; it begins with the program's name and leaves stderr alone."""

    def judge(self, done, room, before, names, watch=True):
        good = done.returncode == 0 and done.stderr == b"" and done.stdout.startswith(b"skulk-weights ")
        return [] if good else [f"exit {done.returncode}, {done.stdout!r}, {done.stderr!r}"]


PARSING.append(VersionCase(["--version"], differs="version"))


# --- 1.4 and 1.5: exit codes and streams ------------------------------------------------------------------------

def run_to(stdout, case):
    with tempfile.TemporaryDirectory(prefix="skw-compat-") as folder:
        room = pathlib.Path(folder).resolve()
        (room / "home").mkdir()
        return subprocess.run([compat.PROGRAM, *case.words], cwd=room, env=case.environment(room), stdout=stdout,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60, check=False)


class PipeCase(Case):
    """A reader of stdout that is gone: the exit code tells it, nothing else does."""

    def check(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        done = run_to(write_end, self)
        os.close(write_end)
        code = 128 + signal.SIGPIPE if done.returncode == -signal.SIGPIPE else done.returncode  # as a shell reports it
        return [] if (code, done.stderr) == (self.code, b"") else [f"exit {done.returncode}, {done.stderr!r}"]


class FullCase(Case):
    """A stdout that takes nothing."""

    def check(self):
        with open("/dev/full", "wb") as full:
            done = run_to(full, self)
        text = done.stderr.decode()
        return [] if (done.returncode, text) == (self.code, self.err) else [f"exit {done.returncode}, {text!r}"]


class TerminalCase(Case):
    """stdin and stdout are a terminal: what is asked goes to stderr, what is answered stays on stdout."""

    def check(self):
        with tempfile.TemporaryDirectory(prefix="skw-compat-") as folder:
            room = pathlib.Path(folder).resolve()
            (room / "home").mkdir()
            compat.fill_folder(room, self.files)
            before = compat.snapshot(room)
            outer, inner = pty.openpty()
            settings = termios.tcgetattr(inner)
            settings[1] &= ~termios.OPOST
            settings[3] &= ~termios.ECHO
            termios.tcsetattr(inner, termios.TCSANOW, settings)
            with subprocess.Popen([compat.PROGRAM, *self.words], cwd=room, env=self.environment(room), stdin=inner,
                                  stdout=inner,
                                  stderr=subprocess.PIPE) as process:
                os.write(outer, self.stdin.encode())
                err = process.stderr.read()
            # The inner end is kept open until all is read, so that nothing is lost with it.
            out = os.read(outer, 4096)
            os.close(inner)
            os.close(outer)
            done = subprocess.CompletedProcess(self.words, process.returncode, out, err)
            return self.judge(done, room, before, {})


STREAMS = [
    TerminalCase(["scratch", "clean", "--scratch", "s"], files={"s/.skulk-weights-scratch": ""}, stdin="n\n",
                 out="aborted\n", err="Delete s? [y/N] ", title="on a terminal"),
    TerminalCase(["scratch", "clean", "--scratch", "s"], files={"s/.skulk-weights-scratch": ""}, stdin="y\n",
                 gone=("s",),
                 out="deleted s\n", err="Delete s? [y/N] ", title="on a terminal"),
    *[PipeCase(words, code=141, differs="reader-gone") for words in
      (["catalog", "list"], ["catalog", "show", "foxlight/gemma-3-4b-full-q4-k"], ["--help"],
       ["publish", "--model", "foxlight/gemma-3-4b-full-q4-k", "--dry-run"])],
    FullCase(["catalog", "list"], code=1, err="stdout: cannot be written: No space left on device\n"),
]


# --- 1.7: what each command prints ------------------------------------------------------------------------------

TWO = {"m.yaml": manifest(B, ENTRY)}
ODD = "o/\u00e9\u2014\U0001F98A\"\\b"
FULL_SHOWN = {**SHOWN, "hf_collection": "acme/col-1", **MTP, **VISION}


def missing(key, near=""):
    return Case([*M, "catalog", "show", key], code=1, files=TWO,
                err=f"catalog key not found: {key}\n" + (f"  next: did you mean {near}?\n" if near else KEYS))


CATALOG = [
    Case([*M, "catalog", "validate"], files=ONE, out=VALID_1),
    Case([*M, "catalog", "validate"], files=TWO, out="catalog valid: 2 entries from 1 sources\n"),
    Case([*M, "catalog", "list"], files=TWO, out="b\na\n"),
    Case([*M, "catalog", "list", "--tier", "all"], files=TWO, out="b\na\n"),
    Case([*M, "catalog", "list", "--tier", "smoke"], files=TWO, out="a\n"),
    Case([*M, "catalog", "list", "--tier", "moe"], files=TWO, out="b\n"),
    Case([*M, "catalog", "list", "--tier", "moe"], files=ONE, out=""),
    Case([*M, "catalog", "sources"], files=TWO, out="manifest m namespace=- hf_owner=- hf_collection=- entries=2 "
                                                    "origin=m.yaml\n"),
    Case(["--manifest", "./d//cat.v1.yaml", "catalog", "sources"], files={"d/cat.v1.yaml": ONE["m.yaml"]},
         out="manifest cat.v1 namespace=- hf_owner=- hf_collection=- entries=1 origin=d/cat.v1.yaml\n"),
    Case(["catalog", "sources"], files={**TWO, "skulk-weights.yaml": "catalogs:\n" + item(hf_collection="acme/c-1")},
         out=f"builtin foxlight namespace=foxlight hf_owner={OWNER} hf_collection={COLLECTION} entries=12 "
             f"origin=package:foxlight\n"
             "path ns namespace=ns hf_owner=acme hf_collection=acme/c-1 entries=2 origin=m.yaml\n"),
    # the contract's example line
    Case([*M, "catalog", "show", "a"], files=ONE, title="the contract's example", out=
         '{"assistant_model_repo": null, "hf_collection": null, "hf_repo": "acme/a", "key": "a", '
         '"mtp_sidecar_repo": null, "mtp_source_repo": null, "output_name": "a.vindex", "quant": "q4k", '
         '"slices": ["full"], "source_model": "o/m", "tier": "smoke", "vision_sidecar_repo": null, '
         '"vision_source_repo": null}\n'),
    Case([*M, "catalog", "show", "a"], files={"m.yaml": manifest(FULL)}, out=shown(**FULL_SHOWN)),
    Case([*M, "catalog", "show", "a"], out=shown(**{**SHOWN, "source_model": ODD}),
         files={"m.yaml": manifest(changed(source_model=json.dumps(ODD, ensure_ascii=False)))}),
    missing("c", "b"), missing("zzz"), missing("A", "a"), missing("ns/a", ""),
    Case([*M, "catalog", "show", ""], code=1, files=TWO, err="catalog key not found: \n  next: did you mean b?\n"),
    Case(["catalog", "show", "gemma-3-4b-full-q4-k"], code=1, err="catalog key not found: gemma-3-4b-full-q4-k\n"
         "  next: did you mean foxlight/gemma-3-4b-full-q4-k?\n"),
]

# --- 1.8: what automation relies on -----------------------------------------------------------------------------

AUTOMATION = [
    Case([*M, "catalog", "show", "a"], files=ONE, out=shown(**SHOWN)), missing("nope"),
    Case([*M, "publish", "--model", "a", "--artifact", "mtp", "--dry-run"], files=ONE, out=plan("mtp", ENTRY),
         env={"SKULK_WEIGHTS_COLLECTION": "", "PATH": "/nowhere", "HOME": "/nowhere"}),
]

CASES = [*GLOBAL, *HELP, *PARSING, *STREAMS, *CATALOG, *INIT, *CLEAN, *DOCTOR, *AUTOMATION]
