# SPDX-License-Identifier: Apache-2.0
"""Section 7 of the contract: model ids, `catalog find`, and `catalog add` against one local Hub."""
import atexit
import dataclasses
import json
import os
import pathlib
import re
import shutil
import sys
import threading

import compat
from compat import COLLECTION, ENTRY, ONE, OWNER, SHOWN, Case, M, changed, item, manifest, shown
from section_5_builtin import ENTRIES, document

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))

# --- 7.1: model ids, as `catalog find` understands them ---------------------------------------------------------

O_R = {"m.yaml": manifest(changed(source_model="owner/repo"))}
FOUND = shown(**{**SHOWN, "source_model": "owner/repo"})
NOT_FOUND = ("no catalog entry found for source_model '{0}'\n"
             "  next: `skulk-weights catalog add {0} --dry-run` shows what one would be\n")
NO_URL = "cannot parse model ID from URL: {}\n"
NO_ID = "expected owner/repo or a huggingface.co URL, got: {}\n"


def find(text, **more):
    return Case([*M, "catalog", "find", text], **{"files": O_R, **more})


MODEL_IDS = [
    *[find(text, out=FOUND) for text in (
        "owner/repo", " owner/repo ", "\towner/repo\n", "owner/repo/", "owner/repo//",
        "https://huggingface.co/owner/repo",
        "http://huggingface.co/owner/repo", "huggingface.co/owner/repo", "www.huggingface.co/owner/repo/",
        "https://huggingface.co/owner/repo/tree/main", "https://huggingface.co/owner/repo/blob/main/config.json",
        "https://huggingface.co//owner//repo", "https://huggingface.co/x/y/huggingface.co/owner/repo",
        " https://huggingface.co/owner/repo// ")],
    *[find(text, code=1, err=NO_URL.format(repr(text))) for text in
      ("https://huggingface.co/o", "huggingface.co/o/", "https://huggingface.co//o//", "https://huggingface.co/o ",
       "huggingface.co/it's",
       "https://huggingface.co/x/y/huggingface.co/o")],
    find("huggingface.co/it's", code=1, err=NO_URL.format("\"huggingface.co/it's\"")),
    *[find(text, code=1, err=NO_ID.format(repr(text))) for text in ("o", "", "/", "  ", "///", "it's", 'a"b\'c',
        "a\tb", "\u00e9")],
    find("other/repo", code=1, err=NOT_FOUND.format("other/repo")),
    find("owner/repo2", code=1, err=NOT_FOUND.format("owner/repo2")),
    # addresses that the Python tool took by the letter (W35)
    *[find(text, out=FOUND, differs="W35") for text in (
        "https://huggingface.co/owner/repo?x=1", "https://huggingface.co/owner/repo#a", "owner/repo/tree/main",
        "https://HuggingFace.co/owner/repo", "https://hf.co/owner/repo", "hf://owner/repo", "/owner/repo",
        "owner//repo")],
    *[find(text, code=1, err=NO_URL.format(repr(text)), differs="W35") for text in (
        "https://huggingface.co/datasets/o/r", "https://huggingface.co/models/o/r", "https://huggingface.co",
        "https://huggingface.co/a b/c", "https://example.org/o/r")],
    *[find(text, code=1, err=NO_ID.format(repr(text)), differs="W35") for text in
      ("a/b/c", "o/r@main", "o/a b", "../r", "-o/r".replace("-o", "o/-"), "owner/\u6a21\u578b")],
    # capitals do not matter (W16)
    find("Owner/Repo", out=FOUND, differs="W16"),
    # told before any error of the catalog
    Case([*M, "catalog", "find", "o"], code=1, files={"m.yaml": "["}, err=NO_ID.format("'o'")),
    Case(["--config", "gone.yaml", "catalog", "find", "huggingface.co/o"], code=1,
         err=NO_URL.format("'huggingface.co/o'")),
    Case([*M, "catalog", "find", "o/r"], code=1, files={"m.yaml": "{}"},
         err="m.yaml: models must be a non-empty list\n  next: see m.yaml:1:1\n"),
]

TWO = {"m.yaml": manifest(changed(key="b", output_name="b.vindex", hf_repo="acme/b"), ENTRY,
                          changed(key="c", source_model="o/m2", output_name="c.vindex", hf_repo="acme/c"))}
