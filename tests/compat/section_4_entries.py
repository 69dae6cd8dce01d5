# SPDX-License-Identifier: Apache-2.0
"""Section 4 of the contract: manifests, the 35 rules of an entry with their texts, and YAML 1.1."""
import functools
import json

from compat import (ENTRY, FOLDER, MTP, ONE, SHOWN, VISION, Case, Link, M, changed, item, manifest, shown)

try:
    import yaml
except ImportError:
    yaml = None
    print("PyYAML is not here: the answers to 4.4 are compared with the table alone")

# --- 4.1: the file --------------------------------------------------------------------------------------------

VALIDATE = [*M, "catalog", "validate"]
AT_TOP = "  next: see m.yaml:1:1\n"
FILES = [
    *[Case(["--manifest", path, "catalog", "validate"], code=1, files={"d": FOLDER, "away": Link("nowhere")},
           err=f"{shown_path} not found; run from the repository root\n")
      for path, shown_path in (("gone.yaml", "gone.yaml"), ("./x//gone.yaml/", "x/gone.yaml"), ("d", "d"),
                               ("away", "away"),
                               ("d/../gone.yaml", "d/../gone.yaml"), ("HERE/gone.yaml", "HERE/gone.yaml"))],
    *[Case(VALIDATE, code=1, files={"m.yaml": text}, err="m.yaml must contain a top-level mapping\n" + AT_TOP)
      for text in ("- a\n", "models\n", "models:[]\n", "~\n", "1\n")],
    *[Case(VALIDATE, code=1, files={"m.yaml": text},
           err=f"m.yaml must contain a top-level mapping\n  next: see {place}\n")
      for text, place in (("", "m.yaml"), ("# nothing\n", "m.yaml"), ("---\n...\n", "m.yaml:2:1"),
                          ("# nothing\n- a\n", "m.yaml:2:1"))],
    *[Case(VALIDATE, code=1, files={"m.yaml": text}, err="m.yaml: models must be a non-empty list\n" + AT_TOP)
      for text in ("{}\n", "models:\n", "models: []\n", "models: {a: b}\n", "models: x\n", "models: ~\n",
                   "other: [a]\n")],
    Case(["--manifest", ".//m.yaml", "catalog", "validate"], code=1, files={"m.yaml": "{}\n"},
         err="m.yaml: models must be a non-empty list\n" + AT_TOP),
    Case(["catalog", "validate"], code=1, files={"skulk-weights.yaml": "catalogs:\n" + item(path="d/m.yaml"),
                                                 "d/m.yaml": "{}\n"},
         err="d/m.yaml: models must be a non-empty list\n  next: see d/m.yaml:1:1\n"),
    Case(VALIDATE, files={"m.yaml": "anchors: [x]\n7: z\n" + manifest(ENTRY) + "more: {}\n"},
         out="catalog valid: 1 entries from 1 sources\n"),
    Case(["--manifest", "l.yaml", "catalog", "list"], files={**ONE, "l.yaml": Link("m.yaml")}, out="a\n"),
]


# --- 4.3: the rules, in order ---------------------------------------------------------------------------------

def rule(row, fields, text, field, differs=()):
    """An entry that breaks rule `row`: its text, K being the key, and the field that the next line points to."""
    return row, fields, text, field, differs


NOT_TEXT = ("", "''", "'  '", "1", "1.5", "yes", "~", "2024-01-01", "[a]", "{a: b}")
NOT_TEXT_OR_ABSENT = ("''", "'  '", "1", "1.5", "yes", "2024-01-01", "[a]", "{a: b}")
NOT_A_REPO = ("x", "x/", "/x", "a/b/c", "'a b/c'", '"a/b\\n"', "a\u00e9/b", "https://huggingface.co/a")


def needed(row, field):
    return [rule(row, changed(**{field: value}), f"K: {field} must be a non-empty string", field)
            for value in (None, *NOT_TEXT)]


def optional(row, field, more=None):
    return [rule(row, changed(**{**(more or {}), field: value}), f"K: {field} must be a non-empty string", field)
            for value in NOT_TEXT_OR_ABSENT]


def repo_form(row, field, more=None, wanted="owner/name"):
    return [rule(row, changed(**{**(more or {}), field: value}), f"K: {field} must look like {wanted}", field)
            for value in NOT_A_REPO]


