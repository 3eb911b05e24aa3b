#include "tensor/process_group.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "tensor/elementwise.h"

namespace cne::tensor {

namespace {

enum Call : uint8_t { kMemory = 1, kAllreduce, kAllgather, kReduceScatter, kBroadcast, kBarrier };
constexpr const char* kCalls[] = {"nothing",        "init",      "allreduce", "allgather",
                                  "reduce_scatter", "broadcast", "barrier"};
constexpr size_t kName = 64;

std::string describe(const Heading& heading) {
  if (heading.magic != Heading{}.magic || heading.call >= std::size(kCalls) ||
      heading.element >= kElements)
    return "bytes that are none of ours";
  return message(kCalls[heading.call], " of ", heading.count, " ",
                 name_of(static_cast<Element>(heading.element)), " as call ", heading.number);
}

uint64_t elements_of(const Array& array) { return static_cast<uint64_t>(array.size()); }

/// How many elements of `parts` arrays of a type go into one piece.
int64_t elements_in_piece(Element element, int64_t parts) {
  return static_cast<int64_t>(kPiece / size_of(element)) / parts;
}

}  // namespace

void throw_different(int rank, const Heading& theirs, const Heading& ours) {
  throw StateError(message("parallel: the ranks do not do the same: here ", describe(ours),
                           ", at rank ", rank, " ", describe(theirs)));
}

ProcessGroup::ProcessGroup(GroupOptions options)
    : options_(until_closed(std::move(options))), rendezvous_(options_) {}

/// Who waits also looks whether the group is to be closed.
GroupOptions ProcessGroup::until_closed(GroupOptions options) {
  options.on_wait = [this, given = std::move(options.on_wait)] {
    if (closing_) throw StateError("parallel: the group is closed");
    if (given) given();
  };
  return options;
}

ProcessGroup::~ProcessGroup() { close(); }

void ProcessGroup::close() noexcept {
  closing_ = true;
  const std::lock_guard lock(mutex_);
  exchange_.reset();
  rendezvous_.close();
  links_.clear();
  if (failure_.empty()) failure_ = "parallel: the group is closed";
}

void ProcessGroup::fail(int missed, Missed why, const std::string& text) noexcept {
  missed_ = missed;
  why_ = why;
  failure_ = text;
  if (watch_) watch_->abort(missed < 0 ? options_.rank : missed, why);
  rendezvous_.close();
  exchange_.reset();
}

/// Runs `body`, which talks; after a failure nobody talks any more.
template <typename Body>
auto ProcessGroup::collective(const Body& body) {
  const std::lock_guard lock(mutex_);
  if (!failure_.empty() && missed_ >= 0) throw RankError(missed_, why_, failure_);
  if (!failure_.empty()) throw StateError(failure_);
  try {
    if (!connected_) connect_now();
    return body();
  } catch (const RankError& error) {
    fail(error.rank(), error.why(), error.what());
    throw;
  } catch (const std::exception& error) {
    fail(-1, Missed::kOther, error.what());
    throw;
  }
}

void ProcessGroup::connect() {
  collective([] {});
}

void ProcessGroup::connect_now() {
  links_ = rendezvous_.meet();
  if (options_.size > 1) {
    watch_ = std::make_unique<RankWatch>(links_);
    const ExchangeContext context{links_, *watch_, options_};
    exchange_ = make_tcp_exchange(context);
    transport_ = "tcp";
    if (auto memory = open_shared()) {
      exchange_ = make_shared_exchange(context, std::move(memory));
      transport_ = "shared";
      for (PeerLink& link : links_) link.data.close();
    }
  }
  connected_ = true;
}

/// The memory that all ranks have opened; null where one of them could not, or shall not.
std::unique_ptr<SharedMemory> ProcessGroup::open_shared() {
  Heading heading = next({.call = kMemory, .root = static_cast<uint8_t>(options_.transport)});
  char name[kName] = {};
  std::unique_ptr<SharedMemory> memory;
  if (options_.rank == 0 && options_.transport != Transport::kTcp) {
    memory = SharedMemory::make(options_.size);
    if (memory) std::memcpy(name, memory->name().data(), std::min(memory->name().size(), kName));
  }
  std::vector<size_t> sizes(links_.size(), 0);
  if (options_.rank != 0) sizes[0] = kName;
  const Bytes mine = options_.rank == 0 ? Bytes(reinterpret_cast<uint8_t*>(name), kName) : Bytes();
  const std::span<const Bytes> names = exchange_->share(heading, mine, sizes);
  if (options_.rank != 0) {
    const auto* given = reinterpret_cast<const char*>(names[0].data());
    const std::string told(given, strnlen(given, kName));
    if (!told.empty()) memory = SharedMemory::open(told, options_.size);
  }
  const uint8_t has = memory != nullptr ? 1 : 0;
  const std::span<const Bytes> others =
      exchange_->share(next(heading), Bytes(&has, 1), everywhere(1));
  bool all = has != 0;
  for (size_t rank = 0; rank < others.size(); ++rank)
    if (static_cast<int>(rank) != options_.rank) all = all && others[rank][0] != 0;
  if (!all && options_.transport == Transport::kShared)
    throw IoError("parallel.init: not all ranks can open the same shared memory");
  if (!all) return nullptr;
  memory->unlink();
  return memory;
}

Heading ProcessGroup::next(Heading heading) {
  heading.number = ++number_;
  return heading;
}

/// As many bytes from all others.
std::vector<size_t> ProcessGroup::everywhere(size_t size) const {
  std::vector<size_t> out(static_cast<size_t>(options_.size), size);
  out[static_cast<size_t>(options_.rank)] = 0;
  return out;
}

/// Every rank puts its share of a piece together and gives it to the others.
void ProcessGroup::allreduce_piece(const Heading& heading, const uint8_t* in, RankOp op,
                                   uint8_t* out, int64_t count) {
  const auto ranks = static_cast<size_t>(options_.size);
  const auto me = static_cast<size_t>(options_.rank);
  const auto element = static_cast<Element>(heading.element);
  const size_t width = size_of(element);
  std::vector<size_t> starts(ranks + 1);
  for (size_t r = 0; r <= ranks; ++r) starts[r] = static_cast<size_t>(count) * r / ranks * width;
  const auto size_of_share = [&](size_t r) { return starts[r + 1] - starts[r]; };
  std::vector<Bytes> to(ranks);
  for (size_t r = 0; r < ranks; ++r)
    if (r != me) to[r] = {in + starts[r], size_of_share(r)};
  const std::span<const Bytes> parts =
      exchange_->swap(next(heading), to, everywhere(size_of_share(me)));
  std::vector<const uint8_t*> from(ranks);
  for (size_t r = 0; r < ranks; ++r) from[r] = r == me ? in + starts[me] : parts[r].data();
  const auto own = static_cast<int64_t>(size_of_share(me) / width);
  reduce_ranks(op, element, from, out + starts[me], own);
  std::vector<size_t> sizes(ranks);
  for (size_t r = 0; r < ranks; ++r) sizes[r] = r == me ? 0 : size_of_share(r);
  const std::span<const Bytes> shares =
      exchange_->share(next(heading), {out + starts[me], size_of_share(me)}, sizes);
  for (size_t r = 0; r < ranks; ++r)
    if (sizes[r] > 0) std::memcpy(out + starts[r], shares[r].data(), sizes[r]);
}

Array ProcessGroup::allreduce(const Array& array, RankOp op) {
  check_rank_op(op, array.element(), "allreduce");
  const Array in = contiguous(array);
  Array out = Array::empty(in.type());
  collective([&] {
    if (options_.size == 1) {
      if (in.size() > 0)
        std::memcpy(out.mutable_data(), in.data(), static_cast<size_t>(in.bytes()));
      return;
    }
    Heading heading{.call = kAllreduce,
                    .element = static_cast<uint8_t>(in.element()),
                    .reduce = static_cast<uint8_t>(op),
                    .count = elements_of(in)};
    const auto width = static_cast<int64_t>(size_of(in.element()));
    const int64_t most = elements_in_piece(in.element(), 1);
    for (int64_t at = 0; at == 0 || at < in.size(); at += most, ++heading.part)
      allreduce_piece(heading, in.data() + at * width, op, out.mutable_data() + at * width,
                      std::min(most, in.size() - at));
  });
  return out;
}

std::vector<Array> ProcessGroup::allreduce(std::span<const Array> arrays, RankOp op) {
  std::vector<Array> out;
  const auto is_small = [&](size_t i) { return arrays[i].bytes() < static_cast<int64_t>(kPiece); };
  for (size_t begin = 0; begin < arrays.size();) {
    size_t end = begin + 1;
    while (end < arrays.size() && is_small(begin) && is_small(end) &&
           arrays[end].element() == arrays[begin].element())
      ++end;
    if (end == begin + 1) {
      out.push_back(allreduce(arrays[begin], op));
    } else {
      int64_t size = 0;
      for (size_t i = begin; i < end; ++i) size += arrays[i].size();
      Array packed = Array::empty({arrays[begin].element(), {size}, {}});
      int64_t at = 0;
      for (size_t i = begin; i < end; at += arrays[i].bytes(), ++i)
        if (const Array row = contiguous(arrays[i]); row.size() > 0)
          std::memcpy(packed.mutable_data() + at, row.data(), static_cast<size_t>(row.bytes()));
      const Array whole = allreduce(packed, op);
      at = whole.offset();
      for (size_t i = begin; i < end; at += arrays[i].bytes(), ++i)
        out.push_back(whole.view(whole.element(), arrays[i].shape(),
                                 row_major_strides(arrays[i].shape()), at));
    }
    begin = end;
  }
  return out;
}

Array ProcessGroup::allgather(const Array& array) {
  const Array in = contiguous(array);
  Dims shape{options_.size};
  for (const int64_t extent : in.shape()) shape.push_back(extent);
  check_shape(shape, in.element(), "allgather");
  Array out = Array::empty({in.element(), shape, {}});
  const auto bytes = static_cast<size_t>(in.bytes());
  collective([&] {
    const auto place = [&](size_t rank) { return out.mutable_data() + rank * bytes; };
    if (bytes > 0) std::memcpy(place(static_cast<size_t>(options_.rank)), in.data(), bytes);
    if (options_.size == 1) return;
    Heading heading{.call = kAllgather,
                    .element = static_cast<uint8_t>(in.element()),
                    .count = elements_of(in)};
    for (size_t at = 0; at == 0 || at < bytes; at += kPiece, ++heading.part) {
      const std::vector<size_t> sizes = everywhere(std::min(kPiece, bytes - at));
      const std::span<const Bytes> parts =
          exchange_->share(next(heading), {in.data() + at, std::min(kPiece, bytes - at)}, sizes);
      for (size_t rank = 0; rank < parts.size(); ++rank)
        if (sizes[rank] > 0) std::memcpy(place(rank) + at, parts[rank].data(), sizes[rank]);
    }
  });
  return out;
}

Array ProcessGroup::reduce_scatter(const Array& array, RankOp op) {
  check_rank_op(op, array.element(), "reduce_scatter");
  const auto ranks = static_cast<size_t>(options_.size);
  const auto me = static_cast<size_t>(options_.rank);
  if (array.rank() == 0 || array.shape()[0] % options_.size != 0)
    throw ShapeError(message("reduce_scatter: expected a first axis that ", options_.size,
                             " ranks can share, got ", to_string(array.type())));
  const Array in = contiguous(array);
  Dims shape = in.shape();
  shape[0] /= options_.size;
  Array out = Array::empty({in.element(), shape, {}});
  const size_t width = size_of(in.element());
  collective([&] {
    Heading heading{.call = kReduceScatter,
                    .element = static_cast<uint8_t>(in.element()),
                    .reduce = static_cast<uint8_t>(op),
                    .count = elements_of(in)};
    const int64_t most = elements_in_piece(in.element(), options_.size);
    for (int64_t at = 0; at == 0 || at < out.size(); at += most, ++heading.part) {
      const int64_t count = std::min(most, out.size() - at);
      const size_t bytes = static_cast<size_t>(count) * width;
      const auto part = [&](size_t rank) {
        return in.data() +
               (static_cast<int64_t>(rank) * out.size() + at) * static_cast<int64_t>(width);
      };
      std::vector<Bytes> to(ranks);
      std::vector<const uint8_t*> from(ranks);
      for (size_t rank = 0; rank < ranks; ++rank)
        if (rank != me) to[rank] = {part(rank), bytes};
      if (ranks > 1) {
        const std::span<const Bytes> parts = exchange_->swap(next(heading), to, everywhere(bytes));
        for (size_t rank = 0; rank < ranks; ++rank) from[rank] = parts[rank].data();
      }
      from[me] = part(me);
      reduce_ranks(op, in.element(), from, out.mutable_data() + at * static_cast<int64_t>(width),
                   count);
    }
  });
  return out;
}

Array ProcessGroup::broadcast(const Array& array, int root) {
  if (root < 0 || root >= options_.size)
    throw ArgumentError(
        message("broadcast: expected root from 0 to ", options_.size - 1, ", got ", root));
  const Array in = contiguous(array);
  if (options_.size == 1) return in;
  const bool is_root = root == options_.rank;
  Array out = is_root ? in : Array::empty(in.type());
  const auto bytes = static_cast<size_t>(in.bytes());
  collective([&] {
    Heading heading{.call = kBroadcast,
                    .element = static_cast<uint8_t>(in.element()),
                    .root = static_cast<uint8_t>(root),
                    .count = elements_of(in)};
    for (size_t at = 0; at == 0 || at < bytes; at += kPiece, ++heading.part) {
      const size_t piece = std::min(kPiece, bytes - at);
      std::vector<size_t> sizes(static_cast<size_t>(options_.size), 0);
      if (!is_root) sizes[static_cast<size_t>(root)] = piece;
      const std::span<const Bytes> parts =
          exchange_->share(next(heading), is_root ? Bytes(in.data() + at, piece) : Bytes(), sizes);
      if (!is_root && piece > 0)
        std::memcpy(out.mutable_data() + at, parts[static_cast<size_t>(root)].data(), piece);
    }
  });
  return out;
}

void ProcessGroup::barrier() {
  collective([&] {
    if (options_.size > 1) exchange_->share(next({.call = kBarrier}), {}, everywhere(0));
  });
}

}  // namespace cne::tensor
