// The node as a process sees it: a broker behind a gRPC server.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { Server } from "@grpc/grpc-js";
import adminGrpc from "../../generated/reprise/v1/admin_grpc_pb.js";
import brokerGrpc from "../../generated/reprise/v1/broker_grpc_pb.js";
import streamGrpc from "../../generated/stream/stream_grpc_pb.js";
import type { Guard } from "../auth/guard.js";
import type { ReplayBuffer } from "../buffer/buffer.js";
import { type Log, noLog } from "../log/log.js";
import type { NodeRegistry } from "../nodes/registry.js";
import type { MemberStore } from "../presence/members.js";
import { isLoopback } from "../tls/loopback.js";
import type { Tracing } from "../trace/tracing.js";
import { RepriseError } from "../wire/errors.js";
import { checkWindow, defaultLimits, KiB, type Limits, maxFrameBytes } from "../wire/limits.js";
import { isAddress, isWord, longestWord } from "../wire/node-entry.js";
import { startAgeing } from "./ageing.js";
import { startBalancing } from "./balancing.js";
import { Broker } from "./broker.js";
import type { NodeTls } from "./certificates.js";
import { tellNodes } from "./directory.js";
import type { Drained, DrainOptions } from "./drain.js";
import { startExpiry } from "./expiry.js";
import { addHealth } from "./health.js";
import { createIncoming } from "./incoming.js";
import { type Listener, listen } from "./listener.js";
import type { MessageSizes } from "./message-sizes.js";
import { graceMs as defaultGraceMs } from "./move.js";
import { startProgress } from "./progress.js";
import { completeQuotas, type Quotas } from "./quotas.js";
import type { Readiness } from "./readiness.js";
import { getActivity, listSlowSubscribers } from "./services/activity.js";
import { getChannel, listChannels, listMembers, listNodes, listSessions } from "./services/admin.js";
import { admit } from "./services/admit.js";
import { biStream } from "./services/bi-stream.js";
import { connect } from "./services/connect.js";
import { drain as drainCall } from "./services/drain.js";
import { listEvents } from "./services/events.js";
import { identity, raw } from "./services/grpc.js";
import { historyPage } from "./services/history.js";
import { deleteChannel, disconnectSession, listRetention, setRetention, trimChannel } from "./services/interference.js";
import { publish, publishStream } from "./services/publish.js";
import { addReflection } from "./services/reflection.js";
import { subscribe } from "./services/subscribe.js";
import { startShedding } from "./shedding.js";
import { createTurn } from "./turn.js";
import { type Vitals, vitalsOf } from "./vitals.js";
import { namesOf, type WholeDrain, type Worker } from "./worker.js";

export interface NodeOptions {
  /** Not closed with the node. */
  buffer: ReplayBuffer;
  /** Where the nodes that share the buffer find each other. Not closed with the node. Default: it is alone. */
  registry?: NodeRegistry;
  /** Who is on the channels. Not closed with the node. Default: nobody can enter one. */
  members?: MemberStore;
  /** How long a member may be away after its session has ended, in ms. Default: 10,000. */
  presenceGraceMs?: number;
  /** Knows who peers are and what they may do. Not closed with the node. Default: everybody may do everything. */
  guard?: Guard;
  /** HOST:PORT; port 0 chooses a free one. */
  listen: string;
  /** Default: none, what is sent can be read and changed on the way. */
  tls?: NodeTls | undefined;
  /** Listens without TLS where others than this machine can reach it. Default: it refuses to start. */
  insecure?: boolean | undefined;
  /** HOST:PORT where peers reach this node. Default: where it listens, if that names one host. */
  advertise?: string;
  /** Where it stands: a data centre, a rack. Default: not told. */
  zone?: string;
  /** What an operator should know of the store's configuration: told with the node. Read again and again. */
  warnings?: readonly string[];
  /** Name of this process; by default the host's name and a random part. */
  node?: string;
  /** It is one of several that share `listen` (node:cluster). Default: it is not. */
  worker?: Worker;
  limits?: Partial<Limits>;
  /** The largest message of single channels, where it is less than that of `limits`. Asked for each publish. */
  messageSizes?: MessageSizes;
  /** How much its peers may take. Default: as much as they like. */
  quotas?: Partial<Quotas>;
  /** How many bytes a peer may send before it was read (the HTTP/2 window). Default: 256 KiB. */
  windowBytes?: number;
  /** How often an idle session hears from the node, in ms. Default 10,000. */
  heartbeatIntervalMs?: number;
  /** Over which a drain tells the sessions to go, if there are other nodes, in ms. Default 5,000. */
  drainWindowMs?: number;
  /** Sessions that are older are moved to other nodes, each at an age of its own, 10 % around this. Default: never. */
  maxSessionAgeMs?: number;
  /** Whether sessions are moved to nodes that have fewer. Default: true. */
  balance?: boolean;
  /** What it says of itself, for an operator. A logger of pino is one. Default: nobody is told. */
  log?: Log | undefined;
  /** Makes spans of appends, for messages that bring a trace context (P-52). Default: none, and no header is looked at. */
  tracing?: Tracing | undefined;
}

