/* cmd_lfp.c - fqp lfp: the function that a wide two-layer network will learn, by the linear frequency principle. */
#include "lfp.h"
#include "mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const option_row options[] = {
    {"x", 'x', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Points, n or n x d (npy, npz:name, csv), in place of a recipe."},
    {"y", 'y', OPT_VALUE, "FILE", OFFER_FILE, NULL, "Targets at the points, n or n x m."},
    {"at", 'a', OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Points to evaluate at; default: the test points, or a grid over the data in one and two dimensions."},
    {"ridge", 0, OPT_VALUE, "R", OFFER_NONE, NULL,
     "Smooth: R times the kernel's mean is added on its diagonal, and targets are met only nearly."},
    {"save", 0, OPT_VALUE, "FILE", OFFER_FILE, NULL,
     "Write x, y, at, h (and kernel, linear, cubic) to an npz archive."},
    {"set", 's', OPT_LIST, "KEY=VALUE", OFFER_KEY, NULL,
     "Override a key of the configuration: --set model.bias_std=5. May be given again."},
    {"preset", 'p', OPT_VALUE, "NAME", OFFER_NONE, NULL, "A preset of the recipe, such as smoke."},
    {0}};

static const double confidence = 0.05, wanted = 0.01; /* of the bound: 95 %, 1 % of the mean square of the targets */

/* ---- what is told ------------------------------------------------------------------------------------------------ */

/* Relative L2 difference of h to another function, of splines between the outermost points only. */
static double relative(const lfp_problem *p, const double *other, bool between) {
    double off = 0, size = 0, low = -INFINITY, high = INFINITY;
    if (between)
        lfp_range(p, 0, &low, &high);
    for (int64_t i = 0; i < p->k * p->m && other; i++) {
        const double x = ((const double *)p->at.data)[i / p->m * p->d];
        if (x < low || x > high)
            continue;
        off += (p->h[i] - other[i]) * (p->h[i] - other[i]);
        size += p->h[i] * p->h[i];
    }
    return other && size > 0 ? sqrt(off / size) : NAN;
}

/* The bound is for |f| <= 1: targets are divided by their peak. */
static double samples_needed(const lfp_problem *p) {
    const double scale = p->peak > 0 ? p->peak : 1;
    return fqp_lfp_samples(p->facts.norm / scale, p->gamma, wanted * p->mean_square / (scale * scale), confidence);
}

static char *sentence(const lfp_problem *p) {
    fqpi_text t = {0};
    const char *name = p->law.kind == FQP_LFP_RELU ? "relu" : "tanh";
    fqpi_text_add(NULL, &t,
                  "Trained to the end on these %lld points, a wide two-layer %s network that starts at 0 becomes "
                  "the function of least FP-norm through them",
                  (long long)p->n, name);
    if (p->law.kind == FQP_LFP_RELU)
        fqpi_text_add(NULL, &t, ": like a cubic spline below %.3g cycles per unit, like a linear one above",
                      p->facts.crossover);
    if (p->spline[0])
        fqpi_text_add(NULL, &t, " (%.2g %% from the linear spline between the points, %.2g %% from the cubic one)",
                      100 * relative(p, p->spline[0], true), 100 * relative(p, p->spline[1], true));
    fqpi_text_add(NULL, &t, ". Its FP-norm is %.3g", p->facts.norm);
    if (isfinite(p->gamma) && p->mean_square > 0)
        fqpi_text_add(NULL, &t,
                      "; for an error of 1 %% of the targets' mean square the a-priori bound asks for %.2g points",
                      samples_needed(p));
    fqpi_text_add(NULL, &t, ".");
    return t.s;
}

static char *notes(const lfp_problem *p) {
    fqpi_text t = {0};
    if (p->facts.spread < 3)
        fqpi_text_add(NULL, &t,
                      "The biases are spread only %.2g times as wide as w.x over the data; the theory is that of much "
                      "more (model.bias_std). ",
                      p->facts.spread);
    if (p->kernel)
        fqpi_text_add(NULL, &t,
                      "With w trained too and these biases, the exact kernel of infinite width ends %.2g %% away "
                      "(relative L2). ",
                      100 * relative(p, p->kernel, false));
    if (p->facts.ridge > 0 && !given(p->inv, "ridge"))
        fqpi_text_add(NULL, &t,
                      "The system was singular to working precision; a ridge of %.0e of the kernel's mean was added. ",
                      p->facts.ridge);
    if (t.n)
        t.s[t.n - 1] = 0;
    return t.s;
}

static void print_rows(const lfp_problem *p) {
    printf("\n%s%-10s %-10s %-10s %-10s", ink_on(stdout, INK_BOLD), "x", "h", "linear", "cubic");
    printf("%s%s\n", p->kernel ? " kernel" : "", ink_off(stdout));
    const int64_t step = p->k > 11 ? (p->k - 1) / 10 : 1;
    for (int64_t i = 0; i < p->k; i += step) {
        printf("%-10.4g %-10.4g %-10.4g %-10.4g", ((const double *)p->at.data)[i], p->h[i], p->spline[0][i],
               p->spline[1][i]);
        if (p->kernel)
            printf(" %-10.4g", p->kernel[i]);
        printf("\n");
    }
}

static void print_facts(const lfp_problem *p) {
    printf("\n%s%-28s%s %lld in %lld dimension%s, %lld output%s\n", ink_on(stdout, INK_BOLD), "points", ink_off(stdout),
           (long long)p->n, (long long)p->d, p->d > 1 ? "s" : "", (long long)p->m, p->m > 1 ? "s" : "");
    if (p->law.kind == FQP_LFP_RELU)
        printf("%-28s %.4g, %.4g\n%-28s %.4g cycles per unit\n", "A = E[r^3], B = E[a^2 r]", p->law.a, p->law.b,
               "crossover sqrt(A/B)/(2 pi)", p->facts.crossover);
    else
        printf("%-28s %.4g\n", "E[a^2]", p->law.b);
    printf("%-28s %.4g\n%-28s %.3g times w.x\n%-28s %.2g\n", "FP-norm", p->facts.norm, "spread of the biases",
           p->facts.spread, "condition of the system", p->facts.condition);
    if (isfinite(p->gamma) && p->mean_square > 0)
        printf("%-28s %.3g (95 %%)\n", "points the bound asks for", samples_needed(p));
    if (p->kernel)
        printf("%-28s %.2g %%\n", "exact kernel, relative L2", 100 * relative(p, p->kernel, false));
}

static json_t *number(double v) {
    return isfinite(v) ? json_real(v) : json_null();
}

static void print_json(const lfp_problem *p, const char *said, const char *noted) {
    json_t *out = json_problems(p->t.ctx, FQP_OK);
    json_object_set_new(out, "sentence", json_string(said));
    json_object_set_new(out, "note", json_string(noted ? noted : ""));
    const struct {
        const char *name;
        double value;
    } of[] = {{"n", (double)p->n},
              {"d", (double)p->d},
              {"outputs", (double)p->m},
              {"a", p->law.a},
              {"b", p->law.b},
              {"crossover", p->facts.crossover},
              {"fp_norm", p->facts.norm},
              {"condition", p->facts.condition},
              {"ridge", p->facts.ridge},
              {"bias_spread", p->facts.spread},
              {"miss", p->facts.miss},
              {"samples", p->mean_square > 0 ? samples_needed(p) : NAN},
              {"from_linear", relative(p, p->spline[0], true)},
              {"from_cubic", relative(p, p->spline[1], true)},
              {"from_kernel", relative(p, p->kernel, false)}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        json_object_set_new(out, of[i].name, number(of[i].value));
    json_print(out);
}

static fqp_status save(const lfp_problem *p) {
    const char *names[8] = {"x", "y", "at", "h"};
    fqp_view views[8] = {fqp_array_view(&p->x), fqp_array_view(&p->y), fqp_array_view(&p->at),
                         fqp_view_2d(p->h, p->k, p->m)};
    size_t n = 4;
    if (p->kernel) {
        names[n] = "kernel";
        views[n++] = fqp_view_2d(p->kernel, p->k, p->m);
    }
    static const char *const of_spline[] = {"linear", "cubic"};
    for (int i = 0; i < 2; i++)
        if (p->spline[i]) {
            names[n] = of_spline[i];
            views[n++] = fqp_view_2d(p->spline[i], p->k, 1);
        }
    return fqp_npz_write(p->t.ctx, value_of(p->inv, "save"), n, names, views);
}

static int tell(const lfp_problem *p) {
    char *said = sentence(p), *noted = notes(p);
    const fqp_status s = given(p->inv, "save") ? save(p) : FQP_OK;
    if (given(p->inv, "json") && !s) {
        print_json(p, said, noted);
    } else if (!s) {
        printf("%s", ink_on(stdout, INK_BOLD));
        print_wrapped(stdout, said, 0, term_width());
        printf("%s", ink_off(stdout));
        if (p->spline[0])
            print_rows(p);
        print_facts(p);
        if (noted && *noted) {
            printf("\n%snote:%s ", ink_on(stdout, INK_YELLOW), ink_off(stdout));
            print_wrapped(stdout, noted, 6, term_width());
        }
        if (given(p->inv, "save"))
            printf("saved: %s\n", value_of(p->inv, "save"));
    }
    fqpi_free(said);
    fqpi_free(noted);
    return s ? term_problems(p->inv, p->t.ctx, s, NULL) : 0;
}

/* ---- the command ------------------------------------------------------------------------------------------------- */

static int read_ridge(const invocation *inv, fqp_lfp_opts *o) {
    if (!given(inv, "ridge"))
        return 0;
    char *end;
    o->ridge = strtod(value_of(inv, "ridge"), &end);
    if (*end || end == value_of(inv, "ridge") || !(o->ridge > 0) || !(o->ridge < 1e6))
        return usage(inv->command, "--ridge: \"%s\" is not a number above 0 (and below 1e6)", value_of(inv, "ridge"));
    return 0;
}

static int run(invocation *inv) {
    lfp_problem p = {.inv = inv};
    fqp_lfp_opts o = {0};
    if (inv->narguments > 0 && (given(inv, "x") || given(inv, "y")))
        return usage(inv->command, "either %s or --x and --y", inv->argument[0]);
    int code = read_ridge(inv, &o);
    if (!code)
        code = inv->narguments > 0 ? lfp_from_config(&p) : lfp_from_files(&p);
    if (!code) {
        const fqp_status s = lfp_compute(&p, &o);
        term_progress_end();
        code = s ? term_problems(inv, p.t.ctx, s, "nothing was computed.") : tell(&p);
    }
    lfp_release(&p);
    return code;
}

const command cmd_lfp = {
    .name = "lfp",
    .arguments = "RECIPE|FILE",
    .summary = "the function a wide two-layer network will learn",
    .about =
        "By the linear frequency principle: the function of least FP-norm through the points, between the linear and "
        "the cubic spline in one dimension, for two-layer relu and tanh networks with wide biases. The data and the "
        "initial distribution are those of the configuration; with --x and --y those of 10,000 relu neurons with NTK "
        "parameters and biases N(0, 5^2), unless --set says otherwise. Points beyond the data may be asked for by "
        "--at.",
    .example =
        "fqp lfp lfp  # XOR\nfqp lfp --x x.npy --y y.npy --at grid.npy --save out.npz\nfqp lfp --x x.csv --y y.csv "
        "--set model.activation=tanh --json",
    .options = options,
    .offer = OFFER_RECIPE,
    .least = 0,
    .most = 1,
    .run = run};
