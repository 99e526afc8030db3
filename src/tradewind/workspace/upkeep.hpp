// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tradewind/base/file.hpp"

namespace tradewind::workspace {

/// A file of a run whose bytes are not what was written.
struct Fault {
  std::string path;  ///< in the run
  std::string fault;
};

struct VerifyReport {
  std::int64_t checked = 0;  ///< files
  std::vector<Fault> faults;
  std::vector<std::string> unprotected;  ///< files in the run that no checksum covers (not written by this library)
};

/// Reads every file of a run and compares checksums: any changed, missing or cut byte is a fault.
Result<VerifyReport> verify(const Path& root, const std::string& run_id);

/// Moves all signals into packed segments; gives the number of strategies moved. Signals, metadata and scan results stay the same.
Result<std::int64_t> pack(const Path& root, const std::string& run_id);
/// Moves strategies into the files layout: those named, else the best `top` by sharpe_ratio, else all. Strategies without stored
/// signals are left alone (Errc::not_found when named). Gives the number moved.
Result<std::int64_t> unpack(const Path& root, const std::string& run_id, std::span<const std::string> ids, std::optional<std::size_t> top);

/// A metric an analysis adds to every strategy's row; strategies it does not name get an undefined value.
struct CatalogColumn {
  std::string name;                                ///< e.g. dsr
  std::unordered_map<std::string, double> values;  ///< by strategy_id; NaN: undefined
};
/// Adds or replaces catalog columns, all in one atomic commit; one without a defined value leaves what is stored. Files of single
/// strategies keep what the sweep wrote.
Status set_columns(const Path& root, const std::string& run_id, std::span<const CatalogColumn> columns);
/// Writes a document of a finished run ("analytics/correlation_matrix.json"), durable and covered by the run's checksums. `read_document`
/// (reader.hpp) gives it back.
Status write_document(const Path& root, const std::string& run_id, const std::string& path, std::string_view text);
/// Several at once, text by path: after a crash or on a full disk all of them are there or none.
Status write_documents(const Path& root, const std::string& run_id, const std::map<std::string, std::string>& documents);
/// The same for a run's event traces, whose number metadata.json notes.
Status write_event_documents(const Path& root, const std::string& run_id, std::int64_t events, const std::string& trace_file,
                             const std::map<std::string, std::string>& documents);

struct RunSize {
  std::int64_t files = 0;
  std::int64_t bytes = 0;
};
/// What a run takes. Errors: Errc::not_found; Errc::invalid_data for a folder that is no run; Errc::corrupt for a symbolic link.
Result<RunSize> run_size(const Path& root, const std::string& run_id);
/// Removes a run, whole or interrupted, in one step for readers; gives what it took. Links in it are removed, never followed. Errors as
/// run_size; Errc::already_exists while it is written.
Result<RunSize> delete_run(const Path& root, const std::string& run_id);

struct RunCompletion;
/// Rebuilds the catalog and metadata.json's totals from the Parquet files of the run, also those of other tools, which get this
/// workspace's form; gives the number of strategies. With `completion` the signals are traded and the run says how. Errors:
/// Errc::invalid_data for a run without signals; Errc::usage for prices given to packed signals; as import_signals.
Result<std::int64_t> reindex(const Path& root, const std::string& run_id, const RunCompletion* completion = nullptr);

}  // namespace tradewind::workspace
