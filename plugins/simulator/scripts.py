"""Scripts of balanced networks for other programs; each prints its time and rate as one line of JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neurostudio.api import BadInput

from .building import fits_fast_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from .describing import NetworkDescription


@dataclass(frozen=True, slots=True)
class _Values:
    n: int
    n_e: int
    probability: float
    w_e: float
    w_i: float
    tau_e: float
    tau_i: float
    drive: float
    conducting: bool
    hodgkin_huxley: bool
    start: tuple[float, float]
    rest: float
    dt: float
    delay: float


def _values(made: NetworkDescription) -> _Values:
    if not fits_fast_path(made):
        raise BadInput(
            f"{made.title} is no balanced network of leaky or Hodgkin-Huxley neurons with one probability: "
            "export it as a description."
        )
    e, i = made.populations
    wires = {each.source: each for each in made.projections}
    start = e.start.get("V", ("normal", -60.0, 0.0))
    mean, spread = (start[1], start[2]) if isinstance(start, tuple) else (-60.0, 0.0)
    return _Values(
        n=made.n_neurons,
        n_e=e.size,
        probability=wires[e.name].share,
        w_e=_one(wires[e.name].weight),
        w_i=_one(wires[i.name].weight),
        tau_e=wires[e.name].synapse_parameters["tau"],
        tau_i=wires[i.name].synapse_parameters["tau"],
        drive=_one(e.drive),
        conducting=wires[e.name].output == "conductance",
        hodgkin_huxley=e.law == "traub",
        start=(float(mean), float(spread)),
        rest=_one(e.parameters.get("rest", -60.0)),
        dt=made.dt,
        delay=max(wires[e.name].delay, made.dt),
    )


def _one(value: object) -> float:
    if isinstance(value, int | float):
        return float(value)
    raise BadInput("A script needs one value for all neurons; export the network as a description.")


_HEAD = '''"""{title}: written by neurostudio. Prints seconds and rates as one line of JSON."""

import json
import sys
import time

import numpy as np

DURATION = {duration!r}  # s
SEED = {seed!r}
'''

_BRIAN2_LEAKY = '''equations = """
dv/dt = (({rest} - v) + {drive} + {input}) / (20*ms) : 1 (unless refractory)
dge/dt = -ge / ({tau_e}*ms) : 1
dgi/dt = -gi / ({tau_i}*ms) : 1
"""
group = NeuronGroup({n}, equations, threshold="v > -50", reset="v = -60", refractory=5*ms,
                    method="{solver}")
'''
_BRIAN2_HH = '''equations = """
dv/dt = (10*(-60 - v) + 20000*m*m*m*h*(50 - v) + 6000*n*n*n*n*(-90 - v) + ge*(0 - v) + gi*(-80 - v)) / 200 / ms : 1
dm/dt = (am*(1 - m) - bm*m) / ms : 1
dh/dt = (ah*(1 - h) - bh*h) / ms : 1
dn/dt = (an*(1 - n) - bn*n) / ms : 1
dge/dt = -ge / ({tau_e}*ms) : 1
dgi/dt = -gi / ({tau_i}*ms) : 1
u = v + 63 : 1
am = 0.32*4/exprel((13 - u)/4) : 1
bm = 0.28*5/exprel((u - 40)/5) : 1
ah = 0.128*exp((17 - u)/18) : 1
bh = 4/(1 + exp((40 - u)/5)) : 1
an = 0.032*5/exprel((15 - u)/5) : 1
bn = 0.5*exp((10 - u)/40) : 1
"""
group = NeuronGroup({n}, equations, threshold="v > -20", refractory="v > -20", method="exponential_euler")
'''


def brian2(made: NetworkDescription, duration: float, seed: int) -> str:
    """Return a script for Brian2 in its Cython mode (C++ standalone with the argument ``standalone``)."""
    v = _values(made)
    given = "ge*(0 - v) + gi*(-80 - v)" if v.conducting else "ge + gi"
    body = _BRIAN2_HH if v.hodgkin_huxley else _BRIAN2_LEAKY
    group = body.format(
        n=v.n,
        rest=v.rest,
        drive=v.drive,
        input=given,
        tau_e=v.tau_e,
        tau_i=v.tau_i,
        solver="exponential_euler" if v.conducting else "exact",
    )
    middle, width = v.start
    return (
        _HEAD.format(title=made.title, duration=duration, seed=seed)
        + f'''
from brian2 import (Network, NeuronGroup, SpikeMonitor, Synapses, __version__, defaultclock, device, ms, prefs, second,
                    seed, set_device)

standalone = "standalone" in sys.argv
if standalone:
    set_device("cpp_standalone", build_on_run=False)
else:
    prefs.codegen.target = "cython"
seed(SEED)
defaultclock.dt = {v.dt}*ms
{group}
group.v = "{middle} + {width}*randn()"
excite = Synapses(group, group, on_pre="ge += {v.w_e}")
excite.connect("i < {v.n_e}", p={v.probability})
inhibit = Synapses(group, group, on_pre="gi += {v.w_i}")
inhibit.connect("i >= {v.n_e}", p={v.probability})
monitor = SpikeMonitor(group)
network = Network(group, excite, inhibit, monitor)
began = time.perf_counter()
if standalone:
    network.run(DURATION*second)
    device.build(directory="standalone_build", compile=True, run=False)
    built = time.perf_counter() - began
    began = time.perf_counter()
    device.run("standalone_build", with_output=False, run_args=[])
    wall = float(device._last_run_time or time.perf_counter() - began)
    spikes = monitor.num_spikes
else:
    network.run({v.dt}*ms)
    built = time.perf_counter() - began
    first = monitor.num_spikes
    began = time.perf_counter()
    network.run(DURATION*second)
    wall = time.perf_counter() - began
    spikes = monitor.num_spikes - first
print(json.dumps({{"program": "Brian2", "mode": "C++ standalone" if standalone else "Cython", "version": __version__,
                  "wall": wall, "build": built, "spikes": int(spikes), "rate": spikes / {v.n} / DURATION}}))
'''
    )


_BRAINPY_LEAKY = """
class Cells(bp.DynamicalSystem):
    def __init__(self):
        super().__init__()
        self.cells = bp.dyn.LifRef({n}, V_rest={rest}, V_th=-50., V_reset=-60., tau=20., tau_ref=5.,
                                   V_initializer=bp.init.Normal({middle}, {width}))
