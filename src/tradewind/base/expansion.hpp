// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tradewind/base/file.hpp"
#include "tradewind/base/result.hpp"

namespace tradewind {

/// How many times its own size a compressed file may unpack to; ordinary price files compress 3 to 30 times. Process-wide,
/// `--max-expansion`.
std::uint64_t expansion_limit() noexcept;
void set_expansion_limit(std::uint64_t times) noexcept;

/// What unpacking one file may take: 256 MiB in any case, beyond that expansion_limit() times the bytes stored. Not thread-safe.
class Expansion {
 public:
  Expansion(Path file, std::uint64_t stored_bytes);
  /// Of a file on disk; one whose size cannot be told gets the 256 MiB.
  static Expansion of(const Path& file);

  std::uint64_t allowed() const noexcept { return allowed_; }
  /// Counts what was unpacked, or will be. Errc::too_large when it is more than allowed.
  Status take(std::uint64_t bytes);
  Error refusal() const;

 private:
  Path file_;
  std::uint64_t stored_;
  std::uint64_t allowed_;
  std::uint64_t taken_ = 0;
};

/// An arrow::MemoryPool that gives out no more than `allowed` bytes at a time, so that no page, dictionary or builder of the library can
/// take more. A template, so that base does not know Arrow.
template <class Pool, class PoolStatus>
class BoundedPool final : public Pool {
 public:
  BoundedPool(Pool* inner, std::uint64_t allowed)
      : inner_(inner), allowed_(static_cast<std::int64_t>(std::min<std::uint64_t>(allowed, INT64_MAX))) {}
  using Pool::Allocate;
  using Pool::Free;
  using Pool::Reallocate;

  PoolStatus Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override {
    if (!fits(size)) return refuse();
    PoolStatus status = inner_->Allocate(size, alignment, out);
    if (status.ok()) count(size);
    return status;
  }
  PoolStatus Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment, std::uint8_t** pointer) override {
    if (!fits(new_size - old_size)) return refuse();
    PoolStatus status = inner_->Reallocate(old_size, new_size, alignment, pointer);
    if (status.ok()) count(new_size - old_size);
    return status;
  }
  void Free(std::uint8_t* buffer, std::int64_t size, std::int64_t alignment) override {
    inner_->Free(buffer, size, alignment);
    held_ -= size;
  }
  std::int64_t bytes_allocated() const override { return held_; }
  std::int64_t max_memory() const override { return most_; }
  std::int64_t total_bytes_allocated() const override { return total_; }
  std::int64_t num_allocations() const override { return allocations_; }
  std::string backend_name() const override { return inner_->backend_name(); }
  /// Whether something was refused: the failure that followed is then an Expansion::refusal.
  bool refused() const noexcept { return refused_; }

 private:
  bool fits(std::int64_t more) const { return more <= allowed_ - held_; }
  PoolStatus refuse() {
    refused_ = true;
    return PoolStatus::OutOfMemory("the file unpacks to more than is allowed");
  }
  void count(std::int64_t size) {
    held_ += size;
    most_ = std::max<std::int64_t>(most_, held_);
    total_ += std::max<std::int64_t>(size, 0);
    ++allocations_;
  }

  Pool* inner_;
  std::int64_t allowed_;
  std::atomic<std::int64_t> held_ = 0;
  std::atomic<std::int64_t> most_ = 0;
  std::atomic<std::int64_t> total_ = 0;
  std::atomic<std::int64_t> allocations_ = 0;
  std::atomic<bool> refused_ = false;
};

}  // namespace tradewind
