#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/vector.h>

#include <bit>
#include <memory>
#include <vector>

#include "bind/bind_tensor.h"
#include "core/error.h"

namespace cne::bind {

namespace {

enum class Kind : uint8_t {
  kLeaf,
  kNone,
  kList,
  kTuple,
  kDict,
  kOrderedDict,
  kDefaultDict,
  kNamedTuple,
  kDataclass,
  kCustom
};

struct Structure;
using StructurePtr = std::shared_ptr<const Structure>;

/// What is left of a tree without its leaves.
struct Structure {
  Kind kind = Kind::kLeaf;
  nb::object type;    // of named tuples, dataclasses and custom classes; a defaultdict's factory
  nb::object detail;  // keys of a dict, values of static fields, what a custom class gives
  std::vector<StructurePtr> children;
  size_t leaves = 0;
};

/// Names that are looked up for every object, made once.
struct Names {
  nb::object flatten = nb::str("__tree_flatten__");
  nb::object unflatten = nb::str("__tree_unflatten__");
  nb::object fields = nb::str("__tree_fields__");
  nb::object dataclass = nb::str("__dataclass_fields__");
  nb::object named = nb::str("_fields");
};
const Names& names() {
  static const Names* const only = new Names;  // never destroyed: the interpreter may be gone
  return *only;
}

bool has(PyObject* object, const nb::object& name) {
  return PyObject_HasAttr(object, name.ptr()) != 0;
}

/// Of a dataclass the names of its fields that are children, and of those that are static.
nb::tuple fields_of(nb::handle type) {
  const nb::object own = nb::steal(PyObject_GetAttr(type.ptr(), nb::str("__dict__").ptr()));
  const nb::object found = nb::steal(PyObject_GetItem(own.ptr(), names().fields.ptr()));
  if (found.is_valid() && PyTuple_CheckExact(found.ptr()) && nb::len(found) == 2 &&
      PyTuple_CheckExact(nb::object(found[0]).ptr()) &&
      PyTuple_CheckExact(nb::object(found[1]).ptr()))
    return nb::borrow<nb::tuple>(found);
  PyErr_Clear();
  nb::list children;
  nb::list constant;
  for (nb::handle field : nb::module_::import_("dataclasses").attr("fields")(type)) {
    const bool is_static =
        nb::cast<bool>(nb::bool_(nb::object(field.attr("metadata").attr("get")("static", false))));
    (is_static ? constant : children).append(field.attr("name"));
  }
  const nb::tuple out = nb::make_tuple(nb::tuple(children), nb::tuple(constant));
  nb::setattr(type, names().fields, out);
  return out;
}

nb::object keys_of(nb::handle dict) {
  const nb::object keys = nb::steal(PyDict_Keys(dict.ptr()));
  if (PyList_Sort(keys.ptr()) != 0) {
    PyErr_Clear();
    throw ArgumentError(message("tree: expected keys that can be sorted, got ",
                                nb::cast<std::string>(nb::str(keys))));
  }
  return nb::steal(PyList_AsTuple(keys.ptr()));
}

nb::handle ordered_dict() {
  static const nb::handle type = class_of("collections", "OrderedDict");
  return type;
}
nb::handle default_dict() {
  static const nb::handle type = class_of("collections", "defaultdict");
  return type;
}

/// A container's kind, detail and children; a leaf stays one.
struct Opened {
  Structure structure;
  std::vector<nb::object> children;
};

/// By sorted keys; an OrderedDict by its order.
void open_dict(nb::handle tree, Kind kind, Opened& out) {
  out.structure.kind = kind;
  out.structure.detail =
      kind == Kind::kOrderedDict ? nb::object(nb::tuple(nb::borrow(tree))) : keys_of(tree);
  if (kind == Kind::kDefaultDict) out.structure.type = tree.attr("default_factory");
  for (nb::handle key : out.structure.detail) {
    const nb::object child = nb::borrow(PyDict_GetItemWithError(tree.ptr(), key.ptr()));
    if (!child.is_valid()) throw ArgumentError("tree: a dict changed while it was read");
    out.children.push_back(child);
  }
}

void open_attributes(nb::handle tree, nb::handle type, Opened& out) {
  const nb::tuple fields = fields_of(type);
  nb::list constant;
  for (nb::handle each : nb::borrow<nb::tuple>(fields[1])) constant.append(nb::getattr(tree, each));
  for (nb::handle each : nb::borrow<nb::tuple>(fields[0]))
    out.children.push_back(nb::getattr(tree, each));
  out.structure.kind = Kind::kDataclass;
  out.structure.type = nb::borrow(type);
  out.structure.detail = nb::tuple(constant);
}

Opened open(nb::handle tree) {
  Opened out;
  PyObject* const object = tree.ptr();
  const nb::handle type(reinterpret_cast<PyObject*>(Py_TYPE(object)));
  const auto children_of = [&](nb::handle sequence) {
    for (nb::handle each : sequence) out.children.push_back(nb::borrow(each));
  };
  if (PyList_CheckExact(object) || PyTuple_CheckExact(object)) {
    out.structure.kind = PyList_CheckExact(object) ? Kind::kList : Kind::kTuple;
    children_of(tree);
  } else if (PyDict_CheckExact(object)) {
    open_dict(tree, Kind::kDict, out);
  } else if (PyDict_Check(object) && (type.is(ordered_dict()) || type.is(default_dict()))) {
    open_dict(tree, type.is(ordered_dict()) ? Kind::kOrderedDict : Kind::kDefaultDict, out);
  } else if (tree.is_none()) {
    out.structure.kind = Kind::kNone;
  } else if (is_value(tree) || PyFloat_CheckExact(object) || PyLong_CheckExact(object)) {
    return out;
  } else if (has(type.ptr(), names().flatten)) {
    const nb::object pair = nb::getattr(tree, names().flatten)();
    children_of(pair[0]);
    out.structure.kind = Kind::kCustom;
    out.structure.type = nb::borrow(type);
    out.structure.detail = pair[1];
  } else if (has(type.ptr(), names().dataclass)) {
    open_attributes(tree, type, out);
  } else if (PyTuple_Check(object) && has(type.ptr(), names().named)) {
    out.structure.kind = Kind::kNamedTuple;
    out.structure.type = nb::borrow(type);
    children_of(tree);
  }
  return out;
}

/// Trees that hold themselves end as Python's RecursionError.
struct RecursionGuard {
  RecursionGuard() {
    if (Py_EnterRecursiveCall(" in tree_flatten") != 0) throw nb::python_error();
  }
  ~RecursionGuard() { Py_LeaveRecursiveCall(); }
};

StructurePtr flatten(nb::handle tree, nb::list& leaves) {
  static const StructurePtr leaf = [] {
    auto out = std::make_shared<Structure>();
    out->leaves = 1;
    return out;
  }();
  Opened opened = open(tree);
  if (opened.structure.kind == Kind::kLeaf) {
    leaves.append(tree);
    return leaf;
  }
  const RecursionGuard guard;
  auto out = std::make_shared<Structure>(std::move(opened.structure));
  out->children.reserve(opened.children.size());
  for (const nb::object& each : opened.children) {
    out->children.push_back(flatten(each, leaves));
    out->leaves += out->children.back()->leaves;
  }
  return out;
}

nb::object close_attributes(const Structure& structure, const std::vector<nb::object>& children) {
  const nb::object made = nb::steal(PyBaseObject_Type.tp_new(
      reinterpret_cast<PyTypeObject*>(structure.type.ptr()), nb::tuple().ptr(), nullptr));
  if (!made.is_valid()) throw nb::python_error();
  const nb::tuple fields = fields_of(structure.type);
  const auto set = [&](nb::handle name, nb::handle value) {  // also where it is frozen
    if (PyObject_GenericSetAttr(made.ptr(), name.ptr(), value.ptr()) != 0) throw nb::python_error();
  };
  size_t next = 0;
  for (nb::handle name : nb::borrow<nb::tuple>(fields[0])) set(name, children[next++]);
  size_t at = 0;
  for (nb::handle name : nb::borrow<nb::tuple>(fields[1])) set(name, structure.detail[at++]);
  return made;
}

template <typename List>
nb::object sequence_of(PyObject* made, const std::vector<nb::object>& children, List set) {
  nb::object out = nb::steal(made);
  for (size_t i = 0; i < children.size(); ++i)
    set(out.ptr(), static_cast<Py_ssize_t>(i), nb::object(children[i]).release().ptr());
  return out;
}

nb::object close(const Structure& structure, const std::vector<nb::object>& children) {
  const auto count = static_cast<Py_ssize_t>(children.size());
  switch (structure.kind) {
    case Kind::kLeaf:
      break;
    case Kind::kNone:
      return nb::none();
    case Kind::kList:
      return sequence_of(PyList_New(count), children, [](PyObject* to, Py_ssize_t at, PyObject* v) {
        PyList_SET_ITEM(to, at, v);
      });
    case Kind::kTuple:
      return sequence_of(
          PyTuple_New(count), children,
          [](PyObject* to, Py_ssize_t at, PyObject* v) { PyTuple_SET_ITEM(to, at, v); });
    case Kind::kDict:
    case Kind::kOrderedDict:
    case Kind::kDefaultDict: {
      nb::object out = structure.kind == Kind::kDict          ? nb::dict()
                       : structure.kind == Kind::kOrderedDict ? ordered_dict()()
                                                              : default_dict()(structure.type);
      size_t next = 0;
      for (nb::handle key : structure.detail) out[key] = children[next++];
      return out;
    }
    case Kind::kNamedTuple: {
      nb::list arguments;
      for (const nb::object& each : children) arguments.append(each);
      return structure.type(*arguments);
    }
    case Kind::kDataclass:
      return close_attributes(structure, children);
    case Kind::kCustom: {
      nb::list list;
      for (const nb::object& each : children) list.append(each);
      return nb::getattr(structure.type, names().unflatten)(structure.detail, list);
    }
  }
  return nb::none();
}

nb::object unflatten(const Structure& structure, const std::vector<nb::object>& leaves,
                     size_t& next) {
  if (structure.kind == Kind::kLeaf) return leaves[next++];
  std::vector<nb::object> children;
  children.reserve(structure.children.size());
  for (const StructurePtr& each : structure.children)
    children.push_back(unflatten(*each, leaves, next));
  return close(structure, children);
}

bool equal(const nb::object& a, const nb::object& b);

bool equal_dicts(const nb::object& a, const nb::object& b) {
  if (nb::len(a) != nb::len(b)) return false;
  for (nb::handle item : nb::borrow<nb::dict>(a).items()) {
    const nb::object other =
        nb::borrow(PyDict_GetItemWithError(b.ptr(), nb::object(item[0]).ptr()));
    if (!other.is_valid() || !equal(nb::object(item[1]), other)) return false;
  }
  return true;
}

bool equal(const nb::object& a, const nb::object& b) {
  if (a.ptr() == b.ptr()) return true;
  if (!a.is_valid() || !b.is_valid()) return false;
  if (Py_TYPE(a.ptr()) != Py_TYPE(b.ptr())) return false;  // 1, 1.0 and True are three things
  if (PyTuple_CheckExact(a.ptr())) {
    if (nb::len(a) != nb::len(b)) return false;
    for (size_t i = 0; i < nb::len(a); ++i)
      if (!equal(nb::object(a[i]), nb::object(b[i]))) return false;
    return true;
  }
  if (PyList_CheckExact(a.ptr())) return equal(nb::object(nb::tuple(a)), nb::object(nb::tuple(b)));
  if (PyDict_CheckExact(a.ptr())) return equal_dicts(a, b);
  if (PyFloat_CheckExact(a.ptr())) {  // NaN is itself, and -0.0 is not 0.0
    const double x = PyFloat_AS_DOUBLE(a.ptr());
    const double y = PyFloat_AS_DOUBLE(b.ptr());
    return std::bit_cast<uint64_t>(x) == std::bit_cast<uint64_t>(y);
  }
  const int out = PyObject_RichCompareBool(a.ptr(), b.ptr(), Py_EQ);
  if (out < 0) throw nb::python_error();
  return out == 1;
}

bool equal(const Structure& a, const Structure& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.leaves != b.leaves || a.type.ptr() != b.type.ptr() ||
      a.children.size() != b.children.size() || !equal(a.detail, b.detail))
    return false;
  for (size_t i = 0; i < a.children.size(); ++i)
    if (!equal(*a.children[i], *b.children[i])) return false;
  return true;
}

/// Details that have no hash count as equal here: `equal` tells them apart.
size_t hash(const Structure& structure) {
  size_t out = static_cast<size_t>(structure.kind) * 31 + structure.children.size();
  if (structure.type.is_valid()) out = out * 1000003 ^ std::hash<void*>{}(structure.type.ptr());
  if (structure.detail.is_valid()) {
    const Py_hash_t detail = PyObject_Hash(structure.detail.ptr());
    if (detail == -1) PyErr_Clear();
    out = out * 1000003 ^ static_cast<size_t>(detail);
  }
  for (const StructurePtr& each : structure.children) out = out * 1000003 ^ hash(*each);
  return out;
}

nb::object unflatten_all(const Structure& structure, nb::handle leaves) {
  std::vector<nb::object> all;
  all.reserve(structure.leaves);
  for (nb::handle each : leaves) all.push_back(nb::borrow(each));
  if (all.size() != structure.leaves)
    throw ArgumentError(
        message("tree_unflatten: expected ", structure.leaves, " leaves, got ", all.size()));
  size_t next = 0;
  return unflatten(structure, all, next);
}

}  // namespace

