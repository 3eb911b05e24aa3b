#include "tensor/fft_rows.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "core/buffer.h"
#include "core/simd.h"
#include "tensor/fft_cache.h"
#include "tensor/fft_lanes.h"
#include "tensor/pieces.h"

namespace cne::tensor {

namespace {

/// Numbers that one thread takes at a time.
constexpr int64_t kGrain = 1 << 15;
/// Lines up to this length are transformed as they are; longer ones would leave the second cache.
constexpr int64_t kLongestLine = 2048;
/// Shorter lines are not worth a matrix, even if there are fewer than lanes.
constexpr int64_t kShortestMatrix = 256;

/// Where the lanes of a block lie: lines with these first elements.
struct Places {
  int count = 0;
  int64_t first[kFftLanes<float>] = {};
  bool is_contiguous = false;
};

template <int kLanes>
Places places_of(const FftLines& lines, int64_t line) {
  Places out;
  out.count = static_cast<int>(std::min<int64_t>(kLanes, lines.outer * lines.inner - line));
  for (int lane = 0; lane < out.count; ++lane) {
    const int64_t at = line + lane;
    out.first[lane] = at / lines.inner * lines.length * lines.inner + at % lines.inner;
  }
  out.is_contiguous = out.first[out.count - 1] - out.first[0] == out.count - 1;
  return out;
}

/// Lanes of numbers into their real and imaginary parts; the lanes beyond are 0.
template <typename T>
[[gnu::always_inline]] inline void load(const T* in, const Places& places, int64_t step, int64_t n,
                                        T* re, T* im) {
  constexpr int kLanes = kFftLanes<T>;
  if (places.is_contiguous && places.count == kLanes) {
    for (int64_t j = 0; j < n; ++j) {
      const T* const from = in + 2 * (places.first[0] + j * step);
      for (int lane = 0; lane < kLanes; ++lane) {
        re[j * kLanes + lane] = from[2 * lane];
        im[j * kLanes + lane] = from[2 * lane + 1];
      }
    }
    return;
  }
  if (places.count < kLanes) {
    std::fill_n(re, n * kLanes, T{0});
    std::fill_n(im, n * kLanes, T{0});
  }
  // In squares, so that every line of the cache is used whole.
  for (int64_t begin = 0; begin < n; begin += kLanes) {
    const int64_t end = std::min(n, begin + kLanes);
    for (int lane = 0; lane < places.count; ++lane) {
      const T* const from = in + 2 * places.first[lane];
      for (int64_t j = begin; j < end; ++j) {
        re[j * kLanes + lane] = from[2 * j * step];
        im[j * kLanes + lane] = from[2 * j * step + 1];
      }
    }
  }
}

template <typename T>
[[gnu::always_inline]] inline void store(const T* re, const T* im, T scale, const Places& places,
                                         int64_t step, int64_t n, T* out) {
  constexpr int kLanes = kFftLanes<T>;
  if (places.is_contiguous && places.count == kLanes) {
    for (int64_t j = 0; j < n; ++j) {
      T* const to = out + 2 * (places.first[0] + j * step);
      for (int lane = 0; lane < kLanes; ++lane) {
        to[2 * lane] = scale * re[j * kLanes + lane];
        to[2 * lane + 1] = scale * im[j * kLanes + lane];
      }
    }
    return;
  }
  for (int64_t begin = 0; begin < n; begin += kLanes) {
    const int64_t end = std::min(n, begin + kLanes);
    for (int lane = 0; lane < places.count; ++lane) {
      T* const to = out + 2 * places.first[lane];
      for (int64_t j = begin; j < end; ++j) {
        to[2 * j * step] = scale * re[j * kLanes + lane];
        to[2 * j * step + 1] = scale * im[j * kLanes + lane];
      }
    }
  }
}

CNE_MULTIVERSION void load_lanes(const float* in, const Places& places, int64_t step, int64_t n,
                                 float* re, float* im) {
  load(in, places, step, n, re, im);
}
CNE_MULTIVERSION void load_lanes(const double* in, const Places& places, int64_t step, int64_t n,
                                 double* re, double* im) {
  load(in, places, step, n, re, im);
}
CNE_MULTIVERSION void store_lanes(const float* re, const float* im, float scale,
                                  const Places& places, int64_t step, int64_t n, float* out) {
  store(re, im, scale, places, step, n, out);
}
CNE_MULTIVERSION void store_lanes(const double* re, const double* im, double scale,
                                  const Places& places, int64_t step, int64_t n, double* out) {
  store(re, im, scale, places, step, n, out);
}

/// Vectors, aligned as they have to be.
template <typename T>
class LaneMemory {
 public:
  explicit LaneMemory(int64_t count)
      : buffer_(Buffer::allocate(static_cast<size_t>(count) * sizeof(FftLanes<T>))) {}
  FftLanes<T>* data() { return buffer_.template mutable_as<FftLanes<T>>(); }
  const FftLanes<T>* data() const { return buffer_.template as<FftLanes<T>>(); }

