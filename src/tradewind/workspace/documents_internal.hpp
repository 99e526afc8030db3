// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "tradewind/workspace/catalog_internal.hpp"

namespace tradewind::workspace {

/// Text by path in the run.
using Documents = std::map<std::string, std::string>;

/// Replaces documents and metadata.json together: the documents are put on disk as `NAME.tmp`, metadata.json gets their checksums, which is
/// the one commit point, then they get their names. Whoever finds the run cut off after the commit takes `NAME.tmp` for the document.
/// The caller has its turn at the run (Claim::turn or all). Adds the checksums to `sums`.
Status commit_documents(const Path& folder, const RunMetadata& metadata, Checksums& sums, const Documents& documents);
/// Gives the documents of a commit that was cut off their names. The caller has its turn.
Status settle_documents(const Path& folder, const Checksums& sums);
/// Whether the document has this checksum, under its name or, for a commit that was cut off, beside it; its place then.
Result<Path> find_document(const Path& folder, const std::string& path, const std::string& sum);

/// Errc::corrupt when a folder of the run, or an entry of one, is a symbolic link: what is written or removed there would be elsewhere.
Status refuse_links(const Path& folder);

}  // namespace tradewind::workspace
