"""ASE driving mace-torch in benchmarks/dynamics.mjs: one JSON request on standard input, one JSON answer on standard output.

Written for mace-torch 0.3.16 and ASE 3.29. Velocity Verlet, as people write it; steps are made before the clock starts, for mace-torch to warm up.
"""
import json
import os
import sys
import time
import warnings

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
warnings.filterwarnings("ignore")
import numpy
import torch
from ase import Atoms, units
from ase.md.verlet import VelocityVerlet
from importlib.metadata import version
from mace.calculators import MACECalculator

request = json.load(sys.stdin)
torch.set_num_threads(request["threads"])
dtype = {"f64": "float64", "f32": "float32"}[request["precision"]]
atoms = Atoms(numbers=request["numbers"], positions=numpy.array(request["positions"]).reshape(-1, 3))
if request["cell"]:
    atoms.set_cell(numpy.array(request["cell"]).reshape(3, 3))
    atoms.pbc = True
atoms.set_momenta(numpy.array(request["momenta"]).reshape(-1, 3))
atoms.calc = MACECalculator(model_paths=request["model"], device="cpu", default_dtype=dtype)
dynamics = VelocityVerlet(atoms, timestep=request["timestep"] * units.fs)
dynamics.run(request["warmUp"])
began = time.perf_counter()
dynamics.run(request["steps"])
seconds = time.perf_counter() - began
answer = {
    "steps": request["steps"],
    "secondsPerStep": seconds / request["steps"],
    "positions": atoms.positions.ravel().tolist(),
    "device": f"ASE {version('ase')}, mace-torch {version('mace-torch')}, torch {torch.__version__}, {torch.get_num_threads()} thread, {dtype}",
}
answers.write(json.dumps(answer) + "\n")
answers.flush()
