#include <algorithm>

#include "tensor/fused_layout.h"

namespace cne::tensor {

namespace {

using Kind = FusedKernel::Kind;

/// Whether an operation takes more than a few instructions.
bool is_costly(const FusedKernel::Step& step) {
  if (step.kind != Kind::kOp) return false;
  const auto op = static_cast<ElementOp>(step.op);
  if (is_complex(step.element)) return true;
  if ((op >= ElementOp::kSqrt && op <= ElementOp::kDigamma) ||
      (op >= ElementOp::kFloorDivide && op <= ElementOp::kHypot))
    return true;
  return op == ElementOp::kDivide || op == ElementOp::kLogAddExp || op == ElementOp::kNextAfter ||
         op == ElementOp::kPolygamma;
}

}  // namespace

Uniform find_uniform(const FusedKernel& kernel) {
  Uniform out;
  std::vector<uint8_t>& is_uniform = out.registers;
  is_uniform.resize(kernel.registers.size(), 0);
  for (const FusedKernel::Input& input : kernel.inputs)
    if (input.is_uniform) is_uniform[static_cast<size_t>(input.reg)] = 1;
  // A step of a row may come before the whole one that it reads.
  for (bool is_new = true; is_new;) {
    is_new = false;
    for (size_t i = 0; i < kernel.steps.size(); ++i) {
      const FusedKernel::Step& step = kernel.steps[i];
      bool all = step.kind != Kind::kReduce && is_uniform[static_cast<size_t>(step.out)] == 0;
      for (const int in : step.in)
        all = all && (in < 0 || is_uniform[static_cast<size_t>(in)] != 0);
      if (!all) continue;
      is_uniform[static_cast<size_t>(step.out)] = 1;
      out.steps.push_back(static_cast<int>(i));
      is_new = true;
    }
  }
  return out;
}

Held find_held(const FusedKernel& kernel) {
  const size_t count = kernel.registers.size();
  const Uniform uniform = find_uniform(kernel);
  Held out;
  out.registers.assign(count, 0);
  std::vector<int> set(count, -1);  // the phase in which, and the last one that reads it
  std::vector<int> read(count, -1);
  for (int phase = 0; phase < kernel.phases; ++phase) {
    std::vector<uint8_t> needed(count, 0);
    for (size_t i = kernel.steps.size(); i-- > 0;) {
      const FusedKernel::Step& step = kernel.steps[i];
      const auto to = static_cast<size_t>(step.out);
      const bool folds = step.kind == Kind::kReduce;
      if ((!folds && kernel.registers[to].is_row) || uniform.registers[to] != 0) continue;
      const bool again = !folds && step.phase < phase && needed[to] != 0;
      if (again && is_costly(step)) {
        out.registers[to] = 1;
        set[to] = step.phase;
        read[to] = phase;
      } else if (again || step.phase == phase) {
        for (const int in : step.in)
          if (in >= 0) needed[static_cast<size_t>(in)] = 1;
      }
    }
    for (const FusedKernel::Input& input : kernel.inputs) {
      const auto at = static_cast<size_t>(input.reg);
      if (needed[at] == 0 || kernel.registers[at].is_row || input.is_uniform) continue;
      if (set[at] < 0) set[at] = phase;
      if (set[at] < phase) out.registers[at] = 1;
      read[at] = phase;
    }
  }
  for (int phase = 1; phase < kernel.phases; ++phase) {
    int64_t bytes = 0;
    for (size_t i = 0; i < count; ++i)
      if (out.registers[i] != 0 && set[i] < phase && read[i] >= phase)
        bytes += static_cast<int64_t>(std::max<size_t>(4, size_of(kernel.registers[i].element)));
    out.bytes = std::max(out.bytes, bytes);
  }
  return out;
}

}  // namespace cne::tensor
