# SPDX-License-Identifier: Apache-2.0
"""For section 8: Hubs with sources to publish from, and what is looked at on them afterwards."""
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).absolute().parents[1]
sys.path[:0] = [str(TESTS / "harness"), str(TESTS / "larql")]


# --- Rooms ------------------------------------------------------------------------------------------------------

def room_with(*hub_options, sources=None, **_):
    """A Hub with the source of the heads, o/m, and that of the encoder, third/v."""
    def make():
        import checkpoints
        import harness

        class Room(harness.Room):
            def __enter__(self):
                super().__enter__()
                (self.folder / "skulk-weights.yaml").unlink()
                (self.folder / "rehearsal.yaml").unlink()
                for repo, files in (sources or heads_only)().items():
                    checkpoints.commit(self.hub, repo, files)
                return self
        return Room(*hub_options, seeds=())
    return make


def spoilt(change):
    """Like room_with, with a checkpoint that change(checkpoint, module) has worked on."""
    def sources():
        import checkpoints
        one = checkpoints.Checkpoint()
        change(one, checkpoints)
        return {"o/m": one.files()}
    return room_with(sources=sources)


def nextn():
    import checkpoints
    return {"o/m": checkpoints.Checkpoint(checkpoints.nextn_shards(), checkpoints.NEXTN_CONFIG).files()}


def heads_only():
    import checkpoints
    return {"o/m": checkpoints.Checkpoint().files()}


def encoder():
    import checkpoints
    weights = checkpoints.safetensors([["v", {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}]], bytes(8))
    return {"third/v": {"model.safetensors": weights, "deep/more.safetensors": weights, "config.json": b"{}",
                        "merges.txt": b"a",
                        "tiktoken.model": b"m", "deep/config.json": b"{}", "notes.md": b"n", "code.py": b"p",
                        "README.md": b"---\nlicense: mit\n---\n# v\n", "LICENSE": b"MIT\n"}}


def no_encoder():
    return {"third/v": {path: data for path, data in encoder()["third/v"].items() if not path.endswith(".safetensors")}}


def vindex_room(mode=None, **more):
    def make():
        import room

        class OwnRoom(room.VindexRoom):
            def __enter__(self):
                super().__enter__()
                (self.folder / "skulk-weights.yaml").unlink()
                (self.folder / "rehearsal.yaml").unlink()
                return self
        return OwnRoom(mode=mode, **more)
    return make


# --- What is looked at afterwards -------------------------------------------------------------------------------

def heads(room, names):
    for name, repo in (("mtp", "acme/m-mtp"), ("vision", "acme/v-vision"), ("vindex", "acme/a"), ("o/m", "o/m"),
                       ("third/v", "third/v")):
        names["head of " + name] = room.hub.head(repo)
        names["short head of " + name] = (room.hub.head(repo) or "")[:12]
    if hasattr(room, "slug"):
        names["slug"] = room.slug


def equals(what, wanted, found):
    return [] if wanted == found else [f"{what}: {found!r}, not {wanted!r}"]


def collections(**titles):
    """title -> repos in it, of every collection of the owner."""
    wanted = {title.replace("_", " "): repos for title, repos in titles.items()}

    def check(room, _):
        found = {one["title"]: [item["id"] for item in one["items"]] for one in room.hub.collections()}
        return equals("collections", wanted, found)
    return check


def history(repo, *titles):
    """The titles of a repo's commits, oldest first, without the first one that the Hub makes; none: no such repo."""
    def check(room, names):
        if not titles:
            return equals(f"head of {repo}", None, room.hub.head(repo))
        found = [one["title"] for one in reversed(room.hub.commits(repo))]
        return equals(f"commits of {repo}", [title.format(**{k.replace(" ", "_").replace("/", "_"): v
                                                             for k, v in names.items()})
                                             for title in titles], found[1:])
    return check


def holds(repo, *paths):
    def check(room, _):
        return equals(f"files of {repo}", sorted([".gitattributes", *paths]), sorted(room.hub.files(repo)))
    return check


def is_public(repo):
    return lambda room, _: equals(f"{repo} is private", False, room.hub.json(f"/api/models/{repo}")["private"])


def first_match(pattern, text):
    return (re.findall(pattern, text) or ["?"])[0]


ROWS = ("Artifact type", "Source model", "Source revision", "Target model", "Catalog key", "Extracted with", "Generated")


def card(repo, front, first_words, *headings, words=(), rows=ROWS):
    """The front matter whole, headings and rows of the provenance in order, and the words that existing checks look for."""
    def check(room, names):
        text = room.hub.content("README.md", repo=repo).decode()
        matter, body = text[4:].split("\n---\n", 1)
        wanted = front
        known = {**names, "generated": first_match(r"generated_at: '(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)'", matter),
                 "version": first_match(r"extracted_with: (skulk-weights \d+\.\d+\.\d+)\n", matter)}
        for name, value in known.items():
            wanted = wanted.replace("{" + name + "}", str(value))
        complaints = equals("front matter", wanted, matter + "\n")
        complaints += equals("beginning", True, text.startswith("---\n") and body.startswith(
            f"\n# {repo}\n\n{first_words}"))
        complaints += equals("headings", list(headings), re.findall(r"^## (.*)$", body, re.MULTILINE))
        found = re.findall(r"^\| ([A-Z][A-Za-z ]+?) \| `", body, re.MULTILINE)
        complaints += equals("rows of the provenance", list(rows), found[:len(rows)])
        return complaints + [f"the card does not say {word!r}" for word in words if word not in body]
    return check
