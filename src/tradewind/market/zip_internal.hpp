// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tradewind/base/file.hpp"

namespace tradewind::market {

/// Where the only file of a zip archive lies.
struct ZipEntry {
  std::string name;
  std::uint64_t begin = 0;  ///< offset of its bytes in the archive
  std::uint64_t size = 0;   ///< as packed
  bool deflated = false;
};

/// Errors: invalid_data for an archive that is damaged, holds other than one file, or packs it in a way that is not read here.
Result<ZipEntry> only_file_of_zip(const Path& path);

}  // namespace tradewind::market
