// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/workspace/import.hpp"

namespace tradewind::workspace {

/// Gives files that other programs wrote into a run's folders this workspace's form: signals as `signals/{id}.parquet` or
/// `signals/{id}/signals.parquet` in any shape that import_signals reads, with what `metadata.json` beside them says; states of
/// classifiers with labels as text. What was there stays, as `*.original.*` where its name is needed. With `completion` all single files
/// are traded, ours too. Nothing is written before everything has been read. Errors: Errc::invalid_data, Errc::corrupt.
Status adopt_foreign(const Path& folder, const RunCompletion* completion);

/// The same for states of classifiers; `symbols`: those of the run, one of which a classifier is on. Gives whether there were any.
Result<bool> adopt_classifiers(const Path& folder, const std::vector<std::string>& symbols);

/// Whether another program wrote a JSON document of a run.
bool is_foreign_document(const Path& file);

/// Keeps a file under `{stem}.original{extension}`, unless that is taken.
Status keep_original(const Path& file);

}  // namespace tradewind::workspace
