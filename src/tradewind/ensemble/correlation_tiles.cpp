// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/correlation_tiles.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/ensemble/correlation_internal.hpp"
#include "tradewind/ensemble/kernel_internal.hpp"

namespace tradewind::ensemble {
namespace {

static_assert(std::endian::native == std::endian::little, "tiles are stored as this machine holds them");

constexpr std::size_t kSide = CorrelationTiles::kSide;
constexpr std::size_t kTileBytes = kSide * kSide * sizeof(double);
constexpr std::size_t kAlign = 4096;
constexpr std::array<char, 8> kMagic = {'T', 'W', 'C', 'O', 'R', 'R', '1', '\n'};
constexpr std::size_t kMostColumns = std::size_t{1} << 24;
constexpr std::size_t kHeadBytes = sizeof kMagic + 3 * sizeof(std::uint64_t);

/// Where things stand in a file of so many columns.
struct Shape {
  std::size_t columns;
  std::size_t tiles() const { return (columns + kSide - 1) / kSide; }
  std::size_t first_tile() const { return (kHeadBytes + columns + kAlign - 1) / kAlign * kAlign; }
  std::size_t tile(std::size_t row, std::size_t column) const {
    const std::size_t before = row * tiles() - row * (row - 1) / 2;  // row · (row − 1) is 0 for row 0
    return first_tile() + (before + column - row) * kTileBytes;
  }
  std::size_t bytes() const { return first_tile() + tiles() * (tiles() + 1) / 2 * kTileBytes; }
};

Status write_at(int fd, const void* data, std::size_t bytes, std::size_t offset, const Path& path) {
  const char* from = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t written = ::pwrite(fd, from, bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("cannot write", path, errno);
    from += written;
    bytes -= static_cast<std::size_t>(written);
    offset += static_cast<std::size_t>(written);
  }
  return {};
}

Status read_at(int fd, void* data, std::size_t bytes, std::size_t offset, const Path& path) {
  char* to = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = ::pread(fd, to, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read", path, errno);
    if (got == 0) return Error(Errc::corrupt, "the file ends early", path.string(), "compute the correlations again");
    to += got;
    bytes -= static_cast<std::size_t>(got);
    offset += static_cast<std::size_t>(got);
  }
  return {};
}

/// `<path>.tmp`, removed unless it is kept.
class NewFile {
 public:
  explicit NewFile(const Path& path) : path_(path), temporary_(path.string() + ".tmp") {}
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (fd_ >= 0) ::close(fd_);
    if (fd_ >= 0 && !kept_) ::unlink(temporary_.c_str());
  }
  /// Takes the room on disk at once, so that a full disk is told before the work.
  Status create(std::size_t bytes) {
    fd_ = ::open(temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd_ < 0) return system_error("cannot create", temporary_, errno);
    if (const int code = ::posix_fallocate(fd_, 0, static_cast<off_t>(bytes)); code != 0)
      return system_error(fmt::format("cannot take {} MB of disk for", bytes / 1'000'000), temporary_, code);
    return {};
  }
  Status write(const void* data, std::size_t bytes, std::size_t offset) const { return write_at(fd_, data, bytes, offset, temporary_); }
  Status keep() {
    if (::fsync(fd_) != 0) return system_error("cannot sync", temporary_, errno);
    TRADEWIND_TRY(commit_file(path_));
    kept_ = true;
    return {};
  }

 private:
  Path path_;
  Path temporary_;
  int fd_ = -1;
  bool kept_ = false;
};

/// Standardised columns [first, first + count).
struct Band {
  std::size_t first = 0;
  std::size_t count = 0;
  std::vector<double> values;
};

/// Fills a file with tiles, some bands of columns at a time.
class TileWork {
 public:
  TileWork(const ColumnSource& source, const TileOptions& options, const NewFile& file)
      : source_(source), options_(options), file_(file), shape_{source.columns}, constant_(source.columns) {
    const std::size_t column_bytes = source.rows * sizeof(double);
    const std::size_t tiles = options.memory_bytes / 2 / column_bytes / kSide;
    band_columns_ = std::max<std::size_t>(1, tiles) * kSide;
  }

  Status run() {
    Band left;
    Band right;
    for (std::size_t i = 0; i < shape_.columns; i += band_columns_) {
      TRADEWIND_TRY(load(i, left));
      TRADEWIND_TRY(multiply(left, left));
      for (std::size_t j = i + band_columns_; j < shape_.columns; j += band_columns_) {
        TRADEWIND_TRY(load(j, right));
        TRADEWIND_TRY(multiply(left, right));
      }
    }
    return file_.write(constant_.data(), constant_.size(), kHeadBytes);
  }

