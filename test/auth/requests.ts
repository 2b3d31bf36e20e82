// Every request that a Connect stream knows, by its name in the protocol, and the rights that it takes (P-43).
import pb from "../../generated/reprise/v1/broker_pb.js";
import type { Operation } from "../../src/auth/index.js";
import {
  encodeAuthenticate,
  encodeEnter,
  encodeHello,
  encodeLeave,
  encodePublish,
  encodeSubscribe,
  encodeUnsubscribe,
  encodeUnwatchMembers,
  encodeWatchMembers,
} from "../../src/wire/client-frame.js";
import { encodeTexts } from "../broker/peer.js";
import { bytes } from "./calls.js";

interface Request {
  /** On its channel. */
  needs: readonly Operation[];
  /** @param token of somebody else */
  frame(channel: string, token: string): Buffer;
  /** Kind of the item, or code of the error, for somebody with all that it needs, on a channel of his own. */
  answer(held: readonly Operation[]): string;
}

/** To be tried in this order. */
export const requests: Readonly<Record<string, Request>> = {
  HELLO: {
    needs: [],
    frame: () => encodeHello("root", Buffer.alloc(0), false, "member-of-root"),
    answer: () => "protocol_violation",
  },
  PUBLISH: {
    needs: ["publish"],
    frame: (channel) => encodePublish(channel, 0, encodeTexts(["x"])),
    answer: () => "published",
  },
  SUBSCRIBE: {
    needs: ["subscribe"],
    frame: (channel) => encodeSubscribe(channel, { from: "new" }),
    answer: () => "subscribed",
  },
  // What somebody may not have he cannot give up either.
  UNSUBSCRIBE: {
    needs: [],
    frame: encodeUnsubscribe,
    answer: (held) => (held.includes("subscribe") ? "unsubscribed" : "not_subscribed"),
  },
  ENTER: { needs: ["presence"], frame: (channel) => encodeEnter(channel, []), answer: () => "entered" },
  LEAVE: { needs: [], frame: encodeLeave, answer: () => "left" },
  WATCH_MEMBERS: { needs: ["presence"], frame: encodeWatchMembers, answer: () => "members" },
  UNWATCH_MEMBERS: {
    needs: [],
    frame: encodeUnwatchMembers,
    answer: (held) => (held.includes("presence") ? "membersUnwatched" : "not_subscribed"),
  },
  AUTHENTICATE: { needs: [], frame: (_, token) => encodeAuthenticate(token), answer: () => "unauthenticated" },
};

const from = (needs: readonly Operation[], start: InstanceType<typeof pb.Start>) => ({
  needs,
  frame: (channel: string) =>
    bytes(
      new pb.ClientFrame().setItemsList([
        new pb.ClientItem().setSubscribe(new pb.Subscribe().setChannel(channel).setStart(start)),
      ]),
    ),
});

/** Every way to begin a subscription. */
export const starts = {
  START_NOT_SET: from(["subscribe"], new pb.Start()),
  NEW: from(["subscribe"], new pb.Start().setNew(true)),
  EARLIEST: from(["subscribe", "history"], new pb.Start().setEarliest(true)),
  LAST: from(["subscribe", "history"], new pb.Start().setLast(1)),
  OFFSET: from(["subscribe", "history"], new pb.Start().setOffset(1)),
  TIME_MS: from(["subscribe", "history"], new pb.Start().setTimeMs(1)),
  AFTER: from(["subscribe"], new pb.Start().setAfter(new pb.Position())),
};
