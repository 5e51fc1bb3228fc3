"""Writes trajectories.json: where ASE, driving mace-torch in float64, takes structures with the bundled model and with trained ones.

    OMP_NUM_THREADS=1 MACE_FIXTURES=FOLDER python make_trajectories.py      (versions: in the file that it writes)

Velocity Verlet for 400 steps of molecules and of crystals, and IsotropicMTKNPT for 100 steps. Momenta of the beginning are a sine of their
index. Trained models and their structures are read from the folder of fixtures. Tests read what this wrote.
"""

import importlib.metadata
import json
import os
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")

from bundled_model import BUNDLED, bundled_model
import ase.io
import numpy as np
from ase import units
from ase.md.nose_hoover_chain import IsotropicMTKNPT
from ase.md.verlet import VelocityVerlet
from mace.calculators import MACECalculator

HERE = os.path.dirname(os.path.abspath(__file__))
ANI, GST = "models/ani500k_small_CC.model", "models/GST_mace_swa.model"
PACKAGES = ["mace-torch", "ase", "e3nn", "torch", "numpy"]


def structure(name, model):
    """Of the bundled model, or of a trained one; then both paths are those in the folder of fixtures."""
    folder = os.path.join(BUNDLED, "structures") if model is None else os.environ["MACE_FIXTURES"]
    atoms = ase.io.read(os.path.join(folder, name), index=0)
    size = np.sqrt(2 * units.kB * 300 * atoms.get_masses())[:, None]
    momenta = size * np.sin(1 + 7.3 * np.arange(3 * len(atoms))).reshape(-1, 3)
    atoms.set_momenta(momenta)
    which = {"models": [bundled_model()]} if model is None else {"model_paths": os.path.join(folder, model)}
    atoms.calc = MACECalculator(**which, device="cpu", default_dtype="float64")
    return atoms


def numbers(array):
    return [float(value) for value in np.asarray(array).ravel()]


def run(name, steps, make, model=None, **settings):
    atoms = structure(name, model)
    momenta, energy = numbers(atoms.get_momenta()), float(atoms.get_potential_energy())
    make(atoms).run(steps)
    end = {"positions": numbers(atoms.positions), "cell": numbers(atoms.cell.array), "energy": float(atoms.get_potential_energy())}
    return {"structure": name, **({"model": model} if model else {}), "steps": steps, **settings, "momenta": momenta, "energy": energy, "end": end}


def verlet(timestep):
    return lambda atoms: VelocityVerlet(atoms, timestep * units.fs)


def breathing(atoms):
    return IsotropicMTKNPT(
        atoms, 0.5 * units.fs, temperature_K=300, pressure_au=0.5 * units.GPa, tdamp=50 * units.fs, pdamp=75 * units.fs
    )


if __name__ == "__main__":
    pressed = {"ensemble": "npt-mtk", "timestep": 0.5, "temperature": 300, "pressure": 0.5}
    runs = [
        run("ethanol-water.xyz", 400, verlet(0.5), ensemble="nve", timestep=0.5),
        run("ice.xyz", 400, verlet(0.5), ensemble="nve", timestep=0.5),
        run("ice.xyz", 100, breathing, **pressed),
        run("data/rmd17/rmd17_aspirin_train.xyz", 400, verlet(0.5), ANI, ensemble="nve", timestep=0.5),
        run("data/periodic/validate.xyz", 400, verlet(1), GST, ensemble="nve", timestep=1),
        run("data/periodic/validate.xyz", 100, breathing, GST, **pressed),
    ]
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    with open(os.path.join(HERE, "trajectories.json"), "w") as file:
        file.write(json.dumps({"made by": "make_trajectories.py", "versions": versions, "runs": runs}, indent=1) + "\n")
