#include "core/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "core/error.h"

namespace cne {

namespace {

[[noreturn]] void throw_io(const char* what, const std::string& path, int code) {
  throw IoError(message(what, ": \"", path, "\": ", std::generic_category().message(code)));
}

/// Counts a changing operation that has no bytes to tear.
void change(const char* what, const std::string& path,
            detail::Operation operation = detail::Operation::kOther) {
  if (detail::next_operation(operation) != detail::Fault::kNone)
    throw IoError(message(what, ": \"", path, "\": fault injected by a test"));
}

void write_all(int fd, const std::string& path, const uint8_t* data, size_t size, uint64_t offset) {
  while (size > 0) {
    const ssize_t n = pwrite(fd, data, size, static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_io("write", path, errno);
    data += n;
    offset += static_cast<uint64_t>(n);
    size -= static_cast<size_t>(n);
  }
}

void write_with_faults(int fd, const std::string& path, const void* data, size_t size,
                       uint64_t offset) {
  const auto* bytes = static_cast<const uint8_t*>(data);
  switch (detail::next_operation(detail::Operation::kWrite)) {
    case detail::Fault::kNone:
      write_all(fd, path, bytes, size, offset);
      return;
    case detail::Fault::kTear:
      write_all(fd, path, bytes, size / 2, offset);
      break;
    case detail::Fault::kKillTear:
      write_all(fd, path, bytes, size / 2, offset);
      detail::kill_process();
    case detail::Fault::kFail:
      break;
  }
  throw IoError(message("write: \"", path, "\": fault injected by a test"));
}

std::string parent_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

File File::open(const std::string& path, Mode mode) {
  int flags = O_RDONLY;
  if (mode == Mode::kReadWrite) {
    flags = O_RDWR | O_CREAT;
    if (!file_exists(path)) change("open", path, detail::Operation::kCreate);
  }
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) throw_io("open", path, errno);
  File out(fd, 0, path);
  out.end_ = out.size_on_disk();
  return out;
}

File::File(File&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), end_(other.end_), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = std::exchange(other.fd_, -1);
    end_ = other.end_;
    path_ = std::move(other.path_);
  }
  return *this;
}

File::~File() { close(); }

void File::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

uint64_t File::size_on_disk() const {
  struct stat info;
  if (fstat(fd_, &info) != 0) throw_io("stat", path_, errno);
  return static_cast<uint64_t>(info.st_size);
}

void File::append(const void* data, size_t size) {
  write_with_faults(fd_, path_, data, size, end_);
  end_ += size;
}

void File::write_at(uint64_t offset, const void* data, size_t size) {
  write_with_faults(fd_, path_, data, size, offset);
  end_ = std::max(end_, offset + size);
}

size_t File::read_at(uint64_t offset, void* data, size_t size) const {
  auto* out = static_cast<uint8_t*>(data);
  size_t done = 0;
  while (done < size) {
    const ssize_t n = pread(fd_, out + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw_io("read", path_, errno);
    if (n == 0) break;
    done += static_cast<size_t>(n);
  }
  return done;
}

void File::truncate(uint64_t size) {
  change("truncate", path_);
  if (ftruncate(fd_, static_cast<off_t>(size)) != 0) throw_io("truncate", path_, errno);
  end_ = size;
}

void File::sync() {
  change("sync", path_);
  if (fdatasync(fd_) != 0) throw_io("sync", path_, errno);
}

void File::start_writeback(uint64_t offset, uint64_t size) const {
#ifdef __linux__
  sync_file_range(fd_, static_cast<off_t>(offset), static_cast<off_t>(size), SYNC_FILE_RANGE_WRITE);
#else
  static_cast<void>(offset);
  static_cast<void>(size);
#endif
}

Buffer map_file(const std::string& path) {
  const File file = File::open(path, File::Mode::kRead);
  const size_t size = static_cast<size_t>(file.size());
  if (size == 0) return Buffer::allocate(0);
  void* data = mmap(nullptr, size, PROT_READ, MAP_SHARED, file.descriptor(), 0);
  if (data == MAP_FAILED) throw_io("map_file", path, errno);
  return Buffer::wrap(data, size, std::shared_ptr<const void>(data, [size](const void* p) {
                        munmap(const_cast<void*>(p), size);
                      }));
}

std::string read_file(const std::string& path) {
  const File file = File::open(path, File::Mode::kRead);
  std::string out(static_cast<size_t>(file.size()), '\0');
  out.resize(file.read_at(0, out.data(), out.size()));
  return out;
}

void write_file_atomic(const std::string& path, std::string_view content, FileReaders readers) {
  const std::string temporary = path + ".tmp";
  {
    File file = File::open(temporary, File::Mode::kReadWrite);
    if (readers == FileReaders::kOwner && fchmod(file.descriptor(), 0600) != 0)
      throw_io("chmod", temporary, errno);
    if (file.size() > 0) file.truncate(0);
    file.append(content.data(), content.size());
    file.sync();
  }
  rename_file(temporary, path);
  sync_directory(parent_of(path));
}

bool file_exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

uint64_t file_size(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) throw_io("stat", path, errno);
  return static_cast<uint64_t>(info.st_size);
}

