#!/usr/bin/env python3
"""Writes trajectories.json: where ASE, driving mace-torch in float64, takes the bundled model.

    OMP_NUM_THREADS=1 python make_trajectories.py      (versions: in the file that it writes)

Velocity Verlet for 400 steps of a molecule and of a crystal, and IsotropicMTKNPT for 100 steps of the crystal. The model of mace-torch is
built by upstream's own class out of the configuration and the weights of the bundled file. Momenta of the beginning are a sine of their
index. Tests read what it wrote.
"""

import importlib.metadata
import json
import os
import struct
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")

import mace  # noqa: F401  (before e3nn: sets the variable that lets torch read e3nn's constants)
import ase.io
import numpy as np
import torch
from ase import units
from ase.md.nose_hoover_chain import IsotropicMTKNPT
from ase.md.verlet import VelocityVerlet
from e3nn import o3
from mace import modules
from mace.calculators import MACECalculator

torch.set_num_threads(1)
HERE = os.path.dirname(os.path.abspath(__file__))
BUNDLED = os.path.join(HERE, "..", "..", "models", "bundled")
PACKAGES = ["mace-torch", "ase", "e3nn", "torch", "numpy"]


def bundled_model():
    """Made in float32, as the file that was trained, and then converted: its constants are those of that file."""
    torch.set_default_dtype(torch.float32)
    with open(os.path.join(BUNDLED, "hcno-xtb.safetensors"), "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    config = json.loads(header.pop("__metadata__")["config"])
    weights = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        values = np.frombuffer(data[start:end], {"F32": "<f4", "F64": "<f8"}[entry["dtype"]])
        weights[name] = torch.tensor(values.astype(np.float64).reshape(entry["shape"]))
    hidden = o3.Irreps(config["hiddenIrreps"])
    model = modules.ScaleShiftMACE(
        r_max=config["cutoff"],
        num_bessel=config["radialBasisSize"],
        num_polynomial_cutoff=config["cutoffPower"],
        max_ell=config["maxEll"],
        interaction_cls=modules.interaction_classes[config["interaction"]],
        interaction_cls_first=modules.interaction_classes[config["interactionFirst"]],
        num_interactions=config["numInteractions"],
        num_elements=len(config["atomicNumbers"]),
        hidden_irreps=hidden,
        MLP_irreps=o3.Irreps(config["mlpIrreps"]),
        gate=torch.nn.functional.silu,
        atomic_energies=weights["atomic_energies_fn.atomic_energies"].numpy(),
        avg_num_neighbors=config["avgNumNeighbors"][0],
        atomic_numbers=config["atomicNumbers"],
        correlation=config["correlation"],
        radial_type=config["radialBasis"],
        radial_MLP=config["radialMlp"],
        pair_repulsion=config["pairRepulsion"],
        distance_transform=config["distanceTransform"],
        atomic_inter_scale=float(weights["scale_shift.scale"]),
        atomic_inter_shift=float(weights["scale_shift.shift"]),
    )
    own = model.state_dict()
    known = {name: value.reshape(own[name].shape).to(own[name].dtype) for name, value in weights.items() if name in own}
    found = model.load_state_dict(known, strict=False)
    learned = {name for name, _ in model.named_parameters() if name in found.missing_keys and own[name].numel() > 0}
    unused = set(weights) - set(own)
    if learned or unused:
        raise SystemExit(f"The bundled file and mace-torch do not agree: not in the file {learned}, not in mace-torch {unused}.")
    torch.set_default_dtype(torch.float64)
    return model.double()


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
