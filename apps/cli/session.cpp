// SPDX-License-Identifier: Apache-2.0
#include "session.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <system_error>

#include <fmt/format.h>
#include <unistd.h>

#include "terminal.hpp"
#include "tradewind/base/expansion.hpp"
#include "tradewind/base/guard.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/commands/settings.hpp"

namespace tradewind::cli {
namespace {

Cancellation g_cancellation;
Cancellation g_kill;

void on_kill_switch(int) { g_kill.request(); }

/// The first Ctrl-C asks the work to finish what it holds; the second ends the process at once.
void on_signal(int signal) {
  if (g_cancellation.requested()) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    return;
  }
  g_cancellation.request();
  constexpr char kMessage[] = "\nstopping after the current step; press Ctrl-C again to stop at once\n";
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, kMessage, sizeof kMessage - 1);
}

/// What the program promised not to do, with a request to tell of it.
Error with_request(const Error& error) {
  if (error.code() != Errc::internal || !error.hint().empty()) return error;
  return error.with_context("unexpected failure").with_hint("this is a bug in tradewind; please report it");
}

/// Prints without complaint: a stream that fails is noticed when it is flushed.
void put(std::FILE* stream, const std::string& text) { std::fwrite(text.data(), 1, text.size(), stream); }

/// An object as it is printed. What a terminal would act on stands in JSON's own \uNNNN.
std::string json_text(const Json& json) { return visible_lines(dump_json(json, 2)) + "\n"; }

}  // namespace

/// Prints the object; false when stdout does not take it (disk full, pipe closed).
bool Session::show(const Json& json, const Renderer& render) const {
  try {
    if (json_)
      put(stdout, json_text(json));
    else
      render(visible(json));
  } catch (const std::system_error&) {
    return false;
  } catch (const std::exception& exception) {
    put(stderr,
        visible_lines(std::string("error TW9999: the answer could not be drawn: ") + exception.what()) + "\n");  // --json still gives it
  }
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
}

CLI::Validator not_negative() {
  return {[](std::string& text) {
            double number = 0;
            if (!CLI::detail::lexical_cast(text, number)) return "'" + printable(text) + "' is not a number";
            return number < 0 ? printable(text) + " is below 0" : std::string();
          },
          "NONNEGATIVE"};
}

bool names_run(const Path& source, const Context& context) {
  std::error_code ignored;
  return !std::filesystem::is_regular_file(source, ignored) && std::filesystem::is_directory(context.workspace / source, ignored);
}

void add_nan_option(CLI::App* command, metrics::NanPolicy& policy) {
  command
      ->add_option_function<std::string>(
          "--nan", [&policy](const std::string& text) { policy = *enum_from_name<metrics::NanPolicy>(text); },
          "File: rows that lack a number are refused, left out for all columns, or read as 0 (default: reject)")
      ->check(CLI::IsMember(enum_names<metrics::NanPolicy>()));
}

Session::Session() : progress_(terminal_progress()) {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
  std::signal(SIGUSR1, on_kill_switch);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a write beyond `ulimit -f` fails, and is reported, instead of ending the process without a word
}
Session::~Session() = default;

void Session::add_global_options(CLI::App& app) {
  app_ = &app;
  app.add_option("--config", config_, "Defaults of these options: workspace, threads, json, quiet (default: ./tradewind.yaml if there)")
      ->envname("TRADEWIND_CONFIG");
  app.add_option("--workspace", workspace_, "Folder that holds the runs")->envname("TRADEWIND_WORKSPACE")->capture_default_str();
  app.add_flag("--json", json_, "Print one JSON object on stdout")->envname("TRADEWIND_JSON");
  app.add_flag("--quiet", quiet_, "No progress on stderr")->envname("TRADEWIND_QUIET");
  app.add_option("--threads", threads_, "Threads to use (0: one per core)")
      ->envname("TRADEWIND_THREADS")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_option_function<std::uint64_t>("--max-expansion", set_expansion_limit,
                                         "How many times its size a compressed file may unpack to (default: 400, 256 MiB at least)")
      ->envname("TRADEWIND_MAX_EXPANSION")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40));
}

/// Precedence: flag, then environment, then settings file, then default.
Status Session::apply_settings() {
  TRADEWIND_ASSIGN(const commands::Settings settings, commands::load_settings(config_));
  const auto unset = [&](const char* option) { return app_->get_option(option)->count() == 0; };
  if (settings.json && unset("--json")) json_ = *settings.json;
  if (settings.quiet && unset("--quiet")) quiet_ = *settings.quiet;
  if (settings.threads && unset("--threads")) threads_ = *settings.threads;
  if (settings.workspace && unset("--workspace")) workspace_ = *settings.workspace;
  return {};
}

Result<Context> Session::context() {
  TRADEWIND_TRY(apply_settings());
  Context context;
  context.workspace = workspace_;
  context.threads = threads_;
  context.progress = quiet_ ? &silent_progress() : progress_.get();
  context.cancellation = &g_cancellation;
  context.kill = &g_kill;
  return context;
}

int Session::fail(const Error& error) const {
  progress_->finish();
  if (json_) put(stdout, json_text(commands::error_object(error)));
  std::string text = fmt::format("error {}: {}\n", code_text(error.code()), error.message());
  if (!error.where().empty()) text += fmt::format("  where: {}\n", error.where());
  if (!error.hint().empty()) text += fmt::format("  hint:  {}\n", error.hint());
  put(stderr, visible_lines(text));
  return tradewind::exit_code(error.code());
}

void Session::on(CLI::App* command, std::function<Result<CommandOutput>(const Context&)> action, Renderer render) {
  command->callback([this, command, action = std::move(action), render = std::move(render)] {
    if (!command->get_subcommands().empty()) return;  // the subcommand is what was asked for
    const auto prepared = context();
    if (!prepared) {
      exit_code_ = fail(prepared.error());
      return;
    }
    // Exceptions of third-party code end here; our own code returns errors.
    auto output = guarded([&] { return action(*prepared); });
    progress_->finish();
    if (!output) {
      exit_code_ = fail(with_request(output.error()));
      return;
    }
    exit_code_ = output->exit_code;
    if (!show(output->json, render)) {
      json_ = false;  // stdout is gone
      exit_code_ = fail(Error(Errc::storage, "cannot write to stdout", {}, "what the command did is done; only its answer is lost"));
    }
  });
}

Status check_source_options(const CLI::App& command, bool is_run, std::initializer_list<const char*> of_runs,
                            std::initializer_list<const char*> of_files) {
  for (const char* name : is_run ? of_files : of_runs) {
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option == nullptr || option->count() == 0) continue;
    return Error(Errc::usage,
                 is_run ? "this option is for files, and the source is a run" : "this option is for runs, and the source is a file", name,
                 is_run ? "a run says itself what its strategies are and how they are traded; leave the option out" : "leave it out");
  }
  return {};
}

}  // namespace tradewind::cli
