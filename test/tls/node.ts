// A node with TLS in this process, and what it takes to talk to it.

import { type Node, type NodeOptions, type NodeTls, startBroker } from "../../src/broker/index.js";
import { type Bus, type ConnectOptions, connect, type State, type TlsOptions } from "../../src/client/index.js";
import { embedded } from "../broker/buffers.js";
import type { Certificates, Files } from "../certificates.js";
import { assert, type T } from "../harness.js";
import { collect } from "../log.js";

export interface TlsNode extends Node {
  /** localhost and its port: of another name than its address. */
  readonly named: string;
  readonly lines: readonly string[];
}

export async function startTls(
  t: T,
  tls: NodeTls | undefined,
  options: Partial<Omit<NodeOptions, "tls">> = {},
): Promise<TlsNode> {
  const lines: string[] = [];
  const buffer = options.buffer ?? (await embedded(t));
  const node = await startBroker({
    listen: "127.0.0.1:0",
    log: collect(lines),
    ...options,
    buffer,
    tls,
  });
  t.after(() => node.close(0));
  return Object.assign(node, { lines, named: node.address.replace("127.0.0.1", "localhost") });
}

/** Of a client that trusts the authority, and shows the certificate, if any. */
export const trusting = ({ ca }: Pick<Certificates, "ca">, own?: Files): TlsOptions => ({ ca, ...own });

export async function open(
  t: T,
  address: string,
  tls: ConnectOptions["tls"],
  options: ConnectOptions = {},
): Promise<Bus> {
  const bus = await connect(address, { tls, timeoutMs: 10_000, ...options });
  t.after(() => bus.close({ timeoutMs: 0 }));
  return bus;
}

/** A message there and back. */
export async function works(bus: Bus, channel = "c"): Promise<void> {
  const subscription = bus.subscribe(channel);
  await subscription.ready;
  await bus.publish(channel, "hello");
  for await (const message of subscription) {
    assert.is(message.text, "hello");
    break;
  }
}

/** All states that it was in. */
export function recorded(): { states: State[]; onState: (state: State) => void } {
  const states: State[] = [];
  return { states, onState: (state) => void states.push(state) };
}
