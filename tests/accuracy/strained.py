"""Energies and forces of mace-torch in float32 against its own in float64, on strained structures of real trained models.

    MACE_FIXTURES=... python tests/accuracy/strained.py tests/accuracy/strained.json

A structure is a frame of an oracle file, scaled by 0.5 to 0.95, each coordinate moved by up to 0.1 Å; strained.ts makes the same
from the seed. Kept are those with forces up to 10,000 eV/Å: beyond, an energy is no energy. Written for mace-torch 0.3.16.
"""

import hashlib
import json
import os
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")
import mace  # noqa: F401  (before e3nn: it sets what e3nn's constants file needs)
import numpy as np
import torch
from ase import Atoms
from mace.data import AtomicData, config_from_atoms
from mace.tools import AtomicNumberTable, torch_geometric

STRUCTURES = 100
LARGEST_FORCE = 1e4
CHECKPOINT = ("ilyes319_model_run-1234_epoch-14.pt", "ilyes319_model_swa.model")

torch.set_num_threads(1)
fixtures = pathlib.Path(os.environ["MACE_FIXTURES"])
models = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in (fixtures / "models").glob("*.model")}


def uniform(seed):
    """Numbers from 0 to 1 (linear congruential, Numerical Recipes)."""
    state = seed
    while True:
        state = (1664525 * state + 1013904223) % 2**32
        yield state / 2**32


def strained(frames, seed):
    random = uniform(seed)
    for _ in range(8):
        next(random)
    frame = frames[int(next(random) * len(frames))]
    scale = 0.5 + 0.45 * next(random)
    positions = [[scale * x + 0.2 * (next(random) - 0.5) for x in row] for row in frame["positions"]]
    periodic = frame["cell"] and any(frame["pbc"])
    cell = [[scale * x for x in row] for row in frame["cell"]] if periodic else None
    return Atoms(frame["species"], positions, cell=cell, pbc=frame["pbc"])


def evaluate(model, atoms, dtype):
    torch.set_default_dtype(dtype)
    table = AtomicNumberTable([int(z) for z in model.atomic_numbers])
    heads = getattr(model, "heads", ["Default"])
    configuration = config_from_atoms(atoms)
    configuration.head = heads[-1]
    graph = AtomicData.from_config(configuration, z_table=table, cutoff=float(model.r_max), heads=heads)
    batch = next(iter(torch_geometric.dataloader.DataLoader([graph], batch_size=1)))
    out = model(batch.to_dict(), compute_force=True)
    return float(out["energy"][0].double()), out["forces"].detach().double().numpy()


def rows_of(load, frames):
    torch.set_default_dtype(torch.float64)
    double = load().double()
    torch.set_default_dtype(torch.float32)
    single = load().float()
    rows = []
    seed = 0
    while len(rows) < STRUCTURES:
        seed += 1
        atoms = strained(frames, seed)
        energy, forces = evaluate(double, atoms, torch.float64)
        if not np.abs(forces).max() <= LARGEST_FORCE:
            continue
        energy32, forces32 = evaluate(single, atoms, torch.float32)
        rms = float(np.sqrt(np.mean((forces32 - forces) ** 2)))
        rows.append([seed, float(f"{energy32 - energy:.4e}"), float(f"{rms:.4e}"), float(f"{np.abs(forces).max():.4g}")])
    return rows


def load(path):
    return torch.load(path, map_location="cpu", weights_only=False)


def load_checkpoint():
    model = load(fixtures / "models" / CHECKPOINT[1]).float()
    model.load_state_dict(load(fixtures / "models" / CHECKPOINT[0])["model"])
    return model


result = {}
for oracle in sorted((fixtures / "oracle").glob("*.json")):
    content = json.loads(oracle.read_text())
    path = models[content["model_sha256"]]
    frames = sorted((f for f in content["frames"] if len(f["species"]) > 1), key=lambda f: len(f["species"]))[:4]
    result[path.name] = {"oracle": oracle.stem, "rows": rows_of(lambda: load(path), frames)}
    if path.name == CHECKPOINT[1]:
        result[CHECKPOINT[0]] = {"oracle": oracle.stem, "rows": rows_of(load_checkpoint, frames)}
    print(path.name, file=sys.stderr, flush=True)

lines = [
    f'  {json.dumps(name)}: {{ "oracle": {json.dumps(found["oracle"])}, "rows": [\n    '
    + ",\n    ".join(json.dumps(row) for row in found["rows"])
    + "\n  ] }"
    for name, found in result.items()
]
columns = '["seed", "energy error (eV)", "root mean square of force errors (eV/Å)", "largest force (eV/Å)"]'
content = '{\n"columns": ' + columns + ',\n"models": {\n' + ",\n".join(lines) + "\n}\n}\n"
pathlib.Path(sys.argv[1]).write_text(content)
