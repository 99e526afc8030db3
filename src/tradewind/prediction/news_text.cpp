// SPDX-License-Identifier: Apache-2.0
#include "tradewind/prediction/news_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "tradewind/base/text.hpp"

namespace tradewind::prediction {
namespace {

/// What a headline says about whether the thing asked for comes to pass. Extended or overruled by `lexicon` of the configuration.
constexpr std::pair<std::string_view, double> kLexicon[] = {
    {"accept", 0.6},     {"accepted", 0.7},    {"achieved", 0.7},   {"advances", 0.5},      {"agree", 0.7},       {"agreed", 0.8},
    {"agreement", 0.7},  {"ahead", 0.5},       {"approval", 0.7},   {"approve", 0.7},       {"approved", 0.9},    {"approves", 0.9},
    {"backed", 0.5},     {"backs", 0.5},       {"beat", 0.7},       {"beats", 0.7},         {"boost", 0.5},       {"certified", 0.8},
    {"clinched", 0.9},   {"clinches", 0.9},    {"confirm", 0.7},    {"confirmed", 0.9},     {"confirms", 0.8},    {"deal", 0.6},
    {"elected", 0.9},    {"endorsed", 0.6},    {"endorses", 0.6},   {"enacted", 0.9},       {"exceeds", 0.6},     {"favorite", 0.5},
    {"gains", 0.4},      {"granted", 0.7},     {"launch", 0.4},     {"launched", 0.7},      {"launches", 0.6},    {"lead", 0.4},
    {"leads", 0.5},      {"likely", 0.5},      {"passed", 0.8},     {"passes", 0.8},        {"progress", 0.4},    {"promoted", 0.6},
    {"ratified", 0.9},   {"reached", 0.7},     {"record", 0.3},     {"rises", 0.4},         {"secured", 0.7},     {"secures", 0.7},
    {"signed", 0.8},     {"signs", 0.7},       {"succeeds", 0.8},   {"success", 0.7},       {"successful", 0.7},  {"support", 0.4},
    {"surge", 0.5},      {"surges", 0.5},      {"victory", 0.9},    {"win", 0.8},           {"wins", 0.9},        {"won", 0.9},
    {"abandoned", -0.8}, {"abandons", -0.8},   {"against", -0.4},   {"behind", -0.5},       {"blocked", -0.8},    {"blocks", -0.8},
    {"cancel", -0.7},    {"canceled", -0.9},   {"cancelled", -0.9}, {"cancels", -0.9},      {"collapse", -0.8},   {"collapsed", -0.8},
    {"concedes", -0.9},  {"defeat", -0.8},     {"defeated", -0.9},  {"delay", -0.5},        {"delayed", -0.6},    {"delays", -0.6},
    {"denied", -0.7},    {"denies", -0.7},     {"deny", -0.6},      {"disqualified", -0.9}, {"doubt", -0.5},      {"doubts", -0.5},
    {"drops", -0.5},     {"eliminated", -0.9}, {"fail", -0.7},      {"failed", -0.8},       {"fails", -0.8},      {"failure", -0.8},
    {"falls", -0.4},     {"halted", -0.7},     {"injured", -0.5},   {"injury", -0.5},       {"lose", -0.7},       {"loses", -0.9},
    {"loss", -0.7},      {"lost", -0.8},       {"misses", -0.6},    {"opposes", -0.5},      {"overturned", -0.7}, {"postponed", -0.7},
    {"quits", -0.7},     {"reject", -0.8},     {"rejected", -0.9},  {"rejects", -0.9},      {"rejection", -0.8},  {"scrapped", -0.8},
    {"setback", -0.6},   {"stalled", -0.6},    {"stalls", -0.6},    {"suspended", -0.7},    {"suspends", -0.7},   {"unlikely", -0.6},
    {"veto", -0.8},      {"vetoed", -0.9},     {"vetoes", -0.9},    {"withdraw", -0.7},     {"withdraws", -0.8},  {"withdrew", -0.8},
    {"worse", -0.4},
};

constexpr std::string_view kNegations[] = {"not", "no", "never", "without", "cannot", "neither", "nor", "hardly"};
constexpr std::size_t kReach = 3;  ///< words a negation reaches

constexpr std::string_view kStopWords[] = {
    "a",    "about", "after", "an",  "and",  "any",  "are",  "as",    "at",   "be",   "been", "before", "by",   "can",  "do",    "does",
    "for",  "from",  "had",   "has", "have", "he",   "her",  "his",   "how",  "if",   "in",   "into",   "is",   "it",   "its",   "more",
    "most", "of",    "on",    "or",  "over", "per",  "she",  "so",    "than", "that", "the",  "their",  "them", "then", "there", "they",
    "this", "to",    "up",    "was", "were", "what", "when", "which", "who",  "will", "with", "would",  "yes",  "no",   "not",   "under"};

bool negates(const std::string& word) {
  return std::find(std::begin(kNegations), std::end(kNegations), word) != std::end(kNegations) || word.ends_with("n't");
}

bool stop_word(const std::string& word) {
  return word.size() < 2 || std::find(std::begin(kStopWords), std::end(kStopWords), word) != std::end(kStopWords);
}

bool contains_phrase(std::span<const std::string> words, const std::vector<std::string>& phrase) {
  return !phrase.empty() && std::search(words.begin(), words.end(), phrase.begin(), phrase.end()) != words.end();
}

/// FNV-1a with a final mix, so that every bit depends on every letter.
std::uint64_t hash_word(std::string_view word) noexcept {
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : word) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  h ^= h >> 33;
  h *= 0xff51afd7ed558ccdULL;
  h ^= h >> 33;
  h *= 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33);
}

}  // namespace

