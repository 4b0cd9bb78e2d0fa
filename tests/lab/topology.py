# The topologies as data: which hosts there are, which networks join
# them, who routes through whom. lab.py turns the data into namespaces.
#
# A network is a bridge in the lab's own switch namespace (T0: a cable), so that
# nothing is made in the namespace that the lab is started from. Addresses say where they
# are: 10.N.0.X and fd00:N::X are host X of network N.

CLIENT, SERVER, SYNC, NEAR, FAR, BACK = 1, 2, 3, 4, 5, 6

SERVER_HOST = 11	# rs1 is .11, rs2 is .12, ...
CLIENT_HOST = 51	# c1 is .51, ...
GATEWAY = 254		# T2: moves between the directors


class Leg:
    """One interface of a host."""

    def __init__(self, network, host, mtu=1500, shared=False):
        self.network = network
        self.host = host
        self.mtu = mtu
        self.shared = shared	# also has the GATEWAY address

    @property
    def addr(self):
        return f"10.{self.network}.0.{self.host}"

    @property
    def addr6(self):
        return f"fd00:{self.network}::{self.host}"


class Host:
    """A host: its legs, the way out, and whether it routes."""

    def __init__(self, name, *legs, via=None, routes=(), forward=False):
        self.name = name
        self.legs = list(legs)
        self.via = via			# (network, host) or None
        self.routes = list(routes)	# [(network, (network, host))]
        self.forward = forward
        self.vip_on_lo = False

    @property
    def addr(self):
        return self.legs[0].addr

    @property
    def addr6(self):
        return self.legs[0].addr6


class Plan:
    """A topology: hosts in order, and the virtual addresses."""

    def __init__(self, hosts, network, bridged=True):
        self.bridged = bridged	# else a network is one cable, two hosts
        self.hosts = {host.name: host for host in hosts}
        self.networks = sorted({leg.network for host in hosts
                                for leg in host.legs})
        self.vip = f"10.{network}.0.100"
        self.vip6 = f"fd00:{network}::100"


def people(count, via, mtu=1500):
    return [Host(f"c{i + 1}", Leg(CLIENT, CLIENT_HOST + i, mtu), via=via)
            for i in range(count)]


def real_servers(count, via, method):
    """NAT: the way out is `via`. DR: a second leg leads to the clients."""
    hosts = []
    for i in range(count):
        host = Host(f"rs{i + 1}", Leg(SERVER, SERVER_HOST + i), via=via)
        if method == "DR":
            host.legs.append(Leg(CLIENT, SERVER_HOST + i))
            host.vip_on_lo = True
        hosts.append(host)
    return hosts


def single(clients, servers, method, forward):
    """T1: clients - d1 - servers."""
    director = Host("d1", Leg(CLIENT, 1), Leg(SERVER, 1), forward=forward)
    return Plan(people(clients, (CLIENT, 1)) + [director] +
                real_servers(servers, (SERVER, 1), method), CLIENT)


def pair(clients, servers, method, forward):
    """T2: two directors on both sides, and a network between them."""
    directors = [
        Host(f"d{i}", Leg(CLIENT, i, shared=i == 1),
             Leg(SERVER, i, shared=i == 1), Leg(SYNC, i), forward=forward)
        for i in (1, 2)]
    return Plan(people(clients, (CLIENT, GATEWAY)) + directors +
                real_servers(servers, (SERVER, GATEWAY), method), CLIENT)


def long_path(clients, servers, method, forward):
    """T3: a router with a narrow link on either side of the director."""
    if method == "DR":
        raise ValueError("T3 has no DR: a router stands between the "
                         "director and its servers")
    hosts = people(clients, (CLIENT, 1))
    hosts.append(Host("rt1", Leg(CLIENT, 1), Leg(NEAR, 2, 1300),
                      via=(NEAR, 1), forward=True))
    hosts.append(Host("d1", Leg(NEAR, 1, 1300), Leg(FAR, 1, 1400),
                      routes=[(CLIENT, (NEAR, 2)), (SERVER, (FAR, 2))],
                      forward=forward))
    hosts.append(Host("rt2", Leg(SERVER, 1), Leg(FAR, 2, 1400),
                      via=(FAR, 1), forward=True))
    hosts += real_servers(servers, (SERVER, 1), method)
    return Plan(hosts, NEAR)


def cables(_clients, _servers, method, forward):
    """T0, for benchmarks: c1 - d1 - rs1 by cables, and one from rs1 to c1."""
    server = real_servers(1, (SERVER, 1), "NAT")[0]
    server.legs.append(Leg(BACK, SERVER_HOST))
    server.vip_on_lo = method == "DR"
    return Plan([
        Host("c1", Leg(CLIENT, CLIENT_HOST), Leg(BACK, CLIENT_HOST),
             via=(CLIENT, 1)),
        Host("d1", Leg(CLIENT, 1), Leg(SERVER, 1), forward=forward),
        server], CLIENT, bridged=False)


TOPOLOGIES = {"T0": cables, "T1": single, "T2": pair, "T3": long_path}
