// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/metrics/streaming_sums.hpp"

namespace tradewind::metrics {

/// Text of a saved state: a first line "KIND 1", lines "KEY VALUE…", a last line "checksum SHA-256". Numbers are written so that they
/// read back as the same double.
class StateText {
 public:
  explicit StateText(std::string_view kind);
  void line(std::string_view key, std::initializer_list<double> numbers, std::string_view rest = {});
  std::string finish() const;

 private:
  std::string text_;
};

/// Reads what StateText wrote, line by line in the same order. The first fault is kept; later calls give zeros.
class StateReader {
 public:
  /// Errc::corrupt when the checksum or the first line is not right; newer_format for a higher version.
  static Result<StateReader> open(std::string_view text, std::string_view kind);
  /// The numbers of the next line, which must have this key and `count` of them; what follows them is `rest`.
  std::vector<double> line(std::string_view key, std::size_t count, std::string* rest = nullptr);
  bool next_is(std::string_view key) const noexcept;
  /// Success when every line was as expected and none is left.
  Status finish() const;

 private:
  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  std::string fault_;
};

}  // namespace tradewind::metrics
