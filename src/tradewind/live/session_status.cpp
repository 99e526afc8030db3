// SPDX-License-Identifier: Apache-2.0
// What a session's journal says, whether it runs or not.
#include <algorithm>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/live/calibration_internal.hpp"
#include "tradewind/live/session.hpp"
#include "tradewind/live/session_health.hpp"
#include "tradewind/live/session_journal_internal.hpp"
#include "tradewind/live/session_moment.hpp"

namespace tradewind::live {

using execution::SqliteJournal;

namespace {

// What the session wrote once a second is for people: a part that is damaged is shown as empty.
Json part_of(const Json& json, const std::string& key, Json otherwise) {
  const auto at = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && at != json.end() && at->type() == otherwise.type() ? *at : otherwise;
}
Json object_of(const Json& json, const std::string& key) { return part_of(json, key, Json::object()); }
Json list_of(const Json& json, const std::string& key) { return part_of(json, key, Json::array()); }
std::string text_of(const Json& json, const std::string& key) { return part_of(json, key, ""); }

}  // namespace

Json strategies_of(const Json& stored) { return object_of(stored, "strategies"); }

std::map<std::string, std::string> unqualified_of(const Json& strategies) {
  std::map<std::string, std::string> all;
  for (const auto& [name, one] : strategies.items())
    if (std::string warning = text_of(one, "warning"); !warning.empty()) all[name] = std::move(warning);
  return all;
}

Result<std::unique_ptr<SqliteJournal>> open_to_read(const SessionFiles& files, const std::string& session) {
  auto journal = SqliteJournal::open(files.journal, SqliteJournal::Access::reader);
  if (!journal && journal.error().code() == Errc::not_found)
    return Error(Errc::not_found, fmt::format("there is no session '{}'", session), files.folder.string(),
                 "tradewind live CONFIG.yaml starts one");
  return journal;
}

Result<Json> session_status(const Path& workspace, const std::string& session) {
  const SessionFiles files = SessionFiles::of(workspace, session);
  TRADEWIND_ASSIGN(const auto journal, open_to_read(files, session));
  execution::TradeHistory history;
  SessionMoment moment;
  std::string text;
  execution::MidsAfter after;
  SessionHealth health;
  const auto look = [&]() -> Status {
    TRADEWIND_ASSIGN(moment, read_moment(
                                 *journal, history.state(), [&](const execution::Record& record) { return history.replay(record); },
                                 [&](const execution::Mark& mark) { static_cast<void>(health.take(history.state(), mark)); }));
    TRADEWIND_ASSIGN(text, journal->statistics());
    TRADEWIND_ASSIGN(after, journal->markouts());
    return {};
  };
  TRADEWIND_TRY(journal->at_one_moment(look));
  const Json stored = read_json(text);
  moment.reconciled = part_of(object_of(stored, "statistics"), "reconciled", false).get<bool>();
  std::map<std::string, std::string> questions;
  for (const Json& one : list_of(stored, "positions"))
    if (one.is_object()) questions[text_of(one, "market")] = text_of(one, "question");
  Json json = session_report(moment, [&](const std::string& id) { return questions.contains(id) ? questions[id] : std::string(); });
  health.put(json);
  const Json strategies = strategies_of(stored);
  for (auto& [name, figures] : json["strategies"].items()) {
    const Json one = object_of(strategies, name);
    figures["details"] = object_of(one, "details");
    take_over_health(one, figures);
  }
  json["statistics"]["books"] = object_of(object_of(stored, "statistics"), "books");
  json["performance"] = object_of(stored, "performance");
  for (const char* key : {"suggestions", "applied"}) json[key] = list_of(stored, key);
  json["running"] = SqliteJournal::running(files.journal);
  json.update(calibration_json(history, after, strategies));
  return json;
}

}  // namespace tradewind::live
