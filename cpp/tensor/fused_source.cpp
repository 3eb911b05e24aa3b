#include "tensor/fused_source.h"

#include <algorithm>

#include "core/error.h"
#include "tensor/fused_writer.h"

namespace cne::tensor {

namespace {

constexpr int64_t kMostBlocks = 8192;  // of a kernel without rows
constexpr int64_t kMostRowBlocks = int64_t{1} << 20;

/// Writes the kernels of one source.
class Emitter : public FusedWriter {
 public:
  Emitter(const FusedKernel& kernel, std::span<const Array> arrays, std::string name)
      : FusedWriter(kernel, arrays), name_(std::move(name)) {}

  FusedSource run() {
    if (!layout_.has_rows) {
      point_kernel();
    } else if (layout_.splits > 1) {
      place_scratch();
      split_kernel();
      finish_kernel();
    } else {
      row_kernel();
    }
    return std::move(out_);
  }

 private:
  void point_kernel() {
    const int64_t groups = layout_.columns / layout_.width;
    const int threads = layout_.block_threads;
    begin(name_, std::min(kMostBlocks, (groups + threads - 1) / threads), threads);
    line("const Place thread = Place(blockIdx.x) * ", threads, " + threadIdx.x;");
    open("for (Place at = thread; at < Place(", groups, "); at += Place(gridDim.x) * ", threads,
         ")");
    line("const Place column = at * ", layout_.width, ";");
    group(0, layout_.width);
    close();
    if (layout_.tail > 0) {
      open("if (thread < ", layout_.tail, ")");
      line("const Place column = Place(", groups * layout_.width, ") + thread;");
      group(0, 1);
      close();
    }
    close();
  }

  /// The row as the address of its inputs, and what belongs to a row alone.
  void start_row() {
    for (size_t i = 0; i < kernel_.inputs.size(); ++i) {
      const FusedKernel::Input& input = kernel_.inputs[i];
      if (input.is_uniform) continue;
      const std::string at = offset_text(layout_.row_extents, layout_.inputs[i].row_strides, "row");
      if (reg(input.reg).is_row)
        line("const ", type(input.reg), " ", r(input.reg), " = a", i, "[", at, "];");
      else
        line("const ", type(input.reg), "* const q", i, " = a", i, " + (", at, ");");
    }
  }
  void row_steps(int phase) {
    for (const FusedKernel::Step& step : kernel_.steps)
      if (step.phase == phase && step.kind != Kind::kReduce && reg(step.out).is_row &&
          !is_uniform(step.out))
        emit(step);
  }
  template <typename F>
  void each_reduction(int phase, const F& f) {
    for (const FusedKernel::Step& step : kernel_.steps)
      if (step.kind == Kind::kReduce && step.phase == phase) f(step);
  }
  void start_sums(int phase) {
    each_reduction(phase, [this](const FusedKernel::Step& step) {
      line(total_type(step), " s", step.out, " = ", reduction_name(step), "::start<",
           total_type(step), ">();");
    });
  }
  std::string across(const FusedKernel::Step& step, int threads) const {
    const char* op = reduction_name(step);
    if (threads <= 32) return message("across_lanes<", op, ", ", threads, ">(s", step.out, ")");
    return message("across_block<", op, ", ", threads, ">(s", step.out, ", t", step.out, ")");
  }
  void share_sums() {
    if (layout_.row_threads <= 32) return;
    for (const FusedKernel::Step& step : kernel_.steps)
      if (step.kind == Kind::kReduce)
        line("__shared__ ", total_type(step), " t", step.out, "[", layout_.row_threads / 32, "];");
  }
  void store_rows() {
    for (const auto& [at, output] : outputs_of_)
      if (reg(at).is_row)
        line("if (thread == 0", shares_warp() ? " && is_live" : "", ") y", output,
             "[row] = ", r(at), ";");
  }

