// Broker.Connect: a peer with everything on one stream. Requests are taken in order; each is answered on the stream,
// and a bad one leaves it open, unless there is no session yet to answer in.
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { readPublish } from "../../wire/batch.js";
import { type ClientItem, protocolVersion, readClientFrame } from "../../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../../wire/errors.js";
import { maxFrameItems } from "../../wire/limits.js";
import { checkMemberId } from "../../wire/members.js";
import { encodeWelcome } from "../../wire/server-item.js";
import { type Access, anyone } from "../access.js";
import type { Broker } from "../broker.js";
import { nodesItem } from "../directory.js";
import { Session } from "../session.js";
import { boundReadAhead, checkName, frameSink, producerId, turnAway, whenGone } from "./grpc.js";

/** A stream that does not say hello for this long is ended. */
const helloMs = 10_000;

export function connect(broker: Broker, access: Access, call: ServerDuplexStream<Buffer, Buffer>): void {
  let session: Session | undefined;
  const giveUp = (reason: RepriseError) => turnAway(broker, call, reason);
  const waitForHello = setTimeout(() => {
    giveUp(new RepriseError("protocol_violation", `no hello within ${helloMs / 1000} s`));
  }, helloMs);
  broker.stopping.add(giveUp);
  const waited = () => {
    clearTimeout(waitForHello);
    broker.stopping.delete(giveUp);
  };
  whenGone(call, () => {
    waited();
    session?.close();
  });
  boundReadAhead(call);
  call.on("data", (frame: Buffer) => {
    let items = 0;
    try {
      for (const item of readClientFrame(frame)) {
        if (++items > maxFrameItems) {
          throw new RepriseError("protocol_violation", `a frame of more than ${maxFrameItems} items`);
        }
        if (session !== undefined) handle(session, item);
        else {
          session = welcome(broker, access, call, item);
          waited();
        }
      }
    } catch (thrown) {
      const error = toRepriseError(thrown);
      if (session !== undefined) session.refuse(error);
      else giveUp(error);
    }
  });
  call.on("end", () => {
    if (session !== undefined) session.endWhenAnswered();
    else giveUp(new RepriseError("protocol_violation", "the stream ended without a hello"));
  });
}

/** @throws RepriseError, before there is a session */
function welcome(broker: Broker, access: Access, call: ServerDuplexStream<Buffer, Buffer>, item: ClientItem): Session {
  broker.checkSession(access, call.getPeer());
  if (item.kind !== "hello") throw new RepriseError("protocol_violation", "the first item of a stream is hello");
  if (item.version !== protocolVersion) {
    throw new RepriseError(
      "unsupported_version",
      `protocol version ${item.version}: this node speaks version ${protocolVersion}`,
    );
  }
  const session = new Session(broker.sessions.newId(), broker, frameSink(call), {
    method: "Connect",
    peer: call.getPeer(),
    access,
    // What a peer says of itself does not count against what it has proven (P-42).
    name: access.name ?? checkName(item.name),
    producer:
      item.producer.length === 0 ? undefined : producerId("p", item.producer, access, "the producer of a hello"),
    ...(item.member !== "" && { member: access.own(checkMemberId(item.member)) }),
    discover: item.discover,
  });
  broker.sessions.add(session);
  const { node, limits, heartbeatIntervalMs } = broker;
  const { ackLevel } = broker.buffer;
  session.send(encodeWelcome({ node, session: session.id, limits, heartbeatIntervalMs, ackLevel }));
  if (access !== anyone) session.tellIdentity();
  // Of this node alone the peer knows an address already, and one that works.
  if (item.discover && broker.nodes.addresses.length > 1) session.send(nodesItem(broker.nodes.addresses));
  if (!broker.buffer.available) session.heartbeat(Date.now());
  return session;
}

function handle(session: Session, item: ClientItem): void {
  switch (item.kind) {
    case "publish":
      session.publish(readPublish(item.request));
      break;
    case "subscribe":
      void session.subscriptions.subscribe(item.channel, item.start, item.compressed);
      break;
    case "unsubscribe":
      session.subscriptions.unsubscribe(item.channel);
      break;
    case "enter":
      session.attendance.enter(item.channel, item.metadata);
      break;
    case "leave":
      session.attendance.leave(item.channel);
      break;
    case "watchMembers":
      void session.attendance.watch(item.channel);
      break;
    case "unwatchMembers":
      session.attendance.unwatch(item.channel);
      break;
    case "authenticate":
      void session.authenticate(item.token);
      break;
    case "hello":
      session.refuse(new RepriseError("protocol_violation", "hello is said once, at the beginning"));
  }
}
