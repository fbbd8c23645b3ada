/* fqp.h - all of libfqp: measure, predict and beat the spectral bias of neural networks. */
#ifndef FQP_H
#define FQP_H
#include <fqp/array.h>
#include <fqp/base.h>
#include <fqp/config.h>
#include <fqp/data.h>
#include <fqp/expr.h>
#include <fqp/function.h>
#include <fqp/ideal.h>
#include <fqp/journal.h>
#include <fqp/layers.h>
#include <fqp/lfp.h>
#include <fqp/model.h>
#include <fqp/monitor.h>
#include <fqp/ntk.h>
#include <fqp/periodogram.h>
#include <fqp/random_features.h>
#include <fqp/recipe.h>
#include <fqp/remedy.h>
#include <fqp/report.h>
#include <fqp/selftest.h>
#include <fqp/signal.h>
#include <fqp/spectrum.h>
#include <fqp/store.h>
#include <fqp/train.h>
#endif
