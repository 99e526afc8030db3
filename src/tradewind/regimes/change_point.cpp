// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <vector>

#include "tradewind/regimes/archive_internal.hpp"
#include "tradewind/regimes/builtin_internal.hpp"

namespace tradewind::regimes {
namespace {

/// A stretch of returns that may have begun at some bar: its weight and the sums that its predictive density needs.
struct Segment {
  double weight = 0;  ///< probability that the current stretch is this one
  double bars = 0;
  double mean = 0;
  double squares = 0;  ///< Σ(r − mean)²
};

/// Bayesian online change-point detection [Adams & MacKay 2007]: returns of a stretch are normal with unknown mean and variance
/// (normal-inverse-gamma prior of strength kPrior around 0 and the long-run variance); a stretch ends with probability `hazard` a bar.
class ChangePointClassifier final : public Classifier {
 public:
  ChangePointClassifier(double expected_length, std::size_t history)
      : hazard_(1 / expected_length), history_(static_cast<double>(history)) {}

  State update(const Bar& bar) override {
    const double previous = previous_close_;
    previous_close_ = bar.close;
    if (previous == 0) return kUnknown;
    const double r = bar.close / previous - 1;
    State state = kUnknown;
    if (all_.bars >= history_ && all_.squares > 0) {
      const double long_run = all_.squares / (all_.bars - 1);
      step(r, long_run);
      state = likeliest_variance(long_run) > long_run ? State{1} : State{0};
    }
    absorb(all_, r);
    return state;
  }

  std::string save() const override { return save_state(*this, kTag); }
  Status load(std::string_view state) override { return load_state(*this, state, kTag); }

  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive) {
    archive.same(self.hazard_, "length"), archive.same(self.history_, "history");
    transfer_segment(self.all_, archive);
    std::size_t count = self.segments_.size();
    archive(count);
    if constexpr (Archive::kLoading) {
      if (count > kMaxSegments) archive.fail();
      self.segments_.assign(archive.ok() ? count : 0, {});
    }
    for (auto& segment : self.segments_) transfer_segment(segment, archive);
    archive(self.previous_close_);
  }

 private:
  static constexpr std::string_view kTag = "change_point/1";

  template <class Piece, class Archive>
  static void transfer_segment(Piece& s, Archive& archive) {
    archive(s.weight), archive(s.bars), archive(s.mean), archive(s.squares);
  }

  static constexpr double kPrior = 2;      ///< the prior counts as this many bars
  static constexpr double kForget = 1e-7;  ///< stretches less probable than this are dropped
  static constexpr std::size_t kMaxSegments = 400;

  static void absorb(Segment& segment, double r) {
    segment.bars += 1;
    const double gap = r - segment.mean;
    segment.mean += gap / segment.bars;
    segment.squares += gap * (r - segment.mean);
  }

  /// Student-t density of the next return, given the stretch so far.
  static double predictive(const Segment& s, double r, double long_run) {
    const double strength = kPrior + s.bars;
    const double mean = s.bars * s.mean / strength;
    const double alpha = 0.5 * strength;
    const double beta = 0.5 * (kPrior * long_run + s.squares + s.bars * kPrior * s.mean * s.mean / strength);
    const double scale = beta * (strength + 1) / (alpha * strength);
    const double degrees = 2 * alpha;
    const double gap = (r - mean) * (r - mean) / scale;
    return std::exp(log_factor(degrees) - 0.5 * (degrees + 1) * std::log1p(gap / degrees)) / std::sqrt(scale);
  }

  /// ln Γ((ν+1)/2) − ln Γ(ν/2) − ½ ln(πν), from a table because ν takes whole values and lgamma is slow.
  static double log_factor(double degrees) {
    static const std::vector<double> kTable = [] {
      std::vector<double> table(20001);
      for (std::size_t v = 1; v < table.size(); ++v) {
        const double nu = static_cast<double>(v);
        table[v] = std::lgamma(0.5 * (nu + 1)) - std::lgamma(0.5 * nu) - 0.5 * std::log(M_PI * nu);
      }
      return table;
    }();
    const auto index = static_cast<std::size_t>(degrees);
    return index < kTable.size() ? kTable[index] : -0.5 * std::log(2 * M_PI);
  }

  void step(double r, double long_run) {
    if (segments_.empty()) segments_.push_back({1, 0, 0, 0});
    double total = 0;
    for (Segment& s : segments_) {
      s.weight *= predictive(s, r, long_run);
      total += s.weight;
      absorb(s, r);
    }
    if (!(total > 0)) {  // no stretch explains the return: a new one begins here
      segments_.assign(1, {1, 0, 0, 0});
      absorb(segments_[0], r);
      return;
    }
    for (Segment& s : segments_) s.weight *= (1 - hazard_) / total;
    std::erase_if(segments_, [](const Segment& s) { return s.weight < kForget; });
    if (segments_.size() >= kMaxSegments) {
      segments_.erase(
          std::min_element(segments_.begin(), segments_.end(), [](const Segment& a, const Segment& b) { return a.weight < b.weight; }));
    }
    segments_.push_back({hazard_, 0, 0, 0});  // the next return may begin a stretch
  }

  /// Posterior variance of the most probable stretch that has begun.
  double likeliest_variance(double long_run) const {
    const Segment* best = nullptr;
    for (const Segment& s : segments_) {
      if (s.bars > 0 && (best == nullptr || s.weight > best->weight)) best = &s;
    }
    return best == nullptr ? long_run : (kPrior * long_run + best->squares + best->bars * best->mean * best->mean) / (kPrior + best->bars);
  }

  double hazard_;
  double history_;
  Segment all_;
  std::vector<Segment> segments_;
  double previous_close_ = 0;
};

}  // namespace

ClassifierType change_point_type() {
  ClassifierType type;
  type.name = "change_point";
  type.summary = "calm or turbulent: the variance since the most probable last break, against the long-run variance";
  type.formula =
      "posterior over the start of the current stretch by Bayesian online change-point detection with hazard 1/length and normal returns "
      "of unknown mean "
      "and variance; turbulent when the variance of the most probable stretch exceeds that of all returns before";
  type.source = "Adams & MacKay 2007";
  type.parameters = {{"length", "expected bars between breaks", 100, 2, 1000000, false},
                     {"history", "returns before the first label", 100, 20, 1000000, true}};
  type.labels = [](const ParameterValues&) { return std::vector<std::string>{"calm", "turbulent"}; };
  type.make = [](const ParameterValues& v) -> std::unique_ptr<Classifier> {
    return std::make_unique<ChangePointClassifier>(v[0], static_cast<std::size_t>(v[1]));
  };
  return type;
}

}  // namespace tradewind::regimes
