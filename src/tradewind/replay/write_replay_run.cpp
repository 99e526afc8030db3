// SPDX-License-Identifier: Apache-2.0
#include "tradewind/replay/write_replay_run.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

#include "tradewind/base/hash.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/text.hpp"
#include "tradewind/replay/replay_json_internal.hpp"
#include "tradewind/version.hpp"
#include "tradewind/workspace/ensemble_signals.hpp"
#include "tradewind/workspace/reader.hpp"
#include "tradewind/workspace/upkeep.hpp"
#include "tradewind/workspace/writer.hpp"

namespace tradewind::replay {
namespace {

constexpr const char* kClassifier = "replay";
constexpr const char* kDocument = "analytics/replay.json";

/// Signals of the window; the position held before it stands at the last bar before.
workspace::Signals signals_within(const workspace::Signals& all, const market::Bars& bars, const SignalReplayConfig& config) {
  workspace::Signals cut;
  const auto keep = [&](UnixNanos time, std::size_t i) {
    cut.timestamp.push_back(time);
    cut.signal.push_back(all.signal[i]);
    cut.confidence.push_back(all.confidence.empty() ? 1.0F : all.confidence[i]);
  };
  const auto first = std::lower_bound(all.timestamp.begin(), all.timestamp.end(), config.from) - all.timestamp.begin();
  const auto bar = std::lower_bound(bars.timestamp.begin(), bars.timestamp.end(), config.from);
  if (first > 0 && all.signal[static_cast<std::size_t>(first - 1)] != 0 && bar != bars.timestamp.begin())
    keep(*(bar - 1), static_cast<std::size_t>(first - 1));
  for (auto i = static_cast<std::size_t>(first); i < all.timestamp.size() && all.timestamp[i] < config.to; ++i) keep(all.timestamp[i], i);
  return cut;
}

workspace::SignalMetadata row_of(const std::string& id, const metrics::PerformanceMetrics& performance, const std::string& identity) {
  workspace::SignalMetadata row;
  row.strategy_id = id;
  row.total_signals = performance.bars;
  row.compression_ratio = static_cast<double>(performance.bars);
  row.total_trades = performance.total_trades;
  row.total_fills = performance.total_fills;
  row.values.assign(performance.value.begin(), performance.value.end());
  row.undefined = metrics::undefined_text(performance);
  row.parameter_hash = hash64(id + "|" + identity);
  return row;
}

/// The data of all sources for the symbols replayed; what a symbol is must be the same in each.
Status merge_data(const ReplayProvenance& provenance, std::span<const std::string> symbols, workspace::RunMetadata& run) {
  for (const std::string& symbol : symbols) {
    const workspace::SymbolPrices* held = nullptr;
    for (const workspace::RunMetadata& source : provenance.sources) {
      const workspace::SymbolPrices* data = source.execution.find(symbol);
      if (data == nullptr) continue;
      if (held != nullptr && held->sha256 != data->sha256)
        return Error(Errc::invalid_data, fmt::format("the runs of the replay have different data for {}", symbol), source.run_id,
                     "replay strategies that were made on the same data");
      if (held != nullptr) continue;
      held = data;
      run.execution.data.push_back(*data);
      if (data->fill.empty()) run.execution.data.back().fill = source.execution.fill;
      run.data_files[symbol] = data->path;
      if (!data->sha256.empty()) run.data_hashes[data->path] = data->sha256;
    }
  }
  return {};
}

Result<workspace::RunMetadata> metadata_of(const std::string& run_id, const SignalReplayConfig& config, const RegimeReplayResult& result,
                                           const ReplayProvenance& provenance, const std::string& classifier_id) {
  const auto& execution = config.execution;
  workspace::RunMetadata run;
  run.run_id = run_id;
  run.created_at = provenance.created_at != 0 ? provenance.created_at : system_clock().now();
  run.workflow_type = "backtest";
  run.best_sharpe = std::nan("");
  run.commission_model = execution.costs.commission_text();
  run.slippage_model = execution.costs.slippage_text();
  run.start_date = result.timestamp.front();
  run.end_date = result.timestamp.back();
  run.symbols = result.symbols;
  run.periods_per_year = execution.periods_per_year;
  run.execution.fill = enum_name(execution.fill);
  run.execution.commission_rate = execution.costs.commission_rate;
  run.execution.slippage_model = enum_name(execution.costs.slippage_model);
  run.execution.slippage_rate = execution.costs.slippage_bps;
  run.execution.risk_free = execution.risk_free;
  TRADEWIND_TRY(merge_data(provenance, result.symbols, run));
  run.config = Json{{"replay", config_json(config, classifier_id)}}.dump();
  run.tradewind_version = TRADEWIND_VERSION;
  return run;
}

/// What makes two replays the same one.
std::string identity_of(const workspace::RunMetadata& run) {
  const workspace::RunExecution& e = run.execution;
  std::string identity = fmt::format("{}|{}|{}|{}|{}|{}|{}", run.config, e.fill, number_text(e.commission_rate), e.slippage_model,
                                     number_text(e.slippage_rate), number_text(run.periods_per_year), number_text(e.risk_free));
  for (const workspace::SymbolPrices& data : e.data) identity += fmt::format("|{}={}", data.symbol, data.sha256);
  return identity;
}

/// Adds the rows that are not committed yet.
Status add_rows(workspace::RunWriter& writer, const SignalReplayConfig& config, std::span<const std::string> ids,
                std::span<const workspace::Signals> signals, std::span<const ReplaySeries> series, const RegimeReplayResult& result,
                const ReplayBaselines& baselines, const ReplayProvenance& provenance, const std::string& identity) {
  workspace::SegmentBuilder segment = writer.new_segment();
  std::int32_t ordinal = 0;
  std::size_t known = 0;
  const auto is_new = [&](const workspace::SignalMetadata& row) {
    return !writer.committed().contains(row.parameter_hash) || (++known, false);
  };
  for (std::size_t m = 0; m < result.members.size(); ++m, ++ordinal) {
    workspace::SignalMetadata row = row_of(ids[m], result.members[m].performance, identity);
    const workspace::Signals cut = signals_within(signals[m], *series[m].bars, config);
    const workspace::SignalMetadata& source = provenance.strategies[m];
    row.strategy_type = source.strategy_type;
    row.parameters = source.parameters;
    row.data_hash = source.data_hash;
    row.symbol = result.members[m].symbol;
    row.signal_changes = static_cast<std::int64_t>(cut.timestamp.size());
    row.compression_ratio /= static_cast<double>(std::max<std::int64_t>(1, row.signal_changes));
    if (is_new(row)) TRADEWIND_TRY(segment.append(ordinal, row, {cut.timestamp, cut.signal, cut.confidence}));
  }
  const std::pair<const char*, const RegimeReplayResult*> others[] = {{kEnsembleRow, &result},
                                                                      {kStaticRow, &baselines.static_weights},
                                                                      {kEqualRow, &baselines.equal_weight},
                                                                      {kBuyAndHoldRow, &baselines.buy_and_hold}};
  for (const auto& [id, outcome] : others) {
    workspace::SignalMetadata row = row_of(id, outcome->performance, identity);
    row.strategy_type = id == others[0].first ? "ensemble" : "baseline";
    row.symbol = fmt::format("{}", fmt::join(result.symbols, "+"));
    if (is_new(row)) TRADEWIND_TRY(segment.append(ordinal, row));
    ++ordinal;
  }
  if (known != writer.committed().size())
    return Error(Errc::already_exists, "the run holds another replay", writer.folder().string(), "choose another run id");
  return segment.size() > 0 ? writer.add(std::move(segment)) : Status();
}

Status write_regimes(workspace::RunWriter& writer, const SignalReplayConfig& config, const RegimeReplayResult& result,
                     const ReplayProvenance& provenance) {
  if (config.regimes.empty()) return {};
  workspace::ClassifierMetadata classifier;
  if (provenance.classifier) {
    classifier = *provenance.classifier;
  } else {
    classifier.classifier_id = kClassifier;
    classifier.classifier_type = kClassifier;
    classifier.symbol = result.symbols.front();
    classifier.total_states = static_cast<std::int64_t>(result.timestamp.size());
    for (const RegimeTime& regime : result.regimes) classifier.regime_counts[regime.label] = regime.bars;
  }
  classifier.labels = config.regimes;
  classifier.state_changes = static_cast<std::int64_t>(provenance.regimes.timestamp.size());
  classifier.compression_ratio =
      static_cast<double>(classifier.total_states) / static_cast<double>(std::max<std::int64_t>(1, classifier.state_changes));
  return writer.write_classifier(classifier, {provenance.regimes.timestamp, provenance.regimes.state});
}

workspace::RunWriterOptions writer_options() {
  workspace::RunWriterOptions options;
  for (std::size_t i = 0; i < metrics::kMetricCount; ++i) options.metric_columns.emplace_back(enum_name(static_cast<metrics::Metric>(i)));
  return options;
}

}  // namespace

std::vector<std::string> row_ids(const SignalReplayConfig& config) {
  std::map<std::string, int> uses = {{kEnsembleRow, 1}, {kStaticRow, 1}, {kEqualRow, 1}, {kBuyAndHoldRow, 1}};
  for (const ReplayStrategy& strategy : config.strategies) ++uses[strategy.strategy_id];
  std::vector<std::string> ids;
  for (const ReplayStrategy& strategy : config.strategies)
    ids.push_back(uses[strategy.strategy_id] > 1 ? strategy.strategy_id + "@" + strategy.run_id : strategy.strategy_id);
  return ids;
}

Result<workspace::RunMetadata> write_replay_run(const Path& root, const std::string& run_id, const SignalReplayConfig& config,
                                                std::span<const workspace::Signals> signals, std::span<const ReplaySeries> series,
                                                const RegimeReplayResult& result, const ReplayBaselines& baselines,
                                                const ReplayProvenance& provenance) {
  TRADEWIND_ASSERT(provenance.strategies.size() == config.strategies.size(), "a replay's run names the source of every strategy");
  if (const auto there = workspace::read_run_metadata(root, run_id); there && there->status == "complete")
    return Error(Errc::already_exists, "run '" + run_id + "' is there already", (root / run_id).string(), "choose another run id");
  const std::string classifier_id = config.regimes.empty()  ? ""
                                    : provenance.classifier ? provenance.classifier->classifier_id
                                                            : kClassifier;
  TRADEWIND_ASSIGN(workspace::RunMetadata metadata, metadata_of(run_id, config, result, provenance, classifier_id));
  const std::vector<std::string> ids = row_ids(config);
  {
    TRADEWIND_ASSIGN(workspace::RunWriter writer, workspace::RunWriter::resume(root, run_id, writer_options()));
    TRADEWIND_TRY(add_rows(writer, config, ids, signals, series, result, baselines, provenance, identity_of(metadata)));
    TRADEWIND_TRY(write_regimes(writer, config, result, provenance));
    metadata.status = "running";
    TRADEWIND_ASSIGN([[maybe_unused]] const auto begun, writer.finish(metadata));
  }
  std::vector<workspace::EnsembleSignal> exposures;
  for (const ExposurePoint& point : result.exposure)
    exposures.push_back({point.timestamp, result.symbols[static_cast<std::size_t>(point.symbol)], point.exposure,
                         point.regime < 0 ? "" : config.regimes[static_cast<std::size_t>(point.regime)]});
  TRADEWIND_TRY(workspace::write_ensemble_signals(root, run_id, exposures));
  TRADEWIND_TRY(workspace::write_document(root, run_id, kDocument, replay_document(run_id, config, classifier_id, ids, result, baselines)));
  // Only now is everything there: the status says so last.
  TRADEWIND_ASSIGN(workspace::RunWriter writer, workspace::RunWriter::resume(root, run_id, writer_options()));
  metadata.status = "complete";
  return writer.finish(metadata);
}

}  // namespace tradewind::replay
