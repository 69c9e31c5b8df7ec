"""What sets an instance apart from the default rules, in a few words."""

from __future__ import annotations

from instances.partial_loading.instance import Instance


def features(instance: Instance) -> str:
    """The rules and limits of an instance that are not the default ones, ``-`` if all are."""
    server, arrays = instance.server, instance.arrays
    defaults = {"residency": "previous", "visits": "once", "uplink": "slotted"}
    found = [getattr(server, name) for name, default in defaults.items() if getattr(server, name) != default]
    found = [f"visits {value}" if value == "any" else value for value in found]
    limits = {
        "power-limited": not arrays.channel.flat.all(),
        "deadlines": len(set(arrays.deadline_s.tolist())) > 1,
        "weights": len(set(arrays.weight.tolist())) > 1,
        "memory": server.memory_bytes is not None,
        "batch limit": any(model.max_batch is not None for model in instance.models),
        "load latency": server.load_latency_s > 0,
        "resident blocks": len(server.resident_blocks) > 0,
    }
    return ", ".join(found + [name for name, present in limits.items() if present]) or "-"
