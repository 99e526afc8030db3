// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workflow/phase_graph.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "tradewind/base/guard.hpp"
#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::workflow {
namespace {

constexpr const char* kPhaseSchema = "tradewind.phase/1";

/// Names along a cycle that can be reached from `name`, or empty. `cleared` holds the phases from which none can be: each is looked at
/// once.
std::string cycle_from(const std::map<std::string, const Phase*>& by_name, const std::string& name, std::vector<std::string>& path,
                       std::set<std::string>& cleared) {
  if (cleared.contains(name)) return {};
  if (const auto at = std::find(path.begin(), path.end(), name); at != path.end()) {
    std::vector<std::string> cycle(at, path.end());
    cycle.push_back(name);
    return fmt::format("{}", fmt::join(cycle, " → "));
  }
  path.push_back(name);
  for (const std::string& need : by_name.at(name)->needs)
    if (std::string found = cycle_from(by_name, need, path, cleared); !found.empty()) return found;
  path.pop_back();
  cleared.insert(name);
  return {};
}

std::string text_of(const Json& entry, const char* key) {
  return entry.contains(key) && entry[key].is_string() ? entry[key].get<std::string>() : std::string();
}

/// The run of all phases.
class Runner {
 public:
  Runner(const std::vector<Phase>& phases, const PhaseOptions& options) : phases_(phases), options_(options) {}

  Result<PhaseReport> run();

 private:
  struct Ended {
    std::optional<Json> result;
    std::optional<Error> error;
    std::string status;
  };
  PhaseResults needed_by(const Phase& phase) const;
  std::string fingerprint(const Phase& phase, const PhaseResults& needed) const;
  std::optional<Json> stored(const Phase& phase, const std::string& fingerprint) const;
  Ended run_one(const Phase& phase, const PhaseResults& needed);
  void tell(const std::string& phase, const std::string& status, const std::string& message = {});
  bool cancelled() const { return options_.cancellation != nullptr && options_.cancellation->requested(); }
  void start_ready(std::vector<std::thread>& threads, std::vector<const Phase*>& here);
  void do_phase(const Phase& phase, const PhaseResults& needed);

