// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/sweep/plan_internal.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::sweep {
namespace {

/// Reader options that change what the same file says: "|adjusted=true"; empty without any.
std::string reading_text(const market::ReadSettings& reading) {
  std::string text;
  for (const auto& [name, value] : reading) text += fmt::format("|{}={}", name, value);
  return text;
}

}  // namespace

Plan::Plan(const SweepConfig& config, const std::vector<SymbolData>& symbols) : config_(config), symbols_(symbols) {
  for (const StrategyGrid& grid : config.strategies) {
    first_.push_back(per_symbol_);
    per_symbol_ += static_cast<std::int64_t>(grid.grid.size());
  }
  size_ = per_symbol_ * static_cast<std::int64_t>(symbols.size());
  for (const SymbolData& symbol : symbols)
    execution_.push_back(fmt::format("{}|{}|{}|{}|{}|{}", enum_name(symbol.fill), number_text(config.costs.commission_rate),
                                     enum_name(config.costs.slippage_model), number_text(config.costs.slippage_bps),
                                     number_text(symbol.periods_per_year), number_text(config.risk_free)) +
                         reading_text(symbol.reading));
}

Plan::Place Plan::place(std::int64_t ordinal) const {
  const std::int64_t within = ordinal % per_symbol_;
  const auto after = std::upper_bound(first_.begin(), first_.end(), within);
  const auto grid = static_cast<std::size_t>(after - first_.begin()) - 1;
  return {&config_.strategies[grid], static_cast<std::size_t>(within - first_[grid])};
}

SweepCandidate Plan::candidate(std::int64_t ordinal) const {
  const Place at = place(ordinal);
  return {at.grid->type, at.grid->direction, at.grid->grid.values(at.index)};
}

std::string Plan::parameter_text(const Place& at) const {
  const std::vector<double> values = at.grid->grid.values(at.index);
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i)
    text += fmt::format("{}{}={}", i > 0 ? "," : "", at.grid->grid.axes()[i].name, number_text(values[i]));
  if (at.grid->direction == strategies::Direction::long_short) text += ",direction=long_short";
  return text;
}

std::string Plan::strategy_id(std::int64_t ordinal) const {
  const Place at = place(ordinal);
  return fmt::format("{}.{}.{}", workspace::id_of_symbol(symbols_[symbol_of(ordinal)].bars.symbol), at.grid->type->name,
                     parameter_text(at));
}

std::uint64_t Plan::parameter_hash(std::int64_t ordinal) const {
  const std::size_t symbol = symbol_of(ordinal);
  const std::string identity = fmt::format("{}|{}|{}", strategy_id(ordinal), execution_[symbol], symbols_[symbol].sha256);
  return hash64(identity);
}

std::map<std::string, std::string> Plan::conditions() const {
  std::map<std::string, std::string> out{{"commission", number_text(config_.costs.commission_rate)},
                                         {"slippage", config_.costs.slippage_text()},
                                         {"risk_free", number_text(config_.risk_free)}};
  for (const SymbolData& symbol : symbols_) {
    out["data " + symbol.bars.symbol] = symbol.sha256;
    out["fill " + symbol.bars.symbol] = std::string(enum_name(symbol.fill));
    if (!symbol.reading.empty()) out["reading " + symbol.bars.symbol] = reading_text(symbol.reading).substr(1);
    out["periods_per_year " + symbol.bars.symbol] = number_text(symbol.periods_per_year);
  }
  return out;
}

workspace::SignalMetadata Plan::describe(std::int64_t ordinal) const {
  const Place at = place(ordinal);
  const SymbolData& symbol = symbols_[symbol_of(ordinal)];
  workspace::SignalMetadata metadata;
  metadata.strategy_id = strategy_id(ordinal);
  metadata.strategy_type = at.grid->type->name;
  metadata.symbol = symbol.bars.symbol;
  const std::vector<double> values = at.grid->grid.values(at.index);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ParameterSpec& spec = at.grid->type->parameters[i];
    if (spec.integer)
      metadata.parameters.push_back({spec.name, static_cast<std::int64_t>(values[i])});
    else
      metadata.parameters.push_back({spec.name, values[i]});
  }
  metadata.parameters.push_back({"direction", std::string(enum_name(at.grid->direction))});
  metadata.total_signals = static_cast<std::int64_t>(symbol.bars.size());
  metadata.parameter_hash = parameter_hash(ordinal);
  metadata.data_hash = symbol.sha256;
  return metadata;
}

Status Plan::check_unique() const {
  // Grids of different types or directions cannot collide; those of the same one can.
  for (std::size_t a = 0; a < config_.strategies.size(); ++a) {
    for (std::size_t b = a + 1; b < config_.strategies.size(); ++b) {
      const StrategyGrid& one = config_.strategies[a];
      const StrategyGrid& two = config_.strategies[b];
      if (one.type != two.type || one.direction != two.direction) continue;
      std::set<std::vector<double>> seen;
      for (std::size_t i = 0; i < one.grid.size(); ++i) seen.insert(one.grid.values(i));
      for (std::size_t i = 0; i < two.grid.size(); ++i)
        if (seen.contains(two.grid.values(i)))
          return Error(Errc::invalid_config, fmt::format("strategy {}.{} is listed twice", one.type->name, parameter_text({&two, i})),
                       fmt::format("strategies[{}] and strategies[{}]", a, b), "remove it from one of the grids");
    }
  }
  return {};
}

}  // namespace tradewind::sweep
