"""Makes the training data of the bundled model: GFN2-xTB energies and forces of H, C, N, O structures.

    python make_data.py --out DIR [--processes 2]      (Debian's xtb 6.5.1 on the PATH; see requirements.txt)

Writes DIR/train.xyz, valid.xyz, test.xyz (keys REF_energy in eV, REF_forces in eV/A, config_type, molecule) and
summary.json. Seeded: the same programs on the same machine give the same files.

Families (config_type)
  distorted      relaxed molecules and the same with Gaussian displacements of every atom
  bond_scan      one bond of a molecule stretched or compressed
  hot_md         snapshots of molecular dynamics: on GFN2-xTB at about 1000 K, on GFN-FF at 500 and 1000 K
  dimer          two molecules on a line, from a close contact out to 6 A
  close_contact  two molecules pressed into each other
  cluster        2 to 20 molecules, packed, run hot on GFN-FF; some compressed
  diatomic       the ten pairs of elements from 0.3 to 5.5 A; where the force exceeds SHORT_FORCE the point is called
                 diatomic_short, is never trained on (that is what ZBL is for) and only compared
  IsolatedAtom   the free atoms (E0)

Held out: molecules are divided at random into train, valid and test; a dimer or cluster with a held-out molecule is
held out too, and so are whole clusters (every frame of one packing) of known molecules. Of the diatomic curves every
seventh point is tested. Frames are dropped where xtb does not converge or a force exceeds FORCE_LIMIT.
"""
import argparse
import collections
import json
import multiprocessing
import pathlib
import re
import zlib

import numpy as np
from ase import Atoms
from ase.io import write

import xtb_tools as xtb

SEED = 20261123
FORCE_LIMIT = 30.0  # eV/A
SHORT_FORCE, SHORT_FORCE_LIMIT = 50.0, 1000.0  # the same for the diatomic curves
GFN2, GFNFF = ("--gfn", "2"), ("--gfnff",)
CLUSTER_MOLECULES = ["O"] * 8 + ["CO"] * 3 + "N C=O NC=O CC#N C#N C O=C=O CCO COC CC(=O)O CC=O CN OO CO OC=O N#N CC".split()
PAIR_MOLECULES = ["O"] * 4 + ["CO"] * 2


def read_molecules():
    sections, name = {}, None
    for line in (pathlib.Path(__file__).parent / "molecules.txt").read_text().splitlines():
        if re.fullmatch(r"\[[a-z ,]+\]", line):
            name = line[1:-1]
        elif not line.startswith("#"):
            sections.setdefault(name, []).extend(line.split())
    return sections["core"], [m for key, part in sections.items() if key != "core" for m in part]


def random_of(*key):
    return np.random.default_rng([SEED, zlib.crc32("|".join(map(str, key)).encode())])


def rotated(atoms, random):
    """Centred on the origin and turned at random."""
    matrix, _ = np.linalg.qr(random.normal(size=(3, 3)))
    matrix[0] *= np.sign(np.linalg.det(matrix))
    return (atoms.positions - atoms.positions.mean(0)) @ matrix.T


def relaxed(smiles, seed=1):
    conformers, _ = xtb.from_smiles(smiles, seed)
    return xtb.optimise(conformers[0])


def stretched(atoms, bonds, random):
    """One random bond scaled by 0.75 to 1.6; the smaller side moves. None for a ring bond."""
    first, second = bonds[random.integers(len(bonds))]
    neighbours = collections.defaultdict(set)
    for i, j in bonds:
        if {i, j} != {first, second}:
            neighbours[i].add(j), neighbours[j].add(i)
    side, to_visit = {second}, [second]
    while to_visit:
        for j in neighbours[to_visit.pop()] - side:
            side.add(j), to_visit.append(j)
    if first in side:
        return None
    moved = atoms.copy()
    moved.positions[list(side)] += (random.uniform(0.75, 1.6) - 1) * (atoms.positions[second] - atoms.positions[first])
    return moved


