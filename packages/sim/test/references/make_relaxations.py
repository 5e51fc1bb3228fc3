"""Relaxes small structures with ASE driving mace-torch in float64, for relaxation.test.ts and relaxation.full.ts.

    python make_relaxations.py [NAME ...]

Writes relaxations.json: the versions, and of each case the options, the start, and where ASE ended. With names only these cases are made
anew. Written for ase 3.29.0, mace-torch 0.3.16 (e3nn 0.4.4) and spglib 2.8.0; minutes on one core.
"""
import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

warnings.filterwarnings("ignore")
from bundled_model import bundled_model
import numpy as np
from ase import Atoms, units
from ase.build import molecule
from ase.constraints import FixAtoms, FixBondLengths, FixedLine, FixedPlane, FixSymmetry
from ase.filters import FrechetCellFilter, UnitCellFilter
from ase.optimize import BFGSLineSearch, FIRE, LBFGS
from ase.spacegroup import crystal
from mace.calculators import MACECalculator

here = Path(__file__).parent


def ice():
    """Two molecules of water in a small cell, near a minimum of the model."""
    positions = [0, 0.35, 0.18, 0.77, -0.05, 0.58, -0.77, -0.06, 0.58, 2.21, 2.38, 2.24, 2.98, 1.97, 2.64, 1.44, 1.97, 2.63]
    cell = [[4.4, 0, 0], [0.01, 3.61, 0.5], [0.01, 0.45, 3.62]]
    return Atoms("OHHOHH", positions=np.reshape(positions, (6, 3)), cell=cell, pbc=True)


def urea():
    """P-42₁m, near the neutron structure at 12 K, Swaminathan, Craven, McMullan, Acta Cryst. B40, 300 (1984)."""
    basis = [(0, 0.5, 0.328), (0, 0.5, 0.596), (0.1447, 0.6447, 0.1785), (0.2557, 0.7557, 0.2841), (0.1431, 0.6431, -0.0348)]
    return crystal("CONHH", basis, spacegroup=113, cellpar=[5.565, 5.565, 4.684, 90, 90, 90])


def rattled(atoms, seed, stretch=0.0):
    """Every atom moved, and the cell sheared, reproducibly."""
    random = np.random.default_rng(seed)
    if stretch:
        atoms.set_cell(atoms.cell[:] @ (np.eye(3) + stretch * random.normal(size=(3, 3))), scale_atoms=True)
    atoms.positions += 0.03 * random.normal(size=(len(atoms), 3))
    return atoms


optimizers = {"lbfgs": LBFGS, "fire": FIRE, "bfgs-line-search": BFGSLineSearch}
filters = {"frechet": FrechetCellFilter, "unit-cell": UnitCellFilter}
full = {"fmax": 1e-5, "cell": {"filter": "frechet"}}

