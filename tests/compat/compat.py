# SPDX-License-Identifier: Apache-2.0
"""Runs the compatibility cases: argv and files in; exact stdout, stderr, exit code and files left behind out.

A case is data. Texts are compared whole; what no table can know stands in them as a name: HERE is the folder of
the run, <usage COMMAND> the line that the command's own --help begins with, {name} what a case with a Hub asks for.

    python3 compat.py                       every section
    python3 compat.py section_2_dry_run     one
    python3 compat.py -k TEXT [SECTION]     the cases whose title holds TEXT
"""
import concurrent.futures
import dataclasses
import difflib
import functools
import importlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
PROGRAM = str(pathlib.Path(os.environ["SKW_BIN"]) / "skulk-weights") if "SKW_BIN" in os.environ else None
SECTIONS = ["section_1_command_line", "section_2_dry_run", "section_3_configuration", "section_4_entries",
            "section_5_builtin", "section_6_environment", "section_7_find_and_add", "section_8_publishing"]
OWNER = "FoxlightAI"
COLLECTION = "FoxlightAI/vindexes-6a124406dd5fb439c431b051"
URL = "https://huggingface.co/collections/"
FOLDER = object()  # as a file's content: a folder of that name
ANYTHING = object()  # as what is left: a folder whose content is nobody's business
M = ("--manifest", "m.yaml")


@dataclasses.dataclass(frozen=True)
class Link:
    """As a file's content: a symbolic link."""
    target: str


@dataclasses.dataclass
class Case:
    """One run. left: what is there afterwards and was not before, with its content (FOLDER: a folder; None: a
    file whose content is nobody's business).

    gone: what was there before and is not any more. stdin: what is typed; None is no input at all.
    differs: rows of differences.py that this case shows. room, before, after: see HubCase.
    """
    words: list
    out: str = ""
    err: str = ""
    code: int = 0
    files: dict = dataclasses.field(default_factory=dict)
    env: dict = dataclasses.field(default_factory=dict)
    stdin: str | None = None
    left: dict = dataclasses.field(default_factory=dict)
    gone: tuple = ()
    differs: tuple = ()
    title: str = ""

    def __post_init__(self):
        self.differs = (self.differs,) if isinstance(self.differs, str) else tuple(self.differs)
        set_by_case = [f"{name}={value!r}" for name, value in self.env.items()]
        self.title = " ".join([*([self.title + ":"] if self.title else []), *set_by_case,
                               *(word if isinstance(word, str) and word.isprintable() and word and " " not in word
                                 else repr(word) for word in self.words)])

    def differences(self):
        """The rows of differences.py that this case shows; two of them show by themselves."""
        by_itself = {"next-line": "  next: " in self.err, "usage-texts": "<usage" in self.err}
        return [*self.differs, *(name for name, shows in by_itself.items() if shows)]

    def check(self):
        """The complaints about this run; none is a pass."""
        with tempfile.TemporaryDirectory(prefix="skw-compat-") as folder:
            room = pathlib.Path(folder).resolve()
            (room / "home").mkdir()
            fill_folder(room, self.files)
            before = snapshot(room)
            done = start([word_of(word, room) for word in self.words], room, self.environment(room), self.stdin)
            return self.judge(done, room, before, {})

    def environment(self, room):
        env = {"PATH": os.environ["PATH"], "HOME": str(room / "home"), "LC_ALL": "C.UTF-8"}
        env.update((name, os.environ[name]) for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ)
        env.update(self.env)
        return {name: str(value).replace("HERE", str(room)) for name, value in env.items() if value is not None}

    def judge(self, done, room, before, names, watch=True):
        complaints = []
        if done.returncode != self.code:
            complaints.append(f"exit code {done.returncode}, not {self.code}")
        for name, bytes_of, wanted in (("stdout", done.stdout, self.out), ("stderr", done.stderr, self.err)):
            text = bytes_of.decode(errors="surrogateescape").replace(str(room), "HERE")
            wanted = expand(wanted, names)
            if text != wanted:
                complaints.append(difference(name, wanted, text))
        if watch:
            complaints += self.judge_files(room, before)
        return complaints

    def judge_files(self, room, before, skip=lambda path: False):
        after = snapshot(room, skip)
        wanted = {path: content for path, content in before.items()
                  if not any(path == one or path.startswith(one + "/") for one in self.gone)}
        for path, content in self.left.items():
            if content is ANYTHING:
                wanted.update((name, one) for name, one in after.items() if name.startswith(path + "/"))
                content = FOLDER
            is_text = isinstance(content, (str, bytes))
            wanted[path] = bytes_of_content(content, room) if is_text else content or after.get(path)
            for parent in pathlib.PurePath(path).parents:
                if str(parent) != ".":
                    wanted.setdefault(str(parent), FOLDER)
        complaints = [f"left behind: {path}" for path in after if path not in wanted]
        complaints += [f"is missing: {path}" for path in wanted if path not in after]
        for path in wanted:
            if path in after and after[path] != wanted[path]:
                is_text = isinstance(after[path], bytes) and isinstance(wanted[path], bytes)
                complaints.append(difference(path, wanted[path].decode(errors="replace"),
                                             after[path].decode(errors="replace")) if is_text else f"changed: {path}")
        return complaints


