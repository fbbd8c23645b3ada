"""The wheel holds libfqp.so: the one that FQP_LIBRARY names (a file, or a folder with it), else CMake builds it."""

import os
import shutil
import subprocess
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.build_py import build_py

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # before setuptools 70
    from wheel.bdist_wheel import bdist_wheel

HERE = Path(__file__).resolve().parent
NAME = "libfqp.so"


def library() -> Path:
    told = os.environ.get("FQP_LIBRARY")
    if told:
        path = Path(told)
        return path / NAME if path.is_dir() else path
    tree = HERE.parent
    if not (tree / "CMakeLists.txt").exists():
        raise SystemExit(f"fqp: there is no CMakeLists.txt in {tree}; name a built {NAME} by FQP_LIBRARY")
    build = tree / "build" / "wheel"
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DFQP_TESTS=OFF", "-DFQP_BENCH=OFF",
               "-DCMAKE_SHARED_LINKER_FLAGS=-s"]
    subprocess.run(["cmake", "-S", str(tree), "-B", str(build), *options], check=True)
    subprocess.run(["cmake", "--build", str(build), "--target", "fqp_lib_shared", "--parallel"], check=True)
    return build / NAME


class WithLibrary(build_py):
    def run(self) -> None:
        super().run()
        if not self.editable_mode:  # an editable install finds the tree's own build
            source = library()
            if not source.exists():
                raise SystemExit(f"fqp: there is no {source}")
            package = Path(self.build_lib) / "fqp"
            shutil.copyfile(source, package / NAME)
            if (HERE.parent / "LICENSE").exists():
                shutil.copyfile(HERE.parent / "LICENSE", package / "LICENSE")


class Native(Distribution):
    def has_ext_modules(self) -> bool:
        return True


class AnyPython(bdist_wheel):
    """One wheel for every Python 3: ctypes needs no interface of one version."""

    def get_tag(self) -> tuple:
        return "py3", "none", super().get_tag()[2]


setup(cmdclass={"build_py": WithLibrary, "bdist_wheel": AnyPython}, distclass=Native)
