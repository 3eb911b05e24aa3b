// What of a job is kept in its checkpoint, and how it goes on from there.

#include "core/error.h"
#include "core/file.h"
#include "stream/checkpoint.h"
#include "stream/job.h"

namespace cne::stream {

namespace {

/// Where to read on: where the records still are, and already.
int64_t get_offset(StateReader& in, Source& source, int partition) {
  const int64_t offset = in.get_total();
  const int64_t start = source.start_offset(partition), end = source.end_offset(partition);
  if (offset < start || offset > end)
    throw StateError(message("Job: the checkpoint goes on at offset ", offset, " of partition ",
                             partition, ", which has records from ", start, " to ", end, " now: ",
                             offset < start ? "some were deleted before they were read"
                                            : "some that were read are lost"));
  return offset;
}

}  // namespace

/// Takes the checkpoint directory, and goes on from the checkpoint in it.
void Job::open_directory() {
  create_durably(options_.checkpoint);
  lock_.emplace(options_.checkpoint, "Job");
  if (file_exists(checkpoint_path())) load_checkpoint();
}

void Job::checkpoint_when_due() {
  if (options_.checkpoint.empty()) return;
  if (clock_at_checkpoint_ == kNoTime) clock_at_checkpoint_ = clock_;
  const int64_t records = metrics_.records.value() - records_at_checkpoint_;
  if ((options_.checkpoint_records > 0 && records >= options_.checkpoint_records) ||
      (options_.checkpoint_ms > 0 && clock_ - clock_at_checkpoint_ >= options_.checkpoint_ms))
    write_checkpoint();
}

std::string Job::describe() const {
  std::string out;
  for (size_t b = 0; b < branches_.size(); ++b) {
    // Branches that share a source share its offsets.
    size_t input = 0;
    while (inputs_[input].source.get() != branches_[b].source()) ++input;
    out += message("source ", input + 1, ": ", branches_[b].describe(), "\n");
  }
  return out;
}

void Job::write_checkpoint() {
  for (Input& input : inputs_) input.source->sync();
  for (Branch& branch : branches_) branch.flush_sinks();
  StateWriter out;
  out.put_text(describe());
  out.put(clock_);
  out.put(metrics_.records.value());
  out.put(metrics_.bad.value());
  for (const Input& input : inputs_) {
    input.watermark.snapshot(out);
    for (const Reader& reader : input.readers) out.put(reader.offset());
  }
  for (const Branch& branch : branches_) branch.snapshot(out);
  write_file_atomic(checkpoint_path(), seal_checkpoint(out.bytes()));
  records_at_checkpoint_ = metrics_.records.value();
  clock_at_checkpoint_ = clock_;
  metrics_.checkpoints.add();
}

void Job::load_checkpoint() {
  const std::string path = checkpoint_path();
  const std::string file = read_file(path);
  StateReader in(open_checkpoint(file, path));
  const std::string description = in.get_name();
  if (description != describe())
    throw StateError(message("Job: the checkpoint ", path, " is of another job:\n", description,
                             "this one is:\n", describe()));
  clock_ = get_time(in);
  metrics_.records.set(in.get_total());
  metrics_.bad.set(in.get_total());
  for (Input& input : inputs_) {
    input.watermark.restore(in);
    for (size_t p = 0; p < input.readers.size(); ++p)
      input.readers[p].next_offset = get_offset(in, *input.source, static_cast<int>(p));
  }
  for (Branch& branch : branches_) branch.restore(in);
  in.finish();
  records_at_checkpoint_ = metrics_.records.value();
  clock_at_checkpoint_ = clock_;
}

}  // namespace cne::stream
