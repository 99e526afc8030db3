// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/regimes/fit_diagnostic.hpp"

namespace tradewind::regimes {

/// A classifier's memory as text: a tag with version, then one word of hexadecimal digits per number (doubles by their bits, so that
/// nothing is rounded), then a checksum. One function `transfer(self, archive)` names the members for both directions.
class SaveArchive {
 public:
  static constexpr bool kLoading = false;
  static constexpr bool newest() { return true; }
  explicit SaveArchive(std::string_view tag) : text_(tag) {}

  template <class T>
    requires std::is_arithmetic_v<T>
  void operator()(const T& value) {
    word(to_bits(value));
  }
  template <class T>
  void operator()(const std::vector<T>& values) {
    word(values.size());
    for (const auto& value : values) (*this)(value);
  }
  template <class T, std::size_t N>
  void operator()(const std::array<T, N>& values) {
    for (const auto& value : values) (*this)(value);
  }
  /// A setting that must be the same where the memory is loaded.
  template <class T>
  void same(const T& value, std::string_view) {
    (*this)(value);
  }
  std::string finish();

  template <class T>
  static std::uint64_t to_bits(const T& value) {
    if constexpr (std::is_floating_point_v<T>) {
      std::uint64_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      return bits;
    } else {
      return static_cast<std::uint64_t>(value);
    }
  }

 private:
  void word(std::uint64_t bits);

  std::string text_;
};

/// Reads what SaveArchive wrote; after the first fault every value reads as 0 and finish() tells what it was.
class LoadArchive {
 public:
  static constexpr bool kLoading = true;
  /// `older`: the tag of a format that is read too; empty: none.
  LoadArchive(std::string_view text, std::string_view tag, std::string_view older = {});
  /// False for a text in the older format.
  bool newest() const { return newest_; }

  template <class T>
    requires std::is_arithmetic_v<T>
  void operator()(T& value) {
    const std::uint64_t bits = word();
    if constexpr (std::is_floating_point_v<T>) {
      std::memcpy(&value, &bits, sizeof bits);
    } else {
      value = static_cast<T>(bits);
    }
  }
  template <class T>
  void operator()(std::vector<T>& values) {
    const std::uint64_t count = word();
    values.clear();
    if (count > rest_.size()) fail();  // every entry takes a character or more
    for (std::uint64_t i = 0; ok() && i < count; ++i) (*this)(values.emplace_back());
  }
  template <class T, std::size_t N>
  void operator()(std::array<T, N>& values) {
    for (auto& value : values) (*this)(value);
  }
  template <class T>
  void same(const T& value, std::string_view what) {
    T stored{};
    (*this)(stored);
    if (ok() && SaveArchive::to_bits(stored) != SaveArchive::to_bits(value)) differs(what);
  }
  bool ok() const { return fault_.empty(); }
  /// For what the reader itself finds impossible.
  void fail();
  /// `corrupt` for text that is damaged, `newer_format` for a later version, `invalid_config` for another classifier or other settings.
  Status finish() const;

 private:
  std::uint64_t word();
  void differs(std::string_view what);

  std::string_view rest_;
  std::string fault_;
  Errc code_ = Errc::corrupt;
  bool newest_ = true;
};

template <class Diagnostics, class Archive>
void transfer_diagnostics(Diagnostics& diagnostics, Archive& archive) {
  std::size_t count = diagnostics.size();
  archive(count);
  if constexpr (Archive::kLoading) {
    diagnostics.clear();
    for (std::size_t i = 0; archive.ok() && i < count; ++i) {
      auto& d = diagnostics.emplace_back();
      std::uint64_t issue = 0;
      archive(issue), archive(d.values), archive(d.state), archive(d.count), archive(d.of);
      if (issue > static_cast<std::uint64_t>(FitIssue::one_state)) archive.fail();
      d.issue = static_cast<FitIssue>(issue);
    }
  } else {
    for (const auto& d : diagnostics) {
      archive(static_cast<std::uint64_t>(d.issue));
      archive(d.values), archive(d.state), archive(d.count), archive(d.of);
    }
  }
}

/// What Classifier::save returns, from a class with `transfer`.
template <class Self>
std::string save_state(const Self& self, std::string_view tag) {
  SaveArchive archive(tag);
  Self::transfer(self, archive);
  return archive.finish();
}
/// What Classifier::load does: `self` is untouched unless all is well.
template <class Self>
Status load_state(Self& self, std::string_view text, std::string_view tag, std::string_view older = {}) {
  LoadArchive archive(text, tag, older);
  Self copy = self;
  Self::transfer(copy, archive);
  TRADEWIND_TRY(archive.finish());
  self = std::move(copy);
  return {};
}

}  // namespace tradewind::regimes
