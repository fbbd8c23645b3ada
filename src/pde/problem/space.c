/* space.c - coordinates, unknowns, the domain and the stretch of time. */
#include "fail.h"
#include "mem.h"
#include "problem_i.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Names into list, *count growing with it; those that are refused stay out, so that the texts behind them say more. */
static void read_list(fqpi_pde_job *job, const char *key, const fqp_texts *texts, int64_t most, char **list,
                      int64_t *count) {
    if (texts->n == 0)
        fqpi_pde_refuse(job, key, 0, "no name is given");
    if ((int64_t)texts->n > most)
        fqpi_pde_refuse(job, key, 0, "%zu names are given, at most %d are accepted", texts->n, (int)most);
    for (size_t i = 0; i < texts->n && *count < most; i++) {
        const char *name = texts->v[i];
        if (strchr(name, '_')) {
            fqpi_pde_refuse(job, key, i, "\"%s\": an underscore begins the coordinates of a derivative", name);
            continue;
        }
        if (!fqpi_pde_name_free(job, key, i, name))
            continue;
        if ((list[*count] = fqpi_strdup(job->ctx, name)))
            ++*count;
        else
            fqpi_pde_note(job, FQP_E_NOMEM);
    }
}

/* Where t is; false: not the last, or alone. */
static bool find_time(fqpi_pde_job *job) {
    fqp_pde *p = job->p;
    bool good = true;
    for (int64_t i = 0; i < p->d; i++)
        if (strcmp(p->coordinate[i], "t") == 0)
            p->time = i;
    p->space = p->time >= 0 ? p->d - 1 : p->d;
    if (p->time >= 0 && p->time < p->space)
        good = !fqpi_pde_refuse(job, "coordinates", (size_t)p->time, "t is time and stands last");
    if (p->time >= 0 && p->space == 0)
        good = !fqpi_pde_refuse(job, "coordinates", 0, "time alone is no space; call the coordinate x");
    if (p->space > FQP_DOMAIN_AXES)
        good = !fqpi_pde_refuse(job, "coordinates", 0, "%d coordinates of space, at most %d are accepted",
                                (int)p->space, FQP_DOMAIN_AXES);
    return good;
}

static void read_time(fqpi_pde_job *job) {
    fqp_pde *p = job->p;
    const fqp_reals *time = &job->o->time;
    if (p->time < 0 && time->n > 0)
        fqpi_pde_refuse(job, "time", 0, "there is no coordinate t; coordinates: [%s, t]", p->coordinate[0]);
    if (p->time < 0)
        return;
    if (time->n != 2)
        fqpi_pde_refuse(job, time->n ? "time" : "coordinates", (size_t)p->time,
                        "the coordinate t needs time: two numbers, from and to");
    else if (!(time->v[0] < time->v[1]))
        fqpi_pde_refuse(job, "time", 0, "%.10g is not before %.10g", time->v[0], time->v[1]);
    p->lower[p->time] = time->n == 2 ? time->v[0] : 0;
    p->upper[p->time] = time->n == 2 ? time->v[1] : 1;
}

static void read_domain(fqpi_pde_job *job) {
    fqp_pde *p = job->p;
    const char *text = job->o->domain;
    if (!text || !*text) {
        fqpi_pde_refuse(job, "domain", 0, "is missing: the shape of space, such as %s",
                        p->space == 1   ? "interval(0, 1)"
                        : p->space == 2 ? "box(0, 1, 0, 1)"
                                        : "ball(0, 0, 0, 1)");
        return;
    }
    const fqp_origin origin = job->conf ? fqpi_config_origin_at(job->conf, "problem.domain", 0) : (fqp_origin){0};
    fqp_status status = fqp_domain_create(job->ctx, text, p->space, origin, &p->domain);
    fqpi_pde_note(job, status);
    if (!status)
        fqp_domain_box(p->domain, p->lower, p->upper);
}

void fqpi_pde_read_space(fqpi_pde_job *job) {
    fqp_pde *p = job->p;
    p->time = -1;
    read_list(job, "coordinates", &job->o->coordinates, FQPI_PDE_AXES, p->coordinate, &p->d);
    read_list(job, "unknowns", &job->o->unknowns, FQPI_PDE_UNKNOWNS, p->unknown, &p->m);
    if (p->d == 0 || job->status == FQP_E_NOMEM)
        return;
    const bool good = find_time(job);
    read_time(job);
    if (p->space > 0 && p->space <= FQP_DOMAIN_AXES)
        read_domain(job);
    p->space = good ? p->space : 0;
}

double fqpi_pde_size(const fqp_pde *p, int axis) {
    return p->upper[axis] - p->lower[axis];
}

const char *fqpi_pde_point_text(const fqp_pde *p, const double *x, char buf[FQPI_PDE_PLACE_TEXT]) {
    size_t n = 0;
    buf[0] = '\0';
    for (int64_t i = 0; i < p->d && n + 50 < FQPI_PDE_PLACE_TEXT; i++)
        n += (size_t)snprintf(buf + n, FQPI_PDE_PLACE_TEXT - n, "%s%s = %.4g", i ? ", " : "", p->coordinate[i], x[i]);
    return buf;
}