@dataclasses.dataclass
class HubCase(Case):
    """One run beside a local Hub. room() makes it; before(room, names) sets it up; after(room, names) returns complaints.

    names: what the texts say in {braces}; before and reveal fill it, reveal after the run and before the texts are read.
    """
    room: object = None
    before: object = None
    reveal: object = None
    after: object = None

    def check(self):
        names = {}
        with self.room() as room:
            folder = room.folder.resolve()
            fill_folder(folder, self.files)
            for extra in [self.before] if callable(self.before) else self.before or []:
                extra(room, names)
            given = {name: value if value is None else expand(str(value).replace("HERE", str(folder)), names)
                     for name, value in self.env.items()}
            env = room.environment(LC_ALL="C.UTF-8", **given)
            before = snapshot(folder, room_only)
            done = start([expand(word_of(word, folder), names) for word in self.words], folder, env, self.stdin)
            if self.reveal:
                self.reveal(room, names)
            complaints = self.judge(done, folder, before, names, watch=False)
            complaints += self.judge_files(folder, before, room_only)
            for extra in [self.after] if callable(self.after) else self.after or []:
                complaints += extra(room, names) or []
            return complaints


def room_only(path):
    """What a room with a Hub holds and a run has no part in."""
    return path.split("/")[0] in ("hub", "hub.log", "bin")


def expand(text, names):
    if "<usage" in text:
        for command in sorted(all_usages(), key=len, reverse=True):
            text = text.replace(f"<usage {command}>" if command else "<usage>", all_usages()[command])
    for name, value in names.items():
        text = text.replace("{" + name + "}", str(value))
    return text


@functools.cache
def all_usages():
    """Command -> its usage, which ends with a newline; the texts of usage lines are free."""
    groups = ["", "catalog", "scratch", "plugins"]
    commands = ["catalog validate", "catalog list", "catalog sources", "catalog show", "catalog find", "catalog init",
                "catalog add", "doctor", "publish", "scratch clean", "plugins list", "plugins show"]
    found = {}
    for command in groups + commands:
        done = subprocess.run([PROGRAM, *command.split(), "--help"], capture_output=True, timeout=60)
        text = done.stdout.decode()
        found[command] = text[:text.find("\n\n") + 1]
    return found


def word_of(word, room):
    return word if isinstance(word, bytes) else str(word).replace("HERE", str(room))


def bytes_of_content(content, room):
    return content if isinstance(content, bytes) else content.replace("HERE", str(room)).encode()


def fill_folder(room, files):
    for name, content in files.items():
        path = room / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is FOLDER:
            path.mkdir(exist_ok=True)
        elif isinstance(content, Link):
            path.symlink_to(content.target.replace("HERE", str(room)))
        else:
            path.write_bytes(bytes_of_content(content, room))
            if path.read_bytes().startswith(b"#!"):
                path.chmod(0o755)


