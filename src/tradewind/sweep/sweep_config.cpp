// SPDX-License-Identifier: Apache-2.0
#include "tradewind/sweep/sweep_config.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/config/reader.hpp"
#include "tradewind/metrics/costs_config.hpp"

namespace tradewind::sweep {
namespace {

using config::Complaints;
using config::MapReader;
using config::Value;

/// Calls `read` for every map of a list, complaining when it is no list of maps.
template <class Read>
void each_map(MapReader& parent, std::string_view key, Read read) {
  const Value* list = parent.value(key);
  if (list == nullptr) return;
  if (list->kind != Value::Kind::list) return parent.complain(key, "must be a list");
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    MapReader reader(list->items[i], fmt::format("{}[{}]", parent.path_of(key), i), parent.complaints());
    read(reader);
  }
}

/// The columns of a data entry, a map or text: role=NAME,….
std::string columns_text(MapReader& reader) {
  const Value* value = reader.value("columns");
  if (value == nullptr || value->kind != Value::Kind::map) return reader.text("columns");
  std::string text;
  for (const auto& [role, name] : value->entries) {
    if (name.kind != Value::Kind::scalar || name.text.find(',') != std::string::npos)
      reader.complain("columns", fmt::format("the column that is the {} must be a name without a comma", printable(role)));
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", role, name.text);
  }
  return text;
}

/// How a price file is read; what it means is for market::read_options_of.
void read_reading(MapReader& reader, DataSource& source) {
  source.zone = reader.text("zone");
  for (const std::string_view name : market::read_setting_names()) {
    if (name == "zone" || !reader.has(name)) continue;
    std::string text;
    if (market::is_read_switch(name)) {
      if (!reader.boolean(name, false)) continue;
      text = "true";
    } else {
      text = name == "columns" ? columns_text(reader) : reader.text(name);
    }
    if (const auto good = market::read_options_of({{std::string(name), text}}); !good)
      reader.complain(name, good.error().message(), good.error().hint());
    source.reading.emplace(name, std::move(text));
  }
  if (source.reading.contains("allow_negative"))
    reader.complain("allow_negative", "a sweep buys with its whole equity, and a price of 0 or below buys nothing",
                    "shift such prices, or give the returns of the spread to metrics");
  if (const auto good = market::read_options_of(source.reading); !good && source.reading.size() > 1)
    reader.complain("path", good.error().message(), good.error().hint());
}

/// Symbols are as exchanges write them.
void check_symbol(MapReader& reader, const std::string& symbol) {
  constexpr std::size_t kLongest = 60;
  const bool bad = std::any_of(symbol.begin(), symbol.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f' || std::string_view(",;<>\"\\`").find(c) != std::string_view::npos;
  });
  if (bad || symbol.size() > kLongest || invalid_utf8(symbol) || trim(symbol).size() != symbol.size())
    reader.complain("symbol", fmt::format("'{}' is no symbol", printable(symbol)),
                    "at most 60 bytes, without , ; < > \" \\ ` and without blanks at its ends");
}

void read_data(MapReader& root, const Path& folder, SweepConfig& sweep) {
  root.require("data");
  std::set<std::string> symbols;
  each_map(root, "data", [&](MapReader& reader) {
    DataSource source;
    source.symbol = reader.required_text("symbol");
    source.configured = reader.required_text("path");
    read_reading(reader, source);
    source.periods_per_year = reader.number("periods_per_year", 0, 1e-3, 1e9);
    if (reader.has("fill")) source.fill = reader.choice("fill", metrics::FillModel::next_open);
    reader.finish();
    const Path path = source.configured;
    source.path = path.is_absolute() ? path : folder / path;
    check_symbol(reader, source.symbol);
    if (!symbols.insert(source.symbol).second) reader.complain("symbol", fmt::format("'{}' is listed twice", source.symbol));
    sweep.data.push_back(std::move(source));
  });
  if (root.has("data") && sweep.data.empty())
    root.complain("data", "names no price series", "add an entry such as {symbol: SPY, path: spy.csv}");
}

