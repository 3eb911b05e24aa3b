#include "gbdt/model_head.h"

#include <cmath>
#include <optional>

namespace cne::gbdt {

namespace {

void write_part(ModelWriter& out, const std::optional<uint64_t>& part) {
  out.put(static_cast<uint8_t>(part.has_value()));
  out.put(part.value_or(0));
}

std::optional<uint64_t> read_part(ModelReader& in) {
  const bool there = in.get_flag();
  const auto part = in.get<uint64_t>();
  return there ? std::optional<uint64_t>(part) : std::nullopt;
}

void write_derived(ModelWriter& out, const DerivedFeature& feature) {
  out.put(static_cast<uint32_t>(feature.sources.size()));
  for (const DerivedSource& source : feature.sources) {
    out.put(source.feature);
    out.put(source.border);
    out.put_all(source.parts);
    write_part(out, source.missing);
    write_part(out, source.unknown);
  }
  out.put_all(feature.keys);
  out.put_all(feature.values);
  out.put(feature.fallback);
}

DerivedFeature read_derived(ModelReader& in) {
  DerivedFeature feature;
  feature.sources.resize(in.get_count(4 + 8 + 4 + 2 * 9));
  for (DerivedSource& source : feature.sources) {
    source.feature = in.get<int32_t>();
    source.border = in.get<double>();
    source.parts = in.get_all<uint64_t>();
    source.missing = read_part(in);
    source.unknown = read_part(in);
  }
  feature.keys = in.get_all<uint64_t>();
  feature.values = in.get_all<double>();
  feature.fallback = in.get<double>();
  return feature;
}

void write_objective(ModelWriter& out, const ObjectiveOptions& o) {
  out.put(static_cast<uint8_t>(o.kind));
  out.put(o.classes);
  out.put(o.outputs);
  out.put(o.truncation);
  out.put(static_cast<uint8_t>(o.normalize));
  out.put(static_cast<uint8_t>(o.aft_noise));
  out.put_all(o.quantiles);
  for (const double number :
       {o.huber_delta, o.fair_c, o.tweedie_power, o.max_delta_step, o.focal_gamma, o.focal_alpha,
        o.sigmoid, o.scale_pos_weight, o.aft_scale})
    out.put(number);
}

ObjectiveOptions read_objective(ModelReader& in) {
  ObjectiveOptions o;
  const auto kind = in.get<uint8_t>();
  if (kind > static_cast<uint8_t>(Objective::kCustom)) in.broken("unknown objective");
  o.kind = static_cast<Objective>(kind);
  o.classes = in.get<int32_t>();
  o.outputs = in.get<int32_t>();
  if (o.classes < 1 || o.outputs < 1) in.broken("fewer than one output");
  o.truncation = in.get<int32_t>();
  o.normalize = in.get_flag();
  const auto noise = in.get<uint8_t>();
  if (noise > static_cast<uint8_t>(AftNoise::kExtreme)) in.broken("unknown noise");
  o.aft_noise = static_cast<AftNoise>(noise);
  o.quantiles = in.get_all<double>();
  for (double* number :
       {&o.huber_delta, &o.fair_c, &o.tweedie_power, &o.max_delta_step, &o.focal_gamma,
        &o.focal_alpha, &o.sigmoid, &o.scale_pos_weight, &o.aft_scale}) {
    *number = in.get<double>();
    if (!std::isfinite(*number)) in.broken("a number of the objective is not finite");
  }
  return o;
}

}  // namespace

void write_head(ModelWriter& out, const Model& model) {
  write_objective(out, model.objective);
  out.put_all(model.base_scores);
  out.put(static_cast<uint8_t>(model.float32_inputs));
  out.put(static_cast<uint8_t>(model.float32_sums));
  out.put_text(model.attributes);
  out.put(static_cast<uint32_t>(model.features.size()));
  for (const FeatureInfo& feature : model.features) {
    out.put_text(feature.name);
    out.put(static_cast<uint8_t>(feature.categorical));
    out.put(static_cast<uint8_t>(feature.zero_is_missing));
    out.put_all(feature.categories);
    out.put(static_cast<uint32_t>(feature.levels.size()));
    for (const std::string& level : feature.levels) out.put_text(level);
  }
  out.put(static_cast<uint32_t>(model.derived.size()));
  for (const DerivedFeature& feature : model.derived) write_derived(out, feature);
}

Model read_head(ModelReader& in) {
  Model model;
  model.objective = read_objective(in);
  model.base_scores = in.get_all<double>();
  for (const double score : model.base_scores)
    if (!std::isfinite(score)) in.broken("a base score is not finite");
  if (model.base_scores.empty() || model.outputs() != output_count(model.objective))
    in.broken("the base scores do not fit the objective");
  model.float32_inputs = in.get_flag();
  model.float32_sums = in.get_flag();
  model.attributes = in.get_text();
  model.features.resize(in.get_count(4 + 2 + 4 + 4));
  for (FeatureInfo& feature : model.features) {
    feature.name = in.get_text();
    feature.categorical = in.get_flag();
    feature.zero_is_missing = in.get_flag();
    feature.categories = in.get_all<double>();
    feature.levels.resize(in.get_count(4));
    for (std::string& level : feature.levels) level = in.get_text();
  }
  model.derived.resize(in.get_count(4 * 3 + 8));
  for (DerivedFeature& feature : model.derived) feature = read_derived(in);
  if (!in.done()) in.broken("bytes follow its head");
  return model;
}

}  // namespace cne::gbdt