B_SHOWN = {**SHOWN, "key": "b", "output_name": "b.vindex", "hf_repo": "acme/b"}
FINDS = [
    Case([*M, "catalog", "find", "o/m"], files=TWO, out=shown(**B_SHOWN) + shown(**SHOWN)),
    Case([*M, "catalogue", "find", "--", "o/m"], files=TWO, out=shown(**B_SHOWN) + shown(**SHOWN)),
    Case(["catalog", "find", "o/m"], files={**TWO, "skulk-weights.yaml": "catalogs:\n" + item(hf_collection="acme/x")},
         out=shown(**{**B_SHOWN, "key": "ns/b", "hf_collection": "acme/x"}) +
         shown(**{**SHOWN, "key": "ns/a", "hf_collection": "acme/x"})),
    *[Case(["catalog", "find", model], out="".join(document(*row) for row in ENTRIES if row[1] == model))
      for model in dict.fromkeys(row[1] for row in ENTRIES)],
    Case(["catalog", "find", "google/gemma-4-26B-A4B-it"], differs="W16",
         out="".join(document(*row) for row in ENTRIES if row[1] == "google/gemma-4-26b-a4b-it")),
]


# --- 7.2 to 7.9: catalog add ------------------------------------------------------------------------------------

class Shared:
    """One Hub for all cases: they only read."""
    lock, room = threading.Lock(), None

    @classmethod
    def get(cls):
        with cls.lock:
            if cls.room is None:
                cls.room = make_room()
                atexit.register(cls.room.__exit__, None, None, None)
            return cls.room


def readme(base=None, relation=None, tags=()):
    lines = ["license: apache-2.0"]
    if base:
        lines += ["base_model:", f"- {base}"] + ([f"base_model_relation: {relation}"] if relation else [])
    if tags:
        lines += ["tags:"] + [f"- {tag}" for tag in tags]
    return ("---\n" + "\n".join(lines) + "\n---\n# A model\n").encode()


def make_room():
    import checkpoints
    import harness
    faults = [word for status in ("401", "403") for word in ("--fault",
        f"GET:/api/models/owner/refused-{status}:status-{status}x999")]
    room = harness.Room(*faults, seeds=())
    (room.folder / "hub").mkdir()
    owners = ["acme", "owner", "google", "mlx-community", "meta-llama", "mistralai", "Qwen", "OWNER"]
    accounts = [{"token": harness.TOKEN, "name": "local", "role": "write", "orgs": owners}]
    (room.folder / "hub/tokens.json").write_text(json.dumps({"tokens": accounts}))
    room.__enter__()
    room.refuse_leaked_token = lambda: None  # it stands in tokens.json, and no case here uses it
    head, no_head = checkpoints.Checkpoint(), checkpoints.Checkpoint()
    no_head.drop_head()
    nextn = checkpoints.Checkpoint(checkpoints.nextn_shards(), checkpoints.NEXTN_CONFIG)

    def put(repo, checkpoint=None, **card):
        files = {"README.md": readme(**card)}
        if checkpoint:
            files = {**checkpoint.files(), **files}
        checkpoints.commit(room.hub, repo, files)
    for repo in ("owner/plain-7b", "google/gemma-3-4b-it", "owner/Foo-Italian-7B",
                 "mistralai/Mixtral-8x7B-Instruct-v0.1",
                 "owner/Foo_Bar-4bit", "owner/a--b__c..d", "owner/x-Instruct-it", "owner/MyModel-Instruct2",
                 "mlx-community/Kimi-K2.5-4bit", "mlx-community/Mistral-7B-Instruct-v0.3-4bit-mlx",
                 "meta-llama/Llama-3.2-3B-Instruct", "Qwen/Qwen3-Next-80B-A3B-Instruct-FP8"):
        put(repo)
    put("owner/headless-3b", no_head)
    put("owner/native-3b", head)
    put("owner/Nextn.V3", nextn)
    tensors = {name: value for shard in head.shards.values() for name, value in shard.items()}
    single = {"config.json": json.dumps(head.config).encode(), "README.md": readme(), "model.safetensors":
              checkpoints.safetensors(checkpoints.entries_of(tensors), checkpoints.data_of(tensors))}
    checkpoints.commit(room.hub, "owner/single-3b", single)
    for status in ("401", "403"):
        put(f"owner/refused-{status}")
    # a 4-bit model whose chain of bases has two hops, to a root with heads
    put("owner/two-hops-4bit", base="owner/one-hop", relation="quantized")
    put("owner/one-hop", base="owner/Native.Base", relation="quantized")
    put("owner/Native.Base", head)
    put("owner/tuned", base="owner/Native.Base", relation="finetune")
    put("owner/related", tags=["base_model:finetune:owner/Native.Base"])
    odd = checkpoints.Checkpoint()
    odd.put("mtp.fc.weight", "I8", [checkpoints.HIDDEN, 2 * checkpoints.HIDDEN], bytes(2 * checkpoints.HIDDEN ** 2))
    put("owner/odd-3b", odd)
    put("owner/hidden-4bit", base="owner/not-there", relation="quantized")
    put("owner/ring-a", base="owner/ring-b", relation="quantized")
    put("owner/ring-b", base="owner/ring-a", relation="quantized")
    put("owner/eight-8bit")
    put("owner/tagged-eight", tags=["8-bit"])
    put("owner/data-eight", tags=["q8questions"])
    for tag in ("moe", "Mixtral", "qwen_moe", "qwen3_5_moe", "deepseek_v2", "deepseek_v3"):
        put(f"owner/tier-{tag.lower().replace('_', '-')}", tags=["x", tag])
    put("owner/tier-qwen3-moe", tags=["qwen3_moe"])
    put("google/gemma-9-it")
    put("google/gemma-9-it-assistant")
    put("owner/gemma-9-4bit", base="google/gemma-9-it", relation="quantized")
    return room


