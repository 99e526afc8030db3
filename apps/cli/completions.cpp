// SPDX-License-Identifier: Apache-2.0
#include "completions.hpp"

#include <vector>

#include <fmt/format.h>

namespace tradewind::cli {
namespace {

struct Command {
  std::string name;  ///< "data import"
  std::string help;
  std::vector<std::string> words;  ///< options and subcommands
};

std::vector<std::string> words_of(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) words.push_back(sub->get_name());
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  return words;
}

void collect(const CLI::App& app, const std::string& prefix, std::vector<Command>& commands) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string name = prefix.empty() ? sub->get_name() : prefix + " " + sub->get_name();
    commands.push_back({name, sub->get_description(), words_of(*sub)});
    collect(*sub, name, commands);
  }
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

/// Run ids: the folders of the workspace.
constexpr std::string_view kBash = R"bash(_tradewind() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" command="" word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    [[ $word == -* ]] || command="${{command:+$command }}$word"
  done
  local words="{top}"
  case "$command" in
{cases}  esac
  case "$command" in
    scan*|replay*|pack*|unpack*|verify*|reindex*|export*)
      words="$words $(command ls "${{TRADEWIND_WORKSPACE:-workspaces}}" 2>/dev/null)" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ ${{#COMPREPLY[@]}} -gt 0 ]] || COMPREPLY=($(compgen -f -- "$current"))
}}
complete -o filenames -F _tradewind tradewind
)bash";

std::string bash_script(const std::vector<std::string>& top, const std::vector<Command>& commands) {
  std::string cases;
  // The longest names first, so that "data import" is found before "data".
  for (auto command = commands.rbegin(); command != commands.rend(); ++command)
    cases += fmt::format("    '{}'*) words=\"{}\" ;;\n", command->name, joined(command->words));
  return fmt::format(fmt::runtime(kBash), fmt::arg("top", joined(top)), fmt::arg("cases", cases));
}

std::string fish_script(const std::vector<Command>& commands) {
  std::string script;
  for (const Command& command : commands) {
    if (command.name.find(' ') != std::string::npos) continue;
    script += fmt::format("complete -c tradewind -n __fish_use_subcommand -a {} -d '{}'\n", command.name, command.help);
    for (const std::string& word : command.words) {
      if (word.starts_with("--"))
        script += fmt::format("complete -c tradewind -n '__fish_seen_subcommand_from {}' -l {}\n", command.name, word.substr(2));
      else
        script += fmt::format("complete -c tradewind -n '__fish_seen_subcommand_from {}' -a {}\n", command.name, word);
    }
  }
  return script;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  std::vector<Command> commands;
  collect(app, "", commands);
  if (shell == "fish") return fish_script(commands);
  const std::string bash = bash_script(words_of(app), commands);
  return shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" + bash : bash;
}

}  // namespace tradewind::cli
