# SPDX-License-Identifier: Apache-2.0
"""Section 1.7 of the contract, the commands that touch the machine: catalog init, scratch clean, doctor."""
import os
import re
import tempfile

from compat import FOLDER, ONE, Case, Link, M, changed, item, manifest

VALID_12 = "catalog valid: 12 entries from 1 sources\n"

INIT_TEXT = """\
# The built-in Foxlight catalog is always read; this file adds sources of your own.
# Take the empty list out once your first source stands here.
catalogs: []

# A source looks like this:
# catalogs:
#   - path: ./operator-vindexes.yaml
#     namespace: my-org
#     hf_owner: my-org
#     hf_collection: my-org/my-vindexes-0123456789abcdef01234567
"""
EXISTS = "{} already exists; rerun with --force to replace it\n"
INIT = [
    Case(["catalog", "init"], out="wrote skulk-weights.yaml\n", left={"skulk-weights.yaml": INIT_TEXT}),
    Case(["catalogue", "init"], out="wrote skulk-weights.yaml\n", left={"skulk-weights.yaml": INIT_TEXT}),
    Case(["catalog", "init", "--output", "./d//c.yaml"], files={"d": FOLDER}, out="wrote d/c.yaml\n",
         left={"d/c.yaml": INIT_TEXT}),
    Case(["catalog", "init", "--output", "HERE/c.yaml"], out="wrote HERE/c.yaml\n", left={"c.yaml": INIT_TEXT}),
    Case(["catalog", "init", "--output", "~"], out="wrote ~\n", left={"~": INIT_TEXT}),
    Case(["catalog", "init"], files={"skulk-weights.yaml": "x"}, code=1, err=EXISTS.format("skulk-weights.yaml")),
    Case(["catalog", "init", "--output", "d"], files={"d": FOLDER}, code=1, err=EXISTS.format("d")),
    Case(["catalog", "init", "--output", "l"], files={"l": Link("HERE/m.yaml"), **ONE}, code=1, err=EXISTS.format("l")),
    Case(["catalog", "init", "--force"], files={"skulk-weights.yaml": "x"}, out="wrote skulk-weights.yaml\n",
         left={"skulk-weights.yaml": INIT_TEXT}),
    Case(["catalog", "init", "--force", "--output", "new.yaml"], out="wrote new.yaml\n", left={"new.yaml": INIT_TEXT}),
    # no catalog is loaded, and a broken one does not matter
    Case(["--config", "gone.yaml", "catalog", "init", "--output", "c.yaml"], out="wrote c.yaml\n",
         left={"c.yaml": INIT_TEXT}),
    Case(["catalog", "init", "--force"], files={"skulk-weights.yaml": "["}, out="wrote skulk-weights.yaml\n",
         left={"skulk-weights.yaml": INIT_TEXT}),
    # parents are not made
    Case(["catalog", "init", "--output", "no/c.yaml"], code=1, differs="W2",
         err="no/c.yaml: cannot make a file beside it: No such file or directory\n"),
    Case(["catalog", "init", "--output", "d", "--force"], files={"d": FOLDER}, code=1, differs="W2",
         err="d: is a directory\n  next: name a file with --output\n"),
    # what it writes is valid at once
    Case(["catalog", "validate"], files={"skulk-weights.yaml": INIT_TEXT}, out=VALID_12),
    # and un-commented without taking the empty list out, the last key wins (Q7)
    Case(["catalog", "validate"], code=1, differs="W9",
         files={"skulk-weights.yaml": INIT_TEXT.replace("# ",
                                                        "").replace("#   ", "  ").replace("The built", "# The built")
                .replace("Take the", "# Take the").replace("A source", "# A source")},
         err="warning: skulk-weights.yaml:6:1: duplicate key 'catalogs', the last one counts\n"
             "operator-vindexes.yaml not found; run from the repository root\n"),
]

TOO_BROAD = ("refusing to delete {}: path is too broad (home, root, cwd, ancestor of cwd, or top-level)\n"
             "  next: name the scratch folder itself with --scratch\n")