def pair(first_row, kind):
    source, sidecar = f"{kind}_source_repo", f"{kind}_sidecar_repo"
    both = f"K: {source} and {sidecar} must both be set together or not at all"
    good = {source: "o/s", sidecar: "acme/s"}
    return [
        *optional(first_row, source, good), *optional(first_row, sidecar, good),
        rule(first_row, changed(**{source: "1", sidecar: "2"}), f"K: {source} must be a non-empty string", source),
        rule(first_row + 1, changed(**{source: "o/s"}), both, source),
        rule(first_row + 1, changed(**{sidecar: "acme/s"}), both, source),
        rule(first_row + 1, changed(**{source: "o/s", sidecar: "~"}), both, source),
        rule(first_row + 1, changed(**{source: "null", sidecar: "acme/s"}), both, source),
        *repo_form(first_row + 2, source, good), *repo_form(first_row + 2, sidecar, good),
        rule(first_row + 2, changed(**{source: "x", sidecar: "x"}), f"K: {source} must look like owner/name", source),
        rule(first_row + 3, changed(**{source: "o/s", sidecar: "other/s"}), f"K: {sidecar} owner must be 'acme'",
             sidecar),
        rule(first_row + 3, changed(**{source: "o/s", sidecar: "Acme/s"}), f"K: {sidecar} owner must be 'acme'",
             sidecar),
    ]


RULES = [
    *[rule(2, changed(key=value), "models[0]: key must be a non-empty string", "key") for value in (None, *NOT_TEXT)],
    *[rule(3, changed(key=yaml_text), f"{text}: key must be lowercase kebab-case", "key") for yaml_text, text in
      (("A", "A"), ("-a", "-a"), ("a_b", "a_b"), ("a.b", "a.b"), ("'a b'", "a b"), ("\u00e9", "\u00e9"),
       ("a/b", "a/b"))],
    *needed(5, "source_model"),
    rule(6, changed(source_model="x"), "K: source_model must look like owner/name", "source_model"),
    *[rule(6, changed(source_model=value), "K: source_model must look like owner/name", "source_model", "W11")
      for value in ("///", "a b/c", "--help/x", "o/-m", "../m", '"o/m\\n"', "o/", "/m")],
    *needed(7, "quant"),
    *[rule(8, changed(quant=yaml_text), f"K: unsupported quant {text}", "quant") for yaml_text, text in
      (("q8k", "'q8k'"), ("Q4K", "'Q4K'"), ("\"it's\"", "\"it's\""), ('"a\\tb"', r"'a\tb'"),
       ('"\'\\"\\\\"', r"""'\'"\\'"""), ('"\\u0001\\u00e9\\u200b"', "'\\x01\u00e9\\u200b'"), ("'q4k '", "'q4k '"))],
    *needed(9, "tier"),
    *[rule(10, changed(tier=value), f"K: unsupported tier '{value}'", "tier") for value in ("Smoke", "all", "MOE")],
    *[rule(11, changed(slices=value), "K: slices must be a non-empty list", "slices")
      for value in (None, "", "[]", "full", "{}", "1", "~")],
    *[rule(12, changed(slices=value), "K: slices must contain only strings", "slices")
      for value in ("[1]", "[full, yes]", "[[full]]", "[~]", "[{}]")],
    rule(13, changed(slices="[zeta, alpha, zeta, full]"), "K: unsupported slices ['alpha', 'zeta']", "slices"),
    rule(13, changed(slices="['']"), "K: unsupported slices ['']", "slices"),
    rule(13, changed(slices="[Full]"), "K: unsupported slices ['Full']", "slices"),
    rule(13, changed(slices="[\"it's\"]"), "K: unsupported slices [\"it's\"]", "slices"),
    *[rule(14, changed(slices=value), "K: full must not be combined with other slices", "slices")
      for value in ("[full, expert-server]", "[expert-server, full]", "[full, full]")],
    *needed(15, "output_name"),
    *[rule(16, changed(output_name=value), "K: output_name must be a .vindex basename", "output_name") for value in
      ("a", "d/a.vindex", "a.vindex/", "a.Vindex", "../a.vindex", "a.vindex.gz")],
    *[rule(16, changed(output_name=value), "K: output_name must be a .vindex basename", "output_name",
           "W12") for value in
      ('"a\\nb.vindex"', "a\\b.vindex", ".a.vindex", "..vindex", ".vindex", "-a.vindex")],
    rule(16, changed(output_name='"a.vindex\\n"'), "K: output_name must be a .vindex basename", "output_name"),
    *needed(18, "hf_repo"), *repo_form(19, "hf_repo"),
    *[rule(19, changed(hf_repo=value), "K: hf_repo must look like owner/name", "hf_repo", "W12")
      for value in ("../..", "acme/..", "./a", "-x/a", "acme/-a")],
    *optional(22, "hf_collection"), *repo_form(23, "hf_collection", wanted="owner/slug"),
    *pair(25, "mtp"),
    *optional(29, "assistant_model_repo"), *repo_form(30, "assistant_model_repo"),
    rule(31, changed(**MTP, assistant_model_repo="o/a"),
         "K: assistant_model_repo and mtp_source_repo are mutually exclusive",
         "assistant_model_repo"),
    *pair(32, "vision"),
]

