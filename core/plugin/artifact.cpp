// SPDX-License-Identifier: Apache-2.0
// One artifact kind of a loaded plugin, as values and errors.
#include "plugin/host.hpp"

#include "plugin/documents.hpp"
#include "plugin/execution.hpp"
#include "plugin/folders.hpp"
#include "plugin/loader.hpp"
#include "plugin/operation.hpp"
#include "plugin/rights.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <optional>

namespace skw::plugin {
namespace {

// Whatever the outcome of a call, nothing stays open: an output that is not finished is dropped here.
struct Closer {
    Operation& operation;
    ExecutionServices& services;
    ~Closer()
    {
        for (const std::string& left : services.handles.close_all()) {
            operation.log(SKW_LOG_DEBUG, "the plugin left a handle open: " + left);
        }
    }
};

class LoadedArtifact final : public Artifact {
public:
    LoadedArtifact(const Candidate& candidate, const Kind& kind)
        : candidate_(candidate),
          kind_(kind),
          table_(load_plugin(candidate).artifact)
    {
        Operation operation(candidate_, Phase::create, nullptr, {});
        operation.run([&](skw_call* call, const skw_sink*) {
            return table_->create(call, kind_.name.data(), kind_.name.size(), nullptr, 0, &instance_);
        });
        if (instance_ == nullptr) {
            throw Error(ErrorCode::contract, "plugin " + candidate_.id,
                        "made no instance and did not say why");
        }
    }
    ~LoadedArtifact() override { table_->destroy(instance_); }
    LoadedArtifact(const LoadedArtifact&) = delete;
    LoadedArtifact& operator=(const LoadedArtifact&) = delete;

    const Kind& kind() const override { return kind_; }
    const Candidate& plugin() const override { return candidate_; }
    bool can_execute() const override { return SKW_HAS(skw_artifact, table_, execute); }
    bool can_doctor() const override { return SKW_HAS(skw_artifact, table_, doctor); }
    bool can_inspect() const override { return SKW_HAS(skw_artifact, table_, inspect); }

    json::value describe() override
    {
        Operation operation(candidate_, Phase::describe, nullptr, {});
        const std::string text =
            operation.run([&](skw_call* call, const skw_sink* out) { return table_->describe(call, out); });
        json::value document = parse_plugin_document(text, candidate_, "skw.describe/1");
        check_describe(document, candidate_);
        return document;
    }

    std::vector<Finding> validate(const json::object& entry) override
    {
        Operation operation(candidate_, Phase::validate, nullptr, {});
        std::string text = ask(operation, table_->validate, json::serialize(entry));
        // Of a large catalog nearly every answer is the same empty list.
        if (findings_text_ != text) {
            findings_ = read_findings(parse_plugin_document(text, candidate_, "skw.findings/1"), candidate_);
            findings_text_ = std::move(text);
        }
        return findings_;
    }

    json::value plan(const json::value& request) override
    {
        Operation operation(candidate_, Phase::plan, nullptr, {});
        const std::string text = ask(operation, table_->plan, json::serialize(request));
        json::value document = parse_plugin_document(text, candidate_, "skw.plan/1");
        read_plan(document, candidate_, kind_.name);
        return document;
    }

    json::value doctor(const json::value& request, Events* events, std::stop_token stop) override
    {
        require(can_doctor(), "has no checks of its own");
        Operation operation(candidate_, Phase::doctor, events, std::move(stop));
        const std::string text = ask(operation, table_->doctor, json::serialize(request));
        json::value document = parse_plugin_document(text, candidate_, "skw.checks/1");
        check_checks(document, candidate_);
        return document;
    }

    json::value inspect(const InspectRequest& request) override
    {
        require(can_inspect(), "cannot look into a repository");
        if (request.sources == nullptr) {
            throw Error(ErrorCode::bad_argument, "inspect", "there are no sources to read from");
        }
        Rights rights; // to read the one input; there is no scratch room, so the root is never touched
        rights.inputs.emplace("source", PlannedInput{request.repo, request.revision, {}});
        ExecutionServices services(std::move(rights), *request.sources, "/", candidate_.id, "inspect");
        Operation operation(candidate_, Phase::inspect, request.events, request.stop, &services);
        const Closer closer{operation, services};
        json::object asked;
        asked["schema"] = "skw.inspect_request/1";
        asked["kind"] = kind_.name;
        asked["input"] = json::object{
            {"id", "source"}, {"repo", request.repo.text()}, {"revision", request.revision.text()}};
        asked["options"] = request.options;
        if (!request.host.empty()) {
            asked["host"] = request.host;
        }
        const std::string text = ask(operation, table_->inspect, json::serialize(asked));
        json::value document = parse_plugin_document(text, candidate_, "skw.inspection/1");
        check_inspection(document, candidate_);
        return document;
    }

