// SPDX-License-Identifier: Apache-2.0
#include "tradewind/ensemble/clustering.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace tradewind::ensemble {
namespace {

struct RawMerge {
  std::size_t a;
  std::size_t b;
  double height;
};

/// Merges of slots in the order the chains find them; slot b lives on as the union.
std::vector<RawMerge> chain_merges(std::vector<double> d, std::size_t n, Linkage linkage) {
  std::vector<std::size_t> size(n, 1);
  std::vector<RawMerge> out;
  std::vector<std::size_t> chain;
  while (out.size() + 1 < n) {
    if (chain.empty()) {
      chain.push_back(static_cast<std::size_t>(std::find_if(size.begin(), size.end(), [](std::size_t s) { return s > 0; }) - size.begin()));
    }
    const std::size_t top = chain.back();
    const std::size_t before = chain.size() > 1 ? chain[chain.size() - 2] : n;
    std::size_t nearest = before;
    double least = before < n ? d[top * n + before] : std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < n; ++k) {
      if (size[k] == 0 || k == top || !(d[top * n + k] < least)) continue;
      least = d[top * n + k];
      nearest = k;
    }
    if (nearest != before) {
      chain.push_back(nearest);
      continue;
    }
    chain.resize(chain.size() - 2);
    const std::size_t a = std::min(top, nearest);
    const std::size_t b = std::max(top, nearest);
    const double na = static_cast<double>(size[a]);
    const double nb = static_cast<double>(size[b]);
    for (std::size_t k = 0; k < n; ++k) {
      if (size[k] == 0 || k == a || k == b) continue;
      const double nk = static_cast<double>(size[k]);
      const double da = d[a * n + k];
      const double db = d[b * n + k];
      const double merged =
          linkage == Linkage::single
              ? std::min(da, db)
              : std::sqrt(std::max(0.0, ((na + nk) * da * da + (nb + nk) * db * db - nk * least * least) / (na + nb + nk)));
      d[b * n + k] = d[k * n + b] = merged;
    }
    out.push_back({a, b, least});
    size[b] += size[a];
    size[a] = 0;
  }
  return out;
}

}  // namespace

std::vector<Merge> agglomerate(std::span<const double> distances, std::size_t n, Linkage linkage) {
  if (n < 2) return {};
  std::vector<RawMerge> raw = chain_merges({distances.begin(), distances.end()}, n, linkage);
  std::stable_sort(raw.begin(), raw.end(), [](const RawMerge& x, const RawMerge& y) { return x.height < y.height; });
  // A slot belongs to the cluster it was merged into last: a union-find with the name of the cluster at the root.
  std::vector<std::size_t> parent(n);
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  std::vector<std::size_t> name(parent);
  std::vector<std::size_t> size(n, 1);
  const auto root = [&](std::size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  std::vector<Merge> out;
  for (const RawMerge& merge : raw) {
    const std::size_t a = root(merge.a);
    const std::size_t b = root(merge.b);
    out.push_back({std::min(name[a], name[b]), std::max(name[a], name[b]), merge.height, size[a] + size[b]});
    parent[a] = b;
    size[b] += size[a];
    name[b] = n + out.size() - 1;
  }
  return out;
}

std::vector<std::size_t> leaf_order(std::span<const Merge> tree, std::size_t n) {
  std::vector<std::size_t> out;
  std::vector<std::size_t> open{tree.empty() ? 0 : n + tree.size() - 1};
  while (!open.empty() && n > 0) {
    const std::size_t node = open.back();
    open.pop_back();
    if (node < n) {
      out.push_back(node);
    } else {
      open.push_back(tree[node - n].right);
      open.push_back(tree[node - n].left);
    }
  }
  return out;
}

std::vector<std::size_t> cut(std::span<const Merge> tree, std::size_t n, double height) {
  std::vector<std::size_t> cluster(n + tree.size());
  std::iota(cluster.begin(), cluster.end(), std::size_t{0});
  for (std::size_t node = n + tree.size(); node-- > n;) {
    const Merge& merge = tree[node - n];
    const bool together = merge.height <= height;
    if (together) cluster[merge.left] = cluster[merge.right] = cluster[node];
  }
  std::vector<std::size_t> number(n + tree.size(), n);
  std::vector<std::size_t> out(n);
  std::size_t next = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t& known = number[cluster[i]];
    if (known == n) known = next++;
    out[i] = known;
  }
  return out;
}

}  // namespace tradewind::ensemble
