#include "stream/collector.h"

#include <algorithm>
#include <map>
#include <utility>

#include "frame/gather.h"
#include "frame/hash_table.h"

namespace cne::stream {

namespace {

Table without(const Table& table, std::initializer_list<const char*> names) {
  Table out;
  for (size_t i = 0; i < table.width(); ++i)
    if (std::find(names.begin(), names.end(), table.names()[i]) == names.end())
      out.add(table.names()[i], table.column(i));
  return out;
}

bool has_revisions(const Table& table) {
  const int32_t* revision = table.at("revision", "collect").values<int32_t>();
  return std::any_of(revision, revision + table.rows(), [](int32_t r) { return r > 0; });
}

/// The numbers of the rows' first `columns` columns as keys.
std::vector<uint32_t> number_rows(const Table& table, size_t columns) {
  std::vector<uint32_t> out(static_cast<size_t>(table.rows()));
  if (columns == 0) return out;
  std::vector<DataType> types;
  std::vector<Column> keys;
  for (size_t i = 0; i < columns; ++i) {
    keys.push_back(table.column(i));
    types.push_back(keys.back().type());
  }
  frame::KeyTable numbers(std::move(types), "collect");
  numbers.ids(keys, 0, table.rows(), out.data());
  return out;
}

}  // namespace

Collector::Collector(Schema schema, Kind kind, size_t key_count)
    : schema_(std::move(schema)), kind_(kind), key_count_(key_count) {}

Collector::Claim::Claim(std::shared_ptr<Collector> collector) : collector_(std::move(collector)) {
  std::vector<Table> before;  // goes without the lock, as Python may own it
  const std::lock_guard lock(collector_->mutex_);
  if (collector_->claimed_)
    throw StateError(
        "Job: these results are collected for another job, or twice for this one; close that job, "
        "or make another output with .to()");
  collector_->claimed_ = true;
  collector_->tables_.swap(before);
}

Collector::Claim::~Claim() {
  if (collector_ == nullptr) return;
  const std::lock_guard lock(collector_->mutex_);
  collector_->claimed_ = false;
}

void Collector::add(const Table& table) {
  const std::lock_guard lock(mutex_);
  tables_.push_back(table);
}

std::vector<Table> Collector::tables() const {
  const std::lock_guard lock(mutex_);
  return tables_;
}

std::vector<Table> Collector::all() const {
  std::vector<Table> out = tables();
  if (out.empty()) out.push_back(Table::empty(schema_));
  return out;
}

std::vector<int64_t> Collector::last_rows(const Table& table) const {
  const bool windows = kind_ == Kind::kWindows;
  const std::vector<uint32_t> numbers = number_rows(table, key_count_ + windows);
  std::vector<int64_t> last;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] >= last.size()) last.resize(numbers[i] + size_t{1});
    last[numbers[i]] = static_cast<int64_t>(i);
  }
  std::sort(last.begin(), last.end());
  return last;
}

/// Sessions of a key never overlap at one time, so an emission that overlaps with a later one has
/// been replaced by it.
std::vector<int64_t> Collector::last_sessions(const Table& table) const {
  const std::vector<uint32_t> numbers = number_rows(table, key_count_);
  const int64_t* begin = table.at("window_start", "collect").values<int64_t>();
  const int64_t* end = table.at("window_end", "collect").values<int64_t>();
  std::vector<std::map<int64_t, int64_t>> kept;  // by key: begin -> end
  std::vector<int64_t> out;
  for (int64_t i = table.rows(); i-- > 0;) {
    const uint32_t key = numbers[static_cast<size_t>(i)];
    if (key >= kept.size()) kept.resize(key + size_t{1});
    auto after = kept[key].lower_bound(end[i]);
    if (after != kept[key].begin() && (--after)->second > begin[i]) continue;
    kept[key][begin[i]] = end[i];
    out.push_back(i);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::vector<Table> Collector::last() const {
  std::vector<Table> rows = all();
  if (kind_ == Kind::kRows) return rows;
  const bool windows = kind_ != Kind::kRunning;
  if (windows && std::none_of(rows.begin(), rows.end(), has_revisions)) {
    for (Table& table : rows) table = without(table, {"emitted_at", "revision"});
    return rows;
  }
  Table table = concat(rows, "collect");
  const std::vector<int64_t> last =
      kind_ == Kind::kSessions ? last_sessions(table) : last_rows(table);
  table = without(table, {"emitted_at", "revision"});
  return {frame::gather(table, last.data(), static_cast<int64_t>(last.size()))};
}

void Collector::snapshot(StateWriter& out) const {
  const std::vector<Table> kept = tables();
  out.put<uint64_t>(kept.size());
  for (const Table& table : kept) out.put_table(table);
}

void Collector::restore(StateReader& in) {
  std::vector<Table> kept;
  for (size_t n = in.get_count(16); n > 0; --n) kept.push_back(in.get_table(schema_));
  const std::lock_guard lock(mutex_);
  tables_.swap(kept);  // what was there goes without the lock
}

}  // namespace cne::stream
