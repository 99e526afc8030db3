// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "tradewind/ensemble/cardinality_internal.hpp"
#include "tradewind/ensemble/correlation.hpp"
#include "tradewind/ensemble/kernel_internal.hpp"
#include "tradewind/ensemble/nonlinear_internal.hpp"
#include "tradewind/ensemble/objectives.hpp"
#include "tradewind/metrics/returns.hpp"

namespace tradewind::ensemble {
namespace {

using Vector = std::vector<double>;

/// What one solve works on: the columns that are left, scaled so that the mean variance is 1.
struct Work {
  explicit Work(const EnsembleOptions& options_) : options(options_) {}

  const EnsembleOptions& options;
  std::size_t n = 0;
  const ReturnPanel* panel = nullptr;  // for sortino and cvar
  Vector mean;                         // per bar
  Vector matrix;                       // covariance / scale
  double scale = 1;
  Vector anchor;

  bool limited() const { return options.constraints.max_strategies > 0 && options.constraints.max_strategies < n; }
  BoxProblem box() const {
    const double lower = limited() ? 0 : options.constraints.min_weight;
    return {matrix, Vector(n, lower), Vector(n, options.constraints.max_weight), anchor};
  }
  double penalty() const { return options.constraints.turnover_penalty / options.periods_per_year; }  // per bar
};

WeightResult fail(SolveStatus status, std::string reason) {
  WeightResult out;
  out.status = status;
  out.reason = std::move(reason);
  return out;
}

/// Why no weights of n strategies satisfy the constraints; empty when some do.
std::string infeasible_reason(const WeightConstraints& c, std::size_t n) {
  const double count = static_cast<double>(n);
  const double slack = 1e-12;
  if (n == 0) return "no strategy is left";
  if (c.min_weight > c.max_weight) return fmt::format("min_weight {} is above max_weight {}", c.min_weight, c.max_weight);
  if (count * c.max_weight < 1 - slack)
    return fmt::format("{} strategies of at most {} each sum to {}, below 1: N * max_weight < 1", n, c.max_weight, count * c.max_weight);
  if (c.max_strategies > 0 && c.max_strategies < n) {
    const double k = static_cast<double>(c.max_strategies);
    if (k * c.max_weight < 1 - slack) {
      return fmt::format("{} strategies of at most {} each sum to {}, below 1: max_strategies * max_weight < 1", c.max_strategies,
                         c.max_weight, k * c.max_weight);
    }
    const double fewest = std::ceil(1 / c.max_weight - slack);
    if (fewest * c.min_weight > 1 + slack)
      return fmt::format("no number of strategies with weights from {} to {} sums to 1", c.min_weight, c.max_weight);
  } else if (count * c.min_weight > 1 + slack) {
    return fmt::format("{} strategies of at least {} each sum to {}, above 1: N * min_weight > 1", n, c.min_weight, count * c.min_weight);
  }
  return {};
}

void judge(WeightResult& out, double residual, const char* what) {
  out.kkt_residual = residual;
  if (out.status == SolveStatus::optimal && !(residual <= kKktLimit)) {
    out.status = SolveStatus::heuristic;
    out.reason = fmt::format("the solver stopped at a {} of {:.1e}", what, residual);
    out.gap = residual;
  }
}

double residual_on_support(const BoxProblem& full, const QuadraticGoal& goal, double min_weight, const Vector& weights) {
  BoxProblem box(full);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) {
      box.lower[i] = box.upper[i] = 0;
    } else {
      box.lower[i] = min_weight;
    }
  }
  return kkt_residual(box, goal, weights);
}