 private:
  Buffer buffer_;
};

/// Two blocks of a length, which a transform goes between.
template <typename T>
class Blocks {
 public:
  explicit Blocks(int64_t n)
      : memory_(4 * n),
        first{memory_.data(), memory_.data() + n},
        second{memory_.data() + 2 * n, memory_.data() + 3 * n} {}

 private:
  LaneMemory<T> memory_;

 public:
  const FftBlock<T> first;
  const FftBlock<T> second;
};

template <typename T>
T* flat(FftLanes<T>* lanes) {
  return reinterpret_cast<T*>(lanes);
}
template <typename T>
const T* flat(const FftLanes<T>* lanes) {
  return reinterpret_cast<const T*>(lanes);
}

/// Backward is forward with the parts exchanged, before and after.
template <typename T>
FftBlock<T> turned(FftBlock<T> block, bool is_backward) {
  if (is_backward) std::swap(block.re, block.im);
  return block;
}

/// Lines side by side in lanes.
template <typename T>
void transform_in_lanes(const FftLines& lines, bool is_backward, T scale, const T* in, T* out) {
  constexpr int kLanes = kFftLanes<T>;
  const auto plan = fft_plan<T>(lines.length);
  const int64_t n = lines.length;
  const int64_t blocks = (lines.outer * lines.inner + kLanes - 1) / kLanes;
  in_pieces(blocks, std::max<int64_t>(1, kGrain / (n * kLanes)), [&](int64_t begin, int64_t end) {
    const Blocks<T> work(n);
    for (int64_t block = begin; block < end; ++block) {
      const Places places = places_of<kLanes>(lines, block * kLanes);
      const FftBlock<T> x = turned(work.first, is_backward);
      load_lanes(in, places, lines.inner, n, flat<T>(x.re), flat<T>(x.im));
      const FftBlock<T> y = turned(transform_lanes(*plan, work.first, work.second), is_backward);
      store_lanes(flat<T>(y.re), flat<T>(y.im), scale, places, lines.inner, n, out);
    }
  });
}

/// exp(-2 pi i k / n) for any k below n by two short tables.
class Turns {
 public:
  explicit Turns(int64_t n) : n_(n) {
    for (int64_t k = 0; k < kFine; ++k) fine_.push_back(turn(k, n));
    for (int64_t k = 0; k < n; k += kFine) coarse_.push_back(turn(k, n));
  }
  Turn<double> operator()(int64_t k) const {
    k %= n_;
    const Turn<double> a = coarse_[static_cast<size_t>(k / kFine)];
    const Turn<double> b = fine_[static_cast<size_t>(k % kFine)];
    return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
  }

