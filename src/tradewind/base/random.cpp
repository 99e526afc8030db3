// SPDX-License-Identifier: Apache-2.0
#include "tradewind/base/random.hpp"

#include <bit>
#include <cmath>

namespace tradewind {
namespace {
std::uint64_t splitmix64(std::uint64_t& state) noexcept {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}
}  // namespace

Random::Random(std::uint64_t seed) noexcept : Random(seed, 0) {}

Random::Random(std::uint64_t seed, std::uint64_t stream) noexcept {
  std::uint64_t mix = seed;
  const std::uint64_t key = splitmix64(mix);
  mix = key ^ (stream * 0xd1342543de82ef95U + 1);
  for (auto& word : state_) word = splitmix64(mix);
}

std::uint64_t Random::next() noexcept {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) noexcept {
  __extension__ using Wide = unsigned __int128;
  auto product = static_cast<Wide>(next()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(next()) * bound;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

double Random::normal() noexcept {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  double u = 0;
  double v = 0;
  double s = 0;
  do {
    u = 2 * uniform() - 1;
    v = 2 * uniform() - 1;
    s = u * u + v * v;
  } while (s >= 1 || s == 0);
  const double scale = std::sqrt(-2 * std::log(s) / s);
  spare_ = v * scale;
  has_spare_ = true;
  return u * scale;
}

double Random::student_t(int degrees) noexcept {
  const double z = normal();
  double chi_squared = 0;
  for (int i = 0; i < degrees; ++i) {
    const double x = normal();
    chi_squared += x * x;
  }
  return z * std::sqrt((degrees - 2) / chi_squared);
}

}  // namespace tradewind
