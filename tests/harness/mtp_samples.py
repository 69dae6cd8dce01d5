# SPDX-License-Identifier: Apache-2.0
"""The samples of skulk-hub with an MTP head: which names belong to it and what its sidecar says of itself. And a room
with a catalog entry for each source, so that one Hub serves them all.

The table is written by hand from what is known of the released checkpoints, never made by our program. Only the
standard library.
"""
import dataclasses
import json

from harness import Room, artifacts_of, catalog_entry, read_safetensors, seed

NO_COPY = ()


@dataclasses.dataclass(frozen=True)
class Sample:
    """prefixes: every name of the head begins with one. copies: what repeats the base model's embedding and output
    head. rename: with mtp_names=mtp. formats: ids of the storage formats that must occur."""
    prefixes: tuple
    layout: str
    formats: frozenset = frozenset({"Q0"})
    copies: tuple = NO_COPY
    rename: tuple = ()  # of (stored prefix, published prefix)
    base_layer: str = ""
    concat: str = "embedding,hidden"
    norms: str = "actual"
    sample: str = ""  # its name in skulk-hub where that is not the key
    options: tuple = ()


def nextn(first, count=1, root="model.layers.", copies=(), **more):
    """Decoder layers behind the trunk."""
    layers = [f"{root}{first + number}." for number in range(count)]
    return Sample(tuple(layers), "nextn", base_layer=str(first), copies=tuple(layers[0] + copy for copy in copies),
                  rename=tuple((layer, f"mtp.{number}.") for number, layer in enumerate(layers)), **more)


def qwen(**more):
    return Sample(("mtp.",), "qwen", **{"norms": "zero_centred", **more})


DEEPSEEK_COPIES = ("embed_tokens.weight", "shared_head.head.weight")
FP8 = frozenset({"Q0", "Q1"})
SAMPLES = {
    "deepseek-v3": nextn(61, copies=DEEPSEEK_COPIES, formats=FP8),
    "deepseek-v3.2": nextn(61, copies=DEEPSEEK_COPIES, formats=FP8),
    "deepseek-v4": Sample(("mtp.",), "deepseek-v4", formats=frozenset({"Q0", "Q2", "Q3"}), concat=""),
    "glm": nextn(46, copies=DEEPSEEK_COPIES, concat="", norms=""),
    "glm-5": nextn(78, copies=("embed_tokens.weight",)),
    "glm5-next": nextn(40, root="model.language_model.layers.", copies=DEEPSEEK_COPIES, concat="", norms=""),
    "openpangu": nextn(61, copies=DEEPSEEK_COPIES, concat="", norms=""),
    "deepseek-v4-base": Sample(("mtp.",), "deepseek-v4", formats=frozenset({"Q0", "Q2"}), concat=""),
    "glm-fp8": nextn(46, copies=DEEPSEEK_COPIES, formats=frozenset({"Q0", "Q6"}), concat="", norms=""),
    "hy-v4": Sample(("model.mtp_layers.",), "nextn", concat="", norms=""),
    "inkling": Sample(("model.mtp.",), "inkling", concat="", norms=""),
    "mimo": Sample(("model.mtp_layers.",), "mimo", concat="hidden,embedding"),
    "mimo-v2": Sample(("model.mtp.",), "nextn", formats=FP8),
    "ernie": Sample(("model.mtp_block.", "model.mtp_emb_norm.", "model.mtp_hidden_norm.", "model.mtp_linear_proj."),
                    "ernie"),
    "longcat": Sample(("model.mtp.",), "nextn", copies=("model.mtp.embed_tokens.weight",)),
    "nemotron": Sample(("mtp.",), "nextn"),
    "step-3.5": nextn(45, 3, norms="zero_centred"),
    "dots3-note": dataclasses.replace(nextn(46, formats=FP8, concat="", norms=""), prefixes=("model.layers.46.", "model.mtp.")),
    "kimi-k3": nextn(61, root="language_model.model.layers.", copies=DEEPSEEK_COPIES),
    "qwen3-next": qwen(),
    "qwen-mtp": qwen(options=("--scale", 32)),
    "qwen-mtp-fp8": qwen(formats=FP8),
    "qwen-flash-next": dataclasses.replace(qwen(concat="", norms=""), layout="qwen-split"),
    "exaone": qwen(norms="actual"),
    "hy3": nextn(80, copies=("embed_tokens.weight", "shared_head.weight"), concat="", norms=""),
    "bailing": nextn(20),
    "intern-s2": qwen(),
    "qwen-fp8-tensor": qwen(formats=frozenset({"Q0", "Q6"})),
    "qwen-nvfp4": qwen(formats=frozenset({"Q0", "Q5"})),
    "qwen-nvfp4-ct": qwen(formats=frozenset({"Q0", "Q5c"})),
    "qwen-mxfp4": qwen(formats=frozenset({"Q0", "Q4"})),
    "qwen-mxfp4-ct": qwen(formats=frozenset({"Q0", "Q4c"})),
    "qwen-mxfp8": qwen(formats=frozenset({"Q0", "Q6g"})),
    "qwen-int8": qwen(formats=frozenset({"Q0", "Q7"})),
    "qwen-e5m2": qwen(formats=frozenset({"Q0", "Q8"})),
    "single-file": qwen(sample="qwen-mtp", options=("--single-file", "--scale", 32)),
}
# What is refused, and words of the message.
REFUSED = {
    "dspark": ("DSpark", "not an MTP head"),
    "minimax": ("declares", "not shipped"),
    "qwen-gptq": ("GPTQ", "original release"),
    "qwen-mlx": ("MLX", "original release"),
}


