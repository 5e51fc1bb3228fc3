"""ASE driving mace-torch in benchmarks/relax-many.mjs: one JSON request on standard input, one JSON answer on standard output.

Written for mace-torch 0.3.16 and ASE 3.29. Each molecule is relaxed by ase.optimize.LBFGS, one after the other, as people do it; the first
is relaxed once more before the clock starts.
"""
import json
import os
import sys
import time
import warnings

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
warnings.filterwarnings("ignore")
import torch
from ase import Atoms
from ase.optimize import LBFGS
from importlib.metadata import version
from mace.calculators import MACECalculator

request = json.load(sys.stdin)
torch.set_num_threads(request["threads"])
dtype = {"f64": "float64", "f32": "float32"}[request["precision"]]
calculator = MACECalculator(model_paths=request["model"], device="cpu", default_dtype=dtype)


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
answer = {
    "seconds": seconds,
    "steps": [int(steps) for steps, _ in found],
    "energies": [float(energy) for _, energy in found],
    "device": f"ASE {version('ase')}, mace-torch {version('mace-torch')}, torch {torch.__version__}, {torch.get_num_threads()} thread, {dtype}",
}
answers.write(json.dumps(answer) + "\n")
answers.flush()
