// SPDX-License-Identifier: Apache-2.0
// A plugin on the C++ wrapper. A regular expression brings in symbols that a loader would share between plugins.
#include <skw/plugin.hpp>

#include <regex>
#include <string>
#include <string_view>

namespace {

using namespace skw::sdk;

class Hello {
public:
    static constexpr std::string_view kind = "hello-cpp";

    static std::string describe()
    {
        return R"({"schema":"skw.describe/1","kinds":[{"name":"hello-cpp","title":"Hello","summary":"a greeting",)"
               R"("entry_schema":{}}]})";
    }

    std::string validate(Call&, std::string_view)
    {
        JsonWriter json;
        json.begin_object().member("schema", "skw.findings/1").key("items").begin_array().end_array();
        return json.end_object().take();
    }

    std::string plan(Call&, const std::string& request)
    {
        std::smatch found;
        if (!std::regex_search(request, found, std::regex(R"rx("key" ?: ?"([^"]*)")rx"))) {
            throw Failure(SKW_E_BAD_ARGUMENT, "the request", "names no entry");
        }
        JsonWriter json;
        json.begin_object().member("schema", "skw.plan/1").member("kind", "hello-cpp").member("configured", true);
        json.key("summary").begin_array().begin_object().member("label", "greeting");
        json.member("value", "hello " + found[1].str() + " from C++").end_object().end_array();
        json.raw_member("inputs", "[]").raw_member("outputs", "[]").raw_member("steps", "[]");
        json.key("target").begin_object().member("repo", "example/hello");
        json.member("commit_message", "Say hello").end_object();
        json.key("card").begin_object().member("artifact_type", "hello").member("target_model", "example/model");
        json.member("source_repo", "example/model").member("about", "").member("usage", "").end_object();
        return json.end_object().take();
    }
};

} // namespace

SKW_EXPORT_PLUGIN(Hello)
