// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/doctor.hpp"

#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "tradewind/base/time.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/reader.hpp"

namespace tradewind::commands {
namespace {

/// One line of the report. `state` is ok, warn or fail; `advice` says what to do.
void add(Json& checks, const char* name, const char* state, std::string found, std::string advice = {}) {
  checks.push_back({{"check", name}, {"state", state}, {"found", std::move(found)}, {"advice", std::move(advice)}});
}

void check_processor(Json& checks) {
  std::string features = "plain";
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    features = "AVX-512";
  else if (__builtin_cpu_supports("avx2"))
    features = "AVX2";
#endif
  add(checks, "processor", "ok", fmt::format("{} cores, comparisons by {}", std::thread::hardware_concurrency(), features));
}

void check_clock(Json& checks) {
  const UnixNanos now = system_clock().now();
  const bool sane = now > days_from_civil(2024, 1, 1) * kNanosPerDay;
  add(checks, "clock", sane ? "ok" : "fail", format_time(now), sane ? "" : "set the system clock: runs are stamped with it");
}

void check_zones(Json& checks) {
  const bool found = std::filesystem::exists("/usr/share/zoneinfo/America/New_York");
  add(checks, "time zones", found ? "ok" : "warn", found ? "zone database present" : "no zone database",
      found ? "" : "install tzdata to read times without offset (--zone)");
}

/// The workspace must take a file and give it back.
void check_workspace(Json& checks, const Path& workspace) {
  std::error_code failure;
  if (!std::filesystem::exists(workspace, failure))
    return add(checks, "workspace", "ok", workspace.string() + " does not exist yet; the first run creates it");
  const Path probe = workspace / ".doctor";
  const Status written = write_file_durable(probe, "ok");
  std::filesystem::remove(probe, failure);
  if (!written) return add(checks, "workspace", "fail", written.error().message(), "choose a folder you may write to by --workspace");
  const auto space = std::filesystem::space(workspace, failure);
  const double gigabytes = static_cast<double>(space.available) / 1e9;
  add(checks, "workspace", gigabytes < 1 ? "warn" : "ok", fmt::format("{} is writable, {:.1f} GB free", workspace.string(), gigabytes),
      gigabytes < 1 ? "free some disk space before a large sweep" : "");
}

void check_runs(Json& checks, const Path& workspace) {
  const auto entries = workspace::list_runs(workspace);
  if (!entries) return add(checks, "runs", "ok", "none yet");
  std::string damaged;
  std::string unfinished;
  for (const auto& entry : *entries) {
    if (entry.fault)
      damaged += " " + entry.run_id;
    else if (entry.metadata.status != "complete")
      unfinished += " " + entry.run_id;
  }
  const std::string count = fmt::format("{} runs", entries->size());
  if (!damaged.empty())
    return add(checks, "runs", "fail", count + ", damaged:" + damaged,
               "tradewind verify RUN tells what is wrong, tradewind reindex RUN rebuilds the catalog");
  if (!unfinished.empty())
    return add(checks, "runs", "warn", count + ", unfinished:" + unfinished, "tradewind sweep CONFIG --run-id RUN --resume goes on");
  add(checks, "runs", "ok", count);
}

}  // namespace

Result<CommandOutput> doctor(const Context& context) {
  CommandOutput output{schema_object("doctor")};
  output.json["version"] = TRADEWIND_VERSION;
  Json checks = Json::array();
  check_processor(checks);
  check_clock(checks);
  check_zones(checks);
  check_workspace(checks, context.workspace);
  check_runs(checks, context.workspace);
  for (const auto& check : checks)
    if (check["state"] == "fail") output.exit_code = 1;
  output.json["checks"] = std::move(checks);
  return output;
}

}  // namespace tradewind::commands
