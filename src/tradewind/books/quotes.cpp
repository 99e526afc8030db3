// SPDX-License-Identifier: Apache-2.0
// Tops of books without sizes, polled, and the tables beside them.
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "tradewind/books/columns_internal.hpp"
#include "tradewind/books/import_internal.hpp"

namespace tradewind::books {
namespace {

using trading::Outcome;
using trading::Side;

std::int64_t price_of(double value) { return std::isnan(value) ? 0 : micros_from_double(value).value_or(0); }

/// A place in the builder for every word of a column.
std::vector<std::uint32_t> places_of(const Words& slugs, RecordingBuilder& builder) {
  std::vector<std::uint32_t> places;
  for (const std::string& slug : slugs.word) {
    places.push_back(builder.market(slug));
    RecordedMarket& one = builder.at(places.back());
    one.mirrored = true;
    one.market.slug = slug;
  }
  return places;
}

}  // namespace

Result<std::int64_t> import_quotes(const Path& file, RecordingBuilder& builder) {
  TRADEWIND_ASSIGN(const ColumnFile columns, ColumnFile::open(file));
  builder.without_sizes();
  std::unordered_map<std::uint32_t, std::pair<std::int64_t, std::int64_t>> last;  // what a market showed: bid and ask
  for (int group = 0; group < columns.groups(); ++group) {
    TRADEWIND_ASSIGN(const auto time, columns.times(group, "ts"));
    TRADEWIND_ASSIGN(const auto slug, columns.words(group, "slug"));
    TRADEWIND_ASSIGN(const auto bid, columns.numbers(group, "bid"));
    TRADEWIND_ASSIGN(const auto ask, columns.numbers(group, "ask"));
    const auto places = places_of(slug, builder);
    for (std::size_t i = 0; i < time.size(); ++i) {
      if (slug.code[i] < 0) {
        builder.leave_out("quotes of no market");
        continue;
      }
      const std::uint32_t market = places[static_cast<std::size_t>(slug.code[i])];
      const std::pair now(price_of(bid[i]), price_of(ask[i]));
      const auto [before, fresh] = last.try_emplace(market, now);
      if (!fresh && before->second == now) continue;  // nothing has changed
      before->second = now;
      builder.book(time[i], time[i], market, Outcome::yes);
      if (now.first > 0) builder.level(time[i], time[i], market, Outcome::yes, Side::buy, now.first, kUnknownSize);
      if (now.second > 0 && now.second < Price::kOne)
        builder.level(time[i], time[i], market, Outcome::yes, Side::sell, now.second, kUnknownSize);
    }
  }
  return columns.rows();
}

Status describe_by_table(const Path& file, RecordingBuilder& builder) {
  TRADEWIND_ASSIGN(const ColumnFile columns, ColumnFile::open(file));
  if (!columns.has("slug")) return Error(Errc::invalid_data, "the table has no column 'slug', so it describes no markets", file.string());
  if (!columns.has("question")) return {};
  for (int group = 0; group < columns.groups(); ++group) {
    TRADEWIND_ASSIGN(const auto slug, columns.words(group, "slug"));
    TRADEWIND_ASSIGN(const auto question, columns.words(group, "question"));
    Words category;
    if (columns.has("category")) {
      TRADEWIND_ASSIGN(category, columns.words(group, "category"));
    }
    for (std::size_t i = 0; i < slug.code.size(); ++i) {
      if (slug.code[i] < 0) continue;
      RecordedMarket& one = builder.at(builder.market(slug[i]));
      one.market.slug = slug[i];
      one.market.question = question[i];
      one.market.outcome_names = {"Yes", "No"};
      one.mirrored = true;
      one.described = true;
      if (!category.code.empty()) one.market.tags = {std::string(category[i])};
    }
  }
  return {};
}

Status settle_by_table(const Path& file, RecordingBuilder& builder) {
  TRADEWIND_ASSIGN(const ColumnFile columns, ColumnFile::open(file));
  if (!columns.has("y")) return {};
  for (int group = 0; group < columns.groups(); ++group) {
    TRADEWIND_ASSIGN(const auto slug, columns.words(group, "slug"));
    TRADEWIND_ASSIGN(const auto outcome, columns.numbers(group, "y"));
    Words source;
    if (columns.has("source")) {
      TRADEWIND_ASSIGN(source, columns.words(group, "source"));
    }
    for (std::size_t i = 0; i < slug.code.size(); ++i) {
      if (slug.code[i] < 0) continue;
      const std::uint32_t place = builder.market(slug[i]);
      if (!source.code.empty() && source[i] != "api") {
        builder.at(place).unresolved =
            fmt::format("its outcome is {}, not told by the venue", source[i] == "convergence" ? "inferred from prices" : source[i]);
        continue;
      }
      const bool decided = outcome[i] == 0 || outcome[i] == 1 || outcome[i] == 0.5;
      if (!decided) {
        builder.leave_out("outcomes that are none");
        continue;
      }
      builder.payout(builder.last_of(place) + kUntilKnown, place, static_cast<std::int64_t>(outcome[i] * 1e6));
    }
  }
  return {};
}

}  // namespace tradewind::books