void read_annualization(MapReader& root, SweepConfig& sweep) {
  const Value* value = root.value("annualization");
  if (value == nullptr) return;
  MapReader reader(*value, "annualization", root.complaints());
  sweep.periods_per_year = reader.number("periods_per_year", 0, 1e-3, 1e9);
  sweep.risk_free = reader.number("risk_free", 0, -0.5, 10);
  reader.finish();
}

void read_execution(MapReader& root, SweepConfig& sweep) {
  const Value* value = root.value("execution");
  if (value == nullptr) return;
  MapReader reader(*value, "execution", root.complaints());
  sweep.fill = reader.choice("fill", metrics::FillModel::next_open);
  sweep.costs = metrics::read_costs(reader);
  reader.finish();
}

void read_strategy(MapReader& reader, SweepConfig& sweep) {
  const std::string name = reader.required_text("type");
  if (name.empty()) return;
  const auto type = strategies::StrategyRegistry::instance().find(name);
  if (!type) return reader.complain("type", type.error().message(), type.error().hint());
  StrategyGrid grid;
  grid.type = *type;
  grid.direction = reader.choice("direction", strategies::Direction::long_only);
  std::vector<AxisSpec> specs;
  for (const auto& p : grid.type->parameters) specs.push_back({p.name, p.default_value, p.minimum, p.maximum, p.integer});
  std::vector<Axis> axes = read_axes(reader, specs);
  const std::string where = reader.text("where");
  reader.finish();
  auto made = Grid::make(std::move(axes), {grid.type->constraint, where});
  if (!made)
    return reader.complain("where", made.error().message() + (made.error().where().empty() ? "" : " in " + made.error().where()),
                           made.error().hint());
  if (made->size() == 0)
    return reader.complain("", fmt::format("no combination of '{}' is left{}", name,
                                           grid.type->constraint.empty() ? "" : " (it needs " + grid.type->constraint + ")"));
  grid.grid = std::move(*made);
  sweep.strategies.push_back(std::move(grid));
}

void read_classifier(MapReader& reader, SweepConfig& sweep) {
  const std::string name = reader.required_text("type");
  if (name.empty()) return;
  const auto type = regimes::ClassifierRegistry::instance().find(name);
  if (!type) return reader.complain("type", type.error().message(), type.error().hint());
  std::vector<AxisSpec> specs;
  for (const auto& p : (*type)->parameters) specs.push_back({p.name, p.default_value, p.minimum, p.maximum, p.integer});
  std::vector<Axis> axes = read_axes(reader, specs);
  const std::string where = reader.text("where");
  reader.finish();
  auto made = Grid::make(std::move(axes), {where});
  if (!made) return reader.complain("where", made.error().message(), made.error().hint());
  if (made->size() == 0) return reader.complain("where", fmt::format("no combination of '{}' is left", name));
  sweep.classifiers.push_back({*type, std::move(*made)});
}

}  // namespace

Result<SweepConfig> read_sweep_config(const Value& document, const Path& folder, const std::string& file) {
  Complaints complaints(file);
  MapReader root(document, "", complaints);
  SweepConfig sweep;
  read_data(root, folder, sweep);
  read_annualization(root, sweep);
  read_execution(root, sweep);
  root.require("strategies");
  each_map(root, "strategies", [&](MapReader& reader) { read_strategy(reader, sweep); });
  if (complaints.empty() && sweep.strategies.empty())
    root.complain("strategies", "names no strategy", "add an entry such as {type: sma_cross, fast: 10, slow: [20, 50]}");
  each_map(root, "classifiers", [&](MapReader& reader) { read_classifier(reader, sweep); });
  root.finish();
  TRADEWIND_TRY(complaints.status());
  sweep.json = config::to_json(document);
  return sweep;
}

Result<SweepConfig> load_sweep_config(const Path& path) {
  TRADEWIND_ASSIGN(const Value document, config::load_config(path));
  return read_sweep_config(document, path.parent_path(), path.string());
}

}  // namespace tradewind::sweep
