"""The monitor: what goes in by keywords, what it says, how it ends."""

import gc
import multiprocessing
import os
import threading
import unittest
import warnings

import numpy as np
from support import HELD_X, HELD_Y, N, STEPS, WAVES, X, Y, Case, learnt, prediction

import fqp


def leave_as_a_child(mon):
    mon.close()
    os._exit(0)


class TestKeywords(Case):
    def test_reach_the_library(self):
        mon = self.watch(tau=0.3, probe=["dft", "filter"], dft={"kmax": 10}, filter={"delta": [0.1, 1]})
        self.assertEqual(mon.probes(), ["dft", "filter"])
        self.assertEqual(mon.summary()["tau"], 0.3)
        self.assertEqual(mon.bins("dft").axis.max(), 10)
        self.assertEqual(len(mon.bins("filter").axis), 4)

    def test_of_the_named_probe(self):
        mon = self.watch(probe="dft", kmax=12, error="amplitude")
        self.assertEqual(mon.bins().axis.max(), 12)

    def test_mistyped(self):
        e = self.refused(fqp.ConfigError, 'unknown key "tauu"', 'did you mean "tau"?', call=lambda: fqp.Monitor(
            X, Y, tauu=0.1))
        self.assertEqual((e.status, len(e.problems), e.problems[0].line), ("FQP_E_CONFIG", 1, 1))
        self.refused(fqp.ConfigError, 'did you mean "kmax"?', call=lambda: fqp.Monitor(X, Y, dft={"kmx": 2}))
        self.refused(fqp.ConfigError, 'did you mean "kmax"?', call=lambda: fqp.Monitor(X, Y, probe="dft", kmx=2))
        self.refused(fqp.ConfigError, 'did you mean "dft"?', call=lambda: fqp.Monitor(X, Y, probe="dtf"))
        self.refused(fqp.ConfigError, "outside (0, 1)", call=lambda: fqp.Monitor(X, Y, tau=2))
        self.refused(fqp.ConfigError, "monitor.dft", "monitor.radial", call=lambda: fqp.Monitor(X, Y, kmax=2))
        self.refused(fqp.ArgumentError, "tau: ", call=lambda: fqp.Monitor(X, Y, tau=object()))
        self.refused(fqp.ArgumentError, "tau: nan", call=lambda: fqp.Monitor(X, Y, tau=np.nan))

    def test_all_problems_at_once(self):
        e = self.refused(fqp.ConfigError, "tau", "hold", call=lambda: fqp.Monitor(X, Y, tau=2, hold=-1))
        self.assertEqual(len(e.problems), 2)

    def test_text_cannot_add_keys(self):
        self.refused(fqp.ConfigError, "unknown", call=lambda: fqp.Monitor(X, Y, probe='dft"]\nmonitor.tau: 0.5\n#'))

    def test_help_comes_from_the_tables(self):
        text = fqp.keys("monitor")
        for part in ("tau = 0.1", "monitor.dft", "kmax = 0", "monitor.projection"):
            self.assertIn(part, text)
        self.refused(fqp.ArgumentError, "nothing", call=lambda: fqp.keys("nothing"))


