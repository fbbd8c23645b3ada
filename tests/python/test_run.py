"""Predictions that are there already, run directories, training by fqp; and the two entrances give the same bytes."""

import os
import signal
import subprocess
import threading
import time
import unittest

import numpy as np
from support import HELD_X, HELD_Y, N, STEPS, X, Y, Case, prediction, program

import fqp

P = np.stack([prediction(s) for s in STEPS])
SERIES = ("axis", "target", "valid", "selected", "prediction", "error")


class TestTwoEntrances(Case):
    def same(self, a, b, probe, folder="seed_0001"):
        for name in SERIES:
            file = f"{folder}/{probe}/{name}.npy"
            self.assertEqual((a / file).read_bytes(), (b / file).read_bytes(), file)

    def test_monitor_and_command_line(self):
        fqp_program = program("FQP")
        for probe, dtype in (("dft", "f8"), ("projection", "f4"), ("filter", "f8")):
            with self.subTest(probe):
                files = self.folder / probe
                files.mkdir()
                np.save(files / "x.npy", X)
                np.save(files / "y.npy", Y)
                with fqp.Monitor(X, Y, probe=probe, hold=3, dir=files / "mine") as mon:
                    for s in STEPS:
                        p = prediction(s).astype(dtype)
                        mon.observe(s, p)
                        np.save(files / f"pred_{s:04d}.npy", p)
                subprocess.run([fqp_program, "analyze", "--x", "x.npy", "--y", "y.npy", "--pred", "pred_*.npy", "--set",
                                f"monitor.probes=[{probe}]", "--set", "monitor.hold=3", "--out", "again", "--quiet",
                                "--no-report"], cwd=files, check=True, stdout=subprocess.DEVNULL)
                self.same(files / "mine", files / "again", probe)
                mine, again = fqp.Run(files / "mine"), fqp.Run(files / "again")
                self.assertEqual(mine.crossings(), again.crossings())
                self.assertEqual(mine.sentence, again.sentence)
                np.testing.assert_array_equal(mine.series("prediction"), again.series("prediction"))

    def test_monitor_and_arrays_and_files(self):
        mon = self.watch(dir=self.folder / "live")
        for i, s in enumerate(STEPS):
            np.save(self.folder / f"pred_{s}.npy", P[i])
        ways = {"array": P, "generator": (p for p in P), "list": list(P), "column": P[:, :, None],
                "files": str(self.folder / "pred_*.npy")}
        for name, preds in ways.items():
            with self.subTest(name):
                steps = None if name == "files" else STEPS
                run = fqp.analyze(X, Y, preds, steps=steps, hold=2, dir=self.folder / name)
                self.same(mon.dir, run.dir, "dft")
                self.assertEqual(run.crossings(), mon.crossings())

    def test_held_out(self):
        h = np.stack([prediction(s, HELD_X) for s in STEPS])
        np.save(self.folder / "pred.npy", P)
        np.save(self.folder / "held.npy", h)
        a = fqp.analyze(X, Y, P, steps=STEPS, held=(HELD_X, HELD_Y, h))
        b = fqp.analyze(X, Y, self.folder / "pred.npy", steps=STEPS, held=(HELD_X, HELD_Y, self.folder / "held.npy"))
        self.same(a.dir, b.dir, "dft", "seed_0001/held")


