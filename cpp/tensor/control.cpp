#include "tensor/control.h"

#include "core/error.h"
#include "tensor/select.h"
#include "tensor/transfer.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

std::vector<Type> types_of(ValueSpan values) {
  std::vector<Type> out;
  for (const Value& each : values) out.push_back(each.type());
  return out;
}

std::string list_of(std::span<const Type> types) {
  std::string out;
  for (const Type& each : types) out += (out.empty() ? "" : ", ") + to_string(each);
  return out.empty() ? "nothing" : out;
}

bool is_true(const Array& predicate) { return *to_device(predicate, {}).data() != 0; }

// cond: the predicate, then the inputs of both programs.

struct CondParams {
  BodyPtr on_true;
  BodyPtr on_false;
  auto fields() const { return std::tie(on_true, on_false); }
};

std::vector<Type> infer_cond(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<CondParams>();
  if (inputs[0].element != Element::kBool || inputs[0].shape.size() != 0)
    throw TypeError(message("cond: expected a bool without axes, got ", to_string(inputs[0])));
  check_inputs(*of.on_true, inputs.subspan(1), "cond");
  check_inputs(*of.on_false, inputs.subspan(1), "cond");
  if (of.on_true->output_types() != of.on_false->output_types())
    throw TypeError(message("cond: expected both functions to give the same types, got ",
                            list_of(of.on_true->output_types()), " and ",
                            list_of(of.on_false->output_types())));
  return of.on_true->output_types();
}

std::vector<Array> run_cond(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<CondParams>();
  return (is_true(inputs[0]) ? of.on_true : of.on_false)->run(inputs.subspan(1));
}

/// A choice between what `f` makes of each of the two programs, with other inputs.
Values cond_of(const CondParams& of, const Value& predicate, const Values& inputs,
               const std::function<Values(const Body&, ValueSpan)>& f) {
  const std::vector<Type> types = types_of(inputs);
  const auto traced = [&](const BodyPtr& body) {
    return trace_body(types, [&](ValueSpan seen) { return f(*body, seen); });
  };
  return cond(predicate, traced(of.on_true), traced(of.on_false), inputs);
}

Values jvp_cond(const Call& call, ValueSpan tangents) {
  const size_t count = call.inputs.size() - 1;
  Values inputs(call.inputs.begin() + 1, call.inputs.end());
  for (const Value& each : tangents.subspan(1))
    if (each) inputs.push_back(each);
  const auto derived = [&](const Body& body, ValueSpan seen) {
    Values changes(count);
    size_t next = count;
    for (size_t i = 0; i < count; ++i)
      if (tangents[i + 1]) changes[i] = seen[next++];
    Values out = run_jvp(body, seen.first(count), changes);
    for (size_t i = 0; i < out.size(); ++i) out[i] = or_zeros(out[i], body.output_type(i));
    return out;
  };
  return cond_of(call.params.as<CondParams>(), call.inputs[0], inputs, derived);
}

Values vjp_cond(const Call& call, ValueSpan cotangents, std::span<const uint8_t> wanted) {
  const size_t count = call.inputs.size() - 1;
  Values inputs(call.inputs.begin() + 1, call.inputs.end());
  for (const Value& each : cotangents)
    if (each) inputs.push_back(each);
  std::vector<uint8_t> has;
  for (size_t i = 0; i < count; ++i)
    has.push_back(wanted[i + 1] != 0 && is_inexact(call.inputs[i + 1].element()) ? 1 : 0);
  const auto derived = [&](const Body& body, ValueSpan seen) {
    Values given(cotangents.size());
    size_t next = count;
    for (size_t i = 0; i < cotangents.size(); ++i)
      if (cotangents[i]) given[i] = seen[next++];
    const Values found = run_vjp(body, seen.first(count), given, has);
    Values out;
    for (size_t i = 0; i < count; ++i)
      if (has[i] != 0) out.push_back(or_zeros(found[i], seen[i].type()));
    return out;
  };
  const Values found = cond_of(call.params.as<CondParams>(), call.inputs[0], inputs, derived);
  Values out(count + 1);
  size_t next = 0;
  for (size_t i = 0; i < count; ++i)
    if (has[i] != 0) out[i + 1] = found[next++];
  return out;
}

