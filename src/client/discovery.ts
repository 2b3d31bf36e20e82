// Where the nodes are: addresses as they were given, and sources that are asked. Of `targets`
//
//   etcd://… etcds://…   names the nodes that are ready, of a registry in etcd
//   dns://NAME:PORT      all that the name leads to
//   anything else        is an address itself: HOST:PORT, or what gRPC calls a target
//
// A source is asked when somebody wants addresses, and is only believed to be wrong when it says so: what cannot be asked,
// or suddenly names nobody, keeps its last answer.
import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";
import { isEtcdUrl } from "../etcd/address.js";
import { openEtcd } from "../etcd/client.js";
import { readNodes } from "../etcd/nodes.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { onDeadline } from "./deadline.js";

export interface Discovery {
  /** The targets, for people: without secrets. */
  readonly names: readonly string[];
  /**
   * All that is known, each once, at least one; not older than about a second, as far as the sources answer.
   * Takes 3 s at most, 1 s where there was an answer before. Rejects with `unavailable` if nothing is known yet.
   */
  addresses(): Promise<readonly string[]>;
  /** For TLS: the name that the node at this address must prove to have; undefined: that of the address itself. */
  serverName(address: string): string | undefined;
  close(): void;
}

/** One of the targets. */
interface Source {
  name: string;
  serverName?: string;
  /** What it says now. */
  ask(): Promise<readonly string[]>;
  close?(): void;
}

/** All addresses of a host. */
export type Lookup = (host: string) => Promise<readonly string[]>;

const freshMs = 1_000;
/** For the first answer, and for another one. */
const firstPatienceMs = 3_000;
const patienceMs = 1_000;

const systemLookup: Lookup = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * Asks nobody yet.
 * @throws RepriseError `invalid_argument`
 */
export function discover(targets: readonly string[], lookup: Lookup = systemLookup): Discovery {
  const sources = targets.map((target) => remember(sourceOf(target, lookup)));
  return {
    names: sources.map(({ source }) => source.name),
    async addresses() {
      const answers = await Promise.allSettled(sources.map((one) => one.addresses()));
      const known = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
      const failed = answers.find((answer) => answer.status === "rejected");
      if (known.length === 0 && failed !== undefined) throw failed.reason;
      return [...new Set(known)];
    },
    serverName: (address) => sources.find((one) => one.last.includes(address))?.source.serverName,
    close() {
      for (const { source } of sources) source.close?.();
    },
  };
}

interface Remembered {
  source: Source;
  readonly last: readonly string[];
  addresses(): Promise<readonly string[]>;
}

function remember(source: Source): Remembered {
  let last: readonly string[] = [];
  let failure = new RepriseError("unavailable", `${source.name} does not answer`);
  let askedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;
  async function ask(): Promise<void> {
    askedAt = performance.now();
    try {
      const found = await source.ask();
      if (found.length === 0) throw new RepriseError("unavailable", `${source.name} names nobody to connect to`);
      last = found;
    } catch (thrown) {
      failure = toRepriseError(thrown, "unavailable");
    }
  }
  return {
    source,
    get last() {
      return last;
    },
    async addresses() {
      if (performance.now() >= askedAt + freshMs) {
        asking ??= ask().finally(() => {
          asking = undefined;
        });
      }
      if (asking !== undefined) await atMost(last.length > 0 ? patienceMs : firstPatienceMs, asking);
      if (last.length === 0) throw failure;
      return last;
    },
  };
}

/** Waits for it, but not for ever. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let stop = () => {};
  const late = new Promise<void>((resolve) => {
    stop = onDeadline(ms, resolve);
  });
  await Promise.race([work, late]);
  stop();
}

function sourceOf(target: string, lookup: Lookup): Source {
  if (isEtcdUrl(target)) return etcdSource(target);
  if (/^dns:\/\/[^/]/.test(target)) return dnsSource(target, lookup);
  return { name: target, ask: async () => [target] };
}

function etcdSource(url: string): Source {
  const etcd = openEtcd(url);
  return {
    name: etcd.address.where,
    async ask() {
      const nodes = await readNodes(etcd);
      return nodes.flatMap(({ state, address }) => (state === "ready" && address !== "" ? [address] : []));
    },
    close: etcd.close,
  };
}

function dnsSource(target: string, lookup: Lookup): Source {
  const [, host, port] = /^dns:\/\/([^\s:/[\]@]+):(\d{1,5})$/.exec(target) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw new RepriseError("invalid_argument", `${JSON.stringify(target)}: expected dns://NAME:PORT`);
  }
  return {
    name: target,
    serverName: host,
    async ask() {
      const found = await lookup(host).catch((thrown: Error) => {
        throw new RepriseError("unavailable", `${target}: ${thrown.message}`);
      });
      return found.map((ip) => (isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`));
    },
  };
}
