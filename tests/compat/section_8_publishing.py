# SPDX-License-Identifier: Apache-2.0
"""Section 8 of the contract: real publishes to a local Hub, vindexes with the double of larql."""
import functools
import re

from compat import ANYTHING, ENTRY, FOLDER, MTP, VISION, Case, HubCase, M, manifest
from publishing import (card, collections, encoder, equals, heads, heads_only, history, holds, is_public, nextn,
                        no_encoder, room_with, spoilt, vindex_room)
from section_2_dry_run import plan

SCRATCH = ["--scratch", "HERE/scratch"]
LEFT = {"scratch/.skulk-weights-scratch": None}  # the mark by which `scratch clean` knows the folder
NO_FILING = {"SKULK_WEIGHTS_COLLECTION": "none"}
FILED = {"SKULK_WEIGHTS_COLLECTION": "acme/col-1"}  # which for a sidecar only says that it is filed at all


# --- 8.3 and 8.4: mtp -------------------------------------------------------------------------------------------

SHARDS = ["model.safetensors-00001-of-00002.safetensors", "model.safetensors-00002-of-00002.safetensors"]
FOUND = "mtp: found MTP tensors in 2 shard(s) (prefix: '{}')\n"
FETCHED = "".join(f"mtp: downloading shard {i}/2: {name}\nmtp: shard {i}/2 ready\n" for i, name in enumerate(SHARDS, 1))
MADE = ("mtp: streaming tensors to disk (bf16, unquantized)...\n"
        "mtp: saved {} tensor(s) at bf16 (unquantized) to HERE/scratch/acme--m-mtp-mtp.safetensors\n"
        "mtp: atomically publishing weights and card to hf://acme/m-mtp\n")
DONE = "mtp: published hf://acme/m-mtp/mtp.safetensors at {head of mtp}\n"
EXTRACTED = FOUND.format("mtp.") + FETCHED + MADE.format(15) + DONE
SKIPPED = ("mtp: sidecar already exists at hf://acme/m-mtp/mtp.safetensors \u2014 it already covers o/m and every "
           "quantization of it. "
           "Skipping (pass --force to re-extract).\n")
CURRENT = ("mtp: the existing sidecar is current: it was made from revision {short head of o/m} of o/m, which is the "
           "source's "
           "revision now\n")
OLDER = ("mtp: the existing sidecar is older: it was made from revision {old} of o/m, which is at "
         "{short head of o/m} now; pass --force to extract again\n")
ADDED = "Add MTP sidecar from o/m@{head_of_o_m}"
MTP_ENTRY = {**ENTRY, **MTP}


class UploadCase(HubCase):
    """Uploading is told by percentages that depend on time: each at least 2 above the last, and 99 at most."""

    def judge(self, done, room, before, names, watch=True):
        text, complaints, last = done.stderr.decode(), [], -2
        for percent, of, all_of in re.findall(r"^(?:mtp|vision): uploading (\d+)% \((\d+\.\d) GB / (\d+\.\d) GB\)\n",
                                              text, re.MULTILINE):
            if int(percent) < last + 2 or int(percent) > 99 or float(of) > float(all_of):
                complaints.append(f"mtp: uploading {percent}% after {last}%")
            last = int(percent)
        text = re.sub(r"^(?:mtp|vision): uploading \d+% \(\d+\.\d GB / \d+\.\d GB\)\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"(; request [^)]*)\)", ")", text)
        text = re.sub(r"(vindex: estimate: ).*", r"\1...", text)
        done.stderr = text.encode()
        return complaints + super().judge(done, room, before, names, watch)


def mtp(*words, room=None, fields=None, kind="mtp", **more):
    fields = fields or {**MTP_ENTRY}
    forced = {"force": 1} if "--force" in words else {}
    slug = more.pop("slug", "acme/col-1")
    env = more.pop("env", FILED)
    out = more.pop("out", plan(kind, fields, end="", scratch="HERE/scratch", slug=slug, **forced))
    return UploadCase([*M, "publish", "--model", "a", "--artifact", kind, *SCRATCH, *words], room=room or room_with(),
                      files={"m.yaml": manifest(fields)}, env=env, out=out,
                      reveal=heads, **{"left": LEFT, **more})


def published_before(fields, kind, key):
    """A run before the one that is judged. Under another key its card is another one, though made in the same second."""
    def before(room, names):
        (room.folder / "first").mkdir()
        (room.folder / "first/m.yaml").write_text(manifest({**fields, "key": key}))
        done = room.run("--manifest", "first/m.yaml", "publish", "--model", key, "--artifact", kind, "--scratch",
                        "first/scratch",
                        **NO_FILING)
        assert done.returncode == 0, done.stderr
        names["old"] = (room.hub.head("o/m") or "")[:12]
    return before


