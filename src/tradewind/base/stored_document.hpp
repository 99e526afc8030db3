// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tradewind/base/json.hpp"
#include "tradewind/base/result.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind {

/// Runs `body`, which takes a stored document apart and gives a Result: what the document lacks, or holds as another kind, is
/// Errc::corrupt.
template <class Body>
auto reading_document(const std::string& where, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (const Json::exception& broken) {
    return Error(Errc::corrupt, std::string("the document is damaged: ") + printable(broken.what(), 200), where, "make it anew");
  }
}

}  // namespace tradewind