int64_t file_modified_ms(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) throw_io("stat", path, errno);
  return int64_t{info.st_mtim.tv_sec} * 1000 + info.st_mtim.tv_nsec / 1'000'000;
}

void rename_file(const std::string& from, const std::string& to) {
  change("rename", from);
  if (rename(from.c_str(), to.c_str()) != 0) throw_io("rename", from, errno);
}

void remove_file(const std::string& path) {
  change("remove", path);
  if (unlink(path.c_str()) != 0 && errno != ENOENT) throw_io("remove", path, errno);
}

void remove_tree(const std::string& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) {
    if (errno == ENOENT) return;
    throw_io("remove", path, errno);
  }
  if (!S_ISDIR(info.st_mode)) return remove_file(path);
  for (const std::string& name : list_directory(path)) remove_tree(path + "/" + name);
  change("remove", path);
  if (rmdir(path.c_str()) != 0 && errno != ENOENT) throw_io("remove", path, errno);
}

void create_directories(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) == 0) {
    if (!S_ISDIR(info.st_mode)) throw_io("create_directories", path, ENOTDIR);
    return;
  }
  const std::string parent = parent_of(path);
  if (parent != path) create_directories(parent);
  change("create_directories", path, detail::Operation::kCreate);
  if (mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
    throw_io("create_directories", path, errno);
}

void create_durably(const std::string& path) {
  std::vector<std::string> changed;
  for (std::string at = path; !file_exists(at) && parent_of(at) != at; at = parent_of(at))
    changed.push_back(parent_of(at));
  create_directories(path);
  for (const std::string& parent : changed) sync_directory(parent);
}

bool is_directory(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::vector<std::string> list_directory(const std::string& path) {
  DIR* directory = opendir(path.c_str());
  if (directory == nullptr) throw_io("list_directory", path, errno);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

void sync_directory(const std::string& path) {
  change("sync", path);
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw_io("sync", path, errno);
  const int failed = fsync(fd) != 0 ? errno : 0;
  ::close(fd);
  // Some file systems cannot sync a directory; they say so with EINVAL.
  if (failed != 0 && failed != EINVAL) throw_io("sync", path, failed);
}

bool sync_filesystem(const std::string& path) {
#ifdef __linux__
  // Before Linux 5.8 syncfs said that all was well whatever happened.
  utsname system{};
  int major = 0;
  int minor = 0;
  if (uname(&system) != 0 || std::sscanf(system.release, "%d.%d", &major, &minor) != 2 ||
      major < 5 || (major == 5 && minor < 8))
    return false;
  change("sync", path);
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw_io("sync", path, errno);
  const int failed = syncfs(fd) != 0 ? errno : 0;
  ::close(fd);
  if (failed != 0) throw_io("sync", path, failed);
  return true;
#else
  static_cast<void>(path);
  return false;
#endif
}

}  // namespace cne
