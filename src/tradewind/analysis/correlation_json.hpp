// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tradewind/base/json_fwd.hpp"
#include "tradewind/ensemble/correlation.hpp"

namespace tradewind::analysis {

/// analytics/correlation_matrix.json: strategies, the order in which families stand together, the matrix, families and the pairs above the
/// threshold.
Json correlation_json(const ensemble::ReturnPanel& panel, const ensemble::CorrelationMatrix& matrix, double threshold);

}  // namespace tradewind::analysis