# Two rules broken at once: the one that comes first in the contract speaks, whoever owns the fields.
FIRST_SPEAKS = [
    rule(6, changed(source_model="x", quant="q8k", tier="z", slices="x"), "K: source_model must look like owner/name",
         "source_model"),
    rule(8, changed(quant="q8k", tier="z"), "K: unsupported quant 'q8k'", "quant"),
    rule(10, changed(tier="z", slices="x", output_name="x"), "K: unsupported tier 'z'", "tier"),
    rule(11, changed(slices="x", output_name="x", hf_repo="x"), "K: slices must be a non-empty list", "slices"),
    rule(12, changed(slices="[1, zeta, full]"), "K: slices must contain only strings", "slices"),
    rule(13, changed(slices="[full, zeta]"), "K: unsupported slices ['zeta']", "slices"),
    rule(16, changed(output_name="x", hf_repo="x"), "K: output_name must be a .vindex basename", "output_name"),
    rule(19, changed(hf_repo="x", hf_collection="x"), "K: hf_repo must look like owner/name", "hf_repo"),
    rule(23, changed(hf_collection="x", mtp_source_repo="x"), "K: hf_collection must look like owner/slug",
         "hf_collection"),
    rule(26, changed(mtp_source_repo="x", assistant_model_repo="x"),
         "K: mtp_source_repo and mtp_sidecar_repo must both be set together or not at all", "mtp_source_repo"),
    rule(28, changed(**{**MTP, "mtp_sidecar_repo": "other/s"}, assistant_model_repo="x"),
         "K: mtp_sidecar_repo owner must be 'acme'", "mtp_sidecar_repo"),
    rule(30, changed(assistant_model_repo="x", vision_source_repo="x"),
         "K: assistant_model_repo must look like owner/name",
         "assistant_model_repo"),
    rule(31, changed(**MTP, assistant_model_repo="o/a", vision_source_repo="x"),
         "K: assistant_model_repo and mtp_source_repo are mutually exclusive", "assistant_model_repo"),
]

# Rules that hold in a source with an owner only.
OWNED = [
    rule(20, changed(hf_repo="other/a"), "K: hf_repo owner must be 'acme'", "hf_repo"),
    rule(20, changed(hf_repo="Acme/a"), "K: hf_repo owner must be 'acme'", "hf_repo"),
    rule(24, changed(hf_collection="other/a"), "K: hf_collection owner must be 'acme'", "hf_collection"),
]

CONFIG = {"skulk-weights.yaml": "catalogs:\n" + item()}


def place_of(fields, field):
    """Line and column of a field in a manifest of this one entry; of the entry, if it has no such field."""
    written = [name for name, value in fields.items() if value is not None]
    return f"m.yaml:{2 + (written.index(field) if field in written else 0)}:5"


def broken(one, in_source=False):
    row, fields, text, field, differs = one
    key = "ns/a" if in_source else "a"
    return Case(["catalog", "validate"] if in_source else VALIDATE, code=1, title=f"rule {row}",
                files={"m.yaml": manifest(fields), **(CONFIG if in_source else {})}, differs=differs,
                err=f"{key + text[1:] if text.startswith('K:') else text}\n  next: see {place_of(fields, field)}\n")


