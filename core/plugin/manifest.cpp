// SPDX-License-Identifier: Apache-2.0
// Reading a plugin's manifest: a file of others, bounded and strict.
#include "plugin/manifest.hpp"

#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace skw::plugin {
namespace {

constexpr std::uint64_t largest_minor = 0xffff; // the ABI has 16 bits for it
constexpr std::size_t most_names = 64;          // kinds, tools, fields, platforms: no plugin needs more

bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_device_name(std::string_view part)
{
    static constexpr std::array<std::string_view, 4> plain = {"con", "prn", "aux", "nul"};
    return std::find(plain.begin(), plain.end(), part) != plain.end() ||
           (part.size() == 4 && (part.starts_with("com") || part.starts_with("lpt")) && is_digit(part[3]));
}

bool is_semver_number(std::string_view text)
{
    return !text.empty() && text.size() <= 9 && std::all_of(text.begin(), text.end(), is_digit) &&
           (text.size() == 1 || text.front() != '0');
}

// Identifiers divided by dots. In a pre-release, numbers have no leading zero.
bool is_semver_tail(std::string_view tail, bool prerelease)
{
    for (;;) {
        const std::size_t dot = tail.find('.');
        const std::string_view part = tail.substr(0, dot);
        const bool fine = !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
            return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-';
        });
        const bool number = fine && std::all_of(part.begin(), part.end(), is_digit);
        if (!fine || (prerelease && number && part.size() > 1 && part.front() == '0')) {
            return false;
        }
        if (dot == std::string_view::npos) {
            return true;
        }
        tail.remove_prefix(dot + 1);
    }
}

// A line of text for people: shown by `plugins list`, so nothing that steers a terminal.
std::string read_line(const Reader& in, std::string_view name, std::size_t limit = 256)
{
    std::string text = in.string(name);
    if (text.size() > limit || printable(text, limit + 1) != text) {
        in.fault(name, "must be one line of at most " + std::to_string(limit) + " printable characters");
    }
    return text;
}

std::string read_optional_line(const Reader& in, std::string_view name)
{
    return in.has(name) ? read_line(in, name) : std::string();
}

std::vector<std::string> read_names(const Reader& in, std::string_view name)
{
    std::vector<std::string> names = in.strings(name);
    const auto bad = [](const std::string& text) {
        return text.empty() || text.size() > 128 || !std::all_of(text.begin(), text.end(), [](char c) {
                   return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '-' ||
                          c == '.' || c == '+';
               });
    };
    if (names.size() > most_names || std::any_of(names.begin(), names.end(), bad)) {
        in.fault(name, "must list at most 64 names of letters, digits and _ - . +");
    }
    return names;
}

Kind read_kind(const Reader& in)
{
    Kind kind{.name = in.string("name"),
              .title = read_line(in, "title"),
              .collection_title = read_optional_line(in, "collection_title"),
              .entry_fields = read_names(in, "entry_fields")};
    if (!is_kind_name(kind.name)) {
        in.fault("name", "must be lower-case letters, digits and \"-\", at most 64, and not \"all\"");
    }
    return kind;
}

struct Offer {
    std::string platform;
    std::optional<Library> library;
};

Offer read_offer(const Reader& in)
{
    Offer offer;
    offer.platform =
        read_line(in, "os", 32) + "-" + read_line(in, "arch", 32) + "-" + read_line(in, "libc", 32);
    const std::string path = in.string("library");
    const std::uint64_t size = in.size("size");
    const std::optional<Sha256> hash = Sha256::parse(in.string("sha256"));
    if (!RepoPath::parse(path)) {
        in.fault("library", "must be a relative path inside the plugin's folder");
    }
    if (!hash) {
        in.fault("sha256", "must be 64 lower-case hexadecimal digits");
    }
    if (size == 0) {
        in.fault("size", "must be 1 or more");
    }
    in.each_if_any("companions", [](const Reader& companion) {
        if (!RepoPath::parse(companion.string("path"))) {
            companion.fault("path", "must be a relative path inside the plugin's folder");
        }
        if (!Sha256::parse(companion.string("sha256"))) {
            companion.fault("sha256", "must be 64 lower-case hexadecimal digits");
        }
        return 0;
    });
    if (hash) {
        offer.library = Library{.path = path, .size = size, .sha256 = *hash};
    }
    return offer;
}

int read_minor(const Reader& in, std::string_view name)
{
    const std::uint64_t number = in.size(name);
    if (number > largest_minor) {
        in.fault(name, "must be at most 65535");
        return 0;
    }
    return static_cast<int>(number);
}

