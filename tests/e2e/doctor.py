# SPDX-License-Identifier: Apache-2.0
"""`doctor`: every check passing and failing, offline and against the local Hub, and the contract's lines as they are."""
import email.utils
import http.server
import json
import os
import pathlib
import ssl
import subprocess
import sys
import time
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parents[1] / "larql"), str(pathlib.Path(__file__).parent)]
import sample  # noqa: E402
from room import ENTRY, KEY, SOURCE, TARGET, VindexRoom, path_without_larql  # noqa: E402
from scratch import SCHEMAS, Place  # noqa: E402
from harness import SCRATCH_MARKER, TOKEN, LocalServer, Room  # noqa: E402

OFFLINE = "Hub, clock and what the token may do: not known without --online\n"


def accounts(room, **account):
    """Who the token is, from the next start of the Hub on."""
    one = {"token": TOKEN, "name": "local", "role": "write", "orgs": ["acme", "tiny"], **account}
    (room.folder / "hub/tokens.json").write_text(json.dumps({"tokens": [one]}))
    room.hub.stop()
    room.hub.start()


def checks(done):
    """{id: check} of the document, which has to be as its schema says."""
    document = json.loads(done.stdout)
    schema = json.loads((SCHEMAS / "skw.doctor-1.schema.json").read_text())
    assert set(schema["required"]) == set(document), document
    item = schema["properties"]["checks"]["items"]
    for check in document["checks"]:
        assert set(check) == set(item["required"]), check
        assert check["status"] in item["properties"]["status"]["enum"] and "\n" not in check["text"], check
    assert document["passed"] == all(check["status"] != "failed" for check in document["checks"]) == (done.returncode == 0)
    return {check["id"]: check for check in document["checks"]}


class Answers(http.server.BaseHTTPRequestHandler):
    """A server that is a Hub as far as a doctor asks, with a clock of its own, or none."""
    ahead, body, status = 0, b"[]", 200

    def do_GET(self):
        self.send_response_only(self.status)
        if self.ahead is not None:
            self.send_header("Date", email.utils.formatdate(time.time() + self.ahead, usegmt=True))
        body = b'{"name":"local","type":"user","orgs":[]}' if "whoami" in self.path else self.body
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(LocalServer):
    def __init__(self, **settings):
        super().__init__(type("Handler", (Answers,), settings))