first_publish = published_before(MTP_ENTRY, "mtp", "z")


def touch_source(room, _):
    import checkpoints
    checkpoints.commit(room.hub, "o/m", {"notes.txt": b"n"})


FRONT = """\
base_model: o/m
tags:
- mtp-sidecar
- skulk
- foxlight
license: apache-2.0
foxlight:
  artifact_type: mtp-sidecar
  source_repo: o/m
  source_revision: '{head of o/m}'
  target_model: o/m
  catalog_key: a
  extracted_with: {version}
  generated_at: '{generated}'
  mtp_layout: 'qwen'
  mtp_source_formats: 'BF16'
"""
NO_HEADS = ("no MTP head tensors found in o/m; confirm this model has native MTP heads (checked for mtp.* keys and "
            "model.layers.{N}.* via config.json)\n")
STORED = "o/m@{short head of o/m}: " + SHARDS[1] + ": mtp.fc.weight is stored as "
ORIGINAL = "  next: use the original release of the model\n"


def add_tensor(dtype, scale=None):
    def change(one, module):
        elements = 2 * module.HIDDEN * module.HIDDEN
        one.put("mtp.fc.weight", dtype, [module.HIDDEN, 2 * module.HIDDEN], bytes(elements))
        if scale:
            one.put("mtp.fc.weight_scale_inv", *scale)
    return change


def lose_tensor(one, module):
    one.drop("mtp.fc.weight")
    one.index["mtp.fc.weight"] = module.SECOND


def refused_head(change, err, *differs):
    return mtp(room=spoilt(change), code=1, err=FOUND.format("mtp.") + FETCHED + err, after=[history("acme/m-mtp")],
               differs=["late-repo", "mtp-texts", *differs])


MTP_CASES = [
    mtp(err=EXTRACTED, differs=["card-keys", "Q3"], after=[
        history("acme/m-mtp", ADDED), holds("acme/m-mtp", "README.md", "mtp.safetensors"), is_public("acme/m-mtp"),
        collections(MTP_Sidecars=["acme/m-mtp"]),
        card("acme/m-mtp", FRONT, "MTP sidecar: ", "Provenance", "Files", "Usage", "License",
             words=("not a standalone model", "speculatively decode", "original license", "preserved unchanged",
                    "mtp.safetensors",
                    "(https://huggingface.co/o/m)"))]),
    mtp(room=room_with(sources=nextn), err=FOUND.format("model.layers.2.") + FETCHED + MADE.format(14) + DONE),
    mtp(err=EXTRACTED, env=NO_FILING, slug=None, after=[collections(), history("acme/m-mtp", ADDED)]),
    # a skip files, and commits nothing
    mtp(before=first_publish, err=SKIPPED + CURRENT, left={}, differs="quiet-skip",
        after=[history("acme/m-mtp", ADDED), collections(MTP_Sidecars=["acme/m-mtp"])]),
    mtp(before=[first_publish, touch_source], err=SKIPPED + OLDER, left={}, differs="quiet-skip"),
    mtp("--force", before=first_publish, err=EXTRACTED, after=[history("acme/m-mtp", ADDED, ADDED)]),
    # refusals
    mtp(room=spoilt(lambda one, _: one.drop_head()), code=1, differs="late-repo", after=[history("acme/m-mtp")],
        err=NO_HEADS +
        "  next: its config.json declares 1 MTP layer(s) (mtp_num_hidden_layers), but the checkpoint does not ship "
        "them: declared but not shipped. Conversions drop these tensors; use the original release\n"),
    refused_head(add_tensor("F8_E4M3"), STORED + "F8_E4M3 without a scale\n" + ORIGINAL),
    refused_head(add_tensor("I8"), STORED + "I8 without a scale\n" + ORIGINAL),
    refused_head(add_tensor("F8_E4M3", ("I8", [1, 1], b"\1")), STORED + "F8_E4M3 [8, 16] with scales I8 [1, 1] "
                 "(weight_scale_inv); no known format has scales of this dtype and name beside such a weight\n" + ORIGINAL),
    refused_head(add_tensor("F8_E4M3", ("F32", [3, 1], bytes(12))), STORED + "F8_E4M3 [8, 16] with scales F32 [3, 1] "
                 "(weight_scale_inv), which are neither one value, nor one a row, nor groups of a row, nor a grid of one "
                 "usual block size alone; config.json gives no weight_block_size\n" + ORIGINAL),
    mtp(room=spoilt(lose_tensor), code=1, differs=["late-repo", "mtp-texts"], after=[history("acme/m-mtp")],
        err=FOUND.format("mtp.") + FETCHED.replace("mtp: shard 2/2 ready\n", "") + "o/m@{short head of o/m}: " +
        SHARDS[1] + ": the index model.safetensors.index.json places 'mtp.fc.weight' here, but the file's header does not have "
        "it\n"),
    mtp(room=room_with(sources=dict), code=1, after=[history("acme/m-mtp")], left={}, differs=["late-repo", "W41"],
        err="o/m@main: there is no such repo, or this token may not see it\n"
            "  next: check the name, and that the token in HF_TOKEN may read this repo\n"),
    # 8.6: published, but not filed
    *[mtp(room=room_with("--fault", fault), code=9, differs="exit-8-9", after=[history("acme/m-mtp", ADDED)],
          err=EXTRACTED + f"failed to {what}: {detail}\n  next: the artifact itself is published; {then}\n")
      for fault, what, detail, then in (
          ("POST:/api/collections:status-403x9", "ensure collection acme/'MTP Sidecars'",
           "the token may not do this (status 403: A fault that was asked for.)",
           "use a token that may write there, then run the same command again to file it"),
          ("GET:/api/collections:status-500x9", "ensure collection acme/'MTP Sidecars'",
           "the server could not answer (status 500: A fault that was asked for.)",
           "run the same command again to file it"))],
]


