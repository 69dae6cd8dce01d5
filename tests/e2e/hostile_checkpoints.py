# SPDX-License-Identifier: Apache-2.0
"""Checkpoints with one thing wrong each, published as a user would: refused with the place and the reason, and
nothing is made, left behind or used up.

SKW_SHOW=1 prints every message. A build with sanitizers (SKW_SANITIZE) is not held to memory and time and is
spared the large files.
"""
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import time
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import ENTRY, REPO, SOURCE, Room, complete  # noqa: E402
from checkpoints import (FIRST, HIDDEN, INDEX, INNER, SECOND, Checkpoint, bf16, commit, data_of,  # noqa: E402
                         entries_of, header_of, mlp, safetensors, values)

MEMORY_LIMIT = 96 * 2**20
EXACT = not os.environ.get("SKW_SANITIZE")
# A new process of its own, because Linux counts the memory of the one that starts a program as the program's.
LAUNCHER = """
import os, resource, signal, sys
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
signal.alarm(120)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as out:
    print(os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024, file=out)
"""
FC = "mtp.fc.weight"
UP = "mtp.layers.0.mlp.up_proj.weight"


def shard_with(change, data=lambda bytes_: bytes_, **header):
    """Spoils the second shard: change gets the list of its header's entries."""
    def spoil(made):
        tensors = made.shards[SECOND]
        entries = entries_of(tensors)
        change(entries)
        made.raw[SECOND] = safetensors(entries, data(data_of(tensors)), **header)
    return spoil


def entry(entries, name=FC):
    return next(one for found, one in entries if found == name)


def offsets(begin, end):
    return shard_with(lambda entries: entry(entries).update(data_offsets=[begin, end]))


def text_of_header(old, new):
    """Replaces bytes in the JSON of the second shard's header."""
    def spoil(made):
        tensors = made.shards[SECOND]
        header = header_of(entries_of(tensors))
        assert old in header
        made.raw[SECOND] = safetensors(None, data_of(tensors), header=header.replace(old, new, 1))
    return spoil


def whole_shard(content):
    return lambda made: made.raw.update({SECOND: content(made.shards[SECOND])})


def overlap(entries):
    begin, end = entry(entries)["data_offsets"]
    entry(entries)["data_offsets"] = [begin - 16, end - 16]


def hole(entries):
    for _, one in entries[3:]:
        one["data_offsets"] = [number + 8 for number in one["data_offsets"]]


def indexed_in(shard, name=FC):
    return lambda made: made.index.update({name: shard})


def raw_index(text):
    return lambda made: made.raw.update({INDEX: text(made.index)})


def weight_map(index):
    return json.dumps({"weight_map": index}).encode()


def twice_in_index(index):
    return weight_map(index).replace(b'"weight_map": {', b'"weight_map": {' + f'"{FC}": "{FIRST}", '.encode())


