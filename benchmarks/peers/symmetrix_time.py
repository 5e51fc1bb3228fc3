"""symmetrix-xl in benchmarks/suite.mjs (protocol: turns.py): energy + forces of its JSON model on one structure.

Written for symmetrix-xl 0.1.1, in its fastest mode. Each call moves the atoms by up to 1e-4 Å from where they were at first:
enough that nothing comes from a cache, and so little that the neighbor list is kept. It computes the stress as well; there is
no call that leaves it out.
"""
from turns import atoms_of, processor_facts, serve  # (first: what is printed from here on is no answer)
import subprocess
from importlib.metadata import version

import numpy as np
from symmetrix import Symmetrix


def set_up(request):
    atoms = atoms_of(request["structure"])
    atoms.calc = Symmetrix(
        request["symmetrixModel"],
        dtype={"f32": "float32", "f64": "float64"}[request["precision"]],
        streamed_edges="direct",
        execution_profile="speed",
        neighbor_skin=0.01,
    )
    first = atoms.get_positions()
    random = np.random.default_rng(1)

    def run():
        atoms.set_positions(first + random.uniform(-5e-5, 5e-5, first.shape))
        atoms.get_potential_energy()
        atoms.get_forces()

    def forces():
        atoms.set_positions(first)
        return np.array(atoms.get_forces())

    # The first call compiles.
    forces()
    facts = {
        "device": "symmetrix-xl, kernels compiled for this CPU",
        "versions": {"symmetrix-xl": version("symmetrix-xl")},
        "threads": request["threads"],
        # As symmetrix/jit.py chooses them where nothing is set in the environment.
        "build": f"-O3 -ffast-math -march=native, {compiler()}",
        **processor_facts(request["precision"]),
    }
    return facts, run, forces


def compiler():
    return subprocess.run(["c++", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]


serve(set_up)