class Tree:
    """A program tree of one's own: the built-in catalog in it may be written."""

    def __init__(self, room):
        source = pathlib.Path(compat.PROGRAM).parents[1]
        (room / "tree/bin").mkdir(parents=True)
        try:
            os.link(compat.PROGRAM, room / "tree/bin/skulk-weights")
        except OSError:
            shutil.copy2(compat.PROGRAM, room / "tree/bin/skulk-weights")
        shutil.copytree(source / "share", room / "tree/share")
        (room / "tree/lib").symlink_to(source / "lib")


BUILTIN = "tree/share/skulk-weights/catalog/foxlight.yaml"


@dataclasses.dataclass
class AddCase(Case):
    """catalog add in a program tree of its own. grown: the block behind the built-in catalog, or a file and its text."""
    grown: object = None
    endpoint: str | None = None
    token: str | None = None

    def check(self):
        import tempfile
        with tempfile.TemporaryDirectory(prefix="skw-compat-") as folder:
            room = pathlib.Path(folder).resolve()
            (room / "home").mkdir()
            Tree(room)
            compat.fill_folder(room, self.files)
            before = snapshot(room)
            builtin = (room / BUILTIN).read_bytes()
            env = {**self.environment(room), "HF_ENDPOINT": self.endpoint or Shared.get().hub.endpoint}
            if self.token:
                env["HF_TOKEN"] = self.token
            words = [str(word).replace("HERE", str(room)) for word in self.words]
            done = compat.start(words, room, env, self.stdin, program=str(room / "tree/bin/skulk-weights"))
            if self.grown:
                self.left = {**self.left, **({BUILTIN: builtin + self.grown.encode()} if isinstance(self.grown, str)
                                             else self.grown)}
            # The Hub gives each of its replies a number.
            done.stderr = re.sub(rb"; request [^)]*\)", b")", done.stderr)
            complaints = self.judge(done, room, before, {}, watch=False)
            after = snapshot(room)
            wanted = {**before, **{name: compat.bytes_of_content(text, room) for name, text in self.left.items()}}
            for path in sorted(set(after) | set(wanted)):
                if after.get(path) != wanted.get(path):
                    complaints.append(compat.difference(path, (wanted.get(path) or b"").decode(),
                                                        (after.get(path) or b"").decode()))
            return complaints


def snapshot(room):
    """The files, but for the program's own that nobody writes."""
    return {str(path.relative_to(room)): path.read_bytes() for path in sorted(room.rglob("*"))
            if path.is_file() and path.name != "skulk-weights" and room / "tree/lib" not in path.parents and
            not path.name.endswith(".lock")}


