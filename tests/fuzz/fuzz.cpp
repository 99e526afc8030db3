// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tradewind/base/text.hpp"

namespace tradewind::fuzz {
namespace {

// What quotes input cuts it (printable); a list of complaints is long but not endless.
constexpr std::size_t kLongestMessage = 100'000;

struct Scratch {
  std::filesystem::path path;
  Scratch() {
    // In memory where there is room for files: some targets write one for each input.
    const bool memory = ::access("/dev/shm", W_OK) == 0 && std::getenv("TMPDIR") == nullptr;
    const std::filesystem::path parent = memory ? "/dev/shm" : std::filesystem::temp_directory_path();
    path = parent / ("tradewind-fuzz-" + std::to_string(::getpid()));
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

}  // namespace

void require(bool holds, const char* promise, std::string_view detail) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n%s\n", promise, visible_lines(detail).c_str());
  std::abort();
}

void check_error(const Error& error) {
  const std::string message = error.message();
  require(!message.empty(), "an error says what is wrong");
  require(error.code() != Errc::internal, "what comes from outside is no broken promise of ours", message);
  for (const std::string& text : {message, error.where(), error.hint()}) {
    require(text.size() <= kLongestMessage, "an error is short enough to be read", std::string_view(text).substr(0, 200));
    require(visible_lines(text) == text, "an error is text that a terminal only shows", text);
  }
}

const std::filesystem::path& scratch() {
  static const Scratch folder;
  return folder.path;
}

std::filesystem::path scratch_file(std::string_view name, std::string_view bytes) {
  const std::filesystem::path path = scratch() / name;
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return path;
}

}  // namespace tradewind::fuzz
