// SPDX-License-Identifier: Apache-2.0
#include "tradewind/books/recording.hpp"

#include <algorithm>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/stored_document.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/books/event_file_internal.hpp"
#include "tradewind/version.hpp"

namespace tradewind::books {
namespace {

using trading::PredictionMarket;

constexpr std::int64_t kFormat = 1;
/// Events of a file.
constexpr std::size_t kBlock = std::size_t{1} << 22;

/// Held by one program at a time, and by none that has ended.
class FolderLock {
 public:
  explicit FolderLock(const Path& folder) : file_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {
    held_ = file_ >= 0 && ::flock(file_, LOCK_EX | LOCK_NB) == 0;
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock() {
    if (file_ >= 0) ::close(file_);
  }
  bool held() const { return held_; }

 private:
  int file_ = -1;
  bool held_ = false;
};

Json fees_json(const PredictionMarket& market) {
  if (!market.fees_known) return nullptr;
  return {{"rate", market.fees.rate}, {"exponent", market.fees.exponent}};
}

Json market_json(const RecordedMarket& one) {
  const PredictionMarket& m = one.market;
  return {{"id", m.id},
          {"question", m.question},
          {"slug", m.slug},
          {"event_id", m.event_id},
          {"tags", m.tags},
          {"outcomes", m.outcome_names},
          {"tokens", m.token_ids},
          {"tick_size", decimal_text(m.tick_size)},
          {"minimum_size", decimal_text(m.minimum_size)},
          {"fees", fees_json(m)},
          {"commission", one.commission},
          {"end_time", m.end_time == 0 ? Json(nullptr) : Json(format_time(m.end_time))},
          {"negative_risk", m.negative_risk},
          {"event_markets", m.event_markets},
          {"volume", m.volume},
          {"mirrored", one.mirrored},
          {"described", one.described},
          {"unresolved", one.unresolved.empty() ? Json(nullptr) : Json(one.unresolved)},
          {"first_seen", format_time(one.first_seen)},
          {"last_seen", format_time(one.last_seen)}};
}

Result<UnixNanos> time_of(const Json& json, const char* key) {
  const Json& text = member(json, key);
  if (text.is_null()) return UnixNanos{0};
  const auto time = text.is_string() ? parse_time(text.get<std::string>()) : std::nullopt;
  if (!time) return Error(Errc::corrupt, fmt::format("'{}' of a recorded market is no time", key), "markets.json");
  return time->nanos;
}

template <class F>
Result<F> amount_of(const Json& json, const char* key) {
  const auto amount = parse_fixed<F>(json.at(key).get<std::string>());
  if (!amount) return Error(Errc::corrupt, fmt::format("'{}' of a recorded market is no amount", key), "markets.json");
  return *amount;
}

Result<RecordedMarket> market_of(const Json& json) {
  RecordedMarket one;
  PredictionMarket& m = one.market;
  m.id = json.at("id").get<std::string>();
  m.question = json.at("question").get<std::string>();
  m.slug = json.at("slug").get<std::string>();
  m.event_id = json.at("event_id").get<std::string>();
  m.tags = json.at("tags").get<std::vector<std::string>>();
  m.outcome_names = json.at("outcomes").get<std::array<std::string, 2>>();
  m.token_ids = json.at("tokens").get<std::array<std::string, 2>>();
  TRADEWIND_ASSIGN(m.tick_size, amount_of<Price>(json, "tick_size"));
  TRADEWIND_ASSIGN(m.minimum_size, amount_of<Shares>(json, "minimum_size"));
  const Json& fees = member(json, "fees");
  m.fees_known = fees.is_object();
  if (m.fees_known) m.fees = {fees.at("rate").get<double>(), fees.at("exponent").get<double>()};
  if (!m.fees.plausible()) return Error(Errc::corrupt, "the fees of a recorded market cannot be meant", printable(m.id));
  one.commission = json.at("commission").get<double>();
  TRADEWIND_ASSIGN(m.end_time, time_of(json, "end_time"));
  m.negative_risk = json.at("negative_risk").get<bool>();
  m.event_markets = json.at("event_markets").get<std::uint32_t>();
  m.volume = json.at("volume").get<double>();
  one.mirrored = json.at("mirrored").get<bool>();
  one.described = json.at("described").get<bool>();
  if (member(json, "unresolved").is_string()) one.unresolved = json["unresolved"].get<std::string>();
  TRADEWIND_ASSIGN(one.first_seen, time_of(json, "first_seen"));
  TRADEWIND_ASSIGN(one.last_seen, time_of(json, "last_seen"));
  return one;
}

Result<RecordingInfo> info_of(const Json& json) {
  RecordingInfo info;
  info.format = json.at("format").get<std::string>();
  info.rows = json.at("rows").get<std::int64_t>();
  info.events = json.at("events").get<std::int64_t>();
  info.markets = json.at("markets").get<std::size_t>();
  info.resolved = json.at("resolved").get<std::size_t>();
  info.prints = json.at("prints").get<bool>();
  info.sizes = json.at("sizes").get<bool>();
  info.gaps = json.at("gaps").get<std::int64_t>();
  TRADEWIND_ASSIGN(info.from, time_of(json, "from"));
  TRADEWIND_ASSIGN(info.to, time_of(json, "to"));
  for (const Json& one : json.at("sources"))
    info.sources.push_back({one.at("name").get<std::string>(), one.at("sha256").get<std::string>(), one.at("rows").get<std::int64_t>()});
  info.notes = json.at("notes").get<std::vector<std::string>>();
  return info;
}

Result<Json> read_manifest(const Path& workspace, const std::string& name) {
  const Path file = recording_folder(workspace, name) / "manifest.json";
  if (!is_there(file))
    return Error(Errc::not_found, fmt::format("there are no recorded books '{}'", printable(name)), file.parent_path().string(),
                 "tradewind books import FORMAT FILES… --into NAME makes some");
  TRADEWIND_ASSIGN(const std::string text, read_file(file));
  TRADEWIND_ASSIGN(Json json, parse_json(text, "the manifest of recorded books"));
  if (const Json& format = member(json, "format_version"); !format.is_number_integer() || format.get<std::int64_t>() > kFormat)
    return Error(Errc::newer_format, "the recorded books are of a newer version of this program", file.string());
  return json;
}

/// A file of the recording, its checksum compared.
Result<std::string> read_part(const Path& folder, const Json& manifest, const std::string& part) {
  TRADEWIND_ASSIGN(std::string bytes, read_file(folder / part));
  const Json& sum = member(member(manifest, "checksums"), part);
  if (!sum.is_string() || sum.get<std::string>() != sha256_hex(bytes))
    return Error(Errc::corrupt, "a file of the recorded books is not the one that was written", (folder / part).string(),
                 "import them again");
  return bytes;
}

Status check_events(const Recording& recording) {
  UnixNanos last = 0;
  for (const BookEvent& event : recording.events) {
    if (event.received < last) return Error(Errc::corrupt, "the events of the recorded books are out of order");
    if (event.market >= recording.markets.size()) return Error(Errc::corrupt, "an event of the recorded books is of no market");
    last = event.received;
  }
  return {};
}

}  // namespace

Path recording_folder(const Path& workspace, const std::string& name) { return workspace / "_books" / name; }

Json to_json(const RecordingInfo& info) {
  Json json = {{"format", info.format},
               {"rows", info.rows},
               {"events", info.events},
               {"markets", info.markets},
               {"resolved", info.resolved},
               {"prints", info.prints},
               {"sizes", info.sizes},
               {"gaps", info.gaps},
               {"from", info.events == 0 ? Json(nullptr) : Json(format_time(info.from))},
               {"to", info.events == 0 ? Json(nullptr) : Json(format_time(info.to))},
               {"sources", Json::array()},
               {"notes", info.notes}};
  for (const SourceFile& one : info.sources) json["sources"].push_back({{"name", one.name}, {"sha256", one.sha256}, {"rows", one.rows}});
  return json;
}

Status write_recording(const Path& workspace, const std::string& name, const Recording& recording) {
  const Path folder = recording_folder(workspace, name);
  if (is_there(folder / "manifest.json"))
    return Error(Errc::already_exists, fmt::format("recorded books '{}' are there already", printable(name)), folder.string(),
                 "choose another name, or remove that folder");
  TRADEWIND_TRY(make_directories(folder / "events"));
  const FolderLock lock(folder);
  if (!lock.held() || is_there(folder / "manifest.json"))
    return Error(Errc::already_exists, fmt::format("recorded books '{}' are being written by another program", printable(name)),
                 folder.string(), "choose another name, or wait for it");
  Json manifest = {{"format_version", kFormat}, {"tradewind_version", TRADEWIND_VERSION}};
  manifest.update(to_json(recording.info));
  manifest["checksums"] = Json::object();
  const auto write = [&](const std::string& part, const std::string& bytes) -> Status {
    TRADEWIND_TRY(write_file_durable(folder / part, bytes));
    manifest["checksums"][part] = sha256_hex(bytes);
    return {};
  };
  for (std::size_t first = 0, block = 0; first < recording.events.size(); first += kBlock, ++block) {
    const std::size_t count = std::min(kBlock, recording.events.size() - first);
    TRADEWIND_ASSIGN(const std::string bytes, write_events(std::span(recording.events).subspan(first, count)));
    TRADEWIND_TRY(write(fmt::format("events/{:04}.parquet", block), bytes));
  }
  Json markets = Json::array();
  for (const RecordedMarket& one : recording.markets) markets.push_back(market_json(one));
  TRADEWIND_TRY(write("markets.json", dump_json(markets, 1) + "\n"));
  return write_file_durable(folder / "manifest.json", dump_json(manifest, 1) + "\n");
}

Result<RecordingInfo> read_recording_info(const Path& workspace, const std::string& name) {
  TRADEWIND_ASSIGN(const Json manifest, read_manifest(workspace, name));
  return reading_document("the manifest of recorded books", [&] { return info_of(manifest); });
}

Result<Recording> read_recording(const Path& workspace, const std::string& name) {
  TRADEWIND_ASSIGN(const Json manifest, read_manifest(workspace, name));
  const Path folder = recording_folder(workspace, name);
  return reading_document("recorded books", [&]() -> Result<Recording> {
    Recording recording;
    TRADEWIND_ASSIGN(recording.info, info_of(manifest));
    TRADEWIND_ASSIGN(const std::string text, read_part(folder, manifest, "markets.json"));
    TRADEWIND_ASSIGN(const Json markets, parse_json(text, "the markets of recorded books"));
    for (const Json& one : markets) {
      TRADEWIND_ASSIGN(auto market, market_of(one));
      recording.markets.push_back(std::move(market));
    }
    std::vector<std::string> blocks;
    for (const auto& [part, sum] : manifest.at("checksums").items())
      if (part.starts_with("events/")) blocks.push_back(part);
    std::ranges::sort(blocks);
    for (const std::string& part : blocks) {
      TRADEWIND_ASSIGN(const std::string bytes, read_part(folder, manifest, part));
      TRADEWIND_TRY(read_events(bytes, part, recording.events));
    }
    TRADEWIND_TRY(check_events(recording));
    return recording;
  });
}

}  // namespace tradewind::books
