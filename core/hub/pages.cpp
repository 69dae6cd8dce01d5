// SPDX-License-Identifier: Apache-2.0
// Pages, bounded in number and without circles.
#include "hub/pages.hpp"

#include <set>

namespace skw::hub {

void read_pages(Session& session, Request first, const std::string& place, std::size_t most_pages,
                const std::function<bool(const Reply& page)>& take)
{
    Request request = std::move(first);
    std::set<std::string> seen;
    for (std::size_t page = 0; page < most_pages; ++page) {
        seen.insert(request.url.target);
        const Reply reply = session.send(request, place);
        if (!take(reply)) {
            return;
        }
        const std::string link = next_link(reply);
        if (link.empty()) {
            return;
        }
        const auto url = session.given_url(link);
        if (!url || !session.is_own(*url)) {
            throw bad_reply(place,
                            "the next page lies on another host: " + (url ? safe(url->shown()) : safe(link)));
        }
        if (seen.contains(url->target)) {
            throw bad_reply(place, "its pages go round in a circle");
        }
        request.url = *url;
    }
    throw bad_reply(place, "it has more than " + std::to_string(most_pages) + " pages");
}

} // namespace skw::hub
