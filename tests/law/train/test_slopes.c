/* Trained slopes: the network is sigma(n a z) by its formula; the gradient is the derivative of the loss; slopes that
 * are kept change nothing; threads and checkpoints keep the bits. */
#include "law/train/slopes.h"

/* ---- the function -------------------------------------------------------------------------------- */

/* n a of neuron i of hidden layer l. */
static double steepness(const fqp_model *net, const setting *s, const double *w, int64_t l, int64_t i) {
    int64_t first, count = fqp_model_slopes(net, &first);
    const int64_t at = count == 1 ? 0 : count == net->layers - 1 ? l : (l > 0 ? hidden[0] : 0) + i;
    return s->model.slope_factor * w[first + at];
}

static double plain(const fqp_model *net, const setting *s, const double *w, const double *x) {
    const bool factorised = !strcmp(fqp_slopes_name((size_t)s->model.slopes, NULL), "factorised");
    int64_t first, count = fqp_model_slopes(net, &first), seen = 0;
    double h[8], z[8];
    memcpy(h, x, (size_t)s->d * sizeof *h);
    for (int64_t l = 0; l < net->layers; l++) {
        int64_t in, out, weight, bias;
        fqp_model_layer(net, l, &in, &out, &weight, &bias);
        for (int64_t i = 0; i < out; i++) {
            const double f = factorised ? exp(w[first + seen + i]) : 1;
            z[i] = w[bias + i];
            for (int64_t j = 0; j < in; j++)
                z[i] += f * w[weight + i * in + j] * h[j];
            if (count > 0 && !factorised && l + 1 < net->layers)
                z[i] *= steepness(net, s, w, l, i);
        }
        seen += out;
        for (int64_t i = 0; i < out; i++)
            h[i] = l + 1 < net->layers ? tanh(z[i]) : z[i];
    }
    return h[0];
}

static void the_network_is_its_formula(void **state) {
    (void)state;
    const int64_t expected[] = {0, 1, 2, 12, 13};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        fixture f;
        setting s = usual(kinds[k]);
        open_setting(&f, &s, true);
        int64_t first;
        assert_int_equal(fqp_model_slopes(f.net, &first), expected[k]);
        assert_int_equal(first, fqp_model_parameter_count(f.net) - expected[k]);
        double out[37];
        assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, fqp_view_2d(f.x, s.n, s.d), out));
        for (int64_t i = 0; i < s.n; i++)
            if (!(fabs(out[i] - plain(f.net, &s, fqp_model_parameters(f.net), f.x + i * s.d)) < 1e-13))
                fail_msg("%s: point %d", kinds[k], (int)i);
        fixture_close(&f);
    }
}

/* Factorised weights begin as the drawn ones, and the other precision is the same network. */
static void a_start_is_that_of_the_plain_network(void **state) {
    (void)state;
    for (size_t k = 1; k < sizeof kinds / sizeof *kinds; k++) {
        fixture f, g;
        setting s = usual(kinds[k]), fixed = usual("none");
        open_setting(&f, &s, false);
        open_setting(&g, &fixed, false);
        fqp_model *narrow = NULL;
        assert_ok(f.ctx, fqpi_model_copy(f.ctx, f.net, FQP_F32, &narrow));
        double a[37], b[37], c[37];
        const fqp_view x = fqp_view_2d(f.x, s.n, s.d);
        assert_ok(f.ctx, fqp_model_eval(f.ctx, f.net, x, a));
        assert_ok(g.ctx, fqp_model_eval(g.ctx, g.net, x, b));
        assert_ok(f.ctx, fqp_model_eval(f.ctx, narrow, x, c));
        for (int64_t i = 0; i < s.n; i++) {
            if (!(fabs(a[i] - b[i]) <= (strcmp(kinds[k], "factorised") ? 0 : 1e-14)))
                fail_msg("%s: %g is not %g", kinds[k], a[i], b[i]);
            assert_true(fabs(a[i] - c[i]) < 1e-5);
        }
        fqp_model_destroy(narrow);
        fixture_close(&f);
        fixture_close(&g);
    }
}

