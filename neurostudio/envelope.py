"""The least and the greatest of stretches of samples, compiled: all that a drawn signal needs.

Everywhere ``low`` and ``high`` are the last axis, 0 and 1; what holds no finite number is NaN. Samples
that are NaN are passed over; infinite ones count.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit("void(float64[:,::1], int64[::1], float32[:,:,::1])", cache=True, nogil=True)
def of_samples(values, edges, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Reduce samples to stretches.

    Parameters
    ----------
    values : array of shape (n_channels, n_times)
    edges : array of shape (n_stretches + 1,)
        Stretch ``k`` holds the samples ``edges[k]`` to ``edges[k + 1]``, counted from the first.
    out : array of shape (n_channels, n_stretches, 2)
    """
    for channel in range(values.shape[0]):
        for k in range(edges.shape[0] - 1):
            low, high = np.inf, -np.inf
            for i in range(edges[k], edges[k + 1]):
                value = values[channel, i]
                if value < low:
                    low = value
                if value > high:
                    high = value
            there = low <= high
            out[channel, k, 0] = low if there else np.nan
            out[channel, k, 1] = high if there else np.nan


@njit("void(float32[:,:,::1], int64[::1], float32[:,:,::1])", cache=True, nogil=True)
def of_blocks(blocks, edges, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Reduce blocks, each with its least and greatest, to stretches of blocks.

    Parameters
    ----------
    blocks : array of shape (n_channels, n_blocks, 2)
    edges : array of shape (n_stretches + 1,)
    out : array of shape (n_channels, n_stretches, 2)
    """
    for channel in range(blocks.shape[0]):
        for k in range(edges.shape[0] - 1):
            low, high = np.float32(np.inf), np.float32(-np.inf)
            for i in range(edges[k], edges[k + 1]):
                if blocks[channel, i, 0] < low:
                    low = blocks[channel, i, 0]
                if blocks[channel, i, 1] > high:
                    high = blocks[channel, i, 1]
            there = low <= high
            out[channel, k, 0] = low if there else np.nan
            out[channel, k, 1] = high if there else np.nan


@njit("void(float32[:,:,::1], float32[::1])", cache=True, nogil=True)
def middles(columns, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Find the mean height of each channel, infinite and missing stretches left out.

    Parameters
    ----------
    columns : array of shape (n_channels, n_stretches, 2)
    out : array of shape (n_channels,)
    """
    for channel in range(columns.shape[0]):
        total, count = 0.0, 0
        for k in range(columns.shape[1]):
            value = 0.5 * (columns[channel, k, 0] + columns[channel, k, 1])
            if np.isfinite(value):
                total += value
                count += 1
        out[channel] = total / count if count else 0.0


@njit(
    "void(int16[:,::1], int64[::1], int64, int64, float64[::1], float64[::1], float64[:,::1])",
    cache=True,
    nogil=True,
)
def of_records(records, starts, n_samples, skip, gain, offset, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Decode samples that lie record by record, channel by channel.

    Parameters
    ----------
    records : array of shape (n_records, n_numbers)
    starts : array of shape (n_channels,)
        Where each channel that is wanted begins in a record.
    n_samples
        Samples of a channel in a record.
    skip
        Samples of each channel that are left out at the beginning.
    gain, offset : arrays of shape (n_channels,)
    out : array of shape (n_channels, n_times)
    """
    for channel in range(starts.shape[0]):
        done = 0
        for record in range(skip // n_samples, records.shape[0]):
            begin = skip % n_samples if done == 0 else 0
            count = min(n_samples - begin, out.shape[1] - done)
            place = starts[channel] + begin
            for i in range(count):
                value = records[record, place + i] * gain[channel] + offset[channel]
                out[channel, done + i] = value
            done += count


@njit(
    "void(int16[:,::1], int64[::1], int64, int64[::1], float64[::1], float64[::1], float32[:,:,::1])",
    cache=True,
    nogil=True,
)
def of_digital(records, starts, n_samples, edges, gain, offset, out):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
    """Reduce samples that lie record by record to stretches, without decoding them all.

    Parameters
    ----------
    records : array of shape (n_records, n_numbers)
    starts : array of shape (n_channels,)
        Where each channel that is wanted begins in a record.
    n_samples
        Samples of a channel in a record.
    edges : array of shape (n_stretches + 1,)
        Counted from the first sample of the first record; no stretch is empty.
    gain, offset : arrays of shape (n_channels,)
    out : array of shape (n_channels, n_stretches, 2)
    """
    for channel in range(starts.shape[0]):
        for k in range(edges.shape[0] - 1):
            low, high = 32767, -32768
            i = edges[k]
            while i < edges[k + 1]:
                record, begin = i // n_samples, i % n_samples
                count = min(n_samples - begin, edges[k + 1] - i)
                place = starts[channel] + begin
                for j in range(place, place + count):
                    digital = records[record, j]
                    if digital < low:
                        low = digital
                    if digital > high:
                        high = digital
                i += count
            first = low * gain[channel] + offset[channel]
            second = high * gain[channel] + offset[channel]
            out[channel, k, 0] = min(first, second)
            out[channel, k, 1] = max(first, second)
