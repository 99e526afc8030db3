// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tradewind/config/reader.hpp"

namespace tradewind::config {

// Secrets come from the environment or from a file that only its owner may read. What is shown or stored of them is what a configuration
// says: the name of the variable, or nothing.

/// A variable of the environment, nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// That of the process.
Environment process_environment();

/// The text with every ${NAME} replaced; a complaint for a name that is not set.
std::string expand(MapReader& reader, std::string_view key, const std::string& text, const Environment& environment);
/// Complains about a URL, as the configuration has it, with a password or key written out: they would end up wherever the file does.
void refuse_literal_secrets(MapReader& reader, std::string_view key, const std::string& url);
/// Whether a key, by its name, is written out.
bool is_literal_secret(std::string_view name, std::string_view value);
/// Complains about a file that is not there, or that others than its owner may open.
void check_secret_file(MapReader& reader, std::string_view key, const std::string& file);

/// Scheme and host of a URL: all of it that may be shown.
std::string display_url(std::string_view url);
/// The URL without user, query and fragment: all of it that may be stored.
std::string public_url(std::string_view url);

}  // namespace tradewind::config
