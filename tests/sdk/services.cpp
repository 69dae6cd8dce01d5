// SPDX-License-Identifier: Apache-2.0
// The wrapper's services ask the host exactly what their author wrote, and nothing is thrown through a tool's
// lines.
#include <skw/plugin.hpp>

#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace skw::sdk;

std::string text_of(const char* text, std::uint64_t len)
{
    return {text, static_cast<std::size_t>(len)};
}

skw_status answer(const skw_sink* out, const std::string& text)
{
    return out->write(out->ctx, text.data(), text.size());
}

// A host that writes down what it is asked for.
struct Host : skw_call {
    Host() : skw_call{&core} {}
    static Host& of(skw_call* call) { return *static_cast<Host*>(call); }

    static skw_status SKW_CALL mirror(skw_call* call, const char* ref, std::uint64_t len)
    {
        of(call).asked.push_back("mirror " + text_of(ref, len));
        return of(call).status;
    }
    static skw_status SKW_CALL fetch(skw_call* call, const char* order, std::uint64_t len,
                                     const skw_sink* out)
    {
        of(call).asked.push_back("fetch " + text_of(order, len));
        return of(call).status < 0 ? of(call).status : answer(out, "listing");
    }
    static skw_status SKW_CALL folder(skw_call* call, const char* name, std::uint64_t len,
                                      const skw_sink* out)
    {
        of(call).asked.push_back("folder " + text_of(name, len));
        return of(call).status < 0 ? of(call).status : answer(out, "/scratch/" + text_of(name, len));
    }
    static skw_status SKW_CALL hash(skw_call* call, const char* path, std::uint64_t len, const skw_sink* out)
    {
        of(call).asked.push_back("hash " + text_of(path, len));
        return of(call).status < 0 ? of(call).status : answer(out, "file");
    }
    static skw_status SKW_CALL run(skw_call* call, const char* step, std::uint64_t len,
                                   const skw_lines* lines, const skw_sink* out)
    {
        of(call).asked.push_back("run " + text_of(step, len) + (lines == nullptr ? " quietly" : ""));
        if (lines != nullptr) {
            lines->line(lines->ctx, 1, "one", 3);
            lines->line(lines->ctx, 2, nullptr, 0);
            lines->line(lines->ctx, 1, "three", 5);
        }
        return of(call).status < 0 ? of(call).status : answer(out, "exit");
    }
    static const skw_table* SKW_CALL service(skw_call*, const char* id, std::uint64_t len)
    {
        static const skw_hub hub = {{sizeof(skw_hub), 0},
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    &mirror,
                                    &fetch};
        static const skw_scratch scratch = {
            {sizeof(skw_scratch), 0}, nullptr, nullptr, nullptr, &folder, &hash};
        static const skw_process process = {{sizeof(skw_process), 0}, &run};
        const std::string wanted = text_of(id, len);
        return wanted == "skw.hub/1"       ? &hub.head
               : wanted == "skw.scratch/1" ? &scratch.head
               : wanted == "skw.process/1" ? &process.head
                                           : nullptr;
    }
    static constexpr skw_host_core core{
        {sizeof(skw_host_core), 0}, nullptr, nullptr, nullptr, nullptr, nullptr, &service};

    std::vector<std::string> asked;
    skw_status status = SKW_OK;
};

} // namespace

BOOST_AUTO_TEST_SUITE(sdk_services)

BOOST_AUTO_TEST_CASE(a_mirrored_file_is_named_by_input_and_path)
{
    Host host;
    Hub(Call(&host)).mirror("source", "a/b.bin");
    BOOST_TEST(host.asked.at(0) == R"(mirror {"input":"source","path":"a/b.bin"})");
    host.status = SKW_E_CONTRACT;
    BOOST_CHECK_THROW(Hub(Call(&host)).mirror("source", "README.md"), Failure);
}

BOOST_AUTO_TEST_CASE(a_fetch_names_its_folder_and_step_and_only_the_paths_that_are_given)
{
    Host host;
    const Hub hub{Call(&host)};
    BOOST_TEST(hub.fetch("source", "/s/hub", "stage") == "listing");
    BOOST_TEST(host.asked.at(0) == R"(fetch {"input":"source","into":"/s/hub","step":"stage"})");
    hub.fetch("source", "/s/hub", "", {"a", "b"});
    BOOST_TEST(host.asked.at(1) == R"(fetch {"input":"source","into":"/s/hub","paths":["a","b"]})");
    host.status = SKW_E_NO_SPACE;
    try {
        hub.fetch("source", "/s/hub", "stage");
        BOOST_ERROR("nothing was thrown");
    } catch (const Failure& failure) {
        BOOST_TEST(failure.status() == SKW_E_NO_SPACE);
    }
}

BOOST_AUTO_TEST_CASE(folders_and_hashes_come_as_text)
{
    Host host;
    const Scratch scratch{Call(&host)};
    BOOST_TEST(scratch.folder("m.vindex") == "/scratch/m.vindex");
    BOOST_TEST(scratch.hash("/scratch/m.vindex/index.json") == "file");
    BOOST_TEST(host.asked.at(1) == "hash /scratch/m.vindex/index.json");
    host.status = SKW_E_IO;
    BOOST_CHECK_THROW(scratch.folder("m.vindex"), Failure);
    BOOST_CHECK_THROW(scratch.hash("/x"), Failure);
}

BOOST_AUTO_TEST_CASE(the_lines_of_a_tool_come_with_their_stream)
{
    Host host;
    std::string told;
    const std::string exit =
        Process(Call(&host)).run("extract", [&](std::int32_t stream, std::string_view line) {
            told += std::to_string(stream) + "=" + std::string(line) + " ";
        });
    BOOST_TEST(exit == "exit");
    BOOST_TEST(told == "1=one 2= 1=three ");
    BOOST_TEST(Process(Call(&host)).run("extract") == "exit");
    BOOST_TEST(host.asked.at(1) == "run extract quietly");
}

BOOST_AUTO_TEST_CASE(what_a_line_throws_comes_out_after_the_tool_has_ended)
{
    Host host;
    int lines = 0;
    const auto throwing = [&](std::int32_t, std::string_view) {
        ++lines;
        throw std::runtime_error("this line was not wanted");
    };
    BOOST_CHECK_EXCEPTION(Process(Call(&host)).run("extract", throwing), std::runtime_error,
                          [](const std::runtime_error& error) {
                              return error.what() == std::string_view("this line was not wanted");
                          });
    BOOST_TEST(lines == 1);
    host.status = SKW_E_TIMED_OUT; // the line's own failure came first, and says more
    BOOST_CHECK_THROW(Process(Call(&host)).run("extract", throwing), std::runtime_error);
    BOOST_CHECK_THROW(Process(Call(&host)).run("extract"), Failure);
}

BOOST_AUTO_TEST_CASE(a_named_callable_may_be_used_again)
{
    struct Counter {
        int lines = 0;
        void operator()(std::int32_t, std::string_view) { ++lines; }
    } counter;
    Host host;
    const Process process{Call(&host)};
    process.run("a", counter);
    process.run("b", counter);
    BOOST_TEST(counter.lines == 6);
}

BOOST_AUTO_TEST_SUITE_END()
