#include "gbdt/xgboost_objective.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "gbdt/objective_math.h"

namespace cne::gbdt {

namespace {

struct Known {
  const char* name;
  Objective kind;
  XgboostLink link;
  bool written;  // the name that its kind is written as
};

// Objectives without a match of ours keep their scores and become custom ones.
constexpr std::array<Known, 25> kKnown{{
    {"reg:squarederror", Objective::kSquaredError, XgboostLink::kIdentity, true},
    {"reg:linear", Objective::kSquaredError, XgboostLink::kIdentity, false},
    {"reg:squaredlogerror", Objective::kCustom, XgboostLink::kIdentity, false},
    {"reg:absoluteerror", Objective::kAbsoluteError, XgboostLink::kIdentity, true},
    {"reg:pseudohubererror", Objective::kHuber, XgboostLink::kIdentity, true},
    {"reg:quantileerror", Objective::kQuantile, XgboostLink::kIdentity, true},
    {"reg:expectileerror", Objective::kExpectile, XgboostLink::kIdentity, false},
    {"reg:logistic", Objective::kCrossEntropy, XgboostLink::kLogit, true},
    {"binary:logistic", Objective::kBinaryLogLoss, XgboostLink::kLogit, true},
    {"binary:logitraw", Objective::kCustom, XgboostLink::kIdentity, false},
    {"binary:hinge", Objective::kCustom, XgboostLink::kIdentity, false},
    {"multi:softprob", Objective::kMulticlass, XgboostLink::kIdentity, true},
    {"multi:softmax", Objective::kMulticlass, XgboostLink::kIdentity, false},
    {"count:poisson", Objective::kPoisson, XgboostLink::kLog, true},
    {"reg:gamma", Objective::kGamma, XgboostLink::kLog, true},
    {"reg:tweedie", Objective::kTweedie, XgboostLink::kLog, true},
    {"survival:cox", Objective::kCox, XgboostLink::kLog, true},
    {"survival:aft", Objective::kAft, XgboostLink::kLog, true},
    {"rank:ndcg", Objective::kLambdaRank, XgboostLink::kIdentity, true},
    {"rank:map", Objective::kLambdaRankMap, XgboostLink::kIdentity, true},
    {"rank:pairwise", Objective::kPairwise, XgboostLink::kIdentity, true},
    {"gpu:reg:linear", Objective::kSquaredError, XgboostLink::kIdentity, false},
    {"gpu:reg:logistic", Objective::kCrossEntropy, XgboostLink::kLogit, false},
    {"gpu:binary:logistic", Objective::kBinaryLogLoss, XgboostLink::kLogit, false},
    {"reg:squarederror", Objective::kCustom, XgboostLink::kIdentity, true},
}};

constexpr std::array<const char*, 3> kNoises{"normal", "logistic", "extreme"};

std::string to_text(double value) {
  std::array<char, 32> room;
  const auto end = std::to_chars(room.data(), room.data() + room.size(), value).ptr;
  return {room.data(), end};
}

/// A number of one of the objective's parameter objects, where it is there.
void read_number(const DocumentPart& objective, const char* group, const char* name, double* out) {
  if (objective.has(group) && objective.at(group).has(name))
    *out = objective.at(group).at(name).number();
}

/// "0.5", "[0.1,0.9]" or an array.
std::vector<double> read_list(const DocumentPart& part) {
  const std::string* text = part.value().text();
  if (text == nullptr || text->empty() || (*text)[0] != '[')
    return part.value().text() != nullptr || part.value().real() != nullptr
               ? std::vector<double>{part.number()}
               : part.numbers();
  const JsonValue list = parse_json(*text, part.source().function);
  return DocumentPart(list, "quantile_alpha", part.source()).numbers();
}

AftNoise read_noise(const DocumentPart& part) {
  const std::string text = part.text();
  for (size_t i = 0; i < kNoises.size(); ++i)
    if (text == kNoises[i] || text == std::to_string(i)) return static_cast<AftNoise>(i);
  part.broken("expected normal, logistic or extreme");
}

void read_parameters(const DocumentPart& objective, ObjectiveOptions& out) {
  read_number(objective, "reg_loss_param", "scale_pos_weight", &out.scale_pos_weight);
  read_number(objective, "poisson_regression_param", "max_delta_step", &out.max_delta_step);
  read_number(objective, "tweedie_regression_param", "tweedie_variance_power", &out.tweedie_power);
  read_number(objective, "pseudo_huber_param", "huber_slope", &out.huber_delta);
  if (objective.has("quantile_loss_param") &&
      objective.at("quantile_loss_param").has("quantile_alpha"))
    out.quantiles = read_list(objective.at("quantile_loss_param").at("quantile_alpha"));
  if (objective.has("expectile_loss_param") &&
      objective.at("expectile_loss_param").has("expectile_alpha"))
    out.quantiles = read_list(objective.at("expectile_loss_param").at("expectile_alpha"));
  if (objective.has("aft_loss_param")) {
    const DocumentPart aft = objective.at("aft_loss_param");
    if (aft.has("aft_loss_distribution"))
      out.aft_noise = read_noise(aft.at("aft_loss_distribution"));
    read_number(objective, "aft_loss_param", "aft_loss_distribution_scale", &out.aft_scale);
  }
}

JsonValue group(const char* name, std::string value) {
  JsonValue out;
  out.add(name, std::move(value));
  return out;
}

}  // namespace

XgboostObjective read_xgboost_objective(const DocumentPart& objective, int classes, int targets) {
  const std::string name = objective.at("name").text();
  const auto known =
      std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) { return name == k.name; });
  if (known == kKnown.end()) objective.source().unsupported("objective \"" + name + "\"");
  XgboostObjective out;
  out.link = known->link;
  out.options.kind = known->kind;
  read_parameters(objective, out.options);
  const bool multiclass = known->kind == Objective::kMulticlass;
  const bool quantiles =
      known->kind == Objective::kQuantile || known->kind == Objective::kExpectile;
  if (!quantiles) out.options.quantiles.clear();
  if (multiclass)
    out.options.classes = std::max(classes, 1);
  else
    out.options.outputs = std::max({classes, targets, 1});
  if (quantiles && out.options.quantiles.empty()) out.options.quantiles = {0.5};
  if (quantiles && out.options.outputs == 1)
    out.options.outputs = static_cast<int>(out.options.quantiles.size());
  if (output_count(out.options) != std::max({classes, targets, 1}) &&
      !(quantiles && std::max(classes, targets) <= 1))
    objective.broken("its parameters do not fit the number of outputs");
  return out;
}

