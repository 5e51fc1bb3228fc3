"""Relaxes small structures with ASE driving mace-torch in float64, for relaxation.test.ts and relaxation.full.ts.

    MACE_FIXTURES=FOLDER python make_relaxations.py [NAME ...]

Writes relaxations.json: the versions, and of each case the options, the start, and where ASE ended, with the bundled model or a trained one
of the folder of fixtures. With names only these cases are made anew. Written for ase 3.29.0, mace-torch 0.3.16 (e3nn 0.4.4) and spglib 2.8.0; minutes on one core.
"""
import functools
import json
import os
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


def germanium_telluride():
    """R3m, near the structure at 295 K, Goldak, Barrett, Innes, Youdelis, J. Chem. Phys. 44, 3323 (1966)."""
    basis = [(0, 0, 0.237), (0, 0, 0.763)]
    return crystal(["Ge", "Te"], basis, spacegroup=160, cellpar=[4.156, 4.156, 10.663, 90, 90, 120], primitive_cell=True)


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

# Name: start, options as relaxSystem has them, constraints of ASE's names, model of the fixtures.
methanol, crystal_ice = (lambda: rattled(molecule("CH3OH"), 1)), (lambda: rattled(ice(), 2, 0.01))
alloy = lambda: rattled(germanium_telluride(), 4, 0.01)
ANI, GST = "models/ani500k_small_CC.model", "models/GST_mace_swa.model"
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
    "fixed atoms, tight": (crystal_ice, {"fmax": 1e-7}, [["FixAtoms", [0, 1, 5]]]),
    "bonds, tight": (methanol, {"fmax": 1e-7}, [["FixBondLengths", [[0, 2], [0, 4], [0, 5], [1, 3]]]]),
    "frechet, tight": (crystal_ice, {**full, "fmax": 1e-7}, []),
    "symmetry, tight": (urea, {**full, "fmax": 1e-7}, [["FixSymmetry"]]),
    "trained model, molecule": (methanol, {"fmax": 1e-5}, [], ANI),
    "trained model, molecule, tight": (methanol, {"fmax": 1e-7}, [], ANI),
    "trained model, molecule, fire": (methanol, {"fmax": 1e-3, "optimizer": "fire"}, [], ANI),
    "trained model, molecule, bonds": (methanol, {"fmax": 1e-5}, [["FixBondLengths", [[0, 2], [0, 4], [0, 5], [1, 3]]]], ANI),
    "trained model, crystal, atoms": (alloy, {"fmax": 1e-5}, [], GST),
    "trained model, frechet": (alloy, full, [], GST),
    "trained model, frechet, tight": (alloy, {**full, "fmax": 1e-7}, [], GST),
    "trained model, frechet, pressure": (alloy, {**full, "pressure": 1.5}, [], GST),
    "trained model, unit cell": (alloy, {"fmax": 1e-5, "cell": {"filter": "unit-cell"}}, [], GST),
    "trained model, symmetry, pressure": (germanium_telluride, {**full, "pressure": 1.5}, [["FixSymmetry"]], GST),
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


@functools.cache
def calculator(model):
    which = {"models": [bundled_model()]} if model is None else {"model_paths": os.path.join(os.environ["MACE_FIXTURES"], model)}
    return MACECalculator(**which, device="cpu", default_dtype="float64")


def relaxed(start, options, constraints, model=None):
    atoms = start()
    # Numbers as the file has them: both sides begin from the same.
    first = {"numbers": atoms.numbers.tolist(), **described(atoms)}
    atoms.calc = calculator(model)
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
        **({"model": model} if model else {}),
        "options": options,
        "constraints": constraints,
        "start": first,
        "isConverged": bool(done),
        "steps": optimizer.nsteps,
        "energy": atoms.get_potential_energy(),
        "end": described(atoms),
    }


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
