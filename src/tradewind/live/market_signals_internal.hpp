// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/live/bar_trader.hpp"
#include "tradewind/strategies/position_stream.hpp"

namespace tradewind::live {

/// What a bar trader's members say of one market, bar after bar.
class MarketSignals {
 public:
  /// Those of `members` that trade `market`, before its first bar. `members` must outlive it.
  MarketSignals(std::span<const BarMember> members, const trading::PredictionMarket& market);

  /// Goes on from what `save` gave. A member whose stream is missing, damaged or of other parameters begins anew.
  void load(const Json& saved);
  /// JSON: {"last", "streams": one for each member, null for one that does not trade here or has seen no bar}. Made once a bar. A member
  /// whose gate cannot be saved begins anew after a restart.
  const std::string& save() const;

  /// The price at `now` is the close of a bar when the last one is `length` nanoseconds old, and later than it. Whether it is.
  bool take(UnixNanos now, std::int64_t length, double mid);
  /// Σ weight · position of the members at the close of the last bar. `weights`: one per member.
  double exposure(std::span<const double> weights) const noexcept;
  /// Members that are flat because of the regime, whatever their strategy says.
  std::size_t shut_out() const noexcept;
  /// Whether the exposure says something of a trade opened then. A member that began later, because its state was lost, may be flat only
  /// for lack of bars: until it is warm it tells nothing.
  bool knows(UnixNanos opened) const;

 private:
  struct Member {
    const BarMember* of = nullptr;
    std::unique_ptr<strategies::PositionStream> stream;  ///< null: does not trade here
    std::optional<UnixNanos> begun;                      ///< its first bar
    std::unique_ptr<regimes::Classifier> classifier;     ///< of its gate; null: none
    regimes::State regime = regimes::kUnknown;           ///< at the close of the last bar

    bool begin();
    bool load(const Json& saved);
    bool is_open() const noexcept { return regime < 0 || of->gate->held_in[static_cast<std::size_t>(regime)]; }
    int position() const noexcept { return stream != nullptr && is_open() ? stream->position() : 0; }
  };
  std::vector<Member> members_;
  std::optional<UnixNanos> last_;
  mutable std::string saved_;  ///< empty since the last bar
};

}  // namespace tradewind::live
