// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/strategy_study.hpp"

#include <algorithm>

#include "analysis_test_support.hpp"
#include "tradewind/replay/signal_replay_engine.hpp"

namespace tradewind::analysis {
namespace {

using metrics::Metric;

class StudyRun : public Bench {
 protected:
  RunInput opened(const std::string& run_id) const {
    auto input = RunInput::open(run_id, {}, ws());
    EXPECT_TRUE(input) << input.error().message();
    return std::move(*input);
  }
};

TEST_F(StudyRun, the_split_is_by_bars_of_the_whole_timeline) {
  sweep_standard("r", 401);
  RunInput input = opened("r");
  for (const auto& [holdout, held_out] : std::vector<std::pair<double, std::size_t>>{{0.3, 120}, {0.5, 200}, {0.9, 360}, {0.01, 4}}) {
    StudyOptions options;
    options.holdout = holdout;
    const auto study = study_run(input, options);
    ASSERT_TRUE(study) << study.error().message();
    EXPECT_EQ(study->split.holdout_bars, held_out);
    EXPECT_EQ(study->split.selection_bars, 401 - held_out);
    EXPECT_EQ(study->split.boundary, static_cast<UnixNanos>(401 - held_out) * kNanosPerDay);
    EXPECT_EQ(study->split.rows(*input.timeline()), 401 - held_out);
  }
}

TEST_F(StudyRun, the_regime_of_a_bar_is_the_one_known_at_the_bar_before) {
  sweep_standard("r", 400);
  RunInput input = opened("r");
  const auto study = study_run(input, {});
  ASSERT_TRUE(study);
  std::size_t compared = 0;
  for (const StudiedStrategy& s : study->strategies) {
    const auto& row = study->row_of(s);
    const market::Bars& bars = **input.series(row.symbol);
    const std::vector<std::string> ids = {row.strategy_id};
    auto table = input.returns_on_timeline(ids);
    ASSERT_TRUE(table);
    std::vector<double> returns = table->returns.front();
    returns.resize(study->split.selection_bars);
    const auto own = study->classifiers_of(row.symbol);
    ASSERT_EQ(own.size(), s.fits.size());
    for (std::size_t c = 0; c < own.size(); ++c) {
      const StudiedClassifier& classifier = study->classifiers[own[c]];
      const auto known = input.states_on(classifier.metadata.classifier_id, bars.timestamp);
      ASSERT_TRUE(known);
      std::vector<int> applied(returns.size(), -1);
      for (std::size_t bar = 1; bar < applied.size(); ++bar) applied[bar] = known->state[bar - 1];
      EXPECT_TRUE(std::equal(applied.begin(), applied.end(), classifier.state.begin())) << classifier.metadata.classifier_id;
      metrics::ReturnOptions annual;
      annual.periods_per_year = 252;
      const RegimeFit expected = fit_regimes(returns, applied, known->labels.size(), 0.0007, annual);  // 5bps and 2bps
      EXPECT_EQ(s.fits[c].bars, expected.bars);
      EXPECT_EQ(s.fits[c].trade_in, expected.trade_in);
      ASSERT_TRUE(expected.score.defined());
      EXPECT_NEAR(s.fits[c].score.number, expected.score.number, 1e-9) << row.strategy_id;
      for (std::size_t r = 0; r < expected.bars.size(); ++r) {
        if (expected.sharpe_ratio[r].defined()) {
          EXPECT_NEAR(s.fits[c].sharpe_ratio[r].number, expected.sharpe_ratio[r].number, 1e-9);
        }
      }
      ++compared;
    }
  }
  EXPECT_EQ(compared, 48U);
}

/// One window: what the study says of the held-out part is what a replay of it says, to the last bit, whatever the fills are.
TEST_F(StudyRun, the_held_out_part_is_the_window_of_a_replay) {
  for (const char* fill : {"next_open", "next_close", "close"}) {
    SCOPED_TRACE(fill);
    std::filesystem::remove_all(ws());
    write(spells("ONE", 1, 400));
    std::string strategies = kStrategies;
    strategies.replace(strategies.find("next_open"), 9, fill);
    sweep("r", data_of({"ONE"}) + strategies);
    RunInput input = opened("r");
    const auto study = study_run(input, {});
    ASSERT_TRUE(study) << study.error().message();
    std::size_t held_at_the_boundary = 0;
    for (const auto& s : study->strategies) {
      const std::string& id = study->row_of(s).strategy_id;
      const auto loaded = input.replayable(std::span(&id, 1));
      ASSERT_TRUE(loaded);
      replay::SignalReplayConfig config;
      config.execution = input.execution();
      config.strategies = {{"r", id, 1, {}}};
      config.from = study->split.boundary;
      const auto engine = replay::SignalReplayEngine::make(config);
      ASSERT_TRUE(engine);
      const auto result = engine->run(loaded->signals, loaded->series);
      ASSERT_TRUE(result) << result.error().message();
      const auto& replayed = result->members.front().performance;
      EXPECT_EQ(s.holdout.bars, static_cast<std::int64_t>(study->split.holdout_bars));
      EXPECT_EQ(s.holdout.bars, replayed.bars);
      for (const Metric metric :
           {Metric::total_return, Metric::sharpe_ratio, Metric::max_drawdown, Metric::total_costs, Metric::gross_sharpe})
        EXPECT_EQ(s.holdout[metric], replayed[metric]) << id << " " << enum_name(metric);
      const auto& signals = loaded->signals.front();
      const auto before = std::ranges::upper_bound(signals.timestamp, study->split.boundary - 1) - signals.timestamp.begin();
      held_at_the_boundary += before > 0 && signals.signal[static_cast<std::size_t>(before - 1)] != 0 ? 1 : 0;
    }
    EXPECT_GT(held_at_the_boundary, 0U) << "without positions over the boundary this shows little";
  }
}

TEST_F(StudyRun, trials_are_deflated_by_all_strategies_of_the_run) {
  sweep_standard("r", 400);
  RunInput input = opened("r");
  const auto study = study_run(input, {});
  ASSERT_TRUE(study);
  double sum = 0, squares = 0, count = 0;
  for (const auto& s : study->strategies) {
    ASSERT_EQ(s.moments_undefined, metrics::Undefined::defined);
    EXPECT_NEAR(s.moments.sharpe * std::sqrt(252), s.selection[Metric::sharpe_ratio], 1e-9);
    sum += s.moments.sharpe, squares += s.moments.sharpe * s.moments.sharpe, count += 1;
  }
  EXPECT_NEAR(study->sharpe_variance, (squares - sum * sum / count) / (count - 1), 1e-12);
  // Bailey & López de Prado 2014: √V · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))) with N = 16; the quantiles to 10 places.
  const double gamma = 0.5772156649015329;
  const double expected = std::sqrt(study->sharpe_variance) * ((1 - gamma) * 1.5341205443525459 + gamma * 1.9955316098389684);
  EXPECT_NEAR(study->expected_max_sharpe.number, expected, 1e-9 * expected);
  for (const auto& s : study->strategies) {
    EXPECT_LE(s.dsr.number, s.psr.number);
    EXPECT_EQ(s.dsr.number > 0.5, s.moments.sharpe > study->expected_max_sharpe.number);
  }
}

TEST_F(StudyRun, is_the_same_at_any_number_of_threads_and_stops_when_asked) {
  sweep_standard("r", 400);
  RunInput input = opened("r");
  StudyOptions options;
  const auto one = study_run(input, options);
  options.threads = 3;
  const auto three = study_run(input, options);
  ASSERT_TRUE(one && three);
  for (std::size_t i = 0; i < one->strategies.size(); ++i) {
    EXPECT_EQ(one->strategies[i].dsr.number, three->strategies[i].dsr.number);
    EXPECT_EQ(one->strategies[i].holdout[Metric::total_return], three->strategies[i].holdout[Metric::total_return]);
  }
  Cancellation cancellation;
  cancellation.request();
  options.cancellation = &cancellation;
  EXPECT_EQ(study_run(input, options).error().code(), Errc::interrupted);
}

}  // namespace
}  // namespace tradewind::analysis
