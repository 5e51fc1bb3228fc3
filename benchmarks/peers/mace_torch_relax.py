"""ASE driving mace-torch in benchmarks/relax-many.mjs.

Each molecule is relaxed by ase.optimize.LBFGS, one after the other, as people do it; the first is relaxed once more before the clock starts.
"""
import time

from ase_calculator import answer, calculator, request
from ase import Atoms
from ase.optimize import LBFGS


def relaxed(molecule):
    atoms = Atoms(numbers=molecule["numbers"], positions=[molecule["positions"][i : i + 3] for i in range(0, len(molecule["positions"]), 3)])
    atoms.calc = calculator
    optimizer = LBFGS(atoms, logfile=None)
    optimizer.run(fmax=request["fmax"], steps=request["steps"])
    return optimizer.nsteps, atoms.get_potential_energy()


relaxed(request["molecules"][0])
began = time.perf_counter()
found = [relaxed(molecule) for molecule in request["molecules"]]
seconds = time.perf_counter() - began
answer({"seconds": seconds, "steps": [int(steps) for steps, _ in found], "energies": [float(energy) for _, energy in found]})