def block(model, key, artifact, tier="smoke", more="", owner=OWNER, collection=COLLECTION):
    filed = f"    hf_collection: {collection}\n" if collection else ""
    return (f"\n  - key: {key}-full-q4-k\n    source_model: {model}\n    quant: q4k\n    tier: {tier}\n    slices:\n "
            f"     - full\n"
            f"    output_name: {artifact}-full-q4-k.vindex\n    hf_repo: "
            f"{owner}/{artifact}-full-q4-k-vindex\n{filed}{more}")


def mtp(base, slug, owner=OWNER):
    return f"    mtp_source_repo: {base}\n    mtp_sidecar_repo: {owner}/{slug}-mtp\n"


NONE = "no MTP keys detected \u2014 mtp fields omitted\n"
DRY = "--- dry run: nothing written ---\n"
COMPANION = "checking for a companion assistant model on HuggingFace...\n"


def assistant(repo):
    return (f"Gemma 4 companion assistant detected: {repo}\n"
            "This model uses Google's companion-assistant pattern for speculative decoding.\n"
            "The assistant is already published \u2014 no tensor extraction needed.\n")


def steps(model, *bases, probes=True):
    return (f"fetching metadata for {model}...\n" + "".join(f"checking {base} for MTP keys...\n" for base in bases) +
            (COMPANION if probes else ""))


def preview(the_block):
    return "\n--- entry preview ---\n" + the_block + "\n"


def add(model, the_steps, the_block, verdict, *, given=None, **more):
    return AddCase(["catalog", "add", given or model, "--dry-run"],
                   out=the_steps + preview(the_block) + verdict + DRY, **more)


def plain(model, key, artifact, *, given=None, **more):
    """A model without heads or assistant."""
    return add(model, steps(model, model), block(model, key, artifact), NONE, given=given, **more)


PLAIN = block("owner/plain-7b", "plain-7b", "plain-7b")
PLAIN_OUT = steps("owner/plain-7b", "owner/plain-7b") + preview(PLAIN) + NONE
NAMES = [
    plain("owner/plain-7b", "plain-7b", "plain-7b", differs="W21"),
    plain("owner/plain-7b", "plain-7b", "plain-7b", given="https://huggingface.co/owner/plain-7b/tree/main"),
    plain("owner/plain-7b", "plain-7b", "plain-7b", given=" owner/plain-7b/ "),
    add("owner/plain-7b", steps("Owner/Plain-7B").replace(COMPANION,
                                                          "checking owner/plain-7b for MTP keys...\n" + COMPANION),
        block("owner/plain-7b", "plain-7b", "plain-7b"), NONE, given="Owner/Plain-7B", differs="hub-spelling"),
    plain("mlx-community/Kimi-K2.5-4bit", "kimi-k2-5", "kimi-k2-5"),
    plain("Qwen/Qwen3-Next-80B-A3B-Instruct-FP8", "qwen3-next-80b-a3b-fp8", "qwen3-next-80b-a3b-it-fp8"),
    plain("mlx-community/Mistral-7B-Instruct-v0.3-4bit-mlx", "mistral-7b-v0-3", "mistral-7b-it-v0-3"),
    plain("owner/Foo_Bar-4bit", "foo-bar", "foo-bar"), plain("owner/x-Instruct-it", "x", "x-it-it"),
    plain("owner/a--b__c..d", "a-b-c-d", "a-b-c-d"),
    # an ending counts as one only where no letter follows (W23)
    plain("owner/Foo-Italian-7B", "foo-italian-7b", "foo-italian-7b", differs="W23"),
    plain("owner/MyModel-Instruct2", "mymodel2", "mymodel-instruct2"),
    # names that made a catalog that could not be read any more (W24)
    *[AddCase(["catalog", "add", text, "--dry-run"], code=1, err=NO_ID.format(repr(text)), differs="W24")
      for text in ("owner/-4bit", "owner/\u6a21\u578b")],
]

