# SPDX-License-Identifier: Apache-2.0
"""The unmodified Python client huggingface_hub (Xet off) against skulk-hub: python_client.py PROGRAM"""

import hashlib
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

WORK = tempfile.TemporaryDirectory(prefix="skulk-hub-python-")
PLACE = pathlib.Path(WORK.name)
os.environ["HF_HOME"] = str(PLACE / "home")
os.environ["HF_HUB_DISABLE_XET"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
    os.environ.pop(name, None)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from local_hub import ALICE, BOB, READER, LocalHub  # noqa: E402

HUB = LocalHub(sys.argv[1], PLACE / "root", "--page-size", "3", "--multipart-threshold", "3000000",
               "--part-size", "1000000")
os.environ["HF_ENDPOINT"] = HUB.endpoint  # before the import: the client reads it there

import huggingface_hub  # noqa: E402
import numpy  # noqa: E402
from huggingface_hub import (CommitOperationAdd, CommitOperationDelete, HfApi, HfFileSystem,  # noqa: E402
                             get_hf_file_metadata, hf_hub_download, hf_hub_url, snapshot_download)
from huggingface_hub.errors import (EntryNotFoundError, GatedRepoError, HfHubHTTPError,  # noqa: E402
                                    RepositoryNotFoundError, RevisionNotFoundError)

API = HfApi(endpoint=HUB.endpoint, token=ALICE)
ODD_NAMES = ["with blank.txt", "a&b=c.txt", "hash#mark.txt", "what?.txt", "100%25 sure.txt", "one+one.txt",
             "gr\u00fc\u00dfe/\u6a21\u578b.txt", "deep/er/and/deeper still.bin",
             "semi;colon,comma.txt", "[x]*.weird"]


def content_of(name, size):
    return random.Random(name).randbytes(size)


def expect(error, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except error as caught:
        return caught
    raise AssertionError(f"{call.__name__} should have raised {error.__name__}")


def status_of(error):
    return error.response.status_code


def upload_and_read_back():
    folder = PLACE / "model"
    (folder / "sub").mkdir(parents=True)
    files = {"config.json": b'{"a": 1}', "empty.txt": b"",
             "README.md": b"---\nlicense: mit\nbase_model: a/b\n---\n# x\n",
             "small.bin": content_of("small", 5000), "large.safetensors": content_of("large", 7_300_000),
             "sub/notes.txt": b"words\n", "binary-without-rule": content_of("unruly", 3000)}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    url = API.create_repo("acme/model")
    assert url.repo_id == "acme/model", url
    assert API.create_repo("acme/model", exist_ok=True).repo_id == "acme/model"
    assert status_of(expect(HfHubHTTPError, API.create_repo, "Acme/Model")) == 409
    commit = API.upload_folder(repo_id="acme/model", folder_path=folder, commit_message="First")
    info = API.model_info("acme/model", files_metadata=True)
    assert info.sha == commit.oid and info.card_data.license == "mit" and info.card_data.base_model == "a/b"
    assert "license:mit" in info.tags and "base_model:a/b" in info.tags
    by_name = {one.rfilename: one for one in info.siblings}
    assert set(by_name) == set(files) | {".gitattributes"}, set(by_name)
    for name, content in files.items():
        assert by_name[name].size == len(content), name
        if by_name[name].lfs:
            assert by_name[name].lfs.sha256 == hashlib.sha256(content).hexdigest()
    large = {name for name, one in by_name.items() if one.lfs}
    assert large == {"small.bin", "large.safetensors", "binary-without-rule"}, large
    here = pathlib.Path(snapshot_download("acme/model", token=ALICE))
    for name, content in files.items():
        assert (here / name).read_bytes() == content, name
    again = API.upload_folder(repo_id="acme/model", folder_path=folder, commit_message="Second")
    assert again.oid == commit.oid, "nothing had changed"
    attributes = pathlib.Path(hf_hub_download("acme/model", ".gitattributes", token=ALICE)).read_text()
    assert "binary-without-rule filter=lfs" in attributes


def ranges_are_read():
    content = content_of("large", 7_300_000)
    files = HfFileSystem(endpoint=HUB.endpoint, token=ALICE)
    with files.open("acme/model/large.safetensors", "rb", block_size=4096) as stream:
        for begin, length in ((0, 8), (1_000_000, 70_000), (7_299_990, 10)):
            stream.seek(begin)
            assert stream.read(length) == content[begin:begin + length], begin
    facts = get_hf_file_metadata(hf_hub_url("acme/model", "large.safetensors"), token=ALICE)
    assert facts.size == len(content) and facts.etag == hashlib.sha256(content).hexdigest()
    assert facts.location.startswith(HUB.storage)


def listings_are_paged():
    tree = list(API.list_repo_tree("acme/model", recursive=True, expand=True))
    assert len(tree) == 9, [one.path for one in tree]
    assert all(one.last_commit.title for one in tree)
    assert len(list(API.list_repo_tree("acme/model", "sub"))) == 1
    expect(EntryNotFoundError, lambda: list(API.list_repo_tree("acme/model", "nowhere")))
    assert len(API.list_repo_commits("acme/model")) == 2
    for number in range(5):
        API.create_repo(f"acme/listed-{number}")
    assert len(list(API.list_models(author="acme"))) == 6
    assert [one.id for one in API.list_models(author="acme", search="listed-3")] == ["acme/listed-3"]


def odd_names_survive():
    API.create_repo("acme/odd")
    contents = {name: content_of(name, 400) for name in ODD_NAMES}
    API.create_commit("acme/odd", [CommitOperationAdd(name, data) for name, data in contents.items()],
                      commit_message="Odd names")
    assert set(API.list_repo_files("acme/odd")) == set(ODD_NAMES) | {".gitattributes"}
    found = API.get_paths_info("acme/odd", ODD_NAMES + ["not there"])
    assert {one.path for one in found} == set(ODD_NAMES)
    for name, data in contents.items():
        assert pathlib.Path(hf_hub_download("acme/odd", name, token=ALICE)).read_bytes() == data, name
    API.create_commit("acme/odd", [CommitOperationDelete(name) for name in ODD_NAMES], commit_message="Gone")
    assert API.list_repo_files("acme/odd") == [".gitattributes"]


def access_is_checked():
    API.create_repo("acme/hidden", private=True)
    stranger, nobody = HfApi(endpoint=HUB.endpoint, token=BOB), HfApi(endpoint=HUB.endpoint, token=False)
    for api in (stranger, nobody):
        expect(RepositoryNotFoundError, api.model_info, "acme/hidden")
    assert HfApi(endpoint=HUB.endpoint, token=READER).model_info("acme/hidden").private
    API.upload_file(path_or_fileobj=b"{}", path_in_repo="config.json", repo_id="acme/listed-1")
    API.update_repo_settings("acme/listed-1", gated="auto")
    assert API.model_info("acme/listed-1").gated == "auto"
    for token in (BOB, False):
        expect(GatedRepoError, hf_hub_download, "acme/listed-1", "config.json", token=token)
    assert hf_hub_download("acme/listed-1", "config.json", token=ALICE)
    assert status_of(expect(HfHubHTTPError, HfApi(endpoint=HUB.endpoint, token="hf_unknown").whoami)) == 401
    assert status_of(expect(HfHubHTTPError, HfApi(endpoint=HUB.endpoint, token="wrong").model_info,
                            "acme/listed-2")) == 401
    assert status_of(expect(HfHubHTTPError, stranger.create_repo, "acme/mine")) == 403
    reader = HfApi(endpoint=HUB.endpoint, token=READER)
    assert reader.whoami()["auth"]["accessToken"]["role"] == "read"
    assert status_of(expect(HfHubHTTPError, reader.upload_file, path_or_fileobj=b"x", path_in_repo="x",
                            repo_id="acme/listed-1")) == 403
    API.auth_check("acme/hidden")
    expect(RepositoryNotFoundError, API.model_info, "acme/nothing")
    expect(RevisionNotFoundError, API.model_info, "acme/model", revision="nothing")
    expect(EntryNotFoundError, hf_hub_download, "acme/model", "nothing", token=ALICE)


def commits_keep_their_rules():
    head = API.model_info("acme/listed-2").sha
    add = [CommitOperationAdd("a.txt", b"a")]
    first = API.create_commit("acme/listed-2", add, commit_message="a", parent_commit=head)
    error = expect(HfHubHTTPError, API.create_commit, "acme/listed-2", [CommitOperationAdd("b.txt", b"b")],
                   commit_message="b", parent_commit=head)
    assert status_of(error) == 412
    expect(EntryNotFoundError, API.create_commit, "acme/listed-2", [CommitOperationDelete("c.txt")],
           commit_message="c")
    expect(ValueError, API.upload_file, path_or_fileobj=b"---\nlicense: [\n---\n", path_in_repo="README.md",
           repo_id="acme/listed-2")
    assert API.model_info("acme/listed-2").sha == first.oid
    proposal = API.create_commit("acme/listed-2", [CommitOperationAdd("p.txt", b"p")],
                                 commit_message="Proposed", create_pr=True)
    assert proposal.pr_num == 1 and proposal.pr_url.startswith(HUB.endpoint)
    assert API.model_info("acme/listed-2").sha == first.oid
    assert "p.txt" in API.list_repo_files("acme/listed-2", revision="refs/pr/1")
    API.create_branch("acme/listed-2", branch="side/way")
    API.create_tag("acme/listed-2", tag="v1")
    refs = API.list_repo_refs("acme/listed-2", include_pull_requests=True)
    assert {one.name for one in refs.branches} == {"main", "side/way"}
    assert refs.tags[0].target_commit == first.oid
    API.upload_file(path_or_fileobj=b"s", path_in_repo="s.txt", repo_id="acme/listed-2", revision="side/way")
    assert API.file_exists("acme/listed-2", "s.txt", revision="side/way")
    assert not API.file_exists("acme/listed-2", "s.txt")
    API.super_squash_history("acme/listed-2", branch="side/way")
    assert len(API.list_repo_commits("acme/listed-2", revision="side/way")) == 1
    API.delete_branch("acme/listed-2", branch="side/way")
    API.delete_tag("acme/listed-2", tag="v1")
    API.create_commit("acme/model", [CommitOperationDelete("sub/", is_folder=True)],
                      commit_message="No folder")
    assert not any(name.startswith("sub/") for name in API.list_repo_files("acme/model"))
    API.move_repo("acme/listed-2", "acme/moved")
    assert API.model_info("acme/moved").id == "acme/moved"


def collections_work():
    made = API.create_collection("MTP Sidecars", namespace="acme", description="All of them")
    assert API.create_collection("MTP Sidecars", namespace="acme", exists_ok=True).slug == made.slug
    assert status_of(expect(HfHubHTTPError, API.create_collection, "MTP Sidecars", namespace="acme")) == 409
    for number in range(5):
        name = "acme/moved" if number == 2 else f"acme/listed-{number}"
        full = API.add_collection_item(made.slug, name, "model", note=f"note {number}")
    assert len(full.items) == 5 and full.items[4].note == "note 4"
    API.add_collection_item(made.slug, "acme/moved", "model", exists_ok=True)
    assert status_of(expect(HfHubHTTPError, API.add_collection_item, made.slug, "acme/moved", "model")) == 409
    error = expect(HfHubHTTPError, API.add_collection_item, made.slug, "acme/nothing", "model")
    assert status_of(error) == 404
    listed = list(API.list_collections(owner="acme"))
    assert [one.slug for one in listed] == [made.slug] and len(listed[0].items) == 4
    renamed = API.update_collection_metadata(made.slug, title="Side cars")
    assert API.get_collection(made.slug).title == "Side cars" and renamed.slug != made.slug
    API.update_collection_item(made.slug, full.items[4].item_object_id, position=0)
    assert API.get_collection(made.slug).items[0].item_id == "acme/listed-4"
    API.delete_collection_item(made.slug, full.items[0].item_object_id)
    assert len(API.get_collection(made.slug).items) == 4
    assert status_of(expect(HfHubHTTPError, HfApi(endpoint=HUB.endpoint, token=BOB).delete_collection,
                            made.slug)) == 403
    API.delete_collection(made.slug)
    assert not list(API.list_collections(owner="acme"))


def a_killed_hub_keeps_its_repos():
    """Kills the Hub at spread moments of an upload; the repo is in its old or its new state, never between."""
    API.create_repo("acme/killed")
    head = API.model_info("acme/killed").sha
    for attempt in range(8):
        folder = PLACE / f"killed-{attempt}"
        folder.mkdir()
        for name, size in (("a.safetensors", 9_000_000), ("b.bin", 2_000_000), ("c.txt", 50)):
            (folder / name).write_bytes(content_of(f"{attempt} {name}", size))

        def upload():
            try:
                API.upload_folder(repo_id="acme/killed", folder_path=folder,
                                  commit_message=f"Attempt {attempt}")
            except Exception:  # whatever the client makes of a Hub that dies
                pass

        worker = threading.Thread(target=upload)
        worker.start()
        time.sleep(0.03 + 0.05 * attempt)
        HUB.kill()
        HUB.start()
        worker.join()
        now = API.model_info("acme/killed", files_metadata=True)
        if now.sha != head:
            names = {one.rfilename for one in now.siblings}
            assert {"a.safetensors", "b.bin", "c.txt"} <= names, names
        API.upload_folder(repo_id="acme/killed", folder_path=folder,
                          commit_message=f"Attempt {attempt} again")
        here = pathlib.Path(snapshot_download("acme/killed", token=ALICE))
        for path in folder.iterdir():
            assert (here / path.name).read_bytes() == path.read_bytes(), path
        head = API.model_info("acme/killed").sha


def a_sample_opens_in_safetensors():
    root = PLACE / "seeded"
    for extra in ([], ["--dtype", "f32", "--repo", "acme/wide"], ["--single-file", "--repo", "acme/single"]):
        subprocess.run([sys.argv[1], "seed", "qwen-mtp", "--root", root, "--scale", "32", *extra], check=True,
                       stdout=subprocess.DEVNULL)
    from safetensors import safe_open
    hub = LocalHub(sys.argv[1], root)
    try:
        api = HfApi(endpoint=hub.endpoint, token=ALICE)
        for repo, dtype in (("Qwen/Qwen3.5-4B", "BF16"), ("acme/wide", "F32"), ("acme/single", "BF16")):
            names, size = {}, 0
            for path in api.list_repo_files(repo):
                if not path.endswith(".safetensors"):
                    continue
                with safe_open(api.hf_hub_download(repo, path, local_dir=PLACE / repo), "numpy") as shard:
                    for name in shard.keys():
                        piece = shard.get_slice(name)
                        names[name] = path
                        if name.startswith("mtp."):
                            assert piece.get_dtype() == dtype, (repo, name, piece.get_dtype())
                            size += int(numpy.prod(piece.get_shape())) * (4 if dtype == "F32" else 2)
            mtp = {name: path for name, path in names.items() if name.startswith("mtp.")}
            assert len(mtp) == 15, sorted(mtp)
            if repo != "acme/single":
                assert {path for name, path in mtp.items() if ".mlp." in name} == {
                    "model.safetensors-00001-of-00002.safetensors"}
                assert {path for name, path in mtp.items() if ".mlp." not in name} == {
                    "model.safetensors-00002-of-00002.safetensors"}
            if repo == "acme/single":
                assert not api.get_safetensors_metadata(repo).sharded
    finally:
        assert hub.stop() == 0


def deleting_a_repo_ends_it():
    API.delete_repo("acme/model")
    expect(RepositoryNotFoundError, API.model_info, "acme/model")
    API.delete_repo("acme/model", missing_ok=True)
    expect(RepositoryNotFoundError, API.delete_repo, "acme/model")


def main():
    print(f"huggingface_hub {huggingface_hub.__version__}")
    try:
        for check in (upload_and_read_back, ranges_are_read, listings_are_paged, odd_names_survive,
                      access_is_checked, commits_keep_their_rules, collections_work,
                      a_killed_hub_keeps_its_repos, a_sample_opens_in_safetensors, deleting_a_repo_ends_it):
            begin = time.monotonic()
            check()
            print(f"ok  {check.__name__}  {time.monotonic() - begin:.1f} s", flush=True)
        assert HUB.stop() == 0, "a clean end"
        log = (PLACE / "hub.log").read_text()
        for secret in (ALICE, BOB, READER, "Signature="):
            assert secret not in log, "a secret in the log"
        assert "complete_multipart" in log and "/parts/" in log, "no upload in parts took place"
    finally:
        if HUB.process.poll() is None:
            HUB.kill()


main()
