#pragma once

#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "tensor/fused_layout.h"
#include "tensor/fused_source.h"

namespace cne::tensor {

/// The type of an element in C++.
const char* cpp_name(Element element);
/// How far a place lies from the first one, by joined axes: in terms of Offset.
std::string offset_text(const Dims& extents, const Dims& strides, const std::string& place);

/// Writes what kernels of a source have in common: lines, loads, steps, stores. Names are r3 for
/// register 3, a0 and y0 for the first input and output, s3, c3 and t3 for what a reduction into
/// register 3 has put together of all of a thread's places, of one group, and of each warp; h3 for
/// a register's places that are held for a later phase.
class FusedWriter {
 public:
  FusedWriter(const FusedKernel& kernel, std::span<const Array> arrays);

 protected:
  using Kind = FusedKernel::Kind;

  const FusedKernel::Register& reg(int at) const {
    return kernel_.registers[static_cast<size_t>(at)];
  }
  const char* type(int at) const;
  static std::string r(int at) { return message("r", at); }
  static ReduceOp op_of(const FusedKernel::Step& step) { return static_cast<ReduceOp>(step.op); }
  static const char* reduction_name(const FusedKernel::Step& step);
  /// Of what a thread puts together over all of its places.
  static std::string total_type(const FusedKernel::Step& step);

  template <typename... Parts>
  void line(const Parts&... parts) {
    out_.kernels.append(static_cast<size_t>(2 * depth_), ' ');
    out_.kernels += message(parts...);
    out_.kernels += '\n';
  }
  template <typename... Parts>
  void open(const Parts&... parts) {
    line(parts..., " {");
    ++depth_;
  }
  void close() {
    --depth_;
    line("}");
  }

  /// A kernel up to what is the same for all places.
  void begin(const std::string& name, int64_t blocks, int threads);
  void emit(const FusedKernel::Step& step);
  /// One group of `width` places from `column` on: loads, steps, stores, reductions.
  void group(int phase, int width);

  bool is_uniform(int at) const { return uniform_.registers[static_cast<size_t>(at)] != 0; }
  bool is_held(int at) const {
    return layout_.is_held && layout_.held.registers[static_cast<size_t>(at)] != 0;
  }
  bool shares_warp() const { return layout_.has_rows && layout_.block_rows() > 1; }

  const FusedKernel& kernel_;
  FusedLayout layout_;
  Uniform uniform_;
  std::vector<std::pair<int, size_t>> outputs_of_;  // register and number of an output
  FusedSource out_;

 private:
  static std::string lane_type(const FusedKernel::Step& step);
  std::string call(const FusedKernel::Step& step) const;
  bool is_whole(const FusedKernel::Step& step) const {
    return step.kind != Kind::kReduce && !reg(step.out).is_row && !is_uniform(step.out);
  }
  std::vector<const FusedKernel::Step*> steps_of(int phase) const;
  int set_phase(int at) const;
  bool is_held_before(int at, int phase) const { return is_held(at) && set_phase(at) < phase; }
  bool is_stored(int at, int phase) const { return !reg(at).is_row && set_phase(at) == phase; }
  void load(size_t input, int width, std::vector<std::string>& in_loop);
  void store(int phase);

  int depth_ = 0;
};

}  // namespace cne::tensor
