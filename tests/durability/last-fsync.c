/*
 * What a disk would hold after a power cut.
 *
 * Preloaded into a server (LD_PRELOAD), this keeps beside the data directory a mirror of what is certain to be on the
 * disk: the content of a file as of its last fsync or fdatasync. Killing the process leaves the page cache, and so
 * every write, intact; the mirror has none of what was written after the last fsync.
 *
 * Model: the content of a file is durable when fsync returns. unlink, rename and link are durable with the next fsync
 * of anything, because file systems with a journal (ext4, xfs) commit them in order with it; a file that was never
 * fsynced does not exist. Memory maps are not followed: SQLite maps only its -shm file, which it rebuilds.
 *
 * HEARTH_DATA_DIRECTORY   absolute path, the directory to watch (files directly in it or below)
 * HEARTH_MIRROR_DIRECTORY absolute path on the same file system
 * HEARTH_FAULT_FILE       optional: while this file exists, writes below the data directory fail with ENOSPC when it
 *                         is named ….full, fsync fails with EIO when it is named ….broken
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define PENDING 1024

struct operation {
  char kind; /* 'u'nlink, 'r'ename, 'l'ink */
  char from[PATH_MAX];
  char to[PATH_MAX];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct operation *pending;
static int pending_count;
static int copies;

static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);
static int (*real_link)(const char *, const char *);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwrite64)(int, const void *, size_t, off64_t);

static void die(const char *what) {
  fprintf(stderr, "last-fsync: %s: %s\n", what, strerror(errno));
  abort();
}

__attribute__((constructor)) static void start(void) {
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_rename = dlsym(RTLD_NEXT, "rename");
  real_link = dlsym(RTLD_NEXT, "link");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite");
  real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
  pending = calloc(PENDING, sizeof *pending);
}

/* The name below the data directory, or NULL. */
static const char *below(const char *path) {
  const char *directory = getenv("HEARTH_DATA_DIRECTORY");
  if (!directory || !path) return NULL;
  size_t length = strlen(directory);
  if (strncmp(path, directory, length) != 0 || path[length] != '/') return NULL;
  return path + length + 1;
}

static const char *path_of(int fd, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, buffer, PATH_MAX - 1);
  if (length < 0) return NULL;
  buffer[length] = 0;
  /* An unlinked file has nothing to keep. */
  if (length > 10 && strcmp(buffer + length - 10, " (deleted)") == 0) return NULL;
  return buffer;
}

static void mirror_path(const char *name, char *buffer) {
  if (snprintf(buffer, PATH_MAX, "%s/%s", getenv("HEARTH_MIRROR_DIRECTORY"), name) >= PATH_MAX) die("a long path");
}

static void make_parents(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(path, 0700);
    *slash = '/';
  }
}

/* Replaces the mirror's file whole, so that a kill during the copy leaves the state before this fsync. */
static void keep(int fd, const char *name) {
  char source[64], target[PATH_MAX], temporary[PATH_MAX + 32];
  struct stat status;
  if (fstat(fd, &status) != 0) die("fstat");
  if (!S_ISREG(status.st_mode)) return;
  mirror_path(name, target);
  make_parents(target);
  snprintf(temporary, sizeof temporary, "%s.copy-%d", target, ++copies);
  /* Opened anew, because the descriptor may be write-only and its position is not ours. */
  snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
  int in = open(source, O_RDONLY | O_CLOEXEC);
  int out = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, status.st_mode & 0777);
  if (in < 0 || out < 0) die(temporary);
  static char buffer[1 << 18];
  for (;;) {
    ssize_t got = read(in, buffer, sizeof buffer);
    if (got < 0) die("read");
    if (got == 0) break;
    if (real_write(out, buffer, got) != got) die("write");
  }
  close(out);
  if (real_rename(temporary, target) != 0) die("rename");
  close(in);
}

static void apply_pending(void) {
  char from[PATH_MAX], to[PATH_MAX];
  for (int i = 0; i < pending_count; i++) {
    mirror_path(pending[i].from, from);
    if (pending[i].kind == 'u') {
      real_unlink(from);
      continue;
    }
    mirror_path(pending[i].to, to);
    make_parents(to);
    if (pending[i].kind == 'r') {
      /* A file that was never fsynced takes the place of the other with nothing in it: gone. */
      if (real_rename(from, to) != 0) real_unlink(to);
    } else {
      real_link(from, to);
    }
  }
  pending_count = 0;
}

static void remember(char kind, const char *from, const char *to) {
  const char *from_name = below(from), *to_name = to ? below(to) : NULL;
  if (!from_name && !to_name) return;
  pthread_mutex_lock(&lock);
  if (pending_count == PENDING) apply_pending();
  struct operation *operation = &pending[pending_count++];
  operation->kind = kind;
  snprintf(operation->from, PATH_MAX, "%s", from_name ? from_name : "outside");
  snprintf(operation->to, PATH_MAX, "%s", to_name ? to_name : "outside");
  pthread_mutex_unlock(&lock);
}

static int fault(const char *ending) {
  const char *file = getenv("HEARTH_FAULT_FILE");
  char path[PATH_MAX];
  if (!file) return 0;
  snprintf(path, sizeof path, "%s.%s", file, ending);
  return access(path, F_OK) == 0;
}

static int sync_file(int fd) {
  char buffer[PATH_MAX];
  const char *path = path_of(fd, buffer);
  const char *directory = getenv("HEARTH_DATA_DIRECTORY");
  const char *name = below(path);
  if (!name && !(path && directory && strcmp(path, directory) == 0)) return 0;
  if (fault("broken")) {
    errno = EIO;
    return -1;
  }
  pthread_mutex_lock(&lock);
  apply_pending();
  if (name) keep(fd, name);
  pthread_mutex_unlock(&lock);
  return 0;
}

/* The disk itself is not asked: what counts here is that the server asks before it acknowledges. */
int fsync(int fd) { return sync_file(fd); }
int fdatasync(int fd) { return sync_file(fd); }

int unlink(const char *path) {
  int result = real_unlink(path);
  if (result == 0) remember('u', path, NULL);
  return result;
}

int rename(const char *from, const char *to) {
  int result = real_rename(from, to);
  if (result == 0) remember('r', from, to);
  return result;
}

int link(const char *from, const char *to) {
  int result = real_link(from, to);
  if (result == 0) remember('l', from, to);
  return result;
}

static int full(int fd) {
  char buffer[PATH_MAX];
  if (!fault("full") || !below(path_of(fd, buffer))) return 0;
  errno = ENOSPC;
  return 1;
}

ssize_t write(int fd, const void *data, size_t size) { return full(fd) ? -1 : real_write(fd, data, size); }

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) {
  return full(fd) ? -1 : real_pwrite(fd, data, size, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
  return full(fd) ? -1 : real_pwrite64(fd, data, size, offset);
}
