// A peer that is nothing but a gRPC stream: what it sends is what the test hands it, and what it hears is kept as it
// came. It knows the frames of src/wire and no client library.
import { randomBytes } from "node:crypto";
import {
  Client,
  type ClientDuplexStream,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  InterceptingCall,
  type Interceptor,
  Metadata,
  type StatusObject,
} from "@grpc/grpc-js";
import pb from "../../generated/reprise/v1/broker_pb.js";
import {
  encodeHello,
  encodePublish,
  encodeSubscribe,
  encodeUnsubscribe,
  type Start,
  writeStart,
} from "../../src/wire/client-frame.js";
import { errorCodeKey, retryAfterKey } from "../../src/wire/errors.js";
import { encodeMessage, messagesOf } from "../../src/wire/message.js";
import { type Published, type Refusal, readServerFrame, type ServerItem } from "../../src/wire/server-frame.js";
import { type T, until } from "../harness.js";

const identity = (bytes: Buffer) => bytes;

/** How a stream ended. */
export interface Ended {
  /** gRPC status. */
  status: number;
  details: string;
  /** The code of src/wire/errors.ts, from the trailing metadata; empty if there is none. */
  code: string;
  /** From there as well, if it is there. */
  retryAfterMs?: number;
}

export function endedOf({ code, details, metadata }: Pick<StatusObject, "code" | "details" | "metadata">): Ended {
  const [word, retryAfter] = [errorCodeKey, retryAfterKey].map((key) => metadata.get(key)[0]);
  return {
    status: code,
    details,
    code: String(word ?? ""),
    ...(retryAfter !== undefined && { retryAfterMs: Number(retryAfter) }),
  };
}

/** A message as it was heard. */
export interface Heard {
  offset: number;
  epoch: number;
  text: string;
  publisher: string;
  session: string;
}

export interface Listener {
  /** Everything heard, in order. */
  readonly items: ServerItem[];
  /** Undefined while the stream is open. */
  ended: Ended | undefined;
  /** The messages of a channel that were heard. */
  heard(channel: string): Heard[];
  /** What was heard of one kind. */
  all<Kind extends ServerItem["kind"]>(kind: Kind, channel?: string): Extract<ServerItem, { kind: Kind }>[];
  /** Waits until `count` messages of the channel were heard, and answers all that were. */
  hears(channel: string, count: number): Promise<Heard[]>;
  /** Waits until at least `count` items of the kind were heard. */
  gets<Kind extends ServerItem["kind"]>(
    kind: Kind,
    count?: number,
    channel?: string,
  ): Promise<Extract<ServerItem, { kind: Kind }>[]>;
  end(): Promise<Ended>;
  pause(): void;
  resume(): void;
  /** Ends the stream as a client does that is no longer interested. */
  cancel(): void;
}

export interface Peer extends Listener {
  readonly session: string;
  readonly call: ClientDuplexStream<Buffer, Buffer>;
  /** Writes frames, each as a gRPC message. */
  send(...frames: Buffer[]): void;
  /** Publishes texts as one batch. @param sequence 0: without a number */
  publish(channel: string, texts: readonly string[], sequence?: number): void;
  /** As `publish`; waits for the answers. */
  published(channel: string, texts: readonly string[], sequence?: number): Promise<Published[]>;
  /** Subscribes and waits for `subscribed`. */
  subscribe(channel: string, start?: Start): Promise<Extract<ServerItem, { kind: "subscribed" }>>;
  unsubscribe(channel: string): void;
  /** Waits for one more `error` item. */
  refused(): Promise<Refusal>;
  halfClose(): void;
}

export interface PeerOptions {
  name?: string;
  /** Empty: publishes are not numbered. */
  producer?: Buffer;
  discover?: boolean;
  token?: string;
  member?: string;
}

export const newProducer = (): Buffer => randomBytes(16);

export const encodeTexts = (texts: readonly string[]): Buffer[] =>
  texts.map((text) => encodeMessage(Buffer.from(text)));

/** For the options of a client: shows the token with every call. */
export const showing = (token: string | undefined): Partial<ClientOptions> => {
  if (token === undefined) return {};
  const interceptor: Interceptor = (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set("authorization", `Bearer ${token}`);
        next(metadata, listener);
      },
    });
  return { interceptors: [interceptor] };
};

export function clientOf(t: T, address: string, token?: string): Client {
  const client = new Client(address, credentials.createInsecure(), {
    ...showing(token),
    // A connection of its own: what happens to it happens to this peer alone.
    "grpc.use_local_subchannel_pool": 1,
    "grpc.max_receive_message_length": -1,
    "grpc.enable_retries": 0,
  });
  t.after(() => client.close());
  return client;
}

