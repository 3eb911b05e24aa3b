#include "tensor/fused_writer.h"

#include <algorithm>

#include "tensor/reduce_tile.h"

namespace cne::tensor {

namespace {

using Access = FusedLayout::Access;

bool is_truth(ReduceOp op) { return op == ReduceOp::kAny || op == ReduceOp::kAll; }

std::string held(int width) { return message("j * ", width, " + k"); }

}  // namespace

const char* cpp_name(Element element) {
  static constexpr const char* kNames[kElements] = {"Bool",
                                                    "int8_t",
                                                    "int16_t",
                                                    "int32_t",
                                                    "int64_t",
                                                    "uint8_t",
                                                    "uint16_t",
                                                    "uint32_t",
                                                    "uint64_t",
                                                    "Half",
                                                    "BFloat16",
                                                    "float",
                                                    "double",
                                                    "std::complex<float>",
                                                    "std::complex<double>"};
  return kNames[static_cast<size_t>(element)];
}

FusedWriter::FusedWriter(const FusedKernel& kernel, std::span<const Array> arrays)
    : kernel_(kernel), layout_(kernel, arrays), uniform_(find_uniform(kernel)) {
  for (size_t i = 0; i < kernel.outputs.size(); ++i)
    outputs_of_.push_back({kernel.outputs[i].reg, i});
}

const char* FusedWriter::type(int at) const { return cpp_name(reg(at).element); }

const char* FusedWriter::reduction_name(const FusedKernel::Step& step) {
  switch (op_of(step)) {
    case ReduceOp::kSum:
      return "Sum";
    case ReduceOp::kProd:
      return "Prod";
    case ReduceOp::kMax:
      return "Max";
    case ReduceOp::kMin:
      return "Min";
    case ReduceOp::kAny:
      return "Any";
    default:
      return "All";
  }
}

std::string FusedWriter::total_type(const FusedKernel::Step& step) {
  return cpp_name(accumulator_of(op_of(step), step.element));
}

/// Of what is put together within a group.
std::string FusedWriter::lane_type(const FusedKernel::Step& step) {
  const ReduceOp op = op_of(step);
  const bool is_number = op == ReduceOp::kSum || op == ReduceOp::kProd;
  return is_number && is_inexact(step.element) ? cpp_name(step.element) : total_type(step);
}

void FusedWriter::begin(const std::string& name, int64_t blocks, int threads) {
  out_.launches.push_back({name, std::max<int64_t>(1, blocks), threads});
  std::string arguments;
  for (size_t i = 0; i < kernel_.inputs.size(); ++i)
    arguments += message("const ", type(kernel_.inputs[i].reg), "* __restrict__ a", i, ", ");
  for (size_t i = 0; i < kernel_.outputs.size(); ++i)
    arguments += message(type(kernel_.outputs[i].reg), "* __restrict__ y", i, ", ");
  open("extern \"C\" __global__ void __launch_bounds__(", threads, ") ", name, "(", arguments,
       "unsigned char* __restrict__ scratch)");
  line("typedef ", layout_.is_wide ? "uint64_t" : "uint32_t", " Place;");
  line("typedef ", layout_.is_wide ? "int64_t" : "int32_t", " Offset;");
  for (size_t i = 0; i < kernel_.inputs.size(); ++i)
    if (const FusedKernel::Input& input = kernel_.inputs[i]; input.is_uniform)
      line("const ", type(input.reg), " ", r(input.reg), " = a", i, "[0];");
  for (const int at : uniform_.steps) emit(kernel_.steps[static_cast<size_t>(at)]);
}

std::string offset_text(const Dims& extents, const Dims& strides, const std::string& place) {
  std::string out;
  int64_t inner = 1;
  for (int axis = extents.size() - 1; axis >= 0; --axis) {
    if (strides[axis] != 0 && extents[axis] != 1) {
      std::string at = place;
      if (inner != 1) at = message(at, " / ", inner);
      if (axis > 0) at = message(inner != 1 ? message("(", at, ")") : at, " % ", extents[axis]);
      if (!out.empty()) out += " + ";
      out += message("Offset(", at, ")");
      if (strides[axis] != 1) out += message(" * ", strides[axis]);
    }
    inner *= extents[axis];
  }
  return out.empty() ? "0" : out;
}

std::string FusedWriter::call(const FusedKernel::Step& step) const {
  switch (step.kind) {
    case Kind::kOp: {
      const auto op = static_cast<ElementOp>(step.op);
      return message("op_", name_of(op), "(", r(step.in[0]),
                     arity(op) == 2 ? message(", ", r(step.in[1])) : "", ")");
    }
    case Kind::kCast:
      return message("cast_to<", type(step.out), ">(", r(step.in[0]), ")");
    case Kind::kSelect:
      return message("choose(", r(step.in[0]), ", ", r(step.in[1]), ", ", r(step.in[2]), ")");
    default:
      return r(step.in[0]);  // kExpand
  }
}

void FusedWriter::emit(const FusedKernel::Step& step) {
  line("const ", type(step.out), " ", r(step.out), " = ", call(step), ";");
}

/// The steps over places of a phase, with those of earlier ones that are computed again.
std::vector<const FusedKernel::Step*> FusedWriter::steps_of(int phase) const {
  std::vector<const FusedKernel::Step*> out;
  std::set<int> needed;
  for (size_t i = kernel_.steps.size(); i-- > 0;) {
    const FusedKernel::Step& step = kernel_.steps[i];
    const bool is_own = step.phase == phase && (is_whole(step) || step.kind == Kind::kReduce);
    const bool again =
        step.phase < phase && is_whole(step) && needed.contains(step.out) && !is_held(step.out);
    if (!is_own && !again) continue;
    out.push_back(&step);
    for (const int in : step.in)
      if (in >= 0) needed.insert(in);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

/// What a phase has stored in packs.
void FusedWriter::store(int phase) {
  for (const auto& [at, output] : outputs_of_)
    if (is_stored(at, phase))
      line(shares_warp() ? "if (is_live) " : "", "store_pack(y", output, " + ",
           layout_.has_rows ? message("row * Place(", layout_.columns, ") + ") : "", "column, w",
           output, ");");
}

void FusedWriter::group(int phase, int width) {
  const std::vector<const FusedKernel::Step*> steps = steps_of(phase);
  std::vector<const FusedKernel::Step*> sums;
  std::set<int> read;
  std::set<int> made;
  for (const FusedKernel::Step* step : steps) {
    for (const int in : step->in)
      if (in >= 0) read.insert(in);
    made.insert(step->out);
    if (step->kind == Kind::kReduce) sums.push_back(step);
  }
  std::vector<std::string> first;  // of the loop over the places
  for (size_t i = 0; i < kernel_.inputs.size(); ++i)
    if (const int at = kernel_.inputs[i].reg;
        read.contains(at) && !reg(at).is_row && !is_uniform(at) && !is_held_before(at, phase))
      load(i, width, first);
  for (const int at : read)
    if (is_held_before(at, phase) && !made.contains(at))
      first.push_back(message("const ", type(at), " ", r(at), " = h", at, "[", held(width), "];"));
  for (const FusedKernel::Step* step : sums) {
    const std::string lane = lane_type(*step);
    line(lane, " c", step->out, " = ", reduction_name(*step), "::start<", lane, ">();");
  }
  for (const auto& [at, output] : outputs_of_)
    if (is_stored(at, phase)) line("Pack<", type(at), ", ", width, "> w", output, ";");
  line("#pragma unroll");
  open("for (int k = 0; k < ", width, "; ++k)");
  for (const std::string& each : first) line(each);
  for (const FusedKernel::Step* step : steps)
    if (step->kind != Kind::kReduce) emit(*step);
  for (int at = 0; at < static_cast<int>(kernel_.registers.size()); ++at)
    if (is_held(at) && set_phase(at) == phase && (read.contains(at) || made.contains(at)))
      line("h", at, "[", held(width), "] = ", r(at), ";");
  for (const auto& [at, output] : outputs_of_)
    if (is_stored(at, phase)) line("w", output, ".at[k] = ", r(at), ";");
  for (const FusedKernel::Step* step : sums)
    line("c", step->out, " = ", reduction_name(*step), "::join(c", step->out, ", ",
         is_truth(op_of(*step)) ? "truth_of" : message("lane_of<", lane_type(*step), ">"), "(",
         r(step->in[0]), "));");
  close();
  store(phase);
  for (const FusedKernel::Step* step : sums)
    line("s", step->out, " = ", reduction_name(*step), "::join(s", step->out, ", ",
         total_type(*step), "(c", step->out, "));");
}

/// The phase in which a whole register is set, or, of an input, first read.
int FusedWriter::set_phase(int at) const {
  for (const FusedKernel::Step& step : kernel_.steps)
    if (step.out == at) return step.phase;
  for (const FusedKernel::Step& step : kernel_.steps)
    for (const int in : step.in)
      if (in == at) return step.phase;
  return 0;
}

/// An input's places of a group.
void FusedWriter::load(size_t i, int width, std::vector<std::string>& in_loop) {
  const FusedLayout::Input& input = layout_.inputs[i];
  const int at = kernel_.inputs[i].reg;
  const std::string from =
      message(layout_.has_rows ? "q" : "a", i, " + (",
              offset_text(layout_.column_extents, input.column_strides, "column"), ")");
  if (input.access == Access::kSame) {
    line("const ", type(at), " ", r(at), " = *(", from, ");");
  } else if (input.access == Access::kPack && width > 1) {
    line("const Pack<", type(at), ", ", width, "> v", i, " = load_pack<", width, ">(", from, ");");
    in_loop.push_back(message("const ", type(at), " ", r(at), " = v", i, ".at[k];"));
  } else {
    line("const ", type(at), "* const p", i, " = ", from, ";");
    in_loop.push_back(
        message("const ", type(at), " ", r(at), " = p", i, "[k * Offset(", input.step(), ")];"));
  }
}

}  // namespace cne::tensor
