// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/workspace/adopt_internal.hpp"
#include "tradewind/workspace/ids.hpp"
#include "tradewind/workspace/import_internal.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/signal_file.hpp"

namespace tradewind::workspace {
namespace {

constexpr const char* kUnknownCausality = "made by another program: whether its labels use later bars is not known";

/// A foreign file of states as it is read: labels in the order of their appearance.
struct ForeignStates {
  std::vector<std::string> labels;
  std::vector<UnixNanos> timestamp;
  std::vector<std::int8_t> state;
  std::vector<std::int64_t> bars;  ///< rows by label
  std::int64_t rows = 0;

  Status take(UnixNanos time, const std::string& label, const std::string& where) {
    if (!timestamp.empty() && time <= last_) return Error(Errc::invalid_data, "a timestamp is not after the one before", where);
    last_ = time;
    ++rows;
    const auto at = std::find(labels.begin(), labels.end(), label);
    const auto index = label.empty() ? std::ptrdiff_t{-1} : at - labels.begin();
    if (index >= 100) return Error(Errc::invalid_data, "more than 100 different states", where);
    if (!label.empty() && at == labels.end()) {
      labels.push_back(label);
      bars.push_back(0);
    }
    if (index >= 0) ++bars[static_cast<std::size_t>(index)];
    if (index == (state.empty() ? -1 : state.back())) return {};
    timestamp.push_back(time);
    state.push_back(static_cast<std::int8_t>(index));
    return {};
  }

