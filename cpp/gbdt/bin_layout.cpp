#include "gbdt/bin_layout.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/parallel.h"

namespace cne::gbdt {

namespace {

constexpr int64_t kSampleRows = 2048;

}  // namespace

/// Row number i of the sample is i * all / sample.
void LayoutSample::add(const FeatureColumn& column, int64_t begin, int64_t count, int64_t all) {
  if (count == 0) return;
  const int64_t sample = std::min(all, kSampleRows);
  const auto first_from = [&](int64_t row) { return (row * sample + all - 1) / all; };
  const int64_t first = first_from(begin);
  const int64_t last = first_from(begin + count);
  if (!column.sparse || column.stored >= last - first) {
    for (int64_t i = first; i < last; ++i) values_.push_back(column[i * all / sample - begin]);
    return;
  }
  zeros_ += last - first;
  for (int64_t k = 0; k < column.stored; ++k) {
    const int64_t row = begin + column.rows[k];
    if (first_from(row) * all / sample != row) continue;
    values_.push_back(column.value(k));
    --zeros_;
  }
}

void LayoutSample::write(ModelWriter& out) const {
  out.put_all(values_);
  out.put(zeros_);
}

void LayoutSample::merge(ModelReader& from) {
  const auto values = from.get_all<double>();
  values_.insert(values_.end(), values.begin(), values.end());
  zeros_ += from.get<int64_t>();
}

FeatureLayout LayoutSample::layout(const FeatureBins& bins, bool has_missing) const {
  std::array<int64_t, 256> counts{};
  for (const double value : values_) ++counts[bins.bin_of(value)];
  counts[bins.bin_of(0)] += zeros_;
  const auto most = std::max_element(counts.begin(), counts.end());
  FeatureLayout out;
  out.keep = bins.count() > 1 || (bins.count() == 1 && has_missing);
  out.common = static_cast<uint8_t>(most - counts.begin());
  out.share = static_cast<double>(*most) /
              static_cast<double>(std::max<int64_t>(1, zeros_ + std::ssize(values_)));
  return out;
}

bool any_missing(const FeatureColumn& column, int64_t rows) {
  if (!column.may_be_missing()) return false;
  for (int64_t k = 0; k < column.values(rows); ++k)
    if (std::isnan(column.value(k))) return true;
  return false;
}

std::vector<FeatureLayout> find_layouts(const FeatureMatrix& x,
                                        const std::vector<FeatureBins>& bins) {
  std::vector<FeatureLayout> out(bins.size());
  parallel_tasks(x.width(), [&](int64_t f, int) {
    LayoutSample sample;
    sample.add(x.columns[f], 0, x.rows, x.rows);
    out[f] = sample.layout(bins[f], bins[f].count() == 1 && any_missing(x.columns[f], x.rows));
  });
  return out;
}

}  // namespace cne::gbdt
