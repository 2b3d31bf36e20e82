// The node as a process sees it: a broker behind a gRPC server.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { Server } from "@grpc/grpc-js";
import adminGrpc from "../../generated/reprise/v1/admin_grpc_pb.js";
import brokerGrpc from "../../generated/reprise/v1/broker_grpc_pb.js";
import streamGrpc from "../../generated/stream/stream_grpc_pb.js";
import type { ReplayBuffer } from "../buffer/buffer.js";
import type { NodeRegistry } from "../nodes/registry.js";
import type { MemberStore } from "../presence/members.js";
import { RepriseError } from "../wire/errors.js";
import { defaultLimits, type Limits, maxFrameBytes } from "../wire/limits.js";
import { Broker } from "./broker.js";
import { type Listener, listen } from "./listener.js";
import { getChannel, listChannels, listMembers, listSessions } from "./services/admin.js";
import { biStream } from "./services/bi-stream.js";
import { connect } from "./services/connect.js";
import { identity } from "./services/grpc.js";
import { historyPage } from "./services/history.js";
import { publish, publishStream } from "./services/publish.js";
import { subscribe } from "./services/subscribe.js";

export interface NodeOptions {
  /** Not closed with the node. */
  buffer: ReplayBuffer;
  /** Where the nodes that share the buffer find each other. Not closed with the node. Default: it is alone. */
  registry?: NodeRegistry;
  /** Who is on the channels. Not closed with the node. Default: nobody can enter one. */
  members?: MemberStore;
  /** How long a member may be away after its session has ended, in ms. Default: 10,000. */
  presenceGraceMs?: number;
  /** HOST:PORT; port 0 chooses a free one. */
  listen: string;
  /** Name of this process; by default the host's name and a random part. */
  node?: string;
  limits?: Partial<Limits>;
  /** How often an idle session hears from the node, in ms. Default 10,000. */
  heartbeatIntervalMs?: number;
  /** Told what goes wrong, a line each. Default: nobody. */
  log?: (line: string) => void;
}

export interface Node {
  /** HOST:PORT with the port that was bound. */
  address: string;
  node: string;
  /**
   * Stops: accepts nothing new, answers what it accepted, ends the streams with UNAVAILABLE.
   * @param graceMs how long peers may take to read what is theirs; default 5,000
   */
  close(graceMs?: number): Promise<void>;
}

/** Pings find dead connections, and those that never spoke HTTP/2; gRPC's own default is to never look. */
const keepaliveMs = 10_000;
const keepaliveTimeoutMs = 5_000;

/**
 * Starts a node.
 * @throws RepriseError `invalid_argument` for limits that contradict each other, `unavailable` if it cannot listen
 */
export async function startBroker(options: NodeOptions): Promise<Node> {
  const broker = new Broker({
    buffer: options.buffer,
    members: options.members,
    presenceGraceMs: options.presenceGraceMs ?? 10_000,
    node: options.node ?? `${hostname()}-${randomBytes(3).toString("hex")}`,
    limits: completeLimits(options.limits),
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 10_000,
    log: options.log ?? (() => undefined),
  });
  const server = new Server({
    // The counters of channelz cost 5 to 15 % of a small frame.
    "grpc.enable_channelz": 0,
    "grpc.max_receive_message_length": maxFrameBytes(broker.limits),
    "grpc.keepalive_time_ms": keepaliveMs,
    "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
  });
  addServices(server, broker);
  const listener = await listen(server, options.listen).catch(async (thrown) => {
    await broker.close(0);
    throw thrown;
  });
  const address = options.listen.replace(/:\d+$/, `:${listener.port}`);
  let closing: Promise<void> | undefined;
  return {
    address,
    node: broker.node,
    close: (graceMs = 5_000) => {
      closing ??= stop(broker, listener, graceMs);
      return closing;
    },
  };
}

async function stop(broker: Broker, listener: Listener, graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  await broker.close(graceMs);
  // The last frames and statuses are on their way.
  await listener.close(Math.max(0, deadline - performance.now()));
}

function completeLimits(given: Partial<Limits> = {}): Limits {
  const limits = { ...defaultLimits, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RepriseError("invalid_argument", `limit ${name}: ${value} is not a positive whole number`);
    }
  }
  limits.maxPublishBytes = Math.max(limits.maxPublishBytes, limits.maxMessageBytes);
  return limits;
}

function addServices(server: Server, broker: Broker): void {
  const raw = {
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  };
  const service = brokerGrpc.BrokerService;
  server.addService(
    {
      connect: { ...service.connect, ...raw },
      publish: { ...service.publish, ...raw },
      publishStream: { ...service.publishStream, ...raw },
      subscribe: { ...service.subscribe, ...raw },
      history: { ...service.history, ...raw },
    },
    {
      connect: connect.bind(undefined, broker),
      publish: publish.bind(undefined, broker),
      publishStream: publishStream.bind(undefined, broker),
      subscribe: subscribe.bind(undefined, broker),
      history: historyPage.bind(undefined, broker),
    },
  );
  const admin = adminGrpc.AdminService;
  server.addService(
    {
      listChannels: { ...admin.listChannels, requestDeserialize: identity },
      getChannel: { ...admin.getChannel, requestDeserialize: identity },
      listSessions: { ...admin.listSessions, requestDeserialize: identity },
      listMembers: { ...admin.listMembers, requestDeserialize: identity },
    },
    {
      listChannels: listChannels.bind(undefined, broker),
      getChannel: getChannel.bind(undefined, broker),
      listSessions: listSessions.bind(undefined, broker),
      listMembers: listMembers.bind(undefined, broker),
    },
  );
  server.addService(
    { biStream: { ...streamGrpc.StreamServiceService.biStream, requestDeserialize: identity } },
    { biStream: biStream.bind(undefined, broker) },
  );
}