 private:
  Status load(std::size_t first, Band& band) {
    band.first = first;
    band.count = std::min(band_columns_, shape_.columns - first);
    band.values.resize(band.count * source_.rows);
    TRADEWIND_TRY(source_.read(first, band.count, band.values));
    return parallel_for(
        band.count, options_.threads,
        [&](std::size_t j) -> Status {
          const std::span<double> column(band.values.data() + j * source_.rows, source_.rows);
          const auto bad = std::find_if(column.begin(), column.end(), [](double value) { return !std::isfinite(value); });
          if (bad != column.end())
            return Error(Errc::invalid_data, fmt::format("column {} holds a value that is not finite", first + j),
                         fmt::format("row {}", bad - column.begin()));
          constant_[first + j] = prepare(column, options_.kind) ? 0 : 1;
          return {};
        },
        options_.cancellation);
  }

  Status multiply(const Band& left, const Band& right) const {
    std::vector<std::pair<std::size_t, std::size_t>> tasks;
    for (std::size_t i = left.first / kSide; i * kSide < left.first + left.count; ++i)
      for (std::size_t j = std::max(i, right.first / kSide); j * kSide < right.first + right.count; ++j) tasks.emplace_back(i, j);
    return parallel_for(
        tasks.size(), options_.threads,
        [&](std::size_t index) {
          const auto [i, j] = tasks[index];
          const std::vector<double> values = tile(left, i, right, j);
          return file_.write(values.data(), kTileBytes, shape_.tile(i, j));
        },
        options_.cancellation);
  }

  std::vector<double> tile(const Band& left, std::size_t row, const Band& right, std::size_t column) const {
    std::vector<double> out(kSide * kSide, std::numeric_limits<double>::quiet_NaN());
    std::vector<double> sums(kGramTask * kGramTask);
    const std::size_t rows_end = std::min((row + 1) * kSide, shape_.columns);
    const std::size_t columns_end = std::min((column + 1) * kSide, shape_.columns);
    for (std::size_t i0 = row * kSide; i0 < rows_end; i0 += kGramTask) {
      for (std::size_t j0 = column * kSide; j0 < columns_end; j0 += kGramTask) {
        const std::size_t height = std::min(kGramTask, rows_end - i0);
        const std::size_t width = std::min(kGramTask, columns_end - j0);
        gram_tile(left.values.data() + (i0 - left.first) * source_.rows, height, right.values.data() + (j0 - right.first) * source_.rows,
                  width, source_.rows, sums.data());
        for (std::size_t i = i0; i < i0 + height; ++i)
          for (std::size_t j = j0; j < j0 + width; ++j)
            out[(i - row * kSide) * kSide + j - column * kSide] = value(i, j, sums[(i - i0) * width + j - j0]);
      }
    }
    return out;
  }

  double value(std::size_t i, std::size_t j, double sum) const {
    if (constant_[i] != 0 || constant_[j] != 0) return std::numeric_limits<double>::quiet_NaN();
    return i == j ? 1 : std::clamp(sum, -1.0, 1.0);
  }

  const ColumnSource& source_;
  const TileOptions& options_;
  const NewFile& file_;
  Shape shape_;
  std::size_t band_columns_;
  std::vector<char> constant_;
};

Error not_a_matrix(const Path& path, const std::string& why) {
  return {Errc::corrupt, "not a file of correlation tiles: " + why, path.string(), "compute the correlations again"};
}

}  // namespace

struct CorrelationTiles::State {
  Path path;
  int fd = -1;
  Shape shape{0};
  CorrelationKind kind = CorrelationKind::sample;
  std::vector<bool> undefined;
  ~State() {
    if (fd >= 0) ::close(fd);
  }
};

ColumnSource source_of(const ReturnPanel& panel) {
  return {panel.columns(), panel.rows, [&panel](std::size_t first, std::size_t count, std::span<double> out) -> Status {
            std::copy_n(panel.values.begin() + static_cast<std::ptrdiff_t>(first * panel.rows), count * panel.rows, out.begin());
            return {};
          }};
}

CorrelationTiles::CorrelationTiles(std::unique_ptr<State> state) : state_(std::move(state)) {}
CorrelationTiles::CorrelationTiles(CorrelationTiles&&) noexcept = default;
CorrelationTiles& CorrelationTiles::operator=(CorrelationTiles&&) noexcept = default;
CorrelationTiles::~CorrelationTiles() = default;

Result<CorrelationTiles> CorrelationTiles::compute(const ColumnSource& source, const Path& path, const TileOptions& options) {
  if (source.columns == 0 || source.rows == 0) return Error(Errc::invalid_data, "there are no returns to correlate");
  if (source.columns > kMostColumns)
    return Error(Errc::too_large, fmt::format("{} columns, at most {} are correlated", source.columns, kMostColumns));
  const Shape shape{source.columns};
  NewFile file(path);
  TRADEWIND_TRY(file.create(shape.bytes()));
  const std::array<std::uint64_t, 3> numbers = {source.columns, kSide, static_cast<std::uint64_t>(options.kind)};
  TRADEWIND_TRY(file.write(kMagic.data(), sizeof kMagic, 0));
  TRADEWIND_TRY(file.write(numbers.data(), sizeof numbers, sizeof kMagic));
  TRADEWIND_TRY(TileWork(source, options, file).run());
  TRADEWIND_TRY(file.keep());
  return open(path);
}

