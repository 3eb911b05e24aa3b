#include "tensor/primitive.h"

#include <atomic>
#include <cassert>
#include <utility>

#include "core/error.h"
#include "tensor/cuda_run.h"
#include "tensor/elementwise.h"
#include "tensor/reduce.h"
#include "tensor/trace.h"
#include "tensor/transfer.h"

namespace cne::tensor {

namespace {

std::atomic<bool> is_debugging{false};
std::atomic<uint64_t> traces{0};
std::atomic<std::string (*)()> locator{nullptr};
thread_local const std::string* place = nullptr;

void check_nans(const Primitive& primitive, const Params& params, std::span<const Array> inputs,
                std::span<const Array> outputs) {
  for (const Array& output : outputs) {
    if (!is_inexact(output.element()) || output.size() == 0) continue;
    const Array nans = reduce(ReduceOp::kAny, elementwise(ElementOp::kIsNan, output),
                              Dims::range(0, output.rank()), false);
    if (*to_device(nans, {}).data() == 0) continue;
    std::string types;
    for (const Array& input : inputs)
      types += message(types.empty() ? "" : ", ", to_string(input.type()));
    throw NumericError(message(label_of(primitive, params), ": a NaN in the result ",
                               to_string(output.type()), " of (", types, ")"));
  }
}

Values run(const Primitive& primitive, const Params& params, ValueSpan inputs) {
  std::vector<Array> arrays;
  arrays.reserve(inputs.size());
  for (const Value& input : inputs) arrays.push_back(input.array());
  const std::vector<Array> results = run_primitive(primitive, params, arrays);
  if (debug_nans()) check_nans(primitive, params, arrays, results);
  return {results.begin(), results.end()};
}

}  // namespace

Values apply(const Primitive& primitive, const Params& params, ValueSpan inputs) {
  Trace* const trace = innermost(inputs, label_of(primitive, params));
  return trace == nullptr ? run(primitive, params, inputs)
                          : trace->process(primitive, params, inputs);
}

Value apply_one(const Primitive& primitive, const Params& params, ValueSpan inputs) {
  Values out = apply(primitive, params, inputs);
  assert(out.size() == 1);
  return std::move(out[0]);
}

void set_debug_nans(bool on) { is_debugging = on; }
bool debug_nans() { return is_debugging; }

void set_where_called(std::string (*locate)()) { locator = locate; }

std::string where_called() {
  if (place != nullptr && !place->empty()) return *place;
  std::string (*const locate)() = locator;
  return locate == nullptr ? "" : locate();
}

WhereScope::WhereScope(const std::string& where) : before_(std::exchange(place, &where)) {}
WhereScope::~WhereScope() { place = before_; }

std::string with_place(std::string_view text, const std::string& where) {
  std::string out(text);
  if (where.empty() || text.find(" called at ") != std::string_view::npos) return out;
  return out + ", called at " + where;
}

Trace::Trace(const char* name) : name_(name), order_(++traces) {}

std::string Trace::over() const {
  return message("a value of a ", name_, " that is over was kept and used");
}

Array concrete(const Value& value, const char* function) {
  if (!value.is_traced()) return value.array();
  const Trace& trace = *value.tracer()->trace;
  const Value below = trace.below(*value.tracer());
  if (!below)
    throw TracedError(message(
        function, ": expected elements, got ", to_string(value.type()), " inside ", trace.name(),
        ", whose elements are not known; use cn.cond, cn.while_loop or where, or mark the argument "
        "as static"));
  return concrete(below, function);
}

Trace* innermost(ValueSpan values, const char* function) {
  Trace* out = nullptr;
  for (const Value& value : values) {
    if (!value.is_traced()) continue;
    Trace* const trace = value.tracer()->trace.get();
    assert(trace != nullptr);  // a rule reads what `keeps` left out
    if (trace->is_closed())
      throw StateError(message(function, ": ", trace->over(), ": ", to_string(value.type())));
    if (out == nullptr || trace->order() > out->order()) out = trace;
  }
  return out;
}

}  // namespace cne::tensor