def snapshot(room, skip=lambda path: False):
    found = {}
    for path in sorted(room.rglob("*")):
        name = str(path.relative_to(room))
        if skip(name):
            continue
        if path.is_symlink():
            found[name] = Link(os.readlink(path))
        else:
            found[name] = FOLDER if path.is_dir() else path.read_bytes()
    return found


def start(words, folder, env, stdin, program=None):
    given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin.encode()}
    return subprocess.run([program or PROGRAM, *words], cwd=folder, env=env, capture_output=True, timeout=300, **given)


def difference(name, wanted, found):
    lines = difflib.unified_diff(wanted.splitlines(keepends=True), found.splitlines(keepends=True), "wanted", "found",
                                 n=1)
    return f"{name}:\n" + "".join("    " + line.rstrip("\n") + "\n" for line in lines if not line.startswith(("---",
        "+++")))


# --- What files hold ------------------------------------------------------------------------------------------

# An entry as written in a file: field -> YAML text.
ENTRY = {"key": "a", "source_model": "o/m", "quant": "q4k", "tier": "smoke", "slices": "[full]",
         "output_name": "a.vindex", "hf_repo": "acme/a"}
MTP = {"mtp_source_repo": "o/m", "mtp_sidecar_repo": "acme/m-mtp"}
VISION = {"vision_source_repo": "third/v", "vision_sidecar_repo": "acme/v-vision"}
FULL = {**ENTRY, "hf_collection": "acme/col-1", **MTP, **VISION}
FIELDS = ["assistant_model_repo", "hf_collection", "hf_repo", "key", "mtp_sidecar_repo", "mtp_source_repo",
          "output_name", "quant", "slices", "source_model", "tier", "vision_sidecar_repo", "vision_source_repo"]


def yaml_item(fields):
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "".join(("  - " if i == 0 else "    ") + line + "\n" for i, line in enumerate(lines))


def manifest(*entries):
    return "models:\n" + "".join(yaml_item(entry) for entry in entries)


def changed(**fields):
    """The entry with other fields; None takes one away. Order as in ENTRY, new fields behind."""
    return {**ENTRY, **fields}


def item(**fields):
    """An item of a configuration."""
    return yaml_item({"path": "./m.yaml", "namespace": "ns", "hf_owner": "acme", **fields})


def shown(**fields):
    """One line of `catalog show`, as Python's json writes it."""
    return json.dumps({**dict.fromkeys(FIELDS), **fields}, sort_keys=True) + "\n"


SHOWN = {"key": "a", "source_model": "o/m", "quant": "q4k", "tier": "smoke", "slices": ["full"],
         "output_name": "a.vindex", "hf_repo": "acme/a"}
ONE = {"m.yaml": manifest(ENTRY)}


# --- Running --------------------------------------------------------------------------------------------------

def cases_of(section):
    return importlib.import_module(section).CASES


def run_section(section, text, pool):
    cases = [case for case in cases_of(section) if text in case.title]

    def checked(case):
        try:
            return case.check()
        except Exception as error:  # pylint: disable=broad-except
            return [f"{type(error).__name__}: {error}"]
    failures = 0
    for case, complaints in zip(cases, pool.map(checked, cases)):
        if complaints:
            failures += 1
            print(f"FAILED {case.title}")
            for complaint in complaints:
                print("  " + complaint.rstrip("\n"))
    print(f"{section}: {len(cases)} cases, {failures} failed", flush=True)
    return len(cases), failures


def main(words):
    text = ""
    if words[:1] == ["-k"]:
        text, words = words[1], words[2:]
    sections = words or SECTIONS
    total = failed = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for section in sections:
            cases, failures = run_section(section, text, pool)
            total, failed = total + cases, failed + failures
    print(f"{total} cases in {len(sections)} section{'s' if len(sections) > 1 else ''}")
    return 1 if failed or not total else 0


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent))
    sys.modules["compat"] = sys.modules["__main__"]
    sys.exit(main(sys.argv[1:]))