export interface Node {
  /** HOST:PORT with the port that was bound. */
  address: string;
  /** Where the others and their peers think that it is; empty: they have not been told. */
  advertised: string;
  node: string;
  /** How far a drain has come; undefined: it does not drain. */
  readonly drained: Drained | undefined;
  /**
   * Stops, and sends the sessions to other nodes before, each at its own moment within the window. Without other nodes
   * all are told at once.
   */
  drain(options?: { windowMs?: number | undefined }): Promise<Drained>;
  /**
   * Stops: accepts nothing new, answers what it accepted, tells all sessions at once to go, ends their streams with
   * UNAVAILABLE.
   * @param graceMs how long peers may take to read what is theirs; default 5,000
   */
  close(graceMs?: number): Promise<void>;
  /** Resolves when its sessions have gone and it is not in the registry any more. What is left is to end connections. */
  readonly left: Promise<Drained>;
  /** Reads the files of TLS now; by itself it finds within seconds that they have changed. What it cannot use it logs. */
  reloadCertificates(): Promise<void>;
  /**
   * From now on its peers may take so much, those that are connected as well; of what there is too much already (connections,
   * sessions, channels) nothing is ended.
   * @throws RepriseError `invalid_argument`
   */
  setQuotas(quotas: Partial<Quotas>): void;
  /** Resolves when it has stopped, whoever asked for it. */
  readonly stopped: Promise<Drained>;
  readonly readiness: Readiness;
  /** What an operator should know of the store's configuration. */
  readonly warnings: readonly string[];
  /** What it has to say of itself, in numbers. */
  vitals(): Promise<Vitals>;
}

const defaultWindowMs = 5_000;

/** Measured (docs/performance.md); a peer that is not read makes the node hold so much. */
const defaultWindowBytes = 256 * KiB;

/** Pings find dead connections, and those that never spoke HTTP/2; gRPC's own default is to never look. */
const keepaliveMs = 10_000;
const keepaliveTimeoutMs = 5_000;

/** Of a connection. Each may make the node keep something: what it has of a message, what it has not sent of an answer. */
const maxStreams = 1_000;

/**
 * Starts a node.
 * @throws RepriseError `invalid_argument` for what is no address, name, limit or certificate, and for plaintext off loopback
 * that nobody asked for; `unavailable` if it cannot listen
 */
