// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "tradewind/base/hash.hpp"
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

/// Metrics that a document of another program may give a strategy.
constexpr std::string_view kDocumentMetrics[] = {"sharpe_ratio", "total_return", "max_drawdown", "win_rate",
                                                 "gross_sharpe", "net_sharpe",   "cost_impact"};

/// A strategy that will be written into a folder of its own.
struct Adopted {
  Path source;           ///< where it was read
  bool foreign = false;  ///< by another program
  SignalMetadata row;
  Signals signals;
};

/// A number as JSON or as the text that Python's Decimal becomes.
double number_in(const Json& value) {
  if (value.is_number()) return value.get<double>();
  return value.is_string() ? parse_number(value.get<std::string>()).value_or(std::nan("")) : std::nan("");
}

std::string text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// What the JSON beside a foreign strategy's signals says of it.
void describe(const Json& document, SignalMetadata& row, std::vector<std::string>& columns) {
  if (!document.is_object()) return;
  if (const std::string type = text_in(document, "strategy_type"); !type.empty()) row.strategy_type = type;
  if (const std::string symbol = text_in(document, "symbol"); !symbol.empty() && row.symbol.empty()) row.symbol = symbol;
  if (const auto found = document.find("parameters"); found != document.end() && found->is_object())
    if (auto parameters = parse_parameters(dump_json(*found))) row.parameters = std::move(*parameters);
  for (const std::string_view name : kDocumentMetrics) {
    const auto found = document.find(std::string(name));
    if (found == document.end() || std::isnan(number_in(*found))) continue;
    const auto at = static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
    if (at == columns.size()) columns.emplace_back(name);
    row.values.resize(columns.size(), std::nan(""));
    row.values[at] = number_in(*found);
  }
}

/// A file, and no symbolic link to one.
bool is_file(const Path& path) {
  std::error_code none;
  return std::filesystem::is_regular_file(std::filesystem::symlink_status(path, none));
}

class Adoption {
 public:
  Adoption(const Path& folder, const RunCompletion* completion) : folder_(folder), completion_(completion) {}

