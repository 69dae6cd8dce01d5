// SPDX-License-Identifier: Apache-2.0
// The manual page skulk-weights(1), made from the table of commands.
#include "cli/manual_text.hpp"

#include "cli/command.hpp"
#include "support/version.hpp"

#include <array>
#include <span>
#include <string_view>

namespace skw::cli {
namespace {

struct Term {
    std::string_view name, meaning;
};

constexpr std::array variables = {
    Term{"HF_TOKEN",
         "token of the Hub; a real publish takes no other, and needs one that may write to the target"},
    Term{"HF_TOKEN_PATH, HF_HOME", "where a stored login lies; used for reading only"},
    Term{"HF_ENDPOINT", "address of the Hub (default: https://huggingface.co)"},
    Term{"SKULK_WEIGHTS_SCRATCH", "folder for intermediate files (default: ./.scratch)"},
    Term{"SKULK_WEIGHTS_COLLECTION",
         "collection of vindexes instead of the entry's, as owner/slug; none = file nothing"},
    Term{"SKULK_WEIGHTS_TOOL_IDLE_SECONDS",
         "how long a tool may neither print nor compute before it is ended (default: 900)"},
    Term{"HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "proxies, also in lower case"},
    Term{"SSL_CERT_FILE, SSL_CERT_DIR, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE",
         "certificates to trust instead of the system's"},
    Term{"NO_COLOR", "if not empty: no colours"},
    Term{"TERM", "dumb = no line of a terminal is drawn anew"},
    Term{"SKW_KERNELS",
         "the row kernels to convert with instead of the fastest that run here, such as reference"}};

constexpr std::array files = {
    Term{"./skulk-weights.yaml", "the operator's configuration, in the folder the program is run in"},
    Term{"$XDG_CONFIG_HOME/skulk-weights/foxlight.yaml",
         "the user's additions to the built-in catalog (default folder: ~/.config)"},
    Term{"../share/skulk-weights/catalog/foxlight.yaml",
         "the built-in catalog, seen from the program's folder"},
    Term{"../share/skulk-weights/schemas/", "a JSON Schema for each document that --json prints"},
    Term{"../lib/skulk-weights/plugins/", "the plugins, a folder each"}};

// Text of a page: a backslash, a dash that is to be copied, and a dot or an apostrophe that begins a line.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char letter : text) {
        const bool begins = out.empty();
        switch (letter) {
        case '\\': out += "\\e"; break;
        case '-': out += "\\-"; break;
        case '\'': out += "\\(aq"; break;
        case '`': out += "\\(ga"; break;
        case '~': out += "\\(ti"; break;
        case '^': out += "\\(ha"; break;
        case '\n': out += ' '; break;
        default: out += begins && letter == '.' ? "\\&." : std::string(1, letter);
        }
    }
    return out;
}

// An argument of a macro: one word, whatever is in it.
std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char letter : escaped(text)) {
        out += letter == '"' ? "\\(dq" : std::string(1, letter);
    }
    return out + "\"";
}

std::string term(std::string_view name, std::string_view meaning)
{
    return ".TP\n.B " + quoted(name) + "\n" + escaped(meaning) + "\n";
}

std::string option_rows(std::span<const Option> options)
{
    std::string out;
    for (const Option& option : options) {
        std::string name = option.letter != 0 ? std::string{'-', option.letter} + ", " : "";
        name += "--" + std::string(option.name);
        out += ".TP\n\\fB" + escaped(name) + "\\fR" +
               (option.value.empty() ? "" : " \\fI" + escaped(option.value) + "\\fR") + "\n" +
               escaped(option.help) + "\n";
    }
    return out;
}

std::string exit_rows(std::span<const ExitNote> notes)
{
    std::string out;
    for (const ExitNote& note : notes) {
        out += term(std::to_string(note.code), note.meaning);
    }
    return out;
}

std::string example_rows(std::span<const Example> examples)
{
    std::string out;
    for (const Example& example : examples) {
        out += ".PP\n" + escaped(example.meaning) + ":\n.PP\n.RS 4\n.nf\n" + escaped(example.line) +
               "\n.fi\n.RE\n";
    }
    return out;
}

