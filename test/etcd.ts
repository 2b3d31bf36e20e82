// A real etcd for a test, of one member or several: processes, ports and folders of its own, gone after the test.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { notRun, type T, temporaryFolder, until } from "./harness.js";
import { freePort, watch } from "./redis.js";

export interface EtcdServer {
  /** HOST:PORT for clients. */
  endpoint: string;
  pid: number;
  /** SIGKILL; waits for the exit. */
  kill(): Promise<void>;
  /** Again, on the same ports and folder. Resolves when it answers. */
  start(): Promise<void>;
  /** SIGSTOP: it does nothing any more, its connections stay open. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
}

interface EtcdProcess {
  pid: number;
  end(): Promise<void>;
}

/** `none`: there is none. */
const program = process.env.REPRISE_TEST_ETCD_SERVER || "etcd";
const readyMs = 15_000;

/** Where clients find it, behind `etcd://`. */
export const endpointsOf = (servers: readonly EtcdServer[]): string =>
  servers.map(({ endpoint }) => endpoint).join(",");

/** One member. `args` are appended to its command line and win; where they make it speak TLS, `plain` is false. */
export async function startEtcd(t: T, args: readonly string[] = [], plain = true): Promise<EtcdServer> {
  const [server] = await startEtcdCluster(t, 1, args, plain);
  return server!;
}

export async function startEtcdCluster(
  t: T,
  size: number,
  args: readonly string[] = [],
  plain = true,
): Promise<EtcdServer[]> {
  const ports = await Promise.all(
    Array.from({ length: size }, async () => [await freePort(), await freePort()] as const),
  );
  const names = ports.map(([, port], i) => `m${i}=http://127.0.0.1:${port}`);
  const servers = ports.map(([client, peer], i) => {
    const folder = temporaryFolder(t);
    const own = [`http${plain ? "" : "s"}://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`];
    return member(t, client, folder, plain, [
      ...["--name", `m${i}`, "--data-dir", join(folder, "data"), "--initial-cluster", names.join()],
      ...["--listen-client-urls", own[0]!, "--advertise-client-urls", own[0]!],
      ...["--listen-peer-urls", own[1]!, "--initial-advertise-peer-urls", own[1]!],
      // The first election takes as long as the timeout.
      ...["--heartbeat-interval", "50", "--election-timeout", "500", ...args],
    ]);
  });
  await Promise.all(servers.map((server) => server.start()));
  return servers;
}

function member(t: T, port: number, folder: string, plain: boolean, args: string[]): EtcdServer {
  let running: EtcdProcess | undefined;
  const kill = async () => {
    const ending = running;
    running = undefined;
    await ending?.end();
  };
  const signal = (name: NodeJS.Signals) => {
    if (running) process.kill(running.pid, name);
  };
  t.after(kill);
  const server: EtcdServer = {
    endpoint: `127.0.0.1:${port}`,
    pid: 0,
    kill,
    async start() {
      if (running) throw new Error("etcd runs already");
      const launched = launch(folder, args);
      running = launched;
      server.pid = launched.pid;
      await ready(port, plain, launched).catch(async (error) => {
        await kill();
        throw new Error(`${(error as Error).message}\n${readFileSync(join(folder, "log"), "utf8")}`);
      });
    },
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
  };
  return server;
}

function launch(folder: string, args: string[]): EtcdProcess & { readonly ended: string | undefined } {
  if (program === "none") notRun("it needs an etcd, and there is none here");
  const output = openSync(join(folder, "log"), "w");
  const child = spawn(program, args, {
    stdio: ["ignore", output, output],
    // On this architecture etcd runs only if it is told to.
    env: { ...process.env, ...(process.arch === "arm64" && { ETCD_UNSUPPORTED_ARCH: "arm64" }) },
  });
  closeSync(output);
  let ended: string | undefined;
  const exited = new Promise<void>((resolve) => {
    const end = (reason: string) => {
      ended ??= reason;
      resolve();
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, signal) => end(`it ended with ${signal ?? code}`));
  });
  const watchdog = watch(child);
  return {
    pid: child.pid ?? 0,
    get ended() {
      return ended;
    },
    async end() {
      child.kill("SIGKILL");
      await exited;
      await watchdog.stop();
    },
  };
}

async function ready(port: number, plain: boolean, server: { readonly ended: string | undefined }): Promise<void> {
  // With TLS it cannot be asked so; whoever uses it finds out.
  const answers = plain ? () => isHealthy(port) : async () => true;
  await until(async () => server.ended !== undefined || (await answers()), "etcd is healthy", readyMs);
  if (server.ended === undefined) return;
  throw new Error(`${program} (see REPRISE_TEST_ETCD_SERVER) did not start: ${server.ended}`);
}

function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/health", agent: false, timeout: 1_000 }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve(/"health":\s*"?true/.test(body)));
      response.on("error", () => resolve(false));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(false));
  });
}

/** What an administrator does, by etcd's own JSON. */
export async function administer(
  { endpoint }: EtcdServer,
  path: string,
  body: object,
  token = "",
): Promise<{ token?: string }> {
  const response = await fetch(`http://${endpoint}/v3/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { ...(token !== "" && { authorization: token }), connection: "close" },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${text}`);
  return JSON.parse(text);
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** With authentication: `ann` may do everything below `mine/`. */
export async function secureEtcd(server: EtcdServer, password = "p@ss:w/rd"): Promise<void> {
  for (const [name, word] of [
    ["root", "r"],
    ["ann", password],
  ]) {
    await administer(server, "auth/user/add", { name, password: word });
  }
  await administer(server, "auth/role/add", { name: "root" });
  await administer(server, "auth/user/grant", { user: "root", role: "root" });
  await administer(server, "auth/role/add", { name: "mine" });
  const perm = { permType: "READWRITE", key: base64("mine/"), range_end: base64("mine0") };
  await administer(server, "auth/role/grant", { name: "mine", perm });
  await administer(server, "auth/user/grant", { user: "ann", role: "mine" });
  await administer(server, "auth/enable", {});
}
