// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/news_feed.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::prediction {
namespace {

constexpr std::uintmax_t kMostPerPoll = 16 << 20;

std::string text_of(const Json& object, const char* key) {
  const auto at = object.find(key);
  return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

/// The time an object gives; `now` without one; nullopt for a time that cannot be read.
std::optional<UnixNanos> time_of(const Json& object, UnixNanos now) {
  const auto at = object.find("time");
  if (at == object.end() || at->is_null()) return now;
  if (at->is_string()) return parse_feed_time(at->get_ref<const std::string&>());
  if (!at->is_number()) return std::nullopt;
  const double seconds = at->get<double>();
  constexpr double kLatest = 9e9;  // the year 2255, the end of what nanoseconds hold
  if (!(seconds >= 0 && seconds < kLatest)) return std::nullopt;
  return static_cast<UnixNanos>(std::llround(seconds * 1e3)) * 1'000'000;
}

}  // namespace

void JsonlNewsFile::complain(std::string what) {
  ++bad_;
  complaint_ = fmt::format("{}:{}: {}", path_.string(), lines_, what);
}

Result<trading::NewsItem> parse_news_line(std::string_view line, UnixNanos now) {
  if (line.size() > kLongestNewsLine) return Error(Errc::invalid_data, "is longer than a line may be");
  const Json object = read_json(clean_text(line));
  if (!object.is_object()) return Error(Errc::invalid_data, "is not a JSON object");
  trading::NewsItem item;
  item.headline = text_of(object, "headline");
  if (item.headline.empty()) return Error(Errc::invalid_data, "has no headline");
  const auto time = time_of(object, now);
  if (!time) return Error(Errc::invalid_data, "time is neither ISO-8601 with a zone nor seconds since 1970");
  item.time = *time;
  item.received = now;
  item.id = text_of(object, "id");
  item.source = text_of(object, "source");
  item.text = text_of(object, "text");
  const auto ids = object.find("market_ids");
  if (ids != object.end() && ids->is_array())
    for (const Json& id : *ids)
      if (id.is_string()) item.market_ids.push_back(id.get<std::string>());
  return item;
}

std::vector<trading::NewsItem> parse_jsonl_news(std::string_view text, const std::string& source, UnixNanos now, std::string& complaint) {
  std::vector<trading::NewsItem> items;
  for (std::size_t number = 1; !text.empty() && items.size() < kMostNewsItems; ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (trim(line).empty()) continue;
    auto item = parse_news_line(line, now);
    if (!item) {
      complaint = fmt::format("line {}: {}", number, item.error().message());
      continue;
    }
    if (item->id.empty()) item->id = sha256_hex(line).substr(0, 24);
    if (item->source.empty()) item->source = source;
    items.push_back(std::move(*item));
  }
  return items;
}

void JsonlNewsFile::take_line(std::string_view line, UnixNanos now, std::vector<trading::NewsItem>& items) {
  ++lines_;
  if (trim(line).empty()) return;
  auto item = parse_news_line(line, now);
  if (!item) return complain(item.error().message());
  if (item->id.empty()) item->id = fmt::format("{}:{}", path_.filename().string(), lines_);
  items.push_back(std::move(*item));
}

Result<std::vector<trading::NewsItem>> JsonlNewsFile::poll(UnixNanos now) {
  std::vector<trading::NewsItem> items;
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path_, error);
  if (error == std::errc::no_such_file_or_directory) return items;
  if (error) return system_error("reading", path_, error.value());
  if (size < offset_) {
    offset_ = 0;
    lines_ = 0;
    rest_.clear();
    overlong_ = false;
  }
  std::ifstream file(path_, std::ios::binary);
  if (!file) return system_error("opening", path_, errno);
  file.seekg(static_cast<std::streamoff>(offset_));
  std::string bytes(static_cast<std::size_t>(std::min(size - offset_, kMostPerPoll)), '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) return system_error("reading", path_, EIO);
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  offset_ += bytes.size();
  std::string_view left = bytes;
  for (std::size_t end = left.find('\n'); end != std::string_view::npos; end = left.find('\n')) {
    rest_ += left.substr(0, end);
    left.remove_prefix(end + 1);
    if (overlong_ || rest_.size() > kLongestNewsLine) {
      ++lines_;
      complain("is longer than a line may be");
    } else {
      take_line(rest_, now, items);
    }
    rest_.clear();
    overlong_ = false;
  }
  rest_ += left;
  if (rest_.size() > kLongestNewsLine) {
    overlong_ = true;
    rest_.clear();
  }
  return items;
}

}  // namespace tradewind::prediction
