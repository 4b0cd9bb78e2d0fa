# Who did what, and whether each promise held.
#
# nftables in each server notes the client's address and port of every
# connection that reaches it, and when, and counts the resets it sends; in each
# client it counts the resets that arrive. So a request that failed is known by
# its port to have been some server's, without asking lvsd.

import json
import re

from director import say

LIFE = 300		# seconds that nftables remembers a connection
CLIENTS = "10.1.0.0/24"

AT_SERVER = """
table ip demo {
	set flows {
		type ipv4_addr . inet_service
		size 65535
		flags dynamic, timeout
		timeout %ds
	}
	chain in {
		type filter hook input priority 0
		ip saddr %s tcp dport 80 tcp flags & (syn | ack) == syn \\
			update @flows { ip saddr . tcp sport }
	}
	chain out {
		type filter hook output priority 0
		ip daddr %s tcp sport 80 tcp flags rst counter
	}
}
""" % (LIFE, CLIENTS, CLIENTS)

AT_CLIENT = """
table ip demo {
	chain in {
		type filter hook input priority 0
		tcp sport 80 tcp flags rst counter
	}
}
"""


def watch(lab):
    """Sets the watchers up."""
    for host, rules in [(s, AT_SERVER) for s in lab.servers] + [
            (c, AT_CLIENT) for c in lab.clients]:
        lab.run(host, "nft", "-f", "-", input=rules)


def collect(lab):
    """{"resets": {host: count}, "flows": {flow: set of servers}, ...}"""
    resets, flows = {}, {}
    for host in lab.servers + lab.clients:
        text = lab.run(host, "nft", "-j", "list", "ruleset").stdout
        resets[host] = 0
        for item in json.loads(text)["nftables"]:
            for part in item.get("rule", {}).get("expr", []):
                resets[host] += part.get("counter", {}).get("packets", 0)
            for element in item.get("set", {}).get("elem", []):
                addr, port = element["elem"]["val"]["concat"]
                flows.setdefault(f"{addr}:{port}", set()).add(host)
    return {"resets": resets, "flows": flows}


def read_wrk(text):
    """What served.lua printed: answers by server, and errors. ValueError with
    wrk's own line when there is no such thing."""
    served = {name: int(count) for name, count in
              re.findall(r"^served (\S+) (\d+)$", text, re.M)}
    errors = re.search(r"^errors (\d+) (\d+) (\d+)$", text, re.M)
    if not errors:
        lines = [line for line in text.splitlines() if line.strip()]
        raise ValueError(lines[-1].strip() if lines else "no word from it")
    return {"served": served, "errors": sum(map(int, errors.groups()))}


def gained(before, after):
    """New connections by server, of those that were removed too."""
    seen = {**after["gone"], **after["dests"]}
    return {name: one["conns"] - before["dests"].get(name, {"conns": 0})[
        "conns"] for name, one in seen.items()}


def server_of(case, told):
    """The server that a transfer was bound to; None: nobody saw it."""
    if told["server"]:
        return told["server"]
    seen = case["sight"]["flows"].get(told["flow"], set())
    return next(iter(seen)) if len(seen) == 1 else None


def phase_of(case, told):
    for number, phase in enumerate(case["phases"]):
        if told["start"] < phase["end"]:
            return number
    return len(case["phases"]) - 1


def count(case, number, server):
    """(requests, downloads, failures) of a server in a phase."""
    requests = sum(w["served"].get(server, 0)
                   for w in case["phases"][number]["wrk"])
    downloads = failures = 0
    for told in case["told"]:
        if phase_of(case, told) != number or server_of(case, told) != server:
            continue
        failures += told["error"] is not None
        requests += told["kind"] == "request" and told["error"] is None
        downloads += told["kind"] == "download" and told["error"] is None
    return requests, downloads, failures


