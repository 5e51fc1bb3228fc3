#!/usr/bin/env python3
"""Writes ../src/golden/golden-data.ts: what mace-torch computes in float64, stage by stage, for six tiny models.

    OMP_NUM_THREADS=1 python make_golden.py [FILE]      (versions: requirements.txt)

The models are `tinyModels` of @mace/core/generators and the structures its `tinyStructure`; both are built here a
second time, from upstream's own classes. Weights are a sine of the index of the parameter and of the element, so that
the file need not hold them. Edges come from upstream's neighbor list, stages from forward hooks on upstream's modules.
Neither continuous integration nor the tests run this script: they read what it wrote. One thread gives the same file
every time on one machine; elsewhere the last digits may differ.
"""

import importlib.metadata
import json
import math
import os
import sys
import warnings

os.environ.setdefault("OMP_NUM_THREADS", "1")
warnings.filterwarnings("ignore")

import mace  # noqa: F401  (before e3nn: sets the variable that lets torch read e3nn's constants)
import numpy as np
import torch
from ase import Atoms
from e3nn import o3
from mace import data, modules
from mace.tools import torch_geometric, utils

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.join(HERE, "..", "src", "golden", "golden-data.ts")
PACKAGES = ["mace-torch", "e3nn", "torch", "numpy", "ase", "matscipy"]

LAYOUT = {
    "tensor": "{shape, data}: row-major; numbers are the shortest decimal form of the double (at most 17 digits).",
    "units": "A, eV, eV/A, eV/A^3.",
    "structures": "edges in upstream's order: messages go from sender to receiver; vectors = x_receiver - x_sender + "
    "shifts.cell [edges 3]; species: index of the element in [1, 6, 8].",
    "stages": "for one structure: harmonics [edges (lmax+1)^2] = edge_attrs; radial [edges basis] = edge_feats, the first "
    "output of radial_embedding (times the cutoff only where apply_cutoff is true); messages[i] [atoms channels "
    "components] = first output of interactions[i], after the division by avg_num_neighbors or by the density; product[i] "
    "= output of products[i], after the linear map and the skip connection, flat mul_ir of the irreps beside it: per "
    "irrep, channel slow, component fast. None of them depends on the head.",
    "results": "readout[i] [atoms] = column of the head of readouts[i], before the scale; atomEnergy [atoms] = "
    "scale*(pair repulsion + readouts), without shift and E0; energy: total; forces [atoms 3]; virial [3 3] = "
    "-dE/dstrain; stress [3 3] = -virial/volume where all directions are periodic, else null (upstream's volume is "
    "artificial there).",
    "weights": "trainable parameters sorted by name (code points), index i; flat element k; s = sin(0.5 + 1.3 k + 2.1 i). "
    "The first rule that fits: name ends in .alpha: 20; in .beta: 0.5; in bias: 0.1 s; contains .net. and has one "
    "dimension: 1 + 0.1 s; contains .net.: 0.3 s; else sqrt(2) s.",
}

AGNOSTIC = "RealAgnosticInteractionBlock"
RESIDUAL = "RealAgnosticResidualInteractionBlock"
DENSITY = "RealAgnosticDensityInteractionBlock"
DENSITY_RESIDUAL = "RealAgnosticDensityResidualInteractionBlock"
ATTENTION = "RealAgnosticAttResidualInteractionBlock"
NON_LINEAR = "RealAgnosticResidualNonLinearInteractionBlock"

BASE = dict(
    r_max=4.0, num_bessel=6, num_polynomial_cutoff=5, max_ell=2, interaction_cls=RESIDUAL,
    interaction_cls_first=AGNOSTIC, num_interactions=2, hidden_irreps="4x0e+4x1o", MLP_irreps="5x0e",
    atomic_numbers=[1, 6, 8], correlation=3, gate="silu", avg_num_neighbors=7.3, radial_MLP=[16, 16],
    heads=["Default"], use_reduced_cg=False,
)
MODELS = {
    "A": dict(num_interactions=1, interaction_cls_first=RESIDUAL, hidden_irreps="4x0e"),
    "B": dict(),
    "C": dict(interaction_cls_first=DENSITY, interaction_cls=DENSITY_RESIDUAL, distance_transform="Agnesi",
              pair_repulsion=True, max_ell=3, correlation=2, hidden_irreps="3x0e+3x1o+3x2e"),
    "D": dict(interaction_cls_first=NON_LINEAR, interaction_cls=NON_LINEAR, heads=["pt_head", "Default"],
              apply_cutoff=False, use_agnostic_product=True, readout_cls="NonLinearBiasReadoutBlock"),
    "E": dict(use_so3=True, hidden_irreps="3x0e+3x1e"),
    "F": dict(num_interactions=3, interaction_cls_first=RESIDUAL, interaction_cls=ATTENTION, distance_transform="Soft"),
}

