# SPDX-License-Identifier: Apache-2.0
"""Looking ahead, writing a plan down and running it: figures against what then moves, and everything that must stop it."""
import hashlib
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "harness"))
sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "larql"))
from checkpoints import commit  # noqa: E402
from harness import (KEY, REPO, SOURCE, TOKEN, VISION_SOURCE, VISION_TARGET, Room, artifacts_of, catalog_entry,
                     complete, shell_code, vision_entry, wait_until)  # noqa: E402
from room import TARGET as VINDEX_TARGET, VindexRoom  # noqa: E402

VISION_ENTRY = vision_entry("qwen3-5-4b")
NEXT = "  next: make a new plan with --plan-out, and review it"
WRITES = re.compile(r"^(POST|PUT|DELETE|PATCH) ", re.MULTILINE)


def canonical(document):
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed(document):
    """The plan under the name that its content has now: what somebody could do who edits a plan with care."""
    rest = {name: value for name, value in document.items() if name != "sha256"}
    return {**rest, "sha256": hashlib.sha256(canonical(rest)).hexdigest()}


class PlanRoom(Room):
    """account: the only one of the Hub, as its tokens.json has it; else any token may do anything."""

    def __init__(self, *hub_options, account=None, **more):
        super().__init__(*hub_options, **more)
        self.account = account

    def __enter__(self):
        if self.account:
            (self.folder / "hub").mkdir()
            (self.folder / "hub/tokens.json").write_text(json.dumps({"tokens": [{"token": TOKEN, **self.account}]}))
        return super().__enter__()

    def refuse_leaked_token(self):
        (self.folder / "hub/tokens.json").unlink(missing_ok=True)  # the only place where it belongs
        super().refuse_leaked_token()

    @property
    def plan_file(self):
        return self.folder / "plan.json"

    def plan(self):
        return json.loads(self.plan_file.read_text())

    def look(self, *options, artifact="mtp", **environment):
        return self.publish("--dry-run", "--online", *options, artifact=artifact, **environment)

    def look_json(self, *options, artifact="mtp", **environment):
        done = self.look("--json", *options, artifact=artifact, **environment)
        return done, [one["online"] for one in artifacts_of(done.stdout)]

    def write_plan(self, *options, artifact="mtp", **environment):
        done = self.publish("--plan-out", self.plan_file, *options, artifact=artifact, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def run_plan(self, *options, file=None, **environment):
        return self.run("publish", "--plan", file or self.plan_file, *options, **environment)

    def moved_since(self, begin):
        """What the Hub's log says of writes, and of the contents of large files that were read, since this place."""
        log = self.hub.log_text()[begin:]
        return WRITES.findall(log) + re.findall(r"^GET /\S*\.safetensors", log, re.MULTILINE)


class Looking(unittest.TestCase):
    def test_the_figures_of_a_sidecar_are_those_of_the_run_that_follows(self):
        with PlanRoom(account={"name": "acme", "role": "write", "orgs": []}) as room:
            done, (online,) = room.look_json()
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(online["target"], {"repo": REPO, "head": None, "state": "absent", "private": False,
                                                "messages": [], "earlier_entry": None})
            self.assertEqual(online["sources"][0]["revision"], room.hub.head(SOURCE))
            self.assertEqual((online["tensors"], online["may_write"], online["problems"]), (15, True, []))
            self.assertEqual(online["collection"], {"title": "MTP Sidecars", "slug": None, "exists": False})
            self.assertFalse((room.folder / "scratch").exists())
            self.assertIsNone(room.hub.head())
            self.assertEqual(WRITES.findall(room.hub.log_text()), [])
            text = room.look()
            self.assertEqual((text.returncode, text.stdout.splitlines()[-1]), (0, "dry run complete"), text.stderr)
            for line in (rf"mtp source commit: +{room.hub.head(SOURCE)}", r"mtp tensors found: +15",
                         rf"mtp bytes to fetch: +{online['fetch_bytes']} bytes \(.*\)",
                         rf"mtp bytes to send: +{online['send_bytes']} bytes .*and the card",
                         r"mtp target head: +none", r"mtp target state: +absent, would be made",
                         r"mtp token: +may write", r"mtp scratch: +\d+ bytes .* needed, .* free",
                         r"mtp filed in: +MTP Sidecars, which would be made"):
                self.assertRegex(text.stdout, "(?m)^" + line + "$")
            report, = artifacts_of(room.publish("--json").stdout)
            sizes = {file["path"]: file["size"] for file in report["files"]}
            self.assertEqual(online["send_bytes"], sizes["mtp.safetensors"])
            self.assertEqual(online["fetch_bytes"], report["metrics"]["tensor_bytes_read"])
            self.assertEqual(online["scratch"]["needed_bytes"], sizes["mtp.safetensors"])
            self.assertEqual(online["licenses"]["bytes"], sum(size for path, size in sizes.items()
                                                              if path not in ("mtp.safetensors", "README.md")))
            again, (later,) = room.look_json()
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertEqual((later["target"]["state"], later["fetch_bytes"], later["send_bytes"]), ("up_to_date", 0, 0))
            self.assertEqual(later["target"]["head"], room.hub.head())
            self.assertTrue(later["collection"]["exists"])
            _, (forced,) = room.look_json("--force")
            self.assertEqual((forced["target"]["state"], forced["fetch_bytes"]), ("ours", online["fetch_bytes"]))

    def test_the_figures_of_a_mirror_are_those_of_the_run_that_follows(self):
        with PlanRoom(seeds=(("vision", "--bytes", 3_000_000),), entry=VISION_ENTRY) as room:
            done, (online,) = room.look_json(artifact="vision")
            self.assertEqual(done.returncode, 0, done.stderr)
            report, = artifacts_of(room.publish("--json", artifact="vision").stdout)
            ways = {}
            for file in report["files"]:
                if file["path"] != "README.md":
                    ways.setdefault(file["way"], []).append(file["size"])
            self.assertEqual(online["mirror"]["copied"], {"files": len(ways["copied"]), "bytes": sum(ways["copied"])})
            self.assertEqual(online["mirror"]["inlined"], {"files": len(ways["inlined"]), "bytes": sum(ways["inlined"])})
            self.assertEqual((online["send_bytes"], online["scratch"]["needed_bytes"]), (sum(ways["inlined"]), 0))
            done, (online,) = room.look_json(artifact="vision")
            self.assertEqual((online["target"]["state"], online["fetch_bytes"], online["send_bytes"]), ("same_files", 0, 0))
            # One file differs, one is at the target only.
            commit(room.hub, VISION_TARGET, {"config.json": b"{}", "old.json": b"{}"})
            done, (online,) = room.look_json(artifact="vision")
            self.assertEqual(online["target"]["state"], "ours", done.stderr)
            self.assertEqual(online["removals"], ["old.json"])
            self.assertEqual((online["mirror"]["copied"]["files"], online["mirror"]["inlined"]["files"]), (0, 1))
            text = room.look(artifact="vision").stdout
            self.assertRegex(text, r"(?m)^vision files to remove: +old\.json$")
            self.assertRegex(text, r"(?m)^vision files there already: +9 file\(s\) of \d+ bytes")
            report, = artifacts_of(room.publish("--json", artifact="vision").stdout)
            self.assertEqual(report["removed"], ["old.json"])
            self.assertEqual([file["size"] for file in report["files"] if file["way"] == "inlined" and
                              file["path"] != "README.md"], [online["mirror"]["inlined"]["bytes"]])

    def test_a_vindex_has_exact_bytes_to_fetch_and_an_estimate_of_what_is_sent(self):
        class VindexPlanRoom(VindexRoom, PlanRoom):
            def publish(self, *options, artifact="vindex", **environment):
                return VindexRoom.publish(self, *options, artifact=artifact, **environment)
        with VindexPlanRoom() as room:
            done, (online,) = room.look_json(artifact="vindex")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual((room.starts(), online["may_write"]), ([], True))
            self.assertTrue(online["send_is_estimate"] and online["scratch"]["is_estimate"])
            self.assertGreater(online["scratch"]["needed_bytes"], online["fetch_bytes"])
            text = room.look(artifact="vindex").stdout
            self.assertRegex(text, r"(?m)^vindex bytes to send: +about \d+ bytes.*an estimate: known after the extract")
            self.assertRegex(text, rf"(?m)^vindex filed in: +{room.slug}, which is there$")
            room.write_plan(artifact="vindex")
            tool = room.bin / "larql"
            program = tool.read_bytes()
            tool.write_bytes(program + b"\n# another build\n")
            other = room.run_plan()
            self.assertEqual(other.returncode, 6, other.stderr)
            self.assertIn("vindex: larql is another build than when the plan was made: it was ", other.stderr)
            self.assertEqual(room.starts(), [])
            tool.write_bytes(program)
            report, = artifacts_of(room.run_plan("--json").stdout)
            self.assertEqual(report["outcome"], "published", report)
            self.assertEqual(online["fetch_bytes"], report["metrics"]["source_bytes"])
            sent = sum(file["size"] for file in report["files"] if file["way"] == "tool")
            self.assertLess(abs(online["send_bytes"] - sent), 0.35 * sent)
            missing = room.look(artifact="vindex", PATH="/usr/bin:/bin", SKULK_WEIGHTS_COLLECTION="acme/none-0123456789abcdef01234567")
            self.assertEqual(missing.returncode, 1)
            self.assertIn("vindex problem: larql is required for vindex publishing\n  next: install larql", missing.stderr)
            self.assertIn("vindex problem: collection acme/none-0123456789abcdef01234567: there is no such", missing.stderr)
            self.assertNotIn("dry run complete", missing.stdout)
            self.assertIn(VINDEX_TARGET, missing.stdout)

    def test_what_a_failed_vindex_has_staged_is_not_counted_as_room_that_is_needed_again(self):
        class VindexPlanRoom(VindexRoom, PlanRoom):
            pass
        with VindexPlanRoom(mode="fails") as room:
            self.assertEqual(VindexRoom.publish(room).returncode, 1)
            done = VindexRoom.publish(room, "--dry-run", "--online", "--json")
            online, = [one["online"] for one in artifacts_of(done.stdout)]
            self.assertEqual(online["staged_bytes"], online["fetch_bytes"], done.stderr)
            text = VindexRoom.publish(room, "--dry-run", "--online")
            self.assertIn(f"; {online['fetch_bytes']} of them lie in scratch already\n", text.stdout)

    def test_every_problem_is_told_and_nothing_hides_the_next_artifact(self):
        both = VISION_ENTRY + f"    mtp_source_repo: Qwen/None\n    mtp_sidecar_repo: {REPO}\n"
        with PlanRoom(seeds=(("vision", "--bytes", 3_000_000),), entry=both) as room:
            done, online = room.look_json(artifact="mtp,vision")
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"(?m)^mtp problem: .*Qwen/None")
            self.assertEqual([len(one["problems"]) for one in online], [1, 0])
            self.assertEqual(online[1]["target"]["state"], "absent")
            refused = room.publish("--plan-out", room.plan_file, artifact="mtp,vision")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("no plan was written", refused.stderr)
            self.assertFalse(room.plan_file.exists())

    def test_somebody_elses_target_and_a_token_that_may_not_write_are_problems(self):
        with PlanRoom() as room:
            commit(room.hub, REPO, {"config.json": b"{}", "model.safetensors": b"x" * 100})
            done, (online,) = room.look_json()
            self.assertEqual((done.returncode, online["target"]["state"]), (1, "foreign"))
            self.assertRegex(done.stderr, rf"(?m)^mtp problem: hf://{REPO}: is a repository without a card")
            _, (forced,) = room.look_json("--force")
            self.assertEqual((forced["target"]["state"], forced["problems"]), ("replaced", []))
            nobody = room.look(HF_TOKEN=None)
            self.assertRegex(nobody.stdout, r"(?m)^mtp token: +not known: HF_TOKEN is not set$")
        with PlanRoom(account={"name": "reader", "role": "read", "orgs": ["acme", "Qwen"]}) as room:
            done, (online,) = room.look_json()
            self.assertEqual((done.returncode, online["may_write"]), (1, False), done.stderr)
            self.assertIn("mtp problem: make a repo of acme: the token in HF_TOKEN may only read\n  next: use a token", done.stderr)

    def test_options_that_stand_together_in_vain_are_usage_errors(self):
        with PlanRoom() as room:
            for words, reason in (
                    (("--model", KEY, "--online"), "argument --online: not allowed without argument --dry-run"),
                    (("--plan", "p", "--model", KEY), "argument --plan: not allowed with argument --model"),
                    (("--plan", "p", "--tier", "smoke"), "argument --plan: not allowed with argument --tier"),
                    (("--plan", "p", "--all"), "argument --plan: not allowed with argument --all"),
                    (("--plan", "p", "--artifact", "mtp"), "argument --plan: not allowed with argument --artifact"),
                    (("--plan", "p", "--force"), "argument --plan: not allowed with argument --force"),
                    (("--plan", "p", "--set", "mtp_names=mtp"), "argument --plan: not allowed with argument --set"),
                    (("--plan", "p", "--scratch", "s"), "argument --plan: not allowed with argument --scratch"),
                    (("--plan", "p", "--plan-out", "q"), "argument --plan: not allowed with argument --plan-out"),
                    (("--plan", "p", "--online"), "argument --plan: not allowed with argument --online"),
                    (("--plan", "p", "--dry-run", "--report", "r"), "argument --report: not allowed with argument --dry-run"),
                    (("--model", KEY, "--dry-run", "--report", "r"), "argument --report: not allowed with argument --dry-run"),
                    (("--model", KEY, "--plan-out", "q", "--report", "r"), "argument --report: not allowed with argument --plan-out")):
                done = room.run("publish", *words)
                self.assertEqual(done.returncode, 2, words)
                self.assertIn(reason, done.stderr)
                self.assertIn("  next: ", done.stderr)


    def test_an_empty_value_never_turns_a_look_into_a_publish(self):
        with PlanRoom() as room:
            for words, reason in (
                    (("--model", KEY, "--plan-out", ""), "argument --plan-out: expected one value"),
                    (("--model", KEY, "--plan-out="), "argument --plan-out: expected one value"),
                    (("--model", KEY, "--plan-out", "q", "--plan-out="), "argument --plan-out: expected one value"),
                    (("--model", KEY, "--plan", ""), "argument --plan: expected one value"),
                    (("--plan", ""), "argument --plan: expected one value"),
                    (("--model", KEY, "--report", ""), "argument --report: expected one value"),
                    (("--model", KEY, "--artifact", ""), "argument --artifact: expected one value"),
                    (("--model", KEY, "--artifact", "mtp", "--artifact="), "argument --artifact: expected one value")):
                done = room.run("publish", *words)
                self.assertEqual(done.returncode, 2, (words, done.stderr))
                self.assertIn(reason, done.stderr)
                self.assertIn("  next: an empty value, as of a variable that is not set", done.stderr)
            self.assertEqual(WRITES.findall(room.hub.log_text()), [])


