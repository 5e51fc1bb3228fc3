"""Measures the bundled model on the held-out test set and draws its dimer curves.

    python evaluate.py --model FILE --data DIR --out DIR2

Writes DIR2/errors.json (RMSE and MAE by family) and DIR2/dimer-curves.svg, and prints the table as Markdown. Fails (exit
code 1) if a curve of two atoms has a hole: energy that does not rise all the way from SAFE_DISTANCE to 0.1 A.
"""
import argparse
import collections
import json
import pathlib
import sys

import mace  # noqa: F401  (before e3nn)
import matplotlib
import numpy as np
import torch
from ase import Atoms
from ase.io import read
from mace import data, tools
from mace.data import KeySpecification
from mace.tools import torch_geometric

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "hcno-xtb"
import matplotlib.pyplot as plot  # noqa: E402

SAFE_DISTANCE = {"HH": 0.5, "HC": 0.8, "HN": 0.8, "HO": 0.8}  # shorter than the bond, A; 0.9 for the other pairs
KEYS = KeySpecification(info_keys={"energy": "REF_energy"}, arrays_keys={"forces": "REF_forces"})


def predict(model, frames, batch_size=32):
    """Energies and forces of many structures, in their order."""
    table = tools.AtomicNumberTable([int(z) for z in model.atomic_numbers])
    cutoff = float(model.r_max)
    graphs = [data.AtomicData.from_config(data.config_from_atoms(a, key_specification=KEYS), z_table=table, cutoff=cutoff) for a in frames]
    energies, forces = [], []
    for batch in torch_geometric.dataloader.DataLoader(graphs, batch_size=batch_size, shuffle=False):
        output = model(batch.to_dict(), compute_force=True)
        energies += output["energy"].tolist()
        bounds = batch.ptr.tolist()
        forces += [output["forces"][a:b].detach().numpy() for a, b in zip(bounds, bounds[1:])]
    return np.array(energies), forces


def families(atoms):
    """The rows of the table in which a structure counts."""
    family = atoms.info["config_type"]
    names = [family]
    if family == "cluster":
        names.append("cluster of known molecules" if "held" not in atoms.info else "cluster with a held-out molecule")
    if family not in ("diatomic", "diatomic_short"):
        names.append("all held-out molecules and clusters")
        if family not in ("close_contact", "bond_scan"):
            names.append("the same without close_contact and bond_scan")
    return names


def error_table(frames, energies, forces, held_out):
    rows = collections.defaultdict(lambda: ([], [], []))
    for atoms, energy, force in zip(frames, energies, forces):
        if atoms.info["config_type"] == "cluster" and any(part.split("*")[0] in held_out for part in atoms.info["molecule"].split()):
            atoms.info["held"] = True
        for name in families(atoms):
            rows[name][0].append((energy - atoms.info["REF_energy"]) / len(atoms))
            rows[name][1].append((force - atoms.arrays["REF_forces"]).ravel())
            rows[name][2].append(atoms.arrays["REF_forces"].ravel())
    rms = lambda values: float(np.sqrt(np.mean(np.square(values))))
    result = {}
    for name, (energy, force, reference) in rows.items():
        force, reference = np.concatenate(force), np.concatenate(reference)
        result[name] = {
            "frames": len(energy),
            "atoms": len(force) // 3,
            "energy RMSE (meV/atom)": round(1000 * rms(energy), 2),
            "energy MAE (meV/atom)": round(1000 * float(np.abs(energy).mean()), 2),
            "forces RMSE (meV/A)": round(1000 * rms(force), 1),
            "forces MAE (meV/A)": round(1000 * float(np.abs(force).mean()), 1),
            "forces RMS of the labels (meV/A)": round(1000 * rms(reference), 0),
        }
    return dict(sorted(result.items()))


def draw_curves(model, labelled, path):
    """The ten curves of two atoms with xTB's points; gives the pairs with a hole."""
    radii = np.concatenate([np.arange(0.1, 1.2, 0.01), np.arange(1.2, 6.0, 0.03)])
    figure, axes = plot.subplots(3, 4, figsize=(12, 8))
    pairs = [a + b for i, a in enumerate("HCNO") for b in "HCNO"[i:]]
    free = {a.symbols[0]: a.info["REF_energy"] for a in labelled if a.info["config_type"] == "IsolatedAtom"}
    holes = []
    for axis, pair in zip(axes.flat, pairs):
        offset = sum(free[s] for s in pair)
        energies, _ = predict(model, [Atoms(list(pair), [[0, 0, 0], [0, 0, r]]) for r in radii])
        energies -= offset
        inside = radii <= SAFE_DISTANCE.get(pair, 0.9)
        if (np.diff(energies[inside]) >= 0).any():
            holes.append(pair)
        points = [(a.get_distance(0, 1), a.info["REF_energy"] - offset) for a in labelled if a.info["molecule"] == pair and len(a) == 2]
        axis.plot(*np.array(points).T, "o", ms=2.5, color="#c33", label="GFN2-xTB")
        axis.plot(radii, energies, "-", lw=1, color="#236", label="model")
        axis.set_yscale("symlog", linthresh=10)
        axis.set(title=f"{pair[0]}\u2013{pair[1]}", ylim=(-20, 3000), xlim=(0, 5.5))
        axis.axhline(0, lw=0.4, color="gray")
    waters = [a for a in labelled if a.info["molecule"] == "O+O" and a.info["config_type"] == "dimer"]
    if waters:
        energies, _ = predict(model, waters)
        distance = [np.linalg.norm(a.positions[:3].mean(0) - a.positions[3:].mean(0)) for a in waters]
        axes.flat[10].plot(distance, [a.info["REF_energy"] for a in waters] - energies.max(), "o", ms=3, color="#c33")
        axes.flat[10].plot(distance, energies - energies.max(), "x", ms=3, color="#236")
        axes.flat[10].set(title="two waters (training points)")
    axes.flat[11].axis("off")
    axes.flat[0].legend(fontsize=7)
    figure.supxlabel("distance / \u00c5")
    figure.supylabel("energy above the free atoms / eV (linear to 10, then logarithmic)")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    return holes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "data", "out"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    model = torch.load(options.model, map_location="cpu", weights_only=False)
    torch.set_default_dtype(next(model.parameters()).dtype)
    model.requires_grad_(False)
    held_out = set(json.loads((options.data / "summary.json").read_text())["held out"])
    test = read(options.data / "test.xyz", ":")
    result = error_table(test, *predict(model, test), held_out)
    print("| family | frames | energy RMSE / MAE (meV/atom) | forces RMSE / MAE (meV/\u00c5) | RMS force (meV/\u00c5) |\n|---|---|---|---|---|")
    for name, row in result.items():
        values = list(row.values())
        print(f"| {name} | {values[0]} | {values[2]} / {values[3]} | {values[4]} / {values[5]} | {values[6]:.0f} |")
    holes = draw_curves(model, read(options.data / "train.xyz", ":") + test, options.out / "dimer-curves.svg")
    (options.out / "errors.json").write_text(json.dumps({"test set": result, "pairs with a hole at short distance": holes}, indent=1) + "\n")
    print("holes:", holes or "none")
    sys.exit(bool(holes))


if __name__ == "__main__":
    main()
