/* log.jsonl and bands.csv: the numbers of the series, whole after a tear, thin where the run is large. */
#include "support.h"
#include "unit/exp/one_run.h"

#include "follow.h"
#include "outputs.h"

#include <fqp/outputs.h>
#include <inttypes.h>
#include <unistd.h>

static const char text[] = "data: {source: expr, target: [\"sin(x) + sin(3*x)\"], lower: [-1], upper: [2], n: [40]}\n"
                           "model: {hidden: [8]}\n"
                           "train: {lr: 1e-2, steps: 60}\n"
                           "monitor: {probes: [dft, filter], record: \"every:5\", tensorboard: true}\n"
                           "run: {seeds: 2}\n";

static int make_run(void **state) {
    return enter(state) || train_run(text, FQP_STORE_RESUME);
}

static char *slurp(const char *name, size_t *n) {
    FILE *f = fopen(in_room(name), "rb");
    assert_non_null(f);
    static char room_for[2][1 << 16];
    static int turn;
    turn = !turn;
    *n = fread(room_for[turn], 1, sizeof room_for[turn] - 1, f);
    room_for[turn][*n] = 0;
    fclose(f);
    return room_for[turn];
}

/* ---- log.jsonl ----------------------------------------------------------------------------------------------------
 */

static void lines_hold_the_series(void **state) {
    (void)state;
    size_t n;
    for (size_t i = 0; i < trial.nseeds; i++) {
        const fqpi_seed *seed = &trial.seed[i];
        char name[64];
        fqpi_print(name, sizeof name, "run/%s/log.jsonl", seed->folder);
        char *at = slurp(name, &n);
        for (size_t f = 0; f < seed->frames; f++) {
            char *end = strchr(at, '\n');
            assert_non_null(end);
            json_t *j = json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES, NULL);
            at = end + 1;
            assert_non_null(j);
            assert_int_equal(json_integer_value(json_object_get(j, "step")), ((int64_t *)seed->step.data)[f]);
            const double loss = ((double *)seed->loss.data)[f];
            assert_near(json_number_value(json_object_get(j, "loss")), loss, 1e-8 * loss);
            assert_true(json_is_null(json_object_get(j, "accuracy")));
            for (size_t p = 0; p < seed->nprobes; p++) {
                const fqpi_series *s = &seed->probe[p];
                const json_t *errors = json_object_get(json_object_get(j, "error"), s->name);
                size_t selected = 0;
                for (size_t b = 0; b < s->nbins; b++) {
                    const double e = fqpi_series_error(s, f, b);
                    const json_t *got = json_object_get(errors, fqpi_series_label(s, b));
                    selected += fqpi_series_selected(s, b);
                    if (!fqpi_series_selected(s, b))
                        assert_null(got);
                    else if (isnan(e))
                        assert_true(json_is_null(got));
                    else
                        assert_near(json_number_value(got), e, 1e-8 * e);
                }
                assert_int_equal(json_object_size(errors), selected);
            }
            json_decref(j);
        }
        assert_int_equal(*at, 0);
    }
}

