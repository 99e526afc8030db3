// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/base/time.hpp"
#include "tradewind/ensemble/adaptive.hpp"
#include "tradewind/regimes/classifier.hpp"

namespace tradewind::live {

/// A classifier that is told the bars of one market, and the weights that go with what it says.
struct RegimeRule {
  std::string classifier_id;
  std::unique_ptr<regimes::Classifier> classifier;  ///< before its first bar
  std::string market;                               ///< id or slug of the market whose bars it is told
  std::vector<std::string> labels;                  ///< of its states
  std::vector<std::vector<double>> weights;         ///< by regime, one per member; empty with `adaptive`
  std::optional<ensemble::AdaptiveModel> adaptive;  ///< weights that follow the probabilities instead, whose weights are one per member
  int confirm_bars = 1;                             ///< bars a new regime must have held before the weights follow, ≥ 1
};

/// The regime in force at the close of each bar, by the rules of a replay (replay/signal_replay_engine.hpp): what the classifier said at
/// that close or before, once it has held for `confirm_bars` bars of any market of the ensemble. Weights that adapt are decided anew at
/// each such close (ensemble::decide), from those decided before: the account holds its positions by shares of the equity of the moment,
/// which do not drift. Nothing depends on later bars.
class RegimeFollower {
 public:
  explicit RegimeFollower(RegimeRule rule) : rule_(std::move(rule)) {}

  const RegimeRule& rule() const noexcept { return rule_; }
  /// A bar of the classifier's market has closed.
  void take(UnixNanos now, double close);
  /// The markets of the ensemble that had a bar at `now` have been taken. A second call with the same time, or an earlier one, is none.
  void close_bar(UnixNanos now);

  /// In force now: an index into rule().labels; −1 while it is not known.
  int regime() const noexcept { return in_force_; }
  /// Weights of the members; null while the regime is not known and they do not adapt.
  const std::vector<double>* weights() const noexcept {
    if (rule_.adaptive) return decided_.empty() ? &rule_.adaptive->global.weights : &decided_;
    return in_force_ < 0 ? nullptr : &rule_.weights[static_cast<std::size_t>(in_force_)];
  }
  /// Whether an unknown regime says something of a trade opened then: a classifier that began later may not know it for lack of bars.
  bool knows(UnixNanos opened) const noexcept { return in_force_ >= 0 || (begun_ && *begun_ <= opened); }

  /// Goes on from what `save` gave. What is damaged, or of another classifier or market, leaves it at its beginning.
  void load(const Json& saved);
  /// JSON; null for a classifier that has seen nothing or cannot be saved. Made once a bar.
  const std::string& save() const;

 private:
  void decide();

  /// What decides the regime in force.
  struct State {
    regimes::State said = regimes::kUnknown;  ///< by the classifier at its last bar
    regimes::State held = regimes::kUnknown;  ///< at the last close of any market …
    std::int64_t bars = 0;                    ///< … and for so many
  };
  RegimeRule rule_;
  State state_;
  regimes::State in_force_ = regimes::kUnknown;
  std::vector<double> probabilities_;  ///< by the classifier at its last bar; empty before it
  std::vector<double> decided_;        ///< weights that adapt, of the last close
  std::optional<UnixNanos> begun_;     ///< the classifier's first bar
  std::optional<UnixNanos> last_;      ///< the last close of any market
  mutable std::string saved_;          ///< empty since the last bar
};

}  // namespace tradewind::live
