// cuBLASLt on the CPU, for tests alone: what cublas_lt opens, in the memory and the queue of the
// driver that fake_cuda.cpp plays. It refuses what the library's documentation does: other sizes of
// attributes, leading dimensions that are too small, shapes that do not fit, pairs of types that
// are not in its table, int8 that is not transposed on the left or no multiple of 4, addresses that
// are less aligned than was said, an algorithm of another product, too little workspace.

#include <complex>
#include <cstdint>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "fake_cuda.h"
#include "tensor/half.h"

namespace {

using cne::tensor::BFloat16;
using cne::tensor::Half;

constexpr int kNotInitialized = 1, kInvalid = 7, kNotSupported = 15;
constexpr int kCompute32F = 68, kComputeTf32 = 77, kCompute64F = 70, kCompute32I = 72;
constexpr uint32_t kDefault = 1, kBias = 4;
constexpr size_t kWorkspace = 1024;  // of all algorithms, where that much is allowed

struct Layout {
  int32_t type;
  uint64_t rows, columns;
  int64_t lead;
  int32_t batch = 1;
  int64_t stride = 0;
};
struct Operation {
  int32_t compute, scale;
  int32_t transposes[2] = {0, 0};
  uint32_t epilogue = kDefault;
  const void* bias = nullptr;
};
struct Preference {
  uint64_t workspace = 0;
  uint32_t reductions = 7;
  uint32_t alignments[4] = {256, 256, 256, 256};
};
struct Algorithm {
  uint64_t of;  // which product
  uint32_t alignments[4];
  uint64_t bias_alignment;
  uint64_t workspace;
  uint64_t rest[3];
};
struct Choice {
  Algorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

int next_status = 0;
int handle_of_all = 0;

size_t width_of(int type) {
  const std::map<int, size_t> widths = {{0, 4}, {1, 8},  {2, 2},  {3, 1},
                                        {4, 8}, {5, 16}, {10, 4}, {14, 2}};
  return widths.at(type);
}

/// The table of types in the documentation of cublasLtMatmul, as far as it is used.
bool has_types(const Operation& of, int a, int b, int c) {
  const int32_t rows[][5] = {
      {kCompute32F, 0, 2, 2, 0},  {kCompute32F, 0, 14, 14, 0}, {kCompute32F, 0, 0, 0, 0},
      {kComputeTf32, 0, 0, 0, 0}, {kCompute64F, 1, 1, 1, 0},   {kCompute32F, 4, 4, 4, 1},
      {kComputeTf32, 4, 4, 4, 1}, {kCompute64F, 5, 5, 5, 1},   {kCompute32I, 10, 3, 10, 1}};
  for (const auto& row : rows)
    if (of.compute == row[0] && of.scale == row[1] && a == row[2] && b == row[2] && c == row[3])
      return of.epilogue == kDefault || row[4] == 0;
  return false;
}

uint64_t hash_of(const Operation& of, const Layout& a, const Layout& b, const Layout& c) {
  uint64_t out = 1469598103934665603u;
  const auto mix = [&out](uint64_t value) { out = (out ^ value) * 1099511628211u; };
  for (const uint64_t each : {uint64_t(of.compute), uint64_t(of.scale), uint64_t(of.transposes[0]),
                              uint64_t(of.transposes[1]), uint64_t(of.epilogue)})
    mix(each);
  for (const Layout* each : {&a, &b, &c})
    for (const uint64_t value :
         {uint64_t(each->type), each->rows, each->columns, uint64_t(each->lead),
          uint64_t(each->batch), uint64_t(each->stride)})
      mix(value);
  return out;
}

struct Shape {
  int64_t m, n, k;
};

/// 0 where the matrices fit.
int check(const Operation& of, const Layout& a, const Layout& b, const Layout& c, Shape& shape) {
  for (const Layout* each : {&a, &b, &c})
    if (each->rows == 0 || each->columns == 0 || each->lead < int64_t(each->rows) ||
        each->batch != c.batch || each->batch < 1)
      return kInvalid;
  const bool ta = of.transposes[0] != 0, tb = of.transposes[1] != 0;
  shape = {int64_t(c.rows), int64_t(c.columns), int64_t(ta ? a.rows : a.columns)};
  if (int64_t(ta ? a.columns : a.rows) != shape.m || int64_t(tb ? b.rows : b.columns) != shape.n ||
      int64_t(tb ? b.columns : b.rows) != shape.k)
    return kInvalid;
  if (c.batch > 1 && c.stride < c.lead * int64_t(c.columns - 1) + int64_t(c.rows)) return kInvalid;
  if (!has_types(of, a.type, b.type, c.type)) return kNotSupported;
  if (of.epilogue == kBias && of.bias == nullptr) return kInvalid;
  if (of.compute != kCompute32I) return 0;
  const bool fits = ta && !tb && shape.m % 4 == 0 && shape.k % 4 == 0 && a.lead % 4 == 0 &&
                    b.lead % 4 == 0 && c.lead % 4 == 0;
  return fits ? 0 : kNotSupported;
}

/// Bytes from the first element of a matrix to the last one.
size_t reach(const Layout& of) {
  return size_t((int64_t(of.columns) - 1) * of.lead + int64_t(of.rows) +
                (of.batch - 1) * of.stride) *
         width_of(of.type);
}

template <typename Sum>
Sum wide(Half x) {
  return cne::tensor::to_float(x);
}
template <typename Sum>
Sum wide(BFloat16 x) {
  return cne::tensor::to_float(x);
}
template <typename Sum, typename T>
Sum wide(T x) {
  return Sum(x);
}
template <typename T, typename Sum>
T narrow(Sum x) {
  if constexpr (std::is_same_v<T, Half>)
    return cne::tensor::to_half(x);
  else if constexpr (std::is_same_v<T, BFloat16>)
    return cne::tensor::to_bfloat16(x);
  else
    return x;
}
float tf32(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  bits = (bits + 0xfff + ((bits >> 13) & 1)) & ~uint32_t{0x1fff};
  std::memcpy(&x, &bits, 4);
  return x;
}

template <typename In, typename Out, typename Sum>
void multiply(const Operation& of, const Layout& la, const Layout& lb, const Layout& lc, Shape s,
              const In* a, const In* b, Out* c) {
  const auto at = [](const Layout& l, bool turned, int64_t i, int64_t j) {
    return turned ? j + i * l.lead : i + j * l.lead;
  };
  for (int64_t batch = 0; batch < lc.batch; ++batch)
    for (int64_t i = 0; i < s.m; ++i)
      for (int64_t j = 0; j < s.n; ++j) {
        Sum sum{};
        for (int64_t l = 0; l < s.k; ++l) {
          Sum x = wide<Sum>(a[batch * la.stride + at(la, of.transposes[0] != 0, i, l)]);
          Sum y = wide<Sum>(b[batch * lb.stride + at(lb, of.transposes[1] != 0, l, j)]);
          if constexpr (std::is_same_v<Sum, float>)
            if (of.compute == kComputeTf32) x = tf32(x), y = tf32(y);
          sum += x * y;
        }
        if (of.epilogue == kBias) sum += wide<Sum>(static_cast<const Out*>(of.bias)[i]);
        c[batch * lc.stride + i + j * lc.lead] = narrow<Out>(sum);
      }
}

template <typename T>
int set(T& to, const void* from, size_t bytes) {
  if (from == nullptr || bytes != sizeof to) return kInvalid;
  std::memcpy(&to, from, bytes);
  return 0;
}

uint64_t alignment_of(const void* address) {
  const uint64_t bits = reinterpret_cast<uint64_t>(address) | 256;
  return bits & (~bits + 1);
}

}  // namespace

extern "C" {

/// What the next product gives.
void fake_cublas_fail(int status) { next_status = status; }

size_t cublasLtGetVersion() { return 130001; }
const char* cublasLtGetStatusName(int status) {
  return status == 13   ? "CUBLAS_STATUS_EXECUTION_FAILED"
         : status == 15 ? "CUBLAS_STATUS_NOT_SUPPORTED"
                        : "CUBLAS_STATUS_INVALID_VALUE";
}
int cublasLtCreate(void** handle) {
  if (!fake::has_context()) return kNotInitialized;
  return *handle = &handle_of_all, 0;
}
int cublasLtMatmulDescCreate(void** out, int compute, int scale) {
  return *out = new Operation{compute, scale}, 0;
}
int cublasLtMatmulDescDestroy(void* of) { return delete static_cast<Operation*>(of), 0; }
int cublasLtMatmulDescSetAttribute(void* of, int what, const void* from, size_t bytes) {
  auto& to = *static_cast<Operation*>(of);
  if (what == 3 || what == 4) return set(to.transposes[what - 3], from, bytes);
  return what == 7   ? set(to.epilogue, from, bytes)
         : what == 8 ? set(to.bias, from, bytes)
                     : kInvalid;
}
int cublasLtMatrixLayoutCreate(void** out, int type, uint64_t rows, uint64_t columns,
                               int64_t lead) {
  return *out = new Layout{type, rows, columns, lead}, 0;
}
int cublasLtMatrixLayoutDestroy(void* of) { return delete static_cast<Layout*>(of), 0; }
int cublasLtMatrixLayoutSetAttribute(void* of, int what, const void* from, size_t bytes) {
  auto& to = *static_cast<Layout*>(of);
  return what == 5   ? set(to.batch, from, bytes)
         : what == 6 ? set(to.stride, from, bytes)
                     : kInvalid;
}
int cublasLtMatmulPreferenceCreate(void** out) { return *out = new Preference, 0; }
int cublasLtMatmulPreferenceDestroy(void* of) { return delete static_cast<Preference*>(of), 0; }
int cublasLtMatmulPreferenceSetAttribute(void* of, int what, const void* from, size_t bytes) {
  auto& to = *static_cast<Preference*>(of);
  if (what >= 5 && what <= 8) return set(to.alignments[what - 5], from, bytes);
  return what == 1   ? set(to.workspace, from, bytes)
         : what == 3 ? set(to.reductions, from, bytes)
                     : kInvalid;
}

int cublasLtMatmulAlgoGetHeuristic(void* handle, void* operation, void* a, void* b, void* c,
                                   void* d, void* preference, int asked, void* out, int* count) {
  if (handle != &handle_of_all) return kNotInitialized;
  const auto& of = *static_cast<Operation*>(operation);
  const auto& la = *static_cast<Layout*>(a);
  const auto& lb = *static_cast<Layout*>(b);
  const auto& lc = *static_cast<Layout*>(c);
  const auto& prefer = *static_cast<Preference*>(preference);
  if (asked < 1 || c != d) return kInvalid;
  Shape shape;
  if (const int status = check(of, la, lb, lc, shape); status != 0) return status;
  for (int i = 0; i < 4; ++i) {
    const Layout& layout = i == 0 ? la : i == 1 ? lb : lc;
    if (prefer.alignments[i] % width_of(layout.type) != 0) return kInvalid;
    if (of.compute == kCompute32I && prefer.alignments[i] % 4 != 0) return kNotSupported;
  }
  // Narrow sums are asked for in the type they are computed in.
  if (width_of(lc.type) == 2 && prefer.reductions != 2) return kInvalid;
  Choice choice{};
  choice.workspace = prefer.workspace >= kWorkspace ? kWorkspace : 0;
  choice.algorithm.of = hash_of(of, la, lb, lc);
  std::memcpy(choice.algorithm.alignments, prefer.alignments, sizeof prefer.alignments);
  choice.algorithm.bias_alignment = alignment_of(of.bias);
  choice.algorithm.workspace = choice.workspace;
  std::memcpy(out, &choice, sizeof choice);
  fake::count(fake::kChoices);
  return *count = 1, 0;
}

int cublasLtMatmul(void* handle, void* operation, const void* alpha, const void* a, void* adesc,
                   const void* b, void* bdesc, const void* beta, const void* c, void* cdesc,
                   void* d, void* ddesc, const void* algorithm, void* workspace, size_t bytes,
                   void* stream) {
  if (next_status != 0) return std::exchange(next_status, 0);
  if (handle != &handle_of_all || !fake::has_context()) return kNotInitialized;
  const Operation of = *static_cast<Operation*>(operation);
  const Layout la = *static_cast<Layout*>(adesc);
  const Layout lb = *static_cast<Layout*>(bdesc);
  const Layout lc = *static_cast<Layout*>(ddesc);
  const auto& by = *static_cast<const Algorithm*>(algorithm);
  Shape shape;
  if (const int status = check(of, la, lb, lc, shape); status != 0) return status;
  if (cdesc != ddesc || c != d || by.of != hash_of(of, la, lb, lc) || bytes < by.workspace ||
      stream == nullptr)
    return kInvalid;
  const void* addresses[] = {a, b, c, d};
  for (int i = 0; i < 4; ++i)
    if (alignment_of(addresses[i]) < by.alignments[i]) return kInvalid;
  const auto is_valid = [=] {
    return fake::holds(a, reach(la)) && fake::holds(b, reach(lb)) && fake::holds(d, reach(lc)) &&
           (bytes == 0 || fake::holds(workspace, bytes)) &&
           (of.epilogue != kBias || fake::holds(of.bias, size_t(shape.m) * width_of(lc.type)));
  };
  if (of.epilogue == kBias && alignment_of(of.bias) < by.bias_alignment) return kInvalid;
  const std::vector<char> nothing(width_of(of.scale), 0);
  if (std::memcmp(beta, nothing.data(), nothing.size()) != 0) return kInvalid;
  const bool is_one = of.scale == 0    ? *static_cast<const float*>(alpha) == 1
                      : of.scale == 1  ? *static_cast<const double*>(alpha) == 1
                      : of.scale == 10 ? *static_cast<const int32_t*>(alpha) == 1
                      : of.scale == 4  ? *static_cast<const std::complex<float>*>(alpha) == 1.0f
                                       : *static_cast<const std::complex<double>*>(alpha) == 1.0;
  if (!is_one) return kInvalid;
  fake::count(fake::kProducts);
  const int status = fake::enqueue(stream, is_valid, [=] {
    const auto run = [&](auto in, auto out, auto sum) {
      using In = decltype(in);
      using Out = decltype(out);
      multiply<In, Out, decltype(sum)>(of, la, lb, lc, shape, static_cast<const In*>(a),
                                       static_cast<const In*>(b), static_cast<Out*>(d));
    };
    switch (la.type) {
      case 0:
        return run(float{}, float{}, float{});
      case 1:
        return run(double{}, double{}, double{});
      case 2:
        return run(Half{}, Half{}, float{});
      case 3:
        return run(int8_t{}, int32_t{}, int32_t{});
      case 4:
        return run(std::complex<float>{}, std::complex<float>{}, std::complex<float>{});
      case 5:
        return run(std::complex<double>{}, std::complex<double>{}, std::complex<double>{});
      default:
        return run(BFloat16{}, BFloat16{}, float{});
    }
  });
  return status == 0 ? 0 : 13;
}

}  // extern "C"
