// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/books/builder_internal.hpp"
#include "tradewind/books/import.hpp"

namespace tradewind::books {

/// How long after a market's close, or its last quote, its outcome is known to everybody where the source does not say when it was
/// observed.
inline constexpr std::int64_t kUntilKnown = 2 * 3'600 * kNanosPerSecond;

// One for each format; each adds one file to the recording and gives its rows.
Result<std::int64_t> import_betfair(const Path& file, RecordingBuilder& builder);
Result<std::int64_t> import_frames(const Path& file, RecordingBuilder& builder);
Result<std::int64_t> import_quotes(const Path& file, RecordingBuilder& builder);
Result<std::int64_t> import_pmxt_v1(const Path& file, RecordingBuilder& builder);
Result<std::int64_t> import_pmxt_v2(const Path& file, RecordingBuilder& builder);

/// Markets of a page of Gamma, or of the tables beside quotes. To be read before any events.
Status describe_by_gamma(const Path& file, RecordingBuilder& builder);
Status describe_by_table(const Path& file, RecordingBuilder& builder);
/// Outcomes that the tables beside quotes tell: after the events, for they say not when they were observed.
Status settle_by_table(const Path& file, RecordingBuilder& builder);

/// Calls `use` for every line that is not blank as JSON; gives their number. Errors: `invalid_data` with file and line.
Result<std::int64_t> each_line(const Path& file, const std::function<Status(const Json& json, const std::string& where)>& use);

/// A number or a decimal text (".48") in millionths; none for anything else.
std::optional<std::int64_t> micros_in(const Json& json, std::string_view key);
/// Milliseconds since 1970, as number or text, in nanoseconds.
std::optional<UnixNanos> millis_in(const Json& json, std::string_view key);
/// A text; empty for anything else.
std::string text_in(const Json& json, std::string_view key);

}  // namespace tradewind::books
