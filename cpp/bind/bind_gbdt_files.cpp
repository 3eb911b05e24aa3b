#include "bind/bind_gbdt.h"
#include "core/error.h"
#include "core/file.h"
#include "core/ubjson.h"
#include "gbdt/model_format.h"
#include "gbdt/onnx_trees.h"

namespace cne::bind {

using namespace cne::gbdt;

namespace {

Booster load(const std::string& path) {
  const std::string function = "load_model: " + path;
  return Booster(read_model(read_file(path), function.c_str()), function.c_str());
}

Booster bind_read_bytes(const nb::bytes& bytes, const std::string& function) {
  return Booster(read_model({bytes.c_str(), bytes.size()}, function.c_str()), function.c_str());
}

void bind_save(const Booster& booster, const std::string& path, const std::string& format) {
  write_file_atomic(path, write_model(booster.model(), find_format(format, "save_model")));
}

nb::bytes bind_write_bytes(const Booster& booster, const std::string& format) {
  const std::string out = write_model(booster.model(), find_format(format, "save_model"));
  return nb::bytes(out.data(), out.size());
}

/// The attributes of a TreeEnsembleRegressor by name, and what the graph around it needs.
nb::dict bind_onnx_trees(const Booster& booster) {
  const Model& model = booster.model();
  const OnnxTrees trees = write_onnx_trees(model);
  nb::dict attributes;
  attributes["nodes_treeids"] = trees.tree;
  attributes["nodes_nodeids"] = trees.node;
  attributes["nodes_featureids"] = trees.feature;
  attributes["nodes_modes"] = trees.mode;
  attributes["nodes_values"] = trees.value;
  attributes["nodes_truenodeids"] = trees.yes;
  attributes["nodes_falsenodeids"] = trees.no;
  attributes["nodes_missing_value_tracks_true"] = trees.missing_yes;
  attributes["target_treeids"] = trees.target_tree;
  attributes["target_nodeids"] = trees.target_node;
  attributes["target_ids"] = trees.target;
  attributes["target_weights"] = trees.weight;
  attributes["base_values"] = model.base_scores;
  constexpr const char* kLinks[] = {"identity", "sigmoid", "softmax", "exp"};
  nb::dict out;
  out["attributes"] = attributes;
  out["link"] = kLinks[static_cast<size_t>(link_of(model.objective))];
  out["scale"] = model.objective.sigmoid;
  return out;
}

}  // namespace

void bind_gbdt_files(nb::module_& m) {
  m.def("read_model", load, nb::arg("path"), Unlocked());
  m.def("read_model_bytes", bind_read_bytes, nb::arg("bytes"), nb::arg("function") = "read_model");
  m.def("write_model", bind_save, nb::arg("booster"), nb::arg("path"), nb::arg("format"),
        Unlocked());
  m.def("onnx_trees", bind_onnx_trees, nb::arg("booster"));
  m.def("write_bytes", [](const std::string& path, const nb::bytes& bytes) {
    write_file_atomic(path, {bytes.c_str(), bytes.size()});
  });
  m.def("write_model_bytes", bind_write_bytes, nb::arg("booster"), nb::arg("format"));
}

}  // namespace cne::bind