HEADS = [
    add("owner/native-3b", steps("owner/native-3b", "owner/native-3b", probes=False),
        block("owner/native-3b", "native-3b", "native-3b", more=mtp("owner/native-3b", "native-3b")),
        "detected 15 MTP tensor keys in owner/native-3b\n"),
    add("owner/Nextn.V3", steps("owner/Nextn.V3", "owner/Nextn.V3", probes=False),
        block("owner/Nextn.V3", "nextn-v3", "nextn-v3", tier="moe", more=mtp("owner/Nextn.V3", "nextn-v3")),
        "detected 14 MTP tensor keys in owner/Nextn.V3\n", differs="W34"),
    # one file without an index
    add("owner/single-3b", steps("owner/single-3b", "owner/single-3b", probes=False),
        block("owner/single-3b", "single-3b", "single-3b", more=mtp("owner/single-3b", "single-3b")),
        "detected 15 MTP tensor keys in owner/single-3b\n", differs="W30"),
    plain("owner/headless-3b", "headless-3b", "headless-3b"),
    # the base of the base, and its heads
    add("owner/two-hops-4bit", steps("owner/two-hops-4bit", "owner/Native.Base", probes=False),
        block("owner/two-hops-4bit", "two-hops", "two-hops", more=mtp("owner/Native.Base", "native-base")),
        "detected 15 MTP tensor keys in owner/Native.Base\n"),
    # a finetune is asked first, its base then (W29)
    add("owner/tuned", steps("owner/tuned", "owner/tuned", "owner/Native.Base", probes=False),
        block("owner/tuned", "tuned", "tuned", more=mtp("owner/Native.Base", "native-base")),
        "detected 15 MTP tensor keys in owner/Native.Base\n", differs="W29",
        err="warning: the MTP heads are those of owner/Native.Base, which owner/tuned was made from: they were "
            "trained with the "
            "former and may guess worse for the latter\n"),
    add("owner/related", steps("owner/related", "owner/related", "owner/Native.Base", probes=False),
        block("owner/related", "related", "related", more=mtp("owner/Native.Base", "native-base")),
        "detected 15 MTP tensor keys in owner/Native.Base\n", differs=["W29", "W33"],
        err="warning: the MTP heads are those of owner/Native.Base, which owner/related was made from: they were "
            "trained "
            "with the former and may guess worse for the latter\n"),
    # heads that a publish would refuse
    add("owner/odd-3b", steps("owner/odd-3b", "owner/odd-3b"), block("owner/odd-3b", "odd-3b", "odd-3b"),
        "detected 15 MTP tensor keys in owner/odd-3b that a publish would refuse \u2014 mtp fields omitted\n",
        differs="refused-heads",
        err="warning: a publish would refuse the MTP heads of owner/odd-3b: "
            "model.safetensors-00002-of-00002.safetensors: "
            "mtp.fc.weight is stored as I8 without a scale; use the original release of the model\n"),
    # a base that is not there
    add("owner/hidden-4bit", steps("owner/hidden-4bit"), block("owner/hidden-4bit", "hidden", "hidden"), NONE,
        differs="W28",
        err="warning: owner/not-there, which owner/hidden-4bit was quantised from, is not on the Hub or hidden from "
            "this token: "
            "whether it has MTP heads is not known\n"),
    # a chain that leads back to itself
    AddCase(["catalog", "add", "owner/ring-a", "--dry-run"], code=1, out="fetching metadata for owner/ring-a...\n",
            differs="W28",
            err="the base models of owner/ring-a run in a circle: owner/ring-a -> "
                "owner/ring-b -> owner/ring-a\n  next: their cards name each other in base_model; add the entry by "
                "hand, or have a "
                "card corrected\n"),
    # companions
    add("google/gemma-9-it", steps("google/gemma-9-it", "google/gemma-9-it"),
        block("google/gemma-9-it", "gemma-9", "gemma-9-it",
              more="    assistant_model_repo: google/gemma-9-it-assistant\n"),
        assistant("google/gemma-9-it-assistant")),
    add("owner/gemma-9-4bit", steps("owner/gemma-9-4bit", "google/gemma-9-it"),
        block("owner/gemma-9-4bit", "gemma-9", "gemma-9",
              more="    assistant_model_repo: google/gemma-9-it-assistant\n"),
        assistant("google/gemma-9-it-assistant")),
]

NO_EIGHT = ("detected quant 'q8k' is not supported (allowed: q4k)\n"
            "  next: add the model that it was made from, or a 4-bit one\n")
