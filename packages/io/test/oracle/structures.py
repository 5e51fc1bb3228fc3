"""Seeded small structures for make_random_models.py: molecule, small triclinic cell, slab, isolated atom.

Positions are rounded to 6 decimals, so that the JSON files hold them exactly and briefly.
"""

import numpy as np
from ase import Atoms
from ase.data import covalent_radii


def _place(rng, numbers, draw, images, squeeze):
    """Random positions with every distance (also to images) above squeeze * (sum of covalent radii)."""
    best = None
    for attempt in range(20000):
        if attempt % 400 == 399:
            squeeze *= 0.97
        positions = np.array([draw(rng) for _ in numbers])
        ok = True
        for i in range(len(numbers)):
            for j in range(i, len(numbers)):
                d = positions[j] - positions[i] + images
                r = np.sqrt((d * d).sum(1))
                if i == j:
                    r = r[r > 1e-9]
                limit = squeeze * (covalent_radii[numbers[i]] + covalent_radii[numbers[j]])
                if len(r) and r.min() < limit:
                    ok = False
        if ok:
            best = positions
            break
    assert best is not None
    return best


def _images(cell, pbc):
    ranges = [range(-2, 3) if p else range(1) for p in pbc]
    return np.array([a * cell[0] + b * cell[1] + c * cell[2] for a in ranges[0] for b in ranges[1] for c in ranges[2]])


def make_structures(numbers, seed, n_molecule=6):
    """The four structures, with elements from `numbers` (every element of a short list occurs in the molecule)."""
    rng = np.random.default_rng(seed)
    pick = lambda n: [int(numbers[k % len(numbers)]) for k in rng.permutation(max(n, len(numbers)))[:n]] \
        if len(numbers) > n else ([int(z) for z in numbers] + [int(z) for z in rng.choice(numbers, n)])[:n]
    mean_radius = float(np.mean([covalent_radii[z] for z in numbers]))
    out = {}

    z = pick(n_molecule)
    size = 2.2 * mean_radius * n_molecule ** (1 / 3) + 0.6
    no = np.zeros((1, 3))
    p = _place(rng, z, lambda g: g.uniform(0, size, 3), no, 0.80)
    out["molecule"] = Atoms(numbers=z, positions=np.round(p - 0.4, 6), pbc=False)

    z = pick(3)
    a = 3.0 * mean_radius * 3 ** (1 / 3)
    cell = np.round(np.array([[a, 0.13, -0.21], [0.47, 1.1 * a, 0.09], [-0.35, 0.62, 0.95 * a]]), 6)
    p = _place(rng, z, lambda g: g.uniform(0, 1, 3) @ cell, _images(cell, (1, 1, 1)), 0.80)
    # one atom lies outside the cell: positions are never wrapped
    p[-1] += cell[0] - cell[1]
    out["crystal"] = Atoms(numbers=z, positions=np.round(p, 6), cell=cell, pbc=True)

    z = pick(4)
    cell = np.round(np.array([[a, 0.2, 0.0], [-0.4, 1.2 * a, 0.0], [0.3, 0.1, 17.0]]), 6)
    def draw(g):
        u = g.uniform(0, 1, 3)
        return u[0] * cell[0] + u[1] * cell[1] + np.array([0, 0, 2.5 * mean_radius * u[2] + 1.0])
    p = _place(rng, z, draw, _images(cell, (1, 1, 0)), 0.80)
    out["slab"] = Atoms(numbers=z, positions=np.round(p, 6), cell=cell, pbc=(True, True, False))

    out["atom"] = Atoms(numbers=[int(numbers[-1])], positions=[[0.1, -0.2, 0.3]], pbc=False)
    return out
