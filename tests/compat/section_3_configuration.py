# SPDX-License-Identifier: Apache-2.0
"""Section 3 of the contract: which configuration is found, what may stand in it, how sources are merged."""
import pwd

from compat import (COLLECTION, ENTRY, FOLDER, ONE, OWNER, SHOWN, Case, Link, changed, item, manifest, shown)

SIDE = {"m.yaml": manifest(ENTRY), "m2.yaml": manifest(changed(output_name="b.vindex")),
        "fox.yaml": manifest(changed(key="gemma-3-4b-full-q4-k", hf_repo="x/y")), "sub/x": ""}
BUILTIN = (f"builtin foxlight namespace=foxlight hf_owner={OWNER} hf_collection={COLLECTION} entries=12 "
           "origin=package:foxlight\n")
NS = "path ns namespace=ns hf_owner=acme hf_collection=- entries=1 origin={}m.yaml\n"
SOURCES = ["catalog", "sources"]
VALID_12 = "catalog valid: 12 entries from 1 sources\n"


def in_folder(files, folder):
    return {f"{folder}/{name}": content for name, content in files.items()}


# --- 3.1: discovery -------------------------------------------------------------------------------------------

OWN = "catalogs:\n" + item()
OLD_NAME = ("warning: found skulk-vindex.yaml but not skulk-weights.yaml; rename it to skulk-weights.yaml to silence "
            "this warning.\n")
IS_FOLDER = "warning: {} is a directory, so it is not read; name the file with --config\n"
ALONE = "manifest {} namespace=- hf_owner=- hf_collection=- entries=1 origin={}\n"
DISCOVERY = [
    Case(SOURCES, out=BUILTIN),
    Case(SOURCES, files={**SIDE, "skulk-weights.yaml": OWN}, out=BUILTIN + NS.format("")),
    Case(SOURCES, files={**SIDE, "skulk-vindex.yaml": OWN}, out=BUILTIN + NS.format(""), err=OLD_NAME),
    Case(SOURCES, files={**SIDE, "skulk-weights.yaml": OWN, "skulk-vindex.yaml": "["}, out=BUILTIN + NS.format("")),
    Case(["--config", "skulk-vindex.yaml", *SOURCES], files={**SIDE, "skulk-vindex.yaml": OWN},
         out=BUILTIN + NS.format("")),
    Case(["--config", "c.yaml", *SOURCES], files={**SIDE, "c.yaml": OWN, "skulk-weights.yaml": "["},
         out=BUILTIN + NS.format("")),
    Case(["--manifest", "m.yaml", *SOURCES], files={**ONE, "skulk-weights.yaml": "[", "skulk-vindex.yaml": "["},
         out=ALONE.format("m", "m.yaml")),
    Case(SOURCES, files={"home/skulk-weights.yaml": "[", "home/.skulk-weights.yaml": "["}, out=BUILTIN),
    *[Case([option, "c.yaml", *words], code=1, err=f"{text}\n") for words in (SOURCES, ["publish", "--model", "a",
        "--dry-run"])
      for option, text in (("--config", "c.yaml not found"),
                           ("--manifest", "c.yaml not found; run from the repository root"))],
    *[Case(["--config", path, "catalog", "list"], code=1, err=f"{text} not found\n",
           files={"d": FOLDER, "away": Link("x")})
      for path, text in (("d", "d"), (".", "."), ("./x//y/", "x/y"), ("x/../y", "x/../y"), ("~/c.yaml", "~/c.yaml"),
                         ("away", "away"), ("HERE/c.yaml", "HERE/c.yaml"))],
    # a loop of links is no file, and a name that no file can have is told like any other (W2)
    *[Case([option, path, "catalog", "list"], code=1, err=f"{path} not found{more}\n", files={"loop": Link("loop")},
           differs=differs) for option, more in (("--config", ""), ("--manifest", "; run from the repository root"))
      for path, differs in (("loop", ()), ("x" * 300, "W2"), ("loop/c.yaml", ()))],
    Case(["catalog", "list"], code=1, err="loop not found; run from the repository root\n",
         files={"loop": Link("loop"), "skulk-weights.yaml": "catalogs:\n" + item(path="loop")}),
    # links to files count, folders do not
    Case(SOURCES, files={**SIDE, "real.yaml": OWN, "skulk-weights.yaml": Link("real.yaml")},
         out=BUILTIN + NS.format("")),
    Case(SOURCES, files={"skulk-weights.yaml": Link("nowhere")}, out=BUILTIN),
    Case(["catalog", "validate"], files={"skulk-weights.yaml": FOLDER}, out=VALID_12, differs="W8",
         err=IS_FOLDER.format("skulk-weights.yaml")),
    Case(SOURCES, files={**SIDE, "skulk-weights.yaml": FOLDER, "skulk-vindex.yaml": OWN}, out=BUILTIN + NS.format(""),
         differs="W8", err=IS_FOLDER.format("skulk-weights.yaml") + OLD_NAME),
    # a manifest is named by its file
    *[Case(["--manifest", path, *SOURCES], files={shown_path: ONE["m.yaml"]}, out=ALONE.format(name, shown_path))
      for path, shown_path, name in (("cat.v1.yaml", "cat.v1.yaml", "cat.v1"), ("d/cat", "d/cat", "cat"),
                                     (".hidden", ".hidden", ".hidden"), ("./d//m.yaml", "d/m.yaml", "m"))],
    # and its entries have bare keys, any owner, no inherited collection
    Case(["--manifest", "m.yaml", "catalog", "show", "a"], files=ONE, out=shown(**SHOWN)),
    Case(["--manifest", "m.yaml", "catalog", "validate"], files={"m.yaml": manifest(changed(hf_collection="else/c"))},
         out="catalog valid: 1 entries from 1 sources\n"),
]


