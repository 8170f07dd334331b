"""How fast is the flight calculator beside the bare arithmetic and a per-call peer?"""

import time
from statistics import median


def itinerary() -> None:
    """Time one itinerary, in process, after a warm-up."""
    from calculators.flight.itinerary import Itinerary, Leg, estimate  # noqa: PLC0415 - timed apart

    trip = Itinerary((Leg("CDG", "JNB"), Leg("JNB", "CDG")))
    estimate(trip)
    times = []
    for _ in range(200):
        began = time.perf_counter()
        estimate(trip)
        times.append(time.perf_counter() - began)
    print(f"one itinerary of two legs: median {median(times) * 1000:.2f} ms")
