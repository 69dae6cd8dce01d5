// SPDX-License-Identifier: Apache-2.0
// Asks larql, the Hub and the machine, in the order of what they cost.
#include "vindex/preflight.hpp"

#include "vindex/estimate.hpp"
#include "vindex/json_fields.hpp"
#include "vindex/sums.hpp"

#include <skw/failure.hpp>

namespace skw::vindex {
namespace {

constexpr std::uint64_t config_limit = 4u << 20;
constexpr std::uint64_t index_limit = 64u << 20;

std::string read_text(const sdk::Hub& hub, const std::string& path, std::uint64_t limit)
{
    return hub.open(source_id, path).read_rest(limit);
}

std::vector<SourceFile> read_listing(const sdk::Hub& hub)
{
    const json::object document = read_json_object(hub.list(source_id), "skw.listing/1");
    std::vector<SourceFile> files;
    for (const json::value& entry : Fields(document, "skw.listing/1").list("files")) {
        if (!entry.is_object()) {
            throw sdk::Failure(SKW_E_BAD_ARGUMENT, "skw.listing/1", "holds something other than files");
        }
        const Fields file(entry.get_object(), "skw.listing/1");
        files.push_back({file.text("path"), file.whole("size")});
    }
    return files;
}

std::uint64_t available_memory(const sdk::Call& call)
{
    const std::string answer = sdk::Probe(call).memory();
    const json::object document = read_json_object(answer, "memory");
    return Fields(document, "memory").whole("available");
}

} // namespace

Preflight read_source(const sdk::Hub& hub, const Job& job)
{
    Preflight preflight;
    const std::vector<SourceFile> listing = read_listing(hub);
    const std::string index = find_index(listing);
    preflight.selection =
        select_files(listing, index.empty() ? std::string() : read_text(hub, index, index_limit));
    const std::string config = read_text(hub, "config.json", config_limit);
    preflight.model = read_model(read_json_object(config, "config.json"));
    if (job.wants_slice() && preflight.model.kind == Experts::none) {
        throw sdk::Failure(SKW_E_UNSUPPORTED, job.repo,
                           "it has no experts, so an expert-server slice of it would serve nothing",
                           "publish the whole vindex: slices: [full]");
    }
    return preflight;
}

void check_room(const sdk::Call& call, const Job& job, const Preflight& preflight, const Room& room)
{
    const Sizes sizes = estimate_sizes(preflight.model, preflight.selection.tokenizer_bytes());
    const LargestFile largest = find_largest(preflight.model, sizes, job.wants_slice());
    if (largest.bytes > upload_limit) {
        throw sdk::Failure(SKW_E_UNSUPPORTED, job.repo,
                           largest.name + " would have " + gigabytes_text(largest.bytes) +
                               "; larql sends a file in one piece, and the Hub takes at most " +
                               gigabytes_text(upload_limit) + " that way",
                           "choose a smaller model, or publish this vindex by other means");
    }
    const std::uint64_t disk = estimate_disk(preflight.selection.bytes(), sizes, job.wants_slice());
    const std::uint64_t memory = estimate_memory(preflight.model);
    call.info("estimate: disk " + gigabytes_text(disk) + " of " + gigabytes_text(room.disk) +
              " free, memory " + gigabytes_text(memory) + " of " + gigabytes_text(room.memory) +
              " available, extraction " + duration_text(estimate_seconds(preflight.model)) +
              " (order of magnitude)");
    if (disk > room.disk) {
        throw sdk::Failure(SKW_E_NO_SPACE, "scratch directory",
                           "source and vindex need about " + gigabytes_text(disk) + " of disk, " +
                               gigabytes_text(room.disk) + " are free",
                           "free some space, or choose another scratch root");
    }
    if (memory > room.memory) {
        throw sdk::Failure(SKW_E_RESOURCE, "memory",
                           "the extraction needs about " + gigabytes_text(memory) + " of memory, " +
                               gigabytes_text(room.memory) + " are available",
                           "end other programs, or use a machine with more memory");
    }
}

Preflight run_preflight(const sdk::Call& call, const Job& job)
{
    const Larql larql = probe_larql(sdk::Process(call), job.wants_slice());
    call.info("using " + larql.version);
    Preflight preflight = read_source(sdk::Hub(call), job);
    preflight.larql = larql;
    const sdk::Scratch scratch(call);
    Room room;
    // What an earlier try has fetched is needed again, but takes no further space.
    room.disk = plus(scratch.quota(), bytes_below(scratch.path()));
    room.memory = available_memory(call);
    check_room(call, job, preflight, room);
    return preflight;
}

} // namespace skw::vindex
