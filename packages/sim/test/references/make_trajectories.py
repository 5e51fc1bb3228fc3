"""Writes trajectories.json: where ASE, driving mace-torch in float64, takes the bundled model.

    OMP_NUM_THREADS=1 python make_trajectories.py      (versions: in the file that it writes)

Velocity Verlet for 400 steps of a molecule and of a crystal, and IsotropicMTKNPT for 100 steps of the crystal. Momenta of the beginning are
a sine of their index. Tests read what it wrote.
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
PACKAGES = ["mace-torch", "ase", "e3nn", "torch", "numpy"]


def structure(name):
    atoms = ase.io.read(os.path.join(BUNDLED, "structures", name), index=0)
    size = np.sqrt(2 * units.kB * 300 * atoms.get_masses())[:, None]
    momenta = size * np.sin(1 + 7.3 * np.arange(3 * len(atoms))).reshape(-1, 3)
    atoms.set_momenta(momenta)
    atoms.calc = MACECalculator(models=[bundled_model()], device="cpu", default_dtype="float64")
    return atoms


def numbers(array):
    return [float(value) for value in np.asarray(array).ravel()]


def run(name, steps, make, **settings):
    atoms = structure(name)
    momenta, energy = numbers(atoms.get_momenta()), float(atoms.get_potential_energy())
    make(atoms).run(steps)
    end = {"positions": numbers(atoms.positions), "cell": numbers(atoms.cell.array), "energy": float(atoms.get_potential_energy())}
    return {"structure": name, "steps": steps, **settings, "momenta": momenta, "energy": energy, "end": end}


def verlet(timestep):
    return lambda atoms: VelocityVerlet(atoms, timestep * units.fs)


def breathing(atoms):
    return IsotropicMTKNPT(
        atoms, 0.5 * units.fs, temperature_K=300, pressure_au=0.5 * units.GPa, tdamp=50 * units.fs, pdamp=75 * units.fs
    )


if __name__ == "__main__":
    runs = [
        run("ethanol-water.xyz", 400, verlet(0.5), ensemble="nve", timestep=0.5),
        run("ice.xyz", 400, verlet(0.5), ensemble="nve", timestep=0.5),
        run("ice.xyz", 100, breathing, ensemble="npt-mtk", timestep=0.5, temperature=300, pressure=0.5),
    ]
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    with open(os.path.join(HERE, "trajectories.json"), "w") as file:
        file.write(json.dumps({"made by": "make_trajectories.py", "versions": versions, "runs": runs}, indent=1) + "\n")
