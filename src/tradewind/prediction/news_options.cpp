// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "tradewind/base/text.hpp"
#include "tradewind/prediction/news.hpp"

namespace tradewind::prediction {
namespace {

void read_markets(config::MapReader& reader, NewsOptions& options) {
  const config::Value* markets = reader.value("markets");
  if (markets == nullptr) return;
  if (markets->kind != config::Value::Kind::list) return reader.complain("markets", "must be a list of {id, keywords, polarity}");
  for (std::size_t i = 0; i < markets->items.size(); ++i) {
    config::MapReader one(markets->items[i], reader.path_of(fmt::format("markets[{}]", i)), reader.complaints());
    NewsMarket market{.id = one.required_text("id"), .keywords = one.text_list("keywords")};
    market.polarity = one.number("polarity", 1, -1, 1);
    one.finish();
    options.markets.push_back(std::move(market));
  }
}

/// A map of names to numbers, such as the weights of sources.
template <class Take>
void read_numbers(config::MapReader& reader, std::string_view key, double minimum, double maximum, Take&& take) {
  const config::Value* map = reader.value(key);
  if (map == nullptr) return;
  config::MapReader numbers(*map, reader.path_of(key), reader.complaints());
  for (const auto& [name, value] : map->entries) take(name, numbers.number(name, 0, minimum, maximum));
}

}  // namespace

NewsOptions read_news(config::MapReader& reader) {
  NewsOptions o;
  read_markets(reader, o);
  read_numbers(reader, "sources", 0, 10, [&](const std::string& name, double weight) { o.source_weights[name] = weight; });
  read_numbers(reader, "lexicon", -1, 1, [&](const std::string& word, double polarity) { o.lexicon.set(lower(word), polarity); });
  o.strength = reader.number("strength", o.strength, 0, 10);
  o.tau_hours = reader.number("tau_hours", o.tau_hours, 0.001, 1e5);
  o.min_relevance = reader.number("min_relevance", o.min_relevance, 0.01, 1);
  o.duplicate_distance = static_cast<int>(reader.whole_number("duplicate_distance", o.duplicate_distance, 0, 32));
  o.min_edge = reader.number("min_edge", o.min_edge, 0, 0.5);
  o.exit_impact = reader.number("exit_impact", o.exit_impact, 0, 1);
  o.memory = static_cast<int>(reader.whole_number("memory", o.memory, 1, 1'000'000));
  o.rules = read_entry_rules(reader);
  o.exits = read_exit_rules(reader);
  o.sizing = read_sizing(reader, o.sizing);
  return o;
}

}  // namespace tradewind::prediction
