#!/usr/bin/env python3
"""Makes files around one small MACE each, and what mace-torch 0.3.16 computes with the model inside, in float64.

    OMP_NUM_THREADS=1 python make_variants.py [--old FOLDER]

lammps-*, mliap-*   wrappers of mace_create_lammps_model, scripted and pickled; the head is in the name
openmm, summed      a wrapper as OpenMM-ML scripts it; one that holds more than the model (refused)
lora-*              adapters that were not merged, as .model and as checkpoint (.pt); rank 3, alpha 7
cueq-*              cuequivariance's layout (needs cuequivariance on PYTHONPATH, all others must be made without)
one-layer-old       one layer with all its hidden irreps, as mace-torch before 0.3.15 built it (--old: its source folder; first)

Writes NAME.gz and expected.json: energies in eV and forces in eV/A, by the name of the file. TorchScript's source line tables
are left out. Expected numbers of LoRA models are those of the model with its adapters, unmerged.
"""
import argparse
import copy
import gzip
import io
import json
import os
import sys
import warnings
import zipfile

os.environ.setdefault("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
OPTIONS = argparse.ArgumentParser()
OPTIONS.add_argument("--old")
OPTIONS = OPTIONS.parse_args()
if OPTIONS.old:
    sys.path.insert(0, OPTIONS.old)
sys.path.insert(1, os.path.join(HERE, "..", "oracle"))

import numpy as np
import torch
from ase import Atoms
from e3nn import o3
from e3nn.util import jit
from mace import data, modules
from mace.tools import torch_geometric, utils

torch.set_num_threads(1)
R, A, D, DR = (f"RealAgnostic{kind}InteractionBlock" for kind in ("Residual", "", "Density", "DensityResidual"))
NL = "RealAgnosticResidualNonLinearInteractionBlock"
DEFAULTS = dict(r_max=3.5, num_bessel=4, num_polynomial_cutoff=5, max_ell=2, interaction_cls=R, interaction_cls_first=R,
                num_interactions=2, hidden_irreps="2x0e+2x1o", MLP_irreps="3x0e", atomic_numbers=[1, 6, 8], correlation=2,
                gate="silu", avg_num_neighbors=5.1, radial_MLP=[6, 5], heads=["Default"])
NEW = {} if OPTIONS.old else dict(use_reduced_cg=False)


def build(**case):
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    args = {**DEFAULTS, **NEW, **case}
    for key in ("interaction_cls", "interaction_cls_first"):
        args[key] = modules.interaction_classes[args[key]]
    for key in ("hidden_irreps", "MLP_irreps", "edge_irreps"):
        if key in args:
            args[key] = o3.Irreps(args[key])
    if "readout_cls" in args:
        args["readout_cls"] = modules.readout_classes[args["readout_cls"]]
    args["gate"] = modules.gate_dict[args["gate"]]
    heads = len(args["heads"])
    model = modules.ScaleShiftMACE(**args, num_elements=3, atomic_energies=rng.normal(-3, 2, (heads, 3)),
                                   atomic_inter_scale=rng.uniform(0.7, 1.3, heads),
                                   atomic_inter_shift=rng.uniform(-0.3, 0.3, heads))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith(".bias") and parameter.numel():
                parameter.normal_(0, 0.3)
    return model


def structures():
    corners = [[0, 0, 0], [1.1, 0, 0], [0, 1.2, 0], [0, 0, 1.3], [1.2, 1.3, 0.2], [1.1, 0.2, 1.4]]
    yield Atoms([1, 6, 8, 1, 6, 8], np.array(corners) + np.random.default_rng(5).uniform(0, 0.5, (6, 3)))
    yield Atoms([1, 8], [[0, 0, 0], [1.4, 1.2, 1.1]], cell=[[2.9, 0, 0], [0.3, 3.1, 0], [0.1, -0.2, 3.0]], pbc=True)


def expected(model, head="Default"):
    heads = getattr(model, "heads", ["Default"])
    for atoms in structures():
        config = data.config_from_atoms(atoms, head_name=head)
        one = data.AtomicData.from_config(config, z_table=utils.AtomicNumberTable([1, 6, 8]), cutoff=3.5, heads=heads)
        out = model(next(iter(torch_geometric.dataloader.DataLoader([one], batch_size=1))).to_dict())
        yield dict(numbers=atoms.numbers.tolist(), positions=atoms.positions.tolist(), cell=atoms.cell.array.tolist(),
                   pbc=atoms.pbc.tolist(), energy=out["energy"].item(), forces=out["forces"].detach().tolist())


def small(blob):
    """A TorchScript archive without its source line tables."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(blob)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
        for entry in source.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                target.writestr(zipfile.ZipInfo(entry.filename), source.read(entry))
    return out.getvalue()


def leave_out_line_tables():
    from e3nn.util.codegen import CodeGenMixin
    original = CodeGenMixin.__getstate__

    def getstate(self):
        state = original(self)
        if "__codegen__" in state:
            state["__codegen__"] = {k: small(v) if isinstance(v, bytes) else v for k, v in state["__codegen__"].items()}
        return state

    CodeGenMixin.__getstate__ = getstate


def save(name, content, numbers=None):
    buffer = io.BytesIO()
    if isinstance(content, torch.jit.ScriptModule):
        torch.jit.save(content, buffer)
        buffer = io.BytesIO(small(buffer.getvalue()))
    else:
        torch.save(content, buffer)
    with open(os.path.join(HERE, f"{name}.gz"), "wb") as out:
        out.write(gzip.compress(buffer.getvalue(), 9, mtime=0))
    if numbers is not None:
        EXPECTED[name] = list(numbers)


class MACEForce(torch.nn.Module):
    """The part of OpenMM-ML's module that is saved: a model, inputs that do not change, a unit."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        self.register_buffer("nodeAttrs", torch.eye(3))
        self.energyScale = 96.48533

    def forward(self, inputs: dict[str, torch.Tensor]):
        energy = self.model(inputs, compute_force=False)["energy"]
        return self.energyScale * energy if energy is not None else self.nodeAttrs


class Summed(MACEForce):
    def __init__(self, model):
        super().__init__(model)
        self.dispersion = torch.nn.Linear(2, 2)


def old():
    torch.set_default_dtype(torch.float64)
    with gzip.open(os.path.join(HERE, "one-layer-old.model.gz")) as file:
        EXPECTED["one-layer-old.model"] = list(expected(torch.load(io.BytesIO(file.read()), weights_only=False)))


def wrappers():
    from mace.calculators import LAMMPS_MACE
    from mace.calculators.lammps_mliap_mace import LAMMPS_MLIAP_MACE
    model = build(heads=["a", "Default"])
    save("lammps-a.pt", jit.compile(LAMMPS_MACE(copy.deepcopy(model), head="a")), expected(model, "a"))
    save("lammps-pickled-Default.pt", LAMMPS_MACE(copy.deepcopy(model), head="Default"), expected(model))
    ml = copy.deepcopy(model)
    ml.lammps_mliap = True
    save("mliap-a.pt", LAMMPS_MLIAP_MACE(ml, head="a"), expected(model, "a"))
    single = build()
    numbers = list(expected(single))
    save("openmm.pt", torch.jit.script(MACEForce(jit.compile(build()))), numbers)
    save("summed.pt", torch.jit.script(Summed(jit.compile(build()))))
    del single.heads
    save("lammps-headless.pt", jit.compile(LAMMPS_MACE(single)), numbers)


def adapters():
    from mace.modules.lora import inject_LoRAs
    cases = dict(residual={}, agnostic=dict(interaction_cls_first=A, interaction_cls=A),
                 density=dict(interaction_cls_first=D, interaction_cls=DR),
                 nonlinear=dict(interaction_cls_first=NL, interaction_cls=NL, readout_cls="NonLinearBiasReadoutBlock"),
                 odd=dict(hidden_irreps="2x0e+2x0o+2x1o+2x1e"), layers=dict(num_interactions=3, edge_irreps="1x0e+1x1o"))
    for name, case in cases.items():
        model = build(**case)
        torch.manual_seed(2)
        inject_LoRAs(model, rank=3, alpha=7)
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if "lora" in key:
                    parameter.normal_(0, 0.3)
        numbers = list(expected(model))
        if name in ("residual", "nonlinear", "odd"):
            save(f"lora-{name}.model", model, numbers)
        save(f"lora-{name}.pt", {"model": model.state_dict(), "optimizer": {}}, numbers)


def cueq():
    from mace.calculators.lammps_mliap_mace import LAMMPS_MLIAP_MACE
    from mace.cli.convert_e3nn_cueq import run
    cases = dict(correlation=dict(correlation=3, max_ell=1), l2=dict(hidden_irreps="2x0e+2x1o+2x2e"),
                 heads=dict(heads=["p", "Default"], interaction_cls_first=D, interaction_cls=DR),
                 reduced=dict(use_reduced_cg=True))
    for name, case in cases.items():
        model = build(**case)
        converted = run(copy.deepcopy(model))
        if name == "reduced":
            save("cueq-reduced.model", converted)
            continue
        numbers = list(expected(model, model.heads[0]))
        if name == "heads":
            converted.lammps_mliap = True
            converted = LAMMPS_MLIAP_MACE(converted, head="p")
        save(f"cueq-{name}.model", converted, numbers)


PATH = os.path.join(HERE, "expected.json")
EXPECTED = json.load(open(PATH)) if os.path.exists(PATH) else {}
leave_out_line_tables()
if OPTIONS.old:
    save("one-layer-old.model", build(num_interactions=1, hidden_irreps="2x0e+2x1o+2x2e"))
elif modules.wrapper_ops.CUET_AVAILABLE:
    cueq()
else:
    old()
    wrappers()
    adapters()
json.dump(dict(sorted(EXPECTED.items())), open(PATH, "w"), indent=0)
