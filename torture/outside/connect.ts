// The call `Connect`, with a producer of its own: what is not answered when a stream ends is sent again on the next one,
// under its number, at whatever node (P-11).
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { brokerAt, isPassing } from "./stubs.js";
import { encode, impatience, type Means, type Outgoing, retryMs, type Way } from "./way.js";

type Call = ClientDuplexStream<InstanceType<typeof pb.ClientFrame>, InstanceType<typeof pb.ServerFrame>>;
type Item = InstanceType<typeof pb.ServerItem>;

const protocolVersion = 1;
const openMs = 10_000;

export const connect: Way = {
  lot: "channel",
  most: 20,
  leastBytes: () => 0,
  resends: true,
  open(means) {
    let producer = randomBytes(16);
    let attempt = 0;
    let call: Call | undefined;
    /** Number of the next message, by channel. */
    const next = new Map<string, number>();
    /** By channel and number, in the order of the numbers. */
    const open = new Map<string, { message: Outgoing; sequence: number }>();
    let settled = () => {};

    const leave = () => {
      const leaving = call;
      call = undefined;
      leaving?.cancel();
      settled();
    };
    /** Numbers of before mean nothing any more (P-12). */
    const renew = () => {
      const messages = [...open.values()].map(({ message }) => message);
      producer = randomBytes(16);
      next.clear();
      open.clear();
      for (const message of messages) add(message);
      leave();
    };
    const add = (message: Outgoing) => {
      const sequence = next.get(message.channel) ?? 1;
      next.set(message.channel, sequence + 1);
      open.set(`${message.channel} ${sequence}`, { message, sequence });
    };
    const take = (item: Item) => {
      const [published, error] = [item.getPublished(), item.getError()];
      if (published !== undefined) {
        const first = published.getFirstOffset();
        for (let i = 0; i < published.getCount(); i++) {
          const key = `${published.getChannel()} ${published.getSequence() + i}`;
          const one = open.get(key);
          if (one === undefined) throw new Error(`an answer to nothing: ${key}`);
          open.delete(key);
          means.acked(one.message, published.getEpoch(), first === 0 ? 0 : first + i);
        }
        if (open.size === 0) settled();
      }
      if (error !== undefined) {
        const code = error.getCode();
        if (code === "sequence_skipped") renew();
        else if (isPassing(code)) leave();
        else throw new Error(`refused: ${code}: ${error.getMessage()}`);
      }
      if (item.getDraining() !== undefined) leave();
    };
    const say = (saying: Call) => {
      for (const { message, sequence } of open.values()) {
        const publish = new pb.Publish().setChannel(message.channel).setSequence(sequence);
        saying.write(frameOf(new pb.ClientItem().setPublish(publish.setMessagesList([encode(message)]))));
      }
      if (means.random.chance(impatience)) setTimeout(() => saying.cancel(), means.random.between(0, 20));
    };
    return async (lot) => {
      for (const message of lot) add(message);
      while (open.size > 0 && !means.late.aborted) {
        const all = new Promise<void>((resolve) => {
          settled = resolve;
        });
        if (call === undefined) {
          if (attempt > 0) await delay(retryMs);
          call = await begin(means, producer, attempt++, (from, item) => {
            if (from !== call) return;
            if (item === undefined) leave();
            else take(item);
          });
          if (call === undefined) continue;
        }
        say(call);
        await all;
      }
    };
  },
};

const frameOf = (item: InstanceType<typeof pb.ClientItem>) => new pb.ClientFrame().setItemsList([item]);

/**
 * Resolves with the stream when it is welcome; undefined if it is not.
 * @param take undefined: the stream has ended
 */
async function begin(
  { addresses, who }: Means,
  producer: Uint8Array,
  attempt: number,
  take: (from: Call, item: Item | undefined) => void,
): Promise<Call | undefined> {
  const call: Call = brokerAt(addresses[attempt % addresses.length]!).connect();
  const impatient = setTimeout(() => call.cancel(), openMs);
  let isOver = false;
  const isWelcome = await new Promise<boolean>((resolve) => {
    const over = () => {
      isOver = true;
      resolve(false);
      take(call, undefined);
    };
    call.on("error", over);
    call.on("end", over);
    call.on("data", (frame: InstanceType<typeof pb.ServerFrame>) => {
      for (const item of frame.getItemsList()) {
        if (item.getWelcome() !== undefined) resolve(true);
        else take(call, item);
      }
    });
    const hello = new pb.Hello().setVersion(protocolVersion).setName(who).setProducer(producer);
    call.write(frameOf(new pb.ClientItem().setHello(hello)));
  });
  clearTimeout(impatient);
  return isWelcome && !isOver ? call : undefined;
}
