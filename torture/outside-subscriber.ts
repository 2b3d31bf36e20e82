// Subscribers without the client library, on generated stubs alone: the call `Subscribe`, gone on with from the last
// position, and `BiStream`, begun anew with the whole channel each time, because its peers know no epochs.
import { setTimeout as delay } from "node:timers/promises";
import { type ClientReadableStream, credentials, Metadata } from "@grpc/grpc-js";
import grpcBroker from "../generated/reprise/v1/broker_grpc_pb.js";
import pb from "../generated/reprise/v1/broker_pb.js";
import grpcStream from "../generated/stream/stream_grpc_pb.js";
import type streamPb from "../generated/stream/stream_pb.js";
import type { SubscriberLine } from "./check/history.js";
import { hashOf, nameIn, nameOf, openJournal } from "./journal.js";
import { options } from "./outside/stubs.js";
import { onOrder, roleOf, type SubscriberRole } from "./roles.js";
import { openChannel, untold } from "./told.js";

type Position = InstanceType<typeof pb.Position>;

const { folder, who, addresses, channels } = roleOf<SubscriberRole>();
const kind = process.argv[3] as "stream" | "lines";
const [channel] = channels as [string];
const journal = openJournal<SubscriberLine>(folder, who);
const own = openChannel(journal, channel);
let call: ClientReadableStream<never> | undefined;
let stopped = false;
onOrder((order) => {
  if (order !== "finish") return;
  stopped = true;
  call?.cancel();
});

/** Reads to the end of the call, whatever it is, and then somewhere else again. */
async function readOn<Item>(open: (address: string) => ClientReadableStream<Item>, take: (item: Item) => void) {
  for (let attempt = 0; !stopped; attempt++) {
    const reading = open(addresses[attempt % addresses.length]!);
    call = reading as ClientReadableStream<never>;
    reading.on("data", (item: Item) => {
      if (!stopped) take(item);
    });
    await new Promise<void>((resolve) => {
      reading.on("error", () => resolve());
      reading.on("end", () => resolve());
    });
    reading.cancel();
    if (!stopped) await delay(300);
  }
}

const placeOf = (position: Position | undefined) => ({
  epoch: position?.getEpoch() ?? 0,
  offset: position?.getOffset() ?? 0,
});

async function readStream(): Promise<void> {
  /** Of the last message or gap; undefined before the first answer. */
  let position: Position | undefined;
  const open = (address: string) => {
    const client = new grpcBroker.BrokerClient(address, credentials.createInsecure(), options);
    const start = position === undefined ? new pb.Start().setEarliest(true) : new pb.Start().setAfter(position);
    const subscribe = new pb.Subscribe().setChannel(channel).setStart(start);
    const reading = client.subscribe(new pb.SubscribeRequest().setSubscriptionsList([subscribe]));
    reading.once("close", () => client.close());
    return reading;
  };
  const item = (item: InstanceType<typeof pb.ServerItem>) => {
    const [subscribed, batch, gap] = [item.getSubscribed(), item.getBatch(), item.getGap()];
    if (subscribed !== undefined && position === undefined) {
      position = subscribed.getPosition()!;
      own.start("earliest", placeOf(position));
    }
    if (batch !== undefined) {
      const [epoch, first] = [batch.getEpoch(), batch.getFirstOffset()];
      const messages = batch.getMessagesList();
      position = new pb.Position().setEpoch(epoch).setOffset(first + messages.length - 1);
      own.heard(
        messages.map((message, i) => {
          const header = message.getHeadersList().find((one) => one.getKey() === "id");
          const data = message.getData_asU8();
          return { epoch, offset: first + i, name: nameOf(header?.getValue(), data), hash: hashOf(data) };
        }),
      );
    }
    if (gap !== undefined) {
      position = gap.getPosition()!;
      const reason = (["", "trimmed", "diverged", "reset", "corrupt"] as const)[gap.getReason()]!;
      own.gap({ reason, from: gap.getFromOffset(), to: gap.getToOffset(), position: placeOf(position) });
    }
  };
  await readOn(open, (frame: InstanceType<typeof pb.ServerFrame>) => frame.getItemsList().forEach(item));
}

async function readLines(): Promise<void> {
  let begun = false;
  const begin = () => {
    if (begun) own.stop(false);
    begun = true;
    own.start("earliest", untold);
  };
  const open = (address: string) => {
    const client = new grpcStream.StreamServiceClient(address, credentials.createInsecure(), options);
    const metadata = new Metadata();
    metadata.set("channel", channel);
    metadata.set("replay", "all");
    const reading = client.biStream(metadata);
    begin();
    reading.once("close", () => client.close());
    return reading;
  };
  await readOn(open, (reply: InstanceType<typeof streamPb.StreamResponse>) => {
    const [from, to, reason] = [reply.getGapFromOffset(), reply.getGapToOffset(), reply.getGap()];
    // A line does not say where a log goes on that was replaced.
    if (reason === "reset") begin();
    else if (reason !== "")
      own.gap({ reason, from, to, position: { epoch: 0, offset: reason === "diverged" ? from - 1 : to } });
    else {
      const text = reply.getReply();
      const [epoch, offset] = [reply.getEpoch(), reply.getOffset()];
      own.heard([{ epoch, offset, name: nameIn(text), hash: hashOf(Buffer.from(text)) }]);
    }
  });
}

await (kind === "stream" ? readStream() : readLines());
own.stop(true);
journal.write({ kind: "end" });
process.exit(0);
