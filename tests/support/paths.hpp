// SPDX-License-Identifier: Apache-2.0
// Where the tests find files. The only place that knows the source tree's path, so that one compiler cache serves every clone.
#pragma once

#include <filesystem>

namespace tradewind::test {

/// The root of the source tree.
std::filesystem::path source_dir();
/// The folder of data and oracles: $TRADEWIND_SHARED, else `shared` beside the tree. Users' clones have none: such tests say skipped.
std::filesystem::path shared_dir();

}  // namespace tradewind::test
