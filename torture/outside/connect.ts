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

/** Messages without an answer, numbered by channel: 1, 2, 3, … */
function createUnanswered() {
  const next = new Map<string, number>();
  const open = new Map<string, { message: Outgoing; sequence: number }>();
  const keyOf = (channel: string, sequence: number) => `${channel} ${sequence}`;
  const add = (message: Outgoing) => {
    const sequence = next.get(message.channel) ?? 1;
    next.set(message.channel, sequence + 1);
    open.set(keyOf(message.channel, sequence), { message, sequence });
  };
  return {
    add,
    get size() {
      return open.size;
    },
    /** In the order of their numbers. */
    all: () => open.values(),
    /** @throws Error if it is not there */
    take(channel: string, sequence: number): Outgoing {
      const one = open.get(keyOf(channel, sequence));
      if (one === undefined) throw new Error(`an answer to nothing: ${keyOf(channel, sequence)}`);
      open.delete(keyOf(channel, sequence));
      return one.message;
    },
    /** From 1 on, in all channels. */
    renumber() {
      const messages = [...open.values()].map(({ message }) => message);
      next.clear();
      open.clear();
      messages.forEach(add);
    },
  };
}

export const connect: Way = {
  lot: "channel",
  most: 20,
  leastBytes: () => 0,
  resends: true,
  open(means) {
    const unanswered = createUnanswered();
    let producer = randomBytes(16);
    let attempt = 0;
    let call: Call | undefined;
    let settled = () => {};

    const leave = () => {
      const leaving = call;
      call = undefined;
      leaving?.cancel();
      settled();
    };
    const published = (answer: InstanceType<typeof pb.Published>) => {
      const first = answer.getFirstOffset();
      for (let i = 0; i < answer.getCount(); i++) {
        const message = unanswered.take(answer.getChannel(), answer.getSequence() + i);
        means.acked(message, answer.getEpoch(), first === 0 ? 0 : first + i);
      }
      if (unanswered.size === 0) settled();
    };
    const refused = (error: InstanceType<typeof pb.Error>) => {
      const code = error.getCode();
      if (code === "sequence_skipped") {
        // What it had been told is lost: its numbers mean nothing any more (P-12).
        producer = randomBytes(16);
        unanswered.renumber();
      } else if (!isPassing(code)) throw new Error(`refused: ${code}: ${error.getMessage()}`);
      leave();
    };
    const take = (from: Call, item: Item | undefined) => {
      if (from !== call) return;
      const [answer, error] = [item?.getPublished(), item?.getError()];
      if (answer !== undefined) published(answer);
      else if (error !== undefined) refused(error);
      else if (item === undefined || item.getDraining() !== undefined) leave();
    };
    return async (lot) => {
      for (const message of lot) unanswered.add(message);
      while (unanswered.size > 0 && !means.late.aborted) {
        const answered = new Promise<void>((resolve) => {
          settled = resolve;
        });
        if (call === undefined) {
          if (attempt > 0) await delay(retryMs);
          call = await begin(means, producer, attempt++, take);
          if (call === undefined) continue;
        }
        say(means, call, unanswered.all());
        await answered;
      }
    };
  },
};

function say({ random }: Means, call: Call, all: Iterable<{ message: Outgoing; sequence: number }>): void {
  for (const { message, sequence } of all) {
    const publish = new pb.Publish().setChannel(message.channel).setSequence(sequence);
    call.write(frameOf(new pb.ClientItem().setPublish(publish.setMessagesList([encode(message)]))));
  }
  if (random.chance(impatience)) setTimeout(() => call.cancel(), random.between(0, 20));
}

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