class Running(unittest.TestCase):
    def test_a_plan_is_run_exactly_and_the_report_names_it(self):
        with PlanRoom() as room:
            made = room.write_plan("--set", "mtp_keep_f32=none")
            plan = room.plan()
            self.assertEqual(plan["sha256"], hashlib.sha256(canonical({k: v for k, v in plan.items() if k != "sha256"})).hexdigest())
            self.assertTrue(made.stdout.endswith(f"plan written: {room.plan_file}\nplan hub: {room.hub.endpoint}\nplan sha256: {plan['sha256']}\ndry run complete\n"))
            self.assertNotIn(TOKEN, room.plan_file.read_text())
            begin = len(room.hub.log_text())
            checked = room.run_plan("--dry-run", HF_TOKEN=None)
            self.assertEqual(checked.returncode, 0, checked.stderr)
            self.assertTrue(checked.stdout.endswith(f"plan hub: {room.hub.endpoint}\nplan sha256: {plan['sha256']}\nplan still holds\ndry run complete\n"))
            self.assertEqual(room.moved_since(begin), [])
            done = room.run_plan("--report", room.folder / "report.json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stderr.splitlines()[:2], [f"plan: {plan['sha256']}", f"plan hub: {room.hub.endpoint}"])
            self.assertEqual(complete(room.hub), "new")
            self.assertIn("mtp_keep_f32", room.hub.content("README.md").decode())
            report = json.loads((room.folder / "report.json").read_text())
            self.assertEqual((report["schema"], report["plan_sha256"], report["exit_code"]),
                             ("skw.publish.report/1", plan["sha256"], 0))
            self.assertEqual(report["entries"][0]["artifacts"][0]["commit"], room.hub.head())
            self.assertEqual(report["entries"][0]["artifacts"][0]["source_revision"],
                             plan["entries"][0]["artifacts"][0]["sources"][0]["revision"])
            # What it made has changed the target, so the plan is spent.
            self.refused(room, room.run_plan(), "the target hf://" + REPO + " has changed since the plan was made: it was not there")

    def refused(self, room, done, *words, code=6):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        if code == 6:
            self.assertIn(NEXT, done.stderr)

    def refused_without_a_byte(self, room, *words, **environment):
        head, begin = room.hub.head(), len(room.hub.log_text())
        for options in ((), ("--dry-run",)):
            self.refused(room, room.run_plan(*options, **environment), *words)
        self.assertEqual(room.moved_since(begin), [])
        self.assertEqual(room.hub.head(), head)
        self.assertFalse((room.folder / "scratch").exists())

    def test_a_scratch_folder_that_was_named_from_here_is_the_same_from_elsewhere(self):
        with PlanRoom() as room:
            made = room.run("publish", "--model", KEY, "--artifact", "mtp", "--plan-out", "plan.json", "--scratch", "./s/")
            self.assertEqual(made.returncode, 0, made.stderr)
            self.assertEqual(room.plan()["entries"][0]["scratch"], str(room.folder.resolve() / "s"))
            self.assertEqual(room.run_plan().returncode, 0)

    def test_another_hub_stops_it_and_is_not_told_anything(self):
        with PlanRoom() as room, socket.create_server(("127.0.0.1", 0)) as other:
            room.write_plan()
            self.assertEqual(room.plan()["endpoint"], room.hub.endpoint)
            endpoint = f"http://127.0.0.1:{other.getsockname()[1]}"
            self.refused_without_a_byte(room, f"the plan was made for another Hub: it was {room.hub.endpoint} and is {endpoint}",
                                        HF_ENDPOINT=endpoint)
            # Nor may the file choose the Hub.
            room.plan_file.write_text(json.dumps(signed({**room.plan(), "endpoint": endpoint})))
            self.refused_without_a_byte(room, f"the plan was made for another Hub: it was {endpoint} and is {room.hub.endpoint}")
            other.setblocking(False)
            self.assertRaises(BlockingIOError, other.accept)

    def test_a_refused_login_is_no_change_and_a_source_that_is_gone_is_one(self):
        with PlanRoom(account={"name": "acme", "role": "write", "orgs": []}) as room:
            room.write_plan()
            for options in ((), ("--dry-run",)):
                done = room.run_plan(*options, HF_TOKEN="hf_mistyped")
                self.refused(room, done, "the Hub does not accept this login", "  next: check HF_TOKEN", code=1)
                self.assertNotIn("--plan-out", done.stderr)
        with PlanRoom() as room:
            room.write_plan()
            owner, name = SOURCE.split("/")
            status, _, reply = room.hub.request("/api/repos/delete", method="DELETE", headers={"Content-Type": "application/json"},
                                                body=json.dumps({"name": name, "organization": owner, "type": "model"}).encode())
            self.assertEqual(status, 200, reply)
            self.refused_without_a_byte(room, f"mtp: a source of the plan cannot be read any more: {SOURCE}@main")

    def test_what_only_informs_is_not_in_the_file_and_the_rest_cannot_be_false(self):
        with PlanRoom() as room:
            room.write_plan()
            plan = room.plan()
            self.assertEqual(sorted(plan["entries"][0]["artifacts"][0]),
                             ["configured", "kind", "plan", "plugin", "sources", "target", "tools"])
            for change, words in (
                    (lambda one: one["entries"][0]["artifacts"][0]["sources"][0].update(repo="lab/harmless"),
                     "/sources/0/repo: is not what the plan reads"),
                    (lambda one: one["entries"][0]["artifacts"][0]["target"].update(repo="acme/harmless"),
                     "/target/repo: is not the target of the plan"),
                    (lambda one: one["program"].update(version="0.0.0"), "the program is another one than when the plan was made")):
                changed = json.loads(json.dumps(plan))
                change(changed)
                room.plan_file.write_text(json.dumps(signed(changed)))
                self.refused_without_a_byte(room, words)

    def test_a_changed_source_stops_it(self):
        with PlanRoom() as room:
            room.write_plan()
            old = room.hub.head(SOURCE)
            new = commit(room.hub, SOURCE, {"note.txt": b"changed"})
            self.refused_without_a_byte(room, f"mtp: the source hf://{SOURCE} has changed since the plan was made: it was at "
                                              f"{old[:12]} and is at {new[:12]}")

    def test_a_target_that_changed_appeared_or_vanished_stops_it(self):
        with PlanRoom() as room:
            room.write_plan()
            head = commit(room.hub, REPO, {"note.txt": b"mine"})
            self.refused_without_a_byte(room, f"mtp: the target hf://{REPO} has changed since the plan was made: it was not there "
                                              f"and is at {head[:12]}")
            room.write_plan()
            newer = commit(room.hub, REPO, {"note.txt": b"mine too"})
            self.refused_without_a_byte(room, f"it was at {head[:12]} and is at {newer[:12]}")
            room.write_plan()
            status, _, reply = room.hub.request("/api/repos/delete", method="DELETE", headers={"Content-Type": "application/json"},
                                                body=json.dumps({"name": REPO.split("/")[1], "organization": "acme", "type": "model"}).encode())
            self.assertEqual(status, 200, reply)
            self.refused_without_a_byte(room, f"it was at {newer[:12]} and is not there")

    def test_an_edited_plan_stops_it_whether_or_not_its_name_was_made_anew(self):
        with PlanRoom() as room:
            room.write_plan()
            text = room.plan_file.read_text()
            room.plan_file.write_text(text.replace('"tier": "smoke"', '"tier": "smokf"', 1))
            self.refused_without_a_byte(room, "the plan file was edited or damaged: its name is " + json.loads(text)["sha256"])
            plan = json.loads(text)

            def edit(*words, **environment):
                room.plan_file.write_text(json.dumps(signed(changed)))
                self.refused_without_a_byte(room, *words, **environment)

            def fresh():
                return json.loads(json.dumps(plan))
            changed = fresh()
            changed["entries"][0]["fields"]["mtp_sidecar_repo"] = "acme/other"
            edit(f'entry {KEY} of the catalog has changed since the plan was made: mtp_sidecar_repo was "acme/other" and is "{REPO}"')
            changed = fresh()
            changed["entries"][0]["key"] = "rehearsal/other"
            edit("entry rehearsal/other of the catalog is gone since the plan was made")
            changed = fresh()
            changed["entries"][0]["scratch"] = str(room.folder / "elsewhere")
            edit("mtp: this program would now do something else than the plan says")
            changed = fresh()
            changed["entries"][0]["force"] = True
            changed["entries"][0]["artifacts"][0]["plan"]["target"]["commit_message"] = "Mine"
            edit("mtp: this program would now do something else than the plan says")
            changed = fresh()
            changed["entries"][0]["asked"] = ["vindex"]
            edit("this program would now make other artifacts of the entry than the plan says")
            changed = fresh()
            changed["entries"][0]["asked"] = ["nonsense"]
            edit("what the plan says cannot be planned any more: no usable plugin makes artifacts of the kind 'nonsense'")
            changed = fresh()
            changed["entries"][0]["artifacts"][0]["plugin"]["library_sha256"] = "0" * 64
            edit("mtp: the plugin is another one than when the plan was made")
            changed = fresh()
            changed["entries"][0]["artifacts"][0]["sources"][0]["revision"] = "1" * 40
            edit(f"mtp: the source hf://{SOURCE} has changed since the plan was made: it was at 111111111111")
            changed = fresh()
            changed["settings"] = [{"field": "nonsense", "value": 1}]
            edit("the plan's settings cannot be taken")
            room.plan_file.write_text(text)
            self.refused_without_a_byte(room, "the collection has changed since the plan was made", SKULK_WEIGHTS_COLLECTION="none")

    def test_a_changed_catalog_entry_stops_it(self):
        with PlanRoom() as room:
            room.write_plan()
            catalog = room.folder / "rehearsal.yaml"
            text = catalog.read_text()
            catalog.write_text(text.replace("tier: smoke", "tier: moe"))
            self.refused_without_a_byte(room, f'entry {KEY} of the catalog has changed since the plan was made: tier was "smoke" and is "moe"')
            catalog.write_text(text.replace("key: qwen3-5-4b", "key: other"))
            self.refused_without_a_byte(room, f"entry {KEY} of the catalog is gone since the plan was made")

    def test_hostile_plan_files_end_with_a_message(self):
        with PlanRoom() as room:
            room.write_plan()
            plan = room.plan()
            damaged, other = "the plan file was edited or damaged: ", "does not hold what a reviewed plan holds: "
            twice = {**plan, "entries": plan["entries"] * 2}
            files = {
                "empty": (b"", damaged), "nul": (b"\0" * 100, damaged), "words": (b"not json", damaged),
                "deep": (b"[" * 100_000, damaged), "list": (b"[]", "is not a reviewed plan"),
                "other": (b'{"schema":"skw.publish.plan/1"}', "is not a reviewed plan"),
                "nameless": (json.dumps({"schema": "skw.reviewed_plan/1"}).encode(), damaged + "its name is missing"),
                "twice a member": (b'{"schema":"skw.reviewed_plan/1","schema":"skw.reviewed_plan/1"}', damaged),
                "cut": (room.plan_file.read_bytes()[:-40], damaged),
                "nothing": (json.dumps(signed({"schema": "skw.reviewed_plan/1"})).encode(), other),
                "types": (json.dumps(signed({**plan, "entries": {"a": 1}})).encode(), other + "/entries"),
                "no entries": (json.dumps(signed({**plan, "entries": []})).encode(), other + "/entries: must hold at least one"),
                "unknown member": (json.dumps(signed({**plan, "run": "rm"})).encode(), other + "/run: is not known here"),
                "twice an entry": (json.dumps(signed(twice)).encode(), other + "/entries: holds something twice"),
                "relative scratch": (json.dumps(signed({**plan, "entries": [{**plan["entries"][0], "scratch": "../x"}]})).encode(),
                                     other + "/entries/0/scratch: must be an absolute path"),
                "two scratches": (json.dumps(signed({**plan, "entries": [*plan["entries"], {**plan["entries"][0], "key": "b", "scratch": "/x"}]})).encode(),
                                  other + "/entries: must all have the same scratch")}
            begin = len(room.hub.log_text())
            for name, (content, words) in files.items():
                file = room.folder / "hostile.json"
                file.write_bytes(content)
                done = room.run_plan(file=file)
                self.assertEqual(done.returncode, 6, (name, done.stderr))
                self.assertIn(words, done.stderr, name)
            with open(room.folder / "huge.json", "wb") as huge:
                huge.truncate(65 << 20)
            self.refused(room, room.run_plan(file=room.folder / "huge.json"), "is too large for a plan")
            (room.folder / "huge.json").unlink()
            for missing in (room.folder / "none.json", room.folder / "hub", "/dev/null"):
                done = room.run_plan(file=missing)
                self.assertIn(done.returncode, (1, 6), (missing, done.stderr))
                self.assertIn(str(missing), done.stderr)
            self.assertEqual(room.hub.log_text()[begin:], "")

    def test_a_plan_file_that_cannot_be_written_is_told_before_the_hub_is_asked(self):
        with PlanRoom() as room:
            begin = len(room.hub.log_text())
            for file, words in ((room.folder / "no/such/plan.json", "the plan could not be written"), (room.folder, "is a folder")):
                done = room.publish("--plan-out", file)
                self.assertEqual(done.returncode, 1)
                self.assertIn(words, done.stderr)
            self.assertEqual(room.hub.log_text()[begin:], "")


class Several(unittest.TestCase):
    SHARED = "models:\n" + catalog_entry("first", SOURCE, REPO) + catalog_entry("second", SOURCE, REPO)


    def publish(self, room, *options, artifact="mtp"):
        return room.run("publish", "--model", "rehearsal/first", "--model", "rehearsal/second", "--artifact", artifact,
                        "--scratch", room.folder / "scratch", *options)

    def test_entries_that_share_a_sidecar_are_planned_and_run_as_one(self):
        with PlanRoom(entry=self.SHARED) as room:
            looked = self.publish(room, "--dry-run", "--online")
            self.assertEqual(looked.returncode, 0, looked.stderr)
            self.assertRegex(looked.stdout, r"(?m)^mtp shared target: +entry rehearsal/first publishes to it before")
            made = self.publish(room, "--plan-out", room.plan_file)
            self.assertEqual(made.returncode, 0, made.stderr)
            done = room.run_plan("--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            outcomes = [entry["artifacts"][0]["outcome"] for entry in json.loads(done.stdout)["entries"]]
            self.assertEqual(outcomes, ["published", "up_to_date"])
            self.assertEqual(len(room.hub.commits()), 2)
            forced = self.publish(room, "--force", "--json")
            self.assertEqual([entry["artifacts"][0]["outcome"] for entry in json.loads(forced.stdout)["entries"]],
                             ["published", "up_to_date"], forced.stderr)

    def test_a_mirror_that_entries_share_is_run_from_a_plan(self):
        shared = VISION_ENTRY + "".join(VISION_ENTRY.splitlines(keepends=True)[1:]).replace("qwen3-5-4b", "second").replace("kimi-vindex", "k2").replace("kimi.vindex", "k2.vindex")
        with PlanRoom(seeds=(("vision", "--bytes", 3_000_000),), entry=shared) as room:
            words = ("--model", KEY, "--model", "rehearsal/second", "--artifact", "vision")
            self.assertEqual(room.run("publish", *words, "--plan-out", room.plan_file).returncode, 0)
            done = room.run_plan("--json")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([entry["artifacts"][0]["outcome"] for entry in json.loads(done.stdout)["entries"]],
                             ["published", "unchanged"])

    def test_entries_that_would_put_different_things_into_one_target_are_refused(self):
        for name, second in (("mtp_keep_f32", catalog_entry("second", SOURCE, REPO, mtp_keep_f32="none")),
                             ("the source", catalog_entry("second", "lab/other", REPO))):
            with PlanRoom(entry="models:\n" + catalog_entry("first", SOURCE, REPO) + second) as room:
                words = (f"hf://{REPO}: is the target of mtp of the entry rehearsal/first and of mtp of the entry rehearsal/second, "
                         f"which do not say the same: {name} differs")
                looked = self.publish(room, "--plan-out", room.plan_file)
                self.assertEqual(looked.returncode, 1, looked.stderr)
                self.assertIn("rehearsal/second: mtp problem: " + words, looked.stderr)
                self.assertFalse(room.plan_file.exists())
                done = self.publish(room, "--keep-going", "--json", "--force")
                self.assertEqual(done.returncode, 8, done.stderr)
                self.assertIn(words, done.stderr)
                first, second_one = (entry["artifacts"][0] for entry in json.loads(done.stdout)["entries"])
                self.assertEqual((first["outcome"], second_one["outcome"]), ("published", "failed"))
                self.assertEqual(room.hub.head(), first["commit"])

    def test_a_change_that_the_run_itself_has_made_to_a_later_source_stops_that_entry_by_name(self):
        chain = VISION_ENTRY + (
            "  - key: second\n    source_model: lab/kimi\n    quant: q4k\n    tier: smoke\n    slices: [full]\n    output_name: s.vindex\n"
            "    hf_repo: acme/s-vindex\n    vision_source_repo: acme/kimi-vision\n    vision_sidecar_repo: acme/copy-vision\n")
        with PlanRoom(seeds=(("vision", "--bytes", 3_000_000),), entry=chain) as room:
            self.assertEqual(room.publish(artifact="vision").returncode, 0)
            commit(room.hub, VISION_SOURCE, {"note.json": b"{}"})
            words = ("--model", KEY, "--model", "rehearsal/second", "--artifact", "vision")
            made = room.run("publish", *words, "--plan-out", room.plan_file)
            self.assertEqual(made.returncode, 0, made.stderr)
            done = room.run_plan("--keep-going")
            self.assertEqual(done.returncode, 8, done.stderr)
            self.assertIn(f"rehearsal/second: vision: the source hf://{VISION_TARGET} has changed since the plan was made", done.stderr)

    def test_one_entry_that_does_not_hold_stops_all(self):
        entry = "models:\n" + catalog_entry("first", SOURCE, REPO) + catalog_entry("second", SOURCE, "acme/second-mtp")
        with PlanRoom(entry=entry) as room:
            self.assertEqual(self.publish(room, "--plan-out", room.plan_file).returncode, 0)
            commit(room.hub, "acme/second-mtp", {"note.txt": b"mine"})
            wait_until(lambda: "/acme/second-mtp/commit/main" in room.hub.log_text(), 10, "the line of the commit")
            begin = len(room.hub.log_text())
            done = room.run_plan("--keep-going")
            self.assertEqual(done.returncode, 6, done.stderr)
            self.assertIn("rehearsal/second: mtp: the target hf://acme/second-mtp has changed", done.stderr)
            self.assertIsNone(room.hub.head(REPO))
            self.assertEqual(room.moved_since(begin), [])

    def test_with_keep_going_a_failed_entry_does_not_end_the_others_and_the_report_says_all(self):
        entry = "models:\n" + catalog_entry("first", "Qwen/None", "acme/none-mtp") + catalog_entry("second", SOURCE, REPO)
        with PlanRoom(entry=entry) as room:
            file = room.folder / "report.json"
            stopped = self.publish(room, "--report", file)
            self.assertEqual(stopped.returncode, 1, stopped.stderr)
            report = json.loads(file.read_text())
            self.assertEqual([one["artifacts"][0]["outcome"] for one in report["entries"]], ["failed", "not_run"])
            self.assertIsNone(room.hub.head())
            done = self.publish(room, "--keep-going", "--report", file)
            self.assertEqual(done.returncode, 8, done.stderr)
            report = json.loads(file.read_text())
            first, second = (one["artifacts"][0] for one in report["entries"])
            self.assertEqual((first["outcome"], second["outcome"]), ("failed", "published"))
            self.assertIn("Qwen/None", first["error"]["place"] + first["error"]["reason"])
            self.assertEqual((second["commit"], report["exit_code"], report["plan_sha256"]), (room.hub.head(), 8, None))
            weights, = [one for one in second["files"] if one["path"] == "mtp.safetensors"]
            self.assertEqual(weights["sha256"], hashlib.sha256(room.hub.content("mtp.safetensors")).hexdigest())
            self.assertGreater(report["traffic"]["sent_bytes"], weights["size"])
            self.assertIn("1 published, 1 failed", done.stderr)

    def test_an_interrupted_run_leaves_its_report(self):
        with PlanRoom("--fault", "GET:/resolve/:slow=20000@12x100") as room:
            room.write_plan()
            file = room.folder / "report.json"
            process = subprocess.Popen(room.command("publish", "--plan", room.plan_file, "--report", file), cwd=room.folder,
                                       env=room.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            wait_until(lambda: (room.folder / "scratch").exists() or process.poll() is not None, 60, "the extraction")
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
            self.assertEqual(shell_code(process.returncode), 130, err)
            report = json.loads(file.read_text())
            self.assertEqual((report["exit_code"], report["plan_sha256"]), (130, room.plan()["sha256"]))
            self.assertEqual(report["entries"][0]["artifacts"][0]["outcome"], "interrupted")
            self.assertEqual(complete(room.hub), "old")


if __name__ == "__main__":
    unittest.main(verbosity=2)
