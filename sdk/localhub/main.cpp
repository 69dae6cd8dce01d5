// SPDX-License-Identifier: Apache-2.0
// The program skulk-hub: the command line around the local Hub.
#include "localhub/command_line.hpp"
#include "localhub/faults.hpp"
#include "localhub/server.hpp"
#include "support/error.hpp"
#include "support/interrupt.hpp"
#include "support/secrets.hpp"
#include "support/text.hpp"
#include "support/version.hpp"

#include <condition_variable>
#include <cstdio>
#include <mutex>

namespace {

using namespace skw;
using namespace skw::localhub;

constexpr const char* overview =
    "skulk-hub: a local Hub in a folder, for rehearsing a publish and for tests\n\n"
    "Usage:\n"
    "  skulk-hub serve --root DIR [options]    serve the repos in DIR until Ctrl-C\n"
    "  skulk-hub seed SAMPLE --root DIR        put a sample repo into DIR\n"
    "  skulk-hub seed --list                   show the samples\n"
    "  skulk-hub --version\n\n"
    "skulk-hub serve --help and skulk-hub seed --help show the options.\n\n"
    "Examples:\n"
    "  skulk-hub seed qwen-mtp --root ~/hub\n"
    "  skulk-hub serve --root ~/hub --port 8080\n"
    "  HF_ENDPOINT=http://127.0.0.1:8080 HF_TOKEN=hf_local skulk-weights publish --model KEY --artifact "
    "mtp\n";

po::options_description serve_options()
{
    po::options_description options("Options", 100, 50);
    options.add_options()("root", po::value<std::string>()->value_name("DIR"),
                          "the folder that holds the repos; made when absent")(
        "port", po::value<std::uint16_t>()->default_value(0)->value_name("N"),
        "of the Hub; 0 = any free one")("storage-port",
                                        po::value<std::uint16_t>()->default_value(0)->value_name("N"),
                                        "of the content store; 0 = any free one")(
        "page-size", po::value<std::size_t>()->default_value(1000)->value_name("N"),
        "entries a page of a listing")(
        "multipart-threshold", po::value<std::uint64_t>()->default_value(64u << 20)->value_name("BYTES"),
        "larger objects are uploaded in parts")(
        "part-size", po::value<std::uint64_t>()->default_value(16'000'000)->value_name("BYTES"),
        "of such an upload")(
        "forget-above", po::value<std::uint64_t>()->value_name("BYTES"),
        "check larger uploads, and do not keep their content: downloads of them answer 410")(
        "resolve-cache", "answer small files with a relative redirect, as today's Hub does")(
        "no-storage-hash", "leave the storage hash of large files out of every listing")(
        "fault", po::value<std::vector<std::string>>()->value_name("SPEC"),
        "misbehave: METHOD:PATHPART:NAME[=NUMBER][@AFTER][xTIMES]; may be repeated")(
        "log", "print one line a request")("help", "show this");
    return options;
}

// Method, address, result. The query of the content store is a signature and stays out; redact() takes
// tokens.
void print_request(const localhub::Request& request)
{
    const std::string path = request.target.substr(0, request.target.find('?'));
    const bool is_signed = request.target.find("Signature=") != std::string::npos;
    char rest[128];
    std::snprintf(rest, sizeof rest, "  %d  %llu B  %.1f ms\n", request.status,
                  static_cast<unsigned long long>(request.reply_bytes),
                  static_cast<double>(request.duration.count()) / 1000.0);
    print(printable(redact(request.method + " " + (is_signed ? path : request.target))) + rest);
}

int serve(const std::vector<std::string>& words)
{
    const po::variables_map given = parse(words, serve_options(), nullptr);
    if (given.contains("help")) {
        print("Serve the repos in a folder until Ctrl-C.\n\nUsage: skulk-hub serve --root DIR [options]\n\n" +
              text_of(serve_options()) +
              "\nWithout a tokens.json in the folder every token that begins with hf_ may write everywhere.\n"
              "\nExamples:\n  skulk-hub serve --root ~/hub --port 8080 --log\n"
              "  skulk-hub serve --root ~/hub --fault GET:/resolve/:status-503x2\n");
        return exit_code::ok;
    }
    InterruptGuard interrupt; // before the threads of the server
    localhub::ServerOptions options;
    options.root = root_of(given);
    options.port = given["port"].as<std::uint16_t>();
    options.storage_port = given["storage-port"].as<std::uint16_t>();
    options.page_size = given["page-size"].as<std::size_t>();
    options.multipart_threshold = given["multipart-threshold"].as<std::uint64_t>();
    options.part_size = given["part-size"].as<std::uint64_t>();
    if (given.contains("forget-above")) {
        options.forget_above = given["forget-above"].as<std::uint64_t>();
    }
    options.resolve_cache = given.contains("resolve-cache");
    options.storage_hash = !given.contains("no-storage-hash");
    if (options.page_size == 0 || options.part_size == 0) {
        throw UsageError("--page-size and --part-size must be above 0");
    }
    if (given.contains("log")) {
        options.log = print_request;
    }
    const std::string root = options.root.string();
    localhub::Server server(std::move(options));
    if (given.contains("fault")) {
        for (const std::string& text : given["fault"].as<std::vector<std::string>>()) {
            server.ask_fault(localhub::parse_fault(text));
        }
    }
    print("hub      " + server.endpoint() + "\nstorage  " + server.storage_endpoint() + "\nroot     " + root +
          "\nuse      HF_ENDPOINT=" + server.endpoint() + " HF_TOKEN=hf_local HF_HUB_DISABLE_XET=1\n" +
          "stop     Ctrl-C\n");
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait(lock, interrupt.token(), [] { return false; });
    return exit_code::ok;
}

int run(const std::vector<std::string>& words)
{
    if (words.empty()) {
        throw UsageError("a command is missing: serve or seed", "skulk-hub --help shows how they are used");
    }
    const std::vector<std::string> rest(words.begin() + 1, words.end());
    if (words[0] == "serve") {
        return serve(rest);
    }
    if (words[0] == "seed") {
        return run_seed(rest);
    }
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        print(overview);
        return exit_code::ok;
    }
    if (words[0] == "--version") {
        print("skulk-hub " SKW_VERSION "\n");
        return exit_code::ok;
    }
    const std::string near = nearest_name(words[0], {"serve", "seed"});
    throw UsageError("there is no command " + python_repr(words[0]),
                     near.empty() ? "skulk-hub --help shows the commands" : "did you mean " + near + "?");
}

} // namespace

int main(int argc, char** argv)
try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
} catch (const skw::UsageError& error) {
    std::fprintf(stderr, "skulk-hub: %s\n", error.what());
    if (!error.hint().empty()) {
        std::fprintf(stderr, "  %s\n", std::string(error.hint()).c_str());
    }
    return skw::exit_code::usage;
} catch (const skw::Error& error) {
    std::fprintf(stderr, "skulk-hub: %s\n", skw::redact(error.what()).c_str());
    if (!error.hint().empty()) {
        std::fprintf(stderr, "  %s\n", std::string(error.hint()).c_str());
    }
    return skw::exit_code::failed;
} catch (const std::exception& error) {
    std::fprintf(stderr, "skulk-hub: unexpected failure: %s\n", error.what());
    return skw::exit_code::failed;
}
