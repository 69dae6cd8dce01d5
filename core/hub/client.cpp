// SPDX-License-Identifier: Apache-2.0
// The client's frame; its calls are in one file a family.
#include "hub/client.hpp"

#include "hub/session.hpp"

#include <algorithm>

namespace skw::hub {

const RemoteFile* Tree::find(std::string_view path) const
{
    const auto less = [](const RemoteFile& file, std::string_view name) { return file.path.text() < name; };
    const auto at = std::lower_bound(files.begin(), files.end(), path, less);
    return at != files.end() && at->path.text() == path ? &*at : nullptr;
}

std::string_view name_of(Way way) noexcept
{
    switch (way) {
    case Way::unchanged: return "unchanged";
    case Way::inlined: return "inlined";
    case Way::known: return "known";
    case Way::copied: return "copied";
    case Way::streamed: return "streamed";
    case Way::uploaded: return "uploaded";
    }
    return "unknown";
}

Client::Client(Settings settings, std::stop_token stop)
    : state_(std::make_unique<State>(std::move(settings), std::move(stop)))
{
}

Client::~Client() = default;

const Settings& Client::settings() const noexcept
{
    return state_->session.settings();
}

Traffic Client::traffic() const noexcept
{
    return state_->session.transport().traffic();
}

} // namespace skw::hub