"""
_BRAINPY_HH = """
class Cells(bp.DynamicalSystem):
    def __init__(self):
        super().__init__()
        self.cells = HodgkinHuxley({n})


class HodgkinHuxley(bp.dyn.NeuDyn):
    def __init__(self, size):
        super().__init__(size)
        self.V = bm.Variable(bm.random.normal({middle}, {width}, size))
        self.m, self.h, self.n = (bm.Variable(bm.zeros(size)) for _ in range(3))
        self.spike = bm.Variable(bm.zeros(size, dtype=bool))
        self.solve = bp.odeint(bp.JointEq(self.dV, self.dm, self.dh, self.dn), method="exp_auto")

    def dV(self, V, t, m, h, n, current):
        current = self.sum_current_inputs(V, init=current)
        return (current + 20000*m**3*h*(50 - V) + 6000*n**4*(-90 - V) + 10*(-60 - V)) / 200

    def dm(self, m, t, V):
        u = V + 63
        return 0.32*4/bm.exprel((13 - u)/4)*(1 - m) - 0.28*5/bm.exprel((u - 40)/5)*m

    def dh(self, h, t, V):
        u = V + 63
        return 0.128*bm.exp((17 - u)/18)*(1 - h) - 4/(1 + bm.exp((40 - u)/5))*h

    def dn(self, n, t, V):
        u = V + 63
        return 0.032*5/bm.exprel((15 - u)/5)*(1 - n) - 0.5*bm.exp((10 - u)/40)*n

    def update(self, x=0.):
        V, m, h, n = self.solve(self.V.value, self.m.value, self.h.value, self.n.value, bp.share["t"], x,
                                bp.share["dt"])
        self.spike.value = bm.logical_and(self.V < -20, V >= -20)
        self.V.value, self.m.value, self.h.value, self.n.value = V, m, h, n
        return self.spike.value
"""


def brainpy(made: NetworkDescription, duration: float, seed: int) -> str:
    """Return a script for BrainPy 2.8 on the CPU."""
    v = _values(made)
    if not v.conducting:
        raise BadInput("BrainPy's script is written for conductances: take COBA-LIF or COBA-HH.")
    middle, width = v.start
    body = _BRAINPY_HH if v.hodgkin_huxley else _BRAINPY_LEAKY
    cells = body.format(n=v.n, rest=v.rest, middle=middle, width=width)
    drive = 0.0 if v.hodgkin_huxley else v.drive
    return (
        _HEAD.format(title=made.title, duration=duration, seed=seed)
        + f"""