# --- 3.2: the format ------------------------------------------------------------------------------------------

def bad(text, error, place, differs=()):
    """A configuration, its error with C for its path and DIR for its folder, and where the next line points."""
    return text, error, place, differs


def bad_item(error, place, differs=(), **fields):
    return bad("catalogs:\n" + item(**fields), error, place, differs)


ONE_OF = "C: catalogs[0] must set exactly one of builtin or path"
NOT_TEXT = ("", "''", "'  '", "1", "yes", "[]", "{}", "2024-01-01")
BUILTIN_TEXT = "C: catalogs[0].builtin must be a non-empty string"
MISTAKES = [
    *[bad(text, "C: must contain a top-level mapping", "1:1") for text in ("- a\n", "catalogs:[]\n", "x\n", "~\n")],
    *[bad(text, "C: must contain a top-level mapping", "") for text in ("", "# nothing\n")],
    bad("catalogs: []\ncatalogues: []\n", "C: set only one of catalogs or the legacy key", "2:1"),
    bad("catalogues: 1\ncatalogs: 2\n", "C: set only one of catalogs or the legacy key", "1:1"),
    *[bad(f"{key}: {value}\n", "C: catalogs must be a list", "1:1")
      for key in ("catalogs", "catalogues") for value in ("", "null", "{}", "x", "1")],
    *[bad(f"catalogs: [{value}]\n", "C: catalogs[0] must be a mapping", "1:12") for value in ("a", "~", "1", "[]")],
    bad("catalogs:\n  - builtin: foxlight\n  - 1\n", "C: catalogs[1] must be a mapping", "3:5"),
    bad("catalogues: [a]\n", "C: catalogs[0] must be a mapping", "1:14"),
    *[bad(f"catalogs: [{value}]\n", ONE_OF, "1:12") for value in
      ("{}", "{namespace: a}", "{builtin: foxlight, path: a}", "{builtin: , path: }")],
    *[bad(f"catalogs: [{{builtin: {value}}}]\n", BUILTIN_TEXT, "1:13") for value in NOT_TEXT],
    *[bad(f"catalogs: [{{builtin: {name}, {more}}}]\n", "C: catalogs[0] builtin sources do not accept overrides",
          "1:12")
      for name in ("foxlight", "other") for more in ("hf_owner: a", "zed: 1", "1: 2")],
    bad("catalogs: [{builtin: other}]\n", "unsupported builtin catalog: other", "1:13"),
    bad("catalogs: [{builtin: Foxlight}]\n", "unsupported builtin catalog: Foxlight", "1:13"),
    bad_item("C: catalogs[0] unsupported fields ['abc', 'zed']", "2:5", zed=1, abc=2),
    bad_item("C: catalogs[0] unsupported fields ['zed']", "2:5", path="", zed=1),
    bad_item("C: catalogs[0] unsupported fields ['Path']", "2:5", Path=1),
    bad("catalogs:\n" + item() + "    1: x\n    zed: y\n", "C: catalogs[0] unsupported fields [1, 'zed']", "2:5",
        "W13"),
    *[bad_item(f"C: catalogs[0].{field} must be a non-empty string", f"{2 + line}:5", **{field: value})
      for line, field in enumerate(("path", "namespace", "hf_owner")) for value in NOT_TEXT],
    bad_item("C: catalogs[0].namespace must be a non-empty string", "2:5", namespace=None, hf_owner=None),
    bad_item("C: catalogs[0].hf_owner must be a non-empty string", "2:5", hf_owner=None),
    bad_item("C: catalogs[0].path must be a non-empty string", "2:5", path="''", namespace="''", hf_owner="''"),
    *[bad_item("C: catalogs[0].hf_collection must be a non-empty string", "5:5", hf_collection=value)
      for value in NOT_TEXT if value],
    *[bad_item("C: catalogs[0] namespace must be lowercase kebab/dot-case", "3:5", namespace=value)
      for value in ("Ns", "-a", ".a", "_a", "a/b", "'a b'", '"a\\n"', "\u00e9")],
    *[bad_item("C: catalogs[0].hf_collection must look like owner/slug", "5:5", hf_collection=value)
      for value in ("acme", "acme/", "acme/a/b", "'acme/a b'", '"acme/a\\n"')],
    *[bad_item("C: catalogs[0].hf_collection owner must be 'acme'", "5:5", hf_collection=value)
      for value in ("other/a", "Acme/a")],
    bad_item("C: catalogs[0].hf_collection owner must be \"it's\"", "5:5", hf_owner="it's", hf_collection="a/a"),
    # in this order, and item by item
    bad_item("C: catalogs[0].namespace must be a non-empty string", "3:5", namespace="", hf_collection="x"),
    bad_item("C: catalogs[0] namespace must be lowercase kebab/dot-case", "3:5", namespace="Ns", hf_collection="x"),
    bad("catalogs:\n" + item() + "  - 1\n", "C: catalogs[1] must be a mapping", "5:5"),
    bad("catalogs:\n" + item(path="gone.yaml") + "  - 1\n", "DIR/gone.yaml not found; run from the repository root",
        None),
    # the files of the sources
    *[bad_item(f"{shown_path} not found; run from the repository root", None, path=path) for path, shown_path in (
        ("gone.yaml", "DIR/gone.yaml"), ("./gone.yaml", "DIR/gone.yaml"),
        ("sub/../x//./gone.yaml/", "DIR/sub/../x/gone.yaml"),
        ("../gone.yaml", "DIR/../gone.yaml"), ("~/gone.yaml", "HERE/home/gone.yaml"),
        ("$HOME/gone.yaml", "DIR/$HOME/gone.yaml"),
        ("/gone.yaml", "/gone.yaml"), ("sub", "DIR/sub"),
        ("~nobody/gone.yaml", pwd.getpwnam("nobody").pw_dir + "/gone.yaml"))],
    # 3.3: what two sources must not share
    bad("catalogs:\n" + item() + item(), "ns/a: duplicate catalog key", None),
    bad("catalogs:\n" + item() + item(namespace="n2"), "n2/a: duplicate output_name a.vindex", None),
    bad("catalogs:\n" + item() + item(namespace="n2", path="m2.yaml"), "n2/a: duplicate hf_repo acme/a", None),
    bad("catalogs:\n  - builtin: foxlight\n  - builtin: foxlight\n",
        "foxlight/gemma-3-4b-full-q4-k: duplicate catalog key", None),
    bad("catalogs:\n" + item(namespace="foxlight", hf_owner="x", path="fox.yaml"),
        "foxlight/gemma-3-4b-full-q4-k: duplicate catalog key", None),
]


