// Requests that are in good order and ask for much: a little for their sender, more for the node.
import adminPb from "../../generated/reprise/v1/admin_pb.js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import { connect } from "../../src/client/index.js";
import {
  encodeEnter,
  encodeHello,
  encodeLeave,
  encodeSubscribe,
  encodeUnsubscribe,
  encodeUnwatchMembers,
  encodeWatchMembers,
} from "../../src/wire/client-frame.js";
import { framed } from "../scenarios/raw.js";
import { type Attack, floodBy, pastChannel, repeated, streamOf } from "./attack.js";
import { callBlock, data, headers, initialWindow, openRaw, settings, windowUpdate } from "./frames.js";
import type { Target } from "./target.js";

const connectPath = "/reprise.v1.Broker/Connect";
const none = Buffer.alloc(0);
const greeting = framed(encodeHello("", none));

const call = (stream: number, path: string, request: { serializeBinary(): Uint8Array }): Buffer =>
  Buffer.concat([headers(stream, callBlock(path)), data(stream, framed(Buffer.from(request.serializeBinary())), true)]);

const lists: Record<string, { serializeBinary(): Uint8Array }> = {
  ListEvents: new adminPb.ListEventsRequest().setLimit(10_000),
  ListSessions: new adminPb.ListSessionsRequest(),
  ListChannels: new adminPb.ListChannelsRequest().setPageSize(1_000),
  GetActivity: new adminPb.GetActivityRequest().setChannels(1_000).setSlow(1_000),
};

/** Long lists, asked for on many streams whose window is nothing and stays so. */
export const unreadLists: Attack = async (t, target, forMs) => {
  await makeEvents(target);
  const names = Object.keys(lists);
  await floodBy(
    3,
    t,
    target,
    forMs,
    (round) =>
      Array.from({ length: 5 }, (_, i) => {
        const name = names[i % names.length]!;
        return call(streamOf(round * 5 + i), `/reprise.v1.Admin/${name}`, lists[name]!);
      }),
    { own: settings([initialWindow, 0]) },
  );
};

/** What happens is remembered, and told to who asks. */
async function makeEvents({ port }: Target): Promise<void> {
  await using bus = await connect(`127.0.0.1:${port}`);
  const channels = Array.from({ length: 900 }, (_, i) => `${"x".repeat(50)}-${i}`);
  for (let i = 0; i < 2; i++) {
    const subscriptions = channels.map((channel) => bus.subscribe(channel));
    await Promise.all(subscriptions.map(({ ready }) => ready));
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  }
}

/** What the node has of itself, asked for on many streams, several times on each. */
export const unreadReflections: Attack = (t, target, forMs) => {
  const name = Buffer.from("reprise.v1.Admin");
  // file_containing_symbol
  const request = framed(Buffer.concat([Buffer.from([0x22, name.length]), name]));
  return floodBy(
    3,
    t,
    target,
    forMs,
    (round) => {
      const stream = streamOf(round);
      const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
      return [headers(stream, callBlock(path)), data(stream, repeated(request, 40))];
    },
    { own: settings([initialWindow, 0]) },
  );
};

/** Calls that are over as soon as they have begun: the node ends them. */
export const shortDeadlines: Attack = (t, target, forMs) =>
  floodBy(3, t, target, forMs, (round) =>
    Array.from({ length: 100 }, (_, i) =>
      headers(streamOf(round * 100 + i), callBlock(connectPath, { "grpc-timeout": "1n" })),
    ),
  );

/** Subscriptions and unsubscriptions, as many as fit into a frame, of channels that are there and that are not. */
export const subscriptionChurn: Attack = async (t, target, forMs) => {
  const items = Array.from({ length: 300 }, (_, i) => {
    const channel = i % 10 === 0 ? pastChannel : `churn-${i}`;
    return Buffer.concat([encodeSubscribe(channel, { from: "earliest" }), encodeUnsubscribe(channel)]);
  });
  await sessionsOf(5, t, target, forMs, Buffer.concat(items));
};

/** Members who come, change and go, and who watch. */
export const memberChurn: Attack = async (t, target, forMs) => {
  const items = Array.from({ length: 300 }, (_, i) => {
    const channel = `members-${i % 3}`;
    const enter = encodeEnter(channel, [{ key: "k", value: "x".repeat(i) }]);
    return Buffer.concat([enter, encodeWatchMembers(channel), encodeLeave(channel), encodeUnwatchMembers(channel)]);
  });
  await sessionsOf(5, t, target, forMs, Buffer.concat(items));
};

/** So many sessions that send the same frame again and again, as far as they are read. */
async function sessionsOf(count: number, ...[t, target, forMs, frame]: [...Parameters<Attack>, Buffer]): Promise<void> {
  const endAt = performance.now() + forMs;
  const message = framed(frame);
  const one = async () => {
    const connection = await openRaw(t, target);
    await connection.send(headers(1, callBlock(connectPath)));
    await connection.sendData(1, greeting);
    while (performance.now() < endAt && !connection.over) {
      for (let at = 0; at < message.length; at += 16_384) {
        await connection.sendData(1, message.subarray(at, at + 16_384), { untilMs: endAt });
      }
    }
  };
  await Promise.all(Array.from({ length: count }, one));
}

/** A window that opens by a byte at a time for each of many sessions: each byte leaves in a frame of its own. */
export const drippingWindow: Attack = async (t, target, forMs) => {
  const subscribe = framed(encodeSubscribe(pastChannel, { from: "earliest" }));
  const count = 300;
  await floodBy(
    3,
    t,
    target,
    forMs,
    (round) => {
      if (round >= count) return [settings([initialWindow, round - count + 1]), windowUpdate(0, count)];
      const stream = streamOf(round);
      return [headers(stream, callBlock(connectPath)), data(stream, Buffer.concat([greeting, subscribe]))];
    },
    { own: settings([initialWindow, 0]) },
  );
};

/** Pages of the past, small ones, by the thousand. */
export const smallPages: Attack = async (t, target, forMs) => {
  const request = new pb.HistoryRequest()
    .setChannel(pastChannel)
    .setStart(new pb.Start().setEarliest(true))
    .setLimit(1);
  await floodBy(3, t, target, forMs, (round) =>
    Array.from({ length: 20 }, (_, i) => call(streamOf(round * 20 + i), "/reprise.v1.Broker/History", request)),
  );
};