  Status read() {
    std::error_code none;
    std::set<Path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "signals", none)) {
      const std::string name = entry.path().filename().string();
      const Path own = entry.path() / "signals.parquet";
      if (is_file(entry.path()) && entry.path().extension() == ".parquet") files.insert(entry.path());
      if (check_id("strategy_id", name) && is_file(own)) files.insert(own);
    }
    for (const Path& file : files) TRADEWIND_TRY(take(file));
    if (completion_ == nullptr) return {};
    for (const auto& entry : std::filesystem::directory_iterator(folder_ / "signals" / "_segments", none))
      if (entry.path().extension() == ".parquet")
        return Error(Errc::usage, "the signals of the run are packed, and prices are added to single files", folder_.string(),
                     "unpack them first: tradewind unpack " + folder_.filename().string());
    columns_ = completion_->metric_columns;
    for (Adopted& one : adopted_) TRADEWIND_TRY(completion_->complete(one.row, one.signals));
    return {};
  }

  Status write() {
    for (Adopted& one : adopted_) {
      const Path own = folder_ / "signals" / one.row.strategy_id;
      TRADEWIND_TRY(make_directories(own));
      if (one.foreign && one.source.filename() == "signals.parquet")
        for (const char* name : {"signals.parquet", "metadata.json", "performance.json"}) TRADEWIND_TRY(keep_original(own / name));
      one.row.values.resize(columns_.size(), std::nan(""));
      TRADEWIND_TRY(write_signal_file(own / "signals.parquet", {one.signals.timestamp, one.signals.signal, one.signals.confidence},
                                      signal_key_values(one.row, columns_)));
    }
    return {};
  }

 private:
  Status take(const Path& file) {
    std::map<std::string, std::string> footer;
    const auto native = SignalReader::open(file);
    if (native) {
      for (const auto& [key, value] : native->key_values()) footer[key] = value;
    } else {
      const auto look = [&](const auto&, const auto& pairs) -> Result<std::vector<int>> {
        footer = pairs;
        return std::vector<int>();
      };
      if (!visit_parquet(file, look, [](const auto&, auto) { return Status(); }) || footer.contains("tradewind.format"))
        return native.error();
    }
    if (!footer.contains("tradewind.format")) {
      // What is in this workspace's form already is indexed where it is.
      const Path document = file.parent_path() / "metadata.json";
      const bool as_it_is = native && completion_ == nullptr && file.filename() == "signals.parquet" && !is_foreign_document(document) &&
                            read_signal_file(file);
      return as_it_is ? Status() : take_foreign(file, footer);
    }
    return completion_ == nullptr ? Status() : take_own(file, footer);
  }

  Status take_own(const Path& file, std::map<std::string, std::string>& footer) {
    TRADEWIND_ASSIGN(auto own, read_signal_file(file));
    Adopted one{file, false, {}, std::move(own.signals)};
    one.row.strategy_id = file.parent_path().filename().string();
    one.row.strategy_type = footer["strategy_type"];
    one.row.symbol = footer["symbol"];
    if (auto parameters = parse_parameters(footer["parameters"])) one.row.parameters = std::move(*parameters);
    one.row.data_hash = footer["data_hash"];
    one.row.parameter_hash = std::strtoull(footer["parameter_hash"].c_str(), nullptr, 10);
    one.row.total_signals = static_cast<std::int64_t>(parse_number(footer["total_signals"]).value_or(0));
    add(std::move(one));
    return {};
  }

  Status take_foreign(const Path& file, std::map<std::string, std::string>& footer) {
    const bool in_folder = file.filename() == "signals.parquet";
    TRADEWIND_ASSIGN(auto read, read_foreign_signals(file));
    if (read.empty()) return {};
    if (read.size() > 1)
      return Error(Errc::invalid_data, "the file holds several strategies", file.string(),
                   "a run has a file for each; import-signals makes a run of such a file");
    Adopted one{file, true, {}, std::move(read.front().sparse)};
    one.row.strategy_id = in_folder && !footer.contains("strategy_id") ? file.parent_path().filename().string() : read.front().id;
    if (in_folder && one.row.strategy_id != file.parent_path().filename().string())
      return Error(Errc::corrupt, "the file says it belongs to strategy '" + printable(one.row.strategy_id) + "'", file.string(),
                   "rename its folder");
    one.row.symbol = read.front().symbol;
    one.row.strategy_type = read.front().type;
    one.row.parameters = std::move(read.front().parameters);
    one.row.total_signals = read.front().rows;
    TRADEWIND_ASSIGN(one.row.data_hash, sha256_file(file));
    one.row.parameter_hash = hash64(one.row.strategy_id);
    Json of_footer = Json::object();
    for (const auto& [key, value] : footer) of_footer[key] = value;
    describe(of_footer, one.row, columns_);
    if (const auto text = read_file(file.parent_path() / "metadata.json"); in_folder && text) describe(read_json(*text), one.row, columns_);
    add(std::move(one));
    return {};
  }

  void add(Adopted one) {
    one.row.signal_changes = static_cast<std::int64_t>(one.signals.timestamp.size());
    one.row.compression_ratio =
        static_cast<double>(one.row.total_signals) / static_cast<double>(std::max<std::int64_t>(1, one.row.signal_changes));
    // A file beside the folders is the source of its folder, which an indexing before has written.
    const auto same =
        std::find_if(adopted_.begin(), adopted_.end(), [&](const Adopted& a) { return a.row.strategy_id == one.row.strategy_id; });
    if (same == adopted_.end())
      adopted_.push_back(std::move(one));
    else if (one.foreign)
      *same = std::move(one);
  }

  Path folder_;
  const RunCompletion* completion_;
  std::vector<Adopted> adopted_;
  std::vector<std::string> columns_;
};

}  // namespace

bool is_foreign_document(const Path& file) {
  const auto text = read_file(file);
  if (!text) return false;
  const Json document = read_json(*text);
  return document.is_object() && !document.contains("format_version");
}

Status keep_original(const Path& file) {
  const Path kept = file.parent_path() / (file.stem().string() + ".original" + file.extension().string());
  if (!is_there(file) || is_there(kept)) return {};
  std::error_code failed;
  std::filesystem::rename(file, kept, failed);
  if (failed) return Error(Errc::storage, "cannot rename: " + failed.message(), file.string());
  return {};
}

Status adopt_foreign(const Path& folder, const RunCompletion* completion) {
  Adoption adoption(folder, completion);
  TRADEWIND_TRY(adoption.read());
  return adoption.write();
}

}  // namespace tradewind::workspace
