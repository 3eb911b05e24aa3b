#include "bind/bind_gbdt_communicator.h"

#include <nanobind/ndarray.h>

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "gbdt/socket_communicator.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

/// An object of Python as a communicator; takes the interpreter lock for each call.
class PythonCommunicator : public Communicator {
 public:
  explicit PythonCommunicator(nb::object group) : group_(std::move(group)) {
    if (!nb::try_cast(nb::getattr(group_, "rank", nb::none()), rank_) ||
        !nb::try_cast(nb::getattr(group_, "size", nb::none()), size_) || rank_ < 0 ||
        rank_ >= size_)
      throw TypeError(
          message("train: expected a communicator with rank and size, and methods allreduce and "
                  "allgather, got ",
                  nb::cast<std::string>(nb::repr(group_))));
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void allreduce(int64_t* values, size_t count) override {
    const HoldInterpreter lock;
    // A copy: what the other side keeps of it must not change.
    auto* held = new std::vector<int64_t>(values, values + count);
    const nb::capsule owner(held,
                            [](void* p) noexcept { delete static_cast<std::vector<int64_t>*>(p); });
    const size_t shape[] = {count};
    const nb::object result =
        group_.attr("allreduce")(nb::ndarray<nb::numpy, int64_t>(held->data(), 1, shape, owner));
    using Sums = nb::ndarray<const int64_t, nb::numpy, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
    Sums sums;
    if (!nb::try_cast(result, sums, false) || sums.shape(0) != count)
      throw TypeError(message("train: expected allreduce of the communicator to return ", count,
                              " numbers of int64, got ",
                              nb::cast<std::string>(nb::repr(result)).substr(0, 200)));
    std::copy_n(sums.data(), count, values);
  }

  std::vector<std::string> allgather(std::string bytes) override {
    const HoldInterpreter lock;
    const nb::object result = group_.attr("allgather")(nb::bytes(bytes.data(), bytes.size()));
    std::vector<nb::bytes> parts;
    if (!nb::try_cast(result, parts) || std::ssize(parts) != size_)
      throw TypeError(message("train: expected allgather of the communicator to return a list of ",
                              size_, " bytes"));
    std::vector<std::string> out;
    for (const nb::bytes& part : parts) out.emplace_back(part.c_str(), part.size());
    return out;
  }

  void abort() noexcept override {
    if (interpreter_ends()) return;
    const HoldInterpreter lock(std::nothrow);
    if (!nb::hasattr(group_, "abort")) return;
    nb::error_scope pending;  // the error that led here stays
    try {
      group_.attr("abort")();
    } catch (...) {
      PyErr_Clear();
    }
  }

 private:
  nb::object group_;
  int rank_ = 0;
  int size_ = 0;
};

}  // namespace

HeldCommunicator::HeldCommunicator(const nb::object& given) : given_(given) {
  if (given.is_none()) return;
  SocketCommunicator* socket = nullptr;
  if (nb::try_cast(given, socket) && socket != nullptr) {
    group_ = socket;
    return;
  }
  adapter_ = std::make_unique<PythonCommunicator>(given);
  group_ = adapter_.get();
}

void bind_gbdt_communicator(nb::module_& m) {
  nb::class_<SocketCommunicator>(m, "SocketCommunicator")
      .def(
          "__init__",
          [](SocketCommunicator* self, int rank, int size, const std::string& host, int port,
             const nb::bytes& token, int timeout_ms) {
            const auto on_signal = [] {
              const HoldInterpreter lock;
              if (PyErr_CheckSignals() != 0) throw nb::python_error();
            };
            new (self) SocketCommunicator(
                {rank, size, host, port, {token.c_str(), token.size()}, timeout_ms, on_signal});
          },
          nb::arg("rank"), nb::arg("size"), nb::arg("host"), nb::arg("port"), nb::arg("token"),
          nb::arg("timeout_ms"))
      .def_prop_ro("rank", &SocketCommunicator::rank)
      .def_prop_ro("size", &SocketCommunicator::size)
      .def_prop_ro("port", &SocketCommunicator::port)
      .def("connect", &SocketCommunicator::connect, Unlocked())
      .def("allreduce",
           [](SocketCommunicator& self,
              nb::ndarray<const int64_t, nb::numpy, nb::ndim<1>, nb::c_contig> values) {
             std::vector<int64_t> sums(values.data(), values.data() + values.shape(0));
             {
               const ReleaseInterpreter unlocked;
               self.allreduce(sums.data(), sums.size());
             }
             auto* held = new std::vector<int64_t>(std::move(sums));
             const nb::capsule owner(
                 held, [](void* p) noexcept { delete static_cast<std::vector<int64_t>*>(p); });
             const size_t shape[] = {held->size()};
             return nb::cast(nb::ndarray<nb::numpy, int64_t>(held->data(), 1, shape, owner));
           })
      .def("allgather",
           [](SocketCommunicator& self, const nb::bytes& bytes) {
             std::string own(bytes.c_str(), bytes.size());
             std::vector<std::string> all;
             {
               const ReleaseInterpreter unlocked;
               all = self.allgather(std::move(own));
             }
             nb::list out;
             for (const std::string& part : all) out.append(nb::bytes(part.data(), part.size()));
             return out;
           })
      .def("abort", &SocketCommunicator::abort);
}

}  // namespace cne::bind
