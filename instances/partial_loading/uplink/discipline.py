"""What an uplink discipline tells others: the clock forwards, latest times backwards, and what bounds may use.

Everything here works on plain numbers and knows no plan, so that hot loops can use it. Times are in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from partload.instances.channels import ChannelArrays

Floats = NDArray[np.float64]
NEVER = math.inf


class TimedBatch(Protocol):
    """One slot n, as far as its times do not depend on the other slots."""

    @property
    def upload_s(self) -> float:
        """up_n, the least time in which the whole band uploads its inputs."""

    @property
    def arrival_s(self) -> float:
        """r_n, the last arrival among its requests."""

    @property
    def run_s(self) -> float:
        """Time of inference, alpha + beta u."""

    @property
    def due_s(self) -> float:
        """The first deadline."""


class Uploads(NamedTuple):
    """Columns of K requests, each of shape (K,)."""

    channel: ChannelArrays
    input_bits: Floats
    """D_k."""
    deadline_s: Floats
    """d_k."""
    arrival_s: Floats
    """r_k."""


class UplinkDiscipline(Protocol):
    """How the requests of a plan share the band B."""

    @property
    def one_band(self) -> bool:
        """Whether all requests of a plan hold their bandwidths at the same time.

        Then one band has to be enough for all of them, and there is no default division. Otherwise the slots use the
        band one after another, and each divides all of it.
        """

    @property
    def begins_with_slot(self) -> bool:
        """Whether the uploads of a slot begin when the slot does, beside its load."""

    def upload_start_s(self, start_s: float, sent_s: float, arrival_s: float) -> float:
        """Time from which the upload times of slot n count.

        Parameters
        ----------
        start_s
            end_{n-1}.
        sent_s
            End of the uploads of slot n - 1.
        arrival_s
            r_n.
        """

    def forward(self, load_s: Sequence[float], batches: Sequence[TimedBatch]) -> tuple[list[float], list[float]]:
        """Times of N slots that start as soon as they can, with bandwidths still to be decided where they are constant.

        Parameters
        ----------
        load_s
            load_n of each slot.
        batches
            The slots.

        Returns
        -------
        end_{n-1} before each slot and after the last, and the time from which the uploads of each slot may run and of
        one more slot, arrivals apart; both of length N + 1.
        """

    def backward(
        self, load_s: Sequence[float], batches: Sequence[TimedBatch]
    ) -> tuple[list[float], list[float], list[float]]:
        """Latest times of N slots with which these and all later slots are in time, from the last slot to the first.

        Slots and uplink wait only for each other and for arrivals, which do not move, so the bounds on both hold
        independently. Arguments are those of ``forward``.

        Returns
        -------
        Latest end of each slot, length N; latest end_{n-1} before each slot and after the last, length N + 1, below 0
        or minus infinity at the start when the slots are late; latest time by which the uplink has sent the slots
        before each slot, length N + 1, infinite where the latest end says it all. A slot that its arrivals make late
        whatever comes before it has minus infinity.
        """

    def later_depends_on(self, end_s: float, sent_s: float) -> tuple[float, ...] | None:
        """What later slots depend on, from the end of a slot and of its uploads: the less of each, the sooner they end.

        None when bandwidths of the slots so far are settled only at the end of the plan.
        """

    def horizon_s(self, work_s: float, uploads: Uploads, bandwidth_hz: float) -> float:
        """Time by which every plan can have ended, whatever the deadlines say (proof in ``horizon``).

        Parameters
        ----------
        work_s
            S, the sum over the requests of everything that a plan does for each of them alone.
        uploads
            The requests, at least one.
        bandwidth_hz
            B.
        """

    def least_part(
        self, share: Floats, upload_s: Floats, inference_s: Floats, deadline_s: float, before_last_s: float
    ) -> Floats:
        """Part of the uplink that each request takes at least, so that the parts of those served sum to at most 1.

        The proof is that of the knapsack bound.

        Parameters
        ----------
        share
            Least constant part of the band of each request, shape (K,).
        upload_s
            Part of the upload time of a slot that each request accounts for at least, shape (K,).
        inference_s
            Part of the inference time of a slot that each request accounts for at least, shape (K,).
        deadline_s
            Time by which all of them are served.
        before_last_s
            Time before which the last slot is ready.
        """
