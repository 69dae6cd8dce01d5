// SPDX-License-Identifier: Apache-2.0
// Content of files by range: where it lies, whether a reply is the range we asked for, and going on at the
// missing byte.
#include "hub/ranges.hpp"

#include "support/error.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace skw::hub {
namespace {

constexpr int most_hops = 5;
constexpr std::uint64_t progress_bytes = 64u << 10; // less than this is no progress: a drip must end as well
constexpr std::size_t small_body = 64u << 10;

std::string unquoted(std::string_view etag)
{
    if (etag.starts_with("W/")) {
        etag.remove_prefix(2);
    }
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        etag = etag.substr(1, etag.size() - 2);
    }
    return std::string(etag);
}

std::optional<std::uint64_t> parse_number(std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = !text.empty() && failure == std::errc() && end == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

} // namespace

RangeReader::RangeReader(Session& session, Locations& locations, const RepoId& repo, const CommitId& commit,
                         RemoteFile file, std::uint64_t offset, std::uint64_t length, ReadOptions options)
    : session_(session),
      locations_(locations),
      file_(std::move(file)),
      repo_(repo.text()),
      commit_(commit.text()),
      place_(repo_ + "@" + commit_.substr(0, 12) + "/" + safe(file_.path.text())),
      key_(repo_ + "/" + commit_ + "/" + file_.path.text()),
      offset_(offset),
      length_(length),
      stop_(std::move(options.stop)),
      tries_(session_.settings()),
      left_at_(std::chrono::steady_clock::now())
{
    if (offset > file_.size || length > file_.size - offset) {
        throw Error(ErrorCode::bad_argument, place_,
                    "the range " + std::to_string(offset) + "+" + std::to_string(length) +
                        " lies beyond its " + std::to_string(file_.size) + " bytes");
    }
    if (file_.sha256 && offset == 0 && length == file_.size && !options.hashed_by_caller) {
        hash_.emplace();
    }
    if (length_ > 0) {
        begin();
    }
}

RangeReader::~RangeReader()
{
    end_request();
}

void RangeReader::begin()
{
    if (!url_) {
        url_ = locations_.find(key_);
    }
    request_ =
        session_.get("/" + encode_path(repo_) + "/resolve/" + commit_ + "/" + encode_path(file_.path.text()));
    request_.headers.clear();
    if (url_) {
        request_.url = *url_;
    }
    const std::uint64_t first = offset_ + done_;
    request_.headers.push_back(Header{"Accept", "*/*"});
    request_.headers.push_back(
        Header{"Range", "bytes=" + std::to_string(first) + "-" + std::to_string(offset_ + length_ - 1)});
    request_.stop = stop_;
    session_.prepare(request_, place_, tries_);
    since_ = std::chrono::steady_clock::now();
    arrived_ = false;
    status_ = 0;
    got_ = 0;
    download_ = session_.transport().open(request_);
}

void RangeReader::end_request()
{
    if (download_) {
        session_.trace(request_, status_, got_, since_);
        download_.reset();
    }
}

void RangeReader::forget_address()
{
    locations_.drop(key_);
    url_.reset();
    hops_ = 0;
}

// The body of a refusal or a redirect: read to its end, so that the connection serves again.
std::string RangeReader::read_rest()
{
    std::string body;
    std::array<std::byte, 4096> block;
    while (body.size() < small_body) {
        const auto outcome = download_->read(block);
        const std::size_t* const size = std::get_if<std::size_t>(&outcome);
        if (size == nullptr || *size == 0) {
            break;
        }
        body.append(reinterpret_cast<const char*>(block.data()), *size);
        got_ += *size;
    }
    return body;
}

// Tries again after a pause, or throws what the last try said.
void RangeReader::again(const ReplyHead* reply, const Failure* failure, const Error& otherwise)
{
    end_request();
    // An address that has failed twice in a row is asked for anew.
    if (tries_.count() >= 1) {
        forget_address();
    }
    const Verdict verdict = session_.weigh(reply, failure, request_, tries_);
    if (verdict.kind == Verdict::Kind::give_up) {
        throw otherwise;
    }
    session_.pause(verdict.pause, place_, stop_);
    begin();
}

void RangeReader::follow(const ReplyHead& head)
{
    const auto url = request_.url.resolve(head.header("Location"));
    if (!url || (request_.url.secure && !url->secure)) {
        throw bad_reply(place_, "a redirect to an address that cannot be used");
    }
    if (++hops_ > most_hops) {
        throw bad_reply(place_, "more than " + std::to_string(most_hops) + " redirects");
    }
    if (session_.is_own(request_.url)) {
        check_identity(head);
    }
    read_rest();
    end_request();
    if (!session_.is_own(*url)) {
        locations_.put(key_, *url);
    }
    url_ = *url;
    begin();
}

// The Hub's own headers name what it is about to send: it must be what the listing said.
void RangeReader::check_identity(const ReplyHead& head) const
{
    const auto differs = [&](const std::string& what) {
        return bad_reply(place_, "the Hub offers another " + what + " than its listing");
    };
    const std::string_view commit = head.header("X-Repo-Commit");
    if (!commit.empty() && commit != commit_) {
        throw differs("commit");
    }
    const std::string_view size = head.header("X-Linked-Size");
    if (!size.empty() && parse_number(size) != file_.size) {
        throw differs("size");
    }
    const std::string etag = unquoted(head.header("X-Linked-Etag"));
    if (!etag.empty() && etag != (file_.sha256 ? file_.sha256->hex() : file_.blob_id)) {
        throw differs("hash");
    }
}

