/* tournament.c - meetings are handed out in the order of the rounds; a thread whose meeting is due later waits for
 * those before it, which are all under way.  There are no barriers between rounds. */
#include "tournament.h"
#include "mem.h"
#include "team.h"

#include <sched.h>
#include <stdatomic.h>

enum { SPIN = 4000 };

struct fqpi_tournament {
    fqp_ctx *ctx;
    int64_t n, even; /* even: n and, when that is odd, an absent thing, whose partner rests */
    void (*meet)(void *arg, int64_t a, int64_t b, int member);
    void *arg;
    atomic_llong next;
    atomic_int *met; /* [even] meetings behind a thing */
};

fqp_status fqpi_tournament_create(fqp_ctx *ctx, int64_t n, fqpi_tournament **out) {
    fqpi_tournament *t = fqpi_calloc(ctx, 1, sizeof *t);
    if (!t)
        return FQP_E_NOMEM;
    t->ctx = ctx;
    t->n = n;
    t->even = n + n % 2;
    t->met = fqpi_alloc(ctx, (size_t)t->even, sizeof *t->met);
    if (!t->met) {
        fqpi_tournament_destroy(t);
        return FQP_E_NOMEM;
    }
    *out = t;
    return FQP_OK;
}

void fqpi_tournament_destroy(fqpi_tournament *t) {
    if (!t)
        return;
    fqpi_free(t->met);
    fqpi_free(t);
}

typedef struct meeting {
    int64_t a, b;
    int round;
} meeting;

/* Round 0: everybody alone.  Then one thing stays, the others go round. */
static meeting meeting_of(const fqpi_tournament *t, int64_t number) {
    if (number < t->even)
        return (meeting){number, number, 0};
    const int64_t pairs = t->even / 2, round = number / pairs - 2, item = number % pairs, turn = t->even - 1;
    const int64_t a = item == 0 ? turn : (round + item) % turn, b = (round - item + turn) % turn;
    return (meeting){a < b ? a : b, a < b ? b : a, (int)round + 1};
}

static void wait_for(atomic_int *met, int round) {
    for (int i = 0; atomic_load_explicit(met, memory_order_acquire) != round; i++)
        if (i > SPIN)
            sched_yield();
}

static void take_meetings(void *arg, int member, int members) {
    fqpi_tournament *t = arg;
    const int64_t all = t->even + (t->even - 1) * (t->even / 2);
    (void)members;
    for (int64_t i; (i = atomic_fetch_add(&t->next, 1)) < all;) {
        const meeting m = meeting_of(t, i);
        wait_for(&t->met[m.a], m.round);
        wait_for(&t->met[m.b], m.round);
        if (m.b < t->n)
            t->meet(t->arg, m.a, m.b, member);
        atomic_store_explicit(&t->met[m.a], m.round + 1, memory_order_release);
        atomic_store_explicit(&t->met[m.b], m.round + 1, memory_order_release);
    }
}

void fqpi_tournament_run(fqpi_tournament *t, void (*meet)(void *arg, int64_t a, int64_t b, int member), void *arg) {
    t->meet = meet;
    t->arg = arg;
    atomic_store(&t->next, 0);
    for (int64_t i = 0; i < t->even; i++)
        atomic_store(&t->met[i], 0);
    fqpi_team_run(t->ctx, take_meetings, t);
}