def stored_as(name, dtype, width, *more):
    """Replaces a weight by one of another type and adds tensors of the kind that come along with it."""
    def spoil(made):
        _, shape, data = made.shards[made.index[name]][name]
        made.put(name, dtype, shape, bytes(len(data) // 2 * width))
        for other in more:
            made.put(*other)
    return spoil


def packed(base, *parts):
    def spoil(made):
        made.drop(base + ".weight")
        for ending, dtype, shape, size in parts:
            made.put(base + ending, dtype, shape, bytes(size))
    return spoil


def experts(*numbers, parts=("gate_proj", "up_proj", "down_proj"), short=()):
    def spoil(made):
        made.drop(*[name for name in made.index if name.startswith("mtp.layers.0.mlp.")])
        for number in numbers:
            for part in parts:
                if (number, part) not in short:
                    name, tensor = bf16(f"mtp.layers.0.mlp.experts.{number}.{part}.weight", INNER, HIDDEN)
                    made.put(name, *tensor)
    return spoil


def without_head(declared):
    def spoil(made):
        made.drop_head()
        if not declared:
            del made.config["text_config"]["mtp_num_hidden_layers"]
    return spoil


def extra_layers(*modules, where="model.layers.2."):
    def spoil(made):
        made.drop_head()
        made.config["text_config"]["num_nextn_predict_layers"] = 1
        for module in modules:
            name, tensor = bf16(where + module + ".weight", HIDDEN, HIDDEN)
            made.put(name, *tensor)
    return spoil


def dspark(made):
    made.drop_head()
    for module in ("main_proj", "markov_head.markov_w1", "confidence_head.proj", "0.attn.wq"):
        name, tensor = bf16(f"mtp.{module}.weight", HIDDEN, HIDDEN)
        made.put(name, *tensor)


def unknown_block(made):
    made.drop_head()
    name, tensor = bf16("mtp.something.weight", HIDDEN, HIDDEN)
    made.put(name, *tensor)


def value_in(name, dtype, code, pattern, number):
    def spoil(made):
        _, shape, data = made.shards[made.index[name]][name]
        data = bytearray(data if dtype != "F32" else values(name, shape, 4))
        struct.pack_into(code, data, struct.calcsize(code) * number, pattern)
        made.put(name, dtype, shape, bytes(data), file=made.index[name])
    return spoil


def both(*changes):
    def spoil(made):
        for change in changes:
            change(made)
    return spoil


NOTHING = "no MTP head tensors found in " + SOURCE

# What is wrong, how it is made, and what the message must hold: the file or the tensor, and why.
CASES = {
    # the header's length
    "a file too small for a header": (whole_shard(lambda _: b"1234"), [SECOND, "4 bytes", "too few"]),
    "a header beyond the file": (shard_with(lambda _: None, length=90_000_000),
                                 [SECOND, "90000000", "has only"]),
    "a header length of 2^63": (shard_with(lambda _: None, length=2**63), [SECOND, "9223372036854775808", "limit"]),
    "a header length of 2^64 - 1": (shard_with(lambda _: None, length=2**64 - 1), [SECOND, "limit"]),
    "a header of no bytes": (shard_with(lambda _: None, length=0), [SECOND, "JSON"]),
    "an empty shard": (whole_shard(lambda _: b""), [SECOND, "0 bytes", "too few"]),
    # the offsets
    "overlapping tensors": (shard_with(overlap), [SECOND, FC, "inside of the tensor before it"]),
    "a hole between tensors": (shard_with(hole, data=lambda old: old + bytes(8)), [SECOND, "begins at", "end at"]),
    "bytes behind the last tensor": (shard_with(lambda _: None, data=lambda old: old + bytes(5)),
                                     [SECOND, "5 bytes stand behind the last tensor"]),
    "a shard cut off": (shard_with(lambda _: None, data=lambda old: old[:-3]), [SECOND, "ends at", "holds"]),
    "the wrong size for a shape": (shard_with(lambda e: entry(e).update(shape=[HIDDEN, HIDDEN])),
                                   [SECOND, FC, "shape and dtype make 128 bytes", "span 256"]),
    "a shape that overflows": (shard_with(lambda e: entry(e).update(shape=[2**33, 2**33])),
                               [SECOND, FC, "shape", "64 bits"]),
    "a dimension that overflows": (shard_with(lambda e: entry(e).update(shape=[2**64, 1])),
                                   [SECOND, FC, "shape must hold whole numbers"]),
    "offsets near 2^64": (offsets(2**64 - 256, 2**64 - 1), [SECOND, FC]),
    "offsets that are no whole numbers": (offsets(0.5, 256.5), [SECOND, FC, "data_offsets", "whole numbers"]),
    "offsets written as texts": (offsets("0", "256"), [SECOND, FC, "data_offsets", "whole numbers"]),
    "negative offsets": (offsets(-256, 0), [SECOND, FC, "data_offsets", "whole numbers"]),
    "offsets that end before they begin": (offsets(256, 0), [SECOND, FC, "before they begin"]),
    "three offsets": (shard_with(lambda e: entry(e)["data_offsets"].append(9)), [SECOND, FC, "two numbers"]),
    "a negative dimension": (shard_with(lambda e: entry(e).update(shape=[-8, -16])), [SECOND, FC, "shape"]),
    "no offsets": (shard_with(lambda e: entry(e).pop("data_offsets")), [SECOND, FC, "must all be there"]),
    # the header's text
    "a name twice in a header": (shard_with(lambda e: e.append(list(e[-1]))), [SECOND, "stands twice"]),
    "an unknown dtype": (shard_with(lambda e: entry(e).update(dtype="BF17")), [SECOND, FC, "unknown dtype 'BF17'"]),
    "a dtype with control characters": (shard_with(lambda e: entry(e).update(dtype="\x1b[31mB")),
                                        [SECOND, FC, "unknown dtype '\\x1b[31mB'"]),
    "bytes that are not UTF-8": (text_of_header(b"mtp.norm", b"mtp.n\xffrm"), [SECOND, "not UTF-8 at byte"]),
    "an overlong slash": (text_of_header(b"mtp.norm", b"mtp.\xc0\xafrm"), [SECOND, "not UTF-8 at byte"]),
    "a lone surrogate": (text_of_header(b"mtp.norm", b"mtp.\\ud800"), [SECOND, "JSON"]),
    "a header that is no JSON": (text_of_header(b'"dtype"', b"dtype"), [SECOND, "not valid JSON"]),
    "a header that is a list": (shard_with(lambda _: None, header=b"[]"), [SECOND, "must be a JSON object"]),
    "a header nested too deeply": (shard_with(lambda _: None, header=b'{"a":' * 5000 + b"1" + b"}" * 5000), [SECOND]),
    "metadata that are no texts": (shard_with(lambda e: e.insert(0, ["__metadata__", {"format": 1}])),
                                   [SECOND, "__metadata__", "'format'"]),
    "two JSON texts in a header": (text_of_header(b"{", b"{} {"), [SECOND, "behind the JSON"]),
    # the index
    "a tensor in two shards": (lambda made: made.shards[FIRST].update(dict([bf16(FC, HIDDEN, 2 * HIDDEN)])),
                               [FC, FIRST, SECOND, "one home"]),
    "a shard above its folder": (indexed_in("../x.safetensors"), [INDEX, FC, "'../x.safetensors'", "plain file name"]),
    "a shard with an absolute path": (indexed_in("/etc/passwd"), [INDEX, "'/etc/passwd'", "plain file name"]),
    "a shard in a sub-folder": (indexed_in("a/b.safetensors"), [INDEX, "'a/b.safetensors'", "plain file name"]),
    "a shard with a newline": (indexed_in("a\nb.safetensors"), [INDEX, "a\\x0ab.safetensors", "plain file name"]),
    "a shard with a backslash": (indexed_in("..\\x.safetensors"), [INDEX, "plain file name"]),
    "a shard at an address": (indexed_in("http://127.0.0.1/x.safetensors"), [INDEX, "plain file name"]),
    "a shard that is pickled": (indexed_in("pytorch_model.bin"),
                                [INDEX, "'pytorch_model.bin'", "not a safetensors file"]),
    "a shard with an empty name": (indexed_in(""), [INDEX, "''", "plain file name"]),
    "a shard that is missing": (lambda made: made.raw.update({SECOND: None}), [INDEX, SECOND, "not in the repository"]),
    "a tensor the shard lacks": (lambda made: made.shards[SECOND].pop(FC), [SECOND, INDEX, FC, "does not have it"]),
    "a key twice in the index": (raw_index(twice_in_index), [INDEX, FC, "stands twice"]),
    "an index that is no JSON": (raw_index(lambda _: b"not json at all"), [INDEX, "not valid JSON"]),
    "an empty index": (raw_index(lambda _: b""), [INDEX, "JSON"]),
    "an index that is a list": (raw_index(lambda _: b"[1, 2]"), [INDEX]),
    "an index nested too deeply": (raw_index(lambda _: b"[" * 100_000), [INDEX]),
    "an index without a map": (raw_index(lambda _: b'{"metadata": {}}'), [INDEX, "no weight_map"]),
    "an index that maps to a number": (indexed_in(7), [INDEX, FC, "must name a file"]),
    "an index that is not UTF-8": (raw_index(lambda index: weight_map(index).replace(b"mtp.norm", b"mtp.n\xffrm")),
                                   [INDEX, "not UTF-8"]),
    "an index cut off": (raw_index(lambda index: weight_map(index)[:-40]), [INDEX, "ends too early"]),
    # the config
    "a config that is no JSON": (lambda made: made.raw.update({"config.json": b"{"}), ["config.json", "JSON"]),
    "a config nested too deeply": (lambda made: made.raw.update({"config.json": b'{"a":' * 50_000}), ["config.json"]),
    # formats that are refused
    "FP8 without a scale": (stored_as(FC, "F8_E4M3", 1), [SECOND, FC, "F8_E4M3", "scale"]),
    "GPTQ integers": (packed("mtp.fc", (".qweight", "U32", [2, HIDDEN], 64), (".qzeros", "U32", [1, 1], 4),
                             (".scales", "F16", [1, HIDDEN], 16)), [SECOND, "mtp.fc.", "GPTQ"]),
    "MLX groups": (both(stored_as(FC, "U32", 4), lambda made: made.put("mtp.fc.scales", "BF16", [8, 1], bytes(16)),
                        lambda made: made.put("mtp.fc.biases", "BF16", [8, 1], bytes(16))),
                   [SECOND, "mtp.fc.", "MLX"]),
    "a scale without its weight": (lambda made: made.put("mtp.more.weight_scale_inv", "F32", [1, 1], bytes(4)),
                                   [SECOND, "mtp.more.weight_scale_inv", "weight"]),
    "a weight of booleans": (stored_as(FC, "BOOL", 1), [SECOND, FC, "BOOL"]),
    # what is there of the head
    "no MTP tensors": (without_head(declared=False), [NOTHING, "confirm this model has native MTP heads"]),
    "declared but not shipped": (without_head(declared=True),
                                 [NOTHING, "declares 1 MTP layer(s) (mtp_num_hidden_layers)", "not shipped"]),
    "fewer layers than declared": (lambda made: made.config["text_config"].update(mtp_num_hidden_layers=3),
                                   ["incomplete", "declares 3", "mtp_num_hidden_layers"]),
    "a layer left out": (lambda made: [made.put(*pair) for pair in
                                       [(name, *tensor) for name, tensor in mlp("mtp.layers.2.mlp.")]],
                         ["incomplete", "layer 1 is missing"]),
    "a head without its norm": (lambda made: made.drop("mtp.pre_fc_norm_hidden.weight"),
                                ["incomplete", "'mtp.pre_fc_norm_hidden.weight' is missing"]),
    "a missing expert": (experts(0, 1, 3), ["incomplete", "expert 2", "mtp.layers.0.mlp.experts.", "missing"]),
    "an expert without a part": (experts(0, 1, 2, short=((1, "up_proj"),)),
                                 ["incomplete", "experts 0 and 1", "up_proj"]),
    "layers behind the trunk without a marker": (extra_layers("mlp.up_proj", "mlp.down_proj"),
                                                 ["beyond num_hidden_layers (2)", "no NextN marker"]),
    "DSpark stages": (dspark, ["DSpark", "not an MTP head"]),
    "an unknown fusion block": (unknown_block, ["known fusion block", "something"]),
    # the values
    "a NaN in a BF16 weight": (value_in(FC, "BF16", "<H", 0x7fc1, 5), [SECOND, FC, "1 value(s)", "not a number"]),
    "a NaN in an F16 weight": (value_in(FC, "F16", "<H", 0xfc01, 5), [SECOND, FC, "not a number"]),
    "a NaN in an F32 weight": (value_in(UP, "F32", "<I", 0x7f800001, 7), [FIRST, UP, "not a number"]),
    "an F32 beyond BF16": (value_in(UP, "F32", "<I", 0x7f7fffff, 7), [FIRST, UP, "beyond the range of BF16"]),
}


class Hostile(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.room = cls.enterClassContext(Room(seeds=()))

    def tell(self, name):
        """Makes the catalog speak of this case's repos; their names carry nothing but the number of the case."""
        self.source, self.target = f"acme/source-{name}", f"acme/target-{name}-mtp"
        text = ENTRY.replace(f"source_model: {SOURCE}", f"source_model: {self.source}")
        text = text.replace(f"mtp_source_repo: {SOURCE}", f"mtp_source_repo: {self.source}").replace(REPO, self.target)
        (self.room.folder / "rehearsal.yaml").write_text(text)

    def publish(self):
        """(exit code, text of stderr, peak bytes, seconds); ends a run that does not end."""
        folder = self.room.folder
        command = self.room.command("publish", "--model", "rehearsal/qwen3-5-4b", "--artifact", "mtp", "--scratch",
                                    folder / "scratch")
        begin = time.monotonic()
        with open(folder / "err.txt", "wb") as stderr:
            done = subprocess.run([sys.executable, "-IS", "-c", LAUNCHER, folder / "used.txt", *command], cwd=folder,
                                  env=self.room.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=stderr, timeout=200)
        self.assertEqual(done.returncode, 0)
        code, memory = (folder / "used.txt").read_text().split()
        return int(code), (folder / "err.txt").read_text(), int(memory), time.monotonic() - begin

    def is_refused(self, title, words):
        code, text, memory, seconds = self.publish()
        if os.environ.get("SKW_SHOW"):
            print(f"== {title}: exit {code}, {memory >> 20} MiB, {seconds:.2f} s\n{text}", flush=True)
        self.assertEqual(code, 1, text)
        # What the run did before stands in lines that begin with "mtp: "; the error is the first other line.
        error = "\n".join(line for line in text.splitlines() if not line.startswith("mtp: "))
        for word in words:
            self.assertIn(word.replace(SOURCE, self.source), error)
        self.assertFalse(re.search(r"[^\x20-\x7e\n]", text), "raw bytes of the checkpoint on the terminal")
        self.assertLess(len(error), 2500)
        self.assertNotIn(self.room.environment()["HF_TOKEN"], text)
        self.assertIsNone(self.room.hub.head(self.target), "a repo was made")
        self.assertEqual(self.room.hub.collections(), [])
        self.assertEqual(self.room.scratch_files(), [])
        if EXACT:
            self.assertLess(memory, MEMORY_LIMIT)

    def test_the_checkpoint_that_all_others_are_made_of_is_fine(self):
        with Room(seeds=()) as room:
            commit(room.hub, SOURCE, Checkpoint().files())
            done = room.publish()
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(complete(room.hub), "new")

    def test_each_defect_is_refused_with_its_place_and_reason(self):
        for number, (title, (spoil, words)) in enumerate(CASES.items()):
            with self.subTest(title):
                self.tell(number)
                made = Checkpoint()
                spoil(made)
                commit(self.room.hub, self.source, made.files())
                self.is_refused(title, words)

    def large(self, title, path, words, write):
        """A case whose file is too large for memory; write gets the open file."""
        if not EXACT:
            self.skipTest("a build with sanitizers takes minutes for it")
        name = re.sub(r"\W+", "-", title)
        self.tell(name)
        file = self.room.folder / "large.bin"
        with open(file, "wb", buffering=1 << 20) as stream:
            write(stream)
        commit(self.room.hub, self.source, {**Checkpoint().files(), path: file})
        file.unlink()
        self.is_refused(title, words)

    def test_an_index_of_100_megabytes_is_refused_unread(self):
        def write(stream):
            stream.write(b'{"weight_map": {')
            for _ in range(100):
                stream.write(b" " * 1_000_000)
            stream.write(b"}}")
        self.large("an index of 100 MB", INDEX, [INDEX, "larger than"], write)

    def test_an_index_full_of_names_takes_little_memory(self):
        def write(name, stream):
            stream.write(b'{"weight_map": {')
            number = 0
            while stream.tell() < 60 << 20:
                stream.write(b'"%s.%d.up_proj.weight":"model.safetensors",' % (name, number))
                number += 1
            stream.write(b'"mtp.x": "../a"}}')
        self.large("an index full of head names", INDEX, [INDEX, "more MTP tensors than the limits allow"],
                   lambda stream: write(b"mtp.layers.0.mlp.experts", stream))
        self.large("an index full of names of the trunk", INDEX, [INDEX, "mtp.x", "plain file name"],
                   lambda stream: write(b"model.layers.0.mlp.experts", stream))

    def test_a_header_full_of_tensors_takes_little_memory(self):
        def write(heads, trunk, stream):
            stream.write(bytes(8) + b"{")
            for number in range(heads + trunk):
                name = b"mtp.layers.0.mlp" if number < heads else b"model.layers.0.mlp"
                stream.write(b'"%s.experts.%d.up_proj.weight":' % (name, number) +
                             b'{"dtype":"BF16","shape":[0],"data_offsets":[0,0]},')
            stream.seek(-1, os.SEEK_CUR)
            stream.write(b"}")
            length = stream.tell() - 8
            stream.seek(0)
            stream.write(struct.pack("<Q", length))
        for heads, trunk, words in ((900_000, 0, ["more than 100000 tensors"]),
                                    (0, 900_000, ["more than 100000 tensors"]),
                                    (60_000, 0, ["more MTP tensors than the limits allow"]),
                                    (49_900, 50_000, [FC, "does not have it"])):
            self.large(f"a header of {heads} tensors of a head and {trunk} others", SECOND, [SECOND, *words],
                       lambda stream: write(heads, trunk, stream))  # noqa: B023: called at once

    def test_metadata_that_never_end_take_little_memory(self):
        def write(stream):
            stream.write(bytes(8) + b'{"__metadata__":{')
            number = 0
            while stream.tell() < 90_000_000:
                stream.write(b'"%d":"",' % number)
                number += 1
            stream.write(b'"a":""}}')
            length = stream.tell() - 8
            stream.seek(0)
            stream.write(struct.pack("<Q", length))
        self.large("metadata that never end", SECOND, [SECOND, "names, shapes and metadata take more than"], write)

    def test_a_head_as_large_as_the_limits_allow_is_judged_in_bounded_memory(self):
        def spoil(made):
            experts(*range(45_000), parts=("up_proj",))(made)
            made.drop("mtp.layers.0.mlp.experts.20000.up_proj.weight")
        with unittest.mock.patch(f"{__name__}.INNER", 1):
            made = Checkpoint()
            spoil(made)
        self.tell("large-head")
        commit(self.room.hub, self.source, made.files())
        self.is_refused("a large head", ["incomplete", "expert 20000"])

    def test_a_header_of_one_long_name_takes_little_memory(self):
        def write(stream):
            stream.write(struct.pack("<Q", 90_000_004) + b'{"')
            for _ in range(90):
                stream.write(b"x" * 1_000_000)
            stream.write(b'"}')
        self.large("a header of one long name", SECOND, [SECOND, "longer than"], write)


if __name__ == "__main__":
    unittest.main(verbosity=1)