std::string RangeReader::find_mismatch(const ReplyHead& head) const
{
    const std::uint64_t first = offset_ + done_, last = offset_ + length_ - 1;
    const std::string_view coding = head.header("Content-Encoding");
    if (!coding.empty() && coding != "identity") {
        return "it is compressed, which was not asked for";
    }
    const std::string_view length = head.header("Content-Length");
    if (!length.empty() && parse_number(length) != last - first + 1) {
        return "its length is not that of the range";
    }
    if (head.status == 200) {
        return first == 0 && last + 1 == file_.size ? "" : "the whole file came in place of a range";
    }
    const std::string exact =
        "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + std::to_string(file_.size);
    const std::string_view range = head.header("Content-Range");
    return range == exact ? "" : "the range came as \"" + safe(range, 80) + "\" and not as \"" + exact + "\"";
}

void RangeReader::refuse(const ReplyHead& head)
{
    Reply reply;
    static_cast<ReplyHead&>(reply) = head;
    reply.body = read_rest();
    const bool own = session_.is_own(request_.url);
    if (head.status == 416) {
        const std::string range(head.header("Content-Range"));
        if (range != "bytes */" + std::to_string(file_.size)) {
            throw bad_reply(place_, "the file has another size than its listing (" + safe(range, 60) + ")");
        }
    }
    const Error refusal = own ? session_.error(reply, place_, repo_) : store_error(reply, place_);
    const bool renewable = !own && (head.status == 400 || head.status == 401 || head.status == 403 ||
                                    head.status == 404 || head.status == 410);
    if (renewable || head.status == 416) {
        // Most likely the signed address has run out; a few times in a row, and it is something else.
        end_request();
        forget_address();
        if (++renewals_ >= session_.settings().attempts) {
            throw refusal;
        }
        if (renewals_ > 1) {
            session_.pause(backoff(renewals_ - 1, session_.settings().first_pause, 0.5), place_, stop_);
        }
        begin();
        return;
    }
    if (!is_passing(head.status)) {
        throw refusal;
    }
    again(&reply, nullptr, refusal);
}

bool RangeReader::arrive()
{
    const auto outcome = download_->wait_head();
    if (const Failure* const failure = std::get_if<Failure>(&outcome)) {
        again(nullptr, failure, failure_error(*failure, place_));
        return false;
    }
    const ReplyHead& head = std::get<ReplyHead>(outcome);
    status_ = head.status;
    if (head.status >= 400) {
        refuse(head);
        return false;
    }
    if (head.status >= 300 && head.has("Location")) {
        follow(head);
        return false;
    }
    if (head.status != 200 && head.status != 206) {
        throw bad_reply(place_, "status " + std::to_string(head.status));
    }
    if (session_.is_own(request_.url)) {
        check_identity(head);
    }
    if (const std::string mismatch = find_mismatch(head); !mismatch.empty()) {
        const std::string_view range = head.header("Content-Range");
        const auto total = parse_number(range.substr(std::min(range.rfind('/'), range.size() - 1) + 1));
        const Error error = bad_reply(place_, mismatch);
        if (head.status == 206 && total && *total != file_.size) {
            throw error; // another file: no second try makes it ours
        }
        forget_address();
        Failure odd;
        odd.kind = FailureKind::lost;
        again(nullptr, &odd, error);
        return false;
    }
    arrived_ = true;
    return true;
}

void RangeReader::count(std::size_t bytes, std::span<const std::byte> content)
{
    done_ += bytes;
    got_ += bytes;
    if (hash_) {
        hash_->add(content);
    }
    if (done_ - done_at_last_progress_ >= progress_bytes) {
        done_at_last_progress_ = done_;
        renewals_ = 0;
        tries_.progress();
    }
    if (done_ == length_) {
        end_request();
        if (hash_ && hash_->finish() != *file_.sha256) {
            locations_.drop(key_);
            throw bad_reply(place_, "its SHA-256 is not that of the listing");
        }
    }
}

std::size_t RangeReader::read(std::span<std::byte> into)
{
    if (done_ == length_ || into.empty()) {
        return 0;
    }
    tries_.extend(std::chrono::steady_clock::now() - left_at_);
    for (;;) {
        session_.require_running(place_);
        if (!download_) {
            begin();
        }
        if (!arrived_ && !arrive()) {
            continue;
        }
        const std::uint64_t left = length_ - done_;
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left));
        const auto outcome = download_->read(into.first(want));
        if (const std::size_t* const size = std::get_if<std::size_t>(&outcome);
            size != nullptr && *size > 0) {
            count(*size, into.first(*size));
            left_at_ = std::chrono::steady_clock::now();
            return *size;
        }
        Failure failure; // no failure at all is a body that ends too early
        failure.text = "the reply ended too early";
        if (const Failure* const said = std::get_if<Failure>(&outcome)) {
            failure = *said;
        }
        again(nullptr, &failure, failure_error(failure, place_));
    }
}

} // namespace skw::hub
