#include "gbdt/lightgbm_objective.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/error.h"
#include "gbdt/lightgbm_text.h"

namespace cne::gbdt {

namespace {

constexpr std::array<std::pair<const char*, Objective>, 15> kKnown{{
    {"regression", Objective::kSquaredError},
    {"regression_l1", Objective::kAbsoluteError},
    {"huber", Objective::kHuber},
    {"fair", Objective::kFair},
    {"poisson", Objective::kPoisson},
    {"quantile", Objective::kQuantile},
    {"mape", Objective::kMape},
    {"gamma", Objective::kGamma},
    {"tweedie", Objective::kTweedie},
    {"binary", Objective::kBinaryLogLoss},
    {"multiclass", Objective::kMulticlass},
    {"multiclassova", Objective::kMulticlassOva},
    {"cross_entropy", Objective::kCrossEntropy},
    {"lambdarank", Objective::kLambdaRank},
    {"rank_xendcg", Objective::kXendcg},
}};

/// The number behind `name:` in the objective's line, else in `[name: number]` of the parameters.
double find_number(std::string_view line, std::string_view parameters, std::string_view name,
                   double otherwise) {
  const std::string here = message(" ", name, ":");
  const std::string there = message("[", name, ": ");
  std::string_view text;
  if (const size_t at = line.find(here); at != std::string_view::npos) {
    text = line.substr(at + here.size());
    text = next_word(text);
  } else if (const size_t second = parameters.find(there); second != std::string_view::npos) {
    text = parameters.substr(second + there.size());
    text = text.substr(0, text.find(']'));
  }
  double out = otherwise;
  return parse_number(text, &out) ? out : otherwise;
}

std::string with_number(const char* name, const char* parameter, double value) {
  std::array<char, 32> room;
  const auto end = std::to_chars(room.data(), room.data() + room.size(), value).ptr;
  return message(name, " ", parameter, ":", std::string_view(room.data(), end));
}

}  // namespace

ObjectiveOptions read_lightgbm_objective(std::string_view line, std::string_view parameters,
                                         int outputs, const ForeignSource& source) {
  ObjectiveOptions out;
  std::string_view rest = line;
  const std::string name(next_word(rest));
  if (name.empty() || name == "custom" || name == "none") {
    out.kind = Objective::kCustom;
    out.outputs = outputs;
    return out;
  }
  const auto known = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const auto& pair) { return name == pair.first; });
  if (known == kKnown.end()) source.unsupported("objective \"" + name + "\"");
  if (name == "regression" && line.find(" sqrt") != std::string_view::npos)
    source.unsupported("objective \"regression sqrt\"");
  out.kind = known->second;
  const auto number = [&](std::string_view parameter, double otherwise) {
    return find_number(line, parameters, parameter, otherwise);
  };
  if (out.kind == Objective::kQuantile) out.quantiles = {number("alpha", 0.9)};
  out.huber_delta = number("alpha", out.huber_delta);
  out.fair_c = number("fair_c", out.fair_c);
  out.tweedie_power = number("tweedie_variance_power", out.tweedie_power);
  out.max_delta_step = number("poisson_max_delta_step", out.max_delta_step);
  out.sigmoid = number("sigmoid", 1.0);
  out.scale_pos_weight = number("scale_pos_weight", 1.0);
  out.truncation =
      static_cast<int>(std::clamp(number("lambdarank_truncation_level", 30), 1.0, 1e9));
  out.normalize = number("lambdarank_norm", 1) != 0;
  const bool classes = out.kind == Objective::kMulticlass || out.kind == Objective::kMulticlassOva;
  if (classes) out.classes = outputs;
  if (output_count(out) != outputs) source.broken("its objective does not fit its number of trees");
  return out;
}

std::string write_lightgbm_objective(const ObjectiveOptions& options) {
  const int outputs = output_count(options);
  switch (options.kind) {
    case Objective::kMulticlass:
      return message("multiclass num_class:", outputs);
    case Objective::kMulticlassOva:
      return with_number(message("multiclassova num_class:", outputs).c_str(), "sigmoid",
                         options.sigmoid);
    case Objective::kBinaryLogLoss:
      // Several labels, each with a sigmoid of its own.
      return outputs == 1 ? with_number("binary", "sigmoid", options.sigmoid)
                          : with_number(message("multiclassova num_class:", outputs).c_str(),
                                        "sigmoid", options.sigmoid);
    default:
      break;
  }
  if (outputs > 1 && link_of(options) == Link::kIdentity) return "";
  const auto known = std::find_if(kKnown.begin(), kKnown.end(),
                                  [&](const auto& pair) { return options.kind == pair.second; });
  if (options.kind == Objective::kCustom) return "";
  if (known == kKnown.end() || outputs > 1)
    cannot_hold("LightGBM", message("objective \"", objective_name(options.kind), "\"",
                                    outputs > 1 ? " of several outputs" : ""));
  if (options.kind == Objective::kQuantile)
    return with_number("quantile", "alpha", options.quantiles.empty() ? 0.5 : options.quantiles[0]);
  if (options.kind == Objective::kTweedie)
    return with_number("tweedie", "tweedie_variance_power", options.tweedie_power);
  return known->first;
}

}  // namespace cne::gbdt