void bind_tensor_tree(nb::module_& m) {
  using Mutable = std::shared_ptr<Structure>;
  const auto shared = [](const StructurePtr& structure) {
    return std::const_pointer_cast<Structure>(structure);
  };
  nb::class_<Structure>(m, "Structure",
                        "What is left of a tree without its leaves; equal ones have leaves at the "
                        "same places.")
      .def_ro("num_leaves", &Structure::leaves)
      .def_prop_ro("is_tuple", [](const Structure& self) { return self.kind == Kind::kTuple; })
      .def_prop_ro("children",
                   [shared](const Structure& self) {
                     std::vector<Mutable> out;
                     for (const StructurePtr& each : self.children) out.push_back(shared(each));
                     return out;
                   })
      .def("__eq__",
           [](const Structure& self, nb::handle other) {
             return nb::isinstance<Structure>(other) &&
                    equal(self, *nb::inst_ptr<Structure>(other));
           })
      .def("__hash__", [](const Structure& self) { return hash(self); })
      .def("__repr__", [](const Structure& self) {
        nb::list stars;
        for (size_t i = 0; i < self.leaves; ++i) stars.append(nb::str("*"));
        return nb::str(nb::repr(unflatten_all(self, stars)));
      });
  m.def(
      "tree_flatten",
      [shared](nb::handle tree) {
        nb::list leaves;
        const StructurePtr structure = flatten(tree, leaves);
        return nb::make_tuple(leaves, shared(structure));
      },
      nb::arg("tree").none());
  m.def("tree_unflatten", &unflatten_all);
  m.def(
      "tree_children",
      [](nb::handle tree) -> nb::object {
        const Opened opened = open(tree);
        if (opened.structure.kind == Kind::kLeaf) return nb::none();
        nb::list out;
        for (const nb::object& each : opened.children) out.append(each);
        return out;
      },
      nb::arg("tree").none());
}

}  // namespace cne::bind
