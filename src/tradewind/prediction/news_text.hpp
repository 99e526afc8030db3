// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tradewind/prediction/market_view.hpp"

namespace tradewind::prediction {

/// Lower-cased words of a text: letters, digits, apostrophes and bytes beyond ASCII. The end of a clause (, . ; : ! ? and brackets) is an
/// empty word, so that a negation does not reach beyond it. At most `most` words.
std::vector<std::string> words_of(std::string_view text, std::size_t most = 2000);

/// Words with what they say about the outcome that a question asks for, −1 (against) to 1.
class Lexicon {
 public:
  /// The built-in table.
  Lexicon();
  void set(std::string word, double polarity) { words_[std::move(word)] = polarity; }
  std::size_t size() const noexcept { return words_.size(); }
  /// Mean of the words found, each turned round by a negation up to three words before it in the same clause; 0 when none is found.
  double polarity(std::span<const std::string> words) const;

 private:
  std::unordered_map<std::string, double> words_;
};

/// 64 bits that differ in few places for texts of nearly the same words. [Charikar 2002; Manku, Jain & Das Sarma 2007]
std::uint64_t simhash(std::span<const std::string> words) noexcept;
int hamming_distance(std::uint64_t a, std::uint64_t b) noexcept;

/// A market an item is about, and how surely.
struct NewsMatch {
  MarketIndex market = 0;
  double relevance = 0;  ///< (0, 1]
};

/// What a user says about a market: any of the keywords (words or phrases) makes an item be about it; `polarity` −1 when good news in the
/// lexicon's sense speaks against yes.
struct NewsMarket {
  std::string id;
  std::vector<std::string> keywords;
  double polarity = 1;
};

/// Finds the markets an item is about: those the feed names, those with a keyword in it, and those whose question and tags it repeats,
/// judged by the weight of rare words: relevance = Σ idf(shared words)/Σ idf(words), idf = ln((N + 1)/(markets with the word)).
class NewsMatcher {
 public:
  NewsMatcher(std::vector<NewsMarket> markets, double min_relevance);
  NewsMatcher(const NewsMatcher&) = delete;
  NewsMatcher& operator=(const NewsMatcher&) = delete;

  /// Takes in the market that has come to a place; what was there before is forgotten. One whose outcomes are not yes and no is left out
  /// unless a rule says what good news means for it. O(words of it · markets with them).
  void put(MarketIndex place, const trading::PredictionMarket& market);
  void forget(MarketIndex place);
  /// By market; at most `kMostMatches`, the most relevant ones. O(words · markets with them).
  std::vector<NewsMatch> match(const trading::NewsItem& item, std::span<const std::string> words) const;
  std::optional<MarketIndex> find(const std::string& id) const;
  const std::string& id_of(MarketIndex market) const { return known_[market].id; }
  double polarity_of(MarketIndex market) const noexcept { return market < known_.size() ? known_[market].polarity : 1; }
  static constexpr std::size_t kMostMatches = 50;

 private:
  struct Phrase {
    std::vector<std::string> words;
    std::size_t rule;
  };
  using Words = std::unordered_map<std::string, std::vector<MarketIndex>>;  ///< the markets with a word
  using Word = Words::value_type;                                           ///< stays where it is as long as it is in the table
  struct Known {
    std::string id;  ///< empty: no market here
    double polarity = 1;
    std::vector<Word*> words;  ///< in words_
  };
  double rarity(const Word& word) const;

  std::vector<NewsMarket> rules_;
  double min_relevance_;
  std::vector<Phrase> phrases_;
  std::vector<std::int64_t> rule_market_;  ///< market of a rule; −1: not here
  std::vector<Known> known_;               ///< by market
  std::unordered_map<std::string, MarketIndex> by_id_;
  Words words_;
};

}  // namespace tradewind::prediction
