// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/enum_names.hpp"
#include "tradewind/ensemble/clustering.hpp"
#include "tradewind/ensemble/return_panel.hpp"

namespace tradewind::ensemble {

enum class CorrelationKind : std::uint8_t {
  sample,    ///< Pearson
  rank,      ///< Spearman: Pearson of ranks, ties at their average
  downside,  ///< Pearson of min(r, 0): do losses come together [after Estrada 2008]
};
constexpr auto names_of(CorrelationKind) { return std::to_array<std::string_view>({"sample", "rank", "downside"}); }

struct CorrelationMatrix {
  std::size_t count = 0;
  std::vector<double> values;   ///< count · count in [−1, 1], ones on the diagonal; NaN beside a column without variance
  std::vector<bool> undefined;  ///< columns without variance
  double operator()(std::size_t i, std::size_t j) const noexcept { return values[i * count + j]; }
};

/// Correlations between all columns. Tiles of 64 columns, multithreaded, the same bytes at any thread count.
/// 5,000 columns of 2,520 bars: some seconds on two cores, 200 MB. Errors: as check(panel), `interrupted`.
Result<CorrelationMatrix> correlation_matrix(const ReturnPanel& panel, CorrelationKind kind, int threads = 1,
                                             const Cancellation* cancellation = nullptr);

/// Groups of strategies that earn alike.
struct Families {
  std::vector<std::size_t> family;  ///< of every column, numbered by lowest member
  std::size_t count = 0;
  std::vector<Merge> tree;
};
/// Ward clustering at the distance √(2(1 − ρ)), which is that of standardised returns; cut where the average correlation inside a
/// pair of merged leaves would fall below `min_correlation`. Columns without variance are families of their own. O(n²).
Families strategy_families(const CorrelationMatrix& correlation, double min_correlation = 0.5);

/// A pair of strategies that are nearly the same.
struct RedundantPair {
  std::size_t first;
  std::size_t second;
  double correlation;
};
struct RedundancyReport {
  std::vector<RedundantPair> pairs;      ///< above the threshold, highest first
  std::vector<std::size_t> replaced_by;  ///< per column: itself when it stays, else the better one it is dropped for
};
/// Which strategies repeat a better one: in the order of their Sharpe ratio each stays unless it is correlated above `threshold`
/// with one that stays already. Errors: as correlation_matrix.
Result<RedundancyReport> redundancy_report(const ReturnPanel& panel, double threshold, int threads = 1,
                                           const Cancellation* cancellation = nullptr);
RedundancyReport redundancy_report(const ReturnPanel& panel, const CorrelationMatrix& correlation, double threshold);

}  // namespace tradewind::ensemble
