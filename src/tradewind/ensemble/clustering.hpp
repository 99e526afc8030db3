// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tradewind::ensemble {

enum class Linkage : std::uint8_t {
  single,  ///< smallest distance between members
  ward,    ///< growth of the sum of squared distances to the centre [Ward 1963], as in scipy
};

/// One merge of a tree of n leaves: leaves are 0 … n − 1, the result of merge m is n + m; left < right.
struct Merge {
  std::size_t left;
  std::size_t right;
  double height;
  std::size_t size;  ///< leaves below
};

/// Agglomerative clustering of n items with the given symmetric n · n distances, merges by growing height (n − 1 of them).
/// Nearest-neighbour chains [Murtagh 1985]: O(n²) time and memory. Ties go to the lower index.
std::vector<Merge> agglomerate(std::span<const double> distances, std::size_t n, Linkage linkage);

/// The leaves in the order of the tree, left branches first.
std::vector<std::size_t> leaf_order(std::span<const Merge> tree, std::size_t n);

/// Cluster of every leaf when the tree is cut above `height`; clusters are numbered by their lowest leaf.
std::vector<std::size_t> cut(std::span<const Merge> tree, std::size_t n, double height);

}  // namespace tradewind::ensemble
