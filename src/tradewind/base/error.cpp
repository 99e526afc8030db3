// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/error.hpp"

#include <utility>

namespace tradewind {

int exit_code(Errc code) noexcept {
  switch (code) {
    case Errc::usage:
    case Errc::unknown_name: return 2;
    case Errc::nothing_matched: return 4;
    case Errc::invalid_config:
    case Errc::invalid_data:
    case Errc::too_large:
    case Errc::newer_format: return 3;
    case Errc::interrupted: return 5;
    case Errc::risk_halt: return 6;
    case Errc::not_found:
    case Errc::already_exists:
    case Errc::storage:
    case Errc::corrupt:
    case Errc::numeric:
    case Errc::venue:
    case Errc::internal: return 1;
  }
  return 1;
}

std::string code_text(Errc code) { return "TW" + std::to_string(static_cast<int>(code)); }

std::string_view code_name(Errc code) noexcept {
  switch (code) {
    case Errc::usage: return "usage";
    case Errc::unknown_name: return "unknown_name";
    case Errc::nothing_matched: return "nothing_matched";
    case Errc::invalid_config: return "invalid_config";
    case Errc::invalid_data: return "invalid_data";
    case Errc::too_large: return "too_large";
    case Errc::newer_format: return "newer_format";
    case Errc::not_found: return "not_found";
    case Errc::already_exists: return "already_exists";
    case Errc::storage: return "storage";
    case Errc::corrupt: return "corrupt";
    case Errc::numeric: return "numeric";
    case Errc::venue: return "venue";
    case Errc::risk_halt: return "risk_halt";
    case Errc::interrupted: return "interrupted";
    case Errc::internal: return "internal";
  }
  return "internal";
}

Error::Error(Errc code, std::string message, std::string where, std::string hint)
    : body_(std::make_shared<const Body>(Body{code, std::move(message), std::move(where), std::move(hint)})) {}

Errc Error::code() const noexcept { return body_->code; }
std::string Error::message() const { return body_->message; }
const std::string& Error::where() const noexcept { return body_->where; }
const std::string& Error::hint() const noexcept { return body_->hint; }

Error Error::with_context(std::string_view context) const {
  return {body_->code, std::string(context) + ": " + body_->message, body_->where, body_->hint};
}
Error Error::with_where(std::string where) const { return {body_->code, body_->message, std::move(where), body_->hint}; }
Error Error::with_hint(std::string hint) const { return {body_->code, body_->message, body_->where, std::move(hint)}; }

}  // namespace tradewind
