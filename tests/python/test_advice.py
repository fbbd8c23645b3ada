"""Advice from arrays: the formulas, checked where they have a known answer, and short trials by steps."""

import json
import unittest

import numpy as np
from support import Case

import fqp

X = np.linspace(-1, 1, 200)
Y = np.sin(2 * np.pi * X) + 0.3 * np.sin(2 * np.pi * 6 * X)


class TestAdvice(Case):
    def test_formulas_alone(self):
        a = fqp.advise(X, Y, settings_only=True)
        names = {s["name"]: s for s in a.settings}
        sigma = next(s for n, s in names.items() if "sigma" in n)
        self.assertAlmostEqual(sigma["value"][0] * 3, 6, delta=0.6)  # three deviations reach the edge, 6 cycles
        self.assertTrue(all(s["source"] for s in a.settings if "source" in s))
        self.assertEqual(a.sentence, "")
        self.assertIn("sigma", str(a))
        again = fqp.advise(X[:, None].astype("f4"), Y.astype(">f8"), settings_only=True)
        self.assertEqual([s["name"] for s in again.settings], [s["name"] for s in a.settings])

    def test_trials(self):
        a = fqp.advise(X, Y, steps=60, parameters=200, remedies=["fourier"], dir=self.folder / "advice", threads=1)
        self.assertTrue(a.sentence)
        self.assertIn("plain", {c["remedy"] for c in a.candidates})
        self.assertEqual(json.loads((self.folder / "advice" / "advice.json").read_text())["answer"]["sentence"],
                         a.sentence)

    def test_refused(self):
        for kind, part, call in (
            (fqp.DataError, "", lambda: fqp.advise(X, np.ones(200), settings_only=True)),
            (fqp.DataError, "", lambda: fqp.advise(X[:3], Y[:3], settings_only=True)),
            (fqp.ShapeError, "", lambda: fqp.advise(X[1:], Y, settings_only=True)),
            (fqp.ArgumentError, "either", lambda: fqp.advise(X)),
        ):
            self.refused(kind, part, call=call)


if __name__ == "__main__":
    unittest.main()
