// SPDX-License-Identifier: Apache-2.0
#include "tradewind/workspace/signal_file.hpp"

#include <cmath>

#include "tradewind/base/text.hpp"
#include "tradewind/workspace/json_internal.hpp"
#include "tradewind/workspace/parquet_internal.hpp"
#include "tradewind/workspace/parquet_read_internal.hpp"

namespace tradewind::workspace {

KeyValues signal_key_values(const SignalMetadata& m, std::span<const std::string> metric_columns) {
  KeyValues out{{"tradewind.format", std::to_string(kFormatVersion)},
                {"strategy_id", m.strategy_id},
                {"strategy_type", m.strategy_type},
                {"symbol", m.symbol},
                {"parameters", parameters_json(m.parameters)},
                {"total_signals", std::to_string(m.total_signals)},
                {"signal_changes", std::to_string(m.signal_changes)},
                {"compression_ratio", number_text(m.compression_ratio)},
                {"total_trades", std::to_string(m.total_trades)},
                {"total_fills", std::to_string(m.total_fills)},
                {"rejected_orders", std::to_string(m.rejected_orders)}};
  for (std::size_t i = 0; i < metric_columns.size(); ++i)
    out.emplace_back(metric_columns[i], std::isfinite(m.values[i]) ? number_text(m.values[i]) : "null");
  out.emplace_back("regime_performance", regime_performance_json(m, metric_columns));
  out.emplace_back("undefined", m.undefined);
  out.emplace_back("parameter_hash", std::to_string(m.parameter_hash));
  out.emplace_back("data_hash", m.data_hash);
  return out;
}

Status check_signals(const SignalView& s) {
  const std::size_t n = s.timestamp.size();
  if (s.signal.size() != n || (!s.confidence.empty() && s.confidence.size() != n))
    return Error(Errc::invalid_data, "the columns of the signals differ in length");
  bool good = true;
  for (std::size_t i = 0; i < n; ++i) good &= s.signal[i] >= -1 && s.signal[i] <= 1;
  for (const float c : s.confidence) good &= c >= 0.0F && c <= 1.0F;
  for (std::size_t i = 1; i < n; ++i) good &= s.timestamp[i] > s.timestamp[i - 1];
  if (good) return {};
  for (std::size_t i = 0; i < n; ++i) {
    const std::string row = "row " + std::to_string(i + 1);
    if (s.signal[i] < -1 || s.signal[i] > 1)
      return Error(Errc::invalid_data, "signal is " + std::to_string(s.signal[i]) + ", expected -1, 0 or 1", row);
    if (!s.confidence.empty() && !(s.confidence[i] >= 0.0F && s.confidence[i] <= 1.0F))
      return Error(Errc::invalid_data, "confidence is outside [0, 1]", row);
    if (i > 0 && s.timestamp[i] <= s.timestamp[i - 1]) return Error(Errc::invalid_data, "timestamp is not after the one before", row);
  }
  return {};
}

Status write_signal_file(const Path& path, const SignalView& signals, const KeyValues& key_values) {
  TRADEWIND_TRY(check_signals(signals));
  TRADEWIND_ASSIGN(SignalWriter writer, SignalWriter::open(path.string() + ".tmp", false));
  TRADEWIND_TRY(writer.write_group(signals.timestamp, signals.signal, signals.confidence, {}));
  TRADEWIND_TRY(writer.close(key_values, true));
  return commit_file(path);
}

Result<SignalFile> read_signal_file(const Path& path) {
  TRADEWIND_ASSIGN(const SignalReader reader, SignalReader::open(path));
  SignalFile out;
  out.key_values = reader.key_values();
  Signals piece;
  for (int g = 0; g < reader.groups(); ++g) {
    TRADEWIND_TRY(reader.read(g, 0, reader.group_rows(g), piece));
    out.signals.timestamp.insert(out.signals.timestamp.end(), piece.timestamp.begin(), piece.timestamp.end());
    out.signals.signal.insert(out.signals.signal.end(), piece.signal.begin(), piece.signal.end());
    out.signals.confidence.insert(out.signals.confidence.end(), piece.confidence.begin(), piece.confidence.end());
  }
  if (const auto good = check_signals({out.signals.timestamp, out.signals.signal, out.signals.confidence}); !good)
    return bad_file(path, good.error().where() + ": " + good.error().message());
  return out;
}

}  // namespace tradewind::workspace
