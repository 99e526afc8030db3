// SPDX-License-Identifier: Apache-2.0
// Several URLs asked for at once, over connections that are kept.
//
//   build/release/bin/fetch_urls URL...
#include <cstdio>
#include <string>
#include <vector>

#include "tradewind/telemetry/optimizer/performance_optimizer.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> urls(argv + 1, argv + argc);
  if (urls.empty()) {
    std::fprintf(stderr, "usage: fetch_urls URL...\n");
    return 2;
  }
  tradewind::telemetry::PerformanceOptimizer optimizer;
  auto answers = optimizer.fetch_multiple_urls_async(urls);
  if (!answers) {
    std::fprintf(stderr, "error: %s\n", answers.error().message().c_str());
    return 1;
  }
  bool all = true;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const tradewind::http::Response answer = (*answers)[i].get();
    all = all && answer.ok();
    if (answer.status == 0)
      std::printf("%s: %s\n", urls[i].c_str(), answer.error.c_str());
    else
      std::printf("%s: %d, %zu bytes in %.1f ms\n", urls[i].c_str(), answer.status, answer.body.size(), answer.milliseconds);
  }
  optimizer.cleanup();
  return all ? 0 : 1;
}
