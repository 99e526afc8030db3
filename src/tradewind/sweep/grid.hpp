// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/config/reader.hpp"

namespace tradewind::sweep {

/// The values one parameter takes.
struct Axis {
  std::string name;
  std::vector<double> values;
};

/// What a grid needs to know about a parameter of a strategy or classifier type.
struct AxisSpec {
  std::string name;
  double default_value;
  double minimum;
  double maximum;
  bool integer;
};

/// All combinations of the axes' values for which the condition holds, last axis fastest. Combinations are made on demand:
/// a grid of a million keeps 4 bytes each.
class Grid {
 public:
  /// `condition` may be empty; it may use the axes' names only. Errors: Errc::invalid_config, Errc::too_large above 2^31 combinations.
  static Result<Grid> make(std::vector<Axis> axes, const std::vector<std::string>& conditions);

  std::size_t size() const noexcept { return kept_.size(); }
  /// Combinations before the conditions.
  std::size_t full_size() const noexcept { return full_size_; }
  const std::vector<Axis>& axes() const noexcept { return axes_; }
  /// Values of combination `index` < size(), in the order of axes().
  std::vector<double> values(std::size_t index) const;

 private:
  void decode(std::uint32_t full_index, std::span<double> out) const;
  std::vector<Axis> axes_;
  std::vector<std::uint32_t> kept_;
  std::size_t full_size_ = 0;
};

/// Reads one axis per spec from a strategy's or classifier's map: a number, a list, or {from, to, step} (both ends included, step 1 by
/// default); a missing parameter takes its default. Complaints go to the reader.
std::vector<Axis> read_axes(config::MapReader& reader, std::span<const AxisSpec> specs);

}  // namespace tradewind::sweep
