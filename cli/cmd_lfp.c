/* cmd_lfp.c - fqp lfp: the function that a wide two-layer network will learn, by the linear frequency principle. */
#include "cli.h"
#include "fail.h"
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

/* The network of --x and --y when no key says otherwise. */
static const char usual_network[] =
    "model: {hidden: [10000], activation: relu, init: ntk, parameters: ntk, bias_std: 5}";

enum { LINE = 201, SQUARE = 41, EXACT_MOST = 1000 };
static const double confidence = 0.05, wanted = 0.01; /* of the bound: 95 %, 1 % of the mean square of the targets */

typedef struct problem {
    const invocation *inv;
    target t;
    fqp_dataset *data; /* NULL with --x and --y */
    fqp_array x, y, at;
    int64_t n, d, m, k;
    fqp_lfp_law law;
    fqp_lfp *lfp;
    fqp_lfp_facts facts;
    double *h;                /* [k, m] */
    double *kernel;           /* [k, m] exact infinite width, all parameters trained; NULL: not computed */
    double *spline[2];        /* [k] linear, cubic; NULL outside one dimension and one output */
    double gamma;             /* norm of gamma on twice the box of the data; NaN: more than three inputs */
    double peak, mean_square; /* of the targets */
} problem;

/* ---- what is asked ----------------------------------------------------------------------------------------------- */

static fqp_status as_matrix(fqp_ctx *ctx, const char *option, fqp_array *a) {
    if (a->ndim == 1) {
        a->ndim = 2;
        a->shape[1] = 1;
    }
    if (a->ndim == 2 && a->shape[0] > 0 && a->shape[1] > 0)
        return FQP_OK;
    return fqpi_fail(ctx, FQP_E_SHAPE, NULL,
                     "--%s: an array of n or n x columns numbers is needed, this one has %d axes", option, a->ndim);
}

static fqp_status read_matrix(const problem *p, const char *option, fqp_array *out) {
    fqp_array raw = {0};
    fqp_status s = fqp_array_read(p->t.ctx, value_of(p->inv, option), &raw);
    if (!s)
        s = fqp_array_convert(p->t.ctx, fqp_array_view(&raw), FQP_F64, out);
    fqp_array_free(&raw);
    return s ? s : as_matrix(p->t.ctx, option, out);
}

/* Where the key stands that a refusal begins with: "model.hidden: ...". */
static fqp_status with_place(problem *p, fqp_status s) {
    if (s != FQP_E_UNSUPPORTED || fqp_ctx_problem_count(p->t.ctx) != 1)
        return s;
    char key[64] = "", *text = fqpi_strdup(NULL, fqp_ctx_problem(p->t.ctx, 0).message);
    const char *colon = text ? strchr(text, ':') : NULL;
    if (colon && (size_t)(colon - text) < sizeof key)
        snprintf(key, sizeof key, "%.*s", (int)(colon - text), text);
    const fqp_origin o = fqp_config_origin(p->t.config, key);
    if (o.source) {
        fqp_ctx_problems_clear(p->t.ctx);
        s = fqpi_fail(p->t.ctx, FQP_E_CONFIG, &o, "%s", text);
    }
    fqpi_free(text);
    return s;
}

static int from_files(problem *p) {
    static const char *const needed[] = {"x", "y"};
    for (size_t i = 0; i < 2; i++)
        if (!given(p->inv, needed[i]))
            return usage(p->inv->command, "--%s is missing; fqp lfp RECIPE, or fqp lfp --x x.npy --y y.npy", needed[i]);
    p->t.ctx = term_ctx(p->inv, 0);
    if (!p->t.ctx)
        return 4;
    const char *const *set;
    const size_t n = values_of(p->inv, "set", &set);
    fqp_status s = fqp_config_parse(p->t.ctx, "defaults", usual_network, n, set, &p->t.config);
    if (!s)
        s = read_matrix(p, "x", &p->x);
    if (!s)
        s = read_matrix(p, "y", &p->y);
    return s ? term_problems(p->inv, p->t.ctx, s, "nothing was computed.") : 0;
}

static int from_config(problem *p) {
    const int code = target_open(p->inv, p->inv->argument[0], &p->t);
    if (code)
        return code;
    const fqp_run_opts *run = fqp_config_section(p->t.config, "run");
    fqp_status s = fqp_dataset_create(p->t.ctx, fqp_config_section(p->t.config, "data"),
                                      run->seed > 0 ? (uint64_t)run->seed : 1, p->t.config, &p->data);
    if (!s)
        s = fqp_array_convert(p->t.ctx, fqp_array_view(&p->data->x), FQP_F64, &p->x);
    if (!s)
        s = fqp_array_convert(p->t.ctx, fqp_array_view(&p->data->y), FQP_F64, &p->y);
    return s ? term_problems(p->inv, p->t.ctx, s, "nothing was computed.") : 0;
}