# --- 8.1: artifacts that are not configured ---------------------------------------------------------------------

OFFLINE = {"HF_TOKEN": "hf_x", "HF_ENDPOINT": "http://127.0.0.1:9"}
UNCONFIGURED = [
    Case([*M, "publish", "--model", "a", "--artifact", kind], code=1, files={"m.yaml": manifest(fields)}, env=OFFLINE,
         out=plan(kind, fields, end=""),
         err=f"no {name} sidecar configured for a; add {kind}_source_repo and {kind}_sidecar_repo to the catalog "
             f"entry\n")
    for kind, name in (("mtp", "MTP"), ("vision", "vision"))
    for fields in (ENTRY, {**ENTRY, **(VISION if kind == "mtp" else MTP)}, {**ENTRY, "assistant_model_repo": "o/a"})]


# --- 8.5: vision ------------------------------------------------------------------------------------------------

VISION_ENTRY = {**ENTRY, **VISION}
MIRRORED = ["model.safetensors", "deep/more.safetensors", "config.json", "merges.txt", "tiktoken.model",
            "deep/config.json"]
vision = functools.partial(mtp, room=room_with(sources=encoder), fields=VISION_ENTRY, kind="vision")
BEGIN = "vision: mirroring 6 file(s), 2 of them weights, from hf://third/v\n"
COPIES = ("vision: the Hub does not copy 1 file of third/v by itself (its listing names no storage hash): what "
          "acme/v-vision does not "
          "have is streamed through memory\n")
ATOMIC = "vision: atomically publishing weights and card to hf://acme/v-vision\n"
PUBLISHED = "vision: published hf://acme/v-vision at {head of vision}\n"
VISION_FRONT = """\
base_model: third/v
tags:
- vision-sidecar
- skulk
- foxlight
license: mit
foxlight:
  artifact_type: vision-sidecar
  source_repo: third/v
  source_revision: '{head of third/v}'
  target_model: o/m
  catalog_key: a
  extracted_with: {version}
  generated_at: '{generated}'
"""


MIRROR = "Mirror vision encoder from third/v"
VISION_CASES = [
    vision(err=BEGIN + ATOMIC + COPIES + "vision: 8 file(s): 5 inlined, 2 streamed, 1 uploaded\n" + PUBLISHED,
           differs=["vision-lines", "W57", "Q5"], after=[
        history("acme/v-vision", MIRROR), holds("acme/v-vision", "README.md", "LICENSE", *MIRRORED),
        is_public("acme/v-vision"),
        collections(Vision_Sidecars=["acme/v-vision"]),
        card("acme/v-vision", VISION_FRONT, "The vision tower for `o/m`", "Provenance", "Files", "Usage", "License",
             words=("original license", "preserved unchanged", "(https://huggingface.co/third/v)"))]),
    vision(err=BEGIN + ATOMIC + COPIES + "vision: 8 file(s): 5 inlined, 2 streamed, 1 uploaded\n" + PUBLISHED,
           env=NO_FILING, slug=None, differs="vision-lines",
           after=[collections()]),
    vision(before=published_before(VISION_ENTRY, "vision", "a"), differs="W58",
           after=[history("acme/v-vision", MIRROR), collections(Vision_Sidecars=["acme/v-vision"])],
           err=BEGIN + "vision: unchanged: hf://acme/v-vision holds these files already; nothing was committed (pass "
                       "--force to do it "
                       "anyway)\n"),
    vision("--force", before=published_before(VISION_ENTRY, "vision", "z"), differs="vision-lines",
           after=[history("acme/v-vision", MIRROR, MIRROR)],
           err=BEGIN + ATOMIC + "vision: 8 file(s): 1 inlined, 7 unchanged\n" + PUBLISHED),
    vision(room=room_with(sources=no_encoder), code=1, left={}, differs="late-repo", after=[history("acme/v-vision")],
           err="no .safetensors weights found in third/v; confirm this repo holds the vision encoder weights\n"),
]


