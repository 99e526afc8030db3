// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/progress.hpp"

namespace tradewind {
namespace {
class SilentProgress final : public Progress {
  void update(std::string_view, std::uint64_t, std::uint64_t, std::string_view) override {}
  void finish() override {}
  void warn(std::string_view) override {}
};
}  // namespace

Progress& silent_progress() {
  static SilentProgress progress;
  return progress;
}

}  // namespace tradewind
