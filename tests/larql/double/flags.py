# SPDX-License-Identifier: Apache-2.0
"""The flags of each verb as its version has them, their help and their parsing; what is unknown is refused."""

# name, whether it takes a value, one line of help. A name without dashes is a positional word.
EXTRACT = [
    ("MODEL", True, "Model directory, or OWNER/NAME in a Hub cache"), ("-o, --output", True, "Output directory"),
    ("--from-vectors", True, "Build from NDJSON vectors"),
    ("--level", True, "browse, attention, inference or all [default: inference]"),
    ("--include-weights", False, "Same as --level all"), ("--quant", True, "none or q4k [default: none]"),
    ("--down-top-k", True, "Tokens kept per feature [default: 10]"),
    ("--summary-features-per-expert", True, "Singular vectors kept per expert [default: 0]"),
    ("--f32", False, "Store as f32"), ("--compact", False, "Leave out duplicate weights"),
    ("--drop-gate-vectors", False, "Leave out gate_vectors.bin"), ("--down-q4k", False, "Down projections as Q4_K"),
    ("--feature-major-down", False, "Also write down_features"), ("--resume", False, "Resume"),
]
SLICE = [
    ("SRC", True, "Source vindex"), ("-o, --output", True, "Output directory"), ("--preset", True, "Name of a slice"),
    ("--parts", True, "Names of parts"), ("--force", False, "Replace the output"),
    ("--dry-run", False, "Print the plan only"),
]
PUBLISH = [
    ("SRC", True, "Source vindex"), ("--repo", True, "Target OWNER/NAME"), ("--full", True, "true or false"),
    ("--no-full", False, "Leave out the full vindex"),
    ("--slices", True, "Slices to publish as well, or none [default: client,attn,embed,server,browse]"),
    ("--slice-repo-template", True, "[default: {repo}-{preset}]"), ("--tmp-dir", True, "Where slices are staged"),
    ("--collections", True, "model,family,library or none [default: model,family,library]"),
    ("--model-title", True, "Title of the model's collection"), ("--family", True, "Name of the family"),
    ("--library-title", True, "Title of the library's collection"),
    ("--force-upload", False, "Send everything again"), ("--repo-type", True, "model or dataset [default: model]"),
    ("--dry-run", False, "Print the plan only"),
]
LATER_PUBLISH = [("--no-prune", False, "Keep remote files that are not in SRC"),
                 ("--private", False, "Create the repository private")]
VERIFY = [("DIR", True, "Vindex")]
TABLES = {"extract": EXTRACT, "extract-index": EXTRACT, "slice": SLICE, "publish": PUBLISH, "verify": VERIFY}
REQUIRED = {"extract": ("output",), "extract-index": ("output",), "slice": ("src", "output"),
            "publish": ("src", "repo"), "verify": ("dir",)}
NATURE = "This is a test double, not larql."


class Usage(Exception):
    pass


def table_of(verb, standin):
    table = list(TABLES[verb])
    if verb == "publish" and standin.version == "N":
        table += LATER_PUBLISH
    if standin.version == "N":
        table = [(n, v, "none, q4k or kquant [default: none]") if n == "--quant" else (n, v, h) for n, v, h in table]
    missing = {"help-without-collections": "--collections", "help-without-quant": "--quant"}.get(standin.mode)
    return [row for row in table if row[0] != missing]


def usage_of(verb, table):
    words = [f"[{n}]" if n == "MODEL" else f"<{n}>" for n, _, _ in table if not n.startswith("-")]
    must = {"output": "--output <OUTPUT>", "repo": "--repo <REPO>"}
    return " ".join(["Usage: larql", verb, "[OPTIONS]", *(must[n] for n in REQUIRED[verb] if n in must), *words])


def top_help(verbs):
    return "\n".join(["LARQL: query model weights.", NATURE, "", "Usage: larql <COMMAND>", "", "Commands:",
                      *("  " + verb for verb in verbs), "", "Options:", "  -h, --help", "  -V, --version"])


def verb_help(verb, table):
    rows = [(f"[{n}]" if not n.startswith("-") else n + (f" <{name_of(n).upper()}>" if v else ""), h)
            for n, v, h in table]
    width = max(len(left) for left, _ in rows) + 2
    shown = ["  " + left.ljust(width) + text for left, text in rows]
    return "\n".join([f"larql {verb}", NATURE, "", usage_of(verb, table), "", "Arguments and options:", *shown,
                      "  " + "-h, --help".ljust(width) + "Print help"])


def name_of(flag):
    return flag.split("--")[-1].replace("-", "_").lower()


def parse(verb, words, table):
    """{name: text or True}. Raises Usage."""
    def refuse(why):
        raise Usage(f"error: {why}\n\n{usage_of(verb, table)}\n\nFor more information, try '--help'.")
    by_flag = {spelling: (name_of(n), takes) for n, takes, _ in table if n.startswith("-") for spelling in n.split(", ")}
    places = [name_of(n) for n, _, _ in table if not n.startswith("-")]
    given, words = {}, list(words)
    while words:
        word = words.pop(0)
        if not word.startswith("-") or word == "-":
            if not places:
                refuse(f"unexpected argument '{word}' found")
            given[places.pop(0)] = word
            continue
        flag, equals, value = word.partition("=")
        if flag not in by_flag:
            refuse(f"unexpected argument '{flag}' found")
        name, takes = by_flag[flag]
        if name in given:
            refuse(f"the argument '{flag}' cannot be used multiple times")
        if takes and not equals:
            if not words:
                refuse(f"a value is required for '{flag}' but none was supplied")
            value = words.pop(0)
        given[name] = value if takes else True
    for name in REQUIRED[verb]:
        if name not in given:
            refuse("the following required arguments were not provided:\n  --" + name)
    return given
