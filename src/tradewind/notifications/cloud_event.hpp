// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tradewind/base/result.hpp"
#include "tradewind/base/time.hpp"

namespace tradewind::notifications {

/// An event as others get it: CloudEvents 1.0 [CNCF, CloudEvents specification 1.0.2], JSON format.
struct CloudEvent {
  std::string id;       ///< the same content has the same id, so that who gets it twice can tell
  std::string source;   ///< who says so, a URI reference
  std::string type;     ///< e.g. tradewind.sweep.completed
  std::string subject;  ///< what it is about, e.g. the run; may be empty
  UnixNanos time = 0;   ///< when it was said; 0: not given
  std::string data;     ///< a JSON object as text
  bool operator==(const CloudEvent&) const = default;
};

/// Larger events are refused.
inline constexpr std::size_t kMaxEventBytes = std::size_t{1} << 20;
/// Lists and objects nested deeper are refused.
inline constexpr std::size_t kMaxEventDepth = 32;

/// 32 hexadecimal digits of the SHA-256 of source, type, subject and data. Time is left out: a fact told again has the same id.
std::string content_id(const CloudEvent& event);

/// One line of JSON, keys in the order of the specification, datacontenttype application/json.
std::string to_json(const CloudEvent& event);

/// Reads an event of anybody's. Errors: `too_large`; `invalid_data` for what is no JSON, not specversion 1.0, lacks id, source or type,
/// has texts that are empty, over 1,024 bytes or hold control characters, a time that is not RFC 3339 with a zone, or data that is no
/// JSON object. Unknown attributes (extensions) are left out.
Result<CloudEvent> parse_cloud_event(std::string_view json);

}  // namespace tradewind::notifications