 private:
  static constexpr int64_t kFine = 1024;
  int64_t n_;
  std::vector<Turn<double>> fine_;
  std::vector<Turn<double>> coarse_;
};

/// One element of all lanes, turned by those of the lanes and another, into the same lane of
/// vectors one behind the other.
template <typename T>
[[gnu::always_inline]] inline void turn_lanes(const T* re, const T* im, const T* by_lane, Turn<T> w,
                                              int count, T* to_re, T* to_im) {
  constexpr int kLanes = kFftLanes<T>;
  T turned_re[kLanes];
  T turned_im[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    const T turn_re = by_lane[lane] * w.re - by_lane[kLanes + lane] * w.im;
    const T turn_im = by_lane[lane] * w.im + by_lane[kLanes + lane] * w.re;
    turned_re[lane] = re[lane] * turn_re - im[lane] * turn_im;
    turned_im[lane] = re[lane] * turn_im + im[lane] * turn_re;
  }
  for (int lane = 0; lane < count; ++lane) {
    to_re[lane * kLanes] = turned_re[lane];
    to_im[lane * kLanes] = turned_im[lane];
  }
}
CNE_MULTIVERSION void turn_and_spread(const float* re, const float* im, const float* by_lane,
                                      Turn<float> w, int count, float* to_re, float* to_im) {
  turn_lanes(re, im, by_lane, w, count, to_re, to_im);
}
CNE_MULTIVERSION void turn_and_spread(const double* re, const double* im, const double* by_lane,
                                      Turn<double> w, int count, double* to_re, double* to_im) {
  turn_lanes(re, im, by_lane, w, count, to_re, to_im);
}

/// The turns of a matrix: those of a row and the lanes apart. Made once.
template <typename T>
struct MatrixTurns {
  MatrixTurns(int64_t rows, int64_t columns) : turns(rows * columns), by_lane(2 * rows) {
    T* to = flat<T>(by_lane.data());
    for (int64_t row = 0; row < rows; ++row, to += 2 * kFftLanes<T>)
      for (int lane = 0; lane < kFftLanes<T>; ++lane) {
        const Turn<double> w = turns(row * lane);
        to[lane] = static_cast<T>(w.re);
        to[kFftLanes<T> + lane] = static_cast<T>(w.im);
      }
  }
  Turns turns;
  LaneMemory<T> by_lane;
};

/// A long line as a matrix of `rows` by `columns` elements: transforms of the columns, side by
/// side as they lie; a turn of each element; transforms of the rows, side by side too, of which the
/// results lie in order (Bailey, FFTs in external or hierarchical memory, 1990).
template <typename T>
class MatrixTransform {
 public:
  MatrixTransform(int64_t rows, int64_t columns, bool is_backward, T scale)
      : rows_(rows),
        columns_(columns),
        is_backward_(is_backward),
        scale_(scale),
        turns_(made_.get(rows * columns,
                         [&] { return std::make_shared<MatrixTurns<T>>(rows, columns); })),
        middle_(2 * row_blocks() * columns) {
    // The lanes beyond the last row are computed with too.
    if (rows % kLanes != 0)
      std::fill_n(flat<T>(middle(row_blocks() - 1).re), 2 * columns * kLanes, T{0});
  }

  void run(const T* in, T* out) {
    const auto column_plan = fft_plan<T>(rows_);
    in_pieces((columns_ + kLanes - 1) / kLanes, grain(rows_), [&](int64_t begin, int64_t end) {
      const Blocks<T> work(rows_);
      for (int64_t block = begin; block < end; ++block)
        transform_columns(*column_plan, work, in, block * kLanes);
    });
    const auto row_plan = fft_plan<T>(columns_);
    in_pieces(row_blocks(), grain(columns_), [&](int64_t begin, int64_t end) {
      const Blocks<T> work(columns_);
      for (int64_t block = begin; block < end; ++block) transform_rows(*row_plan, work, block, out);
    });
  }

