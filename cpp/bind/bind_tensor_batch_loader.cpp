#include "bind/bind_tensor.h"
#include "bind/wait_in_slices.h"
#include "tensor/batch_loader.h"
#include "tensor/trace.h"

namespace cne::bind {

namespace {

using tensor::Array;
using tensor::BatchLoader;
using tensor::Value;

void feed(BatchLoader& self, nb::sequence values, std::optional<Value> order) {
  std::vector<Array> arrays;
  for (nb::handle each : values)
    arrays.push_back(tensor::concrete(nb::cast<const Value&>(each), "batch_loader"));
  self.feed(std::move(arrays), order ? tensor::concrete(*order, "batch_loader") : Array());
}

/// A batch that is there is taken without letting go of the interpreter.
nb::object next(BatchLoader& self) {
  if (!self.wait_for_batch(0))
    wait_in_slices(std::nullopt, [&](int64_t ms) { return self.wait_for_batch(ms); });
  std::optional<std::vector<Array>> batch = self.next();
  if (!batch) return nb::none();
  nb::list out;
  for (Array& each : *batch) out.append(nb::cast(Value(std::move(each))));
  return out;
}

}  // namespace

void bind_tensor_batch_loader(nb::module_& m) {
  nb::class_<BatchLoader>(m, "BatchLoader")
      .def("__init__",
           [](BatchLoader* self, int64_t rows, bool drop_remainder, int64_t ahead, int threads) {
             new (self) BatchLoader({rows, drop_remainder, ahead, threads});
           })
      .def("feed", &feed, nb::arg("arrays"), nb::arg("order").none())
      .def("wait_for_room",
           [](BatchLoader& self) {
             const ReleaseInterpreter unlocked;
             while (!self.wait_for_room(1'000)) {
             }
             return !self.is_closed();
           })
      .def("finish", &BatchLoader::finish)
      .def("next", &next)
      .def("close", &BatchLoader::close, Unlocked());
}

}  // namespace cne::bind