std::vector<std::string> words_of(std::string_view text, std::size_t most) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '\'' || byte >= 0x80) {
      word += upper ? static_cast<char>(c - 'A' + 'a') : c;
      continue;
    }
    finish();
    const bool clause = std::string_view(",.;:!?()[]\n").find(c) != std::string_view::npos;
    if (clause && !words.empty() && !words.back().empty()) words.emplace_back();
    if (words.size() >= most) break;
  }
  finish();
  if (words.size() > most) words.resize(most);
  return words;
}

Lexicon::Lexicon() {
  for (const auto& [word, polarity] : kLexicon) words_.emplace(word, polarity);
}

double Lexicon::polarity(std::span<const std::string> words) const {
  double sum = 0;
  int hits = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto found = words_.find(words[i]);
    if (found == words_.end() || words[i].empty()) continue;
    double value = found->second;
    for (std::size_t back = 1; back <= kReach && back <= i && !words[i - back].empty(); ++back)
      if (negates(words[i - back])) value = -value;
    sum += value;
    ++hits;
  }
  return hits == 0 ? 0 : std::clamp(sum / hits, -1.0, 1.0);
}

std::uint64_t simhash(std::span<const std::string> words) noexcept {
  std::array<int, 64> votes{};
  for (const std::string& word : words) {
    if (word.empty()) continue;
    const std::uint64_t h = hash_word(word);
    for (std::size_t bit = 0; bit < 64; ++bit) votes[bit] += ((h >> bit) & 1) != 0 ? 1 : -1;
  }
  std::uint64_t result = 0;
  for (std::size_t bit = 0; bit < 64; ++bit)
    if (votes[bit] > 0) result |= std::uint64_t{1} << bit;
  return result;
}

int hamming_distance(std::uint64_t a, std::uint64_t b) noexcept { return std::popcount(a ^ b); }

NewsMatcher::NewsMatcher(std::vector<NewsMarket> markets, double min_relevance)
    : rules_(std::move(markets)), min_relevance_(min_relevance), rule_market_(rules_.size(), -1) {
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    for (const std::string& keyword : rules_[r].keywords) phrases_.push_back({words_of(keyword), r});
  }
}

void NewsMatcher::put(MarketIndex place, const trading::PredictionMarket& market) {
  if (place >= known_.size()) known_.resize(place + 1);
  forget(place);
  const bool has_rule = std::any_of(rules_.begin(), rules_.end(), [&](const NewsMarket& rule) { return rule.id == market.id; });
  if (!market.is_yes_or_no() && !has_rule) return;  // good news for whom?
  Known& known = known_[place];
  known.id = market.id;
  by_id_[market.id] = place;
  for (std::size_t r = 0; r < rules_.size(); ++r) {
    if (rules_[r].id != market.id) continue;
    rule_market_[r] = place;
    known.polarity = rules_[r].polarity;
  }
  std::set<std::string> words;
  const auto take = [&](const std::string& text) {
    for (std::string& word : words_of(text))
      if (!stop_word(word)) words.insert(std::move(word));
  };
  take(market.question);
  for (const std::string& tag : market.tags) take(tag);
  for (const std::string& word : words) {
    known.words.push_back(&*words_.try_emplace(word).first);
    known.words.back()->second.push_back(place);
  }
}

void NewsMatcher::forget(MarketIndex place) {
  if (place >= known_.size() || known_[place].id.empty()) return;
  for (Word* word : known_[place].words) {
    std::erase(word->second, place);
    if (word->second.empty()) words_.erase(words_.find(word->first));
  }
  std::replace(rule_market_.begin(), rule_market_.end(), static_cast<std::int64_t>(place), std::int64_t{-1});
  if (const auto at = by_id_.find(known_[place].id); at->second == place) by_id_.erase(at);
  known_[place] = {};
}

std::optional<MarketIndex> NewsMatcher::find(const std::string& id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? std::nullopt : std::optional(at->second);
}

double NewsMatcher::rarity(const Word& word) const {
  return std::log(static_cast<double>(by_id_.size() + 1) / static_cast<double>(word.second.size()));
}

std::vector<NewsMatch> NewsMatcher::match(const trading::NewsItem& item, std::span<const std::string> words) const {
  std::map<MarketIndex, double> relevance;
  for (const std::string& id : item.market_ids)
    if (const auto at = by_id_.find(id); at != by_id_.end()) relevance[at->second] = 1;
  for (const Phrase& phrase : phrases_)
    if (rule_market_[phrase.rule] >= 0 && contains_phrase(words, phrase.words))
      relevance[static_cast<MarketIndex>(rule_market_[phrase.rule])] = 1;
  const std::set<std::string> distinct(words.begin(), words.end());
  std::map<MarketIndex, std::pair<double, int>> shared;
  for (const std::string& word : distinct) {
    const auto at = words_.find(word);
    if (at == words_.end()) continue;
    for (const MarketIndex market : at->second) {
      shared[market].first += rarity(*at);
      ++shared[market].second;
    }
  }
  for (const auto& [market, sum] : shared) {
    double all = 0;
    for (const Word* word : known_[market].words) all += rarity(*word);
    const bool enough = all > 0 && sum.second >= 2 && sum.first / all >= min_relevance_;  // one word alone is a coincidence
    if (enough) relevance.try_emplace(market, std::min(1.0, sum.first / all));
  }
  std::vector<NewsMatch> matches;
  for (const auto& [market, value] : relevance) matches.push_back({market, value});
  std::stable_sort(matches.begin(), matches.end(), [](const NewsMatch& a, const NewsMatch& b) { return a.relevance > b.relevance; });
  if (matches.size() > kMostMatches) matches.resize(kMostMatches);
  return matches;
}

}  // namespace tradewind::prediction
