// Real handshakes between a client and a node: which succeed, and what the others fail with, in words.

import { readFileSync } from "node:fs";
import { connect as connectTcp, createServer } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import { Client, Server, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { listen } from "../../src/broker/listener.js";
import { secureServer } from "../../src/broker/secure.js";
import { createTurn } from "../../src/broker/turn.js";
import { connect, drainNode } from "../../src/client/index.js";
import { noLog } from "../../src/log/log.js";
import { tlsHandshake } from "../../src/tls/handshake.js";
import { contextsOf } from "../../src/tls/options.js";
import { KiB } from "../../src/wire/limits.js";
import { embedded } from "../broker/buffers.js";
import { inHours, makeCertificates } from "../certificates.js";
import { failure } from "../failure.js";
import { assert, suite, until } from "../harness.js";
import { collect } from "../log.js";
import { open, recorded, startTls, trusting, works } from "./node.js";

const test = suite("tls handshakes");

const same = (bytes: Buffer) => bytes;
const raws = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };

/** One try, which may take a while on a busy machine. */
const once = { reconnect: false, timeoutMs: 60_000 };

test("a certificate that is valid, for each of its names; from files, text and bytes", async (t) => {
  const certificates = await makeCertificates(t);
  const node = await startTls(t, certificates.server);
  const warnings: string[] = [];
  const warned = (warning: Error) => void warnings.push(warning.message);
  process.on("warning", warned);
  t.after(() => process.off("warning", warned));
  const port = node.address.split(":")[1];
  for (const address of [node.address, node.named, `ipv4:127.0.0.1:${port}`, `dns://localhost:${port}`]) {
    await works(await open(t, address, trusting(certificates)), "c");
  }
  const ca = readFileSync(certificates.ca);
  for (const pem of [ca, ca.toString()]) await works(await open(t, node.address, { ca: pem }));
  await works(await open(t, node.address, { ...trusting(certificates), serverName: "redis.test" }));
  assert.equal(warnings, [], "no address is sent as a name");
});

test("expired, not valid yet, of another authority, for another name: at once, and it says which", async (t) => {
  const [certificates, others] = await Promise.all([makeCertificates(t), makeCertificates(t, "others")]);
  const [expired, early, elsewhere, forClients] = await Promise.all([
    certificates.issue("expired", { from: inHours(-48), to: inHours(-1) }),
    certificates.issue("early", { from: inHours(1) }),
    certificates.issue("elsewhere", { hosts: ["a.test", "10.1.2.3"] }),
    certificates.issue("for clients", { usage: "client" }),
  ]);
  for (const [what, cert, tls, words] of [
    ["expired", expired, trusting(certificates), /has expired/],
    ["early", early, trusting(certificates), /not valid yet/],
    ["another authority", others.server, trusting(certificates), /authority that is not trusted/],
    ["the public authorities", certificates.server, true, /authority that is not trusted/],
    ["another name", elsewhere, trusting(certificates), /for another name: DNS:a\.test, IP Address:10\.1\.2\.3/],
    ["an unexpected name", certificates.server, { ...trusting(certificates), serverName: "b.test" }, /another name/],
    ["not for servers", forClients, trusting(certificates), /not one for servers/],
  ] as const) {
    const node = await startTls(t, cert);
    for (const address of [node.address, node.named]) {
      const { states, onState } = recorded();
      const began = performance.now();
      const error = await failure(connect(address, { tls, onState, timeoutMs: 60_000 }));
      assert.is(error.code, "tls_failed", `${what}: ${error.message}`);
      assert.match(error.message, words);
      assert.match(error.message, address);
      assert.ok(performance.now() - began < 10_000, "it is not tried for ever");
      assert.is(states.at(-1)?.kind, "failed");
    }
  }
});

test("of several nodes, one that can be trusted is enough", async (t) => {
  const certificates = await makeCertificates(t);
  const good = await startTls(t, certificates.server);
  const bad = await startTls(t, await certificates.issue("bad", { to: inHours(-0.5) }));
  const worse = await startTls(t, undefined);
  for (let i = 0; i < 4; i++) {
    const bus = await connect([bad.address, good.address, worse.address], { tls: trusting(certificates) });
    assert.is(bus.state.kind === "connected" && bus.state.address, good.address);
    await bus.close();
  }
});

test("one speaks TLS and the other does not", async (t) => {
  const certificates = await makeCertificates(t);
  const secure = await startTls(t, certificates.server);
  const asking = await startTls(t, { ...certificates.server, clientCa: certificates.ca, minVersion: "TLSv1.3" });
  const plain = await startTls(t, undefined);
  for (const { address } of [secure, asking]) {
    const error = await failure(connect(address, { timeoutMs: 60_000 }));
    assert.is(error.code, "tls_failed");
    assert.match(error.message, "it speaks TLS, and the client was not told to");
  }
  const error = await failure(connect(plain.address, { tls: trusting(certificates), timeoutMs: 60_000 }));
  assert.is(error.code, "tls_failed");
  assert.match(error.message, "it does not speak TLS, and the client was told to");
  await until(
    () => secure.lines.some((line) => line.startsWith("a TLS handshake failed peer=127.0.0.1")),
    "the node says so too",
  );
});

