#include "gbdt/catboost_ctr.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"
#include "gbdt/derived_feature.h"

namespace cne::gbdt {

namespace {

constexpr uint64_t kNoKey = std::numeric_limits<uint64_t>::max();  // an empty bucket of CatBoost's
constexpr size_t kMostCombinations = size_t{1} << 24;              // tried for all tables
constexpr const char* kNoText = "categories without their text (save it as JSON with its pool)";

std::vector<CtrSource> read_sources(const DocumentPart& elements) {
  std::vector<CtrSource> out;
  for (size_t i = 0; i < elements.size(); ++i) {
    const DocumentPart part = elements.item(i);
    const std::string kind = part.at("combination_element").text();
    CtrSource source;
    if (kind == "cat_feature_value") {
      source.feature = part.at("cat_feature_index").integer(0, INT32_MAX);
    } else if (kind == "float_feature") {
      source.kind = CtrSource::Kind::kBorder;
      source.feature = part.at("float_feature_index").integer(0, INT32_MAX);
      source.border = static_cast<float>(part.at("border").number());
    } else if (kind == "cat_feature_exact_value") {
      source.kind = CtrSource::Kind::kExact;
      source.feature = part.at("cat_feature_index").integer(0, INT32_MAX);
      source.hash = static_cast<int32_t>(part.at("value").integer(INT32_MIN, UINT32_MAX));
    } else {
      part.broken("expected a category or a border");
    }
    out.push_back(source);
  }
  if (out.empty()) elements.broken("expected at least one element");
  return out;
}

bool parse_key(const std::string& text, uint64_t* out) {
  if (text.empty() || text.size() > 20) return false;
  unsigned __int128 value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  *out = static_cast<uint64_t>(value);
  return value <= kNoKey;
}

}  // namespace

bool CtrTable::contains(uint64_t key) const {
  return std::binary_search(keys.begin(), keys.end(), key);
}

CatboostCtrs::CatboostCtrs(const DocumentPart& document) : source_(document.source()) {
  const DocumentPart info = document.at("features_info");
  if (!info.has("ctrs") || info.at("ctrs").value().is_null()) return;
  const DocumentPart list = info.at("ctrs");
  for (size_t i = 0; i < list.size(); ++i) {
    const DocumentPart part = list.item(i);
    const std::string identifier = part.at("identifier").text();
    if (by_identifier_.find(identifier) == by_identifier_.end()) {
      read_table(document.at("ctr_data").at(identifier), identifier);
      tables_.back().sources = read_sources(part.at("elements"));
    }
    ctrs_.push_back(read_ctr(part));
  }
}

void CatboostCtrs::read_table(const DocumentPart& data, const std::string& identifier) {
  CtrTable table;
  const DocumentPart map = data.at("hash_map");
  const auto stride = static_cast<size_t>(data.at("hash_stride").integer(2, 1 << 20));
  const size_t size = map.value().is_null() ? 0 : map.size();
  if (size % stride != 0) map.broken("the table's length does not fit its stride");
  table.stride = stride - 1;
  if (data.has("counter_denominator")) table.denominator = data.at("counter_denominator").number();
  std::vector<uint64_t> keys;
  std::vector<double> counts;
  for (size_t i = 0; i < size; i += stride) {
    uint64_t key = 0;
    if (!parse_key(map.item(i).text(), &key)) map.broken("expected a key of 64 bits");
    keys.push_back(key);
    for (size_t k = 1; k < stride; ++k) counts.push_back(map.item(i + k).number());
  }
  std::vector<size_t> order(keys.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return keys[a] < keys[b]; });
  for (const size_t i : order) {
    if (keys[i] == kNoKey) continue;
    if (!table.keys.empty() && table.keys.back() == keys[i]) map.broken("a key is there twice");
    table.keys.push_back(keys[i]);
    const auto first = counts.begin() + static_cast<int64_t>(i * table.stride);
    table.counts.insert(table.counts.end(), first, first + static_cast<int64_t>(table.stride));
  }
  by_identifier_[identifier] = tables_.size();
  tables_.push_back(std::move(table));
}

CatboostCtrs::Ctr CatboostCtrs::read_ctr(const DocumentPart& part) {
  Ctr out;
  out.table = by_identifier_.at(part.at("identifier").text());
  const std::string type = part.at("ctr_type").text();
  const size_t stride = tables_[out.table].stride;
  if (type == "Borders") {
    out.kind = Kind::kBorders;
  } else if (type == "Buckets") {
    out.kind = Kind::kBuckets;
  } else if (type == "BinarizedTargetMeanValue" || type == "FloatTargetMeanValue") {
    out.kind = Kind::kMean;
  } else if (type == "Counter" || type == "FeatureFreq") {
    out.kind = Kind::kCounter;
  } else {
    source_.unsupported("target statistics of kind \"" + type + "\"");
  }
  const size_t least = out.kind == Kind::kCounter ? 1 : 2;
  if (stride < least || (out.kind == Kind::kMean && stride != 2))
    part.broken("the table does not fit the kind of statistic");
  out.prior = static_cast<float>(part.at("prior_numerator").number());
  out.prior_weight = static_cast<float>(part.at("prior_denomerator").number());
  out.shift = static_cast<float>(part.at("shift").number());
  out.scale = static_cast<float>(part.at("scale").number());
  if (part.has("target_border_idx"))
    out.target_border = part.at("target_border_idx").integer(0, static_cast<int64_t>(stride) - 1);
  out.borders = part.at("borders").numbers();
  out.first_border = borders_;
  borders_ += static_cast<int64_t>(out.borders.size());
  return out;
}