def entries_case(row, entries, err):
    return Case(VALIDATE, code=1, title=f"rule {row}", files={"m.yaml": entries}, err=err)


B = changed(key="b", output_name="b.vindex", hf_repo="acme/b")
MEETING = [
    *[entries_case(1, f"models: [{value}]\n", "models[0] must be a mapping\n  next: see m.yaml:1:10\n")
      for value in ("a", "~", "[]", "1", "yes")],
    entries_case(1, manifest(ENTRY) + "  - 7\n", "models[1] must be a mapping\n  next: see m.yaml:9:5\n"),
    entries_case(2, manifest(ENTRY) + "  - {key: }\n",
                 "models[1]: key must be a non-empty string\n  next: see m.yaml:9:6\n"),
    entries_case(4, manifest(ENTRY, ENTRY), "a: duplicate key\n  next: see m.yaml:9:5\n"),
    entries_case(17, manifest(ENTRY, {**B, "output_name": "a.vindex"}),
                 "b: duplicate output_name a.vindex\n  next: see m.yaml:14:5\n"),
    entries_case(21, manifest(ENTRY, {**B, "hf_repo": "acme/a"}),
                 "b: duplicate hf_repo acme/a\n  next: see m.yaml:15:5\n"),
    entries_case(4, manifest(ENTRY, {**ENTRY, "quant": "bad"}), "a: duplicate key\n  next: see m.yaml:9:5\n"),
    entries_case(17, manifest(ENTRY, {**B, "output_name": "a.vindex", "hf_repo": "acme/a"}),
                 "b: duplicate output_name a.vindex\n  next: see m.yaml:14:5\n"),
    Case(["catalog", "validate"], code=1, title="rule 4", files={**CONFIG, "m.yaml": manifest(ENTRY, ENTRY)},
         err="ns/a: duplicate key\n  next: see m.yaml:9:5\n"),
    Case([*M, "catalog", "list"], files={"m.yaml": manifest(ENTRY,
                                                            {**B, "output_name": "A.vindex", "hf_repo": "acme/A"})},
         out="a\nb\n"),
    Case([*M, "catalog", "list"], files={"m.yaml": manifest({**ENTRY, **MTP, **VISION}, {**B, **MTP, **VISION})},
         out="a\nb\n"),
    # a target that is the target of something else (W14)
    *[Case(VALIDATE, code=1, files={"m.yaml": manifest({**ENTRY, **fields})}, differs="W14",
           err=f"{text}\n  next: see {place_of({**ENTRY, **fields}, field)}\n") for fields, field, text in (
        ({**MTP, "mtp_sidecar_repo": "acme/a"}, "mtp_sidecar_repo", "a: mtp_sidecar_repo must differ from hf_repo"),
        ({**VISION, "vision_sidecar_repo": "acme/a"}, "vision_sidecar_repo",
         "a: vision_sidecar_repo must differ from hf_repo"),
        ({**MTP, **VISION, "vision_sidecar_repo": "acme/m-mtp"}, "vision_sidecar_repo",
         "a: vision_sidecar_repo must differ from mtp_sidecar_repo"))],
]


# --- 4.2: what is accepted, and what becomes of it ------------------------------------------------------------

def show(fields, **expected):
    return Case([*M, "catalog", "show", "a"], files={"m.yaml": manifest(fields)}, out=shown(**{**SHOWN, **expected}))


