// predict_row allocates nothing: operator new of this binary counts its calls.

#include <cstdlib>
#include <new>

#include "doctest/doctest.h"
#include "gbdt/booster.h"
#include "gbdt/random_model.h"

namespace {

thread_local int64_t allocations = 0;

void* counted(size_t size) {
  ++allocations;
  void* out = std::malloc(size > 0 ? size : 1);
  if (out == nullptr) throw std::bad_alloc();
  return out;
}

void* counted(size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto unit = static_cast<size_t>(alignment);
  void* out = std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
  if (out == nullptr) throw std::bad_alloc();
  return out;
}

}  // namespace

void* operator new(size_t size) { return counted(size); }
void* operator new[](size_t size) { return counted(size); }
void* operator new(size_t size, std::align_val_t alignment) { return counted(size, alignment); }
void* operator new[](size_t size, std::align_val_t alignment) { return counted(size, alignment); }
// Temporary buffers of the standard library; the sanitizer would take these for its own.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size > 0 ? size : 1);
}
void* operator new[](size_t size, const std::nothrow_t& tag) noexcept {
  return operator new(size, tag);
}
void operator delete(void* bytes) noexcept { std::free(bytes); }
void operator delete[](void* bytes) noexcept { std::free(bytes); }
void operator delete(void* bytes, size_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, size_t) noexcept { std::free(bytes); }
void operator delete(void* bytes, std::align_val_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, std::align_val_t) noexcept { std::free(bytes); }
void operator delete(void* bytes, size_t, std::align_val_t) noexcept { std::free(bytes); }
void operator delete[](void* bytes, size_t, std::align_val_t) noexcept { std::free(bytes); }

using namespace cne::gbdt;

namespace {

int64_t allocations_of_rows(const RandomModelOptions& options) {
  const Model model = random_model(options);
  const Booster booster(Model(model), "test");
  const std::vector<double> rows = random_rows(model, 20, 9);
  std::vector<double> out(static_cast<size_t>(booster.outputs()));
  const int64_t before = allocations;
  for (int i = 0; i < 20; ++i)
    for (const bool raw : {true, false})
      booster.predict_row(&rows[static_cast<size_t>(i * booster.width())], raw, out.data());
  return allocations - before;
}

}  // namespace

TEST_CASE("predict_row allocates nothing, in models of all kinds") {
  int64_t before = allocations;
  delete new int(1);
  REQUIRE(allocations == before + 1);  // calls are counted
  for (const RandomModelOptions& options : all_kinds()) {
    CAPTURE(options.seed);
    CHECK(allocations_of_rows(options) == 0);
  }
  RandomModelOptions wide;
  wide.categorical = wide.derived = true;
  for (const int inputs : {1, 100, 600}) {
    wide.inputs = inputs;
    for (const int leaves : {1, 600}) {
      wide.leaves = leaves;
      CAPTURE(inputs);
      CAPTURE(leaves);
      CHECK(allocations_of_rows(wide) == 0);
    }
  }
}
