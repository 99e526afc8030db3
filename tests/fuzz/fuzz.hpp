// SPDX-License-Identifier: Apache-2.0
// Targets for content from outside. Each source here defines one: FUZZ_TARGET(name) { … reads `input` … }. The build for libFuzzer makes a
// program of each (script/fuzz); test_fuzz, which every other build has, runs all of them over the kept inputs (run_kept.cpp).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "tradewind/base/result.hpp"

namespace tradewind::fuzz {

using Target = void (*)(std::string_view input);

/// Puts a target on the list of test_fuzz.
struct Registered {
  Registered(const char* name, Target target);
};

/// Stops the program, as a sanitizer does, when a promise of ours does not hold.
void require(bool holds, const char* promise, std::string_view detail = {});

/// An error says something, in text that a terminal only shows and of a length that a person reads.
void check_error(const Error& error);
template <class T>
bool good(const Result<T>& result) {
  if (!result) check_error(result.error());
  return result.has_value();
}

/// A folder of this process, removed at its end.
const std::filesystem::path& scratch();
/// The bytes as a file in it.
std::filesystem::path scratch_file(std::string_view name, std::string_view bytes);

}  // namespace tradewind::fuzz

#ifdef TRADEWIND_LIBFUZZER
namespace tradewind::fuzz {
/// Changes a value somewhere in a JSON text, or takes it away; leaves the rest to libFuzzer, which seldom hits on a document that still is
/// one. The new size.
std::size_t mutate_json(unsigned char* data, std::size_t size, std::size_t most, unsigned seed);
}  // namespace tradewind::fuzz
/// What libFuzzer calls for a target whose inputs are JSON.
#define FUZZ_JSON_MUTATOR()                                                                                                    \
  extern "C" std::size_t LLVMFuzzerCustomMutator(unsigned char* data, std::size_t size, std::size_t most, unsigned int seed) { \
    return tradewind::fuzz::mutate_json(data, size, most, seed);                                                               \
  }

#define FUZZ_TARGET(name)                                                              \
  static void fuzz_##name(std::string_view input);                                     \
  extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) { \
    fuzz_##name({reinterpret_cast<const char*>(data), size});                          \
    return 0;                                                                          \
  }                                                                                    \
  static void fuzz_##name(std::string_view input)
#else
#define FUZZ_JSON_MUTATOR()
#define FUZZ_TARGET(name)                                                          \
  static void fuzz_##name(std::string_view input);                                 \
  static const tradewind::fuzz::Registered registered_##name(#name, &fuzz_##name); \
  static void fuzz_##name(std::string_view input)
#endif
