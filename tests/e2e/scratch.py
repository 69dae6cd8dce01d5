# SPDX-License-Identifier: Apache-2.0
"""`scratch clean` and `scratch show`: what is deleted, what is refused and stays, what is told of what lies there."""
import fcntl
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
from harness import BIN, KEY, SCRATCH_MARKER, Room  # noqa: E402

SCHEMAS = pathlib.Path(__file__).parents[2] / "docs/schemas"
BROAD = "path is too broad (home, root, cwd, ancestor of cwd, or top-level)"


def required(document):
    """Refuses a document that lacks what its schema requires, or has what it does not know."""
    name = document["schema"].replace("/", "-")
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    assert set(schema["required"]) <= set(document) <= set(schema["properties"]), document
    items = schema["properties"].get("items", {}).get("items")
    for item in document.get("items", []):
        assert set(items["required"]) <= set(item) <= set(items["properties"]), item
    return document


class Place:
    """A home, a working folder and a scratch root beside it, on this machine."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="skw-scratch-")).resolve()
        self.here, self.home, self.root = (self.folder / name for name in ("here", "home", "work/root"))
        self.here.mkdir(), self.home.mkdir()
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

    def run(self, *words, answer="", where=None, prefix=(), program=BIN / "skulk-weights", **more):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / ".config"), **more}
        return subprocess.run([*prefix, str(program), *map(str, words)], cwd=where or self.here, env=env,
                              input=answer, capture_output=True, text=True, timeout=120)

    def clean(self, *words, root=None, **more):
        return self.run("scratch", "clean", "--scratch", root or self.root, *words, **more)

    def fill(self, root=None):
        root = root or self.root
        for path, size in (("tiny.vindex/index.json", 10), ("acme--x-mtp.safetensors", 3000),
                           ("resume/skw.mtp/01234567-0123456789abcdef/part", 70000), ("_hf_cache/models--acme--x/blobs/a", 5),
                           ("vision/acme--x/model.safetensors", 6), ("ui-jobs/01234567-89ab-cdef-0123-456789abcdef/log", 7)):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(b"x" * size)
        return root


class Clean(unittest.TestCase):
    def refused(self, done, *words, code=1):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertNotIn("deleted", done.stdout)

    def test_everything_that_this_program_and_the_one_before_it_make_is_deleted(self):
        with Place() as place:
            place.fill()
            done = place.clean("-y")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, f"deleted {place.root}\n", ""))
            self.assertFalse(place.root.exists())
            self.assertTrue(place.root.parent.exists())
            done = place.clean("-y")
            self.assertEqual((done.returncode, done.stdout), (0, f"scratch directory does not exist: {place.root}\n"))

    def test_the_root_is_the_option_else_the_variable_else_a_folder_here(self):
        with Place() as place:
            for root, words, more in ((place.here / ".scratch", (), {}),
                                      (place.folder / "variable/root", (), {"SKULK_WEIGHTS_SCRATCH": str(place.folder / "variable/root")}),
                                      (place.home / "mine", ("--scratch", "~/mine"), {"SKULK_WEIGHTS_SCRATCH": "/nowhere/at"})):
                place.fill(root)
                done = place.run("scratch", "clean", "--yes", *words, **more)
                self.assertEqual((done.returncode, done.stdout), (0, f"deleted {root}\n"), done.stderr)
                self.assertFalse(root.exists())

    def test_only_y_is_a_yes(self):
        with Place() as place:
            place.fill()
            question = f"Delete {place.root}? [y/N] "
            for answer in ("", "n\n", "yes\n", "\n", "yy\n", "j\n"):
                done = place.clean(answer=answer)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, question + "aborted\n", ""), answer)
            self.assertTrue((place.root / "tiny.vindex/index.json").exists())
            done = place.clean(answer=" Y \n")
            self.assertEqual((done.returncode, done.stdout), (0, question + f"deleted {place.root}\n"))

    def test_broad_folders_are_refused_in_the_words_of_the_contract(self):
        with Place() as place:
            inner = place.here / "inner"
            inner.mkdir()
            link = place.folder / "link"
            link.symlink_to(place.home)
            for root, shown in ((place.home, place.home), ("/", "/"), (place.here, place.here), (place.folder, place.folder),
                                ("/tmp", "/tmp"), (place.here / "inner/..", place.here), (link, place.home), (".", place.here)):
                done = place.clean("-y", root=root)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertEqual(done.stderr.splitlines()[0], f"refusing to delete {shown}: {BROAD}")
            self.refused(place.clean("-y", root=place.here, where=inner), BROAD)
            self.assertTrue(place.home.exists() and inner.exists())

    def test_a_folder_in_which_the_home_folder_lies_is_refused_from_elsewhere_as_well(self):
        with Place() as place:
            (place.folder / "users/me").mkdir(parents=True)
            done = place.clean("-y", root=place.folder / "users", HOME=str(place.folder / "users/me"))
            self.refused(done, f"refusing to delete {place.folder}/users: path is too broad (the home folder lies in it)")

    def test_links_are_refused_as_a_root_and_never_followed_inside(self):
        with Place() as place:
            place.fill()
            outside = place.folder / "outside"
            (outside / "deep").mkdir(parents=True)
            (outside / "deep/file").write_text("mine")
            link = place.folder / "link"
            link.symlink_to(place.root)
            self.refused(place.clean("-y", root=link), f"refusing to delete {link}: it is a symbolic link, to {place.root}")
            link.unlink()
            link.symlink_to(place.folder / "nothing")
            self.refused(place.clean("-y", root=link), "it is a symbolic link")
            (place.root / "tiny.vindex/out").symlink_to(outside)
            (place.root / "tiny.vindex/file").symlink_to(outside / "deep/file")
            (place.root / "tiny.vindex/broken").symlink_to("/nowhere")
            done = place.clean("-y", "--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            document = required(json.loads(done.stdout))
            self.assertEqual((document["result"], document["links"]), ("deleted", 3))
            self.assertFalse(place.root.exists())
            self.assertEqual((outside / "deep/file").read_text(), "mine")

    def test_names_that_are_exchanged_for_links_meanwhile_lead_nowhere(self):
        with Place() as place:
            outside = place.folder / "outside"
            outside.mkdir()
            for number in range(300):
                (outside / f"{number:03}").write_text("mine")
            for number in range(1500):
                (place.root / f"x.vindex/{number:04}").mkdir(parents=True)
            over = threading.Event()

            def exchange():
                number = 1499
                while not over.is_set() and number > 0:
                    name = place.root / f"x.vindex/{number:04}"
                    try:
                        name.rmdir()
                        name.symlink_to(outside)
                    except OSError:
                        pass
                    number -= 1
            thread = threading.Thread(target=exchange)
            thread.start()
            place.clean("-y")
            over.set()
            thread.join()
            self.assertEqual(len(list(outside.iterdir())), 300)

    def test_a_plain_file_is_no_root(self):
        with Place() as place:
            place.root.parent.mkdir()
            place.root.write_text("mine")
            self.refused(place.clean("-y"), f"refusing to delete {place.root}: it is not a folder")
            self.assertEqual(place.root.read_text(), "mine")

    def test_a_folder_with_anything_of_somebody_else_is_refused_unless_it_was_made_as_a_scratch_root(self):
        with Place() as place:
            place.fill()
            for number in range(7):
                (place.root / f"photo{number}.jpg").write_text("mine")
            done = place.clean("-y")
            self.refused(done, "it is no scratch folder of this program, for it holds 'photo0.jpg', 'photo1.jpg'",
                         " and 2 more", "  next: move these elsewhere")
            for marker in ("", "something"):
                (place.root / SCRATCH_MARKER).write_text(marker)
                self.refused(place.clean("-y"), "it is no scratch folder")
            (place.root / SCRATCH_MARKER).unlink()
            own = place.folder / "own/root"
            self.assertEqual(place.run("doctor", SKULK_WEIGHTS_SCRATCH=str(own)).returncode, 0)
            (place.root / SCRATCH_MARKER).symlink_to(own / SCRATCH_MARKER)
            self.refused(place.clean("-y"), "it is no scratch folder")
            (own / "odd name of a third plugin").write_text("x")
            done = place.clean("-y", root=own)
            self.assertEqual((done.returncode, done.stdout), (0, f"deleted {own}\n"), done.stderr)
            self.assertTrue((place.root / "photo0.jpg").exists())

    def test_a_folder_of_a_name_of_ours_that_holds_something_else_is_refused(self):
        with Place() as place:
            for path in ("resume/cv.txt", "vision/eyes.png", "ui-jobs/2024/offer.pdf", "_hf_cache/notes", "resume/skw.mtp/old/cv.txt"):
                root = place.folder / "documents"
                (root / path).parent.mkdir(parents=True)
                (root / path).write_text("mine")
                shown = "resume/skw.mtp/old" if "old" in path else "ui-jobs/2024" if "2024" in path else path
                self.refused(place.clean("-y", root=root), f"it is no scratch folder of this program, for it holds '{shown}'")
                self.assertTrue((root / path).exists())
                shutil.rmtree(root)

    def test_after_an_end_half_way_the_same_command_is_right(self):
        with Place() as place:
            self.assertEqual(place.run("doctor", SKULK_WEIGHTS_SCRATCH=str(place.root)).returncode, 0)
            kept = place.root / "of a third plugin"
            (kept / "deep").mkdir(parents=True)
            (kept / "deep/file").write_text("x")
            prefix = ()
            if os.geteuid() == 0:  # whom no permission stops: somebody else tries
                prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
                place.folder.chmod(0o755)
                if place.run("--version", prefix=prefix).returncode != 0:
                    self.skipTest("the program cannot be run by another user here")
                for path in (place.root, place.root / SCRATCH_MARKER, kept):
                    os.chown(path, 65534, 65534)
            (kept / "deep").chmod(0o555)
            self.refused(place.clean("-y", prefix=prefix), f"{kept}/deep/file: cannot be removed: Permission denied")
            self.assertTrue((place.root / SCRATCH_MARKER).exists())
            (kept / "deep").chmod(0o755)
            done = place.clean("-y")
            self.assertEqual((done.returncode, done.stdout), (0, f"deleted {place.root}\n"), done.stderr)

    def test_without_a_working_folder_an_absolute_root_is_deleted_and_a_relative_one_told_of(self):
        with Place() as place:
            place.fill()
            gone = place.folder / "gone"

            def clean(root):
                gone.mkdir()
                return place.run("-c", 'cd "$1"; rmdir "$1"; shift; exec "$@"', "sh", gone, BIN / "skulk-weights", "scratch",
                                 "clean", "-y", "--scratch", root, program="/bin/sh")
            self.refused(clean("work/root"), "the working directory is gone", "  next: change to a folder")
            done = clean(place.root)
            self.assertEqual((done.returncode, done.stdout), (0, f"deleted {place.root}\n"), done.stderr)

    def test_a_folder_that_was_there_before_is_never_marked(self):
        with Place() as place:
            place.root.mkdir(parents=True)
            self.assertEqual(place.run("doctor", SKULK_WEIGHTS_SCRATCH=str(place.root)).returncode, 0)
            self.assertEqual(list(place.root.iterdir()), [])
            self.assertEqual(place.clean("-y").returncode, 0)  # empty: nothing to lose

    def test_nothing_is_deleted_while_another_run_works_in_it(self):
        with Place() as place:
            place.fill()
            held = os.open(place.root, os.O_RDONLY)
            fcntl.flock(held, fcntl.LOCK_EX)
            self.refused(place.clean("-y"), "another run is using it", "  next: wait for it", code=75)
            self.assertIn("in use by another run", place.run("scratch", "show", "--scratch", place.root).stdout)
            os.close(held)
            self.assertTrue((place.root / "tiny.vindex/index.json").exists())
            self.assertEqual(place.clean("-y").returncode, 0)

    def test_a_mount_point_inside_is_refused_before_anything_is_deleted(self):
        prefix = mount_prefix()
        with Place() as place:
            place.fill()
            (place.root / "tiny.vindex/elsewhere").mkdir()
            other = place.folder / "other"
            other.mkdir()
            (other / "file").write_text("mine")
            target = place.root / "tiny.vindex/elsewhere"
            for how in (f"mount -t tmpfs none '{target}'", f"mount --bind '{other}' '{target}'"):
                done = place.clean("-y", prefix=[*prefix, "sh", "-c", how + ' && exec "$@"', "sh"])
                self.refused(done, f"refusing to delete {place.root}: {target} is a mount point", "  next: unmount it")
                self.assertTrue((place.root / "acme--x-mtp.safetensors").exists())
                self.assertEqual((other / "file").read_text(), "mine")
            # A root that is one itself is emptied, and stays.
            empty = place.folder / "volume/root"
            empty.mkdir(parents=True)
            done = place.clean("-y", root=empty, prefix=[*prefix, "sh", "-c",
                               f"mount -t tmpfs none '{empty}' && mkdir '{empty}/a.vindex' && exec \"$@\"", "sh"])
            self.assertEqual((done.returncode, done.stdout),
                             (0, f"emptied {empty}; the folder itself is a mount point and stays\n"), done.stderr)

    def test_json_asks_on_stderr_and_prints_one_document(self):
        with Place() as place:
            place.fill()
            done = place.clean("--json", answer="n\n")
            self.assertEqual(required(json.loads(done.stdout))["result"], "aborted")
            self.assertIn("[y/N]", done.stderr)
            done = place.clean("--json", "-y")
            self.assertEqual(required(json.loads(done.stdout))["result"], "deleted")
            self.assertEqual(required(json.loads(place.clean("--json", "-y").stdout))["result"], "absent")
            done = place.clean("--json", "-y", root="/")
            self.assertEqual(json.loads(done.stdout)["schema"], "skw.error/1")


class Show(unittest.TestCase):
    def test_what_lies_there_is_told_by_size_with_its_total(self):
        with Place() as place:
            place.fill()
            (place.root / "odd").write_text("x")
            os.link(place.root / "resume/skw.mtp/01234567-0123456789abcdef/part", place.root / "resume/skw.mtp/01234567-0123456789abcdef/again")
            done = place.run("scratch", "show", "--scratch", place.root)
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = done.stdout.splitlines()
            self.assertEqual(lines[0], f"scratch root: {place.root}")
            self.assertEqual(lines[1].split(), ["NAME", "WHAT", "ARTIFACT", "ENTRY", "SIZE", "AGE"])
            self.assertTrue(lines[2].startswith("resume/skw.mtp/01234567-0123456789abcdef  unfinished run"), lines[2])
            document = required(json.loads(place.run("scratch", "show", "--scratch", place.root, "--json").stdout))
            items = {item["path"]: item for item in document["items"]}
            self.assertEqual({path: item["what"] for path, item in items.items()},
                             {"resume/skw.mtp/01234567-0123456789abcdef": "unfinished run", "tiny.vindex": "vindex",
                              "acme--x-mtp.safetensors": "staged file", "_hf_cache": "left by the Python tool",
                              "vision": "left by the Python tool", "ui-jobs": "left by the Python tool", "odd": "not known"})
            sizes = [item["bytes"] for item in document["items"]]
            self.assertEqual(sizes, sorted(sizes, reverse=True))
            self.assertEqual(document["bytes"], sum(sizes))
            # Two names of one file take its room once.
            self.assertLess(items["resume/skw.mtp/01234567-0123456789abcdef"]["bytes"], 2 * 70000)
            self.assertRegex(lines[-1], r"^total: \d")

    def test_a_root_that_is_not_there_and_an_empty_one_are_told(self):
        with Place() as place:
            done = place.run("scratch", "show", "--scratch", place.root)
            self.assertEqual((done.returncode, done.stdout), (0, f"scratch directory does not exist: {place.root}\n"))
            self.assertFalse(required(json.loads(place.run("scratch", "show", "--scratch", place.root, "--json").stdout))["exists"])
            place.root.mkdir(parents=True)
            self.assertIn("nothing in it", place.run("scratch", "show", "--scratch", place.root).stdout)

    def test_links_are_not_followed(self):
        with Place() as place:
            (place.root / "tiny.vindex").mkdir(parents=True)
            (place.folder / "big").write_bytes(b"x" * 1000000)
            (place.root / "tiny.vindex/link").symlink_to(place.folder / "big")
            (place.root / "out").symlink_to(place.folder)
            document = json.loads(place.run("scratch", "show", "--scratch", place.root, "--json").stdout)
            self.assertLess(document["bytes"], 100000)

    def test_a_malformed_catalog_takes_only_the_names_of_entries(self):
        with Place() as place:
            place.fill()
            (place.here / "skulk-weights.yaml").write_text("catalogs: [\n")
            done = place.run("scratch", "show", "--scratch", place.root)
            self.assertEqual(done.returncode, 0)
            self.assertIn("warning: entries are not named", done.stderr)
            self.assertIn("tiny.vindex", done.stdout)

    def test_what_a_killed_publish_left_is_named_by_its_entry(self):
        with Room("--fault", "POST:/commit/main:hang=30") as room:
            process = room.start_publish()
            part = room.folder / "scratch/acme--qwen3-5-4b-mtp-mtp.safetensors"
            for _ in range(3000):
                if "POST /api/models/acme/qwen3-5-4b-mtp/commit" in room.hub.log_text() or process.poll() is not None:
                    break
                if part.exists() and part.stat().st_size > 0:
                    break
                threading.Event().wait(0.01)
            in_use = room.run("scratch", "show", "--scratch", room.folder / "scratch")
            process.kill()
            process.communicate()
            self.assertIn("in use by another run", in_use.stdout)
            document = required(json.loads(room.run("scratch", "show", "--scratch", room.folder / "scratch", "--json").stdout))
            self.assertTrue(document["marked"])
            self.assertFalse(document["in_use"])
            self.assertEqual({item["entry"] for item in document["items"]}, {KEY}, document)
            self.assertEqual({item["artifact"] for item in document["items"]}, {"mtp"})
            self.assertEqual(room.run("scratch", "clean", "-y", "--scratch", room.folder / "scratch").returncode, 0)


def mount_prefix():
    """What to put before a command so that it may mount without anybody else seeing it. Skips where nothing helps."""
    for prefix in (["unshare", "-m", "--propagation", "private"], ["unshare", "-rm", "--propagation", "private"]):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([*prefix, "mount", "-t", "tmpfs", "none", folder], capture_output=True, text=True)
        if done.returncode == 0:
            return prefix
    assert os.environ.get("CI") != "true", "mounts cannot be tried here: " + done.stderr
    raise unittest.SkipTest("mounts cannot be made here: " + done.stderr.strip())


if __name__ == "__main__":
    unittest.main()