def molecule_frames(smiles):
    random = random_of("molecule", smiles)
    conformers, bonds = xtb.from_smiles(smiles, seed=int(random.integers(1 << 30)), count=2)
    frames = []
    for index, conformer in enumerate(conformers[: 1 if len(conformers[0]) < 7 else 2]):
        atoms = xtb.optimise(conformer)
        if atoms is None:
            continue
        frames.append(("distorted", atoms))
        for amplitude in (0.03, 0.06, 0.09):
            moved = atoms.copy()
            moved.positions += random.normal(scale=amplitude, size=moved.positions.shape)
            frames.append(("distorted", moved))
        for _ in range(2):
            moved = stretched(atoms, bonds, random)
            if moved is not None:
                frames.append(("bond_scan", moved))
        kelvin = 500 if index else 1000
        frames += [("hot_md", f) for f in xtb.dynamics(atoms, random, GFNFF, kelvin, kelvin, 2.0, 5)]
        if index == 0:  # all of the starting energy is kinetic, so half of it is lost
            frames += [("hot_md", f) for f in xtb.dynamics(atoms, random, GFN2, 2000, 1000, 0.12, 6)]
    return frames


def pair_frames(first, second, index):
    random = random_of("pair", first, second, index)
    one, two = relaxed(first), relaxed(second)
    frames = []
    for kind, distances in (("dimer", (1.6, 1.8, 2.0, 2.3, 2.6, 3.0, 3.6, 4.6, 6.0)), ("close_contact", (0.8, 1.0, 1.2, 1.4))):
        a, b = rotated(one, random), rotated(two, random)
        for distance in distances:
            if kind == "close_contact":
                a, b = rotated(one, random), rotated(two, random)
            low, high = 0.0, 40.0  # slide b along z until its nearest atom is `distance` from a
            for _ in range(40):
                middle = (low + high) / 2
                gap = np.linalg.norm(a[:, None] - (b + [0, 0, middle])[None], axis=-1).min()
                low, high = (middle, high) if gap < distance else (low, middle)
            positions = np.vstack([a, b + [0, 0, high]])
            positions += random.normal(scale=0.02, size=positions.shape)
            frames.append((kind, Atoms([*one.numbers, *two.numbers], positions)))
    return frames


def cluster_frames(members, index):
    random = random_of("cluster", *members, index)
    shapes = {m: relaxed(m) for m in set(members)}
    placed, numbers, radius = [], [], 2.0
    for member in members:
        while True:  # the first free place in a slowly growing ball
            positions = rotated(shapes[member], random) + random.normal(size=3) * radius / 2
            radius += 0.002
            if not placed or np.linalg.norm(np.vstack(placed)[:, None] - positions[None], axis=-1).min() > 1.8:
                break
        placed.append(positions)
        numbers += list(shapes[member].numbers)
    owners = np.repeat(np.arange(len(placed)), [len(p) for p in placed])
    packed = xtb.optimise(Atoms(numbers, np.vstack(placed)), GFNFF, "crude")
    if packed is None:
        return []
    frames = [("cluster", packed)]
    for kelvin in (350, 700):
        frames += [("cluster", f) for f in xtb.dynamics(packed, random, GFNFF, kelvin, kelvin, 1.5, 3)]
    squeezed = frames[2][1].copy() if len(frames) > 2 else packed.copy()
    middle, factor = squeezed.positions.mean(0), random.uniform(0.82, 0.95)
    for owner in range(len(placed)):
        centre = squeezed.positions[owners == owner].mean(0)
        squeezed.positions[owners == owner] += (factor - 1) * (centre - middle)
    frames.append(("cluster", squeezed))
    small = len(packed) <= 24  # some on GFN2 itself
    return frames + ([("cluster", f) for f in xtb.dynamics(packed, random, GFN2, 800, 400, 0.12, 2)] if small else [])


def diatomic_frames(first, second):
    radii = np.concatenate([np.arange(0.3, 1.0, 0.04), np.arange(1.0, 2.5, 0.06), np.arange(2.5, 5.6, 0.2)])
    return [("diatomic", Atoms(first + second, [[0, 0, 0], [0, 0, r]])) for r in radii]