std::string command_section(const Command& command)
{
    std::string name(command.path);
    name += command.positional.empty() ? "" : " " + std::string(command.positional);
    std::string out = ".SS " + quoted(name) + "\n" + escaped(command.summary) + ".\n";
    out += option_rows(command.options);
    if (!command.exits.empty()) {
        out += ".PP\nExit codes besides those of every command:\n" + exit_rows(command.exits);
    }
    return out + example_rows(command.examples);
}

template<std::size_t N>
std::string terms(std::string_view head, const std::array<Term, N>& table)
{
    std::string out = ".SH " + std::string(head) + "\n";
    for (const Term& one : table) {
        out += term(one.name, one.meaning);
    }
    return out;
}

} // namespace

std::string manual_text()
{
    std::string out =
        ".\\\" Written by `skulk-weights manual` from the table of commands.\n"
        ".TH SKULK\\-WEIGHTS 1 \"\" \"skulk\\-weights " SKW_VERSION "\" \"User Commands\"\n"
        ".SH NAME\nskulk\\-weights \\- publish the weights that Skulk loads from the Hugging Face Hub\n"
        ".SH SYNOPSIS\n.B skulk\\-weights\n[\\fB\\-\\-config\\fR \\fIPATH\\fR | "
        "\\fB\\-\\-manifest\\fR \\fIPATH\\fR] \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n.br\n"
        ".B skulk\\-weights \\-\\-version\n[\\fB\\-\\-json\\fR]\n"
        ".SH DESCRIPTION\n"
        "Models stand in catalogs, an entry each. \\fBskulk\\-weights publish\\fR makes the artifacts\n"
        "of an entry, such as a vindex or a sidecar with MTP heads, and puts them on the Hub with a\n"
        "model card, into a public repository that belongs to a collection. The other commands look\n"
        "after catalogs, plugins, scratch files and the machine. How an artifact is made is the matter\n"
        "of its plugin.\n.PP\n"
        "Results are printed on stdout, everything else on stderr. Two commands ask before they act,\n"
        "and read a line of stdin: \\fBcatalog add\\fR and \\fBscratch clean\\fR. The question stands on\n"
        "stderr on a terminal and with \\fB\\-\\-json\\fR, else on stdout; \\fB\\-\\-yes\\fR avoids it, and "
        "no answer\n"
        "is a no. Documents of \\fB\\-\\-json\\fR are described by \\fBskulk\\-weights schema\\fR.\n"
        ".SH OPTIONS\nIn front of the command:\n";
    out += option_rows(global_options());
    out +=
        ".TP\n\\fB\\-\\-version\\fR\nshow the versions of the program, its plugin interface and its plugins\n"
        ".PP\nIn front of the command or behind it:\n";
    out += option_rows(common_options());
    out += ".PP\nAn option is never abbreviated. A value that begins with a dash is written "
           "\\fB\\-\\-option=value\\fR.\n.SH COMMANDS\n";
    for (const Command* command : all_commands()) {
        out += command->hidden ? "" : command_section(*command);
    }
    out += ".SH \"EXIT STATUS\"\n" + exit_rows(common_exits());
    out += ".PP\nOther codes stand with their commands. Treat one that is not named as a failure.\n";
    out += terms("ENVIRONMENT", variables) + terms("FILES", files);
    out += ".SH EXAMPLES\n";
    static constexpr std::array examples = {
        Example{"skulk-weights catalog list", "See what can be published"},
        Example{"skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp --dry-run",
                "Look at a plan"},
        Example{"HF_TOKEN=hf_... skulk-weights publish --model foxlight/qwen3-5-9b-full-q4-k --artifact mtp",
                "Carry it out"}};
    out += example_rows(examples);
    out += ".SH \"SEE ALSO\"\n"
           "The pages below \\fI../share/doc/skulk\\-weights\\fR, seen from the program\\(aqs folder.\n";
    return out;
}

} // namespace skw::cli
