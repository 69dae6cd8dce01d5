# SPDX-License-Identifier: Apache-2.0
"""What skulk-weights publishes, read back by others' unmodified clients: published.py PROGRAM MODULES

PROGRAM is skulk-hub, skulk-weights lies beside it; MODULES is the folder with @huggingface/hub. Downloads,
listings and cards go through huggingface_hub (Xet off), files through the safetensors package; the values that
must come out are computed by numpy from the source as those clients give it. None of our C++ judges itself.
"""
import atexit
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

PROGRAM, MODULES = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
os.environ["SKW_BIN"] = str(PROGRAM.parent)
WORK = tempfile.TemporaryDirectory(prefix="skulk-published-")
PLACE = pathlib.Path(WORK.name)
os.environ.update(HF_HOME=str(PLACE / "home"), HF_HUB_DISABLE_XET="1", HF_HUB_DISABLE_TELEMETRY="1",
                  HF_HUB_DISABLE_PROGRESS_BARS="1")
for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
    os.environ.pop(name, None)

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import TOKEN, Room, artifacts_of, catalog_entry, seed  # noqa: E402

# Above the sidecars of scale 32 and below that of scale 16, which therefore travels in several parts.
MULTIPART, PART = 600_000, 200_000
# Repo of the source, of the sidecar, and how the sample is made.
SAMPLES = {
    "bf16": ("Qwen/Qwen3.5-4B", "acme/from-bf16-mtp", ("--scale", 32)),
    "f16": ("acme/source-f16", "acme/from-f16-mtp", ("--scale", 32, "--dtype", "f16")),
    "f32": ("acme/source-f32", "acme/from-f32-mtp", ("--scale", 32, "--dtype", "f32")),
    "parts": ("acme/source-parts", "acme/from-parts-mtp", ("--scale", 16, "--dtype", "f32")),
}
ENTRIES = "models:\n" + "".join(catalog_entry(key, source, sidecar) for key, (source, sidecar, _) in SAMPLES.items())

ROOM = Room("--page-size", 2, "--multipart-threshold", MULTIPART, "--part-size", PART, seeds=(), entry=ENTRIES)
for source, _, options in SAMPLES.values():
    seed(ROOM.folder / "hub", *options, "--repo", source)
ROOM.__enter__()
atexit.register(lambda: ROOM.hub.process.poll() is None and ROOM.hub.kill())  # should an import fail
os.environ["HF_ENDPOINT"] = ROOM.hub.endpoint  # before the import: the client reads it there

import huggingface_hub  # noqa: E402
import numpy  # noqa: E402
import safetensors  # noqa: E402
import yaml  # noqa: E402
from huggingface_hub import (CommitOperationAdd, CommitOperationDelete, HfApi, ModelCard, hf_hub_download,  # noqa: E402
                             hf_hub_url, snapshot_download)

API = HfApi(endpoint=ROOM.hub.endpoint, token=TOKEN)
WIDTH = {"BF16": "<u2", "F16": "<f2", "F32": "<f4"}


def publish(key, *options):
    done = ROOM.run("publish", "--model", f"rehearsal/{key}", "--artifact", "mtp", "--json", "--scratch",
                    ROOM.folder / "scratch", *options)
    assert done.returncode == 0, done.stderr
    assert TOKEN not in done.stdout + done.stderr
    return artifacts_of(done.stdout)[0]


def read(path):
    """{name: (dtype, shape, bytes)} as the safetensors package reads it; BF16 is no numpy type."""
    return {name: (one["dtype"], list(one["shape"]), bytes(one["data"]))
            for name, one in safetensors.deserialize(pathlib.Path(path).read_bytes())}


def mtp_of_source(repo, revision):
    """The MTP tensors of the source, found by its index in a whole snapshot of the pinned revision."""
    folder = pathlib.Path(snapshot_download(repo, revision=revision, token=TOKEN))
    index = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    wanted = {name: file for name, file in index.items() if name.startswith("mtp.")}
    tensors = {}
    for file in sorted(set(wanted.values())):
        tensors.update({name: value for name, value in read(folder / file).items() if wanted.get(name) == file})
    assert set(tensors) == set(wanted)
    return tensors


def bf16_of(dtype, data):
    """Round to nearest, ties to even, on the bits of the FP32 value."""
    numbers = numpy.frombuffer(data, WIDTH[dtype])
    if dtype == "BF16":
        return numbers
    bits = numbers.astype("<f4").view("<u4").astype(numpy.uint64)
    assert not numpy.isnan(numbers).any()
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")


