#include "core/error.h"
#include "tensor/control.h"
#include "tensor/cuda_run.h"
#include "tensor/strided_copy.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct ScanParams {
  BodyPtr body;
  int constants;
  int states;
  int64_t length;
  bool reverse;
  auto fields() const { return std::tie(body, constants, states, length, reverse); }
};

std::vector<Type> types_of(ValueSpan values) {
  std::vector<Type> out;
  for (const Value& each : values) out.push_back(each.type());
  return out;
}

Type row_type(const Type& type) {
  Type out = type;
  out.shape.erase(0);
  return out;
}

Type rows_type(const Type& type, int64_t length) {
  Type out = type;
  out.shape.insert(0, length);
  return out;
}

std::vector<Type> infer(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<ScanParams>();
  const auto fixed = static_cast<size_t>(of.constants + of.states);
  std::vector<Type> seen(inputs.begin(), inputs.begin() + of.constants + of.states);
  for (const Type& each : inputs.subspan(fixed)) {
    if (each.shape.empty() || each.shape[0] != of.length)
      throw ShapeError(
          message("scan: expected arrays of ", of.length, " rows, got ", to_string(each)));
    seen.push_back(row_type(each));
  }
  check_inputs(*of.body, seen, "scan");
  std::vector<Type> out = of.body->output_types();
  for (size_t i = 0; i < out.size(); ++i) {
    if (i >= static_cast<size_t>(of.states)) {
      out[i] = rows_type(out[i], of.length);
      check_shape(out[i].shape, out[i].element, "scan");
    } else if (!fits(out[i], inputs[static_cast<size_t>(of.constants) + i])) {
      throw TypeError(message("scan: expected a state of ",
                              to_string(inputs[static_cast<size_t>(of.constants) + i]),
                              " after a row as before it, got ", to_string(out[i])));
    }
  }
  return out;
}

/// Where the results of a row are; numbers of the CPU go with all.
Device device_of(std::span<const Array> results) {
  for (const Array& each : results)
    if (is_on_device(each)) return each.device();
  return {};
}

void copy_row(Array& to, int64_t row, const Array& from) {
  Dims starts = Dims::filled(to.rank(), 0);
  starts[0] = row;
  copy_into(to, starts, Dims::filled(to.rank(), 1), expand_dims(from, {0}));
}

/// Rounds of a plan: state and row are copied to where it reads them, results from there.
std::vector<Array> run_rounds(const ScanParams& of, const RoundPlan& plan,
                              std::span<const Array> inputs) {
  const auto states = static_cast<size_t>(of.states);
  const auto fixed = static_cast<size_t>(of.constants) + states;
  struct Row {
    const uint8_t* from;
    uint8_t* to;
    size_t bytes;
  };
  std::vector<Array> values(inputs.begin(), inputs.begin() + of.constants);
  std::vector<Array> out;  // the states, which the rounds have there
  std::vector<Array> rows;
  std::vector<Row> moves;
  for (size_t i = static_cast<size_t>(of.constants); i < fixed; ++i) {
    out.push_back(copy(inputs[i]));
    values.push_back(out.back());
  }
  for (size_t i = fixed; i < inputs.size(); ++i) {
    rows.push_back(contiguous(inputs[i]));
    values.push_back(Array::empty(of.body->input_type(i)));
    moves.push_back({rows.back().data(), values.back().mutable_data(),
                     static_cast<size_t>(values.back().bytes())});
  }
  Round round(plan, values);
  Feedback feedback(round, out);
  struct Result {
    Source from;
    uint8_t* to;
    size_t bytes;
  };
  std::vector<Result> results;
  for (size_t i = states; i < of.body->outputs(); ++i) {
    out.push_back(Array::empty(rows_type(of.body->output_type(i), of.length)));
    results.push_back({Source(round.output(i)), out.back().mutable_data(),
                       static_cast<size_t>(round.output(i).bytes())});
  }
  for (int64_t at = 0; at < of.length; ++at) {
    const auto row = static_cast<size_t>(of.reverse ? of.length - 1 - at : at);
    for (const Row& each : moves) copy_bytes(each.to, each.from + row * each.bytes, each.bytes);
    round.run();
    for (const Result& each : results) each.from.copy(each.to + row * each.bytes);
    feedback.run();
  }
  return out;
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<ScanParams>();
  if (of.length > 1)
    if (const RoundPlan* plan = of.body->rounds(static_cast<size_t>(of.constants), inputs))
      return run_rounds(of, *plan, inputs);
  const auto states = static_cast<size_t>(of.states);
  const auto fixed = static_cast<size_t>(of.constants) + states;
  std::vector<Array> values(inputs.begin(), inputs.end());
  std::vector<Array> out(states);
  for (size_t i = states; i < of.body->outputs(); ++i)
    out.push_back(of.length > 0 ? Array()
                                : Array::empty(rows_type(of.body->output_type(i), of.length)));
  for (int64_t round = 0; round < of.length; ++round) {
    const int64_t row = of.reverse ? of.length - 1 - round : round;
    for (size_t i = fixed; i < inputs.size(); ++i) values[i] = take_one(inputs[i], 0, row);
    std::vector<Array> results = of.body->run(values);
    if (round == 0)
      for (size_t i = states; i < results.size(); ++i)
        out[i] = Array::empty(
            rows_type({results[i].element(), results[i].shape(), device_of(results)}, of.length));
    for (size_t i = 0; i < results.size(); ++i) {
      if (i < states)
        values[static_cast<size_t>(of.constants) + i] = std::move(results[i]);
      else
        copy_row(out[i], row, results[i]);
    }
  }
  for (size_t i = 0; i < states; ++i) out[i] = values[static_cast<size_t>(of.constants) + i];
  return out;
}

