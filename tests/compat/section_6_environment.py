# SPDX-License-Identifier: Apache-2.0
"""Section 6 of the contract: the environment variables, as far as they show without a Hub."""
from compat import ENTRY, FULL, MTP, VISION, Case, M, manifest
from section_2_dry_run import case, plan

COLLECTION_ERROR = "SKULK_WEIGHTS_COLLECTION must look like owner/slug or be 'none'\n"
PLAIN = {**ENTRY, **MTP, **VISION}


def by_variable(fields, value, slug):
    return case("all", fields, env={"SKULK_WEIGHTS_COLLECTION": value}, slug=slug)


FILING = [
    *[by_variable(FULL, value, "acme/col-1") for value in (None, "", "  ", "\t", "\n")],
    *[by_variable(PLAIN, value, None) for value in (None, "", "  ")],
    *[by_variable(FULL, value, None) for value in ("none", "0", "false", "no", "off", "disabled", "NONE", "False",
                                                   "NO", " Off ",
                                                   "DISABLED", "\tnone\n")],
    by_variable(PLAIN, "none", None),
    *[by_variable(fields, value, value.strip()) for value in ("other/slug", " other/slug ", "A_b.c-9/x")
      for fields in (FULL, PLAIN)],
    *[Case([*M, "publish", "--model", "a", *words], code=1, files={"m.yaml": manifest(FULL)},
           env={"SKULK_WEIGHTS_COLLECTION": value},
           err=COLLECTION_ERROR) for words in (["--dry-run"], [])
      for value in ("1", "true", "null", "a/b/c", "x", "/x", "x/", "a b/c", "\u00e9/x", "nothing",
                    "https://huggingface.co/a/b")],
    # never looked at by the rest
    *[Case([*M, "catalog", *words], files={"m.yaml": manifest(ENTRY)}, env={"SKULK_WEIGHTS_COLLECTION": "true"},
           out=out)
      for words, out in ((["validate"], "catalog valid: 1 entries from 1 sources\n"), (["list"], "a\n"),
                         (["sources"], "manifest m namespace=- hf_owner=- hf_collection=- entries=1 origin=m.yaml\n"))],
    Case(["scratch", "clean"], env={"SKULK_WEIGHTS_COLLECTION": "true"},
         out="scratch directory does not exist: HERE/.scratch\n"),
]

SCRATCH = [case("all", FULL, *words, env=env, scratch=scratch, **more) for words, env, scratch, more in (
    (["--scratch", "x/.//y/"], {}, "x/y", {}), (["--scratch", "../y"], {}, "../y", {}),
    (["--scratch", "/y"], {}, "/y", {}),
    (["--scratch", "~/y"], {}, "HERE/home/y", {}), (["--scratch=~"], {}, "HERE/home", {}),
    (["--scratch", "a/../b"], {}, "a/../b", {}), (["--scratch", "$HOME"], {}, "$HOME", {"qpath": "'$HOME/a.vindex'"}),
    ([], {"SKULK_WEIGHTS_SCRATCH": "v/w"}, "v/w", {}), ([], {"SKULK_WEIGHTS_SCRATCH": "~/w"}, "HERE/home/w", {}),
    ([], {"SKULK_WEIGHTS_SCRATCH": "/w//x/"}, "/w/x", {}), ([], {"SKULK_WEIGHTS_SCRATCH": ""}, "HERE/.scratch", {}),
    ([], {"SKULK_WEIGHTS_SCRATCH": None}, "HERE/.scratch", {}),
    ([], {"SKULK_WEIGHTS_SCRATCH": " "}, " ", {"qpath": "' /a.vindex'"}),
    (["--scratch", "o"], {"SKULK_WEIGHTS_SCRATCH": "v"}, "o", {}),
    (["--scratch", ""], {"SKULK_WEIGHTS_SCRATCH": "v"}, "v", {}),
    (["--scratch="], {}, "HERE/.scratch", {}), (["--scratch", ""], {"SKULK_WEIGHTS_SCRATCH": ""}, "HERE/.scratch", {}))]

NO_TOKEN = "HF_TOKEN is required for non-dry-run publishing\n"
SET_TOKEN = "  next: set HF_TOKEN to a token with write access to the target, or look at the plan with --dry-run\n"
TOKEN = [
    # a real run prints the plan without its last line, then asks for the token, then for the entry
    *[Case([*M, "publish", "--model", "a", "--artifact", kind], code=1, files={"m.yaml": manifest(FULL)},
           env={"HF_TOKEN": token},
           out=plan(kind, FULL, end=""), err=NO_TOKEN + SET_TOKEN,
           differs=[*(["Q6"] if kind in ("vindex", "all") else []),
                                                                *(["W17"] if token and token.isspace() else [])])
      for kind in ("vindex", "mtp", "vision", "all") for token in (None, "", "  ")],
    *[Case([*M, "publish", "--model", "a", "--artifact", kind], code=1, files={"m.yaml": manifest(ENTRY)},
           env={"HF_TOKEN": token},
           out=plan(kind, ENTRY, end=""), err=NO_TOKEN + SET_TOKEN) for kind in ("mtp", "vision") for token in (None,
               "")],
    # no fall-back to a stored login
    Case([*M, "publish", "--model", "a", "--artifact", "mtp"], code=1,
         files={"m.yaml": manifest(FULL), "home/.cache/huggingface/token": "hf_stored"},
         out=plan("mtp", FULL, end=""), err=NO_TOKEN + SET_TOKEN),
    # a dry run needs none, and catalog commands do not read it
    case("mtp", FULL, env={"HF_TOKEN": None}),
    Case([*M, "catalog", "list"], files={"m.yaml": manifest(ENTRY)}, env={"HF_TOKEN": "\u00e9 \t"}, out="a\n"),
]

# The printed address of a collection does not follow HF_ENDPOINT.
ENDPOINT = [case("mtp", FULL, env={"HF_ENDPOINT": "http://127.0.0.1:9"})]
HOME = [Case([*M, "publish", "--model", "a", "--dry-run", "--artifact", "mtp", "--scratch", "~/y"],
             files={"m.yaml": manifest(FULL)}, env={"HOME": "/else"}, out=plan("mtp", FULL, scratch="/else/y"))]

# Additions of a folder that is another one wherever the program runs are nobody's.
HOME += [Case(["catalog", "validate"], files={"rel/skulk-weights/foxlight.yaml": "["}, env={"XDG_CONFIG_HOME": "rel"},
              out="catalog valid: 12 entries from 1 sources\n")]
SCRATCH += [Case([*M, "publish", "--model", "a", "--dry-run", *words], files={"m.yaml": manifest(FULL)}, env=env, code=1,
                 differs="scratch-name",
                 err=f"{place}: the scratch folder's name holds a control character: 'a\\nb'\n"
                     "  next: name a folder without one\n")
            for words, env, place in ((["--scratch", "a\nb"], {}, "--scratch"),
                                      ([], {"SKULK_WEIGHTS_SCRATCH": "a\nb"}, "SKULK_WEIGHTS_SCRATCH"))]

CASES = [*FILING, *SCRATCH, *TOKEN, *ENDPOINT, *HOME]