/// sharpe, max_diversification, min_variance, with max_strategies as an exact constraint.
WeightResult solve_quadratics(const Work& work, Objective objective) {
  const WeightConstraints& c = work.options.constraints;
  Vector value;
  for (std::size_t i = 0; i < work.n && objective != Objective::min_variance; ++i) {
    value.push_back(objective == Objective::sharpe ? work.mean[i] / std::sqrt(work.scale) : std::sqrt(work.matrix[i * work.n + i]));
  }
  const double kink = objective == Objective::sharpe         ? work.penalty() / std::sqrt(work.scale)
                      : objective == Objective::min_variance ? 0.5 * work.penalty() / work.scale
                                                             : 0;
  const BoxProblem box = work.box();
  const QuadraticGoal goal{value, kink};
  WeightResult out;
  out.gap = 0.0;
  if (!work.limited()) {
    QuadraticSolution solution = solve_quadratic(box, goal);
    if (!solution.failure.empty()) return fail(SolveStatus::degenerate, solution.failure);
    out.weights = std::move(solution.weights);
    judge(out, solution.kkt_residual, "KKT residual");
  } else {
    CardinalitySolution solution = solve_cardinality(
        {.box = box, .goal = goal, .min_weight = c.min_weight, .max_weight = c.max_weight, .max_count = c.max_strategies});
    if (!solution.failure.empty()) return fail(SolveStatus::degenerate, solution.failure);
    out.weights = std::move(solution.weights);
    out.supports = solution.supports;
    if (!solution.proven) {
      out.status = SolveStatus::heuristic;
      out.reason = fmt::format("{} of {} strategies by greedy choice and swaps; the optimum without that limit bounds the gap",
                               c.max_strategies, work.n);
      out.gap = std::sqrt(solution.bound / solution.score) - 1;
    }
    judge(out, residual_on_support(box, goal, c.min_weight, out.weights), "KKT residual");
  }
  const double variance = dot(times(box, out.weights).data(), out.weights.data(), work.n);
  const double year = work.options.periods_per_year;
  if (objective == Objective::min_variance) out.objective = std::sqrt(variance * work.scale * year);
  if (objective == Objective::sharpe) out.objective = dot(value.data(), out.weights.data(), work.n) / std::sqrt(variance) * std::sqrt(year);
  if (objective == Objective::max_diversification) out.objective = dot(value.data(), out.weights.data(), work.n) / std::sqrt(variance);
  return out;
}

/// The strategies with the largest weights.
std::vector<std::size_t> heaviest(const Vector& weights, std::size_t count) {
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return weights[a] > weights[b]; });
  order.resize(std::min(count, order.size()));
  std::sort(order.begin(), order.end());
  return order;
}

std::size_t held(const Vector& weights) {
  return static_cast<std::size_t>(std::count_if(weights.begin(), weights.end(), [](double w) { return w > 0; }));
}

Work restrict_to(const Work& work, std::span<const std::size_t> columns, ReturnPanel& panel) {
  Work out(work.options);
  out.n = columns.size();
  out.scale = work.scale;
  if (work.panel != nullptr) panel = select_columns(*work.panel, columns);
  out.panel = work.panel != nullptr ? &panel : nullptr;
  for (const std::size_t i : columns) {
    out.mean.push_back(work.mean[i]);
    for (const std::size_t j : columns) out.matrix.push_back(work.matrix[i * work.n + j]);
    if (!work.anchor.empty()) out.anchor.push_back(work.anchor[i]);
  }
  return out;
}

NonlinearSolution solve_once(const Work& work, Objective objective) {
  const BoxProblem box = work.box();
  if (objective == Objective::risk_parity) return solve_risk_parity(box);
  if (objective == Objective::hrp) return solve_hrp(box);
  if (objective == Objective::cvar) return solve_cvar(*work.panel, box, work.options.cvar_level);
  ReturnPanel excess(*work.panel);
  const double target = metrics::rate_per_bar(work.options.minimum_acceptable_return, work.options.periods_per_year);
  for (double& value : excess.values) value -= target;
  Vector value(work.mean);
  for (double& mean : value) mean += metrics::rate_per_bar(work.options.risk_free, work.options.periods_per_year) - target;
  return solve_sortino(excess, box, value, work.penalty());
}