float xgboost_margin(XgboostLink link, float base_score) {
  if (!std::isfinite(base_score)) return NAN;
  if (link == XgboostLink::kIdentity) return base_score;
  const float odds = link == XgboostLink::kLog ? base_score : 1.0F / base_score - 1.0F;
  if (!(odds >= 1.18e-38F) || !std::isfinite(odds) || base_score <= 0) return NAN;
  const auto log = static_cast<float>(log_exact(static_cast<double>(odds)));
  return link == XgboostLink::kLog ? log : -log;
}

float xgboost_base_score(XgboostLink link, double margin) {
  switch (link) {
    case XgboostLink::kIdentity:
      return static_cast<float>(margin);
    case XgboostLink::kLog:
      return static_cast<float>(exp_exact(std::clamp(margin, -80.0, 80.0)));
    case XgboostLink::kLogit:
      break;
  }
  return static_cast<float>(sigmoid(std::clamp(margin, -15.0, 15.0)));
}

JsonValue write_xgboost_objective(const ObjectiveOptions& options, XgboostLink* link) {
  const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& k) {
    return k.written && k.kind == options.kind;
  });
  if (known == kKnown.end())
    cannot_hold("XGBoost", message("objective \"", objective_name(options.kind), "\""));
  if (options.kind == Objective::kBinaryLogLoss && options.sigmoid != 1)
    cannot_hold("XGBoost", message("a score that is scaled by sigmoid ", options.sigmoid));
  *link = known->link;
  JsonValue out;
  out.add("name", known->name);
  switch (options.kind) {
    case Objective::kMulticlass:
      out.add("softmax_multiclass_param", group("num_class", std::to_string(options.classes)));
      break;
    case Objective::kPoisson:
      out.add("poisson_regression_param", group("max_delta_step", to_text(options.max_delta_step)));
      break;
    case Objective::kTweedie:
      out.add("tweedie_regression_param",
              group("tweedie_variance_power", to_text(options.tweedie_power)));
      break;
    case Objective::kHuber:
      out.add("pseudo_huber_param", group("huber_slope", to_text(options.huber_delta)));
      break;
    case Objective::kQuantile: {
      std::string list;
      for (const double q : options.quantiles) list += (list.empty() ? "[" : ",") + to_text(q);
      out.add("quantile_loss_param", group("quantile_alpha", list.empty() ? "[0.5]" : list + "]"));
      break;
    }
    case Objective::kAft: {
      JsonValue aft =
          group("aft_loss_distribution", kNoises[static_cast<size_t>(options.aft_noise)]);
      aft.add("aft_loss_distribution_scale", to_text(options.aft_scale));
      out.add("aft_loss_param", std::move(aft));
      break;
    }
    case Objective::kLambdaRank:
    case Objective::kLambdaRankMap:
    case Objective::kPairwise:
      out.add("lambdarank_param", JsonValue::Object{});
      break;
    case Objective::kCox:
    case Objective::kAbsoluteError:
    case Objective::kGamma:
      break;
    default:
      out.add("reg_loss_param", group("scale_pos_weight", to_text(options.scale_pos_weight)));
      break;
  }
  return out;
}

}  // namespace cne::gbdt
