// SPDX-License-Identifier: Apache-2.0
#include "fuzz.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tradewind/base/json.hpp"
#include "tradewind/base/random.hpp"
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

#ifdef TRADEWIND_LIBFUZZER
extern "C" std::size_t LLVMFuzzerMutate(unsigned char* data, std::size_t size, std::size_t most);

namespace {

/// A value of a kind that a reader may not expect there.
Json odd_value(Random& random) {
  switch (random.below(10)) {
    case 0: return nullptr;
    case 1: return random.below(2) == 0;
    case 2: return Json::array();
    case 3: return Json::object();
    case 4: return "";
    case 5: return "\u202e\u001b[31m../x";
    case 6: return -1;
    case 7: return 1e308;
    case 8: return 18446744073709551615ULL;
    default: return static_cast<int>(random.below(200)) - 100;
  }
}

void change(Json& value, Random& random) {
  if (value.empty() || !value.is_structured() || random.below(8) == 0) {
    value = odd_value(random);
    return;
  }
  const auto chosen = std::next(value.begin(), static_cast<std::ptrdiff_t>(random.below(value.size())));
  switch (random.below(12)) {
    case 0: value.erase(chosen); return;
    case 1: *chosen = *std::next(value.begin(), static_cast<std::ptrdiff_t>(random.below(value.size()))); return;
    case 2:
      if (value.is_array()) {
        value.push_back(Json(*chosen));
        return;
      }
      [[fallthrough]];
    default: change(*chosen, random);
  }
}

}  // namespace

std::size_t mutate_json(unsigned char* data, std::size_t size, std::size_t most, unsigned seed) {
  Random random(seed);
  Json document = read_json({reinterpret_cast<const char*>(data), size});
  if (document.is_discarded() || random.below(4) == 0) return LLVMFuzzerMutate(data, size, most);
  for (std::uint64_t i = 0; i <= random.below(3); ++i) change(document, random);
  const std::string text = dump_json(document);
  if (text.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::copy(text.begin(), text.end(), data);
  return text.size();
}
#endif

}  // namespace tradewind::fuzz
