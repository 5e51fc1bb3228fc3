"""What benchmarks of ASE driving mace-torch begin with: one JSON request on standard input, a calculator, one JSON answer on standard output.

Written for mace-torch 0.3.16 and ASE 3.29.
"""
import json
import os
import sys
import warnings

_answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
warnings.filterwarnings("ignore")
import torch
from importlib.metadata import version
from mace.calculators import MACECalculator

request = json.load(sys.stdin)
torch.set_num_threads(request["threads"])
_dtype = {"f64": "float64", "f32": "float32"}[request["precision"]]
calculator = MACECalculator(model_paths=request["model"], device="cpu", default_dtype=_dtype)


def answer(found):
    count = torch.get_num_threads()
    threads = f"{count} thread{'' if count == 1 else 's'}"
    device = f"ASE {version('ase')}, mace-torch {version('mace-torch')}, torch {torch.__version__}, {threads}, {_dtype}"
    _answers.write(json.dumps({**found, "device": device}) + "\n")
    _answers.flush()
