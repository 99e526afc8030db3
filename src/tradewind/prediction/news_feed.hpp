// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/trading/prediction_market.hpp"

namespace tradewind::prediction {

/// A file that news is appended to, one JSON object a line: {"id", "time", "source", "headline", "text", "market_ids": […]}. `headline` is
/// needed; `id` defaults to one made from the line; `time` is ISO-8601 with a zone or seconds since 1970, and defaults to when it was read.
/// A line that cannot be read is counted and remembered by its number; the last line waits until its end has been written. A file that has
/// become shorter is read from its beginning.
class JsonlNewsFile {
 public:
  explicit JsonlNewsFile(Path path) : path_(std::move(path)) {}

  /// What has been appended since the last call, received `now`. A file that does not exist (yet) is empty.
  /// Errors: Errc::storage.
  Result<std::vector<trading::NewsItem>> poll(UnixNanos now);

  std::uint64_t lines() const noexcept { return lines_; }
  std::uint64_t bad_lines() const noexcept { return bad_; }
  /// "news.jsonl:12: …" of the last line that could not be read; empty: none.
  const std::string& last_complaint() const noexcept { return complaint_; }

 private:
  void take_line(std::string_view line, UnixNanos now, std::vector<trading::NewsItem>& items);
  void complain(std::string what);

  Path path_;
  std::uintmax_t offset_ = 0;
  std::string rest_;       ///< the last line as far as it has been written
  bool overlong_ = false;  ///< the rest of a line that was too long is being skipped
  std::uint64_t lines_ = 0;
  std::uint64_t bad_ = 0;
  std::string complaint_;
};

/// Longest line and largest document that are read.
inline constexpr std::size_t kLongestNewsLine = 1 << 20;
inline constexpr std::size_t kLargestFeed = 8 << 20;
inline constexpr std::size_t kMostNewsItems = 10'000;  ///< of one document

/// A line as of a JsonlNewsFile, received `now`; `id` is left empty when it gives none. Errors: Errc::invalid_data.
Result<trading::NewsItem> parse_news_line(std::string_view line, UnixNanos now);

/// Such lines as a document: items in its order, at most 10,000; one without an id gets one made of its content, one without a source
/// `source`. A line that cannot be read goes to `complaint` ("line 3: …", the last one) and costs itself only.
std::vector<trading::NewsItem> parse_jsonl_news(std::string_view text, const std::string& source, UnixNanos now, std::string& complaint);

/// Items of an RSS 2.0 or Atom document, received `now`, in its order, at most 10,000; `source` is their source. Entities that a document
/// defines are not expanded, markup within texts is taken out. Errors: Errc::invalid_data for what is no such document, Errc::too_large.
Result<std::vector<trading::NewsItem>> parse_rss(std::string_view text, const std::string& source, UnixNanos now);

/// "Mon, 06 Sep 2021 16:45:00 +0200" of RSS, or ISO-8601 with a zone. nullopt for anything else.
std::optional<UnixNanos> parse_feed_time(std::string_view text);

}  // namespace tradewind::prediction
