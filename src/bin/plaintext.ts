// What a node says to other machines without TLS, besides its own port: to the servers that keep its data and its address, and
// to whoever asks for its metrics. Somebody has asked for it by writing it so; it is said all the same.
import { isLoopback } from "../tls/loopback.js";

export interface PlaintextWays {
  buffer: string;
  registry?: string | undefined;
  http?: string | undefined;
}

/** A sentence each. */
export function plaintextDangers({ buffer, registry = "", http }: PlaintextWays): string[] {
  const dangers = [buffer, registry].flatMap((url) => {
    const { scheme, hosts } = serversOf(url);
    const away = hosts.filter((host) => !isLoopback(/:\d+$/.test(host) ? host : `${host}:0`));
    if (away.length === 0) return [];
    const secure = scheme === "etcd" ? "etcds" : scheme.replace("redis", "rediss");
    return [`no TLS to ${away.join()}: whoever is on the way reads and changes what is said (${secure}:// speaks it)`];
  });
  if (http !== undefined && !isLoopback(http)) {
    dangers.push(`whoever reaches ${http} (--http) reads the metrics: there is neither TLS nor authentication`);
  }
  return dangers;
}

/** Of a URL without TLS; empty for anything else. */
function serversOf(url: string): { scheme: string; hosts: string[] } {
  const [, scheme = "", hosts = ""] =
    /^(redis|redis-sentinel|redis-cluster|etcd):\/\/(?:[^@/?#]*@)?([^@/?#]*)/i.exec(url) ?? [];
  return { scheme: scheme.toLowerCase(), hosts: hosts === "" ? [] : hosts.split(",") };
}
