#include "feature/feature_store.h"

#include <unistd.h>

#include "core/error.h"
#include "feature/block_codec.h"
#include "feature/byte_io.h"
#include "feature/store_directory.h"

namespace cne::feature {

namespace {

bool same_view(const ViewSpec& kept, ViewSpec given) {
  if (!given.typed()) given.entity_types = kept.entity_types;
  return kept == given;
}

}  // namespace

FeatureStore::FeatureStore(StoreOptions options) : options_(std::move(options)), owner_(getpid()) {}

FeatureStore::~FeatureStore() {
  try {
    close();
  } catch (const IoError&) {
    // Nobody is left to be told; close() tells.
  }
}

std::shared_ptr<FeatureStore> FeatureStore::open(StoreOptions options) {
  const Fsync fsync = parse_fsync(options.fsync);
  if (options.fsync_interval_ms < 1)
    throw ArgumentError(
        message("open: expected fsync_interval_ms of at least 1, got ", options.fsync_interval_ms));
  const std::shared_ptr<FeatureStore> out(new FeatureStore(std::move(options)));
  if (out->options_.path.empty()) return out;
  out->load();
  if (fsync == Fsync::kInterval && !out->options_.read_only)
    out->flusher_ = std::make_unique<log::Flusher>(
        out->options_.fsync_interval_ms,
        [store = out.get()] { store->disk_->flush(store->write_lock_); });
  return out;
}

void FeatureStore::load() {
  const std::string& path = options_.path;
  // A writer beside a reader may remove the generation that the reader has begun with.
  for (int attempts = 10;; --attempts) {
    views_.clear();
    disk_ = std::make_unique<StoreFile>(path, parse_fsync(options_.fsync), options_.read_only,
                                        options_.repair);
    const uint64_t before = options_.read_only ? latest_generation(path) : 0;
    try {
      next_id_ = disk_->load(views_);
      recovered_bytes_ = static_cast<int64_t>(disk_->torn_bytes());
      return;
    } catch (const Error&) {
      if (!options_.read_only || attempts == 0 || latest_generation(path) == before) throw;
    }
  }
}

std::shared_ptr<View> FeatureStore::find(const std::string& name, const char* function) const {
  const std::lock_guard guard(catalog_lock_);
  if (closed_) throw StateError(message(function, ": the store is closed"));
  const auto at = views_.find(name);
  if (at != views_.end()) return at->second;
  std::vector<std::string> names;
  for (const auto& [known, view] : views_) names.push_back(known);
  throw NotFoundError(message(function, ": no view", describe_unknown(name, names)));
}

/// Whether the files belong to the process that this one was forked from.
bool FeatureStore::is_forked() const { return !options_.path.empty() && owner_ != getpid(); }

void FeatureStore::check_writable(const char* function) const {
  if (is_forked())
    throw StateError(message(function, ": the store was opened by process ", owner_,
                             ", before a fork; only that one may write to it"));
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
  auto view = std::make_shared<View>(spec, next_id_);
  if (disk_) {
    ByteWriter bytes;
    bytes.put_string(encode_spec(spec));
    disk_->log(RecordType::kCreateView, *view, bytes.take_buffer());
  }
  ++next_id_;
  const std::lock_guard change(catalog_lock_);
  views_.emplace(spec.name, std::move(view));
}

void FeatureStore::drop_view(const std::string& name) {
  const std::lock_guard guard(write_lock_);
  check_writable("drop_view");
  const std::shared_ptr<View> view = find(name, "drop_view");
  if (disk_) disk_->log(RecordType::kDropView, *view);
  view->drop();
  const std::lock_guard change(catalog_lock_);
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
  if (disk_ || block.rows >= ViewHistory::kLargeBlock) {
    const Buffer bytes = encode_block(block);
    // Before the write is logged, so that it is not made when this fails.
    if (disk_ && disk_->wants_compaction(options_.compact_bytes)) disk_->compact(views_);
    if (disk_) disk_->log(RecordType::kWrite, *view, bytes);
    // From here on the rows share no memory with the caller.
    block = decode_block(bytes, spec).value();
  }
  if (!view->spec().typed()) view->set_entity_types(spec.entity_types);
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
  if (disk_) disk_->sync();
}

void FeatureStore::compact() {
  const std::lock_guard guard(write_lock_);
  check_writable("compact");
  if (disk_) disk_->compact(views_);
}

void FeatureStore::close() {
  std::unique_ptr<log::Flusher> flusher;
  {
    const std::lock_guard guard(write_lock_);
    const std::lock_guard change(catalog_lock_);
    if (closed_) return;
    closed_ = true;
    flusher = std::move(flusher_);
  }
  flusher.reset();  // outside the lock, which its thread takes
  const std::lock_guard guard(write_lock_);
  const std::unique_ptr<StoreFile> disk = std::move(disk_);
  if (disk && !is_forked() && !options_.read_only) disk->sync();
}

bool FeatureStore::closed() const {
  const std::lock_guard guard(catalog_lock_);
  return closed_;
}

int64_t FeatureStore::recovered_bytes() const { return recovered_bytes_; }

}  // namespace cne::feature