POSITIONS = [[0, 0, 0.1], [0.9, 0.1, -0.4], [-0.7, 0.6, -0.3], [0.2, -1.4, 0.5]]
CELL = [[3.6, 0.1, 0], [0, 3.9, 0.2], [0.3, 0, 4.2]]
STRUCTURES = {
    "molecule": Atoms("OHHC", positions=POSITIONS, pbc=False),
    "crystal": Atoms("OHHC", positions=POSITIONS, cell=CELL, pbc=True),
    "slab": Atoms("OHHC", positions=POSITIONS, cell=CELL, pbc=(True, True, False)),
}
STAGES_OF = "molecule"


def build(own):
    option = {**BASE, **own}
    two = len(option["heads"]) > 1
    args = dict(
        option,
        interaction_cls=modules.interaction_classes[option["interaction_cls"]],
        interaction_cls_first=modules.interaction_classes[option["interaction_cls_first"]],
        hidden_irreps=o3.Irreps(option["hidden_irreps"]),
        MLP_irreps=o3.Irreps(option["MLP_irreps"]),
        gate=modules.gate_dict[option["gate"]],
        num_elements=len(option["atomic_numbers"]),
        atomic_energies=np.array([[-1.0, -2.0, -3.0], [-1.5, -2.5, -3.5]] if two else [[-1.0, -2.0, -3.0]]),
        atomic_inter_scale=[1.7, 0.6] if two else [1.7],
        atomic_inter_shift=[0.3, -0.2] if two else [0.3],
    )
    if "readout_cls" in option:
        args["readout_cls"] = modules.readout_classes[option["readout_cls"]]
    model = modules.ScaleShiftMACE(**args)
    trainable = sorted((name, p) for name, p in model.named_parameters() if p.requires_grad)
    for i, (name, parameter) in enumerate(trainable):
        values = [weight(name, parameter.dim(), math.sin(0.5 + 1.3 * k + 2.1 * i)) for k in range(parameter.numel())]
        parameter.data = torch.tensor(values).reshape(parameter.shape)
        parameter.requires_grad = False
    return model, option


def weight(name, dimensions, s):
    if name.endswith(".alpha"):
        return 20.0
    if name.endswith(".beta"):
        return 0.5
    if name.endswith("bias"):
        return 0.1 * s
    if ".net." in name:
        return 1 + 0.1 * s if dimensions == 1 else 0.3 * s
    return math.sqrt(2) * s


def make_batch(atoms, head, option):
    """Upstream's data pipeline: neighbor list, one-hot elements, head."""
    config = data.config_from_atoms(atoms, head_name=head)
    table = utils.AtomicNumberTable(option["atomic_numbers"])
    one = data.AtomicData.from_config(config, z_table=table, cutoff=option["r_max"], heads=option["heads"])
    return next(iter(torch_geometric.dataloader.DataLoader(dataset=[one], batch_size=1, shuffle=False)))


def run(model, batch):
    """The outputs of the model, and those of its modules by name."""
    found = {}
    watched = {"spherical_harmonics": model.spherical_harmonics, "radial_embedding": model.radial_embedding}
    for kind in ("interactions", "products", "readouts"):
        watched.update((f"{kind}.{i}", module) for i, module in enumerate(getattr(model, kind)))
    hooks = [module.register_forward_hook(lambda _, __, out, name=name: found.__setitem__(name, out))
             for name, module in watched.items()]
    hooks.append(model.scale_shift.register_forward_pre_hook(lambda _, given: found.__setitem__("sum", given[0])))
    out = model(batch.to_dict(), compute_virials=True, compute_stress=True)
    for hook in hooks:
        hook.remove()
    return out, found


