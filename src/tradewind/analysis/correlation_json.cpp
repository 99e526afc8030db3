// SPDX-License-Identifier: Apache-2.0
#include "tradewind/analysis/correlation_json.hpp"

#include "tradewind/base/json.hpp"
#include "tradewind/ensemble/clustering.hpp"

namespace tradewind::analysis {

Json correlation_json(const ensemble::ReturnPanel& panel, const ensemble::CorrelationMatrix& matrix, double threshold) {
  const ensemble::Families families = ensemble::strategy_families(matrix);
  Json json = {{"kind", "sample"},
               {"strategies", panel.names},
               {"order", ensemble::leaf_order(families.tree, matrix.count)},
               {"matrix", Json::array()}};
  for (std::size_t i = 0; i < matrix.count; ++i) {
    Json row = Json::array();
    for (std::size_t j = 0; j < matrix.count; ++j) row.push_back(number_or_null(matrix(i, j)));
    json["matrix"].push_back(std::move(row));
  }
  json["families"] = families.family;
  json["redundant"] = Json::array();
  for (const auto& pair : ensemble::redundancy_report(panel, matrix, threshold).pairs)
    json["redundant"].push_back(
        {{"first", panel.names[pair.first]}, {"second", panel.names[pair.second]}, {"correlation", pair.correlation}});
  return json;
}

}  // namespace tradewind::analysis