export async function startBroker(options: NodeOptions): Promise<Node> {
  const { node = `${hostname()}-${randomBytes(3).toString("hex")}`, worker } = options;
  const names = namesOf(node, worker);
  checkNames({ ...options, node: node && names.node });
  const windowBytes = checkWindow(options.windowBytes ?? defaultWindowBytes);
  checkReach(options);
  const log = (options.log ?? noLog).child({ node: names.node });
  const broker = new Broker({
    buffer: options.buffer,
    members: options.members,
    presenceGraceMs: options.presenceGraceMs ?? 10_000,
    ...names,
    limits: completeLimits(options.limits),
    messageSizes: options.messageSizes,
    quotas: completeQuotas(options.quotas),
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 10_000,
    registry: options.registry,
    zone: options.zone,
    guard: options.guard,
    warnings: options.warnings,
    log,
    tracing: options.tracing,
  });
  const turn = createTurn();
  const incoming = createIncoming({ maxMessageBytes: maxFrameBytes(broker.limits), gate: broker.gate, turn, log });
  const server = new Server({
    // The counters of channelz cost 5 to 15 % of a small frame.
    "grpc.enable_channelz": 0,
    "grpc.max_receive_message_length": maxFrameBytes(broker.limits),
    "grpc.max_concurrent_streams": maxStreams,
    interceptors: [incoming.intercept],
    "grpc.keepalive_time_ms": keepaliveMs,
    "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
  });
  const stop = prepareStop(broker);
  addHealth(server, broker.readiness);
  addReflection(server, broker);
  const { drainWindowMs = defaultWindowMs } = options;
  const drain = (windowMs = drainWindowMs) => stop.begin({ windowMs, graceMs: defaultGraceMs });
  const alone: WholeDrain = {
    drain,
    get drained() {
      return broker.draining?.progress;
    },
  };
  addServices(server, broker, worker ?? alone);
  const { listen: at, tls } = options;
  const listener = await listen(server, { address: at, tls, windowBytes, gate: broker.gate, turn, log }).catch(
    async (thrown) => {
      await broker.close(0);
      throw thrown;
    },
  );
  tellNodes(broker);
  stop.started(listener, [
    startExpiry(broker),
    startProgress(broker),
    startShedding(broker, log),
    options.maxSessionAgeMs === undefined ? undefined : startAgeing(broker, options.maxSessionAgeMs),
    options.registry === undefined || options.balance === false ? undefined : startBalancing(broker, options.registry),
  ]);
  const address = options.listen.replace(/:\d+$/, `:${listener.port}`);
  // Every host of its own would understand another one by it.
  const isEveryHost = /^(0\.0\.0\.0|\[::0?\]):/.test(address);
  const advertised = options.advertise ?? (isEveryHost ? "" : address);
  await broker.nodes.start(advertised);
  return {
    address,
    advertised,
    node: broker.node,
    get drained() {
      return broker.draining?.progress;
    },
    async drain({ windowMs } = {}) {
      await drain(windowMs);
      return stop.stopped;
    },
    async close(graceMs = defaultGraceMs) {
      await stop.begin({ windowMs: 0, graceMs });
      await stop.stopped;
    },
    left: stop.left,
    reloadCertificates: listener.reload,
    setQuotas: (quotas) => broker.setQuotas(completeQuotas(quotas)),
    stopped: stop.stopped,
    readiness: broker.readiness,
    warnings: options.warnings ?? [],
    vitals: () => vitalsOf(broker),
  };
}

/** What a status takes to get out on a busy machine. */
const lastWordsMs = 500;

interface Stop {
  /** Resolves when the sessions have gone; the rest follows. Begun again, it takes no longer than said this time. */
  begin(options: DrainOptions): Promise<Drained>;
  /** @param ends called when it begins */
  started(listener: Listener, ends: readonly ((() => void) | undefined)[]): void;
  /** Resolves when the sessions have gone. */
  readonly left: Promise<Drained>;
  /** Resolves when nothing is left. */
  readonly stopped: Promise<Drained>;
}

