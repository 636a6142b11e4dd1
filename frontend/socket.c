/* socket.c: see socket.h. */
#define _GNU_SOURCE
#include "socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static int fail(const struct stream_option *o, FILE *err, int fd, const char *why)
{
    char name[256];
    socket_name(o, name, sizeof name);
    fprintf(err, "pcemu: %s: %s\n", name, why);
    if (fd >= 0)
        close(fd);
    return -1;
}

static int open_unix(const struct stream_option *o, FILE *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct stat old;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fail(o, err, fd, strerror(errno));
    if (snprintf(address.sun_path, sizeof address.sun_path, "%s", o->path) >= (int)sizeof address.sun_path)
        return fail(o, err, fd, "the path is too long");
    const struct sockaddr *to = (const struct sockaddr *)&address;
    if (!o->server)
        return connect(fd, to, sizeof address) == 0 ? fd : fail(o, err, fd, strerror(errno));
    if (stat(o->path, &old) == 0 && S_ISSOCK(old.st_mode)) /* of an earlier run */
        unlink(o->path);
    return bind(fd, to, sizeof address) == 0 && listen(fd, 1) == 0 ? fd : fail(o, err, fd, strerror(errno));
}

/* One of the addresses that a name stands for. */
static int try_address(const struct stream_option *o, const struct addrinfo *a)
{
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol), on = 1;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool ok = o->server ? bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 1) == 0
                        : connect(fd, a->ai_addr, a->ai_addrlen) == 0;
    if (ok)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* getaddrinfo() takes a larger number for another one. */
static bool is_no_port(const char *port)
{
    char *end;
    unsigned long n = strtoul(port, &end, 10);
    return !*end && n > UINT16_MAX;
}

static int open_tcp(const struct stream_option *o, FILE *err)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = o->server ? AI_PASSIVE : 0 }, *list;
    if (is_no_port(o->port))
        return fail(o, err, -1, "ports go up to 65535");
    int error = getaddrinfo(o->host[0] ? o->host : NULL, o->port, &hints, &list), fd = -1;
    if (error == EAI_SERVICE)
        return fail(o, err, -1, "there is no port of that name");
    if (error)
        return fail(o, err, -1, gai_strerror(error));
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
        fd = try_address(o, a);
    error = errno;
    freeaddrinfo(list);
    return fd >= 0 ? fd : fail(o, err, -1, strerror(error));
}

int socket_open(const struct stream_option *o, FILE *err)
{
    return o->kind == STREAM_UNIX ? open_unix(o, err) : open_tcp(o, err);
}

int socket_accept(int listening)
{
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC), on = 1;
    if (fd >= 0) /* fails, and need not work, on other sockets than TCP's */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void socket_unlink(const struct stream_option *o)
{
    if (o->kind == STREAM_UNIX && o->server)
        unlink(o->path);
}

void socket_name(const struct stream_option *o, char *name, size_t size)
{
    if (o->kind == STREAM_UNIX)
        snprintf(name, size, "unix:%s%s", o->path, o->server ? ",server=on" : "");
    else
        snprintf(name, size, "%s:%s:%s%s", o->telnet ? "telnet" : "tcp", o->host, o->port,
                 o->server ? ",server=on" : "");
}
