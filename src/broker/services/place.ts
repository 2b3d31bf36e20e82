// Answers are made one after the other: one is there until the peer has taken it, which may be never, and is a hundred
// thousand times as large as what asked for it. So each connection has a few places for them.
import type { ServerUnaryCall } from "@grpc/grpc-js";
import type { Broker } from "../broker.js";
import type { Connection } from "../gate.js";
import { createTurnstile, type Turnstile } from "../turnstile.js";
import { whenClosed } from "./grpc.js";

/** Of one connection. */
const mostAnswers = 8;

const turnstiles = new WeakMap<Connection, Turnstile>();

/**
 * Resolves when there is a place for the answer of the call, which it leaves when nothing is left of it.
 * @returns whether anybody still waits for it: reading for those who have gone would take memory by the gigabyte
 */
export async function takePlace<Response>(broker: Broker, call: ServerUnaryCall<Buffer, Response>): Promise<boolean> {
  const connection = broker.gate.connection(call.getPeer());
  if (connection === undefined) return true;
  let turnstile = turnstiles.get(connection);
  if (turnstile === undefined) {
    turnstile = createTurnstile(mostAnswers);
    turnstiles.set(connection, turnstile);
  }
  const { come, leave } = turnstile.enter();
  whenClosed(call, leave);
  await come;
  return !call.cancelled;
}