# Name: start, options as relaxSystem has them, constraints of ASE's names.
methanol, crystal_ice = (lambda: rattled(molecule("CH3OH"), 1)), (lambda: rattled(ice(), 2, 0.01))
cases = {
    "molecule, lbfgs": (methanol, {"fmax": 1e-5}, []),
    "molecule, fire": (methanol, {"fmax": 1e-3, "optimizer": "fire"}, []),
    "molecule, bfgs-line-search": (methanol, {"fmax": 1e-5, "optimizer": "bfgs-line-search"}, []),
    "molecule, tight": (lambda: rattled(molecule("HCOOH"), 3), {"fmax": 1e-7}, []),
    "crystal, atoms": (crystal_ice, {"fmax": 1e-5}, []),
    "frechet": (crystal_ice, full, []),
    "frechet, fire": (crystal_ice, {**full, "fmax": 0.01, "optimizer": "fire"}, []),
    "frechet, bfgs-line-search": (crystal_ice, {**full, "optimizer": "bfgs-line-search"}, []),
    "frechet, pressure": (crystal_ice, {**full, "pressure": 1.5}, []),
    "frechet, hydrostatic": (crystal_ice, {"fmax": 1e-5, "cell": {"hydrostatic": True}}, []),
    "frechet, constant volume": (crystal_ice, {"fmax": 1e-5, "cell": {"constantVolume": True}}, []),
    "frechet, mask": (crystal_ice, {"fmax": 1e-5, "cell": {"mask": [1, 1, 0, 0, 0, 1]}}, []),
    "frechet, lengths": (crystal_ice, {"fmax": 1e-5, "cell": {"lengthsOnly": True}, "pressure": -0.2}, []),
    "frechet, fixed atoms": (crystal_ice, full, [["FixAtoms", [0, 3]]]),
    "unit cell": (crystal_ice, {"fmax": 1e-5, "cell": {"filter": "unit-cell"}}, []),
    "unit cell, pressure": (crystal_ice, {"fmax": 1e-5, "cell": {"filter": "unit-cell"}, "pressure": 1.5}, []),
    "unit cell, hydrostatic": (crystal_ice, {"fmax": 1e-5, "cell": {"filter": "unit-cell", "hydrostatic": True}}, []),
    "unit cell, constant volume": (
        crystal_ice,
        {"fmax": 0.01, "optimizer": "fire", "cell": {"filter": "unit-cell", "constantVolume": True}},
        [],
    ),
    "unit cell, mask": (crystal_ice, {"fmax": 1e-5, "cell": {"filter": "unit-cell", "mask": [1, 1, 0, 0, 0, 1]}}, []),
    "fixed atoms": (crystal_ice, {"fmax": 1e-5}, [["FixAtoms", [0, 1, 5]]]),
    "line and plane": (methanol, {"fmax": 1e-5}, [["FixedLine", [1], [1, 2, 0.5]], ["FixedPlane", [3, 4], [0, 1, -1]]]),
    "bonds": (methanol, {"fmax": 1e-5}, [["FixBondLengths", [[0, 2], [0, 4], [0, 5], [1, 3]]]]),
    "symmetry": (urea, full, [["FixSymmetry"]]),
    "symmetry, pressure": (urea, {**full, "pressure": 1.5}, [["FixSymmetry"]]),
    "symmetry, atoms": (urea, {"fmax": 1e-5}, [["FixSymmetry"]]),
}


def constraint(atoms, name, *given):
    if name == "FixSymmetry":
        return FixSymmetry(atoms)
    makers = {"FixAtoms": FixAtoms, "FixedLine": FixedLine, "FixedPlane": FixedPlane, "FixBondLengths": FixBondLengths}
    return makers[name](*given)


def described(atoms):
    return {
        "positions": atoms.positions.ravel().tolist(),
        **({"cell": atoms.cell[:].ravel().tolist()} if atoms.pbc.all() else {}),
    }


def relaxed(start, options, constraints):
    atoms = start()
    # Numbers as the file has them: both sides begin from the same.
    first = {"numbers": atoms.numbers.tolist(), **described(atoms)}
    atoms.calc = calculator
    atoms.set_constraint([constraint(atoms, *given) for given in constraints])
    if any(name == "FixSymmetry" for name, *_ in constraints):
        first = {"numbers": atoms.numbers.tolist(), **described(atoms)}
    target = atoms
    if "cell" in options:
        cell = options["cell"]
        target = filters[cell.get("filter", "frechet")](
            atoms,
            mask=[1, 1, 1, 0, 0, 0] if cell.get("lengthsOnly") else cell.get("mask"),
            hydrostatic_strain=cell.get("hydrostatic", False),
            constant_volume=cell.get("constantVolume", False),
            scalar_pressure=options.get("pressure", 0) * units.GPa,
        )
    optimizer = optimizers[options.get("optimizer", "lbfgs")](target, logfile=None)
    done = optimizer.run(fmax=options["fmax"], steps=1000)
    return {
        "options": options,
        "constraints": constraints,
        "start": first,
        "isConverged": bool(done),
        "steps": optimizer.nsteps,
        "energy": atoms.get_potential_energy(),
        "end": described(atoms),
    }


calculator = MACECalculator(models=[bundled_model()], device="cpu", default_dtype="float64")
target = here / "relaxations.json"
results = json.loads(target.read_text())["cases"] if target.exists() else {}
for name, case in cases.items():
    if len(sys.argv) < 2 or name in sys.argv[1:]:
        results[name] = relaxed(*case)
        print(name, results[name]["isConverged"], results[name]["steps"], results[name]["energy"], flush=True)
packages = ["ase", "mace-torch", "e3nn", "torch", "numpy", "scipy", "spglib"]
lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(results[name])}" for name in cases if name in results)
versions = json.dumps({name: version(name) for name in packages})
target.write_text(f'{{ "versions": {versions},\n"cases": {{\n{lines}\n}} }}\n')