Result<CorrelationTiles> CorrelationTiles::open(const Path& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (state->fd < 0) return system_error("cannot open", path, errno);
  std::array<char, 8> magic{};
  std::array<std::uint64_t, 3> numbers{};
  TRADEWIND_TRY(read_at(state->fd, magic.data(), sizeof magic, 0, path));
  TRADEWIND_TRY(read_at(state->fd, numbers.data(), sizeof numbers, sizeof magic, path));
  struct stat status{};
  if (::fstat(state->fd, &status) != 0) return system_error("cannot look at", path, errno);
  if (magic != kMagic) return not_a_matrix(path, "it does not start like one");
  if (numbers[0] == 0 || numbers[0] > kMostColumns || numbers[1] != kSide ||
      numbers[2] > static_cast<std::uint64_t>(CorrelationKind::downside))
    return not_a_matrix(path, "its head makes no sense");
  state->shape.columns = numbers[0];
  state->kind = static_cast<CorrelationKind>(numbers[2]);
  if (static_cast<std::size_t>(status.st_size) != state->shape.bytes())
    return not_a_matrix(path, fmt::format("{} columns take {} bytes, it has {}", numbers[0], state->shape.bytes(), status.st_size));
  std::vector<char> constant(numbers[0]);
  TRADEWIND_TRY(read_at(state->fd, constant.data(), constant.size(), kHeadBytes, path));
  state->undefined.assign(constant.begin(), constant.end());
  return CorrelationTiles(std::move(state));
}

std::size_t CorrelationTiles::count() const noexcept { return state_->shape.columns; }
std::size_t CorrelationTiles::tiles() const noexcept { return state_->shape.tiles(); }
CorrelationKind CorrelationTiles::kind() const noexcept { return state_->kind; }
const std::vector<bool>& CorrelationTiles::undefined() const noexcept { return state_->undefined; }

Status CorrelationTiles::read(std::size_t row, std::size_t column, std::span<double> out) const {
  TRADEWIND_ASSERT(row <= column && column < tiles() && out.size() == kSide * kSide,
                   "a tile lies in the upper triangle and fits its buffer");
  return read_at(state_->fd, out.data(), kTileBytes, state_->shape.tile(row, column), state_->path);
}

namespace {

/// Calls body(i, j, value) for every pair i ≤ j, tile by tile.
template <class Body>
Status for_each_pair(const CorrelationTiles& tiles, const Cancellation* cancellation, Body&& body) {
  std::vector<double> values(kSide * kSide);
  for (std::size_t row = 0; row < tiles.tiles(); ++row) {
    for (std::size_t column = row; column < tiles.tiles(); ++column) {
      if (cancellation != nullptr && cancellation->requested()) return interrupted_error();
      TRADEWIND_TRY(tiles.read(row, column, values));
      for (std::size_t i = row * kSide; i < std::min((row + 1) * kSide, tiles.count()); ++i)
        for (std::size_t j = std::max(i, column * kSide); j < std::min((column + 1) * kSide, tiles.count()); ++j)
          body(i, j, values[(i - row * kSide) * kSide + j - column * kSide]);
    }
  }
  return {};
}

}  // namespace

Result<CorrelationMatrix> CorrelationTiles::load() const {
  const std::size_t n = count();
  CorrelationMatrix out{.count = n, .values = std::vector<double>(n * n), .undefined = undefined()};
  TRADEWIND_TRY(for_each_pair(*this, nullptr,
                              [&](std::size_t i, std::size_t j, double value) { out.values[i * n + j] = out.values[j * n + i] = value; }));
  return out;
}

Result<RedundancyReport> redundancy_report(const CorrelationTiles& tiles, std::span<const std::size_t> order, double threshold,
                                           const Cancellation* cancellation) {
  std::vector<bool> named(tiles.count());
  for (const std::size_t column : order)
    if (column < named.size()) named[column] = true;
  if (order.size() != named.size() || std::find(named.begin(), named.end(), false) != named.end())
    return Error(Errc::usage, fmt::format("the order must name each of the {} columns once", tiles.count()), "order");
  std::vector<RedundantPair> pairs;
  TRADEWIND_TRY(for_each_pair(tiles, cancellation, [&](std::size_t i, std::size_t j, double value) {
    if (i != j && value > threshold) pairs.push_back({i, j, value});
  }));
  std::sort(pairs.begin(), pairs.end(),
            [](const RedundantPair& a, const RedundantPair& b) { return a.first != b.first ? a.first < b.first : a.second < b.second; });
  return redundancy_of(std::move(pairs), order);
}

Result<RedundancyReport> redundancy_report(const ReturnPanel& panel, const CorrelationTiles& tiles, double threshold,
                                           const Cancellation* cancellation) {
  return redundancy_report(tiles, by_sharpe(panel), threshold, cancellation);
}

}  // namespace tradewind::ensemble
