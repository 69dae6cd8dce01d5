// SPDX-License-Identifier: Apache-2.0
// A look ahead as lines for people, in the manner of the plan.
#include "publish/online.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>

namespace skw::publish {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

std::string bytes_text(std::uint64_t bytes)
{
    return std::to_string(bytes) + " bytes" + (bytes >= 1000 ? " (" + human_bytes(bytes) + ")" : "");
}

std::string pile_text(const Pile& pile)
{
    return std::to_string(pile.files) + " file(s) of " + bytes_text(pile.bytes);
}

// What is told of the plugin's own words: not what stands in lines of ours.
void add_inspection(const ArtifactLook& look, const std::string& prefix, Lines& lines)
{
    static constexpr std::array ours = {"bytes to fetch", "source", "sidecar", "slice", "disk"};
    constexpr std::size_t longest = 400;
    if (!look.inspection) {
        return;
    }
    for (const json::value& line : look.inspection->at("summary").as_array()) {
        const std::string label = printable(line.at("label").as_string(), 60);
        if (std::ranges::find(ours, label) == ours.end() && label != look.kind) {
            lines.emplace_back(prefix + (label == "tensors" ? "tensors found" : label),
                               printable(line.at("value").as_string(), longest));
        }
    }
}

std::string fetch_text(const ArtifactLook& look)
{
    if (!look.fetch) {
        return "not known before it is made";
    }
    return bytes_text(*look.fetch) +
           (look.staged > 0 ? "; " + std::to_string(look.staged) + " of them lie in scratch already" : "");
}

std::string send_text(const ArtifactLook& look)
{
    const std::string extra = look.licenses.files > 0
                                  ? ", " + std::to_string(look.licenses.files) + " licence file(s) of " +
                                        bytes_text(look.licenses.bytes) + ", and the card"
                                  : ", and the card";
    if (look.standing == Standing::up_to_date || look.standing == Standing::same_files) {
        return "0 bytes";
    }
    if (!look.send) {
        return "known after it is made" + extra;
    }
    return look.send_is_estimate
               ? "about " + bytes_text(*look.send) + ", an estimate: known after the extract" + extra
               : bytes_text(*look.send) + extra;
}

void add_mirror(const MirrorLook& mirror, const std::string& prefix, Lines& lines)
{
    lines.emplace_back(prefix + "files", pile_text(mirror.all));
    lines.emplace_back(prefix + "files there already", pile_text(mirror.there));
    if (mirror.copied.files > 0) {
        lines.emplace_back(prefix + "files to copy",
                           pile_text(mirror.copied) +
                               (mirror.copy_only
                                    ? ", by the Hub itself or not at all: the source is gated"
                                    : ", by the Hub where it may, else streamed through this machine"));
    }
}

std::string removals_text(const std::vector<std::string>& paths)
{
    constexpr std::size_t shown = 10;
    std::string text;
    for (std::size_t i = 0; i < std::min(shown, paths.size()); ++i) {
        text += (i == 0 ? "" : ", ") + printable(paths[i], 200);
    }
    return text + (paths.size() > shown ? " and " + std::to_string(paths.size() - shown) + " more" : "");
}

std::string standing_text(const ArtifactLook& look)
{
    switch (look.standing) {
    case Standing::unknown: return "not known";
    case Standing::absent: return "absent, would be made";
    case Standing::up_to_date: return "up to date";
    case Standing::same_files: return "unchanged, holds these files already";
    case Standing::ours: return "would be updated";
    case Standing::free: return "holds no artifact, would be filled";
    case Standing::replaced: return "holds somebody else's, published over by --force";
    case Standing::foreign: break;
    }
    return "holds somebody else's";
}

void add_target(const ArtifactLook& look, const std::string& prefix, Lines& lines)
{
    lines.emplace_back(prefix + "target head", look.head ? std::string(look.head->text()) : "none");
    lines.emplace_back(prefix + "target state", standing_text(look) + (look.is_private ? "; private" : ""));
    for (const std::string& message : look.messages) {
        lines.emplace_back(prefix + "target note", message);
    }
    if (!look.removals.empty()) {
        lines.emplace_back(prefix + "files to remove", removals_text(look.removals));
    }
    if (!look.earlier.empty()) {
        lines.emplace_back(prefix + "shared target",
                           "entry " + look.earlier +
                               " publishes to it before; what that leaves to do is done");
    }
}

std::string rights_text(const ArtifactLook& look)
{
    switch (look.may_write) {
    case MayWrite::yes: return "may write";
    case MayWrite::no: return "may not write: " + look.may_write_reason;
    case MayWrite::unknown: break;
    }
    return "not known: " + (look.may_write_reason.empty() ? "the Hub did not tell" : look.may_write_reason);
}

std::string scratch_text(const ArtifactLook& look)
{
    const std::string needed = !look.scratch_needed ? "what is needed is not known"
                                                    : std::string(look.scratch_is_estimate ? "about " : "") +
                                                          bytes_text(*look.scratch_needed) + " needed";
    return needed + (look.scratch_free ? ", " + human_bytes(*look.scratch_free) + " free" : "");
}

std::string filing_text(const ArtifactLook& look)
{
    const FilingLook& filing = *look.filing;
    if (!filing.known) {
        return "not known";
    }
    if (filing.slug) {
        return *filing.slug + ", which is there";
    }
    return filing.title.empty() ? "not there" : filing.title + ", which would be made";
}

} // namespace

std::string look_text(const ArtifactLook& look)
{
    if (!look.configured || look.sources.empty() || !look.target) {
        return "";
    }
    const std::string prefix = look.kind + " ";
    Lines lines;
    for (const SourceLook& source : look.sources) {
        lines.emplace_back(prefix + "source commit",
                           std::string(source.commit.text()) +
                               (look.sources.size() > 1 ? " of hf://" + source.repo.text() : ""));
    }
    add_inspection(look, prefix, lines);
    if (look.mirror) {
        add_mirror(*look.mirror, prefix, lines);
    }
    lines.emplace_back(prefix + "bytes to fetch", fetch_text(look));
    lines.emplace_back(prefix + "bytes to send", send_text(look));
    add_target(look, prefix, lines);
    lines.emplace_back(prefix + "token", rights_text(look));
    lines.emplace_back(prefix + "scratch", scratch_text(look));
    if (look.filing) {
        lines.emplace_back(prefix + "filed in", filing_text(look));
    }
    for (auto& [label, value] : lines) {
        label += ":";
    }
    return aligned_lines(lines, 1);
}

} // namespace skw::publish