KEPT = [
    show(ENTRY), show({**ENTRY, **MTP}, **MTP), show({**ENTRY, **VISION}, **VISION),
    show({**ENTRY, **MTP, **VISION}, **MTP, **VISION),
    show(changed(assistant_model_repo="o/a"), assistant_model_repo="o/a"),
    show({**changed(assistant_model_repo="o/a"), **VISION}, assistant_model_repo="o/a", **VISION),
    show(changed(hf_collection="acme/c.1-_"), hf_collection="acme/c.1-_"),
    show(changed(tier="moe"), tier="moe"), show(changed(slices="[expert-server]"), slices=["expert-server"]),
    show(changed(slices="[expert-server, expert-server]"), slices=["expert-server", "expert-server"]),
    show(changed(slices="\n    - full"), slices=["full"]),
    show(changed(source_model="a/b/c"), source_model="a/b/c"),
    show(changed(source_model="O/M.x_y-1"), source_model="O/M.x_y-1"),
    show(changed(hf_repo="A_b.c-9/d"), hf_repo="A_b.c-9/d"),
    show(changed(output_name="A b.vindex"), output_name="A b.vindex"),
    *[show(changed(**dict.fromkeys(("hf_collection", *MTP, "assistant_model_repo", *VISION), text)))
      for text in ("", "~", "null", "Null", "NULL")],
    *[Case(["catalog", "show", "ns/a"], out=shown(**{**SHOWN, "key": "ns/a", "hf_collection": effective}),
           files={"skulk-weights.yaml": "catalogs:\n" + item(hf_collection="acme/c-1"),
                  "m.yaml": manifest(changed(hf_collection=own))})
      for own, effective in ((None, "acme/c-1"), ("~", "acme/c-1"), ("", "acme/c-1"), ("acme/own", "acme/own"))],
    Case([*M, "catalog", "list"], files={"m.yaml": manifest(changed(key="0a-"))}, out="0a-\n"),
    # Q7: what used to be ignored in silence is told, and still accepted
    Case([*M, "catalog", "list"], files={"m.yaml": manifest(changed(mtp_sidecar_repos="x"))}, out="a\n", differs="W9",
         err="warning: m.yaml:9:5: a: unknown field 'mtp_sidecar_repos', did you mean 'mtp_sidecar_repo'?\n"),
    Case([*M, "catalog", "list"], files={"m.yaml": manifest(changed(zzzzzz="x"))}, out="a\n", differs="W9",
         err="warning: m.yaml:9:5: a: unknown field 'zzzzzz'\n"),
    Case([*M, "catalog", "list"], files={"m.yaml": manifest(changed(Quant="x"))}, out="a\n", differs="W9",
         err="warning: m.yaml:9:5: a: unknown field 'Quant', did you mean 'quant'?\n"),
]


# --- 4.4: YAML as PyYAML's safe loader reads it ---------------------------------------------------------------

class YamlCase(Case):
    """A run that PyYAML is asked about as well; read(document) says what the case should say, or complains."""

    def with_oracle(self, text, agrees):
        self.oracle = functools.partial(agrees, text)
        return self

    def check(self):
        return [*(self.oracle() if yaml else []), *super().check()]


def oracle_scalar(expected, text):
    value = yaml.safe_load(text)["models"][0]["key"]
    is_text = isinstance(value, str) and bool(value.strip())
    return [] if is_text == (expected is not None) and (not is_text or value == expected) else [f"PyYAML reads "
                                                                                                f"{value!r}"]


def oracle_accepts(text):
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        return [f"PyYAML refuses this: {error}"]
    return [] if [one["key"] for one in document["models"]] == ["a"] else [f"PyYAML reads {document!r}"]


def oracle_refuses(text):
    try:
        return [f"PyYAML reads {yaml.safe_load(text)!r}"]
    except (yaml.YAMLError, ValueError):
        return []


# what stands behind "key:": the text that it is, or None: no string, or a blank one
NO_STRINGS = ["123", "0x1f", "017", "0b11", "1_000", "12:30", "+1", "-1", "0", "1:2:3", "-0x1F", "0b1_0",
              "1.5", ".5", "5.", "1.0e+3", ".inf", "-.inf", ".Inf", ".nan", ".NaN", "09.1", "1_0.5", "1:30.5",
              "2024-01-01", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00", "2024-1-1T0:00:00",
              "yes", "no", "on", "off", "true", "false", "True", "TRUE", "Yes", "YES", "No", "NO", "On", "ON", "Off",
              "OFF",
              "False", "FALSE", "null", "~", "Null", "NULL", "", '""', "''", '"  "', "[]", "{}", "[a]",
              "!!int '1'", "!!null ''", "!!bool 'yes'", "!!float '1'", "! 5"]
