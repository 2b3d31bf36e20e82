// Broker.Subscribe: the simplest consumer. A session like any other that cannot ask for anything more; a subscription
// that is refused ends the call.
import type { ServerWritableStream } from "@grpc/grpc-js";
import pb from "../../../generated/reprise/v1/broker_pb.js";
import { isCompressed, readStart } from "../../wire/client-frame.js";
import { decode, subscribeShape } from "../../wire/decode.js";
import { RepriseError, toRepriseError } from "../../wire/errors.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import { Session } from "../session.js";
import { frameSink, turnAway, whenGone } from "./grpc.js";

export function subscribe(broker: Broker, access: Access, call: ServerWritableStream<Buffer, Buffer>): void {
  try {
    broker.checkSession(access, call.getPeer());
    const subscriptions = decode(pb.SubscribeRequest, call.request, { 1: subscribeShape }).getSubscriptionsList();
    if (subscriptions.length === 0) throw new RepriseError("invalid_argument", "a request without subscriptions");
    const session = new Session(broker.sessions.newId(), broker, frameSink(call), {
      method: "Subscribe",
      peer: call.getPeer(),
      access,
      name: access.name ?? "",
      producer: undefined,
      subscribesOnce: true,
    });
    broker.sessions.add(session);
    whenGone(call, () => session.close());
    for (const subscription of subscriptions) {
      void session.subscriptions.subscribe(
        subscription.getChannel(),
        readStart(subscription.getStart()),
        isCompressed(subscription),
      );
    }
  } catch (thrown) {
    turnAway(broker, call, toRepriseError(thrown));
  }
}