def source_of(key):
    return f"lab/{key}"


def target_of(key):
    return f"acme/{key}-mtp"


def entry_key(key):
    """The key of a catalog entry takes no dots."""
    return key.replace(".", "-")


def entry_of(key, source=None, target=None, **fields):
    """One entry of a catalog; more fields as they are written in YAML."""
    return catalog_entry(entry_key(key), source or source_of(key), target or target_of(key), **fields)


class SampleRoom(Room):
    """Sources by key. seeded: keys of SAMPLES or REFUSED. entries: more of the catalog, whole. With no_seed the
    sources are committed by the test."""

    def __init__(self, *hub_options, seeded=(), entries="", **more):
        text = "models:\n" + "".join(entry_of(key) for key in seeded) + entries
        super().__init__(*hub_options, seeds=(), entry=text, **more)
        self.seeded = seeded

    def __enter__(self):
        for key in self.seeded:
            sample = SAMPLES.get(key)
            seed(self.folder / "hub", *(sample.options if sample else ()), "--repo", source_of(key),
                 sample=sample.sample or key if sample else key)
        return super().__enter__()

    def publish_key(self, key, *options, **environment):
        return self.run("publish", "--model", f"rehearsal/{entry_key(key)}", "--artifact", "mtp", "--json", "--scratch",
                        self.folder / "scratch", *options, **environment)

    def report(self, key, *options):
        """The artifact's part of the report of a publish that must succeed, and what went over the wire."""
        done = self.publish_key(key, *options)
        assert done.returncode == 0, f"{key}: exit {done.returncode}\n{done.stderr}"
        document = json.loads(done.stdout)
        return artifacts_of(document)[0], document["traffic"]

    def inspect(self, repo, *options):
        """(exit code, skw.inspect/1) of a repo, with the key's own source as the usual one."""
        done = self.run("inspect", repo, "--json", *options)
        return done.returncode, json.loads(done.stdout)


def source_tensors(hub, repo):
    """Every tensor of every shard: {name: (dtype, shape, bytes)}."""
    tensors = {}
    for path in hub.files(repo):
        if path.endswith(".safetensors") and "/" not in path:
            _, shard = read_safetensors(hub.content(path, repo=repo))
            assert not tensors.keys() & shard.keys(), path
            tensors.update(shard)
    return tensors


def block_size(hub, repo):
    """weight_block_size of the configuration, or None."""
    config = json.loads(hub.content("config.json", repo=repo))
    for place in (config, config.get("text_config") or {}):
        block = (place.get("quantization_config") or {}).get("weight_block_size")
        if block:
            return tuple(block)
    return None
