#include "gbdt/model_format.h"

#include <array>
#include <utility>

#include "core/error.h"
#include "core/ubjson.h"
#include "gbdt/catboost_binary.h"
#include "gbdt/catboost_file.h"
#include "gbdt/lightgbm_file.h"
#include "gbdt/model_file.h"
#include "gbdt/xgboost_file.h"

namespace cne::gbdt {

namespace {

constexpr std::array<std::pair<std::string_view, ModelFormat>, 5> kFormats{{
    {"cnengine", ModelFormat::kCnengine},
    {"xgboost-json", ModelFormat::kXgboostJson},
    {"xgboost-ubj", ModelFormat::kXgboostUbj},
    {"lightgbm", ModelFormat::kLightgbm},
    {"catboost-json", ModelFormat::kCatboostJson},
}};

bool starts(std::string_view bytes, std::string_view with) {
  return bytes.substr(0, with.size()) == with;
}

/// Braces begin both JSON and UBJSON: in text white space, a quote or a brace follows.
bool is_text(std::string_view bytes) {
  return bytes.size() > 1 &&
         std::string_view(" \t\r\n\"}").find(bytes[1]) != std::string_view::npos;
}

Model read_document(std::string_view bytes, const char* function) {
  const JsonValue document =
      is_text(bytes) ? parse_json(bytes, function) : parse_ubjson(bytes, function);
  if (document.find("learner") != nullptr) return read_xgboost(document, bytes.size(), function);
  if (document.find("oblivious_trees") != nullptr || document.find("features_info") != nullptr)
    return read_catboost(document, bytes.size(), function);
  throw CorruptionError(message(function, ": expected a model of XGBoost or CatBoost, got a ",
                                is_text(bytes) ? "JSON" : "UBJSON", " document of another kind"));
}

std::string to_string(const ByteBuffer& bytes) { return std::string(bytes.view()); }

}  // namespace

ModelFormat find_format(std::string_view name, const char* function) {
  std::string all;
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
    all += message(all.empty() ? "\"" : ", \"", known, "\"");
  }
  throw ArgumentError(
      message(function, ": expected format as one of ", all, ", got \"", name, "\""));
}

Model read_model(std::string_view bytes, const char* function) {
  if (starts(bytes, "{")) return read_document(bytes, function);
  if (starts(bytes, "tree\n") || starts(bytes, "tree\r\n")) return read_lightgbm(bytes, function);
  if (starts(bytes, "CBM1"))
    return read_catboost(read_catboost_binary(bytes, function), bytes.size(), function);
  if (starts(bytes, "binf") || starts(bytes, "CONFIG-offset:"))
    throw UnsupportedError(
        message(function, ": an XGBoost model in its old binary form; save it as .json or .ubj"));
  constexpr std::string_view kOurs = "CNEGBDT\n";
  if (!starts(bytes, kOurs) && !starts(kOurs, bytes))
    throw CorruptionError(
        message(function,
                ": expected a model of cnengine, XGBoost (JSON or UBJSON), LightGBM (text) or "
                "CatBoost (JSON or cbm), got a file that begins as none of them"));
  return deserialize(bytes, function);
}

std::string write_model(const Model& model, ModelFormat format) {
  ByteBuffer out;
  switch (format) {
    case ModelFormat::kCnengine:
      return serialize(model);
    case ModelFormat::kXgboostJson:
      write_json(write_xgboost(model), out);
      break;
    case ModelFormat::kXgboostUbj:
      write_ubjson(write_xgboost(model), out);
      break;
    case ModelFormat::kLightgbm:
      return write_lightgbm(model);
    case ModelFormat::kCatboostJson:
      write_json(write_catboost(model), out);
      break;
  }
  return to_string(out);
}

}  // namespace cne::gbdt
