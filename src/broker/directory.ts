// What peers are told of the nodes that they may connect to (P-30).
import { encodeNodes } from "../wire/server-item.js";
import { shuffled } from "./balance.js";
import type { Broker } from "./broker.js";

/** More than a peer will ever try; each is told others then. */
const mostAddresses = 100;

/** Sessions that are told the same choice. */
const sameChoice = 100;

export function nodesItem(addresses: readonly string[]): Buffer {
  const all = addresses.length <= mostAddresses;
  return encodeNodes(all ? addresses : shuffled(addresses).slice(0, mostAddresses));
}

/** From now on tells every change to the peers that want to know. Ends with `broker.nodes`. */
export function tellNodes(broker: Broker): void {
  broker.nodes.onAddresses((addresses) => {
    let item = nodesItem(addresses);
    let told = 0;
    for (const session of broker.sessions) {
      if (session.options.discover !== true || session.moving !== undefined) continue;
      if (++told % sameChoice === 0) item = nodesItem(addresses);
      session.send(item);
    }
  });
}
