// SPDX-License-Identifier: Apache-2.0
#include "tradewind/discovery/lightgbm_plugin.hpp"

#include <dlfcn.h>

#include <fmt/format.h>

namespace tradewind::discovery {
namespace {

// The C interface of LightGBM 3 and 4 (include/LightGBM/c_api.h).
using Handle = void*;
constexpr int kFloat32 = 0;
constexpr int kFloat64 = 1;
constexpr int kGain = 1;

}  // namespace

struct LightGbm::Api {
  void* library = nullptr;
  const char* (*last_error)() = nullptr;
  int (*dataset_from_matrix)(const void*, int, std::int32_t, std::int32_t, int, const char*, Handle, Handle*) = nullptr;
  int (*dataset_set_field)(Handle, const char*, const void*, int, int) = nullptr;
  int (*dataset_free)(Handle) = nullptr;
  int (*booster_create)(Handle, const char*, Handle*) = nullptr;
  int (*booster_update)(Handle, int*) = nullptr;
  int (*booster_predict)(Handle, const void*, int, std::int32_t, std::int32_t, int, int, int, int, const char*, std::int64_t*,
                         double*) = nullptr;
  int (*booster_importance)(Handle, int, int, double*) = nullptr;
  int (*booster_free)(Handle) = nullptr;

  Api() = default;
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  ~Api() {
    if (library != nullptr) ::dlclose(library);
  }

  template <class Function>
  bool bind(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
  }
  bool bind_all() {
    return bind(last_error, "LGBM_GetLastError") && bind(dataset_from_matrix, "LGBM_DatasetCreateFromMat") &&
           bind(dataset_set_field, "LGBM_DatasetSetField") && bind(dataset_free, "LGBM_DatasetFree") &&
           bind(booster_create, "LGBM_BoosterCreate") && bind(booster_update, "LGBM_BoosterUpdateOneIter") &&
           bind(booster_predict, "LGBM_BoosterPredictForMat") && bind(booster_importance, "LGBM_BoosterFeatureImportance") &&
           bind(booster_free, "LGBM_BoosterFree");
  }
};

namespace {

/// Frees a handle of the library at the end of its scope.
struct Owned {
  int (*free)(Handle);
  Handle handle = nullptr;
  explicit Owned(int (*release)(Handle)) : free(release) {}
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  ~Owned() {
    if (handle != nullptr) free(handle);
  }
};

std::vector<double> matrix(Columns features, auto&& rows) {
  std::vector<double> values;
  for (const std::size_t row : rows)
    for (const auto& column : features) values.push_back(column[row]);
  return values;
}

std::string parameters(const BoostingOptions& options) {
  return fmt::format(
      "objective=regression num_leaves={} max_depth={} learning_rate={} min_data_in_leaf={} lambda_l2={} max_bin=32 num_threads=1 "
      "deterministic=true force_row_wise=true seed=1 verbosity=-1",
      1 << options.depth, options.depth, options.learning_rate, options.min_leaf, options.regularisation);
}

}  // namespace

Result<LightGbm> LightGbm::load(const std::string& library) {
  auto api = std::make_shared<Api>();
  api->library = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (api->library == nullptr) {
    const char* const why = ::dlerror();
    return Error(Errc::not_found, fmt::format("cannot load '{}': {}", library, why == nullptr ? "unknown reason" : why), library,
                 "pip install lightgbm brings lib_lightgbm.so");
  }
  if (!api->bind_all()) return Error(Errc::invalid_data, fmt::format("'{}' is not LightGBM 3 or 4", library), library);
  return LightGbm(std::move(api));
}

Result<LightGbm::Fitted> LightGbm::fit(Columns features, std::span<const double> target, std::span<const std::size_t> train,
                                       std::size_t test_begin, std::size_t test_end, const BoostingOptions& options) const {
  const auto failed = [&] { return Error(Errc::numeric, fmt::format("LightGBM: {}", api_->last_error())); };
  const auto width = static_cast<std::int32_t>(features.size());
  const std::string settings = parameters(options);
  const std::vector<double> known = matrix(features, train);
  std::vector<float> label;
  for (const std::size_t row : train) label.push_back(static_cast<float>(target[row]));
  Owned data(api_->dataset_free);
  Owned booster(api_->booster_free);
  const auto count = static_cast<std::int32_t>(train.size());
  if (api_->dataset_from_matrix(known.data(), kFloat64, count, width, 1, settings.c_str(), nullptr, &data.handle) != 0) return failed();
  if (api_->dataset_set_field(data.handle, "label", label.data(), count, kFloat32) != 0) return failed();
  if (api_->booster_create(data.handle, settings.c_str(), &booster.handle) != 0) return failed();
  int finished = 0;
  for (int tree = 0; tree < options.trees && finished == 0; ++tree)
    if (api_->booster_update(booster.handle, &finished) != 0) return failed();

  std::vector<std::size_t> rows;
  for (std::size_t row = test_begin; row < test_end; ++row) rows.push_back(row);
  const std::vector<double> unknown = matrix(features, rows);
  Fitted fitted{std::vector<double>(rows.size()), std::vector<double>(features.size())};
  std::int64_t length = 0;
  if (api_->booster_predict(booster.handle, unknown.data(), kFloat64, static_cast<std::int32_t>(rows.size()), width, 1, 0, 0, -1,
                            settings.c_str(), &length, fitted.predictions.data()) != 0)
    return failed();
  if (api_->booster_importance(booster.handle, 0, kGain, fitted.gains.data()) != 0) return failed();
  return fitted;
}

}  // namespace tradewind::discovery
