// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include <fmt/core.h>

#include "tradewind/regimes/archive_internal.hpp"

namespace tradewind::regimes {
namespace {

/// FNV-1a.
std::uint64_t checksum(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

std::string hexadecimal(std::uint64_t bits) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, bits, 16).ptr;
  return {digits, end};
}

}  // namespace

void SaveArchive::word(std::uint64_t bits) { text_ += ' ' + hexadecimal(bits); }

std::string SaveArchive::finish() { return text_ + ' ' + hexadecimal(checksum(text_)); }

LoadArchive::LoadArchive(std::string_view text, std::string_view tag, std::string_view older) : rest_(text) {
  const auto last = text.rfind(' ');
  const std::string_view name = tag.substr(0, tag.find('/'));
  if (last == std::string_view::npos || hexadecimal(checksum(text.substr(0, last))) != text.substr(last + 1)) {
    fault_ = "the saved state is damaged: its checksum does not fit";
    return;
  }
  const std::string_view found = text.substr(0, text.find(' '));
  if (found.substr(0, found.find('/')) != name) {
    code_ = Errc::invalid_config;
    fault_ = fmt::format("the saved state is not one of a {} classifier", name);
  } else if (!older.empty() && found == older) {
    newest_ = false;
  } else if (found != tag) {
    code_ = Errc::newer_format;
    fault_ = fmt::format("the saved state has the format {}, and this version reads {}", found, tag);
  }
  rest_ = text.substr(0, last);
  rest_.remove_prefix(std::min(found.size(), rest_.size()));
}

std::uint64_t LoadArchive::word() {
  std::uint64_t bits = 0;
  if (!ok()) return 0;
  if (rest_.empty() || rest_[0] != ' ') {
    fail();
    return 0;
  }
  rest_.remove_prefix(1);
  const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), bits, 16);
  if (error != std::errc()) fail();
  rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
  return ok() ? bits : 0;
}

void LoadArchive::fail() {
  if (ok()) fault_ = "the saved state is damaged: it holds too little or the impossible";
}

void LoadArchive::differs(std::string_view what) {
  code_ = Errc::invalid_config;
  fault_ = fmt::format("the saved state belongs to a classifier with another {}", what);
}

Status LoadArchive::finish() const {
  if (!ok()) return Error(code_, fault_);
  if (!rest_.empty()) return Error(Errc::corrupt, "the saved state is damaged: it holds too much");
  return {};
}

}  // namespace tradewind::regimes
