# SPDX-License-Identifier: Apache-2.0
"""Runs a program as on a machine where nothing of ours is set."""
import os
import subprocess


def run(*words, cwd=None, check=True, **more):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "SKULK_", "XDG_"))}
    done = subprocess.run([str(word) for word in words], cwd=cwd, env={**environment, **more},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    if check and done.returncode != 0:
        raise AssertionError(f"{words} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done
