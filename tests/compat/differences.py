# SPDX-License-Identifier: Apache-2.0
"""The differences from the Python tool that are there on purpose: one list, read by the cases and by docs/differences.md.

    python3 differences.py           holds the list, the cases and the page against each other
    python3 differences.py --write   writes the page anew
"""
import dataclasses
import os
import pathlib
import sys

sys.dont_write_bytecode = True
PAGE = pathlib.Path(__file__).absolute().parents[2] / "docs/differences.md"


@dataclasses.dataclass(frozen=True)
class Difference:
    name: str
    section: str  # of the contract
    before: str   # what the Python tool does
    now: str
    reason: str


LIST = [Difference(*row) for row in [
    # --- The command line
    ("no-prefixes", "1.3", "`--mod`, `--dry` and any other clear beginning of a long option are accepted",
     "only whole names; the error says which option is meant",
     "a short form that works today would change its meaning with the next new option"),
    ("repeatable", "1.3", "of several `--model` or `--artifact` the last one counts",
     "each is taken; `--artifact mtp,vision` as well", "several entries and kinds in one run"),
    ("version", "1.2", "no `--version`", "prints program, plugin ABI and plugins", "bug reports need it"),
    ("W1", "1.3", "the first word `catalogue` anywhere is read as `catalog`, a model key or a path as well",
     "it is an alias where a command stands, nowhere else", "`publish --model catalogue` looked for another key"),
    ("usage-texts", "1.4", "usage lines and their errors are argparse's",
     "our own, with the next step behind them; exit code 2 and `skulk-weights COMMAND: error: ` stay",
     "their text was free"),
    ("next-line", "1.5", "an error is one line", "a second line, `  next: `, says what to do or where to look; the "
                                                 "first line is the same",
     "an error that does not say what to do makes people search"),
    ("reader-gone", "1.4", "a reader of stdout that goes away ends in 120 and a note on stderr",
     "141, as a shell reports it, and no note",
     "an accident of Python"),
    ("exit-75", "1.4", "every failure is 1", "a failure that may pass (network, 429, 5xx) is 75; the same command "
                                             "again is right",
     "schedulers can repeat it by themselves; other failures stay 1"),
    ("exit-8-9", "1.4", "every failure is 1",
     "8: some of several artifacts or entries are published, others failed; 9: all are published, filing into a "
     "collection failed",
     "what is left to do differs"),
    ("W2", "1.4", "malformed YAML, bad UTF-8, unreadable files, a failing `larql` and the end of input at a prompt "
                  "end in a traceback",
     "one line that names the place; 1, or `aborted` and 0 at a prompt", "a traceback names no cause"),
    ("control-characters", "0.2", "a name out of a file is printed as it is",
     "a control character in it is printed as `\\x0a`",
     "a file must not be able to move the cursor or colour a terminal"),
    # --- Commands
    ("Q2", "1.7", "`doctor` reports the Python packages PyYAML and huggingface_hub",
     "those lines are gone; what this program needs is checked instead: plugins, disk space, Hub, clock",
     "the packages are not used any more"),
    ("W4", "1.7", "malformed YAML ends `doctor` before its first line",
     "all checks run; the catalog's line fails with the error",
     "the other checks are worth knowing then"),
    ("W7", "1.7", "`scratch clean` deletes any folder three levels deep, follows a link that is given and fails on it",
     "only folders that a run has made or that hold nothing else; links are refused with a reason",
     "a mistyped path cost a folder"),
    ("W17", "6", "`HF_TOKEN` of blanks counts as set", "blanks are no token, in `doctor` and `publish`",
     "the Hub refuses it after hours of work"),
    # --- The plan
    ("Q6", "2, 8.2", "`larql publish DIR --repo R --slices none`",
     "the same beginning, with `--collections none` behind it",
     "what is printed is what is run, and larql must not file by itself"),
    ("vindex-slice", "2, 8.2", "an entry with the slice `expert-server` is planned as `larql publish DIR --repo R "
                               "--slices expert-server`",
     "the extraction is cut with `larql slice` first, a line of its own, and the slice is published with `--slices "
     "none`",
     "larql's own `--slices` publishes into other repositories than the entry's"),
    # --- Catalogs
    ("W8", "3.1", "a folder named `skulk-weights.yaml` is passed over silently", "with a warning",
     "the configuration seemed to be ignored"),
    ("W9", "4.4, Q7", "duplicate keys (the last one counts) and unknown fields are silent",
     "still accepted, with a warning that names line, column and the nearest field",
     "a mistyped `mtp_sidecar_repos` lost its sidecar"),
    ("W11", "4.2", "`source_model` is anything with a `/` in it: `///`, `a b/c`, `--help/x`",
     "refused with the same text: no blanks, no empty part, no part that is `..` or begins with `-`",
     "it becomes an argument of larql"),
    ("W12", "4.2", "names are not looked at closely: `.hidden`, `a\\\\b` and a text of two lines pass as `output_name`, "
                   "`-x/y` and `../..` as `hf_repo`",
     "refused with the texts that other bad names get", "both become paths and arguments"),
    ("W13", "3.2", "a key that is no text beside an unknown one crashes",
     "the list of unsupported fields, as for texts", "a crash names no cause"),
    ("W14", "4.2", "two artifacts of an entry can name one repo", "refused",
     "publishing the one deletes files of the other"),
    # --- find and add
    ("W16", "7", "`catalog find` minds capitals", "it does not",
     "the Hub does not either; the built-in catalog spells one model in lower case"),
    ("W35", "7.1", "`?`, `#`, `@`, sections such as `datasets/` and other hosts stay in the model id",
     "addresses are parsed: query, fragment and page go, what is no model is refused",
     "they ended in a 404 or in a crash"),
    ("W23", "7.7", "`-it`, `-mlx` and the like are removed anywhere: `Foo-Italian` becomes `fooalian`",
     "only where no letter follows", "the key should resemble the model"),
    ("W24", "7.8", "a key that is none is appended, and every later command fails",
     "refused; the whole catalog is read with the entry before it is written",
     "one bad line made the catalog unreadable"),
    ("W27", "7.9", "the same `source_model` can be added twice in silence", "with a warning that names the entries",
     "the hand-written keys differ from the derived ones"),
    ("W28", "7.3", "a base that cannot be fetched is taken as base; a loop of bases burns five requests and ends "
                   "without detection",
     "a missing base is told as a warning; a loop is an error that names it",
     "the wrong repo was written into the entry"),
    ("W29", "7.3", "a finetune is replaced by its parent before anyone looks for heads",
     "its own heads are looked for first; the parent's are taken with a warning",
     "heads of another model guess worse"),
    ("W30", "7.5", "single-file checkpoints are not looked at", "headers are read by range, as `publish` does",
     "`publish` would find heads that `add` had missed"),
    ("W33", "7.3", "a first tag `base_model:finetune:a/b` makes the base `finetune:a/b`, which has no MTP names",
     "the relation is cut off", "the heads were missed"),
    ("refused-heads", "7.5", "fields are written for heads that no publish can read",
     "they are left out, with the reason", "an entry that fails in every run"),
    ("hub-spelling", "7.2", "`source_model` is what was typed", "as the Hub spells it", "one model, one spelling"),
    ("W25", "7.8", "the block is appended to whatever the file ends with, without a lock",
     "it goes to the end of the list, in the file's own style; the file is replaced as a whole",
     "a file in which `models` is not last was broken"),
    ("W32", "7.4", "`q8` anywhere in a tag means 8 bits", "only as a word of the name or of a tag of the model's own",
     "a data set's name refused a model"),
    ("W34", "7.4", "`qwen3_moe` and others count as `smoke`", "experts are told by more tags and by `config.json`",
     "the weekly run publishes all of `smoke`"),
    ("Q4", "7.8", "`catalog add` appends to the file inside the installed package",
     "to `--to FILE`, else to the built-in file if it may be written, else to `foxlight.yaml` in "
     "`~/.config/skulk-weights`, which is read with it",
     "an upgrade took the entries away"),
    ("add-manifest", "7.8", "with `--manifest F` the entry still goes to the built-in catalog",
     "to F, for the owner and collection that F's entries have",
     "the file that the command line names is the one meant"),
    ("add-reminder", "7.2", "reminds of the test files of the Python tool",
     "stderr says how to see what would be published", "those files are gone"),
    ("W21", "7.2", "`catalog add` asks `https://huggingface.co` alone, once",
     "`HF_ENDPOINT` and proxies count; what may pass is tried again",
     "mirrors and rehearsals; one busy second ended the command"),
    ("W22", "7.2", "a refused login, a busy and a broken Hub are all told as a wrong model id",
     "a 404 alone is; the rest is told as what it was", "the id was right"),
    ("stored-login", "6", "`HF_TOKEN` is the only token; `HF_HOME` is ignored",
     "so it is for `publish`; commands that only read, such as `catalog add`, take the login that `hf auth login` stored "
     "(`HF_TOKEN_PATH`, `HF_HOME`)",
     "gated models can be looked at without a token in the environment"),
    ("scratch-name", "6", "a control character in `--scratch` or `SKULK_WEIGHTS_SCRATCH` is printed in the plan",
     "refused", "a line of the plan must not be two"),
    # --- Publishing
    ("Q3", "8.7", "`extracted_with: skulk-weights-publisher 0.1.0`", "the new program's name and version",
     "a card tells what made it"),
    ("card-keys", "8.7", "the front matter ends with `generated_at`; the body has the headings Provenance, Usage, "
                         "License, Notes",
     "a kind's own facts stand behind `generated_at`, such as `mtp_layout`; a vindex has `base_model_relation`; a "
     "table Files names "
     "each file's size and SHA-256", "the older keys keep their names and order, so readers of old cards read new "
                                     "ones"),
    ("Q5", "8.2, 8.5", "a vindex is filed into its collection, then gets its card; weights and card of a vision "
                       "sidecar are two commits",
     "the card comes first; for sidecars it is in the same commit as the weights",
     "a failing collection left a repo without card, and readers saw halves"),
    ("late-repo", "8.3, 8.5", "a public, empty repo is made before anything else",
     "the repo is made when there is something to commit",
     "every failure left an empty repo behind"),
    ("quiet-skip", "8.4", "the line that a sidecar exists is all",
     "a second line says whether it is from the source's current commit",
     "the file's name alone tells nothing of its content"),
    ("mtp-texts", "8.3", "`no scale tensor found for {dtype} tensor '{name}'` and four other texts about odd tensors",
     "texts of our own that name commit, file, tensor, dtype and shape; nothing is published",
     "more layouts are read, so other things are odd"),
    ("W41", "8.3", "a source that is not there or does not answer reads `no MTP head tensors found`",
     "it is told as what it is",
     "people looked for heads that were there"),
    ("vision-lines", "8.5", "`vision: downloading weights`, `{n} weight file(s) downloaded`, `uploading to`, "
                            "`published to`",
     "`vision: mirroring`, `atomically publishing`, how each file came, `published hf://{repo} at {commit}`",
     "the Hub copies most files itself: nothing is downloaded"),
    ("W57", "8.5", "licence files are not mirrored", "`LICENSE` and `NOTICE` are", "the licence asks for it"),
    ("W58", "8.5", "each run mirrors everything again",
     "a mirror that is current is left alone; `--force` commits again", "nothing had changed"),
    ("vindex-lines", "8.2", "larql's own output is all that is seen",
     "`vindex:` lines tell the steps, larql's progress among them",
     "one form of progress for every kind"),
    ("vindex-checks", "8.2", "what larql made is uploaded as it is",
     "it is checked before, compared after, and the repo is private until it is whole",
     "a tool is not trusted to have succeeded"),
    ("vindex-skip", "8.2", "a published vindex is extracted and published again",
     "it is left alone while its source has not changed; `--force` makes it anew",
     "hours of work for the same files"),
    ("larql-alone", "1.5, 8.1", "larql inherits streams, environment and working directory",
     "it gets few variables, a home of its own, and the token only for `larql publish`; its output is shown in "
     "`vindex:` lines",
     "a tool needs no secrets that it does not use"),
    ("resume", "8.2", "an output folder that is left makes the next run stop",
     "one of this program's own that passes its checks is gone on with",
     "an upload that failed cost the extraction as well"),
    ("summary", "8.1", "a run ends with its first error", "a run of several artifacts ends with a summary on stderr",
     "what is left to do should be visible"),
]]
NAMES = {one.name for one in LIST}

