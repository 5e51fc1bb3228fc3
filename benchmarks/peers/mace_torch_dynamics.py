"""ASE driving mace-torch in benchmarks/dynamics.mjs.

Velocity Verlet, as people write it; steps are made before the clock starts, for mace-torch to warm up.
"""
import time

from ase_calculator import answer, calculator, request
import numpy
from ase import Atoms, units
from ase.md.verlet import VelocityVerlet

atoms = Atoms(numbers=request["numbers"], positions=numpy.array(request["positions"]).reshape(-1, 3))
if request["cell"]:
    atoms.set_cell(numpy.array(request["cell"]).reshape(3, 3))
    atoms.pbc = True
atoms.set_momenta(numpy.array(request["momenta"]).reshape(-1, 3))
atoms.calc = calculator
dynamics = VelocityVerlet(atoms, timestep=request["timestep"] * units.fs)
dynamics.run(request["warmUp"])
began = time.perf_counter()
dynamics.run(request["steps"])
seconds = time.perf_counter() - began
answer({"steps": request["steps"], "secondsPerStep": seconds / request["steps"], "positions": atoms.positions.ravel().tolist()})
