// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tradewind {

/// Every way an operation can fail. The number is stable: it is the `code` of JSON errors (`TW2001`),
/// decides the exit code of the command and has a paragraph in docs/errors.md.
enum class Errc : int {
  usage = 1001,            ///< wrong arguments of a command or function
  unknown_name = 1002,     ///< a name (column, option) that does not exist
  nothing_matched = 1003,  ///< a well-formed question with an empty answer
  invalid_config = 1101,   ///< a configuration file that breaks its schema
  invalid_data = 2001,     ///< input data that cannot be accepted
  too_large = 2002,        ///< input beyond a safety limit
  newer_format = 2003,     ///< written by a newer version than this one
  not_found = 3001,        ///< a file, run or strategy that is not there
  already_exists = 3002,   ///< a name that is taken
  storage = 3003,          ///< the operating system refused a read or write
  corrupt = 3004,          ///< stored bytes that fail their checksum or schema
  numeric = 4001,          ///< a computation without a defined result
  venue = 5001,            ///< a venue or feed that did not answer, or not as documented
  risk_halt = 6001,        ///< trading is halted: kill switch, loss limit or an account that does not agree with the venue
  interrupted = 9001,      ///< stopped on request; finished work is kept
  internal = 9999,         ///< a broken promise of this program: please report
};

/// The command's exit code for an error: 0 ok, 1 failed, 2 usage, 3 config or data invalid, 4 nothing matched, 5 interrupted.
int exit_code(Errc code) noexcept;
/// Stable text of a code, e.g. "TW2001".
std::string code_text(Errc code);
/// Snake-case name, e.g. "invalid_data".
std::string_view code_name(Errc code) noexcept;

/// A failure as a value: what went wrong, where, and what to do about it.
/// Copies share one immutable body, so passing errors around is cheap.
class Error {
 public:
  Error(Errc code, std::string message, std::string where = {}, std::string hint = {});

  Errc code() const noexcept;
  /// What happened, including every context added on the way up, outermost first.
  std::string message() const;
  /// File and line, key or column; empty when the message says it all.
  const std::string& where() const noexcept;
  /// What the user can do; may be empty.
  const std::string& hint() const noexcept;

  /// The same error with "context: " put before its message. Lower case, no full stop.
  Error with_context(std::string_view context) const;
  Error with_where(std::string where) const;
  Error with_hint(std::string hint) const;

 private:
  struct Body {
    Errc code;
    std::string message;
    std::string where;
    std::string hint;
  };
  std::shared_ptr<const Body> body_;
};

}  // namespace tradewind
