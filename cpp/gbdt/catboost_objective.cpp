#include "gbdt/catboost_objective.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/error.h"

namespace cne::gbdt {

namespace {

struct Known {
  const char* name;
  Objective kind;
  bool several;  // several outputs
};

constexpr std::array<Known, 21> kKnown{{
    {"RMSE", Objective::kSquaredError, false},
    {"MultiRMSE", Objective::kSquaredError, true},
    {"Logloss", Objective::kBinaryLogLoss, false},
    {"MultiLogloss", Objective::kBinaryLogLoss, true},
    {"CrossEntropy", Objective::kCrossEntropy, false},
    {"MultiCrossEntropy", Objective::kCrossEntropy, true},
    {"MultiClass", Objective::kMulticlass, true},
    {"MultiClassOneVsAll", Objective::kMulticlassOva, true},
    {"MAE", Objective::kAbsoluteError, false},
    {"Quantile", Objective::kQuantile, false},
    {"MultiQuantile", Objective::kQuantile, true},
    {"Expectile", Objective::kExpectile, false},
    {"Huber", Objective::kHuber, false},
    {"MAPE", Objective::kMape, false},
    {"Poisson", Objective::kPoisson, false},
    {"Tweedie", Objective::kTweedie, false},
    {"Cox", Objective::kCox, false},
    {"Focal", Objective::kFocal, false},
    {"YetiRank", Objective::kLambdaRank, false},
    {"LambdaMart", Objective::kLambdaRank, false},
    {"PairLogit", Objective::kPairwise, false},
}};

void read_number(const DocumentPart& parameters, const char* name, double* out) {
  if (parameters.has(name)) *out = parameters.at(name).number();
}

void read_parameters(const DocumentPart& parameters, ObjectiveOptions& out) {
  read_number(parameters, "delta", &out.huber_delta);
  read_number(parameters, "variance_power", &out.tweedie_power);
  if (out.kind == Objective::kFocal) {
    read_number(parameters, "focal_alpha", &out.focal_alpha);
    read_number(parameters, "focal_gamma", &out.focal_gamma);
  }
  if (out.kind != Objective::kQuantile && out.kind != Objective::kExpectile) return;
  out.quantiles.clear();
  if (!parameters.has("alpha")) return;
  const DocumentPart alpha = parameters.at("alpha");
  const std::string* text = alpha.value().text();
  if (text == nullptr || text->find(',') == std::string::npos) {
    out.quantiles = {alpha.number()};
    return;
  }
  for (size_t at = 0; at <= text->size();) {
    const size_t end = std::min(text->find(',', at), text->size());
    double q = 0;
    if (!parse_number(std::string_view(*text).substr(at, end - at), &q))
      alpha.broken("expected numbers");
    out.quantiles.push_back(q);
    at = end + 1;
  }
}

std::string to_text(double value) {
  std::array<char, 32> room;
  return {room.data(), std::to_chars(room.data(), room.data() + room.size(), value).ptr};
}

}  // namespace

ObjectiveOptions read_catboost_objective(const DocumentPart& document, int outputs) {
  ObjectiveOptions out;
  out.kind = Objective::kCustom;
  out.outputs = outputs;
  if (!document.has("model_info") || !document.at("model_info").has("params")) return out;
  const DocumentPart parameters = document.at("model_info").at("params");
  if (!parameters.has("loss_function")) return out;
  const DocumentPart loss = parameters.at("loss_function");
  const std::string name = loss.at("type").text();
  const auto known =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) { return name == k.name; });
  if (known == kKnown.end()) return out;
  out.kind = known->kind;
  if (out.kind == Objective::kMulticlass || out.kind == Objective::kMulticlassOva)
    out.classes = outputs;
  if (loss.has("params") && loss.at("params").value().object() != nullptr)
    read_parameters(loss.at("params"), out);
  if (out.kind == Objective::kQuantile || out.kind == Objective::kExpectile) {
    if (out.quantiles.empty()) out.quantiles = {0.5};
    out.outputs = static_cast<int>(out.quantiles.size());
  }
  if (output_count(out) != outputs) loss.broken("the loss does not fit the number of outputs");
  return out;
}

JsonValue write_catboost_objective(const ObjectiveOptions& options) {
  const bool several = output_count(options) > 1;
  if (options.kind == Objective::kBinaryLogLoss && options.sigmoid != 1)
    cannot_hold("CatBoost", message("a score that is scaled by sigmoid ", options.sigmoid));
  const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) {
    return k.kind == options.kind &&
           (k.several == several || options.kind == Objective::kMulticlass ||
            options.kind == Objective::kMulticlassOva);
  });
  JsonValue out;
  JsonValue parameters{JsonValue::Object{}};
  if (options.kind == Objective::kCustom) {
    out.add("type", several ? "MultiRMSE" : "RMSE").add("params", std::move(parameters));
    return out;
  }
  if (known == kKnown.end())
    cannot_hold("CatBoost", message("objective \"", objective_name(options.kind), "\"",
                                    several ? " of several outputs" : ""));
  if (options.kind == Objective::kHuber) parameters.add("delta", to_text(options.huber_delta));
  if (options.kind == Objective::kTweedie)
    parameters.add("variance_power", to_text(options.tweedie_power));
  if (options.kind == Objective::kFocal) {
    if (options.focal_alpha >= 0) parameters.add("focal_alpha", to_text(options.focal_alpha));
    parameters.add("focal_gamma", to_text(options.focal_gamma));
  }
  if (options.kind == Objective::kQuantile || options.kind == Objective::kExpectile) {
    std::string list;
    for (const double q : options.quantiles) list += (list.empty() ? "" : ",") + to_text(q);
    parameters.add("alpha", list.empty() ? "0.5" : list);
  }
  out.add("type", known->name).add("params", std::move(parameters));
  return out;
}

}  // namespace cne::gbdt
