// What units compute again instead of reading it: the same results, and fewer arrays between them.

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/body.h"
#include "tensor/matmul.h"
#include "tensor/recompute.h"
#include "tensor/value_ops.h"

using namespace cne::tensor;

namespace {

const Type kSquare{Element::kFloat32, {64, 64}, {}};

Array numbers(float step) {
  Array out = Array::empty(kSquare);
  for (int i = 0; i < 64 * 64; ++i)
    out.mutable_as<float>()[i] = std::sin(static_cast<float>(i) * step) * 0.1f;
  return out;
}

/// b = e^(x x) is read before and behind a product of matrices.
Values around_a_product(ValueSpan in, bool is_result) {
  const Value b = elementwise(ElementOp::kExp, in[0] * in[0]);
  const Value product = matmul(b + 1.0, in[1]);
  Values out = {product * b - b};
  if (is_result) out.push_back(b);
  return out;
}

std::vector<Unit> units_of(bool is_result) {
  const Type types[] = {kSquare, kSquare};
  const BodyPtr body =
      trace_body(types, [&](ValueSpan in) { return around_a_product(in, is_result); });
  return find_units(body->graph());
}

}  // namespace

TEST_CASE("recompute: a value of what is in memory anyway is not kept") {
  const std::vector<Unit> units = units_of(false);
  REQUIRE(units.size() == 3);
  CHECK(units[0].outputs.size() == 1);  // b + 1 alone
  CHECK(units[2].nodes.size() == 4);    // with x x and e^ again
}

TEST_CASE("recompute: a result is kept, and read") {
  const std::vector<Unit> units = units_of(true);
  REQUIRE(units.size() == 3);
  CHECK(units[0].outputs.size() == 2);
  CHECK(units[2].nodes.size() == 2);
}

TEST_CASE("recompute: the numbers are those of single operations, bit for bit") {
  const Array x = numbers(0.3f);
  const Array w = numbers(0.7f);
  for (const bool is_result : {false, true}) {
    const Type types[] = {kSquare, kSquare};
    const BodyPtr body =
        trace_body(types, [&](ValueSpan in) { return around_a_product(in, is_result); });
    const Array inputs[] = {x, w};
    const std::vector<Array> got = body->run(inputs);
    const Values values = {Value(x), Value(w)};
    const Values want = around_a_product(values, is_result);
    REQUIRE(got.size() == want.size());
    for (size_t at = 0; at < got.size(); ++at)
      for (int i = 0; i < 64 * 64; ++i)
        REQUIRE(got[at].as<float>()[i] == want[at].array().as<float>()[i]);
  }
}
