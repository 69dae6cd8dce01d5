# SPDX-License-Identifier: Apache-2.0
"""Compiles the public headers in every promised dialect and looks for types other languages cannot mirror."""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

STRICT = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
CXX_STRICT = [*STRICT, "-Wshadow", "-Wconversion"]
C_DIALECTS = ["c99", "c11", "c17"]
CXX_DIALECTS = ["c++11", "c++14", "c++17", "c++20"]

C_USER = """
#include <skw/plugin.h>
skw_status SKW_CALL skw_plugin_entry_v1(const skw_host_info *host, const skw_plugin **out)
{
    (void)host;
    *out = NULL;
    return SKW_E_UNSUPPORTED;
}
int uses(const skw_hub *hub);
int uses(const skw_hub *hub) { return SKW_HAS(skw_hub, hub, list) ? 1 : 0; }
"""

CXX_USER = """
#include <skw/plugin.hpp>
struct Full {
    static constexpr std::string_view kind = "full";
    static std::string describe() { return "{}"; }
    std::string validate(skw::sdk::Call&, std::string_view entry) { return std::string(entry); }
    std::string doctor(skw::sdk::Call& call, std::string_view) { return skw::sdk::Probe(call).memory(); }
    std::string plan(skw::sdk::Call&, const std::string& request) { return request; }
    std::string execute(skw::sdk::Call& call, std::string_view)
    {
        skw::sdk::Writer out = skw::sdk::Hub(call).create("one");
        out.write(skw::sdk::Hub(call).open("source", "a", 0, 1).read_rest(10));
        const skw::sdk::Scratch scratch(call);
        skw::sdk::Hub(call).mirror("source", "b");
        skw::sdk::Hub(call).fetch("source", scratch.path() + "/hub", "stage", {"c"});
        scratch.hash(scratch.folder("d") + "/e");
        skw::sdk::Process(call).run("extract", [](std::int32_t, std::string_view) {});
        return out.finish();
    }
};
SKW_EXPORT_PLUGIN_AS(Full, "acme.full", "1.0.0")
"""

# Types whose size or meaning differs between languages and compilers, and words Windows headers take away.
FORBIDDEN = ["enum", "bool", "_Bool", "size_t", "long", "short", "int", "unsigned", "union", "va_list",
             "FILE", "time_t", "wchar_t", "interface", "near", "far", "small", "min", "max"]


def compilers(kind):
    names = {"c": ["gcc", "clang"], "c++": ["g++", "clang++"]}[kind]
    return [name for name in names if shutil.which(name)]


def compile_all(include, work):
    faults = []
    done = 0
    for language, user, name, dialects in (("c", C_USER, "user.c", C_DIALECTS),
                                           ("c++", C_USER, "user.cpp", CXX_DIALECTS),
                                           ("c++", CXX_USER, "wrapper.cpp", ["c++20"])):
        source = work / name
        source.write_text(user, encoding="utf-8")
        for compiler in compilers(language):
            for dialect in dialects:
                flags = STRICT if language == "c" else CXX_STRICT
                command = [compiler, f"-std={dialect}", *flags, "-I", str(include), str(source)]
                result = subprocess.run(command, capture_output=True, text=True, check=False)
                done += 1
                if result.returncode != 0:
                    faults.append(f"{compiler} -std={dialect} {name}:\n{result.stderr}")
    return done, faults


def without_comments(text):
    return re.sub(r"/\*.*?\*/|\"[^\"\n]*\"", " ", text, flags=re.DOTALL)


def lint(header):
    faults = []
    for number, line in enumerate(without_comments(header.read_text(encoding="ascii")).splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        for word in FORBIDDEN:
            if re.search(rf"(?<![A-Za-z0-9_]){word}(?![A-Za-z0-9_])", line):
                faults.append(f"{header.name}: \"{word}\" near line {number} of the text without comments")
    return faults


def lint_slots(header):
    """Each function slot is explained by a comment that names its thread and its beginning."""
    text = header.read_text(encoding="ascii")
    faults = []
    for match in re.finditer(r"\(SKW_CALL \*(\w+)\)", text):
        before = text[: match.start()]
        comment = before[before.rfind("/*") : before.rfind("*/")]
        between = before[before.rfind("*/") :]
        in_own_comment = between.count(";") == 0
        name = match.group(1)
        table = before[before.rfind("typedef") :]
        if (name == "write" and "skw_sink" in table) or (name == "line" and "skw_lines" in table):
            continue  # described with the struct itself
        if name == "skw_plugin_entry_fn":
            continue
        for word in ("thread", "since"):
            if not in_own_comment or word not in comment:
                faults.append(f"{header.name}: {name}: its comment has no line \"{word}\"")
    return faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--include", type=pathlib.Path, required=True)
    parser.add_argument("--work", type=pathlib.Path, required=True)
    given = parser.parse_args()
    missing = {"gcc", "clang", "g++", "clang++"} - set(compilers("c")) - set(compilers("c++"))
    if missing:
        print(f"not tried, because they are not here: {', '.join(sorted(missing))}")
        if os.environ.get("CI") == "true":
            return 1
        if len(missing) == 4:
            return 77
    given.work.mkdir(parents=True, exist_ok=True)
    done, faults = compile_all(given.include, given.work)
    headers = [given.include / "skw" / "plugin.h", given.include / "skw" / "plugin_layout.h"]
    faults += lint(headers[0])
    faults += lint_slots(headers[0])
    print("\n".join(faults) or f"{done} compilations, {len(headers)} headers")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