static void gradients_of_every_activation(void **state) {
    (void)state;
    for (size_t k = 1; k < sizeof kinds / sizeof *kinds; k++)
        for (int a = 0; fqp_activation_name((size_t)a, NULL); a++)
            for (int ntk = 0; ntk < 2; ntk++) {
                setting s = usual(kinds[k]);
                s.model.activation = a;
                s.model.parameters = ntk;
                s.model.bias = !ntk || a % 2;
                s.threads = 1 + a % 2;
                check_gradient(&s);
            }
}

static void gradients_of_every_loss(void **state) {
    (void)state;
    for (size_t k = 1; k < sizeof kinds / sizeof *kinds; k++)
        for (int l = 0; fqp_loss_name((size_t)l, NULL); l++) {
            setting s = usual(kinds[k]);
            if (fqpi_loss_row(l)->spectrum)
                continue;
            s.train.loss = l;
            s.train.loss_param = fmax(0.21, 1.7 * fqpi_loss_row(l)->least);
            s.model.output = fqpi_loss_is_entropy(fqpi_loss_row(l)) ? 2 : 0;
            s.m = 2;
            check_gradient(&s);
        }
}

/* Waves: the gradient is summed in parts before it is turned over to the trained rows. */
static void gradients_of_several_waves_and_with_recovery(void **state) {
    (void)state;
    for (size_t k = 1; k < sizeof kinds / sizeof *kinds; k++) {
        setting s = usual(kinds[k]);
        s.n = 9001;
        fixture f;
        open_setting(&f, &s, true);
        assert_true(f.trainer->whole.count > 1);
        fixture_close(&f);
        check_gradient(&s);
        s.n = 20;
        s.train.slope_recovery = strcmp(kinds[k], "factorised") ? 0.7 : 0;
        check_gradient(&s);
    }
}

/* u' and u'' squared: the way through jets. */
static fqp_status bending(void *user, const fqp_batch *b, double *loss) {
    (void)user;
    const int64_t count = b->n * b->u.shape[1] * b->x.shape[1];
    const double *u_x = b->u_x.data, *u_xx = b->u_xx.data;
    *loss = 0;
    for (int64_t i = 0; i < count; i++) {
        *loss += 0.5 * u_x[i] * u_x[i] + 0.1 * u_xx[i];
        b->du_x[i] = u_x[i];
        b->du_xx[i] = 0.1;
    }
    return FQP_OK;
}

static void gradients_of_an_objective_with_derivatives(void **state) {
    (void)state;
    for (size_t k = 1; k < sizeof kinds / sizeof *kinds; k++) {
        fixture f;
        setting s = usual(kinds[k]);
        open_setting(&f, &s, true);
        assert_ok(f.ctx, fqp_trainer_objective(f.trainer, 2, bending, NULL));
        const double worst = worst_difference(&f);
        if (!(worst < 1e-6))
            fail_msg("%s: %.2e", kinds[k], worst);
        fixture_close(&f);
    }
}

static void levenberg_marquardt_trains_slopes(void **state) {
    (void)state;
    setting s = usual("neuron");
    s.train.optimizer = find(fqp_optimizer_name, "lm");
    fixture f;
    open_setting(&f, &s, false);
    double first, loss;
    assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &first, NULL));
    assert_ok(f.ctx, fqp_trainer_step(f.trainer, 30, &loss));
    assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, NULL));
    assert_true(loss < 1e-4 * first);
    fixture_close(&f);
}

/* The term by its formula: two hidden layers of 7 and 5. */
static void the_recovery_term_is_its_formula(void **state) {
    (void)state;
    for (size_t k = 1; k < 4; k++) {
        setting with = usual(kinds[k]), without = with;
        with.train.slope_recovery = 0.7;
        fixture f, g;
        open_setting(&f, &with, true);
        open_setting(&g, &without, true);
        double mean[2] = {0}, loss, bare;
        for (int64_t l = 0; l < 2; l++)
            for (int64_t i = 0; i < hidden[l]; i++)
                mean[l] += steepness(f.net, &with, fqp_model_parameters(f.net), l, i) / 3 / (double)hidden[l];
        assert_ok(f.ctx, fqp_trainer_gradient(f.trainer, &loss, NULL));
        assert_ok(g.ctx, fqp_trainer_gradient(g.trainer, &bare, NULL));
        assert_true(fabs(loss - bare - 0.7 / (0.5 * exp(mean[0]) + 0.5 * exp(mean[1]))) < 1e-14);
        fixture_close(&f);
        fixture_close(&g);
    }
}

