// SPDX-License-Identifier: Apache-2.0
#include "tradewind/live/live_config.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/config/secrets.hpp"
#include "tradewind/live/bar_trader.hpp"
#include "tradewind/workspace/ids.hpp"

namespace tradewind::live {
namespace {

using config::Complaints;
using config::MapReader;
using config::Value;

constexpr double kStaleVenueSeconds = 600;
const Value kNothing{Value::Kind::map, 0, {}, false, {}, {}};

/// Reads one document.
class Reader {
 public:
  Reader(const Value& document, const std::string& file, const ConfigPlaces& places)
      : complaints_(file),
        document_(document.kind == Value::Kind::map ? document : kNothing),
        root_(document_, "", complaints_),
        places_(places),
        file_(file) {
    if (document.kind != Value::Kind::map && document.kind != Value::Kind::null)
      complaints_.add(document.line, "", "must be a map of settings");
  }
  Result<LiveConfig> read();

 private:
  void capital();
  void strategies();
  void strategy(const std::string& name, MapReader& section, bool enabled);
  void allocation(MapReader& section, const std::vector<std::string>& enabled);
  void market_data();
  std::vector<trading::FeeChange> fees(MapReader& section);
  void simulation();
  void news();
  void execution();
  void performance();

  Complaints complaints_;
  const Value& document_;
  MapReader root_;
  ConfigPlaces places_;
  std::string file_;
  LiveConfig live_;
};

void Reader::capital() {
  const Value* value = root_.value("total_capital");
  if (value == nullptr) return;
  const auto money = value->kind == Value::Kind::scalar ? parse_fixed<Money>(value->text) : std::nullopt;
  if (money && *money >= Money::whole(1) && *money <= Money::whole(1'000'000'000))
    live_.total_capital = *money;
  else
    root_.complain("total_capital", fmt::format("'{}' is not an amount between 1 and 1,000,000,000 dollars", printable(value->text)),
                   "write dollars such as 100 or 2500.50");
}

/// A kind of its own name, or the kind its key `type` names.
void Reader::strategy(const std::string& name, MapReader& section, bool enabled) {
  const Value* own = section.value(name);
  const Value& map = own == nullptr || own->kind != Value::Kind::map ? kNothing : *own;
  if (own != nullptr && own->kind != Value::Kind::map) section.complain(name, "must be a map of settings");
  if (const Status id = workspace::check_id("strategy", name); !id)  // its series becomes a file of the run
    return section.complain(own == nullptr ? "enabled" : name, id.error().message(), id.error().hint());
  MapReader reader(map, "strategies." + name, complaints_);
  const std::string type = reader.text("type", name);
  NamedStrategy made{name, nullptr, {}};
  const Value* limits = reader.value("limits");
  made.limits = execution::read_strategy_limits(limits == nullptr ? kNothing : *limits, "strategies." + name + ".limits", complaints_);
  if (type == "bar") {
    made.strategy = read_bar_trader(reader, places_.workspace, live_.origins[name]);
  } else if (type == "ensemble") {
    made.strategy = read_ensemble_trader(reader, places_.workspace, live_.origins[name]);
  } else if (const auto known = prediction::PredictionRegistry::instance().find(type)) {
    made.strategy = (*known)->make(reader);  // which ends the reading itself
  } else {
    std::vector<std::string> names = prediction::PredictionRegistry::instance().names();
    names.insert(names.end(), {"bar", "ensemble"});
    section.complain(own == nullptr ? "enabled" : name, fmt::format("there is no strategy '{}'", printable(type)), suggestion(type, names));
    return;
  }
  if (type == "bar" || type == "ensemble") reader.finish();
  if (made.strategy == nullptr) return;
  live_.strategies.push_back(std::move(made));
  live_.shares.push_back({name, enabled, 0, {}});
}

/// Shares of the enabled strategies; equal ones without the key.
void Reader::allocation(MapReader& section, const std::vector<std::string>& enabled) {
  const Value* given = section.value("capital_allocation");
  for (auto& share : live_.shares)
    if (share.enabled) share.allocation = given == nullptr ? 1.0 / static_cast<double>(enabled.size()) : 0;
  if (given == nullptr) return;
  MapReader reader(*given, "strategies.capital_allocation", complaints_);
  double sum = 0;
  for (const auto& [name, value] : given->entries) {
    const double part = reader.number(name, 0, 0, 1);
    const auto share =
        std::find_if(live_.shares.begin(), live_.shares.end(), [&](const auto& one) { return one.strategy == name && one.enabled; });
    sum += part;
    if (share == live_.shares.end())
      complaints_.add(value.line, "strategies.capital_allocation." + name, "is not the name of an enabled strategy",
                      suggestion(name, enabled));
    else
      share->allocation = part;
  }
  reader.finish();
  if (!(std::abs(sum - 1) <= 1e-9))
    section.complain("capital_allocation", fmt::format("sums to {}, not to 1", number_text(sum)),
                     "give every enabled strategy its share of the capital");
}

void Reader::strategies() {
  const Value* given = root_.value("strategies");
  MapReader section(given == nullptr ? kNothing : *given, "strategies", complaints_);
  std::vector<std::string> enabled = section.text_list("enabled");
  if (!section.has("enabled")) enabled = {"arbitrage"};
  if (enabled.empty()) section.complain("enabled", "names no strategy", "e.g. enabled: [arbitrage]");
  if (std::set<std::string>(enabled.begin(), enabled.end()).size() != enabled.size()) section.complain("enabled", "names a strategy twice");
  live_.manager.max_trades_per_cycle =
      static_cast<int>(section.whole_number("max_trades_per_cycle", live_.manager.max_trades_per_cycle, 1, 1000));
  live_.manager.cooldown_seconds = section.number("cooldown_seconds", live_.manager.cooldown_seconds, 0, 86'400);
  for (const std::string& name : enabled) {
    if (name == execution::EngineState::kExternal)
      section.complain("enabled", "'external' is the name of the account's own ledger");
    else
      strategy(name, section, true);
  }
  // What has settings and is not enabled stands by, to be enabled at runtime.
  static const std::set<std::string> kOwnKeys = {"enabled", "capital_allocation", "max_trades_per_cycle", "cooldown_seconds"};
  if (given != nullptr)
    for (const auto& [name, value] : given->entries)
      if (!kOwnKeys.contains(name) && std::find(enabled.begin(), enabled.end(), name) == enabled.end()) strategy(name, section, false);
  allocation(section, enabled);
  section.finish();
  if (!complaints_.empty() || live_.shares.empty()) return;
  // Whole millionths; what rounding leaves goes to the first strategy.
  Money left = live_.total_capital;
  for (auto& share : live_.shares) {
    share.cash = {static_cast<std::int64_t>(std::floor(share.allocation * static_cast<double>(live_.total_capital.micros)))};
    left -= share.cash;
  }
  live_.shares.front().cash += left;
}

/// Fees of simulated markets by date: a list of {from, rate, exponent}; without a rate nobody knows what takers pay from then on.
std::vector<trading::FeeChange> Reader::fees(MapReader& section) {
  const Value* given = section.value("fees");
  std::vector<trading::FeeChange> changes;
  if (given == nullptr) return changes;
  if (given->kind != Value::Kind::list || given->items.empty())
    section.complain("fees", "must be a list", "e.g. fees: [{from: 2026-01-01, rate: 0.04}]");
  for (const Value& item : given->items) {
    MapReader one(item.kind == Value::Kind::map ? item : kNothing, "simulation.fees", complaints_);
    const std::string text = one.required_text("from");
    const auto from = parse_time(text);
    trading::FeeChange& change = changes.emplace_back();
    change.from = from ? from->nanos : 0;
    const double exponent = one.number("exponent", 1, 0, 16);
    if (one.has("rate")) change.fees = {one.number("rate", 0, 0, 1), exponent};
    if (!from && !text.empty())
      one.complain("from", fmt::format("'{}' is no time", printable(text)), "write 2026-03-30 or 2026-03-30T12:00:00Z");
    if (change.fees && !change.fees->plausible()) one.complain("rate", "takes more than ten cents a share", "rates such as 0.04 are usual");
    if (changes.size() > 1 && from && change.from <= changes[changes.size() - 2].from)
      one.complain("from", "is not later than the one before it", "write the oldest first");
    one.finish();
  }
  return changes;
}

void Reader::simulation() {
  const Value* given = root_.value("simulation");
  MapReader section(given == nullptr ? kNothing : *given, "simulation", complaints_);
  auto& s = live_.simulation;
  s.seed = static_cast<std::uint64_t>(section.whole_number("seed", static_cast<std::int64_t>(live_.seed), 0, 9'000'000'000'000'000));
  s.markets = static_cast<std::size_t>(section.whole_number("markets", static_cast<std::int64_t>(s.markets), 8, 100'000));
  s.depth = static_cast<std::size_t>(section.whole_number("depth", static_cast<std::int64_t>(s.depth), 1, 50));
  s.step_seconds = section.number("step_seconds", live_.cycle_interval > 0 ? live_.cycle_interval : s.step_seconds, 0.001, 86'400);
  s.volatility = section.number("volatility", s.volatility, 0, 0.5);
  s.edge = section.choice("edge", s.edge);
  if (section.has("mispricing")) s.mispricing = section.number("mispricing", 0, 0, 1);
  s.news_rate = section.number("news_rate", s.news_rate, 0, 1);
  s.print_rate = section.number("print_rate", s.print_rate, 0, 1);
  s.life_steps = section.number("life_steps", s.life_steps, 2, 1e9);
  s.fees = fees(section);
  section.finish();
}

void Reader::market_data() {
  static const std::vector<std::string> kSources = {"simulated", "polymarket"};
  live_.market_data = root_.choice("market_data", "simulated", kSources) == "polymarket" ? MarketData::polymarket : MarketData::simulated;
  simulation();
  const Value* real = root_.value("polymarket");
  MapReader section(real == nullptr ? kNothing : *real, "polymarket", complaints_);
  live_.polymarket = venues::read_polymarket_settings(section);
  section.finish();
  const Value* paper = root_.value("paper");
  MapReader account(paper == nullptr ? kNothing : *paper, "paper", complaints_);
  live_.paper.latency_ms = account.number("latency_ms", live_.paper.latency_ms, 0, 60'000);
  live_.paper.jitter_ms = account.number("jitter_ms", live_.paper.jitter_ms, 0, 60'000);
  live_.paper.venue_delay_ms = account.number("venue_delay_ms", live_.paper.venue_delay_ms, 0, 60'000);
  live_.paper.fills.queue = account.choice("queue", live_.paper.fills.queue);
  live_.paper.fills.refill_seconds = account.number("refill_seconds", live_.paper.fills.refill_seconds, 0, 86'400);
  live_.paper.seed = live_.seed;
  account.finish();
}

void Reader::news() {
  const Value* given = root_.value("news");
  if (given == nullptr) return;
  MapReader section(*given, "news", complaints_);
  live_.news.file = section.text("file");
  const std::string url = section.text("url");
  config::refuse_literal_secrets(section, "url", url);
  live_.news.url = config::expand(section, "url", url, config::process_environment());
  if (const std::string& full = live_.news.url; !full.empty() && !full.starts_with("http://") && !full.starts_with("https://"))
    section.complain("url", "starts with neither http:// nor https://", "a file of JSON lines is named by `file`");
  live_.news.source = url.starts_with("${") ? config::display_url(live_.news.url) : config::public_url(url);
  live_.news.poll_seconds = section.number("poll_seconds", live_.news.poll_seconds, 1, 86'400);
  if (!live_.news.file.empty() && Path(live_.news.file).is_relative()) live_.news.file = (places_.folder / live_.news.file).string();
  if (live_.news.file.empty() && live_.news.url.empty()) section.complain("", "names neither a file nor a url");
  section.finish();
}

void Reader::execution() {
  const Value* limits = root_.value("limits");
  live_.desk.limits = execution::read_limits(limits == nullptr ? kNothing : *limits, live_.total_capital, complaints_);
  const Value* given = root_.value("execution");
  MapReader section(given == nullptr ? kNothing : *given, "execution", complaints_);
  auto& desk = live_.desk;
  desk.stale_seconds = section.number("stale_seconds", std::max(desk.stale_seconds, 2.5 * live_.simulation.step_seconds), 0.01, 86'400);
  // Simulated markets are stamped with virtual time.
  const double usual = live_.market_data == MarketData::polymarket ? kStaleVenueSeconds : 0;
  desk.stale_venue_seconds = section.number("stale_venue_seconds", usual, 0, 1e9);
  desk.answer_seconds = section.number("answer_seconds", desk.answer_seconds, 0.1, 3600);
  desk.ask_again_seconds = section.number("ask_again_seconds", desk.ask_again_seconds, 0.05, 3600);
  desk.reconcile_seconds = section.number("reconcile_seconds", desk.reconcile_seconds, 1, 86'400);
  desk.rest_seconds = section.number("rest_seconds", desk.rest_seconds, 1, 1e9);
  section.finish();
}

void Reader::performance() {
  live_.monitor = telemetry::read_monitor_settings(root_);
  live_.optimizer = telemetry::read_optimizer_settings(root_);
  live_.apply_suggestions = root_.boolean("apply_suggestions", live_.apply_suggestions);
  if (root_.has("metrics_port")) live_.metrics_port = static_cast<std::uint16_t>(root_.whole_number("metrics_port", 0, 0, 65'535));
}

Result<LiveConfig> Reader::read() {
  live_.name = Path(file_).filename().string();
  live_.log_level = root_.choice("log_level", live_.log_level);
  capital();
  live_.cycle_interval = root_.number("cycle_interval", live_.cycle_interval, 0, 86'400);
  live_.seed = static_cast<std::uint64_t>(root_.whole_number("seed", static_cast<std::int64_t>(live_.seed), 0, 9'000'000'000'000'000));
  strategies();
  market_data();
  news();
  execution();
  performance();
  if (const Value* events = root_.value("events")) live_.events = notifications::read_event_settings(*events, "events", complaints_);
  root_.finish();
  const double cycle = live_.market_data == MarketData::simulated ? live_.simulation.step_seconds : live_.cycle_interval;
  for (auto& [name, origin] : live_.origins)  // no bar is shorter than a cycle
    origin.bars_per_year = 365.25 * 86'400 / std::max({origin.bar_seconds, cycle, 0.001});
  TRADEWIND_TRY(complaints_.status());
  Json stored = read_json(config::to_json(document_));
  hide_secrets(stored);
  live_.json = dump_json(stored);
  return std::move(live_);
}

}  // namespace

void hide_secrets(Json& live) {
  if (!live.is_object()) return;
  live.erase("events");  // a webhook's URL may be its key
  if (!live.contains("news") || !live["news"].is_object()) return;
  const auto url = live["news"].find("url");
  if (url != live["news"].end() && url->is_string()) *url = config::public_url(url->get<std::string>());
}

execution::SessionStarted LiveConfig::session_started(const std::string& session) const { return {session, total_capital, shares, json}; }

Result<LiveConfig> read_live_config(const Value& document, const std::string& file, const ConfigPlaces& places) {
  return Reader(document, file, places).read();
}

Result<LiveConfig> load_live_config(const Path& path, const Path& workspace) {
  TRADEWIND_ASSIGN(const Value document, config::load_config(path));
  return read_live_config(document, path.string(), {path.parent_path(), workspace});
}

}  // namespace tradewind::live
