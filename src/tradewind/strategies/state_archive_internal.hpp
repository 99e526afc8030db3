// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tradewind::strategies {

/// Numbers as 64-bit words, written and read by the same list of fields. A double keeps every bit, which decimal JSON would not promise
/// for infinities and NaN.
class StateArchive {
 public:
  /// Writes.
  StateArchive() = default;
  /// Reads what `text` gave; a text that is none reads as failed.
  static StateArchive of(std::string_view text);

  bool loading() const noexcept { return loading_; }
  /// 1 while a text is read that knows nothing of ticks.
  int format() const noexcept { return format_; }
  void set_format(int format) noexcept { format_ = format; }
  /// What was read does not fit; numbers read since are 0.
  bool failed() const noexcept { return failed_; }
  void fail() noexcept { failed_ = true; }
  /// Everything was read, and nothing is left.
  bool complete() const noexcept { return !failed_ && at_ == words_.size(); }
  std::string text() const;

  void number(double& value) { value = std::bit_cast<double>(word(std::bit_cast<std::uint64_t>(value))); }
  template <std::integral Whole>
  void number(Whole& value) {
    const std::uint64_t given = word(static_cast<std::uint64_t>(value));
    value = static_cast<Whole>(given);
    if (static_cast<std::uint64_t>(value) != given) fail();
  }
  /// How many elements follow; at most `most`, and no more than what is left to read.
  std::size_t size(std::size_t value, std::size_t most);

 private:
  std::uint64_t word(std::uint64_t value);

  int format_ = 2;
  bool loading_ = false;
  bool failed_ = false;
  std::vector<std::uint64_t> words_;
  std::size_t at_ = 0;
};

}  // namespace tradewind::strategies
