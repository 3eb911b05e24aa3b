#pragma once

#include "../cuda/tensor/fused.cuh"

// What kernels that order elements are made of: places of extremes, merges of sorted runs, running
// sums (cpp/tensor/cuda_order, cuda_cumulative).

namespace cne::tensor {

template <typename T>
inline bool is_any_nan(T value) {
  if constexpr (IsComplex<T>::value)
    return value.real() != value.real() || value.imag() != value.imag();
  else
    return load(value) != load(value);
}

/// The order of sort (tensor/sort.h): NaNs behind all numbers in both directions.
template <bool kDescending, typename T>
inline bool goes_before(T a, T b) {
  if (is_any_nan(b)) return !is_any_nan(a);
  if (is_any_nan(a)) return false;
  if constexpr (IsComplex<T>::value) {
    if (a.real() != b.real()) return (a.real() < b.real()) != kDescending;
    return kDescending ? a.imag() > b.imag() : a.imag() < b.imag();
  } else {
    return kDescending ? load(a) > load(b) : load(a) < load(b);
  }
}

/// Where element i of a row belongs in its run of `run` elements, by how many of these go before.
template <bool kDescending, typename T>
inline int64_t place_in_run(const T* row, int64_t i, int64_t length, int64_t run) {
  const int64_t begin = i / run * run;
  const int64_t end = begin + run < length ? begin + run : length;
  int64_t to = begin;
  for (int64_t k = begin; k < end; ++k)
    to += goes_before<kDescending>(row[k], row[i]) ||
                  (k < i && !goes_before<kDescending>(row[i], row[k]))
              ? 1
              : 0;
  return to;
}

/// Where element i of a row goes when every two sorted runs of `run` elements become one: behind
/// those of the other run that go before it. Of equal ones those of the first run come first.
template <bool kDescending, typename T>
inline int64_t place_in_merge(const T* row, int64_t i, int64_t length, int64_t run) {
  const int64_t pair = i / (2 * run) * (2 * run);
  const int64_t middle = pair + run < length ? pair + run : length;
  const bool is_second = i >= middle;
  const int64_t begin = is_second ? pair : middle;
  int64_t low = begin;
  int64_t high = is_second ? middle : (middle + run < length ? middle + run : length);
  const T own = row[i];
  while (low < high) {
    const int64_t half = low + (high - low) / 2;
    const bool is_before = is_second ? !goes_before<kDescending>(own, row[half])
                                     : goes_before<kDescending>(row[half], own);
    if (is_before)
      low = half + 1;
    else
      high = half;
  }
  return i + (low - begin) - (is_second ? middle - pair : 0);
}

/// How many of a sorted row, whose elements are `apart`, go before a value, or are equal to it, too
/// (kRight): the steps of the CPU, so rows that are not sorted give the same places as well.
template <bool kRight, typename T>
inline int64_t place_among(const T* row, int64_t length, int64_t apart, T value) {
  const auto is_behind = [=](int64_t i) {
    return kRight ? !goes_before<false>(value, row[i * apart])
                  : goes_before<false>(row[i * apart], value);
  };
  if (length == 0) return 0;
  int64_t first = 0;
  for (int64_t left = length; left > 1; left -= left / 2) {
    const int64_t half = left / 2;
    if (is_behind(first + half - 1)) first += half;
  }
  return first + (is_behind(first) ? 1 : 0);
}

/// Whether two of sorted elements are one: 0 and -0, no NaN and another one.
template <typename T>
inline bool is_same(T a, T b) {
  if constexpr (IsComplex<T>::value)
    return a == b;
  else
    return load(a) == load(b);
}

/// Whether a at place p wins over b at place q: a NaN over numbers, the first of equal ones.
template <bool kLargest, typename T>
inline bool is_more_extreme(T a, int64_t p, T b, int64_t q) {
  const bool is_first = p < q;
  if (a != a || b != b) return a != a && (b == b || is_first);
  if (a == b) return is_first;
  return kLargest ? a > b : a < b;
}

/// places[r] = the place of the extreme of row r. A block does a row after the other: each thread
/// its part, then all together in shared memory.
template <bool kLargest, int kThreads, typename T>
inline void find_extremes(const T* rows, int64_t* places, int64_t count, int64_t length) {
  using Number = decltype(load(T()));
  __shared__ Number values[kThreads];
  __shared__ int64_t at[kThreads];
  const int t = threadIdx.x;
  for (int64_t row = blockIdx.x; row < count; row += gridDim.x) {
    const T* const from = rows + row * length;
    int64_t place = t < length ? t : 0;
    Number best = load(from[place]);
    for (int64_t i = t + kThreads; i < length; i += kThreads) {
      const Number value = load(from[i]);
      if (!is_more_extreme<kLargest>(value, i, best, place)) continue;
      best = value;
      place = i;
    }
    values[t] = best;
    at[t] = place;
    __syncthreads();
    for (int by = kThreads / 2; by > 0; by /= 2) {
      if (t < by && is_more_extreme<kLargest>(values[t + by], at[t + by], values[t], at[t])) {
        values[t] = values[t + by];
        at[t] = at[t + by];
      }
      __syncthreads();
    }
    if (t == 0) places[row] = at[0];
    __syncthreads();
  }
}

/// Running results along rows: to[i] = join(to[i - 1], from[i]), backwards from the last one. A
/// block does a row after the other, kEach elements of each thread at a time; what threads carry
/// on is put together in their order, so a sum of what is not negative does not become smaller.
template <typename Op, typename Total, bool kReverse, int kThreads, typename From, typename To>
inline void run_along(const From* rows, To* out, int64_t count, int64_t length) {
  constexpr int kEach = 8;
  __shared__ Total before[kThreads];
  __shared__ Total carried;
  const int t = threadIdx.x;
  for (int64_t row = blockIdx.x; row < count; row += gridDim.x) {
    const From* const from = rows + row * length;
    To* const to = out + row * length;
    if (t == 0) carried = Op::template start<Total>();
    for (int64_t tile = 0; tile < length; tile += kThreads * kEach) {
      const int64_t begin = tile + t * kEach;
      const int64_t end = begin + kEach < length ? begin + kEach : length;
      Total own = Op::template start<Total>();
      for (int64_t i = begin; i < end; ++i)
        own = Op::join(own, cast_to<Total>(from[kReverse ? length - 1 - i : i]));
      before[t] = own;
      __syncthreads();
      if (t == 0) {
        Total all = carried;
        for (int k = 0; k < kThreads; ++k) {
          const Total mine = before[k];
          before[k] = all;
          all = Op::join(all, mine);
        }
        carried = all;
      }
      __syncthreads();
      const Total first = before[t];
      Total running = Op::template start<Total>();
      for (int64_t i = begin; i < end; ++i) {
        const int64_t place = kReverse ? length - 1 - i : i;
        running = Op::join(running, cast_to<Total>(from[place]));
        to[place] = cast_to<To>(Op::join(first, running));
      }
      __syncthreads();
    }
  }
}

/// h[i] = a[i] h[i - 1] + b[i] along rows, backwards from the last one, as run_along does it: what
/// threads carry on is how much of what comes before is kept, and what is added.
template <typename Total, bool kReverse, int kThreads, typename T>
inline void recur_along(const T* factors, const T* added, T* out, int64_t count, int64_t length) {
  constexpr int kEach = 8;
  __shared__ Total kept[kThreads];
  __shared__ Total sums[kThreads];
  __shared__ Total carried;
  const int t = threadIdx.x;
  for (int64_t row = blockIdx.x; row < count; row += gridDim.x) {
    const T* const a = factors + row * length;
    const T* const b = added + row * length;
    if (t == 0) carried = Total(0);
    for (int64_t tile = 0; tile < length; tile += kThreads * kEach) {
      const int64_t begin = tile + t * kEach;
      const int64_t end = begin + kEach < length ? begin + kEach : length;
      Total keep = Total(1);
      Total sum = Total(0);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t place = kReverse ? length - 1 - i : i;
        const Total factor = cast_to<Total>(a[place]);
        keep = op_multiply(factor, keep);
        sum = op_add(op_multiply(factor, sum), cast_to<Total>(b[place]));
      }
      kept[t] = keep;
      sums[t] = sum;
      __syncthreads();
      if (t == 0) {
        Total running = carried;
        for (int k = 0; k < kThreads; ++k) {
          const Total before = running;
          running = op_add(op_multiply(kept[k], running), sums[k]);
          sums[k] = before;
        }
        carried = running;
      }
      __syncthreads();
      Total running = sums[t];
      for (int64_t i = begin; i < end; ++i) {
        const int64_t place = kReverse ? length - 1 - i : i;
        running = op_add(op_multiply(cast_to<Total>(a[place]), running), cast_to<Total>(b[place]));
        out[row * length + place] = cast_to<T>(running);
      }
      __syncthreads();
    }
  }
}

struct LogAddExp {
  template <typename A>
  static A start() {
    return -std::numeric_limits<A>::infinity();
  }
  template <typename A>
  static A join(A a, A b) {
    return op_logaddexp(a, b);
  }
};

}  // namespace cne::tensor
