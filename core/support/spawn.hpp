// SPDX-License-Identifier: Apache-2.0
// The start of another program: what it inherits is said here in full, and nothing else reaches it.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace skw {

// A file descriptor that is closed at the end; -1: none.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) noexcept : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() { close(); }
    int get() const noexcept { return fd_; }
    bool open() const noexcept { return fd_ >= 0; }
    int release() noexcept { return std::exchange(fd_, -1); }
    void close() noexcept;

private:
    int fd_ = -1;
};

struct Program {
    std::string path;                     // absolute
    std::vector<std::string> words;       // the first is the name it is called by; messages use it
    std::vector<std::string> environment; // "NAME=value", all there is
};

struct Spawned {
    pid_t pid = -1;      // also the id of its process group; whoever gets it has to reap it
    Descriptor out, err; // our ends; reading does not block
};

// Starts the program without a shell: words and environment exactly as given, our working directory, empty
// standard input, pipes for the other two, no other descriptor, a session and process group of its own
// without a terminal, all signals as the system sets them. It dies with the calling thread. Throws Error:
// not_found, bad_argument (a word or variable that cannot be passed on), io.
Spawned spawn(const Program& program);

} // namespace skw
