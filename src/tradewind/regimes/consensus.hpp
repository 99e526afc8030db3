// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tradewind/base/result.hpp"
#include "tradewind/regimes/classifier.hpp"

namespace tradewind::regimes {

/// One voice in a consensus.
struct ConsensusMember {
  std::string name;
  std::unique_ptr<Classifier> classifier;
  std::size_t states = 2;  ///< how many it tells apart, 1 … 64
};

struct ConsensusOptions {
  std::size_t regimes = 2;   ///< common regimes, in order of risk: 2 … 6
  std::size_t history = 60;  ///< returns before predictions are scored; until then all weigh the same
  double half_life = 250;    ///< bars after which a score counts half; 0: never forgotten
};

/// What is known at one close.
struct ConsensusRow {
  State state = kUnknown;                       ///< the most probable common regime; unknown until one member knows
  double agreement = 0;                         ///< weight of the members whose own regime it is, in [0, 1]; 0 while unknown
  std::vector<double> probabilities;            ///< of the common regimes; empty while unknown
  std::vector<double> weights;                  ///< of the members, sum 1
  std::vector<State> states;                    ///< of the members, in their own states
  std::vector<std::vector<double>> posteriors;  ///< of the members over their own states; one-hot where they give no probabilities, empty
                                                ///< while unknown
};

/// One label from many classifiers, and how much they agree. Causal as they are; O(states of all members) a bar besides their own work.
///
/// - A member's prediction of the next return is a mixture of normals with mean 0, one per state, weighted by its posterior; a state's
///   variance is the mean square of the returns that followed it so far, with kPrior bars of the overall mean square added.
/// - Its weight is in proportion to exp(Σ of its past predictive log densities, each halved every `half_life` bars): Bayesian model
/// averaging
///   with forgetting [Raftery, Kárný & Ettler 2010]. Each prediction was made before the return it is scored on. kFloor of the weight is
///   shared equally, so that nobody is silenced for good.
/// - Its states are put in order of their variance and spread over the common regimes: rank r of S lies at r (G − 1) / (S − 1), between
///   two regimes in proportion. Unknown members have no say.
class Consensus final : public Classifier {
 public:
  static constexpr double kPrior = 10;
  static constexpr double kFloor = 0.05;

  /// Errors: `usage` without members, for a missing classifier or for options out of range.
  static Result<Consensus> make(std::vector<ConsensusMember> members, const ConsensusOptions& options = {});

  State update(const Bar& bar) override;
  std::span<const double> probabilities() const override { return row_.probabilities; }
  /// Of the last bar.
  const ConsensusRow& row() const { return row_; }
  std::size_t members() const { return members_.size(); }
  const std::string& name(std::size_t member) const { return members_[member].name; }
  const Classifier& classifier(std::size_t member) const { return *members_[member].classifier; }
  /// calm … turbulent, as many as there are common regimes.
  std::vector<std::string> labels() const;

  /// Empty when a member cannot be saved.
  std::string save() const override;
  Status load(std::string_view state) override;

 private:
  /// What was learnt about one member.
  struct Record {
    double score = 0;             ///< Σ of forgotten log densities
    std::vector<double> bars;     ///< per state: how often it was followed by a return
    std::vector<double> squares;  ///< per state: Σ of those returns squared
  };

  Consensus(std::vector<ConsensusMember> members, const ConsensusOptions& options);
  double variance(const Record& record, std::size_t state) const;
  double log_density(std::size_t member, double r) const;
  void learn(double r);
  void listen(const Bar& bar);
  void decide();
  void weigh();
  std::vector<double> common(std::size_t member) const;
  template <class Self, class Archive>
  static void transfer(Self& self, Archive& archive);

  std::vector<ConsensusMember> members_;
  ConsensusOptions options_;
  double keep_;
  std::vector<Record> records_;
  double returns_ = 0;
  double squares_ = 0;
  double previous_close_ = 0;
  ConsensusRow row_;
};

}  // namespace tradewind::regimes