# --- 8.2: vindex ------------------------------------------------------------------------------------------------

VINDEX_ENTRY = {**ENTRY, "source_model": "tiny/llama-3"}
TO_SLUG = {"SKULK_WEIGHTS_COLLECTION": "{slug}"}
vindex = functools.partial(mtp, room=vindex_room(), fields=VINDEX_ENTRY, kind="vindex", env=TO_SLUG,
                           out=plan("vindex", VINDEX_ENTRY, model="tiny/llama-3", end="", scratch="HERE/scratch",
                                    slug="{slug}"))
FORCED = plan("vindex", VINDEX_ENTRY, model="tiny/llama-3", end="", scratch="HERE/scratch", slug="{slug}", force=1)


def slug_is_known(room, names):
    names["slug"] = room.slug
    names["source"] = room.source_commit[:12]


EXTRACT = """\
vindex: using larql 0.2.0
vindex: estimate: ...
vindex: staging 9 file(s), 1.8 MB, of tiny/llama-3 at {source}
vindex: extracting to HERE/scratch/a.vindex (q4k)
vindex: extract: loading
vindex: extract: gate_vectors
vindex: extract: embeddings
vindex: extract: down_meta
vindex: extract: tokenizer
vindex: extract: model_weights_kquant
vindex: checking HERE/scratch/a.vindex
vindex: checked 15 file(s), 1.1 MB
"""
PUBLISH = """\
vindex: publishing 16 file(s), 1.1 MB
card: uploading model card to hf://acme/a/README.md
card: published model card to hf://acme/a/README.md
vindex: published hf://acme/a at {head of vindex}
"""
VINDEX_LEFT = {**LEFT, "scratch/resume/skw.vindex": FOLDER}


def no_larql(room, names):
    import room as rooms
    names["path"] = rooms.path_without_larql()


def old_output(room, _):
    (room.folder / "scratch/a.vindex").mkdir(parents=True)
    (room.folder / "scratch/a.vindex/x").write_text("x")


def starts(*verbs):
    """What larql was started for, beyond questions for its version and options."""
    def check(room, _):
        import sample
        found = [one["argv"][1] for one in sample.starts(room.bin) if "--help" not in one["argv"] and
                 "--version" not in one["argv"]]
        return equals("larql was started for", list(verbs), found)
    return check


def words_of_larql(room, _):
    """Q6: what was printed is what was run."""
    import sample
    found = [one["argv"][1:] for one in sample.starts(room.bin) if "--help" not in one["argv"] and
             "--version" not in one["argv"]]
    path = f"{room.folder.resolve()}/scratch/a.vindex"
    return equals("the words of larql", [["extract", "tiny/llama-3", "-o", path, "--quant", "q4k"],
                                         ["publish", path, "--repo", "acme/a", "--slices", "none", "--collections",
                                          "none"]], found)


def filed(*repos):
    return lambda room, _: equals("filed", list(repos), room.filed())


def run_with(mode):
    """A run in which larql fails, and then one in which it does not."""
    def before(room, names):
        room.play("N", mode)
        (room.folder / "m.yaml").write_text(manifest(VINDEX_ENTRY))
        done = room.run(*M, "publish", "--model", "a", "--artifact", "vindex", "--scratch", room.folder / "scratch",
                        SKULK_WEIGHTS_COLLECTION=room.slug)
        assert done.returncode == (1 if mode else 0), done.stderr
        room.play("N", None)
    return before


def play(mode):
    return lambda room, _: room.play("N", mode)