  void row_kernel() {
    const int64_t together = layout_.block_rows();
    const int64_t groups = layout_.columns / layout_.width;
    const int threads = layout_.row_threads;
    begin(name_, std::min(kMostRowBlocks, (layout_.rows + together - 1) / together),
          layout_.block_threads);
    share_sums();
    line("const Place thread = threadIdx.x % ", threads, ";");
    open("for (Place first = Place(blockIdx.x) * ", together, "; first < Place(", layout_.rows,
         "); first += Place(gridDim.x) * ", together, ")");
    if (shares_warp()) {
      line("const Place own = first + threadIdx.x / ", threads, ";");
      line("const bool is_live = own < Place(", layout_.rows, ");");
      line("const Place row = is_live ? own : Place(", layout_.rows - 1, ");");
    } else {
      line("const Place row = first;");
    }
    start_row();
    for (int at = 0; at < static_cast<int>(kernel_.registers.size()); ++at)
      if (is_held(at)) line(type(at), " h", at, "[", layout_.rounds * layout_.width, "];");
    for (int phase = 0; phase < kernel_.phases; ++phase) {
      line("// phase ", phase);
      row_steps(phase);
      start_sums(phase);
      if (layout_.is_held && kernel_.phases > 1) line("#pragma unroll");
      open("for (int j = 0; j < ", layout_.rounds, "; ++j)");
      line("const Place column = (Place(j) * ", threads, " + thread) * ", layout_.width, ";");
      const bool is_full = layout_.rounds * threads == groups;
      if (!is_full) open("if (column < Place(", layout_.columns, "))");
      group(phase, layout_.width);
      if (!is_full) close();
      close();
      each_reduction(phase, [&](const FusedKernel::Step& step) {
        line("const ", type(step.out), " ", r(step.out), " = cast_to<", type(step.out), ">(",
             across(step, threads), ");");
      });
    }
    row_steps(kernel_.phases);
    store_rows();
    close();
    close();
  }

  void place_scratch() {
    for (const FusedKernel::Step& step : kernel_.steps) {
      scratch_.push_back(out_.scratch_bytes);
      if (step.kind == Kind::kReduce) out_.scratch_bytes += layout_.rows * layout_.splits * 16;
    }
  }
  std::string scratch_of(const FusedKernel::Step& step) const {
    const auto at = static_cast<size_t>(&step - kernel_.steps.data());
    return message("reinterpret_cast<", total_type(step), "*>(scratch + ", scratch_[at], ")");
  }

  void split_kernel() {
    const int64_t splits = layout_.splits;
    const int threads = layout_.block_threads;
    begin(name_, layout_.rows * splits, threads);
    share_sums();
    line("const Place row = blockIdx.x / ", splits, ";");
    line("const Place split = blockIdx.x % ", splits, ";");
    start_row();
    row_steps(0);
    start_sums(0);
    open("for (Place at = split * ", threads, " + threadIdx.x; at < Place(",
         layout_.columns / layout_.width, "); at += Place(", splits * threads, "))");
    line("const Place column = at * ", layout_.width, ";");
    group(0, layout_.width);
    close();
    each_reduction(0, [&](const FusedKernel::Step& step) {
      line("const ", total_type(step), " b", step.out, " = ", across(step, threads), ";");
      line("if (threadIdx.x == 0) ", scratch_of(step), "[blockIdx.x] = b", step.out, ";");
    });
    close();
  }

  /// A warp for each row puts its blocks' parts together.
  void finish_kernel() {
    begin(name_ + "_finish", layout_.rows, 32);
    line("const Place row = blockIdx.x;");
    line("const Place thread = threadIdx.x;");
    start_row();
    row_steps(0);
    start_sums(0);
    each_reduction(0, [&](const FusedKernel::Step& step) {
      open("for (Place at = thread; at < Place(", layout_.splits, "); at += 32)");
      line("s", step.out, " = ", reduction_name(step), "::join(s", step.out, ", ", scratch_of(step),
           "[row * ", layout_.splits, " + at]);");
      close();
      line("const ", type(step.out), " ", r(step.out), " = cast_to<", type(step.out), ">(",
           across(step, 32), ");");
    });
    row_steps(1);
    store_rows();
    close();
  }

  std::string name_;
  std::vector<int64_t> scratch_;  // by step, where its blocks' parts lie
};

}  // namespace

FusedSource fused_source(const FusedKernel& kernel, std::span<const Array> arrays,
                         const std::string& name) {
  return Emitter(kernel, arrays, name).run();
}

std::string FusedSource::text() const { return message(fused_prelude(), kUsingTensor, kernels); }

}  // namespace cne::tensor