/* Whatever became of the log, a resumed run has the bytes of one that was never stopped. */
static void a_torn_log_is_mended(void **state) {
    (void)state;
    size_t n, now;
    const char *whole = slurp("run/seed_0001/log.jsonl", &n);
    char *copy = malloc(n + 100);
    memcpy(copy, whole, n);
    for (size_t cut = 0; cut <= n + 1; cut += cut + 97 < n ? 97 : 1) {
        FILE *f = fopen(in_room("run/seed_0001/log.jsonl"), "wb");
        assert_true(fwrite(copy, 1, cut < n ? cut : n, f) == (cut < n ? cut : n));
        if (cut > n)
            fputs("{\"step\":99999,\"epoch\"", f); /* a frame that does not count */
        fclose(f);
        if (cut == 0)
            unlink(in_room("run/seed_0001/log.jsonl"));
        fqpi_follow *follow = NULL;
        works(fqpi_follow_create(ctx, store, "seed_0001", false, &follow));
        works(fqpi_follow_resume(follow, trial.seed[0].frames));
        fqpi_follow_free(follow);
        const char *mended = slurp("run/seed_0001/log.jsonl", &now);
        assert_int_equal(now, n);
        assert_memory_equal(mended, copy, n);
    }
    fqpi_follow *follow = NULL; /* fewer frames are kept: fewer lines */
    works(fqpi_follow_create(ctx, store, "seed_0001", false, &follow));
    works(fqpi_follow_resume(follow, 3));
    const char *short_one = slurp("run/seed_0001/log.jsonl", &now);
    assert_true(now < n && short_one[now - 1] == '\n');
    assert_memory_equal(short_one, copy, now);
    works(fqpi_follow_resume(follow, 0));
    slurp("run/seed_0001/log.jsonl", &now);
    assert_int_equal(now, 0);
    works(fqpi_follow_resume(follow, trial.seed[0].frames));
    fqpi_follow_free(follow);
    slurp("run/seed_0001/log.jsonl", &now);
    assert_int_equal(now, n);
    free(copy);
}

/* ---- bands.csv ----------------------------------------------------------------------------------------------------
 */

static size_t lines_of(const char *name) {
    FILE *f = fopen(in_room(name), "r");
    assert_non_null(f);
    size_t n = 0;
    for (int c = getc(f); c != EOF; c = getc(f))
        n += c == '\n';
    fclose(f);
    return n;
}

static void rows_hold_the_series(void **state) {
    (void)state;
    int64_t rows = 0;
    works(fqp_export_bands(ctx, in_room("run"), in_room("all.csv"), true, &rows));
    assert_int_equal(lines_of("all.csv"), rows + 1);
    FILE *f = fopen(in_room("all.csv"), "r");
    char line[512], want[512];
    assert_non_null(fgets(line, sizeof line, f));
    assert_string_equal(line, "seed,probe,bin,axis,wavenumber,step,seconds,error\n");
    for (size_t i = 0; i < trial.nseeds; i++)
        for (size_t p = 0; p < trial.seed[i].nprobes; p++) {
            const fqpi_series *s = &trial.seed[i].probe[p];
            const bool quoted = strcmp(s->name, "filter") == 0;
            for (size_t b = 0; b < s->nbins; b++)
                for (size_t k = 0; k < s->frames && (fqpi_series_valid(s, b) || fqpi_series_selected(s, b)); k++) {
                    const double axis = ((double *)s->axis.data)[b], e = fqpi_series_error(s, k, b);
                    char number[40] = "", wave[40] = "";
                    if (isfinite(e))
                        fqpi_print(number, sizeof number, "%.9g", e);
                    if (s->wavenumber > 0)
                        fqpi_print(wave, sizeof wave, "%.9g", axis * s->wavenumber);
                    fqpi_print(want, sizeof want, "%" PRId64 ",%s,%s%s%s,%.9g,%s,%" PRId64 ",%.9g,%s\n",
                               trial.seed[i].number, s->name, quoted ? "\"" : "", fqpi_series_label(s, b),
                               quoted ? "\"" : "", axis, wave, ((int64_t *)trial.seed[i].step.data)[k],
                               ((double *)trial.seed[i].seconds.data)[k], number);
                    assert_non_null(fgets(line, sizeof line, f));
                    assert_string_equal(line, want);
                }
        }
    assert_null(fgets(line, sizeof line, f));
    fclose(f);
    works(fqp_export_bands(ctx, in_room("run"), in_room("some.csv"), false, &rows));
    char *some, *own;
    size_t nsome, nown;
    some = slurp("some.csv", &nsome); /* a short run is not thinned */
    own = slurp("run/bands.csv", &nown);
    assert_int_equal(nsome, nown);
    assert_memory_equal(some, own, nsome);
}

