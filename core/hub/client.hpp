// SPDX-License-Identifier: Apache-2.0
// The Hub, as the rest of the program sees it: plain blocking calls, no library header.
//
// Every call throws Error: not_found, not_authorised, network (temporary, retries are used up), timed_out,
// conflict, bad_input (the server's reply is not what it should be), cancelled (the stop token). What a
// caller expects is a value instead. Whole files are checked against the listing's hash; a range has
// none, so it is checked for its place, its length and the file's size only. One
// Client has one network thread; its calls may come from several threads.
#pragma once

#include "hub/standing.hpp"
#include "support/ids.hpp"
#include "support/json.hpp"
#include "support/secrets.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace skw::hub {

// How to look up an environment variable; nullopt = not set. Injected, so that tests need no setenv.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;
Environment process_environment();

enum class StoredLogin { ignore, use };

struct Settings {
    std::string endpoint = "https://huggingface.co"; // no trailing slash
    Secret token;                                    // empty = anonymous
    std::string proxy;                               // "" = none; http://[user:password@]host:port
    std::string no_proxy;
    std::string ca_file, ca_folder;                    // "" = the system's
    std::chrono::milliseconds connect_timeout{10'000}; // name look-up, TCP and TLS together
    std::chrono::milliseconds idle_timeout{60'000};    // no byte moved
    std::chrono::milliseconds call_timeout{300'000};   // one API call with all its retries
    int attempts = 6;                                  // tries of one request, the first included
    std::chrono::milliseconds first_pause{1'000};      // before the second try; doubles, with jitter
    std::function<void(std::string_view line)> trace;  // one redacted line a request; may be empty
};

// Endpoint, token, proxy and certificate store as the environment (and, if asked, the stored login) say.
// Throws Error(bad_input) for an HF_ENDPOINT that is not an http(s) URL.
Settings read_settings(const Environment& environment, StoredLogin stored);

// One file of a listing. A large file has its SHA-256; a small one only its git blob id (40 hex).
struct RemoteFile {
    RepoPath path;
    std::uint64_t size = 0;
    std::string blob_id;
    std::optional<Sha256> sha256;
    // 64 hex digits; a large file that the Hub can copy by itself has one.
    std::optional<std::string> storage_hash = std::nullopt;
};

struct Tree {
    RepoId repo;
    CommitId commit;
    std::vector<RemoteFile> files; // sorted by path; folders are left out
    const RemoteFile* find(std::string_view path) const;
};

struct RepoInfo {
    RepoId id;     // the canonical spelling
    CommitId head; // what the asked revision resolves to
    json::object card_data;
    std::vector<std::string> tags;
    bool is_private = false;
    bool gated = false;
};

// A large file of another repo at a pinned commit, to be added unchanged.
struct RemoteContent {
    RepoId repo;
    CommitId commit;
    RemoteFile file; // has its SHA-256
    // The Hub's own copy or nothing: the source is gated, and streaming would go round what its owner asks.
    bool copy_only = false;
};

// What goes into a repo: bytes in memory (small files only), a finished local file, or a file of another
// repo.
struct Addition {
    RepoPath path;
    std::variant<std::string, std::filesystem::path, RemoteContent> content;
    std::uint64_t size = 0;
    Sha256 sha256;
};

struct CommitRequest {
    RepoId repo;
    CommitId parent; // the head the change was made for
    std::string summary, description;
    std::vector<Addition> additions;
    std::vector<RepoPath> deletions;
};
// How the content of an addition came to be in the repo.
enum class Way {
    unchanged, // stood there before
    inlined,   // inside the commit
    known,     // the repo had the object already
    copied,    // by the Hub itself, from the source repo
    streamed,  // from the source repo through memory
    uploaded,  // from here
};
std::string_view name_of(Way way) noexcept;

struct Committed {
    CommitId commit;
    std::vector<Way> ways = {}; // of the additions, in the request's order
};
struct HeadMoved {
    CommitId head; // where it is now; nothing was committed
};
using CommitOutcome = std::variant<Committed, HeadMoved>;

// Called while content is sent, from one thread or another, but one call at a time; must be quick.
using UploadProgress = std::function<void(std::uint64_t sent_bytes, std::uint64_t total_bytes)>;

// The same of one file, which goes beside others: from 0 on, and all of it once the repo has it.
using FileProgress = std::function<void(std::string_view path, std::uint64_t sent, std::uint64_t size)>;

// What a commit tells while it works; each may be empty.
struct CommitEvents {
    UploadProgress progress;                         // of what is uploaded or streamed
    std::function<void(std::string_view line)> note; // why a file goes a longer way than hoped for
    FileProgress file = {};                          // called as progress is, and before it
};

struct Collection {
    std::string slug; // owner/title-24hex
    std::string title;
};

// Exact counts since the client was made.
struct Traffic {
    std::uint64_t requests = 0;
    std::uint64_t received_bytes = 0; // bodies
    std::uint64_t sent_bytes = 0;     // bodies
};

// A range of one file, read in order. One request serves all of it; an interrupted one goes on at the byte
// that is missing. Not for two threads at once, and not to be kept longer than its Client.
class RangeStream {
public:
    virtual ~RangeStream() = default;
    // 1 to into.size() bytes; 0 only at the end of the range.
    virtual std::size_t read(std::span<std::byte> into) = 0;
};

class Client {
public:
    Client(Settings settings, std::stop_token stop);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    const Settings& settings() const noexcept;
    Traffic traffic() const noexcept;

    // Repos. nullopt = the Hub says there is no such repo (or hides it from this token).
    std::optional<RepoInfo> find_repo(const RepoId& repo, std::string_view revision = "main");
    RepoInfo read_repo(const RepoId& repo, std::string_view revision = "main");
    // All pages of the listing at one commit.
    Tree read_tree(const RepoId& repo, const CommitId& commit);
    // Throws Error(not_authorised) unless the token may write to a repo that exists: asked before long work.
    void check_write(const RepoId& repo);
    // The same for a repo that is yet to be made: whether the token's account may write for this owner, as
    // far as the Hub tells.
    void check_create(std::string_view owner);
    // The account of the token. Asked once; the Hub limits this question tightly. find: nullopt = this Hub does
    // not tell it.
    std::string read_account();
    std::optional<Account> find_account();
    // One small question without the token, without retries: whether the Hub answers, and its clock.
    Reachability reach();
    // Makes a model repo; false = it was there. 401/402/403 for a repo that is there count as "was there".
    bool create_repo(const RepoId& repo, bool is_private = false);
    void set_private(const RepoId& repo, bool is_private);

    // Content. The whole of a small file, verified against its blob id or SHA-256; limit in bytes.
    std::string read_file(const RepoId& repo, const CommitId& commit, const RemoteFile& file,
                          std::uint64_t limit_bytes);
    std::unique_ptr<RangeStream> open_range(const RepoId& repo, const CommitId& commit,
                                            const RemoteFile& file, std::uint64_t offset,
                                            std::uint64_t length);
    // Fills all of `into` from this offset, by one request (more after an interruption).
    void read_range(const RepoId& repo, const CommitId& commit, const RemoteFile& file, std::uint64_t offset,
                    std::span<std::byte> into);

    // One atomic commit: checks the card, asks for upload modes, brings what the repo does not have yet,
    // commits onto the parent, and after a lost reply looks before it sends again. Nothing is visible before
    // the last step. A file of another repo is copied by the Hub where it can be (no byte moves), else named
    // if the repo has it, else streamed through memory, its SHA-256 checked as it passes; a refusal for
    // reasons of policy is Error(not_authorised).
    CommitOutcome commit(const CommitRequest& request, const CommitEvents& events = {});

    // Collections. By a slug, or by an owner and a title; nullopt = there is none, or it is hidden.
    std::optional<Collection> find_collection(std::string_view slug);
    std::optional<Collection> find_collection(std::string_view owner, std::string_view title);
    Collection create_collection(std::string_view owner, std::string_view title); // there already: that one
    bool add_to_collection(std::string_view slug, const RepoId& repo);            // false = it was in already

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace skw::hub
