// The bus: one object over a link, an outbox, subscriptions and what concerns members. Connections come and go below it.
import { randomBytes } from "node:crypto";
import { parseAckLevel } from "../wire/ack-level.js";
import { checkChannel } from "../wire/channel.js";
import { requestNumbers } from "../wire/client-frame.js";
import { RepriseError, toRepriseError } from "../wire/errors.js";
import { checkWindow, defaultLimits, type Limits } from "../wire/limits.js";
import { encodeMessage, type Message } from "../wire/message.js";
import type { ServerItem, Welcome } from "../wire/server-frame.js";
import type { Bus, ConnectOptions, PublishOptions } from "./bus.js";
import { type Call, createCall } from "./calls.js";
import { readChannel, readChannels } from "./channels.js";
import { onDeadline } from "./deadline.js";
import { discover } from "./discovery.js";
import { firstConnection } from "./first-connection.js";
import { readHistory } from "./history.js";
import { createLink, type Link, type LinkOptions } from "./link.js";
import { createLosses, type Losses } from "./losses.js";
import { readMembers } from "./member.js";
import { Memberships } from "./membership.js";
import { readNodes } from "./nodes.js";
import type { Admit } from "./open-subscription.js";
import { Outbox } from "./outbox.js";
import { Presences } from "./presences.js";
import { securityOf } from "./security.js";
import { createState, type StateCell, statesOf } from "./state.js";
import type { SubscribeOptions } from "./subscription.js";
import { Subscriptions } from "./subscriptions.js";
import { createTyped } from "./typed.js";

const defaultTimeoutMs = 5_000;
const defaultOutboxBytes = 16 * 1024 * 1024;
const defaultBufferBytes = 8 * 1024 * 1024;

/** Sessions whose messages are known as one's own: of the last connections. */
const rememberedSessions = 1_000;

/** A hanging address must not use up the time of the others. */
const shortestTryMs = 1_000;

/**
 * Connects to one of the nodes at the addresses: HOST:PORT, or where they are told (etcd://…, dns://NAME:PORT). Resolves when a node has said welcome, or
 * at once with `wait: false`. Rejects with `unavailable` when none did in time, at once when trying again is no use.
 */
export async function connect(addresses: string | readonly string[], options: ConnectOptions = {}): Promise<Bus> {
  const list = typeof addresses === "string" ? [addresses] : addresses;
  if (list.length === 0) throw new RepriseError("invalid_argument", "no address to connect to");
  const { wait = true, timeoutMs = wait ? defaultTimeoutMs : Number.POSITIVE_INFINITY, signal, onState } = options;
  const discovery = discover(list);
  const state = createState({ kind: "connecting", address: discovery.names[0]! });
  const welcomeTimeoutMs = Math.max(shortestTryMs, Math.min(timeoutMs, defaultTimeoutMs) / list.length);
  const { bus, link } = createBus(state, options, { discovery, welcomeTimeoutMs });
  if (onState !== undefined) state.listen(onState);
  const connected = firstConnection(link, state, { addresses: discovery.names, timeoutMs, signal });
  if (wait) await connected;
  // The state says it, and whatever is asked of the bus.
  else connected.catch(() => {});
  return bus;
}

function createBus(
  state: StateCell,
  options: ConnectOptions,
  { discovery, welcomeTimeoutMs }: Pick<LinkOptions, "discovery" | "welcomeTimeoutMs">,
): { bus: Bus; link: Link } {
  const { name = "", reconnect = true, outboxBytes, outboxFull = "wait", bufferBytes, backoff = {} } = options;
  const { grpc, token, discover: discovers = true, compression = false, windowBytes } = options;
  const compresses = (what: "publish" | "subscribe") => compression === true || compression === what;
  if (windowBytes !== undefined) checkWindow(windowBytes);
  const ackLevel = parseAckLevel(options.ackLevel ?? "stored");
  const { member = randomBytes(16).toString("base64url") } = options;
  /** Its id at nodes that make it the identity's own. */
  let ownMember: string | undefined;
  const subscriptions = new Subscriptions(bufferBytes ?? defaultBufferBytes, backoff, compresses("subscribe"));
  const memberships = new Memberships(backoff);
  const presences = new Presences(backoff);
  const outbox: Outbox = new Outbox({
    maxBytes: outboxBytes ?? defaultOutboxBytes,
    whenFull: outboxFull,
    backoff,
    leave: (reason) => link.reconnect(reason),
    epochChanged: (channel, position) => losses.check(channel, position),
  });
  const sessions = new Set<string>();
  let welcome: Welcome | undefined;
  const lineOptions = { welcomeTimeoutMs, grpc, token, compressed: compresses("publish"), windowBytes };
  const linkOptions = { ...lineOptions, ...securityOf(options), discovery, reconnect, backoff, ackLevel };
  const link: Link = createLink(linkOptions, state, {
    // Who does not reconnect must not be moved without need.
    hello: () => ({ name, producer: outbox.producer, discover: discovers && reconnect, member }),
    connected(connection, received) {
      welcome = received;
      ownMember = undefined;
      sessions.add(received.session);
      for (const session of sessions) if (sessions.size > rememberedSessions) sessions.delete(session);
      const send = (frame: Buffer) => connection.send(frame);
      subscriptions.connected({ node: received.node, send });
      memberships.connected(send);
      presences.connected(send);
      outbox.connected({ limits: received.limits, send });
    },
    item(item) {
      if (item.kind === "authenticated") ownMember = item.member;
      else dispatch(item, parts);
    },
    lost() {
      outbox.lost();
      subscriptions.lost();
      memberships.lost();
      presences.lost();
    },
    failed(error) {
      outbox.close(error);
      subscriptions.fail(error);
      memberships.end(error);
      presences.end(error);
    },
  });
  const call = createCall(link, state);
  const losses = createLosses(call, state);
  const memberId = () => ownMember ?? member;
  const parts: Parts = { memberId, state, link, outbox, subscriptions, memberships, presences, call, losses };
  const isOwn = (message: Message) => sessions.has(message.session);
  return { bus: busOf(parts, () => welcome?.limits ?? defaultLimits, isOwn), link };
}

