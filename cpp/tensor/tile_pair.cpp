#include "tensor/tile_pair.h"

#include "core/simd.h"

namespace cne::tensor {

namespace {

/// An array, or one element for all.
template <typename T, bool kIsOne>
struct Operand {
  explicit Operand(const void* from) : at(static_cast<const T*>(from)), one(kIsOne ? *at : T{}) {}
  T operator[](int64_t i) const {
    if constexpr (kIsOne) return one;
    return at[i];
  }
  const T* at;
  T one;
};

using PairOp = TilePair::Op;

template <PairOp kOp, typename T>
[[gnu::always_inline]] inline T apply(T a, T b) {
  if constexpr (kOp == PairOp::kAdd) return a + b;
  if constexpr (kOp == PairOp::kSubtract) return a - b;
  if constexpr (kOp == PairOp::kSubtractFrom) return b - a;
  return a * b;
}

template <typename T, PairOp kFirst, PairOp kSecond, bool kBIsOne, bool kCIsOne>
[[gnu::always_inline]] inline void pair_loop(const void* const* in, void* out, int64_t n) {
  const T* a = static_cast<const T*>(in[0]);
  const Operand<T, kBIsOne> b(in[1]);
  const Operand<T, kCIsOne> c(in[2]);
  T* to = static_cast<T*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) to[i] = apply<kSecond>(apply<kFirst>(a[i], b[i]), c[i]);
}

template <typename T, PairOp kFirst, PairOp kSecond>
[[gnu::always_inline]] inline void pair_by_ones(int ones, const void* const* in, void* out,
                                                int64_t n) {
  switch (ones) {
    case 0:
      return pair_loop<T, kFirst, kSecond, false, false>(in, out, n);
    case 1:
      return pair_loop<T, kFirst, kSecond, true, false>(in, out, n);
    case 2:
      return pair_loop<T, kFirst, kSecond, false, true>(in, out, n);
    default:
      return pair_loop<T, kFirst, kSecond, true, true>(in, out, n);
  }
}

template <typename T, PairOp kFirst>
[[gnu::always_inline]] inline void pair_by_second(PairOp second, int ones, const void* const* in,
                                                  void* out, int64_t n) {
  switch (second) {
    case PairOp::kAdd:
      return pair_by_ones<T, kFirst, PairOp::kAdd>(ones, in, out, n);
    case PairOp::kSubtract:
      return pair_by_ones<T, kFirst, PairOp::kSubtract>(ones, in, out, n);
    case PairOp::kSubtractFrom:
      return pair_by_ones<T, kFirst, PairOp::kSubtractFrom>(ones, in, out, n);
    case PairOp::kMultiply:
      return pair_by_ones<T, kFirst, PairOp::kMultiply>(ones, in, out, n);
  }
}

template <typename T>
[[gnu::always_inline]] inline void pair(PairOp first, PairOp second, int ones,
                                        const void* const* in, void* out, int64_t n) {
  switch (first) {
    case PairOp::kAdd:
      return pair_by_second<T, PairOp::kAdd>(second, ones, in, out, n);
    case PairOp::kSubtract:
      return pair_by_second<T, PairOp::kSubtract>(second, ones, in, out, n);
    case PairOp::kSubtractFrom:
      return pair_by_second<T, PairOp::kSubtractFrom>(second, ones, in, out, n);
    case PairOp::kMultiply:
      return pair_by_second<T, PairOp::kMultiply>(second, ones, in, out, n);
  }
}

CNE_MULTIVERSION void pair_float32(PairOp first, PairOp second, int ones, const void* const* in,
                                   void* out, int64_t n) {
  pair<float>(first, second, ones, in, out, n);
}
CNE_MULTIVERSION void pair_float64(PairOp first, PairOp second, int ones, const void* const* in,
                                   void* out, int64_t n) {
  pair<double>(first, second, ones, in, out, n);
}

using ChoiceOp = TileChoice::Op;

template <ChoiceOp kOp, typename T>
[[gnu::always_inline]] inline bool compare(T a, T b) {
  if constexpr (kOp == ChoiceOp::kLess) return a < b;
  if constexpr (kOp == ChoiceOp::kLessEqual) return a <= b;
  if constexpr (kOp == ChoiceOp::kGreater) return a > b;
  return a >= b;
}

template <typename T, ChoiceOp kOp, int kOnes>
[[gnu::always_inline]] inline void choice_loop(const void* const* in, void* out, int64_t n) {
  const T* a = static_cast<const T*>(in[0]);
  const Operand<T, (kOnes & 1) != 0> b(in[1]);
  const Operand<T, (kOnes & 2) != 0> c(in[2]);
  const Operand<T, (kOnes & 4) != 0> d(in[3]);
  T* to = static_cast<T*>(out);
#pragma GCC ivdep
  for (int64_t i = 0; i < n; ++i) {
    const T yes = c[i];  // both are read, so that no branch is needed
    const T no = d[i];
    to[i] = compare<kOp>(a[i], b[i]) ? yes : no;
  }
}

template <typename T, ChoiceOp kOp>
[[gnu::always_inline]] inline void choice_by_ones(int ones, const void* const* in, void* out,
                                                  int64_t n) {
  switch (ones) {
    case 0:
      return choice_loop<T, kOp, 0>(in, out, n);
    case 1:
      return choice_loop<T, kOp, 1>(in, out, n);
    case 2:
      return choice_loop<T, kOp, 2>(in, out, n);
    case 3:
      return choice_loop<T, kOp, 3>(in, out, n);
    case 4:
      return choice_loop<T, kOp, 4>(in, out, n);
    case 5:
      return choice_loop<T, kOp, 5>(in, out, n);
    case 6:
      return choice_loop<T, kOp, 6>(in, out, n);
    default:
      return choice_loop<T, kOp, 7>(in, out, n);
  }
}

template <typename T>
[[gnu::always_inline]] inline void choice(ChoiceOp op, int ones, const void* const* in, void* out,
                                          int64_t n) {
  switch (op) {
    case ChoiceOp::kLess:
      return choice_by_ones<T, ChoiceOp::kLess>(ones, in, out, n);
    case ChoiceOp::kLessEqual:
      return choice_by_ones<T, ChoiceOp::kLessEqual>(ones, in, out, n);
    case ChoiceOp::kGreater:
      return choice_by_ones<T, ChoiceOp::kGreater>(ones, in, out, n);
    case ChoiceOp::kGreaterEqual:
      return choice_by_ones<T, ChoiceOp::kGreaterEqual>(ones, in, out, n);
  }
}

CNE_MULTIVERSION void choice_float32(ChoiceOp op, int ones, const void* const* in, void* out,
                                     int64_t n) {
  choice<float>(op, ones, in, out, n);
}
CNE_MULTIVERSION void choice_float64(ChoiceOp op, int ones, const void* const* in, void* out,
                                     int64_t n) {
  choice<double>(op, ones, in, out, n);
}

}  // namespace

