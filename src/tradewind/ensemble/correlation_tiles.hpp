// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "tradewind/base/cancellation.hpp"
#include "tradewind/base/file.hpp"
#include "tradewind/ensemble/correlation.hpp"

namespace tradewind::ensemble {

/// Bytes of an in-memory correlation matrix of so many columns.
constexpr std::size_t correlation_bytes(std::size_t columns) { return columns * columns * sizeof(double); }

/// Returns that need not be in memory at once. `read` fills `out` with columns first … first + count − 1, `rows` values each; it is called
/// from one thread at a time.
struct ColumnSource {
  std::size_t columns = 0;
  std::size_t rows = 0;
  std::function<Status(std::size_t first, std::size_t count, std::span<double> out)> read;
};
ColumnSource source_of(const ReturnPanel& panel);

struct TileOptions {
  CorrelationKind kind = CorrelationKind::sample;
  std::size_t memory_bytes = std::size_t{256} << 20;  ///< for columns held at a time; never less than two tiles' worth
  int threads = 1;
  const Cancellation* cancellation = nullptr;
};

/// A correlation matrix on disk, for more columns than fit in memory. File: the 8 bytes "TWCORR1\n"; columns, tile side and kind as
/// little-endian 64-bit integers; one byte per column, 1 when it has no variance; zeros up to a multiple of 4,096 bytes; then the
/// tiles of the upper triangle, row of tiles by row of tiles (0,0), (0,1) … (1,1) …, each side · side little-endian doubles, row by row;
/// beyond the last column NaN. A file that can be made again: it has no checksum.
class CorrelationTiles {
 public:
  static constexpr std::size_t kSide = 256;  ///< columns of a tile

  /// Computes the matrix into `path`: the values of correlation_matrix to the bit, the same bytes at any number of threads and any memory.
  /// Nothing is left at `path` after an error. 8 · columns²/2 bytes of disk, taken before the work starts.
  /// Errors: `invalid_data` for a value that is not finite, no columns or no rows; `storage`, `interrupted`, what the source gives.
  static Result<CorrelationTiles> compute(const ColumnSource& source, const Path& path, const TileOptions& options = {});
  /// Errors: `not_found`, `corrupt` for a file that is not such a matrix or has another size than it says.
  static Result<CorrelationTiles> open(const Path& path);
  CorrelationTiles(CorrelationTiles&&) noexcept;
  CorrelationTiles& operator=(CorrelationTiles&&) noexcept;
  ~CorrelationTiles();

  std::size_t count() const noexcept;
  std::size_t tiles() const noexcept;  ///< per side
  CorrelationKind kind() const noexcept;
  const std::vector<bool>& undefined() const noexcept;
  /// Tile (row, column), row ≤ column < tiles(): kSide · kSide values. Thread-safe.
  Status read(std::size_t row, std::size_t column, std::span<double> out) const;
  /// The whole matrix, which must fit into memory (correlation_bytes). strategy_families takes it from there.
  Result<CorrelationMatrix> load() const;

 private:
  struct State;
  explicit CorrelationTiles(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// As redundancy_report of the matrix, read tile by tile; memory for the pairs above the threshold only. `order`: the columns in the order
/// in which they may stay, e.g. by their Sharpe ratio. Errors: `usage` when it does not name each column once; `storage`, `interrupted`.
Result<RedundancyReport> redundancy_report(const CorrelationTiles& tiles, std::span<const std::size_t> order, double threshold,
                                           const Cancellation* cancellation = nullptr);
/// The same in the order of the panel's Sharpe ratios.
Result<RedundancyReport> redundancy_report(const ReturnPanel& panel, const CorrelationTiles& tiles, double threshold,
                                           const Cancellation* cancellation = nullptr);

}  // namespace tradewind::ensemble