template<class List, class NameOf>
void refuse_repeats(const Reader& in, std::string_view member, const List& list, NameOf name_of)
{
    std::set<std::string> seen;
    for (const auto& item : list) {
        if (!seen.insert(name_of(item)).second) {
            in.fault(member, "names " + python_repr(name_of(item)) + " twice");
            return;
        }
    }
    if (list.empty() || list.size() > most_names) {
        in.fault(member, "must have 1 to 64 elements");
    }
}

} // namespace

bool is_plugin_id(std::string_view text)
{
    const auto allowed = [](char c) {
        return is_lower(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
    };
    return text.size() >= 3 && text.size() <= 128 && std::all_of(text.begin(), text.end(), allowed) &&
           text.front() != '.' && text.front() != '-' && text.back() != '.' &&
           text.find('.') != std::string_view::npos && text.find("..") == std::string_view::npos &&
           !is_device_name(text.substr(0, text.find('.')));
}

bool is_semver(std::string_view text)
{
    if (text.size() > 128) {
        return false;
    }
    const std::size_t plus = text.find('+');
    if (plus != std::string_view::npos) {
        if (!is_semver_tail(text.substr(plus + 1), false)) {
            return false;
        }
        text = text.substr(0, plus);
    }
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos) {
        if (!is_semver_tail(text.substr(dash + 1), true)) {
            return false;
        }
        text = text.substr(0, dash);
    }
    const std::size_t first = text.find('.');
    const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
    return second != std::string_view::npos && is_semver_number(text.substr(0, first)) &&
           is_semver_number(text.substr(first + 1, second - first - 1)) &&
           is_semver_number(text.substr(second + 1));
}

bool is_kind_name(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && is_lower(text.front()) && text != "all" &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

std::string_view host_platform()
{
#if defined(__x86_64__)
#define SKW_ARCH "x86_64"
#elif defined(__aarch64__)
#define SKW_ARCH "aarch64"
#elif defined(__riscv) && __riscv_xlen == 64
#define SKW_ARCH "riscv64"
#else
#define SKW_ARCH "unknown"
#endif
#if defined(__APPLE__)
    return "macos-" SKW_ARCH "-none";
#elif defined(__GLIBC__)
    return "linux-" SKW_ARCH "-glibc";
#else
    return "linux-" SKW_ARCH "-musl";
#endif
#undef SKW_ARCH
}

Manifest parse_manifest(std::string_view text, std::string_view place)
{
    const JsonLimits limits{.bytes = 256u << 10, .depth = 16, .values = 20'000};
    const json::value document = parse_json(text, place, limits);
    Findings findings{std::string(place)};
    const Reader in(document, findings);
    if (in.string("schema") != "skw.plugin-manifest/1") {
        in.fault("schema", "must be \"skw.plugin-manifest/1\"");
    }
    Manifest manifest;
    manifest.id = in.string("id");
    if (!is_plugin_id(manifest.id)) {
        in.fault("id", "must be a reverse domain name of a-z, 0-9, \".\", \"_\" and \"-\", 3 to 128 long, "
                       "and no device name");
    }
    manifest.version = in.string("version");
    if (!is_semver(manifest.version)) {
        in.fault("version", "must be a semantic version such as 1.2.3");
    }
    manifest.name = read_line(in, "name");
    manifest.vendor = read_optional_line(in, "vendor");
    manifest.license = read_line(in, "license");
    read_optional_line(in, "homepage");
    const Reader abi = in.object("abi");
    manifest.abi_major = read_minor(abi, "major");
    manifest.abi_minor = read_minor(abi, "minor");
    manifest.min_host_minor = read_minor(abi, "min_host_minor");
    if (manifest.min_host_minor > manifest.abi_minor) {
        abi.fault("min_host_minor", "must not be above minor");
    }
    manifest.kinds = in.each("kinds", read_kind);
    refuse_repeats(in, "kinds", manifest.kinds, [](const Kind& kind) { return kind.name; });
    if (const std::optional<Reader> needs = in.find_object("needs")) {
        manifest.tools = read_names(*needs, "tools");
        manifest.asks_for_token = needs->boolean("token", false);
    }
    const std::vector<Offer> offers = in.each("artifacts", read_offer);
    refuse_repeats(in, "artifacts", offers, [](const Offer& offer) { return offer.platform; });
    for (const Offer& offer : offers) {
        manifest.platforms.push_back(offer.platform);
        if (offer.platform == host_platform()) {
            manifest.library = offer.library;
        }
    }
    findings.throw_if_any();
    return manifest;
}

} // namespace skw::plugin