STRINGS = {"1e3": "1e3", "0o17": "0o17", "08": "08", "2024-1-1": "2024-1-1", "y": "y", "n": "n", "a": "a", "0a": "0a",
           "1-1": "1-1", "1.0e3": "1.0e3", "1.2.3": "1.2.3", "1,000": "1,000", "Y": "Y", "N": "N", "nO": "nO",
           "tRUE": "tRUE",
           "nULL": "nULL", "0x": "0x", "1e+3": "1e+3", "12:60:99": "12:60:99", ".inF": ".inF", "0b2": "0b2",
           "2024-13": "2024-13",
           '"123"': "123", "'yes'": "yes", "!!str 123": "123", "!!str yes": "yes", "+.5": "+.5", "&x a": "a",
           '"a\\x62"': "ab",
           "|\n      a": "a\n", ">\n      a": "a\n", ">-\n      a": "a", "|-\n      a": "a", "a\n      b": "a b",
           "a #b": "a",
           "'it''s'": "it's", '"\\u00e9"': "\u00e9"}


def scalar(text, key):
    source = manifest(changed(key=text))
    if key is None:
        case = YamlCase([*M, "catalog", "list"], code=1, files={"m.yaml": source}, title=f"key: {text!r}",
                        err="models[0]: key must be a non-empty string\n  next: see m.yaml:2:5\n")
    elif key and set(key) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") and not key.startswith("-"):
        case = YamlCase([*M, "catalog", "list"], files={"m.yaml": source}, title=f"key: {text!r}", out=key + "\n")
    else:
        case = YamlCase([*M, "catalog", "list"], code=1, files={"m.yaml": source}, title=f"key: {text!r}",
                        differs="control-characters" if "\n" in key else (),
                        err=key.replace("\n", "\\x0a") + ": key must be lowercase kebab-case\n  next: see m.yaml:2:5\n")
    return case.with_oracle(source, functools.partial(oracle_scalar, key))


GOOD = manifest(ENTRY)
ACCEPTED = [
    "\ufeff" + GOOD, GOOD.replace("\n", "\r\n"), GOOD.replace("\n", "\r"), "%YAML 1.2\n---\n" + GOOD,
    "%YAML 1.1\n---\n" + GOOD,
    "---\n" + GOOD + "...\n", "# note\n" + GOOD, GOOD.rstrip("\n"),
    json.dumps({"models": [{**ENTRY, "slices": ["full"]}]}),
    # merge keys: one map, a list, own keys win, the first of a list wins
    "base: &b {quant: q4k, tier: moe, slices: [full]}\nmodels:\n  - <<: *b\n    key: a\n    source_model: o/m\n"
    "    output_name: a.vindex\n    hf_repo: acme/a\n    tier: smoke\n",
    "x: &x {quant: q4k}\ny: &y {quant: bad, tier: smoke}\nmodels:\n  - <<: [*x, *y]\n    key: a\n    source_model: "
    "o/m\n"
    "    slices: &s [full]\n    output_name: a.vindex\n    hf_repo: acme/a\n",
    "e: &e " + json.dumps({**ENTRY, "slices": ["full"]}) + "\nmodels: [*e]\n",
    "loop: &l [*l]\n" + GOOD, "? models\n:\n" + GOOD[8:],
    GOOD.replace("q4k", "!!str q4k"), GOOD.replace("q4k", "\"q4k\""), GOOD.replace("[full]", "\n      - full"),
]
# what PyYAML refuses: the file, where, why
NO_VALUE = "the character {!r} cannot start a value; put it in quotes"
REFUSED = [
    (GOOD + "---\n" + GOOD, "9:1", "a second document begins here; only one is allowed"),
    ("- a\nmodels: b\n", "2:1", "a second document begins here; only one is allowed"),
    ("models:\n\t- a\n", "2:1", "a tab stands where only blanks may; tabs are allowed in quotes, comments and block "
                                "scalars"),
    ("models: [", "1:10", "end of sequence flow not found"), ("models: {a, b\n", "2:1", "end of map flow not found"),
    ("a: &x 1\nb: &x 2\n", "2:4", "the anchor 'x' is used twice"),
    ("a: *x\n", "1:4", "the referenced anchor is not defined"),
    ("models: !foo x\n", "1:9", "the tag '!foo' is not supported here"),
    ("models: !!python/object:os.system x\n", "1:9",
     "the tag 'tag:yaml.org,2002:python/object:os.system' is not supported here"),
    ("models: =\n", "1:9", "'=' cannot be a value; put it in quotes"),
    ("models: <<\n", "1:9", "'<<' cannot be a value; put it in quotes"),
    ("? [a]\n: b\n", "1:3", "a list or mapping cannot be a key"),
    ("{a: b}: c\n", "1:1", "a list or mapping cannot be a key"),
    ("models: \x01\n", "1:9", "a control character is not allowed"),
    ("models: \x7f\n", "1:9", "a control character is not allowed"),
    ("models: \"\\q\"\n", "1:10", "this escape is not known in double quotes"),
    ("a: b: c\n", "1:5", "illegal map value"),
    ("models: 'x\n", "1:9", "this quoted text has no end"),
    *[(f"models: {sign}x\n", "1:9", NO_VALUE.format(sign)) for sign in "@`%"],
    ("models: !!int x\n", "1:9", "'x' is not a valid int"),
    ("<<: 1\nmodels: []\n", "1:5", "'<<' takes a mapping or a list of mappings"),
    (b"models: \xff\n", "1:9", "the text is not UTF-8"), (b"\xff\xfe\x00", "1:1", "the text is not UTF-8"),
    (b"a: \xc3\n", "1:4", "the text is not UTF-8"), (b"a: \xed\xa0\x80\n", "1:4", "the text is not UTF-8"),
]