double annual_objective(const Work& work, Objective objective, const Vector& weights) {
  if (objective == Objective::cvar) return tail_loss(*work.panel, weights, work.options.cvar_level);
  const BoxProblem box = work.box();
  if (objective != Objective::sortino)
    return std::sqrt(dot(times(box, weights).data(), weights.data(), work.n) * work.scale * work.options.periods_per_year);
  ReturnPanel excess(*work.panel);
  const double target = metrics::rate_per_bar(work.options.minimum_acceptable_return, work.options.periods_per_year);
  for (double& value : excess.values) value -= target;
  return sortino_per_bar(excess, weights) * std::sqrt(work.options.periods_per_year);
}

WeightResult from_nonlinear(const Work& work, Objective objective, NonlinearSolution solution) {
  if (!solution.failure.empty()) return fail(SolveStatus::degenerate, solution.failure);
  WeightResult out;
  out.weights = std::move(solution.weights);
  out.objective = annual_objective(work, objective, out.weights);
  out.gap = 0.0;
  if (objective == Objective::hrp) {
    out.status = SolveStatus::heuristic;
    out.reason = "hierarchical risk parity is a construction, not the optimum of an objective: there is no gap to measure";
    out.gap = metrics::Value();
    return out;
  }
  judge(out, solution.residual,
        objective == Objective::cvar      ? "duality gap"
        : objective == Objective::sortino ? "KKT residual"
                                          : "difference of contributions");
  return out;
}

/// Solves on the strategies given and puts the weights back into place.
WeightResult solve_on(const Work& work, Objective objective, const std::vector<std::size_t>& columns) {
  ReturnPanel panel;
  const Work part = restrict_to(work, columns, panel);
  WeightResult out = from_nonlinear(part, objective, solve_once(part, objective));
  if (!out.has_weights()) return out;
  Vector full(work.n, 0.0);
  for (std::size_t k = 0; k < columns.size(); ++k) full[columns[k]] = out.weights[k];
  out.weights = std::move(full);
  return out;
}

/// Objectives without an exact method for max_strategies: the better of two supports, that of the heaviest unlimited weights and that
/// of the nearest quadratic objective, with the unlimited optimum as bound.
WeightResult solve_nonlinear(const Work& work, Objective objective) {
  const WeightConstraints& c = work.options.constraints;
  const bool construction = objective == Objective::risk_parity || objective == Objective::hrp;
  WeightResult relaxed = from_nonlinear(work, objective, solve_once(work, objective));
  if (!work.limited() || !relaxed.has_weights()) return relaxed;
  const bool enough = std::all_of(relaxed.weights.begin(), relaxed.weights.end(), [&](double w) { return w == 0 || w >= c.min_weight; });
  if (!construction && held(relaxed.weights) <= c.max_strategies && enough) return relaxed;

  WeightResult best;
  const WeightResult near = solve_quadratics(work, objective == Objective::sortino ? Objective::sharpe : Objective::min_variance);
  std::vector<std::vector<std::size_t>> supports;
  if (near.has_weights()) supports.push_back(heaviest(near.weights, construction ? c.max_strategies : held(near.weights)));
  if (!construction || supports.empty()) supports.push_back(heaviest(relaxed.weights, c.max_strategies));
  for (const auto& support : supports) {
    if (!infeasible_reason(c, support.size()).empty()) continue;
    WeightResult candidate = solve_on(work, objective, support);
    if (!candidate.has_weights()) continue;
    const double sign = objective == Objective::sortino ? 1 : -1;
    if (!best.has_weights() || sign * candidate.objective.number > sign * best.objective.number) best = std::move(candidate);
  }
  if (!best.has_weights()) return fail(SolveStatus::degenerate, "no choice of strategies gave weights");
  best.status = SolveStatus::heuristic;
  best.reason = construction
                    ? fmt::format("applied to the {} of {} strategies with the smallest joint variance", c.max_strategies, work.n)
                    : fmt::format("{} of {} strategies by the better of two choices; the optimum without that limit bounds the gap",
                                  c.max_strategies, work.n);
  best.gap = construction
                 ? metrics::Value()
                 : metrics::Value(std::max(0.0, objective == Objective::sortino ? relaxed.objective.number / best.objective.number - 1
                                                                                : (best.objective.number - relaxed.objective.number) /
                                                                                      std::fabs(relaxed.objective.number)));
  return best;
}

