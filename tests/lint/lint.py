# SPDX-License-Identifier: Apache-2.0
"""What the compiler does not check: who may include what, how a file begins, and shapes GCC 12 miscompiles."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parents[2]
PROBLEMS = []

# The folders of core/ and what each may include of the others; the same list as USES in the CMake files.
MAY_USE = {
    "support": set(),
    "catalog": {"support"},
    "hub": {"support"},
    "plugin": {"support"},
    "card": {"support"},
    "collection": {"hub", "support"},
    "publish": {"catalog", "plugin", "hub", "card", "collection", "support"},
    "cli": {"publish", "catalog", "plugin", "hub", "card", "collection", "support"},
}
# Libraries that only some files may see.
ONLY_IN = {
    r"boost/beast": ("core/hub/", "sdk/localhub/"),
    r"yaml-cpp/": ("core/catalog/yaml.cpp",),
    r"boost/dll": ("core/plugin/loader.cpp",),
    r"boost/program_options": ("core/cli/arguments.cpp", "sdk/localhub/"),
}
HARD_LIMIT = 450


def complain(path, line, text):
    PROBLEMS.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def sources(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".h", ".hpp", ".c", ".cpp") and "build" not in path.parts:
                yield path


def check_file(path):
    text = path.read_bytes().decode("utf-8")
    lines = text.splitlines()
    name = str(path.relative_to(ROOT))
    if not re.fullmatch(r"(//|/\*) SPDX-License-Identifier: Apache-2\.0( \*/)?", lines[0] if lines else ""):
        complain(path, 1, "line 1 is not the SPDX id")
    if len(lines) > 1 and not lines[1].startswith(("// ", "/* ")):
        complain(path, 2, "line 2 does not say what the file is for")
    if len(lines) > HARD_LIMIT and not name.endswith("plugin.h"):
        complain(path, len(lines), f"{len(lines)} lines: one subject a file")
    folder = path.relative_to(ROOT).parts
    for number, line in enumerate(lines, 1):
        if not line.isascii():
            complain(path, number, "not ASCII")
        if len(line) > 120:
            complain(path, number, f"{len(line)} columns")
        include = re.match(r'\s*#\s*include\s+[<"]([^>"]+)[>"]', line)
        if not include:
            continue
        header = include.group(1)
        for pattern, places in ONLY_IN.items():
            if re.match(pattern, header) and not name.startswith(places) and not name.startswith("tests/"):
                complain(path, number, f"<{header}> belongs to {' and '.join(places)}")
        first = header.split("/")[0]
        if folder[0] == "core" and first in MAY_USE and first != folder[1] and first not in MAY_USE[folder[1]]:
            complain(path, number, f"core/{folder[1]} may not use core/{first}")
        if folder[0] == "plugins" and first in MAY_USE and (ROOT / "core" / header).exists() \
                and not (ROOT / "plugins" / header).exists():
            complain(path, number, "plugins see the SDK only")
    if name.startswith(("core/hub/", "sdk/localhub/")):
        check_coroutines(path, text)


def check_coroutines(path, text):
    """Shapes that GCC 12 frees twice: temporaries with braces, lambdas or ?: inside a co_await statement."""
    code = re.sub(r'"(\\.|[^"\\])*"|//[^\n]*', lambda m: " " * len(m.group(0)), text)
    for found in re.finditer(r"\bco_await\b[^;{}]*", code):
        number = code.count("\n", 0, found.start()) + 1
        after = code[found.end():found.end() + 1]
        if re.search(r"\[[&=\w, ]*\]\s*(\([^)]*\))?\s*$", found.group(0)) and after == "{":
            complain(path, number, "a lambda inside a co_await statement")
        elif after == "{":
            complain(path, number, "a braced temporary inside a co_await statement")
        if "?" in found.group(0):
            complain(path, number, "?: inside a co_await statement")


def check_words():
    """Nothing names a workplace, and nothing is left unfinished."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if not path.is_file() or parts[0] in ("build", "install", ".git") or "corpus" in parts or path == pathlib.Path(__file__).resolve():
            continue
        if path.suffix in (".cpp", ".hpp", ".h", ".c", ".py", ".sh", ".cmake", ".mjs") or path.name == "CMakeLists.txt":
            for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
                    complain(path, number, "unfinished")


def main():
    for path in sources("core", "sdk", "plugins", "tests"):
        check_file(path)
    check_words()
    print("\n".join(PROBLEMS) if PROBLEMS else "nothing to complain about")
    sys.exit(1 if PROBLEMS else 0)


if __name__ == "__main__":
    main()