 private:
  UnixNanos last_ = 0;
};

int column_named(const std::vector<std::string>& names, std::initializer_list<std::string_view> wanted) {
  for (const std::string_view name : wanted)
    for (std::size_t i = 0; i < names.size(); ++i)
      if (lower(names[i]) == name) return static_cast<int>(i);
  return -1;
}

Result<ForeignStates> read_states(const Path& file) {
  ForeignStates out;
  int time = -1, state = -1;
  const auto opened = [&](const std::vector<std::string>& names, const auto&) -> Result<std::vector<int>> {
    time = column_named(names, {"timestamp", "time", "date", "datetime", "__index_level_0__"});
    state = column_named(names, {"label", "regime", "state"});
    if (time < 0 || state < 0)
      return Error(Errc::invalid_data, "not a file of states: it has no columns timestamp and state, regime or label", file.string());
    return std::vector<int>{std::min(time, state), std::max(time, state)};
  };
  TRADEWIND_TRY(visit_parquet(file, opened, [&](const SignalCells& cells, std::int64_t number) -> Status {
    const std::string where = file.string() + ": row " + std::to_string(number);
    const auto at = cells.time(time);
    if (!at) return Error(Errc::invalid_data, cells.fault(time, "a time"), where);
    return out.take(*at, cells.is_empty(state) ? std::string() : cells.text(state).value_or(""), where);
  }));
  return out;
}

Result<std::string> symbol_of(const std::string& id, const Json& document, const std::vector<std::string>& symbols, const Path& file) {
  if (const auto own = document.find("symbol"); document.is_object() && own != document.end() && own->is_string())
    return own->get<std::string>();
  for (const std::string& symbol : symbols)
    if (id_begins_with(id, symbol)) return symbol;
  if (symbols.size() == 1) return symbols.front();
  return Error(Errc::invalid_data, "nothing says which symbol classifier '" + id + "' is on", file.string(),
               "give its metadata.json a key symbol, or its folder a name that begins with the symbol");
}

/// From whole runs of states: durations and where they went. Counts of the document win: a sparse file shows its changes only.
ClassifierMetadata described(const std::string& id, const Json& document, const ForeignStates& states) {
  ClassifierMetadata m;
  m.classifier_id = id;
  const Json& doc = document;
  const auto text = [&](const char* key, const char* otherwise) {
    return doc.is_object() && doc.contains(key) && doc[key].is_string() ? doc[key].get<std::string>() : std::string(otherwise);
  };
  m.classifier_type = text("classifier_type", "import");
  if (doc.is_object() && doc.contains("parameters") && doc["parameters"].is_object())
    if (auto parameters = parse_parameters(dump_json(doc["parameters"]))) m.parameters = std::move(*parameters);
  m.labels = states.labels;
  m.total_states = states.rows;
  if (doc.is_object() && doc.contains("total_states") && doc["total_states"].is_number_integer()) m.total_states = doc["total_states"];
  m.state_changes = static_cast<std::int64_t>(states.state.size());
  m.compression_ratio = static_cast<double>(m.total_states) / static_cast<double>(std::max<std::int64_t>(1, m.state_changes));
  std::vector<std::int64_t> runs(m.labels.size());
  for (std::size_t i = 0; i < states.state.size(); ++i) {
    if (states.state[i] < 0) continue;
    ++runs[static_cast<std::size_t>(states.state[i])];
    if (i + 1 == states.state.size() || states.state[i + 1] < 0) continue;
    m.transition_matrix[m.labels[static_cast<std::size_t>(states.state[i])]][m.labels[static_cast<std::size_t>(states.state[i + 1])]] += 1;
  }
  for (std::size_t k = 0; k < m.labels.size(); ++k) {
    const std::string& label = m.labels[k];
    m.regime_counts[label] = states.bars[k];
    if (doc.is_object() && doc.contains("regime_counts") && doc["regime_counts"].is_object() && doc["regime_counts"].contains(label) &&
        doc["regime_counts"][label].is_number_integer())
      m.regime_counts[label] = doc["regime_counts"][label];
    m.avg_regime_duration[label] = static_cast<double>(m.regime_counts[label]) / static_cast<double>(std::max<std::int64_t>(1, runs[k]));
    auto& row = m.transition_matrix[label];
    double left = 0;
    for (const auto& [to, count] : row) left += count;
    const double bars = std::max(left, static_cast<double>(m.regime_counts[label]));
    for (auto& [to, count] : row) count = bars > 0 ? count / bars : 0;
    row[label] = bars > 0 ? 1 - left / bars : 1;
  }
  m.diagnostics.emplace_back(kUnknownCausality);
  return m;
}

Status adopt(const Path& own, const std::vector<std::string>& symbols) {
  const std::string id = own.filename().string();
  const auto text = read_file(own / "metadata.json");
  const Json document = text ? read_json(*text) : Json();
  TRADEWIND_ASSIGN(const ForeignStates states, read_states(own / "states.parquet"));
  ClassifierMetadata m = described(id, document, states);
  TRADEWIND_ASSIGN(m.symbol, symbol_of(id, document, symbols, own));
  for (const char* name : {"states.parquet", "metadata.json", "transitions.json"}) TRADEWIND_TRY(keep_original(own / name));
  const KeyValues key_values{{"tradewind.format", std::to_string(kFormatVersion)},
                             {"classifier_id", m.classifier_id},
                             {"classifier_type", m.classifier_type},
                             {"symbol", m.symbol},
                             {"parameters", parameters_json(m.parameters)},
                             {"hindsight", "false"}};
  TRADEWIND_TRY(write_state_file(own / "states.parquet", {states.timestamp, states.state}, m.labels, key_values));
  std::vector<std::pair<UnixNanos, int>> changes;
  for (std::size_t i = 0; i < states.state.size(); ++i) changes.emplace_back(states.timestamp[i], states.state[i]);
  TRADEWIND_TRY(write_file_durable(own / "transitions.json", transitions_json(m, changes)));
  return write_file_durable(own / "metadata.json", classifier_json(m));
}

}  // namespace

Result<bool> adopt_classifiers(const Path& folder, const std::vector<std::string>& symbols) {
  std::error_code none;
  std::set<Path> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "classifiers", none)) {
    std::error_code unknown;
    if (entry.is_symlink(unknown) || !check_id("classifier_id", entry.path().filename().string())) continue;
    const auto status = std::filesystem::symlink_status(entry.path() / "states.parquet", unknown);
    if (!std::filesystem::is_regular_file(status)) continue;
    const Path document = entry.path() / "metadata.json";
    if (!is_there(document) || is_foreign_document(document)) found.insert(entry.path());
  }
  if (symbols.empty()) return false;  // they get their form together with the prices
  for (const Path& own : found) TRADEWIND_TRY(adopt(own, symbols));
  return !found.empty();
}

}  // namespace tradewind::workspace