WeightResult solve(const Work& work) {
  switch (work.options.objective) {
    case Objective::sharpe:
      if (std::all_of(work.mean.begin(), work.mean.end(), [](double m) { return m <= 0; })) {
        return fail(SolveStatus::degenerate,
                    "every mean return is at or below the risk-free rate: no weights have a positive Sharpe ratio");
      }
      return solve_quadratics(work, Objective::sharpe);
    case Objective::min_variance:
    case Objective::max_diversification: return solve_quadratics(work, work.options.objective);
    default: return solve_nonlinear(work, work.options.objective);
  }
}

Work make_work(const Moments& moments, const EnsembleOptions& options, const ReturnPanel* panel, const std::vector<std::size_t>& columns) {
  Work work(options);
  work.n = moments.count;
  work.panel = panel;
  work.mean = moments.mean;
  const double risk_free = metrics::rate_per_bar(options.risk_free, options.periods_per_year);
  for (double& mean : work.mean) mean -= risk_free;
  double trace = 0;
  for (std::size_t j = 0; j < work.n; ++j) trace += moments.variance(j);
  work.scale = trace > 0 ? trace / static_cast<double>(work.n) : 1;
  work.matrix = moments.covariance;
  for (double& value : work.matrix) value /= work.scale;
  const WeightConstraints& c = options.constraints;
  if (!c.current_weights.empty() && c.turnover_penalty > 0) {
    for (const std::size_t j : columns) work.anchor.push_back(c.current_weights[j]);
  }
  return work;
}

bool uses_covariance(Objective objective) { return objective != Objective::sortino && objective != Objective::cvar; }

/// Leaves columns out that cannot or should not be held.
Result<std::vector<std::size_t>> usable_columns(const ReturnPanel& panel, const EnsembleOptions& options,
                                                std::vector<Exclusion>& excluded) {
  std::vector<std::size_t> kept;
  const std::vector<bool> constant = zero_variance_columns(panel);
  for (std::size_t j = 0; j < panel.columns(); ++j) {
    if (constant[j]) {
      excluded.push_back({j, "zero_variance"});
    } else {
      kept.push_back(j);
    }
  }
  if (options.constraints.max_correlation >= 1 || kept.size() < 2) return kept;
  const ReturnPanel sub = select_columns(panel, kept);
  TRADEWIND_ASSIGN(const RedundancyReport report, redundancy_report(sub, options.constraints.max_correlation, options.threads));
  std::vector<std::size_t> rest;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    if (report.replaced_by[k] == k) {
      rest.push_back(kept[k]);
    } else {
      excluded.push_back({kept[k], fmt::format("correlated with {}", sub.names[report.replaced_by[k]])});
    }
  }
  return rest;
}

std::string too_short(const ReturnPanel& panel, const EnsembleOptions& options, std::size_t n) {
  if (panel.rows < 2) return fmt::format("{} bars: too few observations", panel.rows);
  if (n > 1 && panel.rows <= n && (!uses_covariance(options.objective) || options.covariance == CovarianceMethod::sample)) {
    return fmt::format(
        "too few observations: {} bars of {} strategies make the {} singular; shrink it (ledoit_wolf, denoised) or give more bars",
        panel.rows, n, uses_covariance(options.objective) ? "sample covariance" : "set of returns");
  }
  return {};
}

}  // namespace

