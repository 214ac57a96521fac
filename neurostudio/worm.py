"""The wiring of *C. elegans* (Cook et al. 2019), read from the installed package ``cect``.

Only files of the package are read; none of its code is run.
"""

from __future__ import annotations

import csv
import json
import math
import re
from typing import TYPE_CHECKING, Any, Literal

from neurostudio.data import Connectome
from neurostudio.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SPACE = "C. elegans"
SYNAPSES = {"chemical": "Generic_CS", "electrical": "Generic_GJ"}
SOURCE = (
    "Cook et al., Whole-animal connectomes of both Caenorhabditis elegans sexes, Nature 571, 63-71, 2019; "
    "hermaphrodite, as the package cect holds it"
)
POSITIONS = (
    "ventral cord neurons, AVBL and AVBR: c302 (OpenWorm), after the Virtual Worm of WormBase; all others "
    "schematic: the middle of their ganglion (White et al. 1986), to the side that their name says"
)
# share of the way from nose (0) to tail (1), height above the body's middle (µm), which classes
_GANGLIA: tuple[tuple[str, float, float, str], ...] = (
    ("pharynx", 0.06, 0.0, "I1 I2 I3 I4 I5 I6 M1 M2 M3 M4 M5 MC MI NSM"),
    ("anterior ganglion", 0.055, 0.0, "BAG CEPV IL1 IL2 OLL OLQ RIP RME URA URB URY"),
    ("dorsal ganglion", 0.085, 18.0, "ALA RID CEPD URX"),
    (
        "lateral ganglion",
        0.095,
        2.0,
        (
            "ADA ADF ADL AFD AIB AIN AIZ ASE ASG ASH ASI ASJ ASK AUA AVA AVB AVD AVE AVH AVJ AWA AWB AWC "
            "FLP RIA RIB RIC RIM RIV RMD RMG"
        ),
    ),
    (
        "ventral ganglion",
        0.11,
        -14.0,
        "AIA AIM AIY AVK AVL RIH RIR RIS RMF RMH SAA SIA SIB SMB SMD",
    ),
    ("retrovesicular ganglion", 0.135, -17.0, "AVF AVG RIF RIG SAB"),
    ("anterior body", 0.18, 0.0, "ADE AQR"),
    ("middle body", 0.45, 0.0, "ALM AVM BDU CAN HSN SDQ"),
    ("posterior body", 0.66, 2.0, "PDE PVD PVM"),
    ("preanal ganglion", 0.92, -14.0, "PDA PDB PVP PVT"),
    ("dorsorectal ganglion", 0.94, 12.0, "DVA DVB DVC"),
    (
        "lumbar ganglion",
        0.96,
        0.0,
        "ALN LUA PHA PHB PHC PLM PLN PQR PVC PVN PVQ PVR PVW",
    ),
)
_CORD = re.compile(r"^(AS|DA|DB|DD|VA|VB|VC|VD)(\d+)$")
_NOSE, _TAIL = -345.0, 470.0  # µm along the axis of the model, from head to tail
_RADIUS = 26.0  # µm, the cord lies below the body's middle
_PUMP = re.compile(r"^(pm|mc|e[123]|g[12]|bm)")
_KINDS = (
    ("muscle", "muscle"),
    ("motor neuron", "motor"),
    ("motorneuron", "motor"),
    ("interneuron", "inter"),
    ("linker to pharynx", "inter"),
    ("pharyngeal polymodal", "sensory"),
    ("amphid", "sensory"),
    ("phasmid", "sensory"),
    ("cephalic", "sensory"),
    ("touch", "sensory"),
    ("mechanosensory", "sensory"),
    ("o2, co2", "sensory"),
)


