#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace cne::tensor {

/// Real and imaginary part.
template <typename T>
struct Turn {
  T re;
  T im;
};

/// exp(-2 pi i k / n), each part correct to about a unit in the last place of float64.
Turn<double> turn(int64_t k, int64_t n);

/// How transforms of one length are made: as stages of Stockham's algorithm, whose results lie in
/// order without a permutation. A stage of the radix r takes r elements that lie far apart and puts
/// their transform side by side, each turned by a twiddle factor.
template <typename T>
struct FftPlan {
  struct Stage {
    int radix;
    int64_t groups;                 // p: what is left of the length behind this radix
    int64_t stride;                 // the product of the radices before
    std::vector<Turn<T>> twiddles;  // [p][k - 1]: of p k
    std::vector<Turn<T>> roots;     // of odd radices: of k
  };
  int64_t length = 1;
  std::vector<Stage> stages;
};

/// The largest prime factor that there is a stage for.
inline constexpr int kLargestRadix = 13;

/// Whether it has no larger prime factor.
bool is_smooth(int64_t length);
/// The next length of factors 2, 3 and 5 from there on.
int64_t next_smooth(int64_t length);

/// Of a smooth length, which is made once and kept. Thread-safe.
template <typename T>
std::shared_ptr<const FftPlan<T>> fft_plan(int64_t length);

}  // namespace cne::tensor
