#include <algorithm>

#include "tensor/elementwise_tile.h"
#include "tensor/fused.h"

namespace cne::tensor {

namespace {

using Kind = FusedKernel::Kind;

constexpr int64_t kLine = 64;

class Planner {
 public:
  Planner(const FusedKernel& kernel, FusedPlan& plan)
      : kernel_(kernel), plan_(plan), slots_(kernel.registers.size(), -1) {}

  void run() {
    plan_.rows = kernel_.rows();
    plan_.columns = kernel_.columns();
    plan_.is_long = plan_.columns > kTile;
    plan_.block_rows =
        plan_.is_long ? 1 : std::max<int64_t>(1, kTile / std::max<int64_t>(plan_.columns, 1));
    plan_.output_of.assign(slots_.size(), -1);
    for (size_t i = 0; i < kernel_.outputs.size(); ++i)
      if (const int reg = kernel_.outputs[i].reg; !is_row(reg))
        plan_.output_of[static_cast<size_t>(reg)] = static_cast<int>(i);
    find_kept();
    share_slots();
    place();
  }

 private:
  bool is_row(int reg) const { return kernel_.registers[static_cast<size_t>(reg)].is_row; }
  int64_t width(size_t reg) const {
    return static_cast<int64_t>(size_of(kernel_.registers[reg].element));
  }

  /// Whole registers of long rows that are read in a later phase than they are set in. Inputs are
  /// read anew in every phase.
  void find_kept() {
    std::vector<int> set(slots_.size(), 0);
    std::vector<int> read(slots_.size(), 0);
    for (const FusedKernel::Step& step : kernel_.steps) {
      set[static_cast<size_t>(step.out)] = step.phase;
      for (const int in : step.in)
        if (in >= 0)
          read[static_cast<size_t>(in)] = std::max(read[static_cast<size_t>(in)], step.phase);
    }
    for (const FusedKernel::Input& input : kernel_.inputs)
      set[static_cast<size_t>(input.reg)] = read[static_cast<size_t>(input.reg)];
    plan_.is_kept.assign(slots_.size(), 0);
    for (size_t i = 0; i < slots_.size(); ++i)
      plan_.is_kept[i] = plan_.is_long && !kernel_.registers[i].is_row && plan_.output_of[i] < 0 &&
                                 read[i] > set[i]
                             ? 1
                             : 0;
  }

  int new_slot(int64_t bytes) {
    slot_widths_.push_back(bytes);
    return static_cast<int>(slot_widths_.size()) - 1;
  }

  /// Whole registers that are done give their slot to later ones, so that few tiles are in the
  /// cache. A step's result never takes the slot of its inputs.
  void share_slots() {
    std::vector<size_t> last_read(slots_.size(), 0);
    for (size_t i = 0; i < kernel_.steps.size(); ++i)
      for (const int in : kernel_.steps[i].in)
        if (in >= 0) last_read[static_cast<size_t>(in)] = i;
    std::vector<uint8_t> is_input(slots_.size(), 0);
    for (const FusedKernel::Input& input : kernel_.inputs) {
      is_input[static_cast<size_t>(input.reg)] = 1;
      slots_[static_cast<size_t>(input.reg)] = new_slot(width(static_cast<size_t>(input.reg)));
    }
    std::vector<int> free;
    for (size_t i = 0; i < kernel_.steps.size(); ++i) {
      const FusedKernel::Step& step = kernel_.steps[i];
      const auto out = static_cast<size_t>(step.out);
      if (plan_.output_of[out] < 0 && plan_.is_kept[out] == 0) {
        if (!is_row(step.out) && !free.empty()) {
          slots_[out] = free.back();
          free.pop_back();
        } else {
          slots_[out] = new_slot(0);
        }
        int64_t& bytes = slot_widths_[static_cast<size_t>(slots_[out])];
        bytes = std::max(bytes, width(out));
      }
      for (int k = 0; k < 3; ++k) {
        const int in = step.in[k];
        if (in < 0 || (k > 0 && in == step.in[0]) || (k > 1 && in == step.in[1])) continue;
        const auto reg = static_cast<size_t>(in);
        if (last_read[reg] == i && slots_[reg] >= 0 && is_input[reg] == 0 && !is_row(in))
          free.push_back(slots_[reg]);
      }
    }
  }

  int64_t take(int64_t bytes) {
    const int64_t at = plan_.bytes;
    plan_.bytes += (bytes + kLine - 1) / kLine * kLine;
    return at;
  }

  void place() {
    std::vector<int64_t> at;
    for (const int64_t bytes : slot_widths_) at.push_back(take(bytes * kTile));
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i] >= 0)
        plan_.places.push_back(at[static_cast<size_t>(slots_[i])]);
      else
        plan_.places.push_back(plan_.is_kept[i] != 0 ? take(plan_.columns * width(i)) : -1);
    }
    for (const FusedKernel::Step& step : kernel_.steps)
      plan_.sums.push_back(step.kind == Kind::kReduce ? take(plan_.block_rows * 16) : -1);
  }

  const FusedKernel& kernel_;
  FusedPlan& plan_;
  std::vector<int> slots_;  // by register, or -1
  std::vector<int64_t> slot_widths_;
};

}  // namespace

int64_t FusedKernel::rows() const {
  int64_t out = 1;
  for (int axis = 0; axis < row_axes; ++axis) out *= shape[axis];
  return out;
}

int64_t FusedKernel::columns() const {
  int64_t out = 1;
  for (int axis = row_axes; axis < shape.size(); ++axis) out *= shape[axis];
  return out;
}

FusedPlan::FusedPlan(const FusedKernel& kernel) { Planner(kernel, *this).run(); }

}  // namespace cne::tensor
