// Batches that threads gather ahead: which rows they have, how they end, what errors and forks do.

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <numeric>
#include <thread>

#include "core/error.h"
#include "index_cases.h"
#include "tensor/batch_loader.h"

using namespace cne::tensor;
using namespace cne::tensor::testing;

namespace {

Array numbers(std::vector<int64_t> values) {
  const auto count = static_cast<int64_t>(values.size());
  return array_of<int64_t>(Element::kInt64, {count}, values);
}

std::vector<int64_t> values_of(const Array& array) {
  std::vector<int64_t> out;
  for (int64_t i = 0; i < array.size(); ++i)
    out.push_back(array.as<int64_t>()[i * array.strides()[0]]);
  return out;
}

std::vector<int64_t> counted(int64_t begin, int64_t end, int64_t step = 1) {
  std::vector<int64_t> out;
  for (int64_t i = begin; step > 0 ? i < end : i > end; i += step) out.push_back(i);
  return out;
}

/// All batches of blocks that a thread feeds; every second block has an order, from its last row.
std::vector<std::vector<int64_t>> batches_of(const std::vector<int64_t>& extents,
                                             const BatchLoaderOptions& options) {
  BatchLoader loader(options);
  std::thread feeder([&] {
    int64_t at = 0;
    for (size_t i = 0; i < extents.size(); ++i) {
      const int64_t end = at + extents[i];
      while (!loader.wait_for_room(1'000)) {
      }
      if (i % 2 == 0)
        loader.feed({numbers(counted(at, end))}, {});
      else
        loader.feed({numbers(counted(end - 1, at - 1, -1))},
                    numbers(counted(extents[i] - 1, -1, -1)));
      at = end;
    }
    loader.finish();
  });
  std::vector<std::vector<int64_t>> out;
  while (const auto batch = loader.next()) out.push_back(values_of((*batch)[0]));
  feeder.join();
  CHECK(!loader.next());
  return out;
}

}  // namespace

TEST_CASE("batch_loader: the rows of all blocks in their orders, by any number of threads") {
  const std::vector<std::vector<int64_t>> blocks{{}, {0}, {10}, {3, 1, 0, 9, 4, 2}, {64, 1, 1, 1}};
  for (const std::vector<int64_t>& extents : blocks)
    for (const int64_t rows : {1, 4, 100})
      for (const int threads : {1, 3})
        for (const bool drop : {false, true}) {
          const int64_t total = std::accumulate(extents.begin(), extents.end(), int64_t{0});
          std::vector<std::vector<int64_t>> wanted;
          for (int64_t at = 0; at < total; at += rows)
            if (!drop || at + rows <= total)
              wanted.push_back(counted(at, std::min(at + rows, total)));
          CHECK(batches_of(extents, {rows, drop, 3, threads}) == wanted);
        }
}

TEST_CASE("batch_loader: arrays of every type and layout beside each other") {
  const Array order = numbers({2, 0, 2, 1});
  for (const Element element : all_elements())
    for (const Array& array : layouts(element, {3, 4})) {
      BatchLoader loader({3, false, 2, 2});
      loader.feed({array, numbers({5, 6, 7})}, order);
      loader.finish();
      const auto first = loader.next();
      REQUIRE(first);
      CHECK(values_of((*first)[1]) == std::vector<int64_t>{7, 5, 7});
      CHECK(has_elements((*first)[0], [&](const Dims& index) {
        return at(array, {order.as<int64_t>()[index[0]], index[1]});
      }));
      CHECK(values_of((*loader.next())[1]) == std::vector<int64_t>{6});
      CHECK(!loader.next());
    }
}

TEST_CASE("batch_loader: rows that lie in order are views") {
  const Array array = numbers(counted(0, 10));
  BatchLoader loader({4});
  loader.feed({array}, {});
  loader.finish();
  CHECK((*loader.next())[0].address() == array.address());
}

TEST_CASE("batch_loader: a row that is not there is told in its place") {
  BatchLoader loader({2, false, 8, 3});
  loader.feed({numbers({1, 2, 3})}, numbers({0, 1, 2, 7, 0, 0}));
  loader.finish();
  CHECK(values_of((*loader.next())[0]) == std::vector<int64_t>{1, 2});
  CHECK_THROWS_AS(loader.next(), cne::ArgumentError);
  CHECK(!loader.next());
}

TEST_CASE("batch_loader: closed midway") {
  for (const int threads : {1, 4})
    for (const int taken : {0, 1, 3}) {
      BatchLoader loader({5, false, 2, threads});
      loader.feed({numbers(counted(0, 1000))}, numbers(counted(0, 1000)));
      for (int i = 0; i < taken; ++i) CHECK(loader.next());
      std::thread waits([&] {
        loader.feed({numbers({1, 2})}, {});
        while (!loader.wait_for_room(1'000)) {
        }
      });
      loader.close();
      waits.join();
      CHECK(loader.is_closed());
      CHECK(!loader.next());
    }
}

TEST_CASE("batch_loader: wrong use") {
  CHECK_THROWS_AS(BatchLoader({0}), cne::ArgumentError);
  CHECK_THROWS_AS(BatchLoader({1, false, 0}), cne::ArgumentError);
  CHECK_THROWS_AS(BatchLoader({1, false, 1, 0}), cne::ArgumentError);
  BatchLoader loader({2});
  CHECK_THROWS_AS(loader.feed({}, {}), cne::ShapeError);
  CHECK_THROWS_AS(loader.feed({numbers({1}), numbers({1, 2})}, {}), cne::ShapeError);
  CHECK_THROWS_AS(loader.feed({Array::zeros({Element::kInt64, {}, {}})}, {}), cne::ShapeError);
  const Array two = sample(Element::kInt64, {2, 2}, 1, 0, 0);
  CHECK_THROWS_AS(loader.feed({numbers({1})}, two), cne::ShapeError);
  CHECK_THROWS_AS(loader.feed({numbers({1})}, sample(Element::kInt8, {1})), cne::TypeError);
  loader.finish();
  CHECK_THROWS_AS(loader.feed({numbers({1})}, {}), cne::StateError);
}

TEST_CASE("batch_loader: a forked child has no pass of its parent") {
  BatchLoader* const loader = new BatchLoader({1, false, 2, 2});
  loader->feed({numbers(counted(0, 100))}, numbers(counted(0, 100)));
  CHECK(loader->next());
  const pid_t child = fork();
  if (child == 0) {
    bool refused = false;
    try {
      loader->next();
    } catch (const cne::StateError&) {
      refused = true;
    }
    delete loader;  // waits for nobody
    BatchLoader own({3});
    own.feed({numbers({1, 2})}, numbers({1, 0}));
    own.finish();
    _exit(refused && values_of((*own.next())[0]) == std::vector<int64_t>{2, 1} ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(loader->next());
  delete loader;
}