class TestAnswers(Case):
    def test_crossings(self):
        mon = self.watch()
        for c, (k, _, pace) in zip(mon.crossings(), WAVES):
            self.assertEqual((c.label, c.axis, c.level), (str(k), k, 0.1))
            self.assertEqual(c.step, learnt(pace))
        self.assertEqual([c.step for c in mon.crossings(0.5)], [learnt(p, 0.5) for _, _, p in WAVES])
        self.assertIn("per domain", mon.crossings()[0].unit)
        self.refused(fqp.ArgumentError, "level 0.2", "0.5", call=lambda: mon.crossings(0.2))
        self.refused(fqp.ArgumentError, "radial", "dft", call=lambda: mon.crossings(probe="radial"))

    def test_forecast(self):
        first, *_, f = self.watch().forecast()
        self.assertEqual((first.ok, first.reason), (False, "already learnt"))
        self.assertEqual((f.label, f.ok), ("9", True), f.reason)
        true = 1000 * np.log(10)  # exp(-step/1000) is 0.1
        self.assertLess(abs(f.median - true), 0.05 * true)
        self.assertTrue(f.low <= f.median <= f.high)

    def test_forecast_far_away(self):
        mon = fqp.Monitor(X, Y)
        for step in STEPS:
            mon.observe(step, Y * (1 - np.exp(-step / 1e5)))
        for f in mon.forecast():
            self.assertTrue(not f.ok or f.high == np.inf, f)

    def test_bins(self):
        mon = self.watch()
        b = mon.bins("dft", 10)
        self.assertEqual(b.step, STEPS[10])
        exact = np.fft.fft(Y)[: len(b.axis)] / N * np.exp(-1j * np.arange(len(b.axis)) * 0)
        np.testing.assert_allclose(abs(b.target[:, 0]), abs(exact), atol=1e-12)
        for k, _, pace in WAVES:
            self.assertAlmostEqual(b.error[k], np.exp(-STEPS[10] / pace), places=10)
        self.assertEqual(set(np.flatnonzero(b.selected)), {k for k, _, _ in WAVES})
        self.assertTrue(np.isnan(b.error[~b.valid]).all())
        np.testing.assert_array_equal(mon.bins().error, mon.bins(frame=len(STEPS) - 1).error)
        self.refused(fqp.ArgumentError, "frame 60", call=lambda: mon.bins(frame=60))
        self.refused(fqp.ArgumentError, "frame -61", call=lambda: mon.bins(frame=-61))
        self.refused(fqp.ArgumentError, '"radial"', call=lambda: mon.bins("radial"))

    def test_bins_are_copies(self):
        mon = fqp.Monitor(X, Y)
        mon.observe(0, prediction(0))
        first = mon.bins()
        kept = first.error.copy()
        for s in range(1, 200):  # past the room of the first frames
            mon.observe(s, prediction(s))
        np.testing.assert_array_equal(first.error, kept)

    def test_heatmap(self):
        h = self.watch().heatmap()
        self.assertEqual(h.error.shape, (len(h.axis), len(STEPS)))
        np.testing.assert_array_equal(h.step, STEPS)
        for k, _, pace in WAVES:
            np.testing.assert_allclose(h.error[k], np.exp(-STEPS / pace), rtol=1e-8)
        self.assertTrue((np.diff(h.seconds) >= 0).all())

    def test_nothing_observed(self):
        mon = fqp.Monitor(X, Y)
        self.refused(fqp.ArgumentError, "nothing was observed", call=mon.verdict)
        self.refused(fqp.ArgumentError, "there are 0", call=mon.heatmap)
        self.assertFalse(mon.should_stop())
        self.assertEqual(len(mon), 0)
        self.assertTrue(mon)

    def test_verdict(self):
        v = self.watch().verdict()
        self.assertTrue(str(v))
        self.assertIsInstance(v.next, tuple)

    def test_several_outputs_and_threads(self):
        y = np.stack([Y, 2 * Y], 1)
        errors = []
        for threads in (1, 2):
            mon = fqp.Monitor(X, y, probe="projection", threads=threads)
            mon.observe(0, y * 0.5)
            errors.append(mon.bins().error)
        np.testing.assert_array_equal(*errors)


class TestMarks(Case):
    def test_the_run_goes_on(self):
        mon = fqp.Monitor(X, Y)
        mon.observe(0, prediction(0))
        bad = prediction(1)
        bad[7] = np.nan
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            mon.observe(1, bad)
            mon.observe(2, np.full(N, np.inf))
        self.assertEqual(len(caught), 1)  # said once
        self.assertIs(caught[0].category, fqp.PredictionWarning)
        self.assertIn("value 7", str(caught[0].message))
        self.assertEqual(os.path.basename(caught[0].filename), os.path.basename(__file__))
        mon.observe(3, prediction(3))
        self.assertEqual([s for s, _ in mon.marks()], [1, 2])
        self.assertEqual(mon.heatmap().step.tolist(), [0, 3])


