/* Teams: every item once, barriers order phases, nesting, several contexts at once. */
#include "support.h"
#include "team.h"

#include <pthread.h>
#include <unistd.h>

enum { N = 1000, PHASES = 300 };

static void mark(void *arg, int64_t i, int member) {
    (void)member;
    ((int *)arg)[i]++;
}

static void every_item_is_done_once(void **state) {
    (void)state;
    for (int threads = 1; threads <= 5; threads++) {
        fqp_ctx *ctx;
        assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &ctx), FQP_OK);
        int done[N] = {0};
        for (int r = 0; r < 20; r++)
            fqpi_team_for(ctx, N, mark, done);
        for (int i = 0; i < N; i++)
            assert_int_equal(done[i], 20);
        fqp_ctx_destroy(ctx);
    }
}

typedef struct ring {
    fqp_ctx *ctx;
    int cell[2][8];
    int wrong;
} ring;

/* Each phase every member reads its neighbour's cell of the phase before. */
static void pass_on(void *arg, int me, int members) {
    ring *r = arg;
    r->cell[0][me] = 0;
    fqpi_team_barrier(r->ctx);
    for (int p = 0; p < PHASES; p++) {
        int before = r->cell[p % 2][(me + 1) % members];
        if (before != p)
            r->wrong = 1;
        r->cell[(p + 1) % 2][me] = p + 1;
        fqpi_team_barrier(r->ctx);
    }
}

static void barriers_separate_phases(void **state) {
    (void)state;
    for (int threads = 1; threads <= 4; threads++) {
        ring r = {0};
        assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = threads}, &r.ctx), FQP_OK);
        for (int again = 0; again < 3; again++) {
            fqpi_team_run(r.ctx, pass_on, &r);
            fqpi_team_run_on(r.ctx, 1, pass_on, &r);
            usleep(again == 1 ? 20000 : 0); /* let members fall asleep once */
        }
        assert_int_equal(r.wrong, 0);
        fqp_ctx_destroy(r.ctx);
    }
}

typedef struct nested {
    fqp_ctx *ctx;
    int done[4][N];
} nested;

static void outer(void *arg, int me, int members) {
    (void)members;
    nested *n = arg;
    fqpi_team_for(n->ctx, N, mark, n->done[me]);
}

static void nested_calls_run_on_the_caller(void **state) {
    (void)state;
    static nested n;
    assert_int_equal(fqp_ctx_create(&(fqp_ctx_opts){.threads = 3}, &n.ctx), FQP_OK);
    fqpi_team_run(n.ctx, outer, &n);
    for (int me = 0; me < 3; me++)
        for (int i = 0; i < N; i++)
            assert_int_equal(n.done[me][i], 1);
    fqp_ctx_destroy(n.ctx);
}

static void *own_context(void *arg) {
    int *ok = arg;
    fqp_ctx *ctx;
    if (fqp_ctx_create(&(fqp_ctx_opts){.threads = 2}, &ctx))
        return NULL;
    int done[N] = {0};
    for (int r = 0; r < 50; r++)
        fqpi_team_for(ctx, N, mark, done);
    *ok = 1;
    for (int i = 0; i < N; i++)
        *ok &= done[i] == 50;
    fqp_ctx_destroy(ctx);
    return NULL;
}

static void contexts_do_not_disturb_each_other(void **state) {
    (void)state;
    pthread_t t[3];
    int ok[3] = {0};
    for (int i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&t[i], NULL, own_context, &ok[i]), 0);
    for (int i = 0; i < 3; i++) {
        pthread_join(t[i], NULL);
        assert_int_equal(ok[i], 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_done_once),
        cmocka_unit_test(barriers_separate_phases),
        cmocka_unit_test(nested_calls_run_on_the_caller),
        cmocka_unit_test(contexts_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