def work(task):
    """All labelled frames of one task, and how many were dropped, as plain data."""
    kind, split, name, arguments = task
    frames = {"molecule": molecule_frames, "pair": pair_frames, "cluster": cluster_frames, "diatomic": diatomic_frames}[kind](*arguments)
    kept, dropped = [], collections.Counter()
    for position, (family, atoms) in enumerate(frames):
        labelled = xtb.label(atoms)
        if labelled is None:
            dropped[f"{family}, not converged"] += 1
            continue
        largest = np.linalg.norm(labelled[1], axis=1).max()
        if largest > (SHORT_FORCE_LIMIT if family == "diatomic" else FORCE_LIMIT):
            dropped[f"{family}, force limit"] += 1
        else:
            place = ("test" if position % 7 == 3 else "train") if kind == "diatomic" else split
            if family == "diatomic" and largest > SHORT_FORCE:
                place, family = "test", "diatomic_short"
            kept.append((place, family, name, atoms, *labelled))
    return kept, dropped


def make_tasks(scale):
    core, others = read_molecules()
    random = random_of("split")
    order = [others[i] for i in random.permutation(len(others))]
    parts = {"test": order[:36], "valid": order[36:54], "train": core + order[54:]}
    tasks = [("molecule", split, m, (m,)) for split, part in parts.items() for m in part]
    for split, count in (("train", 150), ("valid", 8), ("test", 20)):
        for index in range(count):
            pool = parts[split] + PAIR_MOLECULES * (len(parts[split]) // 12)
            first, second = parts[split][random.integers(len(parts[split]))], pool[random.integers(len(pool))]
            tasks.append(("pair", split, f"{first}+{second}", (first, second, index)))
    for split, count in (("train", 90), ("valid", 6), ("test", 18)):
        for index in range(count):
            size = int(random.integers(2, 21))
            kinds = [CLUSTER_MOLECULES[i] for i in random.integers(len(CLUSTER_MOLECULES), size=random.integers(1, 4))]
            if index % 3 == 0:
                kinds = ["O"]
            members = [kinds[i] for i in random.integers(len(kinds), size=size)]
            if index % 3 == 1 and split != "valid":  # one larger molecule in its solvent; in the test set a held-out one
                members = [parts[split][random.integers(len(parts[split]))], *members[:10]]
            name = " ".join(f"{m}*{n}" for m, n in sorted(collections.Counter(members).items()))
            tasks.append(("cluster", split, f"{split}{index}: {name}", (members, f"{split}{index}")))
    tasks += [("diatomic", None, a + b, (a, b)) for i, a in enumerate("HCNO") for b in "HCNO"[i:]]
    return tasks[::scale], parts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="only every n-th task, for a trial")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    tasks, parts = make_tasks(options.every)
    files = collections.defaultdict(list)
    for symbol in "HCNO":
        atom = Atoms(symbol)
        files["train"].append(("train", "IsolatedAtom", symbol, atom, *xtb.label(atom)))
    dropped = collections.Counter()
    with multiprocessing.Pool(options.processes) as pool:
        for number, (kept, lost) in enumerate(pool.imap(work, tasks, chunksize=1)):
            dropped += lost
            for frame in kept:
                files[frame[0]].append(frame)
            if number % 25 == 0:
                print(number, "of", len(tasks), "tasks;", sum(map(len, files.values())), "frames", flush=True)
    summary = {"dropped": dict(dropped), "molecules": {k: len(v) for k, v in parts.items()}, "held out": parts["test"], "frames": {}}
    for place, frames in files.items():
        images = []
        for _, family, name, atoms, energy, forces in frames:
            atoms.info.update(REF_energy=energy, config_type=family, molecule=name)
            atoms.arrays["REF_forces"] = forces
            images.append(atoms)
        write(options.out / f"{place}.xyz", images, format="extxyz")
        summary["frames"][place] = dict(collections.Counter(f[1] for f in frames), total=len(frames), atoms=sum(map(len, images)))
    (options.out / "summary.json").write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps(summary["frames"]), dict(dropped))


if __name__ == "__main__":
    main()