/// Which inputs of a scan are constants, states and rows.
struct Parts {
  explicit Parts(const ScanParams& of, ValueSpan all)
      : constants(all.begin(), all.begin() + of.constants),
        states(all.begin() + of.constants, all.begin() + of.constants + of.states),
        rows(all.begin() + of.constants + of.states, all.end()) {}
  Values constants;
  Values states;
  Values rows;

  Values joined() const {
    Values out = constants;
    out.insert(out.end(), states.begin(), states.end());
    out.insert(out.end(), rows.begin(), rows.end());
    return out;
  }
};

std::vector<Type> body_types(const Values& constants, const Values& states, const Values& rows) {
  std::vector<Type> out = types_of(constants);
  for (const Value& each : states) out.push_back(each.type());
  for (const Value& each : rows) out.push_back(row_type(each.type()));
  return out;
}

/// A scan of other parts whose body is traced from `f`.
Values scan_of(const Parts& parts, const ScanParams& of,
               const std::function<Values(ValueSpan)>& f) {
  const BodyPtr body = trace_body(body_types(parts.constants, parts.states, parts.rows), f);
  return scan(body,
              {static_cast<int>(parts.constants.size()), static_cast<int>(parts.states.size()),
               of.length, of.reverse},
              parts.joined());
}

/// Takes values of a span one after the other.
class Taker {
 public:
  explicit Taker(ValueSpan all) : all_(all) {}
  Value next() { return all_[at_++]; }
  void add(Values& to, size_t count) {
    for (size_t i = 0; i < count; ++i) to.push_back(next());
  }

 private:
  ValueSpan all_;
  size_t at_ = 0;
};

Values jvp(const Call& call, ValueSpan tangents) {
  const auto& of = call.params.as<ScanParams>();
  const Parts from(of, call.inputs);
  const Parts moved(of, tangents);
  const auto add_present = [](Values& to, const Values& all) {
    for (const Value& each : all)
      if (each) to.push_back(each);
  };
  Parts parts = from;
  add_present(parts.constants, moved.constants);
  for (size_t i = 0; i < from.states.size(); ++i)
    if (is_inexact(from.states[i].element()))
      parts.states.push_back(or_zeros(moved.states[i], from.states[i].type()));
  add_present(parts.rows, moved.rows);
  const auto body = [&](ValueSpan seen) {
    Taker take(seen);
    Values constants;
    Values states;
    Values rows;
    Values changes_of_constants(from.constants.size());
    Values changes_of_states(from.states.size());
    Values changes_of_rows(from.rows.size());
    take.add(constants, from.constants.size());
    for (size_t i = 0; i < changes_of_constants.size(); ++i)
      if (moved.constants[i]) changes_of_constants[i] = take.next();
    take.add(states, from.states.size());
    for (size_t i = 0; i < states.size(); ++i)
      if (is_inexact(states[i].element())) changes_of_states[i] = take.next();
    take.add(rows, from.rows.size());
    for (size_t i = 0; i < changes_of_rows.size(); ++i)
      if (moved.rows[i]) changes_of_rows[i] = take.next();
    const auto join = [](Values a, const Values& b, const Values& c) {
      a.insert(a.end(), b.begin(), b.end());
      a.insert(a.end(), c.begin(), c.end());
      return a;
    };
    const Values inputs = join(constants, states, rows);
    const Values results = interpret(of.body->graph(), inputs);
    const Values changes =
        run_jvp(*of.body, inputs, join(changes_of_constants, changes_of_states, changes_of_rows));
    const auto split = static_cast<std::ptrdiff_t>(states.size());
    Values out(results.begin(), results.begin() + split);
    for (size_t i = 0; i < states.size(); ++i)
      if (is_inexact(states[i].element())) out.push_back(or_zeros(changes[i], states[i].type()));
    out.insert(out.end(), results.begin() + split, results.end());
    for (size_t i = states.size(); i < results.size(); ++i)
      out.push_back(or_zeros(changes[i], results[i].type()));
    return out;
  };
  const Values found = scan_of(parts, of, body);
  Values out(call.outputs.size());
  size_t next = from.states.size();
  for (size_t i = 0; i < from.states.size(); ++i)
    if (is_inexact(from.states[i].element())) out[i] = found[next++];
  next += out.size() - from.states.size();
  for (size_t i = from.states.size(); i < out.size(); ++i) out[i] = found[next++];
  return out;
}