  const std::vector<Phase>& phases_;
  const PhaseOptions& options_;
  const Cancellation never_;
  std::mutex telling_;
  std::mutex mutex_;  ///< of what follows
  std::condition_variable one_ended_;
  std::set<std::string> started_;
  std::map<std::string, Ended> ended_;
  bool failed_ = false;
  PhaseReport report_;
};

PhaseResults Runner::needed_by(const Phase& phase) const {
  PhaseResults needed;
  for (const std::string& name : phase.needs) needed[name] = report_.results.at(name);
  return needed;
}

std::string Runner::fingerprint(const Phase& phase, const PhaseResults& needed) const {
  Sha256 hash;
  hash.update(TRADEWIND_VERSION);
  hash.update(phase.name);
  hash.update(dump_json(phase.settings));
  for (const auto& [name, result] : needed) hash.update(name + dump_json(result));
  return hash.hex();
}

std::optional<Json> Runner::stored(const Phase& phase, const std::string& fingerprint) const {
  const auto text = read_file(options_.journal / (phase.name + ".json"));
  if (!text) return std::nullopt;
  Json entry = read_json(*text);
  if (entry.is_discarded() || !entry.is_object() || text_of(entry, "fingerprint") != fingerprint || !entry.contains("result"))
    return std::nullopt;
  if (text_of(entry, "sha256") != sha256_hex(dump_json(entry["result"]))) return std::nullopt;  // the file was damaged
  if (phase.still_there && !phase.still_there(entry["result"])) return std::nullopt;
  return std::move(entry["result"]);
}

void Runner::tell(const std::string& phase, const std::string& status, const std::string& message) {
  if (!options_.on_change) return;
  const std::lock_guard lock(telling_);
  options_.on_change(phase, status, message);
}

Runner::Ended Runner::run_one(const Phase& phase, const PhaseResults& needed) {
  const std::string print = fingerprint(phase, needed);
  if (auto result = stored(phase, print)) {
    tell(phase.name, "resumed");
    return {std::move(result), std::nullopt, "resumed"};
  }
  tell(phase.name, "running");
  auto result = phase.run(needed, options_.cancellation != nullptr ? *options_.cancellation : never_);
  Status kept;
  if (result)
    kept = write_file_durable(options_.journal / (phase.name + ".json"), dump_json({{"schema", kPhaseSchema},
                                                                                    {"phase", phase.name},
                                                                                    {"fingerprint", print},
                                                                                    {"sha256", sha256_hex(dump_json(*result))},
                                                                                    {"result", *result}},
                                                                                   1) +
                                                                             "\n");
  if (!result || !kept) {
    const Error& error = result ? kept.error() : result.error();
    tell(phase.name, error.code() == Errc::interrupted ? "interrupted" : "failed", error.message());
    return {std::nullopt, error.with_context(fmt::format("phase '{}'", phase.name)), "failed"};
  }
  tell(phase.name, "done");
  return {std::move(*result), std::nullopt, "done"};
}

void Runner::do_phase(const Phase& phase, const PhaseResults& needed) {
  Ended ended;
  const Status whole = guarded([&]() -> Status { return ended = run_one(phase, needed), Status(); });
  if (!whole) ended = {std::nullopt, whole.error().with_context(fmt::format("phase '{}'", phase.name)), "failed"};
  const std::lock_guard lock(mutex_);
  if (ended.result) report_.results[phase.name] = std::move(*ended.result);
  failed_ = failed_ || ended.error;
  ended_[phase.name] = std::move(ended);
  one_ended_.notify_one();
}

/// Starts what has all it needs, each on a thread of its own; what gets none is left to the caller. Under the lock.
void Runner::start_ready(std::vector<std::thread>& threads, std::vector<const Phase*>& here) {
  if (failed_ || cancelled()) return;
  for (const Phase& phase : phases_) {
    const bool waits =
        std::any_of(phase.needs.begin(), phase.needs.end(), [&](const auto& need) { return !report_.results.contains(need); });
    if (waits || !started_.insert(phase.name).second) continue;
    if (auto thread = start_thread([this, &phase, needed = needed_by(phase)] { do_phase(phase, needed); }))
      threads.push_back(std::move(*thread));
    else
      here.push_back(&phase);
  }
}

Result<PhaseReport> Runner::run() {
  TRADEWIND_TRY(make_directories(options_.journal));
  std::vector<std::thread> threads;
  {
    std::unique_lock lock(mutex_);
    std::vector<const Phase*> here;
    for (start_ready(threads, here); ended_.size() < started_.size(); start_ready(threads, here)) {
      const std::size_t before = ended_.size();
      for (const Phase* phase : std::exchange(here, {})) {
        const PhaseResults needed = needed_by(*phase);
        lock.unlock();
        do_phase(*phase, needed);
        lock.lock();
      }
      one_ended_.wait(lock, [&] { return ended_.size() > before; });
    }
  }
  for (std::thread& thread : threads) thread.join();
  for (const Phase& phase : phases_)
    if (const auto ended = ended_.find(phase.name); ended != ended_.end() && ended->second.error) return *ended->second.error;
  if (ended_.size() < phases_.size()) return interrupted_error();
  for (const Phase& phase : phases_) report_.outcomes.push_back({phase.name, ended_.at(phase.name).status});
  return std::move(report_);
}

}  // namespace

Status check(const std::vector<Phase>& phases) {
  std::map<std::string, const Phase*> by_name;
  std::vector<std::string> names;
  for (const Phase& phase : phases) {
    TRADEWIND_TRY(workspace::check_id("phase", phase.name));
    names.push_back(phase.name);
    if (!by_name.emplace(phase.name, &phase).second)
      return Error(Errc::invalid_config, fmt::format("two phases are named '{}'", phase.name), "phases", "give each its own name");
  }
  for (const Phase& phase : phases)
    for (const std::string& need : phase.needs)
      if (!by_name.contains(need))
        return Error(Errc::invalid_config, fmt::format("phase '{}' needs '{}', which there is not", phase.name, printable(need)), "phases",
                     suggestion(need, names));
  std::set<std::string> cleared;
  for (const Phase& phase : phases) {
    std::vector<std::string> path;
    if (const std::string cycle = cycle_from(by_name, phase.name, path, cleared); !cycle.empty())
      return Error(Errc::invalid_config, fmt::format("phases wait for each other: {}", cycle), "phases", "break the circle");
  }
  return {};
}

Result<PhaseReport> run_phases(const std::vector<Phase>& phases, const PhaseOptions& options) {
  TRADEWIND_TRY(check(phases));
  return Runner(phases, options).run();
}

}  // namespace tradewind::workflow