 private:
  static constexpr int kLanes = kFftLanes<T>;
  static int64_t grain(int64_t n) { return std::max<int64_t>(1, kGrain / (n * kLanes)); }
  int64_t row_blocks() const { return (rows_ + kLanes - 1) / kLanes; }
  Places lanes_at(int64_t first, int64_t end) const {
    Places out;
    out.count = static_cast<int>(std::min<int64_t>(kLanes, end - first));
    for (int lane = 0; lane < out.count; ++lane) out.first[lane] = first + lane;
    out.is_contiguous = true;
    return out;
  }
  FftBlock<T> middle(int64_t block) {
    FftLanes<T>* const re = middle_.data() + 2 * block * columns_;
    return {re, re + columns_};
  }

  void transform_columns(const FftPlan<T>& plan, const Blocks<T>& work, const T* in,
                         int64_t column) {
    const Places places = lanes_at(column, columns_);
    const FftBlock<T> x = turned(work.first, is_backward_);
    load_lanes(in, places, columns_, rows_, flat<T>(x.re), flat<T>(x.im));
    const FftBlock<T> y = transform_lanes(plan, work.first, work.second);
    for (int64_t row = 0; row < rows_; ++row) {
      const Turn<double> first = turns_->turns(row * column);
      const FftBlock<T> to = middle(row / kLanes);
      turn_and_spread(
          flat<T>(y.re + row), flat<T>(y.im + row), flat<T>(turns_->by_lane.data() + 2 * row),
          {static_cast<T>(first.re), static_cast<T>(first.im)}, places.count,
          flat<T>(to.re + column) + row % kLanes, flat<T>(to.im + column) + row % kLanes);
    }
  }

  void transform_rows(const FftPlan<T>& plan, const Blocks<T>& work, int64_t block, T* out) {
    const Places places = lanes_at(block * kLanes, rows_);
    const FftBlock<T> y = turned(transform_lanes(plan, middle(block), work.first), is_backward_);
    store_lanes(flat<T>(y.re), flat<T>(y.im), scale_, places, rows_, columns_, out);
  }

  static inline FftCache<MatrixTurns<T>> made_;

  int64_t rows_;
  int64_t columns_;
  bool is_backward_;
  T scale_;
  std::shared_ptr<const MatrixTurns<T>> turns_;
  LaneMemory<T> middle_;
};

/// The largest divisor that is not above the root.
int64_t divisor_next_to_root(int64_t n) {
  auto divisor = static_cast<int64_t>(std::sqrt(static_cast<double>(n)) + 0.5);
  while (divisor > 1 && (n % divisor != 0 || divisor * divisor > n)) --divisor;
  return divisor;
}

template <typename T>
void transform(const FftLines& lines, bool is_backward, T scale, const T* in, T* out) {
  const bool are_few = lines.outer < kFftLanes<T> / 2 && lines.length >= kShortestMatrix;
  if (lines.inner == 1 && (lines.length > kLongestLine || are_few)) {
    const int64_t rows = divisor_next_to_root(lines.length);
    MatrixTransform<T> matrix(rows, lines.length / rows, is_backward, scale);
    for (int64_t line = 0; line < lines.outer; ++line)
      matrix.run(in + 2 * line * lines.length, out + 2 * line * lines.length);
  } else {
    transform_in_lanes(lines, is_backward, scale, in, out);
  }
}

}  // namespace

void transform_lines(const FftLines& lines, bool is_backward, float scale,
                     const std::complex<float>* in, std::complex<float>* out) {
  transform(lines, is_backward, scale, reinterpret_cast<const float*>(in),
            reinterpret_cast<float*>(out));
}
void transform_lines(const FftLines& lines, bool is_backward, double scale,
                     const std::complex<double>* in, std::complex<double>* out) {
  transform(lines, is_backward, scale, reinterpret_cast<const double*>(in),
            reinterpret_cast<double*>(out));
}

}  // namespace cne::tensor
