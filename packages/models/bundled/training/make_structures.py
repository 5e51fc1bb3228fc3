"""Makes the structures beside the bundled model (extxyz, no labels).

    python make_structures.py --out DIR          (Debian's xtb 6.5.1 on the PATH)

  caffeine.xyz       one molecule, relaxed with GFN2-xTB
  ethanol-water.xyz  an ethanol molecule among eight waters, relaxed with GFN-FF then GFN2-xTB
  ice.xyz            ice Ih, 16 waters in a periodic orthorhombic cell, protons disordered by a seeded search that obeys
                     the ice rules and keeps the least dipole it meets; ideal geometry, not relaxed
"""
import argparse
import itertools
import pathlib

import numpy as np
from ase import Atoms
from ase.io import write

import make_data
import xtb_tools as xtb

OXYGEN_OXYGEN, BOND, ANGLE = 2.76, 0.97, np.deg2rad(106.0)


def caffeine():
    conformers, _ = xtb.from_smiles("Cn1cnc2c1c(=O)n(C)c(=O)n2C", seed=7)
    return xtb.optimise(conformers[0])


def ethanol_water():
    frames = make_data.cluster_frames(["CCO"] + ["O"] * 8, "structure")
    return xtb.optimise(frames[0][1])


def ice():
    """Oxygen sites of hexagonal ice in the 8-site orthorhombic cell, twice along a; then one proton on each bond."""
    d = OXYGEN_OXYGEN
    a, b, c = d * np.sqrt(8 / 3), d * np.sqrt(8), d * 8 / 3
    layer = np.array([[0, 0], [0.5, 0.5], [0, 1 / 3], [0.5, 5 / 6]])
    up, down = layer[:2], layer[2:]
    sites = [(x, y, 0.0625) for x, y in up] + [(x, y, -0.0625) for x, y in down]
    sites += [(x, y, 0.4375) for x, y in up] + [(x, y, 0.5625) for x, y in down]
    sites = np.array([(x + k, y, z) for k in range(2) for x, y, z in sites]) * [a, b, c]
    cell = np.array([2 * a, b, c])
    bonds = []
    for i, j in itertools.combinations(range(len(sites)), 2):
        for shift in itertools.product((-1, 0, 1), repeat=3):
            vector = sites[j] + np.array(shift) * cell - sites[i]
            if np.linalg.norm(vector) < d * 1.1:
                bonds.append((i, j, vector / np.linalg.norm(vector)))
    assert len(bonds) == 2 * len(sites), "four neighbours each"
    random = np.random.default_rng(make_data.SEED)
    best = None
    for _ in range(300):  # each try: random directions, then flips until every oxygen donates two
        toward = random.integers(2, size=len(bonds))
        donates = lambda: np.bincount([(i, j)[t] for (i, j, _), t in zip(bonds, toward)], minlength=len(sites))
        for _ in range(20000):
            count = donates()
            if (count == 2).all():
                break
            k = random.integers(len(bonds))
            i, j, _ = bonds[k]
            giver, taker = ((i, j), (j, i))[toward[k]]
            if count[giver] > count[taker] or (count[giver] == count[taker] and random.random() < 0.1):
                toward[k] ^= 1
        else:
            continue
        directions = [[] for _ in sites]
        for (i, j, unit), t in zip(bonds, toward):
            directions[(i, j)[t]].append(unit * (1, -1)[t])
        dipole = np.linalg.norm(np.sum(directions, axis=(0, 1)))
        if best is None or dipole < best[0] - 1e-9:
            best = dipole, directions
    positions = []
    for site, (first, second) in zip(sites, best[1]):
        middle, across = (first + second) / np.linalg.norm(first + second), (first - second) / np.linalg.norm(first - second)
        positions += [site, *(site + BOND * (np.cos(ANGLE / 2) * middle + s * np.sin(ANGLE / 2) * across) for s in (1, -1))]
    atoms = Atoms("OHH" * len(sites), positions, cell=cell, pbc=True)
    atoms.wrap()
    return atoms


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    for name, atoms in (("caffeine", caffeine()), ("ethanol-water", ethanol_water()), ("ice", ice())):
        atoms.positions = np.round(atoms.positions, 6)
        write(options.out / f"{name}.xyz", atoms, format="extxyz")
        print(name, atoms)


if __name__ == "__main__":
    main()
