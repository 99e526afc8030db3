// SPDX-License-Identifier: Apache-2.0
#include "tradewind/metrics/streaming_text_internal.hpp"

#include "tradewind/base/hash.hpp"
#include "tradewind/base/text.hpp"

namespace tradewind::metrics {
namespace {

constexpr std::string_view kVersion = " 1";
constexpr std::string_view kChecksum = "checksum ";
constexpr std::size_t kDigits = 64;

Error damaged(const std::string& what) {
  return {Errc::corrupt, "the saved state cannot be read: " + what, {}, "start again from the recorded returns"};
}

}  // namespace

StateText::StateText(std::string_view kind) { text_ = std::string(kind) + std::string(kVersion) + "\n"; }

void StateText::line(std::string_view key, std::initializer_list<double> numbers, std::string_view rest) {
  text_ += key;
  for (const double number : numbers) text_ += ' ' + number_text(number);
  if (!rest.empty()) (text_ += ' ') += rest;
  text_ += '\n';
}

std::string StateText::finish() const { return text_ + std::string(kChecksum) + sha256_hex(text_) + "\n"; }

Result<StateReader> StateReader::open(std::string_view text, std::string_view kind) {
  const std::size_t tail = kChecksum.size() + kDigits + 1;
  if (text.size() < tail || !text.substr(text.size() - tail).starts_with(kChecksum)) return damaged("it is not complete");
  const std::string_view body = text.substr(0, text.size() - tail);
  if (sha256_hex(body) != text.substr(body.size() + kChecksum.size(), kDigits)) return damaged("its bytes are not what was written");
  StateReader reader;
  for (std::size_t from = 0; from < body.size();) {
    const std::size_t end = std::min(body.find('\n', from), body.size());
    reader.lines_.push_back(body.substr(from, end - from));
    from = end + 1;
  }
  const std::string_view first = reader.lines_.empty() ? std::string_view() : reader.lines_.front();
  if (!first.starts_with(kind)) return damaged("it is no state of " + std::string(kind));
  if (first.substr(kind.size()) != kVersion)
    return Error(Errc::newer_format, "the saved state is of another version", std::string(printable(first)), "use a newer tradewind");
  reader.at_ = 1;
  return reader;
}

bool StateReader::next_is(std::string_view key) const noexcept {
  return at_ < lines_.size() && lines_[at_].starts_with(key) && (lines_[at_].size() == key.size() || lines_[at_][key.size()] == ' ');
}

std::vector<double> StateReader::line(std::string_view key, std::size_t count, std::string* rest) {
  std::vector<double> numbers(count, 0.0);
  if (!next_is(key)) {
    if (fault_.empty()) fault_ = "'" + std::string(key) + "' is missing";
    return numbers;
  }
  std::string_view text = lines_[at_++].substr(key.size());
  for (double& number : numbers) {
    if (!text.empty()) text.remove_prefix(1);
    const std::size_t end = std::min(text.find(' '), text.size());
    const auto parsed = parse_number(text.substr(0, end));
    if (!parsed && fault_.empty()) fault_ = "a number of '" + std::string(key) + "' is missing";
    number = parsed.value_or(0);
    text.remove_prefix(end);
  }
  if (!text.empty()) text.remove_prefix(1);
  if (rest != nullptr)
    *rest = text;
  else if (!text.empty() && fault_.empty())
    fault_ = "'" + std::string(key) + "' holds more than expected";
  return numbers;
}

Status StateReader::finish() const {
  if (!fault_.empty()) return damaged(fault_);
  if (at_ != lines_.size()) return damaged("it holds more than expected");
  return {};
}

}  // namespace tradewind::metrics