/* 1000 frames of 5000 bins, all selected, are more rows than anyone reads: frames are left out, bins are not. */
static void a_large_run_is_thinned(void **state) {
    (void)state;
    enum { F = 1000, B = 5000 };
    int64_t *step = malloc(F * sizeof *step), rows, frames;
    double *real = calloc((size_t)F * B, sizeof *real), *axis = calloc(B, sizeof *axis), *seconds = calloc(F, 8);
    uint8_t *flag = malloc(B);
    for (int64_t f = 0; f < F; f++)
        step[f] = 10 * f;
    memset(flag, 1, B);
    fqpi_series s = {.name = "dft", .frames = F, .nbins = B, .ncomp = 1, .wavenumber = 1, .label = json_array()};
    s.axis.data = axis;
    s.valid.data = s.selected.data = flag;
    s.error.data = real;
    for (int b = 0; b < B; b++)
        json_array_append_new(s.label, json_sprintf("%d", b));
    fqpi_seed seed = {.number = 1, .frames = F, .probe = &s, .nprobes = 1};
    seed.step.data = step;
    seed.seconds.data = seconds;
    const fqpi_trial large = {.ctx = ctx, .seed = &seed, .nseeds = 1};
    works(fqpi_bands_write(ctx, &large, in_room("large.csv"), FQPI_BANDS_THIN, &rows, &frames));
    assert_int_equal(frames, 40);
    assert_true(rows <= 200000 && rows > 100000 && rows % B == 0);
    assert_int_equal(lines_of("large.csv"), rows + 1);
    memset(flag + 5, 0, B - 5); /* of 5 selected bins every frame has room */
    works(fqpi_bands_write(ctx, &large, in_room("large.csv"), FQPI_BANDS_THIN, &rows, &frames));
    assert_int_equal(rows, 5 * F);
    json_decref(s.label);
    free(step);
    free(real);
    free(axis);
    free(seconds);
    free(flag);
}

static void what_cannot_be_written(void **state) {
    (void)state;
    int64_t rows;
    assert_int_equal(fqp_export_bands(ctx, in_room("nowhere"), in_room("x.csv"), false, &rows), FQP_E_IO);
    assert_int_equal(fqp_export_bands(ctx, in_room("run"), in_room("no/such/folder.csv"), false, &rows), FQP_E_IO);
    assert_int_equal(fqp_export_tensorboard(ctx, in_room("nowhere"), in_room("tb"), NULL), FQP_E_IO);
    assert_int_equal(fqp_export_bands(ctx, NULL, NULL, false, NULL), FQP_E_ARG);
    assert_int_not_equal(access(in_room("x.csv"), F_OK), 0);
}

static void memory_runs_out(void **state) {
    (void)state;
    int64_t rows;
    fqp_status s = FQP_E_NOMEM;
    for (long n = 0; s && n < 4000; n += 1 + n / 8) {
        fqpi_mem_fail_after(ctx, n);
        s = fqp_export_tensorboard(ctx, in_room("run"), in_room("tb"), NULL);
        s = s ? s : fqp_export_bands(ctx, in_room("run"), in_room("x.csv"), true, &rows);
        fqpi_mem_fail_after(ctx, -1);
        assert_true(!s || s == FQP_E_NOMEM);
    }
    assert_int_equal(s, FQP_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_hold_the_series, make_run, drop_run),
        cmocka_unit_test_setup_teardown(a_torn_log_is_mended, make_run, drop_run),
        cmocka_unit_test_setup_teardown(rows_hold_the_series, make_run, drop_run),
        cmocka_unit_test_setup_teardown(a_large_run_is_thinned, make_run, drop_run),
        cmocka_unit_test_setup_teardown(what_cannot_be_written, make_run, drop_run),
        cmocka_unit_test_setup_teardown(memory_runs_out, make_run, drop_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
