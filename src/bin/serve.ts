// reprise serve: a broker in this process, until it is told to stop.
import cluster from "node:cluster";
import { resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import type { Node } from "../broker/index.js";
import { noLog } from "../log/log.js";
import { isLoopback } from "../tls/loopback.js";
import { replaceable } from "./channel-rules.js";
import { commandLine, quote } from "./command-line.js";
import { configOption } from "./config-file.js";
import { ackRules, type Configured, channelRules, configText, configuredBy, permissionsOf } from "./configured.js";
import type { Crew } from "./crew.js";
import { drainedLine } from "./drained.js";
import { Exit, exitCodes } from "./exit.js";
import { canReload, onHangup, type Reload } from "./hangup.js";
import { giveHeapRoom } from "./heap.js";
import { faceOfWorker, type HttpOptions, httpOptions, openHttp, openHttpOfAll } from "./http.js";
import { parseListen } from "./listen.js";
import { defaultServer, withOptions } from "./options.js";
import { note } from "./output.js";
import { type LogFlags, logOptions, type OwnLog, openLog } from "./own-log.js";
import { openTracing, traceOption } from "./own-tracing.js";
import { plaintextDangers } from "./plaintext.js";
import { parseDuration } from "./quantity.js";
import { type GuardFlags, guardOf, guardOptions } from "./serve-auth.js";
import { checkFsync, checkServe } from "./serve-check.js";
import { type LimitFlags, limitOption, quotasOf } from "./serve-limits.js";
import { type SizeOptions, sizeOptions, sizesOf } from "./serve-sizes.js";
import {
  flagsOfClients,
  greetTls,
  type Security,
  type ServeTlsOptions,
  securityOfServe,
  serveTlsOptions,
} from "./serve-tls.js";
import { onStop } from "./stop.js";
import { warnOfPasswords, warnOfVariables } from "./variables.js";
import { type Place, runWorker } from "./worker.js";
import { countWorkers, runWorkers, workersOption } from "./workers.js";

export interface ServeOptions extends ServeTlsOptions, HttpOptions, GuardFlags, SizeOptions, LimitFlags, LogFlags {
  trace?: string;
  listen: string;
  buffer: string;
  fsync?: "always" | "everysec" | "no";
  ack?: string;
  retain: string[];
  node?: string;
  presenceGrace?: number;
  drainWindow?: number;
  maxSessionAge?: number;
  balance: boolean;
  registry?: string;
  advertise?: string;
  zone?: string;
  workers: number | "auto";
}

/** What there is to say of a node that has started. */
export interface Greeting {
  address: string;
  node: string;
  advertised: string;
  buffer: string;
  ackLevel: string;
  /** Peers must say who they are. */
  guarded: boolean;
  /** Empty: others do not share its store. */
  registry: string;
}

export const serveOptions = [
  configOption(),
  new Option("--listen <HOST:PORT>", "where to listen; port 0 takes a free one")
    .env("REPRISE_LISTEN")
    .default(defaultServer)
    .argParser(parseListen),
  new Option(
    "--buffer <WHERE>",
    "embedded:FOLDER, redis://HOST:PORT, redis-sentinel://HOST:PORT,…/MASTER or redis-cluster://HOST:PORT,…; rediss for TLS",
  )
    .env("REPRISE_BUFFER")
    .default("embedded:./reprise-data"),
  new Option("--fsync <POLICY>", "when the embedded buffer syncs to disk (default: everysec)")
    .env("REPRISE_FSYNC")
    .choices(["always", "everysec", "no"]),
  new Option(
    "--ack <LEVEL>",
    "what an acknowledgement must mean: stored, fsynced or replicated:N (default: what the buffer gives for nothing)",
  ).env("REPRISE_ACK"),
  new Option(
    "--retain <RULE>",
    'what to keep, repeatable (in the variable separated by ;): "[pattern] limit…" with messages=N, bytes=N[KiB|MiB|GiB], age=N(m|h|d)',
  )
    .env("REPRISE_RETAIN")
    .default([], "1,000,000 messages, 256 MiB, 7 days a channel")
    .argParser((text, before: string[]) => [...before, ...text.split(";").filter((rule) => rule.trim() !== "")]),
  ...sizeOptions(),
  limitOption(),
  new Option(
    "--drain-window <DURATION>",
    "when it stops and there are other nodes: over which sessions are sent there (default: 5s)",
  )
    .env("REPRISE_DRAIN_WINDOW")
    .argParser(parseDuration),
  new Option("--max-session-age <DURATION>", "send older sessions to other nodes (default: never)")
    .env("REPRISE_MAX_SESSION_AGE")
    .argParser(parseDuration),
  new Option("--no-balance", "do not send sessions to nodes that have fewer").env("REPRISE_BALANCE"),
  new Option("--node <NAME>", "name of this node (default: the host's name and a random part)").env("REPRISE_NODE"),
  new Option(
    "--presence-grace <DURATION>",
    "how long a member may be away after its connection was lost (default: 10s)",
  )
    .env("REPRISE_PRESENCE_GRACE")
    .argParser(parseDuration),
  new Option("--registry <URL>", "etcd://HOST:PORT where nodes find each other (default: the Redis of the buffer)").env(
    "REPRISE_REGISTRY",
  ),
  new Option("--advertise <HOST:PORT>", "where clients reach this node (default: --listen, if it names one host)")
    .env("REPRISE_ADVERTISE")
    .argParser(parseAdvertise),
  ...guardOptions(),
  new Option("--zone <NAME>", "where this node stands: a data centre, a rack").env("REPRISE_ZONE"),
  ...serveTlsOptions,
  ...httpOptions,
  workersOption(),
  ...logOptions(),
  traceOption(),
];

export const serveCommand = (): Command =>
  withOptions(new Command("serve"), serveOptions)
    .summary("run a broker")
    .description("Runs a broker until SIGINT or SIGTERM, which lets it stop without losing an acknowledged message.")
    .action(serve);

function parseAdvertise(text: string): string {
  const address = parseListen(text);
  if (!/:0+$/.test(address)) return address;
  throw new InvalidArgumentError("Expected the port that clients connect to.");
}

async function serve(_: ServeOptions, command: Command): Promise<void> {
  giveHeapRoom();
  if (cluster.isWorker) return runWorker((place) => runInWorker(command, place), faceOfWorker);
  const text = configText(command);
  const configured = await configuredBy(command, text);
  const { given } = configured;
  const own = await openLog(given);
  const { log } = own;
  warnOfVariables(command, log);
  warnOfPasswords(command, log);
  // Whoever writes a file is told what is wrong with it before anything is opened.
  if (configured.file !== undefined) await checkServe(configured);
  checkFsync(given);
  const workers = countWorkers(given.workers, given.buffer);
  const security = securityOfServe(given, given.listen);
  const greet = greetOf(security, own, plaintextDangers(given));
  if (workers === 1) return runAlone(command, configured, own, greet);
  const first = {
    log,
    greet,
    hangup: (reload: Reload) =>
      onHangup(command, configured, log, async (text) => {
        if (text !== undefined) own.setLevel((await configuredBy(command, text)).given.logLevel);
        await reload(text);
      }),
    openHttp: (crew: Crew) => openHttpOfAll(crew, given, log).catch((thrown) => inOneSentence(thrown, given.http)),
  };
  await runWorkers(workers, { listen: given.listen, node: given.node, config: text }, first);
}

/** All workers go by the file as the first process has read it: it may change while they start, and when one is replaced. */
async function runInWorker(command: Command, place: Place): Promise<void> {
  const configured = await configuredBy(command, place.config);
  // The first process has it too, and decides.
  if (canReload(configured)) process.on("SIGHUP", () => {});
  await runNode(command, configured, await openLog(configured.given), place);
}

async function runAlone(command: Command, configured: Configured, own: OwnLog, greet: Greet): Promise<void> {
  const { given } = configured;
  const { log } = own;
  const stopped = new Promise<void>((resolve) => onStop(resolve));
  const live = async (node: Node, greeting: Greeting, reload: Reload) => {
    const release = onHangup(command, configured, log, reload);
    greet(greeting);
    const gateway = await openHttp(node, given, log).catch((thrown) => inOneSentence(thrown, given.http));
    const bySignal = stopped.then(() => {
      log.info({}, "stopping (again to stop at once)");
      return node.drain();
    });
    // An operator may have asked for it from elsewhere.
    log.info({}, drainedLine(await Promise.race([bySignal, node.stopped])));
    await gateway?.close();
    release();
  };
  await runNode(command, configured, own, { listen: given.listen, node: given.node, live });
}

/** To its end. */
async function runNode(command: Command, configured: Configured, own: OwnLog, place: Place): Promise<void> {
  const { given } = configured;
  const { listen, node: name, reloaded, worker, live } = place;
  const latest = reloaded === undefined ? configured : await configuredBy(command, reloaded);
  own.setLevel(latest.given.logLevel);
  const log = worker === undefined ? own.log : own.log.child({ worker: worker.number });
  // Loaded here so that the other commands do not wait for it.
  const [{ startBroker }, { openStore, parseAckLevel }] = await Promise.all([
    import("../broker/index.js"),
    import("../store/index.js"),
  ]);
  const { ack, fsync, presenceGrace, registry, advertise, zone } = given;
  const { drainWindow, maxSessionAge, balance } = given;
  const security = securityOfServe(given, given.listen);
  const tracing = given.trace === undefined ? undefined : await openTracing(given.trace);
  const rules = replaceable(await channelRules(latest));
  const store = await openStore(withFullPath(given.buffer), {
    retention: rules.retention,
    ...(fsync && { fsync }),
    ...(ack !== undefined && { ackLevel: parseAckLevel(ack) }),
    ackRules: await ackRules(configured),
    registry,
    // It is the same for all workers.
    log: (worker?.number ?? 1) === 1 ? log : noLog,
  }).catch((thrown) => inOneSentence(thrown));
  const guard = await guardOf(given, await permissionsOf(configured), log).catch(async (thrown) => {
    await store.close();
    throw thrown;
  });
  try {
    // Before anybody is let in: what SIGHUP has taken from somebody is not given back by a worker that is replaced.
    guard?.permit(await permissionsOf(latest));
    const node = await startBroker({
      buffer: store.buffer,
      members: store.members,
      registry: store.registry,
      ...(guard && { guard }),
      warnings: store.warnings,
      listen,
      ...security,
      ...(worker && { worker }),
      ...(name !== undefined && { node: name }),
      ...(presenceGrace !== undefined && { presenceGraceMs: presenceGrace }),
      ...(advertise !== undefined && { advertise }),
      ...(zone !== undefined && { zone }),
      ...sizesOf(given),
      messageSizes: rules.messageSizes,
      quotas: quotasOf(latest.given),
      ...(drainWindow !== undefined && { drainWindowMs: drainWindow }),
      ...(maxSessionAge !== undefined && { maxSessionAgeMs: maxSessionAge }),
      balance,
      log,
      tracing,
    }).catch((thrown) => inOneSentence(thrown, listen));
    const isShared = registry !== undefined || !given.buffer.startsWith("embedded:");
    const greeting = {
      ...{ address: node.address, node: node.node, advertised: node.advertised },
      ...{ buffer: store.buffer.description, ackLevel: store.buffer.ackLevel, guarded: guard !== undefined },
      registry: isShared ? store.registry.description : "",
    };
    await live(node, greeting, async (text) => {
      if (text !== undefined) {
        const now = await configuredBy(command, text);
        own.setLevel(now.given.logLevel);
        rules.set(await channelRules(now));
        node.setQuotas(quotasOf(now.given));
        guard?.permit(await permissionsOf(now));
      }
      if (security.tls !== undefined) await node.reloadCertificates();
    });
  } finally {
    guard?.close();
    await store.close();
    await tracing?.shutdown?.();
  }
}

/** The folder as it is found from anywhere: it is told to people. */
const withFullPath = (buffer: string): string =>
  buffer.replace(/^embedded:(.+)$/, (_, folder: string) => `embedded:${resolve(folder)}`);

/** Turns what can go wrong at the start into what to do about it. */
async function inOneSentence(thrown: unknown, listen?: string): Promise<never> {
  const { RepriseError } = await import("../client/index.js");
  if (!(thrown instanceof RepriseError) || thrown.code === "invalid_argument") throw thrown;
  let sentence = thrown.message;
  if (thrown.code === "buffer_locked") sentence += ": stop it, or use another --buffer";
  if (listen !== undefined && sentence.includes("EADDRINUSE")) {
    sentence = `cannot listen on ${listen}, it is in use: stop the process that listens there, or choose another address`;
  }
  throw new Exit(exitCodes.failed, sentence);
}

type Greet = (greeting: Greeting, workers?: number) => void;

const greetOf =
  (security: Security, { log, format }: OwnLog, elsewhere: readonly string[]): Greet =>
  (greeting, workers = 1) => {
    const dangers = [...dangersOf(greeting, security), ...elsewhere];
    const { address, node, buffer, ackLevel, guarded } = greeting;
    if (format === "json") {
      const tls = security.tls?.cert;
      log.info({ ...greeting, workers, tls }, "the node listens");
      for (const danger of dangers) log.warn({}, danger);
      return;
    }
    note(`node ${node} listens on ${address}${workers === 1 ? "" : ` with ${workers} workers`}`);
    note(`buffer: ${buffer}; acknowledged is ${ackLevel}`);
    if (guarded) note("peers are asked who they are, and may do what they have a right to");
    else if (isLoopback(address))
      note("loopback only: it is reached from this machine only, and without authentication");
    for (const danger of dangers) note(`WARNING: ${danger}`);
    greetTls(security);
    if (greeting.registry !== "") greetNodes(greeting);
    suggest(address, flagsOfClients(security));
  };

function dangersOf({ address, guarded }: Greeting, { tls }: Security): string[] {
  if (isLoopback(address)) return [];
  return [
    ...(guarded ? [] : [`whoever reaches ${address} can read and publish everything: there is no authentication`]),
    ...(tls === undefined ? ["no TLS: whoever is on the way reads and changes what is sent (--insecure)"] : []),
  ];
}

function greetNodes({ advertised, registry }: Greeting): void {
  note(`registry of nodes: ${registry}`);
  if (advertised !== "") note(`advertised as ${advertised}`);
  else note("no client is sent to this node by others: say with --advertise HOST:PORT where it is reached");
}

function suggest(address: string, flags: readonly string[]): void {
  const command = commandLine();
  // Always, because a context may be in use there.
  const here = address.replace(/^(0\.0\.0\.0|\[::\])/, "127.0.0.1");
  const server = ` ${["--server", here, ...flags].map(quote).join(" ")}`;
  note("\ntry it, in other terminals:");
  for (const words of ["sub lobby", "pub lobby hello", "chat lobby"]) note(`  ${command} ${words}${server}`);
}
