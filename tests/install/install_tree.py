# SPDX-License-Identifier: Apache-2.0
"""What `cmake --install` leaves: complete, movable, and enough for somebody else to build a plugin.

The tree is installed, moved, and used from another folder. Paths hold a space on purpose.
"""
import argparse
import ctypes
import hashlib
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

from running import run

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
PLUGINS = "lib/skulk-weights/plugins"
ENTRY = "skw_plugin_entry_v1"
PACKAGE = {"SkulkWeightsPlugin.cmake", "WriteManifest.cmake", "one-symbol.map", "skw-plugin.json.in",
           "skulk_weights_sdk-config.cmake", "skulk_weights_sdk-config-version.cmake",
           "skulk_weights_sdk-targets.cmake"}
OPTIONS = argparse.Namespace(build=None, cmake="cmake")


def exported(library):
    lines = run("nm", "-D", "--defined-only", library).stdout.splitlines()
    return [line.split()[-1] for line in lines if line.strip()]


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


# The border as skw/plugin.h lays it out, for a host in Python.
class Text(ctypes.Structure):
    _fields_ = [("ptr", ctypes.c_void_p), ("len", ctypes.c_uint64)]

    def text(self):
        return ctypes.string_at(self.ptr, self.len).decode()


class HostInfo(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("table_minor", ctypes.c_uint32), ("abi_major", ctypes.c_uint16),
                ("abi_minor", ctypes.c_uint16), ("flags", ctypes.c_uint32), ("name", Text), ("version", Text)]


GET_INTERFACE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint64)


class Root(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_uint32), ("table_minor", ctypes.c_uint32), ("abi_major", ctypes.c_uint16),
                ("abi_minor", ctypes.c_uint16), ("min_host_minor", ctypes.c_uint16), ("reserved0", ctypes.c_uint16),
                ("flags", ctypes.c_uint32), ("reserved1", ctypes.c_uint32), ("id", Text), ("version", Text),
                ("get_interface", GET_INTERFACE)]


def enter(library, major=1, minor=0):
    """(status, root table or None) as the entry function answers."""
    entry = getattr(ctypes.CDLL(str(library), mode=os.RTLD_NOW | os.RTLD_LOCAL), ENTRY)
    entry.restype = ctypes.c_int32
    entry.argtypes = [ctypes.POINTER(HostInfo), ctypes.POINTER(ctypes.POINTER(Root))]
    host = HostInfo(struct_size=ctypes.sizeof(HostInfo), abi_major=major, abi_minor=minor)
    root = ctypes.POINTER(Root)()
    status = entry(ctypes.byref(host), ctypes.byref(root))
    return status, root.contents if root else None


class Tree(unittest.TestCase):
    """One installed and moved tree for all tests of a class."""

    @classmethod
    def setUpClass(cls):
        cls.room = pathlib.Path(tempfile.mkdtemp(prefix="skw install "))
        cls.addClassCleanup(shutil.rmtree, cls.room)
        run(OPTIONS.cmake, "--install", OPTIONS.build, "--prefix", cls.room / "first")
        cls.prefix = cls.room / "moved" / "here"
        cls.prefix.parent.mkdir()
        (cls.room / "first").rename(cls.prefix)
        cls.elsewhere = cls.room / "elsewhere"
        cls.elsewhere.mkdir()

    def names(self, folder):
        root = self.prefix / folder
        return {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}

    def weights(self, *words, program=None):
        return run(program or self.prefix / "bin/skulk-weights", *words, cwd=self.elsewhere, HOME=str(self.elsewhere),
                   HF_ENDPOINT="http://127.0.0.1:9")

    def plugins(self):
        found = json.loads(self.weights("plugins", "list", "--strict", "--json").stdout)["plugins"]
        return {plugin["id"]: plugin for plugin in found}

    def assert_fits_its_manifest(self, folder):
        manifest = json.loads((folder / "skw-plugin.json").read_text())
        offer = manifest["artifacts"][0]
        data = (folder / offer["library"]).read_bytes()
        self.assertEqual((offer["size"], offer["sha256"]), (len(data), hashlib.sha256(data).hexdigest()))
        self.assertEqual(exported(folder / offer["library"]), [ENTRY])
        self.assertEqual({path.name for path in folder.iterdir()}, {"skw-plugin.json", offer["library"]})
        return manifest, folder / offer["library"]


