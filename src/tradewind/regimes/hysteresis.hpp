// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "tradewind/regimes/classifier.hpp"

namespace tradewind::regimes {

/// After a change of state the next one has to wait: every run but the last, and those before an unknown bar, has at least `bars` bars.
/// A label follows the raw one as soon as it may.
class MinimumDwell {
 public:
  /// 0 and 1 change nothing.
  explicit MinimumDwell(std::size_t bars) : bars_(bars) {}
  State update(State raw);

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive.same(self.bars_, "minimum dwell");
    archive(self.state_), archive(self.held_);
  }

 private:
  std::size_t bars_;
  State state_ = kUnknown;
  std::size_t held_ = 0;
};

/// A new state is taken only when its probability exceeds `p`. Where a classifier gives no probabilities its word is taken.
class SwitchAbove {
 public:
  /// p in [0, 1); 0 changes nothing.
  explicit SwitchAbove(double p) : p_(p) {}
  State update(State raw, std::span<const double> probabilities);

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive.same(self.p_, "switch_above");
    archive(self.state_);
  }

 private:
  double p_;
  State state_ = kUnknown;
};

/// Both, the probability first.
struct Hysteresis {
  std::size_t minimum_dwell = 0;
  double switch_above = 0;
  bool any() const noexcept { return minimum_dwell > 1 || switch_above > 0; }
};
/// Success, or `usage` for a probability outside [0, 1).
Status check(const Hysteresis& hysteresis);

/// Steadies labels one at a time and counts what it saves: every change of position costs money.
class HysteresisFilter {
 public:
  explicit HysteresisFilter(const Hysteresis& hysteresis) : above_(hysteresis.switch_above), dwell_(hysteresis.minimum_dwell) {}
  State update(State raw, std::span<const double> probabilities);
  /// Changes from one known state to another, before and after.
  std::int64_t raw_switches() const { return raw_switches_; }
  std::int64_t switches() const { return switches_; }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    SwitchAbove::transfer(self.above_, archive);
    MinimumDwell::transfer(self.dwell_, archive);
    archive(self.raw_), archive(self.state_), archive(self.raw_switches_), archive(self.switches_);
  }

 private:
  SwitchAbove above_;
  MinimumDwell dwell_;
  State raw_ = kUnknown;
  State state_ = kUnknown;
  std::int64_t raw_switches_ = 0;
  std::int64_t switches_ = 0;
};

/// Any classifier, steadied. As causal as what it wraps; probabilities and diagnostics are that one's.
class SteadyClassifier final : public Classifier {
 public:
  /// `inner` is not null; `hysteresis` passes check().
  SteadyClassifier(std::unique_ptr<Classifier> inner, const Hysteresis& hysteresis) : inner_(std::move(inner)), filter_(hysteresis) {}
  State update(const Bar& bar) override { return filter_.update(inner_->update(bar), inner_->probabilities()); }
  std::span<const double> probabilities() const override { return inner_->probabilities(); }
  std::span<const FitDiagnostic> diagnostics() const override { return inner_->diagnostics(); }
  std::string save() const override;
  Status load(std::string_view state) override;
  const HysteresisFilter& filter() const { return filter_; }

 private:
  std::unique_ptr<Classifier> inner_;
  HysteresisFilter filter_;
};

}  // namespace tradewind::regimes