/* ---- where it is evaluated --------------------------------------------------------------------------------------- */

static void range_of(const problem *p, int64_t axis, double *low, double *high) {
    const double *x = p->x.data;
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t i = 0; i < p->n; i++) {
        *low = fmin(*low, x[i * p->d + axis]);
        *high = fmax(*high, x[i * p->d + axis]);
    }
}

/* A grid a tenth wider than the data, in one or two dimensions; else the points themselves. */
static fqp_status grid(problem *p) {
    if (p->d > 2)
        return fqp_array_convert(p->t.ctx, fqp_array_view(&p->x), FQP_F64, &p->at);
    const int64_t side = p->d == 1 ? LINE : SQUARE, shape[2] = {p->d == 1 ? side : side * side, p->d};
    const fqp_status s = fqp_array_create(p->t.ctx, FQP_F64, 2, shape, &p->at);
    for (int64_t axis = 0; axis < p->d && !s; axis++) {
        double low, high;
        range_of(p, axis, &low, &high);
        const double margin = 0.1 * (high - low), step = (high - low + 2 * margin) / (double)(side - 1);
        for (int64_t i = 0; i < shape[0]; i++) {
            const int64_t place = p->d == 1 ? i : axis == 0 ? i / side : i % side;
            ((double *)p->at.data)[i * p->d + axis] = low - margin + step * (double)place;
        }
    }
    return s;
}

static fqp_status places(problem *p) {
    if (given(p->inv, "at"))
        return read_matrix(p, "at", &p->at);
    if (p->data && p->data->n_test > 0)
        return fqp_array_convert(p->t.ctx, fqp_array_view(&p->data->x_test), FQP_F64, &p->at);
    return grid(p);
}

/* ---- what is computed -------------------------------------------------------------------------------------------- */

/* The limit of the kernel flow of infinite width: K(at, x) K^-1 y. */
static fqp_status exact_limit(problem *p, fqp_ntk *k) {
    fqp_gram *g = NULL;
    fqp_eigen e = {0};
    fqp_flow *f = NULL;
    const fqp_flow_opts o = {.rule = FQP_FLOW_CONTINUOUS, .lr = 1, .c = 1};
    double *cross = fqpi_alloc(p->t.ctx, (size_t)(p->k * p->n), sizeof *cross);
    double *r0 = fqpi_alloc(p->t.ctx, (size_t)(p->n * p->m), sizeof *r0);
    fqp_status s = cross && r0 ? fqp_gram_of(k, fqp_array_view(&p->x), NULL, &g) : FQP_E_NOMEM;
    for (int64_t i = 0; i < p->n * p->m && !s; i++)
        r0[i] = -((const double *)p->y.data)[i];
    if (!s)
        s = fqp_gram_eigen(g, 0, 0, &e);
    if (!s)
        s = fqp_flow_create(p->t.ctx, &e, r0, p->m, &o, &f);
    if (!s)
        s = fqp_ntk_gram(k, fqp_array_view(&p->at), fqp_array_view(&p->x), FQP_NTK_TANGENT, cross);
    if (!s)
        s = fqp_flow_points(f, p->k, cross, NULL);
    if (!s)
        s = fqp_flow_eval(f, INFINITY, p->kernel);
    fqp_flow_destroy(f);
    fqp_eigen_free(&e);
    fqp_gram_destroy(g);
    fqpi_free(cross);
    fqpi_free(r0);
    return s;
}

/* What the simplified theory leaves out is told as a number: the exact kernel, w trained, biases as they are. */
static fqp_status exact(problem *p) {
    if (p->n > EXACT_MOST)
        return FQP_OK;
    fqp_ntk *k = NULL;
    p->kernel = fqpi_alloc(p->t.ctx, (size_t)(p->k * p->m), sizeof *p->kernel);
    fqp_status s =
        p->kernel ? fqp_ntk_infinite(p->t.ctx, fqp_config_section(p->t.config, "model"), p->d, &k) : FQP_E_NOMEM;
    if (!s)
        s = exact_limit(p, k);
    fqp_ntk_destroy(k);
    if (s == FQP_E_UNSUPPORTED || s == FQP_E_CONFIG) { /* no Gaussian expectation (tanh): left out */
        fqp_ctx_problems_clear(p->t.ctx);
        fqpi_free(p->kernel);
        p->kernel = NULL;
        s = FQP_OK;
    }
    return s;
}

