"""The structs of the door against the headers: a C program prints sizes and offsets."""

import shutil
import subprocess
import unittest
from pathlib import Path

from support import Case

from fqp import _structs

INCLUDE = Path(__file__).resolve().parents[2] / "include"


class TestStructs(Case):
    def test_sizes_and_offsets(self):
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if not compiler:
            self.skipTest("no C compiler")
        lines, expected = [], []
        for name, struct in _structs.IN_C.items():
            lines.append(f'printf("%zu\\n", sizeof({name}));')
            expected.append(_structs.c.sizeof(struct))
            for member, *_ in struct._fields_:
                lines.append(f'printf("%zu\\n", offsetof({name}, {member}));')
                expected.append(getattr(struct, member).offset)
        source = self.folder / "sizes.c"
        source.write_text("#include <fqp.h>\n#include <stddef.h>\n#include <stdio.h>\nint main(void) {\n"
                          + "\n".join(lines) + "\nreturn 0;\n}\n")
        subprocess.run([compiler, "-std=c17", f"-I{INCLUDE}", "-o", self.folder / "sizes", source], check=True)
        out = subprocess.run([self.folder / "sizes"], check=True, capture_output=True, text=True).stdout
        for line, size, want in zip(lines, expected, out.split()):
            self.assertEqual(size, int(want), line)


if __name__ == "__main__":
    unittest.main()
