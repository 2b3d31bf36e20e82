// The past of a channel, page by page.
import grpcBroker from "../../generated/reprise/v1/broker_grpc_pb.js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { writeStart } from "../wire/client-frame.js";
import { RepriseError } from "../wire/errors.js";
import { type Message, messagesOf } from "../wire/message.js";
import { positionOf, readServerFrame } from "../wire/server-frame.js";
import type { Call, CallOptions } from "./calls.js";
import { meetGap, type OnGap } from "./gap.js";
import { type From, startOf } from "./start.js";

export interface HistoryOptions extends CallOptions {
  /** Default: the first message retained. */
  from?: From | undefined;
  /** At most this many messages. Default: all that were stored when the last page was read. */
  limit?: number | undefined;
  /** As for a subscription; `"event"`, the default, is a warning of the process. */
  onGap?: OnGap | undefined;
}

const pageMessages = 1_000;

interface Page {
  /** `ServerItem`s, encoded as in a ServerFrame. */
  items: Buffer;
  next: InstanceType<typeof pb.Position> | undefined;
  end: boolean;
}

/** The items of an answer are read by the reader of frames, in which they have the same field number. */
const { path, requestSerialize } = grpcBroker.BrokerService.history;
const method = {
  path,
  requestSerialize,
  responseDeserialize: (bytes: Buffer): Page => {
    const response = pb.HistoryResponse.deserializeBinary(bytes);
    return { items: bytes, next: response.getPosition(), end: response.getEnd() };
  },
};

/** Yields what is stored, and ends where nothing newer is. The time limit is that of each page. */
export async function* readHistory(
  call: Call,
  channel: string,
  { from = "earliest", limit = Number.POSITIVE_INFINITY, onGap = "event", ...options }: HistoryOptions,
): AsyncGenerator<Message, undefined> {
  const request = new pb.HistoryRequest().setChannel(channel).setStart(writeStart(startOf(from)));
  for (let left = limit; left > 0; ) {
    const page = await call(method, request.setLimit(Math.min(left, pageMessages)), options);
    let empty = true;
    for (const item of readServerFrame(page.items)) {
      if (item.kind === "gap") {
        empty = false;
        await meetGap({ channel, ...item.gap, position: item.position }, onGap, false);
      } else if (item.kind === "batch") {
        for (const message of messagesOf(channel, item.batch)) {
          empty = false;
          yield message;
          if (--left <= 0) return;
        }
      }
    }
    if (page.end) return;
    if (empty) throw new RepriseError("internal", `${channel}: an empty page that is not the last`);
    request.setStart(writeStart({ from: "position", position: positionOf(page.next) }));
  }
}