/* Points that coincide have no spline. */
static bool distinct(const problem *p) {
    const double *x = p->x.data;
    for (int64_t i = 0; i < p->n; i++)
        for (int64_t j = 0; j < i; j++)
            if (x[i] == x[j])
                return false;
    return p->n > 1;
}

static fqp_status splines(problem *p) {
    fqp_status s = FQP_OK;
    const bool any = p->d == 1 && p->m == 1 && distinct(p);
    for (int i = 0; i < 2 && any && !s; i++) {
        p->spline[i] = fqpi_alloc(p->t.ctx, (size_t)p->k, sizeof(double));
        s = !p->spline[i] ? FQP_E_NOMEM
                          : (i ? fqp_spline_cubic : fqp_spline_linear)(p->t.ctx, p->n, p->x.data, p->y.data, p->k,
                                                                       p->at.data, p->spline[i]);
    }
    return s;
}

static fqp_status norms(problem *p) {
    const double *y = p->y.data;
    for (int64_t i = 0; i < p->n * p->m; i++) {
        p->peak = fmax(p->peak, fabs(y[i]));
        p->mean_square += y[i] * y[i] / (double)(p->n * p->m);
    }
    p->gamma = NAN;
    double period[3];
    for (int64_t j = 0; j < p->d && p->d <= 3; j++) {
        double low, high;
        range_of(p, j, &low, &high);
        period[j] = high > low ? 2 * (high - low) : 1;
    }
    return p->d <= 3 ? fqp_lfp_gamma(p->t.ctx, &p->law, period, &p->gamma) : FQP_OK;
}

static fqp_status compute(problem *p, const fqp_lfp_opts *o) {
    p->n = p->x.shape[0];
    p->d = p->x.shape[1];
    p->m = p->y.shape[1];
    fqp_status s = with_place(p, fqp_lfp_law_of(p->t.ctx, fqp_config_section(p->t.config, "model"), p->d, &p->law));
    if (!s)
        s = places(p);
    if (!s)
        s = fqp_lfp_create(p->t.ctx, &p->law, fqp_array_view(&p->x), fqp_array_view(&p->y), o, &p->lfp);
    if (s)
        return s;
    p->k = p->at.shape[0];
    p->facts = fqp_lfp_describe(p->lfp);
    p->h = fqpi_alloc(p->t.ctx, (size_t)(p->k * p->m), sizeof *p->h);
    s = p->h ? fqp_lfp_eval(p->lfp, fqp_array_view(&p->at), p->h) : FQP_E_NOMEM;
    if (!s)
        s = splines(p);
    if (!s)
        s = norms(p);
    return s ? s : exact(p);
}

/* ---- what is told ------------------------------------------------------------------------------------------------ */

/* Relative L2 difference of h to another function, of splines between the outermost points only. */
static double relative(const problem *p, const double *other, bool between) {
    double off = 0, size = 0, low = -INFINITY, high = INFINITY;
    if (between)
        range_of(p, 0, &low, &high);
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
static double samples_needed(const problem *p) {
    const double scale = p->peak > 0 ? p->peak : 1;
    return fqp_lfp_samples(p->facts.norm / scale, p->gamma, wanted * p->mean_square / (scale * scale), confidence);
}

static char *sentence(const problem *p) {
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

static char *notes(const problem *p) {
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

static void print_rows(const problem *p) {
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

static void print_facts(const problem *p) {
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

static void print_json(const problem *p, const char *said, const char *noted) {
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

static fqp_status save(const problem *p) {
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

static int tell(const problem *p) {
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

static void release(problem *p) {
    fqp_lfp_destroy(p->lfp);
    fqp_array_free(&p->x);
    fqp_array_free(&p->y);
    fqp_array_free(&p->at);
    fqp_dataset_destroy(p->data);
    fqpi_free(p->h);
    fqpi_free(p->kernel);
    fqpi_free(p->spline[0]);
    fqpi_free(p->spline[1]);
    target_close(&p->t);
}

static int run(invocation *inv) {
    problem p = {.inv = inv};
    fqp_lfp_opts o = {0};
    if (inv->narguments > 0 && (given(inv, "x") || given(inv, "y")))
        return usage(inv->command, "either %s or --x and --y", inv->argument[0]);
    int code = read_ridge(inv, &o);
    if (!code)
        code = inv->narguments > 0 ? from_config(&p) : from_files(&p);
    if (!code) {
        const fqp_status s = compute(&p, &o);
        term_progress_end();
        code = s ? term_problems(inv, p.t.ctx, s, "nothing was computed.") : tell(&p);
    }
    release(&p);
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