class Offline(unittest.TestCase):
    def test_the_contract_s_lines_are_there_in_their_order_and_the_root_is_made_with_its_parents(self):
        with Place() as place:
            sample.install(place.folder / "bin", "N", None)
            root = place.folder / "a/b/root"
            done = place.run("doctor", "--publish", SKULK_WEIGHTS_SCRATCH=str(root), HF_TOKEN=TOKEN,
                             PATH=f"{place.folder / 'bin'}:{os.environ['PATH']}")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            lines = done.stdout.splitlines()
            wanted = [f"found command: larql ({place.folder / 'bin/larql'})", "HF_TOKEN is set",
                      f"scratch root writable: {root}", "catalogue valid: 12 entries from 1 sources"]
            self.assertEqual([line for line in lines if line in wanted], wanted)
            self.assertEqual(lines[0], wanted[0])
            self.assertEqual(lines[-1], "doctor checks passed")
            self.assertTrue((root / SCRATCH_MARKER).exists())
            self.assertIn(OFFLINE, done.stdout)
            self.assertNotIn("Python", done.stdout)

    def test_what_fails_is_on_stderr_with_what_to_do_and_the_rest_is_still_checked(self):
        with Place() as place:
            place.root.parent.mkdir()
            place.root.write_text("a file")
            for token in ("", "  \t "):
                done = place.run("doctor", "--publish", SKULK_WEIGHTS_SCRATCH=str(place.root), HF_TOKEN=token,
                                 PATH=path_without_larql())
                self.assertEqual(done.returncode, 1)
                lines = done.stderr.splitlines()
                failed = [line for line in lines if not line.startswith("  next: ")]
                self.assertEqual(failed, ["missing command: larql", "HF_TOKEN is not set; publication will fail",
                                          f"scratch root is not writable: {place.root}"])
                self.assertEqual(len(lines), 2 * len(failed))
                self.assertIn("catalogue valid: 12 entries from 1 sources\n", done.stdout)
                self.assertNotIn("doctor checks passed", done.stdout)

    def test_without_publish_neither_larql_nor_a_token_is_needed(self):
        with Place() as place:
            done = place.run("doctor", PATH=path_without_larql())
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertNotIn("larql", done.stdout)
            self.assertNotIn("HF_TOKEN", done.stdout)
            self.assertTrue((place.here / ".scratch").is_dir())

    def test_a_catalog_that_does_not_hold_fails_its_line_only(self):
        with Place() as place:
            for text, told in (("catalogs: [\n", "skulk-weights.yaml:"), ("catalogs: 7\n", "catalogs")):
                (place.here / "skulk-weights.yaml").write_text(text)
                done = place.run("doctor")
                self.assertEqual(done.returncode, 1)
                self.assertIn(told, done.stderr)
                self.assertIn("scratch root writable: ", done.stdout)
                self.assertIn("plugin skw.mtp", done.stdout)

    def test_manifest_and_config_are_honoured(self):
        with Place() as place:
            (place.here / "m.yaml").write_text(ENTRY)
            done = place.run("--manifest", "./m.yaml", "doctor")
            self.assertIn("\nm.yaml valid: 1 entries\n", done.stdout)
            done = place.run("--config", "nowhere.yaml", "doctor")
            self.assertEqual(done.returncode, 1)
            self.assertIn("nowhere.yaml", done.stderr)

    def test_an_unknown_key_is_a_check_that_failed(self):
        with Place() as place:
            done = place.run("doctor", "--model", "qwen3-5-9b-full-q4-k")
            self.assertEqual(done.returncode, 1)
            self.assertIn("catalog key not found: qwen3-5-9b-full-q4-k\n  next: did you mean foxlight/qwen3-5-9b", done.stderr)
            self.assertEqual(place.run("doctor", "--model", "x", "--all").returncode, 2)

    def test_flags_that_the_plans_use_are_looked_for_in_larql_s_own_help(self):
        with Place() as place:
            folder = place.folder / "bin"
            sample.install(folder, "N", None)
            path = f"{folder}:{os.environ['PATH']}"

            def run(*words):
                return place.run("doctor", "--publish", "--json", *words, HF_TOKEN=TOKEN, PATH=path)
            good = checks(run())
            self.assertEqual(good["vindex/larql-version"]["text"], "vindex: larql says it is larql 0.2.0")
            self.assertEqual({good["vindex/larql-" + verb]["status"] for verb in ("extract", "publish", "slice")}, {"ok"})
            for mode, failed, word in (("help-without-collections", "larql-publish", "--collections"),
                                       ("help-without-quant", "larql-extract", "--quant"),
                                       ("version-fails", "larql-version", "exit code 127")):
                sample.play(folder, "N", mode)
                found = checks(run())
                self.assertEqual([one for one, check in found.items() if check["status"] == "failed"], ["vindex/" + failed])
                self.assertIn(word, found["vindex/" + failed]["text"])
                self.assertTrue(found["vindex/" + failed]["hint"])
            for start in sample.starts(folder):
                self.assertNotIn("HF_TOKEN", start["environment"])
                self.assertNotEqual(start["values"]["HOME"], str(place.home))
            # Of what no entry asks for, nothing is needed.
            sample.play(folder, "N", None)
            (place.here / "m.yaml").write_text(ENTRY)
            done = place.run("--manifest", "m.yaml", "doctor", "--publish", "--json", HF_TOKEN=TOKEN, PATH=path)
            self.assertNotIn("vindex/larql-slice", checks(done))

    def test_the_kernels_of_this_machine_are_named_and_a_wrong_choice_fails(self):
        with Place() as place:
            sample.install(place.folder / "bin", "N", None)
            more = {"HF_TOKEN": TOKEN, "PATH": f"{place.folder / 'bin'}:{os.environ['PATH']}"}
            found = checks(place.run("doctor", "--publish", "--json", SKW_KERNELS="reference", **more))
            self.assertEqual(found["mtp/kernels"]["text"], "mtp: tensors are converted by the reference kernels")
            found = checks(place.run("doctor", "--publish", "--json", SKW_KERNELS="abacus", **more))
            self.assertEqual(found["mtp/kernels"]["status"], "failed")

    def test_proxy_and_certificates_in_use_are_told_without_a_password(self):
        with Place() as place:
            found = checks(place.run("doctor", "--json", HTTPS_PROXY="http://alice:hunter22secret@proxy.example:3128"))
            self.assertEqual(found["proxy"]["text"], "proxy in use: http://proxy.example:3128, with a login")
            done = place.run("doctor", HTTPS_PROXY="http://alice:hunter22secret@proxy.example:3128")
            self.assertNotIn("hunter22", done.stdout + done.stderr)
            found = checks(place.run("doctor", "--json", HTTPS_PROXY="http://proxy.example:3128", NO_PROXY="huggingface.co"))
            self.assertEqual(found["proxy"]["text"], "proxy: none for this Hub, by NO_PROXY (else http://proxy.example:3128)")
            done = place.run("doctor", HTTPS_PROXY="socks5://alice:hunter22secret@proxy.example")
            self.assertEqual(done.returncode, 1)
            self.assertNotIn("hunter22", done.stdout + done.stderr)
            bundle = pathlib.Path(ssl.get_default_verify_paths().openssl_cafile)
            if bundle.exists():
                found = checks(place.run("doctor", "--json", SSL_CERT_FILE=str(bundle)))
                self.assertEqual((found["tls"]["status"], found["tls"]["facts"]["store"]), ("ok", str(bundle)))
            (place.folder / "no.pem").write_text("no certificate")
            found = checks(place.run("doctor", "--json", SSL_CERT_FILE=str(place.folder / "no.pem")))
            self.assertEqual(found["tls"]["status"], "failed")
            found = checks(place.run("doctor", "--json", HF_ENDPOINT="http://hub.example.org"))
            self.assertEqual(found["tls"]["status"], "warning")
            found = checks(place.run("doctor", "--json", HF_ENDPOINT="http://localhost.evil.example"))
            self.assertEqual(found["tls"]["status"], "warning")
            found = checks(place.run("doctor", "--json", HF_ENDPOINT="ftp://x"))
            self.assertEqual(found["endpoint"]["status"], "failed")

    def test_without_online_no_name_is_looked_up_and_nothing_connected_to(self):
        with Place() as place:
            tracer = subprocess.run(["which", "strace"], capture_output=True).returncode == 0
            if not tracer:
                with Server() as server:
                    seen = []
                    server.server.RequestHandlerClass.parse_request = lambda self: seen.append(self) and False
                    place.run("doctor", "--publish", HF_TOKEN=TOKEN, HF_ENDPOINT=server.endpoint)
                    self.assertEqual(seen, [])
                return
            done = place.run("doctor", "--publish", HF_TOKEN=TOKEN, prefix=["strace", "-f", "-e", "trace=connect,socket"])
            self.assertNotRegex(done.stderr, r"AF_INET")

    def test_the_root_of_the_file_system_is_refused_as_a_scratch_root(self):
        with Place() as place:
            for root in ("/", "//", "/usr/.."):
                done = place.run("doctor", SKULK_WEIGHTS_SCRATCH=root)
                self.assertEqual(done.returncode, 1)
                self.assertIn("  next: is the root of the file system, and cannot be the scratch root; ", done.stderr)

    def test_a_larql_that_prints_without_end_is_ended(self):
        with Place() as place:
            (place.folder / "bin").mkdir()
            larql = place.folder / "bin/larql"
            larql.write_text("#!/bin/sh\nexec yes\n")
            larql.chmod(0o755)
            done = place.run("doctor", "--publish", HF_TOKEN=TOKEN, PATH=f"{place.folder / 'bin'}:{os.environ['PATH']}")
            self.assertEqual(done.returncode, 1)
            self.assertIn("vindex: larql prints without end when it is asked for its version or its help\n", done.stderr)

    def test_a_token_with_blanks_inside_fails_before_it_is_sent(self):
        with Place() as place:
            done = place.run("doctor", "--publish", HF_TOKEN="hf_a b")
            self.assertIn("HF_TOKEN is set\n", done.stdout)
            self.assertIn("HF_TOKEN holds characters that no token has\n  next: copy the token again", done.stderr)


