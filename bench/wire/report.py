# Samples to tables, ratios and a picture.
#
# A ratio is the median of the ratios round by round: both numbers of a pair
# were taken within seconds of each other, so what the machine did otherwise
# cancels out. A spread is half of the range, in percent of the median.

import os
import platform
import statistics

import measures
import paths

# measure -> the path that ratios are to; (path, measure) -> what is aimed for
BASE = {"udp": "nft", "requests": "haproxy", "connects": "haproxy",
        "bulk": "haproxy"}
AIMS = {"udp": 0.95, "requests": 1.4, "connects": 1.6, "bulk": 1.5}
LABEL = {p.name: p.label for p in paths.ALL}


def machine():
    """What the figures depend on."""
    model = ""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
    return {"kernel": platform.release().partition("-")[0], "cpu": model,
            "cpus": os.cpu_count(),
            "haproxy": paths.version("haproxy", "-v"),
            "nginx": paths.version("nginx", "-v"),
            "nft": paths.version("nft", "-v"),
            "iperf3": paths.version("iperf3", "-v"),
            "wrk": paths.version("wrk", "-v")}


def series(result, regime, path, measure):
    """{round: value} on the better CPU, and that CPU."""
    by_cpu = {}
    for s in result["samples"]:
        if (s["regime"], s["path"], s["measure"]) == (regime, path, measure):
            by_cpu.setdefault(s["cpu"], {})[s["round"]] = s["value"]
    if not by_cpu:
        return None, None
    best = max(by_cpu, key=lambda cpu: statistics.median(
        by_cpu[cpu].values()))
    return by_cpu[best], best


def ratio(result, regime, path, measure):
    """The median of the rounds' ratios to the base, with the extremes."""
    own, _ = series(result, regime, path, measure)
    base, _ = series(result, regime, BASE[measure], measure)
    if not own or not base:
        return None
    pairs = [own[r] / base[r] for r in own if r in base and base[r] > 0]
    if not pairs:
        return None
    return statistics.median(pairs), min(pairs), max(pairs)


def cell(result, regime, path, measure):
    """At most fourteen columns: median, spread, ratio."""
    values, _ = series(result, regime, path, measure)
    if not values:
        return "-"
    unit = measures.LABELS[measure][2]
    middle = statistics.median(values.values())
    spread = (max(values.values()) - min(values.values())) / 2
    against = ratio(result, regime, path, measure)
    return (f"{middle / unit:5.4g}"
            f"{100 * spread / middle if middle else 0:3.0f}%"
            + (f"{against[0]:5.2f}" if against else "    -"))


def show(result):
    for regime, (about, _, _) in paths.REGIMES.items():
        if any(s["regime"] == regime for s in result["samples"]):
            table(result, regime, about)
    for name, why in result["skipped"].items():
        print(f"not measured: {LABEL[name]}: {why}")
    for line in result["failures"]:
        print(f"failed: {line}")


def table(result, regime, about):
    print(f"\n{about}: median, spread, ratio")
    for heads in (("UDP kpps", "requests k/s", "connects k/s", "bulk Gbit/s"),
                  [f"x {BASE[m]}" for m in measures.ALL]):
        print(" " * 18 + "".join(f"{head:>15}" for head in heads))
    for path in paths.ALL:
        row = [cell(result, regime, path.name, m) for m in measures.ALL]
        if any(c != "-" for c in row):
            print(f"{path.label:18.18}" + "".join(f"{c:>15}" for c in row))
    for path in paths.ALL:
        cpus = [series(result, regime, path.name, m)[1] for m in measures.ALL]
        if path.pinned and any(cpu is not None for cpu in cpus):
            print(f"  {path.label} did best on CPU " + ", ".join(
                f"{cpu} ({m})" for m, cpu in zip(measures.ALL, cpus)
                if cpu is not None))
    for measure, aim in AIMS.items():
        got = ratio(result, regime, "lvsd-nat", measure)
        if got:
            print(f"  lvsd NAT {measure}: {got[0]:.2f} ({got[1]:.2f} to "
                  f"{got[2]:.2f}) x {LABEL[BASE[measure]].split()[0]}"
                  + judged(regime, got[0], aim))


def judged(regime, value, aim):
    """The aims are for default offloads."""
    if regime != "default":
        return ""
    return f", aim {aim}: " + ("reached" if value >= aim else "NOT reached")


def plot(result, name):
    """Writes the picture; says why not where it cannot."""
    try:
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
    except ImportError:
        return "no picture: apt install python3-matplotlib"
    regimes = [r for r in paths.REGIMES
               if any(s["regime"] == r for s in result["samples"])]
    kinds = [m for m in measures.ALL
             if any(s["measure"] == m for s in result["samples"])]
    figure, axes = plt.subplots(len(regimes), len(kinds), squeeze=False,
                                figsize=(3.6 * len(kinds) + 1.4,
                                         2.7 * len(regimes) + 0.6))
    for row, regime in zip(axes, regimes):
        for axis, measure in zip(row, kinds):
            panel(axis, result, regime, measure, axis is row[0])
        row[0].set_title(paths.REGIMES[regime][0], loc="left", pad=22,
                         fontsize=10, fontweight="bold")
    figure.suptitle(f"{result['machine']['cpu']}, Linux "
                    f"{result['machine']['kernel']}, {result['date']}: "
                    "medians and ranges", fontsize=9)
    figure.tight_layout(rect=(0, 0, 1, 0.99))
    figure.savefig(name, dpi=110)
    return None


def panel(axis, result, regime, measure, names):
    label, unit, scale = measures.LABELS[measure]
    shown = [p for p in paths.ALL if any(
        series(result, r, p.name, m)[0] for r in paths.REGIMES
        for m in measures.ALL)]
    for y, path in enumerate(reversed(shown)):
        values, _ = series(result, regime, path.name, measure)
        if not values:
            continue
        numbers = [v / scale for v in values.values()]
        middle = statistics.median(numbers)
        color = "#c0392b" if path.name.startswith("lvsd") else "#8aa0b4"
        axis.barh(y, middle, color=color, height=0.7)
        axis.errorbar(middle, y, color="black", lw=0.8, capsize=2, xerr=[
            [middle - min(numbers)], [max(numbers) - middle]])
        against = ratio(result, regime, path.name, measure)
        axis.text(max(numbers) * 1.03, y, f"{middle:.4g}" + (
            f"  ({against[0]:.2f}x)" if against else ""), va="center",
            fontsize=7)
    axis.set_yticks(range(len(shown)),
                    [p.label for p in reversed(shown)] if names
                    else [""] * len(shown), fontsize=8)
    axis.set_ylim(-0.6, len(shown) - 0.4)
    axis.set_xlim(0, axis.get_xlim()[1] * 1.35)
    axis.set_xlabel(f"{label}, {unit}  (x {LABEL[BASE[measure]]})",
                    fontsize=8)
    axis.tick_params(axis="x", labelsize=7)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
