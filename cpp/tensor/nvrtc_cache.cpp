#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/crc32c.h"
#include "core/error.h"
#include "core/file.h"
#include "core/hash.h"
#include "tensor/nvrtc.h"

namespace cne::tensor {

namespace {

std::string default_folder() {
  if (const char* own = std::getenv("CNENGINE_CACHE"); own != nullptr && *own != '\0') return own;
  if (const char* base = std::getenv("XDG_CACHE_HOME"); base != nullptr && *base != '\0')
    return message(base, "/cnengine");
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return message(home, "/.cache/cnengine");
  return "";
}

/// Whether nobody else may write to a folder: what lies there runs on the device.
bool is_private(const std::string& folder) {
  struct stat found;
  return lstat(folder.c_str(), &found) == 0 && S_ISDIR(found.st_mode) &&
         found.st_uid == geteuid() && (found.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// The folder, made where it is missing; empty where there can be none.
std::string usable(const std::string& folder) {
  if (folder.empty()) return "";
  try {
    if (!is_directory(folder)) {
      create_directories(folder);
      chmod(folder.c_str(), S_IRWXU);
    }
  } catch (const IoError&) {
    return "";
  }
  return is_private(folder) ? folder : "";
}

// A file: the crc32c of all behind it, the length of the key, the key, the machine code.
struct Header {
  uint32_t crc;
  uint32_t key_size;
};

std::string packed(const std::string& key, const std::string& cubin) {
  Header header{0, static_cast<uint32_t>(key.size())};
  std::string out(sizeof header, '\0');
  out += key;
  out += cubin;
  std::memcpy(out.data(), &header, sizeof header);
  header.crc = crc32c(out.data() + sizeof header.crc, out.size() - sizeof header.crc);
  std::memcpy(out.data(), &header, sizeof header);
  return out;
}

/// The machine code of a file; empty where it is torn or another key's.
std::string unpacked(const std::string& file, const std::string& key) {
  Header header;
  if (file.size() < sizeof header) return "";
  std::memcpy(&header, file.data(), sizeof header);
  if (header.crc != crc32c(file.data() + sizeof header.crc, file.size() - sizeof header.crc) ||
      header.key_size != key.size() || file.compare(sizeof header, key.size(), key) != 0)
    return "";
  return file.substr(sizeof header + key.size());
}

}  // namespace

std::string nvrtc_compile_cached(const std::string& source, const std::string& architecture,
                                 const std::string& folder) {
  const std::string own = usable(folder.empty() ? default_folder() : folder);
  if (own.empty()) return nvrtc_compile(source, architecture);
  std::string key = message("nvrtc ", nvrtc_version(), " ", architecture);
  for (const std::string& each : nvrtc_options()) key += message(" ", each);
  key += message("\n", source);
  char name[64];
  std::snprintf(name, sizeof name, "/%016llx%016llx.cubin",
                static_cast<unsigned long long>(hash_bytes(key.data(), key.size(), 1)),
                static_cast<unsigned long long>(hash_bytes(key.data(), key.size(), 2)));
  const std::string path = own + name;
  try {
    if (file_exists(path))
      if (std::string found = unpacked(read_file(path), key); !found.empty()) return found;
  } catch (const IoError&) {  // compiled anew
  }
  std::string cubin = nvrtc_compile(source, architecture);
  try {
    // Of several processes each writes a file of its own.
    const std::string mine = message(path, ".", getpid());
    write_file_atomic(mine, packed(key, cubin), FileReaders::kOwner);
    rename_file(mine, path);
  } catch (const IoError&) {  // a full disk does not stop a program
  }
  return cubin;
}

}  // namespace cne::tensor
