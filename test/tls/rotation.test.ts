// Certificates that are replaced while they are in use, the ways that they are replaced in practice.
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { expiry, type NodeTls } from "../../src/broker/certificates.js";
import { connect } from "../../src/client/index.js";
import { type Certificates, type Files, inHours, makeCertificates } from "../certificates.js";
import { failure } from "../failure.js";
import { assert, suite, type T, temporaryFolder, until } from "../harness.js";
import { open, recorded, startTls, trusting, works } from "./node.js";

const test = suite("tls rotation");

/** Whom the certificate that a new connection is shown names. */
function shown(address: string, { ca }: Certificates): Promise<string> {
  const [host, port] = address.split(":");
  return new Promise((resolve, reject) => {
    const options = { host: host!, port: Number(port), ca: readFileSync(ca), ALPNProtocols: ["h2"] };
    const socket = connectTls(options, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

/** A folder of its own, in which files come and go. */
function place(t: T, { cert, key }: Files) {
  const folder = temporaryFolder(t);
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  const put = ({ cert, key }: Files) => {
    copyFileSync(cert, files.cert);
    copyFileSync(key, files.key);
  };
  put({ cert, key });
  return { folder, files, put };
}

test("50 streams stay open and miss nothing while new connections get the new certificate", async (t) => {
  const certificates = await makeCertificates(t);
  const { files, put } = place(t, certificates.server);
  const node = await startTls(t, files);
  const tls = trusting(certificates);
  const { states, onState } = recorded();
  const streams = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const bus = await open(t, node.address, tls, { onState });
      const subscription = bus.subscribe("c");
      await subscription.ready;
      const texts: string[] = [];
      const reading = (async () => {
        for await (const { text } of subscription) if (texts.push(text) === 60) break;
      })();
      return { texts, reading };
    }),
  );
  const connected = states.length;
  const publisher = await open(t, node.address, tls);
  const publish = async (from: number) => {
    for (let i = from; i < from + 20; i++) await publisher.publish("c", String(i));
  };
  await publish(0);
  assert.is(await shown(node.address, certificates), "server");
  put(await certificates.issue("second", {}));
  await publish(20);
  await until(async () => (await shown(node.address, certificates)) === "second", "it is found by itself", 20_000);
  put(await certificates.issue("third", {}));
  await node.reloadCertificates();
  assert.is(await shown(node.address, certificates), "third");
  await publish(40);
  await Promise.all(streams.map(({ reading }) => reading));
  for (const { texts } of streams)
    assert.equal(
      texts,
      Array.from({ length: 60 }, (_, i) => String(i)),
    );
  assert.is(states.length, connected, "no stream was disconnected");
  await works(await open(t, node.address, tls), "d");
});

test("files renamed into place, and a folder behind a link that is swapped", async (t) => {
  const certificates = await makeCertificates(t);
  const folder = temporaryFolder(t);
  // As in Kubernetes: tls.crt → ..data/tls.crt, ..data → ..2024_1, and ..data is replaced by renaming.
  const version = ({ cert, key }: Files) => {
    const data = mkdtempSync(join(folder, "..version"));
    copyFileSync(cert, join(data, "tls.crt"));
    copyFileSync(key, join(data, "tls.key"));
    symlinkSync(data, join(folder, "..new"));
    renameSync(join(folder, "..new"), join(folder, "..data"));
    return data;
  };
  const old = version(certificates.server);
  for (const name of ["tls.crt", "tls.key"]) symlinkSync(join("..data", name), join(folder, name));
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  const node = await startTls(t, files);
  version(await certificates.issue("second", {}));
  rmSync(old, { recursive: true });
  await until(async () => (await shown(node.address, certificates)) === "second", "it follows the link", 20_000);
  const third = await certificates.issue("third", {});
  for (const what of ["cert", "key"] as const) {
    rmSync(files[what]);
    renameSync(third[what], files[what]);
  }
  await node.reloadCertificates();
  assert.is(await shown(node.address, certificates), "third");
});

test("what cannot be used changes nothing, is told once, and is over when it can", async (t) => {
  const certificates = await makeCertificates(t);
  const { files, put } = place(t, certificates.server);
  const node = await startTls(t, files);
  const second = await certificates.issue("second", {});
  const complaints = () => node.lines.filter((line) => line.includes("the old one stays"));
  const damages: [() => void, RegExp][] = [
    [() => copyFileSync(second.cert, files.cert), /does not belong to the certificate/],
    [() => writeFileSync(files.cert, readFileSync(second.cert).subarray(0, 300)), /cannot be used/],
    [() => writeFileSync(files.cert, ""), /cannot be used/],
    [() => rmSync(files.cert), /cannot read/],
  ];
  for (const [damage, words] of damages) {
    damage();
    const before = complaints().length;
    await node.reloadCertificates();
    await node.reloadCertificates();
    assert.is(complaints().length, before + 1);
    assert.match(complaints().at(-1)!, words);
    assert.is(await shown(node.address, certificates), "server");
  }
  put(second);
  await until(async () => (await shown(node.address, certificates)) === "second", "it is used", 20_000);
  assert.ok(node.lines.some((line) => line.includes("was read again")));
});

test("who vouches for clients is replaced, too", async (t) => {
  const [certificates, others] = await Promise.all([makeCertificates(t), makeCertificates(t, "others")]);
  const clientCa = join(temporaryFolder(t), "clients.crt");
  copyFileSync(certificates.ca, clientCa);
  const tls: NodeTls = { ...certificates.server, clientCa };
  const node = await startTls(t, tls);
  const mine = trusting(certificates, certificates.client);
  const theirs = trusting(certificates, others.client);
  const old = await open(t, node.address, mine);
  assert.is((await failure(connect(node.address, { tls: theirs, reconnect: false }))).code, "unavailable");
  writeFileSync(clientCa, Buffer.concat([readFileSync(certificates.ca), readFileSync(others.ca)]));
  await node.reloadCertificates();
  await works(await open(t, node.address, mine));
  await works(await open(t, node.address, theirs));
  copyFileSync(others.ca, clientCa);
  await node.reloadCertificates();
  assert.is((await failure(connect(node.address, { tls: mine, reconnect: false }))).code, "unavailable");
  await works(await open(t, node.address, theirs));
  await works(old);
});

test("a certificate that clients would refuse does not take the place of a good one", async (t) => {
  const certificates = await makeCertificates(t);
  const { files, put } = place(t, certificates.server);
  const node = await startTls(t, files);
  const bad = {
    expired: [{ from: inHours(-48), to: inHours(-1) }, /the old one stays: .* has expired on/],
    early: [{ from: inHours(1) }, /the old one stays: .* is not valid before/],
  } as const;
  for (const [name, [wanted, words]] of Object.entries(bad)) {
    put(await certificates.issue(name, wanted));
    await node.reloadCertificates();
    assert.match(node.lines.at(-1)!, words);
    assert.is(await shown(node.address, certificates), "server", name);
  }
  put(await certificates.issue("fresh", {}));
  await node.reloadCertificates();
  assert.is(await shown(node.address, certificates), "fresh");
});

test("a client that finds the certificate expired says so, goes on trying, and is back when it was replaced", async (t) => {
  const certificates = await makeCertificates(t);
  const { files, put } = place(t, certificates.server);
  const node = await startTls(t, files);
  const { states, onState } = recorded();
  const bus = await open(t, node.address, trusting(certificates), { onState });
  put(await certificates.issue("expired", { from: inHours(-48), to: inHours(-1) }));
  await node.close(0);
  const again = await startTls(t, files, { listen: node.address });
  assert.ok(
    again.lines.some((line) => line.includes("has expired on")),
    "it says so when it starts",
  );
  const isTold = () => states.some((state) => state.kind === "reconnecting" && state.reason.code === "tls_failed");
  await until(isTold, "the state says why");
  assert.is(bus.state.kind === "failed", false);
  put(await certificates.issue("expired again", { from: inHours(-48), to: inHours(-2) }));
  await again.reloadCertificates();
  assert.match(again.lines.at(-1)!, /has expired on/, "one like it may take its place");
  put(await certificates.issue("fresh", {}));
  await again.reloadCertificates();
  await until(() => bus.state.kind === "connected", "it is back");
  await works(bus);
});

test("the client's own files are read again for each connection", async (t) => {
  const [certificates, others] = await Promise.all([makeCertificates(t), makeCertificates(t, "others")]);
  const node = await startTls(t, { ...certificates.server, clientCa: others.ca });
  const { files, put } = place(t, certificates.client);
  const { states, onState } = recorded();
  const connecting = connect(node.address, {
    ...{ tls: { ca: certificates.ca, ...files }, onState },
    ...{ timeoutMs: 60_000 },
  });
  await until(() => states.some(({ kind }) => kind === "reconnecting"), "it is refused");
  put(others.client);
  const bus = await connecting;
  t.after(() => bus.close());
  await works(bus);
});

test("an end that is near is told in days", async (t) => {
  const { issue } = await makeCertificates(t);
  const day = 24;
  const [soon, later, early] = await Promise.all([
    issue("soon", { to: inHours(13.5 * day) }),
    issue("later", { to: inHours(14.5 * day) }),
    issue("early", { from: inHours(1) }),
  ]);
  const told = (files: Files, inDays = 0) => expiry(readFileSync(files.cert), inHours(inDays * day).getTime());
  assert.match(told(soon)!, /^expires on .*, in 13 days$/);
  assert.match(told(soon, 13)!, /in less than a day$/);
  assert.match(told(soon, 14)!, /has expired on/);
  assert.is(told(later), undefined);
  assert.match(told(later, 1)!, /in 13 days$/);
  assert.match(told(early)!, /not valid before/);
  const node = await startTls(t, soon);
  assert.match(node.lines[0]!, /soon\.crt expires on/);
});

test.run();
