// What the unary calls of Admin share.
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { decode, type Shape } from "../../wire/decode.js";
import { toRepriseError } from "../../wire/errors.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import { statusOf } from "./grpc.js";
import { takePlace } from "./place.js";

type Unary<Response> = (
  broker: Broker,
  access: Access,
  call: ServerUnaryCall<Buffer, Response>,
  callback: sendUnaryData<Response>,
) => void;

/** A unary method from the class and shape of its request and a function that returns the response or throws. */
export const unary =
  <Request, Response>(
    type: { deserializeBinary(bytes: Uint8Array): Request },
    shape: Shape,
    answer: (broker: Broker, request: Request, access: Access, peer: string) => Promise<Response>,
  ): Unary<Response> =>
  (broker, access, call, callback) => {
    const answered = async () => {
      const request = decode(type, call.request, shape);
      if (!(await takePlace(broker, call))) return;
      // How long that took was up to the peer.
      access.checkCredentials();
      callback(null, await answer(broker, request, access, call.getPeer()));
    };
    answered().catch((thrown: unknown) => callback(statusOf(toRepriseError(thrown))));
  };

/** How many things of a list are answered: as asked for, or `usual`; never more than `most`. */
export const atMost = (asked: number, usual: number, most: number): number => Math.min(asked || usual, most);

/** The channels of which a peer is told in what it asks of the whole node: not those that it is denied. */
export const administers =
  (access: Access) =>
  (channel: string): boolean =>
    access.allows("admin", channel);

/** An operator's act, for the log and for the recorder. */
export function recordAct(broker: Broker, access: Access, peer: string, channel: string, reason: string): void {
  const who = { session: "0", name: access.name ?? "", peer, method: "Admin" };
  broker.recorder.record({ kind: "admin", who, channel, reason });
  const about = { peer, identity: access.name, ...(channel !== "" && { channel }) };
  broker.log.info({ ...about, what: reason }, "an operator has acted");
}