def mistake(one, way):
    text, error, place, differs = one
    path, folder, words = (("skulk-weights.yaml", "",
                            []) if way == "found" else ("d/c.yaml", "d/", ["--config", "./d//c.yaml"]))
    error = error.replace("DIR/", folder)
    if folder and error.startswith("d/../"):
        pass
    error = path + error[1:] if error.startswith("C:") else error
    where = "" if place is None else f"  next: see {path}{':' + place if place else ''}\n"
    files = {**(in_folder(SIDE, "d") if folder else SIDE), path: text}
    return Case([*words, "catalog", "validate"], code=1, files=files, err=f"{error}\n{where}", differs=differs)


FORMAT = [mistake(one, way) for one in MISTAKES for way in ("found", "named")]
# the lines of `catalog sources` that a configuration gives
ORDERS = [
    *[(text, BUILTIN) for text in ("{}\n", "other: 1\n", "catalogs: []\n", "catalogues: []\n",
                                   "catalogs: [builtin: foxlight]\n",
                                   "1: x\n")],
    ("catalogs:\n" + item(), BUILTIN + NS), ("catalogues:\n" + item(), BUILTIN + NS),
    ("catalogs:\n" + item() + "  - builtin: foxlight\n", NS + BUILTIN),
    ("catalogs:\n  - builtin: foxlight\n" + item(), BUILTIN + NS),
    ("catalogs:\n" + item(hf_collection="~"), BUILTIN + NS),
    ("catalogs:\n" + item(hf_collection=""), BUILTIN + NS),
    ("catalogs:\n" + item(hf_collection="acme/c-1"), BUILTIN + NS.replace("hf_collection=-", "hf_collection=acme/c-1")),
    ("catalogs:\n" + item(namespace="a.b_c-9"), BUILTIN + NS.replace("path ns namespace=ns", "path a.b_c-9 "
                                                                                             "namespace=a.b_c-9")),
    ("catalogs:\n" + item(path="sub/../m.yaml"), BUILTIN + NS.replace("{}", "{}sub/../")),
    ("catalogs:\n" + item(path="HERE/home/../m3.yaml"),
     BUILTIN + NS.replace("{}m.yaml", "HERE/home/../m3.yaml")),
    ("catalogs:\n" + item(path="~/m4.yaml"), BUILTIN + NS.replace("{}m.yaml", "HERE/home/m4.yaml")),
    ("catalogs:\n" + item() + item(namespace="n2", path="m5.yaml"),
     BUILTIN + NS + NS.replace("path ns namespace=ns", "path n2 namespace=n2").replace("m.yaml", "m5.yaml")),
]
MORE = {"m3.yaml": ONE["m.yaml"], "home/m4.yaml": ONE["m.yaml"]}
OTHER = {"m5.yaml": manifest(changed(output_name="b.vindex", hf_repo="acme/b"))}
ORDER = [Case([*words, *SOURCES], out=lines.replace("{}", folder),
              files={**MORE, **(in_folder({**SIDE, **OTHER}, "d") if folder else {**SIDE, **OTHER}), path: text})
         for text, lines in ORDERS for path, folder, words in
         (("skulk-weights.yaml", "", []), ("d/c.yaml", "d/", ["--config", "d/./c.yaml"]))]