def worm_connectome(synapses: Literal["chemical", "electrical"] = "chemical") -> Connectome:
    """Return the connectome of the adult hermaphrodite: 473 cells, how many sections a contact spans.

    Parameters
    ----------
    synapses
        ``"chemical"`` (directed) or ``"electrical"`` (gap junctions).

    Returns
    -------
    Connectome
        Facts of the nodes: ``type`` (sensory, inter, motor, muscle, other), ``detail`` in the words of
        WormAtlas, ``region`` (ganglion), ``hemisphere``, ``x``, ``y``, ``z`` in mm (right, front, up), and
        ``position`` (model or schematic). ``attrs`` say source, unit and where places are from.

    Raises
    ------
    BadInput
        ``cect`` is not installed, or its files are others than expected.
    """
    import numpy as np
    import xarray

    folder = _package()
    names, weights = _wiring(folder / "cache" / "Cook2019HermReader.json", SYNAPSES[synapses])
    details = _details(folder / "data" / "all_cell_info.csv")
    regions = [_region(name, details.get(name, "")) for name in names]
    known = _model_places(folder / "data" / "NeuroML" / "c302_C2_FW.net.nml")
    places, kinds = _places(names, regions, known)
    facts: dict[str, Any] = {
        "type": [_kind(name, details.get(name, "")) for name in names],
        "detail": [details.get(name, "") for name in names],
        "region": regions,
        "hemisphere": [_side(name) for name in names],
        "position": kinds,
    }
    coords: dict[str, Any] = {"source": names, "target": names}
    coords |= {key: ("source", np.array(value)) for key, value in facts.items()}
    coords |= {axis: ("source", places[:, k]) for k, axis in enumerate("xyz")}
    matrix = xarray.DataArray(weights, dims=("source", "target"), coords=coords)
    matrix.attrs |= {
        "unit": "sections",
        "space": SPACE,
        "directed": synapses == "chemical",
        "synapses": synapses,
        "source": SOURCE,
        "positions": POSITIONS,
        "unit of x, y, z": "mm",
    }
    return Connectome(matrix)


def _package() -> Path:
    from importlib.util import find_spec
    from pathlib import Path

    found = find_spec("cect")
    if found is None or not found.submodule_search_locations:
        raise BadInput(
            "The connectome of C. elegans comes with the package cect, which is not installed. Install it: "
            "pip install cect --no-deps"
        )
    return Path(found.submodule_search_locations[0])


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cect holds no {path.name}. Install cect 0.3.5 or later.") from error


def _wiring(path: Path, synapses: str) -> tuple[list[str], Array]:
    import numpy as np

    held = json.loads(_read(path))
    try:
        names = [str(name) for name in held["nodes"]]
        weights = np.asarray(held["connections"][synapses], float)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{path.name} holds no connections of the kind {synapses}.") from error
    if weights.shape != (len(names), len(names)):
        words = " x ".join(map(str, weights.shape))
        raise BadInput(f"{path.name} holds {len(names)} cells and a matrix of {words}.")
    return names, weights


def _details(path: Path) -> Mapping[str, str]:
    rows = csv.reader(_read(path).splitlines())
    return {row[0]: row[1] for row in rows if len(row) > 1}


def _kind(name: str, detail: str) -> str:
    if name.startswith("CEPsh"):  # a sheath, although its detail says cephalic
        return "other"
    words = detail.lower()
    return next((kind for part, kind in _KINDS if part in words), "other")


def _side(name: str) -> str:
    if re.match(r"^M[DV][LR]\d", name):
        return {"L": "left", "R": "right"}[name[2]]
    if len(name) > 2 and name[-1] in "LR" and not name[0].islower():
        return {"L": "left", "R": "right"}[name[-1]]
    if name[0].islower() and name[-1] in "LR" and any(letter.isdigit() for letter in name):
        return {"L": "left", "R": "right"}[name[-1]]
    return "middle"


def _class_of(name: str) -> str:
    for _, _, _, classes in _GANGLIA:
        fitting = [one for one in classes.split() if name.startswith(one)]
        for one in fitting:
            if re.fullmatch(r"[DV]?[LR]?", name[len(one) :]):
                return one
    return ""


