#include "feature/lookup_plan.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "feature/coerce.h"
#include "feature/point_in_time.h"

namespace cne::feature {

namespace {

constexpr const char* kLookup = "lookup";
constexpr const char* kMatrix = "lookup_matrix";
constexpr const char* kHistory = "history";

void check_alive(const View& view, const char* function) {
  if (view.dropped())
    throw StateError(message(function, ": view \"", view.spec().name, "\" was dropped"));
}

std::vector<FeatureSlot> slots_of(const LookupPlan::Part& part, const OnlineStore& online) {
  std::vector<FeatureSlot> out;
  for (const uint32_t f : part.features) out.push_back(online.layout().slots()[f]);
  return out;
}

std::vector<DataType> types_of(const LookupPlan::Part& part) {
  std::vector<DataType> out;
  for (const uint32_t f : part.features) out.push_back(part.view->spec().features[f].type);
  return out;
}

}  // namespace

LookupPlan::LookupPlan(const FindView& find_view, const std::vector<std::string>& refs,
                       const char* function) {
  if (refs.empty())
    throw ArgumentError(message(function, ": expected at least one \"view:feature\", got none"));
  for (const std::string& ref : refs) add(find_view, ref, function);
  for (Part& part : parts_) part.reads = {part.view->spec().features, part.features, part.columns};
}

void LookupPlan::add(const FindView& find_view, const std::string& ref, const char* function) {
  const size_t colon = ref.find(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == ref.size())
    throw ArgumentError(message(function, ": expected \"view:feature\", got \"", ref, "\""));
  const std::shared_ptr<View> view = find_view(ref.substr(0, colon));
  const std::string feature = ref.substr(colon + 1);
  size_t p = 0;
  while (p < parts_.size() && parts_[p].view != view) ++p;
  if (p == parts_.size()) {
    parts_.push_back({view, {}, {}, {}});
    for (const std::string& entity : view->spec().entities)
      if (std::find(entities_.begin(), entities_.end(), entity) == entities_.end())
        entities_.push_back(entity);
  }
  const Schema& features = view->spec().features;
  if (feature == "*") {
    for (uint32_t f = 0; f < features.size(); ++f) add_feature(p, f, function);
    return;
  }
  const int f = view->spec().find(feature);
  if (f < 0) {
    std::vector<std::string> names;
    for (const Field& field : features) names.push_back(field.name);
    throw NotFoundError(message(function, ": view \"", view->spec().name, "\" has no feature",
                                describe_unknown(feature, names)));
  }
  add_feature(p, static_cast<uint32_t>(f), function);
}

void LookupPlan::add_feature(size_t part, uint32_t feature, const char* function) {
  Part& to = parts_[part];
  const ViewSpec& spec = to.view->spec();
  const Field& field = spec.features[feature];
  if (std::find(to.features.begin(), to.features.end(), feature) != to.features.end())
    throw ArgumentError(
        message(function, ": feature \"", spec.name, ":", field.name, "\" is named twice"));
  to.features.push_back(feature);
  to.columns.push_back(width());
  refs_.push_back({spec.name, field.name});
  if (field.type.id == DType::kUtf8 && text_feature_.empty())
    text_feature_ = spec.name + ":" + field.name;
}

std::vector<std::string> LookupPlan::names(const std::vector<std::string>& taken,
                                           const char* function) const {
  std::vector<std::string> out;
  const auto is_taken = [&](const std::string& name) {
    return std::find(taken.begin(), taken.end(), name) != taken.end();
  };
  for (const Ref& ref : refs_) {
    const auto same = std::count_if(refs_.begin(), refs_.end(),
                                    [&](const Ref& r) { return r.feature == ref.feature; });
    std::string name =
        same > 1 || is_taken(ref.feature) ? ref.view + "__" + ref.feature : ref.feature;
    if (is_taken(name) || std::find(out.begin(), out.end(), name) != out.end())
      throw ArgumentError(message(function, ": the result would have two columns \"", name, "\""));
    out.push_back(std::move(name));
  }
  return out;
}

std::vector<Column> LookupPlan::key_columns(const View& view, const Table& entities,
                                            const char* function) const {
  check_alive(view, function);
  std::vector<Column> out;
  for (const std::string& name : view.spec().entities) {
    const int at = entities.find(name);
    if (at < 0)
      throw NotFoundError(message(function, ": view \"", view.spec().name,
                                  "\" needs the entity column",
                                  describe_unknown(name, entities.names())));
    out.push_back(entities.column(at));
  }
  return out;
}

void LookupPlan::throw_text() const {
  throw TypeError(message(kMatrix, ": expected numbers, but feature \"", text_feature_,
                          "\" is utf8; lookup() returns it"));
}

void LookupPlan::matrix(const Table& entities, int64_t at_ns, double* out) const {
  if (!text_feature_.empty()) throw_text();
  KeyBatch keys;
  for (const Part& part : parts_) {
    const std::vector<Column> columns = key_columns(*part.view, entities, kMatrix);
    const OnlineStore* online = part.view->online();
    if (online == nullptr) {
      for (int64_t i = 0; i < entities.rows(); ++i)
        for (const int64_t c : part.columns)
          out[i * width() + c] = std::numeric_limits<double>::quiet_NaN();
      continue;
    }
    encode_keys(part.view->spec(), columns, kMatrix, keys);
    lookup_matrix(*online, keys, {at_ns, part.view->spec().ttl_ns}, part.reads, width(), out);
  }
}

void LookupPlan::matrix(const KeyBatch& keys, int64_t at_ns, double* out) const {
  const Part& part = parts_.front();
  check_alive(*part.view, kMatrix);
  if (!text_feature_.empty()) throw_text();
  const OnlineStore* online = part.view->online();
  lookup_matrix(*online, keys, {at_ns, part.view->spec().ttl_ns}, part.reads, width(), out);
}

Table LookupPlan::table(const Table& entities, int64_t at_ns) const {
  std::vector<Column> features(width());
  KeyBatch keys;
  for (const Part& part : parts_) {
    const std::vector<Column> columns = key_columns(*part.view, entities, kLookup);
    const OnlineStore* online = part.view->online();
    const std::vector<DataType> types = types_of(part);
    std::vector<Column> values;
    if (online == nullptr) {
      for (const DataType& type : types) values.push_back(Column::nulls(type, entities.rows()));
    } else {
      encode_keys(part.view->spec(), columns, kLookup, keys);
      values = lookup_columns(*online, keys, {at_ns, part.view->spec().ttl_ns},
                              slots_of(part, *online), types);
    }
    for (size_t j = 0; j < values.size(); ++j) features[part.columns[j]] = std::move(values[j]);
  }
  Table out = Table::with_rows(entities.rows());
  for (const std::string& name : entities_) out.add(name, entities.at(name, kLookup));
  const std::vector<std::string> names = this->names(entities_, kLookup);
  for (size_t j = 0; j < names.size(); ++j) out.add(names[j], std::move(features[j]));
  return out;
}

Table LookupPlan::history(const Table& entities, const std::string& event_time,
                          std::mutex& lock) const {
  const Column times = times_ns(entities.at(event_time, kHistory), kHistory,
                                message("event_time column \"", event_time, "\""));
  const std::vector<std::string> names = this->names(entities.names(), kHistory);
  std::vector<Column> features(width());
  KeyBatch keys;
  for (const Part& part : parts_) {
    const ViewSpec& spec = part.view->spec();
    if (!spec.history)
      throw ArgumentError(message(kHistory, ": view \"", spec.name,
                                  "\" keeps no history; create it with history=True"));
    const std::vector<Column> columns = key_columns(*part.view, entities, kHistory);
    const std::vector<DataType> types = types_of(part);
    std::shared_ptr<const HistoryIndex> index;
    if (part.view->online() != nullptr) {
      const std::lock_guard guard(lock);
      index = part.view->history()->index();
    }
    std::vector<int64_t> rows(entities.rows(), -1);
    if (index != nullptr) {
      encode_keys(spec, columns, kHistory, keys);
      rows = index->find(keys, times.values<int64_t>(), spec.ttl_ns);
    }
    for (size_t j = 0; j < types.size(); ++j)
      features[part.columns[j]] = index == nullptr
                                      ? Column::nulls(types[j], entities.rows())
                                      : index->gather(part.features[j], types[j], rows);
  }
  Table out = entities;
  for (size_t j = 0; j < names.size(); ++j) out.add(names[j], std::move(features[j]));
  return out;
}

}  // namespace cne::feature
