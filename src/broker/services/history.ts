// Broker.History: one page of the past.
import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import pb from "../../../generated/reprise/v1/broker_pb.js";
import { checkChannel } from "../../wire/channel.js";
import { readStart, writePosition } from "../../wire/client-frame.js";
import { decode, startShape } from "../../wire/decode.js";
import { toRepriseError } from "../../wire/errors.js";
import type { Access } from "../access.js";
import type { Broker } from "../broker.js";
import { history } from "../history.js";
import { statusOf } from "./grpc.js";
import { takePlace } from "./place.js";

const defaultLimit = 100;

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
    if (!(await takePlace(broker, call))) return;
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
