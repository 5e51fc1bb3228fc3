"""What ASE, gemmi and pymatgen read of every structure file below a folder: a row for each, found by the sha256 of the file.

    pip install ase gemmi pymatgen
    python tests/corpus/read-with-peers.py FOLDER > tests/corpus/peers.json

Of the first structure in a file: its composition, its number of atoms, and the volume of its cell in Å^3, or null where it has
none. Sites that are occupied in part are said, because none of the three leaves them out by itself.
"""

import hashlib
import json
import pathlib
import sys
import tempfile
import warnings
from collections import Counter

import ase
import ase.io
import gemmi
import pymatgen.core
import pymatgen.io.cif
import pymatgen.io.vasp
from pymatgen.core import Structure

warnings.filterwarnings("ignore")


#: Of a reader that reads no cell in this format.
UNREAD = "unread"
#: Angstrom^3: crystallographic files of what is no crystal have a cell of 1 Å.
DUMMY_CELL = 1.01


def row(symbols, volume, partial=False):
    hydrogens = {"D": "H", "T": "H"}
    counts = Counter(hydrogens.get(symbol, symbol) for symbol in symbols)
    out = {
        "composition": " ".join(f"{name}{counts[name]}" for name in sorted(counts)),
        "atoms": sum(counts.values()),
    }
    if volume is not UNREAD:
        out["volume"] = round(volume, 4) if volume else None
    if partial:
        out["partial"] = True
    return out


def with_ase(path, text):
    if path.name.endswith(".gz"):
        with tempfile.NamedTemporaryFile("w", suffix=path.name.removesuffix(".gz")) as plain:
            plain.write(text)
            plain.flush()
            return with_ase(pathlib.Path(plain.name), text)
    atoms = ase.io.read(path, index=0, format=ase_format(path, text))
    dummy = kind(path, text) in ("cif", "pdb") and atoms.cell.volume < DUMMY_CELL
    return row(atoms.get_chemical_symbols(), atoms.cell.volume if atoms.pbc.any() and not dummy else None)


def with_gemmi(path, text):
    if kind(path, text) == "cif" and "_atom_site.Cartn_x" not in text:
        block = gemmi.cif.read(str(path)).sole_block()
        small = gemmi.make_small_structure_from_block(block)
        sites = small.get_all_unit_cell_sites()
        return row([site.element.name for site in sites], small.cell.volume, any(site.occ < 0.999 for site in sites))
    if kind(path, text) not in ("cif", "pdb"):
        return None
    structure = gemmi.read_structure(str(path))
    structure.setup_entities()
    structure.remove_alternative_conformations()
    atoms = [atom for chain in structure[0] for residue in chain for atom in residue]
    cell = structure.cell.volume if structure.cell.is_crystal() and structure.cell.volume > DUMMY_CELL else None
    return row([atom.element.name for atom in atoms], cell, any(atom.occ < 0.999 for atom in atoms))


def with_pymatgen(path, text):
    if kind(path, text) == "cif" and "_atom_site.Cartn_x" not in text:
        structure = pymatgen.io.cif.CifParser(str(path), occupancy_tolerance=10).parse_structures(primitive=False)[0]
    elif kind(path, text) == "poscar":
        structure = pymatgen.io.vasp.Poscar.from_str(text).structure
    elif kind(path, text) == "xyz":
        molecule = pymatgen.core.Molecule.from_str(text, fmt="xyz")
        return row([site.specie.symbol for site in molecule], UNREAD)
    elif kind(path, text) == "xdatcar":
        structure = pymatgen.io.vasp.Xdatcar(str(path)).structures[0]
    else:
        return None
    ordered = structure.is_ordered
    symbols = [str(next(iter(site.species)).symbol) for site in structure]
    return row(symbols, structure.volume, not ordered)


def kind(path, text):
    name = path.name.lower().removesuffix(".gz")
    for ending, format in {".cif": "cif", ".mcif": "cif", ".mmcif": "cif", ".pdb": "pdb", ".ent": "pdb"}.items():
        if name.endswith(ending):
            return format
    if name.endswith((".xyz", ".extxyz")):
        return "xyz"
    return "xdatcar" if "xdatcar" in name else "poscar"


def ase_format(path, text):
    format = kind(path, text)
    return {"cif": "cif", "pdb": "proteindatabank", "poscar": "vasp", "xdatcar": "vasp-xdatcar", "xyz": "extxyz"}[format]


def attempt(read, path, text):
    try:
        return read(path, text)
    except BaseException as error:  # noqa: BLE001 (a reader's panic is a refusal too)
        if isinstance(error, KeyboardInterrupt):
            raise
        # Messages name the file by where it lay.
        reason = f"{type(error).__name__}: {error}".replace(f"{path.parent}/", "")
        return {"refused": reason.split("\n")[0][:160]}


def main(folder):
    rows = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if path.suffix == ".gz":
            import gzip

            text = gzip.decompress(data).decode("utf8", "replace")
        else:
            text = data.decode("utf8", "replace")
        digest = hashlib.sha256(data).hexdigest()
        rows[digest] = {"name": f"{path.parent.name}/{path.name}"}
        for name, read in {"ase": with_ase, "gemmi": with_gemmi, "pymatgen": with_pymatgen}.items():
            found = attempt(read, path, text)
            if found is not None:
                rows[digest][name] = found
        print(path, file=sys.stderr)
    versions = {"ase": ase.__version__, "gemmi": gemmi.__version__, "pymatgen": pymatgen.core.__version__}
    lines = ",\n".join(f"  {json.dumps(digest)}: {json.dumps(found)}" for digest, found in rows.items())
    print(f'{{\n"versions": {json.dumps(versions)},\n"files": {{\n{lines}\n}}\n}}')


main(pathlib.Path(sys.argv[1]))
