#include "bind/bind_tensor_unlocked.h"
#include "tensor/cholesky.h"
#include "tensor/determinant.h"
#include "tensor/eig.h"
#include "tensor/eigh.h"
#include "tensor/lu.h"
#include "tensor/qr.h"
#include "tensor/solve.h"
#include "tensor/svd.h"
#include "tensor/triangular_solve.h"

namespace cne::bind {

using tensor::Value;

void bind_tensor_linalg(nb::module_& m) {
  m.def("cholesky", [](const Value& a) {
    return unlocked([](const Value& x) { return tensor::cholesky(x); }, a);
  });
  m.def("triangular_solve",
        [](const Value& a, const Value& b, bool is_lower, bool is_adjoint, bool has_unit_diagonal) {
          const tensor::TriangularParams params{is_lower, is_adjoint, has_unit_diagonal};
          return unlocked([&](const Value& x,
                              const Value& y) { return tensor::triangular_solve(x, y, params); },
                          a, b);
        });
  m.def("solve", [](const Value& a, const Value& b) {
    return unlocked([](const Value& x, const Value& y) { return tensor::solve(x, y); }, a, b);
  });
  m.def("inv", [](const Value& a) {
    return unlocked([](const Value& x) { return tensor::inverse(x); }, a);
  });
  m.def("det", [](const Value& a) {
    return unlocked([](const Value& x) { return tensor::determinant(x); }, a);
  });
  m.def("slogdet", [](const Value& a) {
    return list_of(unlocked([](const Value& x) { return tensor::sign_and_log_determinant(x); }, a));
  });
  m.def("lu", [](const Value& a) {
    return list_of(unlocked([](const Value& x) { return tensor::lu(x); }, a));
  });
  m.def("qr", [](const Value& a, bool is_complete) {
    return list_of(unlocked([=](const Value& x) { return tensor::qr(x, is_complete); }, a));
  });
  m.def("eig", [](const Value& a) {
    return list_of(unlocked([](const Value& x) { return tensor::eig(x); }, a));
  });
  m.def("eigvals", [](const Value& a) {
    return unlocked([](const Value& x) { return tensor::eig_values(x); }, a);
  });
  m.def("eigh", [](const Value& a) {
    return list_of(unlocked([](const Value& x) { return tensor::eigh(x); }, a));
  });
  m.def("eigvalsh", [](const Value& a) {
    return unlocked([](const Value& x) { return tensor::eigh_values(x); }, a);
  });
  m.def("svd", [](const Value& a, bool is_full) {
    return list_of(unlocked([=](const Value& x) { return tensor::svd(x, is_full); }, a));
  });
  m.def("svdvals", [](const Value& a) {
    return unlocked([](const Value& x) { return tensor::svd_values(x); }, a);
  });
}

}  // namespace cne::bind