    Execution execute(const ExecuteRequest& request) override
    {
        require(can_execute(), "can plan this artifact, but not make it");
        if (request.sources == nullptr) {
            throw Error(ErrorCode::bad_argument, "execute", "there are no sources to read from");
        }
        Rights rights = read_plan(request.plan, candidate_, kind_.name);
        require(request.plan.at("configured").as_bool(), "has no plan for this entry");
        Execution done;
        done.lease = lease_scratch_root(request.scratch_root);
        const std::string plan = name_of_plan(request.plan);
        done.folders = prepare_folders(rights, read_kept_folders(request.scratch_root, candidate_.id, plan),
                                       request.scratch_root, request.shown_scratch, request.replace_folders);
        ExecutionServices services(std::move(rights), *request.sources, request.scratch_root, candidate_.id,
                                   plan);
        if (request.replace_folders) {
            services.scratch.forget_folders();
        }
        services.processes.emplace(
            ToolSettings{.plugin = candidate_,
                         .rights = services.rights,
                         .root = services.root,
                         .private_folder = [&services] { return services.scratch.path(); },
                         .hashes = services.hashes,
                         .target = request.target,
                         .idle_limit = request.idle_limit});
        done.result = run_execute(request, services);
        done.outputs = finish(services, done.result);
        done.mirrored = services.mirrors.take();
        done.uploaded = services.processes->uploaded();
        done.card = services.card.take();
        services.staging.release();
        if (done.uploaded) {
            // Not over yet: the caller compares first, and goes on from here should that fail.
            done.folders.push_back(services.scratch.path());
        } else {
            services.scratch.succeeded();
        }
        return done;
    }

private:
    using Slot = skw_status(SKW_CALL*)(skw_instance*, skw_call*, const char*, std::uint64_t, const skw_sink*);

    std::string ask(Operation& operation, Slot slot, const std::string& document) const
    {
        return operation.run([&](skw_call* call, const skw_sink* out) {
            return slot(instance_, call, document.data(), document.size(), out);
        });
    }

    void require(bool able, std::string_view otherwise) const
    {
        if (!able) {
            throw Error(ErrorCode::unsupported, "plugin " + candidate_.id, std::string(otherwise));
        }
    }

    json::value run_execute(const ExecuteRequest& request, ExecutionServices& services) const
    {
        Operation operation(candidate_, Phase::execute, request.events, request.stop, &services);
        const Closer closer{operation, services};
        const std::string text = ask(operation, table_->execute, json::serialize(request.plan));
        return parse_plugin_document(text, candidate_, "skw.result/1");
    }

    std::vector<StagedOutput> finish(ExecutionServices& services, const json::value& result) const
    {
        try {
            std::vector<StagedOutput> outputs = services.staging.complete();
            check_result(result, candidate_, outputs);
            const json::object* object = result.if_object();
            const json::value* card = object != nullptr ? object->if_contains("card") : nullptr;
            if (card != nullptr && !card->is_null()) {
                services.card.merge(*card);
            }
            return outputs;
        } catch (const Error& error) {
            const std::string plugin = "plugin " + candidate_.id;
            throw error.place().starts_with(plugin) ? error : error.inside(plugin);
        }
    }

    const Candidate candidate_;
    const Kind kind_;
    const skw_artifact* table_;
    skw_instance* instance_ = nullptr;
    std::optional<std::string> findings_text_; // the last answer of validate,
    std::vector<Finding> findings_;            // and what it says
};

} // namespace

std::unique_ptr<Artifact> load_artifact(const Candidate& candidate, std::string_view kind)
{
    const auto offered = std::find_if(candidate.kinds.begin(), candidate.kinds.end(),
                                      [kind](const Kind& known) { return known.name == kind; });
    if (offered == candidate.kinds.end()) {
        throw Error(ErrorCode::bad_argument, "plugin " + candidate.id,
                    "does not make the kind " + std::string(kind));
    }
    return std::make_unique<LoadedArtifact>(candidate, *offered);
}

} // namespace skw::plugin