/// The results, and behind them the states before each row.
Values forward(const Params& params, ValueSpan inputs) {
  const auto& of = params.as<ScanParams>();
  const Parts parts(of, inputs);
  return scan_of(parts, of, [&](ValueSpan seen) {
    Values out = interpret(of.body->graph(), seen);
    for (int i = 0; i < of.states; ++i) out.push_back(seen[static_cast<size_t>(of.constants + i)]);
    return out;
  });
}

/// Back over the rows: the body is run again from each state that was kept.
Values vjp(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const auto& of = call.params.as<ScanParams>();
  const Parts from(of, call.inputs);
  const size_t states = from.states.size();
  const size_t results = of.body->outputs() - states;
  const auto is_wanted = [&](size_t input) {
    return wanted[input] != 0 && is_inexact(call.inputs[input].element());
  };
  Parts parts = from;
  parts.states.clear();
  for (size_t i = 0; i < states; ++i)  // derivatives by the states go from row to row
    if (is_inexact(from.states[i].element()))
      parts.states.push_back(or_zeros(cotangents[i], from.states[i].type()));
  for (size_t i = 0; i < from.constants.size(); ++i)  // those by constants are added up
    if (is_wanted(i)) parts.states.push_back(Value(filled(0, from.constants[i].type())));
  for (size_t i = 0; i < states; ++i) parts.rows.push_back(call.outputs[states + results + i]);
  for (size_t i = 0; i < results; ++i)
    if (cotangents[states + i]) parts.rows.push_back(cotangents[states + i]);
  const auto body = [&](ValueSpan seen) {
    Taker take(seen);
    Values inputs;
    take.add(inputs, from.constants.size());
    Values given(states + results);
    for (size_t i = 0; i < states; ++i)
      if (is_inexact(from.states[i].element())) given[i] = take.next();
    Values sums(from.constants.size());
    for (size_t i = 0; i < sums.size(); ++i)
      if (is_wanted(i)) sums[i] = take.next();
    Values rows;
    take.add(rows, from.rows.size());
    take.add(inputs, states);
    inputs.insert(inputs.end(), rows.begin(), rows.end());
    for (size_t i = 0; i < results; ++i)
      if (cotangents[states + i]) given[states + i] = take.next();
    std::vector<uint8_t> needs(inputs.size(), 1);
    for (size_t i = 0; i < inputs.size(); ++i)
      if (i < sums.size() || i >= sums.size() + states) needs[i] = is_wanted(i) ? 1 : 0;
    const Values found = run_vjp(*of.body, inputs, given, needs);
    Values out;
    for (size_t i = 0; i < states; ++i)
      if (is_inexact(from.states[i].element()))
        out.push_back(or_zeros(found[sums.size() + i], from.states[i].type()));
    for (size_t i = 0; i < sums.size(); ++i)
      if (is_wanted(i)) out.push_back(found[i] ? sums[i] + found[i] : sums[i]);
    for (size_t i = 0; i < rows.size(); ++i)
      if (is_wanted(sums.size() + states + i))
        out.push_back(or_zeros(found[sums.size() + states + i], rows[i].type()));
    return out;
  };
  ScanParams back = of;
  back.reverse = !of.reverse;
  const Values found = scan_of(parts, back, body);
  Taker take(found);
  Values out(call.inputs.size());
  for (size_t i = 0; i < states; ++i)
    if (is_inexact(from.states[i].element())) out[from.constants.size() + i] = take.next();
  for (size_t i = 0; i < from.constants.size(); ++i)
    if (is_wanted(i)) out[i] = take.next();
  for (size_t i = 0; i < from.rows.size(); ++i)
    if (is_wanted(from.constants.size() + states + i))
      out[from.constants.size() + states + i] = take.next();
  return out;
}

Values batch(const Batch& batch) {
  const auto& of = batch.params.as<ScanParams>();
  const auto constants = static_cast<size_t>(of.constants);
  const auto states = static_cast<size_t>(of.states);
  std::vector<uint8_t> batched(batch.batched.begin(), batch.batched.end());
  Parts parts(of, batch.inputs);
  for (size_t i = 0; i < states; ++i) {
    parts.states[i] = with_batch_axis(parts.states[i], batched[constants + i] != 0, batch.size);
    batched[constants + i] = 1;
  }
  for (size_t i = 0; i < parts.rows.size(); ++i)
    if (batched[constants + states + i] != 0) parts.rows[i] = move_axis(parts.rows[i], 1, 0);
  Values out = scan_of(
      parts, of, [&](ValueSpan seen) { return run_batch(*of.body, seen, batched, batch.size); });
  for (size_t i = states; i < out.size(); ++i) out[i] = move_axis(out[i], 1, 0);
  return out;
}

}  // namespace

const Primitive kScan = {"scan", infer, run, jvp, vjp, batch, nullptr, forward};

Values scan(const BodyPtr& body, const ScanShape& shape, ValueSpan inputs) {
  const Params params(ScanParams{body, shape.constants, shape.states, shape.length, shape.reverse});
  infer(params, types_of(inputs));
  return apply(kScan, params, inputs);
}

}  // namespace cne::tensor