VINDEX_FAILS = ["vindex-checks", "vindex-lines"]
VINDEX_CASES = [
    vindex(before=slug_is_known, err=EXTRACT + PUBLISH, left=VINDEX_LEFT,
           differs=["vindex-checks", "vindex-lines", "Q5", "Q6", "larql-alone"],
           after=[starts("extract", "publish"), words_of_larql, filed("acme/a"), is_public("acme/a")]),
    vindex(before=[slug_is_known, no_larql], env={**TO_SLUG, "PATH": "{path}"}, code=1, left={},
           after=[history("acme/a"), starts()],
           err="larql is required for vindex publishing\n  next: install larql and put its folder on PATH\n"),
    vindex(before=[slug_is_known, old_output], code=1, left={}, after=[history("acme/a"), starts()],
           err="output path already exists: HERE/scratch/a.vindex\nremove it manually or rerun with --force to "
               "replace it\n"),
    vindex("--force", before=[slug_is_known, old_output], out=FORCED, err=EXTRACT + PUBLISH,
           gone=("scratch/a.vindex",), left={"scratch/resume/skw.vindex": FOLDER},
           differs=VINDEX_FAILS, after=[starts("extract", "publish"), filed("acme/a")]),
    # larql fails: what it wrote stays, nothing is uploaded, no card, not filed
    vindex(before=[slug_is_known, play("fails")], code=1, differs=VINDEX_FAILS,
           after=[history("acme/a"), filed(), starts("extract")],
           left={**LEFT, "scratch/resume/skw.vindex": ANYTHING},  # the staged source
           err=EXTRACT[:EXTRACT.index("vindex: extract: loading")] +
           "larql extract: ended with exit code 1: Error: parse error: the double was told to fail\n"
           "  next: what it wrote stays in HERE/scratch/a.vindex, and nothing was uploaded; run again with --force "
           "to extract anew from "
           "the staged source, which is kept\n"),
    # an upload that failed is gone on with; what is published is left alone
    vindex(before=[run_with("publish-nothing"), slug_is_known], differs=["resume", *VINDEX_FAILS],
           gone=("scratch/a.vindex", "scratch/resume/skw.vindex"),
           left={"scratch/resume/skw.vindex": FOLDER}, after=[starts("extract", "publish", "publish"), filed("acme/a")],
           err=EXTRACT[:EXTRACT.index("vindex: staging")] + "vindex: going on with HERE/scratch/a.vindex of an "
                                                            "earlier run\n" +
           EXTRACT[EXTRACT.index("vindex: staging"):EXTRACT.index("vindex: extracting")] + EXTRACT[EXTRACT.index(
               "vindex: checking"):] + PUBLISH),
    vindex(before=[run_with(None), slug_is_known], differs="vindex-skip", left={},
           after=[starts("extract", "publish"), filed("acme/a")],
           err="vindex: already published from this revision; pass --force to extract it again\n"),
    # one of two artifacts fails
    UploadCase([*M, "publish", "--model", "a", "--artifact", "mtp,vision", *SCRATCH],
               room=room_with(sources=lambda: {**no_encoder(), **heads_only()}),
               files={"m.yaml": manifest({**MTP_ENTRY, **VISION})}, env=FILED, reveal=heads, left=LEFT, code=8,
               differs=["exit-8-9", "repeatable", "summary"],
               after=[history("acme/m-mtp", ADDED), history("acme/v-vision"), collections(MTP_Sidecars=["acme/m-mtp"])],
               out=plan("all", {**MTP_ENTRY, **VISION}, slug="acme/col-1", end="",
                        scratch="HERE/scratch").replace("artifact: all", "artifact: mtp,vision")
               .replace("extract command: larql extract o/m -o HERE/scratch/a.vindex --quant q4k\n", "")
               .replace("publish command: larql publish HERE/scratch/a.vindex --repo acme/a --slices none "
                        "--collections none\n", ""),
               err=EXTRACTED + "no .safetensors weights found in third/v; confirm this repo holds the vision encoder "
                               "weights\nsummary of a\n"
               "  mtp     published     hf://acme/m-mtp at {short head of mtp}\n  vision  failed        "
               "hf://acme/v-vision\n"),
    # the first failure ends the run: what comes after is not tried
    mtp(room=room_with(), fields=MTP_ENTRY, kind="all", code=1, left={}, env={**FILED, "PATH": "/nowhere"},
        differs="summary",
        after=[history("acme/m-mtp"), history("acme/a"), collections()],
        err="larql is required for vindex publishing\n  next: install larql and put its folder on PATH\nsummary of a\n"
            "  vindex  failed\n  mtp     not run       after what ended the run before it\n"
            "  vision  skipped       not configured for this entry\n"),
]

CASES = [*UNCONFIGURED, *MTP_CASES, *VISION_CASES, *VINDEX_CASES]
