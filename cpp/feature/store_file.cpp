#include "feature/store_file.h"

#include <algorithm>
#include <set>

#include "core/error.h"
#include "feature/block_codec.h"
#include "feature/byte_io.h"
#include "feature/history_file.h"
#include "feature/online_dump.h"
#include "feature/store_directory.h"

namespace cne::feature {

namespace {

constexpr int64_t kSnapshotRows = 1 << 14;

std::string view_head(uint32_t view) {
  ByteWriter out;
  out.put(view);
  out.put(uint32_t{0});
  return out.take();
}

}  // namespace

Fsync parse_fsync(const std::string& name) {
  if (name == "none") return Fsync::kNone;
  if (name == "interval") return Fsync::kInterval;
  if (name == "always") return Fsync::kAlways;
  throw ArgumentError(
      message("open: expected fsync as \"none\", \"interval\" or \"always\", got \"", name, "\""));
}

StoreFile::StoreFile(std::string directory, Fsync fsync, bool read_only, bool repair)
    : directory_(std::move(directory)), fsync_(fsync), read_only_(read_only), repair_(repair) {
  if (!read_only) {
    create_durably(directory_);
    lock_.emplace(directory_, "open");
  } else if (!file_exists(directory_)) {
    throw IoError(message("open: there is no feature store at \"", directory_, "\""));
  }
}

std::string StoreFile::path_of(const char* kind, uint64_t number) const {
  return directory_ + "/" + numbered(kind, number);
}

uint32_t StoreFile::load(Catalog& catalog) {
  generation_ = latest_generation(directory_);
  std::map<uint32_t, std::shared_ptr<View>> views;
  if (generation_ > 0) load_snapshot(views);
  const std::string path = path_of("wal-", generation_);
  ScanResult scan;
  if (file_exists(path)) {
    scan = scan_records(path, [&](const Record& record) { apply(record, path, views); }, repair_);
    torn_bytes_ = scan.file_bytes - scan.good_bytes;
    // The head of a log that a snapshot belongs to was synced before the snapshot.
    if (generation_ > 0 && scan.good_bytes == 0) throw_corrupt(path, 0, "the file is cut short");
  } else {
    bool others = generation_ > 0;
    for (const std::string& name : list_directory(directory_))
      others = others || (number_of(name, "wal-").value_or(0) > 0);
    if (others) throw_corrupt(path, 0, "the file is missing");
  }
  uint32_t next = 1;
  for (const auto& [id, view] : views) {
    next = std::max(next, id + 1);
    if (!view->dropped()) catalog[view->spec().name] = view;
  }
  if (read_only_) return next;
  wal_ = std::make_shared<RecordWriter>(RecordWriter::resume(path, scan));
  if (scan.good_bytes == 0) {
    wal_->sync();
    sync_directory(directory_);
  }
  remove_others(catalog);
  return next;
}

void StoreFile::load_snapshot(std::map<uint32_t, std::shared_ptr<View>>& views) {
  const std::string path = path_of("snapshot-", generation_);
  snapshot_bytes_ = File::open(path, File::Mode::kRead).size();
  scan_whole(path, [&](const Record& record) { apply(record, path, views); });
}

void StoreFile::apply(const Record& record, const std::string& path,
                      std::map<uint32_t, std::shared_ptr<View>>& views) {
  ByteReader in(record.text());
  const auto id = in.get<uint32_t>();
  in.get<uint32_t>();
  if (!in.ok()) throw_corrupt(path, record.offset, "a record is too short");
  if (record.type == RecordType::kCreateView) {
    std::optional<ViewSpec> spec = decode_spec(in.get_string());
    if (!spec || views.contains(id)) throw_corrupt(path, record.offset, "expected a new view");
    views.emplace(id, std::make_shared<View>(std::move(*spec), id));
    return;
  }
  const auto at = views.find(id);
  if (at == views.end()) throw_corrupt(path, record.offset, message("no view ", id));
  View& view = *at->second;
  switch (record.type) {
    case RecordType::kDropView:
      view.drop();
      return;
    case RecordType::kHistory: {
      HistoryFile file;
      file.rows = static_cast<int64_t>(in.get<uint64_t>());
      const std::string name(in.get_string());
      if (!in.ok() || view.history() == nullptr || file.rows < 0 || !name.starts_with("history-") ||
          name.find('/') != std::string::npos)
        throw_corrupt(path, record.offset, "expected the name of a history file");
      file.path = directory_ + "/" + name;
      view.history()->add_file(std::move(file));
      return;
    }
    case RecordType::kWrite:
    case RecordType::kOnline: {
      const Buffer bytes = record.payload.slice(8, record.payload.size() - 8);
      const std::optional<RowBlock> block = decode_block(bytes, view.spec());
      if (!block) throw_corrupt(path, record.offset, "expected rows of the view's types");
      if (!view.spec().typed()) {
        std::vector<DataType> types;
        for (const Column& column : block->entities) types.push_back(column.type());
        view.set_entity_types(std::move(types));
      }
      if (record.type == RecordType::kWrite)
        view.apply(*block);
      else
        put_online(view.spec(), *block, *view.online());
      return;
    }
    default:
      throw_corrupt(path, record.offset, "a record of an unknown type");
  }
}

void StoreFile::log(RecordType type, const View& view, const Buffer& payload) {
  wal_->append(type, view_head(view.id()), payload);
  if (fsync_ == Fsync::kAlways) wal_->sync();
}

void StoreFile::flush(std::mutex& lock) {
  std::shared_ptr<RecordWriter> wal;
  uint64_t size = 0;
  {
    const std::lock_guard guard(lock);
    if (wal_ == nullptr || !wal_->dirty()) return;
    wal = wal_;
    size = wal->size();
  }
  try {
    wal->flush();
    const std::lock_guard guard(lock);
    wal->mark_durable(size);
  } catch (const IoError& error) {
    const std::lock_guard guard(lock);
    wal->break_off(error.what());
  }
}

bool StoreFile::wants_compaction(int64_t bytes) const {
  return wal_->size() > std::max(static_cast<uint64_t>(bytes), snapshot_bytes_);
}

std::map<uint32_t, HistoryFile> StoreFile::write_histories(const Catalog& catalog,
                                                           uint64_t generation) {
  std::map<uint32_t, HistoryFile> out;
  for (const auto& [name, view] : catalog) {
    if (view->history() == nullptr) continue;
    const std::vector<RowBlock> blocks = view->history()->unsaved();
    if (blocks.empty()) continue;
    HistoryFile file;
    file.path = path_of(message("history-", view->id(), "-").c_str(), generation);
    for (const RowBlock& block : blocks) file.rows += block.rows;
    write_history_file(file.path, view->id(), blocks);
    out.emplace(view->id(), std::move(file));
  }
  return out;
}

void StoreFile::write_snapshot(const std::string& path, const Catalog& catalog,
                               const std::map<uint32_t, HistoryFile>& added) {
  RecordWriter out = RecordWriter::create(path);
  for (const auto& [name, view] : catalog) {
    const std::string head = view_head(view->id());
    ByteWriter spec;
    spec.put_string(encode_spec(view->spec()));
    out.append(RecordType::kCreateView, head, spec.take_buffer());
    if (view->online() == nullptr) continue;
    const auto refer = [&](const HistoryFile& file) {
      ByteWriter body;
      body.put(static_cast<uint64_t>(file.rows));
      body.put_string(file.path.substr(file.path.find_last_of('/') + 1));
      out.append(RecordType::kHistory, head, body.take_buffer());
    };
    if (view->history() != nullptr)
      for (const HistoryFile& file : view->history()->files()) refer(file);
    if (const auto file = added.find(view->id()); file != added.end()) refer(file->second);
    dump_online(view->spec(), *view->online(), kSnapshotRows, [&](const RowBlock& block) {
      out.append(RecordType::kOnline, head, encode_block(block));
    });
  }
  out.finish();
  snapshot_bytes_ = out.size();
}

void StoreFile::compact(const Catalog& catalog) {
  const uint64_t next = generation_ + 1;
  const std::map<uint32_t, HistoryFile> added = write_histories(catalog, next);
  const std::string snapshot = path_of("snapshot-", next);
  write_snapshot(snapshot + ".tmp", catalog, added);
  auto wal = std::make_shared<RecordWriter>(RecordWriter::create(path_of("wal-", next)));
  wal->sync();
  sync_directory(directory_);
  try {
    rename_file(snapshot + ".tmp", snapshot);
    sync_directory(directory_);
  } catch (const IoError& error) {
    wal_->break_off(error.what());
    throw;
  }
  wal_ = std::move(wal);
  generation_ = next;
  for (const auto& [name, view] : catalog)
    if (const auto file = added.find(view->id()); file != added.end())
      view->history()->saved_as(file->second);
  try {
    remove_others(catalog);
  } catch (const IoError&) {
    // The change is made; what is left behind goes at the next opening.
  }
}

void StoreFile::remove_others(const Catalog& catalog) {
  std::set<std::string> used = {numbered("wal-", generation_), numbered("snapshot-", generation_)};
  for (const auto& [name, view] : catalog)
    if (view->history() != nullptr)
      for (const HistoryFile& file : view->history()->files())
        used.insert(file.path.substr(file.path.find_last_of('/') + 1));
  for (const std::string& name : list_directory(directory_))
    for (const char* kind : {"wal-", "snapshot-", "history-"})
      if (name.starts_with(kind) && !used.contains(name)) remove_file(directory_ + "/" + name);
}

}  // namespace cne::feature