class Online(unittest.TestCase):
    def doctor(self, room, *words, **environment):
        return room.run("doctor", "--publish", "--online", "--json", *words, **environment)

    def test_all_is_well_and_asked_with_few_requests(self):
        with VindexRoom() as room:
            before = room.hub.log_text()
            done = room.run("--manifest", "rehearsal.yaml", "doctor", "--publish", "--online")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            asked = room.hub.log_text()[len(before):]
            self.assertEqual(asked.count("GET /api/whoami-v2"), 1)
            self.assertLessEqual(asked.count("GET "), 3, asked)
            self.assertNotRegex(asked, r"(?m)^(POST|PUT|DELETE)")
            for line in ("Hub answers: " + room.hub.endpoint, "clock agrees with the Hub's\n", "token belongs to local, role write; "
                         "organisations: acme (", "token may write for acme (1 target)\n", "doctor checks passed\n",
                         "is not known while no entry is named: add --model, --tier or --all"):
                self.assertIn(line, done.stdout)

    def test_a_named_entry_is_looked_into_source_rights_room(self):
        with VindexRoom() as room:
            found = checks(self.doctor(room, "--model", KEY))
            source = found[f"source-{KEY}-vindex"]
            self.assertEqual(source["status"], "ok")
            self.assertGreater(source["facts"]["fetch_bytes"], room.weight_bytes())
            self.assertGreater(source["facts"]["scratch_bytes"], source["facts"]["fetch_bytes"])
            self.assertEqual(found["scratch-space"]["facts"]["needed_bytes"], source["facts"]["scratch_bytes"])
            self.assertEqual(found["scratch-space"]["status"], "ok")
            self.assertEqual(found["collection-" + room.slug]["status"], "ok")
            self.assertEqual(room.hub.head(TARGET), None)  # nothing was made

    def test_a_source_that_is_not_there_or_cannot_be_made_fails(self):
        with VindexRoom(drop=("tokenizer.json",)) as room:
            found = checks(self.doctor(room, "--model", KEY))
            self.assertEqual(found[f"source-{KEY}-vindex"]["status"], "failed")
            self.assertIn("tokenizer.json", found[f"source-{KEY}-vindex"]["text"])
        with VindexRoom() as room:
            path = room.folder / "rehearsal.yaml"
            path.write_text(path.read_text().replace(SOURCE, "tiny/none"))
            found = checks(self.doctor(room, "--model", KEY))
            self.assertIn("there is no such repo", found[f"source-{KEY}-vindex"]["text"])

    def test_sidecars_are_looked_into_as_well(self):
        with Room() as room:
            path = room.folder / "rehearsal.yaml"
            path.write_text(path.read_text() + "    vision_source_repo: Qwen/Qwen3.5-4B\n    vision_sidecar_repo: acme/v\n"
                            "    mtp_base_model_relation: finetune\n")
            key = "rehearsal/qwen3-5-4b"
            found = checks(self.doctor(room, "--model", key))
            self.assertEqual(found[f"source-{key}-mtp"]["status"], "ok", found)
            self.assertGreater(found[f"source-{key}-mtp"]["facts"]["scratch_bytes"], 100000)
            self.assertEqual(found[f"source-{key}-vision"]["facts"]["scratch_bytes"], 0)
            # The collection of the catalog is not on this Hub.
            self.assertEqual(found["collection-acme/vindexes-0123456789abcdef01234567"]["status"], "failed")

    def test_a_disk_without_room_fails(self):
        with VindexRoom() as room:
            probe = "import os, sys; print(os.statvfs(sys.argv[1]).f_bavail)"
            small = room.folder / "small"
            small.mkdir()
            prefix = ["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size=64k none '{small}' && exec \"$@\"", "sh"]
            if subprocess.run([*prefix, sys.executable, "-c", probe, str(small)], capture_output=True).returncode != 0:
                assert os.environ.get("CI") != "true", "mounts cannot be tried here"
                self.skipTest("mounts cannot be made here")
            command = room.command("doctor", "--publish", "--online", "--json", "--model", KEY)
            done = subprocess.run([*prefix, *command], cwd=room.folder, capture_output=True, text=True,
                                  env=room.environment(SKULK_WEIGHTS_SCRATCH=str(small)))
            self.assertEqual(checks(done)["scratch-space"]["status"], "failed", done.stderr)

    def test_what_the_token_may_not_do_is_told_for_each_owner(self):
        with VindexRoom() as room:
            for account, told in (({"role": "read"}, "the token in HF_TOKEN may only read"),
                                  ({"orgs": ["tiny"]}, "is neither this owner nor in an organisation of that name"),
                                  ({"orgs": [{"name": "acme", "role": "read"}]}, "may only read there")):
                accounts(room, **account)
                found = checks(self.doctor(room))
                self.assertEqual(found["owner-acme"]["status"], "failed")
                self.assertIn(told, found["owner-acme"]["text"])
                self.assertTrue(found["owner-acme"]["hint"])
            # Only to read is no fault where nothing is to be published.
            self.assertEqual(room.run("doctor", "--online").returncode, 0)

    def test_rights_of_a_fine_grained_token_are_asked_at_a_repo_that_is_there(self):
        with VindexRoom() as room:
            accounts(room, role="fineGrained", scopes=["acme"])
            found = checks(self.doctor(room))
            self.assertEqual(found["owner-acme"]["status"], "warning")
            room.hub.request("/api/repos/create", method="POST", headers={"Content-Type": "application/json"},
                             body=json.dumps({"name": TARGET.split("/")[1], "organization": "acme", "type": "model"}).encode())
            found = checks(self.doctor(room))
            self.assertEqual((found["owner-acme"]["status"], found["owner-acme"]["text"]),
                             ("ok", "token may write to " + TARGET))
            accounts(room, role="fineGrained", scopes=["tiny"])
            self.assertEqual(checks(self.doctor(room))["owner-acme"]["status"], "failed")

    def test_a_token_that_the_hub_refuses_fails_and_is_not_printed(self):
        with VindexRoom() as room:
            found = checks(self.doctor(room, HF_TOKEN="hf_somebodyelsestoken0123456789"))
            self.assertEqual(found["account"]["status"], "failed")
            self.assertNotIn("somebodyelse", json.dumps(found))
            self.assertEqual(found["hub"]["status"], "ok")

    def test_a_hub_that_is_down_fails_once_and_quickly(self):
        with VindexRoom() as room:
            room.hub.stop()
            since = time.monotonic()
            found = checks(self.doctor(room))
            self.assertLess(time.monotonic() - since, 20)
            self.assertEqual([one for one, check in found.items() if check["status"] == "failed"], ["hub"])
            self.assertEqual(found["account"]["status"], "skipped")
            room.hub.start()

    def test_servers_that_are_no_hub_are_told_from_one(self):
        with Place() as place:
            for settings, status in (({"body": b"<html>please sign in</html>"}, "failed"), ({"status": 503}, "failed"),
                                     ({"status": 429}, "warning"), ({"status": 404}, "warning"), ({}, "ok")):
                with Server(**settings) as server:
                    found = checks(place.run("doctor", "--online", "--json", HF_ENDPOINT=server.endpoint))
                    self.assertEqual(found["hub"]["status"], status, settings)

    def test_a_clock_that_differs_is_told_and_fails_beyond_five_minutes(self):
        with Place() as place:
            for ahead, status, words in ((0, "ok", "agrees"), (-30, "ok", "agrees"), (150, "warning", "behind the Hub's"),
                                         (-200, "warning", "ahead of the Hub's"), (3600, "failed", "behind the Hub's"),
                                         (None, "skipped", "does not tell")):
                with Server(ahead=ahead) as server:
                    clock = checks(place.run("doctor", "--online", "--json", HF_ENDPOINT=server.endpoint))["clock"]
                    self.assertEqual(clock["status"], status, clock)
                    self.assertIn(words, clock["text"])

    def test_a_proxy_that_is_set_is_the_way_to_the_hub(self):
        with Place() as place, Server(ahead=0) as proxy:
            done = place.run("doctor", "--online", "--json", HF_ENDPOINT="http://hub.example.org", http_proxy=proxy.endpoint)
            self.assertEqual(checks(done)["hub"]["status"], "ok")
            self.assertEqual(checks(done)["proxy"]["facts"]["proxy"], proxy.endpoint)


if __name__ == "__main__":
    unittest.main()
