// SPDX-License-Identifier: Apache-2.0
#include "tradewind/telemetry/open_metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/text.hpp"

namespace tradewind::telemetry {
namespace {

struct Bound {
  std::string_view text;  ///< seconds in canonical form
  std::int64_t nanoseconds;
};
constexpr std::array kBounds{
    Bound{"1e-05", 10'000},      Bound{"2.5e-05", 25'000},    Bound{"5e-05", 50'000},       Bound{"0.0001", 100'000},
    Bound{"0.00025", 250'000},   Bound{"0.0005", 500'000},    Bound{"0.001", 1'000'000},    Bound{"0.0025", 2'500'000},
    Bound{"0.005", 5'000'000},   Bound{"0.01", 10'000'000},   Bound{"0.025", 25'000'000},   Bound{"0.05", 50'000'000},
    Bound{"0.1", 100'000'000},   Bound{"0.25", 250'000'000},  Bound{"0.5", 500'000'000},    Bound{"1.0", 1'000'000'000},
    Bound{"2.5", 2'500'000'000}, Bound{"5.0", 5'000'000'000}, Bound{"10.0", 10'000'000'000}};

std::string_view type_name(MetricType type) {
  switch (type) {
    case MetricType::counter: return "counter";
    case MetricType::gauge: return "gauge";
    case MetricType::histogram: return "histogram";
    case MetricType::state_set: return "stateset";
    case MetricType::info: return "info";
  }
  return "unknown";
}

std::vector<std::string_view> suffixes(MetricType type) {
  switch (type) {
    case MetricType::counter: return {"_total"};
    case MetricType::histogram: return {"_bucket", "_count", "_sum"};
    case MetricType::info: return {"_info"};
    default: return {""};
  }
}

bool is_name(std::string_view text, bool colons) {
  const auto fits = [&](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (colons && c == ':'); };
  return !text.empty() && fits(text[0]) && std::all_of(text.begin(), text.end(), [&](char c) { return fits(c) || (c >= '0' && c <= '9'); });
}

/// `"`, `\` and line feeds escaped; bytes that are no UTF-8 as \xNN.
std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t good = invalid_utf8(text).value_or(text.size());
    for (const char c : text.substr(0, good)) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
    if (good == text.size()) break;
    out += fmt::format("\\\\x{:02X}", static_cast<unsigned>(static_cast<unsigned char>(text[good])));
    text.remove_prefix(good + 1);
  }
  return out;
}

Error wrong(const MetricFamily& family, std::string_view what) {
  return {Errc::usage, fmt::format("the metric '{}' {}", printable(family.name), what)};
}

Status check_family(const MetricFamily& family) {
  if (!is_name(family.name, true)) return wrong(family, "has a name that is not made of letters, digits and _");
  if (!family.unit.empty() && !family.name.ends_with("_" + family.unit)) return wrong(family, "does not end with its unit");
  if (family.type == MetricType::counter && family.name.ends_with("_total")) return wrong(family, "is declared without _total");
  for (const MetricSample& sample : family.samples) {
    for (const auto& [name, value] : sample.labels)
      if (!is_name(name, false)) return wrong(family, fmt::format("has the label '{}'", printable(name)));
    if (family.type == MetricType::counter && sample.value < 0) return wrong(family, "is a counter below 0");
  }
  return {};
}

std::string series_text(const MetricFamily& family, const MetricSample& sample) {
  std::string out = fmt::format("{}{}", family.name, sample.suffix);
  for (std::size_t i = 0; i < sample.labels.size(); ++i)
    out += fmt::format("{}{}=\"{}\"", i == 0 ? '{' : ',', sample.labels[i].first, escaped(sample.labels[i].second));
  return sample.labels.empty() ? out : out + '}';
}

}  // namespace

MetricFamily::MetricFamily(const MetricDeclaration& declaration)
    : name(declaration.name), type(declaration.type), unit(declaration.unit), help(declaration.help), label(declaration.label) {}

MetricFamily& MetricFamily::add(double value, std::string_view label_value) {
  if (!std::isfinite(value)) return *this;
  MetricSample sample{suffixes(type).front(), {}, value};
  if (!label.empty()) sample.labels.emplace_back(label, label_value);
  samples.push_back(std::move(sample));
  return *this;
}

MetricFamily& MetricFamily::add_states(std::span<const std::string> states, std::string_view active) {
  for (const std::string& state : states) samples.push_back({"", {{name, state}}, state == active ? 1.0 : 0.0});
  return *this;
}

MetricFamily& MetricFamily::add_histogram(const Histogram& durations, std::string_view label_value) {
  Labels labels;
  if (!label.empty()) labels.emplace_back(label, label_value);
  const auto bucket = [&](std::string_view bound, std::uint64_t count) {
    Labels all = labels;
    all.emplace_back("le", bound);
    samples.push_back({"_bucket", std::move(all), static_cast<double>(count)});
  };
  for (const Bound& bound : kBounds) bucket(bound.text, durations.count_at_most(bound.nanoseconds));
  bucket("+Inf", durations.count());
  samples.push_back({"_count", labels, static_cast<double>(durations.count())});
  samples.push_back({"_sum", labels, static_cast<double>(durations.sum()) / 1e9});
  return *this;
}

Result<std::string> open_metrics_text(std::span<const MetricFamily> families) {
  std::string out;
  std::set<std::string> names;
  std::set<std::string> series;
  for (const MetricFamily& family : families) {
    TRADEWIND_TRY(check_family(family));
    for (const std::string_view suffix : suffixes(family.type))
      if (!names.insert(family.name + std::string(suffix)).second) return wrong(family, "is there twice");
    out += fmt::format("# TYPE {} {}\n", family.name, type_name(family.type));
    if (!family.unit.empty()) out += fmt::format("# UNIT {} {}\n", family.name, family.unit);
    if (!family.help.empty()) out += fmt::format("# HELP {} {}\n", family.name, escaped(family.help));
    for (const MetricSample& sample : family.samples) {
      std::string text = series_text(family, sample);
      out += fmt::format("{} {}\n", text, number_text(sample.value));
      if (!series.insert(std::move(text)).second) return wrong(family, "has two samples with the same labels");
    }
  }
  return out + "# EOF\n";
}

std::vector<std::string> sample_names(const MetricDeclaration& declaration) {
  std::vector<std::string> out;
  for (const std::string_view suffix : suffixes(declaration.type)) out.push_back(fmt::format("{}{}", declaration.name, suffix));
  return out;
}

}  // namespace tradewind::telemetry