def table(case):
    say("\nWhat each server did, phase by phase", bold=True)
    say(" " * 16 + "".join(f"{s:>15}" for s in case["servers"]))
    for number, phase in enumerate(case["phases"]):
        counts = [count(case, number, s) for s in case["servers"]]
        conns = [phase["conns"].get(s, 0) for s in case["servers"]]
        for label, what, numbers in (
                (f"{number + 1}", "requests", [c[0] for c in counts]),
                ("", "downloads", [c[1] for c in counts]),
                ("", "connections", conns),
                ("", "failures", [c[2] for c in counts])):
            say(f"{label:3}{what:13}" + "".join(
                f"{n or '-':>15}" for n in numbers))
        errors = sum(w["errors"] or 0 for w in phase["wrk"])
        if errors:
            say(f"   {'... and wrk':13}{errors:15} failures")


def promise(held, text):
    say(f"{'held  ' if held else 'BROKEN'}  {text}", bold=not held)
    return bool(held)


def verdict(case):
    say("\nVerdict", bold=True)
    checks = (failures_are_the_dead_ones, wrk_failures_too, found_out,
              downloads_are_whole, drained_quietly)
    return all([check(case) for check in checks])


def failures_are_the_dead_ones(case):
    killed, _ = case["killed"]
    failed = [t for t in case["told"] if t["error"]]
    strange = [t for t in failed if server_of(case, t) != killed
               or case["down"] is None or t["start"] > case["down"]]
    for t in strange[:5]:
        when = t["start"] - (case["down"] or 0)
        say(f"        {t['kind']} {t['flow']}: {t['error']}, by "
            f"{server_of(case, t)}, begun {when:+.3f} s from down")
    return promise(
        not strange and case["told"],
        f"c3, c4: {len(failed)} of {len(case['told'])} requests failed, all "
        f"{killed}'s,\n        begun before it was taken out")


def wrk_failures_too(case):
    """wrk does not tell its ports; but a failure is a server's doing, the
    dead one's only if none other reset anything."""
    killed, at = case["killed"]
    flows = sum(killed in servers and flow.split(":")[0].endswith(
        (".51", ".52")) for flow, servers in case["sight"]["flows"].items())
    calm = [w["errors"] for p in case["phases"] for w in p["wrk"]
            if not p["begin"] < at < p["end"]]
    storm = [w["errors"] for p in case["phases"] for w in p["wrk"]
             if p["begin"] < at < p["end"]]
    resets = case["sight"]["resets"]
    others = sum(resets[s] for s in case["servers"] if s != killed)
    arrived = sum(n for host, n in resets.items() if host[0] == "c")
    known = None not in calm + storm
    return promise(
        known and not sum(calm) and sum(storm) <= flows and not others
        and arrived <= resets[killed],
        f"c1, c2: {sum(storm) if known else '?'} failures when {killed} died "
        f"(of {flows} connections there), no other;\n        "
        f"{arrived} resets reached clients, {killed} sent "
        f"{resets[killed]}, other servers {others}")


def found_out(case):
    killed, at = case["killed"]
    if case["down"] is None:
        return promise(False, f"{killed} was never found dead")
    took = case["down"] - at
    return promise(0 <= took <= case["allowed"],
                   f"{killed} was taken out {took:.2f} s after its death "
                   f"(settings: {case['allowed']:g} s at most)")


def downloads_are_whole(case):
    killed, _ = case["killed"]
    loads = [t for t in case["told"] if t["kind"] == "download"]
    broken = [t for t in loads if t["error"]]
    others = [t for t in broken if server_of(case, t) != killed]
    whole = len(loads) - len(broken)
    return promise(whole and not others,
                   f"{whole} downloads whole and right; {len(broken) - len(others)} broken "
                   f"on {killed}, {len(others)} elsewhere")


def drained_quietly(case):
    name = case["drained"]
    failed = sum(server_of(case, t) == name and t["error"] is not None
                 for t in case["told"])
    resets = case["sight"]["resets"][name]
    return promise(case["active"] == 0 and not failed and not resets,
                   f"{name} drained to {case['active']} active connections, "
                   f"{resets} resets, {failed} failures")
