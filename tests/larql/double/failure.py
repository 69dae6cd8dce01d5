# SPDX-License-Identifier: Apache-2.0
"""What ends a verb with `Error: ...` and exit code 1."""


class Failure(Exception):
    pass
