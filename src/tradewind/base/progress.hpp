// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace tradewind {

/// Receives how far long work has come. Called from one thread at a time; must return quickly.
class Progress {
 public:
  virtual ~Progress() = default;
  /// `done` of `total` units (0: unknown) of the stage named `stage` ("sweep", "import") in `unit`s ("strategies").
  virtual void update(std::string_view stage, std::uint64_t done, std::uint64_t total, std::string_view unit) = 0;
  /// The stage is over; a terminal bar ends its line.
  virtual void finish() = 0;
  /// A remark for the user that is no error.
  virtual void warn(std::string_view message) = 0;
};

/// Takes no notice.
Progress& silent_progress();

}  // namespace tradewind