MARKED = ".skulk-weights-scratch"
TREE = {"s/" + MARKED: "", "s/a.vindex/x": "y", "s/_hf_cache": FOLDER}
GONE = ("s",)
CLEAN = [
    Case(["scratch", "clean"], out="scratch directory does not exist: HERE/.scratch\n"),
    Case(["scratch", "clean", "--scratch", "gone/deep"], out="scratch directory does not exist: gone/deep\n"),
    Case(["scratch", "clean", "--scratch", "~/gone", "-y"], out="scratch directory does not exist: HERE/home/gone\n"),
    Case(["scratch", "clean", "--scratch", ""], out="scratch directory does not exist: HERE/.scratch\n"),
    Case(["scratch", "clean"], env={"SKULK_WEIGHTS_SCRATCH": "v"}, out="scratch directory does not exist: v\n"),
    Case(["scratch", "clean", "--scratch", "o"], env={"SKULK_WEIGHTS_SCRATCH": "v"},
         out="scratch directory does not exist: o\n"),
    *[Case(["scratch", "clean", "--scratch", "s", option], files=TREE, gone=GONE, out="deleted s\n",
           differs="W7") for option in ("-y", "--yes")],
    *[Case(["scratch", "clean", "--scratch", "s"], files=TREE, gone=GONE, stdin=typed,
           out="Delete s? [y/N] deleted s\n", differs="W7")
      for typed in ("y\n", "Y\n", " y \n", "y")],
    *[Case(["scratch", "clean", "--scratch", "s"], files=TREE, stdin=typed, out="Delete s? [y/N] aborted\n",
           differs="W7")
      for typed in ("n\n", "\n", "yes\n", "no\n", "")],
    # only a folder of our own: one that holds something else as well is refused, and so is a link (W7)
    Case(["scratch", "clean", "-y"], files={".scratch/" + MARKED: "", ".scratch/x": ""}, code=1, differs="W7",
         err="refusing to delete HERE/.scratch: it is no scratch folder of this program, for it holds 'x'\n"
             "  next: move these elsewhere, or delete the folder by hand\n"),
    Case(["scratch", "clean", "-y", "--scratch", "p"], files={"p/q/x": "y"}, code=1, differs="W7",
         err="refusing to delete HERE/p: it is no scratch folder of this program, for it holds 'q'\n"
             "  next: move these elsewhere, or delete the folder by hand\n"),
    Case(["scratch", "clean", "-y", "--scratch", "l"], files={**TREE, "l": Link("s")}, code=1, differs="W7",
         err="refusing to delete l: it is a symbolic link, to HERE/s\n"
             "  next: name the folder that it leads to, or remove the link by hand\n"),
    Case(["scratch", "clean", "-y", "--scratch", "f"], files={"f": "x"}, code=1, differs="W7",
         err="refusing to delete f: it is not a folder\n  next: remove it by hand if it is in the way\n"),
    Case(["scratch", "clean", "-y"], files={".scratch/" + MARKED: "", ".scratch/a.vindex/x": ""}, gone=(".scratch",),
         out="deleted HERE/.scratch\n", differs="W7"),
    Case(["scratch", "clean", "-y"], files={"v/" + MARKED: ""}, gone=("v",), env={"SKULK_WEIGHTS_SCRATCH": "v"},
         out="deleted v\n",
         differs="W7"),
    *[Case(["scratch", "clean", "-y", "--scratch", path], code=1, err=TOO_BROAD.format(resolved)) for path,
      resolved in (
        ("/", "/"), (".", "HERE"), ("home/..", "HERE"), ("..", os.path.realpath(tempfile.gettempdir())),
        ("~", "HERE/home"), ("/usr", "/usr"), ("/nowhere-at-all", "/nowhere-at-all"),
        ("HERE", "HERE"), ("/var/../usr", "/usr"))],
    Case(["scratch", "clean", "-y", "--scratch", "l"], files={"l": Link("home")}, code=1,
         err=TOO_BROAD.format("HERE/home")),
    Case(["scratch", "clean", "-y"], env={"SKULK_WEIGHTS_SCRATCH": "~"}, code=1, err=TOO_BROAD.format("HERE/home")),
    # no catalog is loaded
    Case(["scratch", "clean"], files={"skulk-weights.yaml": "["},
         out="scratch directory does not exist: HERE/.scratch\n"),
]


class DoctorCase(Case):
    """doctor: all lines are exact but for what only the machine knows: free space, certificates, kernels."""

    def judge(self, done, room, before, names, watch=True):
        text = done.stdout.decode()
        for pattern, name in ((r"(?m)^certificate store: .+$", "certificate store: ..."),
                              (r"(?m)^scratch space: \d[\d.]* [kMGT]?B free", "scratch space: ... free"),
                              (r"(?m)converted by the \w+ kernels$", "converted by the ... kernels"),
                              (r"(?m)(plugin skw\.\w+|\(skulk-weights) \d+\.\d+\.\d+", r"\1 ...")):
            text = re.sub(pattern, name, text)
        done.stdout = text.encode()
        return super().judge(done, room, before, names, watch)


