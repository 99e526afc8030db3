// SPDX-License-Identifier: Apache-2.0
#include "tradewind/strategies/position_stream.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/strategies/indicator_stream_internal.hpp"

namespace tradewind::strategies {
namespace {

/// What a stream is of: written before its state, and compared when it is read.
Json header_of(const StrategyType& type, const ParameterValues& parameters, Direction direction) {
  return {{"type", type.name}, {"direction", enum_name(direction)}, {"parameters", parameters}};
}

/// What all streams share: the position and the form of what is saved.
class SavedStream : public PositionStream {
 public:
  explicit SavedStream(Json header) : header_(std::move(header)) {}
  std::int8_t position() const noexcept final { return position_; }
  std::string save() const final {
    StateArchive archive;
    // Writing and reading share one list of fields, which is why it cannot be const; writing changes nothing.
    const_cast<SavedStream*>(this)->all(archive);
    Json saved = header_;
    saved["format"] = archive.format();
    saved["state"] = archive.text();
    return dump_json(saved);
  }
  Status load(std::string_view saved) {
    const auto corrupt = [&](const char* what) {
      return Error(Errc::corrupt, fmt::format("a saved position stream of '{}' {}", name(), what));
    };
    Json given = read_json(saved);
    if (!given.is_object() || !given.contains("state") || !given["state"].is_string()) return corrupt("is damaged");
    StateArchive archive = StateArchive::of(given["state"].get_ref<const std::string&>());
    const Json format = given.value("format", Json(1));
    if (!format.is_number_integer() || format < 1) return corrupt("is damaged");
    if (format > archive.format())
      return Error(Errc::newer_format, fmt::format("a saved position stream of '{}' has the format {}, this version reads {}", name(),
                                                   format.get<std::int64_t>(), archive.format()));
    archive.set_format(format.get<int>());
    given.erase("state");
    given.erase("format");
    if (given != header_) return corrupt("has other parameters");
    all(archive);
    return archive.complete() ? Status() : corrupt("is damaged");
  }

 protected:
  virtual void archive(StateArchive& archive) = 0;
  std::int8_t hold(int position) { return position_ = static_cast<std::int8_t>(position); }

 private:
  void all(StateArchive& archive_of_all) {
    archive_of_all.number(position_);
    if (position_ < -1 || position_ > 1) archive_of_all.fail();
    archive(archive_of_all);
  }
  std::string name() const { return header_["type"].get<std::string>(); }

  Json header_;
  std::int8_t position_ = 0;
};

/// A comparison of indicator values by their places. Undefined values compare false both ways.
struct BoundComparison {
  bool present = false;
  bool greater = true;
  std::size_t left = 0;
  std::optional<std::size_t> right;
  double constant = 0;

  bool holds(const std::vector<double>& values) const {
    if (!present) return false;
    const double against = right ? values[*right] : constant;
    return greater ? values[left] > against : values[left] < against;
  }
};

/// A Rule bar by bar: what the sweep's walk over words of 64 bars does, one bit after the other.
class RuleStream final : public SavedStream {
 public:
  RuleStream(Json header, const Rule& rule, Direction direction)
      : SavedStream(std::move(header)), crossing_(rule.crossing), long_short_(direction == Direction::long_short) {
    enter_long_ = bind(rule.enter_long);
    exit_long_ = bind(rule.exit_long);
    if (!long_short_) return;
    enter_short_ = bind(rule.enter_short);
    exit_short_ = bind(rule.exit_short);
  }
  /// Whether every indicator of the rule could be made.
  bool valid() const {
    return std::all_of(indicators_.begin(), indicators_.end(), [](const auto& one) { return one != nullptr; });
  }
  bool warm() const noexcept override { return warm_; }

  std::int8_t push(const PriceBar& bar) override {
    bool defined = true;
    scale_.take(bar.close);
    for (std::size_t i = 0; i < indicators_.size(); ++i) {
      values_[i] = indicators_[i]->push(bar, scale_);
      defined = defined && !std::isnan(values_[i]);
    }
    warm_ = warm_ || defined;
    bool enter_long = enter_long_.holds(values_);
    bool enter_short = enter_short_.holds(values_);
    const bool exit_long = exit_long_.holds(values_);
    if (crossing_) {
      const bool long_entry = enter_long;
      enter_long = after_crossing(enter_long, exit_long, long_armed_);
      if (long_short_) enter_short = after_crossing(enter_short, long_entry, short_armed_);
    }
    return hold(next(enter_long, exit_long, enter_short, exit_short_.holds(values_)));
  }

 protected:
  void archive(StateArchive& archive) override {
    archive.number(warm_);
    archive.number(long_armed_);
    archive.number(short_armed_);
    if (archive.format() > 1)
      scale_.each(archive);
    else
      scale_.give_up();
    for (const auto& indicator : indicators_) indicator->archive(archive);
  }

