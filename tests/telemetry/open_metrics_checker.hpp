// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace tradewind::telemetry {

/// One line of samples, read back.
struct ReadSample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

/// Reads OpenMetrics 1.0 text strictly and independently of its writer: metadata first and once, samples under their family, names and
/// escapes as the specification has them, histograms cumulative and complete, states 0 or 1, one EOF at the end. Collects every fault.
class OpenMetricsChecker {
 public:
  explicit OpenMetricsChecker(const std::string& text) {
    if (!text.ends_with("# EOF\n")) fault("does not end with # EOF");
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (ended_) fault("text after # EOF");
      if (line == "# EOF")
        ended_ = true;
      else if (line.starts_with("# "))
        metadata(line);
      else
        sample(line);
    }
    end_family();
  }
  const std::vector<std::string>& faults() const { return faults_; }
  const std::vector<ReadSample>& samples() const { return samples_; }
  std::optional<double> value(const std::string& name, const std::map<std::string, std::string>& labels = {}) const {
    for (const ReadSample& each : samples_)
      if (each.name == name && each.labels == labels) return each.value;
    return std::nullopt;
  }

 private:
  void fault(const std::string& what) { faults_.push_back(what); }

  void metadata(const std::string& line) {
    static const std::regex kForm(R"(# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*))");
    std::smatch match;
    if (!std::regex_match(line, match, kForm)) return fault("bad metadata: " + line);
    if (match[2] != family_) {
      end_family();
      family_ = match[2];
      if (!families_.insert(family_).second) fault("family twice: " + family_);
      if (match[1] != "TYPE") fault("a family begins with its TYPE: " + line);
    }
    if (samples_in_family_ > 0) fault("metadata after samples: " + line);
    if (!seen_.insert(match[1]).second) fault("metadata twice: " + line);
    if (match[1] == "TYPE") type_ = match[3];
    if (match[1] == "UNIT" && !family_.ends_with("_" + match[3].str())) fault("unit: " + line);
  }

  void sample(const std::string& line) {
    static const std::regex kForm(R"(([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)))");
    std::smatch match;
    if (!std::regex_match(line, match, kForm)) return fault("bad sample: " + line);
    ReadSample read{match[1], labels(match[2], line), std::strtod(match[3].str().c_str(), nullptr)};
    if (!series_.insert(match[1].str() + "{" + match[2].str()).second) fault("series twice: " + line);
    ++samples_in_family_;
    check_type(read, line);
    samples_.push_back(std::move(read));
  }

  std::map<std::string, std::string> labels(std::string text, const std::string& line) {
    static const std::regex kLabel(R"re(^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\\\|\\"|\\n)*)"(?:,(?=.)|$))re");
    std::map<std::string, std::string> out;
    while (!text.empty()) {
      std::smatch match;
      if (!std::regex_search(text, match, kLabel)) {
        fault("bad labels: " + line);
        break;
      }
      if (!out.emplace(match[1], match[2]).second) fault("label twice: " + line);
      text = std::string(match.suffix());
    }
    return out;
  }

  void check_type(const ReadSample& read, const std::string& line) {
    if (!read.name.starts_with(family_)) return fault("sample outside its family: " + line);
    const std::string suffix = read.name.substr(family_.size());
    const std::set<std::string> allowed = type_ == "counter"     ? std::set<std::string>{"_total"}
                                          : type_ == "histogram" ? std::set<std::string>{"_bucket", "_count", "_sum"}
                                          : type_ == "info"      ? std::set<std::string>{"_info"}
                                                                 : std::set<std::string>{""};
    if (!allowed.contains(suffix)) fault("suffix: " + line);
    if (type_ == "counter" && read.value < 0) fault("negative counter: " + line);
    if (type_ == "info" && read.value != 1) fault("info is 1: " + line);
    if (type_ == "stateset" && ((read.value != 0 && read.value != 1) || !read.labels.contains(family_))) fault("state: " + line);
    if (type_ == "histogram") histogram(read, suffix, line);
  }

  void histogram(const ReadSample& read, const std::string& suffix, const std::string& line) {
    if (suffix == "_bucket") {
      if (!read.labels.contains("le")) return fault("bucket without le: " + line);
      const std::string text = read.labels.at("le");
      const double bound = std::strtod(text.c_str(), nullptr);
      if (!(bound > bound_) || read.value < cumulative_) fault("buckets do not grow: " + line);
      if (text.find_first_of(".e") == std::string::npos && text != "+Inf") fault("le is no canonical float: " + line);
      bound_ = bound;
      cumulative_ = read.value;
      complete_ = text == "+Inf";
    } else {
      if (!complete_) fault("no +Inf bucket before: " + line);
      if (suffix == "_count" && read.value != cumulative_) fault("count is not the +Inf bucket: " + line);
      bound_ = -1;
      if (suffix == "_sum") cumulative_ = 0;
    }
  }

  void end_family() {
    type_ = "unknown";
    samples_in_family_ = 0;
    seen_.clear();
    bound_ = -1;
    cumulative_ = 0;
    complete_ = false;
  }

  std::vector<std::string> faults_;
  std::vector<ReadSample> samples_;
  std::set<std::string> families_;
  std::set<std::string> series_;
  std::set<std::string> seen_;
  std::string family_;
  std::string type_ = "unknown";
  int samples_in_family_ = 0;
  double bound_ = -1;
  double cumulative_ = 0;
  bool complete_ = false;
  bool ended_ = false;
};

}  // namespace tradewind::telemetry
