"""The bundled model as a model of mace-torch, built by upstream's own class out of the configuration and the weights of the file.

For make_relaxations.py and make_trajectories.py; mace-torch 0.3.16. Import it before ASE's calculators and e3nn. One thread.
"""

import json
import os
import struct

import mace  # noqa: F401  (before e3nn: sets the variable that lets torch read e3nn's constants)
import numpy as np
import torch
from e3nn import o3
from mace import modules

torch.set_num_threads(1)
BUNDLED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "models", "bundled")


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