def refused(text, place, reason):
    case = YamlCase([*M, "catalog", "list"], code=1, files={"m.yaml": text}, title=f"file {text[:40]!r}", differs="W2",
                    err=f"m.yaml:{place}: {reason}\n")
    return case.with_oracle(text, oracle_refuses)


YAML = [
    *[scalar(text, None) for text in NO_STRINGS], *[scalar(text, key) for text, key in STRINGS.items()],
    *[YamlCase([*M, "catalog", "list"], files={"m.yaml": text}, title=f"file {text[:40]!r}", out="a\n")
      .with_oracle(text, oracle_accepts) for text in ACCEPTED],
    *[refused(*row) for row in REFUSED],
    *[YamlCase([*M, "catalog", "list"], files={"m.yaml": GOOD + f"    {key}: x\n"}, out="a\n", differs="W9",
               err=f"warning: m.yaml:9:5: a: unknown field '!!{kind}'\n").with_oracle(GOOD +
                   f"    {key}: x\n", oracle_accepts)
      for key, kind in (("1", "int 1"), ("yes", "bool true"))],
    # a tier of its own wins over a merged one
    Case([*M, "catalog", "show", "a"], files={"m.yaml": ACCEPTED[9]}, out=shown(**SHOWN)),
    # a final newline is not tolerated where there is a pattern
    *[broken(rule(row, changed(**{field: "|\n      " + ENTRY[field]}), text, field)) for row, field, text in (
        (8, "quant", "K: unsupported quant 'q4k\\n'"), (10, "tier", "K: unsupported tier 'smoke\\n'"),
        (16, "output_name", "K: output_name must be a .vindex basename"),
        (19, "hf_repo", "K: hf_repo must look like owner/name"))],
    broken(rule(6, changed(source_model="|\n      o/m"), "K: source_model must look like owner/name", "source_model",
                "W11")),
    # the last of two equal keys wins, and both are told
    Case([*M, "catalog", "show", "a"], files={"m.yaml": manifest(changed(tier="smoke")) + "    tier: moe\n"},
         out=shown(**{**SHOWN, "tier": "moe"}), differs="W9",
         err="warning: m.yaml:9:5: duplicate key 'tier', the last one counts\n"),
    Case([*M, "catalog", "list"], files={"m.yaml": "models: []\n" + GOOD}, out="a\n", differs="W9",
         err="warning: m.yaml:2:1: duplicate key 'models', the last one counts\n"),
]

# Every text once more in a source with a namespace and an owner.
IN_SOURCE = {(row, text): (row, fields, text, *rest) for row, fields, text, *rest in reversed(RULES)}.values()
CASES = [*FILES, *[broken(one) for one in RULES + FIRST_SPEAKS],
         *[broken(one, in_source=True) for one in [*IN_SOURCE, *OWNED]],
         *MEETING, *KEPT, *YAML]

# Every rule of the contract's table is shown, or this file is wrong.
assert {int(case.title.split()[1].rstrip(":")) for case in CASES if case.title.startswith("rule ")} == set(range(1, 36))
