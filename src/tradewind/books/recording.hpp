// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "tradewind/base/file.hpp"
#include "tradewind/base/json_fwd.hpp"
#include "tradewind/books/event.hpp"

namespace tradewind::books {

/// A market of a recording.
struct RecordedMarket {
  trading::PredictionMarket market;  ///< as it was when it was first seen: never with its payout
  UnixNanos first_seen = 0;
  UnixNanos last_seen = 0;
  bool mirrored = false;        ///< the venue has one book: no is 1 − yes
  bool described = false;       ///< something told which token is yes, and what the fees are
  double commission = 0;        ///< of net winnings at the settlement, where the venue charges so
  std::string unresolved = {};  ///< why its outcome does not count, where a source names one
};

/// A file that went into a recording.
struct SourceFile {
  std::string name;  ///< without folders
  std::string sha256;
  std::int64_t rows = 0;
};

/// What a recording holds, without its events.
struct RecordingInfo {
  std::string format;  ///< of the sources
  std::vector<SourceFile> sources;
  std::int64_t rows = 0;    ///< of the sources
  std::int64_t events = 0;  ///< stored
  std::size_t markets = 0;
  std::size_t resolved = 0;  ///< with a payout
  bool prints = false;       ///< trades of others are in it
  bool sizes = true;         ///< quotes say how much
  std::int64_t gaps = 0;     ///< stretches without any event of any market
  UnixNanos from = 0;
  UnixNanos to = 0;
  std::vector<std::string> notes;
};

/// Recorded order books: events in the order of receipt, and the markets they are of.
struct Recording {
  RecordingInfo info;
  std::vector<RecordedMarket> markets;
  std::vector<BookEvent> events;
};

/// Stretches without any event that are longer than this are gaps.
inline constexpr std::int64_t kGap = 15 * kNanosPerSecond;

/// Where a workspace keeps a recording.
Path recording_folder(const Path& workspace, const std::string& name);

/// Writes a recording: `events/0000.parquet` … in blocks, `markets.json`, and last `manifest.json`, which makes it whole. Equal recordings
/// give equal bytes. Errors: `already_exists` for one that is there and whole; `storage`.
Status write_recording(const Path& workspace, const std::string& name, const Recording& recording);

/// Reads what a recording says of itself. Errors: `not_found`; `corrupt`; `newer_format`.
Result<RecordingInfo> read_recording_info(const Path& workspace, const std::string& name);
/// Reads all of it, checksums compared. Errors: as read_recording_info; `corrupt` for events that do not ascend or name no market.
Result<Recording> read_recording(const Path& workspace, const std::string& name);

/// {format, rows, events, markets, resolved, prints, sizes, gaps, from, to, sources, notes}
Json to_json(const RecordingInfo& info);

}  // namespace tradewind::books
