#include <algorithm>

#include "tensor/search_sorted.h"
#include "tensor/value_ops.h"

namespace cne::tensor {

namespace {

struct SideParams {
  bool right;
  auto fields() const { return std::tie(right); }
};

std::vector<Type> infer(const Params&, std::span<const Type> inputs) {
  return one(search_sorted_type(inputs[0], inputs[1]));
}

std::vector<Array> run(const Params& params, std::span<const Array> inputs) {
  return one(search_sorted(inputs[0], inputs[1], params.as<SideParams>().right));
}

Values batch(const Batch& batch) {
  const bool right = batch.params.as<SideParams>().right;
  const Value& sorted = batch.inputs[0];
  // One row for all values of a batch.
  if (batch.batched[0] == 0 && sorted.rank() == 1)
    return one(search_sorted(sorted, batch.inputs[1], right));
  const Value rows = with_batch_axis(sorted, batch.batched[0] != 0, batch.size);
  const Value values = with_batch_axis(batch.inputs[1], batch.batched[1] != 0, batch.size);
  if (rows.rank() > 2) return one(search_sorted(rows, values, right));
  const Value lines =
      reshape(values, {batch.size, values.size() / std::max<int64_t>(batch.size, 1)});
  return one(reshape(search_sorted(rows, lines, right), values.shape()));
}

}  // namespace

const Primitive kSearchSorted = {"search_sorted", infer, run, nullptr, nullptr, batch};

Value search_sorted(const Value& sorted, const Value& values, bool right) {
  const Value inputs[] = {sorted, values};
  return apply_one(kSearchSorted, Params(SideParams{right}), inputs);
}

}  // namespace cne::tensor
