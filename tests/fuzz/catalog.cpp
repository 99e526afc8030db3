// SPDX-License-Identifier: Apache-2.0
// The segments of a run's catalog: read whole, scanned, and as a run.
#include "fuzz.hpp"
#include "tradewind/workspace/catalog_internal.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/scan.hpp"

namespace tradewind::fuzz {
namespace {

void read_table(std::string_view input) {
  const auto table = workspace::CatalogTable::from_bytes(std::string(input), "w0-1.arrow");
  if (!good(table)) return;
  std::vector<workspace::CatalogRow> rows;
  if (!good(table->read(rows))) return;
  std::vector<std::string> names;
  const auto all = workspace::read_rows({&*table, 1}, names);
  if (!good(all)) return;
  const auto bytes = workspace::encode_catalog(*all, names, table->supersedes());
  require(good(bytes), "rows that are read can be written");
  const auto again = workspace::CatalogTable::from_bytes(*bytes, "w0-2.arrow");
  require(good(again) && again->rows() == table->rows(), "a catalog comes back as it was written");
}

void read_run(std::string_view input) {
  static const bool made = std::filesystem::create_directories(scratch() / "ws/r/catalog");
  static_cast<void>(made);
  const Path segment = scratch_file("ws/r/catalog/w0-1.arrow", input);
  workspace::ScanQuery query;
  query.where = "sharpe_ratio > 0 or symbol == 'SPY'";
  const Path root = scratch() / "ws";
  for (const char* sort : {"sharpe_ratio", "strategy_type", ""}) {
    query.sort = sort;
    const auto found = workspace::scan(root, {}, query);
    if (!good(found)) continue;
    for (const auto& fault : found->faults) check_error(fault.error);
    require(found->rows <= found->matched, "no more rows are shown than match");
  }
  const auto run = workspace::Run::open(root, "r");
  if (!good(run)) return;
  good(run->strategies());
  const auto ids = run->strategy_ids();
  good(run->load_signals(ids));
  scratch_file("ws/r/catalog/w0-1.sha256", input);
  good(workspace::read_checksums(segment));
}

}  // namespace

FUZZ_TARGET(catalog) {
  read_table(input);
  read_run(input);
}

}  // namespace tradewind::fuzz