# --- 3.3: merging ---------------------------------------------------------------------------------------------

MERGED = [
    Case(["catalog", "list", "--tier", "smoke"], files={**SIDE,
                                                        "skulk-weights.yaml": "catalogs:\n" + item() +
                                                        "  - builtin: foxlight\n"},
         out="ns/a\nfoxlight/gemma-3-4b-full-q4-k\nfoxlight/llama-3-2-3b-full-q4-k\nfoxlight/qwen-2-5-7b-full-q4-k\n"
             "foxlight/qwen3-5-9b-full-q4-k\nfoxlight/gemma-4-31b-full-q4-k\n"),
    Case(["catalog", "list", "--tier", "smoke"], files={**SIDE, "skulk-weights.yaml": OWN},
         out="foxlight/gemma-3-4b-full-q4-k\nfoxlight/llama-3-2-3b-full-q4-k\nfoxlight/qwen-2-5-7b-full-q4-k\n"
             "foxlight/qwen3-5-9b-full-q4-k\nfoxlight/gemma-4-31b-full-q4-k\nns/a\n"),
    Case(["catalog", "show", "ns/a"], files={**SIDE, "skulk-weights.yaml": OWN}, out=shown(**{**SHOWN, "key": "ns/a"})),
    # a namespace may be that of the built-in catalog as long as the keys differ
    Case(["catalog", "validate"], files={**SIDE, "skulk-weights.yaml": "catalogs:\n" + item(namespace="foxlight")},
         out="catalog valid: 13 entries from 2 sources\n"),
    Case(["catalog", "show", "foxlight/a"], files={**SIDE,
                                                   "skulk-weights.yaml": "catalogs:\n" + item(namespace="foxlight")},
         out=shown(**{**SHOWN, "key": "foxlight/a"})),
    # names differ in case: they do not clash; sidecars may be shared
    Case(["catalog", "validate"], out="catalog valid: 14 entries from 3 sources\n", files={
        **SIDE, "skulk-weights.yaml": "catalogs:\n" + item() + item(namespace="n2", path="m6.yaml"),
        "m6.yaml": manifest(changed(output_name="A.vindex", hf_repo="acme/A"))}),
    Case(["catalog", "validate"], out="catalog valid: 14 entries from 3 sources\n", files={
        "skulk-weights.yaml": "catalogs:\n" + item() + item(namespace="n2", path="m6.yaml"),
        "m.yaml": manifest(changed(mtp_source_repo="o/m", mtp_sidecar_repo="acme/s")),
        "m6.yaml": manifest(changed(output_name="b.vindex", hf_repo="acme/b", mtp_source_repo="o/m",
                                    mtp_sidecar_repo="acme/s"))}),
]

CASES = [*DISCOVERY, *FORMAT, *ORDER, *MERGED]