/** A stream that has not said hello. */
export function openStream(t: T, address: string, token?: string): Peer {
  const call = clientOf(t, address, token).makeBidiStreamRequest(
    "/reprise.v1.Broker/Connect",
    identity,
    identity,
    new Metadata(),
  );
  t.after(() => call.cancel());
  const listener = listen(call);
  const peer: Peer = {
    ...listener,
    // Spreading would read these once.
    get ended() {
      return listener.ended;
    },
    get session() {
      return listener.all("welcome")[0]?.session ?? "";
    },
    call,
    send: (...frames) => {
      for (const frame of frames) call.write(frame);
    },
    publish: (channel, texts, sequence = 0) => void call.write(encodePublish(channel, sequence, encodeTexts(texts))),
    async published(channel, texts, sequence) {
      const before = listener.all("published", channel);
      const answered = () => listener.all("published", channel).slice(before.length);
      peer.publish(channel, texts, sequence);
      const count = () => answered().reduce((sum, answer) => sum + answer.count, 0);
      await listenUntil(listener, () => count() >= texts.length, `${texts.length} messages are answered`);
      return answered();
    },
    async subscribe(channel, start = { from: "new" }) {
      const before = listener.all("subscribed", channel).length;
      call.write(encodeSubscribe(channel, start));
      return (await listener.gets("subscribed", before + 1, channel)).at(-1)!;
    },
    unsubscribe: (channel) => void call.write(encodeUnsubscribe(channel)),
    async refused() {
      const before = refusalsSeen.get(peer) ?? 0;
      refusalsSeen.set(peer, before + 1);
      return (await listener.gets("error", before + 1))[before]!;
    },
    halfClose: () => void call.end(),
  };
  return peer;
}

/** How many refusals a test has looked at. */
const refusalsSeen = new WeakMap<Peer, number>();

/** A peer that was welcomed. */
export async function connectPeer(t: T, address: string, options: PeerOptions = {}): Promise<Peer> {
  const peer = openStream(t, address, options.token);
  peer.send(encodeHello(options.name ?? "", options.producer ?? Buffer.alloc(0), options.discover, options.member));
  await peer.gets("welcome");
  return peer;
}

/** A call of Broker.Subscribe. */
export function subscribeCall(t: T, address: string, subscriptions: Record<string, Start>): Listener {
  const request = new pb.SubscribeRequest().setSubscriptionsList(
    Object.entries(subscriptions).map(([channel, start]) =>
      new pb.Subscribe().setChannel(channel).setStart(writeStart(start)),
    ),
  );
  const call = clientOf(t, address).makeServerStreamRequest(
    "/reprise.v1.Broker/Subscribe",
    identity,
    identity,
    Buffer.from(request.serializeBinary()),
  );
  t.after(() => call.cancel());
  return listen(call);
}

export function listen(call: ClientReadableStream<Buffer> | ClientDuplexStream<Buffer, Buffer>): Listener {
  const items: ServerItem[] = [];
  const listener: Listener = {
    items,
    ended: undefined,
    heard: (channel) => heardIn(items, channel),
    all: (kind, channel) => itemsOf(items, kind, channel),
    async hears(channel, count) {
      await listenUntil(listener, () => countOf(items, channel) >= count, `${count} messages of ${channel} are heard`);
      return heardIn(items, channel);
    },
    async gets(kind, count = 1, channel) {
      const enough = () => itemsOf(items, kind, channel).length >= count;
      await listenUntil(listener, enough, `${count} times ${kind} is heard`);
      return itemsOf(items, kind, channel);
    },
    async end() {
      await until(() => listener.ended !== undefined, "the stream ends");
      return listener.ended!;
    },
    pause: () => void call.pause(),
    resume: () => void call.resume(),
    cancel: () => call.cancel(),
  };
  call.on("data", (frame: Buffer) => void items.push(...readServerFrame(frame)));
  // The status follows.
  call.on("error", () => undefined);
  call.on("status", (status: StatusObject) => {
    listener.ended = endedOf(status);
  });
  return listener;
}

async function listenUntil(listener: Listener, condition: () => boolean, what: string): Promise<void> {
  await until(() => {
    if (condition()) return true;
    if (listener.ended === undefined) return false;
    throw new Error(`the stream ended with ${JSON.stringify(listener.ended)} before ${what}`);
  }, what).catch((error: Error) => {
    const last = listener.items.slice(-3).map((item) => JSON.stringify(item).slice(0, 300));
    throw new Error(`${error.message}; the last of ${listener.items.length} items: ${last.join(" ")}`);
  });
}

const channelOf = (item: ServerItem): string | undefined =>
  item.kind === "batch" ? item.batch.channel : "channel" in item ? item.channel : undefined;

function itemsOf<Kind extends ServerItem["kind"]>(items: readonly ServerItem[], kind: Kind, channel?: string) {
  return items.filter(
    (item): item is Extract<ServerItem, { kind: Kind }> =>
      item.kind === kind && (channel === undefined || channelOf(item) === channel),
  );
}

const countOf = (items: readonly ServerItem[], channel: string) =>
  itemsOf(items, "batch", channel).reduce((sum, { batch }) => sum + batch.count, 0);

const heardIn = (items: readonly ServerItem[], channel: string): Heard[] =>
  itemsOf(items, "batch", channel).flatMap(({ batch }) =>
    [...messagesOf(channel, batch)].map(({ offset, epoch, text, publisher, session }) => ({
      offset,
      epoch,
      text,
      publisher,
      session,
    })),
  );

export const textsOf = (heard: readonly { text: string }[]): string[] => heard.map((message) => message.text);

/** Texts that are all different: `name/1`, `name/2`, … */
export const texts = (name: string, count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, i) => `${name}/${from + i}`);
