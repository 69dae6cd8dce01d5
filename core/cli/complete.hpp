// SPDX-License-Identifier: Apache-2.0
// What a shell may offer for the last word of a command line, from the same tables that parse it.
#pragma once

#include "cli/command.hpp"

#include <functional>
#include <string>
#include <vector>

namespace skw::cli {

struct Candidate {
    std::string word; // all of the word, also what was typed of it already: "--artifact=mtp"
    std::string help; // one line, may be empty
};

struct Completion {
    enum class Paths { none, files, folders };
    Paths paths =
        Paths::none; // the shell offers these itself; in "--config=a" for what stands behind the "="
    std::vector<Candidate> candidates;
};

// Where names come from that are in no table. Each is asked only if its names are wanted; one that cannot
// tell gives none, and throws nothing.
struct Names {
    std::function<std::vector<Candidate>(const std::string& config, const std::string& manifest)> keys;
    std::function<std::vector<Candidate>()> artifacts; // usable kinds
    std::function<std::vector<Candidate>()> plugins;   // ids and kinds
    std::function<std::vector<Candidate>()> fields;    // of artifact kinds
    std::function<std::vector<Candidate>()> schemas;
};

// words: all behind the program's name up to the cursor, without quotes; the last one, "" after a blank, is
// the one to complete. Candidates are not compared with it, except for the part in front of an "=" or a
// comma.
Completion complete(const std::vector<std::string>& words, const Names& names);

// Leaves the candidates that begin with the word, or else, with `anywhere`, hold it, whatever their case: for
// shells that match so themselves.
void keep_matching(std::vector<Candidate>& candidates, const std::string& word, bool anywhere);

} // namespace skw::cli
