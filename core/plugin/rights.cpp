// SPDX-License-Identifier: Apache-2.0
// Reading plans strictly: what stands here is what an execution may do.
#include "plugin/rights.hpp"

#include "plugin/commands.hpp"
#include "plugin/documents.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace skw::plugin {
namespace {

std::string read_id(const Reader& in, std::set<std::string>& seen)
{
    std::string id = in.string("id");
    if (!is_document_id(id)) {
        in.fault("id", "must be 1 to 128 letters, digits and _ - . : /");
    } else if (!seen.insert(id).second) {
        in.fault("id", "stands twice");
    }
    return id;
}

// Ids of a list must have been declared.
void check_references(const Reader& in, std::string_view member, const std::set<std::string>& known)
{
    for (const std::string& id : in.strings(member)) {
        if (!known.contains(id)) {
            in.fault(member, "names " + python_repr(id) + ", which the plan does not have before it");
        }
    }
}

std::optional<RepoId> read_repo(const Reader& in)
{
    std::optional<RepoId> repo = RepoId::parse(in.string("repo"));
    if (!repo) {
        in.fault("repo", "must look like owner/name");
    }
    return repo;
}

class PlanReader {
public:
    PlanReader(const Reader& in, const Candidate& plugin) : in_(in), plugin_(plugin) {}

    Rights read()
    {
        for (const Reader& line : elements(in_, "summary", true)) {
            check_line(line, "label");
            check_line(line, "value");
        }
        read_inputs();
        read_outputs();
        read_mirrors();
        read_folders();
        const Reader target = in_.object("target");
        read_repo(target);
        check_line(target, "commit_message");
        tools_ = read_tools();
        read_steps();
        read_card();
        for (const std::string& warning : in_.strings("warnings")) {
            if (!is_one_line(warning)) {
                in_.fault("warnings", "must be single lines");
            }
        }
        if (const std::optional<Reader> done = in_.find_object("up_to_date")) {
            read_up_to_date(*done);
        }
        return std::move(rights_);
    }

private:
    void check_line(const Reader& in, std::string_view member)
    {
        if (!is_one_line(in.string(member))) {
            in.fault(member, "must be one line without control characters");
        }
    }

    void read_inputs()
    {
        for (const Reader& in : elements(in_, "inputs", true)) {
            const std::string id = read_id(in, input_ids_);
            const std::optional<RepoId> repo = read_repo(in);
            std::optional<CommitId> revision;
            if (const std::optional<std::string> text = in.find_string("revision")) {
                revision = CommitId::parse(*text);
                if (!revision) {
                    in.fault("revision", "must be null or a full commit id");
                }
            }
            if (repo) {
                rights_.inputs.insert_or_assign(
                    id,
                    PlannedInput{.repo = *repo, .revision = revision, .patterns = in.strings("patterns")});
            }
        }
    }

    void read_outputs()
    {
        for (const Reader& in : elements(in_, "outputs", true)) {
            const std::string id = read_id(in, output_ids_);
            read_repo(in);
            const std::optional<RepoPath> path = RepoPath::parse(in.string("path"));
            if (!path) {
                in.fault("path", "must be a path inside a repository");
            }
            const std::string file = in.string("file");
            if (!is_staged_name(file)) {
                in.fault("file", "must be a plain file name below the scratch root");
            } else if (!staged_.insert(file).second) {
                in.fault("file", "stands twice");
            }
            if (path) {
                rights_.outputs.insert_or_assign(
                    id, PlannedOutput{.path = *path, .file = file, .size = in.find_size("size")});
            }
        }
    }

    void read_mirrors()
    {
        for (const Reader& in : elements(in_, "mirrors", false)) {
            const std::string input = in.string("input");
            if (!input_ids_.contains(input)) {
                in.fault("input", "must be an input of the plan");
            } else if (!rights_.mirrors.insert(input).second) {
                in.fault("input", "stands twice");
            }
            for (const std::string& glob : in.strings("prune")) {
                if (glob.size() > 1024 || !is_one_line(glob)) {
                    in.fault("prune", "must be patterns of paths");
                }
            }
        }
    }

