// SPDX-License-Identifier: Apache-2.0
// How fast price files are read: csv_bench [ROWS]. Prints rows per second for plain CSV, .csv.gz and Parquet, best of three.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "tradewind/base/time.hpp"
#include "tradewind/market/read_bars.hpp"
#include "tradewind/market/write_bars.hpp"

int main(int argc, char** argv) {
  using namespace tradewind;
  using namespace tradewind::market;
  const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  Bars bars;
  for (std::size_t i = 0; i < rows; ++i) {
    const double price = 100 + static_cast<double>(i * 7919 % 10007) / 100;
    bars.timestamp.push_back(1'577'836'800 * kNanosPerSecond + static_cast<std::int64_t>(i) * 60 * kNanosPerSecond);
    bars.open.push_back(price);
    bars.high.push_back(price + 0.37);
    bars.low.push_back(price - 0.41);
    bars.close.push_back(price + 0.12);
    bars.volume.push_back(static_cast<double>(1000 + i % 977));
  }
  const auto folder = std::filesystem::temp_directory_path();
  for (const char* name : {"tradewind_bench.csv", "tradewind_bench.csv.gz", "tradewind_bench.parquet"}) {
    const auto path = folder / name;
    if (const auto written = write_bars(path, bars); !written) return std::fprintf(stderr, "%s\n", written.error().message().c_str()), 1;
    double best = 1e9;
    for (int repeat = 0; repeat < 3; ++repeat) {
      const Stopwatch watch;
      const auto result = read_bars(path);
      best = std::min(best, watch.seconds());
      if (!result || result->bars.close != bars.close) return std::fprintf(stderr, "%s: wrong result\n", name), 1;
    }
    std::printf("%-24s %10.0f rows/s\n", name, static_cast<double>(rows) / best);
    std::filesystem::remove(path);
  }
  return 0;
}
