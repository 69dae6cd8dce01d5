# SPDX-License-Identifier: Apache-2.0
"""Makes what follows from lifecycle.json, the one list of every member of the C ABI and its state.

usage: generate.py [--check]

Writes sdk/include/skw/plugin_layout.h and docs/plugin-slots.md; with --check it only compares them with what it
would write, and exits 1 when they differ. A member is appended to its table, never moved or removed.
"""
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATES = {"draft": "may still change", "stable": "stays for all of major 1", "deprecated": "stays, but use something else"}


def layout_header(tables):
    out = '''/* SPDX-License-Identifier: Apache-2.0 */
/* Proof at compile time that the tables of skw/plugin.h lie where every released version has them. Offsets
 * count bytes where a pointer has 8; there is no padding. Made by sdk/abi/generate.py from lifecycle.json. */
#ifndef SKW_PLUGIN_LAYOUT_H
#define SKW_PLUGIN_LAYOUT_H

#if defined(__cplusplus)
#define SKW_ASSERT(name, condition) static_assert(condition, #name)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define SKW_ASSERT(name, condition) _Static_assert(condition, #name)
#else
#define SKW_ASSERT(name, condition) typedef char skw_assert_##name[(condition) ? 1 : -1]
#endif

#define SKW_SIZE(type, bytes) SKW_ASSERT(size_of_##type, sizeof(void *) != 8 || sizeof(type) == (bytes))
#define SKW_AT(type, member, bytes)                                                                         \\
    SKW_ASSERT(type##_##member, sizeof(void *) != 8 || offsetof(type, member) == (bytes))

'''
    for table in tables:
        offset = 0
        for member in table["members"]:
            out += f'SKW_AT({table["name"]}, {member["name"]}, {offset});\n'
            offset += member["bytes"]
        out += f'SKW_SIZE({table["name"]}, {offset});\n\n'
    return out + '''#undef SKW_AT
#undef SKW_SIZE
#undef SKW_ASSERT

#endif /* SKW_PLUGIN_LAYOUT_H */
'''


def slots_page(tables):
    out = '''# The members of the C ABI

For people who write a plugin in any language, or bind `sdk/include/skw/plugin.h`. After this page you know where each
member lies, since when it is there, and whether it may still change. Offsets are bytes where a pointer has 8. Made by
`sdk/abi/generate.py` from `sdk/abi/lifecycle.json`.

'''
    out += "".join(f"* **{state}**: {meaning}\n" for state, meaning in STATES.items())
    for table in tables:
        interface = f' (`{table["interface"]}`)' if table["interface"] else ""
        out += f'\n## {table["name"]}{interface}\n\n| member | offset | bytes | since | state | date |\n'
        out += "| --- | ---: | ---: | --- | --- | --- |\n"
        offset = 0
        for member in table["members"]:
            out += (f'| `{member["name"]}` | {offset} | {member["bytes"]} | {member["since"]} | {member["state"]} | '
                    f'{member["date"]} |\n')
            offset += member["bytes"]
    return out


def main():
    tables = json.loads((ROOT / "sdk/abi/lifecycle.json").read_text())["tables"]
    assert all(member["state"] in STATES for table in tables for member in table["members"])
    wanted = {ROOT / "sdk/include/skw/plugin_layout.h": layout_header(tables), ROOT / "docs/plugin-slots.md": slots_page(tables)}
    differ = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in differ:
            print(f"{path.relative_to(ROOT)} is not what sdk/abi/generate.py makes; run it")
        return 1 if differ else 0
    for path in differ:
        path.write_text(wanted[path])
    return 0


if __name__ == "__main__":
    sys.exit(main())