QUANT_AND_TIER = [
    *[AddCase(["catalog", "add", f"owner/{name}", "--dry-run"], code=1,
              out=f"fetching metadata for owner/{name}...\n", err=NO_EIGHT)
      for name in ("eight-8bit", "tagged-eight")],
    plain("owner/data-eight", "data-eight", "data-eight", differs="W32"),
    *[add(f"owner/tier-{name}", steps(f"owner/tier-{name}", f"owner/tier-{name}"),
          block(f"owner/tier-{name}", f"tier-{name}", f"tier-{name}", tier="moe"), NONE)
      for name in ("moe", "mixtral", "qwen-moe", "qwen3-5-moe", "deepseek-v2", "deepseek-v3")],
    add("owner/tier-qwen3-moe", steps("owner/tier-qwen3-moe", "owner/tier-qwen3-moe"),
        block("owner/tier-qwen3-moe", "tier-qwen3-moe", "tier-qwen3-moe", tier="moe"), NONE, differs="W34"),
]

OVERLAY = "home/.config/skulk-weights/foxlight.yaml"
TAKEN = "  next: `skulk-weights catalog show {}` prints the entry that has it\n"
SAME_KEY = {"m.yaml": manifest(changed(key="plain-7b-full-q4-k", hf_repo="FoxlightAI/x", output_name="x.vindex"))}
SAME_REPO = {"m.yaml": manifest(changed(key="x", hf_repo="FoxlightAI/plain-7b-full-q4-k-vindex",
                                        output_name="x.vindex"))}
SAME_OUTPUT = {"m.yaml": manifest(changed(key="x", hf_repo="FoxlightAI/x", output_name="plain-7b-full-q4-k.vindex"))}
BESIDE = {"skulk-weights.yaml": "catalogs:\n" + item(namespace="foxlight", hf_owner="FoxlightAI")}
PLAIN_STEPS = steps("owner/plain-7b", "owner/plain-7b")
COLLISIONS = [
    *[AddCase(["catalog", "add", "google/gemma-3-4b-it", *words], code=1,
              out=steps("google/gemma-3-4b-it", "google/gemma-3-4b-it"),
              err="'foxlight/gemma-3-4b-full-q4-k' already exists in the catalog\n" +
              TAKEN.format("foxlight/gemma-3-4b-full-q4-k")) for words in ([], ["--dry-run"], ["-y"])],
    *[AddCase(["catalog", "add", "owner/plain-7b", *words], code=1, out=PLAIN_STEPS, files={**BESIDE, **files},
              err=text + TAKEN.format(key))
      for words in (["-y"], ["--dry-run"]) for files, text, key in (
          (SAME_KEY, "'foxlight/plain-7b-full-q4-k' already exists in the catalog\n", "foxlight/plain-7b-full-q4-k"),
          (SAME_REPO, "hf_repo 'FoxlightAI/plain-7b-full-q4-k-vindex' already exists in the catalog\n", "foxlight/x"),
          (SAME_OUTPUT, "output_name 'plain-7b-full-q4-k.vindex' already exists in the catalog\n", "foxlight/x"))],
    # the catalog is read late, and its errors come then
    AddCase(["catalog", "add", "owner/plain-7b", "-y"], code=1, out=PLAIN_STEPS, files={"skulk-weights.yaml": "- a\n"},
            err="skulk-weights.yaml: must contain a top-level mapping\n  next: see skulk-weights.yaml:1:1\n"),
    AddCase(["catalog", "add", "o"], code=1, files={"skulk-weights.yaml": "- a\n"}, err=NO_ID.format("'o'")),
    AddCase(["catalog", "add", "huggingface.co/o"], code=1, err=NO_URL.format("'huggingface.co/o'")),
    # the same model under another key (W27)
    add("mistralai/Mixtral-8x7B-Instruct-v0.1", steps("mistralai/Mixtral-8x7B-Instruct-v0.1",
                                                      "mistralai/Mixtral-8x7B-Instruct-v0.1"),
        block("mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b-v0-1", "mixtral-8x7b-it-v0-1"), NONE, differs="W27",
        err="warning: mistralai/Mixtral-8x7B-Instruct-v0.1 is the source_model of foxlight/mixtral-8x7b-full-q4-k, "
            "foxlight/mixtral-8x7b-expert-server-q4-k already\n"),
    # a first entry of the user's own file is checked against the packaged ones
    AddCase(["catalog", "add", "google/gemma-3-4b-it", "--dry-run", "--to", OVERLAY], code=1,
            out=steps("google/gemma-3-4b-it", "google/gemma-3-4b-it"),
            err="'foxlight/gemma-3-4b-full-q4-k' already exists in the catalog\n" +
            TAKEN.format("foxlight/gemma-3-4b-full-q4-k")),
    # a good entry can still spoil the catalog: here it would be read from one file for two sources (W24)
    AddCase(["catalog", "add", "owner/plain-7b", "-y", "--to", "m.yaml"], code=1, out=PLAIN_STEPS, differs=["W24", "Q4"],
            files={"skulk-weights.yaml": "catalogs:\n" + item(namespace="x") + item(namespace="y")},
            err="the catalog would not hold with this entry: y/plain-7b-full-q4-k: duplicate output_name "
                "plain-7b-full-q4-k.vindex\n"),
]

