// SPDX-License-Identifier: Apache-2.0
#include "tradewind/market/zip_internal.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::market {
namespace {

/// The end of an archive: its directory's own header, with the longest comment there may be.
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kLongestComment = 65535;
constexpr std::uint64_t kLargestDirectory = std::uint64_t{1} << 24;

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// Bytes of a file from anywhere; fewer at its end.
class Window {
 public:
  explicit Window(const Path& path) : file_(std::fopen(path.c_str(), "rbe")) {}
  std::string read(std::uint64_t from, std::size_t count) {
    std::string bytes(count, '\0');
    if (!file_ || fseeko(file_.get(), static_cast<off_t>(from), SEEK_SET) != 0) return {};
    bytes.resize(std::fread(bytes.data(), 1, count, file_.get()));
    return bytes;
  }

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
};

struct ZipFile {
  std::string name;
  std::uint32_t flags = 0;
  std::uint32_t method = 0;
  std::uint64_t size = 0;
  std::uint64_t header = 0;
};

/// The files that a directory lists; folders and what macOS adds are none. nullopt when it is damaged.
std::optional<std::vector<ZipFile>> files_of(std::string_view directory) {
  constexpr std::size_t kEntry = 46;
  std::vector<ZipFile> files;
  for (std::size_t at = 0; at < directory.size();) {
    const std::string_view entry = directory.substr(at);
    if (entry.size() < kEntry || !entry.starts_with("PK\x01\x02")) return std::nullopt;
    const std::size_t name = number_at(entry, 28, 2), more = number_at(entry, 30, 2) + number_at(entry, 32, 2);
    if (entry.size() < kEntry + name + more) return std::nullopt;
    ZipFile file{std::string(entry.substr(kEntry, name)), number_at(entry, 8, 2), number_at(entry, 10, 2), number_at(entry, 20, 4),
                 number_at(entry, 42, 4)};
    if (!file.name.ends_with('/') && !file.name.starts_with("__MACOSX/")) files.push_back(std::move(file));
    at += kEntry + name + more;
  }
  return files;
}

}  // namespace

Result<ZipEntry> only_file_of_zip(const Path& path) {
  const auto damaged_zip = [&](const char* what) {
    return Error(Errc::invalid_data, fmt::format("damaged zip archive: {}", what), path.string(), "fetch or pack it again");
  };
  std::error_code failure;
  const std::uint64_t size = std::filesystem::file_size(path, failure);
  if (failure || size < kEndSize) return damaged_zip("it is cut off");
  Window window(path);
  const std::uint64_t from = size - std::min<std::uint64_t>(size, kEndSize + kLongestComment);
  const std::string tail = window.read(from, static_cast<std::size_t>(size - from));
  const auto end = tail.rfind("PK\x05\x06");
  if (end == std::string::npos || tail.size() - end < kEndSize) return damaged_zip("it has no end, so it is cut off");
  const std::uint64_t length = number_at(tail, end + 12, 4), start = number_at(tail, end + 16, 4);
  if (length > kLargestDirectory || start + length > size) return damaged_zip("its directory is not where it should be");
  const auto files = files_of(window.read(start, static_cast<std::size_t>(length)));
  if (!files) return damaged_zip("its directory cannot be read");
  if (files->size() != 1) {
    const bool workbook = std::any_of(files->begin(), files->end(), [](const ZipFile& file) { return file.name == "xl/workbook.xml"; });
    return Error(
        Errc::invalid_data,
        workbook ? "this is an Excel workbook, not a CSV file" : fmt::format("the zip archive holds {} files, not one", files->size()),
        path.string(), workbook ? "save the sheet as CSV" : "unpack it and name one of them");
  }
  const ZipFile& only = files->front();
  if ((only.flags & 1U) != 0 || (only.method != 0 && only.method != 8) || only.size == UINT32_MAX || only.header == UINT32_MAX)
    return Error(Errc::invalid_data, fmt::format("the zip archive packs '{}' in a way that is not read here", printable(only.name)),
                 path.string(), "unpack it first");
  const std::string header = window.read(only.header, 30);
  if (header.size() < 30 || !header.starts_with("PK\x03\x04")) return damaged_zip("a file is not where its directory says");
  const std::uint64_t data = only.header + 30 + number_at(header, 26, 2) + number_at(header, 28, 2);
  if (data + only.size > start) return damaged_zip("a file is not where its directory says");
  return ZipEntry{only.name, data, only.size, only.method == 8};
}

}  // namespace tradewind::market
