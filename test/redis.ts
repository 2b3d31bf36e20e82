// A real Redis for a test: its own process, port and folder, gone after the test.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { Redis } from "ioredis";
import { notRun, type T, temporaryFolder, until } from "./scope.js";

export interface RedisServer {
  url: string;
  port: number;
  pid: number;
  folder: string;
  /** SIGKILL; waits for the exit. */
  kill(): Promise<void>;
  /** Again, on the same port and folder. */
  start(): Promise<void>;
  /** SIGTERM; waits for the exit. */
  stop(): Promise<void>;
  /** SIGSTOP: it does nothing any more, its connections stay open. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
}

interface RedisProcess {
  pid: number;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** `none`: there is none (scripts/test.ts found only REDIS_URL). */
const program = process.env.REPRISE_TEST_REDIS_SERVER || "redis-server";
/** Its file may be large, and the machine busy. */
const readyMs = 60_000;

/**
 * Starts redis-server with an append-only file fsynced every second and no other persistence, on loopback and a free
 * port; `args` are appended to its command line and win.
 */
export function startRedis(t: T, ...args: string[]): Promise<RedisServer> {
  return startServer(t, (port, folder) => [
    ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--daemonize", "no"],
    ...["--appendonly", "yes", "--appendfsync", "everysec", "--save", "", ...args],
  ]);
}

/** Starts redis-server on a free port, in a folder of its own. @param argsOf its whole command line, for each start */
export async function startServer(t: T, argsOf: (port: number, folder: string) => string[]): Promise<RedisServer> {
  const folder = temporaryFolder(t);
  let running: RedisProcess | undefined;
  const end = async (signal: NodeJS.Signals) => {
    const ending = running;
    running = undefined;
    await ending?.end(signal);
  };
  t.after(() => end("SIGKILL"));
  const start = async (port: number) => {
    if (running) throw new Error("redis-server runs already");
    running = await launch(port, folder, argsOf(port, folder));
    server.pid = running.pid;
  };
  const signal = (name: NodeJS.Signals) => {
    if (running) process.kill(running.pid, name);
  };
  const server: RedisServer = {
    url: "",
    port: 0,
    pid: 0,
    folder,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    start: () => start(server.port),
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
  };
  for (let attempt = 1; !running; attempt++) {
    const port = await freePort();
    await start(port).catch((error) => {
      // Somebody else was given the port meanwhile.
      if (attempt === 5 || !/Address already in use/.test(error.message)) throw error;
    });
    server.port = port;
    server.url = `redis://127.0.0.1:${port}`;
  }
  return server;
}

/**
 * A Redis for tests that neither stop nor configure it: a throwaway one where redis-server can be had, otherwise the
 * one at REDIS_URL. Keys of the test begin with `prefix`, which no other test shares; they are deleted after it.
 */
export async function someRedis(t: T): Promise<{ url: string; prefix: string }> {
  const prefix = `reprise-test-${randomUUID()}:`;
  const url = process.env.REDIS_URL;
  if (program !== "none" || !url) return { url: (await startRedis(t)).url, prefix };
  t.after(() => deleteKeys(url, prefix));
  return { url, prefix };
}

async function deleteKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url);
  try {
    let cursor = "0";
    do {
      const [next, keys] = await redis.scan(cursor, "MATCH", `${prefix}*`, "COUNT", 1000);
      if (keys.length > 0) await redis.unlink(...keys);
      cursor = next;
    } while (cursor !== "0");
  } finally {
    redis.disconnect();
  }
}

async function launch(port: number, folder: string, args: string[]): Promise<RedisProcess> {
  if (program === "none") notRun("it needs a Redis of its own, and there is no redis-server here, only REDIS_URL");
  const log = join(folder, "redis.log");
  const output = openSync(log, "w");
  const child = spawn(program, args, { stdio: ["ignore", output, output] });
  closeSync(output);
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? code}`));
  });
  const watchdog = watch(child);
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
    await watchdog.stop();
  };
  let failure: string | undefined;
  void exited.then((reason) => {
    failure = reason;
  });
  try {
    await until(async () => failure !== undefined || (await answersPing(port)), "redis-server answers PING", readyMs);
    if (failure !== undefined) throw new Error(`${program} (see REPRISE_TEST_REDIS_SERVER) did not start: ${failure}`);
  } catch (error) {
    await end("SIGKILL");
    throw new Error(`${(error as Error).message}\n${readFileSync(log, "utf8")}`);
  }
  return { pid: child.pid!, end };
}

/**
 * Redis must not outlive this process, even one that is killed: a shell waits until its standard input closes, which
 * the kernel does for us, and kills Redis then.
 */
export function watch(child: ChildProcess): { stop(): Promise<void> } {
  if (child.pid === undefined) return { stop: async () => {} };
  const watchdog = spawn("sh", ["-c", `cat >/dev/null; kill -9 ${child.pid}`], { stdio: ["pipe", "ignore", "ignore"] });
  const exited = new Promise((resolve) => watchdog.once("exit", resolve));
  return {
    stop: async () => {
      watchdog.kill("SIGKILL");
      await exited;
    },
  };
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    // Anything but PONG means that it is still loading its data.
    socket.once("data", (data) => settle(data.toString().startsWith("+PONG")));
    socket.once("error", () => settle(false));
    socket.once("close", () => settle(false));
  });
}

/** One command over a connection of its own; rejects if it is not answered within 3 s. */
export async function ask({ port }: { port: number }, command: string, ...args: (string | number)[]): Promise<unknown> {
  const client = new Redis({
    ...{ host: "127.0.0.1", port, commandTimeout: 3_000, connectTimeout: 3_000, disconnectTimeout: 50 },
    ...{ retryStrategy: () => null, enableReadyCheck: false, disableClientInfo: true },
  });
  client.on("error", () => {});
  try {
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
    client.stream?.destroy();
  }
}

/**
 * A port of 127.0.0.1 that nobody listened on a moment ago. Not one of those that the system hands out by itself: until a
 * server takes it, or while it is restarted, some connection or another test would be given it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowestPort + Math.floor(Math.random() * (firstHandedOut() - lowestPort));
    if (await isFree(port)) return port;
  }
}

const lowestPort = 10_000;

function firstHandedOut(): number {
  try {
    const first = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split("\t")[0]);
    return first > 2 * lowestPort ? first : 2 ** 15;
  } catch {
    // Another system than Linux: most hand out from 49,152 on.
    return 2 ** 15;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
