// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/regimes/hmm.hpp"

namespace tradewind::regimes {

/// Which numbers of states are compared, and how hard each is tried.
struct StateChoiceOptions {
  std::size_t most = 4;  ///< 2 … 6; fewer where the series is short (10 values a state)
  int folds = 3;         ///< ≥ 1: the second half of the series is predicted in this many pieces, each by a fit on all values before it
  int starts = 6;
  std::uint64_t seed = 1;
  int threads = 1;
};

/// How one number of states does.
struct StateCount {
  std::size_t states = 1;     ///< 1 is a single normal distribution, the model to beat
  double log_likelihood = 0;  ///< NaN, as bic, where no start kept all states
  double bic = 0;             ///< lower is better [Schwarz 1978]
  double predictive = 0;      ///< mean log density of the values predicted, out of sample; higher is better; NaN where a fold had no fit
  std::vector<FitDiagnostic> diagnostics;
};

struct StateChoice {
  std::vector<StateCount> table;  ///< from 1 state on
  std::size_t by_bic = 1;         ///< least BIC
  std::size_t by_prediction = 1;  ///< largest predictive log density
  std::size_t predicted = 0;      ///< values predicted
};

/// Compares Gaussian hidden Markov models of 1 … `most` states. It looks at the whole series: a causal label may follow its advice only
/// when the series ends before that label. Errors: `invalid_data` for fewer than 40 values, values that are not finite or a series without
/// variation; `usage` for options out of range. O(folds · fits).
Result<StateChoice> choose_states(std::span<const double> series, const StateChoiceOptions& options = {});

}  // namespace tradewind::regimes
