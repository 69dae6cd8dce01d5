# SPDX-License-Identifier: Apache-2.0
"""Section 2 of the contract: what `publish --dry-run` prints, line by line."""
from compat import ENTRY, FULL, MTP, URL, VISION, Case, M, expand, manifest

HEAD = """\
model key: {key}
tier: {tier}
artifact: {artifact}
source model: {model}
output path: {scratch}/{name}
target repo: hf://acme/a
{filing}
publish slices: {slices}
force overwrite: {force}
"""
VINDEX = """\
extract command: larql extract {qmodel} -o {qpath} --quant q4k
publish command: larql publish {qpath} --repo acme/a --slices none --collections none
"""
SLICE = """\
extract command: larql extract {qmodel} -o {qpath} --quant q4k
slice command:   larql slice {qpath} -o {qpath}-expert-server --preset expert-server
publish command: larql publish {qpath}-expert-server --repo acme/a --slices none --collections none
"""
MTP_LINES = """\
mtp source repo:  hf://o/m
mtp sidecar repo: hf://acme/m-mtp/mtp.safetensors
mtp precision:    bf16 (unquantized)
mtp output path:  {scratch}/acme--m-mtp-mtp.safetensors
"""
MTP_FILED = "mtp collection:   MTP Sidecars\n"
NO_MTP = "mtp step: not configured for this entry\n"
VISION_LINES = """\
vision source repo:  hf://third/v
vision sidecar repo: hf://acme/v-vision
vision step:         mirror weights + configs (no quantization)
"""
VISION_FILED = "vision collection:   Vision Sidecars\n"
NO_VISION = "vision step: not configured for this entry\n"


def plan(artifact, fields, slug="as the entry", end="dry run complete\n", **differs):
    """What is printed for an entry; artifact None is the absent option."""
    slug = fields.get("hf_collection") if slug == "as the entry" else slug
    values = {"key": "a", "tier": "smoke", "artifact": artifact or "all", "model": "o/m", "scratch": "HERE/.scratch",
              "name": "a.vindex", "slices": "none", "force": 0, **differs}
    values["filing"] = f"vindex collection: {URL}{slug}" if slug else "collection: disabled"
    values.setdefault("qmodel", values["model"])
    values.setdefault("qpath", values["scratch"] + "/" + values["name"])
    kinds = ("vindex", "mtp", "vision") if artifact in (None, "all") else (artifact,)
    out = HEAD
    if "vindex" in kinds:
        out += VINDEX if values["slices"] == "none" else SLICE
    if "mtp" in kinds:
        out += MTP_LINES + (MTP_FILED if slug else "") if "mtp_source_repo" in fields else NO_MTP
    if "vision" in kinds:
        out += VISION_LINES + (VISION_FILED if slug else "") if "vision_source_repo" in fields else NO_VISION
    return expand(out, values) + end


def case(artifact, fields, *words, env=None, differs=(), more_differs=(), **values):
    chosen = [] if artifact is None else ["--artifact", artifact]
    shows_vindex = artifact in (None, "all", "vindex")
    rows = [*(["Q6"] if shows_vindex else []), *more_differs]
    rows += ["vindex-slice"] if shows_vindex and values.get("slices") else []
    return Case([*M, "publish", "--model", "a", "--dry-run", *chosen, *words], files={"m.yaml": manifest(fields)},
                env=env or {}, out=plan(artifact, fields, **values), differs=[*rows, *differs])


# The example of the contract, as it stands there but for the option that Q6 appends.
EXAMPLE = Case([*M, "publish", "--model", "a", "--dry-run", "--artifact", "all", "--scratch", "S"],
               files={"m.yaml": manifest(FULL)}, differs="Q6", title="the contract's example", out="""\
model key: a
tier: smoke
artifact: all
source model: o/m
output path: S/a.vindex
target repo: hf://acme/a
vindex collection: https://huggingface.co/collections/acme/col-1
publish slices: none
force overwrite: 0
extract command: larql extract o/m -o S/a.vindex --quant q4k
publish command: larql publish S/a.vindex --repo acme/a --slices none --collections none
mtp source repo:  hf://o/m
mtp sidecar repo: hf://acme/m-mtp/mtp.safetensors
mtp precision:    bf16 (unquantized)
mtp output path:  S/acme--m-mtp-mtp.safetensors
mtp collection:   MTP Sidecars
vision source repo:  hf://third/v
vision sidecar repo: hf://acme/v-vision
vision step:         mirror weights + configs (no quantization)
vision collection:   Vision Sidecars
dry run complete
""")

# Each artifact by what the entry has: everything, nothing, one sidecar, the other.
BY_ARTIFACT = [case(artifact, fields) for artifact in (None, "all", "vindex", "mtp", "vision")
               for fields in (FULL, ENTRY, {**ENTRY, **MTP}, {**ENTRY, **VISION, "hf_collection": "acme/col-1"},
                              {**ENTRY, "assistant_model_repo": "o/m-assistant"})]

