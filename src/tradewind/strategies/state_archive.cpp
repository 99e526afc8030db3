// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "tradewind/strategies/state_archive_internal.hpp"

namespace tradewind::strategies {
namespace {

constexpr std::size_t kLetters = 16;

}  // namespace

StateArchive StateArchive::of(std::string_view text) {
  StateArchive archive;
  archive.loading_ = true;
  archive.failed_ = text.size() % kLetters != 0;
  archive.words_.reserve(text.size() / kLetters);
  for (std::size_t at = 0; at < text.size() && !archive.failed_; at += kLetters) {
    const char* const end = text.data() + at + kLetters;
    std::uint64_t value = 0;
    const auto read = std::from_chars(text.data() + at, end, value, 16);
    archive.failed_ = read.ec != std::errc() || read.ptr != end;
    archive.words_.push_back(value);
  }
  return archive;
}

std::string StateArchive::text() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(words_.size() * kLetters);
  for (const std::uint64_t value : words_)
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(value >> shift) & 15U];
  return text;
}

std::uint64_t StateArchive::word(std::uint64_t value) {
  if (!loading_) {
    words_.push_back(value);
    return value;
  }
  if (at_ >= words_.size()) fail();
  return failed_ ? 0 : words_[at_++];
}

std::size_t StateArchive::size(std::size_t value, std::size_t most) {
  number(value);
  if (loading_ && (value > most || value > words_.size() - at_)) fail();
  return failed_ ? 0 : value;
}

}  // namespace tradewind::strategies
