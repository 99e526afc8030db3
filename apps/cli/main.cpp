// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "session.hpp"

namespace {

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
  cli::add_workspace_commands(app, session);
  cli::add_replay_commands(app, session);
  cli::add_metrics_commands(app, session);
  cli::add_analysis_commands(app, session);
  cli::add_patterns_commands(app, session);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return session.fail(Error(Errc::usage, error.what(), {}, "tradewind --help lists the commands, tradewind COMMAND --help its options"));
  }
  return session.exit_code();
}

}  // namespace

int main(int argc, char** argv) { return run(argc, argv); }
