// SPDX-License-Identifier: Apache-2.0
// `scratch clean`: deletes the scratch root, and refuses whatever may be somebody's own.
#include "publish/scratch_items.hpp"

#include "cli/commands.hpp"
#include "cli/confirm.hpp"
#include "cli/context.hpp"
#include "plugin/scratch_root.hpp"
#include "support/files.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <iterator>

namespace skw::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_named = 5; // foreign names in a message

Error refusal(const std::string& path, const std::string& reason, const std::string& hint)
{
    return Error(ErrorCode::bad_input, "", "refusing to delete " + printable(path) + ": " + reason, hint);
}

// Whether `inner` lies in `outer`, or is it.
bool holds(const fs::path& outer, const fs::path& inner)
{
    return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

fs::path resolved(const fs::path& path)
{
    std::error_code failure;
    fs::path real = fs::weakly_canonical(path, failure);
    if (failure) {
        throw Error(ErrorCode::io, printable(path.native()), "cannot be looked at: " + failure.message());
    }
    return real.has_filename() || real == real.root_path() ? real : real.parent_path();
}

// Contract 1.7, step 2. A folder in which the home folder lies is as broad as that itself.
void refuse_broad(const fs::path& real, const hub::Environment& environment)
{
    std::error_code gone;
    const fs::path here = fs::current_path(gone);
    std::vector<fs::path> homes;
    for (const std::string& home : {environment("HOME").value_or(""), expand_home("~")}) {
        if (fs::path(home).is_absolute()) {
            homes.push_back(resolved(home));
        }
    }
    const auto components = std::distance(real.begin(), real.end()); // "/" is one
    if (components < 3 || (!gone && holds(real, here)) || std::ranges::find(homes, real) != homes.end()) {
        throw refusal(real, "path is too broad (home, root, cwd, ancestor of cwd, or top-level)",
                      "name the scratch folder itself with --scratch");
    }
    if (std::ranges::any_of(homes, [&](const fs::path& home) { return holds(real, home); })) {
        throw refusal(real, "path is too broad (the home folder lies in it)",
                      "name the scratch folder itself with --scratch");
    }
}

void refuse_foreign(const plugin::Tree& root)
{
    const std::vector<std::string> foreign = publish::foreign_names(root);
    if (foreign.empty()) {
        return;
    }
    std::string names;
    for (std::size_t i = 0; i < std::min(most_named, foreign.size()); ++i) {
        names += (i == 0 ? "" : ", ") + python_repr(printable(foreign[i], 100));
    }
    if (foreign.size() > most_named) {
        names += " and " + std::to_string(foreign.size() - most_named) + " more";
    }
    throw refusal(root.path(), "it is no scratch folder of this program, for it holds " + names,
                  "move these elsewhere, or delete the folder by hand");
}

[[noreturn]] void refuse_leased(const plugin::Tree& root)
{
    throw Error(ErrorCode::conflict, "",
                "refusing to delete " + printable(root.path().native()) + ": another run is using it",
                "wait for it, or end it, then run the same command again");
}

// All that may stand in the way of deleting it, before anything is deleted.
plugin::TreeSize check_tree(const plugin::Tree& root)
{
    refuse_foreign(root);
    try {
        return root.measure();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) {
            throw;
        }
        throw refusal(root.path(), std::string(error.place()) + " " + std::string(error.reason()),
                      std::string(error.hint()));
    }
}

json::object document(const std::string& root, std::string_view result, const plugin::TreeSize& size)
{
    return {{"schema", "skw.scratch.clean/1"}, {"root", root},          {"result", result},
            {"files", size.files},             {"folders", size.folders}, {"links", size.links},
            {"bytes", size.bytes}};
}

int finish(Output& output, const std::string& shown, std::string_view result, const std::string& line,
           const plugin::TreeSize& size = {})
{
    output.text(line + "\n");
    output.document(document(shown, result, size));
    return exit_code::ok;
}

plugin::Tree open_root(const fs::path& real, const std::string& shown)
{
    std::error_code ignored;
    if (fs::is_symlink(fs::symlink_status(shown, ignored))) {
        throw refusal(shown, "it is a symbolic link, to " + printable(real.native()),
                      "name the folder that it leads to, or remove the link by hand");
    }
    try {
        return plugin::Tree(real);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::bad_input) {
            throw;
        }
        throw refusal(shown, "it " + std::string(error.reason()), std::string(error.hint()));
    }
}

int run(const Arguments& arguments, Context& context)
{
    Output& output = context.output();
    const std::string shown = context.scratch_root(arguments.get("scratch"));
    const fs::path real = resolved(Context::absolute_scratch(shown));
    refuse_broad(real, context.environment());
    std::error_code ignored;
    if (fs::symlink_status(shown, ignored).type() == fs::file_type::not_found) {
        return finish(output, shown, "absent", "scratch directory does not exist: " + shown);
    }
    plugin::Tree root = open_root(real, shown);
    if (plugin::is_leased(root.descriptor())) {
        refuse_leased(root);
    }
    check_tree(root);
    if (!arguments.has("yes") && !confirm("Delete " + shown + "? [y/N] ", output, context.stop())) {
        return finish(output, shown, "aborted", "aborted");
    }
    // From here on no other run begins in it, and what has come in meanwhile is looked at as well.
    if (!plugin::take_lease(root.descriptor())) {
        refuse_leased(root);
    }
    const plugin::TreeSize size = check_tree(root);
    // The marker goes last: if this ends half way, the next try still knows the folder by it.
    root.remove_content(context.stop(), plugin::scratch_marker);
    if (root.is_mount_point()) {
        return finish(output, shown, "emptied",
                      "emptied " + shown + "; the folder itself is a mount point and stays", size);
    }
    root.remove_root();
    return finish(output, shown, "deleted", "deleted " + shown, size);
}

} // namespace

const Command scratch_clean{
    "scratch clean",
    "delete the scratch root with all its content",
    "",
    {{"scratch", "PATH", "the scratch root (default: $SKULK_WEIGHTS_SCRATCH, else ./.scratch)", 0, false,
      Values::folders},
     {"yes", "", "do not ask", 'y'}},
    {{"skulk-weights scratch clean", "ask, then delete ./.scratch; unfinished runs begin anew then"},
     {"skulk-weights scratch clean --scratch /mnt/big/scratch --yes", "without asking"}},
    run};

} // namespace skw::cli
