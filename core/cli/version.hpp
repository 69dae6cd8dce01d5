// SPDX-License-Identifier: Apache-2.0
// `--version`: the program, its plugin interface, and the plugins of this machine.
#pragma once

namespace skw::cli {

class Context;

// Text, or skw.version/1. Reads manifests only; no plugin code runs. The exit code.
int print_version(Context& context);

} // namespace skw::cli
