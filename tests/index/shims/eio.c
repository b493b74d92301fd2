/* A disk that fails: from the n-th write or sync of a catalog's files on, or at that one alone, the system says EIO.
 *
 * Preloaded (LD_PRELOAD). Folders are passed over: SQLite syncs that of a new journal, too, and does not ask whether it worked.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long left = -1;
static int lasting = 0;
static int failures = 0;

void eio_arm(long nth, int and_all_later) { left = nth; lasting = and_all_later; failures = 0; }
int eio_failures(void) { return failures; }

static int fails(int fd) {
    char link[64], path[4096];
    if (left < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    if (!strstr(path, "catalog.sqlite")) return 0;
    if (left > 1) { left--; return 0; }
    if (!lasting) left = -1;
    failures++;
    errno = EIO;
    return 1;
}

#define REAL(name) ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) { return fails(fd) ? -1 : REAL(write)(fd, data, size); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return fails(fd) ? -1 : REAL(pwrite)(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return fails(fd) ? -1 : REAL(pwrite64)(fd, data, size, at); }
int fsync(int fd) { return fails(fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails(fd) ? -1 : REAL(fdatasync)(fd); }
