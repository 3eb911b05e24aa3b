#include "tensor/cuda_gemm.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/error.h"
#include "tensor/cublas_lt.h"

namespace cne::tensor {

namespace {

// As <cublasLt.h>, <cublas_api.h> and <library_types.h> number them.
constexpr int kCompute32F = 68;     // CUBLAS_COMPUTE_32F: no TF32, whatever the device
constexpr int kComputeTf32 = 77;    // ..._32F_FAST_TF32
constexpr int kCompute64F = 70;     // ..._64F
constexpr int kCompute32I = 72;     // ..._32I
constexpr int kReal32I = 10;        // CUDA_R_32I
constexpr int kTransposeA = 3;      // CUBLASLT_MATMUL_DESC_TRANSA
constexpr int kTransposeB = 4;      // ..._TRANSB
constexpr int kEpilogue = 7;        // ..._EPILOGUE
constexpr int kBiasPointer = 8;     // ..._BIAS_POINTER
constexpr uint32_t kAddBias = 4;    // CUBLASLT_EPILOGUE_BIAS
constexpr int kBatchCount = 5;      // CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT
constexpr int kBatchStride = 6;     // ..._STRIDED_BATCH_OFFSET
constexpr int kMostWorkspace = 1;   // CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES
constexpr int kReductions = 3;      // ..._REDUCTION_SCHEME_MASK
constexpr int kAlignmentOfA = 5;    // ..._MIN_ALIGNMENT_A_BYTES; of B, C, D the next ones
constexpr uint32_t kByCompute = 2;  // CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE
constexpr int kArchMismatch = 8;    // CUBLAS_STATUS_ARCH_MISMATCH
constexpr int kNotSupported = 15;   // CUBLAS_STATUS_NOT_SUPPORTED

/// What NVIDIA advises for the newest devices.
constexpr uint64_t kWorkspace = uint64_t{32} << 20;
constexpr uintptr_t kAlignment = 256;
constexpr size_t kMostPlans = 4096;
constexpr int64_t kMostExtent = (int64_t{1} << 31) - 1;
/// Sums of so many products of int8 fit into int32.
constexpr int64_t kMostInt8 = int64_t{1} << 16;

std::atomic<bool> is_tf32{false};
std::mutex lock;

struct Types {
  int data;
  int compute;
  int scale;
};

Types types_of(Element element) {
  const int compute = is_tf32 ? kComputeTf32 : kCompute32F;
  switch (element) {
    case Element::kFloat16:
      return {2, kCompute32F, 0};
    case Element::kBFloat16:
      return {14, kCompute32F, 0};
    case Element::kFloat32:
      return {0, compute, 0};
    case Element::kFloat64:
      return {1, kCompute64F, 1};
    case Element::kComplex64:
      return {4, compute, 4};
    case Element::kComplex128:
      return {5, kCompute64F, 5};
    case Element::kInt8:
      return {3, kCompute32I, kReal32I};
    default:
      return {-1, 0, 0};
  }
}

int64_t alignment_of(const void* address) {
  const auto bits = reinterpret_cast<uintptr_t>(address) | kAlignment;
  return static_cast<int64_t>(bits & (~bits + 1));
}

std::string described(const CudaGemm& of) {
  const auto matrix = [&](int64_t rows, int64_t columns) {
    return message(name_of(of.element), "[", rows, ", ", columns, "]");
  };
  return message(of.batch == 1 ? "" : message(of.batch, " products of "), matrix(of.m, of.k),
                 " and ", matrix(of.k, of.n), of.bias == nullptr ? "" : " with a bias");
}

void check(const CublasLt& library, const CudaGemm& of, int status, const char* what) {
  if (status == 0) return;
  const char* const name = library.status_name(status);
  throw DeviceError(message("matmul: cuBLASLt gives ", name == nullptr ? "an error" : name, " (",
                            status, ") to ", what, ", for ", described(of)));
}

/// What the library calls a descriptor.
using Descriptor = std::unique_ptr<void, int (*)(void*)>;

/// How the library makes products of one kind.
struct Plan {
  const CublasLt& library;
  Descriptor operation{nullptr, nullptr};
  Descriptor a{nullptr, nullptr};
  Descriptor b{nullptr, nullptr};
  Descriptor out{nullptr, nullptr};
  CublasLt::Algorithm algorithm{};
  size_t workspace = 0;
  bool is_there = false;
};

template <typename T>
void set(const CublasLt& library, const CudaGemm& of,
         int (*setter)(void*, int, const void*, size_t), const Descriptor& to, int attribute,
         T value) {
  check(library, of, setter(to.get(), attribute, &value, sizeof value), "set an attribute");
}

/// A matrix as one that lies column by column: its transpose where it lies row by row.
Descriptor layout(const CublasLt& library, const CudaGemm& of, int data, int64_t rows,
                  int64_t columns, int64_t lead, int64_t step) {
  void* made = nullptr;
  check(library, of,
        library.create_layout(&made, data, static_cast<uint64_t>(rows),
                              static_cast<uint64_t>(columns), lead),
        "make a layout");
  Descriptor out(made, library.destroy_layout);
  if (of.batch > 1) {
    set(library, of, library.set_layout, out, kBatchCount, static_cast<int32_t>(of.batch));
    set(library, of, library.set_layout, out, kBatchStride, step);
  }
  return out;
}

/// Of what lies row by row the library sees the transpose, and gives that of the result: b a.
void describe(Plan& plan, const CudaGemm& of) {
  const CublasLt& library = plan.library;
  const Types types = types_of(of.element);
  void* made = nullptr;
  check(library, of, library.create_operation(&made, types.compute, types.scale),
        "make an operation");
  plan.operation = Descriptor(made, library.destroy_operation);
  const auto set_operation = [&](int attribute, auto value) {
    set(library, of, library.set_operation, plan.operation, attribute, value);
  };
  set_operation(kTransposeA, int32_t{of.b.layout.is_transposed});
  set_operation(kTransposeB, int32_t{of.a.layout.is_transposed});
  if (of.bias != nullptr) {
    set_operation(kEpilogue, kAddBias);
    set_operation(kBiasPointer, static_cast<const void*>(of.bias));
  }
  const auto side = [&](const CudaGemm::Side& each, int64_t rows, int64_t columns) {
    if (!each.layout.is_transposed) std::swap(rows, columns);
    return layout(library, of, types.data, rows, columns, each.layout.leading, each.step);
  };
  plan.a = side(of.b, of.k, of.n);
  plan.b = side(of.a, of.m, of.k);
  const int result = of.element == Element::kInt8 ? kReal32I : types.data;
  plan.out = layout(library, of, result, of.n, of.m, of.n, of.out_step);
}

void choose(Plan& plan, const CudaGemm& of, void* handle) {
  const CublasLt& library = plan.library;
  void* made = nullptr;
  check(library, of, library.create_preference(&made), "make a preference");
  const Descriptor preference(made, library.destroy_preference);
  const auto prefer = [&](int attribute, auto value) {
    set(library, of, library.set_preference, preference, attribute, value);
  };
  prefer(kMostWorkspace, kWorkspace);
  // Parts of sums are never rounded to a narrow type.
  if (size_of(of.element) == 2) prefer(kReductions, kByCompute);
  const void* const addresses[] = {of.b.address, of.a.address, of.out, of.out};
  for (int i = 0; i < 4; ++i)
    prefer(kAlignmentOfA + i, static_cast<uint32_t>(alignment_of(addresses[i])));
  CublasLt::Choice choice{};
  int count = 0;
  const int status =
      library.choose(handle, plan.operation.get(), plan.a.get(), plan.b.get(), plan.out.get(),
                     plan.out.get(), preference.get(), 1, &choice, &count);
  if (status == kNotSupported || status == kArchMismatch) return;
  check(library, of, status, "choose an algorithm");
  if (count == 0 || choice.state != 0) return;
  plan.algorithm = choice.algorithm;
  plan.workspace = choice.workspace;
  plan.is_there = true;
}

/// All that a plan depends on.
std::string key_of(CudaDevice& on, const CudaGemm& of) {
  const int64_t numbers[] = {cublas_generation(),
                             cuda_driver_generation(),
                             on.index(),
                             static_cast<int64_t>(of.element),
                             is_tf32 ? 1 : 0,
                             of.m,
                             of.n,
                             of.k,
                             of.batch,
                             of.a.layout.is_transposed ? 1 : 0,
                             of.a.layout.leading,
                             of.a.step,
                             alignment_of(of.a.address),
                             of.b.layout.is_transposed ? 1 : 0,
                             of.b.layout.leading,
                             of.b.step,
                             alignment_of(of.b.address),
                             of.out_step,
                             alignment_of(of.out),
                             of.bias == nullptr ? 0 : alignment_of(of.bias)};
  return {reinterpret_cast<const char*>(numbers), sizeof numbers};
}

/// One for each device and library, never given back; null where the library refuses the device.
void* handle_of(const CublasLt& library, int device) {
  static auto& kept = *new std::map<std::pair<const CublasLt*, std::pair<int, int>>, void*>();
  const auto [found, is_new] = kept.try_emplace({&library, {cuda_driver_generation(), device}});
  if (is_new && library.create(&found->second) != 0) found->second = nullptr;
  return found->second;
}

Plan& plan_of(CudaDevice& on, const CudaGemm& of, void* handle) {
  static auto& kept = *new std::unordered_map<std::string, std::unique_ptr<Plan>>();
  std::string key = key_of(on, of);
  if (const auto found = kept.find(key); found != kept.end()) return *found->second;
  auto made = std::make_unique<Plan>(Plan{cublas_lt()});
  describe(*made, of);
  choose(*made, of, handle);
  if (kept.size() >= kMostPlans) kept.clear();
  return *kept.emplace(std::move(key), std::move(made)).first->second;
}

int multiply(const Plan& plan, const CudaGemm& of, void* handle, void* workspace, void* stream) {
  const float one[] = {1, 0};
  const double wide_one[] = {1, 0};
  const int32_t whole_one = 1;
  const double nothing[] = {0, 0};
  const Element real = real_of(of.element);
  const void* const alpha = of.element == Element::kInt8 ? &whole_one
                            : real == Element::kFloat64  ? static_cast<const void*>(wide_one)
                                                         : one;
  return plan.library.multiply(handle, plan.operation.get(), alpha, of.b.address, plan.a.get(),
                               of.a.address, plan.b.get(), nothing, of.out, plan.out.get(), of.out,
                               plan.out.get(), &plan.algorithm, workspace, plan.workspace, stream);
}

}  // namespace

Element gemm_result(Element element) {
  return element == Element::kInt8 ? Element::kInt32 : element;
}

bool has_cuda_gemm(Element element) { return types_of(element).data >= 0 && cublas_lt().is_there; }

bool takes_int8(const CudaGemm& of) {
  if (of.a.layout.is_transposed || !of.b.layout.is_transposed || of.k > kMostInt8) return false;
  for (const int64_t each :
       {of.n, of.k, int64_t{of.a.layout.leading}, int64_t{of.b.layout.leading}, of.a.step,
        of.b.step, of.out_step, alignment_of(of.a.address), alignment_of(of.b.address)})
    if (each % 4 != 0) return false;
  return true;
}

bool run_gemm(CudaDevice& on, const CudaGemm& of) {
  if (std::max({of.m, of.n, of.k, of.batch}) > kMostExtent) return false;
  const CublasLt& library = cublas_lt();
  bool is_done = false;
  on.in_context([&](void* stream) {
    const std::lock_guard<std::mutex> held(lock);
    void* const handle = handle_of(library, on.index());
    if (handle == nullptr) return;
    Plan& plan = plan_of(on, of, handle);
    if (!plan.is_there) return;
    // The descriptor of a plan has the place of another bias.
    if (of.bias != nullptr)
      set(library, of, library.set_operation, plan.operation, kBiasPointer,
          static_cast<const void*>(of.bias));
    const Buffer workspace = plan.workspace == 0 ? Buffer() : on.allocate(plan.workspace);
    const int status = multiply(plan, of, handle, const_cast<uint8_t*>(workspace.data()), stream);
    plan.is_there = status != kNotSupported;
    if (!plan.is_there) return;
    check(library, of, status, "multiply");
    is_done = true;
  });
  return is_done;
}

bool set_tf32(bool is_on) {
  const std::lock_guard<std::mutex> held(lock);  // a plan is all of one kind
  return is_tf32.exchange(is_on);
}

}  // namespace cne::tensor
