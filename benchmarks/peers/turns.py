"""The protocol of benchmarks/suite.mjs: one JSON object a line, requests on standard input, answers on standard output.

The first request is what to set up, answered by facts about it; then `{"runs": N}` by `{"seconds": […]}` and
`{"forces": true}` by `{"forces": […]}` in eV/Å, atom by atom. What libraries print, on import too, goes to standard error: import
this file before them.
"""
import json
import os
import sys
import time


answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)


def serve(set_up):
    """`set_up(request)` gives facts, a function that computes once, and one that returns the forces [atoms 3]."""
    def answer(value):
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    facts, run, forces = set_up(json.loads(sys.stdin.readline()))
    answer(facts)
    for line in sys.stdin:
        request = json.loads(line)
        if "forces" in request:
            answer({"forces": [float(value) for value in forces().reshape(-1)]})
            continue
        seconds = []
        for _ in range(request["runs"]):
            began = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - began)
        answer({"seconds": seconds})


def processor_facts(precision):
    """What native code reaches here: `nativePeak`, multiply-adds a second of numpy's product of matrices on the threads of this
    process, and the processor's vectors in bits."""
    import numpy as np

    size = 1024
    a = np.random.default_rng(1).random((size, size)).astype({"f32": "float32", "f64": "float64"}[precision])
    least = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        a @ a
        least = min(least, time.perf_counter() - began)
    return {"nativePeak": size**3 / least, "vectorBits": vector_bits()}


def vector_bits():
    """Width of the processor's widest vectors; None where there is no /proc/cpuinfo that says."""
    try:
        with open("/proc/cpuinfo") as file:
            flags = next((line.split() for line in file if line.startswith("flags")), [])
    except OSError:
        return None
    return 512 if "avx512f" in flags else 256 if "avx2" in flags else None


def atoms_of(structure):
    """The structure of a request as ASE's Atoms."""
    import numpy as np
    from ase import Atoms

    return Atoms(
        numbers=structure["numbers"],
        positions=np.array(structure["positions"]).reshape(-1, 3),
        cell=np.array(structure["cell"]).reshape(3, 3),
        pbc=True,
    )
