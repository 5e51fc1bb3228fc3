"""Write the trajectories in this folder, and what ASE reads back from them (expected.json).

  python make_files.py        with ase==3.29.0, numpy==2.4.6

All numbers come from a seeded generator; the files are committed, so the tests need no Python.
"""
import json
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.build import molecule
from ase.calculators.singlepoint import SinglePointCalculator
from ase.constraints import FixAtoms, FixBondLength
from ase.io import ulm
from ase.io.trajectory import Trajectory

folder = Path(__file__).parent
random = np.random.default_rng(20261202)


def plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


def expected(name):
    frames = []
    for atoms in Trajectory(folder / name):
        arrays = {key: plain(value) for key, value in atoms.arrays.items() if key not in ("numbers", "positions")}
        results = {} if atoms.calc is None else {key: plain(value) for key, value in atoms.calc.results.items()}
        frames.append({
            "numbers": plain(atoms.numbers), "positions": plain(atoms.positions), "cell": plain(atoms.cell[:]), "pbc": plain(atoms.pbc),
            "arrays": arrays, "results": results, "info": {key: plain(value) for key, value in atoms.info.items()},
            "constraints": [type(one).__name__ for one in atoms.constraints],
        })
    return frames


def rich():
    """One set of elements; velocities, tags, charges, masses, constraints, results, info of every kind."""
    with Trajectory(folder / "rich.traj", "w") as out:
        for step in range(3):
            atoms = molecule("CH3CH2OH", cell=[9, 8, 7], pbc=[True, True, False])
            atoms.cell[1, 0] = 0.25 * step
            atoms.positions += random.normal(size=atoms.positions.shape)
            n = len(atoms)
            atoms.set_momenta(random.normal(size=(n, 3)))
            atoms.set_tags(range(n))
            atoms.set_masses(random.uniform(1, 20, 1).tolist() * n if step == 9 else np.arange(1, n + 1) + 0.5)
            atoms.set_initial_charges(random.normal(size=n))
            atoms.set_initial_magnetic_moments(random.normal(size=n))
            atoms.set_constraint([FixAtoms([0, 2]), FixBondLength(1, 3)])
            atoms.info = {"step": step, "temperature": 300.0, "name": "ethanol Ω", "converged": True, "vector": np.arange(3.0), "list": [1, 2, 3], "nested": {"a": [1, "b"]}}
            atoms.calc = SinglePointCalculator(
                atoms, energy=-1.5 * step, free_energy=-1.25, forces=random.normal(size=(n, 3)), stress=random.normal(size=6), stresses=random.normal(size=(n, 6)),
                dipole=random.normal(size=3), charges=random.normal(size=n), magmoms=random.normal(size=n), magmom=0.5, energies=random.normal(size=n))
            out.write(atoms)


def changing():
    """Other elements, other numbers of atoms, other periodic directions; a molecule without cell; more frames than one table has places."""
    with Trajectory(folder / "changing.traj", "w") as out:
        for step in range(50):
            symbols = "H2O" if step != 7 else "CO"
            atoms = Atoms(symbols, positions=random.normal(size=(3 if symbols == "H2O" else 2, 3)))
            if step % 5 == 4:
                atoms.set_cell([5, 6, 7])
                atoms.pbc = True
            out.write(atoms)


def big_endian():
    """The file that a big-endian machine would write: arrays in its order, and a word in every item."""
    with ulm.open(folder / "big-endian.traj", "w", tag="ASE-Trajectory") as out:
        for step in range(2):
            out.data["_little_endian"] = False
            out.write(version=1, pbc=[True, True, True], numbers=np.array([8, 1, 1]).byteswap(), positions=random.normal(size=(3, 3)).byteswap(),
                      cell=(5 * np.eye(3)).tolist())
            out.sync()


def other():
    with ulm.open(folder / "other.ulm", "w", tag="GPAW-Calculation") as out:
        out.write(a=np.ones(3), b=2)


rich()
changing()
big_endian()
other()
names = ["rich.traj", "changing.traj", "big-endian.traj"]
(folder / "expected.json").write_text(json.dumps({name: expected(name) for name in names}) + "\n")
