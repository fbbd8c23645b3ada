"""Differential equations: nodes, analyses and monitors that know what was solved."""

import json
import subprocess

import numpy as np
from support import Case, program

import fqp

POISSON = {"domain": "interval(0, 1)", "equations": "-u_xx = 4*pi^2*sin(2*pi*x) + 250*pi^2*sin(50*pi*x)",
           "conditions": ["u = 0 on boundary"], "exact": "sin(2*pi*x) + 0.1*sin(50*pi*x)", "grid": 257}
STEPS = [0, 1, 3, 10, 30, 100, 300, 1000]


def wrong(x, y, step):
    """The high frequency is learnt, a straight line is left: the residual falls, the error stays."""
    return y * (1 - np.exp(-step / 180)) + 0.7 * (2 * x - 1)


class TestProblem(Case):
    def test_nodes(self):
        x, y = fqp.nodes(POISSON)
        np.testing.assert_allclose(x, np.linspace(0, 1, 257)[:, None], atol=1e-15)
        np.testing.assert_allclose(y, np.sin(2 * np.pi * x) + 0.1 * np.sin(50 * np.pi * x), atol=1e-13)
        file = self.folder / "poisson.yaml"
        file.write_text(json.dumps({"problem": POISSON}))
        np.testing.assert_array_equal(fqp.nodes(file)[0], x)
        self.assertIsNone(fqp.nodes({k: v for k, v in POISSON.items() if k != "exact"})[1])
        with self.assertRaises(fqp.ConfigError):
            fqp.nodes(dict(POISSON, equations="-u_xx = g"))

    def test_small_loss_wrong_answer(self):
        x, y = fqp.nodes(POISSON)
        preds = [wrong(x, y, s) for s in STEPS]
        run = fqp.analyze(preds=preds, problem=POISSON, steps=STEPS, probe="sine", dir=self.folder / "arrays")
        self.assertEqual(run.verdict().cause, "small loss, wrong answer")
        self.assertTrue((run.dir / "problem.json").exists())
        size = np.load(run.dir / "seed_0001/residual_size.npy")
        self.assertAlmostEqual(size[0], 1, places=2)
        self.assertLess(size[-1], 0.01)
        error = np.load(run.dir / "seed_0001/rel_l2.npy")
        np.testing.assert_allclose(error[-1], np.linalg.norm(preds[-1] - y) / np.linalg.norm(y), rtol=1e-12)
        right = fqp.analyze(preds=[p - 0.7 * (2 * x - 1) for p in preds], problem=POISSON, steps=STEPS, probe="sine")
        self.assertEqual(right.verdict().cause, "healthy")

    def test_all_entrances_agree(self):
        x, y = fqp.nodes(POISSON)
        (self.folder / "poisson.yaml").write_text(json.dumps({"problem": POISSON}))
        folder = self.folder / "predictions"
        folder.mkdir()
        for s in STEPS:
            np.save(folder / f"u_{s}.npy", wrong(x, y, s))
        files = fqp.analyze(preds=str(folder / "*.npy"), problem=self.folder / "poisson.yaml", dir=self.folder / "files")
        with fqp.Monitor(x, y, problem=POISSON, dir=self.folder / "live") as mon:
            for s in STEPS:
                mon.observe(s, wrong(x, y, s))
        fqp_program = program("FQP")
        subprocess.run([fqp_program, "analyze", "--problem", "poisson.yaml", "predictions/", "--out", "told", "--quiet",
                        "--no-report"], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        for name in ("residual", "doubt", "rel_l2", "residual/dft/error"):
            want = (files.dir / "seed_0001" / f"{name}.npy").read_bytes()
            for other in ("live", "told"):
                self.assertEqual((self.folder / other / "seed_0001" / f"{name}.npy").read_bytes(), want, name)

    def test_refusals(self):
        plane = np.stack([v.ravel() for v in np.meshgrid(np.arange(5.0), np.arange(5.0), indexing="ij")], 1)
        with self.assertRaises(fqp.ArgumentError):
            fqp.analyze(preds=[plane])
        with self.assertRaises(fqp.ShapeError):
            fqp.Monitor(plane, np.sin(plane[:, :1]), problem=POISSON)