Status check(const EnsembleOptions& options, std::size_t columns) {
  TRADEWIND_TRY(metrics::check({.periods_per_year = options.periods_per_year,
                                .risk_free = options.risk_free,
                                .minimum_acceptable_return = options.minimum_acceptable_return}));
  const WeightConstraints& c = options.constraints;
  const auto usage = [](std::string message, const char* where) { return Error(Errc::usage, std::move(message), where); };
  if (!(c.min_weight >= 0 && c.min_weight <= 1))
    return usage(fmt::format("min_weight is {}; weights are long only, from 0 to 1", c.min_weight), "min_weight");
  if (!(c.max_weight > 0 && c.max_weight <= 1))
    return usage(fmt::format("max_weight is {}; it must be above 0 and at most 1", c.max_weight), "max_weight");
  if (!(c.turnover_penalty >= 0 && std::isfinite(c.turnover_penalty)))
    return usage("turnover_penalty must be 0 or more", "turnover_penalty");
  if (!(c.max_correlation > 0 && c.max_correlation <= 1)) return usage("max_correlation must be above 0 and at most 1", "max_correlation");
  if (!(options.cvar_level > 0 && options.cvar_level < 1)) return usage("cvar_level must lie between 0 and 1", "cvar_level");
  if (!c.current_weights.empty() && c.current_weights.size() != columns) {
    return usage(fmt::format("{} current weights for {} strategies", c.current_weights.size(), columns), "current_weights");
  }
  for (const double weight : c.current_weights) {
    if (!(weight >= 0 && weight <= 1)) return usage("current weights must lie between 0 and 1", "current_weights");
  }
  const bool penalised =
      options.objective == Objective::sharpe || options.objective == Objective::min_variance || options.objective == Objective::sortino;
  if (c.turnover_penalty > 0 && !penalised)
    return usage("a turnover penalty applies to sharpe, min_variance and sortino", "turnover_penalty");
  return {};
}

Result<WeightResult> optimize_moments(const Moments& moments, const EnsembleOptions& options) {
  if (!uses_covariance(options.objective)) return Error(Errc::usage, "sortino and cvar need returns, not moments", "objective");
  TRADEWIND_TRY(check(options, moments.count));
  if (std::string reason = infeasible_reason(options.constraints, moments.count); !reason.empty())
    return fail(SolveStatus::infeasible, std::move(reason));
  std::vector<std::size_t> columns(moments.count);
  std::iota(columns.begin(), columns.end(), std::size_t{0});
  return solve(make_work(moments, options, nullptr, columns));
}

Result<WeightResult> optimize_panel(const ReturnPanel& panel, const EnsembleOptions& options) {
  TRADEWIND_TRY(check(options, panel.columns()));
  TRADEWIND_TRY(check(panel));
  if (std::string reason = infeasible_reason(options.constraints, panel.columns()); !reason.empty())
    return fail(SolveStatus::infeasible, std::move(reason));
  if (std::string reason = too_short(panel, options, 1); !reason.empty()) return fail(SolveStatus::degenerate, std::move(reason));
  std::vector<Exclusion> excluded;
  TRADEWIND_ASSIGN(const std::vector<std::size_t> columns, usable_columns(panel, options, excluded));
  const auto finish = [&](WeightResult result) {
    result.excluded = excluded;
    return result;
  };
  if (columns.empty()) return finish(fail(SolveStatus::degenerate, "no strategy has any variance"));
  if (std::string reason = infeasible_reason(options.constraints, columns.size()); !reason.empty()) {
    return finish(fail(SolveStatus::infeasible,
                       fmt::format("after {} of {} strategies were left out: {}", excluded.size(), panel.columns(), reason)));
  }
  if (std::string reason = too_short(panel, options, columns.size()); !reason.empty())
    return finish(fail(SolveStatus::degenerate, std::move(reason)));
  const bool all = columns.size() == panel.columns();
  const ReturnPanel some = all ? ReturnPanel() : select_columns(panel, columns);
  const ReturnPanel& sub = all ? panel : some;
  TRADEWIND_ASSIGN(const Moments moments, estimate_moments(sub, options.covariance, options.threads));
  WeightResult result = solve(make_work(moments, options, &sub, columns));
  if (result.has_weights()) {
    Vector full(panel.columns(), 0.0);
    for (std::size_t k = 0; k < columns.size(); ++k) full[columns[k]] = result.weights[k];
    result.weights = std::move(full);
  }
  return finish(std::move(result));
}

}  // namespace tradewind::ensemble