class TestMore(Case):
    def test_held_out_points(self):
        mon = fqp.Monitor(X, Y, held=(HELD_X, HELD_Y), dir=self.folder / "run")
        self.refused(fqp.ArgumentError, "held-out", call=lambda: mon.observe(0, prediction(0)))
        self.refused(fqp.ShapeError, "held", call=lambda: mon.observe(0, prediction(0), held=HELD_Y[1:]))
        for s in STEPS:
            mon.observe(s, prediction(s), held=prediction(s, HELD_X))
        np.testing.assert_allclose(mon.bins(held=True).error[1], mon.bins().error[1], atol=1e-8)
        self.assertIsInstance(bool(mon.should_stop()), bool)
        alone = fqp.Monitor(X, Y)
        self.refused(fqp.ArgumentError, "held", call=lambda: alone.observe(0, prediction(0), held=HELD_Y))
        self.refused(fqp.ArgumentError, "held", call=lambda: alone.bins(held=True))

    def test_stops_when_only_noise_is_left(self):
        rng = np.random.default_rng(1)
        noise, held_noise = rng.normal(size=(2, N)) * 0.3
        mon = fqp.Monitor(X, Y + noise, held=(HELD_X, HELD_Y + held_noise), hold=5)
        stopped = None
        for s in range(120):  # the waves are learnt by step 30, then the noise of the training points alone
            learnt, late = 1 - np.exp(-s / 6), 1 - np.exp(-max(s - 30, 0) / 30)
            mon.observe(s, learnt * Y + late * noise, held=learnt * HELD_Y - late * noise)
            stop = mon.should_stop()
            if stop:
                stopped = s
                break
        self.assertTrue(stop.why)
        self.assertTrue(30 < stopped < 80, stopped)
        self.assertTrue(20 < stop.step < stopped, stop)
        mon.summary()
        again = fqp.Run(mon.dir).should_stop()  # from the file
        self.assertEqual((again.stop, again.step), (True, stop.step))
        clean = fqp.Monitor(X, Y, held=(HELD_X, HELD_Y), hold=5)
        for s in range(60):
            clean.observe(s, prediction(s), held=prediction(s, HELD_X))
            self.assertFalse(clean.should_stop())

    def test_loss_terms_and_rate(self):
        mon = fqp.Monitor(X, Y, terms=("equation", "boundary"), dir=self.folder / "run")
        mon.observe(0, prediction(0), loss=3.0, terms={"equation": 1, "boundary": 2}, lr=1e-3, seconds=0.25)
        mon.observe(1, prediction(1), loss=2.0, terms=[0.5, 1.5], lr=1e-4, seconds=0.5)
        self.refused(fqp.ArgumentError, '"edge"', "equation", call=lambda: mon.observe(2, Y, terms={"edge": 1}))
        self.refused(fqp.ShapeError, "terms: 3", call=lambda: mon.observe(2, Y, terms=[1, 2, 3]))
        mon.close()
        run = fqp.Run(self.folder / "run")
        np.testing.assert_array_equal(run.series("terms"), [[1, 2], [0.5, 1.5]])
        np.testing.assert_array_equal(run.series("loss"), [3, 2])
        np.testing.assert_array_equal(run.series("lr"), [1e-3, 1e-4])
        np.testing.assert_array_equal(run.series("seconds"), [0.25, 0.5])

    def test_from_several_threads(self):
        mon = fqp.Monitor(X, Y)
        step, lock, failed = iter(range(400)), threading.Lock(), []

        def work():
            try:
                for _ in range(100):
                    with lock:
                        s = next(step)
                        mon.observe(s, prediction(s))
                    mon.bins()
                    mon.marks()
            except Exception as error:  # noqa: BLE001 - shown by the test
                failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(failed, [])
        self.assertEqual(len(mon), 400)


