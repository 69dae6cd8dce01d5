// SPDX-License-Identifier: Apache-2.0
// A plugin that breaks its contract ends in an error that names it, and leaves nothing.
#include "plugin/host.hpp"

#include "unit/plugin/plugin_tree.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace skw::plugin {
namespace {

using testing::error_of;
using testing::make_plan;

struct Fault {
    const char* doing;
    ErrorCode code;
    const char* said;
};

std::ostream& operator<<(std::ostream& out, const Fault& fault)
{
    return out << fault.doing;
}

const Fault faults[] = {
    {"undeclared-output", ErrorCode::contract, "output two: is not in the plan"},
    {"opened-twice", ErrorCode::contract, "output one: was opened before"},
    {"undeclared-input", ErrorCode::contract, "input elsewhere: is not in the plan"},
    {"unselected-path", ErrorCode::contract, "is not selected by the plan's patterns"},
    {"absent-path", ErrorCode::not_found, "is not in the repository at the pinned commit"},
    {"part-beyond", ErrorCode::bad_argument, "leave the file of 10 bytes"},
    {"scratch", ErrorCode::contract, "the plan asks for no scratch bytes"},
    {"put-outside", ErrorCode::contract, "is not in the scratch directory"},
    {"short", ErrorCode::contract, "has 5 bytes, the plan says 7"},
    {"long", ErrorCode::contract, "gets more than the 7 bytes of the plan"},
    {"quiet", ErrorCode::contract, "is in the plan and was not made"},
    {"forget", ErrorCode::contract, "is in the plan and was not made"},
    {"host-fact", ErrorCode::bad_input, "a name that the host owns"},
};

struct Run {
    explicit Run(const char* fixture)
    {
        tree.add(fixture);
        artifact = load_artifact(tree.candidate("test." + std::string(fixture)), fixture);
        sources.files = {{"a.bin", "0123456789"}, {"b.secret", "hidden"}};
    }
    Error failure(const json::value& plan)
    {
        return error_of([&] {
            artifact->execute({.plan = plan,
                               .scratch_root = scratch.path(),
                               .sources = &sources,
                               .events = &record,
                               .stop = {}});
        });
    }
    testing::PluginTree tree;
    testing::MemorySources sources;
    testing::Record record;
    TempFolder scratch;
    std::unique_ptr<Artifact> artifact;
};

} // namespace

BOOST_AUTO_TEST_SUITE(plugin_execute_faults)

BOOST_DATA_TEST_CASE(what_the_plan_does_not_allow_fails_and_leaves_nothing,
                     boost::unit_test::data::make(faults), fault)
{
    Run run("behaving");
    const std::string_view doing = fault.doing;
    const json::value size = doing == "short" || doing == "long" ? json::value(7) : json::value();
    const json::value scratch = doing == "scratch" ? json::value(0) : json::value();
    const Error error = run.failure(make_plan("behaving", doing, size, scratch));
    BOOST_TEST((error.code() == fault.code), error.what());
    BOOST_TEST(std::string(error.what()).find(fault.said) != std::string::npos, error.what());
    BOOST_TEST(testing::tree_of(run.scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(a_failure_after_a_finished_output_leaves_nothing)
{
    Run run("behaving");
    BOOST_TEST(run.failure(make_plan("behaving", "fail-after-finish")).reason() == "failed at the end");
    BOOST_TEST(testing::tree_of(run.scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(a_result_that_claims_other_bytes_is_refused)
{
    Run run("behaving");
    const Error error = run.failure(make_plan("behaving", "wrong-claim"));
    BOOST_TEST((error.code() == ErrorCode::contract));
    BOOST_TEST(error.reason().starts_with("/outputs/0/size"), error.reason());
    BOOST_TEST(testing::tree_of(run.scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(misused_services_answer_with_a_status_and_leaks_are_told)
{
    Run run("raw");
    BOOST_TEST(run.failure(make_plan("raw", "misuse")).reason().starts_with("every misuse was refused"));
    BOOST_TEST(run.record.lines.size() == 2u);
    BOOST_TEST(run.record.lines.at(0).second == "the plugin left a handle open: input source/a.bin");
    BOOST_TEST(run.record.lines.at(1).second == "the plugin left a handle open: output one");
    BOOST_TEST(testing::tree_of(run.scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(a_silent_failure_still_shows_what_the_host_knew)
{
    Run run("raw");
    const Error error = run.failure(make_plan("raw", "silent-network"));
    BOOST_TEST((error.code() == ErrorCode::contract));
    BOOST_TEST(
        error.reason().find("did not say why; the host's last failure of that kind: source/absent.bin") !=
            std::string_view::npos,
        error.reason());
}

BOOST_AUTO_TEST_CASE(a_service_failure_carries_the_hosts_reason_to_the_operator)
{
    struct Broken final : Sources {
        std::vector<SourceFile> list(std::string_view) override
        {
            return {{.path = "a.bin", .size = 10, .sha256 = std::nullopt}};
        }
        std::unique_ptr<ByteStream> open(std::string_view, std::string_view, std::uint64_t,
                                         std::uint64_t) override
        {
            throw Error(ErrorCode::network, "acme/source", "the connection was cut", "try again later");
        }
        void read_at(std::string_view, std::string_view, std::uint64_t, std::span<std::byte>) override {}
    } broken;
    Run run("behaving");
    const Error error = error_of([&] {
        run.artifact->execute({.plan = make_plan("behaving", "copy"),
                               .scratch_root = run.scratch.path(),
                               .sources = &broken,
                               .events = nullptr,
                               .stop = {}});
    });
    BOOST_TEST((error.code() == ErrorCode::network));
    BOOST_TEST(error.what() == "a.bin: cannot be read: acme/source: the connection was cut");
    BOOST_TEST(error.hint() == "try again later");
    BOOST_TEST(testing::tree_of(run.scratch.path()).empty());
}

BOOST_AUTO_TEST_CASE(a_source_that_ends_early_is_a_network_failure)
{
    struct Short final : Sources {
        struct Stream final : ByteStream {
            std::size_t read(std::span<std::byte>) override { return 0; }
        };
        std::vector<SourceFile> list(std::string_view) override
        {
            return {{.path = "a.bin", .size = 10, .sha256 = std::nullopt}};
        }
        std::unique_ptr<ByteStream> open(std::string_view, std::string_view, std::uint64_t,
                                         std::uint64_t) override
        {
            return std::make_unique<Stream>();
        }
        void read_at(std::string_view, std::string_view, std::uint64_t, std::span<std::byte>) override {}
    } sources;
    Run run("behaving");
    const Error error = error_of([&] {
        run.artifact->execute({.plan = make_plan("behaving", "copy"),
                               .scratch_root = run.scratch.path(),
                               .sources = &sources,
                               .events = nullptr,
                               .stop = {}});
    });
    BOOST_TEST((error.code() == ErrorCode::network));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace skw::plugin
