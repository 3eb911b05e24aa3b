#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <complex>
#include <thread>
#include <vector>

#include "core/error.h"
#include "tensor/blas.h"

using namespace cne::tensor;

namespace {

/// (1 2; 3 4) (5 6; 7 8) = (19 22; 43 50)
template <typename T>
bool multiplies() {
  const T a[] = {1, 2, 3, 4};
  const T b[] = {5, 7, 6, 8};  // column by column
  T c[] = {1, 1, 1, 1};
  blas_gemm<T>(2, 2, 2, 1, a, {false, 2}, b, {true, 2}, 2, c, 2);
  T y[] = {9, -1, 9};
  blas_gemv<T>(2, 2, 1, a, {true, 2}, b, 1, 0, y, 2);  // (1 3; 2 4) (5 7)
  return c[0] == T(21) && c[1] == T(24) && c[2] == T(45) && c[3] == T(52) && y[0] == T(26) &&
         y[1] == T(-1) && y[2] == T(38);
}

}  // namespace

TEST_CASE("blas multiplies matrices of every type, by rows and by columns") {
  CHECK(multiplies<float>());
  CHECK(multiplies<double>());
  CHECK(multiplies<std::complex<float>>());
  CHECK(multiplies<std::complex<double>>());
}

TEST_CASE("blas names a function that is not there") {
  CHECK_THROWS_AS(blas_symbol("no_such_function"), cne::IoError);
  CHECK_THROWS_WITH(blas_symbol("no_such_function"), doctest::Contains("scipy_no_such_function"));
}

TEST_CASE("blas works from many threads at once and in a forked child") {
  std::vector<std::thread> threads;
  std::vector<int> right(8, 0);
  for (size_t i = 0; i < right.size(); ++i)
    threads.emplace_back([&right, i] { right[i] = multiplies<double>(); });
  for (std::thread& each : threads) each.join();
  for (const int each : right) CHECK(each == 1);

  const pid_t child = fork();
  if (child == 0) _exit(multiplies<double>() ? 0 : 1);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
