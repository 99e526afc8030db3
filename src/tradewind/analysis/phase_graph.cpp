// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/phase_graph.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::analysis {
namespace {

constexpr const char* kSchema = "tradewind.phase/1";

/// Names along a cycle through `name`, or empty.
std::string cycle_from(const std::map<std::string, const Phase*>& by_name, const std::string& name, std::vector<std::string>& path) {
  if (const auto at = std::find(path.begin(), path.end(), name); at != path.end()) {
    std::vector<std::string> cycle(at, path.end());
    cycle.push_back(name);
    return fmt::format("{}", fmt::join(cycle, " → "));
  }
  path.push_back(name);
  for (const std::string& need : by_name.at(name)->needs)
    if (std::string found = cycle_from(by_name, need, path); !found.empty()) return found;
  path.pop_back();
  return {};
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
  void tell(const std::string& phase, const std::string& status);

  const std::vector<Phase>& phases_;
  const PhaseOptions& options_;
  const Cancellation never_;
  std::mutex telling_;
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
  hash.update(phase.settings.dump());
  for (const auto& [name, result] : needed) hash.update(name + result.dump());
  return hash.hex();
}

std::optional<Json> Runner::stored(const Phase& phase, const std::string& fingerprint) const {
  const auto text = read_file(options_.journal / (phase.name + ".json"));
  if (!text) return std::nullopt;
  Json entry = Json::parse(*text, nullptr, false);
  if (entry.is_discarded() || !entry.is_object() || entry.value("fingerprint", "") != fingerprint || !entry.contains("result")) return std::nullopt;
  if (phase.still_there && !phase.still_there(entry["result"])) return std::nullopt;
  return std::move(entry["result"]);
}

void Runner::tell(const std::string& phase, const std::string& status) {
  if (!options_.on_change) return;
  const std::lock_guard lock(telling_);
  options_.on_change(phase, status);
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
  if (result) kept = write_file_durable(options_.journal / (phase.name + ".json"), Json{{"schema", kSchema}, {"phase", phase.name}, {"fingerprint", print}, {"result", *result}}.dump(1) + "\n");
  if (!result || !kept) {
    tell(phase.name, "failed");
    return {std::nullopt, (result ? kept.error() : result.error()).with_context(fmt::format("phase '{}'", phase.name)), "failed"};
  }
  tell(phase.name, "done");
  return {std::move(*result), std::nullopt, "done"};
}

Result<PhaseReport> Runner::run() {
  TRADEWIND_TRY(make_directories(options_.journal));
  std::map<std::string, std::string> status;
  std::optional<Error> first_error;
  while (!first_error) {
    std::vector<const Phase*> ready;
    for (const Phase& phase : phases_) {
      const bool waits = std::any_of(phase.needs.begin(), phase.needs.end(), [&](const auto& need) { return !report_.results.contains(need); });
      if (!status.contains(phase.name) && !waits) ready.push_back(&phase);
    }
    if (ready.empty()) break;
    if (options_.cancellation != nullptr && options_.cancellation->requested()) return interrupted_error();
    std::vector<Ended> ended(ready.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < ready.size(); ++i) threads.emplace_back([&, i] { ended[i] = run_one(*ready[i], needed_by(*ready[i])); });
    ended[0] = run_one(*ready[0], needed_by(*ready[0]));
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < ready.size(); ++i) {
      status[ready[i]->name] = ended[i].status;
      if (ended[i].result) report_.results[ready[i]->name] = std::move(*ended[i].result);
      if (ended[i].error && !first_error) first_error = ended[i].error;
    }
  }
  if (first_error) return *first_error;
  for (const Phase& phase : phases_) report_.outcomes.push_back({phase.name, status.at(phase.name)});
  return std::move(report_);
}

}  // namespace

Status check(const std::vector<Phase>& phases) {
  std::map<std::string, const Phase*> by_name;
  std::vector<std::string> names;
  for (const Phase& phase : phases) {
    TRADEWIND_TRY(workspace::check_id("phase", phase.name));
    names.push_back(phase.name);
    if (!by_name.emplace(phase.name, &phase).second) return Error(Errc::invalid_config, fmt::format("two phases are named '{}'", phase.name), "phases", "give each its own name");
  }
  for (const Phase& phase : phases)
    for (const std::string& need : phase.needs)
      if (!by_name.contains(need)) return Error(Errc::invalid_config, fmt::format("phase '{}' needs '{}', which there is not", phase.name, printable(need)), "phases", suggestion(need, names));
  for (const Phase& phase : phases) {
    std::vector<std::string> path;
    if (const std::string cycle = cycle_from(by_name, phase.name, path); !cycle.empty())
      return Error(Errc::invalid_config, fmt::format("phases wait for each other: {}", cycle), "phases", "break the circle");
  }
  return {};
}

Result<PhaseReport> run_phases(const std::vector<Phase>& phases, const PhaseOptions& options) {
  TRADEWIND_TRY(check(phases));
  return Runner(phases, options).run();
}

}  // namespace tradewind::analysis
