// Broker.History: one page of the past.
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import pb from "../../../generated/reprise/v1/broker_pb.js";
import { checkChannel } from "../../wire/channel.js";
import { readStart, writePosition } from "../../wire/client-frame.js";
import { decode, startShape } from "../../wire/decode.js";
import { toRepriseError } from "../../wire/errors.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import type { Connection } from "../gate.js";
import { history } from "../history.js";
import { createTurnstile, type Turnstile } from "../turnstile.js";
import { statusOf, whenClosed } from "./grpc.js";

const defaultLimit = 100;

/** Of one connection at a time: a page is there until the peer has taken it. */
const mostPages = 8;

const turnstiles = new WeakMap<Connection, Turnstile>();

export async function historyPage(
  broker: Broker,
  access: Access,
  call: ServerUnaryCall<Buffer, Buffer>,
  callback: sendUnaryData<Buffer>,
): Promise<void> {
  try {
    const request = decode(pb.HistoryRequest, call.request, { 1: "text", 2: startShape });
    const limit = request.getLimit() || defaultLimit;
    const channel = checkChannel(request.getChannel());
    access.check("history", channel);
    await turn(broker, call);
    // Reading for those who have gone would take memory by the gigabyte.
    if (call.cancelled) return;
    // How long that took was up to the peer, which may have lost its right meanwhile.
    access.checkCredentials();
    access.check("history", channel);
    const page = await history(broker.buffer, channel, readStart(request.getStart()), limit);
    const tail = new pb.HistoryResponse().setPosition(writePosition(page.position)).setEnd(page.end);
    // Items of a page have the field number of items of a frame, and encodings concatenate.
    callback(null, Buffer.concat([...page.items, tail.serializeBinary()]));
  } catch (thrown) {
    callback(statusOf(toRepriseError(thrown)));
  }
}

/** Resolves when the pages that the peer has asked for before have gone out. */
async function turn(broker: Broker, call: ServerUnaryCall<Buffer, Buffer>): Promise<void> {
  const connection = broker.gate.connection(call.getPeer());
  if (connection === undefined) return;
  let turnstile = turnstiles.get(connection);
  if (turnstile === undefined) {
    turnstile = createTurnstile(mostPages);
    turnstiles.set(connection, turnstile);
  }
  const { come, leave } = turnstile.enter();
  whenClosed(call, leave);
  await come;
}
