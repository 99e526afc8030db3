// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "tradewind/base/result.hpp"
#include "tradewind/discovery/boosted_trees.hpp"

namespace tradewind::discovery {

/// LightGBM [Ke et al. 2017] from a shared library found at run time; nothing of it is needed to build or to run without it.
/// One thread and its deterministic mode, so that the same library gives the same numbers.
class LightGbm {
 public:
  /// `library`: a path or a name the loader knows, such as lib_lightgbm.so. It runs code of that file: give only what you trust.
  /// Errors: `not_found` when it cannot be loaded, `invalid_data` when it is not LightGBM.
  static Result<LightGbm> load(const std::string& library);

  struct Fitted {
    std::vector<double> predictions;  ///< of the rows asked for
    std::vector<double> gains;        ///< by feature
  };
  /// Fits the rows `train` and predicts rows [test_begin, test_end), with the settings of the built-in trees.
  /// Errors: `numeric` with LightGBM's own words.
  Result<Fitted> fit(Columns features, std::span<const double> target, std::span<const std::size_t> train, std::size_t test_begin,
                     std::size_t test_end, const BoostingOptions& options) const;

 private:
  struct Api;
  explicit LightGbm(std::shared_ptr<const Api> api) : api_(std::move(api)) {}
  std::shared_ptr<const Api> api_;
};

}  // namespace tradewind::discovery
