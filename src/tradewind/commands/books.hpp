// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

struct BooksImportArguments {
  std::string format;
  std::vector<Path> files;
  std::vector<Path> markets;
  std::string into;
};

/// The formats that can be imported.
std::vector<std::string> books_formats();
/// `books import`: recorded order books of any source into the workspace. Errors: as import_books, write_recording; `usage` for a name that
/// is none.
Result<CommandOutput> books_import(const BooksImportArguments& arguments, const Context& context);
/// `books info`: what a recording holds.
Result<CommandOutput> books_info(const std::string& name, const Context& context);
/// `books check`: what there is to doubt in it. Exit code 1 when books cross or go on after the payout.
Result<CommandOutput> books_check(const std::string& name, const Context& context);

}  // namespace tradewind::commands
