// SPDX-License-Identifier: Apache-2.0
// A Hub in few words, for what happens between copying, asking and committing.
#pragma once

#include "fixture.hpp"
#include "script_server.hpp"

#include <algorithm>
#include <map>

namespace skw::test {

using namespace skw::hub;

inline const CommitId source_commit = *CommitId::parse(std::string(40, 'c'));
inline const std::string parent(40, 'a'), made(40, 'b');
inline const RepoId target = *RepoId::parse("acme/copy");

inline Addition remote_addition(const std::string& name, const std::string& content, bool copy_only = false,
                                const std::string& source = "maker/model")
{
    RemoteFile file{*RepoPath::parse(name), content.size(), std::string(40, '1'), sha256_of(content),
                    std::string(64, 'd')};
    RemoteContent remote{*RepoId::parse(source), source_commit, file, copy_only};
    return Addition{*RepoPath::parse(name), remote, content.size(), sha256_of(content)};
}

inline std::string status(int code, const std::string& headers = {}, const std::string& body = {})
{
    return "HTTP/1.1 " + std::to_string(code) + " Status\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// A Hub in few words: copies as the test says, objects that are known or wanted, one commit.
struct ScriptedHub {
    std::map<std::string, std::string> contents; // by path; all of one source
    std::function<Answer(const Asked&)> duplicate = [](const Asked&) { return ok_json("{}"); };
    bool known = false; // what was not copied stands in the target already
    std::vector<std::string> notes;
    ScriptServer server{[this](const Asked& asked) { return answer(asked); }};

    Answer answer(const Asked& asked)
    {
        Answer out;
        const auto ends = [&](const std::string& part) { return asked.target.ends_with(part); };
        if (ends("/lfs-files/duplicate")) {
            return duplicate(asked);
        }
        if (ends("/objects/batch")) {
            std::string objects;
            for (const auto& [path, content] : contents) {
                const std::string oid = sha256_of(content).hex();
                if (asked.body.find(oid) != std::string::npos) {
                    objects += (objects.empty() ? "" : ",") + (R"({"oid":")" + oid + '"') +
                               (known ? "" : R"(,"actions":{"upload":{"href":"/store/)" + oid + R"("}})") +
                               "}";
                }
            }
            return ok_json(R"({"transfer":"basic","objects":[)" + objects + "]}");
        }
        if (ends("/commit/main")) {
            return ok_json(R"({"commitOid":")" + made + "\"}");
        }
        if (asked.target.find("/tree/") != std::string::npos) {
            std::string files;
            for (const auto& [path, content] : contents) {
                const std::string size = std::to_string(content.size());
                files += (files.empty() ? "" : ",") + (R"({"type":"file","path":")" + path) + R"(","size":)" +
                         size + R"(,"oid":")" + std::string(40, '1') + R"(","lfs":{"oid":")" +
                         sha256_of(content).hex() + R"(","size":)" + size + "}}";
            }
            return ok_json("[" + files + "]");
        }
        if (const auto at = asked.target.find("/resolve/"); at != std::string::npos) {
            const std::string& content = contents.at(asked.target.substr(at + 50));
            out.bytes = status(200, {}, content);
            return out;
        }
        out.bytes = status(asked.method == "PUT" ? 200 : 404);
        return out;
    }

    std::vector<Way> commit(std::vector<Addition> additions)
    {
        Settings settings = quick_settings(server.endpoint());
        settings.attempts = 3;
        Client client(settings, {});
        CommitEvents events;
        events.note = [&](std::string_view line) { notes.emplace_back(line); };
        const CommitRequest request{target, *CommitId::parse(parent), "s", "", std::move(additions), {}};
        return std::get<Committed>(client.commit(request, events)).ways;
    }

    int count(const std::string& method, const std::string& part) const
    {
        const auto all = server.asked();
        return static_cast<int>(std::ranges::count_if(all, [&](const Asked& one) {
            return one.method == method && one.target.find(part) != std::string::npos;
        }));
    }
    bool moved_content() const { return count("GET", "/resolve/") + count("PUT", "") > 0; }
};

struct OneFile : ScriptedHub {
    OneFile() { contents["a.safetensors"] = "the weights"; }
    Addition file(bool copy_only = false) const
    {
        return remote_addition("a.safetensors", contents.at("a.safetensors"), copy_only);
    }
    void says(const std::string& bytes)
    {
        duplicate = [bytes](const Asked&) {
            Answer answer;
            answer.bytes = bytes;
            return answer;
        };
    }
    void fails(const std::string& error) // of the file
    {
        duplicate = [this, error](const Asked&) {
            return ok_json(R"({"failed":[{"sha256":")" + sha256_of(contents.at("a.safetensors")).hex() +
                           R"(","error":")" + error + "\"}]}");
        };
    }
    // Whether the refusal is final, says so, and nothing moved or was committed.
    bool stops(bool copy_only = false)
    {
        const auto error = error_of([&] { commit({file(copy_only)}); });
        const std::string text = error ? std::string(error->what()) + std::string(error->hint()) : "";
        return error && error->code() == ErrorCode::not_authorised && !moved_content() &&
               count("POST", "/commit/") == 0 && text.find("maker/model") != std::string::npos &&
               text.find("nothing was published") != std::string::npos &&
               text.find("ask the owner") != std::string::npos;
    }
};

} // namespace skw::test
