#include <cstring>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

#include "bind/bind_tensor.h"
#include "tensor/composite.h"
#include "tensor/elementwise_tile.h"
#include "tensor/reduce.h"
#include "tensor/trace.h"

namespace cne::bind {

namespace {

using tensor::CompositePtr;
using tensor::Value;
using tensor::Values;

/// Below so many elements no program is traced for a shape until it has come several times, so that
/// calls of ever new shapes cost no tracing.
constexpr int64_t kSmallest = 16'384;
constexpr int kSeveral = 8;
/// Programs that a function keeps.
constexpr size_t kMostPrograms = 256;

void append(std::string& key, const void* bytes, size_t size) {
  key.append(static_cast<const char*>(bytes), size);
}

void append_type(std::string& key, const tensor::Type& type) {
  const char head[] = {'A', static_cast<char>(type.element), static_cast<char>(type.shape.size()),
                       static_cast<char>(type.device.kind), static_cast<char>(type.device.index)};
  append(key, head, sizeof head);
  append(key, type.shape.begin(), static_cast<size_t>(type.shape.size()) * sizeof(int64_t));
}

/// An option of a program: None, a bool, a number, a text, or a tuple of these. False for others.
bool append_option(std::string& key, PyObject* option) {
  if (option == Py_None) {
    key += 'N';
  } else if (PyBool_Check(option)) {
    key += option == Py_True ? 'T' : 'F';
  } else if (PyLong_CheckExact(option)) {
    int overflow = 0;
    const long long number = PyLong_AsLongLongAndOverflow(option, &overflow);
    if (overflow != 0) return false;
    key += 'I';
    append(key, &number, sizeof number);
  } else if (PyFloat_CheckExact(option)) {
    const double number = PyFloat_AS_DOUBLE(option);
    key += 'D';
    append(key, &number, sizeof number);
  } else if (PyUnicode_CheckExact(option)) {
    Py_ssize_t size = 0;
    const char* text = PyUnicode_AsUTF8AndSize(option, &size);
    if (text == nullptr) {
      PyErr_Clear();
      return false;
    }
    key += 'S';
    append(key, &size, sizeof size);
    append(key, text, static_cast<size_t>(size));
  } else if (PyTuple_CheckExact(option)) {
    const Py_ssize_t size = PyTuple_GET_SIZE(option);
    key += '(';
    append(key, &size, sizeof size);
    for (Py_ssize_t i = 0; i < size; ++i)
      if (!append_option(key, PyTuple_GET_ITEM(option, i))) return false;
  } else {
    return false;
  }
  return true;
}

/// The arguments of a call: its arrays, and all that a program depends on as bytes.
struct Arguments {
  Values arrays;
  std::string key;
  bool is_small;
};

/// Nothing for a call that no program stands for: it has other objects, or is small and traced.
std::optional<Arguments> arguments_of(const nb::args& args, const nb::kwargs& kwargs) {
  Arguments out;
  int64_t size = 0;
  bool is_traced = false;
  for (nb::handle each : args) {
    if (!is_value(each)) {
      if (!append_option(out.key, each.ptr())) return std::nullopt;
      continue;
    }
    const Value& value = *nb::inst_ptr<Value>(each);
    is_traced |= value.is_traced();
    if (value.is_traced() && (value.is_weak() || value.tracer()->trace->is_closed()))
      return std::nullopt;
    size = std::max(size, value.size());
    append_type(out.key, value.type());
    out.arrays.push_back(value);
  }
  out.is_small = size < kSmallest;
  if ((out.is_small && is_traced) || tensor::debug_nans()) return std::nullopt;
  for (const auto& [name, option] : kwargs)
    if (!append_option(out.key, name.ptr()) || !append_option(out.key, option.ptr()))
      return std::nullopt;
  return out;
}

/// Whether its results are those of operations one by one to the bit: sums of rows longer than a
/// tile are not.
bool is_exact(const tensor::Graph& graph) {
  for (const tensor::Graph::Node& node : graph.nodes) {
    if (node.primitive != &tensor::kReduce) continue;
    const int64_t size = graph.types[static_cast<size_t>(node.inputs[0])].size();
    const int64_t rows = graph.types[static_cast<size_t>(node.outputs[0])].size();
    if (size > rows * tensor::kTile) return false;
  }
  return true;
}

/// The programs of a function by its arguments. Safe by threads.
class Composites {
 public:
  /// The result; None where the function itself is to be called, NotImplemented where there is no
  /// program yet.
  nb::object run(const nb::args& args, const nb::kwargs& kwargs) {
    const auto given = arguments_of(args, kwargs);
    if (!given) return nb::none();
    const auto [program, is_wanted] = find(*given);
    if (program == nullptr) return is_wanted ? nb::borrow(Py_NotImplemented) : nb::none();
    for (const Value& each : given->arrays)
      if (each.is_traced()) return nb::cast(tensor::composite(program, given->arrays)[0]);
    Values out;
    {
      const ReleaseInterpreter unlocked;
      out = tensor::composite(program, given->arrays);
    }
    return nb::cast(std::move(out[0]));
  }

  void add(tensor::Graph& graph, const nb::args& args, const nb::kwargs& kwargs) {
    const auto given = arguments_of(args, kwargs);
    if (!given) return;
    CompositePtr program;
    if (!given->is_small || is_exact(graph))
      program = std::make_shared<const tensor::Composite>(tensor::make_body(std::move(graph)));
    const std::lock_guard lock(lock_);
    if (programs_.size() >= kMostPrograms) programs_.clear();
    programs_.insert_or_assign(given->key, Entry{std::move(program), kSeveral + 1});
  }

 private:
  struct Entry {
    CompositePtr program;
    int calls = 0;
  };

  /// The program, or whether one is to be made.
  std::pair<CompositePtr, bool> find(const Arguments& given) {
    const std::lock_guard lock(lock_);
    if (!given.is_small) {
      const auto found = programs_.find(given.key);
      return {found == programs_.end() ? nullptr : found->second.program, true};
    }
    if (programs_.size() >= kMostPrograms && !programs_.contains(given.key)) programs_.clear();
    Entry& entry = programs_[given.key];
    if (entry.calls <= kSeveral) ++entry.calls;
    return {entry.program, entry.calls == kSeveral};
  }

  std::mutex lock_;
  std::unordered_map<std::string, Entry> programs_;
};

}  // namespace

void bind_tensor_composite(nb::module_& m) {
  nb::class_<Composites>(m, "Composites")
      .def(nb::init<>())
      .def("run", &Composites::run)
      .def("add", &Composites::add);
}

}  // namespace cne::bind
