"""Times energy + forces of mace-torch: one JSON request on standard input, one JSON answer on standard output.

Written for mace-torch 0.3.16 (e3nn 0.4.4). The model has random weights and the shapes of `benchmarkModel` in
benchmarks/lib/prepared.mjs; the neighbor list and the batch are made before the clock starts.
"""
import json
import sys
import time
import warnings

warnings.filterwarnings("ignore")
import mace  # noqa: F401  (before e3nn: it sets what e3nn's constants file needs)
import numpy as np
import torch
from ase import Atoms
from e3nn import o3
from mace import data, modules, tools
from mace.tools import torch_geometric

request = json.load(sys.stdin)
torch.set_num_threads(request["threads"])
torch.set_default_dtype(torch.float32)
elements = [1, 8, 14]
channels = request["channels"]
model = modules.ScaleShiftMACE(
    r_max=5.0,
    num_bessel=8,
    num_polynomial_cutoff=5,
    max_ell=3,
    interaction_cls=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
    interaction_cls_first=modules.interaction_classes["RealAgnosticResidualInteractionBlock"],
    num_interactions=2,
    num_elements=len(elements),
    hidden_irreps=o3.Irreps(f"{channels}x0e + {channels}x1o"),
    MLP_irreps=o3.Irreps("16x0e"),
    gate=torch.nn.functional.silu,
    atomic_energies=np.zeros(len(elements)),
    avg_num_neighbors=30.0,
    atomic_numbers=elements,
    correlation=3,
    radial_type="bessel",
    atomic_inter_scale=1.0,
    atomic_inter_shift=0.0,
)
for parameter in model.parameters():
    parameter.requires_grad_(False)

cell = np.array(request["cell"], dtype=float)
atoms = Atoms(
    numbers=request["numbers"],
    positions=np.array(request["positions"]).reshape(-1, 3),
    cell=cell.reshape(3, 3) if cell.size else None,
    pbc=cell.size > 0,
)
table = tools.AtomicNumberTable(elements)
config = data.config_from_atoms(atoms)
batch = next(iter(torch_geometric.dataloader.DataLoader([data.AtomicData.from_config(config, z_table=table, cutoff=5.0)], batch_size=1)))
inputs = batch.to_dict()
seconds = []
for turn in range(request["repeat"] + 2):
    began = time.perf_counter()
    model(inputs, compute_force=True, compute_stress=False)
    if turn >= 2:
        seconds.append(time.perf_counter() - began)
from importlib.metadata import version

print(json.dumps({"seconds": seconds, "edges": int(inputs["edge_index"].shape[1]),
                  "device": f"mace-torch {version('mace-torch')}, torch {torch.__version__}, {torch.get_num_threads()} thread"}))
