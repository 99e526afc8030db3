// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "tradewind/commands/import.hpp"
#include "tradewind/commands/missing_values.hpp"
#include "tradewind/commands/output.hpp"

namespace tradewind::cli {

using commands::CommandOutput;
using commands::Context;

/// Draws a command's object for people, on stdout.
using Renderer = std::function<void(const Json&)>;

/// What CLI::NonNegativeNumber checks, said without the three hundred digits of the largest number.
CLI::Validator not_negative();

/// The global options and the one way every command is run: data on stdout, progress and errors on stderr, exit code kept.
class Session {
 public:
  Session();
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Adds --workspace, --json, --quiet, --threads and --config to the application.
  void add_global_options(CLI::App& app);
  /// Gives `command` its action: run it, print its object as JSON or through `render`.
  void on(CLI::App* command, std::function<Result<CommandOutput>(const Context&)> action, Renderer render);
  /// Prints an error the way the output mode asks for and returns its exit code.
  int fail(const Error& error) const;

  int exit_code() const { return exit_code_; }
  bool json() const { return json_; }
  void answer_in_json() { json_ = true; }

 private:
  Status apply_settings();
  Result<Context> context();
  bool show(const Json& json, const Renderer& render) const;

  bool json_ = false;
  bool quiet_ = false;
  int threads_ = 0;
  std::string workspace_ = "workspaces";
  std::string config_;
  CLI::App* app_ = nullptr;
  std::unique_ptr<Progress> progress_;
  int exit_code_ = 0;
};

/// For commands that take a run or a file: Errc::usage for an option that was given and says nothing to the one at hand.
Status check_source_options(const CLI::App& command, bool is_run, std::initializer_list<const char*> of_runs,
                            std::initializer_list<const char*> of_files);

/// Whether RUN|F names a run of the workspace: a folder there, and no file of that name.
bool names_run(const Path& source, const Context& context);

/// Adds --nan, what to do with rows that lack a number.
void add_nan_option(CLI::App* command, metrics::NanPolicy& policy);

void add_data_commands(CLI::App& app, Session& session);
void add_books_commands(CLI::App& app, Session& session);
void add_metrics_commands(CLI::App& app, Session& session);
void add_analysis_commands(CLI::App& app, Session& session);
void add_ensemble_commands(CLI::App& app, Session& session);
void add_patterns_commands(CLI::App& app, Session& session);
void add_analyze_commands(CLI::App& app, Session& session);
void add_workflow_commands(CLI::App& app, Session& session);
void add_sweep_commands(CLI::App& app, Session& session);
void add_workspace_commands(CLI::App& app, Session& session);
void add_import_commands(CLI::App& app, Session& session);
/// Options of how price files are read, by name: --columns, --date-format, …; `negative`: with --allow-negative.
void add_reader_options(CLI::App* command, std::map<std::string, std::string>& reading, bool negative);
/// --data, --commission, --slippage, --slippage-model, --fill, --periods-per-year
void add_pricing_options(CLI::App* command, commands::PricingArguments& pricing);
void add_replay_commands(CLI::App& app, Session& session);
void add_live_commands(CLI::App& app, Session& session);
void add_system_commands(CLI::App& app, Session& session);

}  // namespace tradewind::cli