def check_sidecar(key, report, commits):
    """The published repo against its source, by what the clients say of both. Gives the downloaded file."""
    source, sidecar, _ = SAMPLES[key]
    info = API.model_info(sidecar, files_metadata=True)
    source_head = API.model_info(source).sha
    assert (report["commit"], report["source_revision"]) == (info.sha, source_head)
    assert not info.private and info.gated is False

    # files: the listing, the tree, the report, two downloads
    listed = {one.rfilename: one for one in info.siblings}
    assert set(listed) == {".gitattributes", "LICENSE", "NOTICE", "README.md", "mtp.safetensors"}, set(listed)
    assert set(API.list_repo_files(sidecar)) == set(listed)
    folder = pathlib.Path(snapshot_download(sidecar, token=TOKEN))
    assert folder.name == info.sha
    weights = pathlib.Path(hf_hub_download(sidecar, "mtp.safetensors", revision=info.sha, token=TOKEN))
    content = weights.read_bytes()
    assert (folder / "mtp.safetensors").read_bytes() == content
    lfs = listed["mtp.safetensors"].lfs
    assert lfs.sha256 == hashlib.sha256(content).hexdigest() and lfs.size == len(content)
    assert listed["mtp.safetensors"].size == len(content)
    for file in report["files"]:
        data = (folder / file["path"]).read_bytes()
        assert (file["size"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest()), file
        assert listed[file["path"]].size == len(data)
    [entry] = [one for one in API.list_repo_tree(sidecar) if one.path == "mtp.safetensors"]
    assert entry.lfs.sha256 == lfs.sha256 and entry.size == len(content)

    # weights: two readers of the package, then every value
    wanted, made = mtp_of_source(source, source_head), read(weights)
    assert len(wanted) == 15
    assert {name: ("BF16", shape) for name, (_, shape, _) in wanted.items()} == \
        {name: (dtype, shape) for name, (dtype, shape, _) in made.items()}
    for name, (dtype, _, data) in wanted.items():
        numpy.testing.assert_array_equal(numpy.frombuffer(made[name][2], "<u2"), bf16_of(dtype, data), err_msg=name)
    with safetensors.safe_open(weights, "numpy") as opened:
        assert set(opened.keys()) == set(wanted)
        for name in opened.keys():
            piece = opened.get_slice(name)
            assert (piece.get_dtype(), list(piece.get_shape())) == ("BF16", wanted[name][1]), name
        metadata = opened.metadata()
    assert metadata["format"] == "pt" and metadata["mtp.source_repo"] == source, metadata
    assert metadata["mtp.source_revision"] == source_head and metadata["mtp.layout"] == "qwen", metadata
    assert metadata["mtp.tensor_count"] == "15" and metadata["mtp.tool"].startswith("skulk-weights "), metadata
    over_wire = API.parse_safetensors_file_metadata(sidecar, "mtp.safetensors")
    assert over_wire.metadata == metadata and set(over_wire.tensors) == set(wanted)
    assert over_wire.parameter_count == {"BF16": sum(len(data) // 2 for _, _, data in made.values())}

    check_card(key, info, source_head)

    # one commit for weights and card, on top of the first one of the repo
    titles = [one.title for one in API.list_repo_commits(sidecar)]
    assert len(titles) == commits, titles
    assert titles[0] == f"Add MTP sidecar from {source}@{source_head}", titles
    return content


def check_card(key, info, source_head):
    source, sidecar, _ = SAMPLES[key]
    source_card = ModelCard.load(source, token=TOKEN).data
    for data in (info.card_data, ModelCard.load(sidecar, token=TOKEN).data):
        assert data.base_model == source, data
        assert data.license == source_card.license, data
        assert data.get("license_name") == source_card.get("license_name")
        assert data.get("license_link") == source_card.get("license_link")
        assert data.tags[:3] == ["mtp-sidecar", "skulk", "foxlight"], data.tags
        facts = data.to_dict()["foxlight"]
        assert facts["source_revision"] == source_head and facts["source_repo"] == source, facts
    assert f"base_model:{source}" in info.tags and f"license:{source_card.license}" in info.tags

    text = pathlib.Path(hf_hub_download(sidecar, "README.md", token=TOKEN)).read_bytes().decode("utf-8")
    assert text.startswith("---\n")
    _, front, body = text.split("---", 2)  # the way existing workers cut it: at the next three dashes anywhere
    front = yaml.safe_load(front)
    known = ["base_model", "tags", "license", "license_name", "license_link", "foxlight"]
    assert list(front) == [name for name in known if name in front], list(front)
    for name in set(front) - {"tags", "foxlight"}:
        assert type(front[name]) is str and front[name], (name, front[name])
    assert type(front["tags"]) is list and all(type(tag) is str for tag in front["tags"])
    facts = front["foxlight"]
    assert type(facts) is dict and all(type(value) is str for value in facts.values()), facts
    assert list(facts) == ["artifact_type", "source_repo", "source_revision", "target_model", "catalog_key",
                           "extracted_with", "generated_at", "mtp_layout", "mtp_source_formats"], list(facts)
    assert (facts["artifact_type"], facts["target_model"]) == ("mtp-sidecar", source)
    assert facts["catalog_key"] == f"rehearsal/{key}"
    assert re.fullmatch(r"[0-9a-f]{40}", facts["source_revision"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", facts["generated_at"])
    assert re.fullmatch(r"skulk-weights \d+\.\d+\.\d+", facts["extracted_with"])
    assert body.startswith(f"\n\n# {sidecar}\n"), body[:100]


def check_collection(*keys):
    mine = [one for one in API.list_collections(owner="acme") if one.title == "MTP Sidecars"]
    assert len(mine) == 1, mine
    whole = API.get_collection(mine[0].slug)
    assert whole.owner["name"] == "acme" and not whole.private
    assert sorted(item.item_id for item in whole.items) == sorted(SAMPLES[key][1] for key in keys)
    assert all(item.item_type == "model" for item in whole.items)


def every_source_type_comes_out_as_numpy_converts_it():
    for key in ("bf16", "f16", "f32"):
        check_sidecar(key, publish(key), commits=2)
    check_collection("bf16", "f16", "f32")


def an_upload_in_parts_arrives_whole():
    before = ROOM.hub.log_text().count("/parts/")
    content = check_sidecar("parts", publish("parts"), commits=2)
    assert len(content) > MULTIPART
    parts = ROOM.hub.log_text().count("/parts/") - before
    assert parts >= -(-len(content) // PART), (parts, len(content))
    check_collection(*SAMPLES)


def write(path, tensors):
    """By the safetensors package, which lays the tensors out as it likes."""
    arrays = {name: numpy.frombuffer(data, numpy.uint8) for name, (_, _, data) in tensors.items()}
    names = {"BF16": "bfloat16", "F16": "float16", "F32": "float32"}
    specs = {name: safetensors.TensorSpec(dtype=names[dtype], shape=shape, data_ptr=arrays[name].ctypes.data,
                                          data_len=arrays[name].nbytes)
             for name, (dtype, shape, _) in tensors.items()}
    safetensors.serialize_file(specs, str(path), {"format": "pt"})


def odd_values():
    """FP32 bits around every kind of rounding: ties up and down, subnormals, zeros, the largest that fits."""
    bits = [0x3F800000, 0x3F807FFF, 0x3F808000, 0x3F808001, 0x3F818000, 0x3F817FFF, 0x3DCCCCCD, 0x00000001,
            0x00008000, 0x00008001, 0x00018000, 0x00800000, 0x807FFFFF, 0x80000000, 0x7F7F7FFF, 0xFF7F7FFF,
            0x7F800000, 0xFF800000, 0x00007FFF, 0x80008001, 0x007FFFFF]
    return numpy.array(bits, "<u4").view("<f4")


def a_source_that_the_python_client_changed_is_published_again():
    """Reshards with a new spread and new names, changes values and license; then --force, and all holds again."""
    source, sidecar, _ = SAMPLES["f32"]
    old_head = API.model_info(source).sha
    folder = pathlib.Path(snapshot_download(source, token=TOKEN))
    tensors = {}
    for file in sorted(folder.glob("*.safetensors")):
        tensors.update(read(file))
    dtype, shape, data = tensors["mtp.fc.weight"]
    values = numpy.frombuffer(data, "<f4").copy()
    values[:len(odd_values())] = odd_values()
    values[-len(odd_values()):] = odd_values()
    tensors["mtp.fc.weight"] = (dtype, shape, values.tobytes())
    # One MTP tensor as F16, so that one sidecar has all three types for its source.
    dtype, shape, data = tensors["mtp.norm.weight"]
    tensors["mtp.norm.weight"] = ("F16", shape, numpy.frombuffer(data, "<f4").astype("<f2").tobytes())
    dtype, shape, data = tensors["mtp.pre_fc_norm_hidden.weight"]
    tensors["mtp.pre_fc_norm_hidden.weight"] = ("BF16", shape, bf16_of("F32", data).tobytes())

    new = PLACE / "resharded"
    new.mkdir()
    index = {}
    for number in range(3):
        part = {name: tensors[name] for name in sorted(tensors)[number::3]}
        file = f"model-{number + 1:05}-of-00003.safetensors"
        write(new / file, part)
        index.update(dict.fromkeys(part, file))
    (new / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}, indent=2))
    API.upload_folder(repo_id=source, folder_path=new, delete_patterns="*.safetensors", commit_message="Reshard")
    card = (folder / "README.md").read_text()
    found = re.search(r"^license: .*$", card, re.MULTILINE)
    assert found, card[:300]
    card = card.replace(found.group(0), "license: other\nlicense_name: sample-license\nlicense_link: 'LICENSE'")
    head = API.create_commit(source, [CommitOperationAdd("README.md", card.encode()),
                                      CommitOperationAdd("LICENSE", b"Do as you like.\n"),
                                      CommitOperationDelete("generation_config.json")],
                             commit_message="Another license").oid
    assert head != old_head and not any("of-00002" in file for file in API.list_repo_files(source))

    skipped = publish("f32")
    assert skipped["outcome"] == "up_to_date", skipped
    assert any("older" in message for message in skipped["messages"]), skipped["messages"]
    report = publish("f32", "--force")
    assert report["source_revision"] == head
    check_sidecar("f32", report, commits=3)
    data = API.model_info(sidecar).card_data
    assert (data.license, data.license_name) == ("other", "sample-license"), data
    made = read(hf_hub_download(sidecar, "mtp.safetensors", token=TOKEN))["mtp.fc.weight"][2]
    first = numpy.frombuffer(made, "<u2")[:5].tolist()
    assert first == [0x3F80, 0x3F80, 0x3F80, 0x3F81, 0x3F82], [hex(one) for one in first]
    check_collection(*SAMPLES)


def old_commits_stay_readable():
    _, sidecar, _ = SAMPLES["f32"]
    newest, older, first = API.list_repo_commits(sidecar)
    assert API.list_repo_files(sidecar, revision=first.commit_id) == [".gitattributes"]
    files = [hf_hub_download(sidecar, "mtp.safetensors", revision=one.commit_id, token=TOKEN)
             for one in (newest, older)]
    contents = {pathlib.Path(file).read_bytes() for file in files}
    assert len(contents) == 2
    assert API.file_exists(sidecar, "README.md", revision=older.commit_id)
    assert hf_hub_url(sidecar, "mtp.safetensors").startswith(ROOM.hub.endpoint)


def a_sidecar_can_be_copied_by_the_python_client():
    """Down from one repo and up into another as a folder: the same listing, byte for byte."""
    _, sidecar, _ = SAMPLES["parts"]
    here = PLACE / "copy"
    snapshot_download(sidecar, token=TOKEN, local_dir=here)
    shutil.rmtree(here / ".cache", ignore_errors=True)
    API.create_repo("acme/copied")
    API.upload_folder(repo_id="acme/copied", folder_path=here, commit_message="Copy")
    facts = [{one.rfilename: (one.size, one.blob_id, one.lfs and one.lfs.sha256)
              for one in API.model_info(repo, files_metadata=True).siblings} for repo in (sidecar, "acme/copied")]
    assert facts[0] == facts[1], facts
    assert API.model_info("acme/copied").card_data.to_dict() == API.model_info(sidecar).card_data.to_dict()


def the_javascript_client_reads_the_same_bytes():
    facts = []
    for key in ("bf16", "parts"):
        _, sidecar, _ = SAMPLES[key]
        weights = hf_hub_download(sidecar, "mtp.safetensors", token=TOKEN)
        card = hf_hub_download(sidecar, "README.md", token=TOKEN)
        facts.append({"repo": sidecar, "commit": API.model_info(sidecar).sha, "source": SAMPLES[key][0],
                      "files": {"mtp.safetensors": weights, "README.md": card}})
    (PLACE / "facts.json").write_text(json.dumps({"hub": ROOM.hub.endpoint, "token": TOKEN, "repos": facts}))
    done = subprocess.run(["node", pathlib.Path(__file__).with_name("published.mjs"), MODULES, PLACE / "facts.json"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout, end="")


def main():
    print(f"huggingface_hub {huggingface_hub.__version__}, safetensors {safetensors.__version__}, "
          f"numpy {numpy.__version__}")
    try:
        for check in (every_source_type_comes_out_as_numpy_converts_it, an_upload_in_parts_arrives_whole,
                      a_source_that_the_python_client_changed_is_published_again, old_commits_stay_readable,
                      a_sidecar_can_be_copied_by_the_python_client, the_javascript_client_reads_the_same_bytes):
            begin = time.monotonic()
            check()
            print(f"ok  {check.__name__}  {time.monotonic() - begin:.1f} s", flush=True)
        assert ROOM.scratch_files() == []
        assert TOKEN not in ROOM.hub.log_text()
    finally:
        ROOM.__exit__()


main()