 private:
  std::size_t place_of(const IndicatorKey& key) {
    const auto found = std::find(keys_.begin(), keys_.end(), key);
    const auto place = static_cast<std::size_t>(found - keys_.begin());
    if (found != keys_.end()) return place;
    keys_.push_back(key);
    indicators_.push_back(make_indicator_stream(key));
    values_.push_back(0);
    return place;
  }
  BoundComparison bind(const Comparison& comparison) {
    if (!comparison.present) return {};
    BoundComparison bound{true, comparison.greater, place_of(comparison.left), std::nullopt, comparison.constant};
    if (comparison.right) bound.right = place_of(*comparison.right);
    return bound;
  }
  /// An entry counts when its opposite has been seen on an earlier bar.
  static bool after_crossing(bool entry, bool opposite, bool& armed) {
    const bool counts = entry && armed;
    armed = armed || opposite;
    return counts;
  }
  int next(bool enter_long, bool exit_long, bool enter_short, bool exit_short) const {
    const int now = position();
    if (now <= 0 && enter_long) return 1;
    if (!long_short_) return now > 0 && exit_long ? 0 : now;
    if (now >= 0 && enter_short) return -1;
    const bool leaves = now > 0 ? exit_long : exit_short;
    return leaves ? 0 : now;
  }

  bool crossing_;
  bool long_short_;
  BoundComparison enter_long_;
  BoundComparison exit_long_;
  BoundComparison enter_short_;
  BoundComparison exit_short_;
  PriceScale scale_;
  std::vector<IndicatorKey> keys_;
  std::vector<std::unique_ptr<IndicatorStream>> indicators_;  ///< beside keys_
  std::vector<double> values_;                                ///< beside keys_: at the last bar
  bool warm_ = false;
  bool long_armed_ = false;
  bool short_armed_ = false;
};

/// A strategy written bar by bar, with every bar it has been shown: they are its state.
class WholeSeriesStream final : public SavedStream {
 public:
  WholeSeriesStream(Json header, std::unique_ptr<BarStrategy> strategy, Direction direction)
      : SavedStream(std::move(header)), strategy_(std::move(strategy)), lowest_(direction == Direction::long_short ? -1 : 0) {}
  bool warm() const noexcept override { return bars_.size() > 0; }

  std::int8_t push(const PriceBar& bar) override {
    bars_.timestamp.push_back(bar.time);
    bars_.open.push_back(bar.open);
    bars_.high.push_back(bar.high);
    bars_.low.push_back(bar.low);
    bars_.close.push_back(bar.close);
    bars_.volume.push_back(bar.volume);
    return hold(std::clamp(strategy_->on_bar(BarWindow(bars_, bars_.size() - 1)).position, lowest_, 1));
  }

 protected:
  void archive(StateArchive& archive) override {
    std::size_t count = archive.size(bars_.size(), bars_.timestamp.max_size());
    for (std::size_t i = 0; i < count && !archive.failed(); ++i) {
      PriceBar bar;
      if (!archive.loading()) bar = {bars_.timestamp[i], bars_.open[i], bars_.high[i], bars_.low[i], bars_.close[i], bars_.volume[i]};
      archive.number(bar.time);
      for (double* price : {&bar.open, &bar.high, &bar.low, &bar.close, &bar.volume}) archive.number(*price);
      if (archive.loading() && !archive.failed()) push(bar);
    }
  }

 private:
  std::unique_ptr<BarStrategy> strategy_;
  int lowest_;
  market::Bars bars_;
};

Status check(const StrategyType& type, const ParameterValues& parameters) {
  if (parameters.size() != type.parameters.size())
    return Error(Errc::invalid_config,
                 fmt::format("'{}' has {} parameters, {} are given", type.name, type.parameters.size(), parameters.size()));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const ParameterSpec& spec = type.parameters[i];
    if (!(parameters[i] >= spec.minimum && parameters[i] <= spec.maximum))
      return Error(Errc::invalid_config,
                   fmt::format("{} of '{}' is {}; it lies from {} to {}", spec.name, type.name, parameters[i], spec.minimum, spec.maximum));
  }
  return {};
}

Result<std::unique_ptr<SavedStream>> make(const StrategyType& type, const ParameterValues& parameters, Direction direction) {
  TRADEWIND_TRY(check(type, parameters));
  Json header = header_of(type, parameters, direction);
  if (!type.rule) return std::make_unique<WholeSeriesStream>(std::move(header), type.bar(parameters, direction), direction);
  auto stream = std::make_unique<RuleStream>(std::move(header), type.rule(parameters), direction);
  if (!stream->valid()) return Error(Errc::invalid_config, fmt::format("a rule of '{}' has a window below 1", type.name));
  return stream;
}

}  // namespace

Result<std::unique_ptr<PositionStream>> make_position_stream(const StrategyType& type, const ParameterValues& parameters,
                                                             Direction direction) {
  TRADEWIND_ASSIGN(auto made, make(type, parameters, direction));
  return std::unique_ptr<PositionStream>(std::move(made));
}

Result<std::unique_ptr<PositionStream>> load_position_stream(const StrategyType& type, const ParameterValues& parameters,
                                                             Direction direction, std::string_view saved) {
  TRADEWIND_ASSIGN(auto made, make(type, parameters, direction));
  TRADEWIND_TRY(made->load(saved));
  return std::unique_ptr<PositionStream>(std::move(made));
}

}  // namespace tradewind::strategies