class TestAnalyze(Case):
    def test_a_temporary_directory_goes_with_the_answer(self):
        run = fqp.analyze(X, Y, P, steps=STEPS)
        dir = run.dir
        self.assertTrue((dir / "summary.json").exists())
        self.assertTrue(run.report().exists())
        self.assertTrue(run.figures(self.folder, "png"))
        del run
        self.assertFalse(dir.exists())

    def test_refused(self):
        for parts, kind, call in (
            (("steps: 2 numbers", str(len(P))), fqp.ShapeError, lambda: fqp.analyze(X, Y, P, steps=[1, 2])),
            (("0.5 is not a step",), fqp.DataError, lambda: fqp.analyze(X, Y, P, steps=STEPS + 0.5)),
            (("step 0", "step 5"), fqp.ArgumentError, lambda: fqp.analyze(X, Y, P[:3], steps=[0, 5, 0])),
            (("more predictions than steps",), fqp.ShapeError, lambda: fqp.analyze(X, Y, iter(P), steps=[0, 1])),
            (("prediction", f"({N - 1}, 1)"), fqp.ShapeError, lambda: fqp.analyze(X, Y, P[:, 1:])),
            (("held",), fqp.ShapeError, lambda: fqp.analyze(X, Y, P, held=(X, Y, P[1:]))),
            (("held: ", "arrays",), fqp.ArgumentError, lambda: fqp.analyze(X, Y, P, held=(X, Y, "held.npy"))),
            (("nowhere", "cannot open"), fqp.FileError, lambda: fqp.analyze(X, Y, str(self.folder / "nowhere.npy"))),
            (('did you mean "tau"?',), fqp.ConfigError, lambda: fqp.analyze(X, Y, P, taau=0.1)),
        ):
            with self.subTest(parts[0]):
                self.refused(kind, *parts, call=call)

    def test_objects_in_files_are_never_executed(self):
        class Bomb:
            def __reduce__(self):
                return (open, (str(hit), "w"))

        hit = self.folder / "hit"
        np.save(self.folder / "objects.npy", np.array([Bomb()], object), allow_pickle=True)
        for call in (lambda: fqp.read(self.folder / "objects.npy"),
                     lambda: fqp.analyze(self.folder / "objects.npy", Y, P),
                     lambda: fqp.analyze(X, Y, self.folder / "objects.npy")):
            self.refused(fqp.DataError, "objects.npy", "Python objects", call=call)
        self.assertFalse(hit.exists())

    def test_reading(self):
        for dtype in ("f8", "f4", "i8", "u1", "?", "c16", ">f8"):
            a = np.arange(6).reshape(2, 3).astype(dtype)
            np.save(self.folder / "a.npy", a)
            np.testing.assert_array_equal(fqp.read(self.folder / "a.npy"), a)
        np.savez(self.folder / "a.npz", x=X)
        np.testing.assert_array_equal(fqp.read(f"{self.folder}/a.npz:x"), X)


class TestRun(Case):
    CONFIG = {"data": {"target": ["sin(x) + sin(3*x)"], "n": [33]}, "model": {"hidden": [20]},
              "train": {"steps": 200}, "monitor": {"tau": 0.5}}

    def test_trains(self):
        run = fqp.run(self.CONFIG, set=["train.steps=100"], dir=self.folder / "run", threads=1)
        self.assertEqual(run.summary()["final"]["step"], [100])
        self.assertEqual(run.series("x", None).shape, (33, 1))
        again = fqp.run(run.dir / "config.yaml", threads=1)
        np.testing.assert_array_equal(run.series("dft/error"), again.series("dft/error"))
        self.assertTrue(fqp.report(run.dir, again.dir, out=self.folder / "both.html").exists())

    def test_interrupted(self):
        dir = self.folder / "run"
        config = dict(self.CONFIG, train={"steps": 10 ** 9})

        def interrupt():
            for _ in range(600):
                if (dir / "seed_0001" / "step.npy").exists():  # training has begun
                    break
                time.sleep(0.05)
            os.kill(os.getpid(), signal.SIGINT)

        impatient = threading.Thread(target=interrupt)
        impatient.start()
        with self.assertRaises(KeyboardInterrupt):
            fqp.run(config, dir=dir)
        impatient.join()
        self.assertIn('"interrupted"', (dir / "manifest.json").read_text())
        self.assertTrue(fqp.Run(dir).sentence)

    def test_refused(self):
        bad = dict(self.CONFIG, model={"hiden": [20], "activation": "tahn"})
        e = self.refused(fqp.ConfigError, 'did you mean "hidden"?', 'did you mean "tanh"?', call=lambda: fqp.run(bad))
        self.assertEqual(len(e.problems), 2)
        self.refused(fqp.FileError, "no manifest.json", call=lambda: fqp.Run(self.folder).summary())


if __name__ == "__main__":
    unittest.main()