ASK = "\nAppend to HERE/" + BUILTIN + "? [y/N] "
ADDED = "added plain-7b-full-q4-k to HERE/" + BUILTIN + "\n"
LOOK = "next: `skulk-weights publish --model foxlight/plain-7b-full-q4-k --dry-run` shows what would be published\n"
WRITING = [
    *[AddCase(["catalog", "add", "owner/plain-7b", word], out=PLAIN_OUT + ADDED, err=LOOK, grown=PLAIN,
              differs="add-reminder")
      for word in ("-y", "--yes")],
    *[AddCase(["catalog", "add", "owner/plain-7b"], stdin=typed, out=PLAIN_OUT + ASK + ADDED, err=LOOK, grown=PLAIN,
              differs="add-reminder")
      for typed in ("y\n", " y \n", "Y\n", "y")],
    *[AddCase(["catalog", "add", "owner/plain-7b"], stdin=typed, out=PLAIN_OUT + ASK + "aborted\n")
      for typed in ("n\n", "\n", "yes\n", "no\n")],
    AddCase(["catalog", "add", "owner/plain-7b"], stdin="", out=PLAIN_OUT + ASK + "aborted\n", differs="W2"),
    AddCase(["catalog", "add", "-y", "owner/plain-7b", "--dry-run"], out=PLAIN_OUT + DRY),
    AddCase(["catalogue", "add", "--dry-run", "--", "owner/plain-7b"], out=PLAIN_OUT + DRY),
]

SAID = " (status {}: A fault that was asked for.)\n  next: {}\n"
OWN_FILE = manifest(ENTRY)
OWN_BLOCK = block("owner/plain-7b", "plain-7b", "plain-7b", owner="acme", collection=None)
IN_ONE_LINE = "models: [" + json.dumps({**ENTRY, "slices": ["full"]}) + "]\n"
LOOK_IN_MANIFEST = LOOK.replace("skulk-weights", "skulk-weights --manifest m.yaml").replace("foxlight/", "")
PLACES = [
    # with --manifest the entry goes into that file, for its owner
    AddCase([*M, "catalog", "add", "owner/plain-7b", "-y"], files=ONE, grown={"m.yaml": OWN_FILE + OWN_BLOCK},
            out=PLAIN_STEPS + preview(OWN_BLOCK) + NONE + "added plain-7b-full-q4-k to m.yaml\n",
            differs=["add-manifest", "add-reminder"],
            err="next: `skulk-weights --manifest m.yaml publish --model plain-7b-full-q4-k --dry-run` shows what "
                "would be published\n"),
    # at the end of the list, wherever that is (W25)
    AddCase([*M, "catalog", "add", "owner/plain-7b", "-y"], files={"m.yaml": OWN_FILE + "# the rest\nother: x"},
            grown={"m.yaml": OWN_FILE + OWN_BLOCK + "# the rest\nother: x"},
            differs=["W25", "add-manifest", "add-reminder"],
            out=PLAIN_STEPS + preview(OWN_BLOCK) + NONE + "added plain-7b-full-q4-k to m.yaml\n", err=LOOK_IN_MANIFEST),
    AddCase([*M, "catalog", "add", "owner/plain-7b", "-y"], files={"m.yaml": IN_ONE_LINE}, code=1, out=PLAIN_STEPS,
            differs=["W25", "add-manifest"],
            err="m.yaml: the list models is written in a way that cannot be added to line by line\n"
                "  next: write it with one dash and one entry a line, or add this by hand:" + OWN_BLOCK),
    # the user's own additions to the built-in catalog
    AddCase(["catalog", "add", "owner/plain-7b", "-y", "--to", "home/.config/skulk-weights/foxlight.yaml"],
            differs=["Q4", "add-reminder"],
            out=PLAIN_OUT + "added plain-7b-full-q4-k to home/.config/skulk-weights/foxlight.yaml\n", err=LOOK,
            grown={"home/.config/skulk-weights/foxlight.yaml":
                   "# Additions to the built-in catalog, read right behind it.\nmodels:\n" + PLAIN}),
    AddCase(["catalog", "list", "--tier", "smoke"], differs="Q4",
            files={"home/.config/skulk-weights/foxlight.yaml": "models:\n" + PLAIN},
            out="".join(f"foxlight/{row[0]}\n" for row in ENTRIES if row[2] == "smoke") +
            "foxlight/plain-7b-full-q4-k\n"),
    # a file of the configuration, for the owner that stands there
    AddCase(["catalog", "add", "owner/plain-7b", "-y", "--to", "m.yaml"], differs=["Q4", "add-reminder"],
            files={**ONE, "skulk-weights.yaml": "catalogs:\n" + item()}, grown={"m.yaml": OWN_FILE + OWN_BLOCK},
            out=PLAIN_STEPS + preview(OWN_BLOCK) + NONE + "added plain-7b-full-q4-k to m.yaml\n",
            err="next: `skulk-weights publish --model ns/plain-7b-full-q4-k --dry-run` shows what would be "
                "published\n"),
]