/* ---- training ------------------------------------------------------------------------------------ */

static void train(fixture *f, int64_t steps) {
    double loss;
    assert_ok(f->ctx, fqp_trainer_step(f->trainer, steps, &loss));
    assert_true(isfinite(loss));
}

static void assert_same_parameters(const fixture *a, const fixture *b, int64_t count, const setting *s,
                                   const char *what) {
    if (memcmp(fqp_model_parameters(a->net), fqp_model_parameters(b->net), (size_t)count * a->net->k->elem) != 0)
        fail_msg("%s slopes, %s, batch %d: %s", fqp_slopes_name((size_t)s->model.slopes, NULL),
                 fqp_optimizer_name((size_t)s->train.optimizer, NULL), (int)s->train.batch, what);
}

/* fn of every kind of slopes, every optimiser, precision, full and mini-batch. */
static void sweep(void (*fn)(const setting *)) {
    for (size_t k = 1; k < sizeof kinds / sizeof *kinds; k++)
        for (int o = 0; fqp_optimizer_name((size_t)o, NULL); o++)
            for (int f64 = 0; f64 < 2; f64++)
                for (int mini = 0; mini < 2; mini++) {
                    setting s = usual(kinds[k]);
                    const bool whole = fqpi_optimizer_row(o)->minimise != NULL;
                    const fqpi_optimizer *row = fqpi_optimizer_row(o); /* these do not train slopes, or by rows only */
                    if (row->squares || row->last_layer || row->kronecker || (whole && (!f64 || mini)))
                        continue;
                    s.train.optimizer = o;
                    s.train.batch = mini ? 13 : 0;
                    s.train.weight_decay = 1e-3;
                    s.train.lr = 1e-2;
                    s.model.precision = f64;
                    s.m = 2;
                    fn(&s);
                }
}

/* 49 * (1/49) is not 1 in double. */
static void kept(const setting *s) {
    if (!strcmp(fqp_slopes_name((size_t)s->model.slopes, NULL), "factorised"))
        return;
    fixture f, g;
    setting frozen = *s, fixed = *s;
    frozen.train.lr_slopes = 0;
    frozen.model.slope_factor = 49;
    fixed.model.slopes = 0;
    fixed.train.weight_decay = frozen.train.weight_decay = fqpi_optimizer_row(s->train.optimizer)->minimise ? 0 : 1e-3;
    open_setting(&f, &frozen, false);
    open_setting(&g, &fixed, false);
    train(&f, 12);
    train(&g, 12);
    assert_same_parameters(&f, &g, fqp_model_parameter_count(g.net), s, "kept slopes are not the fixed network");
    fixture_close(&f);
    fixture_close(&g);
}

static void slopes_that_are_kept_change_no_bit(void **state) {
    (void)state;
    sweep(kept);
}

static void threads(const setting *s) {
    fixture one, many;
    setting on = *s;
    open_setting(&one, &on, false);
    train(&one, 12);
    for (on.threads = 2; on.threads <= 3; on.threads++) {
        open_setting(&many, &on, false);
        train(&many, 12);
        assert_same_parameters(&one, &many, fqp_model_parameter_count(one.net), s, "threads");
        fixture_close(&many);
    }
    int64_t first, count = fqp_model_slopes(one.net, &first);
    setting start = *s;
    open_setting(&many, &start, false);
    const size_t elem = one.net->k->elem;
    assert_memory_not_equal((char *)fqp_model_parameters(one.net) + (size_t)first * elem,
                            (char *)fqp_model_parameters(many.net) + (size_t)first * elem, (size_t)count * elem);
    fixture_close(&many);
    fixture_close(&one);
}

static void any_number_of_threads_gives_the_same_bits(void **state) {
    (void)state;
    sweep(threads);
}

static char path[] = "/tmp/fqp_slopes_XXXXXX";