LINES = [
    case("all", FULL, "--force", force=1),
    case("vision", FULL, "--force", force=1),
    case("mtp", {**FULL, "tier": "moe"}, tier="moe"),
    case("all", {**FULL, "slices": "[expert-server]"}, slices="expert-server"),
    case("vindex", {**ENTRY, "slices": "[expert-server, expert-server]"}, slices="expert-server,expert-server"),
    case("mtp", {**FULL, "slices": "[expert-server]"}, slices="expert-server"),
]

QUOTED = [
    case("vindex", ENTRY, "--scratch", "a b", scratch="a b", qpath="'a b/a.vindex'"),
    case("vindex", ENTRY, "--scratch", "a'b", scratch="a'b", qpath="'a'\"'\"'b/a.vindex'"),
    case("vindex", ENTRY, "--scratch", "a$b", scratch="a$b", qpath="'a$b/a.vindex'"),
    case("vindex", ENTRY, "--scratch", "a\"b", scratch="a\"b", qpath="'a\"b/a.vindex'"),
    case("vindex", ENTRY, "--scratch", "a;b", scratch="a;b", qpath="'a;b/a.vindex'"),
    case("vindex", ENTRY, "--scratch", "a\\b", scratch="a\\b", qpath="'a\\b/a.vindex'"),
    case("vindex", ENTRY, "--scratch", "\u00e9", scratch="\u00e9", qpath="'\u00e9/a.vindex'"),
    case("vindex", ENTRY, "--scratch", "A_z0@%+=:,./-", scratch="A_z0@%+=:,./-"),
    case("vindex", {**ENTRY, "output_name": "'a~b.vindex'"}, "--scratch", "s", scratch="s", name="a~b.vindex",
         qpath="'s/a~b.vindex'"),
    case("vindex", {**ENTRY, "source_model": "'o/m;x'"}, model="o/m;x", qmodel="'o/m;x'"),
    case("vindex", {**ENTRY, "source_model": "'a/b/c'"}, model="a/b/c"),
]
# With a slice two commands have the word with a blank in it, each quoted by itself.
QUOTED.append(Case([*M, "publish", "--model", "a", "--dry-run", "--artifact", "vindex", "--scratch", "a b"],
                   files={"m.yaml": manifest({**ENTRY, "slices": "[expert-server]"})}, differs=("Q6", "vindex-slice"),
                   out=expand(HEAD, {"key": "a", "tier": "smoke", "artifact": "vindex", "model": "o/m",
                                     "scratch": "a b",
                                     "name": "a.vindex", "filing": "collection: disabled", "slices": "expert-server",
                                     "force": 0}) + """\
extract command: larql extract o/m -o 'a b/a.vindex' --quant q4k
slice command:   larql slice 'a b/a.vindex' -o 'a b/a.vindex-expert-server' --preset expert-server
publish command: larql publish 'a b/a.vindex-expert-server' --repo acme/a --slices none --collections none
dry run complete
"""))

# Order of work: catalog, key, collection, and only then the first line.
BAD_VARIABLE = {"SKULK_WEIGHTS_COLLECTION": "true"}
ORDER = [
    Case([*M, "publish", "--dry-run", "--model", "b"], code=1, files={"m.yaml": manifest(FULL)}, env=BAD_VARIABLE,
         err="catalog key not found: b\n  next: did you mean a?\n"),
    Case([*M, "publish", "--dry-run", "--model", "b"], code=1, files={"m.yaml": "models:\n"}, env=BAD_VARIABLE,
         err="m.yaml: models must be a non-empty list\n  next: see m.yaml:1:1\n"),
    Case([*M, "publish", "--dry-run", "--model", "a"], code=1, files={"m.yaml": manifest(FULL)}, env=BAD_VARIABLE,
         err="SKULK_WEIGHTS_COLLECTION must look like owner/slug or be 'none'\n"),
    Case([*M, "publish", "--dry-run", "--model", "a", "--artifact", "mtp"], files={"m.yaml": manifest(ENTRY)},
         env={"HF_TOKEN": "", "PATH": "/nowhere", "HF_ENDPOINT": "http://127.0.0.1:9"}, out=plan("mtp", ENTRY)),
    Case([*M, "publish", "--dry-run", "--model", "a", "--artifact", "vindex", "--scratch", "gone/deep"],
         files={"m.yaml": manifest(ENTRY)}, env={"PATH": "/nowhere"}, out=plan("vindex", ENTRY, scratch="gone/deep"),
         differs="Q6"),
]

CASES = [EXAMPLE, *BY_ARTIFACT, *LINES, *QUOTED, *ORDER]