Values batch_cond(const Batch& batch) {
  const auto& of = batch.params.as<CondParams>();
  const Values inputs(batch.inputs.begin() + 1, batch.inputs.end());
  const auto batched = batch.batched.subspan(1);
  const auto whole = [&](const Body& body, ValueSpan seen) {
    return run_batch(body, seen, batched, batch.size);
  };
  if (batch.batched[0] == 0) return cond_of(of, batch.inputs[0], inputs, whole);
  const Values yes = whole(*of.on_true, inputs);
  const Values no = whole(*of.on_false, inputs);
  Values out;
  for (size_t i = 0; i < yes.size(); ++i)
    out.push_back(where(with_rank(batch.inputs[0], true, yes[i].rank() - 1), yes[i], no[i]));
  return out;
}

// while_loop: the constants, then the state.

struct WhileParams {
  BodyPtr test;
  BodyPtr body;
  int constants;
  auto fields() const { return std::tie(test, body, constants); }
};

std::vector<Type> infer_while(const Params& params, std::span<const Type> inputs) {
  const auto& of = params.as<WhileParams>();
  check_inputs(*of.test, inputs, "while_loop");
  check_inputs(*of.body, inputs, "while_loop");
  if (of.test->outputs() != 1 || !(of.test->output_type(0) == Type{Element::kBool, {}, {}}))
    throw TypeError(message("while_loop: expected one bool without axes of the test, got ",
                            list_of(of.test->output_types())));
  const auto state = inputs.subspan(static_cast<size_t>(of.constants));
  const std::vector<Type> out = of.body->output_types();
  if (!std::equal(state.begin(), state.end(), out.begin(), out.end()))
    throw TypeError(message("while_loop: expected a state of ", list_of(state),
                            " after a round as before it, got ", list_of(out)));
  return out;
}

/// The body is bound once the test was true: it is never run otherwise.
std::vector<Array> run_rounds(const WhileParams& of, const RoundPlan& tests,
                              const RoundPlan& bodies, std::span<const Array> inputs) {
  std::vector<Array> values(inputs.begin(), inputs.begin() + of.constants);
  std::vector<Array> states;
  for (const Array& each : inputs.subspan(static_cast<size_t>(of.constants))) {
    states.push_back(copy(each));
    values.push_back(states.back());
  }
  Round test(tests, values);
  const uint8_t* const is_on = test.output(0).data();
  test.run();
  if (*is_on == 0) return states;
  Round body(bodies, values);
  Feedback feedback(body, states);
  do {
    body.run();
    feedback.run();
    test.run();
  } while (*is_on != 0);
  return states;
}

std::vector<Array> run_while(const Params& params, std::span<const Array> inputs) {
  const auto& of = params.as<WhileParams>();
  const auto constants = static_cast<size_t>(of.constants);
  const RoundPlan* const tests = of.test->rounds(constants, inputs);
  const RoundPlan* const bodies = of.body->rounds(constants, inputs);
  if (tests != nullptr && bodies != nullptr) return run_rounds(of, *tests, *bodies, inputs);
  std::vector<Array> values(inputs.begin(), inputs.end());
  while (is_true(of.test->run(values)[0])) {
    const std::vector<Array> state = of.body->run(values);
    std::copy(state.begin(), state.end(), values.begin() + of.constants);
  }
  return {values.begin() + of.constants, values.end()};
}

