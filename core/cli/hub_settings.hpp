// SPDX-License-Identifier: Apache-2.0
// How a command reaches the Hub: for reading, or in the name of the account that HF_TOKEN belongs to.
#pragma once

#include "hub/client.hpp"

namespace skw::cli {

class Context;

// For commands that only read: HF_TOKEN, else the machine's own login, else nobody.
hub::Settings reading_settings(Context& context);

// For commands that publish: HF_TOKEN alone, since a publish is an act of the account that was named for it.
// Also keeps other processes from reading the token. Throws Error(not_authorised) where there is none.
hub::Settings publishing_settings(Context& context);

// For looking at what one of the two would use, without the token being needed. Throws Error for settings
// that cannot be used.
hub::Settings examining_settings(Context& context, bool for_publishing);

} // namespace skw::cli
