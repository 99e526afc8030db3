// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/ensemble_signals.hpp"

#include "fixture.hpp"

namespace tradewind::workspace {
namespace {

using EnsembleSignals = WorkspaceTest;

TEST_F(EnsembleSignals, come_back_as_they_were_written_and_are_covered) {
  auto writer = need(RunWriter::create(root, "run", {}));
  need(writer.finish({}));
  writer = need(RunWriter::create(root, "other", {}));  // lets go of the first run
  const std::vector<EnsembleSignal> signals = {{1, "A", 0.5, ""}, {1, "B", -0.25, "bull"}, {7, "A", 0, "bull"}};
  need(write_ensemble_signals(root, "run", signals));
  EXPECT_EQ(need(read_ensemble_signals(root, "run")), signals);
  auto report = need(verify(root, "run"));
  EXPECT_TRUE(report.faults.empty());
  EXPECT_TRUE(report.unprotected.empty());
  need(write_ensemble_signals(root, "run", {}));
  EXPECT_TRUE(need(read_ensemble_signals(root, "run")).empty());
  need(write_file_durable(root / "run/signals/combined/ensemble_signals.parquet", "no parquet"));
  EXPECT_EQ(read_ensemble_signals(root, "run").error().code(), Errc::corrupt);
  EXPECT_EQ(need(verify(root, "run")).faults.size(), 1U);
  EXPECT_EQ(read_ensemble_signals(root, "other").error().code(), Errc::not_found);
}

TEST_F(EnsembleSignals, are_checked_before_they_are_written) {
  const auto code = [&](const std::vector<EnsembleSignal>& signals) { return write_ensemble_signals(root, "run", signals).error().code(); };
  EXPECT_EQ(code({{2, "A", 0.5, ""}, {1, "A", 0.5, ""}}), Errc::invalid_data);
  EXPECT_EQ(code({{2, "A", 0.5, ""}, {2, "B", 0.5, ""}, {2, "A", 0.5, ""}}), Errc::invalid_data);
  EXPECT_EQ(code({{2, "A", std::nan(""), ""}}), Errc::invalid_data);
}

}  // namespace
}  // namespace tradewind::workspace