def tensor(x):
    return {"shape": list(x.shape), "data": x.detach().flatten().tolist()}


def stages(model, found):
    return {
        "structure": STAGES_OF,
        "harmonics": tensor(found["spherical_harmonics"]),
        "radial": tensor(found["radial_embedding"][0]),
        "messages": [tensor(found[f"interactions.{i}"][0]) for i in range(len(model.interactions))],
        "product": [{"irreps": str(product.linear.irreps_out), **tensor(found[f"products.{i}"])}
                    for i, product in enumerate(model.products)],
    }


def result(model, option, name, atoms, head, batch, out, found):
    index = option["heads"].index(head)
    assert int(batch["head"][0]) == index
    columns = [found[f"readouts.{i}"][:, index] for i in range(len(model.readouts))]
    return {
        "structure": name, "head": head, "headIndex": index, "energy": out["energy"].item(),
        "atomEnergy": (model.scale_shift.scale[index] * found["sum"]).tolist(),
        "readout": [column.flatten().tolist() for column in columns],
        "forces": tensor(out["forces"]), "virial": tensor(out["virials"][0]),
        "stress": tensor(out["stress"][0]) if atoms.pbc.all() else None,
    }


def edges_of(atoms, batch):
    vectors = batch["positions"][batch["edge_index"][1]] - batch["positions"][batch["edge_index"][0]] + batch["shifts"]
    return {
        "numbers": atoms.numbers.tolist(), "positions": tensor(batch["positions"]),
        "cell": tensor(torch.tensor(atoms.cell.array)) if atoms.pbc.any() else None, "pbc": atoms.pbc.tolist(),
        "species": batch["node_attrs"].argmax(1).tolist(),
        "sender": batch["edge_index"][0].tolist(), "receiver": batch["edge_index"][1].tolist(),
        "shifts": tensor(batch["unit_shifts"].long()), "vectors": tensor(vectors),
    }


def golden():
    structures, models = {}, {}
    for label, own in MODELS.items():
        model, option = build(own)
        record = models[label] = {"heads": option["heads"], "stages": None, "results": []}
        for name, atoms in STRUCTURES.items():
            for head in option["heads"]:
                batch = make_batch(atoms, head, option)
                edges = edges_of(atoms, batch)
                # Elements and cutoff are the same in all models, so the file has the edges of a structure only once.
                assert structures.setdefault(name, edges) == edges
                out, found = run(model, batch)
                if name == STAGES_OF:
                    same = stages(model, found)
                    assert record["stages"] in (None, same)
                    record["stages"] = same
                record["results"].append(result(model, option, name, atoms, head, batch, out, found))
    return structures, models


def lines(value, depth=0):
    """JSON with a line for each tensor and each list of numbers."""
    leaf = not isinstance(value, (dict, list)) or not value
    leaf = leaf or isinstance(value, dict) and "shape" in value
    leaf = leaf or isinstance(value, list) and not isinstance(value[0], (dict, list))
    if leaf:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    inner = " " * (depth + 1)
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(key)}: {lines(x, depth + 1)}" for key, x in value.items()]
        return "{\n" + ",\n".join(parts) + "\n" + " " * depth + "}"
    return "[\n" + ",\n".join(inner + lines(x, depth + 1) for x in value) + "\n" + " " * depth + "]"


HEADER = """/* eslint max-lines: off -- made by oracle/make_golden.py, not by hand */
/** What mace-torch computes for six tiny models, as JSON: a module, because not every runtime imports JSON. */
"""


if __name__ == "__main__":
    target = sys.argv[1] if len(sys.argv) > 1 else TARGET
    structures, models = golden()
    provenance = {
        "script": "packages/conformance/oracle/make_golden.py",
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES},
        "precision": "float64",
        "threads": 1,
    }
    text = lines({"provenance": provenance, "layout": LAYOUT, "structures": structures, "models": models})
    assert "`" not in text and "$" not in text and "\\" not in text
    with open(target, "w") as file:
        file.write(f"{HEADER}export const goldenText = `{text}`;\n")
    print(f"{os.path.getsize(target)} bytes")
