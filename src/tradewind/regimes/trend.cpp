// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/archive_internal.hpp"
#include "tradewind/regimes/builtin_internal.hpp"
#include "tradewind/regimes/rolling_internal.hpp"

namespace tradewind::regimes {
namespace {

enum Trend : State { kDown, kSideways, kUp };

/// Entered beyond the band, left at the average itself: a price that hugs the average does not flicker between labels.
class TrendClassifier final : public Classifier {
 public:
  TrendClassifier(std::size_t window, double band) : closes_(window), band_(band) {}

  State update(const Bar& bar) override {
    closes_.add(bar.close);
    if (!closes_.full()) return kUnknown;
    const double average = closes_.mean();
    if (bar.close > average * (1 + band_)) {
      state_ = kUp;
    } else if (bar.close < average * (1 - band_)) {
      state_ = kDown;
    } else if ((state_ == kUp && bar.close < average) || (state_ == kDown && bar.close > average)) {
      state_ = kSideways;
    }
    return state_;
  }

  std::string save() const override { return save_state(*this, kTag); }
  Status load(std::string_view state) override { return load_state(*this, state, kTag); }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive.same(self.band_, "band");
    RollingWindow::transfer(self.closes_, archive);
    archive(self.state_);
    if constexpr (Archive::kLoading) {
      if (self.state_ < kDown || self.state_ > kUp) archive.fail();
    }
  }

 private:
  static constexpr std::string_view kTag = "trend/1";

  RollingWindow closes_;
  double band_;
  State state_ = kSideways;
};

}  // namespace

ClassifierType trend_type() {
  ClassifierType type;
  type.name = "trend";
  type.summary = "down, sideways or up: the close against its moving average, with hysteresis";
  type.formula =
      "m_t = mean of the last `window` closes; up from close > m_t (1 + band) until close < m_t; down from close < m_t (1 - band) until "
      "close > m_t; sideways in between; unknown until `window` closes exist";
  type.source = "moving-average rule with a band [Brock, Lakonishok & LeBaron 1992]; the 200-day average as a regime [Faber 2007]";
  type.parameters = {{"window", "closes in the average", 200, 2, 100000, true},
                     {"band", "distance from the average, as a fraction, that starts a trend", 0.01, 0, 0.5, false}};
  type.labels = [](const ParameterValues&) { return std::vector<std::string>{"down", "sideways", "up"}; };
  type.make = [](const ParameterValues& values) -> std::unique_ptr<Classifier> {
    return std::make_unique<TrendClassifier>(static_cast<std::size_t>(values[0]), values[1]);
  };
  return type;
}

}  // namespace tradewind::regimes
