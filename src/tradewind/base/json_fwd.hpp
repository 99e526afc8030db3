// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace tradewind {

/// JSON whose keys keep the order they were written in, so that equal results give equal bytes. This header names it only, for those that
/// declare functions with it; whoever makes or reads JSON includes base/json.hpp, which takes more than a second to compile.
using Json = nlohmann::ordered_json;

}  // namespace tradewind
