// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace tradewind::figures {

/// A whole page around its sections: style, scripts and the policy that lets no other run, a bar with the links to the sections. `links`
/// and `body` are HTML, the title is text.
std::string page_html(const std::string& title, const std::string& links, const std::string& body);

}  // namespace tradewind::figures
