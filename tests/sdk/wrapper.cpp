// SPDX-License-Identifier: Apache-2.0
// The C++ wrapper turns exceptions into statuses and closes every handle.
#include <skw/plugin.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <vector>

// Documents of a type of the author's own.
struct Words {
    std::vector<std::string> list;
};
template<>
struct skw::sdk::json_text<Words> {
    static Words read(std::string_view text) { return {{std::string(text)}}; }
    static std::string write(const Words& words) { return "words:" + words.list.at(0); }
};

namespace {

using namespace skw::sdk;

// Counts what is alive, so that a leak shows.
struct Minimal {
    Minimal() { ++alive; }
    ~Minimal() { --alive; }
    Minimal(const Minimal&) = delete;
    Minimal& operator=(const Minimal&) = delete;
    static inline int alive = 0;

    static std::string describe() { return "description"; }
    Words validate(Call&, const Words& entry) { return entry; }
    std::string plan(Call&, std::string_view request)
    {
        if (request == "fail") {
            throw Failure(-70, "here", "because", "do that").at_pointer("/a").retryable();
        }
        return std::string(request);
    }
};

struct ByKind {
    explicit ByKind(std::string_view kind)
    {
        if (kind == "refused") {
            throw Failure(SKW_E_BAD_ARGUMENT, {}, "no such kind");
        }
    }
    static std::string describe() { throw std::bad_alloc(); }
    std::string validate(Call&, std::string_view) { return {}; }
    std::string plan(Call&, std::string_view) { return {}; }
    std::string doctor(Call&, std::string_view) { return {}; }
    std::string execute(Call&, std::string_view) { return {}; }
};

// A host in memory.
struct Host : skw_call {
    Host() : skw_call{&core} {}
    static Host& of(skw_call* call) { return *static_cast<Host*>(call); }
    static void SKW_CALL log(skw_call* call, std::int32_t, const char* msg, std::uint64_t len)
    {
        of(call).lines.emplace_back(msg, len);
    }
    static skw_status SKW_CALL fail(skw_call* call, skw_status code, const char* msg, std::uint64_t len,
                                    const char* detail, std::uint64_t detail_len)
    {
        of(call).failures.emplace_back(msg, len);
        of(call).details.emplace_back(detail, detail_len);
        return code;
    }
    static constexpr skw_host_core core{
        {sizeof(skw_host_core), 0}, &log, &fail, nullptr, nullptr, nullptr, nullptr};
    std::vector<std::string> lines, failures, details;
};

struct Answer {
    skw_sink sink{this, &Answer::take};
    std::string text;
    bool refuse = false;
    static skw_status SKW_CALL take(void* ctx, const void* bytes, std::uint64_t len)
    {
        auto* const self = static_cast<Answer*>(ctx);
        self->text.append(static_cast<const char*>(bytes), len);
        return self->refuse ? SKW_E_RESOURCE : SKW_OK;
    }
};

template<class Type>
const skw_artifact& table()
{
    return detail::Artifact<Type>::table;
}

skw_status enter(std::uint16_t major, std::uint16_t minor, std::uint16_t needs, const skw_plugin** out)
{
    static skw_plugin plugin = detail::root<Minimal>("acme.minimal", "1.0.0");
    plugin.min_host_minor = needs;
    const skw_host_info host{{sizeof(skw_host_info) + 64, minor}, major, minor, 0, {}, {}};
    return detail::enter(&host, plugin, out);
}

} // namespace

BOOST_AUTO_TEST_SUITE(sdk_wrapper)

BOOST_AUTO_TEST_CASE(slots_the_class_does_not_have_are_null)
{
    BOOST_TEST((table<Minimal>().execute == nullptr));
    BOOST_TEST((table<Minimal>().doctor == nullptr));
    BOOST_TEST((table<ByKind>().execute != nullptr));
    BOOST_TEST((table<ByKind>().doctor != nullptr));
    BOOST_TEST(table<Minimal>().head.struct_size == sizeof(skw_artifact));
}