test("certificates of clients: required", async (t) => {
  const [certificates, others] = await Promise.all([makeCertificates(t), makeCertificates(t, "others")]);
  const tls = { ...certificates.server, clientCa: certificates.ca };
  const node = await startTls(t, tls);
  await works(await open(t, node.address, trusting(certificates, certificates.client)));
  const expired = await certificates.issue("expired", { usage: "client", from: inHours(-48), to: inHours(-1) });
  for (const [own, reason] of [
    [undefined, "shows no certificate"],
    [others.client, "UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_VERIFY|SELF_SIGNED|CERT_SIGNATURE"],
    [expired, "CERT_HAS_EXPIRED"],
    [certificates.server, "INVALID_PURPOSE"],
  ] as const) {
    const asked = await startTls(t, tls);
    const error = await failure(connect(asked.address, { tls: trusting(certificates, own), ...once }));
    // Its reason it keeps to itself; and it may have gone before it was heard at all.
    assert.is(error.code, "unavailable");
    assert.match(error.message, /certificate of the client|ECONNRESET|EPIPE|socket/);
    await until(
      () => asked.lines.some((line) => new RegExp(reason).test(line)),
      `the node knows why: ${reason}; it said ${asked.lines}`,
    );
  }
});

test("certificates of clients: optional, which a bad one is not", async (t) => {
  const [certificates, others] = await Promise.all([makeCertificates(t), makeCertificates(t, "others")]);
  const node = await startTls(t, { ...certificates.server, clientCa: certificates.ca, clientCertOptional: true });
  await works(await open(t, node.address, trusting(certificates)));
  await works(await open(t, node.address, trusting(certificates, certificates.client)));
  const error = await failure(connect(node.address, { tls: trusting(certificates, others.client), ...once }));
  assert.is(error.code, "unavailable");
  assert.match(error.message, /certificate of the client|ECONNRESET|EPIPE|socket/);
});

test("what a client has shown can be seen in its calls, if it is trusted", async (t) => {
  const certificates = await makeCertificates(t);
  const server = new Server();
  const method = { path: "/test/who", requestStream: false, responseStream: false, ...raws };
  server.addService(
    { who: method },
    {
      who(call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) {
        answer(null, Buffer.from(String(call.getAuthContext().sslPeerCertificate?.subject.CN)));
      },
    },
  );
  const tls = { ...certificates.server, clientCa: certificates.ca, clientCertOptional: true };
  const gate = { admits: () => true, connection: () => undefined };
  const options = { address: "127.0.0.1:0", tls, windowBytes: 256 * KiB, gate, turn: createTurn(), log: noLog };
  const listener = await listen(server, options);
  t.after(() => listener.close(0));
  const who = (own?: typeof certificates.client) =>
    new Promise<string>((resolve, reject) => {
      const address = `localhost:${listener.port}`;
      const contexts = contextsOf(trusting(certificates, own));
      const client = new Client(address, tlsHandshake(address, contexts, undefined).credentials);
      t.after(() => client.close());
      client.makeUnaryRequest(method.path, same, same, Buffer.alloc(0), (error, answer) =>
        error ? reject(error) : resolve(String(answer)),
      );
    });
  assert.is(await who(certificates.client), "client");
  assert.is(await who(), "undefined");
});

test("sessions of TLS are not resumed", async (t) => {
  const certificates = await makeCertificates(t);
  const node = await startTls(t, { ...certificates.server, clientCa: certificates.ca });
  const [host, port] = node.address.split(":");
  const ca = readFileSync(certificates.ca);
  const own = { cert: readFileSync(certificates.client.cert), key: readFileSync(certificates.client.key) };
  const once = (maxVersion: "TLSv1.2" | "TLSv1.3", session?: Buffer) =>
    new Promise<{ session: Buffer | undefined; resumed: boolean }>((resolve) => {
      const options = { host: host!, port: Number(port), ca, ...own, ALPNProtocols: ["h2"], maxVersion };
      const socket = connectTls({ ...options, ...(session && { session }) });
      let latest: Buffer | undefined;
      socket.on("session", (given: Buffer) => {
        latest = given;
      });
      // With what the node says first, all that belongs to the handshake has come.
      socket.once("data", () => {
        resolve({ session: latest ?? socket.getSession(), resumed: socket.isSessionReused() });
        socket.destroy();
      });
      socket.on("error", () => {});
    });
  for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
    const { session } = await once(version);
    assert.is((await once(version, session)).resumed, false, version);
  }
});

