#include "frame/group_by.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "core/parallel.h"
#include "frame/gather.h"
#include "frame/hash_table.h"
#include "frame/sort.h"

namespace cne::frame {

namespace {

constexpr int64_t kManyGroups = 8192;  // in the first piece
constexpr int64_t kChunks = 64;
constexpr int kPartitionBits = 6;
constexpr size_t kPartitions = size_t{1} << kPartitionBits;

/// The states of groups, one after the other; destroyed with it.
class States {
 public:
  explicit States(const AggregateLayout& layout) : layout_(layout) {}
  States(const States&) = delete;
  States& operator=(const States&) = delete;
  ~States() {
    for (int64_t i = 0; i < size_; ++i) layout_.destroy(at(i));
  }
  /// States up to `size` exist afterwards. Moves those that are there.
  void grow(int64_t size) {
    const size_t words = static_cast<size_t>(size) * stride();
    if (words > words_.size()) words_.resize(std::max(words, words_.size() * 2));
    for (; size_ < size; ++size_) layout_.init(at(size_));
  }
  uint8_t* at(int64_t i) {
    return reinterpret_cast<uint8_t*>(words_.data() + static_cast<size_t>(i) * stride());
  }
  int64_t size() const { return size_; }

 private:
  size_t stride() const { return std::max<size_t>(1, layout_.state_bytes() / 8); }
  const AggregateLayout& layout_;
  std::vector<uint64_t> words_;
  int64_t size_ = 0;
};

/// What the aggregation of one piece reads.
struct Batch {
  std::vector<Column> keys;
  std::vector<Column> inputs;
  int64_t rows = 0;
};

/// The groups that one task has seen.
struct Groups {
  KeyTable keys;
  States states;
  std::vector<int64_t> first_rows;  // where each group came first

  Groups(const std::vector<DataType>& types, const AggregateLayout& layout)
      : keys(types, "group_by"), states(layout) {}
};

class GroupBy {
 public:
  GroupBy(const Pieces& pieces, const Schema& schema, const std::vector<NamedExpr>& keys,
          const std::vector<Aggregate>& aggregates)
      : pieces_(pieces), keys_(keys), layout_(aggregates, schema, "agg") {
    for (const NamedExpr& key : keys) types_.push_back(infer_type(*key.expr, schema, "group_by"));
  }

  Table run() {
    if (keys_.empty()) return whole();
    if (pieces_.count > 2 && first_piece_groups() > kManyGroups) return partitioned();
    return chunked();
  }

 private:
  Batch batch(int64_t piece) const {
    const Table table = pieces_.piece(piece);
    Batch out;
    out.rows = table.rows();
    for (const NamedExpr& key : keys_) out.keys.push_back(evaluate(*key.expr, table, "group_by"));
    out.inputs = layout_.inputs(table);
    return out;
  }

  int64_t first_piece_groups() const {
    const Table table = pieces_.piece(0);
    std::vector<Column> keys;
    for (const NamedExpr& key : keys_) keys.push_back(evaluate(*key.expr, table, "group_by"));
    KeyTable groups(types_, "group_by");
    std::vector<uint32_t> ids(static_cast<size_t>(table.rows()));
    groups.ids(keys, 0, table.rows(), ids.data());
    return groups.size();
  }

  /// Pieces of one chunk; neighbouring pieces, so that order is kept.
  std::pair<int64_t, int64_t> chunk(int64_t i, int64_t chunks) const {
    return {pieces_.count * i / chunks, pieces_.count * (i + 1) / chunks};
  }

  /// Rows of different pieces are ordered by piece: enough room for the rows of each.
  static Order order_of(int64_t piece) { return {nullptr, piece << 40}; }

  Table whole() const {
    const int64_t chunks = std::min(pieces_.count, kChunks);
    States partial(layout_);
    partial.grow(chunks + 1);
    parallel_tasks(chunks, [&](int64_t i, int) {
      const auto [begin, end] = chunk(i, chunks);
      for (int64_t p = begin; p < end; ++p) {
        const Batch b = batch(p);
        layout_.update_run(partial.at(i + 1), b.inputs, 0, b.rows, order_of(p));
      }
    });
    for (int64_t i = 1; i <= chunks; ++i) layout_.merge(partial.at(0), partial.at(i));
    const uint8_t* state = partial.at(0);
    Table out = Table::with_rows(1);
    const std::vector<Column> columns = layout_.finish(&state, 1);
    for (size_t c = 0; c < columns.size(); ++c) out.add(layout_.schema()[c].name, columns[c]);
    return out;
  }

  /// Adds rows [begin, end) of a batch to the groups.
  void add(Groups& groups, const Batch& b, int64_t begin, int64_t end, const Order& order,
           bool note_first) const {
    const auto n = static_cast<size_t>(end - begin);
    std::vector<uint32_t> ids(n);
    const int64_t before = groups.keys.size();
    groups.keys.ids(b.keys, begin, end, ids.data());
    groups.states.grow(groups.keys.size());
    std::vector<uint8_t*> states(n);
    for (size_t i = 0; i < n; ++i) states[i] = groups.states.at(ids[i]);
    layout_.update_rows(states.data(), b.inputs, begin, end, order);
    if (!note_first || groups.keys.size() == before) return;
    for (size_t i = 0; i < n; ++i)
      if (ids[i] == groups.first_rows.size())
        groups.first_rows.push_back(order.at(begin + static_cast<int64_t>(i)));
  }