static void resumed(const setting *s) {
    fixture whole, half, rest;
    open_setting(&whole, s, false);
    open_setting(&half, s, false);
    open_setting(&rest, s, false);
    train(&whole, 12);
    train(&half, 5);
    assert_ok(half.ctx, fqp_trainer_save(half.trainer, path));
    assert_ok(rest.ctx, fqp_trainer_restore(rest.trainer, path));
    train(&rest, 7);
    assert_same_parameters(&whole, &rest, fqp_model_parameter_count(whole.net), s, "going on from a checkpoint");
    unlink(path);
    fixture_close(&whole);
    fixture_close(&half);
    fixture_close(&rest);
}

static void going_on_from_a_checkpoint_gives_the_same_bits(void **state) {
    (void)state;
    close(mkstemp(path));
    sweep(resumed);
}

/* What a frame shows is the network at the parameters of its step. */
typedef struct looked {
    fixture *f;
    int64_t frames;
} looked;

static fqp_status look(void *user, const fqp_frame *frame, bool *stop) {
    looked *l = user;
    double now[37];
    (void)stop;
    assert_ok(l->f->ctx, fqp_model_eval(l->f->ctx, l->f->net, fqp_view_2d(l->f->x, 37, 2), now));
    const double *shown = frame->prediction.data;
    for (int i = 0; i < 37; i++)
        assert_true(fabs(now[i] - shown[i]) < 1e-14);
    l->frames++;
    return FQP_OK;
}

static void frames_show_the_present_slopes(void **state) {
    (void)state;
    for (int mini = 0; mini < 2; mini++)
        for (int threads_ = 1; threads_ <= 2; threads_++) {
            setting s = usual("neuron");
            s.threads = threads_;
            s.train.steps = 9;
            s.train.lr = 0.05;
            s.train.batch = mini ? 13 : 0;
            fixture f;
            open_setting(&f, &s, false);
            looked l = {&f, 0};
            fqp_schedule when;
            assert_ok(f.ctx, fqp_schedule_parse(f.ctx, "every:2", (fqp_origin){0}, &when));
            assert_ok(f.ctx, fqp_trainer_observe(f.trainer, fqp_view_2d(f.x, 37, 2), &when, look, &l));
            assert_ok(f.ctx, fqp_trainer_run(f.trainer));
            assert_int_equal(l.frames, 6);
            fqp_schedule_release(&when);
            fixture_close(&f);
        }
}

static void what_has_no_sense_is_refused(void **state) {
    (void)state;
    fixture f;
    setting s = usual("none");
    open_setting(&f, &s, false);
    fqp_trainer *t = NULL;
    s.train.slope_recovery = 1;
    assert_refused(f.ctx, fqp_trainer_create(f.ctx, f.net, &f.data, &s.train, 1, NULL, &t), FQP_E_CONFIG,
                   "train.slope_recovery: the network has no slopes; set model.slopes to network, layer or neuron");
    fqp_model *net = NULL;
    setting linear = usual("layer");
    linear.model.hidden.n = 0;
    assert_refused(f.ctx, fqp_model_create(f.ctx, 2, 1, &linear.model, 1, &net), FQP_E_CONFIG,
                   "model.slopes: layer slopes belong to activations, and model.hidden [] has none");
    linear = usual("layer");
    linear.model.slope_factor = 0;
    assert_refused(f.ctx, fqp_model_create(f.ctx, 2, 1, &linear.model, 1, &net), FQP_E_CONFIG,
                   "model.slope_factor: n must be above 0 for n a = 1 at the start");
    fixture_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_network_is_its_formula),
        cmocka_unit_test(a_start_is_that_of_the_plain_network),
        cmocka_unit_test(gradients_of_every_activation),
        cmocka_unit_test(gradients_of_every_loss),
        cmocka_unit_test(gradients_of_several_waves_and_with_recovery),
        cmocka_unit_test(gradients_of_an_objective_with_derivatives),
        cmocka_unit_test(levenberg_marquardt_trains_slopes),
        cmocka_unit_test(the_recovery_term_is_its_formula),
        cmocka_unit_test(slopes_that_are_kept_change_no_bit),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(going_on_from_a_checkpoint_gives_the_same_bits),
        cmocka_unit_test(frames_show_the_present_slopes),
        cmocka_unit_test(what_has_no_sense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
