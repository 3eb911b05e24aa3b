#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "gbdt/bin_search.h"
#include "gbdt/radix_sort.h"

using namespace cne::gbdt;

namespace {

FeatureBins random_bins(std::mt19937& rng, int count) {
  FeatureBins bins;
  std::normal_distribution<double> normal;
  for (int i = 0; i + 1 < count; ++i) bins.bounds.push_back(normal(rng));
  std::sort(bins.bounds.begin(), bins.bounds.end());
  bins.bounds.push_back(std::numeric_limits<double>::infinity());
  return bins;
}

}  // namespace

TEST_CASE("bins of many values are those of one value at a time") {
  std::mt19937 rng(3);
  std::normal_distribution<double> normal;
  for (const int count : {1, 2, 3, 16, 254, 255}) {
    const FeatureBins bins = random_bins(rng, count);
    const BinSearch search(bins);
    for (const int n : {1, 7, kSearchRows}) {
      double wide[kSearchRows];
      float narrow[kSearchRows];
      uint8_t got[kSearchRows];
      for (int i = 0; i < n; ++i) {
        wide[i] = i % 3 == 0 ? bins.bounds[rng() % bins.bounds.size()] : normal(rng);
        if (i % 11 == 5) wide[i] = std::nan("");
        if (i % 13 == 6) wide[i] = -std::numeric_limits<double>::infinity();
        narrow[i] = static_cast<float>(wide[i]);
      }
      search.find(wide, n, got);
      for (int i = 0; i < n; ++i) CHECK(got[i] == bins.bin_of(wide[i]));
      search.find(narrow, n, got);
      for (int i = 0; i < n; ++i) CHECK(got[i] == bins.bin_of(static_cast<double>(narrow[i])));
    }
  }
}

TEST_CASE("categories are found where they are, and nothing else is") {
  std::mt19937 rng(6);
  FeatureBins bins;
  bins.categorical = true;
  bins.bounds = {-3, 0, 0.1, 2, 7, 1e9, std::numeric_limits<double>::infinity()};
  const BinSearch search(bins);
  for (const double value : {-3.0, -2.0, 0.0, -0.0, 0.1, 0.5, 2.0, 7.0, 8.0, 1e9, 1e10,
                             std::numeric_limits<double>::infinity(), std::nan("")}) {
    uint8_t got = 0;
    search.find(&value, 1, &got);
    CHECK(got == bins.bin_of(value));
    const auto narrow = static_cast<float>(value);
    search.find(&narrow, 1, &got);
    CHECK(got == bins.bin_of(static_cast<double>(narrow)));
  }
}

TEST_CASE("radix sort is a sort") {
  std::mt19937 rng(4);
  std::normal_distribution<double> normal;
  for (const size_t n : {0, 1, 255, 256, 5000}) {
    std::vector<double> wide(n);
    std::vector<float> narrow(n);
    for (size_t i = 0; i < n; ++i) {
      wide[i] = i % 5 == 0 ? 0.0 : std::ldexp(normal(rng), static_cast<int>(rng() % 600) - 300);
      narrow[i] = static_cast<float>(std::round(normal(rng) * 8));
    }
    if (n > 9) wide[7] = std::numeric_limits<double>::infinity(), wide[8] = -wide[7];
    std::vector<double> wide_sorted = wide;
    std::vector<float> narrow_sorted = narrow;
    std::sort(wide_sorted.begin(), wide_sorted.end());
    std::sort(narrow_sorted.begin(), narrow_sorted.end());
    radix_sort(wide);
    radix_sort(narrow);
    CHECK(wide == wide_sorted);
    CHECK(narrow == narrow_sorted);
  }
}
