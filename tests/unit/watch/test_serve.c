/* test_serve.c - the live page: where it listens, who may ask, and what it does without its library. */
#include "serve.h"

#include "../../folder.h"

#include <netinet/in.h>
#include <sys/socket.h>

static const char token[] = "0123456789abcdef";

/* The answer to one request of HTTP/1.0; "" when nobody answers. */
static void ask(int port, const char *request, char *answer, size_t size) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    size_t n = 0;
    if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0 && send(fd, request, strlen(request), MSG_NOSIGNAL) > 0)
        for (ssize_t got = 1; got > 0 && n + 1 < size; n += got > 0 ? (size_t)got : 0)
            got = recv(fd, answer + n, size - n - 1, 0);
    answer[n] = '\0';
    close(fd);
}

static int status_of(int port, const char *request) {
    static char answer[1 << 16];
    int status = 0;
    ask(port, request, answer, sizeof answer);
    return sscanf(answer, "HTTP/1.%*d %d", &status) == 1 ? status : 0;
}

static fqp_server *serve(const char *secret) {
    const fqp_server_opts o = {.token = secret};
    fqp_server *s = NULL;
    assert_ok(ctx, fqp_server_create(ctx, &o, &s));
    const fqp_live live = {.version = 1, .source = "preds", .step = -1, .age = NAN, .gap = NAN, .patience = 30};
    assert_ok(ctx, fqp_server_tell(s, &live));
    return s;
}

static void secrets_are_compared_whole(void **state) {
    (void)state;
    assert_true(fqpi_secret_same(token, token));
    assert_false(fqpi_secret_same(token, NULL));
    assert_false(fqpi_secret_same(token, ""));
    assert_false(fqpi_secret_same(token, "0123456789abcde"));
    assert_false(fqpi_secret_same(token, "0123456789abcdef0"));
    assert_false(fqpi_secret_same(token, "1123456789abcdef"));
    assert_false(fqpi_secret_same(token, "0123456789abcdeF"));
}

static void names_of_this_machine(void **state) {
    (void)state;
    static const char *const here[] = {"localhost", "localhost:8077", "127.0.0.1:1", "[::1]:8077"};
    static const char *const elsewhere[] = {"localhost.evil.example", "127.0.0.1.evil.example", "evil.example:8077",
                                            ""};
    for (size_t i = 0; i < 4; i++) {
        assert_true(fqpi_host_is_here(here[i]));
        assert_false(fqpi_host_is_here(elsewhere[i]));
    }
    assert_false(fqpi_host_is_here(NULL));
}

static void only_those_who_may_are_answered(void **state) {
    (void)state;
    fqp_server *s = serve(NULL);
    const int port = s->place.port;
    assert_int_equal(status_of(port, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"), 200);
    assert_int_equal(status_of(port, "GET /data HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n"), 200);
    assert_int_equal(status_of(port, "GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n"), 403);
    assert_int_equal(status_of(port, "GET / HTTP/1.0\r\n\r\n"), 403);
    assert_int_equal(status_of(port, "PUT /data HTTP/1.0\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"), 405);
    assert_int_equal(status_of(port, "GET /report.html HTTP/1.0\r\nHost: localhost\r\n\r\n"), 404);
    fqp_server_destroy(s);
    assert_int_equal(status_of(port, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"), 0);

    s = serve(token);
    assert_int_equal(status_of(s->place.port, "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"), 401);
    assert_int_equal(status_of(s->place.port, "GET /data?token=0123456789abcdef HTTP/1.0\r\n\r\n"), 200);
    assert_int_equal(status_of(s->place.port, "GET /data?token= HTTP/1.0\r\n\r\n"), 401);
    assert_non_null(strstr(fqp_server_url(s), "/?token=0123456789abcdef"));
    fqp_server_destroy(s);
}

/* Streams of events that are open do not keep the server from ending. */
static void open_streams_end_with_the_server(void **state) {
    (void)state;
    fqp_server *s = serve(NULL);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)s->place.port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    static const char request[] = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    char answer[4096];
    size_t n = 0;
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_true(send(fd, request, strlen(request), 0) > 0);
    const fqp_live later = {
        .version = 2, .source = "preds", .frames = 7, .step = 700, .age = 1, .gap = 2, .patience = 30};
    for (bool told = false; !strstr(n ? answer : "", "\"frames\":7");) {
        const ssize_t got = recv(fd, answer + n, sizeof answer - n - 1, 0);
        assert_true(got > 0);
        n += (size_t)got;
        answer[n] = '\0';
        if (!told && strstr(answer, "\"version\":1")) { /* the first word comes by itself, the next with news */
            told = true;
            assert_ok(ctx, fqp_server_tell(s, &later));
        }
    }
    assert_non_null(strstr(answer, "text/event-stream"));
    fqp_server_destroy(s);
    close(fd);
}

static void places_that_cannot_be(void **state) {
    (void)state;
    fqp_server *s = NULL, *first = serve(NULL);
    fqp_server_opts o = {.port = first->place.port};
    assert_int_equal(fqp_server_create(ctx, &o, &s), FQP_E_ARG);
    assert_non_null(strstr(fqp_ctx_problem(ctx, 0).message, "is in use; --port "));
    fqp_server_destroy(first);
    const struct {
        fqp_server_opts opts;
        const char *says;
    } wrong[] = {
        {{.address = "0.0.0.0"},
         "others can reach 0.0.0.0: give a token of at least 16 characters (--token), which they have to name"},
        {{.address = "::", .token = "short"}, "the token has 5 characters; it must have 16 to 128"},
        {{.token = "0123456789 abcdef"},
         "the token may hold letters, digits and - . _ ~ only, since it is part of an address"},
        {{.address = "here"}, "\"here\" is no address; give it in numbers, such as 192.168.1.5 or 0.0.0.0"},
        {{.port = 70000}, "port 70000: ports go from 0 (any that is free) to 65535"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(ctx, fqp_server_create(ctx, &wrong[i].opts, &s), FQP_E_ARG, wrong[i].says);
    fqp_ctx_problems_clear(ctx);
}

static void without_the_library_there_is_a_sentence(void **state) {
    (void)state;
    fqp_server *s = NULL;
    fqpi_late_pretend(&fqpi_http_library, "libnothing.so.0");
    assert_int_equal(fqp_server_create(ctx, &(fqp_server_opts){0}, &s), FQP_E_UNSUPPORTED);
    assert_non_null(
        strstr(fqp_ctx_problem(ctx, 0).message, "the live page needs libmicrohttpd, which cannot be loaded"));
    fqpi_late_pretend(&fqpi_http_library, NULL);
    fqp_ctx_problems_clear(ctx);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {T(secrets_are_compared_whole),      T(names_of_this_machine),
                                       T(only_those_who_may_are_answered), T(open_streams_end_with_the_server),
                                       T(places_that_cannot_be),           T(without_the_library_there_is_a_sentence)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
