// SPDX-License-Identifier: Apache-2.0
#include "tradewind/commands/output.hpp"

namespace tradewind::commands {

Json schema_object(std::string_view name) { return Json{{"schema", "tradewind." + std::string(name) + "/1"}}; }

Json error_object(const Error& error) {
  Json json = schema_object("error");
  json["code"] = code_text(error.code());
  json["name"] = code_name(error.code());
  json["message"] = error.message();
  json["where"] = error.where();
  json["hint"] = error.hint();
  return json;
}

}  // namespace tradewind::commands