int CatboostCtrs::find_border(int64_t index, double border) const {
  for (size_t i = 0; i < ctrs_.size(); ++i) {
    const Ctr& ctr = ctrs_[i];
    const int64_t at = index - ctr.first_border;
    if (at < 0 || at >= static_cast<int64_t>(ctr.borders.size())) continue;
    return static_cast<float>(ctr.borders[at]) == static_cast<float>(border) ? static_cast<int>(i)
                                                                             : -1;
  }
  return -1;
}

HashSets CatboostCtrs::find_hashes(const std::set<int32_t>& known) const {
  HashSets own;            // of features with a table of their own
  std::set<int64_t> rest;  // features of combinations alone
  for (const CtrTable& table : tables_) {
    for (const CtrSource& source : table.sources)
      if (source.kind == CtrSource::Kind::kCategory) rest.insert(source.feature);
    if (table.sources.size() != 1 || table.sources[0].kind != CtrSource::Kind::kCategory) continue;
    std::set<int32_t>& found = own[table.sources[0].feature];
    size_t keys = 0;
    for (const int32_t hash : known) {
      if (!table.contains(add_to_key(0, CtrSource::part_of(hash)))) continue;
      found.insert(hash);
      ++keys;
    }
    if (keys != table.keys.size()) source_.unsupported(kNoText);
  }
  for (const auto& [feature, hashes] : own) rest.erase(feature);
  HashSets combined;
  std::set<int64_t> open;  // features of tables with too many combinations
  size_t budget = kMostCombinations;
  for (const CtrTable& table : tables_) {
    if (table.sources.size() == 1 || find_combinations(table, own, known, budget, combined))
      continue;
    for (const CtrSource& source : table.sources) open.insert(source.feature);
  }
  size_t copies = 0;
  for (const int64_t feature : rest) {
    const bool all = open.find(feature) != open.end();
    if (all && (copies += known.size()) > source_.bytes)
      source_.unsupported("more categories than memory should hold");
    own[feature] = all ? known : combined[feature];
  }
  return own;
}

bool CatboostCtrs::find_combinations(const CtrTable& table, const HashSets& own,
                                     const std::set<int32_t>& known, size_t& budget,
                                     HashSets& found) const {
  std::vector<std::vector<int32_t>> choices;
  size_t total = 1;
  for (const CtrSource& source : table.sources) {
    if (source.kind == CtrSource::Kind::kCategory) {
      const auto hashes = own.find(source.feature);
      const std::set<int32_t>& set = hashes != own.end() ? hashes->second : known;
      choices.emplace_back(set.begin(), set.end());
    } else {
      choices.push_back({0, 1});
    }
    if (choices.back().empty()) return true;
    if (choices.back().size() > budget / total) return false;
    total *= choices.back().size();
  }
  budget -= total;
  std::set<uint64_t> seen;
  for (size_t number = 0; number < total; ++number) {
    uint64_t key = 0;
    size_t rest = number;
    for (const std::vector<int32_t>& choice : choices) {
      key = add_to_key(key, CtrSource::part_of(choice[rest % choice.size()]));
      rest /= choice.size();
    }
    if (!table.contains(key)) continue;
    seen.insert(key);
    rest = number;
    for (size_t i = 0; i < choices.size(); ++i) {
      if (table.sources[i].kind == CtrSource::Kind::kCategory)
        found[table.sources[i].feature].insert(choices[i][rest % choices[i].size()]);
      rest /= choices[i].size();
    }
  }
  if (seen.size() != table.keys.size()) source_.unsupported(kNoText);
  return true;
}

double CatboostCtrs::Ctr::value(double good, double total) const {
  const float mean =
      (static_cast<float>(good) + prior) / (static_cast<float>(total) + prior_weight);
  return (mean + shift) * scale;
}

void CatboostCtrs::compute(int ctr, std::vector<double>* values, double* fallback) const {
  const Ctr& c = ctrs_[ctr];
  const CtrTable& table = tables_[c.table];
  const auto counter = c.kind == Kind::kCounter;
  *fallback = c.value(0, counter ? table.denominator : 0);
  values->clear();
  for (size_t i = 0; i < table.keys.size(); ++i) {
    const double* counts = &table.counts[i * table.stride];
    const auto target = static_cast<size_t>(c.target_border);
    double good = counts[0];
    double total = table.denominator;
    if (c.kind == Kind::kMean) {
      total = counts[1];
    } else if (!counter) {
      total = std::accumulate(counts, counts + table.stride, 0.0);
      good = c.kind == Kind::kBuckets ? counts[target]
             : table.stride == 2 ? counts[1]
                                 : std::accumulate(counts + target + 1, counts + table.stride, 0.0);
    }
    values->push_back(c.value(good, total));
  }
  for (double& value : *values)
    if (!std::isfinite(value)) value = *fallback;
  if (!std::isfinite(*fallback)) source_.broken("a statistic is not finite");
}

}  // namespace cne::gbdt
