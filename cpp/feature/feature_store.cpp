#include "feature/feature_store.h"

#include "core/error.h"
#include "feature/block_codec.h"

namespace cne::feature {

namespace {

/// A copy of a block that shares no memory with the caller.
RowBlock own_copy(const RowBlock& block, const ViewSpec& spec) {
  return decode_block(encode_block(block), spec).value();
}

bool same_view(const ViewSpec& kept, ViewSpec given) {
  if (!given.typed()) given.entity_types = kept.entity_types;
  return kept == given;
}

}  // namespace

FeatureStore::FeatureStore(StoreOptions options) : options_(std::move(options)) {}
FeatureStore::~FeatureStore() = default;

std::shared_ptr<FeatureStore> FeatureStore::open(StoreOptions options) {
  return std::shared_ptr<FeatureStore>(new FeatureStore(std::move(options)));
}

std::shared_ptr<View> FeatureStore::find(const std::string& name, const char* function) const {
  const std::shared_lock guard(catalog_lock_);
  if (closed_) throw StateError(message(function, ": the store is closed"));
  const auto at = views_.find(name);
  if (at != views_.end()) return at->second;
  std::vector<std::string> names;
  for (const auto& [known, view] : views_) names.push_back(known);
  throw NotFoundError(message(function, ": no view", describe_unknown(name, names)));
}

void FeatureStore::check_writable(const char* function) const {
  if (closed()) throw StateError(message(function, ": the store is closed"));
  if (options_.read_only) throw StateError(message(function, ": the store was opened read-only"));
}

void FeatureStore::create_view(const ViewSpec& spec, bool exist_ok) {
  const std::lock_guard guard(write_lock_);
  check_writable("create_view");
  if (const auto at = views_.find(spec.name); at != views_.end()) {
    if (exist_ok && same_view(at->second->spec(), spec)) return;
    throw ArgumentError(message("create_view: view \"", spec.name, "\" exists already",
                                exist_ok ? ", with other entities, schema, ttl or history" : ""));
  }
  auto view = std::make_shared<View>(spec, next_id_++);
  const std::unique_lock change(catalog_lock_);
  views_.emplace(spec.name, std::move(view));
}

void FeatureStore::drop_view(const std::string& name) {
  const std::lock_guard guard(write_lock_);
  check_writable("drop_view");
  const std::shared_ptr<View> view = find(name, "drop_view");
  view->drop();
  const std::unique_lock change(catalog_lock_);
  views_.erase(name);
}

std::vector<ViewSpec> FeatureStore::views() const {
  const std::lock_guard guard(write_lock_);
  std::vector<ViewSpec> out;
  for (const auto& [name, view] : views_) out.push_back(view->spec());
  return out;
}

std::pair<int64_t, int64_t> FeatureStore::counts(const std::string& name) const {
  const std::lock_guard guard(write_lock_);
  const std::shared_ptr<View> view = find(name, "counts");
  return {view->online() ? view->online()->size() : 0,
          view->history() ? view->history()->rows() : 0};
}

int64_t FeatureStore::write(const std::string& name, const Table& table,
                            const std::string& event_time,
                            const std::optional<std::string>& created) {
  const std::lock_guard guard(write_lock_);
  check_writable("write");
  const std::shared_ptr<View> view = find(name, "write");
  ViewSpec spec = view->spec();
  if (!spec.typed()) spec.entity_types = infer_entity_types(spec, table);
  RowBlock block = materialize(spec, table, event_time, created);
  if (block.rows == 0) return 0;
  if (!view->spec().typed()) view->set_entity_types(spec.entity_types);
  if (block.rows >= ViewHistory::kLargeBlock) block = own_copy(block, spec);
  view->apply(block);
  return block.rows;
}

std::function<void(const Table&)> FeatureStore::sink(const std::string& view,
                                                     const std::string& event_time,
                                                     const std::optional<std::string>& created) {
  find(view, "sink");
  return [store = shared_from_this(), view, event_time, created](const Table& table) {
    store->write(view, table, event_time, created);
  };
}

LookupPlan FeatureStore::plan(const std::vector<std::string>& refs, const char* function) const {
  return LookupPlan([&](const std::string& name) { return find(name, function); }, refs, function);
}

Table FeatureStore::history(const LookupPlan& plan, const Table& entities,
                            const std::string& event_time) const {
  return plan.history(entities, event_time, write_lock_);
}

void FeatureStore::sync() {
  const std::lock_guard guard(write_lock_);
  check_writable("sync");
}

void FeatureStore::compact() {
  const std::lock_guard guard(write_lock_);
  check_writable("compact");
}

void FeatureStore::close() {
  const std::lock_guard guard(write_lock_);
  const std::unique_lock change(catalog_lock_);
  closed_ = true;
}

bool FeatureStore::closed() const {
  const std::shared_lock guard(catalog_lock_);
  return closed_;
}

int64_t FeatureStore::recovered_bytes() const { return 0; }

}  // namespace cne::feature
