// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/grid.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tradewind/base/expression.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::sweep {
namespace {

/// Twice what one run can hold, so that a `where` that keeps half of a square still fits; refused before anything is counted out.
constexpr std::size_t kMaxCombinations = std::size_t{1} << 25;

/// A condition with, for each of its names, the axis it reads.
struct Condition {
  Expression expression;
  std::vector<std::size_t> axes;
};

Result<Condition> bind(const std::string& text, const std::vector<Axis>& axes) {
  auto parsed = Expression::parse(text);
  if (!parsed) return Error(Errc::invalid_config, parsed.error().message(), parsed.error().where());
  Condition condition{std::move(*parsed), {}};
  std::vector<std::string> names;
  for (const Axis& axis : axes) names.push_back(axis.name);
  for (const std::string& name : condition.expression.names()) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      return Error(Errc::invalid_config, fmt::format("'{}' is no parameter of this type", printable(name)), text, suggestion(name, names));
    condition.axes.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  return condition;
}

/// from + k·step, in whole numbers of the last decimal place of both: 0.1, 0.2, 0.3 and not 0.30000000000000004.
std::vector<double> range_values(double from, double step, std::size_t count) {
  constexpr double kMostUnits = 0x1p53;
  constexpr int kMostPlaces = 15;
  double scale = 1;
  const auto whole = [&](double value) { return std::nearbyint(value * scale) / scale == value; };
  for (int places = 0; places < kMostPlaces && !(whole(from) && whole(step)); ++places) scale *= 10;
  const double first = std::nearbyint(from * scale), by = std::nearbyint(step * scale);
  const bool exact = whole(from) && whole(step) && std::fabs(first) + by * static_cast<double>(count) < kMostUnits;
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) {
    const auto k = static_cast<double>(i);
    values.push_back(exact ? (first + k * by) / scale : from + k * step);
  }
  return values;
}

/// {from, to, step}: both ends included.
void read_range(const config::Value& map, config::MapReader& parent, const AxisSpec& spec, Axis& axis) {
  config::MapReader range(map, parent.path_of(spec.name), parent.complaints());
  const bool complete = range.require("from") != nullptr && range.require("to") != nullptr;
  const double from = range.number("from", spec.minimum, spec.minimum, spec.maximum);
  const double to = range.number("to", spec.minimum, spec.minimum, spec.maximum);
  const double step = range.number("step", 1, 1e-12, 1e12);
  range.finish();
  if (!complete) return;
  if (to < from) return range.complain("to", fmt::format("{} is below from = {}", number_text(to), number_text(from)));
  const double steps = std::floor((to - from) / step * (1 + 1e-12) + 1e-9);
  if (steps >= 1e6) return range.complain("step", "makes more than a million values");
  axis.values = range_values(from, step, static_cast<std::size_t>(steps) + 1);
}

void read_one(const config::Value& value, config::MapReader& reader, const AxisSpec& spec, Axis& axis) {
  const auto number = value.kind == config::Value::Kind::scalar ? parse_number(value.text) : std::nullopt;
  if (!number) {
    reader.complaints().add(value.line, reader.path_of(spec.name), fmt::format("'{}' is not a number", printable(value.text)),
                            "write a number, a list, or {from: 5, to: 50, step: 5}");
    return;
  }
  axis.values.push_back(*number);
}

}  // namespace

Result<Grid> Grid::make(std::vector<Axis> axes, const std::vector<std::string>& conditions) {
  Grid grid;
  grid.axes_ = std::move(axes);
  grid.full_size_ = 1;
  for (const Axis& axis : grid.axes_) {
    grid.full_size_ *= axis.values.size();
    if (grid.full_size_ > kMaxCombinations)
      return Error(Errc::too_large, fmt::format("the grid has more than {} combinations", kMaxCombinations), {},
                   "use wider steps or split the sweep");
  }
  std::vector<Condition> bound;
  for (const std::string& text : conditions) {
    if (text.empty()) continue;
    TRADEWIND_ASSIGN(Condition condition, bind(text, grid.axes_));
    bound.push_back(std::move(condition));
  }
  std::vector<double> all(grid.axes_.size());
  std::vector<double> used;
  for (std::size_t index = 0; index < grid.full_size_; ++index) {
    grid.decode(static_cast<std::uint32_t>(index), all);
    bool keep = true;
    for (const Condition& condition : bound) {
      used.clear();
      for (const std::size_t axis : condition.axes) used.push_back(all[axis]);
      TRADEWIND_ASSIGN(const bool holds, condition.expression.matches(used));
      keep = keep && holds;
    }
    if (keep) grid.kept_.push_back(static_cast<std::uint32_t>(index));
  }
  return grid;
}

void Grid::decode(std::uint32_t full_index, std::span<double> out) const {
  std::size_t rest = full_index;
  for (std::size_t i = axes_.size(); i-- > 0;) {
    out[i] = axes_[i].values[rest % axes_[i].values.size()];
    rest /= axes_[i].values.size();
  }
}

std::vector<double> Grid::values(std::size_t index) const {
  std::vector<double> result(axes_.size());
  decode(kept_[index], result);
  return result;
}

std::vector<Axis> read_axes(config::MapReader& reader, std::span<const AxisSpec> specs) {
  std::vector<Axis> axes;
  for (const AxisSpec& spec : specs) {
    Axis axis{spec.name, {}};
    const config::Value* value = reader.value(spec.name);
    if (value == nullptr)
      axis.values = {spec.default_value};
    else if (value->kind == config::Value::Kind::map)
      read_range(*value, reader, spec, axis);
    else if (value->kind == config::Value::Kind::list)
      for (const config::Value& item : value->items) read_one(item, reader, spec, axis);
    else
      read_one(*value, reader, spec, axis);

    for (const double number : axis.values) {
      if (number < spec.minimum || number > spec.maximum)
        reader.complain(spec.name,
                        fmt::format("{} is outside {} … {}", number_text(number), number_text(spec.minimum), number_text(spec.maximum)));
      else if (spec.integer && number != std::floor(number))
        reader.complain(spec.name, fmt::format("{} must be a whole number", number_text(number)));
    }
    std::vector<double> sorted = axis.values;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) reader.complain(spec.name, "lists a value twice");
    if (axis.values.empty()) {
      if (value != nullptr && value->kind == config::Value::Kind::list && value->items.empty())
        reader.complain(spec.name, "is an empty list");
      axis.values = {spec.default_value};
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

}  // namespace tradewind::sweep