class Installed(Tree):
    def test_the_tree_holds_every_part_and_nothing_else(self):
        self.assertEqual({path.name for path in self.prefix.iterdir()}, {"bin", "include", "lib", "share"})
        self.assertEqual(self.names("bin"), {"skulk-hub", "skulk-weights"})
        self.assertEqual(self.names("include"),
                         {"skw/" + path.name for path in (SOURCE / "sdk/include/skw").iterdir()})
        self.assertEqual(self.names("lib"),
                         {f"cmake/skulk_weights_sdk/{name}" for name in PACKAGE} |
                         {f"skulk-weights/plugins/skw.{name}/{file}" for name in ("mtp", "vindex", "vision")
                          for file in (name + ".so", "skw-plugin.json")})
        self.assertEqual(self.names("share/skulk-weights/schemas"),
                         {path.name for path in (SOURCE / "docs/schemas").iterdir()})
        catalog = self.names("share/skulk-weights/catalog")
        self.assertLessEqual({"foxlight.yaml", "catalog.schema.json", "examples/skulk-weights.yaml"}, catalog)
        pages = {str(path.relative_to(SOURCE / "docs")) for path in (SOURCE / "docs").rglob("*.*")
                 if path.suffix in (".md", ".svg") and not {"changes", "schemas"} & set(path.parts)}
        self.assertEqual(self.names("share"), {"skulk-weights/catalog/" + name for name in catalog} |
                         {"skulk-weights/schemas/" + name for name in self.names("share/skulk-weights/schemas")} |
                         {"doc/skulk-weights/" + name for name in pages | {"LICENSE"}} |
                         {"man/man1/skulk-weights.1", "bash-completion/completions/skulk-weights",
                          "zsh/site-functions/_skulk-weights", "fish/vendor_completions.d/skulk-weights.fish"})

    def test_no_file_names_the_build_or_the_source_folder(self):
        for path in sorted(self.prefix.rglob("*")):
            if not path.is_file() or is_elf(path):
                continue
            data = path.read_bytes()
            for folder in (OPTIONS.build, SOURCE, self.room / "first"):
                self.assertNotIn(os.fsencode(folder), data, f"{path.relative_to(self.prefix)} names {folder}")

    def test_no_program_or_plugin_has_a_run_path(self):
        libraries = [path for path in self.prefix.rglob("*") if path.is_file() and is_elf(path)]
        self.assertEqual(len(libraries), 5)
        for path in libraries:
            dynamic = run("readelf", "-d", path).stdout
            self.assertIn("(NEEDED)", dynamic)
            self.assertNotRegex(dynamic, r"\((RPATH|RUNPATH)\)", path.name)

    def test_the_programs_find_their_parts_where_they_were_moved_to(self):
        self.assertRegex(self.weights("--version").stdout,
                         r"^skulk-weights \d+\.\d+\.\d+\nplugin ABI    1\.\d+\n(skw\.\w+ +\d+\.\d+\.\d+ ok\n){3}$")
        self.assertRegex(run(self.prefix / "bin/skulk-hub", "--version", cwd=self.elsewhere).stdout,
                         r"^skulk-hub \d+\.\d+\.\d+\n$")
        for name in ("mtp", "vindex", "vision"):
            plugin = self.plugins()["skw." + name]
            self.assertEqual((plugin["status"], plugin["path"]),
                             ("ok", str(self.prefix.resolve() / PLUGINS / f"skw.{name}/{name}.so")))
            self.assert_fits_its_manifest(self.prefix / PLUGINS / f"skw.{name}")
        self.assertEqual(self.weights("catalog", "validate").stdout, "catalog valid: 12 entries from 1 sources\n")

    def test_a_link_to_the_program_finds_them_too(self):
        link = self.elsewhere / "weights"
        link.symlink_to(self.prefix / "bin/skulk-weights")
        self.assertIn("12 entries", self.weights("catalog", "validate", program=link).stdout)

    def test_every_entry_has_a_dry_run(self):
        entries = json.loads(self.weights("catalog", "list", "--json").stdout)["entries"]
        self.assertEqual(len(entries), 12)
        for entry in entries:
            with self.subTest(entry["key"]):
                plan = self.weights("publish", "--model", entry["key"], "--artifact", "all", "--dry-run").stdout
                self.assertIn(f"model key: {entry['key']}\n", plan)
                self.assertIn(entry["hf_repo"], plan)


