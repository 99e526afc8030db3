// SPDX-License-Identifier: Apache-2.0
// analysis.json, as commands read it: from a run whose list of checksums covers it; then what is made of it, by the workflow, by a replay
// and on the report's page.
#include <cmath>

#include "fuzz.hpp"
#include "tradewind/base/json.hpp"
#include "tradewind/base/stored_document.hpp"
#include "tradewind/figures/report.hpp"
#include "tradewind/market/write_bars.hpp"
#include "tradewind/sweep/run_sweep.hpp"
#include "tradewind/workflow/automated_workflow.hpp"
#include "tradewind/workspace/upkeep.hpp"

namespace tradewind::fuzz {
namespace {

constexpr const char* kRun = "files";  // the name in the kept inputs, and their strategies and classifiers (make_seeds.py)
constexpr const char* kSweep = R"(
data: [{symbol: A, path: A.csv}]
annualization: {periods_per_year: 252, risk_free: 0.01}
execution: {fill: next_open, commission: 10bps, slippage: {model: sqrt, rate: 5bps}}
strategies:
  - {type: sma_cross, direction: long_short, fast: {from: 3, to: 4, step: 1}, slow: [6, 8], where: fast < slow}
classifiers:
  - {type: volatility_terciles, window: 20}
  - {type: trend, window: 20}
)";

market::Bars waves() {
  market::Bars bars;
  bars.symbol = "A";
  for (int i = 0; i < 80; ++i) {
    const double price = 100 * std::exp(0.1 * std::sin(i / 5.0));
    bars.timestamp.push_back((i + 16436) * kNanosPerDay);
    for (auto* column : {&bars.open, &bars.high, &bars.low, &bars.close}) column->push_back(price);
  }
  return bars;
}

/// A workspace with a swept run that the inputs are analyses of.
const Path& workspace_of_the_run() {
  static const Path made = [] {
    require(good(market::write_bars(scratch() / "A.csv", waves())), "bars are written");
    const auto document = config::parse_config(kSweep, "fuzz.yaml");
    require(good(document), "the sweep is a document");
    const auto config = sweep::read_sweep_config(*document, scratch(), "fuzz.yaml");
    require(good(config), "the sweep is a configuration");
    sweep::SweepOptions options;
    options.workspace = scratch() / "ws";
    options.run_id = kRun;
    options.layout = sweep::LayoutChoice::files;
    options.threads = 1;
    require(good(sweep::run_sweep(*config, options)), "the sweep is run");
    return options.workspace;
  }();
  return made;
}

void show(const Json& document) {
  const auto page = reading_document("analysis.json", [&] { return figures::html_report(document); });
  if (good(page)) require(page->ends_with("</html>\n"), "a page is whole");
}

void use(const Path& root, const analysis::AnalysisReport& report) {
  const workflow::AnalyticsCoordinator coordinator(root);
  analysis::SelectionCriteria criteria;
  criteria.max_selections = 3;
  const workflow::AutomatedAnalyticsWorkflow workflow(criteria, coordinator);
  const std::vector<analysis::AnalysisReport> reports = {report};
  if (const auto chosen = workflow.rank_combinations(reports); good(chosen)) {
    require(chosen->size() <= criteria.max_selections, "no more are chosen than may be");
    workflow.recommend(reports, *chosen);
  }
  if (const auto prepared = coordinator.prepare_signal_replay(report); good(prepared)) good(coordinator.execute(*prepared));
}

}  // namespace

FUZZ_TARGET(analysis) {
  if (const auto view = analysis::AnalysisReport::from(read_json(input)); good(view)) show(view->document);
  const Path& root = workspace_of_the_run();
  require(good(workspace::write_document(root, kRun, analysis::kAnalysisDocument, input)), "a document is written");
  const auto report = analysis::read_analysis(root, kRun);
  if (good(report)) use(root, *report);
}

FUZZ_JSON_MUTATOR()

}  // namespace tradewind::fuzz
