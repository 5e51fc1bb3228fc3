"""Calls of Debian's xtb (6.5.1, GFN2-xTB, one thread) shared by make_data.py and make_structures.py.

Every call runs in a scratch folder of its own. Energies come back in eV, forces in eV/A, positions in A.
"""
import os
import re
import subprocess
import tempfile

import numpy as np
from ase import Atoms
from ase.io import read
from rdkit import Chem, RDLogger
from rdkit.Chem import AllChem

RDLogger.DisableLog("rdApp.*")
HARTREE = 27.211386245988  # eV
BOHR = 0.529177210903  # A
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_STACKSIZE": "200M"}


def run_xtb(atoms, arguments, more_files=(), wanted=()):
    """Run xtb on a neutral structure; give its printed output and the texts of the wanted files (None if absent)."""
    # GFN2-xTB has no spin polarisation: a free atom has the same energy in every spin state but for 0.05 eV of electronic
    # entropy, so the lowest spin is right for all.
    unpaired = int(atoms.numbers.sum()) % 2
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        lines = [f"{s} {x:.10f} {y:.10f} {z:.10f}" for s, (x, y, z) in zip(atoms.symbols, atoms.positions)]
        with open(f"{folder}/in.xyz", "w") as file:
            file.write(f"{len(atoms)}\n\n" + "\n".join(lines) + "\n")
        for name, text in more_files:
            with open(f"{folder}/{name}", "w") as file:
                file.write(text)
        command = ["xtb", "in.xyz", "--uhf", str(unpaired), *arguments]
        done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True)
        texts = []
        for name in wanted:
            path = f"{folder}/{name}"
            texts.append(open(path).read() if os.path.exists(path) else None)
    return done.stdout, texts


def label(atoms):
    """GFN2-xTB energy and forces, or None where the self-consistent charges do not converge."""
    output, (gradient,) = run_xtb(atoms, ["--gfn", "2", "--grad", "--acc", "0.2"], wanted=["in.engrad"])
    if gradient is None or "convergence criteria satisfied" not in output:
        return None
    values = [float(t) for t in re.sub(r"#.*", "", gradient).split()]
    count = len(atoms)
    energy = values[1] * HARTREE
    if energy > 0 and count == 1:  # xtb 6.5.1 adds 1 Hartree where one spin fills every orbital: the H atom
        energy -= HARTREE
    forces = -np.array(values[2 : 2 + 3 * count]).reshape(count, 3) * HARTREE / BOHR
    return energy, forces


def optimise(atoms, method=("--gfn", "2"), level="normal"):
    """The relaxed structure, or None."""
    _, (text,) = run_xtb(atoms, [*method, "--opt", level], wanted=["xtbopt.xyz"])
    if text is None:
        return None
    coordinates = [line.split()[1:4] for line in text.splitlines()[2:]]
    return Atoms(atoms.numbers, np.array(coordinates, float))


def dynamics(atoms, random, method, start_kelvin, bath_kelvin, picoseconds, snapshots, step=0.5):
    """Snapshots of xtb's molecular dynamics without constraints, started from velocities of our own (so: repeatable)."""
    mass = atoms.get_masses()[:, None]
    velocity = random.normal(size=(len(atoms), 3)) * np.sqrt(3.1668115634556e-6 * start_kelvin / (mass * 1822.888486))
    velocity -= (mass * velocity).sum(0) / mass.sum()
    rows = np.hstack([atoms.positions / BOHR, velocity])
    number = lambda value: f"{value:22.14E}"
    restart = "  -1.0\n" + "".join("".join(map(number, row)) + "\n" for row in rows)
    dump = picoseconds * 1000 / snapshots
    settings = (
        f"$md\n temp={bath_kelvin}\n time={picoseconds}\n dump={dump}\n step={step}\n hmass=1\n shake=0\n"
        " sccacc=2.0\n nvt=true\n restart=true\n$end\n"
    )
    files = [("md.inp", settings), ("mdrestart", restart)]
    _, (text,) = run_xtb(atoms, [*method, "--md", "--input", "md.inp"], files, ["xtb.trj"])
    if text is None:
        return []
    frames, lines, size = [], text.splitlines(), len(atoms) + 2
    for start in range(0, len(lines) - size + 1, size):
        coordinates = [line.split()[1:4] for line in lines[start + 2 : start + size]]
        try:
            positions = np.array(coordinates, float)
        except ValueError:
            break
        if np.isfinite(positions).all():
            frames.append(Atoms(atoms.numbers, positions))
    return frames[1:]  # the first is the start


def from_smiles(smiles, seed, count=1):
    """Up to `count` conformers: RDKit's ETKDG and MMFF94, not relaxed with xtb yet."""
    molecule = Chem.AddHs(Chem.MolFromSmiles(smiles))
    numbers = [a.GetAtomicNum() for a in molecule.GetAtoms()]
    bonds = [(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in molecule.GetBonds()]
    if len(numbers) <= 2:  # RDKit's embedding is not for these
        return [Atoms(numbers, [[0, 0, 0], [0, 0, 0.75 if smiles == "[H][H]" else 1.15]])], bonds
    AllChem.EmbedMultipleConfs(molecule, count, randomSeed=seed)
    if AllChem.MMFFHasAllMoleculeParams(molecule):
        AllChem.MMFFOptimizeMoleculeConfs(molecule)
    return [Atoms(numbers, c.GetPositions()) for c in molecule.GetConformers()], bonds