function prepareStop(broker: Broker): Stop {
  let listener: Listener | undefined;
  let ends: readonly ((() => void) | undefined)[] = [];
  let begun = false;
  let resolveLeft: (drained: Drained) => void;
  let resolveStopped: (drained: Drained) => void;
  const left = new Promise<Drained>((resolve) => {
    resolveLeft = resolve;
  });
  const stopped = new Promise<Drained>((resolve) => {
    resolveStopped = resolve;
  });
  const finish = async (drained: Drained) => {
    resolveLeft(drained);
    // The last frames and statuses are on their way, and those of the sessions that were cut at the very end too.
    await listener?.close(Math.max(broker.draining!.remainingMs(), lastWordsMs));
    resolveStopped(drained);
  };
  return {
    begin(options) {
      for (const end of ends) end?.();
      const drained = broker.drain(options);
      if (!begun) void drained.then(finish);
      begun = true;
      return drained;
    },
    started(to, loops) {
      listener = to;
      ends = loops;
    },
    left,
    stopped,
  };
}

/** They are shown to people, and peers connect to the address. */
function checkNames({ node = "n", zone = "", advertise }: NodeOptions): void {
  const invalid = (what: string) => new RepriseError("invalid_argument", what);
  if (node === "" || !isWord(node)) throw invalid(`name of a node: 1 to ${longestWord} characters of one line`);
  if (!isWord(zone)) throw invalid(`name of a zone: at most ${longestWord} characters of one line`);
  if (advertise === undefined || isAddress(advertise)) return;
  throw invalid(`advertised address ${JSON.stringify(advertise)}: expected HOST:PORT`);
}

/** Whoever is on the way of a connection reads and changes what is sent: that shall happen to nobody by mistake. */
function checkReach({ listen, tls, insecure = false }: NodeOptions): void {
  if (tls !== undefined || insecure || isLoopback(listen)) return;
  throw new RepriseError("invalid_argument", `${listen} can be reached by others, and there is no TLS`);
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

function addServices(server: Server, broker: Broker, whole: WholeDrain): void {
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
      connect: admit(broker, connect),
      publish: admit(broker, publish),
      publishStream: admit(broker, publishStream),
      subscribe: admit(broker, subscribe),
      history: admit(broker, historyPage),
    },
  );
  const admin = adminGrpc.AdminService;
  server.addService(
    {
      listChannels: { ...admin.listChannels, requestDeserialize: identity },
      getChannel: { ...admin.getChannel, requestDeserialize: identity },
      listSessions: { ...admin.listSessions, requestDeserialize: identity },
      listNodes: { ...admin.listNodes, requestDeserialize: identity },
      listMembers: { ...admin.listMembers, requestDeserialize: identity },
      drain: { ...admin.drain, requestDeserialize: identity },
      disconnectSession: { ...admin.disconnectSession, requestDeserialize: identity },
      listSlowSubscribers: { ...admin.listSlowSubscribers, requestDeserialize: identity },
      trimChannel: { ...admin.trimChannel, requestDeserialize: identity },
      deleteChannel: { ...admin.deleteChannel, requestDeserialize: identity },
      listRetention: { ...admin.listRetention, requestDeserialize: identity },
      setRetention: { ...admin.setRetention, requestDeserialize: identity },
      listEvents: { ...admin.listEvents, requestDeserialize: identity },
      getActivity: { ...admin.getActivity, requestDeserialize: identity },
    },
    {
      listChannels: admit(broker, listChannels),
      getChannel: admit(broker, getChannel),
      listSessions: admit(broker, listSessions),
      listNodes: admit(broker, listNodes),
      listMembers: admit(broker, listMembers),
      drain: admit(broker, drainCall.bind(undefined, whole)),
      disconnectSession: admit(broker, disconnectSession),
      listSlowSubscribers: admit(broker, listSlowSubscribers),
      trimChannel: admit(broker, trimChannel),
      deleteChannel: admit(broker, deleteChannel),
      listRetention: admit(broker, listRetention),
      setRetention: admit(broker, setRetention),
      listEvents: admit(broker, listEvents),
      getActivity: admit(broker, getActivity),
    },
  );
  server.addService(
    { biStream: { ...streamGrpc.StreamServiceService.biStream, requestDeserialize: identity } },
    { biStream: admit(broker, biStream) },
  );
}