class TestEnds(Case):
    def status(self, dir):
        import json
        return json.loads((dir / "manifest.json").read_text())["status"]

    def test_pages(self):
        mon = self.watch(title="A small run")
        page = mon.report(self.folder / "run.html")
        self.assertIn("A small run", page.read_text())
        self.assertEqual(mon.report(), mon.dir / "report.html")
        figures = mon.figures(self.folder / "figures", "svg")
        self.assertTrue(any(p.name == "heatmap.svg" for p in figures))
        mon.observe(1000, prediction(1000))  # it goes on
        self.assertEqual(len(mon), len(STEPS) + 1)

    def test_context_manager(self):
        dir = self.folder / "run"
        with fqp.Monitor(X, Y, dir=dir) as mon:
            mon.observe(0, prediction(0))
            self.assertEqual(self.status(dir), "running")
        self.assertEqual(self.status(dir), "done")
        self.assertTrue(mon.sentence)  # still there to be asked
        self.refused(fqp.ArgumentError, "ended", call=lambda: mon.observe(1, Y))
        for error, status in ((ValueError, "failed"), (KeyboardInterrupt, "interrupted")):
            with self.assertRaises(error):
                with fqp.Monitor(X, Y, dir=dir, replace=True) as mon:
                    mon.observe(0, prediction(0))
                    raise error
            self.assertEqual(self.status(dir), status)

    def test_closed(self):
        mon = self.watch()
        dir = mon.dir
        mon.close()
        mon.close()
        self.assertFalse(dir.exists())  # temporary
        self.assertIn("closed", repr(mon))
        for call in (mon.verdict, mon.bins, mon.report, mon.marks, lambda: len(mon), lambda: mon.observe(999, Y)):
            self.refused(fqp.ArgumentError, "closed", call=call)

    def test_forgotten(self):
        mon = fqp.Monitor(X, Y)
        dir = mon.dir
        del mon
        gc.collect()
        self.assertFalse(dir.exists())

    def test_resumed(self):
        dir = self.folder / "run"
        half = len(STEPS) // 2
        with fqp.Monitor(X, Y, dir=dir, hold=2) as mon:
            for s in STEPS[:half]:
                mon.observe(s, prediction(s))
        mon.close()
        self.refused(fqp.ArgumentError, "holds a run already", call=lambda: fqp.Monitor(X, Y, dir=dir))
        self.refused(fqp.ArgumentError, "other points", call=lambda: fqp.Monitor(X, 2 * Y, dir=dir, hold=2,
                                                                                 resume=True))
        with fqp.Monitor(X, Y, dir=dir, hold=2, resume=True) as mon:
            for s in STEPS[half:]:
                mon.observe(s, prediction(s))
            again = [(c.label, c.step) for c in mon.crossings()]
        self.assertEqual(again, [(c.label, c.step) for c in self.watch().crossings()])

    def test_a_child_leaves_the_run_alone(self):
        mon = fqp.Monitor(X, Y)
        mon.observe(0, prediction(0))
        child = multiprocessing.get_context("fork").Process(target=leave_as_a_child, args=(mon,))
        child.start()
        child.join(20)
        self.assertEqual(child.exitcode, 0)
        mon.observe(1, prediction(1))
        self.assertEqual(self.status(mon.dir), "running")

    def test_a_directory_in_use(self):
        mon = fqp.Monitor(X, Y, dir=self.folder / "run")
        self.refused(fqp.Locked, "run", call=lambda: fqp.Monitor(X, Y, dir=mon.dir, resume=True))


if __name__ == "__main__":
    unittest.main()