HEAD = """\
# What differs from the Python tool

For operators who have used the Python tool and scripts that were written for it. After this page you know each place
where this program answers differently on purpose; [how to change over](migrating.md) says what to do. All else is
the same to the byte: commands, options, the dry-run plan, the JSON lines, messages, file names, cards.

A number such as W9 is how the case is called in `tests/compat`, where each row is shown by at least one run.
This page is written by `tests/compat/differences.py --write`; the tests fail when it is out of date.
"""
CHAPTERS = [("1", "Command line"), ("2", "The plan"), ("3", "Configuration and catalogs"),
            ("4", "Configuration and catalogs"),
            ("0", "Command line"), ("6", "Command line"), ("7", "catalog find and catalog add"), ("8", "Publishing")]


def page():
    chapters = {}
    for one in LIST:
        chapters.setdefault(dict(CHAPTERS)[one.section[0]], []).append(one)
    text = HEAD
    for chapter, rows in chapters.items():
        text += f"\n## {chapter}\n\n| case | the Python tool | this program | why |\n| --- | --- | --- | --- |\n"
        text += "".join(f"| {one.name} | {cell(one.before)} | {cell(one.now)} | {cell(one.reason)} |\n" for one in rows)
    return text


def cell(text):
    return text.replace("|", "\\|")


def main(words):
    os.environ.setdefault("SKW_BIN", ".")  # nothing is run here
    if words == ["--write"]:
        PAGE.write_text(page())
        return 0
    import compat
    faults, used, cases = [], set(), 0
    for section in compat.SECTIONS:
        for case in compat.cases_of(section):
            cases += 1
            used |= set(case.differences())
    faults += [f"a case names the difference {name}, which is not in the list" for name in sorted(used - NAMES)]
    faults += [f"no case shows the difference {name}" for name in sorted(NAMES - used)]
    faults += [f"{name} is in the list twice" for name in sorted(NAMES) if sum(one.name == name for one in LIST) > 1]
    if not PAGE.exists() or PAGE.read_text() != page():
        faults.append(f"docs/{PAGE.name} is out of date: python3 tests/compat/differences.py --write")
    for fault in faults:
        print("FAILED " + fault)
    print(f"{cases} cases in {len(compat.SECTIONS)} sections, {len(LIST)} differences on purpose")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).absolute().parent))
    sys.exit(main(sys.argv[1:]))
