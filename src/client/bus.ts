// The public interface of the client: what a process holds to publish and subscribe.
import type { ChannelOptions } from "@grpc/grpc-js";
import type { Tracing } from "../trace/tracing.js";
import type { AckLevel } from "../wire/ack-level.js";
import type { Limits } from "../wire/limits.js";
import type { Headers, Message } from "../wire/message.js";
import type { NodeEntry } from "../wire/node-entry.js";
import type { Admin } from "./admin.js";
import type { BackoffOptions } from "./backoff.js";
import type { CallOptions } from "./calls.js";
import type { Channel, ChannelsOptions } from "./channels.js";
import type { Codec } from "./codec.js";
import type { PublishResult } from "./entry.js";
import type { HistoryOptions } from "./history.js";
import type { Loss } from "./losses.js";
import type { Member } from "./member.js";
import type { EnterOptions, Membership } from "./membership.js";
import type { WhenFull } from "./outbox.js";
import type { Presence, PresenceOptions } from "./presence.js";
import type { SecurityOptions } from "./security.js";
import type { State } from "./state.js";
import type { SubscribeOptions, Subscription } from "./subscription.js";
import type { TokenSource } from "./token.js";
import type { TypedChannel } from "./typed.js";

export interface ConnectOptions extends SecurityOptions {
  /**
   * False: resolves at once and connects in the background, which `timeoutMs` then limits only if it is given. What is
   * published meanwhile waits in the outbox.
   */
  wait?: boolean | undefined;
  /**
   * Under which the messages published here appear; at most 64 bytes. Default: none. At a node with authentication it is
   * the name of the identity.
   */
  name?: string | undefined;
  /**
   * Identifies the peer among the members of channels, 8 to 64 of A-Z a-z 0-9 _ -. Of two that use the same, the later
   * counts. Default: a random one. A node with authentication makes another one of it, see `Bus.member`.
   */
  member?: string | undefined;
  /** Gives up connecting. Without effect once connected. */
  signal?: AbortSignal | undefined;
  /** For the first connection. Default: 5,000; Infinity waits for ever. */
  timeoutMs?: number | undefined;
  /** False: the bus fails when its connection is lost. Default: true, for ever. */
  reconnect?: boolean | undefined;
  /**
   * False: connects to the given addresses only. Otherwise the nodes tell of each other, and the bus goes to those as
   * well, also when one asks it to. Default: true.
   */
  discover?: boolean | undefined;
  /** Called with every state, from the first try on. */
  onState?: ((state: State) => void) | undefined;
  /**
   * What an acknowledgement must mean. A node that does not promise it ends the bus with `ack_level_unavailable`.
   * Default: "stored".
   */
  ackLevel?: AckLevel | undefined;
  /** Bytes of unacknowledged messages. Default: 16 MiB. */
  outboxBytes?: number | undefined;
  /** When there are more: `publish` waits before it sends, or rejects with `outbox_full`. Default: "wait". */
  outboxFull?: WhenFull | undefined;
  /**
   * Bytes that may wait for slow consumers, all subscriptions together; 64 KiB for each if they are very many. What was
   * on its way when the bound was reached comes on top, about 2 MiB, at most 4 MiB. Default: 8 MiB.
   */
  bufferBytes?: number | undefined;
  /**
   * Sends publishes compressed, has batches sent compressed by nodes that can, or both (true). For lines that are slow or
   * paid by the byte: over fast ones it costs more than it saves. Default: false.
   */
  compression?: boolean | "publish" | "subscribe" | undefined;
  /**
   * How many bytes a node may send before they are read here (the HTTP/2 window): no more than so many arrive in a round
   * trip. Default: 1 MiB.
   */
  windowBytes?: number | undefined;
  /** Between tries. Default: full jitter up to 100 ms, doubled to 10 s, begun anew after 5 s of success. */
  backoff?: BackoffOptions | undefined;
  /**
   * By which nodes recognize this process. A function is asked for each connection, and again before the token expires;
   * with a string, the bus fails with `unauthenticated` some time after it has. Default: none.
   */
  token?: TokenSource | undefined;
  /**
   * `@opentelemetry/api`: each publish becomes a span, and the context of it goes along in the headers, where subscribers
   * find it. Default: none.
   */
  tracing?: Tracing | undefined;
  /** Channel options of gRPC, for example a service config. They win over our own. */
  grpc?: ChannelOptions | undefined;
}

export interface PublishOptions {
  headers?: Headers | undefined;
  /** Before it is sent: takes it back. After: only stops waiting, it may be stored. The error says which. */
  signal?: AbortSignal | undefined;
  /** After this long as the signal; the error is `deadline_exceeded`. Default: none, over any disconnection. */
  timeoutMs?: number | undefined;
}

export interface Bus extends AsyncDisposable {
  /** Its id among the members of channels; once connected, what the node has made of it. */
  readonly member: string;
  readonly state: State;
  /** What the node accepts; that of the last one while there is none, and the defaults before the first. */
  readonly limits: Limits;
  /** Returns what removes the listener. */
  onState(listener: (state: State) => void): () => void;
  /** Yields the present state, then each that follows, up to `closed` or `failed`. */
  states(): AsyncIterableIterator<State>;
  /** Acknowledged messages that the store turned out to have lost. Without a listener it is a process warning. */
  onLoss(listener: (loss: Loss) => void): () => void;
  /**
   * Resolves when the broker has stored the message, however many connections that takes. In one channel messages are
   * stored in the order of the calls.
   */
  publish(channel: string, data: Uint8Array | string, options?: PublishOptions): Promise<PublishResult>;
  /**
   * Begins at once, and goes on over disconnections where it was.
   * @throws RepriseError `invalid_channel`, `already_subscribed`, `closed`
   */
  subscribe(channel: string, options?: SubscribeOptions): Subscription;
  /**
   * The channel as one of values of one type, for example `bus.typed("prices", json<Price>())`. Costs nothing and holds
   * nothing.
   * @throws RepriseError `invalid_channel`
   */
  typed<T>(channel: string, codec: Codec<T>): TypedChannel<T>;
  /**
   * Resolves when this bus is a member of the channel, and so it stays over disconnections. Entering again replaces the
   * metadata. Rejects with `too_many_members`, `invalid_channel`, `invalid_argument`, `closed`.
   */
  enter(channel: string, options?: EnterOptions): Promise<Membership>;
  /** Who is on the channel now, on whatever node. */
  members(channel: string, options?: CallOptions): Promise<Member[]>;
  /**
   * Who is on the channel, and who comes and goes. It need not be entered for that.
   * @throws RepriseError `invalid_channel`, `already_subscribed`, `closed`
   */
  presence(channel: string, options?: PresenceOptions): Presence;
  /** What is stored, to the end. */
  history(channel: string, options?: HistoryOptions): AsyncIterableIterator<Message>;
  channels(options?: ChannelsOptions): AsyncIterableIterator<Channel>;
  /** Rejects with `channel_not_found`. */
  channel(name: string, options?: CallOptions): Promise<Channel>;
  /** The live nodes that share the store of the node that answers, itself included, in the order of their names. */
  nodes(options?: CallOptions): Promise<NodeEntry[]>;
  /** For operators. */
  readonly admin: Admin;
  /**
   * Leaves the channels that were entered; waits up to `timeoutMs` (5,000) for what is not acknowledged; rejects what still
   * is not; releases everything.
   */
  close(options?: { timeoutMs?: number }): Promise<void>;
}