std::optional<PairOp> TilePair::op_of(ElementOp op, bool is_second) {
  switch (op) {
    case ElementOp::kAdd:
      return Op::kAdd;
    case ElementOp::kMultiply:
      return Op::kMultiply;
    case ElementOp::kSubtract:
      return is_second ? Op::kSubtractFrom : Op::kSubtract;
    default:
      return std::nullopt;
  }
}

void TilePair::operator()(const void* const* in, void* out, int64_t n) const {
  if (element_ == Element::kFloat32)
    pair_float32(first_, second_, ones_, in, out, n);
  else
    pair_float64(first_, second_, ones_, in, out, n);
}

std::optional<ChoiceOp> TileChoice::op_of(ElementOp op, bool is_second) {
  switch (op) {
    case ElementOp::kLess:
      return is_second ? Op::kGreater : Op::kLess;
    case ElementOp::kLessEqual:
      return is_second ? Op::kGreaterEqual : Op::kLessEqual;
    case ElementOp::kGreater:
      return is_second ? Op::kLess : Op::kGreater;
    case ElementOp::kGreaterEqual:
      return is_second ? Op::kLessEqual : Op::kGreaterEqual;
    default:
      return std::nullopt;
  }
}

void TileChoice::operator()(const void* const* in, void* out, int64_t n) const {
  if (element_ == Element::kFloat32)
    choice_float32(op_, ones_, in, out, n);
  else
    choice_float64(op_, ones_, in, out, n);
}

}  // namespace cne::tensor
