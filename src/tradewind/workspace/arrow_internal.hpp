// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <memory>
#include <string>

#include <arrow/io/interfaces.h>
#include <arrow/memory_pool.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include "tradewind/base/expansion.hpp"
#include "tradewind/base/file.hpp"
#include "tradewind/base/hash.hpp"

namespace tradewind::workspace {

/// A file being written: buffered, hashed as it goes, removed again unless keep() is called.
class HashedFile final : public arrow::io::OutputStream {
 public:
  static Result<std::shared_ptr<HashedFile>> open(const Path& path);
  ~HashedFile() override;

  arrow::Status Write(const void* data, std::int64_t bytes) override;
  using arrow::io::OutputStream::Write;
  arrow::Status Close() override;
  bool closed() const override { return fd_ < 0; }
  arrow::Result<std::int64_t> Tell() const override { return position_; }

  /// Writes what is buffered, puts the bytes on disk when `sync`, closes and keeps the file. Gives its SHA-256.
  Result<std::string> keep(bool sync);

 private:
  HashedFile(Path path, int fd);
  arrow::Status drain();

  Path path_;
  int fd_;
  std::int64_t position_ = 0;
  std::int64_t started_ = 0;  ///< bytes whose way to the disk has been started
  bool kept_ = false;
  std::string buffer_;
  Sha256 hash_;
};

using ArrowPool = BoundedPool<arrow::MemoryPool, arrow::Status>;

/// An Arrow failure as an Error: out of memory and I/O become storage, everything else `otherwise`.
Error from_arrow(const arrow::Status& status, const Path& path, Errc otherwise);
Error from_exception(const std::exception& fault, const Path& path, Errc otherwise);

/// Runs `body`, which gives a Result; exceptions of the Arrow and Parquet libraries become errors. The one place that catches them.
template <class Body>
auto guarded(const Path& path, Errc otherwise, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::exception& fault) {
    return from_exception(fault, path, otherwise);
  }
}

}  // namespace tradewind::workspace

/// Returns the Error of a failed arrow::Status.
#define TRADEWIND_ARROW_TRY(expression, path, otherwise)                                                                  \
  do {                                                                                                                    \
    const ::arrow::Status tradewind_arrow_status = (expression);                                                          \
    if (!tradewind_arrow_status.ok()) return ::tradewind::workspace::from_arrow(tradewind_arrow_status, path, otherwise); \
  } while (false)
/// Declares `target` from an arrow::Result, or returns its Error.
#define TRADEWIND_ARROW_ASSIGN(target, expression, path, otherwise)                                                    \
  auto TRADEWIND_CONCAT(tradewind_arrow_, __LINE__) = (expression);                                                    \
  if (!TRADEWIND_CONCAT(tradewind_arrow_, __LINE__).ok())                                                              \
    return ::tradewind::workspace::from_arrow(TRADEWIND_CONCAT(tradewind_arrow_, __LINE__).status(), path, otherwise); \
  target = TRADEWIND_CONCAT(tradewind_arrow_, __LINE__).MoveValueUnsafe()