Values jvp_while(const Call& call, ValueSpan tangents) {
  const auto& of = call.params.as<WhileParams>();
  const auto constants = static_cast<size_t>(of.constants);
  const size_t count = call.inputs.size();
  // Constants, their changes, the state, its changes: zero where it has none yet.
  Values inputs(call.inputs.begin(), call.inputs.begin() + of.constants);
  for (size_t i = 0; i < constants; ++i)
    if (tangents[i]) inputs.push_back(tangents[i]);
  const int all_constants = static_cast<int>(inputs.size());
  inputs.insert(inputs.end(), call.inputs.begin() + of.constants, call.inputs.end());
  for (size_t i = constants; i < count; ++i)
    if (is_inexact(call.inputs[i].element()))
      inputs.push_back(or_zeros(tangents[i], call.inputs[i].type()));
  const auto split = [&](ValueSpan seen, Values& primals, Values& changes) {
    size_t next = constants;
    primals.assign(seen.begin(), seen.begin() + of.constants);
    changes.assign(count, Value());
    for (size_t i = 0; i < constants; ++i)
      if (tangents[i]) changes[i] = seen[next++];
    primals.insert(primals.end(), seen.begin() + static_cast<std::ptrdiff_t>(next),
                   seen.begin() + static_cast<std::ptrdiff_t>(next + count - constants));
    next += count - constants;
    for (size_t i = constants; i < count; ++i)
      if (is_inexact(primals[i].element())) changes[i] = seen[next++];
  };
  const std::vector<Type> types = types_of(inputs);
  const BodyPtr test = trace_body(types, [&](ValueSpan seen) {
    Values primals;
    Values changes;
    split(seen, primals, changes);
    return interpret(of.test->graph(), primals);
  });
  const BodyPtr body = trace_body(types, [&](ValueSpan seen) {
    Values primals;
    Values changes;
    split(seen, primals, changes);
    Values out = interpret(of.body->graph(), primals);
    const Values moved = run_jvp(*of.body, primals, changes);
    for (size_t i = 0; i < moved.size(); ++i)
      if (is_inexact(of.body->output_type(i).element))
        out.push_back(or_zeros(moved[i], of.body->output_type(i)));
    return out;
  });
  const Values found = while_loop(test, body, all_constants, inputs);
  Values out(count - constants);
  size_t next = count - constants;
  for (size_t i = 0; i < out.size(); ++i)
    if (is_inexact(call.inputs[constants + i].element())) out[i] = found[next++];
  return out;
}

Values vjp_while(const Call&, ValueSpan, std::span<const uint8_t>) {
  throw UnsupportedError(
      "while_loop: has no derivative by reverse mode under jit, since the number of rounds is not "
      "known; use scan, or forward mode");
}

/// Each example goes on until its own test fails; the loop until all have.
Values batch_while(const Batch& batch) {
  const auto& of = batch.params.as<WhileParams>();
  const auto constants = static_cast<size_t>(of.constants);
  Values inputs(batch.inputs.begin(), batch.inputs.end());
  std::vector<uint8_t> batched(batch.batched.begin(), batch.batched.end());
  for (size_t i = constants; i < inputs.size(); ++i) {
    inputs[i] = with_batch_axis(inputs[i], batched[i] != 0, batch.size);
    batched[i] = 1;
  }
  const std::vector<Type> types = types_of(inputs);
  const auto goes_on = [&](ValueSpan seen) {
    return run_batch(*of.test, seen, batched, batch.size)[0];
  };
  const BodyPtr test = trace_body(types, [&](ValueSpan seen) {
    return one(reduce(ReduceOp::kAny, goes_on(seen), {0}, false));
  });
  const BodyPtr body = trace_body(types, [&](ValueSpan seen) {
    const Value active = goes_on(seen);
    Values out = run_batch(*of.body, seen, batched, batch.size);
    for (size_t i = 0; i < out.size(); ++i)
      out[i] = where(with_rank(active, true, out[i].rank() - 1), out[i], seen[constants + i]);
    return out;
  });
  return while_loop(test, body, of.constants, inputs);
}

}  // namespace

const Primitive kCond = {
    "cond", infer_cond, run_cond, jvp_cond, vjp_cond, batch_cond, [](const Params&) {
      return kKeepInputs;
    }};
const Primitive kWhile = {
    "while_loop", infer_while, run_while, jvp_while, vjp_while, batch_while, [](const Params&) {
      return kKeepInputs;
    }};

Values cond(const Value& predicate, const BodyPtr& on_true, const BodyPtr& on_false,
            ValueSpan inputs) {
  Values all{predicate};
  all.insert(all.end(), inputs.begin(), inputs.end());
  const Params params(CondParams{on_true, on_false});
  infer_cond(params, types_of(all));
  return apply(kCond, params, all);
}

Values while_loop(const BodyPtr& test, const BodyPtr& body, int constants, ValueSpan inputs) {
  const Params params(WhileParams{test, body, constants});
  infer_while(params, types_of(inputs));
  return apply(kWhile, params, inputs);
}

}  // namespace cne::tensor
