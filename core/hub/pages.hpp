// SPDX-License-Identifier: Apache-2.0
// Lists that come in pages, each naming the next one in its Link header.
#pragma once

#include "hub/session.hpp"

#include <functional>
#include <string>

namespace skw::hub {

// Calls take for each page until it says no, or there is no next. A next page must lie on the endpoint's own
// origin, since the token goes along, and must not have been read before.
void read_pages(Session& session, Request first, const std::string& place, std::size_t most_pages,
                const std::function<bool(const Reply& page)>& take);

} // namespace skw::hub
