# SPDX-License-Identifier: Apache-2.0
"""Starts skulk-hub for a test and reads its address from its first lines."""

import json
import pathlib
import signal
import subprocess

ALICE = "hf_alice_write"
BOB = "hf_bob_write"
READER = "hf_alice_read"

TOKENS = {
    "tokens": [
        {"token": ALICE, "name": "alice", "role": "write", "orgs": ["acme"]},
        {"token": BOB, "name": "bob", "role": "write"},
        {"token": READER, "name": "alice", "role": "read", "orgs": ["acme"]},
    ]
}


class LocalHub:
    """One process of skulk-hub on a folder; may be killed and started again on the same folder."""

    def __init__(self, program, root, *options):
        self.program, self.root, self.options = program, pathlib.Path(root), options
        self.root.mkdir(parents=True, exist_ok=True)
        tokens = self.root / "tokens.json"
        if not tokens.exists():
            tokens.write_text(json.dumps(TOKENS))
        self.process = None
        self.port = self.storage_port = 0
        self.start()

    def start(self):
        command = [self.program, "serve", "--root", str(self.root), "--log", *self.options,
                   "--port", str(self.port), "--storage-port", str(self.storage_port)]
        self.log = open(self.root.parent / "hub.log", "ab")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        facts = {}
        while "stop" not in facts:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError("skulk-hub did not start")
            name, _, value = line.rstrip("\n").partition(" ")
            facts[name] = value.strip()
        self.endpoint, self.storage = facts["hub"], facts["storage"]
        # The same ports after a restart, as a client that goes on needs them.
        self.port = int(self.endpoint.rsplit(":", 1)[1])
        self.storage_port = int(self.storage.rsplit(":", 1)[1])
        import threading
        threading.Thread(target=self._keep_log, args=(self.process.stdout,), daemon=True).start()

    def _keep_log(self, stream):
        for line in stream:
            self.log.write(line.encode())
            self.log.flush()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Asks it to end, and gives its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)
