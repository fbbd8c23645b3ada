"""What is read from a summary, against one written by hand."""

import math
import pickle
import unittest

from support import Case

import fqp
from fqp.results import Results

BIN = {"label": "3", "axis": 3.0, "capture": {"0.5": {"step": [40]}, "0.1": {"step": [None]}}}
SUMMARY = {
    "sentence": "So it is.", "tau": 0.1, "warnings": ["Few points."],
    "probes": [{"name": "dft", "axis_unit": "cycles per domain", "bins": [
        dict(BIN, forecast=[{"ok": True, "model": "exponential", "median": 900, "low": 700, "high": None}]),
        dict(BIN, label="5", axis=5.0, forecast=[{"ok": False, "reason": "no decay"}])]}],
    "verdict": [{"seed": 1, "cause": "noise floor", "score": 0.9, "sentence": "Noise.", "next": ["Stop."],
                 "evidence": [{"name": "floor", "value": 0.2, "says": "It is flat."}],
                 "others": [{"cause": "stalled", "score": 0.1}]}],
    "stop": [{"seed": 1, "stop": True, "step": 90, "at": 120, "why": "the error was least at step 90"}],
}


class Written(Results):
    def __init__(self, **changed):
        self.content = dict(SUMMARY, **changed)

    def summary(self):
        return self.content


class TestResults(Case):
    def test_all_members(self):
        r = Written()
        self.assertEqual((r.sentence, r.warnings), ("So it is.", ["Few points."]))
        self.assertEqual([c.step for c in r.crossings()], [None, None])
        self.assertEqual([c.step for c in r.crossings(0.5)], [40, 40])
        far, refused = r.forecast()
        self.assertEqual((far.ok, far.median, far.low, far.high), (True, 900, 700, math.inf))
        self.assertEqual((refused.ok, refused.median, refused.reason), (False, None, "no decay"))
        v = r.verdict()
        self.assertEqual((v.cause, v.score, str(v), v.next), ("noise floor", 0.9, "Noise.", ("Stop.",)))
        self.assertEqual(v.evidence[0].says, "It is flat.")
        self.assertEqual(v.others, (("stalled", 0.1),))
        stop = r.should_stop()
        self.assertTrue(stop)
        self.assertEqual(stop.step, 90)
        self.assertEqual(stop.why, "the error was least at step 90")

    def test_nothing_said(self):
        r = Written(verdict=[], stop=[{"seed": 1, "stop": False, "step": 3, "why": None}])
        self.assertEqual((r.verdict().cause, str(r.verdict())), ("", "So it is."))
        self.assertFalse(r.should_stop())

    def test_errors_travel(self):
        e = self.refused(fqp.ConfigError, "tauu", call=lambda: fqp.Monitor([0, 1, 2, 3], [0, 1, 2, 3], tauu=1))
        again = pickle.loads(pickle.dumps(e))  # from a worker process
        self.assertIs(type(again), type(e))
        self.assertEqual((str(again), again.problems, again.status), (str(e), e.problems, e.status))
        for kind in (ValueError, fqp.Error):
            self.assertIsInstance(e, kind)


if __name__ == "__main__":
    unittest.main()