    void read_folders()
    {
        for (const std::string& name : in_.strings("folders")) {
            if (!is_staged_name(name)) {
                in_.fault("folders", "must be plain names below the scratch root");
            } else if (!staged_.insert(name).second) {
                in_.fault("folders", "name " + python_repr(name) + ", which stands twice");
            } else {
                rights_.folders.insert(name);
            }
        }
    }

    std::set<std::string> read_tools()
    {
        const std::vector<std::string> names = in_.strings("tools");
        for (const std::string& name : names) {
            if (std::find(plugin_.tools.begin(), plugin_.tools.end(), name) == plugin_.tools.end()) {
                in_.fault("tools", "names " + python_repr(name) + ", which the manifest does not list");
            }
        }
        return {names.begin(), names.end()};
    }

    void read_steps()
    {
        std::set<std::string> steps;
        for (const Reader& in : elements(in_, "steps", true)) {
            check_references(in, "depends_on", steps);
            const std::string id = read_id(in, steps);
            check_line(in, "title");
            in.string("kind");
            check_references(in, "inputs", input_ids_);
            check_references(in, "outputs", output_ids_);
            check_references(in, "tools", tools_);
            in.find_size("total");
            if (std::optional<PlannedCommand> command = read_command(in, tools_, rights_.folders)) {
                check_upload(in, *command);
                rights_.commands.insert_or_assign(id, *std::move(command));
            }
            add_scratch(in);
        }
    }

    // A tool that uploads makes the target's content alone: the host could not commit beside it.
    void check_upload(const Reader& in, const PlannedCommand& command)
    {
        if (!command.uploads) {
            return;
        }
        if (uploads_) {
            in.fault("uploads", "stands in two steps");
        } else if (!rights_.outputs.empty() || !rights_.mirrors.empty()) {
            in.fault("uploads", "does not go with outputs or mirrors");
        }
        uploads_ = true;
    }

    void add_scratch(const Reader& in)
    {
        const std::optional<std::uint64_t> bytes = in.find_size("scratch_bytes");
        if (!bytes && in.value().is_object() && in.value().get_object().contains("scratch_bytes")) {
            rights_.scratch_bytes.reset(); // null: the step cannot tell
        } else if (bytes && rights_.scratch_bytes) {
            // find_size gives at most 2^63 - 1, so two of them fit.
            rights_.scratch_bytes = std::min(*rights_.scratch_bytes + *bytes, (std::uint64_t{1} << 63) - 1);
        }
    }

    void read_card()
    {
        const Reader card = in_.object("card");
        check_line(card, "artifact_type");
        check_line(card, "target_model");
        check_line(card, "source_repo"); // a catalog may name a source that is no Hub repository
        card.find_string("quant");
        const std::optional<std::string> relation = card.find_string("base_model_relation");
        if (relation && *relation != "adapter" && *relation != "finetune" && *relation != "merge" &&
            *relation != "quantized") {
            card.fault("base_model_relation", "must be null, adapter, finetune, merge or quantized");
        }
        card.strings("tags");
        card.string("about");
        card.string("usage");
    }

    void read_up_to_date(const Reader& done)
    {
        const std::vector<std::string> messages = done.strings("messages");
        if (messages.empty() || !std::all_of(messages.begin(), messages.end(), is_one_line)) {
            done.fault("messages", "must be one or more single lines");
        }
        if (!elements(in_, "steps", true).empty()) {
            in_.fault("steps", "must be empty when nothing is left to do");
        }
    }

    const Reader& in_;
    const Candidate& plugin_;
    Rights rights_;
    std::set<std::string> input_ids_, output_ids_, tools_;
    std::set<std::string> staged_; // names below the scratch root
    bool uploads_ = false;
};

} // namespace

Rights read_plan(const json::value& plan, const Candidate& plugin, std::string_view kind)
{
    DocumentCheck check(plan, plugin, "skw.plan/1");
    const Reader& in = check.in();
    if (in.string("kind") != kind) {
        in.fault("kind", "must be the kind that was asked for");
    }
    Rights rights;
    if (!in.has("configured")) {
        in.fault("configured", "is missing");
    } else if (in.boolean("configured", true)) {
        rights = PlanReader(in, plugin).read();
    } else if (!is_one_line(in.string("message"))) {
        in.fault("message", "must be one line without control characters");
    }
    check.finish();
    return rights;
}

} // namespace skw::plugin
