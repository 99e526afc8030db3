// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

#include "session.hpp"

#include "tradewind/version.hpp"

namespace {

/// Whether the arguments ask for JSON, also when they are too wrong to be parsed.
bool wants_json(int argc, char** argv) {
  const char* set = std::getenv("TRADEWIND_JSON");
  if (set != nullptr && *set != '\0' && std::string_view(set) != "0" && std::string_view(set) != "false") return true;
  return std::any_of(argv + 1, argv + argc, [](const char* argument) { return std::string_view(argument) == "--json"; });
}

int run(int argc, char** argv) {
  using namespace tradewind;
  CLI::App app("From a parameter sweep to live capital, without fooling yourself.", "tradewind");
  app.set_version_flag("--version", TRADEWIND_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer("Exit codes: 0 ok, 1 failed, 2 usage, 3 config or data invalid, 4 nothing matched, 5 interrupted, 6 risk halt.");

  cli::Session session;
  session.add_global_options(app);
  cli::add_system_commands(app, session);
  cli::add_data_commands(app, session);
  cli::add_sweep_commands(app, session);
  cli::add_import_commands(app, session);
  cli::add_workspace_commands(app, session);
  cli::add_replay_commands(app, session);
  cli::add_metrics_commands(app, session);
  cli::add_analysis_commands(app, session);
  cli::add_ensemble_commands(app, session);
  cli::add_patterns_commands(app, session);
  cli::add_analyze_commands(app, session);
  cli::add_workflow_commands(app, session);
  cli::add_books_commands(app, session);
  cli::add_live_commands(app, session);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    if (wants_json(argc, argv)) session.answer_in_json();
    return session.fail(Error(Errc::usage, error.what(), {}, "tradewind --help lists the commands, tradewind COMMAND --help its options"));
  }
  return session.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