import brainpy as bp
import brainpy.math as bm

bm.set_platform("cpu")
bm.random.seed(SEED)
bm.set_dt({v.dt})
{cells}

class Balanced(Cells):
    def __init__(self):
        super().__init__()
        self.E = bp.dyn.HalfProjAlignPostMg(
            comm=bp.dnn.EventCSRLinear(bp.conn.FixedProb({v.probability}, pre={v.n_e}, post={v.n}, seed=SEED), {v.w_e}),
            syn=bp.dyn.Expon.desc({v.n}, tau={v.tau_e}), out=bp.dyn.COBA.desc(E=0.), post=self.cells)
        self.I = bp.dyn.HalfProjAlignPostMg(
            comm=bp.dnn.EventCSRLinear(bp.conn.FixedProb({v.probability}, pre={v.n - v.n_e}, post={v.n}, seed=SEED+1),
                                       {v.w_i}),
            syn=bp.dyn.Expon.desc({v.n}, tau={v.tau_i}), out=bp.dyn.COBA.desc(E=-80.), post=self.cells)

    def update(self, drive):
        spikes = self.cells.spike.value
        self.E(spikes[:{v.n_e}])
        self.I(spikes[{v.n_e}:])
        self.cells(drive)
        return self.cells.spike.sum()


network = Balanced()


@bm.jit
def run(steps):
    return bm.for_loop(lambda i: network.step_run(i, {drive}), steps)


steps = np.arange(round(DURATION*1e3/{v.dt}))
began = time.perf_counter()
np.asarray(run(steps))
built = time.perf_counter() - began
began = time.perf_counter()
spikes = float(np.asarray(run(steps + len(steps))).sum())  # time goes on: refractoriness counts from it
wall = time.perf_counter() - began
print(json.dumps({{"program": "BrainPy", "mode": "CPU", "version": bp.__version__, "wall": wall, "build": built - wall,
                  "spikes": int(spikes), "rate": spikes / {v.n} / DURATION}}))
"""
    )


def pynn(made: NetworkDescription, duration: float, seed: int) -> str:
    """Return a script for PyNN with NEST; leaky neurons with conductances only."""
    v = _values(made)
    if v.hodgkin_huxley or not v.conducting:
        raise BadInput(
            "PyNN's script is written for leaky neurons with conductances: take COBA-LIF."
        )
    middle, width = v.start
    return (
        _HEAD.format(title=made.title, duration=duration, seed=seed)
        + f"""
import pyNN.nest as sim
from pyNN.random import NumpyRNG, RandomDistribution

# capacity 0.2 nF and 20 ms: a leak of 10 nS, so that a weight of 1 (of the leak) is 0.01 uS
sim.setup(timestep={v.dt}, min_delay={v.delay}, max_delay=max({v.delay}, 2.0))
random = NumpyRNG(seed=SEED)
cells = sim.Population({v.n}, sim.IF_cond_exp(
    cm=0.2, tau_m=20.0, v_rest={v.rest}, v_reset=-60.0, v_thresh=-50.0, tau_refrac=5.0, tau_syn_E={v.tau_e},
    tau_syn_I={v.tau_i}, e_rev_E=0.0, e_rev_I=-80.0, i_offset={v.drive * 0.01}))
cells.initialize(v=RandomDistribution("normal", ({middle}, {width}), rng=random))
excite, inhibit = cells[:{v.n_e}], cells[{v.n_e}:]
wire = sim.FixedProbabilityConnector({v.probability}, rng=random)
sim.Projection(excite, cells, wire, sim.StaticSynapse(weight={v.w_e * 0.01}, delay={v.delay}),
               receptor_type="excitatory")
sim.Projection(inhibit, cells, wire, sim.StaticSynapse(weight={v.w_i * 0.01}, delay={v.delay}),
               receptor_type="inhibitory")
cells.record("spikes")
began = time.perf_counter()
sim.run(DURATION*1e3)
wall = time.perf_counter() - began
spikes = sum(len(train) for train in cells.get_data().segments[0].spiketrains)
print(json.dumps({{"program": "PyNN (NEST)", "mode": "", "version": "", "wall": wall, "build": 0.0, "spikes": spikes,
                  "rate": spikes / {v.n} / DURATION}}))
sim.end()
"""
    )


SCRIPTS: dict[str, Callable[[NetworkDescription, float, int], str]] = {
    "Brian2": brian2,
    "BrainPy": brainpy,
    "PyNN": pynn,
}
