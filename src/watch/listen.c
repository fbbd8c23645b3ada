/* listen.c - the address and port of the live page, and who may ask for it. */
#include "fail.h"
#include "serve.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TOKEN_LEAST = 16, TOKEN_MOST = 128, TRIES = 100, BACKLOG = 16 };

typedef union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} address;

static bool parse(const char *text, address *a) {
    *a = (address){0};
    const char *name = strcmp(text, "localhost") == 0 ? "127.0.0.1" : text;
    if (inet_pton(AF_INET, name, &a->v4.sin_addr) == 1)
        a->any.sa_family = AF_INET;
    else if (inet_pton(AF_INET6, name, &a->v6.sin6_addr) == 1)
        a->any.sa_family = AF_INET6;
    return a->any.sa_family != AF_UNSPEC;
}

static bool is_loopback(const address *a) {
    return a->any.sa_family == AF_INET ? (ntohl(a->v4.sin_addr.s_addr) >> 24) == 127
                                       : IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
}

static bool is_any(const address *a) {
    return a->any.sa_family == AF_INET ? a->v4.sin_addr.s_addr == htonl(INADDR_ANY)
                                       : IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
}

/* A listening socket, or -1 and errno. */
static int bind_port(address a, int port) {
    const uint16_t p = htons((uint16_t)port);
    const bool v4 = a.any.sa_family == AF_INET;
    if (v4)
        a.v4.sin_port = p;
    else
        a.v6.sin6_port = p;
    const int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), yes = 1;
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes); /* a port that was just left may be taken again */
    const socklen_t size = v4 ? sizeof a.v4 : sizeof a.v6;
    if (bind(fd, &a.any, size) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    const int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static int bound_port(int fd) {
    address a = {0};
    socklen_t size = sizeof a;
    if (getsockname(fd, &a.any, &size) != 0)
        return 0;
    return ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port : a.v6.sin6_port);
}

static fqp_status refused(fqp_ctx *ctx, address a, const char *where, int port, int why) {
    if (why != EADDRINUSE)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "port %d of %s cannot be listened on: %s", port, where, strerror(why));
    for (int p = port + 1; p < port + TRIES && p < 65536; p++) {
        const int fd = bind_port(a, p);
        if (fd < 0)
            continue;
        close(fd);
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "port %d of %s is in use; --port %d is free", port, where, p);
    }
    return fqpi_fail(ctx, FQP_E_ARG, NULL, "port %d of %s is in use; --port 0 takes any that is free", port, where);
}

static fqp_status check_token(fqp_ctx *ctx, const char *token, bool loopback, const char *where) {
    if (!token && loopback)
        return FQP_OK;
    if (!token)
        return fqpi_fail(
            ctx, FQP_E_ARG, NULL,
            "others can reach %s: give a token of at least %d characters (--token), which they have to name", where,
            TOKEN_LEAST);
    const size_t n = strlen(token);
    if (n < TOKEN_LEAST || n > TOKEN_MOST)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "the token has %zu characters; it must have %d to %d", n, TOKEN_LEAST,
                         TOKEN_MOST);
    for (const char *c = token; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("-._~", *c))
            return fqpi_fail(ctx, FQP_E_ARG, NULL,
                             "the token may hold letters, digits and - . _ ~ only, since it is part of an address");
    return FQP_OK;
}

static void write_url(const address *a, const char *where, const char *token, fqpi_place *out) {
    char host[160];
    snprintf(host, sizeof host, a->any.sa_family == AF_INET6 ? "[%s]" : "%s", where);
    if (is_any(a) && gethostname(host, sizeof host) != 0)
        snprintf(host, sizeof host, "localhost");
    host[sizeof host - 1] = '\0';
    snprintf(out->url, sizeof out->url, "http://%.120s:%d/%s%s", host, out->port, token ? "?token=" : "",
             token ? token : "");
}

fqp_status fqpi_listen(fqp_ctx *ctx, const fqp_server_opts *opts, fqpi_place *out) {
    const char *where = opts->address ? opts->address : "127.0.0.1";
    address a;
    if (!parse(where, &a))
        return fqpi_fail(ctx, FQP_E_ARG, NULL,
                         "\"%s\" is no address; give it in numbers, such as 192.168.1.5 or 0.0.0.0", where);
    if (opts->port < 0 || opts->port > 65535)
        return fqpi_fail(ctx, FQP_E_ARG, NULL, "port %d: ports go from 0 (any that is free) to 65535", opts->port);
    *out = (fqpi_place){.fd = -1, .loopback = is_loopback(&a)};
    fqp_status s = check_token(ctx, opts->token, out->loopback, where);
    if (s)
        return s;
    out->fd = bind_port(a, opts->port);
    if (out->fd < 0)
        return refused(ctx, a, where, opts->port, errno);
    out->port = bound_port(out->fd);
    write_url(&a, where, opts->token, out);
    return FQP_OK;
}

bool fqpi_secret_same(const char *want, const char *got) {
    const size_t n = strlen(want), k = got ? strlen(got) : 0;
    volatile unsigned char differ = n != k;
    for (size_t i = 0; i < n; i++)
        differ = (unsigned char)(differ | (unsigned char)(want[i] ^ (i < k ? got[i] : 0)));
    return differ == 0;
}

bool fqpi_host_is_here(const char *host) {
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]", NULL};
    for (size_t i = 0; host && names[i]; i++) {
        const size_t n = strlen(names[i]);
        if (strncmp(host, names[i], n) == 0 && (host[n] == '\0' || host[n] == ':'))
            return true;
    }
    return false;
}