/** What becomes of a connection of TLS that a test has made by itself. */
function raw(
  address: string,
  options: ConnectionOptions,
): Promise<{ protocol: string | null; alpn: string | false | null; lived: boolean }> {
  const [host, port] = address.split(":");
  return new Promise((resolve) => {
    const socket = connectTls({ host: host!, port: Number(port), ...options });
    let alpn: string | false | null = null;
    let protocol: string | null = null;
    const end = (lived: boolean) => {
      socket.destroy();
      resolve({ protocol, alpn, lived });
    };
    socket.on("secureConnect", () => {
      alpn = socket.alpnProtocol;
      protocol = socket.getProtocol();
    });
    // The node's SETTINGS.
    socket.once("data", () => end(true));
    socket.on("error", () => {});
    socket.on("close", () => end(false));
  });
}

test("HTTP/2 is agreed on, and whoever offers another protocol, or none, is refused; so are old versions", async (t) => {
  const certificates = await makeCertificates(t);
  const ca = readFileSync(certificates.ca);
  const node = await startTls(t, certificates.server);
  const h2 = { ca, ALPNProtocols: ["h2"] };
  assert.equal(await raw(node.address, h2), { protocol: "TLSv1.3", alpn: "h2", lived: true });
  assert.equal(await raw(node.address, { ...h2, maxVersion: "TLSv1.2" }), {
    protocol: "TLSv1.2",
    alpn: "h2",
    lived: true,
  });
  for (const refused of [{ ca }, { ca, ALPNProtocols: ["http/1.1"] }]) {
    assert.is((await raw(node.address, refused)).lived, false);
  }
  const old = { ...h2, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
  assert.is((await raw(node.address, old)).protocol, null);
  const newest = await startTls(t, { ...certificates.server, minVersion: "TLSv1.3" });
  assert.equal(await raw(newest.address, h2), { protocol: "TLSv1.3", alpn: "h2", lived: true });
  assert.is((await raw(newest.address, { ...h2, maxVersion: "TLSv1.2" })).protocol, null);
});

test("a handshake that hangs is cut, and disturbs nobody", async (t) => {
  const certificates = await makeCertificates(t);
  const lines: string[] = [];
  const { take, close } = await secureServer(certificates.server, collect(lines), () => {}, 200);
  t.after(close);
  const server = createServer(take);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const hello = Buffer.from("16030100", "hex");
  const cut = Array.from({ length: 20 }, (_, i) => {
    const socket = connectTcp(port, "127.0.0.1");
    socket.on("error", () => {});
    if (i % 2 === 0) socket.write(hello);
    return new Promise<void>((resolve) => socket.on("close", () => resolve()));
  });
  await Promise.all(cut);
  assert.is(lines.filter((line) => line.startsWith("a TLS handshake failed")).length, 1, "one line for all of them");
});

test("a node that stops cuts handshakes, too", async (t) => {
  const certificates = await makeCertificates(t);
  const node = await startTls(t, certificates.server);
  const [host, port] = node.address.split(":");
  const socket = connectTcp(Number(port), host);
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await node.close(0);
  await closed;
});

test("what cannot be used is refused at the start, on both sides, and named", async (t) => {
  const [certificates, others] = await Promise.all([makeCertificates(t), makeCertificates(t, "others")]);
  const { cert, key } = certificates.server;
  const buffer = await embedded(t);
  for (const [tls, words] of [
    [{ cert: "/nowhere", key }, /cannot read \/nowhere/],
    [{ cert, key: others.server.key }, /does not belong to the certificate/],
    [{ cert: key, key }, /cannot be used/],
    [{ cert, key, clientCa: key }, /cannot be used/],
  ] as const) {
    const error = await failure(startTls(t, tls, { buffer }));
    assert.is(error.code, "invalid_argument");
    assert.match(error.message, words);
  }
  for (const [tls, words] of [
    [{ ca: "/nowhere" }, /cannot be read/],
    [{ ca: key }, /cannot be used/],
    [{ cert }, /together or not at all/],
    [{ cert, key: others.server.key }, /cannot be used/],
  ] as const) {
    const error = await failure(connect("localhost:1", { tls }));
    assert.is(error.code, "invalid_argument", error.message);
    assert.match(error.message, words);
  }
});

test("plaintext where others can reach it has to be asked for", async (t) => {
  const buffer = await embedded(t);
  for (const listen of ["0.0.0.0:0", "[::]:0", "example.test:0", "127.example.test:0"]) {
    const error = await failure(startTls(t, undefined, { buffer, listen }));
    assert.is(error.code, "invalid_argument", listen);
    assert.match(error.message, "there is no TLS");
  }
  const certificates = await makeCertificates(t);
  await startTls(t, undefined, { buffer, listen: "0.0.0.0:0", insecure: true });
  await startTls(t, certificates.server, { buffer, listen: "0.0.0.0:0" });
});

test("a drain is asked for by TLS as well", async (t) => {
  const certificates = await makeCertificates(t);
  const node = await startTls(t, certificates.server);
  const drain = async (tls?: Parameters<typeof trusting>[0]) => {
    for await (const { done } of drainNode(node.address, { windowMs: 0, ...(tls && { tls: trusting(tls) }) })) {
      if (done) return;
    }
  };
  assert.is((await failure(drain())).code, "tls_failed");
  await drain(certificates);
  await node.stopped;
});

test.run();