FAILURES = [
    AddCase(["catalog", "add", "owner/refused-401", "--dry-run"], code=1,
            out="fetching metadata for owner/refused-401...\n",
            err="HF API returned 404 for owner/refused-401 \u2014 check the model ID\n"
                "  next: a private model is found only with HF_TOKEN of an account that may read it\n", differs="W22"),
    AddCase(["catalog", "add", "owner/refused-401", "--dry-run"], code=1,
            out="fetching metadata for owner/refused-401...\n", token="hf_x",
            differs="W22", err="failed to fetch HF metadata for owner/refused-401: owner/refused-401@main: the Hub "
                               "does not accept this login" +
            SAID.format("401", "check HF_TOKEN: the token may be mistyped, expired or revoked")),
    AddCase(["catalog", "add", "owner/refused-401", "--dry-run"], code=1, files={"hf/token": "hf_x"},
            env={"HF_HOME": "HERE/hf"}, out="fetching metadata for owner/refused-401...\n",
            differs=["W22", "stored-login"],
            err="failed to fetch HF metadata for owner/refused-401: owner/refused-401@main: the Hub "
                "does not accept this login" +
            SAID.format("401", "check HF_TOKEN: the token may be mistyped, expired or revoked")),
    AddCase(["catalog", "add", "owner/refused-403", "--dry-run"], code=1,
            out="fetching metadata for owner/refused-403...\n", differs="W22",
            err="failed to fetch HF metadata for owner/refused-403: owner/refused-403@main: the token may not do this" +
            SAID.format("403", "check the token's permissions: it needs read access to this repo, or write access for its owner")),
    AddCase(["catalog", "add", "owner/nowhere", "--dry-run"], code=1, out="fetching metadata for owner/nowhere...\n",
            err="HF API returned 404 for owner/nowhere \u2014 check the model ID\n"
                "  next: a private model is found only with HF_TOKEN of an account that may read it\n"),
    AddCase(["catalog", "add", "owner/plain-7b"], code=75, endpoint="http://127.0.0.1:9",
            out="fetching metadata for owner/plain-7b...\n",
            differs="exit-75",
            err="failed to fetch HF metadata for owner/plain-7b: owner/plain-7b@main: no connection to 127.0.0.1:9: "
                "Connection refused\n"
                "  next: check the network, then run the same command again\n"),
]

CASES = [*MODEL_IDS, *FINDS, *NAMES, *HEADS, *QUANT_AND_TIER, *COLLISIONS, *WRITING, *PLACES, *FAILURES]
