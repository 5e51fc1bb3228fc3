#!/usr/bin/env python3
"""Makes files that stand in for published models: the same class, elements, heads and cut-off, with random weights.

    OMP_NUM_THREADS=1 python make_standins.py                            small widths, beside this script (committed)
    OMP_NUM_THREADS=1 python make_standins.py --real-sizes FOLDER [NAME ...]   the widths of the published ones

Needs what packages/io/test/oracle/requirements.txt names, and a built checkout (`npm run setup`). For every entry of
STANDINS it writes NAME.model(.gz) and figures.json: energies, forces and stress that mace-torch computes in float64 for the
structures of `mace models verify`. Architectures are those of the training scripts in github.com/ACEsuit/mace-foundations
and mace-off; weights are random, so the numbers mean nothing but that two programs agree.
"""

import argparse
import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "../../../io/test/oracle"))
os.environ.setdefault("OMP_NUM_THREADS", "1")

import make_random_models as oracle  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from ase import Atoms  # noqa: E402
from cases import DR, NL, R  # noqa: E402

MATERIALS = [*range(1, 84), *range(89, 95)]
ORGANIC = [1, 6, 7, 8, 9, 15, 16, 17, 35, 53]
MH = ["rgd1_b3lyp", "matpes_r2scan", "mp_pbe_refit_add", "omol", "spice_wB97M", "oc20_usemppbe", "omat_pbe"]


def mp(width, irreps, **more):
    """MACE-MP-0 (mace_mp_0a/*.sh): first and second layer residual, 10 Bessel functions."""
    return dict(atomic_numbers=MATERIALS, r_max=6.0, num_bessel=10, max_ell=3, interaction_cls=R, interaction_cls_first=R,
                hidden_irreps=irreps.replace("C", str(width)), MLP_irreps="16x0e", radial_MLP=[64, 64, 64], heads=["default"], **more)


def density(width, irreps, **more):
    """MACE-MP-0b2 and later (mace_mp_0b2/*.sh, mace_omat/*.sh): density blocks, Agnesi transform, pair repulsion."""
    return {**mp(width, irreps), "interaction_cls": DR, "interaction_cls_first": DR.replace("Residual", ""),
            "distance_transform": "Agnesi", "pair_repulsion": True, "num_bessel": 8, **more}


# name -> small width, real width, case
STANDINS = {
    "small": (2, 128, lambda c: mp(c, "Cx0e")),
    "medium": (2, 128, lambda c: mp(c, "Cx0e+Cx1o")),
    "medium-0b3": (2, 128, lambda c: density(c, "Cx0e+Cx1o")),
    "off-medium": (4, 128, lambda c: {**mp(c, "Cx0e+Cx1o"), "atomic_numbers": ORGANIC, "r_max": 5.0, "num_bessel": 8}),
    "mh-0": (4, 512, lambda c: {
        **mp(c, "Cx0e+Cx1o"), "interaction_cls": NL, "interaction_cls_first": NL, "heads": MH, "apply_cutoff": False,
        "edge_irreps": f"{max(2, c // 4)}x0e+{max(2, c // 4)}x1o", "use_edge_irreps_first": True,
        "use_agnostic_product": True, "distance_transform": "Agnesi", "pair_repulsion": True}),
}
COMMITTED = ["medium", "off-medium"]


def structures():
    root = HERE.parents[3]
    run = dict(cwd=root, capture_output=True, check=True, text=True)
    source = "packages/models/src/upstream-figures.ts"
    module = subprocess.run(["npx", "--no-install", "esbuild", source, "--format=esm"], **run).stdout
    script = module + "console.log(JSON.stringify(figureStructures));"
    out = subprocess.run(["node", "--input-type=module"], input=script, **run)
    return {name: Atoms(s["symbols"], np.reshape(s["positions"], (-1, 3)),
                        cell=np.reshape(s["cell"], (3, 3)) if "cell" in s else None, pbc=s.get("pbc", False))
            for name, s in json.loads(out.stdout).items()}


def figures_of(model, option, atoms_of):
    figures = []
    for name, atoms in atoms_of.items():
        if any(z not in option["atomic_numbers"] for z in atoms.numbers):
            continue
        batch = oracle.make_batch(atoms, option["heads"][0], option)
        out = model(batch.to_dict(), compute_stress=bool(atoms.pbc.all()))
        figure = dict(structure=name, energy=out["energy"].item(), forces=out["forces"].double().flatten().tolist())
        if atoms.pbc.all():
            figure["stress"] = out["stress"].double().flatten().tolist()
        figures.append(figure)
    return figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", default=None)
    parser.add_argument("--real-sizes", metavar="FOLDER")
    arguments = parser.parse_args()
    folder = Path(arguments.real_sizes or HERE)
    folder.mkdir(parents=True, exist_ok=True)
    if not arguments.real_sizes:
        oracle.leave_out_line_tables()
    atoms_of = structures()
    path = folder / "figures.json"
    all_figures = json.loads(path.read_text()) if path.exists() else {}
    for name in arguments.names or (list(STANDINS) if arguments.real_sizes else COMMITTED):
        small, real, case_of = STANDINS[name]
        case = case_of(real if arguments.real_sizes else small)
        if not arguments.real_sizes:
            case["radial_MLP"] = [4, 4]
            case["MLP_irreps"] = "2x0e"
        model, option = oracle.build(name, {**case, "dtype": "float32"})
        model = model.double()
        torch.set_default_dtype(torch.float64)
        molecule = {k: a for k, a in atoms_of.items() if len(a) > 3}
        oracle.calibrate(model, [oracle.make_batch(a, option["heads"][0], option) for a in molecule.values()])
        torch.set_default_dtype(torch.float32)
        model = model.float()
        buffer = io.BytesIO()
        torch.save(model, buffer)
        target = folder / f"{name}.model"
        if arguments.real_sizes:
            target.write_bytes(buffer.getvalue())
        else:
            with open(f"{target}.gz", "wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as out:
                out.write(buffer.getvalue())
        torch.set_default_dtype(torch.float64)
        head = option["heads"][0]
        figures = figures_of(model.double(), option, atoms_of)
        all_figures[name] = dict(**(dict(head=head) if len(option["heads"]) > 1 else {}), figures=figures)
        path.write_text(json.dumps(all_figures, indent=1, sort_keys=True) + "\n")
        print(name, len(buffer.getvalue()), "bytes,", sum(p.numel() for p in model.parameters()), "parameters")


if __name__ == "__main__":
    main()
