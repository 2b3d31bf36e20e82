// Whether an address can be reached from this machine only.
import { BlockList, isIP } from "node:net";

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/**
 * Whether only this machine can be reached, or can reach, by it.
 * @param address HOST:PORT. Of names only `localhost` is known to mean this machine, whatever DNS says.
 */
export function isLoopback(address: string): boolean {
  const [, host = ""] = /^\[?(.*?)\]?:\d+$/.exec(address) ?? [];
  const family = isIP(host);
  if (family === 0) return host === "localhost";
  return loopback.check(host, family === 6 ? "ipv6" : "ipv4");
}
