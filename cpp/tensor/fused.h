#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tensor/array.h"
#include "tensor/elementwise_op.h"
#include "tensor/reduce.h"

namespace cne::tensor {

/// Several operations of single elements, with reductions of rows between them, as one pass over
/// memory: a tile of elements goes through all of them while it lies in the first cache.
///
/// It runs over rows * columns places. Registers hold, for a block of rows, an element per place
/// ("whole") or one per row. A row's reduction ends a phase: what reads its result belongs to the
/// next one. Rows longer than a tile go through each phase in pieces; registers that live on into a
/// later phase then keep a row.
struct FusedKernel {
  enum class Kind : uint8_t {
    kOp,      // in[0], in[1], of which one may have an element per row beside a whole one
    kCast,    // in[0]
    kSelect,  // in[0] ? in[1] : in[2]
    kReduce,  // a whole register to one per row
    kExpand,  // one per row to a whole register
  };
  struct Register {
    Element element;
    bool is_row = false;
  };
  struct Step {
    Kind kind;
    uint8_t op = 0;                       // ElementOp or ReduceOp
    Element element = Element::kFloat32;  // that of the inputs; of kSelect that of both choices
    int in[3] = {-1, -1, -1};
    int out = -1;
    int phase = 0;
  };
  /// An array that is read: `axes` says for each of its axes which of the places' axes it is, or
  /// -1 for one of the extent 1.
  struct Input {
    int array;
    int reg;
    std::vector<int> axes;
    bool is_uniform = false;  // one element for all
  };
  struct Output {
    int reg;
    Type type;
  };

  Dims shape;        // of the places: the axes of rows, then those of columns
  int row_axes = 0;  // how many of them are rows
  std::vector<Register> registers;
  std::vector<Input> inputs;
  std::vector<Step> steps;  // in an order in which they may run
  std::vector<Output> outputs;
  int phases = 1;

  int64_t rows() const;
  int64_t columns() const;
};

struct FusedPlan;

/// The outputs of a kernel. The result does not depend on the number of threads.
std::vector<Array> run_fused(const FusedKernel& kernel, const FusedPlan& plan,
                             std::span<const Array> arrays);
/// The same; outputs take the memory of arrays that nobody else holds, where they lie alike.
std::vector<Array> run_fused(const FusedKernel& kernel, const FusedPlan& plan,
                             std::vector<Array>&& arrays);

/// A kernel that is run again and again, by one thread, on memory that stays where it is: each run
/// costs a few nanoseconds beside its steps. Kernel and plan must outlive it.
class FusedRun {
 public:
  /// `is_fixed` says of which arrays the elements stay what they are. The outputs have the types of
  /// the kernel's and share no memory with the arrays; each run writes them.
  FusedRun(const FusedKernel& kernel, const FusedPlan& plan, std::span<const Array> arrays,
           std::span<const uint8_t> is_fixed, std::vector<Array> outputs);
  FusedRun(FusedRun&&) noexcept;
  ~FusedRun();

  void run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cne::tensor
