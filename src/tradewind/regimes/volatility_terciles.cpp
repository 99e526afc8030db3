// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <functional>
#include <queue>

#include "tradewind/regimes/archive_internal.hpp"
#include "tradewind/regimes/builtin_internal.hpp"
#include "tradewind/regimes/rolling_internal.hpp"

namespace tradewind::regimes {
namespace {

/// The ⌈n · numerator / 3⌉-th smallest of the n values seen, in O(log n) per value: the lower part in a heap whose top it is.
class RunningTercile {
 public:
  explicit RunningTercile(std::size_t numerator) : numerator_(numerator) {}

  void add(double value) {
    if (!low_.empty() && value < low_.top()) {
      low_.push(value);
    } else {
      high_.push(value);
    }
    const std::size_t wanted = ((low_.size() + high_.size()) * numerator_ + 2) / 3;
    while (low_.size() < wanted) {
      low_.push(high_.top());
      high_.pop();
    }
    while (low_.size() > wanted) {
      high_.push(low_.top());
      low_.pop();
    }
  }
  double value() const { return low_.top(); }
  std::size_t count() const { return low_.size() + high_.size(); }
  /// All values, in no particular order; adding them to an empty one gives the same value().
  std::vector<double> values() const {
    std::vector<double> all;
    for (auto copy = low_; !copy.empty(); copy.pop()) all.push_back(copy.top());
    for (auto copy = high_; !copy.empty(); copy.pop()) all.push_back(copy.top());
    return all;
  }

 private:
  std::size_t numerator_;
  std::priority_queue<double> low_;
  std::priority_queue<double, std::vector<double>, std::greater<>> high_;
};

class VolatilityTerciles final : public Classifier {
 public:
  VolatilityTerciles(std::size_t window, std::size_t history) : returns_(window), history_(history) {}

  State update(const Bar& bar) override {
    const double previous = previous_close_;
    previous_close_ = bar.close;
    if (previous == 0) return kUnknown;
    returns_.add(std::log(bar.close / previous));
    if (!returns_.full()) return kUnknown;
    const double volatility = returns_.deviation();
    State state = kUnknown;
    if (lower_.count() >= history_) {
      state = volatility <= lower_.value() ? State{0} : volatility <= upper_.value() ? State{1} : State{2};
    }
    lower_.add(volatility);
    upper_.add(volatility);
    return state;
  }

  std::string save() const override { return save_state(*this, kTag); }
  Status load(std::string_view state) override { return load_state(*this, state, kTag); }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive.same(self.history_, "history");
    RollingWindow::transfer(self.returns_, archive);
    archive(self.previous_close_);
    std::vector<double> seen = self.lower_.values();
    archive(seen);
    if constexpr (Archive::kLoading) {
      self.lower_ = RunningTercile(1);
      self.upper_ = RunningTercile(2);
      for (const double value : seen) self.lower_.add(value), self.upper_.add(value);
    }
  }

 private:
  static constexpr std::string_view kTag = "volatility_terciles/1";

  RollingWindow returns_;
  std::size_t history_;
  RunningTercile lower_{1};
  RunningTercile upper_{2};
  double previous_close_ = 0;
};

}  // namespace

ClassifierType volatility_terciles_type() {
  ClassifierType type;
  type.name = "volatility_terciles";
  type.summary = "low, medium or high trailing volatility, measured against the volatilities seen before";
  type.formula =
      "s_t = standard deviation (ddof 1) of the last `window` log returns; low when s_t <= q(1/3), high when s_t > q(2/3), else medium; "
      "q(p) = the ceil(p n)-th smallest of s_1 … s_(t-1); unknown until `history` of them exist";
  type.source = "practitioners' realised-volatility terciles, here with expanding instead of full-sample cut points";
  type.parameters = {{"window", "log returns in the volatility", 20, 2, 100000, true},
                     {"history", "earlier volatilities needed before the first label", 100, 3, 1000000, true}};
  type.labels = [](const ParameterValues&) { return std::vector<std::string>{"low", "medium", "high"}; };
  type.make = [](const ParameterValues& values) -> std::unique_ptr<Classifier> {
    return std::make_unique<VolatilityTerciles>(static_cast<std::size_t>(values[0]), static_cast<std::size_t>(values[1]));
  };
  return type;
}

}  // namespace tradewind::regimes