OWN_YAML = "YAML reader built in (skulk-weights ...)\n"
WRITABLE = "scratch root writable: {}\n"
PLUGINS = "".join(f"plugin skw.{kind} ... loads; makes {kind}\n" for kind in ("mtp", "vindex", "vision"))
REST = ("proxy: none\ncertificate store: ...\nscratch space: ... free; what is needed is not known without --online\n"
        "Hub, clock and what the token may do: not known without --online\n")
PASSED = "doctor checks passed\n"
BUILTIN_VALID, MANIFEST_VALID = "catalogue valid: 12 entries from 1 sources\n", "m.yaml valid: 1 entries\n"
LARQL = {"bin/larql": "#!/bin/sh\ncase $1 in --version) echo larql 0.2.0;; *) echo --quant q4k --slices "
                      "--collections --preset;; esac\n"}
TELLS = """\
vindex: larql says it is larql 0.2.0
vindex: larql extract has what a vindex takes: --quant, q4k
vindex: larql publish has what a vindex takes: --slices, --collections
vindex: larql slice has what a vindex takes: --preset
"""
NO_TOKEN = ("HF_TOKEN is not set; publication will fail\n"
            "  next: set HF_TOKEN to a token with write access to the targets\n")
HUB = "Hub client built in, for https://huggingface.co\n"
KERNELS = "mtp: tensors are converted by the ... kernels\n"


def doctor(*words, root="HERE/.scratch", catalog=BUILTIN_VALID, publish="", token="", between="", failed="",
           before=(), made=None, **more):
    code = 1 if failed else 0
    return DoctorCase([*before, "doctor", *words],
                      out=publish + OWN_YAML + token + (HUB if "--publish" in words else "") + WRITABLE.format(root) +
                      catalog + PLUGINS + between + REST + ("" if failed else PASSED), err=failed, code=code,
                      left={(made or ".scratch") + "/.skulk-weights-scratch": None}, **{"differs": "Q2", **more})


DOCTOR = [
    doctor(), doctor(before=M, files=ONE, catalog=MANIFEST_VALID),
    doctor(before=["--config", "c.yaml"], files={**ONE, "c.yaml": "catalogs:\n" + item()},
           catalog="catalogue valid: 13 entries from 2 sources\n"),
    doctor(env={"SKULK_WEIGHTS_SCRATCH": "v/w"}, root="v/w", made="v/w"),
    doctor(env={"SKULK_WEIGHTS_SCRATCH": "~/w"}, root="HERE/home/w", made="home/w"),
    doctor(env={"SKULK_WEIGHTS_COLLECTION": "true", "HF_TOKEN": "", "PATH": "/nowhere"}),
    doctor("--publish", env={"PATH": "/nowhere"}, between=
           "vindex: larql is not on PATH, so its flags are not known\n" + KERNELS,
           failed="missing command: larql\n  next: install it, or add its folder to PATH\n" + NO_TOKEN),
    *[doctor("--publish", env={"PATH": "HERE/bin:/usr/bin:/bin", "HF_TOKEN": token}, files=LARQL,
             differs=("Q2", "W17") if token else ("Q2",),
             publish="found command: larql (HERE/bin/larql)\n", between=TELLS + KERNELS,
             failed=NO_TOKEN) for token in ("", "  ")],
    doctor("--publish", env={"PATH": "HERE/bin:/usr/bin:/bin", "HF_TOKEN": "hf_x"}, files=LARQL,
           publish="found command: larql (HERE/bin/larql)\n", token="HF_TOKEN is set\n", between=TELLS + KERNELS),
    # failures: on stderr, in the catalog's words; all checks run
    doctor(before=["--config", "gone.yaml"], catalog="", failed="gone.yaml not found\n"),
    doctor(files={"skulk-weights.yaml": "- a\n"}, catalog="",
           failed="skulk-weights.yaml: must contain a top-level mapping\n  next: see skulk-weights.yaml:1:1\n"),
    doctor(before=M, files={"m.yaml": manifest(changed(quant="q8"))}, catalog="",
           failed="a: unsupported quant 'q8'\n  next: see m.yaml:4:5\n"),
    doctor(before=M, files={"m.yaml": "models: [\n"}, catalog="", differs=("Q2", "W4"),
           failed="m.yaml:2:1: end of sequence flow not found\n"),
    DoctorCase(["doctor"], env={"SKULK_WEIGHTS_SCRATCH": "m.yaml/s"}, files=ONE, code=1, differs="Q2",
               out=OWN_YAML + BUILTIN_VALID + PLUGINS + REST.replace(
                   "scratch space: ... free; what is needed is not known without --online",
                   "scratch space: not known: cannot look at: Not a directory"),
               err="scratch root is not writable: m.yaml/s\n"
                   "  next: cannot be made: Not a directory; correct that, or set SKULK_WEIGHTS_SCRATCH to another "
                   "folder\n"),
]
