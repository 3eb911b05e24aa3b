#include "gbdt/bin_sample.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/hash.h"
#include "core/parallel.h"
#include "gbdt/feature_tile.h"
#include "gbdt/radix_sort.h"

namespace cne::gbdt {

namespace {

std::vector<int32_t> choose_sample(const std::vector<int32_t>& rows, int64_t sample,
                                   uint64_t seed) {
  const auto n = static_cast<int64_t>(rows.size());
  if (n <= sample) return rows;
  std::vector<int32_t> out(static_cast<size_t>(sample));
  for (int64_t i = 0; i < sample; ++i) {
    const auto begin = static_cast<int64_t>(static_cast<__int128>(i) * n / sample);
    const auto end = static_cast<int64_t>(static_cast<__int128>(i + 1) * n / sample);
    const uint64_t random = hash_u64(seed * 0x9e3779b97f4a7c15ULL + static_cast<uint64_t>(i) + 1);
    out[i] = rows[begin + static_cast<int64_t>(random % static_cast<uint64_t>(end - begin))];
  }
  return out;
}

/// The part of some ascending rows that lies in [begin, end).
struct Part {
  const int32_t* rows;
  int64_t count;
};
Part part_of(const std::vector<int32_t>& rows, int64_t begin, int64_t end) {
  const auto first = std::lower_bound(rows.begin(), rows.end(), begin);
  const auto last = std::lower_bound(first, rows.end(), end);
  return {rows.data() + (first - rows.begin()), last - first};
}

template <typename T>
void add_numbers(FeatureSample& sample, T* values, int64_t count) {
  sample.add(values, std::remove_if(values, values + count, [](T v) { return v != v; }) - values);
}

/// Dense numeric features, side by side.
template <typename T>
void add_tile(const FeatureMatrix& x, int64_t begin, const Part& part,
              const std::vector<int>& features, int first, FeatureSample* samples) {
  if (features.empty()) return;
  thread_local FeatureTile<T> tile;
  for (int64_t at = 0; at < part.count; at += kTileRows) {
    const auto count = static_cast<int>(std::min<int64_t>(kTileRows, part.count - at));
    read_tile(x, features.data(), static_cast<int>(features.size()),
              {-begin, count, part.rows + at}, tile);
    for (size_t j = 0; j < features.size(); ++j)
      add_numbers(samples[features[j] - first], tile[j].data(), count);
  }
}

/// The sampled ones among the stored values of a sparse feature; the rest of the sample is 0.
void add_sparse(const FeatureColumn& column, int64_t begin, const SampledRows& rows,
                const Part& part, FeatureSample& sample) {
  std::array<double, kTileRows> values;
  const FeatureColumn stored{column.data, column.type, column.step};
  int64_t zeros = part.count;
  for (int64_t at = 0; at < column.stored; at += kTileRows) {
    const int64_t count = std::min<int64_t>(kTileRows, column.stored - at);
    read_column(stored, at, count, values.data());
    int64_t kept = 0;
    for (int64_t i = 0; i < count; ++i)
      if (rows.is_sampled(begin + column.rows[at + i])) values[kept++] = values[i];
    zeros -= kept;
    add_numbers(sample, values.data(), kept);
  }
  sample.add_zeros(zeros);
}

void add_categories(const FeatureColumn& column, int64_t begin, const SampledRows& rows,
                    const Part& part, CategoryCounts& counts) {
  if (!column.sparse) {
    for (int64_t i = 0; i < part.count; ++i) counts.add(column[part.rows[i] - begin], 1);
    return;
  }
  int64_t zeros = part.count;
  for (int64_t k = 0; k < column.stored; ++k) {
    if (!rows.is_counted(begin + column.rows[k])) continue;
    counts.add(column.value(k), 1);
    --zeros;
  }
  counts.add(0, zeros);
}

}  // namespace

SampledRows::SampledRows(int64_t rows, const std::vector<int32_t>& counted, int64_t sample,
                         uint64_t seed)
    : counted_(counted), sample_(choose_sample(counted, sample, seed)), marks_(rows) {
  for (const int32_t row : counted_) marks_[row] = kCounted;
  for (const int32_t row : sample_) marks_[row] |= kSampled;
}

void FeatureSample::add(const float* numbers, int64_t count) {
  if (wide_) {
    doubles_.insert(doubles_.end(), numbers, numbers + count);
    return;
  }
  if (singles_.empty()) singles_.reserve(expected_);
  singles_.insert(singles_.end(), numbers, numbers + count);
}

void FeatureSample::add(const double* numbers, int64_t count) {
  wide_ = true;
  if (doubles_.empty()) doubles_.reserve(expected_);
  doubles_.insert(doubles_.end(), singles_.begin(), singles_.end());
  singles_ = {};
  doubles_.insert(doubles_.end(), numbers, numbers + count);
}

void FeatureSample::write(ModelWriter& out) const {
  out.put_all(singles_);
  out.put_all(doubles_);
  out.put(zeros_);
  const std::vector<std::pair<double, int64_t>> counts = categories_.all();
  out.put(static_cast<uint32_t>(counts.size()));
  for (const auto& [category, times] : counts) {
    out.put(category);
    out.put(times);
  }
}

void FeatureSample::merge(ModelReader& from) {
  const auto singles = from.get_all<float>();
  add(singles.data(), std::ssize(singles));
  const auto doubles = from.get_all<double>();
  if (!doubles.empty()) add(doubles.data(), std::ssize(doubles));
  zeros_ += from.get<int64_t>();
  for (uint32_t left = from.get_count(16); left > 0; --left) {
    const auto category = from.get<double>();
    categories_.add(category, from.get<int64_t>());
  }
}

FeatureBins FeatureSample::take_bins(int max_bins) {
  if (categorical_) return std::exchange(categories_, {}).bins();
  if (!wide_) {
    radix_sort(singles_);
    doubles_.assign(singles_.begin(), singles_.end());
    singles_ = {};
  } else {
    radix_sort(doubles_);
  }
  const std::vector<double> sorted = std::exchange(doubles_, {});
  return numeric_bins(sorted, zeros_, max_bins);
}

void add_to_samples(const FeatureMatrix& x, int64_t begin, const SampledRows& rows, int first,
                    int last, FeatureSample* samples) {
  const Part counted = part_of(rows.counted(), begin, begin + x.rows);
  const Part sample = part_of(rows.sample(), begin, begin + x.rows);
  std::vector<int> singles;
  std::vector<int> doubles;
  for (int f = first; f < last; ++f) {
    const FeatureColumn& column = x.columns[f];
    if (samples[f - first].categorical())
      add_categories(column, begin, rows, counted, samples[f - first].categories());
    else if (column.sparse)
      add_sparse(column, begin, rows, sample, samples[f - first]);
    else
      (column.fits_float32() ? singles : doubles).push_back(f);
  }
  for (const std::vector<int>& dense : {singles, doubles})
    for (const int f : dense) samples[f - first].expect(rows.sample().size());
  add_tile<float>(x, begin, sample, singles, first, samples);
  add_tile<double>(x, begin, sample, doubles, first, samples);
}

std::vector<FeatureBins> find_bins(const FeatureMatrix& x, const SampledRows& rows,
                                   const std::vector<uint8_t>& categorical, int max_bins) {
  std::vector<FeatureBins> out(x.columns.size());
  // Features side by side: a matrix stored by rows is read a cache line at a time.
  const int64_t tiles = (x.width() + kTileFeatures - 1) / kTileFeatures;
  parallel_tasks(tiles, [&](int64_t tile, int) {
    const int first = static_cast<int>(tile) * kTileFeatures;
    const int last = std::min(first + kTileFeatures, x.width());
    std::vector<FeatureSample> samples;
    for (int f = first; f < last; ++f) samples.emplace_back(categorical[f] != 0);
    add_to_samples(x, 0, rows, first, last, samples.data());
    for (int f = first; f < last; ++f) out[f] = samples[f - first].take_bins(max_bins);
  });
  return out;
}

}  // namespace cne::gbdt
