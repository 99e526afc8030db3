// SPDX-License-Identifier: Apache-2.0
#include "tradewind/regimes/state_choice.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "tradewind/base/parallel.hpp"
#include "tradewind/regimes/hmm_kernel_internal.hpp"

namespace tradewind::regimes {
namespace {

constexpr std::size_t kFewestValues = 40;
constexpr std::size_t kValuesPerState = 10;

/// ln density of values under one normal distribution with the mean and variance of `past`.
double normal_log_density(std::span<const double> past, std::span<const double> values) {
  const double n = static_cast<double>(past.size());
  double mean = 0, variance = 0, sum = 0;
  for (const double x : past) mean += x / n;
  for (const double x : past) variance += (x - mean) * (x - mean) / n;
  for (const double x : values) sum += -0.5 * std::log(2 * M_PI * variance) - 0.5 * (x - mean) * (x - mean) / variance;
  return sum;
}

double hmm_log_density(const HmmParameters& p, std::span<const double> past, std::span<const double> values) {
  HmmFilter filter(p);
  for (const double x : past) filter.update(x);
  const double before = filter.log_likelihood();
  for (const double x : values) filter.update(x);
  return filter.log_likelihood() - before;
}

/// The fit on everything (piece 0) or one prediction (piece f + 1) of one number of states.
struct Piece {
  double log_likelihood = std::nan("");
  std::vector<FitDiagnostic> diagnostics;
};

Piece compute(std::span<const double> series, std::size_t states, std::size_t from, std::size_t to, const StateChoiceOptions& options) {
  const bool whole = from == to;
  const auto past = series.first(from);
  const auto ahead = whole ? series : series.subspan(from, to - from);
  Piece piece;
  if (states == 1) {
    piece.log_likelihood = normal_log_density(past, ahead);
    if (!std::isfinite(piece.log_likelihood)) piece.log_likelihood = std::nan("");
    return piece;
  }
  const auto fit = fit_hmm(past, {.states = states, .starts = options.starts, .seed = options.seed});
  if (!fit) {
    piece.diagnostics.push_back({FitIssue::no_model, past.size()});
    return piece;
  }
  piece.diagnostics = fit->diagnostics;
  piece.log_likelihood = whole ? fit->log_likelihood : hmm_log_density(fit->parameters, past, ahead);
  return piece;
}

}  // namespace

Result<StateChoice> choose_states(std::span<const double> series, const StateChoiceOptions& options) {
  if (options.most < kMinHmmStates || options.most > kMaxHmmStates)
    return Error(Errc::usage, fmt::format("{} to {} states can be compared, not {}", kMinHmmStates, kMaxHmmStates, options.most), "most");
  if (options.folds < 1 || options.folds > 100) return Error(Errc::usage, "there can be 1 to 100 folds", "folds");
  TRADEWIND_TRY(check_series(series, kFewestValues));
  if (std::all_of(series.begin(), series.end(), [&](double x) { return x == series[0]; }))
    return Error(Errc::invalid_data, "a series without variation has no regimes");
  const std::size_t n = series.size();
  const std::size_t half = n / 2;
  const auto folds = static_cast<std::size_t>(options.folds);
  const std::size_t most = std::min(options.most, half / kValuesPerState);
  const auto edge = [&](std::size_t fold) { return half + (n - half) * fold / folds; };
  std::vector<Piece> pieces(most * (folds + 1));
  TRADEWIND_TRY(parallel_for(pieces.size(), options.threads, [&](std::size_t i) -> Status {
    const std::size_t fold = i % (folds + 1);
    pieces[i] = compute(series, i / (folds + 1) + 1, fold == 0 ? n : edge(fold - 1), fold == 0 ? n : edge(fold), options);
    return {};
  }));
  StateChoice out;
  out.predicted = n - half;
  for (std::size_t states = 1; states <= most; ++states) {
    const Piece* piece = &pieces[(states - 1) * (folds + 1)];
    StateCount count;
    count.states = states;
    count.log_likelihood = piece[0].log_likelihood;
    const double k = static_cast<double>(states);
    count.bic = -2 * count.log_likelihood + (k * k - 1 + 2 * k) * std::log(static_cast<double>(n));
    count.diagnostics = piece[0].diagnostics;
    for (std::size_t fold = 1; fold <= folds; ++fold) count.predictive += piece[fold].log_likelihood / static_cast<double>(n - half);
    out.table.push_back(std::move(count));
    const auto& best_bic = out.table[out.by_bic - 1];
    const auto& best_prediction = out.table[out.by_prediction - 1];
    if (out.table.back().bic < best_bic.bic) out.by_bic = states;
    if (out.table.back().predictive > best_prediction.predictive) out.by_prediction = states;
  }
  return out;
}

}  // namespace tradewind::regimes