class Consumer(Tree):
    """The project in consumer/, built against the moved tree."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shutil.copytree(HERE / "consumer", cls.room / "consumer")
        build = cls.room / "consumer build"
        run(OPTIONS.cmake, "-S", cls.room / "consumer", "-B", build, "-G", "Ninja", "-D", "CMAKE_BUILD_TYPE=Release",
            "-D", f"CMAKE_PREFIX_PATH={cls.prefix}")
        run(OPTIONS.cmake, "--build", build)
        run(OPTIONS.cmake, "--install", build, "--strip", "--prefix", cls.room / "consumer tree")
        cls.made = cls.room / "consumer tree" / PLUGINS

    def test_a_plugin_in_c_is_one_symbol_and_its_manifest(self):
        manifest, library = self.assert_fits_its_manifest(self.made / "com.example.hello-c")
        self.assertEqual((manifest["id"], manifest["name"], manifest["version"], manifest["license"]),
                         ("com.example.hello-c", "hello_c", "1.2.3", "NOASSERTION"))
        self.assertEqual(manifest["abi"], {"major": 1, "minor": 0, "min_host_minor": 0})
        self.assertEqual(manifest["kinds"], [{"name": "hello-c", "title": "hello-c"}])
        self.assertEqual(library.name, "hello_c.so")

    def test_a_plugin_in_cpp_has_its_own_manifest_and_runtime(self):
        manifest, library = self.assert_fits_its_manifest(self.made / "com.example.hello-cpp")
        self.assertEqual((manifest["name"], manifest["version"], manifest["license"]),
                         ("Hello from C++", "2.0.0-rc.1", "MIT"))
        self.assertNotRegex(run("readelf", "-d", library).stdout, r"libstdc\+\+|libgcc_s")
        self.assertNotIn("UNIQUE", run("readelf", "--dyn-syms", "-W", library).stdout)

    def test_both_answer_at_the_border(self):
        for name, library, version in (("hello-c", "hello_c.so", "1.2.3"), ("hello-cpp", "hello_cpp.so", "2.0.0-rc.1")):
            with self.subTest(name):
                path = self.made / f"com.example.{name}" / library
                status, root = enter(path)
                self.assertEqual(status, 0)
                self.assertEqual((root.struct_size, root.abi_major, root.abi_minor, root.min_host_minor),
                                 (ctypes.sizeof(Root), 1, 0, 0))
                self.assertEqual((root.id.text(), root.version.text()), ("com.example." + name, version))
                self.assertIsNotNone(root.get_interface(b"skw.artifact/1", 14))
                self.assertIsNone(root.get_interface(b"skw.artifact/2", 14))
                self.assertEqual(enter(path, major=2), (-4, None))

    def test_the_host_takes_them_and_prints_what_they_plan(self):
        shutil.copytree(self.made, self.prefix / PLUGINS, dirs_exist_ok=True)
        self.assertEqual([self.plugins()["com.example." + name]["status"] for name in ("hello-c", "hello-cpp")],
                         ["ok", "ok"])
        key = json.loads(self.weights("catalog", "list", "--json").stdout)["entries"][0]["key"]
        for kind, greeting in (("hello-c", "hello from C"), ("hello-cpp", f"hello {key} from C++")):
            plan = self.weights("publish", "--model", key, "--artifact", kind, "--dry-run").stdout
            self.assertRegex(plan, rf"(?m)^greeting: +{re.escape(greeting)}$")


class Refused(Tree):
    """What the package says no to while a project is configured."""

    def configure(self, *lines):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.room))
        (folder / "CMakeLists.txt").write_text("\n".join(
            ["cmake_minimum_required(VERSION 3.25)", "project(refused NONE)", *lines, ""]))
        return run(OPTIONS.cmake, "-S", folder, "-B", folder / "build", "-G", "Ninja", "-D",
                   f"CMAKE_PREFIX_PATH={self.prefix}", check=False)

    def test_another_major_of_the_interface(self):
        for asked, found in (("1.0", True), ("1", True), ("2.0", False), ("0.9", False), ("1.1", False)):
            with self.subTest(asked):
                done = self.configure(f"find_package(skulk_weights_sdk {asked} CONFIG REQUIRED)")
                self.assertEqual(done.returncode == 0, found, done.stderr)
                if not found:
                    self.assertIn("version: 1.0", done.stderr)

    def test_arguments_that_would_make_a_manifest_nobody_reads(self):
        good = {"NAME": "hello", "ID": "com.example.hello", "KINDS": "hello", "SOURCES": "hello.c", "VERSION": "1.0.0"}
        for change, complaint in (({"ID": "hello"}, "reverse domain name"),
                                  ({"ID": "com.Example.hello"}, "reverse domain name"),
                                  ({"ID": "skw.hello"}, "built-in plugins"),
                                  ({"NAME": "../hello"}, "a file name"),
                                  ({"KINDS": 'good "bad kind"'}, "lower-case letters"),
                                  ({"KINDS": None}, "either KINDS or MANIFEST"),
                                  ({"MANIFEST": "mine.in"}, "either KINDS or MANIFEST"),
                                  ({"SOURCES": None}, "SOURCES is missing"),
                                  ({"VERSION": "1.0"}, "semantic version"),
                                  ({"VERSION": None}, "semantic version"),
                                  ({"LICENSE": '"MIT\\""'}, "SPDX"),
                                  ({"TARGET_MINOR": "1"}, "above 0"),
                                  ({"TARGET_MINOR": "x"}, "a number"),
                                  ({"KIND": "hello"}, "what is")):
            with self.subTest(change=change):
                words = " ".join(f"{name} {value}" for name, value in {**good, **change}.items() if value is not None)
                done = self.configure("find_package(skulk_weights_sdk 1.0 CONFIG REQUIRED)",
                                      f"skulk_weights_add_plugin({words})")
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(complaint, " ".join(done.stderr.split()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--cmake", default="cmake")
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0], *rest])
