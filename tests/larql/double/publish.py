# SPDX-License-Identifier: Apache-2.0
"""`larql publish`: one commit a file in name order, skipping what is there, then pruning, then collections."""
import os
import pathlib
import shutil
import signal
import sys
import tempfile

from double import slices
from double.extract import sleep
from double.failure import Failure
from double.hub import Hub
from double.vindex import sha256_of

DEFAULT_SLICES = "client,attn,embed,server,browse"
DEFAULT_COLLECTIONS = "model,family,library"


def megabytes(size):
    return f"{size / 1e6:.1f} MB"


def steps_of(given, repo):
    """[(label, repo, preset or None)]."""
    names = given.get("slices", DEFAULT_SLICES).split(",")
    lowered = [name.strip().lower() for name in names]
    if "none" in lowered and len(lowered) > 1:
        raise Failure("invalid slice preset 'none': it cannot be mixed with others")
    presets = [] if lowered == ["none"] else [slices.preset_of(name) for name in lowered]
    full = "no_full" not in given and given.get("full", "true") == "true"
    if not full and not presets:
        raise Failure("nothing to publish: --no-full with --slices none")
    template = given.get("slice_repo_template", "{repo}-{preset}")
    steps = [("full", repo, None)] if full else []
    return steps + [(one, template.replace("{repo}", repo).replace("{preset}", one), one) for one in presets]


def run(given, standin):
    source, repo = pathlib.Path(given["src"]), given["repo"]
    if not source.is_dir():
        raise Failure(f"not a directory: {source} (the double fetches nothing)")
    if not (source / "index.json").is_file():
        raise Failure(f"source vindex missing index.json: {source}")
    steps = steps_of(given, repo)
    wanted = given.get("collections", DEFAULT_COLLECTIONS).split(",")
    print(f"Source: {source}\n\nUpload plan ({len(steps)} step(s)):")
    for label, target, _ in steps:
        print(f"  {label} \u2192 {target}")
    print("Collections: " + ", ".join(wanted))
    if "dry_run" in given:
        print("Dry run: nothing was sent")
        return 0
    if standin.is_mode("publish-hangs"):
        sleep(standin.seconds)
    if standin.is_mode("publish-nothing"):
        return 0
    done = []
    for label, target, preset in steps:
        done.append((label, target, publish_one(given, standin, source, label, target, preset)))
    if wanted != ["none"]:
        file_all(given, source, done, wanted)
    print("\nPublished:")
    for label, target, head in done:
        print(f"  {label} {target} \u2192 https://huggingface.co/{target}" + (f" (@ {head})" if head else ""))
        print(f"  larql pull hf://{target}" + (f"@{head}" if head else ""))
    return 0


def publish_one(given, standin, source, label, target, preset):
    hub = Hub(target, given.get("repo_type", "model"))
    if standin.is_mode("publish-prints-token"):
        print(f"debug: token {hub.token}")
        print(f"Authorization: Bearer {hub.token}", file=sys.stderr)
    if preset is None:
        print(f"\n\u2192 Uploading full vindex to {target}")
        return upload(given, standin, hub, source)
    print(f"\n\u2192 Carving slice {label}")
    staging = pathlib.Path(tempfile.mkdtemp(prefix="larql-slice-", dir=given.get("tmp_dir")))
    try:
        names = slices.carve(source, staging, slices.PRESETS[preset])
        size = sum((staging / name).stat().st_size for name in names)
        print(f"  staged {len(names)} file(s), {megabytes(size)} \u2014 {staging}\n\u2192 Uploading slice {label} to {target}")
        return upload(given, standin, hub, staging)
    finally:
        shutil.rmtree(staging)


def upload(given, standin, hub, folder):
    print(f"Creating repo: {hub.repo}", file=sys.stderr)
    organization = standin.version == "N" and not standin.is_mode("publish-ignores-organization")
    hub.create(organization, "private" in given)
    remote = hub.remote_files()
    names = slices.all_files(folder)
    for number, name in enumerate(names, 1):
        if standin.is_mode("publish-skips-file") and number == standin.number:
            continue
        if standin.is_mode("publish-fails-at") and number == standin.number:
            raise Failure(f"parse error: commit of {name} failed (500): told to")
        if standin.is_mode("publish-killed-at") and number == standin.number:
            os.kill(os.getpid(), signal.SIGKILL)
        oid = sha256_of(folder / name)
        if remote.get(name) == oid and "force_upload" not in given:
            continue
        print(f"  \u2191 {name} ({megabytes((folder / name).stat().st_size)})", file=sys.stderr)
        hub.upload(name, folder / name, oid, standin.is_mode("publish-damaged") and name.startswith("interleaved"))
        print(f"  \u2713 {name}", file=sys.stderr)
    if standin.is_mode("publish-extra-file"):
        hub.commit("Upload surprise.txt", [{"key": "file", "value": {"path": "surprise.txt", "content": "eA==",
                                                                     "encoding": "base64"}}])
    if standin.is_mode("publish-makes-public"):
        hub.json("PUT", hub.api + "/settings", {"private": False, "visibility": "public"})
    if standin.version == "N" and "no_prune" not in given:
        prune(hub, set(remote) - set(names))
    print(f"URL: https://huggingface.co/{hub.repo}", file=sys.stderr)
    return hub.head() if standin.version == "N" else None


def prune(hub, paths):
    gone = sorted(path for path in paths if path != "README.md" and not path.split("/")[-1].startswith("."))
    if gone:
        hub.commit(f"Remove {len(gone)} file(s)", [{"key": "deletedFile", "value": {"path": path}} for path in gone])


def file_all(given, source, done, wanted):
    """Up to three collections of the owner, by title."""
    model = given.get("model_title") or source.name
    titles = {"model": model + " LARQL Vindex", "family": given.get("family", "Family") + " LARQL Vindexes",
              "library": given.get("library_title", "LARQL Vindex Library")}
    for one in wanted:
        if one not in titles:
            raise Failure(f"invalid collection level '{one}'")
        for _, target, _ in done:
            hub = Hub(target, given.get("repo_type", "model"))
            print(f"  {one} \u2192 {hub.file_into(titles[one], target)}")
