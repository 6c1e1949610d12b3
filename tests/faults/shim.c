// Preloaded into a process, counts the calls by which it changes what is on the disk below a folder, and at the n-th of
// them lets the disk be full, the process die, or the process wait for another.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[4096];
static long count, at = -1;
static int how, calls = -1;  // how: 'k' dies before the call, 'h' after half of a write, 's' stops, 'f' the disk is full

// From now on count what happens below `folder`; a line about each such call goes to the descriptor `log`.
void arm(const char *folder, long n, int what, int log) {
    strncpy(root, folder, sizeof root - 1);
    count = 0, at = n, how = what, calls = log;
}

static int is_below(const char *path) {
    char whole[8192];
    if (!*root || !path) return 0;
    if (*path == '/') snprintf(whole, sizeof whole, "%s", path);
    else {
        if (!getcwd(whole, 4096)) return 0;
        strcat(strcat(whole, "/"), path);
    }
    return !strncmp(whole, root, strlen(root));
}

// The path of an open file, where that is below the folder.
static const char *path_of(int fd) {
    static char path[4096];
    char link[64];
    if (!*root) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return NULL;
    path[n] = 0;
    return is_below(path) ? path : NULL;
}

// Whether this call has to fail.  A disk that is full stays full, but still lets go of files.
static int fails(const char *name, const char *path, int removes) {
    const char *slash = path ? strrchr(path, '/') : NULL;
    long n = count++;
    if (calls >= 0) dprintf(calls, "%s %s\n", name, slash ? slash + 1 : path ? path : "");
    if (n == at && (how == 'k' || (how == 'h' && !strcmp(name, "write")))) kill(getpid(), SIGKILL);
    if (n == at && how == 's') kill(getpid(), SIGSTOP);
    if (n >= at && at >= 0 && how == 'f' && !removes) {
        errno = ENOSPC;
        return 1;
    }
    return 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = REAL(write);
    const char *path = path_of(fd);
    if (!path) return real(fd, data, size);
    if (count == at && (how == 'h' || how == 'f')) real(fd, data, size / 2);
    return fails("write", path, 0) ? -1 : real(fd, data, size);
}

size_t fwrite(const void *data, size_t size, size_t items, FILE *file) {
    static size_t (*real)(const void *, size_t, size_t, FILE *);
    if (!real) real = REAL(fwrite);
    if (!path_of(fileno(file))) return real(data, size, items, file);
    fflush(file);
    return write(fileno(file), data, size * items) < 0 ? 0 : items;
}

#define ON_FD(name, args, call)                                       \
    int name args {                                                   \
        const char *path = path_of(fd);                               \
        return path && fails(#name, path, 0) ? -1 : call;             \
    }
ON_FD(fsync, (int fd), REAL(fsync)(fd))
ON_FD(fdatasync, (int fd), REAL(fdatasync)(fd))
ON_FD(ftruncate, (int fd, off_t size), REAL(ftruncate)(fd, size))
ON_FD(ftruncate64, (int fd, off64_t size), REAL(ftruncate64)(fd, size))

// Changes nothing on the disk, but is where commands meet.
int flock(int fd, int operation) {
    const char *path = path_of(fd);
    if (path) fails("flock", path, 1);
    return REAL(flock)(fd, operation);
}

#define ON_PATH(name, args, call, removes)                               \
    int name args {                                                      \
        return is_below(path) && fails(#name, path, removes) ? -1 : call; \
    }
ON_PATH(truncate, (const char *path, off_t size), REAL(truncate)(path, size), 0)
ON_PATH(truncate64, (const char *path, off64_t size), REAL(truncate64)(path, size), 0)
ON_PATH(unlink, (const char *path), REAL(unlink)(path), 1)
ON_PATH(rename, (const char *path, const char *to), REAL(rename)(path, to), 0)
ON_PATH(mkdir, (const char *path, mode_t mode), REAL(mkdir)(path, mode), 0)
ON_PATH(link, (const char *path, const char *to), REAL(link)(path, to), 0)

int msync(void *start, size_t size, int flags) {
    return *root && fails("msync", NULL, 0) ? -1 : REAL(msync)(start, size, flags);
}

// Opening counts where it makes or empties a file.
static int opens(const char *path, int flags) {
    return flags & (O_CREAT | O_TRUNC) && is_below(path) && fails("open", path, 0);
}

#define OPEN(name)                                                       \
    int name(const char *path, int flags, ...) {                         \
        va_list more;                                                    \
        va_start(more, flags);                                           \
        int mode = va_arg(more, int);                                    \
        va_end(more);                                                    \
        return opens(path, flags) ? -1 : REAL(name)(path, flags, mode);  \
    }
OPEN(open)
OPEN(open64)