def _region(name: str, detail: str) -> str:
    if _CORD.match(name):
        return "ventral cord"
    one = _class_of(name)
    for region, _, _, classes in _GANGLIA:
        if one in classes.split():
            return region
    words = detail.lower()
    if "pharyn" in words or _PUMP.match(name):
        return "pharynx"
    parts = ("body muscle", "head muscle", "vulval", "uterine", "intestin", "anal")
    found = next((part for part in parts if part in words), "")
    return {
        "body muscle": "body wall",
        "head muscle": "body wall",
        "vulval": "vulva",
        "uterine": "uterus",
        "intestin": "hindgut",
        "anal": "hindgut",
    }.get(found, "other")


def _model_places(path: Path) -> dict[str, Array]:
    """Return the places of neurons in the model of c302, µm to the left, to the tail and up."""
    import numpy as np

    pattern = re.compile(
        r'<population id="(\w+)"(?:(?!</population>).)*?'
        r'<location x="([^"]+)" y="([^"]+)" z="([^"]+)"',
        re.DOTALL,
    )
    found = pattern.findall(_read(path))
    return {
        name: np.array([float(x), float(y), float(z)])
        for name, x, y, z in found
        if not re.match(r"^M[DV][LR]\d", name)  # muscles are a plain grid there
    }


def _places(
    names: list[str], regions: list[str], known: Mapping[str, Array]
) -> tuple[Array, list[str]]:
    """Return mm to the right, to the front and up (n_nodes, 3), and whether each is of the model."""
    import numpy as np

    cord = np.array([known[name] for name in sorted(known) if _CORD.match(name)])
    cord = cord[np.argsort(cord[:, 1])]
    model = np.empty((len(names), 3))
    crowd: dict[tuple[str, str], int] = {}
    for k, name in enumerate(names):
        if name in known:
            model[k] = known[name]
            continue
        side = _side(name)
        number = crowd[regions[k], side] = crowd.get((regions[k], side), -1) + 1
        along, height, across = _schematic(name, regions[k], side, number)
        y = _NOSE + along * (_TAIL - _NOSE)
        middle = np.interp(y, cord[:, 1], cord[:, 2]) + _RADIUS
        model[k] = (across, y, middle + height)
    kinds = ["model" if name in known else "schematic" for name in names]
    return model * [-1e-3, -1e-3, 1e-3], kinds


def _schematic(name: str, region: str, side: str, number: int) -> tuple[float, float, float]:
    """Return share of the body's length, height and distance to the left in µm."""
    turn = 2.399963 * number  # the golden angle spreads the cells of a ganglion
    cord = _CORD.match(name)
    if cord:
        counts = {"AS": 11, "DA": 9, "DB": 7, "DD": 6, "VA": 12, "VB": 11, "VC": 6, "VD": 13}
        begin, end = (0.36, 0.62) if cord[1] == "VC" else (0.18, 0.93)
        share = (int(cord[2]) - 0.5) / counts[cord[1]]
        return begin + (end - begin) * share, -_RADIUS, 2.0 * (-1) ** number
    muscle = re.match(r"^M([DV])[LR](\d+)$", name)
    out = {"left": 1.0, "right": -1.0}.get(side, 0.0)
    if muscle:
        return 0.03 + 0.039 * int(muscle[2]), 21.0 if muscle[1] == "D" else -21.0, 19.0 * out
    middle, height = {one: (along, up) for one, along, up, _ in _GANGLIA}.get(
        region,
        {"vulva": (0.5, -22.0), "uterus": (0.5, -8.0), "hindgut": (0.95, 0.0)}.get(
            region, (0.4, 0.0)
        ),
    )
    spread = 0.012 * (number % 9) / 9 * (2.0 if region == "pharynx" else 1.0)
    return (
        middle + spread,
        height + 6.0 * math.sin(turn),
        13.0 * out + 4.0 * math.cos(turn),
    )