BOOST_AUTO_TEST_CASE(documents_cross_as_the_types_the_author_chose)
{
    Host host;
    skw_instance* self = nullptr;
    BOOST_TEST(table<Minimal>().create(&host, "any", 3, nullptr, 0, &self) == SKW_OK);
    Answer answer;
    BOOST_TEST(table<Minimal>().validate(self, &host, "entry", 5, &answer.sink) == SKW_OK);
    BOOST_TEST(answer.text == "words:entry");
    BOOST_TEST(Minimal::alive == 1);
    table<Minimal>().destroy(self);
    table<Minimal>().destroy(nullptr);
    BOOST_TEST(Minimal::alive == 0);
}

BOOST_AUTO_TEST_CASE(a_failure_is_told_once_with_its_detail)
{
    Host host;
    skw_instance* self = nullptr;
    table<Minimal>().create(&host, "any", 3, nullptr, 0, &self);
    Answer answer;
    BOOST_TEST(table<Minimal>().plan(self, &host, "fail", 4, &answer.sink) == -70);
    table<Minimal>().destroy(self);
    BOOST_TEST_REQUIRE(host.failures.size() == 1u);
    BOOST_TEST(host.failures[0] == "because");
    BOOST_TEST(host.details[0] == R"({"place":"here","hint":"do that","path":"/a","retryable":true})");
    BOOST_TEST(answer.text.empty());
}

BOOST_AUTO_TEST_CASE(a_refused_create_gives_no_instance_and_out_of_memory_is_resource)
{
    Host host;
    skw_instance* self = reinterpret_cast<skw_instance*>(&host);
    BOOST_TEST(table<ByKind>().create(&host, "refused", 7, nullptr, 0, &self) == SKW_E_BAD_ARGUMENT);
    BOOST_TEST(self == nullptr);
    Answer answer;
    BOOST_TEST(table<ByKind>().describe(&host, &answer.sink) == SKW_E_RESOURCE);
    BOOST_TEST(host.failures.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_sink_that_refuses_or_is_missing_becomes_a_status)
{
    Host host;
    Answer answer;
    answer.refuse = true;
    BOOST_TEST(table<Minimal>().describe(&host, &answer.sink) == SKW_E_RESOURCE);
    BOOST_TEST(table<Minimal>().describe(&host, nullptr) == SKW_E_BAD_ARGUMENT);
    BOOST_TEST(table<Minimal>().plan(nullptr, &host, "x", 1, &answer.sink) == SKW_E_BAD_ARGUMENT);
}

BOOST_AUTO_TEST_CASE(slots_the_host_does_not_have_are_not_called)
{
    Host host;
    const Call call(&host);
    call.progress("step", 1, 2);
    BOOST_TEST(!call.cancelled());
    BOOST_TEST(call.cancel_fd() == -1);
    BOOST_TEST((call.find_service("skw.hub/1") == nullptr));
    BOOST_CHECK_THROW(Hub{call}, Failure);
}

BOOST_AUTO_TEST_CASE(the_entry_refuses_other_majors_and_lower_minors_and_accepts_newer_hosts)
{
    const skw_plugin* out = nullptr;
    BOOST_TEST(enter(1, 0, 0, &out) == SKW_OK);
    BOOST_TEST((out != nullptr));
    BOOST_TEST(enter(1, 7, 0, &out) == SKW_OK);
    BOOST_TEST(enter(2, 0, 0, &out) == SKW_E_UNSUPPORTED);
    BOOST_TEST((out == nullptr));
    BOOST_TEST(enter(1, 2, 3, &out) == SKW_E_UNSUPPORTED);
    BOOST_TEST(detail::enter(nullptr, detail::root<Minimal>("a.b", "1.0.0"), &out) == SKW_E_BAD_ARGUMENT);
}

BOOST_AUTO_TEST_CASE(unknown_interfaces_are_null)
{
    for (std::string_view id :
         {"", "skw.artifact/", "skw.artifact/1 ", "skw.artifact/2", "skw.artifact/11"}) {
        BOOST_TEST((detail::get_interface<Minimal>(id.data(), id.size()) == nullptr));
    }
    BOOST_TEST((detail::get_interface<Minimal>("skw.artifact/1", 14) == &table<Minimal>().head));
}

BOOST_AUTO_TEST_SUITE_END()