  std::vector<std::unique_ptr<Groups>> make_groups(int64_t n) const {
    std::vector<std::unique_ptr<Groups>> out;
    for (int64_t i = 0; i < n; ++i) out.push_back(std::make_unique<Groups>(types_, layout_));
    return out;
  }

  Table chunked() const {
    const int64_t chunks = std::min(pieces_.count, kChunks);
    const std::vector<std::unique_ptr<Groups>> partial = make_groups(chunks);
    parallel_tasks(chunks, [&](int64_t i, int) {
      const auto [begin, end] = chunk(i, chunks);
      for (int64_t p = begin; p < end; ++p) {
        const Batch b = batch(p);
        add(*partial[static_cast<size_t>(i)], b, 0, b.rows, order_of(p), false);
      }
    });
    Groups all(types_, layout_);
    for (const std::unique_ptr<Groups>& groups : partial) {
      std::vector<uint32_t> ids(static_cast<size_t>(groups->keys.size()));
      all.keys.ids(groups->keys.keys(), 0, groups->keys.size(), ids.data());
      all.states.grow(all.keys.size());
      for (size_t i = 0; i < ids.size(); ++i)
        layout_.merge(all.states.at(ids[i]), groups->states.at(static_cast<int64_t>(i)));
    }
    return finish(all);
  }

  /// A batch with its rows ordered by partition: partition k has [starts[k], starts[k + 1]).
  struct Spread {
    Batch batch;
    std::vector<int64_t> rows;  // their numbers in the whole input
    std::vector<int64_t> starts;
  };

  Spread spread(int64_t piece) const {
    const Batch b = batch(piece);
    const auto n = static_cast<size_t>(b.rows);
    std::vector<uint64_t> hashes(n);
    hash_rows(b.keys, 0, b.rows, hashes.data(), "group_by");
    Spread out;
    out.starts.assign(kPartitions + 1, 0);
    for (uint64_t& hash : hashes) ++out.starts[(hash >>= 64 - kPartitionBits) + 1];
    for (size_t k = 1; k <= kPartitions; ++k) out.starts[k] += out.starts[k - 1];
    std::vector<int64_t> next(out.starts.begin(), out.starts.end() - 1);
    out.rows.resize(n);
    for (size_t i = 0; i < n; ++i)
      out.rows[static_cast<size_t>(next[hashes[i]]++)] = static_cast<int64_t>(i);
    for (const Column& key : b.keys) out.batch.keys.push_back(gather(key, out.rows.data(), b.rows));
    for (const Column& input : b.inputs)
      out.batch.inputs.push_back(gather(input, out.rows.data(), b.rows));
    out.batch.rows = b.rows;
    for (int64_t& row : out.rows) row += piece << 40;
    return out;
  }

  Table partitioned() const {
    std::vector<Spread> spreads(static_cast<size_t>(pieces_.count));
    parallel_tasks(pieces_.count,
                   [&](int64_t p, int) { spreads[static_cast<size_t>(p)] = spread(p); });
    const auto groups = make_groups(kPartitions);
    std::vector<Table> parts(kPartitions);
    parallel_tasks(kPartitions, [&](int64_t k, int) {
      Groups& own = *groups[static_cast<size_t>(k)];
      for (const Spread& s : spreads)
        add(own, s.batch, s.starts[static_cast<size_t>(k)], s.starts[static_cast<size_t>(k) + 1],
            {s.rows.data()}, true);
      parts[static_cast<size_t>(k)] = finish(own);
    });
    std::vector<int64_t> first;
    for (const std::unique_ptr<Groups>& own : groups)
      first.insert(first.end(), own->first_rows.begin(), own->first_rows.end());
    const auto n = static_cast<int64_t>(first.size());
    Buffer words = Buffer::allocate(first.size() * 8);
    std::copy(first.begin(), first.end(), words.mutable_as<int64_t>());
    const std::vector<int64_t> order =
        sort_rows({{Column(DType::kInt64, n, std::move(words))}}, n, "group_by");
    return gather(concat(parts, "group_by"), order.data(), n);
  }

  Table finish(Groups& groups) const {
    const int64_t n = groups.keys.size();
    std::vector<const uint8_t*> states(static_cast<size_t>(n));
    for (int64_t i = 0; i < n; ++i) states[static_cast<size_t>(i)] = groups.states.at(i);
    const std::vector<Column> keys = groups.keys.keys();
    const std::vector<Column> results = layout_.finish(states.data(), n);
    Table out;
    for (size_t i = 0; i < keys.size(); ++i) out.add(keys_[i].name, keys[i]);
    for (size_t i = 0; i < results.size(); ++i) out.add(layout_.schema()[i].name, results[i]);
    return out;
  }

  const Pieces& pieces_;
  const std::vector<NamedExpr>& keys_;
  AggregateLayout layout_;
  std::vector<DataType> types_;
};

}  // namespace

Table group_by(const Pieces& pieces, const Schema& schema, const std::vector<NamedExpr>& keys,
               const std::vector<Aggregate>& aggregates) {
  return GroupBy(pieces, schema, keys, aggregates).run();
}

}  // namespace cne::frame
