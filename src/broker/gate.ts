// Who may connect, before anything of a connection is read: that costs the node little, and a peer that is turned away is told
// nothing. What came in is known here until it is closed.
import type { Socket } from "node:net";
import type { Meters, Rates } from "./meters.js";
import { type Quota, type Quotas, type Refusals, retryAfterMs } from "./quotas.js";
import { Rate } from "./rate.js";

/** An open connection. */
export interface Connection {
  socket: Socket;
  openedAt: number;
  /** A call on it was let in. */
  used: boolean;
  /** Those that have made calls on it. */
  identities: Set<string>;
  /** Of what it publishes without a session. */
  rates: Rates;
}

interface Address {
  connections: number;
  handshakes: Rate;
}

export interface Gate {
  /** Whether it may come in. If so, it counts until it is closed. */
  admits(socket: Socket): boolean;
  /**
   * A call is let in.
   * @param peer as gRPC names it
   * @throws RepriseError `limit_reached`
   */
  use(peer: string, identity: string | undefined): void;
  connection(peer: string): Connection | undefined;
  close(): void;
}

export interface GateOptions {
  /** Asked each time: they may become others. */
  quotas: Quotas;
  refusals: Refusals;
  meters: Meters;
}

const lookMs = 1_000;

export function createGate({ quotas, refusals, meters }: GateOptions): Gate {
  const connections = new Map<string, Connection>();
  const addresses = new Map<string, Address>();
  const identities = new Map<string, number>();
  const handshakes = new Rate(() => quotas.handshakes);
  /** In the order in which they came. */
  const unused = new Set<Connection>();

  /** What has been reached, if anything. */
  function reached(at: Address, now: number): Quota | undefined {
    if (connections.size >= quotas.connections) return "connections";
    if (at.connections >= quotas.connectionsPerAddress) return "connectionsPerAddress";
    // First its own: one address shall not use up what others need.
    if (at.handshakes.waitMs(now) > 0) return "handshakesPerAddress";
    if (handshakes.waitMs(now) > 0) return "handshakes";
    return undefined;
  }

  function addressOf(name: string): Address {
    let address = addresses.get(name);
    if (address === undefined) {
      address = { connections: 0, handshakes: new Rate(() => quotas.handshakesPerAddress) };
      addresses.set(name, address);
    }
    return address;
  }

  function left(key: string, name: string, address: Address, connection: Connection): void {
    if (connections.get(key) === connection) connections.delete(key);
    unused.delete(connection);
    address.connections--;
    for (const identity of connection.identities) {
      const others = identities.get(identity)! - 1;
      if (others === 0) identities.delete(identity);
      else identities.set(identity, others);
    }
    if (address.connections === 0 && address.handshakes.isFresh(performance.now())) addresses.delete(name);
  }

  const timer = setInterval(() => {
    const now = performance.now();
    for (const connection of unused) {
      if (now < connection.openedAt + quotas.unusedMs) break;
      unused.delete(connection);
      const peer = connection.socket.remoteAddress;
      refusals.count("unusedMs", { peer, why: "nothing was asked for in time on a connection" });
      connection.socket.destroy();
    }
    for (const [name, { connections, handshakes }] of addresses) {
      if (connections === 0 && handshakes.isFresh(now)) addresses.delete(name);
    }
  }, lookMs);

  return {
    admits(socket) {
      const { remoteAddress = "", remotePort } = socket;
      const name = networkOf(remoteAddress);
      const now = performance.now();
      const address = addressOf(name);
      const quota = reached(address, now);
      if (quota !== undefined) {
        refusals.count(quota, {
          peer: remoteAddress,
          why: `a connection was turned away: there may be ${quotas[quota]}`,
        });
        return false;
      }
      address.handshakes.take(1, now);
      handshakes.take(1, now);
      address.connections++;
      const key = `${remoteAddress}:${remotePort}`;
      const connection = { socket, openedAt: now, used: false, identities: new Set<string>(), rates: meters.ofOne() };
      connections.set(key, connection);
      unused.add(connection);
      socket.once("close", () => left(key, name, address, connection));
      return true;
    },
    use(peer, identity) {
      const connection = connections.get(peer);
      if (connection === undefined) return;
      if (identity !== undefined && !connection.identities.has(identity)) {
        const others = identities.get(identity) ?? 0;
        if (others >= quotas.connectionsPerIdentity) {
          throw refusals.of(
            "connectionsPerIdentity",
            `${identity} has ${others} connections to this node, the most allowed`,
            retryAfterMs,
            { peer, identity },
          );
        }
        connection.identities.add(identity);
        identities.set(identity, others + 1);
      }
      if (connection.used) return;
      connection.used = true;
      unused.delete(connection);
    },
    connection: (peer) => connections.get(peer),
    close: () => clearInterval(timer),
  };
}

/** What counts as one address: of IPv6 whoever has one has 2^64 of them. */
export function networkOf(address: string): string {
  if (!address.includes(":") || address.startsWith("::ffff:")) return address;
  const [before, after] = address.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = after === undefined ? 0 : 8 - before!.length - after.length;
  return [...before!, ...Array<string>(zeros).fill("0"), ...(after ?? [])].slice(0, 4).join(":");
}