function dispatch(
  item: Exclude<ServerItem, { kind: "authenticated" }>,
  { outbox, subscriptions, memberships, presences, link }: Parts,
) {
  switch (item.kind) {
    case "published":
      outbox.published(item);
      break;
    case "error":
      if (item.sequence > 0) outbox.refused(item);
      else if (item.request === requestNumbers.enter || item.request === requestNumbers.leave)
        memberships.refused(item);
      else if (item.request >= requestNumbers.watchMembers) presences.refused(item);
      else subscriptions.refused(item);
      break;
    case "entered":
    case "left":
      memberships.answered(item.channel);
      break;
    case "members":
      presences.item(item);
      break;
    case "membersUnwatched":
      presences.unwatched(item.channel);
      break;
    case "draining":
      outbox.leave(new RepriseError("draining", "the node is stopping"));
      break;
    case "heartbeat":
      // What cannot be read cannot be delivered: that is no fault of the connection.
      if (!item.bufferAway && subscriptions.heartbeat(item.heads)) {
        link.reconnect(new RepriseError("unavailable", "the node tells of messages that it does not deliver"));
      }
      break;
    case "welcome":
    case "nodes":
      break;
    default:
      subscriptions.item(item);
  }
}

const noOptions: PublishOptions = {};

interface Parts {
  memberId: () => string;
  state: StateCell;
  link: Link;
  outbox: Outbox;
  subscriptions: Subscriptions;
  memberships: Memberships;
  presences: Presences;
  call: Call;
  losses: Losses;
}

function busOf(parts: Parts, limits: () => Limits, isOwn: (message: Message) => boolean): Bus {
  const { state, outbox, subscriptions, memberships, presences, call } = parts;
  let closing: Promise<void> | undefined;
  const checkOpen = () => {
    if (closing !== undefined) throw new RepriseError("closed", "the bus was closed");
    if (state.current.kind === "failed") throw state.current.error;
  };
  const open = <M extends Message>(channel: string, options: SubscribeOptions, admit: Admit<M>) => {
    checkOpen();
    checkChannel(channel);
    const { echo = true } = options;
    if (echo) return subscriptions.open(channel, options, admit);
    return subscriptions.open(channel, options, (message, events) =>
      isOwn(message) ? undefined : admit(message, events),
    );
  };
  const bus: Bus = {
    get member() {
      return parts.memberId();
    },
    get state() {
      return state.current;
    },
    get limits() {
      return limits();
    },
    onState: (listener) => state.listen(listener),
    states: () => statesOf(state),
    onLoss: (listener) => parts.losses.listen(listener),
    publish(channel, data, options = noOptions) {
      try {
        checkOpen();
        checkChannel(channel);
        const bytes = typeof data === "string" ? Buffer.from(data) : data;
        return outbox.publish(channel, encodeMessage(bytes, options.headers), options);
      } catch (thrown) {
        return Promise.reject(toRepriseError(thrown));
      }
    },
    subscribe: (channel, options = {}) => open(channel, options, (message) => message),
    typed(channel, codec) {
      checkChannel(channel);
      return createTyped({ publish: bus.publish, open, history: bus.history }, channel, codec);
    },
    async enter(channel, options = {}) {
      checkOpen();
      return memberships.enter(checkChannel(channel), options);
    },
    presence(channel, options = {}) {
      checkOpen();
      return presences.open(checkChannel(channel), options);
    },
    members: (channel, options = {}) => readMembers(call, channel, options),
    history: (channel, options = {}) => readHistory(call, channel, options),
    channels: (options = {}) => readChannels(call, options),
    channel: (name, options = {}) => readChannel(call, name, options),
    nodes: (options = {}) => readNodes(call, options),
    close({ timeoutMs = defaultTimeoutMs } = {}) {
      closing ??= close(parts, timeoutMs);
      return closing;
    },
    [Symbol.asyncDispose]: () => bus.close(),
  };
  return bus;
}

async function close(parts: Parts, timeoutMs: number): Promise<void> {
  const { link, outbox, subscriptions, memberships, presences } = parts;
  presences.end();
  const left = memberships.close();
  const saved = subscriptions.close();
  let stop = () => {};
  const late = new Promise<void>((resolve) => {
    stop = onDeadline(timeoutMs, resolve);
  });
  await Promise.race([Promise.all([outbox.empty(), saved, left]), late]);
  stop();
  outbox.close(new RepriseError("closed", "the bus was closed before the broker acknowledged the message"));
  memberships.end(new RepriseError("closed", "the bus was closed"));
  link.close();
}
