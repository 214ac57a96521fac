"""Networks of neurons: laws, synapses, connectivity, plasticity, and the engines that run them.

Units are those of the field (ms, mV, nA, nS, pF), as the equations are printed; methods convert to SI
once, at the edge. Nothing here imports torch or numba before it is asked to compute.
"""
