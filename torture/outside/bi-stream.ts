// The call `BiStream`. Its lines have no numbers: what is not answered when the stream ends is not sent again (P-13).
import { setTimeout as delay } from "node:timers/promises";
import { type ClientDuplexStream, Metadata } from "@grpc/grpc-js";
import streamPb from "../../generated/stream/stream_pb.js";
import { linesAt } from "./stubs.js";
import { impatience, type Means, type Outgoing, retryMs, type Way } from "./way.js";

type Reply = InstanceType<typeof streamPb.StreamResponse>;
type Call = ClientDuplexStream<InstanceType<typeof streamPb.StreamRequest>, Reply>;

const processed = "Processed: ";
const openMs = 10_000;

export const biStream: Way = {
  lot: "channel",
  most: 10,
  // Subscribers find the name of a line in its text only.
  leastBytes: (name) => name.length + 1,
  resends: false,
  open(means) {
    let call: Call | undefined;
    let attempt = 0;
    /** Lines without an answer. */
    const open: Outgoing[] = [];
    let settled = () => {};

    const ended = (ending: Call) => {
      if (call !== ending) return;
      call = undefined;
      for (const message of open.splice(0)) means.failed(message, "stream_ended");
      settled();
    };
    const answered = (reply: Reply) => {
      const [text, error] = [reply.getReply(), reply.getError()];
      // All that others say comes this way, too.
      if (error === "" && !text.startsWith(processed)) return;
      const message = open.shift();
      if (message === undefined) throw new Error(`an answer to nothing: ${text.slice(0, 100)}`);
      if (error !== "") means.failed(message, error);
      else if (text.startsWith(`${processed}${message.name} `))
        means.acked(message, reply.getEpoch(), reply.getOffset());
      else throw new Error(`an answer to another line than ${message.name}: ${text.slice(0, 100)}`);
      if (open.length === 0) settled();
    };
    return async (lot) => {
      while (call === undefined && !means.late.aborted) {
        call = await begin(means, lot[0]!.channel, attempt++, answered, ended);
        if (call === undefined) await delay(retryMs);
      }
      if (call === undefined) return;
      const all = new Promise<void>((resolve) => {
        settled = resolve;
      });
      const saying = call;
      open.push(...lot);
      for (const { data } of lot) saying.write(new streamPb.StreamRequest().setMessage(data.toString()));
      if (means.random.chance(impatience / 2)) setTimeout(() => saying.cancel(), means.random.between(0, 20));
      await all;
    };
  },
};

/** Undefined if it did not come about: nothing has been said then. */
async function begin(
  { addresses, who }: Means,
  channel: string,
  attempt: number,
  answered: (reply: Reply) => void,
  ended: (call: Call) => void,
): Promise<Call | undefined> {
  const metadata = new Metadata();
  metadata.set("channel", channel);
  metadata.set("name", who);
  const call: Call = linesAt(addresses[attempt % addresses.length]!).biStream(metadata);
  const impatient = setTimeout(() => call.cancel(), openMs);
  let isOver = false;
  const isThere = await new Promise<boolean>((resolve) => {
    const over = () => {
      isOver = true;
      resolve(false);
      ended(call);
    };
    call.on("metadata", () => resolve(true));
    call.on("data", answered);
    call.on("error", over);
    call.on("end", over);
  });
  clearTimeout(impatient);
  return isThere && !isOver ? call : undefined;
}
